"""The sheets of a plan's workbook about cash, assumptions, the roadmap and the promises."""

from __future__ import annotations

from collections.abc import Mapping

from branchwise.core.languages import Text
from branchwise.core.units import unit
from branchwise.measures.catalogue import catalogue
from branchwise.plan.case import Swing
from branchwise.plan.document import Plan
from branchwise.plan.promises import Kind, Promise
from branchwise.plan.why_not_words import listed
from branchwise.report.phrases import later, plain, say
from branchwise.report.plan_case import returns
from branchwise.report.plan_sheets import Cell, Column, Sheet, major
from branchwise.report.plan_words import (
    actions_label,
    branch_of,
    currency_label,
    measure_label,
    step_label,
)


def cash(plan: Plan) -> Sheet:
    """Return the cash of every quarter, and in sum."""
    case, money = plan.case, currency_label(plan.currency)
    npv = major(case.npv_minor, plan.currency)
    headings = (
        say("Invested, {currency}", currency=money),
        say("Running cost, {currency}", currency=money),
        say("Saved, {currency}", currency=money),
        say("Saved less paid, {currency}", currency=money),
        say("Sum so far, {currency}", currency=money),
    )
    return Sheet(
        name=say("Cash"),
        title=say("Cash by quarter"),
        columns=(
            Column(heading=say("Quarter"), kind="count"),
            *(Column(heading=heading, kind="money") for heading in headings),
        ),
        rows=_cash_rows(plan),
        notes=(
            say("Net present value: {npv} {currency}.", npv=f"{npv:,.2f}", currency=money),
            returns(case),
            say(
                "What is paid once falls at the beginning of a quarter, what runs at its end; "
                "nothing is left over at the end of the horizon."
            ),
        ),
        frozen=1,
        is_filtered=False,
    )


def _cash_rows(plan: Plan) -> list[tuple[Cell, ...]]:
    rows: list[tuple[Cell, ...]] = []
    total = 0
    for flow in plan.case.flows:
        total += flow.net_minor
        amounts = (flow.once_minor, flow.yearly_minor, flow.saved_minor, flow.net_minor, total)
        rows.append((flow.quarter + 1, *(major(amount, plan.currency) for amount in amounts)))
    return rows


def assumptions(plan: Plan) -> Sheet:
    """Return the assumptions that the plan rests on, those that move it most first."""
    money = currency_label(plan.currency)
    lowest = say("Present value at the low end, {currency}", currency=money)
    highest = say("Present value at the high end, {currency}", currency=money)
    return Sheet(
        name=say("Assumptions"),
        title=say("What each assumption does to the present value, one at a time"),
        columns=(
            Column(heading=say("Assumption"), width=44),
            Column(heading=say("Assumption (code)"), width=30),
            Column(heading=say("Unit")),
            Column(heading=say("Value, in the unit"), kind="real"),
            Column(heading=say("Low end, in the unit"), kind="real"),
            Column(heading=say("High end, in the unit"), kind="real"),
            Column(heading=lowest, kind="money"),
            Column(heading=highest, kind="money"),
            Column(heading=say("Whose")),
            Column(heading=say("Source"), width=60),
        ),
        rows=[_assumption_row(swing, plan.currency) for swing in plan.case.tornado],
        frozen=1,
    )


def _assumption_row(swing: Swing, currency: str) -> tuple[Cell, ...]:
    return (
        swing.label,
        swing.assumption,
        unit(swing.unit).name,
        swing.value,
        swing.lower,
        swing.upper,
        major(swing.at_lower_minor, currency),
        major(swing.at_upper_minor, currency),
        say("yours") if swing.origin == "yours" else say("default"),
        swing.source,
    )


def roadmap(plan: Plan) -> Sheet:
    """Return the milestones by day."""
    quarters = {name: wave.quarter for wave in plan.roadmap.waves for name in wave.branches}
    rows: list[tuple[Cell, ...]] = []
    for one in plan.roadmap.milestones:
        branch = branch_of(plan, one.branch_id)
        rows.append(
            (
                one.due_on,
                quarters.get(one.branch_id, 0) + 1,
                one.branch_id,
                "" if branch is None else branch.name,
                step_label(one.step),
                plain("") if branch is None else actions_label(branch.chosen),
                listed(one.owners, ", "),
            )
        )
    return Sheet(
        name=say("Roadmap"),
        title=say("Milestones by day"),
        columns=(
            Column(heading=say("By"), kind="date", width=12),
            Column(heading=say("Quarter of the start"), kind="count"),
            Column(heading=say("Branch (code)")),
            Column(heading=say("Branch")),
            Column(heading=say("Step")),
            Column(heading=say("What is done"), width=50),
            Column(heading=say("Owner"), width=40),
        ),
        rows=rows,
    )


KINDS: Mapping[Kind, str] = {
    "better": later("to get better"),
    "no_worse": later("to get no worse than by the margin"),
}


def promises(plan: Plan) -> Sheet:
    """Return what is promised, and how it will be checked."""
    return Sheet(
        name=say("Promises"),
        title=say("What is promised, and how it will be checked"),
        columns=(
            Column(heading=say("Branch (code)")),
            Column(heading=say("Measure"), width=40),
            Column(heading=say("What is promised"), width=24),
            Column(heading=say("Unit")),
            Column(heading=say("Today, in the unit"), kind="real"),
            Column(heading=say("Promised difference, in the unit"), kind="real"),
            Column(heading=say("Lower end"), kind="real"),
            Column(heading=say("Upper end"), kind="real"),
            Column(heading=say("Guard-rail"), width=40),
            Column(heading=say("May get worse by, in its unit"), kind="real"),
            Column(heading=say("At work from"), kind="date", width=12),
            Column(heading=say("Verdict on"), kind="date", width=12),
            Column(heading=say("Compared with"), width=40),
            Column(heading=say("Open days before"), kind="count"),
            Column(heading=say("Open days after"), kind="count"),
            Column(heading=say("Probability that it is found"), kind="share"),
            Column(heading=say("Found in four cases of five from, in the unit"), kind="real"),
            Column(heading=say("Can be proven at this size")),
        ),
        rows=[_promise_row(promise) for promise in plan.promises],
        frozen=2,
    )


def _promise_row(promise: Promise) -> tuple[Cell, ...]:
    design = promise.design
    designed: tuple[Cell, ...] = (None,) * 5
    if design is not None:
        designed = (
            " ".join(design.comparisons),
            design.pre_days,
            design.post_days,
            design.power,
            design.detectable,
        )
    return (
        promise.branch_id,
        measure_label(promise.measure),
        say(KINDS[promise.kind]),
        _unit_of(promise.measure),
        promise.baseline,
        promise.difference,
        promise.lower,
        promise.upper,
        measure_label(promise.guard_rail),
        promise.guard_rail_limit,
        promise.starts_on,
        promise.measured_on,
        *designed,
        say("yes") if promise.is_provable else say("no"),
    )


def _unit_of(measure: str) -> Text:
    return unit(catalogue()[measure].unit).name
