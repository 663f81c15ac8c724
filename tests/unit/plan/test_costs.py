"""Costs: every line of the library times what the option adds, traced and never made up."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.plan.proposals import LIBRARY, assuming, convert, intervention, machine, option

from branchwise.core.errors import BranchwiseError
from branchwise.plan.costs import (
    assumptions_used,
    cost_items,
    costs_of,
    lead_quarters,
    unpriced_hours,
)
from branchwise.plan.interventions import library
from branchwise.plan.proposal import CostLine, Quantities
from branchwise.tables.assumptions import default_assumptions

DEFAULTS = default_assumptions()


def without(name):
    entries = {key: entry for key, entry in DEFAULTS.entries.items() if key != name}
    return replace(DEFAULTS, entries=entries)


def test_devices_by_hand():
    """Two machines of 80,000: 160,000 once, a tenth of it a year, in minor units."""
    costs = costs_of([machine()], LIBRARY, DEFAULTS)
    assert (costs.once_minor, costs.yearly_minor, costs.saved_minor) == (16_000_000, 1_600_000, 0)
    assert costs.currency == "CNY"


def test_hours_by_hand():
    """Added hours of the assistant are priced; half of 100 freed hours hold one post of 40."""
    costs = costs_of([convert()], LIBRARY, DEFAULTS)
    assert costs.once_minor == 2_000_00
    assert costs.yearly_minor == 10 * 50 * 45 * 100
    assert (costs.saved_minor, costs.posts_released) == (40 * 50 * 100 * 100, 1)
    assert costs.hours_added == pytest.approx(10 * 50 / 12)
    assert costs.hours_freed == pytest.approx((100 - 40) * 50 / 12)
    assert costs.people_trained == 1


def test_a_package_costs_what_its_options_cost():
    """Nothing is lost or counted twice when options are put together."""
    both = costs_of([machine(), convert()], LIBRARY, DEFAULTS)
    parts = [costs_of([each], LIBRARY, DEFAULTS) for each in (machine(), convert())]
    for name in ("once_minor", "yearly_minor", "saved_minor", "hours_added", "hours_freed"):
        assert getattr(both, name) == sum(getattr(part, name) for part in parts)


def test_amounts_are_exact():
    """A tenth is a tenth: no binary fraction moves a cent."""
    prices = assuming(smart_counter_price=0.1, device_maintenance_share=0.7)
    items = cost_items([machine(count=3)], LIBRARY, prices)
    assert [item.minor for item in items] == [30, 21]


def test_a_currency_without_decimals():
    """Minor units are those of the currency: a yen has none."""
    yen = replace(DEFAULTS, currency="JPY")
    assert costs_of([machine(count=1)], LIBRARY, yen).once_minor == 80_000


@pytest.mark.parametrize(
    ("quantities", "units"),
    [
        (Quantities(), 3.0),
        (Quantities(devices_moved_in={"smart_counter": 2}), 2.0),
        (Quantities(devices_added={"atm": 1}, devices_moved_in={"atm": 1}), 2.0),
        (Quantities(devices_covered={"smart_counter": 5}), 5.0),
    ],
)
def test_units(quantities, units):
    """Units are the devices that come or are covered; without any, the size of the change."""
    line = CostLine(assumption="device_move_cost", per="unit", timing="once")
    library = {"x": intervention("x", costs=(line,))}
    asked = option("x", amount=3.0, quantities=quantities)
    assert cost_items([asked], library, DEFAULTS)[0].quantity == units


def test_what_is_sold_is_taken_off():
    """A saving that comes once lowers what is paid once."""
    lines = (
        CostLine(assumption="device_move_cost", per="unit_removed", timing="once"),
        CostLine(assumption="atm_price", per="unit_removed", timing="once", is_saving=True),
    )
    library = {"x": intervention("x", costs=lines)}
    asked = option("x", quantities=Quantities(devices_removed={"atm": 2}))
    assert costs_of([asked], library, DEFAULTS).once_minor == 2 * (5_000 - 60_000) * 100


@pytest.mark.parametrize("name", ["smart_counter_price", "device_maintenance_share"])
@pytest.mark.parametrize("how", ["taken away", "not a number"])
def test_a_missing_price_is_named(name, how):
    """A price that the bank took away is asked for, never invented."""
    gone = without(name) if how == "taken away" else assuming(**{name: math.nan})
    with pytest.raises(BranchwiseError, match=f"BW-PLN-020.*{name}"):
        costs_of([machine()], LIBRARY, gone)


def test_missing_weeks_are_named_only_where_hours_count():
    """An option without hours does not need the weeks of a year."""
    gone = without("open_weeks_per_year")
    assert costs_of([machine()], LIBRARY, gone).once_minor > 0
    with pytest.raises(BranchwiseError, match="open_weeks_per_year"):
        costs_of([convert()], LIBRARY, gone)


def test_every_problem_at_once():
    """A price is missed once, however many options need it; an unknown intervention is named."""
    with pytest.raises(BranchwiseError) as caught:
        costs_of(
            [machine("B1"), machine("B2"), option("unknown")],
            LIBRARY,
            without("smart_counter_price"),
        )
    assert [problem.code for problem in caught.value.problems] == ["BW-PLN-020", "BW-PLN-021"]


def test_what_rests_on_what():
    """Only assumptions of lines that count are used; hours bring the weeks of a year."""
    assert assumptions_used([machine()], LIBRARY) == (
        "device_maintenance_share",
        "smart_counter_price",
    )
    assert assumptions_used([convert()], LIBRARY) == (
        "assistant_cost_per_hour",
        "open_weeks_per_year",
        "post_hours_per_week",
        "released_share",
        "teller_cost_per_hour",
        "training_cost_per_person",
    )


def test_hours_without_a_price_are_shown():
    """Hours of a post that no line prices are told, hours that a line prices are not."""
    added = Quantities(hours_added={"teller": 1.0, "supervisor": 2.0, "guard": 0.0})
    assert unpriced_hours(option("retime", quantities=added), LIBRARY["retime"]) == (
        "supervisor",
        "teller",
    )
    assert unpriced_hours(option("convert", quantities=added), LIBRARY["convert"]) == (
        "supervisor",
    )


def test_lead_is_the_longest():
    """A package works when its slowest option does: 20 weeks are two quarters."""
    assert lead_quarters([convert()], LIBRARY) == 1
    assert lead_quarters([machine(), convert()], LIBRARY) == 2


@given(
    hours=st.floats(0, 500),
    weeks=st.floats(1, 53),
    price=st.floats(0, 1000),
    share=st.floats(0, 1),
    post=st.floats(1, 60),
)
def test_cash_is_of_whole_posts_only(hours, weeks, price, share, post):
    """What becomes cash is a whole number of posts' pay; the other freed hours stay hours."""
    assumptions = assuming(
        open_weeks_per_year=weeks, teller_cost_per_hour=price, released_share=share,
        post_hours_per_week=post,
    )  # fmt: skip
    asked = option("convert", quantities=Quantities(hours_freed={"teller": hours}))
    costs = costs_of([asked], LIBRARY, assumptions)
    posts = costs.posts_released
    assert posts * post <= share * hours * (1 + 1e-6) + 1e-6
    assert (posts + 1) * post > share * hours - 1e-6
    pay = posts * post * weeks * price * 100
    assert costs.saved_minor == pytest.approx(pay, abs=0.51, rel=1e-9)
    assert costs.hours_freed == pytest.approx(
        (hours - posts * post) * weeks / 12, rel=1e-6, abs=1e-6
    )


def freeing(branch_id, name="convert", **hours):
    return option(name, branch_id, quantities=Quantities(hours_freed=hours))


@pytest.mark.parametrize(
    ("options", "posts"),
    [
        ([freeing("B1", teller=39.0)], 0),
        ([freeing("B1", teller=40.0)], 1),
        ([freeing("B1", teller=20.0), freeing("B2", teller=20.0)], 0),
        ([freeing("B1", teller=20.0), freeing("B1", "other", teller=20.0)], 1),
        ([freeing("B1", teller=20.0, corporate_teller=20.0)], 0),
        ([freeing("B1", teller=45.0), option("retime", quantities=Quantities(
            hours_added={"teller": 6.0}))], 0),
        ([freeing("B1", advisor=80.0)], 0),
    ],
)  # fmt: skip
def test_a_post_is_one_person_at_one_branch(options, posts):
    """Hours of two branches, of two posts, or that another option needs again, make up no post.

    Those of two options of one branch do; of a post that no line prices there is no cash.
    """
    known = {**LIBRARY, "other": replace(LIBRARY["convert"], name="other")}
    costs = costs_of(options, known, assuming(released_share=1.0))
    assert costs.posts_released == posts
    assert costs.saved_minor == posts * 40 * 50 * 100 * 100


@pytest.mark.parametrize("hours", [0.0, -1.0])
def test_a_post_without_hours_is_refused(hours):
    """A post of no hours would be any number of people."""
    with pytest.raises(BranchwiseError, match=r"BW-PLN-022.*post_hours_per_week"):
        costs_of([convert()], LIBRARY, assuming(post_hours_per_week=hours))


def test_advisers_free_whole_posts_as_tellers_do():
    """The library prices the freed hours of every post that a window may hold."""
    asked = option("fewer_windows", quantities=Quantities(hours_freed={"advisor": 80.0}))
    costs = costs_of([asked], library(), DEFAULTS)
    assert costs.posts_released == 1
    assert costs.saved_minor == 40 * 50 * DEFAULTS.value("advisor_cost_per_hour") * 100
