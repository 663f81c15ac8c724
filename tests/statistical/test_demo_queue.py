"""The event list of the synthetic bank against closed forms of queueing theory."""

import math

import numpy as np
import pytest

from branchwise.sources.demo.catalogues import MACHINE
from branchwise.sources.demo.queue import NO_SHOW, SERVED, WALKED_OUT, Station, Visits, run_day

ALWAYS = ((0.0, 1e9),)


def visits(arrived, service, **given):
    count = len(arrived)
    plain = {
        "skill": [0] * count,
        "counter_skill": [0] * count,
        "priority": [0] * count,
        "counter_service": list(service),
        "patience": [math.inf] * count,
        "walk": [0.0] * count,
        "asks": [False] * count,
        "response": [0.0] * count,
        "stays_silent": [False] * count,
        "follower": [-1] * count,
        "coming": [0.0] * count,
    }
    return Visits(arrived=list(arrived), service=list(service), **{**plain, **given})


def windows(count, skills=(0,)):
    return [Station(skills=skills, spells=ALWAYS) for _ in range(count)]


def erlang_c(servers, load):
    """Probability of waiting in M/M/c (Erlang 1917), from the sum of its states."""
    states = [load**n / math.factorial(n) for n in range(servers)]
    last = load**servers / math.factorial(servers) * servers / (servers - load)
    return last / (sum(states) + last)


@pytest.mark.parametrize(("servers", "load"), [(1, 0.6), (3, 2.1), (6, 5.0)])
def test_waits_agree_with_erlang_c(servers, load):
    """Mean wait and share waiting of M/M/c lie within five standard errors of Erlang's formula."""
    runs, mean_service = 12, 60.0
    chance = np.random.default_rng(20260302 + servers)
    waits, shares = [], []
    for _ in range(runs):
        count = 6000
        arrived = np.cumsum(chance.exponential(mean_service / load, count))
        service = chance.exponential(mean_service, count)
        records = run_day(
            visits(arrived.tolist(), service.tolist()), windows(servers), approvers=1, shuts=1e9
        )
        waited = (np.array(records.called) - arrived)[1000:]
        waits.append(waited.mean())
        shares.append((waited > 1e-9).mean())
    probability = erlang_c(servers, load)
    expected = probability * mean_service / (servers - load)
    error = np.std(waits, ddof=1) / math.sqrt(runs)
    assert abs(np.mean(waits) - expected) < 5 * error
    assert abs(np.mean(shares) - probability) < 5 * np.std(shares, ddof=1) / math.sqrt(runs)


def test_abandonment_agrees_with_erlang_a():
    """With exponential patience the share who leave is that of M/M/c+M from its states."""
    servers, arrival, service, patience = 3, 3.2 / 60, 1 / 60, 1 / 240
    weights = [1.0]
    for state in range(1, 200):
        leaving = min(state, servers) * service + max(0, state - servers) * patience
        weights.append(weights[-1] * arrival / leaving)
    shares = np.array(weights) / sum(weights)
    queue = sum(max(0, state - servers) * share for state, share in enumerate(shares))
    expected = patience * queue / arrival
    chance = np.random.default_rng(7)
    lost = []
    for _ in range(20):
        arrived = np.cumsum(chance.exponential(1 / arrival, 6000))
        drawn = visits(
            arrived.tolist(),
            chance.exponential(1 / service, 6000).tolist(),
            patience=chance.exponential(1 / patience, 6000).tolist(),
        )
        records = run_day(drawn, windows(servers), approvers=1, shuts=1e9)
        lost.append((np.array(records.outcome)[500:] == WALKED_OUT).mean())
    assert abs(np.mean(lost) - expected) < 5 * np.std(lost, ddof=1) / math.sqrt(20)


def test_higher_priority_is_called_earlier_and_equals_in_order_of_arrival():
    """One window, three waiting: the late visitor of high priority passes the others."""
    drawn = visits([0.0, 1.0, 2.0, 3.0], [10.0] * 4, priority=[0, 0, 0, 2])
    assert run_day(drawn, windows(1), approvers=1, shuts=1e9).called == [0.0, 20.0, 30.0, 10.0]


def test_an_authorisation_holds_teller_and_approver():
    """Two windows ask one approver at 30 s: the second waits until the first has been given."""
    drawn = visits([0.0, 0.0], [60.0, 60.0], asks=[True, True], response=[40.0, 40.0])
    records = run_day(drawn, windows(2), approvers=1, shuts=1e9)
    assert records.requested == [30.0, 30.0]
    assert records.granted == [70.0, 110.0]
    assert records.ended == [100.0, 140.0]
    both = run_day(drawn, windows(2), approvers=2, shuts=1e9)
    assert both.ended == [100.0, 100.0]


def test_a_number_called_in_vain_costs_the_window_time():
    """Who left silently is called, marked as not there, and the next one waits 20 s longer."""
    drawn = visits(
        [0.0, 1.0, 2.0], [100.0] * 3, patience=[1e9, 50.0, 1e9], stays_silent=[False, True, False]
    )
    records = run_day(drawn, windows(1), approvers=1, shuts=1e9)
    assert records.outcome == [SERVED, NO_SHOW, SERVED]
    assert records.called == [0.0, 100.0, 120.0]


def test_a_failed_session_comes_to_the_counter():
    """The follower of a session at a machine arrives 40 s after it, and only then."""
    drawn = visits(
        [0.0, math.nan], [60.0, 30.0], skill=[MACHINE, 0], counter_skill=[0, 0], follower=[1, -1]
    )
    floor = [Station(skills=(MACHINE,), spells=ALWAYS), *windows(1)]
    records = run_day(drawn, floor, approvers=1, shuts=1e9)
    assert (records.arrived[1], records.called[1]) == (100.0, 100.0)


def test_without_a_working_machine_visitors_turn_to_the_counter():
    """A machine that is down takes nobody: the visit is served at the window, at its pace."""
    drawn = visits([50.0], [60.0], skill=[MACHINE], counter_skill=[0], counter_service=[200.0])
    floor = [Station(skills=(MACHINE,), spells=((0.0, 40.0),)), *windows(1)]
    records = run_day(drawn, floor, approvers=1, shuts=1e9)
    assert (records.skill, records.ended) == ([0], [250.0])


def test_a_window_rests_at_lunch_after_finishing_whom_it_serves():
    """Nobody is called between the end of a spell and the next."""
    window = Station(skills=(0,), spells=((0.0, 100.0), (400.0, 1e9)))
    records = run_day(visits([50.0, 60.0], [80.0, 10.0]), [window], approvers=1, shuts=1e9)
    assert records.called == [50.0, 400.0]
    assert records.ended == [130.0, 410.0]


def test_a_window_on_call_comes_when_enough_wait_and_goes_when_nobody_does():
    """It is called by the second who waits, opens 30 s later, and has no idle minute."""
    drawn = visits([0.0, 1.0, 2.0, 200.0], [100.0] * 4, coming=[30.0] * 4)
    on_call = Station(skills=(0,), spells=ALWAYS, planned=(), opens_at=2)
    records = run_day(drawn, [*windows(1), on_call], approvers=1, shuts=1e9)
    assert records.called == [0.0, 32.0, 100.0, 200.0]
    assert records.station == [0, 1, 0, 0]
    assert records.open_seconds[1] == 100.0


def test_a_planned_window_waits_for_visitors_and_stays_after_its_plan_while_they_wait():
    """Open by plan from 0 to 50 s it takes two visitors, the second after the plan has ended."""
    station = Station(skills=(0,), spells=ALWAYS, planned=((0.0, 50.0),), opens_at=9)
    records = run_day(visits([10.0, 11.0, 300.0], [60.0] * 3), [station], approvers=1, shuts=1e9)
    assert records.called[:2] == [10.0, 70.0]
    assert math.isnan(records.called[2])
    assert records.open_seconds == [130.0]
