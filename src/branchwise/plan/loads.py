"""How much work a scenario brings to groups of people, quarter-hour by quarter-hour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from branchwise.optimise.model import Demand, Slots
from branchwise.optimise.solvers.offered_load import slot_loads
from branchwise.twin.kernel.indexing import law_of_service
from branchwise.twin.scenario import Scenario, Station
from branchwise.twin.workload import expected_customers, visits_by_class

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
QUARTER, QUARTERS = 900.0, 96
PEOPLE = frozenset({"counter", "advice", "lobby", "call"})
POINTS, VALUES = 10, 20
AFTER_LAST = 8
"""Quarter-hours after the last customer for which services may still go on."""
AFTER_OPENING = 2.0
"""Seconds after a quarter-hour's beginning at which its duty is read: a window on call that is
open at once stands as one that is on duty for a second."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Group:
    """Queues that share people, and those people.

    Attributes
    ----------
    queues, stations : tuple of str
        Names, in order of the scenario.
    load : array, shape (96,)
        Modified offered load by quarter-hour of the day [Erlang]: how many would be busy if
        nobody had to wait.
    planned, present : array, shape (96,)
        Servers on duty; and those on call besides.
    """

    queues: tuple[str, ...]
    stations: tuple[str, ...]
    load: Floats
    planned: Counts
    present: Counts


def groups_of(scenario: Scenario) -> tuple[Group, ...]:
    """Return the groups of queues that people serve, in order of their first queue.

    Examples
    --------
    >>> from branchwise.twin.example import corner_branch
    >>> group = groups_of(corner_branch())[0]
    >>> group.stations, round(float(group.load.max()), 1), int(group.planned[36])
    (('counter',), 1.1, 2)
    """
    people = [one for one in scenario.stations if one.kind in PEOPLE]
    left = [queue for queue in scenario.queues if any(one.serves(queue) for one in people)]
    found = []
    while left:
        queues = _joined(left[0], people)
        found.append(_group(scenario, queues, people))
        left = [queue for queue in left if queue not in queues]
    return tuple(found)


def group_of(scenario: Scenario, station: str) -> Group | None:
    """Return the group to which a station of people belongs; None if there is no such station.

    Examples
    --------
    >>> from branchwise.twin.example import corner_branch
    >>> group_of(corner_branch(), "counter").queues
    ('counter',)
    """
    people = [one for one in scenario.stations if one.kind in PEOPLE]
    served = [one.tiers[0][0] for one in people if one.name == station]
    return _group(scenario, _joined(served[0], people), people) if served else None


def _group(scenario: Scenario, queues: set[str], people: list[Station]) -> Group:
    stations = [one for one in people if any(one.serves(queue) for queue in queues)]
    names = tuple(queue for queue in scenario.queues if queue in queues)
    return Group(
        queues=names,
        stations=tuple(one.name for one in stations),
        load=offered_load_of(scenario, names, stations),
        planned=sum_of([on_duty(one) for one in stations]),
        present=sum_of([present(one) for one in stations]),
    )


def on_duty(station: Station) -> Counts:
    """Return the servers on duty at the beginning of each quarter-hour, shape (96,)."""
    return _counts(station, planned=True)


def present(station: Station) -> Counts:
    """Return the servers on duty or on call at the beginning of each quarter-hour, shape (96,)."""
    both = [_counts(station, planned=planned) for planned in (False, True)]
    return np.asarray(np.maximum(*both))


def sum_of(counts: list[Counts]) -> Counts:
    """Return the sum of numbers by quarter-hour."""
    return np.asarray(np.sum([np.zeros(QUARTERS, dtype=np.int64), *counts], axis=0))


def offered_load_of(scenario: Scenario, queues: tuple[str, ...], stations: list[Station]) -> Floats:
    """Return the modified offered load of queues by quarter-hour of the day, shape (96,) [Erlang].

    Service times are pooled over classes and activities; people asked for besides are not in it.

    Parameters
    ----------
    scenario : Scenario
        The branch, on its mean day.
    queues : tuple of str
        Which queues.
    stations : list of Station
        Who serves them.

    References
    ----------
    Jennings, Mandelbaum, Massey and Whitt (1996), Management Science 42, 1383-1394,
    doi:10.1287/mnsc.42.10.1383.
    """
    visits = visits_by_class(scenario)
    rates, seconds, weights = np.zeros(QUARTERS), [], []
    customers = expected_customers(scenario)
    for place, kind in enumerate(scenario.classes):
        own = _by_quarter(kind.rates_per_hour, scenario)
        for number, activity in enumerate(scenario.activities):
            often = float(visits[place, number])
            if activity.queue not in queues or often <= 0:
                continue
            rates += own * often
            serving = [one for one in stations if one.serves(activity.queue)]
            laws = [(law_of_service(activity, kind, one), one.speed) for one in serving]
            law, speed = next(((law, speed) for law, speed in laws if law), (None, 1.0))
            if law is not None:
                shares = (np.arange(POINTS) + 0.5) / POINTS
                values = law.quantile(shares) * kind.pace / speed
                seconds.append(values * law.mean * kind.pace / speed / max(values.mean(), 1e-9))
                weights.append(np.full(POINTS, often * float(customers[place])))
    if not seconds or not rates.any():
        return np.zeros(QUARTERS)
    used = np.flatnonzero(rates)
    first, last = int(used[0]), min(int(used[-1]) + 1 + AFTER_LAST, QUARTERS)
    demand = Demand(
        name="group",
        rates_per_hour=tuple(rates[first:last].tolist()),
        service_seconds=_pooled(np.concatenate(seconds), np.concatenate(weights)),
    )
    load = np.zeros(QUARTERS)
    slots = Slots(first_second=first * QUARTER, count=last - first, seconds=QUARTER)
    load[first:last] = slot_loads(demand, slots)
    return load


def _pooled(seconds: Floats, weights: Floats) -> tuple[float, ...]:
    """Return equally likely values of a weighted sample, of the same mean."""
    order = np.argsort(seconds, kind="stable")
    seconds, weights = seconds[order], weights[order]
    middle = (np.cumsum(weights) - weights / 2) / weights.sum()
    values = np.interp((np.arange(VALUES) + 0.5) / VALUES, middle, seconds)
    mean = float(seconds @ weights / weights.sum())
    return tuple((values * mean / max(values.mean(), 1e-9)).tolist())


def _by_quarter(rates: tuple[float, ...], scenario: Scenario) -> Floats:
    """Return customers per hour by quarter-hour of the day."""
    found = np.zeros(QUARTERS)
    begins = np.arange(QUARTERS) * QUARTER
    for place, rate in enumerate(rates):
        since = scenario.rates_start_second + place * scenario.slot_seconds
        until = since + scenario.slot_seconds
        both = np.minimum(begins + QUARTER, until) - np.maximum(begins, since)
        found += rate * np.clip(both, 0, None) / QUARTER
    return found


def _joined(queue: str, people: list[Station]) -> set[str]:
    queues, grown = {queue}, set[str]()
    while grown != queues:
        grown = set(queues)
        for one in people:
            served = {queue for tier in one.tiers for queue in tier}
            queues |= served if served & queues else set()
    return queues


def _counts(station: Station, *, planned: bool) -> Counts:
    plan = station.open
    if not planned and station.flexible is not None:
        plan = station.flexible.limit
    at = np.arange(QUARTERS) * QUARTER + AFTER_OPENING
    places = np.searchsorted([step.at_second for step in plan], at, side="right")
    return np.array([0, *(step.count for step in plan)], dtype=np.int64)[places]
