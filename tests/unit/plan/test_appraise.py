"""What packages bring: the same days with and without, as measures and as intervals."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.plan.toy_estimates import MACHINE, OLD, PEOPLE, apply, estimates, option

from branchwise.core.errors import BranchwiseError
from branchwise.plan.appraise import OF_WAITS, appraisal_of, appraise, intervals
from branchwise.plan.trials import trials_of, tried
from branchwise.twin.calibrate.assemble import scenario_of
from branchwise.twin.measures import estimates as full_measures
from branchwise.twin.run import simulate
from branchwise.twin.values import WEEKS_PER_MONTH, values_of
from branchwise.twin.weeks import day_of, week_of

FEW = {"draws": 3, "weeks": 3}
SAME_NAME = ("queues.", "devices.", "twin.busy", "twin.services", "twin.request", "twin.balked")


def by_key(measures):
    return {each.key: each.value for each in measures}


def one_day(**kwargs):
    return simulate(scenario_of(estimates(**kwargs), 1), replications=6, seed=3)


def test_values_are_those_of_the_measures():
    """One day's values, all classes drawing tickets, agree with the measures of its run."""
    result = one_day(machines=True)
    found = values_of([day_of(result)]).rows
    full = by_key(full_measures(result))
    shared = [key for key in found if key in full and key[0].startswith(SAME_NAME)]
    assert len(shared) > 30
    for key in shared:
        assert found[key][0, 0] == pytest.approx(full[key], rel=1e-9, nan_ok=True), key


def test_waits_of_all_are_those_of_tickets():
    """Who comes for a machine counts by class, and not among those whose waits banks record."""
    result = one_day(machines=True)
    apart = values_of([day_of(result)], machines={MACHINE}).rows
    counts = result.by_class
    tickets = [result.classes.index(name) for name in (PEOPLE, OLD)]
    served = counts["wait_served_seconds"][:, tickets].sum() / counts["served"][:, tickets].sum()
    assert apart["queues.wait_served_mean_seconds", None, None][0, 0] == pytest.approx(served)
    assert ("queues.wait_mean_seconds", MACHINE, None) in apart
    assert ("queues.wait_mean_seconds", "elderly", None) in apart


def test_what_machines_do_is_counted_by_hand():
    """Share done at machines without what comes back, uses per device-hour, overtime."""
    result = one_day(machines=True)
    found = values_of([day_of(result)], machines={MACHINE}).rows
    of = {name: values.sum(axis=0) for name, values in result.by_station.items()}
    smart = result.stations.index("smart_counter")
    back = result.by_class["failed_back"].sum()
    expected = {
        "queues.failback_share": back / of["services"][smart],
        "twin.machine_share": (of["services"][smart] - back) / (of["services"].sum() - back),
        "devices.uses_per_device_hour": of["services"][smart] / (of["open_seconds"][smart] / 3600),
        "devices.availability_share": 1 - of["down_seconds"][smart] / of["open_seconds"][smart],
        "twin.overtime_hours_per_month": of["overtime_seconds"].sum()
        / 3600 / 6 * WEEKS_PER_MONTH,
    }  # fmt: skip
    assert back > 0
    for measure, value in expected.items():
        assert found[measure, None, None][0, 0] == pytest.approx(value)


def test_a_week_is_its_days_added_up():
    """Monthly numbers are those of the days of the week together, counted by hand."""
    days = [one_day(), one_day(rate=40.0)]
    found = values_of([week_of([day_of(each) for each in days])]).rows
    missed = sum(
        float((each.by_class["customers"] - each.by_class["within_standard"]).sum())
        for each in days
    )
    monthly = missed / 6 * WEEKS_PER_MONTH
    assert found["plan.late_or_lost_per_month", None, None][0, 0] == pytest.approx(monthly)
    waits = sum(each.waits.sum(axis=0) for each in days)
    late = waits[:, :, 120:].sum() / 6 * WEEKS_PER_MONTH  # from 600 s on, called or lost
    assert found["plan.late_per_month", None, None][0, 0] == pytest.approx(late, rel=0.02)


def test_weeks_left_out_are_the_other_weeks():
    """The second column is what the weeks without the first come to."""
    scenario = scenario_of(estimates(), 1)
    all_weeks = day_of(simulate(scenario, replications=3, seed=3))
    later = day_of(simulate(scenario, replications=2, seed=3, first_replication=1))
    whole, rest = (values_of([week]).rows for week in (all_weeks, later))
    for key in whole:
        if whole[key].shape[1] > 1:
            assert whole[key][0, 1] == pytest.approx(rest[key][0, 0], nan_ok=True), key


def test_days_of_different_classes_are_added_by_name():
    """A class or station that is there on one day only keeps its own counts."""
    plain, more = one_day(), one_day(machines=True)
    week = week_of([day_of(plain), day_of(more)])
    place = week.classes.index(MACHINE)
    own = more.by_class["served"][:, more.classes.index(MACHINE)]
    assert (week.by_class["served"][:, place] == own).all()
    assert week.by_class["served"].sum() == (
        plain.by_class["served"].sum() + more.by_class["served"].sum()
    )
    assert week.waits.sum() == plain.waits.sum() + more.waits.sum()


@pytest.mark.parametrize("package", [(), (option("idle"),)])
def test_nothing_brings_exactly_nothing(package):
    """A package that changes nothing has differences and intervals of exactly 0."""
    given_ = estimates(machines=True, days=20, weekdays=(1, 3))
    (found,) = appraise(given_, [package], apply=apply, standing="trusted", **FEW)
    told = [each for each in found.effects if each.difference is not None]
    assert len(told) > 40
    assert {(each.difference, each.lower, each.upper) for each in told} == {(0.0, 0.0, 0.0)}
    assert all(each.value == each.baseline for each in told)


def test_what_is_simulated_again_brings_nothing_either():
    """A change without consequence, simulated, meets the same customers: exactly 0."""

    def renamed(_, scenario):
        return replace(scenario, branch_id="B2")

    given_ = estimates(days=20)
    (found,) = appraise(given_, [(option(),)], apply=renamed, standing="trusted", **FEW)
    assert {each.difference for each in found.effects if each.difference is not None} == {0.0}


def test_same_seed_same_appraisals_in_any_order():
    """The same seed gives the same numbers, whatever else is tried and in which order."""
    given_ = estimates(days=20)
    one, two = (option(),), (option(amount=-1.0),)
    there = appraise(given_, [one, two], apply=apply, standing="trusted", **FEW)
    back = appraise(given_, [two, one], apply=apply, standing="trusted", **FEW)
    assert there == back[::-1]
    other = appraise(given_, [one], apply=apply, standing="trusted", seed=2, **FEW)
    assert other[0].effects != there[0].effects


def test_first_draws_are_those_of_more_draws():
    """Draws tried later follow those tried first: together they are all of them."""
    trials = trials_of(estimates(days=20), standing="trusted", draws=4, weeks=2)
    package = (option(),)
    whole = tried(trials, package, apply, last=4)
    first = tried(trials, package, apply, last=2)
    parts = first.followed_by(tried(trials, package, apply, first=2, last=4))
    for key in whole.rows:
        np.testing.assert_allclose(whole.rows[key], parts.rows[key], rtol=1e-12)
    found = [appraisal_of(trials, package, each) for each in (parts, whole)]
    assert [each.key for each in found[0].effects] == [each.key for each in found[1].effects]


def test_one_window_more_shortens_waits():
    """The effect has the sign of common sense, and its interval leaves 0 out."""
    (found,) = appraise(
        estimates(rate=26.0, days=60), [(option(),)], apply=apply, standing="trusted"
    )
    for measure in ("queues.wait_mean_seconds", "plan.late_or_lost_per_month"):
        effect = found.effect(measure)
        assert effect.upper < 0
        assert effect.difference == pytest.approx(effect.value - effect.baseline)
    assert found.effect("queues.within_standard_share").lower > 0
    assert found.effect("twin.busy_share", None, "teller").difference < 0
    assert (found.draws, found.days) == (16, 4)


def test_only_waits_of_all_are_told_where_only_they_are_believed():
    """Of such a branch no abandonment, class or station is told."""
    found = appraise(estimates(), [(option(),)], apply=apply, standing="waits_only", **FEW)
    assert {each.measure for each in found[0].effects} == set(OF_WAITS)
    assert {(each.customer_class, each.station) for each in found[0].effects} == {(None, None)}


@pytest.mark.parametrize("standing", ["not_trusted", "not_validated"])
def test_nothing_is_told_by_a_twin_that_is_not_believed(standing):
    """No number of such a twin is ever quoted: it is not even run."""
    (found,) = appraise(estimates(), [(option(),)], apply=None, standing=standing)
    assert (found.effects, found.draws, found.standing) == ((), 0, standing)


@pytest.mark.parametrize("bad", [{"draws": 1}, {"weeks": 0}, {"weeks": 21}])
def test_too_few_draws_are_refused(bad):
    """BW-PLN-030: one draw says nothing of how sure an effect is."""
    with pytest.raises(BranchwiseError, match="BW-PLN-030"):
        trials_of(estimates(), standing="trusted", **bad)


def test_standard_is_the_one_given():
    """A stricter standard makes more customers late."""
    found = [
        appraise(estimates(), [()], apply=apply, standing="trusted", standard_seconds=standard,
                 **FEW)[0].effect("plan.late_per_month").baseline
        for standard in (60.0, 600.0)
    ]  # fmt: skip
    assert found[0] > found[1]


def test_interval_without_weeks_is_that_of_a_new_draw():
    """mean ± t(D-1) s √(1 + 1/D), by hand: t of 2 degrees is 4.3027."""
    mean, lower, upper = intervals(np.array([[[1.0], [2.0], [6.0]]]))
    half = 4.302653 * math.sqrt(7.0) * math.sqrt(4 / 3)
    assert (mean[0], upper[0] - 3, 3 - lower[0]) == pytest.approx((3.0, half, half), rel=1e-6)


def test_chance_of_weeks_is_taken_out():
    """Where draws differ by chance alone, the interval is about that of a mean."""
    random = np.random.default_rng(1)
    draws, weeks = 40, 5
    values = random.normal(size=(400, draws, weeks))
    total = values.sum(axis=2, keepdims=True)
    rows = np.concatenate([total / weeks, (total - values) / (weeks - 1)], axis=2)
    _, lower, upper = intervals(rows)
    _, widest_lower, widest_upper = intervals(rows[:, :, :1])
    ratio = (upper - lower) / (widest_upper - widest_lower)
    assert ratio.max() <= 1 + 1e-12
    assert np.median(ratio) < 0.65


@pytest.mark.parametrize("known", [0.0, 0.2, 0.5, 0.8, 1.0])
def test_intervals_hold_whatever_part_of_the_spread_is_chance(known):
    """Normal draws about an unknown truth: 95 % or more hold it, 3 standard errors allowed."""
    random = np.random.default_rng(2)
    cases, draws, weeks = 3000, 16, 4
    own, chance = math.sqrt(known), math.sqrt((1 - known) * weeks)
    centre = own * random.normal(size=(cases, 1, 1))
    branch = centre + own * random.normal(size=(cases, draws, 1))
    values = branch + chance * random.normal(size=(cases, draws, weeks))
    total = values.sum(axis=2, keepdims=True)
    rows = np.concatenate([total / weeks, (total - values) / (weeks - 1)], axis=2)
    _, lower, upper = intervals(rows)
    assert ((lower <= 0) & (upper >= 0)).mean() > 0.95 - 3 * math.sqrt(0.95 * 0.05 / cases)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.lists(st.floats(-1e3, 1e3), min_size=4, max_size=4), min_size=2, max_size=6),
    st.floats(0.1, 10),
    st.floats(-100, 100),
)
def test_intervals_move_with_their_values(rows, scale, shift):
    """Other units or another origin change limits as they change values."""
    values = np.array([rows])
    mean, lower, upper = intervals(values)
    moved = intervals(values * scale + shift)
    assert (lower <= mean + 1e-9).all()
    assert (mean <= upper + 1e-9).all()
    for before, after in zip((mean, lower, upper), moved, strict=True):
        np.testing.assert_allclose(after, before * scale + shift, rtol=1e-4, atol=1e-2)


def test_a_class_that_hardly_comes_is_measured_where_it_comes():
    """Draws in which nobody of a class came are left out of its effects, and only of those."""
    given_ = estimates(days=20)
    rare = given_.rates.per_hour.copy()
    rare[1] *= 0.02 / rare[1].max()
    given_ = replace(given_, rates=replace(given_.rates, per_hour=rare))
    (found,) = appraise(given_, [(option(),)], apply=apply, standing="trusted", draws=6, weeks=1)
    assert found.effect("queues.wait_mean_seconds").difference is not None
    effect = found.effect("queues.wait_mean_seconds", "elderly")
    assert effect is not None
    assert effect.difference is None
