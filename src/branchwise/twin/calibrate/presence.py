"""Who was there: spells of duty read off from calls, where nobody wrote shifts.

A window at which nobody is served may be idle or unmanned; the queue tells which. Somebody who
lets customers wait whom they could serve is not there. So a gap between two customers is absence
where others waited in it for more than a minute; a shorter one is the pause that each customer
costs (putting away, writing up). A gap in which nobody waited is idleness, within limits: there it
makes no difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from branchwise.twin.calibrate.log import Flags, Floats, Log

REFUSED = 60.0
"""Seconds for which customers may wait for a server that is there."""
LONGEST_IDLE, LONGEST_EDGE = 9000.0, 3600.0
"""A longer idle gap between two customers is absence, or one before the first or after the last
[s]."""
NO_SHOW_SECONDS = 20.0
"""What a call in vain costs."""
INSTANT = 5.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Waiting:
    """Who waits in some queues over a day.

    Attributes
    ----------
    joined, left : array
        Sorted times at which customers came to wait, and ceased to.
    """

    joined: Floats
    left: Floats
    _at: Floats
    _sum: Floats

    @classmethod
    def of(cls, queued: Floats, leaves: Floats) -> Waiting:
        """Return who waits, from when each came to wait and ceased to; NaN: nobody knows."""
        good = ~np.isnan(leaves)
        joined, left = np.sort(queued[good]), np.sort(leaves[good])
        times = np.concatenate([joined, left])
        change = np.concatenate([np.ones(len(joined)), -np.ones(len(left))])
        order = np.argsort(times, kind="stable")
        at, number = times[order], np.cumsum(change[order])
        if len(at) == 0:
            at, number = np.zeros(1), np.zeros(1)
        steps = np.diff(at) * (number[:-1] > 0)
        return cls(joined=joined, left=left, _at=at, _sum=np.concatenate([[0.0], steps.cumsum()]))

    def count(self, at: Floats) -> Floats:
        """Return how many wait just after a time."""
        come = np.searchsorted(self.joined, at, side="right")
        return np.asarray(come - np.searchsorted(self.left, at, side="right"), dtype=np.float64)

    def count_before(self, at: Floats) -> Floats:
        """Return how many wait just before a time, those called at it included."""
        come = np.searchsorted(self.joined, at, side="left")
        return np.asarray(come - np.searchsorted(self.left, at, side="left"), dtype=np.float64)

    def seconds(self, start: Floats, end: Floats) -> Floats:
        """Return for how long anybody waited between two times."""
        upto = np.interp(end, self._at, self._sum)
        return np.asarray(upto - np.interp(start, self._at, self._sum))


def leaving(day: Log) -> Floats:
    """Return when each step ceased to wait: at the call, or with the end of the visit."""
    return np.where(np.isnan(day.called), day.gone, day.called)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Attendance:
    """One server's day.

    Attributes
    ----------
    spells : tuple of (float, float)
        On duty from, to [s after midnight].
    possible : tuple of (float, float)
        When nothing speaks against it: idleness has no limit here.
    pauses : array
        Seconds between a customer's end and the next call while somebody waited.
    left_waiting : array
        Customers waiting when the server left, one a break.
    back_waiting : array
        Customers waiting when the server was back, the one called included.
    back_at : array
        When that was.
    calls, ends : array
        Beginning and end of each service.
    """

    spells: tuple[tuple[float, float], ...]
    possible: tuple[tuple[float, float], ...]
    pauses: Floats
    left_waiting: Floats
    back_waiting: Floats
    back_at: Floats
    calls: Floats
    ends: Floats


def attendance_of(
    calls: Floats, ends: Floats, waiting: Waiting, opens: float, closes: float
) -> Attendance:
    """Return when a server was there on a day.

    Parameters
    ----------
    calls, ends : array, shape (services,)
        In order of time; at least one.
    waiting : Waiting
        Customers whom the server could have served.
    opens, closes : float
        Of the day [s].
    """
    ends = np.maximum.accumulate(ends)
    starts = np.concatenate([[min(opens, calls[0])], ends])
    stops = np.concatenate([calls, [max(closes, ends[-1])]])
    refused = waiting.seconds(starts, stops)
    gaps = stops - starts
    longest = np.full(len(gaps), LONGEST_IDLE)
    longest[[0, -1]] = LONGEST_EDGE
    away = (refused > REFUSED) | (gaps > longest)
    inner = slice(1, len(starts) - 1)
    stood = ~away[inner] & (waiting.count(ends[:-1]) > 0) & (gaps[inner] >= 0)
    broke = away[inner] & (refused[inner] > REFUSED)
    late = calls[:1][refused[:1] > REFUSED]
    return Attendance(
        spells=_between(starts, stops, away),
        possible=_between(starts, stops, refused > REFUSED),
        pauses=gaps[inner][stood],
        left_waiting=waiting.count(ends[:-1])[broke],
        back_waiting=waiting.count_before(np.concatenate([late, calls[1:][broke]])),
        back_at=np.concatenate([late, calls[1:][broke]]),
        calls=calls,
        ends=ends,
    )


def _between(starts: Floats, stops: Floats, away: Flags) -> tuple[tuple[float, float], ...]:
    """Return the spells between gaps of absence."""
    spells: list[tuple[float, float]] = []
    on = float(stops[0] if away[0] else starts[0])
    for number in range(1, len(starts)):
        if away[number]:
            spells.append((on, float(starts[number])))
            on = float(stops[number])
    if not away[-1]:
        spells.append((on, float(stops[-1])))
    return tuple(spell for spell in spells if spell[1] > spell[0])


def services_by_server(day: Log, members: Flags) -> dict[int, tuple[Floats, Floats]]:
    """Return calls and ends of each server among some steps of a day."""
    rows = np.flatnonzero(members & (day.server.codes >= 0) & ~np.isnan(day.called))
    rows = rows[np.argsort(day.called[rows], kind="stable")]
    ends = _ends(day)
    return {
        int(server): (
            day.called[rows[day.server.codes[rows] == server]],
            ends[rows[day.server.codes[rows] == server]],
        )
        for server in np.unique(day.server.codes[rows])
    }


def _ends(day: Log) -> Floats:
    lasted = np.where(np.isnan(day.service_seconds), 0.0, day.service_seconds)
    begun = np.where(np.isnan(day.started), day.called, day.started)
    ended = np.where(np.isnan(day.ended), begun + lasted, day.ended)
    ended = np.where(day.is_no_show, day.called + NO_SHOW_SECONDS, ended)
    return np.asarray(np.maximum(ended, day.called))


def open_count(spells: Sequence[tuple[float, float]]) -> tuple[Floats, Floats]:
    """Return the times at which the number on duty changes, and the number from then on.

    Examples
    --------
    >>> at, count = open_count([(0.0, 10.0), (5.0, 10.0)])
    >>> at.tolist(), count.tolist()
    ([0.0, 5.0, 10.0], [1.0, 2.0, 0.0])
    """
    if not spells:
        return np.zeros(0), np.zeros(0)
    times = np.array([time for spell in spells for time in spell])
    change = np.tile([1.0, -1.0], len(spells))
    at, place = np.unique(times, return_inverse=True)
    return at, np.bincount(place, weights=change).cumsum()
