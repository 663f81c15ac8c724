"""Plans of duty changed within a stretch of the day, by whole people and machines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

from branchwise.twin.scenario import Scenario, Station, Step

MINUTE, DAY = 60.0, 86400.0
Stretch = tuple[float, float]


def stretch_of(window: tuple[int, int] | None, scenario: Scenario) -> Stretch:
    """Return a window of the day in seconds, cut to the branch's open hours.

    Parameters
    ----------
    window : tuple of int or None
        From and until, minutes after midnight; None: all day.
    scenario : Scenario
        The branch; people stay until its `ends_second`.

    Examples
    --------
    >>> from branchwise.twin.example import corner_branch
    >>> stretch_of((480, 600), corner_branch()), stretch_of(None, corner_branch())
    ((32400.0, 36000.0), (32400.0, 64800.0))
    """
    first, last = window or (0, round(DAY / MINUTE))
    since = max(first * MINUTE, scenario.opens_second)
    return since, max(min(last * MINUTE, scenario.ends_second), since)


def count_at(steps: tuple[Step, ...], second: float) -> int:
    """Return how many are on duty at a second of the day.

    Examples
    --------
    >>> count_at((Step(at_second=100.0, count=2),), 99.0)
    0
    """
    return next((step.count for step in reversed(steps) if step.at_second <= second), 0)


def with_counts(
    steps: tuple[Step, ...],
    stretch: Stretch,
    count: Callable[[int, float], int],
    also: tuple[float, ...] = (),
) -> tuple[Step, ...]:
    """Return a plan of duty with other numbers within a stretch of the day.

    Parameters
    ----------
    steps : tuple of Step
        The plan.
    stretch : tuple of float
        First and last second; at the last the old plan holds again.
    count : callable
        The new number of an old one, and of the second from which it holds.
    also : tuple of float
        Further seconds at which the new number may change.

    Examples
    --------
    >>> plan = (Step(at_second=0.0, count=2),)
    >>> [(step.at_second, step.count)
    ...  for step in with_counts(plan, (10.0, 20.0), lambda old, _: old + 1)]
    [(0.0, 2), (10.0, 3), (20.0, 2)]
    """
    first, last = stretch
    if first >= last:
        return steps
    inside = {at for at in also if first < at < last}
    ends = {first, last} if last < DAY else {first}
    times = sorted({step.at_second for step in steps} | ends | inside)
    found: list[Step] = []
    for at in times:
        old = count_at(steps, at)
        new = max(count(old, at), 0) if first <= at < last else old
        if (found and found[-1].count == new) or (not found and new == 0):
            continue
        found.append(Step(at_second=at, count=new))
    return tuple(found) or (Step(at_second=first, count=0),)


def with_station(scenario: Scenario, name: str, change: Callable[[Station], Station]) -> Scenario:
    """Return a scenario with one of its stations changed; the scenario itself if it has none."""
    stations = tuple(change(one) if one.name == name else one for one in scenario.stations)
    return replace(scenario, stations=stations)


def servers_moved(station: Station, stretch: Stretch, added: int) -> Station:
    """Return a station with servers more, or fewer, on duty and among those on call.

    Nobody is taken away where nobody is; a window on call stays one.

    Examples
    --------
    >>> from branchwise.twin.example import corner_branch
    >>> after = servers_moved(corner_branch().stations[0], (36000.0, 39600.0), 1)
    >>> [step.count for step in after.open], [step.count for step in after.flexible.limit]
    ([2, 3, 2, 1, 2], [3, 4, 3])
    """
    opened = with_counts(station.open, stretch, lambda old, _: old + added)
    flexible = station.flexible
    if flexible is not None:
        limit = with_counts(flexible.limit, stretch, lambda old, _: old + added)
        flexible = replace(flexible, limit=limit)
    return replace(station, open=opened, flexible=flexible)


def hours_open(steps: tuple[Step, ...], stretch: Stretch) -> float:
    """Return the hours of duty of a plan within a stretch of the day.

    Examples
    --------
    >>> hours_open((Step(at_second=0.0, count=2), Step(at_second=3600.0, count=1)), (0.0, 7200.0))
    3.0
    """
    first, last = stretch
    bounds = sorted(
        {first, last, *(one.at_second for one in steps if first < one.at_second < last)}
    )
    return sum(count_at(steps, since) * (until - since) for since, until in pairwise(bounds)) / 3600
