"""Branches with little history of their own: new, re-opened, or not open yet.

They borrow the shape of what came from the branches of their type, at the level that their own
first days show; a branch that was shut for weeks borrows from itself before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from branchwise.models.forecast.hierarchy import Path
from branchwise.pipeline.forecast.divided import Divided
from branchwise.pipeline.forecast.open_days import weekdays_of

Array = NDArray[np.float64]
SHORT = 28
"""Open days seen, fewer than which are little history."""
GAP = 28
"""Days on end without a row after which a branch counts as re-opened."""
PEERS = 5
"""Branches borrowed from at most, the nearest in size first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Borrowed:
    """Whose history a branch borrows.

    Attributes
    ----------
    branch_id : str
        Who borrows.
    lenders : tuple of str
        From whom; the branch itself where it was re-opened.
    days : int
        Open days of its own.
    factor : float
        Its level as a multiple of the lenders' mean.
    """

    branch_id: str
    lenders: tuple[str, ...]
    days: int
    factor: float


def with_borrowed(series: Divided) -> tuple[Divided, tuple[Borrowed, ...]]:
    """Return the series with borrowed days filled in, and who borrows from whom.

    Only series within a branch are filled; a sum over branches had no branch before it opened.
    """
    if "branch" not in series.by:
        return series, ()
    days, steps = series.days, series.days.steps
    seen = days.is_open[:, :steps] & ~days.is_missing
    own = {place.branch_id: row for row, place in enumerate(days.places)}
    branch_rows = _branch_rows(series)
    values, is_open = series.values.copy(), series.is_open.copy()
    found = []
    for branch_id, row in own.items():
        if branch_id not in branch_rows:
            continue
        since = _since(seen[row])
        count = int(seen[row, since:].sum())
        if count >= SHORT:
            continue
        lenders = _lenders(series, branch_rows, row, seen, since)
        if not lenders:
            continue
        factor = _factor(series, branch_rows, branch_id, lenders, since)
        prefixes = [series.tree.paths[branch_rows[name]] for name in lenders]
        for each in _within(series, branch_id):
            _fill(
                values, is_open, series, each, prefixes=prefixes, since=since, factor=factor
            )  # fmt: skip
        found.append(Borrowed(branch_id=branch_id, lenders=lenders, days=count, factor=factor))
    return replace(series, values=values, is_open=is_open), tuple(found)


def _branch_rows(series: Divided) -> dict[str, int]:
    depth = series.by.index("branch") + 1
    return {
        path[depth - 1]: row for row, path in enumerate(series.tree.paths) if len(path) == depth
    }


def _within(series: Divided, branch_id: str) -> list[int]:
    depth = series.by.index("branch") + 1
    return [
        row
        for row, path in enumerate(series.tree.paths)
        if len(path) >= depth and path[depth - 1] == branch_id
    ]


def _since(seen: NDArray[np.bool_]) -> int:
    """Return the day from which a branch has been open without a gap of weeks."""
    places = np.flatnonzero(seen)
    if not places.size:
        return len(seen)
    gaps = np.flatnonzero(np.diff(places) > GAP)
    return int(places[gaps[-1] + 1]) if gaps.size else int(places[0])


def _lenders(
    series: Divided, branch_rows: dict[str, int], row: int, seen: NDArray[np.bool_], since: int
) -> tuple[str, ...]:
    place = series.days.places[row]
    if seen[row, :since].sum() >= SHORT:
        return (place.branch_id,)
    known = [
        (each.branch_id, float(np.nanmean(series.values[branch_rows[each.branch_id]].sum(axis=1))))
        for other, each in enumerate(series.days.places)
        if other != row
        and each.branch_type == place.branch_type
        and each.branch_id in branch_rows
        and seen[other].sum() >= SHORT
        and seen[other, -SHORT:].any()
    ]
    totals = series.values[branch_rows[place.branch_id], since:].sum(axis=1)
    level = float(np.nanmean(totals)) if np.isfinite(totals).any() else np.nan
    middle = float(np.median([size for _, size in known])) if known else 0.0
    aim = level if np.isfinite(level) else middle
    nearest = sorted(known, key=lambda each: (abs(each[1] - aim), each[0]))[:PEERS]
    return tuple(sorted(name for name, _ in nearest))


def _factor(
    series: Divided,
    branch_rows: dict[str, int],
    branch_id: str,
    lenders: tuple[str, ...],
    since: int,
) -> float:
    """Return the branch's level against its lenders' on the days that both have."""
    steps = series.days.steps
    own = series.values[branch_rows[branch_id]].sum(axis=1)
    if lenders == (branch_id,):
        weekdays = weekdays_of(series.days.days[:steps])
        before, after = own[:since], own[since:]
        usual = [_mean(before[weekdays[:since] == day]) for day in range(8)]
        other = np.array([usual[day] for day in weekdays[since:]])
        both = np.isfinite(after) & np.isfinite(other) & (after > 0)
        return float(after[both].sum() / other[both].sum()) if both.any() else 1.0
    rows = [branch_rows[name] for name in lenders]
    other = np.array([_mean(column) for column in series.values[rows].sum(axis=2).T])
    both = np.isfinite(own) & np.isfinite(other) & (other > 0) & (own > 0)
    both[:since] = False
    return float(own[both].sum() / other[both].sum()) if both.any() else 1.0


def _fill(
    values: Array,
    is_open: NDArray[np.bool_],
    series: Divided,
    row: int,
    *,
    prefixes: Sequence[Path],
    since: int,
    factor: float,
) -> None:
    """Fill the days of a row before a day with the mean of the lenders' own series."""
    path = series.tree.paths[row]
    rows = {known: place for place, known in enumerate(series.tree.paths)}
    same = [(*prefix, *path[len(prefix) :]) for prefix in prefixes]
    sources = [rows[other] for other in same if other in rows]
    if not sources:
        return
    known = series.values[sources, :since]
    there = np.isfinite(known)
    count = there.sum(axis=0)
    mean = np.where(there, known, 0.0).sum(axis=0) / np.maximum(count, 1)
    values[row, :since] = np.where(count > 0, factor * mean, np.nan)
    is_open[row, :since] = series.is_open[sources, :since].any(axis=0)


def _mean(values: Array) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else float("nan")
