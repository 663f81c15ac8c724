"""The kinds of dirt, file by file."""

from __future__ import annotations

from branchwise.sources.demo.dirt import Kind
from branchwise.sources.demo.texts import moved

FULL_WIDTH = str.maketrans("0123456789:", "０１２３４５６７８９：")
UNKNOWN_BRANCH = "99999"
BAD_CLOCK = "##:##:##"
TICKETS = (
    Kind(
        name="duplicate_exact",
        share=0.003,
        column="",
        rules=("duplicate_exact",),
        change=lambda _: {},
    ),
    Kind(
        name="duplicate_conflict",
        share=0.001,
        column="",
        rules=("duplicate_key",),
        change=lambda row: {"號票": f"X{row['號票'][1:]}"},
    ),
    Kind(
        name="missing_arrival",
        share=0.001,
        column="arrived_at",
        rules=("required", "type"),
        change=lambda _: {"取號": None},
    ),
    Kind(
        name="unparsable_call",
        share=0.001,
        column="called_at",
        rules=("type",),
        change=lambda _: {"叫號": BAD_CLOCK},
    ),
    Kind(
        name="negative_duration",
        share=0.0015,
        column="left_at",
        rules=("row_rule", "range"),
        change=lambda row: {"結束": moved(row["叫號"], -600)},
    ),
    Kind(
        name="full_width_digits",
        share=0.0015,
        column="arrived_at",
        rules=("parse",),
        change=lambda row: {"取號": row["取號"].translate(FULL_WIDTH)},
        expected=lambda row: western(row["取號"]),
    ),
    Kind(
        name="unknown_branch",
        share=0.001,
        column="branch_id",
        rules=("reference",),
        change=lambda _: {"網點號": UNKNOWN_BRANCH},
    ),
    Kind(
        name="lost_leading_zeros",
        share=0.002,
        column="branch_id",
        rules=("parse",),
        change=lambda row: {"網點號": str(int(row["網點號"]))},
        expected=lambda row: row["網點號"],
    ),
    Kind(
        name="unknown_status",
        share=0.0005,
        column="outcome",
        rules=("value", "required"),
        change=lambda _: {"狀態": "7"},
    ),
    Kind(
        name="rating_out_of_range",
        share=0.0005,
        column="satisfaction",
        rules=("range",),
        change=lambda _: {"評價": "6"},
    ),
)
SESSIONS = (
    Kind(
        name="duplicate_exact",
        share=0.002,
        column="",
        rules=("duplicate_exact",),
        change=lambda _: {},
    ),
    Kind(
        name="unknown_device",
        share=0.001,
        column="device_id",
        rules=("reference",),
        change=lambda _: {"設備號": "STM99999-99"},
    ),
)
CUSTOMERS = (
    Kind(
        name="duplicate_exact",
        share=0.004,
        column="",
        rules=("duplicate_exact",),
        change=lambda _: {},
    ),
    Kind(
        name="duplicate_conflict",
        share=0.002,
        column="",
        rules=("duplicate_key",),
        change=lambda _: {"職業": "其他（更正）"},
    ),
    Kind(
        name="impossible_birthday",
        share=0.002,
        column="birth_year",
        rules=("range",),
        change=lambda _: {"生日": "18010101"},
    ),
)
COMPLAINTS = (
    Kind(
        name="unknown_branch",
        share=0.02,
        column="branch_id",
        rules=("reference",),
        change=lambda _: {"網點": UNKNOWN_BRANCH},
    ),
)
SURVEYS = (
    Kind(
        name="score_out_of_range",
        share=0.004,
        column="csat",
        rules=("range",),
        change=lambda _: {"滿意度": "8"},
    ),
    Kind(
        name="unparsable_time",
        share=0.002,
        column="answered_at",
        rules=("required", "type"),
        change=lambda _: {"作答時間": "昨天"},
    ),
)
EVENTS = (
    Kind(
        name="negative_duration",
        share=0.005,
        column="ended_at",
        rules=("row_rule", "range"),
        change=lambda row: {"止": "2026-01-01" + row["起"][10:]},
    ),
)


def western(moment: str) -> str:
    """Return a ticket machine's date and time as ISO, whichever years it writes.

    Examples
    --------
    >>> western("1150310 09:02:11"), western("20260310 09:02:11")
    ('2026-03-10 09:02:11', '2026-03-10 09:02:11')
    """
    day, clock = moment.split(" ")
    year = int(day[:-4])
    western_year = year + 1911 if year < 1000 else year  # noqa: PLR2004
    return f"{western_year}-{day[-4:-2]}-{day[-2:]} {clock}"
