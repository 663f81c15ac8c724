"""What people accepted as rows of the table ``action``, with what is promised of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from branchwise.pipeline.plan.promised import plan_starts_on, promised
from branchwise.plan.case import Undertaking
from branchwise.plan.document import BranchPlan, Plan
from branchwise.plan.interventions import library
from branchwise.plan.promises import Promise, works_from
from branchwise.plan.proposal import Option, package_id
from branchwise.tables.assumptions import Assumptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """What people accepted until now.

    Attributes
    ----------
    codes : frozenset of str
        All options accepted.
    new : frozenset of str
        Those accepted just now.
    before : mapping of str to mapping
        Rows of actions by code, as stored.
    at : datetime
        Now.
    starts_on : date or None
        First day on which the new ones work; None: as promised.
    """

    codes: frozenset[str]
    new: frozenset[str]
    before: Mapping[str, Mapping[str, Any]]
    at: datetime
    starts_on: date | None = None


def action_rows(
    workspace: Path, plan: Plan, accepted: Accepted, assumptions: Assumptions
) -> list[dict[str, Any]]:
    """Return the rows of what was accepted just now, and those whose promise it changes.

    Promised is what the accepted options of a branch bring together, for that alone is carried
    out: what else the plan proposes there, nobody has decided yet. Another answer at a branch
    therefore changes the promise of what was accepted before; of what works already it stays.

    Parameters
    ----------
    workspace : Path
        Whose data.
    plan : Plan
        Made with these answers.
    accepted : Accepted
        What people accepted.
    assumptions : Assumptions
        By which measures are reckoned.
    """
    open_codes = {
        code
        for code in accepted.codes
        if code in accepted.new
        or (code in accepted.before and accepted.before[code]["starts_on"] > plan.last_on)
    }
    chosen = {
        branch.branch_id: tuple(
            option for option in branch.trial.options if option.option_id in accepted.codes
        )
        for branch in plan.branches
    }
    undertakings = [
        _undertaking(branch, chosen[branch.branch_id] or branch.chosen) for branch in plan.branches
    ]
    kept = promised(
        workspace,
        [one for one in undertakings if one.options],
        assumptions,
        plan_starts_on(plan.last_on),
    )
    return [
        _row(plan, undertaking, option, _of(kept, option), accepted)
        for undertaking in undertakings
        for option in undertaking.options
        if option.option_id in open_codes
    ]


def _undertaking(branch: BranchPlan, options: tuple[Option, ...]) -> Undertaking:
    codes = tuple(option.option_id for option in options)
    return Undertaking(
        branch_id=branch.branch_id,
        options=options,
        quarter=0 if branch.begun is None else branch.begun.quarter,
        appraisal=branch.trial.appraisal(package_id(codes)),
    )


def _of(kept: Iterable[Promise], option: Option) -> Promise | None:
    return next((one for one in kept if option.option_id in one.option_ids), None)


def _row(
    plan: Plan,
    undertaking: Undertaking,
    option: Option,
    promise: Promise | None,
    accepted: Accepted,
) -> dict[str, Any]:
    code = option.option_id
    before = None if code in accepted.new else accepted.before[code]
    start = before["starts_on"] if before else accepted.starts_on
    if start is None and promise is not None:
        start = promise.starts_on
    if start is None:
        start = works_from(undertaking, library(), plan_starts_on(plan.last_on))
    return {
        "action_id": code,
        "plan_id": plan.plan_id,
        "package_id": package_id(tuple(one.option_id for one in undertaking.options)),
        "branch_id": option.branch_id,
        "intervention": option.intervention,
        "amount": option.amount,
        "accepted_at": before["accepted_at"] if before else accepted.at,
        "starts_on": start,
        "owner": library()[option.intervention].owner.en,
        **(promise.columns() if promise is not None else {}),
    }
