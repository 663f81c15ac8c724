"""The sheets of a plan's workbook about what is done: board, options, packages, effects, twins."""

from __future__ import annotations

from collections.abc import Mapping

from branchwise.core.languages import Text
from branchwise.core.units import unit
from branchwise.plan.document import BranchPlan, Plan
from branchwise.plan.headline import headline
from branchwise.plan.interventions import library
from branchwise.plan.proposal import Option
from branchwise.plan.select import late_or_lost
from branchwise.plan.why_not_words import listed
from branchwise.report.phrases import later, say
from branchwise.report.plan_board import MONTHS, figures
from branchwise.report.plan_sheet import why_not_said
from branchwise.report.plan_sheets import Cell, Column, Sheet, major
from branchwise.report.plan_words import (
    actions_label,
    class_label,
    currency_label,
    described,
    intervention_label,
    measure_label,
    place_label,
    standing_label,
)

ANSWERS: Mapping[str, Text] = {
    "open": say(later("open")),
    "accepted": say(later("accepted")),
    "rejected": say(later("rejected")),
}


def board(plan: Plan) -> Sheet:
    """Return the figures of the board under the headline."""
    return Sheet(
        name=say("Board"),
        title=headline(plan),
        columns=(
            Column(heading=say("Figure"), width=44),
            Column(heading=say("Value, in the unit"), kind="real", width=18),
            Column(heading=say("Lower end"), kind="real", width=14),
            Column(heading=say("Upper end"), kind="real", width=14),
            Column(heading=say("Unit"), width=16),
            Column(heading=say("Remarks"), width=60),
        ),
        rows=[
            (figure.label, *value, figure.beneath)
            for figure, value in zip(figures(plan), _values(plan), strict=True)
        ],
        notes=(
            say(
                "Plan {plan}, snapshot {snapshot}, branchwise {version}, seed {seed}.",
                plan=plan.plan_id,
                snapshot=plan.snapshot_id,
                version=plan.version,
                seed=plan.seed,
            ),
            say("Intervals are of 95 %; hours and people are no cash and are in no sum of money."),
        ),
        is_filtered=False,
    )


def _values(plan: Plan) -> list[tuple[Cell, ...]]:
    """Return the numbers of the figures of the board: value, interval, unit."""
    case, costs, currency = plan.case, plan.case.costs, plan.currency
    money = currency_label(currency)
    late: tuple[Cell, ...] = (None, None, None)
    if (change := case.late_or_lost) is not None:
        late = tuple(end / MONTHS for end in (change.difference, change.lower, change.upper))
    return [
        (*late, say("customers a month")),
        (major(costs.once_minor, currency), None, None, money),
        (major(costs.yearly_minor, currency), None, None, money),
        (major(costs.saved_minor, currency), None, None, money),
        (major(case.npv_minor, currency), None, None, money),
        (costs.hours_freed, None, None, unit("h").name),
        (costs.people_moved, None, None, say("people")),
        (plan.count_trusted, None, None, say("branches")),
    ]


def answer_of(plan: Plan, option_id: str) -> Text:
    """Return what people have answered to an option."""
    locks = plan.problem.locks
    if option_id in locks.rejected:
        return ANSWERS["rejected"]
    return ANSWERS["accepted" if option_id in locks.accepted else "open"]


def every_option(plan: Plan, services: Mapping[str, str] | None = None) -> Sheet:
    """Return all options, chosen or not, with a column for the answer.

    Parameters
    ----------
    plan : Plan
        The plan.
    services : mapping of str to str, optional
        Names of services by code.
    """
    return Sheet(
        name=say("Options"),
        title=say("All options; change the answer in the yellow columns"),
        columns=(
            *_of_branch(),
            Column(heading=say("Option (code)"), width=34),
            Column(heading=say("Intervention")),
            Column(heading=say("What changes"), width=60),
            Column(heading=say("Chosen")),
            Column(heading=say("Answer"), kind="answer", is_asked=True),
            Column(heading=say("Reason"), width=30, is_asked=True),
            Column(heading=say("Quarter of the start"), kind="count"),
            *_effect_columns(),
            *_cost_columns(plan.currency),
            Column(heading=say("Lead time, weeks"), kind="count"),
            Column(heading=say("Owner")),
            Column(heading=say("Prerequisites"), width=40),
            Column(heading=say("Risks"), width=40),
            Column(heading=say("Worse off"), width=40),
            Column(heading=say("Why not chosen"), width=44),
        ),
        rows=[
            _option_row(plan, branch, option, services)
            for branch in plan.branches
            for option in branch.trial.options
        ],
        notes=(say("Effects and costs of an option carried out alone; empty: not tried alone."),),
        frozen=3,
    )


def _option_row(
    plan: Plan, branch: BranchPlan, option: Option, services: Mapping[str, str] | None
) -> tuple[Cell, ...]:
    entry = library()[option.intervention]
    is_chosen = any(option.option_id == one.option_id for one in branch.chosen)
    return (
        branch.branch_id,
        branch.name,
        option.option_id,
        intervention_label(option),
        listed(described(option, services), " "),
        say("yes") if is_chosen else say("no"),
        answer_of(plan, option.option_id),
        plan.reasons.get(option.option_id),
        branch.begun.quarter + 1 if branch.begun and is_chosen else None,
        *_effect_cells(branch, option.option_id),
        *_cost_cells(branch, option.option_id, plan.currency),
        entry.lead_weeks,
        entry.owner,
        listed(entry.prerequisites, " "),
        listed(entry.risks, " "),
        entry.worse_off,
        None if is_chosen else why_not_said(plan, branch, option),
    )


def packages(plan: Plan) -> Sheet:
    """Return what was chosen, one row a branch."""
    return Sheet(
        name=say("Chosen packages"),
        title=say("What was chosen, one package a branch"),
        columns=(
            *_of_branch(),
            Column(heading=say("What is done"), width=50),
            Column(heading=say("Quarter of the start"), kind="count"),
            *_effect_columns(),
            *_cost_columns(plan.currency),
            Column(heading=say("People trained"), kind="count"),
            Column(heading=say("People who change post"), kind="count"),
            Column(heading=say("Twin")),
        ),
        rows=[_package_row(plan, branch) for branch in plan.changed],
        frozen=2,
    )


def _package_row(plan: Plan, branch: BranchPlan) -> tuple[Cell, ...]:
    begun, costs = branch.begun, branch.costs
    code = "" if begun is None else begun.candidate_id
    return (
        branch.branch_id,
        branch.name,
        actions_label(branch.chosen),
        None if begun is None else begun.quarter + 1,
        *_effect_cells(branch, code),
        *_cost_cells(branch, code, plan.currency),
        None if costs is None else costs.people_trained,
        None if costs is None else costs.people_moved,
        standing_label(branch.standing),
    )


def effects(plan: Plan) -> Sheet:
    """Return every effect of the chosen packages, in the unit of its measure."""
    rows: list[tuple[Cell, ...]] = [
        (
            branch.branch_id,
            branch.name,
            measure_label(effect.measure),
            effect.measure,
            say("all") if effect.customer_class is None else class_label(effect.customer_class),
            say("all") if effect.station is None else place_label(effect.station),
            unit(effect.unit).name,
            effect.baseline,
            effect.value,
            effect.difference,
            effect.lower,
            effect.upper,
        )
        for branch in plan.changed
        if branch.appraisal is not None
        for effect in branch.appraisal.effects
    ]
    return Sheet(
        name=say("Effects"),
        title=say("What the chosen packages change, with 95 % intervals"),
        columns=(
            *_of_branch(),
            Column(heading=say("Measure"), width=40),
            Column(heading=say("Measure (code)"), width=34),
            Column(heading=say("Customers")),
            Column(heading=say("Station"), width=30),
            Column(heading=say("Unit")),
            Column(heading=say("Today, in the unit"), kind="real"),
            Column(heading=say("Proposed, in the unit"), kind="real"),
            Column(heading=say("Difference, in the unit"), kind="real"),
            Column(heading=say("Lower end"), kind="real"),
            Column(heading=say("Upper end"), kind="real"),
        ),
        rows=rows,
        frozen=2,
    )


def twins(plan: Plan) -> Sheet:
    """Return the verdict on every twin, why, and what would mend it."""
    return Sheet(
        name=say("Twins"),
        title=say("Whose twin is believed, and what would mend the others"),
        columns=(
            *_of_branch(),
            Column(heading=say("Twin")),
            Column(heading=say("Why"), width=60),
            Column(heading=say("What would mend it"), width=60),
            Column(heading=say("Options"), kind="count"),
        ),
        rows=[
            (
                branch.branch_id,
                branch.name,
                standing_label(branch.standing),
                branch.reason,
                branch.remedy,
                len(branch.trial.options),
            )
            for branch in plan.branches
        ],
        frozen=2,
    )


def _of_branch() -> tuple[Column, ...]:
    return Column(heading=say("Branch (code)")), Column(heading=say("Branch"))


def _effect_columns() -> tuple[Column, ...]:
    return (
        Column(heading=say("Late or lost customers a month, change"), kind="real", width=16),
        Column(heading=say("Lower end"), kind="real"),
        Column(heading=say("Upper end"), kind="real"),
    )


def _effect_cells(branch: BranchPlan, package: str) -> tuple[Cell, ...]:
    appraisal = branch.trial.appraisal(package)
    effect = None if appraisal is None else late_or_lost(appraisal)
    if effect is None:
        return None, None, None
    return effect.difference, effect.lower, effect.upper


def _cost_columns(currency: str) -> tuple[Column, ...]:
    return (
        Column(heading=say("Once, {currency}", currency=currency_label(currency)), kind="money"),
        Column(
            heading=say("Running cost a year, {currency}", currency=currency_label(currency)),
            kind="money",
        ),
        Column(
            heading=say("Cash saved a year, {currency}", currency=currency_label(currency)),
            kind="money",
        ),
        Column(heading=say("Hours added a month"), kind="real"),
        Column(heading=say("Hours freed a month"), kind="real"),
    )


def _cost_cells(branch: BranchPlan, package: str, currency: str) -> tuple[Cell, ...]:
    costs = branch.trial.costs.get(package)
    if costs is None:
        return (None,) * 5
    return (
        major(costs.once_minor, currency),
        major(costs.yearly_minor, currency),
        major(costs.saved_minor, currency),
        costs.hours_added,
        costs.hours_freed,
    )
