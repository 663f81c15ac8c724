"""The plan branch by branch, what is promised nowhere and why, and the roadmap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from branchwise.core.languages import Text
from branchwise.plan.document import BranchPlan, Plan
from branchwise.plan.roadmap import STEPS, Milestone, Use, Wave
from branchwise.report import numbers
from branchwise.report.phrases import say
from branchwise.report.plan_board import effect_of
from branchwise.report.plan_words import BELIEVED, trade_label

DONE, UNCHANGED, UNPROMISED = 0, 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """The milestones of one branch: the day of each step, None where there is none."""

    branch_id: str
    days: tuple[date | None, ...]


def ordered(plan: Plan) -> list[BranchPlan]:
    """Return the branches: those changed by quarter, then unchanged, then without a promise."""

    def place(branch: BranchPlan) -> tuple[int, int, str]:
        if branch.begun is not None:
            return DONE, branch.begun.quarter, branch.branch_id
        return (UNCHANGED if branch.standing in BELIEVED else UNPROMISED), 0, branch.branch_id

    return sorted(plan.branches, key=place)


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


def courses(plan: Plan, wave: Wave) -> list[Course]:
    """Return the milestones of a wave by branch, in order of the steps."""
    return [
        Course(branch_id=name, days=tuple(_due(plan.roadmap.milestones, name, s) for s in STEPS))
        for name in wave.branches
    ]


def _due(milestones: Sequence[Milestone], branch_id: str, step: str) -> date | None:
    return next(
        (one.due_on for one in milestones if (one.branch_id, one.step) == (branch_id, step)), None
    )


def use_sentence(use: Use) -> Text:
    """Say how much of a trade's capacity a wave takes."""
    used = numbers.amount(use.used)
    if use.limit is None:
        return say("{trade} {used}, no limit given", trade=trade_label(use.trade), used=used)
    return say(
        "{trade} {used} of {limit}",
        trade=trade_label(use.trade),
        used=used,
        limit=numbers.amount(use.limit),
    )


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
