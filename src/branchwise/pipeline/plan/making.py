"""A plan put together: a choice that holds on fresh draws, and all that follows from it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from branchwise import __version__
from branchwise.core.progress import Progress
from branchwise.optimise.portfolio import Locks, PortfolioDecision, PortfolioProblem
from branchwise.pipeline.plan.asked import Asked
from branchwise.pipeline.plan.fresh import FRESH, Again, fresh
from branchwise.pipeline.plan.gathered import Gathered
from branchwise.pipeline.plan.measured import Measured
from branchwise.pipeline.plan.promised import plan_starts_on, promised
from branchwise.pipeline.plan.ready import Ready
from branchwise.pipeline.plan.tried import BELIEVED, STANDARD, Trials
from branchwise.pipeline.twin.places import Twins
from branchwise.plan.case import Undertaking, business_case
from branchwise.plan.confirm import Confirmed, confirmed
from branchwise.plan.document import BranchPlan, BranchTrial, Plan
from branchwise.plan.interventions import library
from branchwise.plan.proposal import Answer, Appraisal, package_id
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
from branchwise.plan.today import told
from branchwise.tables.assumptions import Assumptions
from branchwise.warehouse.workspace import Workspace

Answers = Mapping[str, tuple[Answer, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """Everything that a plan is put together from.

    Attributes
    ----------
    workspace : Path
        The workspace.
    asked : Asked
        Budgets, quarters, branches, effort.
    bank : Gathered
        What the tables say of the branches.
    prepared : Ready
        The verdicts on their twins.
    trials : Trials
        What came of their options.
    assumptions : Assumptions
        Prices and weights.
    answers : mapping of str to (str, str)
        What people have answered, and why.
    data_id : str
        The data.
    before : PortfolioDecision or None
        An earlier choice, of which as much is to stay as may.
    measured : Measured
        What the data say of the branches today.
    workers : int or None
        Processes.
    progress : Progress
        Where the work tells how far it is.
    """

    workspace: Path
    asked: Asked
    bank: Gathered
    prepared: Ready
    trials: Trials
    assumptions: Assumptions
    answers: Answers
    data_id: str
    before: PortfolioDecision | None
    measured: Measured
    workers: int | None
    progress: Progress

    def choice(self) -> Confirmed:
        """Choose what holds on fresh draws too."""
        problem = self._problem()
        found = confirmed(
            problem,
            lambda given: select(given, time_limit=self.asked.time_limit),
            lambda chosen: self._fresh([(one.branch_id, one.option_ids) for one in chosen]),
            accepted=problem.locks.accepted,
        )
        accepted = set(problem.locks.accepted)
        alone = [
            (name, tuple(one.option_id for one in trial.options if one.option_id in accepted))
            for name, trial in self.trials.items()
        ]
        known = found.fresh
        further = self._fresh([one for one in alone if package_id(one[1]) not in known])
        return replace(found, fresh={**known, **further})

    def _fresh(self, packages: Sequence[tuple[str, tuple[str, ...]]]) -> Mapping[str, Appraisal]:
        """Try packages of branches on fresh draws, where the branch's twin is believed."""
        again = [one for branch, codes in packages for one in self._again(branch, codes)]
        return fresh(again, workers=self.workers, progress=self.progress)

    def plan(self, choice: Confirmed, advance: Callable[[], None]) -> Plan:
        """Work out what a choice costs, promises and takes."""
        problem, decision = choice.problem, choice.decision
        advance()
        points = self._frontier(problem, decision)
        advance()
        chosen = {begun.candidate_id: begun for begun in decision.chosen}
        twins = Twins.of(self.workspace)
        branches = tuple(self._branch(name, chosen, choice.fresh, twins) for name in self.trials)
        undertakings = _undertakings(branches)
        starts_on = plan_starts_on(self.bank.last_on)
        kept = promised(self.workspace, undertakings, self.assumptions, starts_on)
        advance()
        return Plan(
            plan_id=self._plan_id(),
            **self._rests_on(),
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
            reasons={code: self.answers[code][1] for code in answered(self.answers, "rejected")},
            satisfaction=self.measured.association,
        )

    def _rests_on(self) -> dict[str, Any]:
        """Return the fields of a plan that say what it rests on."""
        return {
            "snapshot_id": self.data_id,
            "data_id": self.data_id,
            "version": __version__,
            "seed": self.asked.seed,
            "draws": self.asked.draws,
            "weeks": Effort().weeks,
            "currency": self.assumptions.currency,
            "standard_seconds": self.assumptions.value(STANDARD),
            "first_on": self.bank.first_on,
            "last_on": self.bank.last_on,
        }

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
            tuple(code for code in answered(self.answers, answer) if code in known)
            for answer in ("accepted", "rejected")
        )
        return Locks(accepted=accepted, rejected=rejected)

    def _frontier(
        self, problem: PortfolioProblem, decision: PortfolioDecision
    ) -> tuple[FrontierPoint, ...]:
        if decision.status == "infeasible" or not problem.candidates:
            return ()
        return frontier(problem, time_limit=self.asked.time_limit)

    def _again(self, branch_id: str, codes: Sequence[str]) -> tuple[Again, ...]:
        """Return a package to be tried again, where its branch's twin is believed."""
        standing = self.prepared.trusts[branch_id].verdict
        if standing not in BELIEVED:
            return ()
        trial = self.trials[branch_id]
        carried = tuple(one for one in trial.options if one.option_id in codes)
        if not any(library()[one.intervention].mechanism for one in carried):
            return ()
        one = Again(
            workspace=self.workspace,
            folder=Workspace.open(self.workspace).plans / FRESH,
            branch_id=branch_id,
            data_id=self.data_id,
            standing=standing,
            options=carried,
            draws=self.asked.draws,
            seed=self.asked.seed,
            standard_seconds=self.assumptions.value(STANDARD),
        )
        return (one,)

    def _branch(
        self,
        name: str,
        chosen: Mapping[str, Any],
        again: Mapping[str, Appraisal],
        twins: Twins,
    ) -> BranchPlan:
        trial, standing = self.trials[name], self.prepared.trusts[name]
        begun = next(
            (chosen[one.package_id] for one in trial.tried.appraisals if one.package_id in chosen),
            None,
        )
        kept = trial if begun is None else self.trials.with_package(name, begun.candidate_id)
        kept = _renewed(kept, again)
        shown = None if begun is None else kept.appraisal(begun.candidate_id)
        any_one = next(iter(kept.appraisals), None)
        today = self.measured.today(name, shown or any_one, twins)
        kept = _mapped(kept, lambda one: told(one, today))
        changed = None if begun is None else kept.appraisal(begun.candidate_id)
        return BranchPlan(
            branch_id=name,
            name=self.bank.names.get(name, name),
            region_id=self.bank.regions.get(name, ""),
            standing=standing.verdict,
            reason=standing.reason,
            remedy=standing.remedy,
            trial=kept,
            begun=begun,
            today=today,
            satisfaction=self.measured.satisfaction(name, changed),
        )

    def _plan_id(self) -> str:
        rests_on = (
            self.asked, self.data_id, sorted(self.answers.items()), self.assumptions, __version__,
            sorted((name, one.verdict) for name, one in self.prepared.trusts.items()),
            None if self.before is None else self.before.chosen,
        )  # fmt: skip
        return "P-" + hashlib.blake2b(repr(rests_on).encode(), digest_size=5).hexdigest()


def _renewed(trial: BranchTrial, again: Mapping[str, Appraisal]) -> BranchTrial:
    """Return a trial in which packages that were tried on fresh draws say what came of those."""
    return _mapped(trial, lambda one: again.get(one.package_id, one))


def _mapped(trial: BranchTrial, change: Callable[[Appraisal], Appraisal]) -> BranchTrial:
    tried = trial.tried
    return replace(
        trial,
        tried=replace(
            tried,
            appraisals=tuple(map(change, tried.appraisals)),
            screened_out=tuple(map(change, tried.screened_out)),
        ),
    )


def answered(given: Answers, wanted: str) -> tuple[str, ...]:
    """Return the options of which people said one thing, in order.

    Parameters
    ----------
    given : mapping of str to (str, str)
        What people have answered, and why.
    wanted : {"accepted", "rejected"}
        The answer.

    Examples
    --------
    >>> answered({"b": ("accepted", ""), "a": ("rejected", "no room")}, "accepted")
    ('b',)
    """
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
