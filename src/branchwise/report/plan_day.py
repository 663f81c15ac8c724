"""The day of a plan that is played: of the branch that it helps most, today and proposed."""

from __future__ import annotations

from dataclasses import dataclass

from branchwise.plan.document import BranchPlan, Plan
from branchwise.plan.select import late_or_lost


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayedDay:
    """A day of a branch of the plan, played as it is and as proposed.

    Attributes
    ----------
    name : str
        The branch.
    iso_weekday : int
        Which day, 1 for Monday.
    today, proposed : str
        Links to the two pages, relative to the report.
    """

    name: str
    iso_weekday: int
    today: str
    proposed: str


def most_improved(plan: Plan) -> BranchPlan | None:
    """Return the branch at which most customers no longer wait too long or leave.

    Parameters
    ----------
    plan : Plan
        The plan; without any improvement there is no such branch.
    """
    gains = []
    for branch in plan.changed:
        effect = None if branch.appraisal is None else late_or_lost(branch.appraisal)
        if effect is not None and effect.difference is not None and effect.difference < 0:
            gains.append((effect.difference, branch.branch_id, branch))
    return min(gains, key=lambda row: row[:2])[2] if gains else None
