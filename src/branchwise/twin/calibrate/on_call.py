"""Windows that open because queues are long (彈性窗口), told from windows that a roster opens.

Windows on call close when nobody waits, and open some minutes after the queue has grown to a
length. A roster does neither. Taken for a fixed schedule they would make the twin wrong in the
worst way: more customers would seem to bring their own windows.

How many windows stand open in any case is seen from customers who come when nobody waits: they
are called at once if, and only if, fewer windows are busy than are planned. The length that calls
a window, and the time until it opens, are those under which the seen openings are most likely.
"""

from __future__ import annotations

import math
from collections.abc import Container, Sequence
from dataclasses import dataclass

import numpy as np

from branchwise.twin.calibrate.fitting import Fitted, distance
from branchwise.twin.calibrate.log import QUARTERS, Floats, Ints
from branchwise.twin.calibrate.presence import INSTANT, Attendance, Waiting
from branchwise.twin.laws import Lognormal

LEAST_RETURNS, RETURNS_PER_DAY = 20, 0.7
"""Openings in all, and a day, below which windows are not taken to be on call."""
EMPTY_SHARE = 0.85
"""Share of closings with nobody waiting."""
EXPLAINED = 0.5
"""Share of openings that a threshold explains."""
THRESHOLDS, FURTHER = range(1, 9), range(3)
QUARTILES, LEAST_SPREAD, MOST_SPREAD = 1.349, 0.05, 1.2
"""Distance of the quartiles of a normal law, in deviations; least and greatest deviation of the
logarithm of a delay: one that varies more is no answer to the queue."""
CLOCK, OFTEN, LEAST_CLOCK = 300, 4.0, 5
"""Openings within the same five minutes of many days are no answer to a queue: so many times as
often as elsewhere, and more than five in all."""
MATCHING = 2.5
"""Standard error of a median, 1.25 times a mean's, twice: for what is matched wrongly."""
LATEST = 1200.0
"""An opening later after the queue reached the length was called by something else [s]."""
MISSED = -12.0
"""Log-likelihood of an opening, or of a call, that the rule does not explain."""
GRID, PATIENT, LEAST_FULL, FEW_AWAY = 150.0, 1.3, 3, 0.2
"""Steps in which a day is looked at [s]; deviations of the logarithm by which an opening may be
late; times that nobody was left to come; of the absences seen then, the share that may be less."""
AT_ONCE = 0.75
"""Share of customers called at once that makes the number of busy windows fewer than planned."""
LEAST_SEEN = 20
WIDEST_PART = 3
"""Customers that tell the number of a quarter-hour; quarter-hours looked at on each side, if need
be."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CrewDay:
    """A day of servers who share a queue: who was there, who waited, how many were on duty.

    `opens` and `closes` are the hours of the day [s after midnight].
    """

    attendances: tuple[Attendance, ...]
    waiting: Waiting
    limit: int
    opens: float
    closes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningRule:
    """When windows on call open.

    Attributes
    ----------
    waiting, further : int
        Customers that call the first, and more for each that is open already.
    delay : Fitted
        Seconds until it opens.
    explained : float
        Share of the openings that the rule explains.
    count : int
        Openings seen.
    """

    waiting: int
    further: int
    delay: Fitted
    explained: float
    count: int


def is_on_call(days: Sequence[CrewDay]) -> bool:
    """Say whether windows close because nobody waits, often enough to be a way of working."""
    left = np.concatenate([np.zeros(0), *(a.left_waiting for day in days for a in day.attendances)])
    if len(left) < max(LEAST_RETURNS, RETURNS_PER_DAY * len(days)):
        return False
    return bool((left == 0).mean() >= EMPTY_SHARE)


def opening_rule(days: Sequence[CrewDay], planned: Floats) -> OpeningRule | None:
    """Return the rule under which the seen openings are most likely, or None if none explains them.

    Parameters
    ----------
    days : sequence of CrewDay
        The station's days.
    planned : array, shape (96,)
        Windows that stand open in any case, by quarter-hour.
    """
    best: tuple[float, OpeningRule] | None = None
    clocks = _by_the_clock(days)
    prepared = [_events(day, planned, clocks) for day in days]
    for waiting in THRESHOLDS:
        calling = [day.calling(waiting) for day in prepared]
        for further in FURTHER:
            delays, missed, count = _played(calling, waiting, further)
            if len(delays) < LEAST_RETURNS:
                continue
            logs = np.log(np.maximum(delays, 1.0))
            spread = max(float(logs.std()), LEAST_SPREAD)
            if spread > MOST_SPREAD:
                continue
            likelihood = float(-(logs + np.log(spread)).sum()) - 0.5 * len(delays)
            score = likelihood + MISSED * missed
            if best is None or score > best[0]:
                rule = OpeningRule(
                    waiting=waiting,
                    further=further,
                    delay=_delay(delays),
                    explained=len(delays) / max(count, 1),
                    count=count,
                )
                best = score, rule
    if best is None or best[1].explained < EXPLAINED:
        return None
    return best[1]


def absent_count(days: Sequence[CrewDay], rule: OpeningRule, planned: Floats) -> Floats:
    """Return how many of those on duty are away from their windows, by quarter-hour (lunch).

    When more wait than call another window, and have for longer than it takes to open, then
    nobody is left who could come: who is on duty and does not serve is away.

    Parameters
    ----------
    days : sequence of CrewDay
        The crew's days.
    rule : OpeningRule
        When windows open.
    planned : array, shape (96,)
        Windows open in any case.

    Returns
    -------
    array, shape (96,)
        0 where that was seldom seen.
    """
    patience = float(np.exp(PATIENT * np.sqrt(np.log1p(rule.delay.law.cv**2)))) * rule.delay.mean  # type: ignore[union-attr]
    back = np.array([1.0, 0.75, 0.5, 0.25, 0.0]) * patience
    seen: list[list[int]] = [[] for _ in range(QUARTERS)]
    for day in days:
        spells = [spell for found in day.attendances for spell in found.spells]
        if not spells:
            continue
        starts = np.sort([start for start, _ in spells])
        ends = np.sort([end for _, end in spells])
        times = np.arange(starts[0], ends[-1], GRID)
        still = np.searchsorted(starts, times, side="right") - np.searchsorted(
            ends, times, side="right"
        )
        waiting = day.waiting.count(times[:, None] - back[None, :]).min(axis=1)
        slots = np.clip(times // 900, 0, QUARTERS - 1).astype(np.int64)
        needed = rule.waiting + rule.further * np.maximum(still - planned[slots], 0)
        for place in np.flatnonzero(waiting >= needed).tolist():
            seen[slots[place]].append(int(day.limit - still[place]))
    return np.array(
        [
            np.floor(np.quantile(values, FEW_AWAY)) if len(values) >= LEAST_FULL else 0.0
            for values in seen
        ]
    )


def _delay(delays: Floats) -> Fitted:
    """Return the lognormal law of the middle half of the delays.

    A few openings are always matched with the wrong arrival; quartiles do not mind them.
    """
    low, middle, high = np.quantile(np.log(np.maximum(delays, 1.0)), [0.25, 0.5, 0.75])
    spread = max(float(high - low) / QUARTILES, LEAST_SPREAD)
    mean = math.exp(float(middle) + spread**2 / 2)
    law = Lognormal(mean=mean, cv=math.sqrt(math.expm1(spread**2)))
    return Fitted(
        law=law,
        mean=mean,
        mean_error=mean * MATCHING * spread / math.sqrt(len(delays)),
        distance=distance(law, np.sort(np.maximum(delays, 1.0))),
        criterion=math.nan,
        count_rows=len(delays),
    )


def planned_count(days: Sequence[CrewDay], most: int) -> Floats:
    """Return how many windows stand open in any case, by quarter-hour.

    Parameters
    ----------
    days : sequence of CrewDay
        The station's days.
    most : int
        Windows that there are.

    Returns
    -------
    array, shape (96,)
        0 where even a customer who comes to an empty room waits; quarter-hours without enough
        customers have the number of the nearest one.
    """
    seen = np.zeros((QUARTERS, most + 1))
    quick = np.zeros((QUARTERS, most + 1))
    for day in days:
        joined = day.waiting.joined
        joined = joined[(joined >= day.opens) & (joined <= day.closes)]
        alone = day.waiting.count_before(joined) == 0
        busy = _busy(day, joined)
        taken = day.waiting.count(joined + INSTANT) < 1
        slots = np.clip(joined // 900, 0, QUARTERS - 1).astype(np.int64)
        for slot, number, at_once in zip(
            slots[alone].tolist(), busy[alone].tolist(), taken[alone].tolist(), strict=True
        ):
            place = min(int(number), most)
            seen[slot, place] += 1
            quick[slot, place] += at_once
    return _filled(seen, quick, most)


def _filled(seen: Floats, quick: Floats, most: int) -> Floats:
    planned = np.full(QUARTERS, np.nan)
    for slot in range(QUARTERS):
        asked, at_once = _around(seen, quick, slot)
        if asked.sum() < LEAST_SEEN:
            continue
        number = 0
        while number < most and asked[number] > 0 and at_once[number] >= AT_ONCE * asked[number]:
            number += 1
        planned[slot] = number
    known = np.flatnonzero(~np.isnan(planned))
    if len(known) == 0:
        return np.ones(QUARTERS)
    nearest = known[np.abs(np.arange(QUARTERS)[:, None] - known[None, :]).argmin(axis=1)]
    return np.asarray(planned[nearest])


def _around(seen: Floats, quick: Floats, slot: int) -> tuple[Floats, Floats]:
    """Return what was seen in a quarter-hour, or in as many around it as it takes."""
    for wide in range(WIDEST_PART + 1):
        part = slice(max(0, slot - wide), slot + wide + 1)
        if seen[part].sum() >= LEAST_SEEN:
            break
    return seen[part].sum(axis=0), quick[part].sum(axis=0)


def _busy(day: CrewDay, at: Floats) -> Floats:
    busy = np.zeros(len(at))
    for found in day.attendances:
        busy += np.searchsorted(found.calls, at, side="left") - np.searchsorted(
            found.ends, at, side="right"
        )
    return np.maximum(busy, 0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Events:
    """Of a day: arrivals with how many then wait, windows open and planned then; openings.

    `before` is the time of the last arrival before each opening.
    """

    joined: Floats
    waiting: Ints
    above: Ints
    room: Ints
    backs: list[float]
    before: list[float]

    def calling(self, waiting: int) -> _Calling:
        """Return the arrivals that could call a window: enough wait, and somebody is free."""
        rows = (self.waiting >= waiting) & (self.room > 0)
        return _Calling(
            joined=[*self.joined[rows].tolist(), np.inf],
            waiting=self.waiting[rows].tolist(),
            above=self.above[rows].tolist(),
            room=self.room[rows].tolist(),
            openings=list(zip(self.backs, self.before, strict=True)),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Calling:
    """Of a day: arrivals that could call a window, and a last one that never comes; openings."""

    joined: list[float]
    waiting: list[int]
    above: list[int]
    room: list[int]
    openings: list[tuple[float, float]]


def _by_the_clock(days: Sequence[CrewDay]) -> set[int]:
    """Return the five minutes of the day at which people come back by the clock, as from lunch."""
    backs = [at for day in days for found in day.attendances for at in found.back_at.tolist()]
    counts = np.bincount(np.array(backs, dtype=np.int64) // CLOCK, minlength=1)
    used = max(len(np.flatnonzero(counts)), 1)
    return set(np.flatnonzero(counts > max(LEAST_CLOCK, OFTEN * counts.sum() / used)).tolist())


def _events(day: CrewDay, planned: Floats, clocks: Container[int]) -> _Events:
    joined = day.waiting.joined
    spells = [spell for found in day.attendances for spell in found.spells]
    opened = np.sort(np.array([start for start, _ in spells]))
    closed = np.sort(np.array([end for _, end in spells]))
    still = np.searchsorted(opened, joined, side="right") - np.searchsorted(
        closed, joined, side="right"
    )
    slots = np.clip(joined // 900, 0, QUARTERS - 1).astype(np.int64)
    backs = sorted(
        at
        for found in day.attendances
        for at, number in zip(found.back_at.tolist(), found.back_waiting.tolist(), strict=True)
        if number > 0 and int(at) // CLOCK not in clocks
    )
    earlier = np.concatenate([[-np.inf], joined])
    return _Events(
        joined=joined,
        waiting=day.waiting.count(joined).astype(np.int64),
        above=np.maximum(still - planned[slots], 0).astype(np.int64),
        room=np.maximum(day.limit - still, 0).astype(np.int64),
        backs=backs,
        before=earlier[np.searchsorted(joined, np.array(backs), side="left")].tolist(),
    )


def _played(days: Sequence[_Calling], waiting: int, further: int) -> tuple[Floats, int, int]:
    """Return delays under a rule, how much it leaves unexplained, and the openings.

    A call that nobody followed for long is given up with the next arrival, whoever it is.
    """
    delays: list[float] = []
    missed = count = 0
    for day in days:
        pending: list[float] = []
        place = 0
        for at, before in day.openings:
            while day.joined[place] < at:
                now = day.joined[place]
                while pending and now - pending[0] > LATEST:
                    pending.pop(0)
                    missed += 1
                needed = waiting + further * (day.above[place] + len(pending))
                if day.waiting[place] >= needed and len(pending) < day.room[place]:
                    pending.append(now)
                place += 1
            while pending and before - pending[0] > LATEST:
                pending.pop(0)
                missed += 1
            if pending:
                delays.append(at - pending.pop(0))
            else:
                missed += 1
        count += len(day.openings)
    return np.array(delays), missed, count
