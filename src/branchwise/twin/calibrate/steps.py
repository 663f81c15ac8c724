"""Steps of a day: how many are on duty from which second on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from branchwise.twin.calibrate.log import QUARTER, QUARTERS, Floats
from branchwise.twin.calibrate.model import Hours
from branchwise.twin.calibrate.presence import open_count
from branchwise.twin.scenario import Step

Spells = tuple[tuple[float, float], ...]
MOMENT = 1.0
"""How long somebody who comes on duty is open without being called [s]."""
NEAR_CLOSING = 900.0
"""Whoever is there so close to closing stays until the last customer [s]."""


def mean_steps(days: Sequence[Sequence[Step]], hours: Hours) -> tuple[Step, ...]:
    """Return the steps of a day on which as many are on duty as on the mean of some days.

    Numbers are whole: what rounding takes from a quarter-hour is given to the next. Who is there
    at closing stays until the last customer.

    Examples
    --------
    >>> one, two = [Step(at_second=0, count=1)], [Step(at_second=0, count=2)]
    >>> hours = Hours(opens=0.0, closes=3600.0, ends=4000.0)
    >>> [step.count for step in mean_steps([one, two], hours)]
    [2, 1, 2, 1, 0]
    """
    first, last = int(hours.opens // QUARTER), int(np.ceil(hours.closes / QUARTER))
    total = np.zeros(max(last - first, 0))
    for steps in days:
        total += by_quarter(steps, first, last)
    mean = total / max(len(days), 1)
    carried, found = 0.0, []
    for place, value in enumerate(mean.tolist()):
        count = int(np.floor(value + carried + 0.5))
        carried += value - count
        at = float(max(hours.opens, (first + place) * QUARTER))
        found.append(Step(at_second=at, count=count))
    return distinct([*found, Step(at_second=float(hours.ends), count=0)])


def by_quarter(steps: Sequence[Step], first: int, last: int) -> Floats:
    """Return the mean number on duty in each quarter-hour."""
    bounds = np.arange(first, last + 1) * float(QUARTER)
    if not steps:
        return np.zeros(last - first)
    at = np.array([step.at_second for step in steps])
    count = np.array([step.count for step in steps], dtype=np.float64)
    points = np.unique(np.concatenate([bounds, at]))
    points = points[(points >= bounds[0]) & (points <= bounds[-1])]
    place = np.searchsorted(at, points[:-1], side="right") - 1
    number = np.where(place >= 0, count[np.maximum(place, 0)], 0.0)
    weights = np.diff(points) * number
    slots = ((points[:-1] - bounds[0]) // QUARTER).astype(np.int64)
    return np.bincount(slots, weights=weights, minlength=last - first) / QUARTER


def steps_of(spells: Sequence[tuple[float, float]], hours: Hours) -> tuple[Step, ...]:
    """Return the steps of spells of duty, within the hours of the day.

    Examples
    --------
    >>> hours = Hours(opens=0.0, closes=3600.0, ends=4000.0)
    >>> [(step.at_second, step.count) for step in steps_of([(-60.0, 3500.0)], hours)]
    [(0.0, 1), (4000.0, 0)]
    """
    clipped = [
        (max(start, hours.opens), hours.ends if end >= hours.closes - NEAR_CLOSING else end)
        for start, end in spells
    ]
    at, count = open_count([(start, end) for start, end in clipped if end > start])
    return tuple(
        Step(at_second=float(when), count=int(number))
        for when, number in zip(at.tolist(), count.tolist(), strict=True)
    )


def distinct(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Return steps without those that change nothing."""
    kept: list[Step] = []
    for step in steps:
        if not kept or kept[-1].count != step.count:
            kept.append(step)
    return tuple(kept)


def number_at(steps: Sequence[Step], times: Floats) -> Floats:
    """Return the number on duty at some times."""
    if not steps:
        return np.zeros(len(times))
    at = np.array([step.at_second for step in steps])
    count = np.array([0, *(step.count for step in steps)], dtype=np.float64)
    return np.asarray(count[np.searchsorted(at, times, side="right")])


def with_comings(plan: Sequence[Step], limit: Sequence[Step]) -> tuple[Step, ...]:
    """Return a plan in which everybody who comes on duty is there for a moment.

    Who then finds somebody waiting serves, and goes on while anybody waits; who finds nobody is
    on call from then on.

    Examples
    --------
    >>> plan = [Step(at_second=0, count=1)]
    >>> limit = [Step(at_second=0, count=3), Step(at_second=60, count=2)]
    >>> [(step.at_second, step.count) for step in with_comings(plan, limit)]
    [(0, 3), (1.0, 1)]
    """
    at = np.array([step.at_second for step in plan])
    found: dict[float, int] = {step.at_second: step.count for step in plan}
    before = 0
    for step in limit:
        place = int(np.searchsorted(at, step.at_second, side="right")) - 1
        planned = plan[place].count if place >= 0 else 0
        if step.count > before and step.count > planned:
            found[step.at_second] = max(planned, min(step.count, planned + step.count - before))
            found.setdefault(step.at_second + MOMENT, planned)
        before = step.count
    return tuple(Step(at_second=second, count=found[second]) for second in sorted(found))


def without(present: Mapping[int, tuple[Step, ...]], absent: Floats) -> dict[int, tuple[Step, ...]]:
    """Return who is at the windows: of the posts with most people some are away."""
    bounds = np.arange(QUARTERS) * float(QUARTER)
    times = np.unique(
        np.concatenate([bounds, *([step.at_second for step in own] for own in present.values())])
    )
    counts = {place: number_at(own, times) for place, own in present.items()}
    away = absent[np.clip(times // QUARTER, 0, QUARTERS - 1).astype(np.int64)]
    for number, missing in enumerate(away.astype(np.int64).tolist()):
        for _ in range(missing):
            largest = max(counts, key=lambda place: counts[place][number])
            counts[largest][number] = max(counts[largest][number] - 1, 0)
    return {
        place: distinct(
            [
                Step(at_second=float(at), count=int(count))
                for at, count in zip(times.tolist(), own.tolist(), strict=True)
                if at >= min((step.at_second for step in present[place]), default=0.0)
            ]
        )
        for place, own in counts.items()
    }
