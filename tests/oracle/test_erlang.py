"""Erlang's closed forms against chains solved by brute force, and against printed tables."""

import math

import numpy as np
import pytest
from scipy.linalg import expm

from branchwise.optimise.solvers.erlang import Queue, erlang_b, erlang_c, servers_needed, within
from branchwise.optimise.solvers.offered_load import servers_by_square_root

MOST = 160
CASES = [
    (40 / 3600, 300.0, 4, 300.0, 1200.0),
    (40 / 3600, 300.0, 4, 300.0, math.inf),
    (100 / 3600, 300.0, 7, 120.0, 600.0),
    (10 / 3600, 1500.0, 5, 300.0, 2000.0),
    (30 / 3600, 300.0, 1, 60.0, 90.0),
    (200 / 3600, 300.0, 18, 0.0, 900.0),
]


def by_brute_force(arrivals, service, servers, seconds, patience):
    """Return the share called within a time: states of the chain, then a tagged customer in line.

    Stationary probabilities by solving the balance equations of a chain cut off at MOST; the
    customer who meets all servers busy moves up as others are served or leave, until called or
    gone, by the exponential of that chain's generator.
    """
    leaving = 0.0 if math.isinf(patience) else 1 / patience
    generator = np.zeros((MOST + 1, MOST + 1))
    for here in range(MOST + 1):
        if here < MOST:
            generator[here, here + 1] = arrivals
        if here > 0:
            ends = min(here, servers) / service + max(here - servers, 0) * leaving
            generator[here, here - 1] = ends
        generator[here, here] = -generator[here].sum()
    balance = np.vstack([generator.T, np.ones(MOST + 1)])
    states = np.linalg.lstsq(balance, np.r_[np.zeros(MOST + 1), 1.0], rcond=None)[0]
    lengths = MOST - servers + 1
    called, gone = lengths, lengths + 1
    line = np.zeros((lengths + 2, lengths + 2))
    for ahead in range(lengths):
        line[ahead, ahead - 1 if ahead else called] += servers / service
        if ahead:
            line[ahead, ahead - 1] += ahead * leaving
        line[ahead, gone] += leaving
        line[ahead, ahead] = -line[ahead].sum()
    reached = expm(line * seconds)[:lengths, called]
    return states[:servers].sum() + states[servers:] @ reached


@pytest.mark.parametrize("case", CASES)
def test_share_called_within_a_time(case):
    """Erlang C and A give the share that a chain of states and a tagged customer give."""
    arrivals, service, servers, seconds, patience = case
    queue = Queue(arrivals_per_second=arrivals, service_seconds=service, patience_seconds=patience)
    assert within(queue, servers, seconds) == pytest.approx(by_brute_force(*case), abs=1e-9)


@pytest.mark.parametrize(
    ("servers", "load", "lost"),
    [(1, 0.0101, 0.01), (2, 0.153, 0.01), (5, 1.361, 0.01), (10, 4.461, 0.01), (20, 12.03, 0.01)],
)
def test_printed_table_of_loss(servers, load, lost):
    """The common table of Erlang B: loads at which 1 % are lost."""
    assert erlang_b(servers, load) == pytest.approx(lost, rel=6e-3)


def test_one_server_waits_as_often_as_it_is_busy():
    """With one server the share that waits is its load, and waits are exponential (M/M/1)."""
    assert erlang_c(1, 0.7) == pytest.approx(0.7)
    queue = Queue(arrivals_per_second=0.7 / 60, service_seconds=60.0)
    assert within(queue, 1, 30.0) == pytest.approx(1 - 0.7 * math.exp(-0.3 * 30 / 60))


def test_endless_patience_is_the_limit_of_long_patience():
    """Erlang A becomes Erlang C as patience grows."""
    calm = Queue(arrivals_per_second=0.01, service_seconds=300.0)
    patient = Queue(arrivals_per_second=0.01, service_seconds=300.0, patience_seconds=1e9)
    assert within(patient, 4, 300.0) == pytest.approx(within(calm, 4, 300.0), abs=1e-5)


def test_large_systems_do_not_overflow():
    """Two thousand servers are no harder than two."""
    queue = Queue(arrivals_per_second=6.0, service_seconds=300.0, patience_seconds=60.0)
    assert 0.5 < within(queue, 1800, 30.0) < 1.0
    assert 0.0 < erlang_b(2000, 1900.0) < erlang_c(2000, 1900.0) < 1.0


def test_fewest_servers_are_the_fewest():
    """One server less than needed misses the target."""
    queue = Queue(arrivals_per_second=0.05, service_seconds=300.0, patience_seconds=900.0)
    count = servers_needed(queue, 300.0, 0.8)
    assert within(queue, count, 300.0) >= 0.8 > within(queue, count - 1, 300.0)


@pytest.mark.parametrize("load", [20.0, 100.0, 400.0])
def test_square_root_staffing_is_within_a_server_of_the_exact(load):
    """Load plus a multiple of its root gives Erlang C's number but for one server."""
    exact = next(count for count in range(int(load) + 1, 9999) if erlang_c(count, load) <= 0.2)
    assert abs(servers_by_square_root(load, 0.2) - exact) <= 1
