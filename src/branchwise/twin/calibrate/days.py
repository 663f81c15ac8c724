"""Which days a calibration may learn from, and why the others are left out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from branchwise.core.calendar import is_public_holiday
from branchwise.core.languages import Text
from branchwise.twin.calibrate.log import NONE, QUARTERS, Flags, Log
from branchwise.twin.calibrate.model import DayLeftOut, Hours
from branchwise.twin.calibrate.notes import reason

GAMED_SHARE = 0.10
"""Above this share of suspect tickets a day's waits are not the customers'."""
LEAST_TICKETS = 5
"""A day with fewer is no day of business, unless the branch never has more."""
PART_OF_SPAN, PART_OF_COUNT = 0.6, 0.4
"""Of the weekday's median: fewer quarter-hours with tickets, or fewer tickets, make half a day."""
ENOUGH_DAYS = 3
"""Days of a weekday whose median says what is usual."""
RUN = 30
"""So many arrivals in a row that nobody served, and served ones after them, are an interruption:
even where every second customer leaves, such a run has a chance of one in a billion."""
EARLY = 3600.0
LEAST_DAYS = 6
"""Gamed days are kept, without their suspect tickets, where fewer days would be left."""


Reasons = dict[date, tuple[str, Text]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Days used, days left out, and whether gamed days had to be kept."""

    used: tuple[date, ...]
    left_out: tuple[DayLeftOut, ...]
    keeps_gamed: bool = False


def choose_days(
    log: Log,
    wanted: Collection[date] | None = None,
    closed: Sequence[date] = (),
    hours: Mapping[int, Hours] | None = None,
) -> Chosen:
    """Say which days of a log are used.

    Parameters
    ----------
    log : Log
        All steps of the branch, suspect ones included.
    wanted : collection of date, optional
        Only these; all by default.
    closed : sequence of date
        Days on which the branch ought to have been open, but has no tickets.
    hours : mapping of int to Hours, optional
        Usual hours by weekday; who comes outside them does not count.

    Returns
    -------
    Chosen
        Left out are days that are gamed, half, interrupted, of abandonment only, or without
        tickets. What is usual on a weekday is judged over all days of the log.
    """
    tickets = _within(log.where(log.is_queued), hours or {})
    found = {**_half(tickets), **_interrupted(tickets), **_unserved(tickets)}
    gamed = _gamed(tickets)
    asked = [on for on in log.dates if wanted is None or on in set(wanted)]
    sound = [on for on in asked if on not in found]
    keeps = len([on for on in sound if on not in gamed]) < min(LEAST_DAYS, len(sound))
    out = {on: why for on, why in ({} if keeps else gamed).items() if on not in found} | found
    left = [DayLeftOut(on=on, code=code, reason=text) for on, (code, text) in out.items()]
    left += [
        DayLeftOut(on=on, code="no_tickets", reason=reason("no_tickets"))
        for on in closed
        if wanted is None or on in set(wanted)
    ]
    shown = [day for day in left if wanted is None or day.on in set(wanted)]
    return Chosen(
        used=tuple(on for on in asked if on not in out),
        left_out=tuple(sorted(shown, key=lambda day: day.on)),
        keeps_gamed=keeps and any(on in gamed for on in sound),
    )


def days_without_tickets(log: Log, opening: Mapping[int, object], country: str) -> tuple[date, ...]:
    """Return the days between the first and the last on which business was due, but none came.

    Parameters
    ----------
    log : Log
        The log.
    opening : mapping of int to object
        Weekdays (1 to 7) with opening hours; with none, no day is due.
    country : str
        Whose public holidays the branch keeps.
    """
    if not log.dates or not opening:
        return ()
    present = set(log.dates)
    span = (log.dates[-1] - log.dates[0]).days
    every = (log.dates[0] + timedelta(days=number) for number in range(span))
    return tuple(
        on
        for on in every
        if on.isoweekday() in opening and on not in present and not is_public_holiday(on, country)
    )


def _within(tickets: Log, hours: Mapping[int, Hours]) -> Log:
    """Return who came within the hours, the hour before opening included."""
    first = np.array([_bounds(hours, day)[0] for day in tickets.weekdays.tolist()])
    last = np.array([_bounds(hours, day)[1] for day in tickets.weekdays.tolist()])
    arrived = tickets.arrived
    return tickets.where((arrived >= first[tickets.day]) & (arrived <= last[tickets.day]))


def _bounds(hours: Mapping[int, Hours], weekday: int) -> tuple[float, float]:
    own = hours.get(weekday)
    return (-np.inf, np.inf) if own is None else (own.opens - EARLY, own.ends)


def _gamed(tickets: Log) -> Reasons:
    found: Reasons = {}
    for day, on in enumerate(tickets.dates):
        rows = tickets.day == day
        share = float(tickets.is_suspect[rows].mean()) if rows.any() else 0.0
        if share > GAMED_SHARE:
            found[on] = ("gamed", reason("gamed", share=f"{100 * share:.0f}"))
    return found


def _half(tickets: Log) -> Reasons:
    counts = np.bincount(tickets.day, minlength=len(tickets.dates))
    slots = np.zeros((len(tickets.dates), QUARTERS), dtype=bool)
    slots[tickets.day, tickets.quarter] = True
    spans = slots.sum(axis=1)
    found: Reasons = {}
    for weekday in range(1, 8):
        days = np.flatnonzero(tickets.weekdays == weekday)
        if len(days) < ENOUGH_DAYS:
            continue
        usual_span, usual = float(np.median(spans[days])), float(np.median(counts[days]))
        for day in days.tolist():
            short = spans[day] < PART_OF_SPAN * usual_span
            if short or counts[day] < PART_OF_COUNT * usual:
                text = reason("half_day", count=int(counts[day]), usual=round(usual))
                found[tickets.dates[day]] = ("half_day", text)
    return found


def _interrupted(tickets: Log) -> Reasons:
    found: Reasons = {}
    for day, on in enumerate(tickets.dates):
        rows = np.flatnonzero(tickets.day == day)
        run, length = longest_unserved_run(tickets.is_served[rows])
        if length >= RUN:
            text = reason("interrupted", count=length, at=_clock(tickets.arrived[rows[run]]))
            found[on] = ("interrupted", text)
    return found


def longest_unserved_run(served: Flags) -> tuple[int, int]:
    """Return the place and length of the longest run of unserved rows that a served one follows.

    Examples
    --------
    >>> import numpy as np
    >>> longest_unserved_run(np.array([True, False, False, True, False, False, False]))
    (1, 2)
    """
    places = np.flatnonzero(served)
    if len(places) == 0:
        return 0, 0
    gaps = np.diff(places, prepend=NONE) - 1
    last = int(np.argmax(gaps))
    return int(places[last] - gaps[last]), int(gaps[last])


def _unserved(tickets: Log) -> Reasons:
    counts = np.bincount(tickets.day, minlength=len(tickets.dates))
    served = np.bincount(tickets.day[tickets.is_served], minlength=len(tickets.dates))
    found: Reasons = {}
    usual = float(np.median(counts)) if len(counts) else 0.0
    for day, on in enumerate(tickets.dates):
        if counts[day] == 0 or counts[day] < min(LEAST_TICKETS, usual / 2):
            found[on] = ("no_tickets", reason("no_tickets"))
        elif served[day] == 0:
            found[on] = ("all_abandoned", reason("all_abandoned", count=int(counts[day])))
    return found


def _clock(second: float) -> str:
    minute = int(second // 60)
    return f"{minute // 60:02d}:{minute % 60:02d}"
