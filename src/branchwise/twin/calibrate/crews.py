"""Servers who work together: crews that share a main queue, and the posts within them.

Servers who share their main queue are a *crew*; within it those who serve the same queues are a
*post*, which becomes a station. Windows on call (`on_call`) are recognised crew by crew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

import numpy as np

from branchwise.twin.calibrate.log import QUARTER, QUARTERS, Floats, Ints, Log
from branchwise.twin.calibrate.model import Hours, OnCall, Post
from branchwise.twin.calibrate.on_call import (
    CrewDay,
    OpeningRule,
    absent_count,
    is_on_call,
    opening_rule,
    planned_count,
)
from branchwise.twin.calibrate.presence import (
    Attendance,
    Waiting,
    attendance_of,
    leaving,
    services_by_server,
)
from branchwise.twin.calibrate.routing import Queues
from branchwise.twin.calibrate.steps import Spells
from branchwise.twin.scenario import StationKind

COMING, MOSTLY = 60.0, 0.5
"""Seconds within which somebody who comes serves; share of the windows beyond the plan, which
enough customers wait for, that do."""
SLACK, REFUTED = 120.0, 0.15
"""Breaks in which people called customers, so far inside, on a larger share of the days, are not
believed."""
SMALL_POST = 0.02
"""A post with a smaller share of its crew's calls is counted with the one most like it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Crew:
    """Servers who share a main queue: posts, days, and how they are called.

    Attributes
    ----------
    posts : tuple of Post
        Stations.
    post_of : mapping of int to int
        Place in `posts` by server.
    days : mapping of date to CrewDay
        What was seen.
    rule : OpeningRule or None
        Of windows on call.
    planned : array, shape (96,)
        Windows open in any case, where there is a rule.
    absent : array, shape (96,)
        Of those on duty, away from windows on call.
    breaks_hold : bool
        Whether people keep to the breaks of their shifts.
    serves_on_coming : bool
        Whether windows on call serve who waits when their people come: at opening, after lunch.
    """

    posts: tuple[Post, ...]
    post_of: Mapping[int, int]
    days: Mapping[date, CrewDay]
    servers: Mapping[date, tuple[int, ...]]
    rule: OpeningRule | None
    planned: Floats
    absent: Floats
    breaks_hold: bool = True
    serves_on_coming: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Counter:
    """Steps at the counter, with the queue of each; `days` holds both day by day."""

    steps: Log
    codes: Ints
    queues: Queues
    days: tuple[tuple[Log, Ints], ...]

    @classmethod
    def of(cls, steps: Log, codes: Ints, queues: Queues) -> Counter:
        """Return the steps at the counter, day by day besides."""
        rows = [np.flatnonzero(steps.day == number) for number in range(len(steps.dates))]
        days = tuple((steps.where(of_day), codes[of_day]) for of_day in rows)
        return cls(steps=steps, codes=codes, queues=queues, days=days)


def members_by_queue(counter: Counter) -> dict[int, list[int]]:
    """Return servers by the queue in which they serve most."""
    found: dict[int, list[int]] = {}
    servers = counter.steps.server
    for server in range(len(servers.names)):
        served = counter.codes[servers.codes == server]
        if len(served):
            main = int(np.bincount(served, minlength=len(counter.queues.names)).argmax())
            found.setdefault(main, []).append(server)
    return dict(sorted(found.items()))


def crew_of(
    counter: Counter, members: Sequence[int], main: int, hours: Mapping[int, Hours]
) -> Crew:
    """Return the servers of a main queue as a crew: its posts, its days, and how it is called.

    Parameters
    ----------
    counter : Counter
        Steps at the counter.
    members : sequence of int
        Servers.
    main : int
        The queue that they share.
    hours : mapping of int to Hours
        By weekday.
    """
    steps, names = counter.steps, counter.queues.names
    groups = _groups(steps, counter.queues, members, main)
    days: dict[date, CrewDay] = {}
    servers: dict[date, tuple[int, ...]] = {}
    for number, on in enumerate(steps.dates):
        found = _crew_day(counter, number, members, main, hours[on.isoweekday()])
        if found is not None:
            days[on], servers[on] = found
    listed = list(days.values())
    rule, planned = None, np.zeros(QUARTERS)
    if is_on_call(listed):
        planned = planned_count(listed, max(day.limit for day in listed))
        rule = opening_rule(listed, planned)
    kinds = steps.kind.taken(np.isin(steps.server.codes, members)).texts()
    return Crew(
        posts=tuple(
            Post(
                name="+".join(names[queue] for queue in (main, *sorted(served - {main}))),
                kind=_kind(kinds),
                crew=names[main],
                queues=tuple(names[queue] for queue in sorted(served)),
                on_call=_on_call(rule),
            )
            for served in groups
        ),
        post_of={server: place for place, group in enumerate(groups.values()) for server in group},
        days=days,
        servers=servers,
        rule=rule,
        planned=planned,
        absent=np.zeros(QUARTERS),
    )


def _groups(
    steps: Log, queues: Queues, members: Sequence[int], main: int
) -> dict[frozenset[int], list[int]]:
    """Return the servers of each post, those who serve fewest queues first."""
    calls = np.bincount(
        steps.server.codes[steps.server.codes >= 0], minlength=len(steps.server.names)
    )
    found: dict[frozenset[int], list[int]] = {}
    for server in members:
        served = queues.serves.get(steps.server.names[server], frozenset()) | {main}
        found.setdefault(frozenset(served), []).append(server)
    whole = sum(int(calls[server]) for server in members)
    while len(found) > 1:
        sizes = {key: sum(int(calls[server]) for server in group) for key, group in found.items()}
        least = min(sizes, key=lambda key: (sizes[key], sorted(key)))
        if sizes[least] >= SMALL_POST * whole:
            break
        group = found.pop(least)
        like = max(found, key=lambda key: (len(key & least) / len(key | least), sizes[key]))
        found[like] += group
    return dict(sorted(found.items(), key=lambda item: (len(item[0]), sorted(item[0]))))


def _crew_day(
    counter: Counter, number: int, members: Sequence[int], main: int, hours: Hours
) -> tuple[CrewDay, tuple[int, ...]] | None:
    """Return a crew's day and who served on it; None where nobody did."""
    day, codes = counter.days[number]
    served = services_by_server(day, np.isin(day.server.codes, members))
    if not served:
        return None
    serves = counter.queues.serves
    waiting: dict[frozenset[int], Waiting] = {}
    leaves = leaving(day)
    attendances: list[Attendance] = []
    for server, (calls, ends) in served.items():
        key = serves.get(day.server.names[server], frozenset()) | {main}
        if key not in waiting:
            theirs = np.isin(codes, list(key))
            waiting[key] = Waiting.of(day.queued[theirs], leaves[theirs])
        attendances.append(attendance_of(calls, ends, waiting[key], hours.opens, hours.closes))
    found = CrewDay(
        attendances=tuple(attendances),
        waiting=Waiting.of(day.queued[codes == main], leaves[codes == main]),
        limit=len(attendances),
        opens=hours.opens,
        closes=hours.closes,
    )
    return found, tuple(served)


def judged(
    crew: Crew, shifts: Mapping[tuple[date, int], Spells], hours: Mapping[int, Hours]
) -> Crew:
    """Note whether the breaks of shifts are kept, and how windows on call begin."""
    broken = breaks = 0
    more = asked = 0.0
    for on, day in crew.days.items():
        opens = hours[on.isoweekday()].opens
        for server, found in zip(crew.servers[on], day.attendances, strict=True):
            for (_, start), (end, _) in pairwise(shifts.get((on, server), ())):
                inside = (found.calls > start + SLACK) & (found.calls < end - SLACK)
                breaks += 1
                broken += bool(inside.any())
        waiting = min(float(day.waiting.count_before(np.array([opens]))[0]), len(day.attendances))
        planned = float(crew.planned[int(opens // QUARTER)])
        at_once = sum(bool((found.calls <= opens + COMING).any()) for found in day.attendances)
        if waiting > planned:
            asked += waiting - planned
            more += max(at_once - planned, 0.0)
    absent = crew.absent
    holds = broken <= REFUTED * breaks
    if crew.rule is not None and not (holds and breaks):
        absent = absent_count(list(crew.days.values()), crew.rule, crew.planned)
    return replace(
        crew,
        absent=absent,
        breaks_hold=holds,
        serves_on_coming=crew.rule is not None and asked > 0 and more >= MOSTLY * asked,
    )


def _kind(kinds: Sequence[str]) -> StationKind:
    known: tuple[StationKind, ...] = ("counter", "advice", "call", "lobby")
    return max(known, key=list(kinds).count)


def _on_call(rule: OpeningRule | None) -> OnCall | None:
    if rule is None:
        return None
    return OnCall(
        waiting=rule.waiting,
        further=rule.further,
        delay=rule.delay.law,
        delay_error=rule.delay.mean_error / max(rule.delay.mean, 1e-9),
    )
