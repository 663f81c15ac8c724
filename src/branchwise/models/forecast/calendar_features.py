"""What the calendar says beforehand of a day: holidays, 調休, new year, pay days, month ends.

Each feature is 0 on an ordinary day, so that an ordinary day needs no feature. Which days of the
month are pay or pension days is data (the table ``calendar_event``), never a constant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from branchwise.core.calendar import (
    COUNTRIES,
    Calendar,
    holiday_name,
    is_make_up_day,
    is_public_holiday,
    is_working_day,
)

Array = NDArray[np.float64]
Moves = Literal["none", "before", "after"]
CLOSURE = "closure"
BEFORE_NEW_YEAR, AFTER_NEW_YEAR = 21, 15
"""Days over which business rises before the lunar new year, and over which it comes back after
it, to the Lantern Festival (元宵, the fifteenth day)."""
MONTH_END_DAYS = 2
LOOK_AROUND = 15
"""Days beyond a range in which its neighbours of open days are looked for."""
NEW_YEAR_FROM, NEW_YEAR_TO = (1, 20), (2, 22)


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEvent:
    """One row of the table ``calendar_event``.

    Attributes
    ----------
    kind : str
        Events of a kind act alike; ``closure`` closes the branch.
    starts_on, ends_on : date, date or None
        First and last day; without a last day one day, or every month for ever.
    day_of_month : int or None
        Every month on this day, on its last day where the month is shorter; None: every day.
    moves : {"none", "before", "after"}
        Where a monthly day goes that is no working day.
    branch_id, region_id : str or None
        Whom it concerns; with neither, all.
    name : str
        What people call it.
    """

    kind: str
    starts_on: date
    ends_on: date | None = None
    day_of_month: int | None = None
    moves: Moves = "none"
    branch_id: str | None = None
    region_id: str | None = None
    name: str = ""

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> CalendarEvent:
        """Return the event of a row of the table."""
        names = ("kind", "starts_on", "ends_on", "day_of_month", "branch_id", "region_id")
        given = {name: row[name] for name in names}
        return cls(**given, moves=row["moves"] or "none", name=row["name"] or "")

    def concerns(self, branch_id: str, region_id: str | None) -> bool:
        """Say whether it concerns a branch."""
        if self.branch_id is not None:
            return self.branch_id == branch_id
        return self.region_id is None or self.region_id == region_id

    def days(self, first: date, last: date, country: str) -> frozenset[date]:
        """Return its days within a range, both ends included.

        Examples
        --------
        >>> pay = CalendarEvent(kind="pay_day", starts_on=date(2020, 1, 1), day_of_month=31,
        ...     moves="before")
        >>> [str(day) for day in sorted(pay.days(date(2026, 1, 1), date(2026, 3, 31), "CN"))]
        ['2026-01-30', '2026-02-28', '2026-03-31']
        """
        if self.day_of_month is None:
            start, end = max(first, self.starts_on), min(last, self.ends_on or self.starts_on)
            return frozenset(_range(start, end))
        found = set()
        month = (first - timedelta(days=LOOK_AROUND)).replace(day=1)
        while month <= last + timedelta(days=LOOK_AROUND):
            following = (month + timedelta(days=32)).replace(day=1)
            day = min(month.replace(day=1) + timedelta(days=self.day_of_month - 1),
                following - timedelta(days=1))  # fmt: skip
            month = following
            if self.starts_on <= day and (self.ends_on is None or day <= self.ends_on):
                found.add(_moved(day, self.moves, country))
        return frozenset(day for day in found if first <= day <= last)


def open_minutes(
    days: Sequence[date], calendar: Calendar, closures: frozenset[date] = frozenset()
) -> NDArray[np.int64]:
    """Return for how long a branch is open on each day [min]; 0 where it is closed."""
    return np.array(
        [
            0 if day in closures else sum(end - start for start, end in calendar.intervals(day))
            for day in days
        ],
        dtype=np.int64,
    )


def day_features(
    days: Sequence[date],
    is_open: Sequence[bool] | NDArray[np.bool_],
    *,
    country: str,
    events: Sequence[CalendarEvent] = (),
    minutes: NDArray[np.int64] | None = None,
) -> dict[str, Array]:
    """Return what the calendar says of each day of one branch.

    Parameters
    ----------
    days : sequence of date
        Without gaps, past and coming ones; the first and last day's neighbours count as ordinary.
    is_open : sequence of bool
        Whether the branch is open on each.
    country : str
        Whose holidays it observes; see `core.calendar`.
    events : sequence of CalendarEvent
        Those that concern the branch.
    minutes : ndarray of int, optional
        Open minutes of each day; a day shorter than its weekday usually is counts as such.

    Returns
    -------
    dict of str to ndarray, shape (days,)
        ``make_up_day`` (調休, 補班); ``before_holiday`` and ``after_holiday``, the open days
        between which and the next or last open day there is a public holiday; ``before_new_year``
        and ``after_new_year``, rising from 0 to 1 towards the lunar new year over three weeks and
        falling back over fifteen days; ``month_start``, the first open day of a month;
        ``month_end``, its last two; ``short_day``, the share of the weekday's usual minutes that is
        cut; and each kind of event.

    Examples
    --------
    >>> days = [date(2026, 4, day) for day in range(1, 11)]
    >>> found = day_features(days, [is_working_day(day, "CN") for day in days], country="CN")
    >>> [day.day for day, flag in zip(days, found["before_holiday"]) if flag]
    [3]
    >>> [day.day for day, flag in zip(days, found["after_holiday"]) if flag]
    [7]
    """
    opened = np.asarray(is_open, dtype=bool)
    found = {
        "make_up_day": np.array([is_make_up_day(day, country) for day in days], dtype=np.float64),
        **_around_holidays(days, opened, country),
        **_new_year(days, country),
        **_month_ends(days, opened),
    }
    if minutes is not None:
        found["short_day"] = _shortness(days, minutes)
    for event in events:
        if event.kind == CLOSURE:
            continue
        column = found.setdefault(event.kind, np.zeros(len(days)))
        marked = event.days(days[0], days[-1], country) if days else frozenset()
        column[[day in marked for day in days]] = 1.0
    return {name: np.where(opened, column, 0.0) for name, column in found.items()}


def closures_of(
    events: Sequence[CalendarEvent], first: date, last: date, country: str
) -> frozenset[date]:
    """Return the days on which events close a branch."""
    return frozenset(
        day for event in events if event.kind == CLOSURE for day in event.days(first, last, country)
    )


def learnable(features: Mapping[str, Array], steps: int) -> dict[str, Array]:
    """Return the features that were seen both on and off in the past, from which one can learn.

    Parameters
    ----------
    features : mapping of str to ndarray, shape (…, steps + horizon)
        Past and coming days.
    steps : int
        How many of them are past.
    """
    return {
        name: column for name, column in sorted(features.items()) if np.ptp(column[..., :steps]) > 0
    }


@cache
def lunar_new_year(year: int) -> date | None:
    """Return the first day of the lunar year, from the public holidays of mainland China.

    Examples
    --------
    >>> lunar_new_year(2026), lunar_new_year(2003)
    (datetime.date(2026, 2, 17), datetime.date(2003, 2, 1))
    """
    days = _range(date(year, *NEW_YEAR_FROM), date(year, *NEW_YEAR_TO))
    return next(
        (day for day in days if (holiday_name(day, "CN") or "").endswith("(Spring Festival)")), None
    )


def _around_holidays(
    days: Sequence[date], opened: NDArray[np.bool_], country: str
) -> dict[str, Array]:
    before, after = np.zeros(len(days)), np.zeros(len(days))
    for one, other in pairwise(np.flatnonzero(opened).tolist()):
        between = days[one + 1 : other]
        if any(is_public_holiday(day, country) for day in between):
            before[one] = after[other] = 1.0
    if opened.any() and days:
        last = int(np.flatnonzero(opened)[-1])
        coming = _range(days[last] + timedelta(days=1), days[last] + timedelta(days=LOOK_AROUND))
        for day in coming:
            if is_working_day(day, country):
                break
            before[last] = max(before[last], float(is_public_holiday(day, country)))
    return {"before_holiday": before, "after_holiday": after}


def _new_year(days: Sequence[date], country: str) -> dict[str, Array]:
    before, after = np.zeros(len(days)), np.zeros(len(days))
    if country not in COUNTRIES:
        return {"before_new_year": before, "after_new_year": after}
    for place, day in enumerate(days):
        first = lunar_new_year(day.year)
        if first is None:
            continue
        distance = (day - first).days
        if distance < 0:
            before[place] = max(0.0, 1 + distance / BEFORE_NEW_YEAR)
        else:
            after[place] = max(0.0, 1 - distance / AFTER_NEW_YEAR)
    return {"before_new_year": before, "after_new_year": after}


def _month_ends(days: Sequence[date], opened: NDArray[np.bool_]) -> dict[str, Array]:
    start, end = np.zeros(len(days)), np.zeros(len(days))
    months: dict[tuple[int, int], list[int]] = {}
    for place in np.flatnonzero(opened).tolist():
        months.setdefault((days[place].year, days[place].month), []).append(place)
    for (year, month), places in months.items():
        is_whole = days[-1] >= date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        if is_whole:
            end[places[-MONTH_END_DAYS:]] = 1.0
        if days[0] <= date(year, month, 1):
            start[places[0]] = 1.0
    return {"month_start": start, "month_end": end}


def _shortness(days: Sequence[date], minutes: NDArray[np.int64]) -> Array:
    weekdays = np.array([day.isoweekday() for day in days])
    usual = np.zeros(len(days))
    for weekday in range(1, 8):
        own = (weekdays == weekday) & (minutes > 0)
        if own.any():
            usual[weekdays == weekday] = np.median(minutes[own])
    shorter = np.divide(minutes, usual, out=np.ones(len(days)), where=usual > 0)
    return np.where(minutes > 0, np.clip(1 - shorter, 0.0, 1.0), 0.0)


def _moved(day: date, moves: Moves, country: str) -> date:
    step = {"none": 0, "before": -1, "after": 1}[moves]
    for _ in range(LOOK_AROUND if step else 0):
        if is_working_day(day, country):
            return day
        day += timedelta(days=step)
    return day


def _range(first: date, last: date) -> list[date]:
    return [first + timedelta(days=count) for count in range((last - first).days + 1)]
