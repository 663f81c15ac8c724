"""Small branches for tests, built by hand or drawn at random with every feature of a scenario.

Numbers are binary fractions where they decide who is first at one instant, so that sums of them are
exact and ties are ties in every implementation.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from branchwise.twin.laws import (
    Constant,
    Empirical,
    Exponential,
    Gamma,
    Law,
    Lognormal,
    Survival,
    Uniform,
    Weibull,
)
from branchwise.twin.scenario import (
    Activity,
    Appointment,
    Balking,
    CustomerClass,
    Entrance,
    Failures,
    Flexible,
    Given,
    Pool,
    Request,
    Route,
    Scenario,
    ServiceLaw,
    Serving,
    Start,
    Station,
    Step,
    Waiting,
)

# --- built by hand --------------------------------------------------------------------------------


def steps(*pairs: tuple[float, int]) -> tuple[Step, ...]:
    """Return steps of (second, count)."""
    return tuple(Step(at_second=second, count=number) for second, number in pairs)


def activity(name: str = "cash", seconds: float | Law = 60.0, **more: Any) -> Activity:
    """Return an activity with one service law, waited for in the queue of its name."""
    law = seconds if not isinstance(seconds, (int, float)) else Constant(value=float(seconds))
    more.setdefault("queue", name)
    return Activity(name=name, services=(ServiceLaw(law=law),), **more)


def people(name: str = "ordinary", **more: Any) -> CustomerClass:
    """Return a class that comes for cash unless told otherwise."""
    more.setdefault("mix", {"cash": 1.0})
    return CustomerClass(name=name, **more)


def station(name: str = "teller", servers: int | tuple[Step, ...] = 1, **more: Any) -> Station:
    """Return a station that serves the cash queue from second 0 unless told otherwise."""
    more.setdefault("tiers", (("cash",),))
    opened = steps((0, servers)) if isinstance(servers, int) else servers
    return Station(name=name, open=opened, **more)


def comes(second: float, customer_class: str = "ordinary", what: str | None = "cash") -> Given:
    """Return a customer who comes for certain."""
    return Given(at_second=second, customer_class=customer_class, activity=what)


def day(**parts: Any) -> Scenario:
    """Return a day of 10,000 seconds: one class, one activity, one teller unless told otherwise."""
    parts.setdefault("classes", (people(),))
    parts.setdefault("activities", (activity(),))
    parts.setdefault("stations", (station(),))
    parts.setdefault("opens_second", 0.0)
    parts.setdefault("closes_second", parts.get("ends_second", 10_000.0))
    parts.setdefault("ends_second", 10_000.0)
    return Scenario(**parts)


# --- drawn at random ------------------------------------------------------------------------------

OPENS, CLOSES = 1024.0, 4096.0
SECONDS = st.integers(0, 24).map(lambda n: OPENS + 128.0 * n)
MEANS = st.sampled_from([8.0, 32.0, 64.0, 128.0, 256.0])
SHARES = st.sampled_from([0.0, 0.125, 0.25, 0.5])
METRES = st.sampled_from([0.0, 0.0, 4.0, 16.0])
CLASSES = ("ordinary", "vip", "elderly")


@st.composite
def laws(draw: st.DrawFn) -> Law:
    """Draw a law of durations."""
    mean = draw(MEANS)
    return draw(
        st.sampled_from(
            [
                Constant(value=mean),
                Exponential(mean=mean),
                Uniform(low=mean / 2, high=mean * 1.5),
                Lognormal(mean=mean, cv=0.75),
                Gamma(mean=mean, cv=1.25),
                Weibull(shape=0.75, scale=mean),
                Empirical(quantiles=(0.0, mean / 4, mean, 4 * mean)),
            ]
        )
    )


@st.composite
def patiences(draw: st.DrawFn) -> Law:
    """Draw a law of patience: of durations, none at all, or with some who stay for ever."""
    mean = draw(MEANS)
    lasting = Survival(times=(mean, 4 * mean), surviving=(0.75, 0.25))
    ending = Survival(times=(mean, 4 * mean), surviving=(0.5, 0.0))
    return draw(st.one_of(laws(), st.sampled_from([lasting, ending, Constant(value=0.0)])))


@st.composite
def schedules(draw: st.DrawFn, most: int = 3, least: int = 0) -> tuple[Step, ...]:
    """Draw rising and falling numbers, the first from the beginning of the day or later."""
    seconds = draw(st.lists(SECONDS, max_size=3, unique=True))
    if draw(st.booleans()) or not seconds:
        seconds.append(0.0)
    return tuple(
        Step(at_second=second, count=draw(st.integers(least, most))) for second in sorted(seconds)
    )


@st.composite
def pools(draw: st.DrawFn, name: str) -> Pool:
    """Draw people on duty, or a shared pool that answers after delays."""
    if draw(st.booleans()):
        return Pool(name=name, open=with_one(draw(schedules(2))))
    answers = tuple(draw(st.lists(laws(), min_size=1, max_size=3)))
    return Pool(name=name, delays=answers, delay_slot_seconds=1024.0)


@st.composite
def requests(draw: st.DrawFn, names: list[str]) -> tuple[Request, ...]:
    """Draw up to two requests in order of the time when they are made."""
    if not names:
        return ()
    points = draw(st.lists(st.sampled_from([0.0, 0.5, 1.0]), max_size=2))
    return tuple(
        Request(
            pool=draw(st.sampled_from(names)),
            share=draw(st.sampled_from([0.5, 1.0])),
            at=point,
            hold=draw(laws()),
        )
        for point in sorted(points)
    )


@st.composite
def routes(draw: st.DrawFn, names: list[str]) -> tuple[Route, ...]:
    """Draw up to two routes, back to where they come from as well."""
    return tuple(
        Route(
            to=draw(st.sampled_from(names)),
            share=draw(SHARES) * 0.75,
            is_failure=draw(st.booleans()),
            keeps_ticket=draw(st.booleans()),
            walk_metres=draw(METRES),
        )
        for _ in range(draw(st.integers(0, 2)))
    )


@st.composite
def services(draw: st.DrawFn, stations: list[str], classes: list[str]) -> tuple[ServiceLaw, ...]:
    """Draw a law for everybody, perhaps others for a station, a class, or both."""
    found = [ServiceLaw(law=draw(laws()))]
    where, who = draw(st.sampled_from(stations)), draw(st.sampled_from(classes))
    special = [(where, None), (None, who), (where, who)]
    for at, of in draw(st.lists(st.sampled_from(special), max_size=3, unique=True)):
        found.append(ServiceLaw(law=draw(laws()), station=at, customer_class=of))
    return tuple(draw(st.permutations(found)))


@st.composite
def customer_classes(draw: st.DrawFn, names: list[str], queues: list[str], act: list[str]):
    """Draw the classes."""
    return tuple(
        CustomerClass(
            name=name,
            rates_per_hour=tuple(
                draw(st.lists(st.sampled_from([0.0, 16.0, 64.0, 128.0]), max_size=3))
            ),
            mix={
                what: draw(st.sampled_from([0.0, 0.5, 1.0])) if place else 1.0
                for place, what in enumerate(draw(st.permutations(act)))
            },
            priority=draw(st.integers(0, 2)),
            patience=draw(st.none() | patiences()),
            patience_at={
                queue: draw(patiences())
                for queue in draw(st.lists(st.sampled_from(queues), max_size=1))
            },
            balking=draw(
                st.none()
                | st.lists(SHARES, min_size=1, max_size=3).map(
                    lambda shares: Balking(shares=tuple(shares))
                )
            ),
            pace=draw(st.sampled_from([0.5, 1.0, 1.5])),
            walking_speed_metres_per_second=draw(st.sampled_from([0.5, 1.0, 2.0])),
        )
        for name in names
    )


@st.composite
def flexibles(draw: st.DrawFn) -> Flexible:
    """Draw windows on call."""
    return Flexible(
        limit=draw(schedules(4, least=draw(st.integers(0, 3)))),
        waiting=draw(st.integers(1, 3)),
        further=draw(st.integers(0, 2)),
        delay=draw(
            st.sampled_from(
                [Constant(value=0.0), Exponential(mean=64.0), Lognormal(mean=512.0, cv=1.0)]
            )
        ),
        keeps=draw(st.integers(0, 2)),
    )


@st.composite
def failing(draw: st.DrawFn) -> Failures:
    """Draw how machines fail, often enough to be seen."""
    between = draw(st.sampled_from([Exponential(mean=256.0), Lognormal(mean=512.0, cv=1.0)]))
    return Failures(between=between, repair=Exponential(mean=draw(st.sampled_from([64.0, 256.0]))))


@st.composite
def stations(draw: st.DrawFn, names: list[str], queues: list[str]) -> tuple[Station, ...]:
    """Draw stations that together serve all queues."""
    found, left = [], set(queues)
    for name in names:
        own = draw(st.lists(st.sampled_from(queues), min_size=1, max_size=3, unique=True))
        left -= set(own)
        if name == names[-1]:
            own += sorted(left)
        cut = draw(st.integers(0, len(own)))
        kind = draw(st.sampled_from(["plain", "plain", "flexible", "failing", "both"]))
        found.append(
            Station(
                name=name,
                tiers=tuple(tier for tier in (tuple(own[:cut]), tuple(own[cut:])) if tier),
                open=draw(schedules()),
                speed=draw(st.sampled_from([0.5, 1.0, 2.0])),
                flexible=draw(flexibles()) if kind in {"flexible", "both"} else None,
                failures=draw(failing()) if kind in {"failing", "both"} else None,
            )
        )
    return tuple(with_somebody(found, queues))


def with_somebody(found: list[Station], queues: list[str]) -> list[Station]:
    """Return stations with at least one server on duty at some time for each queue."""
    for queue in queues:
        serving = [n for n, one in enumerate(found) if any(queue in tier for tier in one.tiers)]
        if not any(found[n].flexible or most(found[n].open) for n in serving):
            found[serving[0]] = replace(found[serving[0]], open=with_one(found[serving[0]].open))
    return found


def most(plan: tuple[Step, ...]) -> int:
    """Return the greatest number of a plan."""
    return max((step.count for step in plan), default=0)


def with_one(plan: tuple[Step, ...]) -> tuple[Step, ...]:
    """Return a plan with one at the last step if it has nobody at any."""
    return plan if most(plan) else (*plan[:-1], replace(plan[-1], count=1))


@st.composite
def starts(draw: st.DrawFn, scenario: Scenario) -> Start:
    """Draw a state of the lobby that the scenario could have come to."""
    second = draw(st.sampled_from([1280.0, 2048.0]))
    names, acts = [c.name for c in scenario.classes], scenario.activities
    before = st.integers(0, 16).map(lambda n: second - 16.0 * n)
    waiting = tuple(
        Waiting(
            customer_class=draw(st.sampled_from(names)),
            activity=draw(st.sampled_from(acts)).name,
            ticket_second=draw(before),
        )
        for _ in range(draw(st.integers(0, 4)))
    )
    serving = []
    for one in scenario.stations:
        served = [a.name for a in acts if any(a.queue in tier for tier in one.tiers)]
        on_duty = [step.count for step in one.open if step.at_second <= second]
        if one.failures or not on_duty or not served:
            continue
        for _ in range(draw(st.integers(0, on_duty[-1] + 1))):
            seconds = sorted([draw(before), draw(before)])
            serving.append(
                Serving(
                    customer_class=draw(st.sampled_from(names)),
                    activity=draw(st.sampled_from(served)),
                    station=one.name,
                    ticket_second=seconds[0],
                    started_second=seconds[1],
                )
            )
    return Start(at_second=second, waiting=waiting, serving=tuple(serving))


@st.composite
def given_customers(draw: st.DrawFn, names: list[str], acts: list[str]) -> tuple[Given, ...]:
    """Draw customers who come for certain, some at the same instant."""
    return tuple(
        Given(
            at_second=draw(SECONDS),
            customer_class=draw(st.sampled_from(names)),
            activity=draw(st.none() | st.sampled_from(acts)),
        )
        for _ in range(draw(st.integers(0, 12)))
    )


@st.composite
def appointments(draw: st.DrawFn, names: list[str], acts: list[str]) -> tuple[Appointment, ...]:
    """Draw customers who are expected, and come or not, early or late."""
    return tuple(
        Appointment(
            at_second=draw(SECONDS),
            customer_class=draw(st.sampled_from(names)),
            activity=draw(st.sampled_from(acts)),
            no_show=draw(st.sampled_from([0.0, 0.5])),
            lateness=Exponential(mean=128.0),
            early_seconds=draw(st.sampled_from([0.0, 64.0])),
        )
        for _ in range(draw(st.integers(0, 4)))
    )


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """Draw a branch that may use every feature at once."""
    queues = [f"queue {n}" for n in range(draw(st.integers(1, 3)))]
    acts = [f"activity {n}" for n in range(draw(st.integers(1, 4)))]
    names = list(CLASSES[: draw(st.integers(1, 3))])
    desks = [f"station {n}" for n in range(draw(st.integers(1, 3)))]
    asked = [f"pool {n}" for n in range(draw(st.integers(0, 2)))]
    activities = tuple(
        Activity(
            name=name,
            queue=queues[place] if place < len(queues) else draw(st.sampled_from(queues)),
            services=draw(services(desks, names)),
            routes=draw(routes(acts)),
            requests=draw(requests(asked)),
            walk_metres=draw(METRES),
        )
        for place, name in enumerate(acts)
    )
    used = list(dict.fromkeys(one.queue for one in activities))
    machines = draw(st.integers(0, 2))
    scenario = Scenario(
        opens_second=OPENS,
        closes_second=CLOSES - 512,
        ends_second=draw(st.sampled_from([CLOSES - 512, CLOSES, CLOSES + 512])),
        classes=draw(customer_classes(names, used, acts)),
        activities=activities,
        stations=draw(stations(desks, used)),
        pools=tuple(draw(pools(name)) for name in asked),
        slot_seconds=1024.0,
        rates_start_second=OPENS,
        day_shape=draw(st.sampled_from([None, 1.0, 16.0])),
        entrance=Entrance(machines=machines, service=draw(laws()) if machines else None),
        appointments=draw(appointments(names, acts)),
        given=draw(given_customers(names, acts)),
    )
    if draw(st.booleans()):
        return scenario
    return replace(scenario, start=draw(starts(scenario)))
