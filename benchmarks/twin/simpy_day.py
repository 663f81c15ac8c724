"""The reference day in SimPy, written for speed.

Run: ``python benchmarks/twin/simpy_day.py DAYS SEED`` prints one JSON document.

Every arrival, end of a service and change of shift is an event on SimPy's queue; what happens then
is a callback of that event, and no process (generator) is used. All random numbers of a block of
days are drawn beforehand by numpy. An abandonment needs no event: a waiting customer carries a
deadline, and whoever is found past it when a server looks for work has left at the deadline. Only
customers who wait are written about; numpy counts the rest.

Other designs with the same numbers drawn are slower; in thousands of customers a processor second
on one machine, this one giving 287: `Timeout` with an appended callback in place of `End` 274; a
process a server, woken by an event and calling its next customer from the queue, 151; a process a
customer with `Resource`, `PriorityResource` and `AnyOf` over the servers and the patience 54.
"""

from __future__ import annotations

import json
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np
from reference_day import (
    CLASSES,
    CORPORATE,
    DAY,
    VIP,
    Lognormal,
    Tally,
    summarise,
    total_customers,
)
from simpy import Environment, Event
from simpy.events import NORMAL

BLOCK = 50  # days drawn at once
DESK, CORPORATE_DESK, SMART, SMART_FAILING = range(4)  # where a customer goes after the kiosk

Callbacks = tuple[Callable[["End"], None]]
Enter = Callable[[int], None]
EnterDesks = Callable[[int, float, float, float], None]
Waiting = tuple[int, float, int, float, float, float]  # level, ticket, who, service, joined, leaves


class End(Event):
    """An event that is to happen to a customer after a delay: what `Timeout` does, but lighter."""

    __slots__ = ("who",)

    def __init__(self, env: Environment, delay: float, callbacks: Callbacks, who: int) -> None:
        self.env = env
        self.callbacks = callbacks
        self.who = who
        self._value = None
        self._ok = True
        env.schedule(self, NORMAL, delay)


@dataclass(frozen=True, slots=True)
class Drawn:
    """All random numbers of some days as lists by customer; `counts` by day.

    `service` is the first service after the kiosk; `second` and `second_patience` are for customers
    whose session fails.
    """

    counts: list[int]
    gap: list[float]
    kind: list[int]
    goes_to: list[int]
    kiosk: list[float]
    service: list[float]
    patience: list[float]
    second: list[float]
    second_patience: list[float]


@dataclass(frozen=True, slots=True)
class Book:
    """What is written of a block of days: waits by customer, who abandoned, who failed."""

    waits: list[float]
    gone: list[int]
    failed: list[int]


def draw(days: int, random: np.random.Generator) -> Drawn:
    """Draw everything random of some days."""
    counts = random.poisson(sum(DAY.arrivals), days)
    size = int(counts.sum())
    kind = np.searchsorted(np.cumsum(DAY.class_share)[:-1], random.random(size), side="right")
    smart = random.random(size) < np.array(DAY.smart_share)[kind]
    failing = smart & (random.random(size) < DAY.smart_failure)
    goes_to = np.where(kind == CORPORATE, CORPORATE_DESK, DESK)
    goes_to[smart] = SMART
    goes_to[failing] = SMART_FAILING
    desks = (DAY.teller, DAY.vip, DAY.corporate, DAY.teller)
    second = np.zeros(size)
    second[failing] = _lognormal(desks, kind[failing], random)
    patience = random.exponential(DAY.patience_mean, (2, size))
    drawn = (
        counts,
        _gaps(counts, random),
        kind,
        goes_to,
        random.exponential(DAY.kiosk_mean, size),
        _lognormal((*desks, DAY.smart), np.where(smart, len(CLASSES), kind), random),
        patience[0],
        second,
        patience[1],
    )
    return Drawn(*(values.tolist() for values in drawn))


def kiosks(env: Environment, times: Sequence[float], then: Enter) -> Enter:
    """Make the ticket kiosks; return what a customer who enters calls."""
    waiting: deque[int] = deque()
    idle = DAY.kiosks

    def enter(who: int) -> None:
        nonlocal idle
        if idle:
            idle -= 1
            End(env, times[who], ends, who)
        else:
            waiting.append(who)

    def end(event: End) -> None:
        nonlocal idle
        if waiting:
            following = waiting.popleft()
            End(env, times[following], ends, following)
        else:
            idle += 1
        then(event.who)

    ends = (end,)
    return enter


def counters(
    env: Environment, servers: int, drawn: Drawn, book: Book, then: Enter | None = None
) -> Enter:
    """Make counters with one queue, first come first served; return what who enters calls."""
    times, patience, waits = drawn.service, drawn.patience, book.waits
    waiting: deque[tuple[int, float, float]] = deque()
    idle = servers

    def enter(who: int) -> None:
        nonlocal idle
        if idle:
            idle -= 1
            End(env, times[who], ends, who)
        else:
            now = env.now
            waiting.append((who, now, now + patience[who]))

    def call() -> None:
        nonlocal idle
        now = env.now
        while waiting:
            who, joined, deadline = waiting.popleft()
            if deadline >= now:
                waits[who] += now - joined
                End(env, times[who], ends, who)
                return
            waits[who] += deadline - joined
            book.gone.append(who)
        idle += 1

    def end(event: End) -> None:
        call()
        if then is not None:
            then(event.who)

    ends = (end,)
    return enter


def line(env: Environment, book: Book) -> tuple[list[Waiting], Callable[[Callbacks], float]]:
    """Make the line before the desks; return it, and what starts a service of the next there.

    The start returns the service time, or 0 where nobody is left in the line.
    """
    waiting: list[Waiting] = []
    waits = book.waits

    def call(ends: Callbacks) -> float:
        now = env.now
        while waiting:
            _, _, who, service, joined, deadline = heappop(waiting)
            if deadline >= now:
                waits[who] += now - joined
                End(env, service, ends, who)
                return service
            waits[who] += deadline - joined
            book.gone.append(who)
        return 0.0

    return waiting, call


def desks(env: Environment, kind: Sequence[int], book: Book) -> tuple[EnterDesks, list[float]]:
    """Make tellers and VIP desk; return what who enters calls, and a list of the busy times."""
    waiting, call = line(env, book)
    priority, busy = DAY.priority, list[float]()
    at_work, tellers, vip_idle = 0, DAY.tellers[0], True

    def enter(who: int, service: float, ticket: float, patience: float) -> None:
        nonlocal at_work, vip_idle
        if vip_idle and (kind[who] == VIP or at_work >= tellers):
            vip_idle = False
            End(env, service, vip_ends, who)
        elif at_work < tellers:
            at_work += 1
            busy.append(service)
            End(env, service, teller_ends, who)
        else:
            now = env.now
            heappush(waiting, (priority[kind[who]], ticket, who, service, now, now + patience))

    def vip_end(_: End) -> None:
        nonlocal vip_idle
        vip_idle = not call(vip_ends)

    def fill() -> None:
        nonlocal at_work
        while at_work < tellers and (service := call(teller_ends)):
            at_work += 1
            busy.append(service)

    def teller_end(_: End) -> None:
        nonlocal at_work
        at_work -= 1
        fill()

    def shift(event: End) -> None:
        nonlocal tellers
        tellers = DAY.tellers[event.who]
        fill()

    vip_ends, teller_ends, shifts = (vip_end,), (teller_end,), (shift,)
    hour = (DAY.closes - DAY.opens) / len(DAY.tellers)
    for index in range(1, len(DAY.tellers)):
        End(env, index * hour, shifts, index)
    return enter, busy


def one_day(first: int, last: int, drawn: Drawn, book: Book) -> float:
    """Simulate the day of customers `first` to `last`; return the tellers' busy seconds."""
    env = Environment()
    goes_to, service, patience = drawn.goes_to, drawn.service, drawn.patience
    tickets: dict[int, float] = {}
    to_desks, busy = desks(env, drawn.kind, book)

    def after_session(who: int) -> None:
        if goes_to[who] == SMART_FAILING:
            book.failed.append(who)
            to_desks(who, drawn.second[who], tickets[who], drawn.second_patience[who])

    to_smart = counters(env, DAY.smart_counters, drawn, book, after_session)
    to_corporate = counters(env, 1, drawn, book)

    def with_ticket(who: int) -> None:
        place = goes_to[who]
        if place == DESK:
            to_desks(who, service[who], env.now, patience[who])
        elif place == CORPORATE_DESK:
            to_corporate(who)
        else:
            tickets[who] = env.now
            to_smart(who)

    to_kiosk = kiosks(env, drawn.kiosk, with_ticket)

    def arrive(event: End) -> None:
        who = event.who
        to_kiosk(who)
        who += 1
        if who < last:
            End(env, drawn.gap[who], arrives, who)

    arrives = (arrive,)
    if first < last:
        End(env, drawn.gap[first], arrives, first)
    env.run()
    return sum(busy)


def run(days: int, seed: int) -> dict[str, list[float]]:
    """Simulate some days; return every output with its standard error."""
    return summarise(simulate(days, seed))


def simulate(days: int, seed: int) -> Tally:
    """Simulate some days; return what happened on each."""
    random = np.random.default_rng(seed)
    blocks = [_block(min(BLOCK, days - done), random) for done in range(0, days, BLOCK)]
    customers, failed, busy = zip(*blocks, strict=True)
    return Tally(np.concatenate(customers), np.concatenate(failed), np.concatenate(busy))


def _block(days: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    drawn = draw(days, random)
    size = len(drawn.gap)
    book = Book([0.0] * size, [], [])
    ends = np.cumsum(drawn.counts).tolist()
    busy = [
        one_day(first, last, drawn, book) for first, last in zip([0, *ends[:-1]], ends, strict=True)
    ]
    return *_count(drawn, book), np.array(busy)


def _count(drawn: Drawn, book: Book) -> tuple[np.ndarray, np.ndarray]:
    """Add up the customers, the waits and what came of them, by day and class."""
    days = len(drawn.counts)
    waits, gone = np.array(book.waits), np.zeros(len(book.waits))
    gone[book.gone] = 1.0
    day = np.repeat(np.arange(days), drawn.counts)
    cell = day * len(CLASSES) + np.array(drawn.kind)
    columns = (np.ones(len(waits)), waits, gone, waits > DAY.wait_limit)
    sums = [np.bincount(cell, column, days * len(CLASSES)) for column in columns]
    failed = np.bincount(day[book.failed], minlength=days).astype(float)
    return np.stack(sums, axis=1).reshape(days, len(CLASSES), -1), failed


def _gaps(counts: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Draw the times from opening to each day's first arrival, and between arrivals."""
    day = np.repeat(np.arange(len(counts)), counts)
    expected = np.concatenate(([0.0], np.cumsum(DAY.arrivals)))
    edges = np.arange(len(expected)) * DAY.quarter
    times = np.interp(random.random(len(day)) * expected[-1], expected, edges)
    times = times[np.lexsort((times, day))]
    gaps = np.diff(times, prepend=0.0)
    firsts = (np.cumsum(counts) - counts)[counts > 0]
    gaps[firsts] = times[firsts]
    return gaps


def _lognormal(
    laws: tuple[Lognormal, ...], which: np.ndarray, random: np.random.Generator
) -> np.ndarray:
    mu, sigma = np.array([(law.mu, law.sigma) for law in laws]).T
    return np.exp(mu[which] + sigma[which] * random.standard_normal(len(which)))


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
