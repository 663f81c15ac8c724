"""A branch's options tried: few draws first, then all of them for the best."""

from dataclasses import replace

import pytest
from tests.unit.plan.toy_estimates import apply, estimates, option

from branchwise.core.errors import BranchwiseError
from branchwise.plan.appraise import appraise
from branchwise.plan.packages import Growth
from branchwise.plan.proposal import Appraisal, Effect, Quantities
from branchwise.plan.screening import Effort, appraise_branch, avoided, is_promising, saves

EFFORT = Effort(draws=6, screening_draws=2, weeks=2, finalists=2, growth=Growth(deepest=2))
MORE, IDLE, FEWER = option(), option("idle"), option(amount=-1.0)
LATE = "plan.late_or_lost_per_month"


def with_change(change, measure=LATE, baseline=100.0):
    effect = Effect(measure=measure, unit="visit", baseline=baseline, value=baseline + change,
                    difference=change, lower=change, upper=change)  # fmt: skip
    return Appraisal(package_id="p", branch_id="B1", option_ids=("p",), standing="trusted",
                     effects=(effect,))  # fmt: skip


def run(options, **changes):
    kwargs = {"apply": apply, "standing": "trusted", "effort": EFFORT, **changes}
    return appraise_branch(estimates(rate=26.0, days=40), options, **kwargs)


def test_what_does_nothing_is_screened_out_and_kept_for_questions():
    """One window more is tried in all draws; what changes nothing is dropped after two."""
    found = run([MORE, IDLE, FEWER])
    assert [each.package_id for each in found.appraisals][:1] == [MORE.option_id]
    assert {each.package_id for each in found.screened_out} >= {IDLE.option_id, FEWER.option_id}
    assert found.count_idle == 2
    assert {each.draws for each in found.appraisals} == {6}
    assert {each.draws for each in found.screened_out} == {2}
    assert all(each.effects for each in found.screened_out)


def test_finalists_are_those_of_an_appraisal_in_all_draws():
    """Draws added later give what all draws at once give."""
    found = run([MORE]).appraisals[0]
    (whole,) = appraise(estimates(rate=26.0, days=40), [(MORE,)], apply=apply,
                        standing="trusted", draws=6, weeks=2)  # fmt: skip
    for one, other in zip(found.effects, whole.effects, strict=True):
        assert one.key == other.key
        assert one.difference == pytest.approx(other.difference, rel=1e-9, abs=1e-9)


def test_order_of_options_does_not_matter():
    """The same options in another order give the same result."""
    assert run([MORE, IDLE, FEWER]) == run([FEWER, IDLE, MORE])


def test_without_trust_options_are_listed_without_effects():
    """Nothing is simulated, and nothing promised."""
    found = run([MORE, IDLE], standing="not_trusted", apply=None)
    assert [each.effects for each in found.appraisals] == [(), ()]
    assert found.screened_out == ()


def test_packages_are_tried_as_a_whole():
    """A second lever is tried together with the first."""
    machine = option(target="smart_counter")
    found = appraise_branch(
        estimates(rate=26.0, days=40, machines=True), [MORE, machine], apply=apply,
        standing="trusted", effort=EFFORT, score=lambda each: 1.0 + avoided(each),
    )  # fmt: skip
    every = {each.package_id for each in (*found.appraisals, *found.screened_out)}
    assert {MORE.option_id, machine.option_id} <= every


def test_single_options_stay_beside_packages():
    """However good packages are, the best size of each lever is tried in all draws too."""
    sizes = [option(amount=size, lever="windows") for size in (1.0, 2.0)]
    machine = option(target="smart_counter")
    found = appraise_branch(
        estimates(rate=30.0, days=40, machines=True), [*sizes, machine], apply=apply,
        standing="trusted", effort=replace(EFFORT, finalists=4),
        score=lambda each: 100.0 * len(each.option_ids) + avoided(each),
    )  # fmt: skip
    codes = [each.package_id for each in found.appraisals]
    assert machine.option_id in codes
    assert any("+" in code for code in codes)
    assert sum(code in {each.option_id for each in sizes} for code in codes) >= 1


def test_too_few_draws_are_refused():
    """BW-PLN-030, as everywhere."""
    with pytest.raises(BranchwiseError, match="BW-PLN-030"):
        run([MORE], effort=Effort(draws=1))


@pytest.mark.parametrize(
    ("change", "measure", "frees", "promising"),
    [
        (-3.0, LATE, False, True),
        (-1.0, LATE, False, False),
        (0.0, LATE, False, False),
        (4.0, LATE, True, True),
        (4.0, LATE, False, False),
        (6.0, LATE, True, False),
        (3.0, "devices.availability_share", False, True),
        (-3.0, "devices.availability_share", False, False),
        (-50.0, "twin.busy_share", False, False),
    ],
)
def test_rule_of_screening(change, measure, frees, promising):
    """More than 2 % better in one measure, or cost saved with waits at most 5 % worse."""
    assert is_promising(with_change(change, measure), saves=frees) is promising


def test_savings_are_hours_or_devices():
    """More hours freed than added, or a device less."""
    assert saves((option(freed=5.0),))
    assert not saves((option(),))
    assert saves((replace(option(), quantities=Quantities(devices_removed={"atm": 1})),))


def test_worth_is_what_is_avoided():
    """Late customers where loss is not believed; 0 where nothing is."""
    assert avoided(with_change(-7.0)) == 7.0
    assert avoided(with_change(-7.0, "plan.late_per_month")) == 7.0
