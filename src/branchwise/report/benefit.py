"""The record of a benefit: what was promised of a package of actions, what was measured since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from branchwise.evaluate.effects import Estimate
from branchwise.evaluate.verdicts import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Benefit:
    """A package of actions at a branch: what was promised of it, what was measured since.

    Actions that a branch carries out together are measured together, so they stand here as one.

    Attributes
    ----------
    branch_id, branch_name : str
        Where.
    action_ids, interventions : tuple of str
        Codes of the actions and of their kinds.
    starts_on : date
        First day on which it works.
    measure : str or None
        On which the benefit was promised; None: nothing was.
    baseline, promised, lower, upper : float or None
        Before; the promised difference with its 95 % interval, in the measure's unit.
    guard_rail : str or None
        The measure that must not get worse.
    guard_rail_limit : float
        By so much it may, in its unit.
    months, guard_months : tuple of Estimate
        Measured of both, month by month.
    whole, guard_whole : Estimate or None
        Over all days since the start.
    verdict : str
        So far.
    days_needed : int
        Open days after the start from which a verdict is given.
    comparisons : tuple of str
        Names of the branches it is compared with.
    """

    branch_id: str
    branch_name: str
    action_ids: tuple[str, ...]
    interventions: tuple[str, ...]
    starts_on: date
    measure: str | None
    baseline: float | None
    promised: float | None
    lower: float | None
    upper: float | None
    guard_rail: str | None
    guard_rail_limit: float
    months: tuple[Estimate, ...]
    whole: Estimate | None
    guard_months: tuple[Estimate, ...]
    guard_whole: Estimate | None
    verdict: Verdict
    days_needed: int
    comparisons: tuple[str, ...] = ()

    @property
    def is_promised(self) -> bool:
        """Whether anything was promised that could be kept or missed."""
        return self.promised is not None
