"""Draws of the parameters from what the data leave open, for intervals that say so.

Rates and times to failure are drawn from gamma laws, means of laws and scales from lognormal
laws with their standard errors, shares from Dirichlet laws over the counted rows; the schedule is
that of a day of the calibration, drawn at random. Statistical error is one half of what is unknown
about a day; the other half, the chance of the day itself, is the simulation's [1]_.

References
----------
.. [1] Barton, Nelson and Xie (2014), Quantifying input uncertainty via simulation confidence
   intervals, INFORMS J. Comput. 26, doi:10.1287/ijoc.2013.0548.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from branchwise.core.randomness import stream
from branchwise.twin.calibrate.assemble import (
    duties_like,
    scenario_of,
    with_scaled_patience,
)
from branchwise.twin.calibrate.fitting import stretched
from branchwise.twin.calibrate.log import Floats
from branchwise.twin.calibrate.model import (
    Asking,
    Breakdowns,
    Calibration,
    Duty,
    Estimates,
    Group,
    OnCall,
    Post,
    Rates,
    Task,
)
from branchwise.twin.scenario import Scenario

PRIOR = 0.5
"""Added to counted rows: Jeffreys' prior."""
WIDEST = 1.0
"""No relative error is taken to be larger."""


def perturbed(
    calibration: Calibration, draw: int, seed: int, *, iso_weekday: int | None = None
) -> Scenario:
    """Return a scenario whose parameters are one draw from their sampling distribution.

    Parameters
    ----------
    calibration : Calibration
        Of :func:`calibrate`.
    draw : int
        Number of the draw: the same number gives the same parameters.
    seed : int
        Seed of all draws.
    iso_weekday : int, optional
        1 to 7; the mean open day by default.

    Returns
    -------
    Scenario
        With the schedule of one of the days of that weekday.
    """
    estimates = perturbed_estimates(calibration.estimates, draw, seed)
    weekday = iso_weekday or 0
    duty = drawn_duty(estimates, weekday, stream(seed, "duty", draw, weekday))
    return scenario_of(estimates, iso_weekday, duty=duty)


def drawn_duty(estimates: Estimates, weekday: int, chance: np.random.Generator) -> Duty:
    """Return the schedule of one of the days of a weekday."""
    days = duties_like(estimates, weekday)
    return days[int(chance.integers(len(days)))]


def drawn_duties(
    estimates: Estimates, days: Sequence[date], chance: np.random.Generator
) -> list[Duty]:
    """Return schedules for some days: those of whole weeks of the calibration, drawn at random.

    Who is ill on Tuesday is ill on Wednesday: schedules of a week belong together. A weekday that
    is missing in the week drawn gets the schedule of another day of that weekday.
    """
    weeks: dict[tuple[int, int], dict[int, Duty]] = {}
    for duty in estimates.duties:
        year, week, weekday = duty.on.isocalendar()
        weeks.setdefault((year, week), {})[weekday] = duty
    listed = list(weeks.values())
    chosen: dict[tuple[int, int], dict[int, Duty]] = {}
    found = []
    for on in days:
        year, week, weekday = on.isocalendar()
        if (year, week) not in chosen:
            chosen[year, week] = listed[int(chance.integers(len(listed)))]
        own = chosen[year, week].get(weekday)
        found.append(own or drawn_duty(estimates, weekday, chance))
    return found


def perturbed_estimates(estimates: Estimates, draw: int, seed: int) -> Estimates:
    """Return estimates drawn from their sampling distribution; schedules and hours stay."""
    chance = stream(seed, "perturbed", draw)
    speeds = {post.crew: post.speed.error for post in estimates.posts}
    factors = {crew: _lognormal(error, chance) for crew, error in speeds.items()}
    return replace(
        estimates,
        rates=_rates(estimates.rates, chance),
        groups=tuple(_group(group, chance) for group in estimates.groups),
        tasks=tuple(_task(task, chance) for task in estimates.tasks),
        posts=tuple(_post(post, factors[post.crew], chance) for post in estimates.posts),
    )


def of_a_week(estimates: Estimates, chance: np.random.Generator) -> Estimates:
    """Return estimates of one week: in it classes come more or less, crews are faster or slower."""
    rates = estimates.rates
    spread = np.sqrt(np.log1p(rates.week_variance))
    factors = np.exp(spread * chance.normal(size=len(spread)) - spread**2 / 2)
    speeds = {post.crew: post.speed.of_week for post in estimates.posts}
    faster = {crew: _lognormal(of_week, chance) for crew, of_week in speeds.items()}
    posts = (
        replace(post, speed=replace(post.speed, value=post.speed.value * faster[post.crew]))
        for post in estimates.posts
    )
    return replace(
        estimates,
        rates=replace(rates, per_hour=rates.per_hour * factors[:, None, None]),
        posts=tuple(posts),
    )


def of_a_day(estimates: Estimates, chance: np.random.Generator) -> Estimates:
    """Return estimates with the pace of one day: services take longer on some days than others."""
    if estimates.day_pace <= 0:
        return estimates
    factor = float(np.exp(estimates.day_pace * chance.normal() - estimates.day_pace**2 / 2))
    groups = tuple(replace(group, pace=group.pace * factor) for group in estimates.groups)
    return replace(estimates, groups=groups)


def _rates(rates: Rates, chance: np.random.Generator) -> Rates:
    cells = _gamma(rates.shape_error, chance)
    levels = _gamma(rates.level_error, chance)
    drawn = rates.per_hour * cells
    before = rates.per_hour.sum(axis=2, keepdims=True)
    after = drawn.sum(axis=2, keepdims=True)
    drawn = drawn * np.where(after > 0, before / np.maximum(after, 1e-12), 1.0)
    spread = rates.overdispersion_error * chance.normal()
    return replace(
        rates,
        per_hour=drawn * levels[:, :, None],
        overdispersion=max(rates.overdispersion + spread, 0.0),
    )


def _gamma(error: Floats, chance: np.random.Generator) -> Floats:
    """Return draws of mean 1 with a coefficient of variation each."""
    shape = 1 / np.square(np.clip(error, 1e-6, WIDEST))
    return np.asarray(np.where(error > 0, chance.gamma(shape) / shape, 1.0))


def _lognormal(error: float, chance: np.random.Generator) -> float:
    return float(np.exp(min(error, WIDEST) * chance.normal()))


def _group(group: Group, chance: np.random.Generator) -> Group:
    counts = np.array(list(group.mix.values()), dtype=np.float64)
    shares = chance.dirichlet(counts + PRIOR) if len(counts) > 1 else np.ones(len(counts))
    whole = int(counts.sum()) or 1
    mix = {
        name: max(round(share * whole * 1000), 1)
        for name, share in zip(group.mix, shares.tolist(), strict=True)
    }
    turned, came = group.turned_round
    drawn = chance.beta(turned + PRIOR, came - turned + PRIOR) if turned else 0.0
    changed = replace(
        group,
        mix=mix,
        pace=group.pace * _lognormal(group.pace_error, chance),
        turned_round=(round(drawn * 1_000_000), 1_000_000) if turned else (0, came),
    )
    return with_scaled_patience(changed, _lognormal(group.patience.scale_error, chance))


def _task(task: Task, chance: np.random.Generator) -> Task:
    times = tuple(
        replace(time, law=stretched(time.law, _lognormal(time.error, chance)))
        for time in task.times
    )
    ways = tuple(replace(way, count=_count(way.count, task.count, chance)) for way in task.ways)
    asking = tuple(_asking(asked, task.count, chance) for asked in task.asking)
    return replace(task, times=times, ways=ways, asking=asking, count=max(task.count, 1) * 1000)


def _asking(asked: Asking, whole: int, chance: np.random.Generator) -> Asking:
    hold = stretched(asked.hold, _lognormal(asked.hold_error, chance))
    return replace(asked, count=_count(asked.count, whole, chance), hold=hold)


def _count(count: int, whole: int, chance: np.random.Generator) -> int:
    """Return rows out of a thousand times the whole, drawn about the share."""
    if count >= whole:
        return max(whole, 1) * 1000
    share = chance.beta(count + PRIOR, max(whole - count, 0) + PRIOR)
    return round(share * max(whole, 1) * 1000)


def _post(post: Post, factor: float, chance: np.random.Generator) -> Post:
    return replace(
        post,
        speed=replace(post.speed, value=post.speed.value * factor),
        on_call=_on_call(post.on_call, chance) if post.on_call else None,
        breakdowns=_breakdowns(post.breakdowns, chance) if post.breakdowns else None,
    )


def _on_call(found: OnCall, chance: np.random.Generator) -> OnCall:
    return replace(found, delay=stretched(found.delay, _lognormal(found.delay_error, chance)))


def _breakdowns(found: Breakdowns, chance: np.random.Generator) -> Breakdowns:
    between = float(1 / _gamma(np.array([found.between_error]), chance)[0])
    return replace(
        found,
        between=stretched(found.between, between),
        repair=stretched(found.repair, _lognormal(found.repair_error, chance)),
    )
