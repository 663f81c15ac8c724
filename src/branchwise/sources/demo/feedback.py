"""What customers say: surveys with comments in Chinese and English, and complaints."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import numpy as np

from branchwise.core.randomness import stream
from branchwise.sources.demo.catalogues import MACHINE
from branchwise.sources.demo.customers import Customers
from branchwise.sources.demo.days import Lived
from branchwise.sources.demo.network import Branch
from branchwise.sources.demo.queue import SERVED
from branchwise.sources.demo.settings import DemoSettings
from branchwise.sources.demo.visitors import Visitors

Rows = list[dict[str, str]]
ANSWERED_SHARE = 0.025
COMMENT_SHARE = 0.35
CSAT_MEAN, CSAT_SD, CSAT_MINUTES = 4.7, 0.8, 18.0
COMPLAINT_SHARE, COMPLAINT_WAIT_SECONDS, COMPLAINT_WAIT_SHARE = 0.0006, 1500.0, 0.02
LONG_WAIT_SECONDS = 900.0
BRANCH_KNOWN_SHARE = 0.85
ESCALATED_SHARE = 0.08
GOOD = (
    "柜員態度很好，辦理迅速", "大堂經理主動引導，很貼心", "環境整潔，等候時間短",
    "智慧櫃員機很方便，幾分鐘就辦好",
    "業務熟練，講解清楚", "Friendly staff and quick service.",
    "The smart counter saved me a lot of time.",
)  # fmt: skip
WAITING = (
    "等太久了，窗口開得太少", "中午只開一個窗口，排了快一個小時",
    "取號後前面還有二十多人，希望增加窗口",
    "老人排隊時間太長，沒有座位", "Waited far too long for a simple request.",
    "Only one window was open over lunch.",
)  # fmt: skip
OTHER = (
    "機器老是出故障，最後還是回到櫃檯", "辦業務要等授權，等了很久", "流程太複雜，要填好多表",
    "柜員解釋不清楚，來回跑了兩次", "The machine rejected my card twice.",
    "Too many forms to sign.",
)  # fmt: skip
CATEGORIES = (
    ("服務效率", WAITING), ("設備故障", OTHER[:1]), ("業務流程", OTHER[1:3]),
    ("服務態度", OTHER[3:4]),
)  # fmt: skip
SOURCES = ("熱線", "網點", "手機銀行", "監管轉辦")


def survey_rows(
    settings: DemoSettings, branch: Branch, customers: Customers, visitors: Visitors, lived: Lived
) -> Rows:
    """Return answered surveys: satisfaction falls by one step for every 18 minutes of waiting."""
    chance = stream(settings.seed, "surveys", branch.branch_id)
    drawn = chance.random((3, len(visitors.day)))[:, lived.visitor]
    mood = chance.normal(0, CSAT_SD, len(visitors.day))[lived.visitor]
    texts = chance.integers(0, 1000, len(visitors.day))[lived.visitor]
    waited = np.nan_to_num(lived.called - lived.arrived)
    answers = np.flatnonzero((lived.outcome == SERVED) & (drawn[0] < ANSWERED_SHARE))
    score = np.clip(CSAT_MEAN + mood - waited / 60 / CSAT_MINUTES, 1, 5)
    rows = []
    for number, row in enumerate(answers.tolist(), start=1):
        customer = int(visitors.customer[lived.visitor[row]])
        csat = round(float(score[row]))
        rows.append(
            {
                "問卷號": f"S{branch.branch_id}{number:05d}",
                "網點": branch.branch_id,
                "客戶號": customers.codes[customer] if customer >= 0 else "",
                "作答時間": _moment(settings, lived, row, float(lived.ended[row]) + 1800),
                "滿意度": f"{csat}",
                "推薦意願": f"{_clipped(2.6 * score[row] - 3.2 + 1.5 * drawn[2][row], 0, 10)}",
                "便利度": f"{_clipped(1.4 * float(score[row]) + 0.3, 1, 7)}",
                "意見": _comment(csat, float(waited[row]), float(drawn[1][row]), int(texts[row])),
            }
        )
    return rows


def _clipped(value: float, least: int, most: int) -> int:
    return max(least, min(most, round(value)))


def _comment(csat: int, waited: float, drawn: float, number: int) -> str:
    if drawn >= COMMENT_SHARE:
        return ""
    pool = GOOD if csat > 3 else WAITING if waited > LONG_WAIT_SECONDS else OTHER  # noqa: PLR2004
    return pool[number % len(pool)]


def complaint_rows(
    settings: DemoSettings, branch: Branch, customers: Customers, visitors: Visitors, lived: Lived
) -> Rows:
    """Return complaints: rare, but thirty times as frequent after 25 minutes of waiting."""
    chance = stream(settings.seed, "complaints", branch.branch_id)
    drawn = chance.random((4, len(visitors.day)))[:, lived.visitor]
    waited = np.where(np.isnan(lived.called), lived.left, lived.called) - lived.arrived
    is_late = (waited > COMPLAINT_WAIT_SECONDS) & (lived.skill != MACHINE)
    odds = np.where(is_late, COMPLAINT_WAIT_SHARE, COMPLAINT_SHARE)
    rows: Rows = []
    for row in np.flatnonzero(drawn[0] < odds).tolist():
        number = len(rows) + 1
        row_drawn = drawn[:, row].tolist()
        case = _case(
            settings, branch, lived, row,
            drawn=row_drawn, number=number, is_late=bool(is_late[row]),
        )  # fmt: skip
        customer = int(visitors.customer[lived.visitor[row]])
        case["客戶號"] = customers.codes[customer] if customer >= 0 else ""
        rows.append(case)
        if row_drawn[3] < ESCALATED_SHARE:
            again = {"工單": f"{case['工單']}U", "來源": SOURCES[3], "原工單": case["工單"]}
            rows.append({**case, **again})
    return rows


def _case(
    settings: DemoSettings, branch: Branch, lived: Lived, row: int, *, drawn: list[float],
    number: int, is_late: bool,
) -> dict[str, str]:  # fmt: skip
    category, texts = CATEGORIES[0 if is_late else 1 + int(drawn[1] * 3)]
    after = 3600 * (1 + 20 * drawn[2])
    day = settings.calendar[int(lived.day[row])]
    return {
        "工單": f"T{day:%y%m}-{branch.branch_id}-{number:03d}",
        "來源": SOURCES[int(drawn[2] * 3)],
        "時間": _moment(settings, lived, row, float(lived.left[row]) + 600)[:16],
        "網點": branch.branch_id if drawn[3] < BRANCH_KNOWN_SHARE else "",
        "類別": category,
        "內容": texts[int(drawn[2] * len(texts))],
        "責任": "待定",
        "辦結": _moment(settings, lived, row, float(lived.left[row]) + 600 + after)[:16],
        "原工單": "",
    }


def _moment(settings: DemoSettings, lived: Lived, row: int, seconds: float) -> str:
    midnight = datetime.combine(settings.calendar[int(lived.day[row])], time())
    return f"{midnight + timedelta(seconds=seconds):%Y-%m-%d %H:%M:%S}"
