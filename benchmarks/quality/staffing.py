"""Staffing of test branches against formulas: hours, the worst quarter-hour, seconds.

Run `python benchmarks/quality/staffing.py [--branches small,large,long] [--seeds N]`. Each branch
is open for 36 quarter-hours with two peaks; services are lognormal (5 min at the small and the
large branch, 25 min at the long one, coefficient of variation 0.9), 80 % of the customers of every
quarter-hour are to be called within 5 minutes on 80 % of days (gamma factor of shape 40). With
patience, customers give up after a Weibull time of mean 28 min.

Three plans are compared on the same days of a seed that no search has seen (`worst` is the lowest
share of any quarter-hour there):

- ours: `optimise.solvers.staffing_repair`;
- load: the modified offered load with Erlang A (Erlang C where nobody gives up), mean of a slot;
- Erlang C: each quarter-hour as if its arrival rate had held for ever.

Targets: no quarter-hour of ours below 80 %, at least 2 % fewer hours than by the offered load, at
most 5 s. Seconds are processor time and, in brackets, time by the clock, which on a shared machine
is longer; compilation comes before.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass

import numpy as np

from branchwise.optimise.model import Counts, Demand, Post, Slots, StaffingProblem, Target
from branchwise.optimise.problems.staffing import exponential_patience, staffing_problem
from branchwise.optimise.solvers.staffing_repair import repair
from branchwise.optimise.verify import Asked, verify
from branchwise.pipeline.optimise.staffing_groups import groups_of
from branchwise.pipeline.optimise.staffing_twin import (
    TwinAppraisal,
    bound_seconds,
    rates_in_slots,
    surviving,
)
from branchwise.twin.laws import Lognormal, Weibull
from branchwise.twin.scenario import Activity, CustomerClass, Scenario, ServiceLaw, Station, Step

OPENS, HOUR = 9 * 3600.0, 3600.0
COUNT = 36
AIM = Target(seconds=300.0, share=0.8, demand_quantile=0.8)
DAY_SHAPE = 40.0
PEAKS = {"small": (14.0, 300.0), "large": (160.0, 300.0), "long": (24.0, 1500.0)}
FRESH, FRESH_DAYS = 987_654, 20_000
HEADING = (
    f"{'branch':<18} {'seed':>4} {'ours':>7} {'load':>7} {'Erl. C':>7} {'saved':>6}"
    f" {'worst':>6} {'(load)':>7} {'(Erl. C)':>8} {'seconds':>12} {'breaches':>8}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Figures of one branch and seed."""

    name: str
    hours: float
    load: float
    erlang: float
    worst: float
    worst_load: float
    worst_erlang: float
    cpu: float
    clock: float
    breaches: int

    @property
    def saved(self) -> float:
        """Share of the hours of the offered load that ours does without."""
        return 1 - self.hours / self.load


def branch(peak: float, mean: float, *, gives_up: bool) -> Scenario:
    """Return a branch with a peak in the late morning and a lower one in the afternoon."""
    at = np.arange(COUNT) / 4
    rates = (
        0.25 + 0.75 * np.exp(-(((at - 1.8) / 1.3) ** 2)) + 0.55 * np.exp(-(((at - 6) / 1.2) ** 2))
    )
    return Scenario(
        opens_second=OPENS,
        closes_second=OPENS + COUNT * 900.0,
        ends_second=OPENS + COUNT * 900.0 + 2 * HOUR,
        rates_start_second=OPENS,
        day_shape=DAY_SHAPE,
        standard_seconds=AIM.seconds,
        classes=(
            CustomerClass(
                name="all",
                rates_per_hour=tuple((peak * rates).tolist()),
                mix={"service": 1.0},
                patience=Weibull(shape=1.29, scale=1800.0) if gives_up else None,
            ),
        ),
        activities=(
            Activity(
                name="service",
                queue="counter",
                services=(ServiceLaw(law=Lognormal(mean=mean, cv=0.9)),),
            ),
        ),
        stations=(
            Station(name="teller", tiers=(("counter",),), open=(Step(at_second=OPENS, count=1),)),
        ),
    )


def posed(scenario: Scenario) -> tuple[StaffingProblem, TwinAppraisal]:
    """Return the problem of a branch and its appraisal by the twin."""
    slots = Slots(first_second=OPENS, count=COUNT)
    groups = groups_of(scenario)
    (group,) = groups
    demand = Demand(
        name=group.name,
        rates_per_hour=tuple(rates_in_slots(group.scenario, slots).tolist()),
        service_seconds=bound_seconds(group.scenario, group.posts),
        patience_seconds=exponential_patience(surviving(scenario, AIM.seconds), AIM.seconds),
    )
    post = Post(name="teller", demand=group.name, least=(1,) * COUNT, most=(200,) * COUNT)
    problem = staffing_problem(
        slots=slots, demands=[demand], posts=[post], target=AIM, day_shape=scenario.day_shape
    )
    appraise = TwinAppraisal(
        groups=groups, slots=slots, factor=problem.demand_factor, seconds=AIM.seconds
    )
    return problem, appraise


def worst(appraise: TwinAppraisal, plan: Counts) -> tuple[float, np.ndarray, np.ndarray]:
    """Return the lowest share of any slot on unseen days, and those days."""
    parts = [
        appraise(plan[None], replications=FRESH_DAYS // 4, seed=FRESH + part) for part in range(4)
    ]
    came = np.concatenate([part.customers[0] for part in parts])
    called = np.concatenate([part.within[0] for part in parts])
    return float((called.sum(axis=0) / came.sum(axis=0)).min()), came, called


def measured(name: str, seed: int, *, gives_up: bool) -> Row:
    """Staff one branch and hold three plans against unseen days."""
    peak, mean = PEAKS[name]
    problem, appraise = posed(branch(peak, mean, gives_up=gives_up))
    appraise(problem.least[None], replications=1, seed=0)
    cpu, clock = time.process_time(), time.perf_counter()
    found = repair(problem, appraise, seed=seed)
    cpu, clock = time.process_time() - cpu, time.perf_counter() - clock
    lowest, came, called = worst(appraise, found.people)
    asked = Asked(
        least=problem.least.tolist(), most=problem.most.tolist(), present=problem.present,
        share=AIM.share,
    )  # fmt: skip
    return Row(
        name=f"{name}, {'gives up' if gives_up else 'patient'}",
        hours=problem.hours(found.people),
        load=problem.hours(found.offered_load),
        erlang=problem.hours(found.erlang_c),
        worst=lowest,
        worst_load=worst(appraise, found.offered_load)[0],
        worst_erlang=worst(appraise, found.erlang_c)[0],
        cpu=cpu,
        clock=clock,
        breaches=len(verify(found.people.tolist(), asked, came, called)),
    )


def line(row: Row, seed: int) -> str:
    """Return the figures of a row below `HEADING`."""
    hours = f"{row.hours:>7.2f} {row.load:>7.2f} {row.erlang:>7.2f} {row.saved:>6.1%}"
    lowest = f"{row.worst:>6.1%} {row.worst_load:>7.1%} {row.worst_erlang:>8.1%}"
    took = f"{row.cpu:>5.1f} ({row.clock:>4.1f})"
    return f"{row.name:<18} {seed:>4} {hours} {lowest} {took} {row.breaches:>8}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--branches", default=",".join(PEAKS))
    parser.add_argument("--seeds", type=int, default=2)
    chosen = parser.parse_args()
    print(HEADING)
    rows = []
    for name in chosen.branches.split(","):
        for gives_up in (True, False):
            for seed in range(1, chosen.seeds + 1):
                row = measured(name, seed, gives_up=gives_up)
                rows.append(row)
                print(line(row, seed), flush=True)
    print(f"least saved {min(row.saved for row in rows):.1%} (target 2 %), worst quarter-hour"
          f" {min(row.worst for row in rows):.1%} (target 80 %), longest"
          f" {max(row.cpu for row in rows):.1f} s of processor time (target 5 s)")  # fmt: skip


if __name__ == "__main__":
    main()
