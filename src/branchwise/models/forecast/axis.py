"""What the time axis of a panel says: days and slots, weekdays, month positions, closures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from branchwise.models.forecast.series import Array, Flags, Panel, Times

Grain = Literal["intraday", "day", "week", "month", "other"]
DAY_SECONDS = 86_400
LONG_AGO = 99
"""Days since a closure, where none was seen."""
MONTH_FROM, MONTH_TO = 27, 32
WEEK_DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LevelAxis:
    """The axis on which levels move: one point a day for panels within a day, else one a slot.

    Attributes
    ----------
    season_length : int
        Points in the shortest season of the axis (open days a week, 7, 12), 0 for none.
    season : ndarray of int
        Place of each point in that season.
    month_place : ndarray of float, optional
        Calendar days from the beginning of the month (0, 1, ...) in its first half, to its end
        (-1 the last day) in its second; for days only.
    since_closed : ndarray of int, optional
        Open points since the last closed one: 1 on the first day after a holiday.
    year_share : ndarray of float, optional
        Place in the year, 0–1; for days and weeks.
    """

    season_length: int
    season: NDArray[np.int64]
    month_place: Array | None = None
    since_closed: NDArray[np.int64] | None = None
    year_share: Array | None = None

    def __len__(self) -> int:
        return len(self.season)


def grain_of(panel: Panel) -> Grain:
    """Return what one slot of the axis is.

    Examples
    --------
    >>> times = np.arange("2026-01-01", "2026-03-01", dtype="datetime64[D]")
    >>> grain_of(Panel(ids=("B1",), times=times, values=np.ones((1, 50)), season_lengths=(7,)))
    'day'
    """
    if slots_a_day(panel) > 1:
        return "intraday"
    if not np.issubdtype(panel.times.dtype, np.datetime64) or len(panel.times) < 2:  # noqa: PLR2004
        return "other"
    step = float(np.median(np.diff(panel.times.astype("datetime64[s]")).astype(float)))
    days = step / DAY_SECONDS
    if days == 1:
        return "day"
    if days == WEEK_DAYS:
        return "week"
    return "month" if MONTH_FROM < days < MONTH_TO else "other"


def slots_a_day(panel: Panel) -> int:
    """Return the number of slots a day of a panel within a day, else 1.

    Without times of day (``int64``) two seasons of which one divides the other are a day and a
    week.
    """
    if not panel.season_lengths:
        return 1
    first = panel.season_lengths[0]
    if np.issubdtype(panel.times.dtype, np.datetime64):
        if len(panel.times) < 2:  # noqa: PLR2004
            return 1
        step = np.median(np.diff(panel.times.astype("datetime64[s]")).astype(float))
        return first if step < DAY_SECONDS else 1
    second = panel.season_lengths[1] if len(panel.season_lengths) > 1 else 0
    return first if second and second % first == 0 else 1


def level_axis(panel: Panel) -> LevelAxis:
    """Return the axis of levels: of days for a panel within a day, else of its slots."""
    slots = slots_a_day(panel)
    days = -(-len(panel.times) // slots)
    starts = panel.times[::slots]
    closed = _closed(panel, slots, days)
    seasons = panel.season_lengths
    if slots > 1:
        length = seasons[1] // slots if len(seasons) > 1 else 0
    else:
        length = seasons[0] if seasons else 0
    grain = "day" if slots > 1 else grain_of(panel)
    dated = np.issubdtype(panel.times.dtype, np.datetime64)
    return LevelAxis(
        season_length=length,
        season=np.arange(days) % length if length else np.zeros(days, np.int64),
        month_place=month_places(starts) if dated and grain == "day" else None,
        since_closed=days_since(closed) if closed.any() else None,
        year_share=year_shares(starts) if dated and grain in {"day", "week"} else None,
    )


def month_places(times: Times) -> Array:
    """Return calendar days from the nearer end of the month: 0 the first day, -1 the last.

    Examples
    --------
    >>> month_places(np.array(["2026-02-01", "2026-02-03", "2026-02-28"], "datetime64[D]"))
    array([ 0.,  2., -1.])
    """
    days = times.astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    since = (days - months.astype("datetime64[D]")).astype(float)
    until = (days - (months + 1).astype("datetime64[D]")).astype(float)
    return np.asarray(np.where(since < -until, since, until), np.float64)


def year_shares(times: Times) -> Array:
    """Return the place of each time in its year, 0–1."""
    days = times.astype("datetime64[D]")
    years = days.astype("datetime64[Y]").astype("datetime64[D]")
    return np.asarray((days - years).astype(float) / 365.25, np.float64)


def days_since(closed: Flags) -> NDArray[np.int64]:
    """Return the number of points since the last closed one: 0 where closed.

    Examples
    --------
    >>> days_since(np.array([False, True, False, False])).tolist()
    [99, 0, 1, 2]
    """
    places = np.arange(len(closed))
    last = np.maximum.accumulate(np.where(closed, places, -LONG_AGO))
    return np.minimum(places - last, LONG_AGO)


def by_day(array: Array, slots: int) -> Array:
    """Return an array (n, steps) as (n, days, slots), the last day filled up with NaN.

    Examples
    --------
    >>> by_day(np.arange(3.0)[None], 2).tolist()
    [[[0.0, 1.0], [2.0, nan]]]
    """
    series, steps = array.shape
    days = -(-steps // slots)
    padded = np.full((series, days * slots), np.nan)
    padded[:, :steps] = array
    return padded.reshape(series, days, slots)


def _closed(panel: Panel, slots: int, days: int) -> Flags:
    """Return the points at which most series are closed (they share the level axis)."""
    opened = panel.opened.astype(float)
    share = by_day(opened, slots)
    with np.errstate(invalid="ignore"):
        most = np.nanmax(share, axis=2) if slots > 1 else share[:, :, 0]
    closed: Flags = most.mean(axis=0) < 0.5  # noqa: PLR2004 - the majority
    return closed[:days]
