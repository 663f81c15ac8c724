"""Staffing as mathematics: demand at a quantile, limits that do not contradict each other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from branchwise.core.errors import Problems, Where
from branchwise.optimise.model import (
    UNLIMITED,
    Counts,
    Demand,
    Lunch,
    Post,
    Slots,
    StaffingProblem,
    Target,
)

PLACE = "staffing"
MINUTE = 60


def clock_time(second: float) -> str:
    """Return seconds after midnight as people read a clock.

    Examples
    --------
    >>> clock_time(33300.0)
    '09:15'
    """
    minutes = round(second / MINUTE)
    return f"{minutes // MINUTE:02d}:{minutes % MINUTE:02d}"


def demand_factor(day_shape: float | None, quantile: float) -> float:
    """Return how many times the mean day's customers a day of a quantile has.

    How busy a day is multiplies the mean rates by a gamma factor of mean 1 [1]_; what is left is
    Poisson, and stays chance in the simulation.

    Parameters
    ----------
    day_shape : float or None
        Shape of the gamma law; None: all days are alike.
    quantile : float
        Share of days that are no busier, 0-1.

    References
    ----------
    .. [1] Jongbloed and Koole (2001), Applied Stochastic Models in Business and Industry 17,
       307-318, doi:10.1002/asmb.444.

    Examples
    --------
    >>> demand_factor(None, 0.8), round(demand_factor(40.0, 0.8), 3)
    (1.0, 1.13)
    """
    if day_shape is None:
        return 1.0
    from scipy.special import gammaincinv

    return float(gammaincinv(day_shape, quantile)) / day_shape


def exponential_patience(surviving: float, seconds: float) -> float:
    """Return the mean of the exponential patience that outlasts a time with a given chance [s].

    Examples
    --------
    >>> round(exponential_patience(0.9, 300.0)), exponential_patience(1.0, 300.0)
    (2847, inf)
    """
    if surviving >= 1 or seconds <= 0:
        return math.inf
    return -seconds / math.log(max(surviving, 1e-9))


def staffing_problem(
    *,
    slots: Slots,
    demands: Sequence[Demand],
    posts: Sequence[Post],
    target: Target,
    present: Sequence[int] | None = None,
    lunch: Lunch | None = None,
    day_shape: float | None = None,
    block: int = 1,
) -> StaffingProblem:
    """Return the problem of staffing a day, its limits found free of contradiction.

    Parameters
    ----------
    slots : Slots
        The day.
    demands : sequence of Demand
        Who comes on the mean day.
    posts : sequence of Post
        Who serves.
    target : Target
        What is promised; its quantile scales the demand.
    present : sequence of int, optional
        Most people at a time, one a slot; no limit by default.
    lunch : Lunch, optional
        Breaks of everybody present.
    day_shape : float, optional
        Shape of the gamma factor of days; None: all days are alike.
    block : int
        Slots for which people are planned together, 1 or more.

    Raises
    ------
    BranchwiseError
        All at once: [BW-OPT-001] contradictory limits, [BW-OPT-003] breaks that nobody can cover,
        [BW-OPT-004] a target out of its range, [BW-OPT-005] nobody comes or nobody serves.

    Examples
    --------
    >>> from branchwise.optimise.example import formula_branch
    >>> one = formula_branch()
    >>> staffing_problem(slots=one.slots, demands=one.demands, posts=one.posts, target=one.target,
    ...     day_shape=40.0).demand_factor > 1
    True
    """
    found = Problems()
    _check_target(target, found)
    if not posts or not any(sum(one.rates_per_hour) > 0 for one in demands):
        found.add("BW-OPT-005", Where(place=PLACE), demands=len(demands), posts=len(posts))
    if block < 1:
        found.add("BW-OPT-004", Where(place=PLACE, column="block"), value=block, rule="block ≥ 1")
    found.raise_if_any()
    there = np.array(present if present is not None else [UNLIMITED] * slots.count)
    for post in posts:
        _check_post(post, slots, found)
    _check_present(np.array([post.least for post in posts]), there, slots, lunch, found)
    found.raise_if_any()
    factor = demand_factor(day_shape, target.demand_quantile)
    busy = tuple(
        replace(one, rates_per_hour=tuple(rate * factor for rate in one.rates_per_hour))
        for one in demands
    )
    return StaffingProblem(
        slots=slots,
        demands=busy,
        posts=tuple(posts),
        present=tuple(int(count) for count in there),
        target=target,
        lunch=lunch,
        demand_factor=factor,
        block=block,
    )


def _check_target(target: Target, found: Problems) -> None:
    ranges = (
        ("share", target.share, 0 < target.share < 1, "0 < share < 1"),
        ("seconds", target.seconds, 0 <= target.seconds < math.inf, "seconds ≥ 0"),
        ("quantile", target.demand_quantile, 0 < target.demand_quantile < 1, "0 < quantile < 1"),
    )
    for name, value, is_good, rule in ranges:
        if not is_good:
            found.add("BW-OPT-004", Where(place=PLACE, column=name), value=value, rule=rule)


def _check_post(post: Post, slots: Slots, found: Problems) -> None:
    least, most = np.array(post.least), np.array(post.most)
    for slot in np.flatnonzero((least > most) | (most < 0))[:1]:
        found.add(
            "BW-OPT-001",
            Where(place=PLACE, column=post.name),
            time=clock_time(slots.bounds[slot]),
            least=int(least[slot]),
            most=int(most[slot]),
        )


def _check_present(
    least: Counts, there: Counts, slots: Slots, lunch: Lunch | None, found: Problems
) -> None:
    needed = least.sum(axis=0)
    for slot in np.flatnonzero(needed > there)[:1]:
        found.add(
            "BW-OPT-001",
            Where(place=PLACE, column="people"),
            time=clock_time(slots.bounds[slot]),
            least=int(needed[slot]),
            most=int(there[slot]),
        )
    if lunch is not None:
        _check_lunch(lunch, needed, there, slots, found)


def _check_lunch(
    lunch: Lunch, needed: Counts, there: Counts, slots: Slots, found: Problems
) -> None:
    """Note breaks that do not fit into their window, or leave too few of the people present."""
    first, last = max(lunch.first_slot, 0), min(lunch.last_slot, slots.count)
    spare = np.maximum(there - needed, 0)[first:last]
    people = int(there[first:last].max(initial=0))
    fits = 1 <= lunch.length <= last - first
    if fits and (people >= UNLIMITED or spare.sum() >= people * lunch.length):
        return
    found.add(
        "BW-OPT-003",
        Where(place=PLACE, column="lunch"),
        since=clock_time(slots.first_second + lunch.first_slot * slots.seconds),
        until=clock_time(slots.first_second + lunch.last_slot * slots.seconds),
        minutes=round(lunch.length * slots.seconds / MINUTE),
        people="∞" if people >= UNLIMITED else people,
        least=int(needed[first:last].max(initial=0)),
    )
