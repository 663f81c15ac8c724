"""The step of a time axis: seconds to weeks, or calendar months."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from branchwise.core.errors import Where, failure
from branchwise.models.forecast.series import Times

Unit = Literal["number", "second", "month"]
DAY_SECONDS = 86_400
WEEK_SECONDS = 7 * DAY_SECONDS
WEEK_DAYS = 7
EPOCH_WEEKDAY = 3
SHORTEST_MONTH, YEAR_MONTHS = 28, 12
MOST_EMPTY = 0.9
LEAST_HOLE = 400
"""An axis with more empty slots than this, and more than nine in ten, is a mistake in a date."""
NUMBER_SEASONS = (4, 7, 12, 24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The step of a time axis.

    Attributes
    ----------
    unit : {"number", "second", "month"}
        What steps are counted in.
    step : int
        Units a step.
    start : int
        The first time, in units (seconds or months since 1970, or the number itself).
    month_day : int
        Day of the month of each time; 31 for the last day. For months only.
    """

    unit: Unit
    step: int
    start: int
    month_day: int = 1

    @property
    def seasons(self) -> tuple[int, ...]:
        """Candidate season lengths of axes of weeks, months and plain numbers, in slots."""
        if self.unit == "number":
            return NUMBER_SEASONS
        if self.unit == "month":
            length = YEAR_MONTHS // self.step if YEAR_MONTHS % self.step == 0 else 1
            return (length,) if length > 1 else ()
        return (52,) if self.step == WEEK_SECONDS else ()

    @property
    def slots_a_day(self) -> int:
        """Slots in 24 hours, 1 for days."""
        return max(DAY_SECONDS // self.step, 1)

    @property
    def first_slot(self) -> int:
        """Slot of the day of the first time."""
        return self.start % DAY_SECONDS // self.step

    @property
    def first_weekday(self) -> int:
        """Weekday of the first time, Monday 0."""
        return (self.start // DAY_SECONDS + EPOCH_WEEKDAY) % WEEK_DAYS

    @property
    def is_daily(self) -> bool:
        """Whether the axis is of days or of slots within them."""
        return self.unit == "second" and DAY_SECONDS % self.step == 0

    def place(self, times: Times) -> NDArray[np.int64]:
        """Return the slot of each time, the first one 0."""
        return (_units(times, self.unit) - self.start) // self.step

    def time(self, place: NDArray[np.int64]) -> Times:
        """Return the times of slots."""
        units = self.start + place * self.step
        if self.unit == "number":
            return units
        if self.unit == "second":
            return units.astype("datetime64[s]")
        months = units.astype("datetime64[M]")
        last = (months + 1).astype("datetime64[D]") - np.timedelta64(1, "D")
        days = months.astype("datetime64[D]") + np.timedelta64(self.month_day - 1, "D")
        return np.minimum(days, last).astype("datetime64[s]")


def grid_of(series: NDArray[np.int64], times: Times, names: Sequence[str]) -> Grid:
    """Find the step that all series share.

    Parameters
    ----------
    series : ndarray of int
        Series of each row, rising; times rise within each.
    times : ndarray of datetime64[s] or int64
        Time of each row.
    names : ndarray of str
        Names of the series.

    Raises
    ------
    BranchwiseError
        [BW-FOR-004] for series of different steps, or times between the steps; [BW-FOR-005] for an
        axis that is mostly empty.
    """
    dated = np.issubdtype(times.dtype, np.datetime64)
    months = _months(times) if dated else None
    unit: Unit = "number" if not dated else "second" if months is None else "month"
    units = _units(times, unit)
    step = _step(series, units, names, unit)
    grid = Grid(unit=unit, step=step, start=int(units.min()), month_day=months or 1)
    length = int(grid.place(times).max()) + 1
    taken = len(np.unique(units))
    if length - taken > LEAST_HOLE and taken < (1 - MOST_EMPTY) * length:
        order = np.unique(times)
        gap = int(np.argmax(np.diff(order)))
        keys = (str(order[gap]), str(order[gap + 1]))
        raise failure("BW-FOR-005", Where(keys=keys), slots=length, filled=taken)
    return grid


def _units(times: Times, unit: Unit) -> NDArray[np.int64]:
    if unit == "number":
        return times.astype(np.int64)
    return times.astype("datetime64[M]" if unit == "month" else "datetime64[s]").astype(np.int64)


def _months(times: Times) -> int | None:
    """Return the day of the month if all times are one day of a month (31: the last), else None."""
    distinct = np.unique(times)
    if len(distinct) < 2:  # noqa: PLR2004
        return None
    days = distinct.astype("datetime64[D]")
    if (distinct != days).any() or np.diff(days).astype(int).min() < SHORTEST_MONTH:
        return None
    months = days.astype("datetime64[M]")
    day = (days - months.astype("datetime64[D]")).astype(int) + 1
    lengths = ((months + 1).astype("datetime64[D]") - months.astype("datetime64[D]")).astype(int)
    if (day == lengths).all() and lengths.min() < lengths.max():
        return 31
    if (day == lengths).all() and len(np.unique(day)) == 1:
        return 31
    return int(day[0]) if (day == day[0]).all() else None


def _step(
    series: NDArray[np.int64], units: NDArray[np.int64], names: Sequence[str], unit: Unit
) -> int:
    """Return the step: the commonest distance of each series, the same in all."""
    apart = np.diff(units)
    within = np.diff(series) == 0
    if not within.any():
        distinct = np.unique(units)
        return int(np.diff(distinct).min()) if len(distinct) > 1 else _alone(unit)
    step = _commonest(apart[within])
    own = _odd_series(series[1:][within], apart[within], step)
    off = (units - units.min()) % step != 0
    if len(own) or off.any():
        rows = np.unique(np.concatenate([own, np.unique(series[off])]))
        keys = tuple(str(names[row]) for row in rows[:5])
        where = Where(count=len(rows), keys=keys)
        raise failure("BW-FOR-004", where, step=_said(step, unit), count=len(rows))
    return step


def _odd_series(owner: NDArray[np.int64], apart: NDArray[np.int64], step: int) -> NDArray[np.int64]:
    """Return series that never move by the common step although they move often."""
    count = np.bincount(owner)
    on_step = np.bincount(owner[apart == step], minlength=len(count))
    return np.flatnonzero((count >= 5) & (on_step < 0.2 * count))  # noqa: PLR2004


def _commonest(apart: NDArray[Any]) -> int:
    found, count = np.unique(apart, return_counts=True)
    return int(found[int(np.argmax(count))])


def _alone(unit: Unit) -> int:
    return DAY_SECONDS if unit == "second" else 1


def _said(step: int, unit: Unit) -> str:
    if unit != "second":
        return str(step)
    day, rest = divmod(step, DAY_SECONDS)
    return f"{day} d" if day and not rest else f"{step / 60:g} min"
