"""The reference day as a scenario of this package's twin.

Run: ``python benchmarks/twin/twin_day.py DAYS SEED`` prints one JSON document.

Nothing is written for the day: it is data for the kernel that simulates every branch. Four of its
rules are said in the scenario's own terms:

- Priorities of a class hold in every queue, but at the smart counters all are alike. So VIPs alone
  have a priority; elderly and others are told apart by the desks' tiers, and each has a session of
  its own, in the one queue, that fails to its own desk.
- An idle server is found by tiers first: VIP desk and tellers take a VIP in their first, where the
  desk stands before the tellers; whoever else comes is in an earlier tier at the tellers.
- Tellers too many close in the order in which they finish. A station marks the highest busy ones
  on the hour instead; a *flexible* one closes whoever finishes first. So the tellers are flexible,
  with no window ever called.
- Nobody is sent away: the day ends long after the last customer.

A result counts waits over the standard of who was served by day, but those of who abandoned by
batches of days. They are counted in runs of one day a batch, outside the time measured; that those
runs give the same days is asserted.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import fields
from itertools import pairwise

import numpy as np
from reference_day import (
    CLASSES,
    CORPORATE,
    DAY,
    ELDERLY,
    ORDINARY,
    VIP,
    Tally,
    summarise,
    total_customers,
)
from reference_day import Lognormal as LawOfTheDay

from branchwise.twin.kernel.tally import BIN_SECONDS, LOST
from branchwise.twin.laws import Constant, Exponential, Lognormal
from branchwise.twin.run import BATCHES, Result, simulate
from branchwise.twin.scenario import (
    Activity,
    CustomerClass,
    Entrance,
    Flexible,
    Route,
    Scenario,
    ServiceLaw,
    Station,
    Step,
)

BLOCK = 500  # days simulated at once, and counted before the next: memory is used again
LONG_AFTER = 86_400.0
NEVER_SO_MANY = 1_000_000
DESK = tuple(f"{name} desk" for name in CLASSES)
SESSION = tuple(f"{name} session" for name in CLASSES)
STATIONS = ("smart counter", "VIP desk", "teller", "corporate desk")
TELLER = STATIONS.index("teller")


def scenario() -> Scenario:
    """Write the reference day as a scenario."""
    return Scenario(
        name="reference day",
        opens_second=DAY.opens,
        closes_second=DAY.closes,
        ends_second=DAY.closes + LONG_AFTER,
        classes=tuple(_class(index) for index in range(len(CLASSES))),
        activities=(*_desks(), *_sessions()),
        stations=_stations(),
        slot_seconds=DAY.quarter,
        rates_start_second=DAY.opens,
        entrance=Entrance(machines=DAY.kiosks, service=Exponential(mean=DAY.kiosk_mean)),
        standard_seconds=DAY.wait_limit,
    )


def _class(index: int) -> CustomerClass:
    """Write a class: its share of the arrivals, where it goes first, its patience."""
    share, smart = DAY.class_share[index], DAY.smart_share[index]
    mix = {DESK[index]: 1 - smart} | ({SESSION[index]: smart} if smart else {})
    return CustomerClass(
        name=CLASSES[index],
        rates_per_hour=tuple(count * share * 3600 / DAY.quarter for count in DAY.arrivals),
        mix=mix,
        priority=int(index == VIP),
        patience=Exponential(mean=DAY.patience_mean),
        is_elderly=index == ELDERLY,
    )


def _desks() -> tuple[Activity, ...]:
    """Write the services at desks, each class in a queue of its own."""
    laws = (DAY.teller, DAY.vip, DAY.corporate, DAY.teller)
    return tuple(
        Activity(name=name, queue=name, services=(ServiceLaw(law=_law(law)),))
        for name, law in zip(DESK, laws, strict=True)
    )


def _sessions() -> tuple[Activity, ...]:
    """Write the sessions at smart counters, all in one queue, each failing to its own desk."""
    return tuple(
        Activity(
            name=SESSION[index],
            queue="smart",
            services=(ServiceLaw(law=_law(DAY.smart)),),
            routes=(
                Route(to=DESK[index], share=DAY.smart_failure, is_failure=True, keeps_ticket=True),
            ),
        )
        for index, share in enumerate(DAY.smart_share)
        if share
    )


def _stations() -> tuple[Station, ...]:
    """Write the stations: in each tier who goes before the next."""
    ordinary, vip, corporate, elderly = (DESK[at] for at in (ORDINARY, VIP, CORPORATE, ELDERLY))
    order = sorted((VIP, ELDERLY, ORDINARY), key=lambda index: DAY.priority[index])
    if order != [VIP, ELDERLY, ORDINARY]:
        raise ValueError("the tiers below say: VIP before elderly before others")
    hour = (DAY.closes - DAY.opens) / len(DAY.tellers)
    tellers = tuple(
        Step(at_second=DAY.opens + place * hour, count=count)
        for place, count in enumerate(DAY.tellers)
    )
    return (
        Station(
            name=STATIONS[0],
            kind="smart_counter",
            tiers=(("smart",),),
            open=_all_day(DAY.smart_counters),
        ),
        Station(name=STATIONS[1], tiers=((vip,), (elderly,), (ordinary,)), open=_all_day(1)),
        Station(
            name=STATIONS[2],
            tiers=((vip, elderly), (ordinary,)),
            open=tellers,
            flexible=_first_to_finish(),
        ),
        Station(name=STATIONS[3], tiers=((corporate,),), open=_all_day(1)),
    )


def _first_to_finish() -> Flexible:
    """Make the tellers above the plan close after the customer at hand, and call none."""
    return Flexible(
        limit=_all_day(max(DAY.tellers)),
        waiting=NEVER_SO_MANY,
        keeps=NEVER_SO_MANY,
        delay=Constant(value=0.0),
    )


def _all_day(count: int) -> tuple[Step, ...]:
    return (Step(at_second=DAY.opens, count=count),)


def _law(law: LawOfTheDay) -> Lognormal:
    return Lognormal(mean=law.mean, cv=law.cv)


def results(days: int, seed: int, block: int = BLOCK) -> Iterator[Result]:
    """Simulate some reference days, a block at a time."""
    day = scenario()
    for begin, end in pairwise([*range(0, days, block), days]):
        yield simulate(day, replications=end - begin, seed=seed, first_replication=begin)


def counted(found: Result) -> Tally:
    """Add up what happened by day; whoever abandoned is not yet counted as over the limit."""
    came, wait, abandoned, within = (
        found.by_class[name]
        for name in ("customers", "wait_seconds", "abandoned", "within_standard")
    )
    customers = np.stack([came, wait, abandoned, came - abandoned - within], axis=2)
    failed = found.by_class["failed_back"].sum(axis=1)
    return Tally(customers, failed, found.by_station["busy_seconds"][:, TELLER])


def joined(tallies: Iterable[Tally]) -> Tally:
    """Put the days of blocks behind each other."""
    listed = list(tallies)
    names = (field.name for field in fields(Tally))
    return Tally(*(np.concatenate([getattr(one, name) for one in listed]) for name in names))


def lost_over_limit(days: int, seed: int) -> tuple[np.ndarray, Tally]:
    """Count by day and class who abandoned after more than the limit, one day a batch."""
    over = int(DAY.wait_limit / BIN_SECONDS)
    lost, tallies = [], []
    for one in results(days, seed, block=BATCHES):
        lost.append(one.waits[: one.replications, :, LOST, over:].sum(axis=-1))
        tallies.append(counted(one))
    return np.concatenate(lost), joined(tallies)


def measured(days: int, seed: int) -> tuple[Tally, float]:
    """Simulate some days; return what happened, and the processor seconds that it took."""
    simulate(scenario(), replications=1, seed=seed)
    began = time.process_time()
    tally = joined(map(counted, results(days, seed)))
    summarise(tally)
    seconds = time.process_time() - began
    lost, again = lost_over_limit(days, seed)
    if not np.array_equal(tally.customers, again.customers):
        raise AssertionError("days differ with the blocks that they are simulated in")
    tally.customers[:, :, 3] += lost
    return tally, seconds


def main() -> None:
    """Read the arguments, compile, simulate, and print customers, seconds and outputs."""
    tally, seconds = measured(int(sys.argv[1]), int(sys.argv[2]))
    found = {"customers": total_customers(tally), "seconds": seconds, "summary": summarise(tally)}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
