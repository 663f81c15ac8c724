"""The plan branch by branch, and where nothing is promised and why."""

from __future__ import annotations

from branchwise.core.languages import Text
from branchwise.plan.document import BranchPlan, Plan
from branchwise.report.phrases import say
from branchwise.report.plan_board import actions, effect_of
from branchwise.report.plan_words import BELIEVED

DONE, UNCHANGED, UNPROMISED = 0, 1, 2


def ordered(plan: Plan) -> list[BranchPlan]:
    """Return the branches: those changed by quarter, then unchanged, then without a promise."""

    def place(branch: BranchPlan) -> tuple[int, int, str]:
        if branch.begun is not None:
            return DONE, branch.begun.quarter, branch.branch_id
        return (UNCHANGED if branch.standing in BELIEVED else UNPROMISED), 0, branch.branch_id

    return sorted(plan.branches, key=place)


def shown(plan: Plan, most: int) -> list[BranchPlan]:
    """Return the branches that have room in the list: if not all, the greatest help first."""
    if len(plan.branches) <= most:
        return ordered(plan)
    helped = {action.branch.branch_id: action.branch for action in actions(plan)}
    others = (branch for branch in ordered(plan) if branch.branch_id not in helped)
    return [*helped.values(), *others][:most]


def unpromised(plan: Plan) -> list[BranchPlan]:
    """Return the branches of which nothing is promised, for their twin is not believed."""
    return [branch for branch in plan.branches if branch.standing not in BELIEVED]


def unchanged_said(branch: BranchPlan) -> Text:
    """Return why nothing is done at a branch, in a few words."""
    if branch.standing not in BELIEVED:
        return say("no promise: its twin is not believed")
    if not branch.trial.options:
        return say("no option: no finding asks for one")
    return say("{number} options tried, none chosen", number=len(branch.trial.options))


def largest_gain(plan: Plan) -> float:
    """Return the largest difference or end of an interval, for the length of marks."""
    ends = [
        abs(end)
        for branch in plan.changed
        if (effect := effect_of(branch)) is not None
        for end in (effect.lower, effect.upper, effect.difference)
        if end is not None
    ]
    return max(ends, default=0.0)
