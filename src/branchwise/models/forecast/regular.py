"""From rows to a regular panel: the step, the seasons, the hours that are never open.

The rows of a file say nothing of all this; it is read off the times themselves (and the seasons
tested on the values), so that a weekday call centre, an hourly meter and a monthly ledger need no
settings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from branchwise.core.errors import Where, failure
from branchwise.models.forecast.grid import Grid, grid_of
from branchwise.models.forecast.seasons import seasonal
from branchwise.models.forecast.series import Array, Flags, Panel, Times

CLOCK_CHANGE_HOURS = 4
SUNDAY = 6
WEEK_DAYS = 7
WEEKS_TO_KNOW = 2
LONGEST_HOLIDAY = 2
MOST_CLOSED = 0.15
EPOCH_WEEKDAY = 3
"""1970-01-01 was a Thursday, counted from Monday 0."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Regular:
    """A panel and what was read off its times.

    Attributes
    ----------
    panel : Panel
        The series, with the horizon.
    grid : Grid
        The step of the time axis.
    repeats : int
        Rows of a repeated hour (clocks set back) that were averaged.
    weekdays : tuple of int
        Weekdays on the axis, Monday 0; empty if the axis has none.
    """

    panel: Panel
    grid: Grid
    repeats: int
    weekdays: tuple[int, ...]


def regular(
    names: Sequence[str], series: NDArray[np.int64], times: Times, values: Array, horizon: int
) -> Regular:
    """Arrange rows as a regular panel with a horizon.

    Parameters
    ----------
    names : sequence of str
        Names of the series.
    series : ndarray of int
        Series of each row, by its place among the names.
    times : ndarray of datetime64[s] or int64
        Local wall-clock time (or number) of each row.
    values : ndarray of float64
        Value of each row, NaN for none.
    horizon : int
        Slots to forecast behind the last time of all.

    Returns
    -------
    Regular

    Raises
    ------
    BranchwiseError
        [BW-FOR-003] for two rows of one series at one time; [BW-FOR-004] for times without a
        common step; [BW-FOR-005] for a time axis that is mostly a hole.

    Examples
    --------
    >>> days = np.arange("2026-01-05", "2026-02-02", dtype="datetime64[D]").astype("datetime64[s]")
    >>> work = days[np.is_busday(days.astype("datetime64[D]"))]
    >>> found = regular(["B1"], np.zeros(20, int), work, np.arange(20.0) % 5, 3)
    >>> found.panel.season_lengths, [str(time)[:10] for time in found.panel.times[-3:]]
    ((5,), ['2026-02-02', '2026-02-03', '2026-02-04'])
    """
    series, times, values, repeats = _once(names, series, times, values)
    grid = grid_of(series, times, names)
    place = grid.place(times)
    last = int(place.max())
    axis = _axis(grid, place, last, horizon)
    column = np.searchsorted(axis.kept, place)
    table = np.full((len(names), int(np.searchsorted(axis.kept, last)) + 1), np.nan)
    table[series, column] = values
    shown = seasonal(table, axis.candidates)
    lengths = shown[:1] if grid.unit == "number" else shown
    panel = Panel(
        ids=tuple(names),
        times=grid.time(axis.kept),
        values=table,
        season_lengths=lengths,
        is_open=_open(table, axis, len(axis.kept)),
    )
    return Regular(panel=panel, grid=grid, repeats=repeats, weekdays=axis.weekdays)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Axis:
    """Places of the grid that are ever open, with the seasons they may have."""

    kept: NDArray[np.int64]
    candidates: tuple[int, ...]
    weekdays: tuple[int, ...] = ()
    slots: int = 1


def _once(
    names: Sequence[str], series: NDArray[np.int64], times: Times, values: Array
) -> tuple[NDArray[np.int64], Times, Array, int]:
    """Return the rows in order, each time of a series once."""
    order = np.lexsort((times, series))
    series, times, values = series[order], times[order], values[order]
    if len(series) < 2:  # noqa: PLR2004
        return series, times, values, 0
    again = np.append(False, (np.diff(series) == 0) & (times[1:] == times[:-1]))
    if not again.any():
        return series, times, values, 0
    if not _clock_change(times[again]):
        first = np.flatnonzero(again)
        keys = tuple(f"{names[series[row]]} {times[row]}" for row in first[:5])
        where = Where(count=len(first), keys=keys)
        raise failure("BW-FOR-003", where, count=len(first))
    group = np.cumsum(~again) - 1
    there = ~np.isnan(values)
    total = np.bincount(group, np.where(there, values, 0.0))
    count = np.bincount(group, there)
    mean = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return series[~again], times[~again], mean, int(again.sum())


def _clock_change(times: Times) -> bool:
    """Say whether repeated times are the hour that comes twice when clocks are set back."""
    if not np.issubdtype(times.dtype, np.datetime64):
        return False
    days = times.astype("datetime64[D]")
    second = (times - days).astype("timedelta64[s]").astype(np.int64)
    weekday = (days.astype(np.int64) + EPOCH_WEEKDAY) % WEEK_DAYS
    dates = np.unique(days)
    years = np.unique(dates.astype("datetime64[Y]"))
    early = second < CLOCK_CHANGE_HOURS * 3600
    return bool((early & (weekday == SUNDAY)).all() and len(dates) <= len(years))


def _axis(grid: Grid, place: NDArray[np.int64], last: int, horizon: int) -> _Axis:
    """Return the places of the axis: from the first one, without what is never open."""
    if not grid.is_daily:
        kept = np.arange(last + horizon + 1)
        return _Axis(kept=kept, candidates=grid.seasons)
    slots, days = grid.slots_a_day, (last + grid.first_slot) // grid.slots_a_day + 1
    position = place + grid.first_slot
    week_known = days >= WEEKS_TO_KNOW * WEEK_DAYS
    weekday = (grid.first_weekday + np.arange(days + 1)) % WEEK_DAYS
    seen_days = np.unique(position // slots)
    weekdays = np.unique(weekday[seen_days]) if week_known else np.arange(WEEK_DAYS)
    seen_slots = np.unique(position % slots) if slots > 1 else np.zeros(1, np.int64)
    a_day = len(seen_slots)
    needed = days + -(-horizon // a_day) * WEEK_DAYS // len(weekdays) + 2 * WEEK_DAYS
    whole_days = np.arange(needed)
    whole_days = whole_days[np.isin((grid.first_weekday + whole_days) % WEEK_DAYS, weekdays)]
    positions = (whole_days[:, None] * slots + seen_slots).ravel()
    begin = int(positions[0]) if a_day > 1 else int(position.min())
    positions = positions[positions >= begin]
    known = int(np.searchsorted(positions, last + grid.first_slot)) + 1
    kept = positions[: known + horizon] - grid.first_slot
    week = a_day * len(weekdays)
    return _Axis(
        kept=kept,
        candidates=(a_day, week) if a_day > 1 else (week,),
        weekdays=tuple(int(day) for day in weekdays),
        slots=a_day,
    )


def _open(table: Array, axis: _Axis, total: int) -> Flags | None:
    """Return which slots are open: not the slots of a week never seen, nor single days off.

    A day on which no series has a value is taken for a holiday if it stands nearly alone; a longer
    hole is missing data.
    """
    if not axis.weekdays:
        return None
    slots, known = axis.slots, table.shape[1]
    seen = (~np.isnan(table)).any(axis=0)
    days = -(-known // slots)
    grid = np.zeros(days * slots, bool)
    grid[:known] = seen
    grid = grid.reshape(days, slots)
    off = _short_runs(np.asarray(~grid.any(axis=1)))
    if off.mean() > MOST_CLOSED:
        off[:] = False
    is_open = np.ones(total, bool)
    is_open[:known] = ~np.repeat(off, slots)[:known]
    kinds = len(axis.weekdays)
    if slots > 1 and days >= WEEKS_TO_KNOW * kinds:
        never = np.array([~grid[kind::kinds].any(axis=0) for kind in range(kinds)])
        place = np.arange(total)
        is_open &= ~never[(place // slots) % kinds, place % slots]
    return None if is_open.all() else is_open


def _short_runs(flags: Flags) -> Flags:
    """Return flags of runs of at most two."""
    found = np.zeros(len(flags), bool)
    begin = 0
    for end in range(1, len(flags) + 1):
        if end == len(flags) or flags[end] != flags[begin]:
            if flags[begin] and end - begin <= LONGEST_HOLIDAY:
                found[begin:end] = True
            begin = end
    return found
