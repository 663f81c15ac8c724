"""A small branch as calibrated: its parameters known, or counted from so many days."""

from datetime import date, timedelta

import numpy as np

from branchwise.plan.proposal import Option, Quantities
from branchwise.twin.calibrate.classes import Scheme
from branchwise.twin.calibrate.model import (
    Breakdowns,
    Duty,
    Estimates,
    Group,
    Hours,
    Patience,
    Post,
    Rates,
    ServiceTime,
    Task,
    Way,
)
from branchwise.twin.change import changed
from branchwise.twin.laws import Exponential, Lognormal, Weibull
from branchwise.twin.scenario import Step

OPENS, CLOSES = 9 * 3600.0, 13 * 3600.0
CV = 0.8
PEOPLE, MACHINE, OLD = "ordinary", "self_service", "elderly"


def estimates(
    *, rate=24.0, mean=270.0, days=None, weekdays=(1,), windows=2, machines=False, draw=None
):
    """Return a branch open in the morning with one queue of tickets.

    With `days`, errors are those of so many days of data; with `draw` besides, the values are
    what such data would give.
    """
    classes = 3 if machines else 2
    shares = np.array([0.8, 0.2, 0.5])[:classes]
    levels = shares * rate
    level_errors, error, count = np.zeros(classes), 0.0, 1000
    if days:
        counts = levels * 4 * days
        count = int(counts[:2].sum())
        if draw is not None:
            counts = draw.poisson(counts)
            levels = counts / (4 * days)
            times = draw.lognormal(-np.log1p(CV**2) / 2, np.sqrt(np.log1p(CV**2)), count)
            mean = mean * float(times.mean())
        level_errors, error = 1 / np.sqrt(np.maximum(counts, 1)), CV / np.sqrt(count)
    per_hour = np.zeros((classes, 8, 96))
    per_hour[:, [0, *weekdays], 36:52] = levels[:, None, None]
    hours = Hours(opens=OPENS, closes=CLOSES, ends=CLOSES + 1800)
    first = date(2026, 3, 2)
    steps = (Step(at_second=OPENS, count=windows),)
    opened = {"teller": steps, "smart_counter": (Step(at_second=OPENS, count=1),)}
    return Estimates(
        branch_id="B1",
        hours={0: hours, **dict.fromkeys(weekdays, hours)},
        groups=_groups(machines=machines, count=count),
        tasks=_tasks(mean=mean, error=error, machines=machines),
        posts=_posts(machines=machines),
        rates=Rates(
            per_hour=per_hour,
            shape_error=np.zeros((classes, 8, 96)),
            level_error=np.tile(level_errors[:, None], (1, 8)),
            overdispersion=0.0,
            overdispersion_error=0.0,
            degrees=9,
            week_variance=np.zeros(classes),
        ),
        duties=tuple(
            Duty(
                on=first + timedelta(days=7 * week + weekday - 1),
                open={name: opened[name] for name in opened if machines or name == "teller"},
                limit={},
            )
            for week in range(2)
            for weekday in weekdays
        ),
        scheme=Scheme(kinds=(), by_key={}, by_service={}),
    )


def _groups(*, machines, count):
    patience = Patience(law=Weibull(shape=1.3, scale=1500.0))
    groups = (
        Group(name=PEOPLE, mix={"cash": count}, patience=patience),
        Group(name=OLD, mix={"cash": count}, patience=patience, is_elderly=True, priority=1),
        Group(name=MACHINE, mix={"card": count}, patience=patience, is_machine=True),
    )
    return groups if machines else groups[:2]


def _tasks(*, mean, error, machines):
    law = Lognormal(mean=mean, cv=CV)
    cash = Task(name="cash", queue="teller", service_id=None, count=1000,
                times=(ServiceTime(law=law, error=error),))  # fmt: skip
    card = Task(
        name="card",
        queue="smart_counter",
        service_id=None,
        count=1000,
        times=(ServiceTime(law=Lognormal(mean=200.0, cv=0.7), error=0.0),),
        ways=(Way(to="cash", count=150, is_failure=True),),
    )
    return (cash, card) if machines else (cash,)


def _posts(*, machines):
    teller = Post(name="teller", kind="counter", queues=("teller",), crew="teller")
    smart = Post(
        name="smart_counter",
        kind="smart_counter",
        queues=("smart_counter",),
        breakdowns=Breakdowns(
            between=Exponential(mean=6 * 3600.0),
            between_error=0.0,
            repair=Lognormal(mean=3600.0, cv=1.0),
            repair_error=0.0,
        ),
    )
    return (teller, smart) if machines else (teller,)


def option(name="windows", amount=1.0, target="teller", *, lever=None, needs=(), freed=0.0):
    """Return an option that `apply` below understands."""
    return Option(
        option_id=f"B1:{name}:{amount:g}:{target}",
        branch_id="B1",
        intervention=name,
        amount=amount,
        target=target,
        lever=lever or f"{name}:{target}",
        needs=needs,
        quantities=Quantities(hours_freed={"teller": freed} if freed else {}),
    )


def apply(options, scenario):
    """Open or close windows at a station; `idle` changes nothing."""
    lines = [
        f"station.{each.target}.open={each.amount:+g}"
        for each in sorted(options, key=lambda each: each.option_id)
        if each.intervention == "windows"
    ]
    return changed(scenario, lines) if lines else scenario
