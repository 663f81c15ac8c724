"""The business case: cash by year, the assumptions that move it, doing nothing against the plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from branchwise.core.languages import Text
from branchwise.core.money import minor_digits
from branchwise.plan.case import Case, Swing
from branchwise.plan.document import Plan
from branchwise.report import numbers
from branchwise.report.phrases import say
from branchwise.report.plan_words import cash, signed

QUARTERS = 4
SHOWN_SWINGS = 12
THOUSAND = 1000
PRESENT_MOVES_FROM = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """The cash of one year in minor units, and what has come in until its end.

    Attributes
    ----------
    year : int
        From 1.
    once_minor, yearly_minor, saved_minor, net_minor, total_minor : int
        Invested, running, saved; saved less paid; the sum of `net_minor` so far.
    """

    year: int
    once_minor: int
    yearly_minor: int
    saved_minor: int
    net_minor: int
    total_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of doing nothing against the plan in words; the change where it has an interval."""

    what: Text
    nothing: Text
    plan: Text
    change: Text | None = None


def years(case: Case) -> list[Year]:
    """Return the cash by year.

    Parameters
    ----------
    case : Case
        With its cash by quarter; the last year may be a part of one.
    """
    found: list[Year] = []
    total = 0
    for start in range(0, len(case.flows), QUARTERS):
        flows = case.flows[start : start + QUARTERS]
        net = sum(flow.net_minor for flow in flows)
        total += net
        found.append(
            Year(
                year=start // QUARTERS + 1,
                once_minor=sum(flow.once_minor for flow in flows),
                yearly_minor=sum(flow.yearly_minor for flow in flows),
                saved_minor=sum(flow.saved_minor for flow in flows),
                net_minor=net,
                total_minor=total,
            )
        )
    return found


def swings(case: Case) -> Sequence[Swing]:
    """Return the assumptions that move the present value most."""
    return [one for one in case.tornado if one.span_minor >= PRESENT_MOVES_FROM][:SHOWN_SWINGS]


def count_still(case: Case) -> int:
    """Return how many assumptions do not stand in the table of `swings`."""
    return len(case.tornado) - len(swings(case))


def value_of(swing: Swing, currency: str) -> Text:
    """Return the value in force with its unit."""
    return numbers.quantity(swing.value, swing.unit, currency)


def range_of(swing: Swing, currency: str) -> Text:
    """Return the range of an assumption."""
    return numbers.span(swing.lower, swing.upper, swing.unit, currency)


def against_nothing(plan: Plan) -> list[Row]:
    """Return doing nothing against the plan: cash, hours, people and customers apart."""
    case, costs = plan.case, plan.case.costs
    zero = cash(0, case.currency)
    rows = [
        Row(
            what=say("Net present value of the cash"),
            nothing=zero,
            plan=cash(case.npv_minor, case.currency),
        ),
        Row(
            what=say("Cash a year at full roll-out, saved less paid"),
            nothing=zero,
            plan=cash(costs.saved_minor - costs.yearly_minor, case.currency),
        ),
        Row(
            what=say("Hours of staff a month, added less freed"),
            nothing=zero,
            plan=signed(costs.hours_added - costs.hours_freed, "count"),
        ),
    ]
    change = case.late_or_lost
    if change is not None:
        rows.append(
            Row(
                what=say(
                    "Customers a year who wait too long or leave, at {number} appraised branches",
                    number=change.branches,
                ),
                nothing=numbers.amount(change.do_nothing, 0),
                plan=numbers.amount(change.with_plan, 0),
                change=say(
                    "{change} ({low} to {high})",
                    change=signed(change.difference, "count"),
                    low=signed(change.lower, "count"),
                    high=signed(change.upper, "count"),
                ),
            )
        )
    return rows


def thousands(minor: float, currency: str) -> float:
    """Return an amount in thousands of the currency, for the axis of a drawing.

    Examples
    --------
    >>> thousands(1_234_500, "CNY")
    12.345
    """
    unit: int = 10 ** minor_digits(currency)
    return minor / (THOUSAND * unit)


def returns(case: Case) -> Text:
    """Say discount rate, discounted pay-back and internal rate of return."""
    rate = numbers.share(case.rate)
    years = case.discounted_payback_years
    back = (
        say("no discounted pay-back within the horizon")
        if years is None
        else say("discounted pay-back after {years} years", years=f"{years:.1f}")
    )
    inner = (
        say("no internal rate of return")
        if case.irr is None
        else say("internal rate of return {rate} a year", rate=numbers.share(case.irr))
    )
    return say("Discount rate {rate} a year; {back}; {inner}.", rate=rate, back=back, inner=inner)
