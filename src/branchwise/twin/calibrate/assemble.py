"""Scenarios put together from the estimates of a branch."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from branchwise.core.errors import Where, failure
from branchwise.twin.calibrate.fitting import stretched, with_pause
from branchwise.twin.calibrate.log import QUARTER, Floats
from branchwise.twin.calibrate.model import Calibration, Duty, Estimates, Group, Post, Task
from branchwise.twin.calibrate.steps import MOMENT, by_quarter, mean_steps
from branchwise.twin.scenario import (
    Activity,
    Balking,
    CustomerClass,
    Failures,
    Flexible,
    Pool,
    Request,
    Route,
    Scenario,
    ServiceLaw,
    Station,
    Step,
)

MEAN_DAY = 0
LEAST_VARIANCE = 1e-4
LEAST_SHARE = 1e-6
WALKING_SPEED = 1.2
AFTER_ALL = 60.0
MANY_STEPS = 40
"""Steps of a day above which nobody could read, or work, a schedule."""


def scenario_for(
    calibration: Calibration, iso_weekday: int | None, *, factor: float = 1.0
) -> Scenario:
    """Return the scenario of a weekday, or of the mean open day.

    Parameters
    ----------
    calibration : Calibration
        Of :func:`calibrate`.
    iso_weekday : int or None
        1 Monday to 7 Sunday; None for the mean open day.
    factor : float
        Multiple of the usual arrivals, for a day known to differ (`peers.factor_on`).

    Returns
    -------
    Scenario
        With the usual schedule of such days.

    Raises
    ------
    BranchwiseError
        [BW-CAL-006] if the branch was never open on that weekday.
    """
    return scenario_of(calibration.estimates, iso_weekday, factor=factor)


def scenario_of(
    estimates: Estimates,
    iso_weekday: int | None,
    *,
    duty: Duty | None = None,
    tickets_only: bool = False,
    factor: float = 1.0,
    work: Work | None = None,
) -> Scenario:
    """Put a scenario together.

    Parameters
    ----------
    estimates : Estimates
        The parts.
    iso_weekday : int or None
        1 to 7; None for the mean open day.
    duty : Duty, optional
        Who is on duty; by default as is usual on that weekday.
    tickets_only : bool
        Leave the machines out; who comes back from them draws tickets like everybody else. Such
        a scenario can be compared with the log of a queue machine.
    factor : float
        Multiple of the usual arrivals.
    work : Work, optional
        Of estimates with the same activities (`work_of`), where many scenarios are put together.

    Raises
    ------
    BranchwiseError
        [BW-CAL-006] if there is no such day.
    """
    weekday = _known(estimates, iso_weekday)
    hours = estimates.hours[weekday]
    work = work or work_of(estimates, tickets_only=tickets_only)
    on_duty = duty or usual_duty(estimates, weekday)
    posts = [post for post in estimates.posts if work.queues & set(post.queues)]
    turns = _turns(posts, on_duty)
    rates = factor * estimates.rates.per_hour[:, weekday]
    variance = estimates.rates.overdispersion
    return Scenario(
        name="today" if iso_weekday is None else f"weekday_{iso_weekday}",
        branch_id=estimates.branch_id,
        opens_second=hours.opens,
        closes_second=hours.closes,
        ends_second=hours.ends,
        classes=tuple(
            _class(group, rates[place] * _kept(group, tickets_only=tickets_only))
            for place, group in enumerate(estimates.groups)
            if group.name in work.classes
        ),
        activities=work.activities,
        stations=tuple(
            _station(post, on_duty, work.queues, hours.ends, turns.get(post.name)) for post in posts
        ),
        pools=_pools(estimates, work.pools, on_duty),
        slot_seconds=float(QUARTER),
        day_shape=1 / variance if variance > LEAST_VARIANCE else None,
        standard_seconds=estimates.standard_seconds,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What is done, whatever the day: the part of scenarios that days have in common.

    Attributes
    ----------
    classes, queues : frozenset of str
        Names of those that are used.
    activities : tuple of Activity
        What customers come for.
    pools : tuple of str
        Who is asked.
    """

    classes: frozenset[str]
    queues: frozenset[str]
    activities: tuple[Activity, ...]
    pools: tuple[str, ...]


def work_of(estimates: Estimates, *, tickets_only: bool = False) -> Work:
    """Return what is done; with `tickets_only` without the machines, see `scenario_of`."""
    used = [group for group in estimates.groups if not (tickets_only and group.is_machine)]
    tasks = _tasks(estimates, used)
    return Work(
        classes=frozenset(group.name for group in used),
        queues=frozenset(task.queue for task in tasks),
        activities=tuple(_activity(task, tickets_only=tickets_only) for task in tasks),
        pools=tuple(dict.fromkeys(asking.pool for task in tasks for asking in task.asking)),
    )


def _known(estimates: Estimates, iso_weekday: int | None) -> int:
    """Return the place of a weekday among the hours."""
    if iso_weekday is None:
        return MEAN_DAY
    known = sorted(day for day in estimates.hours if day != MEAN_DAY)
    if iso_weekday not in known:
        shown = ", ".join(str(day) for day in known)
        where = Where(place=estimates.branch_id)
        raise failure("BW-CAL-006", where, weekday=iso_weekday, known=shown)
    return iso_weekday


def usual_duty(estimates: Estimates, weekday: int) -> Duty:
    """Return the usual schedule of a weekday (0: of the days with the usual hours).

    It is that of the day nearest to the mean of those days: somebody worked it. A post whose
    numbers change all the time gets the mean by quarter-hour instead.
    """
    hours = estimates.hours[weekday]
    days = duties_like(estimates, weekday)
    names = [post.name for post in estimates.posts]
    first, last = int(hours.opens // QUARTER), math.ceil(hours.closes / QUARTER)
    numbers = np.array(
        [
            [
                by_quarter(steps.get(name, ()), first, last)
                for name in names
                for steps in (duty.open, duty.limit)
            ]
            for duty in days
        ]
    )
    apart = np.abs(numbers - numbers.mean(axis=0)).sum(axis=(1, 2))
    usual = days[int(apart.argmin())]
    busy = [name for name in names if len(usual.open.get(name, ())) > MANY_STEPS]
    means = {name: mean_steps([duty.open.get(name, ()) for duty in days], hours) for name in busy}
    return replace(usual, open={**usual.open, **means})


def duties_like(estimates: Estimates, weekday: int) -> tuple[Duty, ...]:
    """Return the schedules of a weekday; of 0, and of a weekday without any, those most like it."""
    own = tuple(duty for duty in estimates.duties if duty.on.isoweekday() == weekday)
    if own:
        return own
    hours = estimates.hours[weekday]
    alike = tuple(
        duty
        for duty in estimates.duties
        if abs(estimates.hours[duty.on.isoweekday()].opens - hours.opens) <= 2 * QUARTER
        and abs(estimates.hours[duty.on.isoweekday()].closes - hours.closes) <= 2 * QUARTER
    )
    return alike or estimates.duties


def _tasks(estimates: Estimates, groups: Sequence[Group]) -> list[Task]:
    """Return the activities that the classes ask for, or come to."""
    tasks = {task.name: task for task in estimates.tasks}
    wanted = dict.fromkeys(name for group in groups for name in group.mix)
    open_names = list(wanted)
    while open_names:
        for way in tasks[open_names.pop()].ways:
            if way.to not in wanted:
                wanted[way.to] = None
                open_names.append(way.to)
    return [task for task in estimates.tasks if task.name in wanted]


def _kept(group: Group, *, tickets_only: bool) -> float:
    """Return the share of a class's tickets that are not sent back from machines."""
    return 1.0 if tickets_only or group.is_machine else 1 - group.back_share


def _class(group: Group, rates: Floats) -> CustomerClass:
    turned, came = group.turned_round
    total = max(sum(group.mix.values()), 1)
    return CustomerClass(
        name=group.name,
        rates_per_hour=tuple(np.round(rates, 6).tolist()),
        mix={name: count / total for name, count in group.mix.items()},
        priority=group.priority,
        patience=group.patience.law,
        balking=Balking(shares=(turned / came,)) if turned else None,
        pace=group.pace,
        walking_speed_metres_per_second=group.walking_speed,
        is_elderly=group.is_elderly,
        tier=group.tier,
        age_band="60_plus" if group.is_elderly else "unknown",
        business_line=group.business_line,
    )


def _activity(task: Task, *, tickets_only: bool) -> Activity:
    served = max(task.count, 1)
    ways = () if tickets_only else task.ways
    return Activity(
        name=task.name,
        queue=task.queue,
        services=tuple(
            ServiceLaw(law=with_pause(time.law, time.pause), customer_class=time.customer_class)
            for time in task.times
        ),
        routes=tuple(
            Route(
                to=way.to,
                share=min(way.count / served, 1.0),
                is_failure=way.is_failure,
                keeps_ticket=way.keeps_ticket,
                walk_metres=way.seconds * WALKING_SPEED,
            )
            for way in ways
        ),
        requests=tuple(
            Request(
                pool=asking.pool,
                share=min(asking.count / served, 1.0),
                at=asking.at,
                hold=asking.hold,
            )
            for asking in sorted(task.asking, key=lambda asking: asking.at)
        ),
        service_id=task.service_id,
        walk_metres=task.walk_seconds * WALKING_SPEED,
    )


def _turns(posts: Sequence[Post], duty: Duty) -> dict[str, tuple[int, int]]:
    """Return in which turn posts of a crew are called, and how many are: those with people."""
    crews: dict[str, list[str]] = {}
    for post in posts:
        if post.on_call is not None and on_call_windows(duty, post.name) > 0:
            crews.setdefault(post.crew, []).append(post.name)
    return {name: (rank, len(names)) for names in crews.values() for rank, name in enumerate(names)}


def on_call_windows(duty: Duty, name: str) -> int:
    """Return how many windows of a post are on call at most, beyond those planned."""
    opened, limit = duty.open.get(name, ()), duty.limit.get(name, ())
    return max(
        (_at(limit, step.at_second) - _at(opened, step.at_second + MOMENT) for step in limit),
        default=0,
    )


def _at(steps: Sequence[Step], second: float) -> int:
    return next((step.count for step in reversed(steps) if step.at_second <= second), 0)


def _station(
    post: Post, duty: Duty, queues: Collection[str], ends: float, turn: tuple[int, int] | None
) -> Station:
    opened = duty.open.get(post.name, ())
    if not any(step.count for step in opened):  # nobody that day: only after all have gone
        opened = (Step(at_second=ends + AFTER_ALL, count=1),)
    flexible = None
    if post.on_call is not None and turn is not None:
        rank, posts = turn
        flexible = Flexible(
            limit=duty.limit.get(post.name, ()),
            waiting=post.on_call.waiting + post.on_call.further * rank,
            further=post.on_call.further * posts,
            delay=post.on_call.delay,
        )
    failures = None
    if post.breakdowns is not None:
        failures = Failures(between=post.breakdowns.between, repair=post.breakdowns.repair)
    return Station(
        name=post.name,
        kind=post.kind,
        tiers=(tuple(queue for queue in post.queues if queue in queues),),
        open=opened,
        speed=post.speed.value,
        flexible=flexible,
        failures=failures,
        members=post.members,
    )


def _pools(estimates: Estimates, names: Sequence[str], duty: Duty) -> tuple[Pool, ...]:
    return tuple(
        Pool(name=name, delays=(estimates.delays[name],))
        if name in estimates.delays
        else Pool(name=name, open=(Step(at_second=0.0, count=max(duty.pools.get(name, 1), 1)),))
        for name in names
    )


def with_scaled_patience(group: Group, factor: float) -> Group:
    """Return a class with its patience stretched."""
    if group.patience.law is None:
        return group
    law = stretched(group.patience.law, factor)
    return replace(group, patience=replace(group.patience, law=law))
