"""The business case against closed forms, and what it keeps apart."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.plan.proposals import (
    LATE,
    LIBRARY,
    appraisal,
    assuming,
    convert,
    effect,
    machine,
    option,
)

from branchwise.core.errors import BranchwiseError
from branchwise.plan.case import Undertaking, business_case, tornado, yearly_change
from branchwise.plan.cashflow import (
    Stream,
    flows_of,
    internal_rate,
    net_present_value,
    payback_years,
)
from branchwise.tables.assumptions import default_assumptions, load_assumptions

DEFAULTS = default_assumptions()


def stream(once=0, yearly=0, saved=0, begins=0, works=0):
    return Stream(
        once_minor=once, yearly_minor=yearly, saved_minor=saved, begins=begins, works=works
    )


@given(
    once=st.integers(0, 10**9),
    saved=st.integers(0, 10**8).map(lambda quarter: 4 * quarter),
    rate=st.floats(0.001, 0.5),
    begins=st.integers(0, 8),
    lead=st.integers(0, 4),
    quarters=st.integers(12, 40),
)
def test_present_value_is_the_annuity_formula(*, once, saved, rate, begins, lead, quarters):
    """NPV = -once·v^begins + saved/4 · (1 - v^n)/i · v^works, i the quarterly rate, v = 1/(1+i)."""
    works = begins + lead
    flows = flows_of([stream(once, 0, saved, begins, works)], quarters)
    quarterly = (1 + rate) ** 0.25 - 1
    factor = 1 / (1 + quarterly)
    count = quarters - works
    annuity = saved / 4 * (1 - factor**count) / quarterly * factor**works
    assert net_present_value(flows, rate) == pytest.approx(
        annuity - once * factor**begins, abs=1.0, rel=1e-9
    )


@given(st.integers(-(10**9), 10**9), st.integers(1, 30))
def test_a_year_is_shared_out_to_the_minor_unit(yearly, years):
    """Any four quarters in a row add up to the year's amount."""
    flows = flows_of([stream(yearly=yearly)], 4 * years)
    paid = [flow.yearly_minor for flow in flows]
    assert all(sum(paid[at : at + 4]) == yearly for at in range(len(paid) - 3))


def test_present_value_at_no_rate_is_the_sum():
    """With a rate of 0 the present value is what comes in less what goes out."""
    flows = flows_of([stream(1000, 100, 500, works=2), stream(300, begins=3, works=3)], 20)
    assert net_present_value(flows, 0.0) == sum(flow.net_minor for flow in flows)


def test_known_present_value():
    """1,000 today for 1,210 in exactly two years at 10 % is worth nothing."""
    flows = flows_of([stream(1000)], 1) + flows_of([], 8)[1:7]
    last = flows_of([stream(saved=4840, works=7)], 8)[7]
    assert net_present_value((*flows, last), 0.1) == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(
    ("streams", "rate", "years"),
    [
        ([stream(1000, 0, 400)], 0.0, 2.5),
        ([stream(1000, 0, 400, works=2)], 0.0, 3.0),
        ([stream(1000, 300, 400)], 0.0, None),
        ([stream(0, 0, 400)], 0.0, 0.0),
        ([stream(0, 100, 0)], 0.0, None),
        ([stream(100, 0, 400), stream(1000, begins=8, works=8)], 0.0, 2.75),
    ],
)
def test_payback_by_hand(streams, rate, years):
    """After which the plan owes nothing any more: also after a second investment."""
    assert payback_years(flows_of(streams, 20), rate) == years


def test_discounted_payback_is_the_annuity_solved_for_time():
    """n = -ln(1 - once·i/quarterly saving)/ln(1 + i) quarters, within the interpolation."""
    once, saved, rate = 1_000_000, 400_000, 0.08
    quarterly = (1 + rate) ** 0.25 - 1
    exact = -math.log(1 - once * quarterly / (saved / 4)) / math.log(1 + quarterly) / 4
    found = payback_years(flows_of([stream(once, 0, saved)], 40), rate)
    assert found == pytest.approx(exact, abs=0.01)
    assert found > payback_years(flows_of([stream(once, 0, saved)], 40))


def test_internal_rate_by_hand():
    """A perpetuity in all but name: 100 a year on 1,000 for 400 years is 10 % in quarters."""
    found = internal_rate(flows_of([stream(1000, 0, 100)], 1600))
    assert found == pytest.approx((1 + 0.025) ** 4 - 1, rel=1e-6)


@pytest.mark.parametrize(
    "streams",
    [
        [stream(1000, 0, 10)],
        [stream(0, 0, 10)],
        [],
        [stream(100, 0, 400), stream(5000, begins=8, works=8)],
    ],
)
def test_no_single_internal_rate(streams):
    """Where nothing is gained, nothing invested, or the sign changes twice, none is given."""
    assert internal_rate(flows_of(streams, 20)) is None


def test_case_by_hand():
    """A conversion begun in quarter 1: trained at once, saving from quarter 2 to 19."""
    begun = Undertaking(branch_id="B1", options=(convert(),), quarter=1)
    case = business_case([begun], LIBRARY, DEFAULTS)
    assert case.flows[1].once_minor == 200_000
    assert [flow.saved_minor for flow in case.flows[:3]] == [0, 0, 5_000_000]
    net = 10 * 50 * 45 * 100 - 40 * 50 * 100 * 100
    quarterly = 1.08**0.25 - 1
    annuity = (1 - (1 + quarterly) ** -18) / quarterly * (1 + quarterly) ** -2
    expected = -200_000 * 1.08**-0.25 - net / 4 * annuity
    assert case.npv_minor == pytest.approx(expected, abs=1)
    assert case.payback_years == pytest.approx(0.5 + 200_000 / -net)
    assert case.costs.hours_freed > 0
    assert case.late_or_lost is None


def test_doing_nothing_costs_nothing():
    """The baseline is the empty plan: no cash in any quarter."""
    case = business_case([], LIBRARY, DEFAULTS)
    assert case.npv_minor == 0
    assert not any(flow.net_minor for flow in case.flows)
    assert [swing.span_minor for swing in case.tornado] == [0, 0]


def test_tornado_ends_are_the_case_at_those_values():
    """Each end of a bar is the present value of the plan recomputed with that value."""
    plan = [
        Undertaking(branch_id="B1", options=(machine(), convert()), quarter=0),
        Undertaking(branch_id="B2", options=(convert("B2"),), quarter=3),
    ]
    swings = tornado(plan, LIBRARY, DEFAULTS)
    assert {swing.assumption for swing in swings} == {
        "assistant_cost_per_hour",
        "device_maintenance_share",
        "discount_rate",
        "open_weeks_per_year",
        "plan_horizon_years",
        "post_hours_per_week",
        "released_share",
        "smart_counter_price",
        "teller_cost_per_hour",
        "training_cost_per_person",
    }
    spans = [swing.span_minor for swing in swings]
    assert spans == sorted(spans, reverse=True)
    for swing in swings:
        for value, found in (
            (swing.lower, swing.at_lower_minor),
            (swing.upper, swing.at_upper_minor),
        ):
            again = business_case(plan, LIBRARY, assuming(**{swing.assumption: value}))
            assert again.npv_minor == found


def test_tornado_says_whose_value_it_is(tmp_path):
    """The bank's own value is marked as its own, the others as defaults with their source."""
    path = tmp_path / "assumptions.toml"
    path.write_text("released_share = 0.3\n", encoding="utf-8")
    begun = [Undertaking(branch_id="B1", options=(convert(),))]
    swings = {s.assumption: s for s in tornado(begun, LIBRARY, load_assumptions(path))}
    assert swings["released_share"].origin == "yours"
    assert swings["teller_cost_per_hour"].origin == "default"
    assert swings["teller_cost_per_hour"].source.zh_hant


def test_freed_hours_are_no_cash():
    """With a released share of 0 freed hours stay hours: shown, and in no flow."""
    begun = [Undertaking(branch_id="B1", options=(convert(),))]
    case = business_case(begun, LIBRARY, assuming(released_share=0.0))
    assert case.costs.hours_freed > 0
    assert case.costs.saved_minor == 0
    assert not any(flow.saved_minor for flow in case.flows)


def test_customers_are_summed_with_the_interval_of_a_sum():
    """Twelve months of two branches; half-widths 3 and 4 make 5; one without effect is left out."""
    first, second, third = machine("B1"), machine("B2"), machine("B3")
    plan = [
        Undertaking(
            branch_id="B1",
            options=(first,),
            appraisal=appraisal([first], effect(LATE, 100, -30, 3)),
        ),
        Undertaking(
            branch_id="B2",
            options=(second,),
            appraisal=appraisal([second], effect(LATE, 50, -10, 4)),
        ),
        Undertaking(branch_id="B3", options=(third,), appraisal=appraisal([third])),
    ]
    change = yearly_change(plan, LATE)
    assert (change.do_nothing, change.with_plan, change.difference) == (1800, 1320, -480)
    assert (change.lower, change.upper, change.branches) == (-540, -420, 2)
    assert business_case(plan, LIBRARY, DEFAULTS).late_or_lost == change


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("discount_rate", -1.0, "BW-PLN-022"),
        ("discount_rate", math.nan, "BW-PLN-020"),
        ("plan_horizon_years", 0.0, "BW-PLN-022"),
        ("plan_horizon_years", math.inf, "BW-PLN-020"),
        ("plan_horizon_years", 1e6, "BW-PLN-022"),
    ],
)
def test_impossible_frames_are_refused(name, value, code):
    """A rate or horizon that cannot be reckoned with is named."""
    with pytest.raises(BranchwiseError, match=f"{code}.*{name}"):
        business_case([], LIBRARY, assuming(**{name: value}))


def test_hours_without_a_price_are_told():
    """Existing staff at other times cost no cash, and the case says whose hours they are."""
    from branchwise.plan.proposal import Quantities

    moved = option("retime", quantities=Quantities(hours_added={"teller": 5.0}))
    case = business_case([Undertaking(branch_id="B1", options=(moved,))], LIBRARY, DEFAULTS)
    assert case.unpriced == ((moved.option_id, "teller"),)
    assert case.npv_minor == 0
