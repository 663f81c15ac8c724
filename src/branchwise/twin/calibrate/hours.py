"""When business goes on: from the opening hours, or from when customers are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import numpy as np

from branchwise.core.ports import Engine
from branchwise.twin.calibrate.log import QUARTER, QUARTERS, Log
from branchwise.twin.calibrate.model import Hours

OPENING = """
SELECT iso_weekday, min(opens_minute) AS opens, max(closes_minute) AS closes,
  max(lunch_starts_minute) AS lunch_starts, max(lunch_ends_minute) AS lunch_ends
FROM opening_hours
WHERE branch_id = $branch_id AND valid_from <= $last_day
  AND (valid_to IS NULL OR valid_to >= $last_day)
GROUP BY iso_weekday ORDER BY iso_weekday
"""
OFTEN = 0.5
"""A quarter-hour belongs to the hours where customers are called in it, or within half an hour of
it, on this share of the days."""
AROUND = 2
LATEST = 7200.0
"""Whoever still waits so long after closing is taken to be sent away [s]."""


def opening_hours(engine: Engine, branch_id: str, last: date) -> dict[int, Hours]:
    """Return the opening hours in force on a day, by weekday; empty where there are none."""
    rows = engine.table(OPENING, {"branch_id": branch_id, "last_day": last}).to_pylist()
    found = {}
    for row in rows:
        starts, ends = row["lunch_starts"], row["lunch_ends"]
        has_lunch = starts is not None and ends is not None and ends > starts
        found[row["iso_weekday"]] = Hours(
            opens=60.0 * row["opens"],
            closes=60.0 * row["closes"],
            ends=60.0 * row["closes"],
            lunch=(60.0 * starts, 60.0 * ends) if has_lunch else None,
        )
    return found


def usual_hours(log: Log, opening: Mapping[int, Hours]) -> dict[int, Hours]:
    """Return the hours of each weekday over all days of a log, good and bad."""
    tickets = log.where(log.is_queued)
    return hours_of(tickets, opening) if len(tickets) else {}


def hours_of(tickets: Log, opening: Mapping[int, Hours]) -> dict[int, Hours]:
    """Return the hours of each weekday that has tickets, and of the mean open day (0).

    Parameters
    ----------
    tickets : Log
        First steps of tickets on the days used.
    opening : mapping of int to Hours
        Declared hours; where a weekday has none, the hours are those in which customers are
        usually called.

    Returns
    -------
    dict of int to Hours
        `ends` is when the last was called or left, at most two hours after closing.
    """
    found = {}
    for weekday in sorted(set(tickets.weekdays.tolist())):
        days = np.flatnonzero(tickets.weekdays == weekday)
        rows = tickets.where(np.isin(tickets.day, days))
        declared = opening.get(weekday)
        hours = declared or _seen(rows, len(days))
        found[weekday] = Hours(
            opens=hours.opens, closes=hours.closes, lunch=hours.lunch, ends=_last(rows, hours)
        )
    found = {
        weekday: replace(
            hours,
            ends=max(other.ends for other in found.values() if other.closes == hours.closes),
        )
        for weekday, hours in found.items()
    }
    if found:
        found[0] = _mean(tickets, found)
    return found


def _seen(rows: Log, days: int) -> Hours:
    called = np.where(np.isnan(rows.called), -1.0, rows.called)
    quarter = np.clip(called // QUARTER, 0, QUARTERS - 1).astype(np.int64)
    has = np.zeros((int(rows.day.max(initial=0)) + 1, QUARTERS), dtype=bool)
    has[rows.day[called >= 0], quarter[called >= 0]] = True
    near = np.stack(
        [has[:, max(0, slot - AROUND) : slot + AROUND + 1].any(axis=1) for slot in range(QUARTERS)]
    )
    usual = (near.sum(axis=1) >= OFTEN * days) & has.any(axis=0)
    if not usual.any():
        return Hours(opens=0.0, closes=86400.0, ends=86400.0)
    slots = np.flatnonzero(usual)
    opens, closes = _longest(slots)
    return Hours(opens=QUARTER * opens, closes=QUARTER * (closes + 1), ends=QUARTER * (closes + 1))


def _longest(slots: np.ndarray) -> tuple[float, float]:
    """Return the first and last slot of the longest run that breaks for no more than two hours."""
    breaks = np.flatnonzero(np.diff(slots) > 8)  # noqa: PLR2004
    starts = np.concatenate([[0], breaks + 1])
    ends = np.concatenate([breaks, [len(slots) - 1]])
    longest = int(np.argmax(slots[ends] - slots[starts]))
    return float(slots[starts[longest]]), float(slots[ends[longest]])


def _last(rows: Log, hours: Hours) -> float:
    leaving = np.where(np.isnan(rows.called), rows.gone, rows.called)
    known = leaving[~np.isnan(leaving)]
    last = float(known.max()) if len(known) else hours.closes
    return float(min(max(hours.closes, np.ceil((last + 1) / 60) * 60), hours.closes + LATEST))


def _mean(tickets: Log, found: Mapping[int, Hours]) -> Hours:
    """Return the hours of the weekday with most tickets, widened to hold those like it."""
    counts = {weekday: int((tickets.weekdays[tickets.day] == weekday).sum()) for weekday in found}
    usual = found[max(counts, key=lambda weekday: counts[weekday])]
    alike = [
        hours
        for hours in found.values()
        if abs(hours.opens - usual.opens) + abs(hours.closes - usual.closes) <= 2 * QUARTER
    ]
    return Hours(
        opens=min(hours.opens for hours in alike),
        closes=max(hours.closes for hours in alike),
        ends=max(hours.ends for hours in alike),
        lunch=usual.lunch,
    )
