"""Waiting in stationary queues with many servers: Erlang B, C and A in closed form.

``M/M/s`` (Erlang C) and ``M/M/s+M`` (Erlang A: customers give up after an exponential time).
Rates are per second, times seconds. Written so that no factorial or exponential overflows.

References
----------
Erlang (1917), Elektroteknikeren 13, 5-13. Garnett, Mandelbaum and Reiman (2002), M&SOM 4,
208-227, doi:10.1287/msom.4.3.208.7753. Zeltyn and Mandelbaum (2005), Queueing Systems 51,
361-402, doi:10.1007/s11134-005-3699-8.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
NODES, PANELS = 24, 9
LONGEST = 60.0
"""Waits are followed until their density has fallen by exp(-60)."""
MOST_SERVERS = 100_000
HALVINGS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Customers who come evenly and wait in one line.

    Attributes
    ----------
    arrivals_per_second : float
        Rate of arrival.
    service_seconds : float
        Mean time of a service.
    patience_seconds : float
        Mean of the exponential time after which an uncalled customer leaves; inf: never.
    """

    arrivals_per_second: float
    service_seconds: float
    patience_seconds: float = math.inf

    @property
    def offered_load(self) -> float:
        """Mean number of servers that would be busy if there were enough [Erlang]."""
        return self.arrivals_per_second * self.service_seconds


def erlang_b(servers: int, offered_load: float) -> float:
    """Return the share of customers lost where nobody can wait.

    Parameters
    ----------
    servers : int
        0 or more.
    offered_load : float
        [Erlang].

    Examples
    --------
    >>> round(erlang_b(10, 5.0), 4)
    0.0184
    """
    lost = 1.0
    for count in range(1, servers + 1):
        lost = offered_load * lost / (count + offered_load * lost)
    return lost


def erlang_c(servers: int, offered_load: float) -> float:
    """Return the share of customers who wait; 1 where the servers cannot keep up.

    Examples
    --------
    >>> round(erlang_c(10, 8.0), 4)
    0.4092
    """
    if servers <= offered_load:
        return 1.0
    lost = erlang_b(servers, offered_load)
    return servers * lost / (servers - offered_load * (1 - lost))


def within(queue: Queue, servers: int, seconds: float) -> float:
    """Return the share of all customers who are called within a time.

    Who gives up before that counts against it. Without patience this is Erlang C, with it
    Erlang A.

    Parameters
    ----------
    queue : Queue
        Who comes.
    servers : int
        0 or more.
    seconds : float
        The time, 0 or more.

    Examples
    --------
    >>> calm = Queue(arrivals_per_second=40 / 3600, service_seconds=300.0)
    >>> round(within(calm, 4, 300.0), 3)
    0.662
    >>> hasty = Queue(arrivals_per_second=40 / 3600, service_seconds=300.0, patience_seconds=1200.0)
    >>> round(within(hasty, 4, 300.0), 3)
    0.837
    """
    if queue.offered_load <= 0:
        return 1.0
    if servers == 0:
        return 0.0
    if math.isinf(queue.patience_seconds):
        if servers <= queue.offered_load:
            return 0.0
        spare = (servers - queue.offered_load) / queue.service_seconds
        return 1 - erlang_c(servers, queue.offered_load) * math.exp(-spare * seconds)
    return _served_between(queue, servers, seconds)


def servers_needed(queue: Queue, seconds: float, share: float, *, least: int = 0) -> int:
    """Return the fewest servers with which a share of customers is called within a time.

    Parameters
    ----------
    queue : Queue
        Who comes.
    seconds, share : float
        The target: at least `share` (below 1) within `seconds`.
    least : int
        Begin with so many.

    Examples
    --------
    >>> servers_needed(Queue(arrivals_per_second=40 / 3600, service_seconds=300.0), 300.0, 0.8)
    5
    """
    count = max(least, 0)
    if math.isinf(queue.patience_seconds):
        count = max(count, math.ceil(queue.offered_load))
    while count < MOST_SERVERS and within(queue, count, seconds) < share:
        count += 1
    return count


def _served_between(queue: Queue, servers: int, seconds: float) -> float:
    """Return the share called within a time where customers give up.

    The virtual wait (that of a customer of endless patience) has the density
    arrivals × exp(arrivals H(x) - servers x / service), H(x) the integral of the patience's
    survival, in units of the probability that all servers but one are busy (Baccelli and Hebuterne
    1981); who meets a virtual wait is called if still there. All is divided by the density's
    greatest exponential, lest it overflow.
    """
    arrivals, patience = queue.arrivals_per_second, queue.patience_seconds
    drain = servers / queue.service_seconds
    peak = max(patience * math.log(arrivals / drain), 0.0)
    highest = float(_exponent(peak, arrivals, patience, drain))

    def is_gone(at: float) -> bool:
        return float(_exponent(at, arrivals, patience, drain)) < highest - LONGEST

    def weighed(since: float, until: float) -> tuple[Floats, Floats]:
        places, weights = _nodes(since, until)
        exponents = _exponent(places, arrivals, patience, drain) - highest
        return places, weights * arrivals * np.exp(exponents)

    begin, end = _extent(peak, 1 / drain, is_gone)
    middle = min(max(seconds, begin), end)
    waits, early = weighed(begin, middle)
    late = weighed(middle, end)[1]
    lost = erlang_b(servers - 1, queue.offered_load)
    idle = math.exp(-highest)
    called = idle + lost * float(early @ np.exp(-waits / patience))
    return called / (idle + lost * float(early.sum() + late.sum()))


def _extent(peak: float, step: float, is_gone: Callable[[float], bool]) -> tuple[float, float]:
    """Return the stretch around a peak outside of which a density is as good as nothing."""
    end = peak + step
    while not is_gone(end):
        step *= 1.5
        end += step
    low, high = 0.0, peak
    for _ in range(HALVINGS if is_gone(0.0) else 0):
        half = (low + high) / 2
        low, high = (half, high) if is_gone(half) else (low, half)
    return low, end


def _exponent(at: Floats | float, arrivals: float, patience: float, drain: float) -> Floats | float:
    return -arrivals * patience * np.expm1(-np.asarray(at) / patience) - drain * np.asarray(at)


def _last(arrivals: float, patience: float, drain: float, seconds: float) -> float:
    peak = max(patience * math.log(arrivals / drain), 0.0)
    highest = float(_exponent(peak, arrivals, patience, drain))
    end = max(peak, seconds) + 1 / drain
    while float(_exponent(end, arrivals, patience, drain)) > highest - LONGEST:
        end *= 1.5
    return end


def _nodes(since: float, until: float) -> tuple[Floats, Floats]:
    """Return nodes and weights of Gauss and Legendre, finer towards the beginning."""
    places, weights = _on_unit()
    return since + (until - since) * places, (until - since) * weights


@cache
def _on_unit() -> tuple[Floats, Floats]:
    """Return nodes and weights on 0 to 1, in panels each twice as wide as the one before."""
    places, weights = np.polynomial.legendre.leggauss(NODES)
    edges = np.concatenate([[0.0], 0.5 ** np.arange(PANELS, -1, -1)])
    halves = np.diff(edges) / 2
    nodes = edges[:-1, None] + halves[:, None] * (places + 1)
    return nodes.ravel(), (halves[:, None] * weights).ravel()
