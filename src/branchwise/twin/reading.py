"""What a day's trace says of its customers, queues and servers: tickets, first steps, names."""

from __future__ import annotations

from typing import Any

import numpy as np

from branchwise.twin.scenario import Scenario, StationKind
from branchwise.twin.trace import CUSTOMER_OUTCOMES, Ints, Trace

MACHINES: tuple[StationKind, ...] = ("smart_counter", "atm")
LETTERS = 26
NINE_IN_TEN = 0.9
SERVED, ABANDONED, BALKED, SENT_AWAY = map(
    CUSTOMER_OUTCOMES.index, ("served", "abandoned", "balked", "sent_away")
)


def ticket_numbers(trace: Trace) -> list[str | None]:
    """Return what stands on each customer's ticket: the queue's letter and a number of the day.

    Who balked has none.

    Examples
    --------
    >>> from branchwise.twin.example import corner_branch
    >>> from branchwise.twin.trace import trace
    >>> sorted(filter(None, ticket_numbers(trace(corner_branch(), seed=1))))[:3]
    ['A001', 'A002', 'A003']
    """
    queues = first_queues(trace)
    numbers: list[str | None] = [None] * len(queues)
    drawn = [0] * len(trace.scenario.queues)
    for customer in np.argsort(trace.ticket, kind="stable"):
        queue = int(queues[customer])
        if queue >= 0:
            drawn[queue] += 1
            numbers[customer] = f"{queue_letter(queue)}{drawn[queue]:03d}"
    return numbers


def queue_letter(queue: int) -> str:
    """Return the letter of a queue's tickets: A to Z, then AA.

    Examples
    --------
    >>> queue_letter(0), queue_letter(27)
    ('A', 'AB')
    """
    more, place = divmod(queue, LETTERS)
    return (queue_letter(more - 1) if more else "") + chr(ord("A") + place)


def first_queues(trace: Trace) -> Ints:
    """Return the number of the first queue of each customer, -1 of who joined none."""
    steps = first_steps(trace)
    queue = queues_of_steps(trace)
    return np.where(steps >= 0, np.append(queue, -1)[steps], -1)


def first_steps(trace: Trace) -> Ints:
    """Return the row of each customer's first step, -1 of who took none."""
    found = np.full(len(trace.customer_class), -1)
    order = np.argsort(trace.step_queued, kind="stable")[::-1]
    found[trace.step_customer[order]] = order
    return found


def queues_of_steps(trace: Trace) -> Ints:
    """Return the number of the queue of each step."""
    names = {name: place for place, name in enumerate(trace.scenario.queues)}
    of_activity = [names[activity.queue] for activity in trace.scenario.activities]
    return np.array(of_activity, dtype=np.int64)[trace.step_activity]


def queue_kinds(scenario: Scenario) -> dict[str, StationKind]:
    """Return the kind of station that each queue is for: of those of its best tier the first.

    Examples
    --------
    >>> from branchwise.twin.example import corner_branch
    >>> queue_kinds(corner_branch())
    {'counter': 'counter', 'machine': 'smart_counter'}
    """
    ranked = {
        queue: sorted(
            (tier, place)
            for place, station in enumerate(scenario.stations)
            for tier, names in enumerate(station.tiers)
            if queue in names
        )
        for queue in scenario.queues
    }
    return {
        queue: scenario.stations[found[0][1]].kind if found else "counter"
        for queue, found in ranked.items()
    }


def member_name(scenario: Scenario, station: int, member: int) -> str:
    """Return the name of a server: as the scenario says, else the station's with a number.

    Examples
    --------
    >>> from branchwise.twin.example import corner_branch
    >>> member_name(corner_branch(), 0, 1)
    'counter 2'
    """
    found = scenario.stations[station]
    return found.members[member] if member < len(found.members) else f"{found.name} {member + 1}"


def server_counts(trace: Trace) -> list[int]:
    """Return how many servers each station ever has: by its plan, its limit, and its work."""
    counts = []
    for number, station in enumerate(trace.scenario.stations):
        steps = [*station.open, *(station.flexible.limit if station.flexible else ())]
        used = trace.step_member[trace.step_station == number]
        counts.append(max(0, *(step.count for step in steps), int(used.max(initial=-1)) + 1))
    return counts


def figures(trace: Trace) -> list[dict[str, Any]]:
    """Return the day's key figures: of all, then class by class.

    A wait within the standard is one that ended with a service, as a share of those and of who
    waited longer in vain; the mean wait is over everybody who joined a queue; P90 over the served.
    """
    everybody = np.ones(len(trace.outcome), dtype=bool)
    return [
        _figures(trace, everybody, None),
        *(
            _figures(trace, trace.customer_class == number, found.name)
            for number, found in enumerate(trace.scenario.classes)
        ),
    ]


def _figures(trace: Trace, chosen: Any, name: str | None) -> dict[str, Any]:  # noqa: ANN401 - mask
    outcome, wait = trace.outcome[chosen], trace.wait[chosen]
    queued, served = wait[outcome != BALKED], wait[outcome == SERVED]
    standard = trace.scenario.standard_seconds
    late = int(((outcome != SERVED) & (outcome != BALKED) & (wait > standard)).sum())
    return {
        "class": name,
        "customers": len(outcome),
        "served": len(served),
        "abandoned": int((outcome == ABANDONED).sum()),
        "sent_away": int((outcome == SENT_AWAY).sum()),
        "balked": int((outcome == BALKED).sum()),
        "wait_mean": _number(float(queued.mean())) if len(queued) else None,
        "wait_p90": _number(float(np.quantile(served, NINE_IN_TEN))) if len(served) else None,
        "wait_longest": _number(float(queued.max())) if len(queued) else None,
        "within_standard": _number(float((served <= standard).sum() / (len(served) + late)), 4)
        if len(served) + late
        else None,
    }


def _number(value: float, digits: int = 1) -> float:
    return round(float(value), digits)
