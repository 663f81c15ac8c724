"""The business case of a plan against doing nothing: cash, hours, people and waits kept apart.

Doing nothing costs no cash and mends nothing: the customers who wait too long or leave stay as
many. Only cash is discounted; what a customer's time may be worth is shown beside it, never in it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from branchwise.core.errors import BranchwiseError, Problems, Where, failure
from branchwise.core.languages import Text
from branchwise.plan.cashflow import (
    QUARTERS,
    Flow,
    Stream,
    flows_of,
    internal_rate,
    net_present_value,
    payback_years,
)
from branchwise.plan.costs import (
    MONTHS,
    assumptions_used,
    costs_of,
    lead_quarters,
    needed,
    unpriced_hours,
)
from branchwise.plan.proposal import Appraisal, Costs, Effect, Intervention, Option
from branchwise.tables.assumptions import Assumptions, Origin

RATE = "discount_rate"
HORIZON = "plan_horizon_years"
LATE_OR_LOST = "plan.late_or_lost_per_month"
LONGEST_YEARS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Undertaking:
    """What one branch begins in one quarter.

    Attributes
    ----------
    branch_id : str
        Where.
    options : tuple of Option
        The package.
    quarter : int
        In which it is begun, from 0.
    appraisal : Appraisal or None
        What it brings; None where the twin could not try it.
    """

    branch_id: str
    options: tuple[Option, ...]
    quarter: int = 0
    appraisal: Appraisal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Swing:
    """What one assumption does to the present value over its range, all others as they are.

    Attributes
    ----------
    assumption : str
        Its name.
    label, source : Text
        What people call it and where its value comes from.
    unit : str
        Its unit.
    value, lower, upper : float
        Value in force and range.
    at_lower_minor, at_upper_minor : int
        Present value at either end of the range.
    origin : {"default", "yours"}
        Whether the bank has set it.
    """

    assumption: str
    label: Text
    source: Text
    unit: str
    value: float
    lower: float
    upper: float
    at_lower_minor: int
    at_upper_minor: int
    origin: Origin

    @property
    def span_minor(self) -> int:
        """How far apart the present values at both ends are."""
        return abs(self.at_upper_minor - self.at_lower_minor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A benefit that is no cash, a year at full roll-out: doing nothing against the plan.

    Attributes
    ----------
    measure : str
        What is counted.
    do_nothing, with_plan : float
        A year, at the branches whose packages were appraised.
    difference, lower, upper : float
        With the 95 % interval of the sum; branches are independent of each other.
    branches : int
        How many branches were appraised.
    """

    measure: str
    do_nothing: float
    with_plan: float
    difference: float
    lower: float
    upper: float
    branches: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The business case.

    Attributes
    ----------
    currency : str
        ISO 4217.
    rate : float
        Discount rate a year.
    flows : tuple of Flow
        Cash by quarter; there is one a quarter of the horizon.
    npv_minor : int
        Net present value against doing nothing, cash only.
    payback_years, discounted_payback_years : float or None
        None: never within the horizon.
    irr : float or None
        Internal rate of return a year, where there is exactly one.
    costs : Costs
        The whole plan at full roll-out.
    tornado : tuple of Swing
        Assumptions by how much they move the present value, the most first.
    late_or_lost : Change or None
        Customers who wait too long or leave; None where nothing was appraised.
    unpriced : tuple of (str, str)
        Options and posts whose added hours have no price: existing staff at other times.
    """

    currency: str
    rate: float
    flows: tuple[Flow, ...]
    npv_minor: int
    payback_years: float | None
    discounted_payback_years: float | None
    irr: float | None
    costs: Costs
    tornado: tuple[Swing, ...]
    late_or_lost: Change | None
    unpriced: tuple[tuple[str, str], ...] = ()


def business_case(
    undertakings: Sequence[Undertaking],
    library: Mapping[str, Intervention],
    assumptions: Assumptions,
) -> Case:
    """Return the business case of a plan against doing nothing.

    Parameters
    ----------
    undertakings : sequence of Undertaking
        What is begun where and when.
    library : mapping of str to Intervention
        The interventions by name.
    assumptions : Assumptions
        Prices, discount rate and horizon.

    Raises
    ------
    BranchwiseError
        As `costs_of`; [BW-PLN-022] if discount rate or horizon cannot be used.

    Examples
    --------
    >>> from branchwise.tables.assumptions import default_assumptions
    >>> nothing = business_case((), {}, default_assumptions())
    >>> nothing.npv_minor, nothing.payback_years, len(nothing.flows)
    (0, 0.0, 20)
    """
    rate, quarters = _rate(assumptions), _quarters(assumptions)
    flows = flows_of(_streams(undertakings, library, assumptions), quarters)
    options = tuple(option for undertaking in undertakings for option in undertaking.options)
    return Case(
        currency=assumptions.currency,
        rate=rate,
        flows=flows,
        npv_minor=round(net_present_value(flows, rate)),
        payback_years=payback_years(flows),
        discounted_payback_years=payback_years(flows, rate),
        irr=internal_rate(flows),
        costs=costs_of(options, library, assumptions),
        tornado=tornado(undertakings, library, assumptions),
        late_or_lost=yearly_change(undertakings, LATE_OR_LOST),
        unpriced=tuple(
            (option.option_id, post)
            for option in options
            for post in unpriced_hours(option, library[option.intervention])
        ),
    )


def tornado(
    undertakings: Sequence[Undertaking],
    library: Mapping[str, Intervention],
    assumptions: Assumptions,
) -> tuple[Swing, ...]:
    """Return what every assumption that the plan rests on does to its present value.

    One at a time, from one end of its range to the other; the widest swing first.

    Raises
    ------
    BranchwiseError
        As `business_case`.
    """
    known = _streams(undertakings, library, assumptions)
    uses = [{*assumptions_used(each.options, library)} for each in undertakings]

    def worth(name: str, value: float) -> int:
        changed = _with(assumptions, name, value)
        streams = [
            _stream(undertaking, library, changed) if name in used else stream
            for undertaking, used, stream in zip(undertakings, uses, known, strict=True)
        ]
        return round(net_present_value(flows_of(streams, _quarters(changed)), _rate(changed)))

    swings = [
        Swing(
            assumption=name,
            label=assumptions[name].label,
            source=assumptions[name].source,
            unit=assumptions[name].unit,
            value=assumptions[name].value,
            lower=assumptions[name].lower,
            upper=assumptions[name].upper,
            at_lower_minor=worth(name, assumptions[name].lower),
            at_upper_minor=worth(name, assumptions[name].upper),
            origin=assumptions[name].origin,
        )
        for name in sorted({RATE, HORIZON}.union(*uses))
    ]
    return tuple(sorted(swings, key=lambda swing: (-swing.span_minor, swing.assumption)))


def yearly_change(undertakings: Sequence[Undertaking], measure: str) -> Change | None:
    """Return the change a year of a monthly count, summed over the appraised branches.

    The half-widths of the branches' intervals add up as the roots of sums of squares: each branch
    is drawn from its own data.

    Parameters
    ----------
    undertakings : sequence of Undertaking
        What is begun; those without an effect on the measure are left out.
    measure : str
        A count a month that can be added over branches.
    """
    found = [
        numbers
        for undertaking in undertakings
        if undertaking.appraisal is not None
        and (effect := undertaking.appraisal.effect(measure)) is not None
        and (numbers := _numbers(effect)) is not None
    ]
    if not found:
        return None
    baseline = math.fsum(row[0] for row in found)
    difference = math.fsum(row[1] for row in found)
    below = math.hypot(*(row[1] - row[2] for row in found))
    above = math.hypot(*(row[3] - row[1] for row in found))
    return Change(
        measure=measure,
        do_nothing=MONTHS * baseline,
        with_plan=MONTHS * (baseline + difference),
        difference=MONTHS * difference,
        lower=MONTHS * (difference - below),
        upper=MONTHS * (difference + above),
        branches=len(found),
    )


def _numbers(effect: Effect) -> tuple[float, float, float, float] | None:
    """Return baseline, difference, lower and upper, where all are known."""
    given = (effect.baseline, effect.difference, effect.lower, effect.upper)
    known = [number for number in given if number is not None and math.isfinite(number)]
    return (known[0], known[1], known[2], known[3]) if len(known) == len(given) else None


def _streams(
    undertakings: Sequence[Undertaking],
    library: Mapping[str, Intervention],
    assumptions: Assumptions,
) -> list[Stream]:
    streams, problems = [], Problems()
    for undertaking in undertakings:
        try:
            streams.append(_stream(undertaking, library, assumptions))
        except BranchwiseError as error:
            problems.extend(error.problems)
    problems.raise_if_any()
    return streams


def _stream(
    undertaking: Undertaking, library: Mapping[str, Intervention], assumptions: Assumptions
) -> Stream:
    costs = costs_of(undertaking.options, library, assumptions)
    return Stream(
        once_minor=costs.once_minor,
        yearly_minor=costs.yearly_minor,
        saved_minor=costs.saved_minor,
        begins=undertaking.quarter,
        works=undertaking.quarter + lead_quarters(undertaking.options, library),
    )


def _rate(assumptions: Assumptions) -> float:
    rate = needed(assumptions, RATE, "plan")
    if rate <= -1:
        raise failure("BW-PLN-022", Where(column=RATE), name=RATE, value=rate, rule="> -1")
    return rate


def _quarters(assumptions: Assumptions) -> int:
    years = needed(assumptions, HORIZON, "plan")
    quarters = round(QUARTERS * years)
    if not 1 <= quarters <= QUARTERS * LONGEST_YEARS:
        rule = f"0.25 – {LONGEST_YEARS}"
        raise failure("BW-PLN-022", Where(column=HORIZON), name=HORIZON, value=years, rule=rule)
    return quarters


def _with(assumptions: Assumptions, name: str, value: float) -> Assumptions:
    changed = replace(assumptions[name], value=value)
    return replace(assumptions, entries={**assumptions.entries, name: changed})
