"""Who is on duty when: from shifts, from activity, and who only comes when called.

For each day the schedule is the one that was in force: shifts less breaks where they say when
somebody served, else the spells read off from calls (`presence`). Windows on call (`on_call`) are
no schedule: they get a plan, a limit and a rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from branchwise.core.ports import Engine
from branchwise.twin.calibrate.crews import Counter, Crew, crew_of, judged, members_by_queue
from branchwise.twin.calibrate.duties import fill, spells_of
from branchwise.twin.calibrate.log import Log
from branchwise.twin.calibrate.machines import local_midnight
from branchwise.twin.calibrate.model import Duty, Hours, Post
from branchwise.twin.calibrate.peers import Place
from branchwise.twin.calibrate.routing import Queues
from branchwise.twin.calibrate.steps import Spells
from branchwise.twin.scenario import Step

SHIFTS = """
SELECT staff_id, local_on, epoch(starts_at) AS starts, epoch(ends_at) AS ends,
  epoch(break_starts_at) AS break_starts, epoch(break_ends_at) AS break_ends
FROM shift WHERE branch_id = $branch_id AND leave_kind = 'none' AND starts_at < ends_at
ORDER BY local_on, staff_id, starts
"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Schedules:
    """Stations with people, and who was on duty on each day."""

    crews: tuple[Crew, ...]
    duties: tuple[Duty, ...]
    pause: Mapping[str, float]
    from_shifts: float

    @property
    def posts(self) -> tuple[Post, ...]:
        """All posts."""
        return tuple(post for crew in self.crews for post in crew.posts)


def schedules_of(
    engine: Engine, place: Place, log: Log, queues: Queues, hours: Mapping[int, Hours]
) -> Schedules:
    """Return who was on duty on each day of a log.

    Parameters
    ----------
    engine : Engine
        With the relation ``shift``.
    place : Place
        The branch.
    log : Log
        Steps of the days used, those at machines included.
    queues : Queues
        Of the same steps.
    hours : mapping of int to Hours
        By weekday.
    """
    people = (queues.codes >= 0) & (log.is_served | log.is_no_show | log.is_walked_out)
    counter = Counter.of(log.where(people), queues.codes[people], queues)
    shifts = shifts_of(engine, place, log)
    crews = tuple(
        judged(crew_of(counter, members, main, hours), shifts, hours)
        for main, members in members_by_queue(counter).items()
    )
    kept = total = 0
    duties = []
    for on, weekday in zip(log.dates, log.weekdays.tolist(), strict=True):
        opened: dict[str, tuple[Step, ...]] = {}
        limits: dict[str, tuple[Step, ...]] = {}
        for crew in crews:
            spells, believed, seen = spells_of(crew, on, shifts, hours[weekday])
            kept, total = kept + believed, total + seen
            fill(crew, spells, hours[weekday], opened, limits)
        duties.append(Duty(on=on, open=opened, limit=limits))
    return Schedules(
        crews=crews,
        duties=tuple(duties),
        pause={post.name: _pause(crew) for crew in crews for post in crew.posts},
        from_shifts=kept / total if total else 0.0,
    )


def shifts_of(engine: Engine, place: Place, log: Log) -> dict[tuple[date, int], Spells]:
    """Return the spells of duty by day and server, breaks taken out [s after local midnight]."""
    number = {name: place for place, name in enumerate(log.server.names)}
    present = set(log.dates)
    midnights = {on: local_midnight(place.timezone, on) for on in log.dates}
    found: dict[tuple[date, int], Spells] = {}
    for row in engine.table(SHIFTS, {"branch_id": place.branch_id}).to_pylist():
        on, server = row["local_on"], number.get(row["staff_id"])
        if on not in present or server is None:
            continue
        start, end = row["starts"] - midnights[on], row["ends"] - midnights[on]
        spells: Spells = ((start, end),)
        if row["break_starts"] is not None and row["break_ends"] is not None:
            pause = row["break_starts"] - midnights[on], row["break_ends"] - midnights[on]
            if start < pause[0] < pause[1] < end:
                spells = ((start, pause[0]), (pause[1], end))
        found[on, server] = (*found.get((on, server), ()), *spells)
    return found


def _pause(crew: Crew) -> float:
    """Return what each customer costs a server after the service, while others wait [s]."""
    parts = [found.pauses for day in crew.days.values() for found in day.attendances]
    pauses = np.concatenate([np.zeros(0), *parts])
    return float(np.maximum(pauses, 0.0).mean()) if len(pauses) else 0.0
