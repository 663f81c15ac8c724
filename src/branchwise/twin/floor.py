"""A branch's own floor: places for a scenario's servers among its zones, fixtures and devices."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from branchwise.twin.plan import (
    Box,
    Place,
    Plan,
    Point,
    Shape,
    around,
    corners,
    middle,
    side_by_side,
    spots_in,
)
from branchwise.twin.reading import MACHINES
from branchwise.twin.scenario import Scenario, Station

Row = Mapping[str, object]
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
DEVICE: tuple[float, float] = (0.9, 0.6)
EDGE, ROW = 0.6, 1.2
REACH = 0.65
"""Metres from a window or machine to its customer."""
ZONES_OF: Mapping[str, tuple[str, ...]] = {
    "counter": ("cash_counter", "low_counter", "corporate", "vip"),
    "advice": ("advice", "vip"),
    "lobby": ("guide", "entrance"),
    "call": ("back_office",),
    "smart_counter": ("smart_counter", "self_service"),
    "atm": ("self_service", "smart_counter"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """Rows of ``zone``, ``fixture`` and ``device`` of one branch.

    Attributes
    ----------
    zones, fixtures, devices : tuple of mapping
        Columns of the canonical tables; shapes are WKT in metres. What has no shape is left out.
    """

    zones: tuple[Row, ...]
    fixtures: tuple[Row, ...] = ()
    devices: tuple[Row, ...] = ()

    @property
    def is_drawn(self) -> bool:
        """Whether any zone has an outline."""
        return any(points_of(row.get("outline_wkt")) for row in self.zones)


def points_of(wkt: object) -> tuple[Point, ...]:
    """Return the points of a WKT shape (of a polygon its outer ring); empty if it is none.

    Examples
    --------
    >>> points_of("POLYGON ((0 0, 2 0, 2 1, 0 0))")
    ((0.0, 0.0), (2.0, 0.0), (2.0, 1.0), (0.0, 0.0))
    >>> points_of(None)
    ()
    """
    if not isinstance(wkt, str):
        return ()
    numbers = [float(found) for found in NUMBER.findall(wkt.split(")", 1)[0])]
    return tuple(zip(numbers[::2], numbers[1::2], strict=False))


def floor_plan(
    floor: Floor, scenario: Scenario, servers: Sequence[int], people: Sequence[int]
) -> Plan:
    """Find places on a branch's floor.

    A server takes the window (``fixture.station``) or machine (``device_id``) of its name, else the
    next free one of a fitting zone, else any place in such a zone.

    Parameters
    ----------
    floor : Floor
        With at least one outlined zone.
    scenario : Scenario
        The branch.
    servers, people : sequence of int
        The most servers of each station, the most customers waiting in each queue.
    """
    known = [point for row in floor.zones for point in points_of(row.get("outline_wkt"))]
    _, top, _, deep = around(known)
    left = around(known)[0]
    drawn = _Drawn(floor, left, top + deep)
    hall = drawn.zone("waiting") or (0.0, deep * 0.3, around(known)[2], deep * 0.4)
    kiosks = drawn.kiosks(scenario.entrance.machines, middle(hall))
    places = [
        place
        for station, count in zip(scenario.stations, servers, strict=True)
        for place in drawn.places(station, count, middle(hall))
    ]
    boxes = side_by_side(_clear(hall, places), [4.0 + count for count in people])
    return Plan(
        width=around(known)[2],
        depth=deep,
        is_schematic=False,
        zones=drawn.zones,
        things=drawn.things(),
        door=drawn.door(),
        kiosks=kiosks,
        servers=tuple(places),
        queues=tuple(spots_in(box, count) for box, count in zip(boxes, people, strict=True)),
    )


def _clear(hall: Box, places: Sequence[Place]) -> Box:
    """Return the part of a hall that is free of those who are being served at its far end."""
    left, top, wide, deep = hall
    inside = [
        y for x, y in (place.stand for place in places)
        if left <= x <= left + wide and top <= y <= top + deep / 3
    ]  # fmt: skip
    begins = max([top + EDGE, *(y + ROW for y in inside)])
    return left + EDGE, begins, max(wide - 2 * EDGE, 1.0), max(top + deep - begins - EDGE, 1.0)


class _Drawn:
    """Shapes of a floor with the far wall on top, and which windows and machines are taken."""

    def __init__(self, floor: Floor, left: float, bottom: float) -> None:
        kinds = {row.get("zone_id"): str(row["kind"]) for row in floor.zones}

        def shapes(rows: Sequence[Row], kind: str, wkt: str, label: str) -> list[Shape]:
            found = [
                Shape(
                    kind=str(row[kind]),
                    label=str(row[label]) if row.get(label) else None,
                    points=tuple((x - left, bottom - y) for x, y in points_of(row.get(wkt))),
                    zone=kinds.get(row.get("zone_id"), ""),
                )
                for row in rows
            ]
            return [shape for shape in found if shape.points]

        self.zones = tuple(shapes(floor.zones, "kind", "outline_wkt", "name"))
        self._fixtures = shapes(floor.fixtures, "kind", "outline_wkt", "station")
        self._devices = shapes(floor.devices, "device_kind", "location_wkt", "device_id")
        self._grid: dict[str, int] = {}

    def zone(self, *kinds: str) -> Box | None:
        """Return the box of the first zone of these kinds."""
        for kind in kinds:
            for shape in self.zones:
                if shape.kind == kind:
                    return around(shape.points)
        return None

    def door(self) -> Point:
        doors = [shape for shape in self._fixtures if shape.kind == "door"]
        if doors:
            return middle(around(doors[0].points))
        left, top, wide, deep = self.zone("entrance") or around(self.zones[0].points)
        return left + wide / 2, top + deep

    def kiosks(self, count: int, hall: Point) -> tuple[Point, ...]:
        machines = [shape for shape in self._devices if shape.kind == "ticket_machine"][:count]
        self._devices = [shape for shape in self._devices if shape not in machines]
        taken = [_stand(_sized(around(shape.points)), hall) for shape in machines]
        across, along = self.door()
        last = taken[-1] if taken else (across, along - 1.6)
        more = [(last[0] + 1.2 * (n + 1), last[1]) for n in range(count - len(taken))]
        return (*taken, *more)

    def places(self, station: Station, count: int, hall: Point) -> list[Place]:
        boxes = [self._box(station, member) for member in range(count)]
        return [Place(box=box, stand=_stand(box, hall)) for box in boxes]

    def _box(self, station: Station, member: int) -> Box:
        name = station.members[member] if member < len(station.members) else None
        is_machine = station.kind in MACHINES
        pool = self._devices if is_machine else self._fixtures
        kind = station.kind if is_machine else "counter_window"
        free = [shape for shape in pool if shape.kind == kind]
        wanted = ZONES_OF[station.kind]
        fitting = [shape for shape in free if shape.zone in wanted]
        chosen = next(iter([*(s for s in free if s.label == name), *fitting, *free]), None)
        if chosen is None:
            return self._corner(station.kind)
        pool.remove(chosen)
        return _sized(around(chosen.points))

    def _corner(self, kind: str) -> Box:
        """Return the next place of a row in a fitting zone, for servers that are not drawn."""
        left, top, wide, deep = self.zone(*ZONES_OF[kind]) or around(self.zones[0].points)
        number = self._grid.get(kind, 0)
        self._grid[kind] = number + 1
        columns = max(1, int(wide / 1.4))
        row, column = divmod(number, columns)
        return _sized((left + 0.7 + 1.4 * column, top + min(0.8 + 1.5 * row, deep), 0.0, 0.0))

    def things(self) -> tuple[Shape, ...]:
        """Return what nobody serves at, once the servers have their places."""
        devices = [
            Shape(kind="device", label=None, points=corners(_sized(around(shape.points))))
            for shape in self._devices
        ]
        return (*self._fixtures, *devices)


def _sized(box: Box) -> Box:
    left, top, wide, deep = box
    if wide > 0 and deep > 0:
        return box
    across, along = left + wide / 2, top + deep / 2
    return across - DEVICE[0] / 2, along - DEVICE[1] / 2, *DEVICE


def _stand(box: Box, hall: Point) -> Point:
    """Return where the customer stands: at the long side that faces the hall."""
    across, along = middle(box)
    _, _, wide, deep = box
    if wide >= deep:
        return across, along + (deep / 2 + REACH) * (1 if hall[1] >= along else -1)
    return across + (wide / 2 + REACH) * (1 if hall[0] >= across else -1), along
