"""Dirt planted in the raw files, each piece written down with the rule that should find it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from branchwise.core.randomness import stream
from branchwise.sources.demo.settings import DemoSettings, Ints
from branchwise.sources.demo.texts import edited, moved

Columns = dict[str, pa.Array]
SHIFTED_SHARE = 0.35
SHIFT_HOURS = -8
RAGGED_FILES, RAGGED_SHARE = 0.10, 0.004
CLOCKS = ("叫號", "開始", "結束")


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
    expected : str
        Of dirt that reading puts right, what the column must hold: an instant as local time.
    echo : tuple of (str, str)
        Other tables and keys that the same raw row fills.
    """

    file: str
    table: str
    row_key: str
    column: str
    kind: str
    rules: tuple[str, ...]
    expected: str = ""
    echo: tuple[tuple[str, str], ...] = ()


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
    expected : callable
        From the row's clean texts to what must be stored, for dirt that reading puts right.
    """

    name: str
    share: float
    column: str
    rules: tuple[str, ...]
    change: Callable[[dict[str, str]], dict[str, str | None]]
    expected: Callable[[dict[str, str]], str] = lambda _: ""


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
    echo : callable
        From a key to the other tables and keys that the same raw row fills.
    """

    name: str
    table: str
    key: Callable[[dict[str, str]], str]
    usable: Ints
    kinds: tuple[Kind, ...]
    echo: Callable[[str], tuple[tuple[str, str], ...]] = lambda _: ()


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
                    expected=kind.expected(texts), echo=plot.echo(plot.key(texts)),
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
            {row: moved(text, SHIFT_HOURS * 3600) for row, text in texts.items() if text},
        )
    arrivals = {row: columns["取號"][row].as_py() for row in rows.tolist()}
    changed["取號"] = edited(
        columns["取號"],
        {row: _moved_moment(text) for row, text in arrivals.items()},
    )
    return changed, rows


def _moved_moment(moment: str) -> str:
    day, clock = moment.split(" ")
    return f"{day} {moved(clock, SHIFT_HOURS * 3600)}"


def planted_rows(
    settings: DemoSettings, rows: list[dict[str, str]], plot: Plot, file: str
) -> tuple[list[dict[str, str]], list[Planted]]:
    """Plant dirt in rows of texts; as `planted`, all rows being usable."""
    if not rows:
        return rows, []
    names = list(rows[0])
    columns = {name: pa.array([row.get(name, "") for row in rows], pa.string()) for name in names}
    whole = replace(plot, usable=np.arange(len(rows)))
    dirty, noted = planted(settings, columns, whole, file)
    texts = {name: column.to_pylist() for name, column in dirty.items()}
    count = len(texts[names[0]])
    return [{name: texts[name][row] or "" for name in names} for row in range(count)], noted


def ragged_lines(
    settings: DemoSettings, content: bytes, name: str, file: str, *, taken: frozenset[str]
) -> tuple[bytes, list[Planted]]:
    """Give some lines of one ticket file in ten two cells more, or cut them short.

    Lines of a ticket in `taken` have other dirt already.

    Their keys are the file and the line, as nothing of such a line can be trusted.
    """
    lines = content.split(b"\n")
    chance = stream(settings.seed, "ragged", name)
    if chance.random() >= RAGGED_FILES or not settings.is_dirty:
        return content, []
    drawn = np.flatnonzero(chance.random(len(lines) - 2) < RAGGED_SHARE) + 1
    rows = [row for row in drawn.tolist() if _ticket_of(lines[row]) not in taken]
    for number, row in enumerate(rows):
        cut = lines[row].rpartition(b",")[0].rpartition(b",")[0]
        lines[row] = lines[row] + b",," if number % 2 else cut
    noted = [
        Planted(
            file=file,
            table="visit",
            row_key=f"{file}#{row + 1}",
            column="",
            kind="ragged_row",
            rules=("source",),
            echo=(("visit_step", f"{file}#{row + 1}"),),
        )
        for row in rows
    ]
    return b"\n".join(lines), noted


def _ticket_of(line: bytes) -> str:
    return b"-".join(line.split(b",")[:2]).decode()
