"""The strips beneath the plan: how many wait in each queue, and who serves when, over the day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from branchwise.report.drawing import FULL, PERCENT, drawing, element, line, path
from branchwise.twin.frames import Frames

TENTHS, HOUR = 10, 3600
QUEUE_HEIGHT, LANE_HEIGHT = 34, 8
ROOM = 4.0


@dataclass(frozen=True, slots=True)
class Strips:
    """Draws the strips of a day; positions are percent of its span.

    Parameters
    ----------
    frames : Frames
        The day.
    """

    frames: Frames

    @property
    def tenths(self) -> float:
        """Length of the day in tenths of a second."""
        start, end = self.frames["span"]
        return (end - start) * TENTHS

    @property
    def most(self) -> int:
        """The most customers waiting in one queue."""
        return max((max(changes[1::2], default=0) for changes in self.frames["waiting"]), default=0)

    def longest(self, queue: int) -> int:
        """Return the most customers waiting in a queue."""
        return max(self.frames["waiting"][queue][1::2], default=0)

    def hours(self) -> list[tuple[float, str]]:
        """Return the full hours of the day and where they are."""
        start, end = self.frames["span"]
        first = -int(-start // HOUR)
        return [
            (round(PERCENT * (hour * HOUR - start) / (end - start), 2), f"{hour % 24}:00")
            for hour in range(first, int(end // HOUR) + 1)
        ]

    def queue(self, number: int) -> Markup:
        """Draw how many wait in a queue."""
        changes = self.frames["waiting"][number]
        corners: list[tuple[float, float]] = [(0.0, float(PERCENT))]
        at, count = 0, 0
        for since, following in zip(changes[::2], changes[1::2], strict=True):
            at += since
            corners += [
                (self._across(at), self._up(count)),
                (self._across(at), self._up(following)),
            ]
            count = following
        corners += [(float(PERCENT), self._up(count)), (float(PERCENT), float(PERCENT))]
        return drawing(
            *self._grid(), path(corners, "crowd", closed=True), css="strip", height=QUEUE_HEIGHT,
            aria_hidden="true",
        )  # fmt: skip

    def station(self, number: int) -> Markup:
        """Draw a line for each server of a station: on duty, serving, out of order."""
        servers = [len(station["servers"]) for station in self.frames["stations"]]
        first, count = sum(servers[:number]), servers[number]
        marks = list(self._grid())
        for lane in range(count):
            server = first + lane
            for spells, css in (
                (self._spells("open", server), "duty"),
                (self._services(server), "work"),
                (self._spells("down", server), "broken"),
            ):
                marks.append(self._lane(spells, (lane + 0.5) / count, css))
        return drawing(
            *marks, css="strip lanes", height=max(count, 1) * LANE_HEIGHT, aria_hidden="true"
        )

    def _grid(self) -> Iterator[Markup]:
        for at, _ in self.hours():
            yield line(at, 0, at, PERCENT, "grid")

    def _lane(self, spells: Sequence[tuple[int, int]], at: float, css: str) -> Markup:
        if not spells:
            return Markup("")
        level = round(PERCENT * at, 2)
        drawn = "".join(
            f"M{self._across(begin):g} {level:g}H{self._across(end):g}" for begin, end in spells
        )
        return element(
            "svg",
            element("path", d=drawn, class_=css),
            viewBox=f"0 0 {PERCENT} {PERCENT}",
            preserveAspectRatio="none",
            width=FULL,
            height=FULL,
        )

    def _spells(self, kind: str, server: int) -> list[tuple[int, int]]:
        spells = self.frames["open"] if kind == "open" else self.frames["down"]
        return [(begin, begin + length) for found, begin, length in spells if found == server]

    def _services(self, server: int) -> list[tuple[int, int]]:
        found = []
        for _, _, _, entered, to_ticket, _, _, *steps in self.frames["customers"]:
            at = entered + to_ticket
            for step in steps:
                called = at + step[3] + step[4]
                at = called + step[5] + step[6]
                if step[1] == server:
                    found.append((called, at))
        return found

    def _across(self, tenths: int) -> float:
        return round(PERCENT * tenths / self.tenths, 2)

    def _up(self, count: int) -> float:
        return round(PERCENT - (PERCENT - ROOM) * count / max(self.most, 1), 2)
