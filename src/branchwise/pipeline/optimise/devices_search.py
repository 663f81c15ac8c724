"""The best mix of one branch, and what a proposal brings: work for one process."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

from branchwise.core.errors import BranchwiseError
from branchwise.core.randomness import derived_seed
from branchwise.optimise.devices import Counts, DeviceProblem, MixDecision, Search
from branchwise.optimise.problems.devices import checked_problem, feasible_mixes, mix_of
from branchwise.optimise.solvers.devices import choose_mix
from branchwise.pipeline.optimise.devices_effects import MixEffect, effects_of
from branchwise.pipeline.optimise.devices_problem import Prices, Wanted, left_as_is, problem_of
from branchwise.pipeline.optimise.devices_twin import (
    Draw,
    TwinMixes,
    drawn_as_stored,
    drawn_from,
)
from branchwise.pipeline.twin.places import Twins
from branchwise.pipeline.twin.spread import Refused
from branchwise.twin.scenario import Scenario

HUNDREDTH = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchJob:
    """One branch to be searched.

    Attributes
    ----------
    root : Path
        The folder of twins.
    branch_id : str
        The branch.
    prices : Prices
        What things cost.
    wanted : Wanted
        What is asked.
    seed : int
        Seed of all chance.
    time_limit : float
        Seconds after which the search ends with the best so far.
    capital_minor : int or None
        Budget, where the branch is the only one.
    """

    root: Path
    branch_id: str
    prices: Prices
    wanted: Wanted
    seed: int
    time_limit: float
    capital_minor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """What was found at a branch."""

    decision: MixDecision
    indifference_minor: float
    weekdays: int
    is_certain: bool
    left_as_is: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectJob:
    """A proposal to be tried on other days."""

    root: Path
    problem: DeviceProblem
    proposed: Counts
    weekdays: int
    days: int
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What a proposal brings."""

    effects: tuple[MixEffect, ...] = field(default=())


def search_branch(job: SearchJob) -> Searched | Refused:
    """Return the best mix of a branch."""
    try:
        return _searched(job)
    except BranchwiseError as error:
        return Refused(problems=tuple(error.problems))


def _searched(job: SearchJob) -> Searched:
    twins = Twins(job.root)
    weekdays = stored_weekdays(twins, job.branch_id)
    problem = problem_of(job.branch_id, weekdays, job.prices, job.wanted, job.capital_minor)
    mixes = feasible_mixes(checked_problem(problem))
    today = mix_of(problem, problem.today)
    minor = job.prices.assumptions.minor_units
    indifference = job.wanted.indifference
    zone = HUNDREDTH * today.running_minor if indifference is None else indifference * minor
    draw, is_certain = draw_of(twins, job.branch_id, whole_weeks=False)
    ends = time.monotonic() + job.time_limit
    decision = choose_mix(
        problem,
        mixes,
        today,
        TwinMixes(resources=problem.resources, draw=draw, days=job.wanted.days),
        Search(
            runs=job.wanted.runs, confidence=job.wanted.confidence, indifference_minor=zone,
            method=job.wanted.method, seed=derived_seed(job.seed, "devices", job.branch_id),
        ),
        go_on=lambda: time.monotonic() < ends,
    )  # fmt: skip
    return Searched(
        decision=decision,
        indifference_minor=zone,
        weekdays=len(weekdays),
        is_certain=is_certain,
        left_as_is=left_as_is(problem, weekdays),
    )


def try_proposal(job: EffectJob) -> Tried:
    """Return what a proposal brings on days of its own."""
    twins, branch_id = Twins(job.root), job.problem.branch_id
    draw, _ = draw_of(twins, branch_id, whole_weeks=True)
    effects = effects_of(
        TwinMixes(resources=job.problem.resources, draw=draw, days=job.days),
        job.problem.today,
        job.proposed,
        weekdays=job.weekdays,
        days_per_year=job.problem.days_per_year,
        seed=derived_seed(job.seed, "confirming", branch_id),
    )
    return Tried(effects=effects)


def stored_weekdays(twins: Twins, branch_id: str) -> list[Scenario]:
    """Return the usual open weekdays of a branch; its mean open day where it has none."""
    names = [name for name in twins.names(branch_id) if name.startswith("weekday")]
    return [twins.scenario(branch_id, name) for name in names or ["scenario"]]


def draw_of(twins: Twins, branch_id: str, *, whole_weeks: bool) -> tuple[Draw, bool]:
    """Return draws of a branch, and whether its parameters are taken for certain.

    A calibration of an earlier version stored no estimates to draw from.
    """
    if twins.estimates_path(branch_id).is_file():
        return drawn_from(twins.estimates(branch_id), whole_weeks=whole_weeks), False
    return drawn_as_stored(stored_weekdays(twins, branch_id)), True
