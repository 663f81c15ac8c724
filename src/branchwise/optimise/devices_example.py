"""A small problem of devices, and an appraisal of it without a simulator, for examples and tests.

Prices are those of the catalogue of assumptions: a smart counter costs 80,000 and a tenth of that a
year for upkeep, a window 8 h of a teller on 250 days, a guide 8 h of an assistant.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from branchwise.core.randomness import stream
from branchwise.optimise.devices import (
    AppraiseMixes,
    Counts,
    DeviceProblem,
    Floats,
    MixDecision,
    Resource,
    Room,
    Search,
)
from branchwise.optimise.problems.devices import feasible_mixes, mix_of
from branchwise.optimise.solvers.devices import choose_mix

MACHINE, YEARS, UPKEEP = 8_000_000, 5.0, 800_000
HOURS = 8 * 250
TELLER, ASSISTANT = 10_000, 4_500


def corner_problem(room: Room | None = None) -> DeviceProblem:
    """Return the corner branch's 80 mixes: 1-5 smart counters, 1-4 windows, 1-4 guides.

    Examples
    --------
    >>> [one.name for one in corner_problem().resources]
    ['smart_counter', 'counter', 'guide']
    """
    return DeviceProblem(
        branch_id="corner",
        resources=(
            Resource(
                name="smart_counter", kind="machine", device_kind="smart_counter", today=2,
                counts=(1, 2, 3, 4, 5),
                running_minor=tuple(machine_running(count, 2) for count in (1, 2, 3, 4, 5)),
                price_minor=MACHINE, life_years=YEARS, floor_m2=4.0, power_watts=350.0,
            ),
            Resource(
                name="counter", kind="window", today=2, counts=(1, 2, 3, 4),
                running_minor=tuple(count * HOURS * TELLER for count in (1, 2, 3, 4)),
            ),
            Resource(
                name="guide", kind="guide", today=1, counts=(1, 2, 3, 4),
                running_minor=tuple(count * HOURS * ASSISTANT for count in (1, 2, 3, 4)),
            ),
        ),
        room=room or Room(),
        worth_minor=2000.0,
        days_per_year=250.0,
    )  # fmt: skip


def machine_running(count: int, today: int) -> int:
    """Return what so many machines cost a year: upkeep of each, a part of the price of all.

    A machine that stands idle is paid for all the same.

    Examples
    --------
    >>> machine_running(3, 2) - machine_running(2, 2), machine_running(2, 2) - machine_running(1, 2)
    (2400000, 800000)
    """
    return count * UPKEEP + round(max(count, today) * MACHINE / YEARS)


def smooth() -> AppraiseMixes:
    """Return an appraisal by a formula: each resource that is short loses a share of the customers.

    The expected value at factor 1 is known, ``120 Σ exp(-count / 1.5) / resources``.

    Examples
    --------
    >>> found = smooth()([(2, 2, 1)], first_replication=0, replications=2000, seed=1)
    >>> bool(abs(found.mean() - expected_late((2, 2, 1))) < 1)
    True
    """

    def appraise(
        mixes: Sequence[Counts], *, first_replication: int, replications: int, seed: int
    ) -> Floats:
        numbers = range(first_replication, first_replication + replications)
        days = [stream(seed, "day", number).gamma(20.0, 1 / 20.0) for number in numbers]
        own = [
            [stream(seed, "own", str(mix), number).normal(0.0, 1.0) for number in numbers]
            for mix in mixes
        ]
        means = np.array([expected_late(mix) for mix in mixes])
        return np.asarray(means[:, None] * np.array(days) + np.array(own))

    return appraise


def expected_late(counts: Counts) -> float:
    """Return the mean of `smooth` for a mix.

    Examples
    --------
    >>> round(expected_late((0, 0)), 1)
    120.0
    """
    return float(120.0 * np.exp(-np.array(counts) / 1.5).mean())


def corner_decision() -> MixDecision:
    """Return the best mix of the corner branch as `smooth` has it, 5,000 a year being nothing.

    Examples
    --------
    >>> corner_decision().is_whole
    True
    """
    problem = corner_problem()
    today = mix_of(problem, problem.today)
    search = Search(indifference_minor=500_000.0)
    return choose_mix(problem, feasible_mixes(problem), today, smooth(), search)
