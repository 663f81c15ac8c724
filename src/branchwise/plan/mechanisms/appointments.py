"""Customers who come by appointment instead of walking in (預約)."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from branchwise.plan.mechanisms.duty import count_at
from branchwise.plan.proposal import Option
from branchwise.twin.laws import Exponential
from branchwise.twin.scenario import Appointment, Scenario

QUARTER = 900.0
Who = tuple[str, str]


def by_appointment(option: Option, scenario: Scenario) -> Scenario:
    """Let the share `amount` of a queue's customers come by appointment, evenly over the day.

    As many come as before: walk-ins are taken off by the appointments that are kept. Settings:
    ``no_show_share``, and ``early_seconds``, by which people are early; how much later they come
    is exponential of the same mean, so that on average they come on time.

    Examples
    --------
    >>> from branchwise.twin.example import corner_branch
    >>> half = Option(option_id="", branch_id="corner", intervention="appointments", amount=0.5,
    ...     target="counter", settings={"no_show_share": 0.1, "early_seconds": 300.0}, lever="")
    >>> len(by_appointment(half, corner_branch()).appointments)
    40
    """
    kept = 1 - option.settings["no_show_share"]
    early = option.settings["early_seconds"]
    expected = _expected(scenario, option.target)
    booked = {
        who: count
        for who, count in _shared_out(expected, option.amount / kept, kept).items()
        if count
    }
    times = _times(scenario, option.target, sum(booked.values()))
    if not booked or not times:
        return scenario
    people = sorted(
        ((place + 0.5) / count, who) for who, count in booked.items() for place in range(count)
    )
    expected_people = tuple(
        Appointment(
            at_second=at, customer_class=kind, activity=activity,
            no_show=1 - kept, lateness=Exponential(mean=max(early, 1.0)), early_seconds=early,
        )
        for at, (_, (kind, activity)) in zip(times, people, strict=True)
    )  # fmt: skip
    fewer = _without(scenario, {who: count * kept for who, count in booked.items()})
    return replace(fewer, appointments=(*scenario.appointments, *expected_people))


def _expected(scenario: Scenario, queue: str) -> dict[Who, float]:
    """Return the walk-ins of a mean day who first join a queue, by class and activity."""
    inside = {one.name for one in scenario.activities if one.queue == queue}
    hours = scenario.slot_seconds / 3600
    return {
        (kind.name, name): sum(kind.rates_per_hour) * hours * part / sum(kind.mix.values())
        for kind in scenario.classes
        for name, part in kind.mix.items()
        if name in inside and part > 0
    }


def _shared_out(expected: dict[Who, float], factor: float, kept: float) -> dict[Who, int]:
    """Return whole numbers in proportion, the largest remainders rounded up, none beyond all."""
    exact = {who: count * factor for who, count in expected.items()}
    found = {who: math.floor(count) for who, count in exact.items()}
    missing = round(sum(exact.values())) - sum(found.values())
    order = sorted(exact, key=lambda who: (found[who] - exact[who], who))
    for who in order[: max(missing, 0)]:
        found[who] += 1
    return {who: min(count, math.floor(expected[who] / kept)) for who, count in found.items()}


def _times(scenario: Scenario, queue: str, count: int) -> tuple[float, ...]:
    """Return times evenly over the quarter-hours in which somebody serves a queue."""
    serving = [one for one in scenario.stations if one.serves(queue)]
    plans = [one.flexible.limit if one.flexible else one.open for one in serving]
    starts = np.arange(scenario.opens_second, scenario.closes_second - QUARTER, QUARTER)
    open_at = [
        float(at) for at in starts if any(count_at(plan, float(at) + 2) > 0 for plan in plans)
    ]
    if not open_at:
        return ()
    return tuple(open_at[int((place + 0.5) * len(open_at) / count)] for place in range(count))


def _without(scenario: Scenario, taken: dict[Who, float]) -> Scenario:
    hours = scenario.slot_seconds / 3600
    classes = []
    for kind in scenario.classes:
        gone = {name: count for (owner, name), count in taken.items() if owner == kind.name}
        total = sum(kind.rates_per_hour) * hours
        if gone:
            whole = sum(kind.mix.values())
            left = {
                name: max(part / whole - gone.get(name, 0.0) / total, 0.0)
                for name, part in kind.mix.items()
            }
            staying = max(1 - sum(gone.values()) / total, 0.0)
            mix = left if sum(left.values()) > 0 else kind.mix
            rates = tuple(rate * staying for rate in kind.rates_per_hour)
            kind = replace(kind, mix=mix, rates_per_hour=rates)  # noqa: PLW2901 - the same, fewer
        classes.append(kind)
    return replace(scenario, classes=tuple(classes))
