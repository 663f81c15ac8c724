"""The schedule of a day: shifts where they are believed, else what calls show; plans and limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np

from branchwise.twin.calibrate.crews import Crew
from branchwise.twin.calibrate.log import QUARTER, QUARTERS
from branchwise.twin.calibrate.model import Hours
from branchwise.twin.calibrate.steps import (
    Spells,
    by_quarter,
    distinct,
    steps_of,
    with_comings,
    without,
)
from branchwise.twin.scenario import Step

BELIEVED = 0.75
"""A shift is believed where its server was there for so much of it; else the calls are."""


def spells_of(
    crew: Crew, on: date, shifts: Mapping[tuple[date, int], Spells], hours: Hours
) -> tuple[list[tuple[int, Spells]], int, int]:
    """Return post and spells of each server of a day; how many by shift, and how many in all."""
    found: list[tuple[int, Spells]] = []
    seen = crew.servers.get(on, ())
    attendances = crew.days[on].attendances if on in crew.days else ()
    believed = 0
    for server, attendance in zip(seen, attendances, strict=True):
        shift = shifts.get((on, server), ())
        if not crew.breaks_hold:
            shift = _whole(shift)
        if crew.rule is not None:
            own = shift or _whole(attendance.spells)
        elif _overlap(attendance.possible, shift, hours) < BELIEVED:
            shift, own = (), attendance.spells
        else:
            own = shift if crew.breaks_hold else _common(shift, attendance.possible)
        believed += bool(shift)
        found.append((crew.post_of[server], own))
    if crew.rule is not None:
        most = max(day.limit for day in crew.days.values())
        idle = [
            server
            for (day, server) in shifts
            if day == on and server in crew.post_of and server not in seen
        ]
        for server in idle[: max(most - len(seen), 0)]:
            own = shifts[on, server]
            found.append((crew.post_of[server], own if crew.breaks_hold else _whole(own)))
    return found, believed, len(seen)


def _common(one: Spells, other: Spells) -> Spells:
    """Return the time that two lists of spells have in common."""
    cut = ((max(start, since), min(end, until)) for start, end in one for since, until in other)
    return tuple((start, end) for start, end in cut if end > start)


def _whole(spells: Spells) -> Spells:
    return ((spells[0][0], spells[-1][1]),) if spells else ()


def _overlap(by_calls: Spells, shift: Spells, hours: Hours) -> float:
    """Return the share of a shift, within hours, in which the server was there."""
    both = total = 0.0
    for start, end in shift:
        low, high = max(start, hours.opens), min(end, hours.closes)
        total += max(high - low, 0.0)
        both += sum(max(min(high, off) - max(low, on), 0.0) for on, off in by_calls)
    return both / total if total > 0 else 0.0


def fill(
    crew: Crew,
    spells: Sequence[tuple[int, Spells]],
    hours: Hours,
    opened: dict[str, tuple[Step, ...]],
    limits: dict[str, tuple[Step, ...]],
) -> None:
    """Write down the steps of each post of a crew for a day."""
    present = {
        place: steps_of([spell for post, own in spells if post == place for spell in own], hours)
        for place in range(len(crew.posts))
    }
    if crew.rule is None:
        opened.update({crew.posts[place].name: steps for place, steps in present.items()})
        return
    if crew.absent.any():
        present = without(present, crew.absent)
    left = crew.planned.copy()
    for place in reversed(range(len(crew.posts))):
        plan = np.minimum(left, np.round(by_quarter(present[place], 0, QUARTERS)))
        left = left - plan
        name = crew.posts[place].name
        steps = distinct(
            [
                Step(at_second=float(max(slot * QUARTER, hours.opens)), count=int(count))
                for slot, count in enumerate(plan.tolist())
                if (slot + 1) * QUARTER > hours.opens and slot * QUARTER < hours.ends
            ]
        )
        opened[name] = with_comings(steps, present[place]) if crew.serves_on_coming else steps
        opened[name] = (*opened[name], Step(at_second=hours.ends, count=0))
        limits[name] = present[place]
