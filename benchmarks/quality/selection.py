"""Selection across a large network: seconds, gap, and a bound by another road.

Run `python benchmarks/quality/selection.py [--branches N] [--seeds N]`. Each of 1,000 branches in
12 regions has 20 candidates (packages of 1 to 3 options), which may begin in 4 quarters. Effects,
costs, efforts and device moves are drawn; the budget is a share of what the plan without limits
spends. `ours` is `optimise.solvers.portfolio` at a gap of 0.1 %; `greedy` takes candidates by
worth a minor unit of capital while limits allow, as a spreadsheet would; `dual` is how far
the bound of
`verify_portfolio.bound_at_prices` lies above ours: it shares no code with the solver, and any
prices give a bound. `why` is the time of naming the conflict after 300 branches were decided by
people so that the budget cannot pay for them.

Targets: at most 60 s, at most 1 % gap, no breach. Seconds are processor time and, in brackets,
time by the clock.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter

from branchwise.core.randomness import stream
from branchwise.optimise.portfolio import (
    Candidate,
    Limits,
    Locks,
    PortfolioProblem,
)
from branchwise.optimise.problems.portfolio import choice_of, worth
from branchwise.optimise.solvers.portfolio import choose
from branchwise.optimise.verify_portfolio import bound_at_prices, verify_portfolio

CANDIDATES, REGIONS = 20, 12
TRADES = ("training", "it", "works", "procurement")
HEADING = (
    f"{'budget':>7} {'seed':>4} {'worth (m)':>10} {'gap %':>7} {'dual %':>7} {'greedy %':>9}"
    f" {'chosen':>6} {'seconds':>14} {'breaches':>8}"
)


def network(branches: int, seed: int) -> tuple[Candidate, ...]:
    """Return drawn candidates of a network."""
    chance = stream(seed, "benchmark", "selection")
    found = []
    for branch in range(branches):
        scale = chance.lognormal(0.0, 0.7)
        for number in range(CANDIDATES):
            size = 1 + number % 3
            once = 0 if chance.random() < 0.2 else int(chance.lognormal(15.5, 0.8)) * size
            benefit = float(scale * chance.lognormal(14.0, 0.9)) * size**0.7
            moves = chance.random()
            found.append(
                Candidate(
                    candidate_id=f"{branch:04d}-{number:02d}",
                    branch_id=f"{branch:04d}",
                    region_id=f"R{branch % REGIONS}",
                    option_ids=tuple(f"{branch:04d}|{number}|{part}" for part in range(size)),
                    benefit=benefit,
                    once_minor=once,
                    yearly_minor=int(chance.normal(0.5, 1.0) * 2e6),
                    lead_quarters=int(chance.integers(0, 3)),
                    effort={str(chance.choice(TRADES)): float(chance.integers(1, 6))},
                    elderly_change=float(chance.normal(-30.0, 25.0)),
                    late_or_lost_change=-benefit / 2_000,
                    devices_removed={"stm": 1} if moves < 0.1 else {},
                    devices_moved_in={"stm": 1} if moves > 0.8 else {},
                )
            )
    return tuple(found)


def greedy(problem: PortfolioProblem) -> float:
    """Return the worth of taking candidates by worth a unit of capital, as early as it fits."""
    limits = problem.limits
    left = float(limits.capital_minor or 0)
    room = {(t, q): most for t, most in limits.capacity.items() for q in range(limits.quarters)}
    taken: set[str] = set()
    devices, total = 0, 0.0
    rated = sorted(
        ((worth(c, 0, limits) / max(c.once_minor, 1.0), c) for c in problem.candidates),
        key=lambda pair: (-pair[0], pair[1].candidate_id),
    )
    for _, candidate in rated:
        net = candidate.devices_moved_in.get("stm", 0) - candidate.devices_removed.get("stm", 0)
        if (
            candidate.branch_id in taken
            or candidate.once_minor > left
            or candidate.elderly_change > limits.elderly_tolerance_seconds
            or devices + net > 0
        ):
            continue
        for quarter in range(limits.quarters):
            value = worth(candidate, quarter, limits)
            fits = all(units <= room[t, quarter] for t, units in candidate.effort.items())
            if fits and value > 0:
                for trade, units in candidate.effort.items():
                    room[trade, quarter] -= units
                taken.add(candidate.branch_id)
                left, devices, total = left - candidate.once_minor, devices + net, total + value
                break
    return total


def main() -> None:
    """Print one line a budget and seed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--branches", type=int, default=1_000)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--gap", type=float, default=1e-3)
    given = parser.parse_args()
    print(HEADING)
    for seed in range(given.seeds):
        candidates = network(given.branches, seed)
        loose = Limits(no_region_left_out=False)
        free = choose(choice_of(PortfolioProblem(candidates=candidates, limits=loose)))
        by_code = {candidate.candidate_id: candidate for candidate in candidates}
        most = sum(by_code[begun.candidate_id].once_minor for begun in free.chosen)
        for share in (0.1, 0.3, 0.6, 1.0):
            limits = Limits(
                capital_minor=int(share * most),
                operating_minor=int(1e5 * given.branches),
                capacity=dict.fromkeys(TRADES, 0.15 * given.branches),
            )
            problem = PortfolioProblem(candidates=candidates, limits=limits)
            cpu, clock = time.process_time(), time.perf_counter()
            decision = choose(choice_of(problem), gap=given.gap)
            cpu, clock = time.process_time() - cpu, time.perf_counter() - clock
            reached = decision.objective
            print(
                f"{share:>7.0%} {seed:>4} {reached / 1e8:>10.2f} {100 * decision.gap:>7.3f}"
                f" {100 * (bound_at_prices(problem, decision.prices) / reached - 1):>7.3f}"
                f" {100 * (greedy(problem) / reached - 1):>9.2f} {len(decision.chosen):>6}"
                f" {cpu:>6.1f} ({clock:>5.1f}) {len(verify_portfolio(problem, decision)):>8}",
                flush=True,
            )
        said_no(candidates)


def said_no(candidates: tuple[Candidate, ...]) -> None:
    """Print how long it takes to name a conflict of 300 decisions of people with a budget."""
    allowed = [candidate for candidate in candidates if candidate.elderly_change <= 0]
    dearest = sorted(allowed, key=lambda candidate: -candidate.once_minor)
    locked = {found.branch_id: found for found in dearest[::-1]}
    accepted = tuple(found.option_ids[0] for found in list(locked.values())[:300])
    limits = Limits(capital_minor=int(1e9), capacity=dict.fromkeys(TRADES, 1e3))
    locks = Locks(accepted=accepted)
    problem = PortfolioProblem(candidates=candidates, limits=limits, locks=locks)
    clock, cpu = time.perf_counter(), time.process_time()
    decision = choose(choice_of(problem))
    clock, cpu = time.perf_counter() - clock, time.process_time() - cpu
    kinds = Counter(name.partition(":")[0] for name in decision.conflict)
    print(
        f"why: {dict(kinds)}, smallest: {decision.is_smallest_conflict}, {cpu:.1f} ({clock:.1f}) s"
    )


if __name__ == "__main__":
    main()
