"""Where things are on a floor: a bank's own plan, or a tidy one laid out for a scenario.

Lengths are metres; x goes to the right, y from the far wall (top) towards the front.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

Point = tuple[float, float]
Box = tuple[float, float, float, float]
"""Left, top, width and depth."""

SPACING = 0.95
SMALLEST_SPACING = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Something drawn on the floor: a zone, a wall, a door, a desk, a free window."""

    kind: str
    label: str | None
    points: tuple[Point, ...]
    zone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a server is: its box, and where its customer stands."""

    box: Box
    stand: Point


@dataclass(frozen=True, slots=True, kw_only=True)
class Spots:
    """Places to wait in rows, the front row first, each row from the left."""

    left: float
    top: float
    columns: int
    spacing: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A floor with a place for everybody.

    Attributes
    ----------
    width, depth : float
        Size [m].
    is_schematic : bool
        Laid out because no plan of the branch is known.
    zones, things : tuple of Shape
        What is drawn.
    door : tuple of float
        Where people come and go.
    kiosks : tuple of tuple of float
        Where people stand at the ticket machines.
    servers : tuple of Place
        Of each station in turn, as many as it can have.
    queues : tuple of Spots
        Of each queue.
    """

    width: float
    depth: float
    is_schematic: bool
    zones: tuple[Shape, ...]
    things: tuple[Shape, ...]
    door: Point
    kiosks: tuple[Point, ...]
    servers: tuple[Place, ...]
    queues: tuple[Spots, ...]


def corners(box: Box) -> tuple[Point, ...]:
    """Return the corners of a box.

    Examples
    --------
    >>> corners((0, 0, 2, 1))
    ((0, 0), (2, 0), (2, 1), (0, 1))
    """
    left, top, width, depth = box
    return (
        (left, top),
        (left + width, top),
        (left + width, top + depth),
        (left, top + depth),
    )


def middle(box: Box) -> Point:
    """Return the middle of a box."""
    left, top, width, depth = box
    return left + width / 2, top + depth / 2


def around(points: Sequence[Point]) -> Box:
    """Return the smallest box around points.

    Examples
    --------
    >>> around([(1, 1), (3, 2)])
    (1, 1, 2, 1)
    """
    across, along = [x for x, _ in points], [y for _, y in points]
    return min(across), min(along), max(across) - min(across), max(along) - min(along)


def spots_in(box: Box, people: int) -> Spots:
    """Return places for so many people in a box, closer together where it is crowded.

    Examples
    --------
    >>> spots_in((0, 0, 6, 3), 4).columns
    6
    """
    left, top, width, depth = box
    spacing = SPACING
    while spacing > SMALLEST_SPACING and _room(width, depth, spacing) < people:
        spacing *= 0.94
    columns = max(1, math.floor(width / spacing))
    return Spots(left=left, top=top, columns=columns, spacing=min(spacing, width / columns))


def side_by_side(box: Box, shares: Sequence[float], gap: float = 0.5) -> list[Box]:
    """Cut a box into boxes beside each other, as wide as their shares.

    Examples
    --------
    >>> side_by_side((0, 0, 9, 1), [1, 1], gap=1)
    [(0, 0, 4.0, 1), (5.0, 0, 4.0, 1)]
    """
    left, top, width, depth = box
    usable = max(width - gap * (len(shares) - 1), width / 2)
    boxes = []
    for share in shares:
        part = usable * share / sum(shares)
        boxes.append((left, top, part, depth))
        left += part + gap
    return boxes


def _room(width: float, depth: float, spacing: float) -> int:
    return math.floor(width / spacing) * math.floor(depth / spacing)
