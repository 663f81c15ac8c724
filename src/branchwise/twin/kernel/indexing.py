"""Numbers for the nouns of a scenario, and the orders that follow from its rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from branchwise.twin.kernel.tables import quantile_row, shares_of_nodes
from branchwise.twin.laws import Law, finite_share
from branchwise.twin.scenario import (
    Activity,
    CustomerClass,
    Scenario,
    Serving,
    Station,
    Waiting,
)

Ints = npt.NDArray[np.int64]
NONE = -1


def spans(lengths: Sequence[int]) -> Ints:
    """Return where lists begin that lie one behind the other, and where the last one ends.

    Examples
    --------
    >>> spans([1, 0, 2]).tolist()
    [0, 1, 1, 3]
    """
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


@dataclass(slots=True)
class Book:
    """The nouns of a scenario by number; laws get theirs as they are met.

    Attributes
    ----------
    scenario : Scenario
        The branch.
    laws : list of Law
        Every law met so far, each once.
    """

    scenario: Scenario
    laws: list[Law] = field(default_factory=list)

    @property
    def classes(self) -> dict[str, int]:
        """Numbers of the classes."""
        return {found.name: place for place, found in enumerate(self.scenario.classes)}

    @property
    def activities(self) -> dict[str, int]:
        """Numbers of the activities."""
        return {found.name: place for place, found in enumerate(self.scenario.activities)}

    @property
    def stations(self) -> dict[str, int]:
        """Numbers of the stations."""
        return {found.name: place for place, found in enumerate(self.scenario.stations)}

    @property
    def pools(self) -> dict[str, int]:
        """Numbers of the pools."""
        return {found.name: place for place, found in enumerate(self.scenario.pools)}

    @property
    def queues(self) -> dict[str, int]:
        """Numbers of the queues."""
        return {name: place for place, name in enumerate(self.scenario.queues)}

    @property
    def priorities(self) -> list[int]:
        """Priorities of all classes, the highest first."""
        return sorted({found.priority for found in self.scenario.classes}, reverse=True)

    def activity(self, name: str | None) -> int:
        """Return the number of an activity, -1 for none."""
        return NONE if name is None else self.activities[name]

    def law(self, law: Law | None) -> int:
        """Return the number of a law, -1 for none."""
        if law is None:
            return NONE
        if law not in self.laws:
            self.laws.append(law)
        return self.laws.index(law)

    def line(self, queue: int, priority: int) -> int:
        """Return the number of the line of a priority in a queue."""
        levels = self.priorities
        return queue * len(levels) + levels.index(priority)

    def size(self, station: Station) -> int:
        """Return the most servers that a station can ever have."""
        limit = station.flexible.limit if station.flexible else ()
        start = self.scenario.start
        serving = sum(one.station == station.name for one in start.serving) if start else 0
        return max([serving, *(step.count for step in (*station.open, *limit))])

    @property
    def _starts(self) -> float:
        start = self.scenario.start
        return start.at_second if start else 0.0

    def patience_floor(self, waiting: Waiting) -> float:
        """Return the share of patience that is over when a warm start begins."""
        kind = self.scenario.classes[self.classes[waiting.customer_class]]
        queue = self.scenario.activities[self.activities[waiting.activity]].queue
        law = kind.patience_at.get(queue, kind.patience)
        return 0.0 if law is None else share_below(law, self._starts - waiting.ticket_second)

    def service_floor(self, serving: Serving) -> float:
        """Return the share of services that are shorter than this one has lasted already."""
        scenario = self.scenario
        kind = scenario.classes[self.classes[serving.customer_class]]
        activity = scenario.activities[self.activities[serving.activity]]
        station = scenario.stations[self.stations[serving.station]]
        law = law_of_service(activity, kind, station)
        seconds = (self._starts - serving.started_second) * station.speed / kind.pace
        return 0.0 if law is None else share_below(law, seconds)


def share_below(law: Law, value: float) -> float:
    """Return the share of draws below a value, as the tables draw them.

    Examples
    --------
    >>> from branchwise.twin.laws import Exponential
    >>> round(share_below(Exponential(mean=100.0), 100.0), 3)
    0.632
    """
    shares = shares_of_nodes()
    order = np.argsort(shares, kind="stable")
    found = np.interp(value, np.maximum.accumulate(quantile_row(law)[order]), shares[order])
    return float(min(found, 1 - 2.0**-30)) * finite_share(law)


def law_of_service(activity: Activity, kind: CustomerClass, station: Station) -> Law | None:
    """Return how long an activity takes for a class at a station; None: it is not done there."""
    if not station.serves(activity.queue):
        return None
    fits = [
        (2 * (found.customer_class is not None) + (found.station is not None), -place, found.law)
        for place, found in enumerate(activity.services)
        if found.customer_class in {None, kind.name} and found.station in {None, station.name}
    ]
    return max(fits, key=lambda fit: fit[:2])[2] if fits else None


def serving_order(book: Book) -> list[list[int]]:
    """Return for each queue the stations that serve it, in the order in which joiners try them."""
    orders = []
    for queue in book.scenario.queues:
        found = [
            (tier, sum(len(queues) for queues in station.tiers), place)
            for place, station in enumerate(book.scenario.stations)
            for tier, queues in enumerate(station.tiers)
            if queue in queues
        ]
        orders.append([place for _, _, place in sorted(found)])
    return orders


def ranked_lines(book: Book) -> list[list[list[int]]]:
    """Return for each station its ranks, and for each of those its lines.

    Lines of one rank (tier, then priority) compete by ticket time. Lines that no class can stand
    in are left out.
    """
    used = _lines_in_use(book)
    found = []
    for station in book.scenario.stations:
        ranks = [
            [book.line(book.queues[queue], priority) for queue in tier]
            for tier in station.tiers
            for priority in book.priorities
        ]
        kept = [[line for line in lines if line in used] for lines in ranks]
        found.append([lines for lines in kept if lines])
    return found


def _lines_in_use(book: Book) -> set[int]:
    scenario = book.scenario
    following = {
        activity.name: {route.to for route in activity.routes} for activity in scenario.activities
    }
    firsts: dict[str, set[str]] = {found.name: set(found.mix) for found in scenario.classes}
    for person in scenario.people:
        if person.activity is not None:
            firsts[person.customer_class].add(person.activity)
    used = set()
    for found in scenario.classes:
        for name in reached(firsts[found.name], following):
            queue = scenario.activities[book.activities[name]].queue
            used.add(book.line(book.queues[queue], found.priority))
    return used


def reached(firsts: set[str], following: dict[str, set[str]]) -> set[str]:
    """Return everything that can be reached from some nodes of a graph, themselves included."""
    found, new = set(firsts), set(firsts)
    while new:
        new = {name for node in new for name in following[node]} - found
        found |= new
    return found


def cyclic_activities(scenario: Scenario) -> set[str]:
    """Return the activities that a customer may come to again."""
    following = {
        activity.name: {route.to for route in activity.routes} for activity in scenario.activities
    }
    return {name for name in following if name in reached(following[name], following)}
