"""What the report adds where a plan has been made: the plan, its day played, its workbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from branchwise.core.errors import BranchwiseError
from branchwise.core.languages import Language
from branchwise.core.progress import Progress, silent
from branchwise.pipeline.plan import stored
from branchwise.pipeline.twin.places import Twins
from branchwise.plan.applied import apply_all
from branchwise.plan.document import BranchPlan, Plan
from branchwise.report.benefit import Benefit
from branchwise.report.labels import weekday
from branchwise.report.phrases import say
from branchwise.report.plan_day import PlayedDay, most_improved
from branchwise.report.plan_workbook import write_workbook
from branchwise.twin.scenario import Scenario
from branchwise.warehouse.workspace import Workspace

WORKBOOK, RESULTS = "plan.xlsx", "results.xlsx"
WEEKDAY = "weekday_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A plan with what was written of it.

    Attributes
    ----------
    plan : Plan
        The current plan.
    day : PlayedDay or None
        The day played; None where nothing is improved or the branch's twin is gone.
    workbook : Path
        The plan as a workbook.
    pages : tuple of Path
        The two pages that play the day, today first.
    """

    plan: Plan
    day: PlayedDay | None
    workbook: Path
    pages: tuple[Path, ...] = ()


def planned(
    workspace: Workspace,
    language: Language = "en",
    *,
    services: Mapping[str, str] | None = None,
    benefits: Sequence[Benefit] = (),
    progress: Progress | None = None,
) -> Planned | None:
    """Write workbook and played day of the current plan; None where none has been made.

    Parameters
    ----------
    workspace : Workspace
        The workspace.
    language : {"en", "zh-Hant", "zh-Hans"}
        Of the workbook, and in which the pages open.
    services : mapping of str to str, optional
        Names of services by code.
    benefits : sequence of Benefit, optional
        What became of the bank's actions: further sheets of the workbook.
    progress : Progress, optional
        Where the work tells how far it is.

    Raises
    ------
    BranchwiseError
        As `branchwise.pipeline.plan.stored.current`.
    OSError
        If a file cannot be written.
    """
    if not stored.has_plan(workspace.plans):
        return None
    plan = stored.current(workspace.plans)
    workbook = write_workbook(
        plan, workspace.reports / WORKBOOK, language, services=services, benefits=benefits
    )
    branch = most_improved(plan)
    found = None
    if branch is not None:
        try:
            found = _played(workspace, plan, branch, language, progress or silent())
        except BranchwiseError:
            found = None
    if found is None:
        return Planned(plan=plan, day=None, workbook=workbook)
    day, pages = found
    return Planned(plan=plan, day=day, workbook=workbook, pages=pages)


def _played(
    workspace: Workspace, plan: Plan, branch: BranchPlan, language: Language, progress: Progress
) -> tuple[PlayedDay, tuple[Path, ...]] | None:
    """Write the two pages that play a branch's busiest day, today and proposed.

    None where the twin has no such day, or was calibrated anew and no longer has what the package
    changes: two equal days would only mislead.
    """
    from branchwise.pipeline.twin.days import played
    from branchwise.pipeline.twin.spread import compile_first

    today = _busiest(Twins.of(workspace.root), branch.branch_id)
    if today is None:
        return None
    number = int(today.name.removeprefix(WEEKDAY))
    proposed = apply_all(branch.chosen, today, iso_weekday=number)
    if proposed == today:
        return None
    compile_first(progress)
    folder, code = workspace.plans / plan.plan_id, quote(branch.branch_id, safe="")
    pages, links = [], []
    for kind, scenario, text in (
        ("today", today, say("as it is today")),
        ("proposed", proposed, say("as proposed")),
    ):
        path = folder / f"play-{code}-{kind}.html"
        name = f"{weekday(number).read_in(language)} · {text.read_in(language)}"
        played(workspace.root, replace(scenario, name=name), plan.seed, path, language)
        pages.append(path)
        links.append(f"../{workspace.plans.name}/{plan.plan_id}/{quote(path.name)}")
    day = PlayedDay(name=branch.name, iso_weekday=number, today=links[0], proposed=links[1])
    return day, tuple(pages)


def _busiest(twins: Twins, branch_id: str) -> Scenario | None:
    """Return the weekday of a branch on which most customers are expected, the first of equals."""
    from branchwise.twin.workload import expected_customers

    days = [
        twins.scenario(branch_id, name)
        for name in twins.names(branch_id)
        if name.startswith(WEEKDAY)
    ]
    return max(days, key=lambda day: float(expected_customers(day).sum()), default=None)
