"""The last unknown: by how much a crew is faster or slower than its parts say.

Laws, schedules and patience are read off one by one; small errors of each (pauses that nobody
wrote down, a window that was manned for part of an hour) add up in the waits, which magnify them.
So the days of the calibration are simulated with the customers who really came and the people who
were really there, and one number a crew, the speed at which its services go, is chosen such that
as many wait on the mean as were seen to wait (indirect inference [1]_). It should be near 1: a
speed far from it says that a part is wrong, and is told.

References
----------
.. [1] Gourieroux, Monfort and Renault (1993), Indirect inference, J. Appl. Econom. 8,
   doi:10.1002/jae.3950080507.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from branchwise.core.randomness import derived_seed
from branchwise.twin.calibrate.assemble import scenario_of, work_of
from branchwise.twin.calibrate.log import QUARTER, QUARTERS, Floats, Ints, Log
from branchwise.twin.calibrate.model import Estimates, Post, Speed
from branchwise.twin.calibrate.parts import Sight, turned_round
from branchwise.twin.calibrate.presence import Waiting
from branchwise.twin.run import simulate
from branchwise.twin.scenario import Given, Scenario

MOST_DAYS = 40
"""Days that are simulated; of more, evenly spread ones."""
TIMES = 2
"""Times that each is simulated."""
STEPS = 3
ELASTICITY = 4.0
"""By how many per cent more wait where services take one per cent longer, to begin with."""
SPREAD, MOST = 0.08, 0.25
"""Standard deviation of the logarithm of speeds before anything is known, and the greatest."""
LEAST_WAITING = 0.01
"""Mean number waiting below which nothing can be learned."""
LEAST_NOISE, LEAST_MOVE = 0.03, 0.01
LEAST_DAYS = 5
SEED = 20_260_301


def tuned(estimates: Estimates, sight: Sight) -> Estimates:
    """Return estimates with the speed of each crew that makes the seen number wait.

    Parameters
    ----------
    estimates : Estimates
        The parts, with speeds of 1.
    sight : Sight
        The log that they were read off.
    """
    crews = _crews(estimates.posts)
    if len(estimates.duties) < LEAST_DAYS or not crews:
        return estimates
    days = np.unique(
        np.linspace(0, len(estimates.duties) - 1, min(MOST_DAYS, len(estimates.duties))).astype(int)
    ).tolist()
    given = [_given(sight, day) for day in days]
    seen = _seen(sight, crews, days)
    weeks = np.array([(estimates.duties[day].on.toordinal() - 1) // 7 for day in days])
    used = [crew for crew in crews if seen[crew].mean() >= LEAST_WAITING]
    tried: list[tuple[dict[str, float], dict[str, Floats]]] = []
    speeds = dict.fromkeys(crews, 0.0)
    for _ in range(STEPS):
        with_these = {crew: Speed(value=float(np.exp(speeds[crew]))) for crew in crews}
        found = _simulated(with_speeds(estimates, with_these), crews, days, given)
        tried.append((dict(speeds), found))
        for crew in used:
            speeds[crew] = _next(crew, tried, seen[crew], weeks)
        if all(abs(speeds[crew] - tried[-1][0][crew]) < LEAST_MOVE for crew in used):
            break
    chosen = {crew: _speed(crew, tried, seen[crew], speeds[crew], weeks) for crew in used}
    return with_speeds(estimates, chosen)


def with_speeds(estimates: Estimates, speeds: Mapping[str, Speed]) -> Estimates:
    """Return estimates whose posts have the speed of their crew."""
    posts = tuple(
        replace(post, speed=speeds[post.crew]) if post.crew in speeds else post
        for post in estimates.posts
    )
    return replace(estimates, posts=posts)


def _crews(posts: Sequence[Post]) -> dict[str, tuple[str, ...]]:
    """Return the main queue of each crew."""
    return {post.crew: (post.crew,) for post in posts if post.crew}


Tried = Sequence[tuple[Mapping[str, float], Mapping[str, Floats]]]


def _next(crew: str, tried: Tried, seen: Floats, weeks: Ints) -> float:
    """Return the logarithm of the speed to try next.

    Where the logarithm of the number waiting is a straight line in that of the speed, it is the
    most likely one, given that speeds lie about 1.
    """
    speed, found = tried[-1]
    now, level = speed[crew], _level(found[crew])
    slope, (noise, _) = _slope(crew, tried), _noise(found[crew], seen, weeks)
    wanted = _level(seen) - level + slope * now
    best = (slope * wanted / noise**2) / (slope**2 / noise**2 + 1 / SPREAD**2)
    return float(np.clip(best, -MOST, MOST))


def _level(waiting: Floats) -> float:
    return float(np.log(max(float(waiting.mean()), 1e-3)))


def _noise(found: Floats, seen: Floats, weeks: Ints) -> tuple[float, float]:
    """Return the relative standard error of simulated less seen, and its deviation between weeks.

    Days of a week go wrong together: who is ill, which machine is down.
    """
    apart = (found - seen) / max(float(seen.mean()), 1e-6)
    places, sizes = np.unique(weeks, return_inverse=True, return_counts=True)[1:]
    means = np.bincount(places, weights=apart) / sizes
    rest = float(np.square(apart - means[places]).sum()) / max(len(apart) - len(sizes), 1)
    between = 0.0
    if len(sizes) > 1:
        excess = (sizes * np.square(means - apart.mean())).sum() - rest * (len(sizes) - 1)
        between = max(float(excess) / (len(apart) - float(np.square(sizes).sum()) / len(apart)), 0)
    error = np.sqrt(rest / len(apart) + between / len(sizes))
    return float(max(error, LEAST_NOISE)), float(np.sqrt(between))


def _slope(crew: str, tried: Tried) -> float:
    if len(tried) == 1:
        return -ELASTICITY
    (first, before), (last, after) = tried[0], tried[-1]
    moved = last[crew] - first[crew]
    if abs(moved) < LEAST_MOVE:
        return -ELASTICITY
    change = (_level(after[crew]) - _level(before[crew])) / moved
    return float(np.clip(change, -3 * ELASTICITY, -1.0))


def _speed(crew: str, tried: Tried, seen: Floats, speed: float, weeks: Ints) -> Speed:
    """Return a speed with the relative error that the days leave, and how much weeks differ."""
    noise, of_week = _noise(tried[-1][1][crew], seen, weeks)
    slope = _slope(crew, tried)
    return Speed(
        value=float(np.exp(speed)),
        error=float(1 / np.sqrt(slope**2 / noise**2 + 1 / SPREAD**2)),
        of_week=float(min(of_week / abs(slope), SPREAD)),
        untuned_ratio=float(tried[0][1][crew].mean() / max(float(seen.mean()), 1e-6)),
        count_days=len(seen),
    )


def _simulated(
    estimates: Estimates,
    crews: Mapping[str, tuple[str, ...]],
    days: Sequence[int],
    given: Sequence[tuple[Given, ...]],
) -> dict[str, Floats]:
    """Return the mean number waiting for each crew on each day, with the customers who came."""
    found: dict[str, list[float]] = {crew: [] for crew in crews}
    work = work_of(estimates, tickets_only=True)
    for day, customers in zip(days, given, strict=True):
        duty = estimates.duties[day]
        weekday = duty.on.isoweekday()
        scenario = _replayed(
            scenario_of(estimates, weekday, duty=duty, tickets_only=True, work=work), customers
        )
        seed = derived_seed(SEED, duty.on.isoformat())
        result = simulate(scenario, replications=TIMES, seed=seed)
        queues = scenario.queues
        for crew, names in crews.items():
            rows = [place for place, name in enumerate(queues) if name in names]
            found[crew].append(float(result.waiting[rows].sum()) / QUARTERS)
    return {crew: np.array(values) for crew, values in found.items()}


def _replayed(scenario: Scenario, customers: tuple[Given, ...]) -> Scenario:
    """Return a scenario with the customers who came in place of chance ones."""
    known = {found.name for found in scenario.classes}
    names = {found.name for found in scenario.activities}
    classes = tuple(replace(found, rates_per_hour=(), balking=None) for found in scenario.classes)
    kept = tuple(one for one in customers if one.customer_class in known and one.activity in names)
    return replace(scenario, classes=classes, given=kept, day_shape=None)


def _given(sight: Sight, day: int) -> tuple[Given, ...]:
    """Return the customers who queued at the counter on a day, as they came."""
    log = sight.log
    rows = np.flatnonzero((log.day == day) & sight.at_counter & log.is_queued & ~turned_round(log))
    rows = rows[np.argsort(log.arrived[rows], kind="stable")]
    kinds = sight.classes.kinds
    return tuple(
        Given(
            at_second=float(log.arrived[row]),
            customer_class=kinds[sight.classes.codes[row]].name,
            activity=sight.tasks.names[sight.tasks.codes[row]],
        )
        for row in rows.tolist()
    )


def _seen(
    sight: Sight, crews: Mapping[str, tuple[str, ...]], days: Sequence[int]
) -> dict[str, Floats]:
    """Return the mean number seen waiting at the beginnings of quarter-hours, by crew and day."""
    log: Log = sight.log
    known = log.is_queued & ~np.isnan(log.wait) & ~turned_round(log)
    called = np.where(log.is_no_show, log.queued + sight.waits, log.called)
    left = np.where(np.isnan(called), log.gone, called)
    places = {name: place for place, name in enumerate(sight.queues.names)}
    bounds = np.arange(0.0, QUARTERS * QUARTER, QUARTER)
    found: dict[str, Floats] = {}
    for crew, queues in crews.items():
        own = known & np.isin(
            sight.queues.codes, [places[name] for name in queues if name in places]
        )
        rows = [np.flatnonzero(own & (log.day == day)) for day in days]
        each = [Waiting.of(log.queued[of_day], left[of_day]) for of_day in rows]
        counts = [float(waiting.count_before(bounds).sum()) / QUARTERS for waiting in each]
        found[crew] = np.array(counts)
    return found
