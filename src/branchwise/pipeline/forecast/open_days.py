"""When each branch is open, on which days its data are missing, and what its calendar says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from branchwise.core.calendar import Calendar, OpeningHours, is_make_up_day, is_public_holiday
from branchwise.core.ports import Engine
from branchwise.models.forecast.calendar_features import (
    CalendarEvent,
    closures_of,
    day_features,
    open_minutes,
)
from branchwise.warehouse.coverage import USUAL_SHARE

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
MINUTES_A_DAY = 1440
_BRANCHES = """
SELECT branch_id, region_id, branch_type, holiday_calendar, opened_on, closed_on FROM branch
WHERE institution_id = 'own' ORDER BY branch_id
"""
_HOURS = """
SELECT branch_id, iso_weekday, opens_minute, closes_minute, business_line, valid_from, valid_to,
    lunch_starts_minute, lunch_ends_minute FROM opening_hours ORDER BY ALL
"""
_EVENTS = "SELECT * FROM calendar_event ORDER BY calendar_event_id"
_SEEN = """
SELECT coalesce(branch_id, '-') AS branch, coalesce(data_source_id, '') AS source,
    (local_on - $first::DATE)::INTEGER AS day
FROM {table} WHERE local_on BETWEEN $first AND $last GROUP BY ALL
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A branch as the register knows it.

    Attributes
    ----------
    branch_id : str
        Its code.
    region_id, branch_type : str
        Empty where unknown.
    calendar : Calendar
        Holidays and hours.
    opened_on, closed_on : date or None
        First and last day of business, where known.
    """

    branch_id: str
    region_id: str
    branch_type: str
    calendar: Calendar
    opened_on: date | None = None
    closed_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OpenDays:
    """Days of branches, past and coming.

    Attributes
    ----------
    places : tuple of Place
        The branches, in the order of the rows.
    days : tuple of date
        Without gaps; the first `steps` are past.
    steps : int
        How many are past.
    is_open : ndarray of bool, shape (branches, days)
        Open by its hours; where they are unknown, or rows come on most of a weekday's dates, as
        seen. Not before the first day seen, nor after the branch closed.
    is_missing : ndarray of bool, shape (branches, steps)
        Open by its calendar, but a source that usually delivers that weekday has no row.
    features : mapping of str to ndarray, shape (branches, days)
        What the calendar says beforehand; see `calendar_features.day_features`.
    """

    places: tuple[Place, ...]
    days: tuple[date, ...]
    steps: int
    is_open: Flags
    is_missing: Flags
    features: dict[str, Array]

    @property
    def rows(self) -> dict[str, int]:
        """Place of each branch among the rows."""
        return {place.branch_id: row for row, place in enumerate(self.places)}


def read_places(engine: Engine, country: str) -> dict[str, Place]:
    """Return the bank's own branches by code.

    Parameters
    ----------
    engine : Engine
        With the tables ``branch`` and ``opening_hours``.
    country : str
        Whose holidays a branch observes that names none; see `core.calendar`.
    """
    hours: dict[str, list[OpeningHours]] = {}
    for row in engine.table(_HOURS).to_pylist():
        hours.setdefault(row.pop("branch_id"), []).append(OpeningHours(**row))
    return {row["branch_id"]: _place(row, hours, country) for row in _rows(engine, _BRANCHES)}


def read_events(engine: Engine) -> tuple[CalendarEvent, ...]:
    """Return the rows of the table ``calendar_event``."""
    return tuple(CalendarEvent.of_row(row) for row in _rows(engine, _EVENTS))


def read_open_days(
    engine: Engine,
    table: str,
    places: Sequence[Place],
    events: Sequence[CalendarEvent],
    days: Sequence[date],
    *,
    steps: int,
) -> OpenDays:
    """Return when branches were and will be open, and which days of a table are missing.

    Parameters
    ----------
    engine : Engine
        Where the table is.
    table : str
        Whose rows are looked for.
    places : sequence of Place
        The branches.
    events : sequence of CalendarEvent
        Own events; closures close.
    days, steps : sequence of date, int
        Days without gaps, and how many are past.
    """
    seen = _seen(engine, table, places, days, steps)
    is_open, is_missing, columns = [], [], []
    for row, place in enumerate(places):
        own = [each for each in events if each.concerns(place.branch_id, place.region_id or None)]
        opened, minutes = _opened(place, own, seen[row], days)
        is_open.append(opened)
        is_missing.append(_missing(seen[row], opened[:steps], weekdays_of(days[:steps])))
        columns.append(
            day_features(
                days,
                opened,
                country=place.calendar.country,
                events=own,
                minutes=minutes if place.calendar.hours else None,
            )
        )
    names = sorted({name for column in columns for name in column})
    zero = np.zeros(len(days))
    return OpenDays(
        places=tuple(places),
        days=tuple(days),
        steps=steps,
        is_open=np.array(is_open, dtype=bool).reshape(len(places), len(days)),
        is_missing=np.array(is_missing, dtype=bool).reshape(len(places), steps),
        features={name: np.array([column.get(name, zero) for column in columns]) for name in names},
    )


def slots_of(place: Place, day: date, slots: int) -> Flags:
    """Return which slots of a day, of equal length, lie in the branch's hours, shape (slots,)."""
    length = MINUTES_A_DAY / slots
    mask = np.zeros(slots, dtype=bool)
    for start, end in place.calendar.intervals(day):
        mask[int(start // length) : int(-(-end // length))] = True
    return mask


def weekdays_of(days: Sequence[date]) -> NDArray[np.int64]:
    """Return the weekday of each day, 1 Monday to 7 Sunday."""
    return np.array([day.isoweekday() for day in days], dtype=np.int64)


def _opened(
    place: Place,
    events: Sequence[CalendarEvent],
    seen: Flags,
    days: Sequence[date],
) -> tuple[Flags, NDArray[np.int64]]:
    country, steps = place.calendar.country, seen.shape[1]
    weekdays = weekdays_of(days)
    closed = closures_of(events, days[0], days[-1], country)
    minutes = open_minutes(days, place.calendar, closed)
    is_seen = np.asarray(seen.any(axis=0))
    since = int(np.argmax(is_seen)) if is_seen.any() else steps
    holiday = np.array([is_public_holiday(day, country) or day in closed for day in days])
    usual = np.zeros(len(days), dtype=bool)
    for weekday in range(1, 8):
        own: Flags = np.equal(weekdays, weekday) & ~holiday
        past = np.array(own[:steps])
        past[:since] = False
        if past.any() and is_seen[past].mean() >= USUAL_SHARE:
            usual |= own
    opened = _worked((minutes > 0) | usual, usual, is_seen, days, country)
    if not place.calendar.hours and not is_seen.any():
        opened = np.array([place.calendar.is_open(day) and day not in closed for day in days])
    begins = place.opened_on or date.min
    ends = place.closed_on or date.max
    within = np.array([begins <= day <= ends for day in days])
    opened &= within
    opened[: min(since, steps)] = False
    return opened, np.where(opened, minutes, 0)


def _worked(
    opened: Flags, usual: Flags, is_seen: Flags, days: Sequence[date], country: str
) -> Flags:
    """Close the make-up days that a branch did not work.

    Not every branch opens on a make-up day (調休) that falls on its day off. Without rows such a
    day was no working day, rather than missing; and where none was worked, the coming ones will
    not be.
    """
    extra = np.array([is_make_up_day(day, country) for day in days]) & opened & ~usual
    past = extra[: len(is_seen)]
    worked = opened.copy()
    worked[: len(is_seen)] &= ~past | is_seen
    if past.any() and not is_seen[past].any():
        worked[len(is_seen) :] &= ~extra[len(is_seen) :]
    return worked


def _missing(seen: Flags, opened: Flags, weekdays: NDArray[np.int64]) -> Flags:
    """Return open days without rows of a source that has them on most dates of that weekday."""
    missing = opened & ~seen.any(axis=0)
    for source in seen:
        if not source.any():
            continue
        since, until = int(np.argmax(source)), len(source) - int(np.argmax(source[::-1]))
        for weekday in range(1, 8):
            own = opened & (weekdays == weekday)
            own[:since] = False
            own[until:] = False
            if own.any() and source[own].mean() >= USUAL_SHARE:
                missing |= own & ~source
    return missing


def _seen(
    engine: Engine, table: str, places: Sequence[Place], days: Sequence[date], steps: int
) -> NDArray[np.bool_]:
    last = days[0] + timedelta(days=steps - 1)
    found = engine.table(_SEEN.format(table=table), {"first": days[0], "last": last}).to_pylist()
    sources = sorted({row["source"] for row in found}) or [""]
    rows = {place.branch_id: row for row, place in enumerate(places)}
    seen = np.zeros((len(places), len(sources), steps), dtype=bool)
    for row in found:
        if row["branch"] in rows:
            seen[rows[row["branch"]], sources.index(row["source"]), row["day"]] = True
    return seen


def _place(row: dict[str, Any], hours: dict[str, list[OpeningHours]], country: str) -> Place:
    own = row["holiday_calendar"] or country
    return Place(
        branch_id=row["branch_id"],
        region_id=row["region_id"] or "",
        branch_type=row["branch_type"] or "",
        calendar=Calendar(country=own, hours=tuple(hours.get(row["branch_id"], ()))),
        opened_on=row["opened_on"],
        closed_on=row["closed_on"],
    )


def _rows(engine: Engine, query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = engine.table(query).to_pylist()
    return found
