"""The reference day in Cimba (the `cimba` package, 0.9.6), in the processes that it is made for.

Run: ``PYTHON benchmarks/twin/cimba_day.py DAYS SEED`` prints one JSON document, where PYTHON is an
interpreter that has `cimba` (see `peers.py` for how to install it).

A customer is a spawned process with a timer for its patience; counters are resources, the ticket
time is part of the priority in their queues, `acquire_any` waits for tellers and VIP desk at once,
and `set_capacity` opens and closes tellers and lets them finish. So every rule of the day is said
in the package's own terms, with one difference: the engine ranks by whole numbers, so that ticket
times count in microseconds.

Time series of the resources are kept only inside the window, which is therefore all but empty; a
customer who finds an idle server sets no timer. A program of bare `event` methods, with queues kept
by hand in arrays and none of the package's processes, resources and timers, reached 2.7 million
customers a processor second where this one reached 0.81.
"""

from __future__ import annotations

import json
import sys
import time

import cimba as cb
import numpy as np
from numba import njit
from reference_day import CLASSES, CORPORATE, DAY, VIP, Tally, summarise, total_customers

EXPECTED = np.concatenate(([0.0], np.cumsum(DAY.arrivals)))
TELLERS = np.array(DAY.tellers)
KIOSK_MEAN, PATIENCE_MEAN, QUARTER = DAY.kiosk_mean, DAY.patience_mean, DAY.quarter
SMART_MU, SMART_SIGMA, SMART_FAILURE = DAY.smart.mu, DAY.smart.sigma, DAY.smart_failure
HOUR, WAIT_LIMIT = (DAY.closes - DAY.opens) / len(DAY.tellers), DAY.wait_limit
TIMEOUT = -5  # the engine's own signal of a wait that took too long
SECOND = 1_000_000  # ranks are whole numbers: microseconds
LEVEL = 1_000_000 * SECOND  # longer than any day
BY_TELLER, BY_VIP_DESK, GAVE_UP = range(3)
WINDOW = cb.Window(duration=1e-6, cooldown=1e6)


class Kind(cb.Model):
    """A class of customers: its numbers, and what happened to it."""

    share: cb.Param[float]
    smart_share: cb.Param[float]
    level: cb.Param[int]
    mu: cb.Param[float]
    sigma: cb.Param[float]
    count: cb.Output[float]
    wait: cb.Output[float]
    abandoned: cb.Output[float]
    late: cb.Output[float]

    def __init__(self, index: int) -> None:
        law = (DAY.teller, DAY.vip, DAY.corporate, DAY.teller)[index]
        self.share, self.smart_share = DAY.class_share[index], DAY.smart_share[index]
        self.level, self.mu, self.sigma = DAY.priority[index], law.mu, law.sigma

    @cb.on_start
    def start(self):
        """Begin the day with nothing."""
        self.count = self.wait = self.abandoned = self.late = 0.0


@njit
def queue_for(counter):
    """Acquire a counter; return whether it came before the patience ended."""
    if counter.available() > 0:
        counter.acquire()
        return True
    me = cb.this_process()
    me.timer_set(cb.random.exponential(PATIENCE_MEAN), TIMEOUT)
    if counter.acquire() != 0:
        return False
    me.timers_clear()
    return True


@njit
def queue_for_desk(branch, is_vip, rank):
    """Acquire a teller or the VIP desk; return which, or that the patience ended before."""
    if branch.vip_desk.available() > 0 and (is_vip or branch.tellers.available() == 0):
        branch.vip_desk.acquire()
        return BY_VIP_DESK
    if branch.tellers.available() > 0:
        branch.tellers.acquire()
        return BY_TELLER
    me = cb.this_process()
    me.timer_set(cb.random.exponential(PATIENCE_MEAN), TIMEOUT)
    won = cb.acquire_any((branch.tellers, branch.vip_desk), rank)
    if won < 0:
        return GAVE_UP
    me.timers_clear()
    return won


@njit
def at_desks(branch, is_vip, kind, ticket):
    """Wait for a desk and be served there; return the wait and whether the patience ended."""
    joined = cb.now()
    by = queue_for_desk(branch, is_vip, -(kind.level * LEVEL + int(ticket * SECOND)))
    waited = cb.now() - joined
    if by == GAVE_UP:
        return waited, True
    service = cb.random.lognormal(kind.mu, kind.sigma)
    cb.hold(service)
    if by == BY_TELLER:
        branch.teller_busy += service
        branch.tellers.release()
    else:
        branch.vip_desk.release()
    return waited, False


@njit
def at_counter(counter, mu, sigma):
    """Wait for a counter and be served there; return the wait and whether the patience ended."""
    joined = cb.now()
    served = queue_for(counter)
    waited = cb.now() - joined
    if served:
        cb.hold(cb.random.lognormal(mu, sigma))
        counter.release()
    return waited, not served


class Customer(cb.Model):
    """A customer from the kiosk to the door."""

    branch: cb.Ref[Branch]
    kind: cb.Ref[Kind]
    index: int
    to_smart: bool

    @cb.process
    def visit(self):
        """Take a ticket, go where the class goes, and be counted."""
        branch, kind = self.branch, self.kind
        branch.kiosks.acquire()
        cb.hold(cb.random.exponential(KIOSK_MEAN))
        branch.kiosks.release()
        ticket = cb.now()
        if self.to_smart:
            waited, abandoned = at_counter(branch.smart, SMART_MU, SMART_SIGMA)
            if not abandoned and cb.random.uniform() < SMART_FAILURE:
                branch.failed += 1.0
                more, abandoned = at_desks(branch, self.index == VIP, kind, ticket)
                waited += more
        elif self.index == CORPORATE:
            waited, abandoned = at_counter(branch.corporate, kind.mu, kind.sigma)
        else:
            waited, abandoned = at_desks(branch, self.index == VIP, kind, ticket)
        kind.count += 1.0
        kind.wait += waited
        kind.abandoned += 1.0 if abandoned else 0.0
        kind.late += 1.0 if waited > WAIT_LIMIT else 0.0


class Branch(cb.Model):
    """The branch, its arrivals and its shifts."""

    kiosks: cb.Resource = cb.Resource(capacity=DAY.kiosks)
    smart: cb.Resource = cb.Resource(capacity=DAY.smart_counters)
    corporate: cb.Resource = cb.Resource(capacity=1)
    vip_desk: cb.Resource = cb.Resource(capacity=1)
    tellers: cb.Resource = cb.Resource(capacity=DAY.tellers[0])
    kinds: list[Kind]
    failed: cb.Output[float]
    teller_busy: cb.Output[float]

    def __init__(self) -> None:
        self.kinds = [Kind(index) for index in range(len(CLASSES))]

    @cb.on_start
    def start(self):
        """Begin the day with nothing."""
        self.failed = self.teller_busy = 0.0

    @cb.process
    def arrivals(self):
        """Let customers in until closing time: a process of rate 1 mapped to the day's rates."""
        expected, quarter = cb.random.exponential(1.0), 0
        while expected < EXPECTED[-1]:
            while expected >= EXPECTED[quarter + 1]:
                quarter += 1
            part = expected - EXPECTED[quarter]
            part /= EXPECTED[quarter + 1] - EXPECTED[quarter]
            cb.hold((quarter + part) * QUARTER - cb.now())
            index, u = 0, cb.random.uniform()
            while index < len(self.kinds) - 1 and u >= self.kinds[index].share:
                u -= self.kinds[index].share
                index += 1
            kind = self.kinds[index]
            to_smart = u < kind.share * kind.smart_share
            cb.spawn(Customer, branch=self, kind=kind, index=index, to_smart=to_smart)
            expected += cb.random.exponential(1.0)

    @cb.process
    def shifts(self):
        """Open and close tellers on the hour."""
        for hour in range(1, len(TELLERS)):
            cb.hold(HOUR)
            self.tellers.set_capacity(TELLERS[hour])


def simulate(days: int, seed: int) -> Tally:
    """Simulate some days; return what happened on each."""
    branch = Branch()
    experiment = cb.Experiment(branch, replications=days, window=WINDOW, seed=seed)
    results = experiment.run(workers=1)
    if results.failed.any():
        raise RuntimeError(str(results.failure_reasons[results.failed][0]))
    customers = [
        [getattr(results[kind], what).values[0] for what in ("count", "wait", "abandoned", "late")]
        for kind in branch.kinds
    ]
    whole = results[branch]
    return Tally(
        np.moveaxis(np.array(customers), 2, 0), whole.failed.values[0], whole.teller_busy.values[0]
    )


def run(days: int, seed: int) -> dict[str, list[float]]:
    """Simulate some days; return every output with its standard error."""
    return summarise(simulate(days, seed))


def main() -> None:
    """Read the arguments, compile, simulate, and print customers, seconds and outputs."""
    days, seed = int(sys.argv[1]), int(sys.argv[2])
    simulate(2, seed)
    began = time.process_time()
    tally = simulate(days, seed)
    summary = summarise(tally)
    seconds = time.process_time() - began
    customers = total_customers(tally)
    print(json.dumps({"customers": customers, "seconds": seconds, "summary": summary}))


if __name__ == "__main__":
    main()
