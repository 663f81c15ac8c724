"""Promised against measured: what became of each package of actions that the bank carries out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from branchwise.core.languages import Text
from branchwise.evaluate.effects import Estimate
from branchwise.evaluate.verdicts import Verdict, min_worse
from branchwise.measures.catalogue import catalogue
from branchwise.plan.interventions import library
from branchwise.plan.proposal import Effect
from branchwise.plan.why_not_words import listed
from branchwise.report import numbers
from branchwise.report.benefit import Benefit
from branchwise.report.phrases import later, plain, say
from branchwise.report.plan_sheet import state_of
from branchwise.report.plan_words import measure_label, signed, size_of, span_of

VERDICTS: Mapping[Verdict, str] = {
    "kept": later("kept"),
    "not_kept": later("not kept"),
    "guard_rail_broken": later("guard-rail broken"),
    "not_shown": later("not shown"),
    "too_early": later("too early"),
    "not_measurable": later("cannot be measured"),
}
MISSED: frozenset[Verdict] = frozenset({"not_kept", "guard_rail_broken"})
ORDER: tuple[Verdict, ...] = (
    "guard_rail_broken",
    "not_kept",
    "not_shown",
    "kept",
    "too_early",
    "not_measurable",
)
"""What asks for a decision stands first."""
NOTHING_PROMISED = later("nothing promised")
SHOWN = 24
"""So many are shown month by month on the page; the others on the sheets of their branches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """How many promises were kept, missed and so on; packages without a promise apart."""

    promises: int
    kept: int
    missed: int
    guard_rail_broken: int
    not_shown: int
    too_early: int
    not_measurable: int
    without_promise: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthLine:
    """One month of a benefit, the last line all days since the start.

    Attributes
    ----------
    month : Text
        ``2026-05``, or that it is all since the start.
    measured, guard : Effect or None
        What changed of the promised and of the guard-rail measure.
    state : {"better", "worse", "unsure"}
        Of the promised measure.
    is_guard_broken : bool
        Whether the guard-rail measure got worse by more than its limit, beyond chance.
    days, comparisons : int
        Open days measured; branches compared with.
    is_whole : bool
        Whether it is all days.
    """

    month: Text
    measured: Effect | None
    guard: Effect | None
    state: str
    is_guard_broken: bool
    days: int
    comparisons: int
    is_whole: bool = False


def totals(benefits: Sequence[Benefit]) -> Totals:
    """Count verdicts.

    Parameters
    ----------
    benefits : sequence of Benefit
        Of the bank.
    """
    promised = [one.verdict for one in benefits if one.is_promised]
    return Totals(
        promises=len(promised),
        kept=promised.count("kept"),
        missed=sum(verdict in MISSED for verdict in promised),
        guard_rail_broken=promised.count("guard_rail_broken"),
        not_shown=promised.count("not_shown"),
        too_early=promised.count("too_early"),
        not_measurable=promised.count("not_measurable"),
        without_promise=len(benefits) - len(promised),
    )


def ordered(benefits: Sequence[Benefit]) -> list[Benefit]:
    """Return the benefits: missed first, then open, kept, too early, what was not promised."""
    return sorted(
        benefits,
        key=lambda one: (
            not one.is_promised,
            ORDER.index(one.verdict),
            one.starts_on,
            one.branch_id,
        ),
    )


def of_branch(benefits: Sequence[Benefit], branch_id: str) -> list[Benefit]:
    """Return the benefits of one branch by their start."""
    found = [one for one in benefits if one.branch_id == branch_id]
    return sorted(found, key=lambda one: one.starts_on)


def lines(benefit: Benefit) -> list[MonthLine]:
    """Return promised and guard-rail measure month by month, and all since the start.

    Parameters
    ----------
    benefit : Benefit
        With its months; a month in which nothing can be told stays in the list.
    """
    guards = {one.month: one for one in benefit.guard_months}
    found = [_line(benefit, plain(one.month), one, guards.get(one.month)) for one in benefit.months]
    if benefit.whole is not None:
        since = say("all since the start")
        found.append(_line(benefit, since, benefit.whole, benefit.guard_whole, is_whole=True))
    return found


def whole_line(benefit: Benefit) -> MonthLine | None:
    """Return the line of all days since the start; None where nothing is measured."""
    return next((line for line in lines(benefit) if line.is_whole), None)


def _line(
    benefit: Benefit,
    month: Text,
    measured: Estimate,
    guard: Estimate | None,
    *,
    is_whole: bool = False,
) -> MonthLine:
    found = as_effect(benefit.measure, measured)
    return MonthLine(
        month=month,
        measured=found,
        guard=as_effect(benefit.guard_rail, guard),
        state="unsure" if found is None else state_of(found),
        is_guard_broken=_is_broken(benefit, guard),
        days=measured.count_days,
        comparisons=len(measured.comparisons),
        is_whole=is_whole,
    )


def _is_broken(benefit: Benefit, guard: Estimate | None) -> bool:
    if guard is None or benefit.guard_rail not in catalogue():
        return False
    least = min_worse(benefit.guard_rail or "", guard)
    return least is not None and least > benefit.guard_rail_limit


def as_effect(measure: str | None, estimate: Estimate | None) -> Effect | None:
    """Return a measured difference as an effect; None where nothing could be measured."""
    if measure is None or estimate is None or estimate.difference is None:
        return None
    return Effect(
        measure=measure,
        unit=unit_of(measure),
        baseline=None,
        value=None,
        difference=estimate.difference,
        lower=estimate.lower,
        upper=estimate.upper,
    )


def promise_of(benefit: Benefit) -> Effect | None:
    """Return the promised difference as an effect; None where nothing was promised."""
    if benefit.measure is None or benefit.promised is None:
        return None
    return Effect(
        measure=benefit.measure,
        unit=unit_of(benefit.measure),
        baseline=benefit.baseline,
        value=None if benefit.baseline is None else benefit.baseline + benefit.promised,
        difference=benefit.promised,
        lower=benefit.lower,
        upper=benefit.upper,
    )


def unit_of(measure: str | None) -> str:
    """Return the unit of a measure of the catalogue; what is not in it is counted."""
    known = None if measure is None else catalogue().get(measure)
    return "count" if known is None else known.unit


def what_label(benefit: Benefit) -> Text:
    """Return the kinds of its actions as a list of names."""
    known = library()
    return listed(
        [known[name].label if name in known else plain(name) for name in benefit.interventions]
    )


def comparisons_label(benefit: Benefit) -> Text:
    """Return the names of the branches it is compared with."""
    return listed([plain(name) for name in benefit.comparisons])


def verdict_label(benefit: Benefit) -> Text:
    """Return what became of the promise, in a word or two."""
    return say(VERDICTS[benefit.verdict] if benefit.is_promised else NOTHING_PROMISED)


def verdict_state(benefit: Benefit) -> str:
    """Return ``good``, ``poor`` or ``open``, for the colour of the verdict."""
    if benefit.is_promised and benefit.verdict == "kept":
        return "good"
    return "poor" if benefit.is_promised and benefit.verdict in MISSED else "open"


def verdict_sentence(benefit: Benefit) -> Text:
    """Say why the verdict is what it is."""
    if not benefit.is_promised:
        return say("Nothing was promised of it, so nothing can be kept or missed.")
    days = 0 if benefit.whole is None else benefit.whole.count_days
    if benefit.verdict == "too_early":
        return say(
            "{days} of {needed} open days have passed.", days=days, needed=benefit.days_needed
        )
    if benefit.verdict == "guard_rail_broken":
        return say(
            "{measure} got worse by more than may be, even at the better end of its interval.",
            measure=measure_label(benefit.guard_rail or ""),
        )
    if benefit.verdict in NO_WORSE_REASONS and promises_no_worse(benefit):
        return say(NO_WORSE_REASONS[benefit.verdict])
    return say(REASONS[benefit.verdict])


REASONS: Mapping[Verdict, str] = {
    "kept": later("An improvement is shown, and it is not short of the least that was promised."),
    "not_kept": later(
        "Even the better end of the interval falls short of the least that was promised."
    ),
    "not_shown": later(
        "The interval holds both a kept and a missed promise: more days are needed."
    ),
    "not_measurable": later("Too few days or comparison branches to measure it."),
}
NO_WORSE_REASONS: Mapping[Verdict, str] = {
    "kept": later("It is shown that it did not get worse by more than was promised."),
    "not_kept": later("Even the better end of the interval is worse than was promised."),
}


def promises_no_worse(benefit: Benefit) -> bool:
    """Return whether it was promised to get no worse, not better: the difference is then 0."""
    return benefit.promised == 0


def promise_sentence(benefit: Benefit) -> Text:
    """Say what was promised on which measure."""
    effect = promise_of(benefit)
    if effect is None:
        return say("Nothing was promised.")
    if promises_no_worse(benefit):
        return say(
            "{measure}: promised to get no worse than by {margin}, from {baseline}.",
            measure=measure_label(effect.measure),
            margin=size_of(max(abs(effect.lower or 0.0), abs(effect.upper or 0.0)), effect.unit),
            baseline=numbers.quantity(effect.baseline, effect.unit),
        )
    return say(
        "{measure}: {change} promised (95 % interval {interval}), from {baseline}.",
        measure=measure_label(effect.measure),
        change=signed(effect.difference, effect.unit),
        interval=span_of(effect),
        baseline=numbers.quantity(effect.baseline, effect.unit),
    )


def guard_sentence(benefit: Benefit) -> Text | None:
    """Say what must not get worse and by how much it may; None where there is no guard-rail."""
    if benefit.guard_rail is None:
        return None
    measure = measure_label(benefit.guard_rail)
    if not benefit.guard_rail_limit:
        return say("Guard-rail: {measure} must not get worse.", measure=measure)
    return say(
        "Guard-rail: {measure} must not get worse by more than {limit}.",
        measure=measure,
        limit=numbers.quantity(benefit.guard_rail_limit, unit_of(benefit.guard_rail)),
    )


def further_said(number: int, *, has_every_sheet: bool) -> Text:
    """Say where the benefits stand that are not shown month by month."""
    if has_every_sheet:
        return say(
            "{number} further ones stand on the sheets of their branches and in the workbook.",
            number=number,
        )
    return say("{number} further ones stand in the workbook.", number=number)


def headline(benefits: Sequence[Benefit]) -> Text:
    """Say in one sentence how many promises were kept and missed."""
    count = totals(benefits)
    if count.promises == 0:
        return say("Nothing was promised of what is being done.")
    return say(
        "Of {promises} promises: {kept} kept, {missed} missed, {open} not shown, "
        "{early} too early to tell",
        promises=count.promises,
        kept=count.kept,
        missed=count.missed,
        open=count.not_shown + count.not_measurable,
        early=count.too_early,
    )
