"""Whether a target can be met at all: everybody at work, and what would be needed besides."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from branchwise.core.errors import Where, failure
from branchwise.optimise.model import UNLIMITED, Appraise, Counts, StaffingProblem
from branchwise.optimise.problems.staffing import clock_time
from branchwise.optimise.solvers.sampling import shares_of
from branchwise.optimise.solvers.staffing_repair import Effort, repair

REPLICATIONS = 1_000
SURE = 2.0
QUICK = Effort(customers=(100_000,), margins=(0.0,))


def everybody(problem: StaffingProblem, demand: int) -> Counts:
    """Return the plan with all who may be there at work for one demand, the others at their least.

    Examples
    --------
    >>> from branchwise.optimise.example import formula_branch
    >>> everybody(formula_branch(most=12, people=9), 0).max()
    np.int64(9)
    """
    plan = problem.least.copy()
    name = problem.demands[demand].name
    for place, post in enumerate(problem.posts):
        if post.demand == name:
            room = np.array(problem.present) - plan.sum(axis=0)
            plan[place] += np.clip(np.array(post.most) - plan[place], 0, room)
    return plan


def require_reachable(problem: StaffingProblem, appraise: Appraise, *, seed: int) -> None:
    """Raise if a target is missed even with everybody at work, breaks left out.

    Raises
    ------
    BranchwiseError
        [BW-OPT-002] with the slot that misses it most, and about how many would be needed.

    Examples
    --------
    >>> from branchwise.optimise.example import formula_branch, stationary
    >>> problem = formula_branch()
    >>> require_reachable(problem, stationary(problem), seed=1)
    """
    for demand, one in enumerate(problem.demands):
        plan = everybody(problem, demand)
        if plan.max() >= UNLIMITED // 2:
            continue
        found = shares_of(appraise(plan[None], replications=REPLICATIONS, seed=seed))[0]
        upper = found.share[demand] + SURE * found.error[demand]
        short = np.flatnonzero(upper < problem.target.share)
        if not len(short):
            continue
        worst = int(short[np.argmin(found.share[demand, short])])
        posts = [place for place, post in enumerate(problem.posts) if post.demand == one.name]
        needed = _needed(problem, appraise, seed)[posts, worst].sum()
        raise failure(
            "BW-OPT-002",
            Where(place=one.name, count=len(short)),
            most=int(plan[posts, worst].sum()),
            attained=f"{found.share[demand, worst]:.0%}",
            time=clock_time(float(problem.slots.bounds[worst])),
            minutes=f"{problem.target.seconds / 60:g}",
            share=f"{problem.target.share:.0%}",
            needed=int(needed),
            count=len(short),
        )


def _needed(problem: StaffingProblem, appraise: Appraise, seed: int) -> Counts:
    """Return a plan that would meet the target if there were people without end."""
    count = problem.slots.count
    free = replace(
        problem,
        posts=tuple(replace(post, most=(UNLIMITED,) * count) for post in problem.posts),
        present=(UNLIMITED,) * count,
        lunch=None,
    )
    return repair(free, appraise, seed=seed, effort=QUICK).people
