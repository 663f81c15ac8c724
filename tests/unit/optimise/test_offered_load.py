"""The modified offered load against integrals by hand and an infinite-server simulation."""

import math

import numpy as np
import pytest

from branchwise.optimise.example import formula_branch
from branchwise.optimise.model import Demand, Post, Slots, StaffingProblem, Target
from branchwise.optimise.solvers.offered_load import (
    by_interval,
    by_load,
    offered_load,
    servers_by_interval,
    servers_by_load,
)

SHARES = (np.arange(2000) + 0.5) / 2000
EXPONENTIAL = tuple((-600.0 * np.log1p(-SHARES)).tolist())


def test_exponential_services_have_the_load_of_the_textbook():
    """Rates of 12 an hour from time 0 with a mean of 10 min: m(t) = 2 (1 - exp(-t / 600))."""
    steady = Demand(name="q", rates_per_hour=(12.0,) * 8, service_seconds=EXPONENTIAL)
    times = np.array([60.0, 600.0, 3600.0])
    found = offered_load(steady, Slots(first_second=0.0, count=8), times)
    assert found == pytest.approx(2 * (1 - np.exp(-times / 600)), abs=2e-3)


def test_a_burst_of_arrivals_fades_as_its_services_end():
    """After a lone busy slot the load is what came times the share still served."""
    burst = Demand(name="q", rates_per_hour=(0.0, 40.0, 0.0, 0.0), service_seconds=EXPONENTIAL)
    slots = Slots(first_second=0.0, count=4)
    found = float(offered_load(burst, slots, np.array([2700.0]))[0])
    by_hand = 40 / 3600 * 600 * (math.exp(-900 / 600) - math.exp(-1800 / 600))
    assert found == pytest.approx(by_hand, abs=5e-3)


def test_load_is_the_mean_of_servers_without_end():
    """Ten thousand simulated days with nobody ever waiting have the same mean number in service."""
    rates, services = (10.0, 60.0, 20.0, 5.0), np.array([200.0, 900.0, 2500.0])
    demand = Demand(name="q", rates_per_hour=rates, service_seconds=tuple(services.tolist()))
    chance, days, at = np.random.default_rng(1), 10_000, 2400.0
    busy = 0
    for slot, rate in enumerate(rates):
        came = chance.poisson(rate / 4, days).sum()
        times = 900.0 * (slot + chance.random(came))
        busy += ((times <= at) & (times + chance.choice(services, came) > at)).sum()
    found = float(offered_load(demand, Slots(first_second=0.0, count=4), np.array([at]))[0])
    assert busy / days == pytest.approx(found, rel=0.01)


def test_load_lags_behind_the_rate_where_services_are_long():
    """The peak of the load comes after the peak of arrivals, so people come and go later."""
    rates = (4.0, 8.0, 24.0, 8.0, 4.0, 4.0, 4.0, 4.0)
    slots, aim = Slots(first_second=0.0, count=8), Target(seconds=300.0, share=0.8)
    long = Demand(name="q", rates_per_hour=rates, service_seconds=(1500.0,))
    by_rate, lagged = servers_by_interval(long, aim), servers_by_load(long, slots, aim)
    assert by_rate.argmax() == 2
    assert lagged.argmax() == 3
    assert by_rate[0] > lagged[0]
    assert by_rate[5] < lagged[5] + 1


def test_people_are_shared_out_among_posts_without_loss():
    """Two posts of one demand have together what the demand needs, in every slot."""
    one = formula_branch()
    posts = tuple(
        Post(name=name, demand="counter", least=(0,) * 10, most=(9,) * 10, share=share)
        for name, share in (("a", 2.0), ("b", 1.0))
    )
    both = StaffingProblem(
        slots=one.slots, demands=one.demands, posts=posts, present=one.present, target=one.target
    )
    assert (by_load(both).sum(axis=0) == by_load(one)[0]).all()
    assert (by_interval(both).sum(axis=0) == by_interval(one)[0]).all()
    assert (by_load(both)[0] >= by_load(both)[1]).all()
