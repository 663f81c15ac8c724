"""What holds on every day of every branch: Little's law, PASTA, nobody lost, nobody doubled."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.oracle.twin.scenarios import scenarios

from branchwise.twin.run import simulate
from branchwise.twin.scenario import Entrance, Scenario
from branchwise.twin.trace import CUSTOMER_OUTCOMES, Trace, trace

SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
SEEDS = st.integers(0, 2**31)


@SETTINGS
@given(scenarios(), SEEDS)
def test_little(scenario, seed):
    """The area under the number waiting is the sum of the waits, told in three ways.

    From joinings and calls of the steps; from the customers; from the counts of `simulate`.
    """
    day = trace(scenario, seed=seed)
    moments = np.concatenate([day.step_queued, day.step_called])
    changes = np.repeat([1, -1], len(day.step_queued))
    order = np.argsort(moments, kind="stable")
    waiting = np.cumsum(changes[order])[:-1]
    area = float((waiting * np.diff(moments[order])).sum())
    counted = simulate(scenario, replications=1, seed=seed).by_class["wait_seconds"].sum()
    assert math.isclose(area, day.wait.sum(), rel_tol=1e-9, abs_tol=1e-6)
    assert math.isclose(area, counted, rel_tol=1e-9, abs_tol=1e-6)
    assert (waiting >= 0).all()


@SETTINGS
@given(scenarios(), SEEDS, st.integers(0, 50))
def test_counts_are_those_of_the_trace(scenario, seed, replication):
    """Customers by class and outcome, services and busy time by station add up to the same."""
    day = trace(scenario, seed=seed, replication=replication)
    found = simulate(scenario, replications=1, seed=seed, first_replication=replication)
    for kind in range(len(scenario.classes)):
        own = day.customer_class == kind
        assert found.by_class["customers"][0, kind] == own.sum()
        for number, outcome in enumerate(CUSTOMER_OUTCOMES[:4]):
            assert found.by_class[outcome][0, kind] == (own & (day.outcome == number)).sum()
        assert math.isclose(found.by_class["wait_seconds"][0, kind], day.wait[own].sum())
    busy = day.step_ended - day.step_called
    for place in range(len(scenario.stations)):
        own = day.step_station == place
        assert found.by_station["services"][0, place] == own.sum()
        assert math.isclose(found.by_station["busy_seconds"][0, place], busy[own].sum())


@SETTINGS
@given(scenarios(), SEEDS)
def test_nobody_is_lost_and_no_server_is_doubled(scenario, seed):
    """Everybody leaves, in order of time; a server has one customer, a customer one server."""
    day = trace(scenario, seed=seed)
    assert (day.outcome < CUSTOMER_OUTCOMES.index("inside")).all()
    assert (day.entered <= day.ticket).all()
    assert (day.ticket <= day.left).all()
    called = day.step_station >= 0
    assert (day.step_queued <= day.step_called).all()
    assert (day.step_called <= day.step_ended).all()
    begun = called & ~np.isnan(day.step_started)
    assert (day.step_called[begun] <= day.step_started[begun]).all()
    assert (day.step_started[begun] <= day.step_ended[begun]).all()
    servers = list(zip(day.step_station[called], day.step_member[called], strict=True))
    assert_apart(servers, day.step_called[called], day.step_ended[called])
    assert_apart(day.step_customer.tolist(), day.step_queued, day.step_ended)


def assert_apart(owners: list, since: np.ndarray, until: np.ndarray) -> None:
    """Assert that the spells of an owner do not overlap."""
    spells = sorted(zip(owners, since.tolist(), until.tolist(), strict=True))
    for (owner, _, end), (other, begin, _) in itertools.pairwise(spells):
        assert owner != other or end <= begin


@settings(SETTINGS, derandomize=True)
@given(scenarios(), st.integers(0, 1000))
def test_pasta(scenario, seed):
    """Who comes sees a line as often as there is one: Poisson arrivals see time averages.

    Of customers who come at the rate r(t), those who see a line are as many in the mean as the
    integral of r over the times with a line, and the difference has the same number for its
    variance (a martingale, whatever the rates). So it lies within 4.5 roots of it, which one test
    in 150,000 misses by chance; too few arrivals for a normal law are not looked at.
    """
    plain = replace(scenario, given=(), appointments=(), entrance=Entrance(), day_shape=None)
    begins = plain.start.at_second if plain.start else 0.0
    seen, expected = 0, 0.0
    for number in range(20):
        day = trace(plain, seed=seed, replication=number)
        since, until = times_with_a_line(day)
        comes = day.entered[day.entered > begins]
        before = np.searchsorted(since, comes, side="left") - 1
        seen += int(((before >= 0) & (until[np.maximum(before, 0)] >= comes)).sum())
        expected += (arrivals_until(plain, until) - arrivals_until(plain, since)).sum()
    assume(expected > 100)
    assert abs(seen - expected) < 4.5 * math.sqrt(expected)


def times_with_a_line(day: Trace) -> tuple[np.ndarray, np.ndarray]:
    """Return beginnings and ends of the times when somebody waits."""
    begins = day.scenario.start.at_second if day.scenario.start else 0.0
    since = np.maximum(day.step_queued, begins)
    order = np.argsort(since)
    since, until = since[order], np.maximum.accumulate(day.step_called[order])
    is_new = np.concatenate([[True], since[1:] > until[:-1]])
    ends = np.concatenate([until[:-1][is_new[1:]], until[-1:]])
    return (since[is_new], ends) if len(since) else (np.zeros(1), np.zeros(1))


def arrivals_until(scenario: Scenario, seconds: np.ndarray) -> np.ndarray:
    """Return how many customers of all classes come in the mean until some seconds."""
    slots = max((len(one.rates_per_hour) for one in scenario.classes), default=0)
    bounds = scenario.rates_start_second + scenario.slot_seconds * np.arange(slots + 1)
    total = np.zeros(slots)
    for one in scenario.classes:
        total[: len(one.rates_per_hour)] += one.rates_per_hour
    reached = np.concatenate([[0.0], np.cumsum(total) * scenario.slot_seconds / 3600])
    return np.interp(seconds, bounds, reached)
