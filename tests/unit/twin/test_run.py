"""Replications: the same chance for the same names, whoever runs them, and room for any day."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from branchwise.twin import run
from branchwise.twin.example import corner_branch
from branchwise.twin.laws import Exponential
from branchwise.twin.run import quantile_of_waits, simulate
from branchwise.twin.scenario import CustomerClass, Step
from branchwise.twin.trace import trace

COUNTS = ("by_class", "by_station", "by_pool", "by_slot")


def same(one, other):
    return all(
        (getattr(one, part)[name] == getattr(other, part)[name]).all()
        for part in COUNTS
        for name in getattr(one, part)
    )


def test_the_same_seed_gives_the_same_days():
    """Two runs are the same, bit for bit; another seed is not."""
    first, again = (simulate(corner_branch(), replications=30, seed=5) for _ in range(2))
    assert same(first, again)
    assert not same(first, simulate(corner_branch(), replications=30, seed=6))


def test_days_do_not_know_their_neighbours():
    """Replications 10 to 29 are the same alone as among 0 to 29."""
    whole = simulate(corner_branch(), replications=30, seed=5)
    part = simulate(corner_branch(), replications=20, seed=5, first_replication=10)
    for name, values in whole.by_class.items():
        assert (values[10:] == part.by_class[name]).all()


def test_a_day_played_again_is_the_day_that_was_counted():
    """The trace of a day has the waits and outcomes of its counts."""
    counted = simulate(corner_branch(), replications=5, seed=9)
    day = trace(corner_branch(), seed=9, replication=3)
    assert counted.by_class["wait_seconds"][3].sum() == day.wait.sum()
    assert counted.by_class["served"][3].sum() == (day.outcome == 0).sum()


def test_room_grows(monkeypatch):
    """A state too small for the day is made larger, and nothing of the result changes."""
    usual = simulate(corner_branch(), replications=5, seed=1)
    monkeypatch.setattr(run, "ROOM", 2)
    assert same(usual, simulate(corner_branch(), replications=5, seed=1))


def test_scenarios_share_their_customers():
    """More counters, another class, a slower law: ordinary customers come at the same times."""
    today = corner_branch()
    counter, machine = today.stations
    guest = CustomerClass(name="guest", rates_per_hour=(30.0,) * 32, mix={"cash": 1.0})
    others = (
        replace(today, stations=(replace(counter, open=(Step(at_second=0, count=9),)), machine)),
        replace(today, classes=(guest, *today.classes)),
        replace(today, stations=(replace(counter, speed=0.5), machine)),
    )
    arrivals = [_entered(found, "ordinary") for found in (today, *others)]
    for found in arrivals[1:]:
        np.testing.assert_array_equal(arrivals[0], found)


def _entered(scenario, name):
    day = trace(scenario, seed=4)
    place = [found.name for found in scenario.classes].index(name)
    return np.sort(day.entered[day.customer_class == place])


def test_quantiles_agree_with_the_days_themselves():
    """Without lost customers the quantile from bins is the sample quantile, to a bin."""
    scenario = replace(
        corner_branch(),
        ends_second=86400.0,
        classes=tuple(replace(kind, patience=None) for kind in corner_branch().classes),
    )
    days = range(40)
    result = simulate(scenario, replications=len(days), seed=1)
    waits = np.concatenate([trace(scenario, seed=1, replication=day).wait for day in days])
    assert result.by_class["sent_away"].sum() == 0
    for share in (0.8, 0.9, 0.95):
        assert abs(result.wait_quantile(share) - np.quantile(waits, share)) <= 5.0


def test_lost_waits_are_censored():
    """Half lost at 100 s, half called at 200 s: nobody is called before 200 s."""
    waits = np.zeros((1, 2, 1441), dtype=np.int64)
    waits[0, 1, 20], waits[0, 0, 40] = 50, 50
    assert 200.0 <= quantile_of_waits(waits, 0.5) <= 205.0
    waits[0, 1, 20], waits[0, 0, 40] = 100, 0
    assert quantile_of_waits(waits, 0.5) == float("inf")


def test_the_day_factor_spreads_days():
    """With a gamma factor of shape 4 the variance of a day's customers is the mean + mean²/4."""
    kind = CustomerClass(
        name="all", rates_per_hour=(400.0,), mix={"cash": 1.0}, patience=Exponential(mean=60.0)
    )
    scenario = replace(corner_branch(), classes=(kind,), slot_seconds=3600.0, day_shape=4.0)
    count = simulate(scenario, replications=4000, seed=1).by_class["customers"][:, 0]
    expected = 400 + 400**2 / 4
    # 4,000 days: the variance of a gamma mixture of shape 4 is known to about 4 %
    assert abs(count.var() / expected - 1) < 0.15
    assert abs(count.mean() / 400 - 1) < 0.04
