"""What stands first of a plan: its figures, leading actions, who is worse off, what is asked."""

from __future__ import annotations

from dataclasses import dataclass

from branchwise.core.languages import Text
from branchwise.plan.document import BranchPlan, Plan
from branchwise.plan.interventions import library
from branchwise.plan.proposal import Effect, Option
from branchwise.plan.roadmap import Concern
from branchwise.plan.satisfaction import Association
from branchwise.plan.select import late_or_lost
from branchwise.report import numbers
from branchwise.report.phrases import count, plain, say
from branchwise.report.plan_words import actions_label, cash, class_label, signed, span_of

TOP = 5
WORSE = 8
MONTHS = 12
WAIT = "queues.wait_mean_seconds"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure of the plan: what it is, the figure, and a line beneath."""

    label: Text
    value: Text
    beneath: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What one branch carries out, with what it brings and takes.

    Attributes
    ----------
    branch : BranchPlan
        Where.
    what, worse_off : Text
        What is done; who may be worse off.
    effect : Effect or None
        Customers a month who wait too long or leave.
    lead_weeks : int
        Until all of it works.
    """

    branch: BranchPlan
    what: Text
    worse_off: tuple[Text, ...]
    effect: Effect | None
    lead_weeks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Loser:
    """Customers of a branch who wait longer than today, beyond chance."""

    branch: BranchPlan
    who: Text
    effect: Effect


def figures(plan: Plan) -> list[Figure]:
    """Return the figures of the board; cash, hours and people are never added up."""
    return [_late_figure(plan), *_cash_figures(plan), *_people_figures(plan)]


def _cash_figures(plan: Plan) -> list[Figure]:
    case, costs = plan.case, plan.case.costs
    years = f"{len(case.flows) / 4:g}"
    return [
        Figure(
            label=say("Invested once"),
            value=cash(costs.once_minor, case.currency),
            beneath=say("over {number} quarters", number=plan.problem.limits.quarters),
        ),
        Figure(
            label=say("Running cost a year"),
            value=cash(costs.yearly_minor, case.currency),
            beneath=say("cash, at full roll-out"),
        ),
        Figure(
            label=say("Cash saved a year"),
            value=cash(costs.saved_minor, case.currency),
            beneath=say("posts not refilled, contracts ended"),
        ),
        Figure(
            label=say("Net present value"),
            value=cash(case.npv_minor, case.currency),
            beneath=say("cash only, {years} years, {payback}", years=years, payback=payback(plan)),
        ),
    ]


def _people_figures(plan: Plan) -> list[Figure]:
    costs = plan.case.costs
    added, trained = numbers.amount(costs.hours_added, 0), numbers.amount(costs.people_trained, 0)
    return [
        Figure(
            label=say("Hours freed a month"),
            value=numbers.amount(costs.hours_freed, 0),
            beneath=say("{number} added; freed hours are no cash", number=added),
        ),
        Figure(
            label=say("People who change post"),
            value=numbers.amount(costs.people_moved, 0),
            beneath=say("{number} are trained", number=trained),
        ),
        Figure(
            label=say("Branches with a trusted twin"),
            value=plain(f"{plan.count_trusted}/{len(plan.branches)}"),
            beneath=say(
                "{number} for waits only; nothing is promised elsewhere", number=waits_only(plan)
            ),
        ),
    ]


def _late_figure(plan: Plan) -> Figure:
    label, change = say("Customers a month who wait too long or leave"), plan.case.late_or_lost
    if change is None:
        return Figure(label=label, value=numbers.UNKNOWN, beneath=say("nothing was appraised"))
    low, high = (signed(end / MONTHS, "count") for end in (change.lower, change.upper))
    return Figure(
        label=label,
        value=signed(change.difference / MONTHS, "count"),
        beneath=count(
            "95 % interval {low} to {high}; one branch, today {today}",
            "95 % interval {low} to {high}; {branches} branches, today {today}",
            change.branches,
            low=low,
            high=high,
            branches=change.branches,
            today=numbers.amount(change.do_nothing / MONTHS, 0),
        ),
    )


def payback(plan: Plan) -> Text:
    """Return after how long the cash invested has come back."""
    if not plan.changed:
        return say("nothing is paid")
    years = plan.case.payback_years
    if years is None:
        return say("no pay-back in cash")
    return say("pay-back after {years} years", years=f"{years:.1f}")


def waits_only(plan: Plan) -> int:
    """Return the number of branches of whose twin only the waits are believed."""
    return sum(branch.standing == "waits_only" for branch in plan.branches)


def effect_of(branch: BranchPlan) -> Effect | None:
    """Return what a branch's package does to the customers who wait too long or leave."""
    return None if branch.appraisal is None else late_or_lost(branch.appraisal)


def actions(plan: Plan) -> list[Action]:
    """Return what every changed branch carries out, the greatest help first."""
    interventions = library()
    found = [
        Action(
            branch=branch,
            what=actions_label(branch.chosen),
            worse_off=tuple(
                dict.fromkeys(interventions[one.intervention].worse_off for one in branch.chosen)
            ),
            effect=effect_of(branch),
            lead_weeks=max(interventions[one.intervention].lead_weeks for one in branch.chosen),
        )
        for branch in plan.changed
        if branch.chosen
    ]
    return sorted(found, key=lambda action: (_help(action.effect), action.branch.branch_id))


def _help(effect: Effect | None) -> float:
    return 0.0 if effect is None or effect.difference is None else effect.difference


def losers(plan: Plan) -> list[Loser]:
    """Return the customers who wait longer than today beyond chance, the greatest loss first."""
    found = [
        Loser(branch=branch, who=class_label(effect.customer_class), effect=effect)
        for branch in plan.changed
        if branch.appraisal is not None
        for effect in branch.appraisal.effects
        if effect.measure == WAIT and effect.customer_class is not None and _is_loss(effect)
    ]
    return sorted(found, key=lambda one: (-(one.effect.difference or 0.0), one.branch.branch_id))


def _is_loss(effect: Effect) -> bool:
    return effect.difference is not None and effect.lower is not None and effect.lower > 0


def loss_sentence(loser: Loser) -> Text:
    """Say by how much somebody waits longer."""
    return say(
        "{who}: mean wait {change} ({interval})",
        who=loser.who,
        change=signed(loser.effect.difference, loser.effect.unit),
        interval=span_of(loser.effect),
    )


def satisfaction(plan: Plan) -> Text | None:
    """Say at how many branches satisfaction may be expected to rise, and most; None: not known."""
    known = [
        (branch.satisfaction, branch) for branch in plan.changed if branch.satisfaction is not None
    ]
    told = [(effect, branch) for effect, branch in known if effect.difference is not None]
    if not told:
        return None
    rising = sum(effect.lower is not None and effect.lower > 0 for effect, _ in told)
    most, where = max(told, key=lambda one: (one[0].difference or 0.0, one[1].branch_id))
    return say(
        "With the shorter wait a higher share of satisfied customers goes along at {rising} of "
        "{known} changed branches beyond chance; most at {branch}: {today} today, {proposed} "
        "expected ({change}, 95 % interval {interval}).",
        rising=rising,
        known=len(told),
        branch=where.name,
        today=numbers.share(most.baseline),
        proposed=numbers.share(most.value),
        change=signed(most.difference, most.unit),
        interval=span_of(most),
    )


def association_said(found: Association) -> Text:
    """Say on what an expected satisfaction rests, and that it is no effect."""
    return say(
        "Satisfaction is expected from an association, not from an effect: in {answers} answers "
        "on {days} days at {branches} branches the share of satisfied customers differs by "
        "{slope} for each further minute of waiting (95 % interval {low} to {high}).",
        answers=numbers.exact(found.count_answers),
        days=found.count_days,
        branches=found.count_branches,
        slope=signed(found.slope, "share"),
        low=signed(found.lower, "share"),
        high=signed(found.upper, "share"),
    )


def may_lose(plan: Plan) -> list[Concern]:
    """Return who may be worse off by the kind of change, at most branches first."""
    found = [one for one in plan.roadmap.concerns if one.kind == "worse_off"]
    return sorted(found, key=lambda one: (-len(one.branches), one.intervention))


def open_options(plan: Plan) -> list[Option]:
    """Return the chosen options to which nobody has said yes or no."""
    answered = {*plan.problem.locks.accepted, *plan.problem.locks.rejected}
    return [
        option
        for branch in plan.changed
        for option in branch.chosen
        if option.option_id not in answered
    ]


def approvals(plan: Plan) -> list[tuple[Text, int, int]]:
    """Return what is to be approved by kind: its name, options, branches."""
    options = open_options(plan)
    kinds = dict.fromkeys(option.intervention for option in options)
    found = []
    for kind in kinds:
        of_kind = [option for option in options if option.intervention == kind]
        branches = {option.branch_id for option in of_kind}
        found.append((library()[kind].label, len(of_kind), len(branches)))
    return sorted(found, key=lambda row: (-row[1], row[0].en))
