"""Numbers for the nouns of a scenario, and the orders that follow from its rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import accumulate

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


def spans(lengths: Iterable[int]) -> list[int]:
    """Return where lists begin that lie one behind the other, and where the last one ends.

    Examples
    --------
    >>> spans([1, 0, 2])
    [0, 1, 1, 3]
    """
    return list(accumulate(lengths, initial=0))


@dataclass(slots=True)
class Book:
    """The nouns of a scenario by number; laws get theirs as they are met.

    Attributes
    ----------
    scenario : Scenario
        The branch.
    laws : dict of Law to int
        Every law met so far, by number.
    classes, activities, stations, pools, queues : dict of str to int
        Numbers of the nouns by name.
    priorities : list of int
        Priorities of all classes, the highest first.
    """

    scenario: Scenario
    laws: dict[Law, int] = field(default_factory=dict)
    classes: dict[str, int] = field(init=False)
    activities: dict[str, int] = field(init=False)
    stations: dict[str, int] = field(init=False)
    pools: dict[str, int] = field(init=False)
    queues: dict[str, int] = field(init=False)
    priorities: list[int] = field(init=False)

    def __post_init__(self) -> None:
        """Give every noun its number."""
        scenario = self.scenario
        self.classes = _numbers(found.name for found in scenario.classes)
        self.activities = _numbers(found.name for found in scenario.activities)
        self.stations = _numbers(found.name for found in scenario.stations)
        self.pools = _numbers(found.name for found in scenario.pools)
        self.queues = _numbers(scenario.queues)
        self.priorities = sorted({found.priority for found in scenario.classes}, reverse=True)

    def activity(self, name: str | None) -> int:
        """Return the number of an activity, -1 for none."""
        return NONE if name is None else self.activities[name]

    def law(self, law: Law | None) -> int:
        """Return the number of a law, -1 for none."""
        return NONE if law is None else self.laws.setdefault(law, len(self.laws))

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


def _numbers(names: Iterable[str]) -> dict[str, int]:
    return {name: place for place, name in enumerate(names)}


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


def is_general(activity: Activity) -> bool:
    """Return whether an activity takes as long for everybody everywhere."""
    services = activity.services
    return len(services) == 1 and services[0].customer_class is services[0].station is None


def law_of_service(activity: Activity, kind: CustomerClass, station: Station) -> Law | None:
    """Return how long an activity takes for a class at a station; None: it is not done there."""
    if not station.serves(activity.queue):
        return None
    law, closest = None, NONE
    for found in activity.services:
        if found.customer_class in {None, kind.name} and found.station in {None, station.name}:
            names = 2 * (found.customer_class is not None) + (found.station is not None)
            if names > closest:
                law, closest = found.law, names
    return law


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
