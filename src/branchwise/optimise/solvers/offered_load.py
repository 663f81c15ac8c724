"""Staffing by formulas: the modified offered load, and interval by interval as if for ever.

If there were servers without end, the number busy at time t would be Poisson with mean

    m(t) = E of the integral of the arrival rate over (t - S, t],

S the time of a service: people who came before t and are still served. The modified offered load
staffs each interval as if m(t) were the load for ever. The usual way (stationary, independent,
period by period) takes the arrival rate times the mean service instead: it lags behind where
services are long.

References
----------
Jennings, Mandelbaum, Massey and Whitt (1996), Management Science 42, 1383-1394,
doi:10.1287/mnsc.42.10.1383. Halfin and Whitt (1981), Operations Research 29, 567-588,
doi:10.1287/opre.29.3.567. Green, Kolesar and Soares (2001), Operations Research 49, 549-564,
doi:10.1287/opre.49.4.549.11228.
"""

from __future__ import annotations

import math

import numpy as np

from branchwise.optimise.model import Counts, Demand, Floats, Slots, StaffingProblem, Target
from branchwise.optimise.solvers.erlang import Queue, servers_needed

POINTS = 9
"""Places within a slot at which the load is looked at."""


def offered_load(demand: Demand, slots: Slots, at: Floats) -> Floats:
    """Return the mean number of busy servers if there were servers without end [Erlang].

    Parameters
    ----------
    demand : Demand
        Who comes, evenly within each slot, and how long they are served.
    slots : Slots
        The day; nobody is there before it.
    at : array
        Times [s after midnight].

    Examples
    --------
    >>> steady = Demand(name="q", rates_per_hour=(12.0,) * 8, service_seconds=(600.0,))
    >>> offered_load(steady, Slots(first_second=0.0, count=8), np.array([300.0, 900.0])).tolist()
    [1.0, 2.0]
    """
    bounds, services = slots.bounds, np.asarray(demand.service_seconds)
    rates = np.asarray(demand.rates_per_hour) / 3600
    since = np.maximum(np.asarray(at)[:, None] - bounds[None, :], 0.0)
    inside = np.minimum(services[None, None, :], since[:, :, None]).mean(axis=2)
    return np.asarray((inside[:, :-1] - inside[:, 1:]) @ rates)


def slot_loads(demand: Demand, slots: Slots) -> Floats:
    """Return the mean of the offered load over each slot [Erlang].

    Examples
    --------
    >>> steady = Demand(name="q", rates_per_hour=(12.0,) * 3, service_seconds=(900.0,))
    >>> slot_loads(steady, Slots(first_second=0.0, count=3)).round(2).tolist()
    [1.5, 3.0, 3.0]
    """
    parts = (np.arange(POINTS) + 0.5) / POINTS
    at = slots.bounds[:-1, None] + slots.seconds * parts[None, :]
    return np.asarray(offered_load(demand, slots, at.ravel()).reshape(-1, POINTS).mean(axis=1))


def servers_by_load(demand: Demand, slots: Slots, target: Target) -> Counts:
    """Return servers a slot by the modified offered load, with Erlang C or, if any give up, A.

    Examples
    --------
    >>> steady = Demand(name="q", rates_per_hour=(40.0,) * 3, service_seconds=(300.0,))
    >>> aim = Target(seconds=300.0, share=0.8)
    >>> servers_by_load(steady, Slots(first_second=0.0, count=3), aim).tolist()
    [4, 5, 5]
    """
    loads = slot_loads(demand, slots)
    return np.array([_needed(demand, load, target) for load in loads], dtype=np.int64)


def servers_by_interval(demand: Demand, target: Target) -> Counts:
    """Return servers a slot by Erlang C, each slot as if its rate had held for ever.

    Examples
    --------
    >>> steady = Demand(name="q", rates_per_hour=(40.0,) * 3, service_seconds=(300.0,))
    >>> servers_by_interval(steady, Target(seconds=300.0, share=0.8)).tolist()
    [5, 5, 5]
    """
    mean = demand.mean_service_seconds
    loads = [rate / 3600 * mean for rate in demand.rates_per_hour]
    found = [_needed(demand, load, target, gives_up=False) for load in loads]
    return np.array(found, dtype=np.int64)


def servers_by_square_root(load: float, delayed_share: float) -> int:
    """Return load plus a multiple of its root: servers so that no more than a share waits at all.

    Halfin and Whitt: with load + b √load servers the share that waits is near
    1 / (1 + b F(b) / f(b)), F and f the normal distribution and density.

    Parameters
    ----------
    load : float
        [Erlang].
    delayed_share : float
        Above 0, below 1.

    Examples
    --------
    >>> servers_by_square_root(100.0, 0.2)
    111
    """
    from scipy.optimize import brentq
    from scipy.stats import norm

    def over(margin: float) -> float:
        ratio = margin * norm.cdf(margin) / norm.pdf(margin)
        return float(1 / (1 + ratio) - delayed_share)

    return math.ceil(load + float(brentq(over, 0.0, 30.0)) * math.sqrt(load) - 1e-9)


def by_load(problem: StaffingProblem) -> Counts:
    """Return the plan of the modified offered load, shape (posts, slots), limits left aside."""
    return _by_post(
        problem, [servers_by_load(one, problem.slots, problem.target) for one in problem.demands]
    )


def by_interval(problem: StaffingProblem) -> Counts:
    """Return the plan of Erlang C interval by interval, shape (posts, slots), limits left aside."""
    return _by_post(problem, [servers_by_interval(one, problem.target) for one in problem.demands])


def _needed(demand: Demand, load: float, target: Target, *, gives_up: bool = True) -> int:
    mean = demand.mean_service_seconds
    queue = Queue(
        arrivals_per_second=load / mean,
        service_seconds=mean,
        patience_seconds=demand.patience_seconds if gives_up else math.inf,
    )
    return servers_needed(queue, target.seconds, target.share)


def _by_post(problem: StaffingProblem, by_demand: list[Counts]) -> Counts:
    """Share servers of a demand out among its posts, the largest remainders rounded up."""
    plan = np.zeros((len(problem.posts), problem.slots.count), dtype=np.int64)
    for one, servers in zip(problem.demands, by_demand, strict=True):
        chosen = [place for place, post in enumerate(problem.posts) if post.demand == one.name]
        shares = np.array([problem.posts[place].share for place in chosen])
        exact = servers[None, :] * (shares / shares.sum())[:, None]
        whole = np.floor(exact + 1e-9).astype(np.int64)
        order = np.argsort(-(exact - whole), axis=0, kind="stable").argsort(axis=0, kind="stable")
        whole += order < (servers - whole.sum(axis=0))[None, :]
        plan[chosen] = whole
    return plan
