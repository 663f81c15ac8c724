"""A busy branch for tests: about 300 customers of four classes, everything that a page can show."""

from branchwise.twin.laws import Constant, Exponential, Lognormal
from branchwise.twin.scenario import (
    Activity,
    Balking,
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
from branchwise.twin.trace import trace

HOUR = 3600.0
QUARTERS = (
    5, 7, 10, 13, 15, 15, 13, 11, 9, 8, 7, 6.5, 6, 6, 6.5, 7,
    8, 9, 10.5, 12, 13, 14, 14, 13, 11, 9.5, 8.5, 8, 7.5, 6.5, 5.5, 5,
)  # fmt: skip


def people(name, share, **more):
    more.setdefault("mix", {"cash": 1.0})
    rates = tuple(4 * share * rate for rate in QUARTERS)
    return CustomerClass(name=name, rates_per_hour=rates, patience=Exponential(mean=1500), **more)


def activity(name, mean, cv=0.8, **more):
    law = Lognormal(mean=mean, cv=cv)
    return Activity(name=name, services=(ServiceLaw(law=law),), **{"queue": name, **more})


def steps(*counts):
    return tuple(Step(at_second=(9 + hour) * HOUR, count=count) for hour, count in counts)


def busy_branch():
    """Return the branch; a day of it has 250 to 350 customers."""
    turned = Route(to="cash", share=0.12, is_failure=True, keeps_ticket=True, walk_metres=8)
    guided = Request(pool="guide", share=0.3, at=0.0, hold=Exponential(mean=50))
    return Scenario(
        name="busy",
        branch_id="B1",
        opens_second=9 * HOUR,
        closes_second=17 * HOUR,
        ends_second=18 * HOUR,
        rates_start_second=9 * HOUR,
        classes=(
            people("ordinary", 0.7, mix={"cash": 0.6, "machine": 0.4},
                   balking=Balking(shares=(0.0,) * 12 + (0.3,))),
            people("vip", 0.1, priority=2, tier="private"),
            people("corporate", 0.1, mix={"corporate": 1.0}, business_line="corporate"),
            people("elderly", 0.1, priority=1, pace=1.3, is_elderly=True, age_band="60_plus",
                   walking_speed_metres_per_second=0.8),
        ),
        activities=(
            activity("cash", 430, walk_metres=6.0, service_id="S1"),
            activity("machine", 300, routes=(turned,), requests=(guided,), walk_metres=4.0),
            activity("corporate", 420, walk_metres=6.0),
        ),
        stations=(
            Station(name="teller", tiers=(("cash",),), members=("1", "2", "3", "4", "5"),
                    open=steps((0, 2), (1, 3), (2, 2), (3, 1), (4, 2), (5, 3), (7, 2)),
                    flexible=Flexible(limit=steps((0, 4)), waiting=8, delay=Constant(value=120))),
            Station(name="vip_desk", tiers=(("cash",),), open=steps((0, 1)), members=("6",)),
            Station(name="corporate_desk", tiers=(("corporate",),), open=steps((0, 1)),
                    members=("7",)),
            Station(name="smart_counter", kind="smart_counter", tiers=(("machine",),),
                    open=steps((0, 3)), members=("M1", "M2", "M3"),
                    failures=Failures(between=Exponential(mean=10 * HOUR),
                                      repair=Lognormal(mean=HOUR, cv=0.6))),
        ),
        pools=(Pool(name="guide", open=steps((0, 1))),),
        entrance=Entrance(machines=2, service=Exponential(mean=20)),
    )  # fmt: skip


def busy_day():
    """Return the first day of seed 4 with more than 300 customers."""
    days = (trace(busy_branch(), seed=4, replication=number) for number in range(50))
    return next(day for day in days if len(day.outcome) > 300)


def fullest_minute(day):
    """Return the whole minute of the day (seconds) at which most customers wait."""
    minutes = range(9 * 3600, 18 * 3600, 60)
    return max(minutes, key=lambda at: ((day.step_queued <= at) & (at < day.step_called)).sum())
