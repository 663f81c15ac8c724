"""``branchwise plan``: from the loaded bank to a costed plan, every action tried in the twin."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from branchwise import __version__
from branchwise.core.languages import Text
from branchwise.core.progress import Progress, silent
from branchwise.optimise.portfolio import Locks, PortfolioDecision, PortfolioProblem
from branchwise.pipeline.diagnose import diagnose
from branchwise.pipeline.plan import stored, words
from branchwise.pipeline.plan.asked import Asked
from branchwise.pipeline.plan.gathered import Gathered, gathered
from branchwise.pipeline.plan.plan_report import PlanReport
from branchwise.pipeline.plan.promised import plan_starts_on, promised
from branchwise.pipeline.plan.ready import Ready, ready
from branchwise.pipeline.plan.tried import Trying, tried
from branchwise.pipeline.twin.places import branches_of
from branchwise.pipeline.twin.spread import opened
from branchwise.plan.case import Undertaking, business_case
from branchwise.plan.document import BranchPlan, BranchTrial, Plan, slimmed
from branchwise.plan.interventions import library
from branchwise.plan.proposal import Answer
from branchwise.plan.roadmap import roadmap
from branchwise.plan.screening import Effort
from branchwise.plan.select import (
    FrontierPoint,
    considered,
    decided_again,
    frontier,
    select,
    usual_bonus,
)
from branchwise.tables.assumptions import Assumptions
from branchwise.warehouse.store import Warehouse
from branchwise.warehouse.workspace import Workspace

Answers = Mapping[str, tuple[Answer, str]]


def plan(
    workspace: Path,
    asked: Asked | None = None,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
) -> PlanReport:
    """Make a plan and store it.

    Twins that are missing or out of date are calibrated and validated first; what was tried
    before is not tried again, so that an interrupted plan goes on where it was and another budget
    costs seconds.

    Parameters
    ----------
    workspace : Path
        The workspace.
    asked : Asked, optional
        Budgets, quarters, branches, effort.
    workers : int, optional
        Processes; those of the cores by default. The plan is the same with any number.
    progress : Progress, optional
        Where the work tells how far it is.

    Returns
    -------
    PlanReport
        Never empty: where no twin may be believed it says so, and what data would mend it.

    Raises
    ------
    BranchwiseError
        [BW-PLN-060] for budgets that cannot be; [BW-PLN-020] for a price that is missing;
        [BW-DGN-001] if nothing has been loaded.
    """
    asked, progress = asked or Asked(), progress or silent()
    with opened(workspace) as (engine, _):
        given = stored.answers(engine)
    found, warnings = made(workspace, asked, given, workers=workers, progress=progress)
    return kept(workspace, asked, found, given, warnings=warnings)


def made(
    workspace: Path,
    asked: Asked,
    given: Answers,
    *,
    before: PortfolioDecision | None = None,
    workers: int | None = None,
    progress: Progress,
) -> tuple[Plan, tuple[Text, ...]]:
    """Make a plan; nothing is stored but twins and what was tried.

    Parameters
    ----------
    workspace : Path
        The workspace.
    asked : Asked
        Budgets, quarters, branches, effort.
    given : mapping of str to (str, str)
        What people have answered to options, and why.
    before : PortfolioDecision, optional
        An earlier choice, of which as much is to stay as may.
    workers : int, optional
        Processes.
    progress : Progress
        Where the work tells how far it is.

    Returns
    -------
    tuple of Plan and tuple of Text
        The plan; what the reader must know first.

    Raises
    ------
    BranchwiseError
        As `plan`.
    """
    asked.check()
    opened_workspace = Workspace.open(workspace)
    assumptions = opened_workspace.read_assumptions()
    limits = asked.limits(assumptions, 1)
    findings = diagnose(workspace, progress=progress).diagnosis.findings
    with opened(workspace) as (engine, _):
        branches = branches_of(engine, asked.branches)
        bank = gathered(engine)
    prepared = ready(workspace, branches, seed=asked.seed, workers=workers, progress=progress)
    data_id = Warehouse(opened_workspace.warehouse).snapshot().data_id
    trying = Trying(
        workspace=workspace,
        folder=opened_workspace.plans / "tried",
        gathered=bank,
        findings=findings,
        assumptions=assumptions,
        limits=limits,
        data_id=data_id,
        draws=asked.draws,
        seed=asked.seed,
        only=asked.only,
        accepted=_answered(given, "accepted"),
    )
    standings = {name: found.verdict for name, found in prepared.trusts.items()}
    trials, refused = tried(trying, standings, workers=workers, progress=progress)
    making = _Making(
        workspace=workspace, asked=asked, bank=bank, prepared=prepared, trials=trials,
        assumptions=assumptions, answers=given, data_id=data_id, before=before,
    )  # fmt: skip
    with progress.task(words.CHOOSING, total=3) as task:
        return making.plan(task.advance), (*prepared.warnings, *refused)


def kept(
    workspace: Path,
    asked: Asked,
    found: Plan,
    given: Answers,
    *,
    actions: Sequence[Mapping[str, Any]] = (),
    warnings: tuple[Text, ...] = (),
) -> PlanReport:
    """Store a plan with the answers of people and the actions that follow from them."""
    opened_workspace = Workspace.open(workspace)
    assumptions = opened_workspace.read_assumptions()
    document = stored.save(opened_workspace.plans, found, asked)
    with opened(workspace) as (engine, _):
        rows = stored.option_rows(found, assumptions, given)
        warehouse = Warehouse(opened_workspace.warehouse)
        stored.publish(warehouse, engine, found, rows, actions=actions, given=given)
    return PlanReport(plan=found, document=document, warnings=warnings)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Making:
    """Everything that a plan is put together from."""

    workspace: Path
    asked: Asked
    bank: Gathered
    prepared: Ready
    trials: Mapping[str, BranchTrial]
    assumptions: Assumptions
    answers: Answers
    data_id: str
    before: PortfolioDecision | None

    def plan(self, advance: Callable[[], None]) -> Plan:
        """Choose, and work out what the choice costs, promises and takes."""
        problem = self._problem()
        decision = select(problem, time_limit=self.asked.time_limit)
        advance()
        points = self._frontier(problem, decision)
        advance()
        chosen = {begun.candidate_id: begun for begun in decision.chosen}
        branches = tuple(self._branch(name, chosen) for name in self.trials)
        undertakings = _undertakings(branches)
        starts_on = plan_starts_on(self.bank.last_on)
        kept = promised(self.workspace, undertakings, self.assumptions, starts_on)
        advance()
        return Plan(
            plan_id=self._plan_id(),
            snapshot_id=self.data_id,
            data_id=self.data_id,
            version=__version__,
            seed=self.asked.seed,
            draws=self.asked.draws,
            weeks=Effort().weeks,
            currency=self.assumptions.currency,
            standard_seconds=self.assumptions.value("wait_standard_seconds"),
            first_on=self.bank.first_on,
            last_on=self.bank.last_on,
            branches=branches,
            problem=problem,
            decision=decision,
            frontier=points,
            case=business_case(undertakings, library(), self.assumptions),
            promises=kept,
            roadmap=roadmap(
                undertakings,
                library(),
                self.assumptions,
                promised=kept,
                plan_starts_on=starts_on,
                capacity=problem.limits.capacity,
            ),
            reasons={code: self.answers[code][1] for code in _answered(self.answers, "rejected")},
        )

    def _problem(self) -> PortfolioProblem:
        trials, locks = self.trials.values(), self._locks()
        found = considered(
            [one for trial in trials for one in trial.tried.appraisals],
            {option.option_id: option for trial in trials for option in trial.options},
            {code: costs for trial in trials for code, costs in trial.costs.items()},
            library=library(),
            assumptions=self.assumptions,
            regions=self.bank.regions,
            accepted=locks.accepted,
        )
        problem = PortfolioProblem(
            candidates=found.candidates,
            limits=self.asked.limits(self.assumptions, len(self.trials)),
            locks=locks,
        )
        if self.before is None:
            return problem
        bonus = usual_bonus(self.before)
        return decided_again(problem, self.before, locks, stay_bonus=bonus)

    def _locks(self) -> Locks:
        """Return the answers of people to options of the branches that are planned."""
        known = {option.option_id for trial in self.trials.values() for option in trial.options}
        accepted, rejected = (
            tuple(code for code in _answered(self.answers, answer) if code in known)
            for answer in ("accepted", "rejected")
        )
        return Locks(accepted=accepted, rejected=rejected)

    def _frontier(
        self, problem: PortfolioProblem, decision: PortfolioDecision
    ) -> tuple[FrontierPoint, ...]:
        if decision.status == "infeasible" or not problem.candidates:
            return ()
        return frontier(problem, time_limit=self.asked.time_limit)

    def _branch(self, name: str, chosen: Mapping[str, Any]) -> BranchPlan:
        trial, standing = self.trials[name], self.prepared.trusts[name]
        begun = next(
            (chosen[one.package_id] for one in trial.tried.appraisals if one.package_id in chosen),
            None,
        )
        return BranchPlan(
            branch_id=name,
            name=self.bank.names.get(name, name),
            region_id=self.bank.regions.get(name, ""),
            standing=standing.verdict,
            reason=standing.reason,
            remedy=standing.remedy,
            trial=slimmed(trial, None if begun is None else begun.candidate_id),
            begun=begun,
        )

    def _plan_id(self) -> str:
        rests_on = (
            self.asked, self.data_id, sorted(self.answers.items()), self.assumptions, __version__,
            sorted((name, one.verdict) for name, one in self.prepared.trusts.items()),
            None if self.before is None else self.before.chosen,
        )  # fmt: skip
        return "P-" + hashlib.blake2b(repr(rests_on).encode(), digest_size=5).hexdigest()


def _answered(given: Answers, wanted: str) -> tuple[str, ...]:
    """Return the options of which people said one thing, in order."""
    return tuple(sorted(code for code, (answer, _) in given.items() if answer == wanted))


def _undertakings(branches: Sequence[BranchPlan]) -> list[Undertaking]:
    return [
        Undertaking(
            branch_id=branch.branch_id,
            options=branch.chosen,
            quarter=branch.begun.quarter,
            appraisal=branch.appraisal,
        )
        for branch in branches
        if branch.begun is not None
    ]
