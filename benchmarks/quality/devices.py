"""The best of 80 mixes of a smart-counter branch: how often each way of spending runs finds it.

Run `python benchmarks/quality/devices.py [--runs 1000] [--repetitions 400] [--draws 400]`.

The test model is the corner branch (`twin/example.py`): smart counters with guides, windows with an
approver, failing services that go to the window, the elderly first. Mixes are 1-5 smart counters,
1-4 windows, 1-4 guides. Each run is one day: drawn anew are how many customers the branch really
has (lognormal, 5 %), how long services really take (lognormal, 5 %), and the day's factor (gamma of
shape 40). The objective is the cost of a year and the worth of late or lost customers.

All mixes are first run on `draws` x 25 such days; the mean over them is the truth, and a repetition
draws its days from them with replacement: alike for all mixes (common random numbers), or for each
mix by itself. Printed is the share of repetitions that chose the best mix, and one within the
indifference zone of it, with its standard error.

Target: within 1,000 runs OCBA under common random numbers is right in 95 % of the repetitions or
more; equal numbers without them are given for comparison.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from branchwise.core.randomness import stream
from branchwise.experiments.model import Counts
from branchwise.experiments.selection import select_kn, select_ocba
from branchwise.optimise.devices import Floats
from branchwise.optimise.devices_example import corner_problem
from branchwise.optimise.problems.devices import feasible_mixes, objective
from branchwise.pipeline.optimise.devices_twin import TwinMixes
from branchwise.twin.example import corner_branch
from branchwise.twin.laws import Lognormal
from branchwise.twin.scenario import Scenario

DAYS = 25
UNKNOWN = 0.05
BUSY = 2.0
INDIFFERENCE = 500_000.0
"""5,000 a year in minor units."""


def drawn(run: int, seed: int) -> Scenario:
    """Return the corner branch with one draw of what is not known of it."""
    chance = stream(seed, "parameters", run)
    rate, pace = np.exp(UNKNOWN * chance.normal(size=2))
    branch = corner_branch()
    classes = tuple(
        replace(one, rates_per_hour=tuple(BUSY * float(rate) * each for each in one.rates_per_hour))
        for one in branch.classes
    )
    activities = []
    for one in branch.activities:
        law = one.services[0].law
        slower = replace(cast(Lognormal, law), mean=law.mean * float(pace))
        times = replace(one.services[0], law=slower)
        activities.append(replace(one, services=(times,)))
    return replace(branch, classes=classes, activities=tuple(activities))


def population(draws: int, seed: int) -> Floats:
    """Return the objective of every mix on every day, shape (80, draws x 25)."""
    problem = corner_problem()
    mixes = feasible_mixes(problem)
    twin = TwinMixes(resources=problem.resources, draw=drawn, days=DAYS)
    late = np.empty((len(mixes), draws, DAYS))
    for row, mix in enumerate(mixes):
        for run in range(draws):
            counts = twin.lived(mix.counts, run, seed).by_class
            late[row, run] = (counts["customers"] - counts["within_standard"]).sum(axis=1)
    return objective(problem, mixes, late.reshape(len(mixes), -1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One repetition of one way."""

    chosen: int
    runs: int
    probability: float


def repetition(values: Floats, number: int, seed: int, runs: int) -> dict[str, Found]:
    """Choose by each way from days drawn with replacement."""
    count, days = values.shape
    common = stream(seed, "common", number).integers(days, size=100 * runs)
    apart = stream(seed, "apart", number).integers(days, size=(count, runs))
    each = runs // count

    def paired(candidates: Sequence[int], first_replication: int, replications: int) -> Floats:
        days = common[first_replication : first_replication + replications]
        return np.asarray(values[np.array(candidates)[:, None], days])

    def separate(candidates: Sequence[int], first_replication: int, replications: int) -> Floats:
        names = np.array(candidates)
        days: Counts = apart[names, first_replication : first_replication + replications]
        return np.asarray(values[names[:, None], days])

    every = range(count)
    equal = {
        "equal, independent": int(separate(every, 0, each).mean(axis=1).argmin()),
        "equal, common": int(paired(every, 0, each).mean(axis=1).argmin()),
    }
    found = {
        name: Found(chosen=chosen, runs=each * count, probability=np.nan)
        for name, chosen in equal.items()
    }
    told = {
        "OCBA, independent": select_ocba(
            separate, every, budget=runs, indifference=INDIFFERENCE, first=5, pairing="independent"
        ),
        "OCBA, common": select_ocba(paired, every, budget=runs, indifference=INDIFFERENCE, first=5),
        "OCBA, common, to the end": select_ocba(paired, every, budget=runs, first=5),
        "KN, common": select_kn(paired, every, indifference=INDIFFERENCE, first=5, budget=runs),
        "KN, common, no limit": select_kn(paired, every, indifference=INDIFFERENCE, first=10),
    }
    for name, one in told.items():
        found[name] = Found(
            chosen=one.chosen, runs=int(one.runs.sum()), probability=one.probability
        )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--repetitions", type=int, default=400)
    parser.add_argument("--draws", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    begun = time.process_time()
    values = population(chosen.draws, chosen.seed)
    took = time.process_time() - begun
    truth = values.mean(axis=1)
    order = np.argsort(truth)
    mixes = feasible_mixes(corner_problem())
    print(f"{values.size:,} runs in {took:.0f} s of processor time; the best mixes"
          " (smart counters, windows, guides):")  # fmt: skip
    for place in order[:6]:
        gap = values[place] - values[order[0]]
        error = gap.std(ddof=1) / np.sqrt(chosen.draws)
        spread = f"sd of a run {values[place].std() / 1e2:,.0f}, of the difference"
        print(
            f"  {mixes[place].counts}: {truth[place] / 1e2:,.0f} a year, {gap.mean() / 1e2:,.0f}"
            f" above the best (at most +-{2 * error / 1e2:,.0f}); {spread} {gap.std() / 1e2:,.0f}"
        )
    told = [repetition(values, n, chosen.seed, chosen.runs) for n in range(chosen.repetitions)]
    best, near = order[0], set(np.flatnonzero(truth <= truth.min() + INDIFFERENCE).tolist())
    print(f"{'way':<26} {'best':>6} {'se':>5} {'within zone':>11} {'runs':>7} {'said':>6}")
    for name in told[0]:
        right = np.mean([one[name].chosen == best for one in told])
        good = np.mean([one[name].chosen in near for one in told])
        runs = np.mean([one[name].runs for one in told])
        said = np.mean([one[name].probability for one in told])
        error = np.sqrt(right * (1 - right) / len(told))
        print(f"{name:<26} {right:>6.3f} {error:>5.3f} {good:>11.3f} {runs:>7.0f} {said:>6.3f}")


if __name__ == "__main__":
    main()
