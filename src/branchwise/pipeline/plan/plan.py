"""``branchwise plan``: from the loaded bank to a costed plan, every action tried in the twin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from branchwise.core.errors import Where, failure
from branchwise.core.languages import Text
from branchwise.core.progress import Progress, silent
from branchwise.optimise.portfolio import PortfolioDecision
from branchwise.pipeline.plan import stored, words
from branchwise.pipeline.plan.asked import Asked
from branchwise.pipeline.plan.findings import findings
from branchwise.pipeline.plan.gathered import gathered
from branchwise.pipeline.plan.making import Answers, Making, answered
from branchwise.pipeline.plan.measured import measured
from branchwise.pipeline.plan.plan_report import PlanReport
from branchwise.pipeline.plan.ready import ready
from branchwise.pipeline.plan.tried import Trying, tried
from branchwise.pipeline.twin.places import branches_of
from branchwise.pipeline.twin.spread import opened
from branchwise.plan.document import Plan
from branchwise.plan.why_not_words import conflict_text
from branchwise.warehouse.store import Warehouse
from branchwise.warehouse.workspace import Workspace


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
        [BW-PLN-067] where limits and answers contradict each other, and then the former plan stays;
        [BW-DGN-001] if nothing has been loaded.
    """
    asked, progress = asked or Asked(), progress or silent()
    with opened(workspace) as (engine, _):
        given = stored.answers(engine)
    found, warnings = made(workspace, asked, given, workers=workers, progress=progress)
    if found.decision.status == "infeasible":
        raise failure("BW-PLN-067", Where(place="plan"), conflict=contradiction(found))
    return kept(workspace, asked, found, given, warnings=warnings)


def contradiction(plan: Plan) -> Text:
    """Return which limits and answers cannot go together, to stand within a sentence."""
    found = conflict_text(plan.decision.conflict, is_smallest=plan.decision.is_smallest_conflict)
    return Text.written(lambda language: found.read_in(language).rstrip(".。"))


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
    asked.limits(assumptions, 1)
    found = findings(workspace, progress=progress)
    with opened(workspace) as (engine, _):
        branches = branches_of(engine, asked.branches)
        bank = gathered(engine)
    prepared = ready(workspace, branches, seed=asked.seed, workers=workers, progress=progress)
    data_id = Warehouse(opened_workspace.warehouse).snapshot().data_id
    with opened(workspace) as (engine, _):
        today = measured(engine, data_id)
    trying = Trying(
        workspace=workspace, folder=opened_workspace.plans / "tried", gathered=bank,
        findings=found, assumptions=assumptions, limits=asked.limits(assumptions, 1),
        data_id=data_id, draws=asked.draws, seed=asked.seed, only=asked.only,
        accepted=answered(given, "accepted"),
    )  # fmt: skip
    standings = {name: found.verdict for name, found in prepared.trusts.items()}
    trials, refused = tried(trying, standings, workers=workers, progress=progress)
    making = Making(
        workspace=workspace, asked=asked, bank=bank, prepared=prepared, trials=trials,
        assumptions=assumptions, answers=given, data_id=data_id, before=before, measured=today,
        workers=workers, progress=progress,
    )  # fmt: skip
    choice = making.choice()
    with progress.task(words.CHOOSING, total=3) as task:
        return making.plan(choice, task.advance), (*prepared.warnings, *refused)


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
    document = stored.written(opened_workspace.plans, found, asked)
    with opened(workspace) as (engine, _):
        rows = stored.option_rows(found, assumptions, given)
        warehouse = Warehouse(opened_workspace.warehouse)
        stored.publish(warehouse, engine, found, rows, actions=actions, given=given)
    stored.make_current(opened_workspace.plans, found)
    return PlanReport(plan=found, document=document, warnings=warnings)
