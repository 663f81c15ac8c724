"""A tidy floor for a scenario whose branch has no plan: counters along the far wall."""

from __future__ import annotations

from collections.abc import Sequence

from branchwise.twin.plan import Box, Place, Plan, Point, Shape, Spots, corners, spots_in
from branchwise.twin.reading import MACHINES, queue_kinds
from branchwise.twin.scenario import Scenario

WINDOW, GAP, MARGIN = 1.9, 0.9, 0.9
DESK: tuple[float, float] = (1.5, 0.7)
MACHINE: tuple[float, float] = (0.9, 0.6)
DEPTH, NARROWEST = 10.5, 14.0
COUNTERS_AT, WAITING_AT, WAITING_DEPTH, MACHINES_AT = 1.5, 3.95, 2.7, 9.05
MACHINE_QUEUES_AT, MACHINE_QUEUES_DEPTH = 7.35, 0.95
FRONT = 5.0
"""Metres at the left of the front for entrance and ticket machines."""


def schematic_plan(scenario: Scenario, servers: Sequence[int], people: Sequence[int]) -> Plan:
    """Lay out a floor: entrance and ticket machines at the left front, counters along the far wall.

    Parameters
    ----------
    scenario : Scenario
        The branch.
    servers : sequence of int
        The most servers of each station.
    people : sequence of int
        The most customers waiting in each queue.

    Examples
    --------
    >>> from branchwise.twin.example import corner_branch
    >>> plan = schematic_plan(corner_branch(), [3, 2], [8, 2])
    >>> len(plan.servers), plan.is_schematic
    (5, True)
    """
    is_machine = [station.kind in MACHINES for station in scenario.stations]
    desks = [count for count, machine in zip(servers, is_machine, strict=True) if not machine]
    machines = [count for count, machine in zip(servers, is_machine, strict=True) if machine]
    width = max(
        NARROWEST,
        2 * MARGIN + WINDOW * sum(desks) + GAP * max(len(desks) - 1, 0),
        2 * MARGIN + FRONT + WINDOW * sum(machines) + GAP * max(len(machines) - 1, 0),
    )
    places = _places(width, servers, is_machine)
    queues = _queues(scenario, width, people, places, servers)
    return Plan(
        width=width,
        depth=DEPTH,
        is_schematic=True,
        zones=_zones(width, has_machines=bool(machines)),
        things=(_wall(width),),
        door=(MARGIN + 0.7, DEPTH - 0.1),
        kiosks=tuple(_kiosk(number) for number in range(scenario.entrance.machines)),
        servers=tuple(place for station in places for place in station),
        queues=queues,
    )


def _wall(width: float) -> Shape:
    door = MARGIN + 0.7
    points = ((door - 0.8, DEPTH), (0.0, DEPTH), (0.0, 0.0), (width, 0.0))
    return Shape(kind="wall", label=None, points=(*points, (width, DEPTH), (door + 0.8, DEPTH)))


def _kiosk(number: int) -> Point:
    return MARGIN + 2.6 + 1.2 * number, DEPTH - 1.7


def _zones(width: float, *, has_machines: bool) -> tuple[Shape, ...]:
    boxes: list[tuple[str, Box]] = [
        ("back_office", (0.0, 0.0, width, COUNTERS_AT + DESK[1] / 2)),
        ("waiting", (MARGIN / 2, WAITING_AT - 0.45, width - MARGIN, WAITING_DEPTH + 0.6)),
    ]
    if has_machines:
        top = MACHINE_QUEUES_AT - 0.45
        left = MARGIN / 2 + FRONT
        boxes.append(("smart_counter", (left, top, width - MARGIN / 2 - left, DEPTH - top - 0.3)))
    return tuple(Shape(kind=kind, label=None, points=corners(box)) for kind, box in boxes)


def _places(width: float, servers: Sequence[int], is_machine: Sequence[bool]) -> list[list[Place]]:
    rows: list[list[list[Place]]] = []
    for machine, left, right in ((False, 0.0, width), (True, FRONT, width)):
        counts = [
            count for count, found in zip(servers, is_machine, strict=True) if found == machine
        ]
        used = WINDOW * sum(counts) + GAP * max(len(counts) - 1, 0)
        across = (left + right - used) / 2
        found: list[list[Place]] = []
        for count in counts:
            found.append([_place(across + WINDOW * n, machine=machine) for n in range(count)])
            across += WINDOW * count + GAP
        rows.append(found)
    desks, machines = iter(rows[0]), iter(rows[1])
    return [next(machines if machine else desks) for machine in is_machine]


def _place(left: float, *, machine: bool) -> Place:
    wide, deep = MACHINE if machine else DESK
    top = MACHINES_AT if machine else COUNTERS_AT
    across = left + WINDOW / 2
    stand = top - 0.55 if machine else top + deep + 0.6
    return Place(box=(across - wide / 2, top, wide, deep), stand=(across, stand))


def _queues(
    scenario: Scenario,
    width: float,
    people: Sequence[int],
    places: Sequence[Sequence[Place]],
    servers: Sequence[int],
) -> tuple[Spots, ...]:
    """Give each queue a strip of the hall below the servers that it waits for first."""
    kinds = queue_kinds(scenario)
    found: dict[str, Spots] = {}
    for machine in (False, True):
        names = [name for name, kind in kinds.items() if (kind in MACHINES) == machine]
        at = {name: _over(scenario, name, places, servers) for name in names}
        names.sort(key=at.__getitem__)
        waiting = dict(zip(scenario.queues, people, strict=True))
        left = FRONT + MARGIN if machine else MARGIN
        top, depth = (
            (MACHINE_QUEUES_AT, MACHINE_QUEUES_DEPTH) if machine else (WAITING_AT, WAITING_DEPTH)
        )
        weights = [4.0 + waiting[name] for name in names]
        room = width - left - MARGIN - GAP * max(len(names) - 1, 0)
        for name, weight in zip(names, weights, strict=True):
            part = room * weight / sum(weights)
            found[name] = spots_in((left, top, part, depth), waiting[name])
            left += part + GAP
    return tuple(found[name] for name in scenario.queues)


def _over(
    scenario: Scenario, queue: str, places: Sequence[Sequence[Place]], servers: Sequence[int]
) -> float:
    """Return where across the floor the servers of a queue's best tier are."""
    ranked = [
        (tier, place)
        for place, station in enumerate(scenario.stations)
        for tier, names in enumerate(station.tiers)
        if queue in names and servers[place]
    ]
    best = min((tier for tier, _ in ranked), default=0)
    across = [spot.stand[0] for tier, n in ranked if tier == best for spot in places[n]]
    return sum(across) / len(across) if across else 0.0
