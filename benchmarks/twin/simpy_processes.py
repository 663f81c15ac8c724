"""The reference day in SimPy as its documentation teaches it: a process a customer.

Run: ``python benchmarks/twin/simpy_processes.py DAYS SEED`` prints one JSON document.

A customer is a process (generator) that requests a counter, waits for the request or for the end of
its patience, whichever comes first, and holds the counter for the service, as in SimPy's examples
"Bank Renege" and "Machine Shop". Tellers and VIP desk are `PriorityResource`, requested both at
once; a closed counter is a process that holds it before any customer. What spares time without
leaving these means is used: all random numbers of a block of days are drawn beforehand by numpy,
and who finds an idle counter neither yields the request nor sets a timer. `simpy_day.py` is what
SimPy reaches without them.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from itertools import chain, groupby

import numpy as np
from reference_day import CLASSES, CORPORATE, DAY, VIP, Tally, summarise, total_customers
from simpy import AnyOf, Environment, Event, PriorityResource, Resource
from simpy.resources.resource import Request
from simpy_day import BLOCK, SMART, SMART_FAILING, Drawn, draw

HOUR = (DAY.closes - DAY.opens) / len(DAY.tellers)
BEFORE_ALL = (-1, 0.0)
COUNT, WAIT, ABANDONED, LATE = range(4)

Process = Generator[Event, None, None]
Stay = Generator[Event, None, tuple[float, bool]]  # how long was waited, whether it was given up
Happened = tuple[list[list[float]], float, float]
Won = Generator[Event, None, tuple[Resource, Request] | None]


@dataclass(slots=True)
class Branch:
    """A branch on one day: its counters, and what happened in it."""

    env: Environment
    drawn: Drawn
    kiosks: Resource
    smart: Resource
    corporate: Resource
    vip_desk: PriorityResource
    tellers: PriorityResource
    customers: list[list[float]] = field(
        default_factory=lambda: [[0.0] * (LATE + 1) for _ in CLASSES]
    )
    failed: float = 0.0
    teller_busy: float = 0.0


def customer(branch: Branch, who: int) -> Process:
    """Take a ticket, go where the class goes, and be counted."""
    env, drawn = branch.env, branch.drawn
    with branch.kiosks.request() as ticket_machine:
        if not ticket_machine.triggered:
            yield ticket_machine
        yield env.timeout(drawn.kiosk[who])
    ticket, goes_to, kind = env.now, drawn.goes_to[who], drawn.kind[who]
    if goes_to in {SMART, SMART_FAILING}:
        waited, abandoned = yield from at_counter(branch, branch.smart, who)
        if goes_to == SMART_FAILING and not abandoned:
            branch.failed += 1.0
            second = (drawn.second[who], drawn.second_patience[who])
            more, abandoned = yield from at_desks(branch, kind, ticket, *second)
            waited += more
    elif kind == CORPORATE:
        waited, abandoned = yield from at_counter(branch, branch.corporate, who)
    else:
        first = (drawn.service[who], drawn.patience[who])
        waited, abandoned = yield from at_desks(branch, kind, ticket, *first)
    happened = branch.customers[kind]
    happened[COUNT] += 1.0
    happened[WAIT] += waited
    happened[ABANDONED] += abandoned
    happened[LATE] += waited > DAY.wait_limit


def at_counter(branch: Branch, counter: Resource, who: int) -> Stay:
    """Wait for a counter and be served there."""
    env, joined = branch.env, branch.env.now
    with counter.request() as request:
        if not request.triggered:
            yield request | env.timeout(branch.drawn.patience[who])
        waited = env.now - joined
        if not request.triggered:
            return waited, True
        yield env.timeout(branch.drawn.service[who])
    return waited, False


def at_desks(branch: Branch, kind: int, ticket: float, service: float, patience: float) -> Stay:
    """Wait for a teller or the VIP desk and be served there."""
    env, joined = branch.env, branch.env.now
    won = yield from a_desk(branch, kind, (DAY.priority[kind], ticket), patience)
    waited = env.now - joined
    if won is None:
        return waited, True
    desk, request = won
    if desk is branch.tellers:
        branch.teller_busy += service
    yield env.timeout(service)
    desk.release(request)
    return waited, False


def a_desk(branch: Branch, kind: int, rank: tuple[int, float], patience: float) -> Won:
    """Request both kinds of desk; keep the first that is granted, unless patience ends before."""
    liked, other = branch.vip_desk, branch.tellers
    if kind != VIP:
        liked, other = other, liked
    first = liked.request(priority=rank)
    if first.triggered:
        return liked, first
    second = other.request(priority=rank)
    if second.triggered:
        first.cancel()
        return other, second
    yield AnyOf(branch.env, [first, second, branch.env.timeout(patience)])
    if first.triggered:
        _give_back(other, second)
        return liked, first
    first.cancel()
    if second.triggered:
        return other, second
    second.cancel()
    return None


def _give_back(desk: PriorityResource, request: Request) -> None:
    """Withdraw a request, also if it was granted at the same instant as another."""
    if request.triggered:
        desk.release(request)
    else:
        request.cancel()


def closed_counter(branch: Branch, begins: float, ends: float) -> Process:
    """Hold a teller's counter while it is closed, from the end of the customer at hand on."""
    env = branch.env
    if begins > 0.0:
        yield env.timeout(begins)
    reopens = env.timeout(ends - begins) if ends < DAY.closes - DAY.opens else env.event()
    with branch.tellers.request(priority=BEFORE_ALL) as request:
        yield request | reopens
        if not reopens.processed:
            yield reopens


def arrivals(branch: Branch, first: int, last: int) -> Process:
    """Let the customers of a day in."""
    env, gaps = branch.env, branch.drawn.gap
    for who in range(first, last):
        yield env.timeout(gaps[who])
        env.process(customer(branch, who))


def closures() -> Iterator[tuple[float, float]]:
    """Yield from when to when a counter is closed, counter by counter [s from opening]."""
    for counter in range(max(DAY.tellers)):
        hours = groupby(enumerate(DAY.tellers), key=lambda hour: hour[1] <= counter)
        for is_closed, spell in hours:
            listed = [place for place, _ in spell]
            if is_closed:
                yield listed[0] * HOUR, (listed[-1] + 1) * HOUR


def one_day(first: int, last: int, drawn: Drawn) -> Branch:
    """Simulate the day of customers `first` to `last`."""
    env = Environment()
    branch = Branch(
        env,
        drawn,
        kiosks=Resource(env, DAY.kiosks),
        smart=Resource(env, DAY.smart_counters),
        corporate=Resource(env, 1),
        vip_desk=PriorityResource(env, 1),
        tellers=PriorityResource(env, max(DAY.tellers)),
    )
    for begins, ends in closures():
        env.process(closed_counter(branch, begins, ends))
    env.process(arrivals(branch, first, last))
    env.run()
    return branch


def simulate(days: int, seed: int) -> Tally:
    """Simulate some days; return what happened on each."""
    random = np.random.default_rng(seed)
    blocks = (_block(min(BLOCK, days - done), random) for done in range(0, days, BLOCK))
    customers, failed, busy = zip(*chain.from_iterable(blocks), strict=True)
    return Tally(np.array(customers), np.array(failed), np.array(busy))


def _block(days: int, random: np.random.Generator) -> Iterator[Happened]:
    drawn = draw(days, random)
    first = 0
    for count in drawn.counts:
        branch = one_day(first, first + count, drawn)
        yield branch.customers, branch.failed, branch.teller_busy
        first += count


def main() -> None:
    """Read the arguments, simulate, and print customers, processor seconds and outputs."""
    days, seed = int(sys.argv[1]), int(sys.argv[2])
    began = time.process_time()
    tally = simulate(days, seed)
    summary = summarise(tally)
    seconds = time.process_time() - began
    customers = total_customers(tally)
    print(json.dumps({"customers": customers, "seconds": seconds, "summary": summary}))


if __name__ == "__main__":
    main()
