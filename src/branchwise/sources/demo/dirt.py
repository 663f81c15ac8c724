"""Dirt planted in the raw files, each piece written down with the rule that should find it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from branchwise.core.randomness import stream
from branchwise.sources.demo.settings import DemoSettings, Ints
from branchwise.sources.demo.texts import edited

Columns = dict[str, pa.Array]
FULL_WIDTH = str.maketrans("0123456789:", "０１２３４５６７８９：")
UNKNOWN_BRANCH = "99999"
SHIFTED_SHARE = 0.35
SHIFT_HOURS = -8
CLOCKS = ("叫號", "開始", "結束")
BAD_CLOCK = "##:##:##"
LATE_HOURS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """One piece of dirt.

    Attributes
    ----------
    file : str
        File, as its path under ``raw/``.
    table, row_key, column : str
        Canonical table, key and column; the column is empty where the whole row is meant.
    kind : str
        Kind of dirt.
    rules : tuple of str
        Rules of cleaning any of which finds it; ``parse`` where reading alone puts it right.
    """

    file: str
    table: str
    row_key: str
    column: str
    kind: str
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of dirt that changes single rows.

    Attributes
    ----------
    name : str
        Its name in the truth.
    share : float
        Share of the rows that have it.
    column : str
        Canonical column it shows in; empty for the whole row.
    rules : tuple of str
        As in `Planted`.
    change : callable
        From the row's texts (a dict by column) to the texts that are changed.
    """

    name: str
    share: float
    column: str
    rules: tuple[str, ...]
    change: Callable[[dict[str, str]], dict[str, str | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """Rows of one file and table on which dirt may be planted.

    Attributes
    ----------
    name : str
        Name of the random stream: one for each file and branch.
    table : str
        Canonical table.
    key : callable
        From a row's texts to its canonical key.
    usable : array of int
        Rows that may be changed.
    kinds : tuple of Kind
        What is planted.
    """

    name: str
    table: str
    key: Callable[[dict[str, str]], str]
    usable: Ints
    kinds: tuple[Kind, ...]


def planted(
    settings: DemoSettings, columns: Columns, plot: Plot, file: str
) -> tuple[Columns, list[Planted]]:
    """Plant dirt in a file's rows; each row gets one kind at the most.

    Duplicates (kinds whose names begin with ``duplicate``) are added behind their originals.
    """
    if not settings.is_dirty or not len(plot.usable):
        return columns, []
    chance = stream(settings.seed, "dirt", plot.name)
    order = chance.permutation(plot.usable)
    counts = chance.poisson([kind.share * len(plot.usable) for kind in plot.kinds])
    changes: dict[str, dict[int, str | None]] = {name: {} for name in columns}
    copies: dict[int, dict[str, str | None]] = {}
    noted: list[Planted] = []
    taken = 0
    for kind, count in zip(plot.kinds, counts.tolist(), strict=True):
        for row in order[taken : taken + count].tolist():
            texts = {name: column[row].as_py() or "" for name, column in columns.items()}
            changed = kind.change(texts)
            if kind.name.startswith("duplicate"):
                copies[row] = changed
            else:
                for name, text in changed.items():
                    changes[name][row] = text
            noted.append(
                Planted(
                    file=file, table=plot.table, row_key=plot.key(texts),
                    column=kind.column, kind=kind.name, rules=kind.rules,
                )
            )  # fmt: skip
        taken += count
    dirty = {name: edited(column, changes[name]) for name, column in columns.items()}
    return _copied(dirty, copies), noted


def _copied(columns: Columns, copies: dict[int, dict[str, str | None]]) -> Columns:
    """Return the columns with copies of some rows behind the originals."""
    if not copies:
        return columns
    count = len(next(iter(columns.values())))
    index = np.sort(np.concatenate([np.arange(count), np.array(sorted(copies))]))
    is_copy = np.concatenate([[False], index[1:] == index[:-1]])
    longer = {name: column.take(pa.array(index)) for name, column in columns.items()}
    for place in np.flatnonzero(is_copy).tolist():
        for name, text in copies[int(index[place])].items():
            longer[name] = edited(longer[name], {place: text})
    return longer


def _moved(clock: str, seconds: int) -> str:
    hour, minute, second = (int(part) for part in clock.split(":"))
    moment = (hour * 3600 + minute * 60 + second + seconds) % 86400
    return f"{moment // 3600:02d}:{moment // 60 % 60:02d}:{moment % 60:02d}"


TICKET_KINDS = (
    Kind(name="duplicate_exact", share=0.003, column="", rules=("duplicate_exact",),
         change=lambda _: {}),
    Kind(name="duplicate_conflict", share=0.001, column="", rules=("duplicate_key",),
         change=lambda row: {"評價": "1" if row["評價"] != "1" else "5"}),
    Kind(name="missing_arrival", share=0.001, column="arrived_at", rules=("required", "type"),
         change=lambda _: {"取號": None}),
    Kind(name="unparsable_call", share=0.001, column="called_at", rules=("type",),
         change=lambda _: {"叫號": BAD_CLOCK}),
    Kind(name="negative_duration", share=0.0015, column="left_at", rules=("row_rule", "range"),
         change=lambda row: {"結束": _moved(row["開始"], -1800)}),
    Kind(name="outlier_service", share=0.001, column="service_seconds", rules=("outlier", "range"),
         change=lambda row: {"結束": _moved(row["開始"], LATE_HOURS * 3600)}),
    Kind(name="full_width_digits", share=0.0015, column="arrived_at", rules=("parse",),
         change=lambda row: {"取號": row["取號"].translate(FULL_WIDTH)}),
    Kind(name="unknown_branch", share=0.001, column="branch_id", rules=("reference",),
         change=lambda _: {"網點號": UNKNOWN_BRANCH}),
    Kind(name="lost_leading_zeros", share=0.002, column="branch_id", rules=("parse",),
         change=lambda row: {"網點號": str(int(row["網點號"]))}),
    Kind(name="unknown_status", share=0.0005, column="outcome", rules=("value", "required"),
         change=lambda _: {"狀態": "7"}),
    Kind(name="rating_out_of_range", share=0.0005, column="satisfaction", rules=("range",),
         change=lambda _: {"評價": "6"}),
)  # fmt: skip


def shifted_clocks(
    settings: DemoSettings, branch_id: str, columns: Columns, day: Ints
) -> tuple[Columns, Ints]:
    """Move the clock of one day at some branches by eight hours, as a machine set to UTC does.

    Returns
    -------
    columns : dict of str to array
        The texts.
    rows : array of int
        Rows that were moved.
    """
    chance = stream(settings.seed, "shifted clock", branch_id)
    drawn, which = chance.random(2)
    nothing = np.zeros(0, dtype=np.int64)
    if not settings.is_dirty or drawn >= SHIFTED_SHARE or not len(day):
        return columns, nothing
    days = np.unique(day)
    rows = np.flatnonzero(day == days[int(which * len(days))])
    changed = dict(columns)
    for name in CLOCKS:
        texts = {row: columns[name][row].as_py() for row in rows.tolist()}
        changed[name] = edited(
            columns[name],
            {row: _moved(text, SHIFT_HOURS * 3600) for row, text in texts.items() if text},
        )
    arrivals = {row: columns["取號"][row].as_py() for row in rows.tolist()}
    changed["取號"] = edited(
        columns["取號"],
        {row: _moved_moment(text) for row, text in arrivals.items()},
    )
    return changed, rows


def _moved_moment(moment: str) -> str:
    day, clock = moment.split(" ")
    return f"{day} {_moved(clock, SHIFT_HOURS * 3600)}"
