"""A plan as a whole: what was asked, tried and chosen, what it costs and what it promises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from branchwise.core.languages import Text
from branchwise.optimise.portfolio import Begun, PortfolioDecision, PortfolioProblem
from branchwise.plan.case import Case
from branchwise.plan.promises import Promise
from branchwise.plan.proposal import Appraisal, Costs, Effect, Option, Standing
from branchwise.plan.roadmap import Roadmap
from branchwise.plan.satisfaction import Association
from branchwise.plan.screening import Tried
from branchwise.plan.select import FrontierPoint
from branchwise.plan.today import Today


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchTrial:
    """What could be done at a branch, and what came of trying it.

    Attributes
    ----------
    branch_id : str
        The branch.
    options : tuple of Option
        The likeliest first; those that the twin cannot try come last.
    tried : Tried
        What came of single options and of packages.
    costs : mapping of str to Costs
        By package.
    """

    branch_id: str
    options: tuple[Option, ...]
    tried: Tried
    costs: Mapping[str, Costs] = field(default_factory=dict)

    @property
    def appraisals(self) -> tuple[Appraisal, ...]:
        """Everything tried, what was screened out last."""
        return (*self.tried.appraisals, *self.tried.screened_out)

    def appraisal(self, package_id: str) -> Appraisal | None:
        """Return what came of a package."""
        return next((one for one in self.appraisals if one.package_id == package_id), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchPlan:
    """One branch in a plan.

    Attributes
    ----------
    branch_id, name, region_id : str
        Which.
    standing : {"trusted", "waits_only", "not_trusted", "not_validated"}
        The verdict on its twin.
    reason, remedy : Text
        Why, and what data would mend it.
    trial : BranchTrial
        Its options and what came of them.
    begun : Begun or None
        What was chosen, and the quarter in which it begins.
    today : tuple of Today
        The branch as it was measured and as its twin lives it; of what lies too far apart no
        change is told.
    satisfaction : Effect or None
        Share of satisfied answers today and as the change of the mean wait lets expect: an
        association, no effect (`is_association`). None where nothing changes, or where waits or
        answers do not suffice.
    """

    branch_id: str
    name: str
    region_id: str
    standing: Standing
    reason: Text
    remedy: Text
    trial: BranchTrial
    begun: Begun | None = None
    today: tuple[Today, ...] = ()
    satisfaction: Effect | None = None

    @property
    def appraisal(self) -> Appraisal | None:
        """What the chosen package brings."""
        return None if self.begun is None else self.trial.appraisal(self.begun.candidate_id)

    @property
    def chosen(self) -> tuple[Option, ...]:
        """The options of the chosen package."""
        codes = () if self.appraisal is None else self.appraisal.option_ids
        return tuple(option for option in self.trial.options if option.option_id in codes)

    @property
    def costs(self) -> Costs | None:
        """What the chosen package costs."""
        return None if self.begun is None else self.trial.costs[self.begun.candidate_id]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A transformation plan.

    Attributes
    ----------
    plan_id : str
        The same data, wishes, answers and program give the same code.
    snapshot_id, data_id, version : str
        What it rests on.
    seed, draws, weeks : int
        Of the trials.
    currency : str
        ISO 4217.
    standard_seconds : float
        Wait within the standard.
    first_on, last_on : date
        Period of the visits it was made from.
    branches : tuple of BranchPlan
        In order of their codes.
    problem, decision : PortfolioProblem, PortfolioDecision
        What there was to choose from, and what was chosen.
    frontier : tuple of FrontierPoint
        What other budgets would bring.
    case : Case
        Cash, hours and people against doing nothing.
    promises : tuple of Promise
        What is promised, and how it will be proved.
    roadmap : Roadmap
        Who does what when.
    reasons : mapping of str to str
        Why people rejected options, by code.
    satisfaction : Association or None
        How satisfaction goes with waiting in the bank's own survey; None where it does not tell.
    """

    plan_id: str
    snapshot_id: str
    data_id: str
    version: str
    seed: int
    draws: int
    weeks: int
    currency: str
    standard_seconds: float
    first_on: date
    last_on: date
    branches: tuple[BranchPlan, ...]
    problem: PortfolioProblem
    decision: PortfolioDecision
    frontier: tuple[FrontierPoint, ...]
    case: Case
    promises: tuple[Promise, ...]
    roadmap: Roadmap
    reasons: Mapping[str, str] = field(default_factory=dict)
    satisfaction: Association | None = None

    @property
    def changed(self) -> tuple[BranchPlan, ...]:
        """Branches at which something is done."""
        return tuple(branch for branch in self.branches if branch.begun is not None)

    @property
    def count_trusted(self) -> int:
        """Branches whose twin is believed in full."""
        return sum(branch.standing == "trusted" for branch in self.branches)

    @property
    def options(self) -> Mapping[str, Option]:
        """All options by code."""
        return {
            option.option_id: option for branch in self.branches for option in branch.trial.options
        }


def slimmed(trial: BranchTrial, keep: str | None) -> BranchTrial:
    """Return a trial with the effects by class and station of what is kept only.

    A plan of a thousand branches would be too large otherwise; effects on all customers and on
    those of 60 and over stay.

    Parameters
    ----------
    trial : BranchTrial
        Of a branch.
    keep : str or None
        The package of which everything stays.
    """

    def slim(found: Appraisal) -> Appraisal:
        if found.package_id == keep:
            return found
        kept = (one for one in found.effects if one.station is None)
        return replace(
            found, effects=tuple(one for one in kept if one.customer_class in {None, "elderly"})
        )

    tried = replace(
        trial.tried,
        appraisals=tuple(slim(one) for one in trial.tried.appraisals),
        screened_out=tuple(slim(one) for one in trial.tried.screened_out),
    )
    return replace(trial, tried=tried)
