"""How fast the twin is, as ratios to the peers of the reference day, each with its target.

Run: ``python benchmarks/twin/speed.py [--quick] [--cimba PYTHON]`` (see `peers.py` for Cimba).

Every timing is taken in a process of its own, all programs take turns, and the median of each
counts. Speeds are customers a processor second, loading and compiling left out; two processes
against one, compiling and starting are wall time. Then the outputs of all programs are compared:
the exit code is 1 where they disagree, and 0 however fast or slow anything is.

*Every feature* is the example branch enlarged to the customers of the reference day, with
everything else that a scenario can say: balking, appointments, several services in one visit,
failing machines, flexible windows, a guide, an approver, reviewers elsewhere, ways to walk.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from peers import HERE, PEERS, AbsentPeerError, agree, measure
from peers import LENGTHS as LENGTHS_OF_PEERS
from reference_day import DAY
from twin_day import BLOCK
from twin_day import scenario as reference_scenario

from branchwise.engines.executors import ProcessExecutor
from branchwise.twin.example import CLOSES, HOUR, OPENS, corner_branch
from branchwise.twin.laws import Exponential, Lognormal, Uniform, Weibull
from branchwise.twin.run import Result, simulate
from branchwise.twin.scenario import (
    Activity,
    Appointment,
    Balking,
    CustomerClass,
    Flexible,
    Pool,
    Request,
    Route,
    Scenario,
    ServiceLaw,
    Station,
    Step,
)

FULL = "every feature"
LENGTHS = LENGTHS_OF_PEERS | {FULL: 10}  # days a timed run, as multiples
SEED = 1
EARLY = 600.0
APPOINTMENTS, NO_SHOW = 12, 0.1
BUSINESS = 16.0  # customers a day
SPLITS = (1, 7, 20, 41, 64)
SPLIT_DAYS = 150
TABLES = ("by_class", "by_station", "by_pool", "by_slot")
START = """
from branchwise.twin.example import corner_branch
from branchwise.twin.run import simulate
simulate(corner_branch(), replications=1, seed=1)
import time
print(time.process_time())
"""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is run: days and runs of a peer, days a process is given, rounds, days compared."""

    days: int = 2_000
    runs: int = 5
    chunks: int = 24
    chunk_days: int = 2_000
    rounds: int = 5
    starts: int = 3
    compared_days: int = 2_000


USUAL = Effort()
QUICK = Effort(200, 1, 8, 1_000, 2, 1, 300)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table: what, how much of it, and the target, if there is one."""

    what: str
    value: float
    unit: str = ""
    least: float | None = None
    most: float | None = None

    def __str__(self) -> str:
        target, verdict = "", "for information"
        if self.least is not None:
            target, verdict = f"≥ {self.least:g}", self._verdict(is_kept=self.value >= self.least)
        if self.most is not None:
            target, verdict = f"≤ {self.most:g}", self._verdict(is_kept=self.value <= self.most)
        shown = f"{self.value:,.2f} {self.unit}"
        return f"  {self.what:<52}{shown:>12}   {target:<8}{verdict}"

    @staticmethod
    def _verdict(*, is_kept: bool) -> str:
        return "kept" if is_kept else "MISSED"


# ---- every feature ----


def full_scenario() -> Scenario:
    """Enlarge the example branch to the customers of the reference day, with every feature."""
    small = corner_branch()
    named = BUSINESS + APPOINTMENTS * (1 - NO_SHOW)
    hours = small.slot_seconds / 3600
    usual = sum(sum(one.rates_per_hour) for one in small.classes) * hours
    factor = (sum(DAY.arrivals) - named) / usual
    return replace(
        small,
        name=FULL,
        classes=(*(_patient(one, factor) for one in small.classes), _business()),
        activities=_activities(small),
        stations=_stations(small),
        pools=(*small.pools, Pool(name="reviewer", delays=(Exponential(mean=40.0),))),
        entrance=replace(small.entrance, machines=2),
        appointments=tuple(_appointment(place) for place in range(APPOINTMENTS)),
    )


def _patient(kind: CustomerClass, factor: float) -> CustomerClass:
    """Multiply a class's rates; let some turn round at long lines and most wait for advice."""
    return replace(
        kind,
        rates_per_hour=tuple(rate * factor for rate in kind.rates_per_hour),
        balking=Balking(shares=(0.0, 0.0, 0.0, 0.02, 0.05, 0.1)),
        patience_at={"advice": Weibull(shape=1.29, scale=2700.0)},
    )


def _business() -> CustomerClass:
    return CustomerClass(
        name="business",
        rates_per_hour=(BUSINESS * HOUR / (CLOSES - OPENS),) * 32,
        mix={"cash": 0.6, "advice": 0.4},
        priority=2,
        patience=Weibull(shape=1.29, scale=1500.0),
        pace=1.1,
        business_line="corporate",
    )


def _activities(small: Scenario) -> tuple[Activity, ...]:
    """Add advice after cash or a session, and its review by somebody elsewhere."""
    cash, machine = small.activities
    longer = ServiceLaw(law=Lognormal(mean=330.0, cv=0.9), customer_class="business")
    quicker = ServiceLaw(law=Lognormal(mean=240.0, cv=0.8), station="desk")
    on_advice = Route(to="advice", share=0.08, walk_metres=7.0)
    advice = Activity(
        name="advice",
        queue="advice",
        services=(ServiceLaw(law=Lognormal(mean=700.0, cv=0.6)),),
        requests=(Request(pool="reviewer", share=0.5, at=0.7, hold=Exponential(mean=50.0)),),
        walk_metres=4.0,
    )
    return (
        replace(cash, services=(*cash.services, longer, quicker), routes=(on_advice,)),
        replace(machine, routes=(*machine.routes, on_advice)),
        advice,
    )


def _stations(small: Scenario) -> tuple[Station, ...]:
    """Enlarge the stations; add a desk of advice that helps at the counters."""
    counter, machine = small.stations
    plan = ((9, 2), (10, 3), (12, 2), (14, 3), (16, 2))
    call = Flexible(
        limit=(Step(at_second=OPENS, count=5),),
        waiting=4,
        further=2,
        delay=Uniform(low=120.0, high=240.0),
        keeps=1,
    )
    return (
        replace(
            counter,
            open=tuple(Step(at_second=hour * HOUR, count=count) for hour, count in plan),
            flexible=call,
        ),
        replace(machine, open=(Step(at_second=OPENS, count=3),)),
        Station(
            name="desk",
            kind="advice",
            tiers=(("advice",), ("counter",)),
            open=(Step(at_second=OPENS, count=2),),
            speed=1.1,
        ),
    )


def _appointment(place: int) -> Appointment:
    return Appointment(
        at_second=OPENS + (place + 0.5) * (CLOSES - OPENS) / APPOINTMENTS,
        customer_class="business",
        activity="advice",
        no_show=NO_SHOW,
        lateness=Exponential(mean=EARLY),
        early_seconds=EARLY,
    )


# ---- customers a processor second ----


def speeds(effort: Effort, cimba: str | None) -> dict[str, float]:
    """Time all programs in turns; return the median of each, and say which are absent."""
    found: dict[str, list[float]] = {}
    for run in range(effort.runs):
        for name in (*PEERS, FULL):
            try:
                speed = _speed(name, effort.days * LENGTHS[name], SEED + run, cimba)
            except AbsentPeerError as reason:
                if run == 0:
                    print(f"  {name:<20} skipped: {reason}")
            else:
                found.setdefault(name, []).append(speed)
    medians = {name: statistics.median(of_runs) for name, of_runs in found.items()}
    for name, of_runs in found.items():
        spread = f"({min(of_runs):,.0f} to {max(of_runs):,.0f})"
        print(f"  {name:<20}{medians[name]:>14,.0f}   {spread}")
    return medians


def _speed(name: str, days: int, seed: int, cimba: str | None) -> float:
    if name != FULL:
        return measure(name, days, seed, cimba).customers_per_cpu_second
    command = [sys.executable, str(HERE / "speed.py"), "--only-full", str(days), str(seed)]
    found = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    return found["customers"] / found["seconds"]


def print_full(days: int, seed: int) -> None:
    """Time the scenario with every feature, in this process."""
    day = full_scenario()
    simulate(day, replications=1, seed=seed)
    began, customers = time.process_time(), 0.0
    for first, last in pairwise([*range(0, days, BLOCK), days]):
        found = simulate(day, replications=last - first, seed=seed, first_replication=first)
        customers += found.by_class["customers"].sum()
    seconds = time.process_time() - began
    print(json.dumps({"customers": customers, "seconds": seconds}))


def ratios(speed: dict[str, float]) -> Iterator[Line]:
    """Compare the twin with each peer, and with itself where every feature is used."""
    twin = speed["twin"]
    peers = (
        ("simpy-processes", "twin / SimPy, a process a customer (aim 150)", 100.0),
        ("simpy", "twin / SimPy, bare callbacks", None),
        ("cimba", "twin / Cimba", 9.0),
        ("c", "twin / event list in C, tuned", 0.9),
        ("c-textbook", "twin / event list in C, as a textbook has it", None),
    )
    for peer, what, least in peers:
        if peer in speed:
            yield Line(what, twin / speed[peer], "×", least=least)
    yield Line("every feature: times as slow a customer", twin / speed[FULL], "×", most=2.0)


# ---- processes ----


def lived(span: Span) -> float:
    """Simulate some reference days; return their customers."""
    first, last = span
    found = simulate(
        reference_scenario(), replications=last - first, seed=SEED, first_replication=first
    )
    return float(found.by_class["customers"].sum())


def lived_in_full(span: Span) -> Result:
    """Simulate some days of every feature."""
    first, last = span
    return simulate(full_scenario(), replications=last - first, seed=SEED, first_replication=first)


def two_processes(effort: Effort) -> Line:
    """Compare the time of two processes with that of one, both started and warm, in turns."""
    spans = list(pairwise(range(0, (effort.chunks + 1) * effort.chunk_days, effort.chunk_days)))
    taken: tuple[list[float], list[float]] = ([], [])
    with ProcessExecutor(workers=1) as one, ProcessExecutor(workers=2) as two:
        for executor in (one, two):
            list(executor.map(lived, spans))
        for _ in range(effort.rounds):
            for seconds, executor in zip(taken, (one, two), strict=True):
                began = time.perf_counter()
                list(executor.map(lived, spans))
                seconds.append(time.perf_counter() - began)
    alone, together = (statistics.median(seconds) for seconds in taken)
    return Line("two processes / one, by wall time", alone / together, "×", least=1.8)


def require_same_days() -> None:
    """Check that days are the same bit for bit however they are split, and in processes.

    Raises
    ------
    AssertionError
        Where they are not.
    """
    whole = _joined([lived_in_full((0, SPLIT_DAYS))])
    for size in SPLITS:
        spans = list(pairwise([*range(0, SPLIT_DAYS, size), SPLIT_DAYS]))
        _require_same(whole, _joined(lived_in_full(span) for span in spans), f"blocks of {size}")
    with ProcessExecutor(workers=2) as executor:
        _require_same(whole, _joined(executor.map(lived_in_full, spans)), "two processes")
    print(f"  bit-identical in blocks of {', '.join(map(str, SPLITS))} days and in two processes")


def _joined(found: Iterable[Result]) -> dict[str, np.ndarray]:
    """Put the counts of consecutive days behind each other."""
    listed = list(found)
    joined = {
        f"{table}.{name}": np.concatenate([getattr(one, table)[name] for one in listed])
        for table in TABLES
        for name in getattr(listed[0], table)
    }
    return joined | {"waits": sum(one.waits.astype(np.int64) for one in listed)}


def _require_same(whole: dict[str, np.ndarray], parts: dict[str, np.ndarray], how: str) -> None:
    different = [name for name in whole if whole[name].tobytes() != parts[name].tobytes()]
    if different:
        raise AssertionError(f"{', '.join(different)} differ in {how}")


# ---- calls ----


def calls(count: int = 200) -> Iterator[Line]:
    """Time calls of one day each: of one scenario again and again, and of a new one every time."""
    day = reference_scenario()
    for what, scenarios in (
        ("a call for one day, the same scenario", [day] * count),
        ("a call for one day, a new scenario", [replace(day) for _ in range(count)]),
    ):
        taken = []
        for scenario in scenarios:
            began = time.process_time()
            simulate(scenario, replications=1, seed=SEED)
            taken.append(time.process_time() - began)
        yield Line(what, statistics.median(taken) * 1e3, "ms", most=0.5)


# ---- starts ----


def starts(count: int) -> Iterator[Line]:
    """Time a first start, which compiles into an empty folder, and later ones from there."""
    with tempfile.TemporaryDirectory(prefix="kernel_") as folder:
        cold = _start(folder)
        later = [_start(folder) for _ in range(count)]
    cached = [statistics.median(column) for column in zip(*later, strict=True)]
    for what, (wall, processor), most in (
        ("first start: import, compile, first day", cold, 30.0),
        ("cached start: import, first day", cached, 2.0),
    ):
        yield Line(what, wall, "s", most=most)
        yield Line("  of it processor time", processor, "s")


def _start(folder: str) -> tuple[float, float]:
    """Start a process that simulates a day; return its wall and processor seconds."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", START],
        env=os.environ | {"XDG_CACHE_HOME": folder},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return time.perf_counter() - began, float(done.stdout)


# ---- all of it ----


def _load() -> str:
    return f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Time the twin against the peers of its day.")
    parser.add_argument("--quick", action="store_true", help="a short run, for a first look")
    parser.add_argument("--runs", type=int, help=f"runs of each program ({USUAL.runs})")
    parser.add_argument("--days", type=int, help=f"days of the slowest program ({USUAL.days})")
    parser.add_argument("--cimba", metavar="PYTHON", help="an interpreter that has cimba")
    parser.add_argument("--only-full", nargs=2, type=int, help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> int:
    """Read the arguments, time everything, print the table, compare the outputs."""
    given = _arguments()
    if given.only_full:
        print_full(*given.only_full)
        return 0
    effort = QUICK if given.quick else USUAL
    effort = replace(effort, runs=given.runs or effort.runs, days=given.days or effort.days)
    print(f"{_load()} at the beginning")
    print(f"\ncustomers a processor second, median of {effort.runs} (lowest to highest)")
    speed = speeds(effort, given.cimba)
    print("\nthe same days, however they are split")
    require_same_days()
    lines = [*ratios(speed), two_processes(effort), *calls(), *starts(effort.starts)]
    print("\nratios and times" + " " * 53 + "target")
    print("\n".join(map(str, lines)))
    print(f"\n{_load()} at the end")
    here = [peer for peer in PEERS if peer in speed]
    return int(not agree(here, effort.compared_days, SEED, given.cimba))


if __name__ == "__main__":
    sys.exit(main())
