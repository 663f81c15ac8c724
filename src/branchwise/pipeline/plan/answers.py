"""``plan accept|reject|why``: what people decide, and the rest planned again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from branchwise.core.clock import Clock, system_clock
from branchwise.core.errors import Problems, Where, failure
from branchwise.core.languages import Language, Text
from branchwise.core.progress import Progress, silent
from branchwise.core.tabulation import Tabulation
from branchwise.pipeline.plan import stored, words
from branchwise.pipeline.plan.actions import Accepted, action_rows
from branchwise.pipeline.plan.plan import contradiction, kept, made
from branchwise.pipeline.plan.plan_report import BELIEVED, PlanReport
from branchwise.pipeline.twin.spread import opened
from branchwise.plan.document import Plan
from branchwise.plan.interventions import library
from branchwise.plan.nearest import nearest
from branchwise.plan.proposal import Answer
from branchwise.plan.why_not import Selection, WhyNot, why_not, why_not_at
from branchwise.warehouse.workspace import Workspace

SEPARATOR = ":"


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyReport:
    """Why an option is, or is not, part of the plan."""

    answer: WhyNot
    currency: str

    def as_json(self) -> dict[str, Any]:
        """Return the ``result`` of the JSON document."""
        found = self.answer
        return {
            "branch_id": found.branch_id,
            "intervention": found.intervention,
            "option_id": found.option_id,
            "reason": found.reason,
            "text": {
                "en": found.text.en,
                "zh-Hant": found.text.zh_hant,
                "zh-Hans": found.text.zh_hans,
            },
            "limits": list(found.limits),
            "loss_lower_minor": found.loss_lower,
            "loss_upper_minor": found.loss_upper,
            "dropped": list(found.dropped),
            "currency": self.currency,
        }

    def as_tables(self, language: Language) -> tuple[Tabulation, ...]:
        """Return the answer in words."""
        return (Tabulation(title=self.answer.text.read_in(language), columns=(), rows=()),)


def accept(
    workspace: Path,
    options: Sequence[str],
    *,
    starts: str = "",
    progress: Progress | None = None,
    clock: Clock = system_clock,
) -> PlanReport:
    """Accept options of the current plan: they become actions, and the rest is planned again.

    Parameters
    ----------
    workspace : Path
        The workspace.
    options : sequence of str
        Codes.
    starts : str
        First day on which they work, ISO 8601; by default that of their promise.
    progress : Progress, optional
        Where the work tells how far it is.
    clock : Clock
        Tells when.

    Returns
    -------
    PlanReport
        The plan made again.

    Raises
    ------
    BranchwiseError
        [BW-PLN-006] for codes that are not in the plan; [BW-PLN-063] if they contradict the
        limits or other answers, and then nothing is stored; [BW-PLN-064] for a day that is none,
        or lies before the data.
    """
    first = _day(starts)
    answers: dict[str, tuple[Answer, str]] = dict.fromkeys(options, ("accepted", ""))

    return _answered(workspace, answers, first, clock, progress or silent())


def reject(
    workspace: Path,
    options: Sequence[str],
    *,
    why: str,
    progress: Progress | None = None,
    clock: Clock = system_clock,
) -> PlanReport:
    """Reject options of the current plan, with the reason, and plan the rest again.

    Parameters
    ----------
    workspace : Path
        The workspace.
    options : sequence of str
        Codes.
    why : str
        The reason.
    progress : Progress, optional
        Where the work tells how far it is.
    clock : Clock
        Tells when.

    Raises
    ------
    BranchwiseError
        As `accept`; [BW-PLN-065] without a reason.
    """
    if not why.strip():
        raise failure("BW-PLN-065", Where(place="--why"))
    answers: dict[str, tuple[Answer, str]] = dict.fromkeys(options, ("rejected", why.strip()))
    return _answered(workspace, answers, None, clock, progress or silent())


def why(workspace: Path, option: str, *, progress: Progress | None = None) -> WhyReport:
    """Say why an option, or an intervention at a branch, is or is not part of the plan.

    Parameters
    ----------
    workspace : Path
        The workspace.
    option : str
        Code of an option, or ``branch:intervention``.
    progress : Progress, optional
        Where the work tells how far it is.

    Raises
    ------
    BranchwiseError
        [BW-PLN-006] if there is nothing of the name; as `stored.current`.
    """
    del progress
    plan = stored.current(Workspace.open(workspace).plans)
    selection = selection_of(plan)
    branch, _, intervention = option.partition(SEPARATOR)
    if option not in plan.options and intervention in library():
        found = why_not_at(selection, branch, intervention)
    else:
        found = why_not(selection, option)
    return WhyReport(answer=found, currency=plan.currency)


def selection_of(plan: Plan) -> Selection:
    """Return the choice of a plan with all that it rests on."""
    return Selection(
        problem=plan.problem,
        decision=plan.decision,
        options=plan.options,
        appraisals=tuple(one for branch in plan.branches for one in branch.trial.appraisals),
        library=library(),
        currency=plan.currency,
        names={branch.branch_id: branch.name for branch in plan.branches},
        remedies={branch.branch_id: branch.remedy for branch in plan.branches},
        reasons=plan.reasons,
    )


def _answered(
    workspace: Path,
    answers: Mapping[str, tuple[Answer, str]],
    first: date | None,
    clock: Clock,
    progress: Progress,
) -> PlanReport:
    opened_workspace = Workspace.open(workspace)
    plans = opened_workspace.plans
    before, asked = stored.current(plans), stored.asked_for(plans)
    stored.require_unchanged(plans, before)
    _require_known(before, list(answers))
    if first is not None and first <= before.first_on:
        raise failure("BW-PLN-064", Where(place="--starts"), given=first.isoformat())
    with opened(workspace) as (engine, _):
        given = {**stored.answers(engine), **answers}
        known = stored.actions(engine)
    plan, warnings = made(workspace, asked, given, before=before.decision, progress=progress)
    _require_known(plan, list(answers))
    if plan.decision.status == "infeasible":
        raise failure("BW-PLN-063", Where(place=", ".join(answers)), conflict=contradiction(plan))
    accepted = Accepted(
        codes=frozenset(code for code, (answer, _) in given.items() if answer == "accepted"),
        new=frozenset(code for code, (answer, _) in answers.items() if answer == "accepted"),
        before=known,
        at=clock(),
        starts_on=first,
    )
    rows = action_rows(workspace, plan, accepted, opened_workspace.read_assumptions())
    told = (*warnings, *_unpromised(plan, accepted.new))
    return kept(workspace, asked, plan, given, actions=rows, warnings=told)


def _unpromised(plan: Plan, codes: Collection[str]) -> tuple[Text, ...]:
    """Say of which options nothing is promised, for the branch's twin is not believed."""
    return tuple(
        words.UNPROMISED.filled(option=option.option_id)
        for branch in plan.branches
        if branch.standing not in BELIEVED
        for option in branch.trial.options
        if option.option_id in codes
    )


def _require_known(plan: Plan, codes: Sequence[str]) -> None:
    problems = Problems()
    known = plan.options
    for code in codes:
        if code not in known:
            problems.add("BW-PLN-006", Where(place="option"), name=code, known=nearest(code, known))
    problems.raise_if_any()


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise failure("BW-PLN-064", Where(place="--starts"), given=text) from error
