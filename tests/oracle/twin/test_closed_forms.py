"""The kernel against the formulas of queueing theory and against small Markov chains.

The mean service time is one second, so that a day of 50,000 seconds is 50,000 of them: it starts
empty and forgets that within some hundred. Every figure has its standard error from independent
replications (ratios by linearisation); allowed are four of them, which a right program passes by
chance 16,000 times in 16,001 (fixed seeds: always, once it does), and 0.3 % for the empty start and
the straight pieces of the tables of quantiles. `POWER` bounds the standard errors, so a test that
could see nothing fails.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import gamma as gamma_function
from tests.oracle.twin.queueing import (
    birth_and_death,
    erlang_b,
    erlang_c,
    long_run,
    mean_of,
    mean_wait,
    pollaczek_khinchine,
)
from tests.oracle.twin.scenarios import activity, day, people, station, steps

from branchwise.twin.laws import (
    Constant,
    Empirical,
    Exponential,
    Gamma,
    Lognormal,
    Uniform,
    Weibull,
    finite_share,
)
from branchwise.twin.run import simulate
from branchwise.twin.scenario import (
    Balking,
    Failures,
    Flexible,
    Pool,
    Request,
    Route,
    Scenario,
)
from branchwise.twin.trace import trace

SECOND = Exponential(mean=1.0)
DAY = 50_000.0
BIAS = 0.003
POWER = 0.0125
ERRORS = 4.0


def long_day(rate: float | dict[str, float], **parts) -> Scenario:
    """Return a day of a constant rate per second for each class; who waits at its end is served."""
    rates = rate if isinstance(rate, dict) else {"ordinary": rate}
    length = parts.pop("length", DAY)
    more = parts.pop("people", {})
    priorities = parts.pop("priorities", {})
    parts.setdefault("activities", (activity(seconds=SECOND),))
    return day(
        classes=tuple(
            people(
                name,
                rates_per_hour=(3600 * per_second,),
                priority=priorities.get(name, 0),
                **more,
            )
            for name, per_second in rates.items()
        ),
        slot_seconds=length,
        closes_second=length,
        ends_second=2 * length,
        **parts,
    )


def agrees(above, below, expected: float, *, power: float = POWER, bias: float = BIAS) -> None:
    """Assert that the ratio of two sums over replications is what it should be."""
    above = np.asarray(above, dtype=float)
    below = np.broadcast_to(np.asarray(below, dtype=float), above.shape)
    found = above.sum() / below.sum()
    error = float((above - found * below).std(ddof=1)) / math.sqrt(len(above)) / below.mean()
    assert error < power * abs(expected), f"no power: {found} ± {error}, expected {expected}"
    allowed = ERRORS * error + bias * abs(expected)
    assert abs(found - expected) < allowed, f"{found} ± {error}, expected {expected}"


@pytest.mark.parametrize("law", [SECOND, Lognormal(mean=1.0, cv=1.5)], ids=lambda law: law.law)
def test_erlang_b(law):
    """Of customers without patience the share of Erlang B finds no idle server, whatever law."""
    found = simulate(
        long_day(
            4.0,
            activities=(activity(seconds=law),),
            stations=(station(servers=5),),
            people={"patience": Constant(value=0.0)},
        ),
        replications=40,
        seed=1,
    )
    agrees(found.by_class["abandoned"][:, 0], found.by_class["customers"][:, 0], erlang_b(5, 4.0))
    agrees(found.by_station["busy_seconds"][:, 0], DAY, 4.0 * (1 - erlang_b(5, 4.0)))
    assert found.by_class["wait_seconds"].sum() == 0


def test_erlang_c():
    """Mean wait and share within 2 s of M/M/3 at load 0.8 are Erlang's."""
    found = simulate(
        long_day(2.4, stations=(station(servers=3),), standard_seconds=2.0),
        replications=80,
        seed=2,
    )
    customers = found.by_class["customers"][:, 0]
    agrees(found.by_class["wait_seconds"][:, 0], customers, mean_wait(3, 2.4))
    within = 1 - erlang_c(3, 2.4) * math.exp(-2.0 * (3 - 2.4))
    agrees(found.by_class["within_standard"][:, 0], customers, within)
    assert (found.by_class["served"] == found.by_class["customers"]).all()


def test_erlang_a():
    """Share abandoned, mean wait and use of M/M/4+M at load 1.25 are those of its Markov chain."""
    leaving = 0.5
    found = simulate(
        long_day(
            5.0,
            stations=(station(servers=4),),
            people={"patience": Exponential(mean=1 / leaving)},
        ),
        replications=40,
        seed=3,
    )
    shares = birth_and_death(
        lambda _: 5.0, lambda number: min(number, 4) + leaving * max(number - 4, 0), 200
    )
    waiting = float(shares @ np.maximum(np.arange(201) - 4, 0))
    customers = found.by_class["customers"][:, 0]
    agrees(found.by_class["abandoned"][:, 0], customers, leaving * waiting / 5.0)
    agrees(found.by_class["wait_seconds"][:, 0], customers, waiting / 5.0)
    busy = float(shares @ np.minimum(np.arange(201), 4))
    agrees(found.by_station["busy_seconds"][:, 0], DAY, busy)


LAWS = {
    "constant": (Constant(value=1.0), 0.0),
    "uniform": (Uniform(low=0.0, high=2.0), 1 / 3),
    "lognormal": (Lognormal(mean=1.0, cv=1.5), 2.25),
    "gamma": (Gamma(mean=1.0, cv=0.5), 0.25),
    "weibull": (
        Weibull(shape=2.0, scale=1 / gamma_function(1.5)),
        gamma_function(2.0) / gamma_function(1.5) ** 2 - 1,
    ),
    "empirical": (Empirical(quantiles=(0.0, 0.5, 0.5, 3.0)), None),
}


def squared_cv_of_pieces(law: Empirical) -> float:
    """Return the squared coefficient of variation of a law of straight pieces."""
    low, high = np.array(law.quantiles[:-1]), np.array(law.quantiles[1:])
    return float(((low**2 + low * high + high**2) / 3).mean()) / law.mean**2 - 1


@pytest.mark.parametrize("name", LAWS)
def test_pollaczek_and_khinchine(name):
    """The mean wait of M/G/1 at load 0.7 follows from mean and variance, for every law."""
    law, squared_cv = LAWS[name]
    squared_cv = squared_cv_of_pieces(law) if squared_cv is None else squared_cv
    assert finite_share(law) == 1
    found = simulate(
        long_day(0.7 / law.mean, activities=(activity(seconds=law),)), replications=80, seed=4
    )
    expected = law.mean * pollaczek_khinchine(0.7, squared_cv)
    agrees(found.by_class["wait_seconds"][:, 0], found.by_class["customers"][:, 0], expected)


def test_two_priorities():
    """Who is preferred, but does not interrupt, waits as Cobham's formula says; so do the others.

    With W the work met, C/c: W / (1 - s1) and W / ((1 - s1)(1 - s1 - s2)), s the loads per server.
    """
    found = simulate(
        long_day(
            {"vip": 0.8, "ordinary": 1.6},
            stations=(station(servers=3),),
            priorities={"vip": 1},
        ),
        replications=80,
        seed=5,
    )
    met = erlang_c(3, 2.4) / 3
    first, both = 0.8 / 3, 2.4 / 3
    waits, customers = found.by_class["wait_seconds"], found.by_class["customers"]
    agrees(waits[:, 0], customers[:, 0], met / (1 - first))
    agrees(waits[:, 1], customers[:, 1], met / ((1 - first) * (1 - both)))


def test_feedback_and_tandem():
    """A network of Jackson: 0.25 of cash services are repeated, the others go on to advice.

    Both stations are M/M/1 and M/M/2 at loads 0.8 and 0.75: the waits of all visits add up.
    """
    cash = activity(
        seconds=SECOND, routes=(Route(to="cash", share=0.25), Route(to="advice", share=0.75))
    )
    found = simulate(
        long_day(
            0.6,
            activities=(cash, activity("advice", Exponential(mean=2.5))),
            stations=(station(), station("adviser", servers=2, tiers=(("advice",),))),
        ),
        replications=160,
        seed=6,
    )
    customers = found.by_class["customers"][:, 0]
    waits = mean_wait(1, 0.8) / 0.75 + 2.5 * mean_wait(2, 1.5)
    agrees(found.by_class["wait_seconds"][:, 0], customers, waits)
    agrees(found.by_station["services"][:, 0], customers, 1 / 0.75)
    agrees(found.by_station["busy_seconds"][:, 1], customers, 2.5)


def test_balking_customers():
    """Who turns round with 0, 0.5 or 1 at 0, 1, 2 waiting: M/M/2 with births that fall and end."""
    found = simulate(
        long_day(
            2.0,
            stations=(station(servers=2),),
            people={"balking": Balking(shares=(0.0, 0.5, 1.0))},
        ),
        replications=40,
        seed=7,
    )
    shares = birth_and_death(
        lambda number: 1.0 if number == 3 else 2.0, lambda number: min(number, 2), 4
    )
    customers = found.by_class["customers"][:, 0]
    agrees(found.by_class["balked"][:, 0], customers, 0.5 * shares[3] + shares[4])
    agrees(found.by_class["wait_seconds"][:, 0], DAY, shares[3] + 2 * shares[4])


def test_machines_that_fail_and_resume():
    """M/M/3 with machines that fail each 30 s, in use or not, and are repaired in 10 s.

    A Markov chain of (customers, machines that work): who is interrupted waits again and goes on.
    """
    arriving, failing, mending, most = 1.5, 1 / 30, 1 / 10, 400
    found = simulate(
        long_day(
            arriving,
            stations=(
                station(
                    servers=3,
                    failures=Failures(
                        between=Exponential(mean=1 / failing), repair=Exponential(mean=1 / mending)
                    ),
                ),
            ),
        ),
        replications=160,
        seed=8,
    )

    def moves(state):
        here, up = state
        if here < most:
            yield (here + 1, up), arriving
        if min(here, up):
            yield (here - 1, up), min(here, up)
        if up:
            yield (here, up - 1), up * failing
        if up < 3:
            yield (here, up + 1), (3 - up) * mending

    shares = long_run((0, 3), moves)
    waiting = mean_of(shares, lambda state: max(state[0] - state[1], 0))
    agrees(found.by_class["wait_seconds"][:, 0], DAY, waiting)
    agrees(found.by_station["busy_seconds"][:, 0], found.by_class["customers"][:, 0], 1.0)
    assert (found.by_class["served"] == found.by_class["customers"]).all()


def test_windows_on_call():
    """One window planned, up to three called at 2, 4, 6 waiting, after 5 s; closing at 1 waiting.

    A Markov chain of (waiting, busy, open, on the way).
    """
    rule = Flexible(limit=steps((0, 3)), waiting=2, further=2, delay=Exponential(mean=5.0), keeps=1)
    arriving, planned, most = 1.6, 1, 150
    found = simulate(
        long_day(arriving, stations=(station(flexible=rule),)), replications=80, seed=9
    )

    def moves(state):
        waiting, busy, opened, coming = state
        if busy < opened:
            yield (waiting, busy + 1, opened, coming), arriving
        elif waiting < most:
            extra = opened + coming - planned
            called = opened + coming < 3 and waiting + 1 >= 2 + 2 * extra
            yield (waiting + 1, busy, opened, coming + called), arriving
        if busy:
            if opened > planned and waiting <= 1:
                yield (waiting, busy - 1, opened - 1, coming), busy
            elif waiting:
                yield (waiting - 1, busy, opened, coming), busy
            else:
                yield (waiting, busy - 1, opened, coming), busy
        if coming and waiting:
            yield (waiting - 1, busy + 1, opened + 1, coming - 1), coming / 5
        elif coming:
            yield (waiting, busy, opened, coming - 1), coming / 5

    shares = long_run((0, 0, 1, 0), moves)
    agrees(found.by_class["wait_seconds"][:, 0], DAY, mean_of(shares, lambda state: state[0]))
    agrees(found.by_station["open_seconds"][:, 0], DAY, mean_of(shares, lambda state: state[2]))


def test_machine_interference():
    """Three tellers who never run out of customers share one approver, needed by every service.

    The repairman's problem: a teller works 1 s, then needs the approver for 0.8 s. The approver is
    busy unless all three work; each busy 0.8 s ends one service.
    """
    approved = activity(
        seconds=SECOND,
        requests=(Request(pool="approver", at=1.0, hold=Exponential(mean=0.8)),),
    )
    found = simulate(
        day(
            classes=(people(rates_per_hour=(3600 * 3.0,)),),
            activities=(approved,),
            stations=(station(servers=3),),
            pools=(Pool(name="approver", open=steps((0, 1))),),
            slot_seconds=20_000.0,
            ends_second=20_000.0,
        ),
        replications=40,
        seed=10,
    )
    asking = birth_and_death(lambda number: 3.0 - number, lambda _: 1 / 0.8, 3)
    agrees(found.by_station["services"][:, 0], 20_000.0, (1 - asking[0]) / 0.8)
    number = float(asking @ np.arange(4))
    agrees(found.by_pool["asking_seconds"][:, 0], 20_000.0, number)
    assert found.by_class["sent_away"].sum() > 0


RATES = (0.0, 2.0, 6.0, 3.0, 0.5)
SLOT = 40.0


def busy_without_limit(second: float, law) -> float:
    """Return the mean number in service of M_t/G/∞: rates times the chance to be still there."""
    ages = np.linspace(0, second, 20_001)
    ages = (ages[1:] + ages[:-1]) / 2
    slots = ((second - ages) // SLOT).astype(int)
    rates = np.where(slots < len(RATES), np.array(RATES)[np.minimum(slots, len(RATES) - 1)], 0.0)
    return float((rates * law(ages)).sum() * second / 20_000)


@pytest.mark.parametrize(
    ("law", "lasting"),
    [
        (Exponential(mean=20.0), lambda age: np.exp(-age / 20)),
        (Uniform(low=0.0, high=60.0), lambda age: np.maximum(1 - age / 60, 0)),
    ],
    ids=["exponential", "uniform"],
)
def test_changing_rates_without_limit(law, lasting):
    """The number in service of M_t/G/∞ is Poisson with the mean of Eick, Massey and Whitt.

    At five seconds of the day, in rising, high, falling and last hours; the variance too.
    """
    scenario = day(
        classes=(people(rates_per_hour=tuple(3600 * rate for rate in RATES)),),
        activities=(activity(seconds=law),),
        stations=(station(servers=400),),
        slot_seconds=SLOT,
        ends_second=1000.0,
    )
    days = 2000
    seconds = (50.0, 90.0, 120.0, 150.0, 230.0)
    counted = np.empty((days, len(seconds)))
    for number in range(days):
        path = trace(scenario, seed=11, replication=number)
        for place, second in enumerate(seconds):
            counted[number, place] = (
                (path.step_started <= second) & (path.step_ended > second)
            ).sum()
    for place, second in enumerate(seconds):
        expected = busy_without_limit(second, lasting)
        agrees(counted[:, place], 1.0, expected)
        spread = counted[:, place].var(ddof=1) / expected
        error = math.sqrt((2 + 1 / expected) / days)
        assert abs(spread - 1) < ERRORS * error, "not a Poisson number"


def test_days_differ_as_their_shape_says():
    """With a day's factor of shape k the number of customers has variance m + m²/k."""
    days, mean, shape = 4000, 100.0, 10.0
    found = simulate(
        day(
            classes=(people(rates_per_hour=(mean,)),),
            slot_seconds=3600.0,
            day_shape=shape,
            ends_second=5000.0,
        ),
        replications=days,
        seed=12,
    )
    customers = found.by_class["customers"][:, 0]
    agrees(customers, 1.0, mean)
    deviations = (customers - mean) ** 2
    agrees(deviations, 1.0, mean + mean**2 / shape, power=0.05)
