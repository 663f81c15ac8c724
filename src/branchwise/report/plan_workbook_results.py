"""The sheets of a workbook about what became of earlier promises, in all and month by month."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from branchwise.core.languages import Text
from branchwise.core.units import unit
from branchwise.plan.proposal import Effect
from branchwise.report.benefit import Benefit
from branchwise.report.benefits import (
    MonthLine,
    comparisons_label,
    headline,
    lines,
    ordered,
    unit_of,
    verdict_label,
    verdict_sentence,
    what_label,
    whole_line,
)
from branchwise.report.phrases import say
from branchwise.report.plan_sheets import Cell, Column, Sheet
from branchwise.report.plan_words import measure_label


def result_sheets(benefits: Sequence[Benefit]) -> Iterator[Sheet]:
    """Yield the sheets on promised against measured; none where nothing is carried out.

    Parameters
    ----------
    benefits : sequence of Benefit
        Of the bank.
    """
    if benefits:
        yield results(ordered(benefits))
        yield months(ordered(benefits))


def results(benefits: Sequence[Benefit]) -> Sheet:
    """Return each promise with what is measured over all days since the start."""
    return Sheet(
        name=say("Results"),
        title=headline(benefits),
        columns=(
            *_of_promise(),
            Column(heading=say("Before, in the unit"), kind="real"),
            *_interval(say("Promised difference, in the unit")),
            *_interval(say("Measured difference, in the unit")),
            Column(heading=say("Guard-rail"), width=40),
            Column(heading=say("Unit of the guard-rail")),
            Column(heading=say("May get worse by, in its unit"), kind="real"),
            *_interval(say("Guard-rail measured, in its unit")),
            Column(heading=say("Open days"), kind="count"),
            Column(heading=say("Open days needed"), kind="count"),
            Column(heading=say("Compared with"), width=40),
            Column(heading=say("Verdict so far"), width=18),
            Column(heading=say("Why"), width=60),
        ),
        rows=[_result_row(one) for one in benefits],
        notes=(
            say(
                "Measured: the branch's change after the start, less that of the comparison "
                "branches over the same days. Intervals are of 95 %."
            ),
        ),
        frozen=2,
    )


def months(benefits: Sequence[Benefit]) -> Sheet:
    """Return promised and measured month by month."""
    return Sheet(
        name=say("Month by month"),
        title=say("Promised and measured, month by month"),
        columns=(
            *_of_promise(),
            Column(heading=say("Month")),
            *_interval(say("Promised difference, in the unit")),
            *_interval(say("Measured difference, in the unit")),
            Column(heading=say("Guard-rail"), width=40),
            *_interval(say("Guard-rail measured, in its unit")),
            Column(heading=say("Open days"), kind="count"),
            Column(heading=say("Branches compared with"), kind="count"),
        ),
        rows=[
            _month_row(one, line) for one in benefits for line in lines(one) if not line.is_whole
        ],
        frozen=2,
    )


def _result_row(one: Benefit) -> tuple[Cell, ...]:
    last = whole_line(one)
    rail = one.guard_rail
    return (
        *_promise_cells(one),
        one.baseline,
        one.promised,
        one.lower,
        one.upper,
        *_ends(None if last is None else last.measured),
        None if rail is None else measure_label(rail),
        None if rail is None else unit(unit_of(rail)).name,
        None if rail is None else one.guard_rail_limit,
        *_ends(None if last is None else last.guard),
        0 if last is None else last.days,
        one.days_needed,
        comparisons_label(one),
        verdict_label(one),
        verdict_sentence(one),
    )


def _month_row(one: Benefit, line: MonthLine) -> tuple[Cell, ...]:
    return (
        *_promise_cells(one),
        line.month,
        one.promised,
        one.lower,
        one.upper,
        *_ends(line.measured),
        None if one.guard_rail is None else measure_label(one.guard_rail),
        *_ends(line.guard),
        line.days,
        line.comparisons,
    )


def _of_promise() -> tuple[Column, ...]:
    return (
        Column(heading=say("Branch (code)")),
        Column(heading=say("Branch")),
        Column(heading=say("Actions (code)"), width=40),
        Column(heading=say("What is done"), width=40),
        Column(heading=say("Since"), kind="date", width=12),
        Column(heading=say("Measure"), width=40),
        Column(heading=say("Unit")),
    )


def _promise_cells(one: Benefit) -> tuple[Cell, ...]:
    measure = one.measure
    return (
        one.branch_id,
        one.branch_name,
        " ".join(one.action_ids),
        what_label(one),
        one.starts_on,
        None if measure is None else measure_label(measure),
        None if measure is None else unit(unit_of(measure)).name,
    )


def _interval(heading: Text) -> tuple[Column, ...]:
    return (
        Column(heading=heading, kind="real"),
        Column(heading=say("Lower end"), kind="real"),
        Column(heading=say("Upper end"), kind="real"),
    )


def _ends(effect: Effect | None) -> tuple[Cell, ...]:
    return (None,) * 3 if effect is None else (effect.difference, effect.lower, effect.upper)
