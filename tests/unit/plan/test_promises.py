"""Promises bound to measure, guard-rail and design before the roll-out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from tests.unit.evaluate.panels import drawn, open_days, panel
from tests.unit.plan.proposals import (
    LATE,
    LIBRARY,
    LOST,
    WITHIN,
    appraisal,
    convert,
    effect,
    machine,
    option,
)

from branchwise.evaluate.designs import POST_DAYS
from branchwise.plan.case import Undertaking
from branchwise.plan.promises import (
    LEAST_POWER,
    promised_measures,
    promises,
    quarter_starts_on,
    works_from,
)
from branchwise.plan.screening import MOST_LOSS
from branchwise.tables.spec import table_spec

STARTS = date(2026, 4, 1)
PAST = panel(0.1 * drawn(np.random.default_rng(9), 8, 72), measure=WITHIN)
TYPES = dict.fromkeys(PAST.branches, "light")


def begun(code, options, *effects, quarter=0):
    return Undertaking(
        branch_id=code, options=options, quarter=quarter, appraisal=appraisal(options, *effects)
    )


def made(*undertakings, panels=None):
    return promises(
        undertakings,
        LIBRARY,
        {WITHIN: PAST} if panels is None else panels,
        types=TYPES,
        plan_starts_on=STARTS,
    )


def better(code="B00", quarter=0):
    options = (machine(code), convert(code))
    return begun(
        code, options, effect(WITHIN, 0.7, 0.2, 0.05), effect(LOST, 0.1, 0.0, 0.02), quarter=quarter
    )


def test_a_package_promises_once_a_measure():
    """Two options for the same measure share the promise of the package's joint effect."""
    (promise,) = made(better())
    assert promise.option_ids == ("B00:convert:1:", "B00:machine:2:")
    assert (promise.baseline, promise.difference) == (0.7, 0.2)
    assert (promise.lower, promise.upper) == pytest.approx((0.15, 0.25))
    assert (promise.guard_rail, promise.guard_rail_limit) == (LOST, pytest.approx(0.02))
    assert promised_measures([better()], LIBRARY) == (WITHIN,)


def test_dates_and_waves():
    """At work after the longest lead (20 weeks); the verdict after 40 open days of six a week."""
    (promise,) = made(better(quarter=2))
    assert promise.starts_on == date(2026, 10, 1) + timedelta(weeks=20)
    span = (PAST.days[-1] - PAST.days[0]).days + 1
    assert (promise.measured_on - promise.starts_on).days == round(40 * span / 72)


def test_comparison_branches_begin_later():
    """A branch of the same wave is no comparison; one that begins after the verdict is."""
    first = made(better("B00"), better("B01"), better("B02", quarter=4))[0]
    assert first.branch_id == "B00"
    assert first.design.comparisons == ("B02", "B03", "B04", "B05", "B06", "B07")
    last = made(better("B00"), better("B01"), better("B02", quarter=4))[-1]
    assert last.branch_id == "B02"
    assert not {"B00", "B01"} & set(last.design.comparisons)


def test_power_is_printed_with_every_promise():
    """Power and the smallest difference found stand in the row of the option."""
    (promise,) = made(better())
    columns = promise.columns()
    assert 0 < columns["power"] <= 1
    assert columns["detectable"] > 0
    assert columns["comparison_branches"].split() == list(promise.design.comparisons)
    for name in ("option", "action"):
        assert columns.keys() <= table_spec(name).columns.keys()


def test_what_was_not_tried_is_not_promised():
    """No appraisal, no effect on the measure, or no mechanism: no promise, and no error."""
    untried = Undertaking(branch_id="B00", options=(machine("B00"),))
    other = begun("B01", (machine("B01"),), effect(LATE, 100, -5, 1))
    assert made(untried, other) == ()
    assert promised_measures([untried, other], LIBRARY) == ()


def test_a_measure_without_past_has_no_design():
    """The promise stands, and the reader sees that its check could not be designed."""
    (promise,) = made(better(), panels={})
    assert promise.design is None
    assert promise.columns()["power"] is None


def test_the_guard_rail_may_not_get_worse_where_nothing_was_foreseen():
    """Without an appraised effect on the guard-rail the limit is 0."""
    (promise,) = made(begun("B00", (machine("B00"),), effect(WITHIN, 0.7, 0.2, 0.05)))
    assert promise.guard_rail_limit == 0.0


def test_designs_are_fixed_on_the_past():
    """Days of the roll-out cannot change the design."""
    values = PAST.values.copy()
    first = open_days(72)[60]
    later = panel(np.where(np.arange(72) >= 60, 9.0, values), measure=WITHIN)
    designs = [
        promises([better()], LIBRARY, {WITHIN: shown}, types=TYPES, plan_starts_on=first)[0].design
        for shown in (PAST, later)
    ]
    assert designs[0] == designs[1]


@pytest.mark.parametrize(
    ("first", "quarter", "found"),
    [
        (date(2026, 4, 1), 0, date(2026, 4, 1)),
        (date(2026, 11, 30), 1, date(2027, 2, 28)),
        (date(2027, 11, 30), 1, date(2028, 2, 29)),
        (date(2026, 10, 31), 5, date(2028, 1, 31)),
    ],
)
def test_quarters_begin_three_months_apart(first, quarter, found):
    """Quarters follow the plan's own first day; a shorter month ends it."""
    assert quarter_starts_on(first, quarter) == found


def test_without_lead_it_works_at_once():
    """A change without lead time works on the quarter's first day."""
    nothing = Undertaking(branch_id="B00", options=(option("retime", "B00"),), quarter=1)
    assert works_from(nothing, LIBRARY, STARTS) == date(2026, 7, 1)


def saving(difference, half, branch_id="B00"):
    """Return a package that frees hours, with its effect on waits."""
    return begun(branch_id, (convert(branch_id),), effect(WITHIN, 0.7, difference, half))


@pytest.mark.parametrize("difference", [0.001, 0.0, -0.01])
def test_what_saves_promises_not_to_make_it_worse(difference):
    """No improvement is promised of ≈ 0: the margin is a twentieth of today, the check finds it."""
    (promise,) = made(saving(difference, 0.004))
    margin = MOST_LOSS * 0.7
    assert promise.kind == "no_worse"
    assert (promise.difference, promise.lower, promise.upper) == (0.0, -margin, margin)
    assert promise.to_find == pytest.approx(margin - max(-difference, 0.0))


def test_a_foreseen_loss_widens_the_margin():
    """As far as the twin foresaw at the worse end it may get worse, and no further."""
    (promise,) = made(saving(-0.05, 0.03))
    assert (promise.lower, promise.to_find) == pytest.approx((-0.08, 0.03))


def test_what_saves_and_helps_promises_the_help():
    """An improvement beyond chance is promised as one."""
    (promise,) = made(saving(0.2, 0.05))
    assert (promise.kind, promise.difference) == ("better", 0.2)


@pytest.mark.parametrize(("difference", "is_provable"), [(0.2, True), (0.0005, False)])
def test_a_promise_too_small_to_find_is_marked(difference, is_provable):
    """Power of half at least, and the difference found with 80 % no larger than the promise."""
    (promise,) = made(begun("B00", (machine("B00"),), effect(WITHIN, 0.7, difference, 1e-4)))
    design = promise.design
    assert promise.is_provable is is_provable
    assert (design.power >= LEAST_POWER and design.detectable <= difference) is is_provable
    assert not replace(promise, design=None).is_provable


def test_more_days_where_they_prove_it():
    """A promise that 40 days do not prove and 80 do is looked at for 80."""
    (usual,) = made(begun("B00", (machine("B00"),), effect(WITHIN, 0.7, 0.2, 1e-4)))
    assert usual.design.post_days == POST_DAYS
    found = usual.design.detectable * 0.97
    (longer,) = made(begun("B00", (machine("B00"),), effect(WITHIN, 0.7, found, 1e-4)))
    assert longer.design.post_days == 2 * POST_DAYS
    assert longer.is_provable
    assert longer.measured_on > usual.measured_on
