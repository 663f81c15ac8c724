"""Staffing by simulation: from the modified offered load, raise what falls short, lower what can.

Interval by interval formulas take a quarter-hour as if it went on for ever; a day is not so. Here a
plan is simulated, people are added where a slot misses its target, and taken away wherever all
slots still keep it, several far-apart slots at a time. All plans of a stage see the same days
(common random numbers), so that differences are those of the plans. As the best of many noisy
appraisals looks better than it is, a slot counts as met only when its share lies a margin of
standard errors above the target, later stages look closer at other days, and what is reported comes
from days that no decision was made on.

References
----------
Atlason, Epelman and Henderson (2008), Management Science 54, 295-309,
doi:10.1287/mnsc.1070.0774 (simulation and cuts). Feldman, Mandelbaum, Massey and Whitt (2008),
Management Science 54, 324-338, doi:10.1287/mnsc.1070.0821 (iterated staffing).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from branchwise.core.languages import Text
from branchwise.core.progress import Progress, Task, silent
from branchwise.optimise.model import (
    Appraise,
    Counts,
    GoOn,
    Shares,
    StaffingDecision,
    StaffingProblem,
    Status,
)
from branchwise.optimise.solvers.limits import within_limits
from branchwise.optimise.solvers.offered_load import by_interval, by_load
from branchwise.optimise.solvers.sampling import Sampler, Stopped
from branchwise.optimise.solvers.staffing_moves import Search

TITLE = Text(en="Searching a staffing", zh_hant="搜尋排班人數", zh_hans="搜索排班人数")


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How closely to look.

    Attributes
    ----------
    customers : tuple of int
        Customers simulated for each plan, stage by stage.
    margins : tuple of float
        Standard errors that a share must lie above the target, stage by stage.
    lowering : int
        In so many stages, the first, people are also taken away; later ones only add.
    least_days, most_days : int
        Bounds of the days simulated for a plan.
    """

    customers: tuple[int, ...] = (100_000, 400_000, 1_500_000, 1_500_000)
    margins: tuple[float, ...] = (0.5, 1.5, 2.0, 1.5)
    lowering: int = 2
    least_days: int = 200
    most_days: int = 20_000

    def days(self, stage: int, customers_a_day: float) -> int:
        """Return the days of a stage."""
        wanted = self.customers[stage] / max(customers_a_day, 1e-9)
        return int(min(max(wanted, self.least_days), self.most_days))


def repair(
    problem: StaffingProblem,
    appraise: Appraise,
    *,
    seed: int,
    effort: Effort | None = None,
    go_on: GoOn = lambda: True,
    progress: Progress | None = None,
) -> StaffingDecision:
    """Return a plan of few hours with which every slot meets the target, as far as limits allow.

    Parameters
    ----------
    problem : StaffingProblem
        Demand, posts and limits.
    appraise : callable
        Simulates plans.
    seed : int
        Seed of all chance; the same seed gives the same plan unless the search is stopped.
    effort : Effort, optional
        How closely to look.
    go_on : callable
        Asked before every simulation; False, or Ctrl-C, ends the search with the best so far.
    progress : Progress, optional
        Where the work tells how far it is.

    Returns
    -------
    StaffingDecision
        With status ``below_target`` where no room was left within the limits.

    Examples
    --------
    >>> from branchwise.optimise.example import formula_branch, stationary
    >>> problem = formula_branch()
    >>> found = repair(problem, stationary(problem), seed=1)
    >>> found.status, bool((found.people == found.erlang_c).all())
    ('met', True)
    """
    effort = effort or Effort()
    daily = sum(sum(one.rates_per_hour) for one in problem.demands) * problem.slots.hours
    sampler = Sampler(appraise=appraise, go_on=go_on, seed=seed, replications=1)
    first = start_of(problem)
    search = Search(problem=problem, sampler=sampler, plan=first)
    stopped: Status | None = None
    with (progress or silent()).task(TITLE, total=len(effort.customers)) as task:
        try:
            _stages(search, effort, daily, seed, task)
        except Stopped:
            stopped = "time_limit"
        except KeyboardInterrupt:
            stopped = "interrupted"
    last = len(effort.customers) - 1
    sampler.go_on = lambda: True
    sampler.moved(seed=_seed_of(seed, last + 1), replications=effort.days(last, daily))
    return _decided(search, first if stopped else None, stopped, seed)


def _decided(
    search: Search, instead: Counts | None, stopped: Status | None, seed: int
) -> StaffingDecision:
    """Return the decision, appraised on unseen days; of a stopped search perhaps its beginning."""
    problem, sampler = search.problem, search.sampler
    people, attained = search.plan, sampler.share(search.plan)
    if instead is not None and _misses(problem, attained):
        other = sampler.share(instead)
        if not _misses(problem, other):
            people, attained = instead, other
    by_formula = by_load(problem)
    return StaffingDecision(
        people=people,
        erlang_c=by_interval(problem),
        offered_load=by_formula,
        attained=attained,
        attained_by_load=sampler.share(by_formula),
        status=stopped or ("below_target" if _misses(problem, attained) else "met"),
        appraisals=sampler.appraisals,
        days=sampler.days,
        replications=sampler.replications,
        seed=seed,
    )


def _misses(problem: StaffingProblem, attained: Shares) -> bool:
    return bool((attained.share < problem.target.share).any())


def start_of(problem: StaffingProblem) -> Counts:
    """Return the plan of the modified offered load by block, within the limits.

    Examples
    --------
    >>> from branchwise.optimise.example import formula_branch
    >>> start_of(formula_branch()).shape
    (1, 10)
    """
    plan = by_load(problem)
    for first in range(0, problem.slots.count, problem.block):
        slots = slice(first, first + problem.block)
        plan[:, slots] = plan[:, slots].max(axis=1, keepdims=True)
    plan = within_limits(problem, plan)
    for first in range(0, problem.slots.count, problem.block):
        slots = slice(first, first + problem.block)
        plan[:, slots] = plan[:, slots].min(axis=1, keepdims=True)
    return plan


def _seed_of(seed: int, stage: int) -> int:
    """Return a seed for a stage that no other stage, or neighbouring seed, has."""
    return int(np.random.SeedSequence([seed, stage]).generate_state(1, np.uint32)[0])


def _stages(search: Search, effort: Effort, daily: float, seed: int, task: Task) -> None:
    for stage, margin in enumerate(effort.margins):
        search.margin = margin
        search.sampler.moved(seed=_seed_of(seed, stage), replications=effort.days(stage, daily))
        search.raise_short()
        if stage < effort.lowering:
            search.lower()
            search.smooth()
            search.lower()
        task.advance()
