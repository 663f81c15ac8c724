"""``optimise staffing``: people by post and quarter-hour for a standard of service."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

from branchwise.core.errors import Where, failure
from branchwise.core.languages import Text
from branchwise.core.progress import Progress, silent
from branchwise.optimise.model import Appraise, Counts, StaffingDecision, StaffingProblem
from branchwise.optimise.problems.staffing import clock_time
from branchwise.optimise.reach import require_reachable
from branchwise.optimise.solvers.limits import lunch_of
from branchwise.optimise.solvers.offered_load import by_interval, by_load
from branchwise.optimise.solvers.staffing_repair import Effort, repair, start_of
from branchwise.optimise.verify import Asked, Breach, verify
from branchwise.pipeline.optimise import staffing_words as words
from branchwise.pipeline.optimise.staffing_groups import Group, groups_of
from branchwise.pipeline.optimise.staffing_problem import Wanted, problem_of, target_of
from branchwise.pipeline.optimise.staffing_report import StaffingReport
from branchwise.pipeline.optimise.staffing_twin import TwinAppraisal
from branchwise.pipeline.twin.places import BASE
from branchwise.pipeline.twin.run import found_scenario
from branchwise.pipeline.twin.spread import compile_first
from branchwise.pipeline.twin.trust import trust
from branchwise.twin.checks import require_sound
from branchwise.twin.files import scenario_digest
from branchwise.twin.scenario import Scenario

SEED = 1
TIME_LIMIT = 60.0
CHECKING_SEED = 7_919
"""Added to the seed for the days on which a decision is checked once more."""
BELIEVED = ("trusted", "waits_only")


def staffing(
    workspace: Path,
    branch_id: str | None = None,
    *,
    scenario: str = BASE,
    wanted: Wanted | None = None,
    effort: Effort | None = None,
    on: date | None = None,
    seed: int = SEED,
    time_limit: float = TIME_LIMIT,
    progress: Progress | None = None,
) -> StaffingReport:
    """Return how many people a branch needs at which post in which quarter-hour.

    Parameters
    ----------
    workspace : Path
        The workspace; not needed for a scenario file alone.
    branch_id : str, optional
        The branch; the only calibrated one, or that of the scenario file, by default.
    scenario : str
        Path of a file, or name of a stored scenario.
    wanted : Wanted, optional
        Target and limits.
    effort : Effort, optional
        How closely to look.
    on : date, optional
        A coming day: its weekday with the visits that are forecast for it; the quantile of demand
        is then that of the forecast's interval. See `pipeline.twin.on_date`.
    seed : int
        Seed of all chance.
    time_limit : float
        Seconds after which the search ends with the best so far.
    progress : Progress, optional
        Where the work tells how far it is.

    Returns
    -------
    StaffingReport
        Of a stored twin that is not trusted, the modified offered load alone, and a warning.

    Raises
    ------
    BranchwiseError
        [BW-OPT-001] to [BW-OPT-005] for a target or limits that cannot be kept; as
        `pipeline.twin.run.run` for a scenario that cannot be read or simulated.
    """
    wanted, progress = wanted or Wanted(), progress or silent()
    twins, found = found_scenario(workspace, branch_id, scenario, (), on=on)
    require_sound(found)
    groups = groups_of(found)
    target = target_of(workspace if twins else None, found, wanted)
    problem = problem_of(found, groups, target, wanted)
    report = StaffingReport(
        branch_id=found.branch_id,
        scenario_name=found.name,
        scenario_digest=scenario_digest(found),
        trust=trust(twins, found.branch_id),
        problem=problem,
        decision=None,
        people=start_of(problem),
        today=_today(found, problem),
        offered_load=by_load(problem),
        erlang_c=by_interval(problem),
    )
    file = scenario if Path(scenario).suffix else None
    if file is None and report.trust.verdict not in BELIEVED:
        return replace(report, warnings=(_with_verdict(words.NOT_TRUSTED, report),))
    compile_first(progress)
    appraise = _appraisal(groups, problem)
    decision = repair(
        problem, appraise, seed=seed, effort=effort, go_on=_until(time_limit), progress=progress
    )
    return _told(replace(report, warnings=_doubts(groups, file)), decision, appraise)


def _appraisal(groups: tuple[Group, ...], problem: StaffingProblem) -> TwinAppraisal:
    return TwinAppraisal(
        groups=groups,
        slots=problem.slots,
        factor=problem.demand_factor,
        seconds=problem.target.seconds,
    )


def _told(report: StaffingReport, decision: StaffingDecision, appraise: Appraise) -> StaffingReport:
    """Return the report of a decision that was checked once more; raise what cannot be kept."""
    if decision.status == "below_target":
        require_reachable(report.problem, appraise, seed=decision.seed)
    missed = checked(report.problem, decision, appraise)
    warnings = (*report.warnings, *_missing(report.problem, decision), *missed)
    return replace(report, decision=decision, people=decision.people, warnings=warnings)


def checked(
    problem: StaffingProblem, decision: StaffingDecision, appraise: Appraise
) -> tuple[Text, ...]:
    """Check a decision once more, on days of its own; tell what its target misses.

    Raises
    ------
    BranchwiseError
        [BW-OPT-006] where it breaks a limit: a fault of the program.
    """
    lunch = lunch_of(problem)
    asked = Asked(
        least=problem.least.tolist(),
        most=problem.most.tolist(),
        present=problem.present,
        share=problem.target.share,
        break_window=None if lunch is None else (lunch.first_slot, lunch.last_slot),
        break_slots=0 if lunch is None else lunch.length,
    )
    lived = appraise(
        decision.people[None],
        replications=decision.replications,
        seed=decision.seed + CHECKING_SEED,
    )
    breaches = verify(decision.people.tolist(), asked, lived.customers[0], lived.within[0])
    for one in breaches:
        if one.kind != "target":
            raise failure(
                "BW-OPT-006", Where(place="staffing"), kind=one.kind, time=_time(problem, one),
                found=one.found, wanted=one.wanted,
            )  # fmt: skip
    if not breaches or decision.status != "met":
        return ()
    return (words.MISSED_AGAIN.filled(count=len(breaches), time=_time(problem, breaches[0])),)


def _time(problem: StaffingProblem, breach: Breach) -> str:
    return clock_time(float(problem.slots.bounds[max(breach.slot, 0)]))


def _doubts(groups: tuple[Group, ...], file: str | None) -> tuple[Text, ...]:
    """Return what is weak about the simulation itself."""
    together = [one.name for one in groups if len(one.scenario.queues) > 1]
    return (
        *((words.UNCHECKED_FILE.filled(file=file),) if file else ()),
        *(words.TOGETHER.filled(queues=name) for name in together),
    )


def _until(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() < end


def _today(scenario: Scenario, problem: StaffingProblem) -> Counts:
    """Return who is on duty by plan in the scenario as it is, at the middle of each slot."""
    middles = problem.slots.bounds[:-1] + problem.slots.seconds / 2
    stations = {one.name: one for one in scenario.stations}
    found = np.zeros((len(problem.posts), problem.slots.count), dtype=np.int64)
    for place, post in enumerate(problem.posts):
        for step in stations[post.name].open:
            found[place, middles >= step.at_second] = step.count
    return found


def _with_verdict(told: Text, report: StaffingReport) -> Text:
    verdict = report.trust
    return Text.written(
        lambda language: told.filled(
            branch=report.branch_id,
            reason=verdict.reason.read_in(language),
            remedy=verdict.remedy.read_in(language),
        ).read_in(language)
    )


def _missing(problem: StaffingProblem, decision: StaffingDecision) -> tuple[Text, ...]:
    short = np.argwhere(decision.attained.share < problem.target.share)
    if decision.status in {"time_limit", "interrupted"}:
        return (words.TIME_LIMIT.filled(missed=len(short)),)
    if decision.status == "met":
        return ()
    demand, slot = short[int(np.argmin(short[:, 1]))]
    return (
        words.BELOW.filled(
            missed=len(short),
            time=clock_time(float(problem.slots.bounds[slot])),
            attained=f"{decision.attained.share[demand, slot]:.0%}",
        ),
    )
