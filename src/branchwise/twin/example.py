"""A small branch to try things on."""

from __future__ import annotations

from branchwise.twin.laws import Constant, Exponential, Lognormal, Weibull
from branchwise.twin.scenario import (
    Activity,
    CustomerClass,
    Entrance,
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

HOUR = 3600.0
OPENS, CLOSES = 9 * HOUR, 17 * HOUR
BUSY_HOURS = (14.0, 22.0, 24.0, 12.0, 10.0, 18.0, 16.0, 6.0)
"""Ordinary customers an hour from 9:00 on."""


def corner_branch() -> Scenario:
    """Return a branch of two counters, one on call, two smart counters and a guide.

    Examples
    --------
    >>> [station.name for station in corner_branch().stations]
    ['counter', 'smart_counter']
    """
    return Scenario(
        name="corner branch",
        branch_id="corner",
        opens_second=OPENS,
        closes_second=CLOSES,
        ends_second=CLOSES + HOUR,
        rates_start_second=OPENS,
        day_shape=40.0,
        classes=_classes(),
        activities=_activities(),
        stations=_stations(),
        pools=(
            Pool(name="approver", open=(Step(at_second=OPENS, count=1),)),
            Pool(name="guide", open=(Step(at_second=OPENS, count=1),)),
        ),
        entrance=Entrance(machines=1, service=Exponential(mean=15.0)),
    )


def _classes() -> tuple[CustomerClass, ...]:
    return (
        CustomerClass(
            name="ordinary",
            rates_per_hour=_by_quarter(BUSY_HOURS),
            mix={"cash": 0.45, "machine": 0.55},
            patience=Weibull(shape=1.29, scale=1320.0),
        ),
        CustomerClass(
            name="elderly",
            rates_per_hour=_by_quarter((6.0, 4.0, 3.0, 1.0, 1.0, 2.0, 1.0, 0.5)),
            mix={"cash": 0.9, "machine": 0.1},
            priority=1,
            patience=Weibull(shape=1.29, scale=1980.0),
            pace=1.25,
            walking_speed_metres_per_second=0.8,
            is_elderly=True,
            age_band="60_plus",
        ),
    )


def _activities() -> tuple[Activity, ...]:
    return (
        Activity(
            name="cash",
            queue="counter",
            services=(ServiceLaw(law=Lognormal(mean=260.0, cv=0.8)),),
            requests=(Request(pool="approver", share=0.15, at=0.5, hold=Exponential(mean=60.0)),),
            walk_metres=6.0,
        ),
        Activity(
            name="machine",
            queue="machine",
            services=(ServiceLaw(law=Lognormal(mean=240.0, cv=0.7)),),
            requests=(Request(pool="guide", share=0.3, at=0.0, hold=Exponential(mean=70.0)),),
            routes=(
                Route(to="cash", share=0.1, is_failure=True, keeps_ticket=True, walk_metres=9.0),
            ),
        ),
    )


def _stations() -> tuple[Station, ...]:
    return (
        Station(
            name="counter",
            tiers=(("counter",),),
            open=(
                Step(at_second=OPENS, count=2),
                Step(at_second=12 * HOUR, count=1),
                Step(at_second=14 * HOUR, count=2),
            ),
            flexible=Flexible(
                limit=(Step(at_second=OPENS, count=3),),
                waiting=4,
                delay=Constant(value=180.0),
            ),
        ),
        Station(
            name="smart_counter",
            kind="smart_counter",
            tiers=(("machine",),),
            open=(Step(at_second=OPENS, count=2),),
            failures=Failures(
                between=Exponential(mean=30 * 8 * HOUR), repair=Lognormal(mean=4 * HOUR, cv=1)
            ),
        ),
    )


def _by_quarter(hours: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(rate for rate in hours for _ in range(4))
