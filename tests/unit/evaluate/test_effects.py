"""Differences in differences by hand: levels, common days, weekdays, staggered starts, gaps."""

from __future__ import annotations

import math
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tests.unit.evaluate.panels import drawn, open_days, panel

from branchwise.evaluate.effects import Roll, effects_by_month, estimate
from branchwise.evaluate.noise import contrast, correlation_of, noise_of, spread_of

DAYS = 48
HALF = np.arange(DAYS) >= 24
OTHERS = ("B01", "B02", "B03")


def bank(effect=0.0, seed=1, days=DAYS, branches=6, start=24):
    values = drawn(np.random.default_rng(seed), branches, days, spread=0.0)
    values[0, start:] += effect
    return values


def test_without_noise_the_effect_is_exact():
    """Levels, days common to all and each branch's own weekdays fall out altogether."""
    found = estimate(panel(bank(0.7)), "B00", OTHERS, ~HALF, HALF)
    assert found.difference == pytest.approx(0.7, abs=1e-12)
    assert (found.lower, found.upper) == pytest.approx((0.7, 0.7), abs=1e-9)
    assert (found.count_days, found.count_days_before) == (24, 24)


def test_balanced_days_are_four_means():
    """With whole weeks the estimate is the textbook's difference of four means."""
    values = drawn(np.random.default_rng(2), 4, DAYS)
    found = estimate(panel(values), "B00", OTHERS, ~HALF, HALF)
    own, others = values[0], values[1:].mean(axis=0)
    by_hand = (own[24:].mean() - own[:24].mean()) - (others[24:].mean() - others[:24].mean())
    assert found.difference == pytest.approx(by_hand, rel=1e-12)


def test_independent_days_agree_with_regression():
    """With r = 0 and the same noise before and after, the standard error is least squares' own."""
    kinds = [day % 6 for day in range(DAYS)]
    found = contrast(kinds, HALF, np.ones(DAYS))
    values = np.tile(np.random.default_rng(3).normal(size=24), 2)
    design = np.column_stack([*(np.array(kinds) == kind for kind in range(6)), HALF]).astype(float)
    solved, squares, *_ = np.linalg.lstsq(design, values, rcond=None)
    noise = noise_of(found, 0.0)
    covariance = squares[0] / (DAYS - 7) * np.linalg.inv(design.T @ design)
    assert found.row @ values == pytest.approx(solved[-1], abs=1e-12)
    assert sum(noise.traces) == pytest.approx(DAYS - 7)
    spread = spread_of(found, noise, values)
    assert spread.standard_error == pytest.approx(np.sqrt(covariance[-1, -1]), rel=1e-10)


@pytest.mark.parametrize("truth", [0.0, 0.3, 0.6, 0.9])
def test_correlation_is_found(truth):
    """Taken over many short series the correlation of days comes out without bias."""
    generator = np.random.default_rng(int(truth * 10))
    found = contrast([day % 6 for day in range(DAYS)], HALF, np.ones(DAYS))
    series = []
    for _ in range(400):
        noise = generator.normal(size=DAYS)
        noise[0] /= math.sqrt(1 - truth**2)
        for day in range(1, DAYS):
            noise[day] += truth * noise[day - 1]
        series.append(noise)
    assert correlation_of(found, series) == pytest.approx(truth, abs=0.03)


def test_who_begins_meanwhile_is_not_compared_with():
    """A comparison branch counts until its own start, and not on a day after it."""
    values = bank(1.0, days=96, start=48)
    values[1, 80:] += 50
    days = open_days(96)
    shown = panel(values)
    roll = Roll(starts={"B00": (days[48],), "B01": (days[80],)})
    months = effects_by_month(shown, "B00", days[48], OTHERS, roll)
    assert all(one.difference == pytest.approx(1.0, abs=1e-9) for one in months)
    assert months[0].comparisons == OTHERS
    assert months[-1].comparisons == ("B02", "B03")


def test_when_too_few_are_left_the_window_ends():
    """With a single comparison branch left, the days until then still tell."""
    values = bank(1.0, days=96, start=48)
    values[1, 70:] += 50
    days = open_days(96)
    roll = Roll(starts={"B00": (days[48],), "B01": (days[70],)})
    whole = effects_by_month(panel(values), "B00", days[48], ("B01", "B02"), roll)[-1]
    assert whole.difference == pytest.approx(1.0, abs=1e-9)
    assert whole.ends_on == days[69]


def test_a_second_start_begins_a_new_comparison():
    """Days after the next action of the same branch are not the first one's, nor before it."""
    values = bank(1.0, days=96, start=40)
    values[0, 70:] += 2
    days = open_days(96)
    roll = Roll(starts={"B00": (days[40], days[70])})
    first = effects_by_month(panel(values), "B00", days[40], OTHERS, roll)[-1]
    second = effects_by_month(panel(values), "B00", days[70], OTHERS, roll)[-1]
    assert (first.difference, first.ends_on) == (pytest.approx(1.0, abs=1e-9), days[69])
    assert (second.difference, second.count_days_before) == (pytest.approx(2.0, abs=1e-9), 30)


def test_only_the_last_days_before_count():
    """The design's days before are those next to the start."""
    values = bank(1.0)
    values[0, :6] += 100
    days = open_days(DAYS)
    roll = Roll(starts={"B00": (days[24],)})
    found = effects_by_month(panel(values), "B00", days[24], OTHERS, roll, days_before=18)[-1]
    assert (found.difference, found.count_days_before) == (pytest.approx(1.0, abs=1e-9), 18)


def test_missing_days_shift_nothing():
    """A day missing of one comparison branch does not pass its level on to the effect."""
    values = bank(0.5)
    values[1] += 1000
    values[1, 30:35] = np.nan
    values[0, 3] = np.nan
    found = estimate(panel(values), "B00", ("B01", "B02", "B03", "B04"), ~HALF, HALF)
    assert found.difference == pytest.approx(0.5, abs=1.5)
    assert found.count_days_before == 23
    values[1, 10:35] = np.nan
    assert estimate(panel(values), "B00", OTHERS, ~HALF, HALF).comparisons == ("B02", "B03")


def test_busy_days_weigh_more():
    """Days weigh as many as the branch's customers on them."""
    values = np.zeros((3, DAYS))
    values[0, 24:] = np.where(np.arange(24) < 6, 1.0, 0.0)
    counts = np.ones((3, DAYS))
    counts[0, 24:30] = 3.0
    even = estimate(panel(values), "B00", ("B01", "B02"), ~HALF, HALF)
    busy = estimate(panel(values, counts=counts), "B00", ("B01", "B02"), ~HALF, HALF)
    assert even.difference == pytest.approx(6 / 24)
    assert busy.difference > even.difference


@pytest.mark.parametrize(
    ("code", "others", "before", "after"),
    [
        ("B00", ("B01",), 24, 24),
        ("B00", OTHERS, 9, 24),
        ("B00", OTHERS, 24, 3),
        ("B99", OTHERS, 24, 24),
        ("B00", ("B98", "B99"), 24, 24),
    ],
)
def test_too_little_gives_no_number(code, others, before, after):
    """One comparison branch, too few days or an unknown branch: no difference, and no error."""
    days = np.arange(DAYS)
    found = estimate(
        panel(bank(1.0)), code, others, (days >= 24 - before) & ~HALF, HALF & (days < 24 + after)
    )
    assert (found.difference, found.lower, found.upper) == (None, None, None)


def test_other_weekdays_only_cannot_be_compared():
    """Where before and after share no weekday there is nothing to compare."""
    weekdays = np.array([day.isoweekday() for day in open_days(96)])
    late = np.arange(96) >= 48
    values = bank(1.0, days=96)
    found = estimate(panel(values), "B00", OTHERS, ~late & (weekdays <= 3), late & (weekdays > 3))
    assert found.difference is None


def test_nothing_after_the_start_yet():
    """A start after the last day gives one line without a number."""
    days = open_days(DAYS)
    start = days[-1] + timedelta(days=7)
    roll = Roll(starts={"B00": (start,)})
    found = effects_by_month(panel(bank(1.0)), "B00", start, OTHERS, roll)
    assert [(one.month, one.difference, one.count_days) for one in found] == [("all", None, 0)]


@settings(max_examples=40, deadline=None)
@given(
    values=arrays(np.float64, (5, DAYS), elements=st.floats(-10, 10)),
    shift=st.floats(-5, 5),
    common=arrays(np.float64, (DAYS,), elements=st.floats(-10, 10)),
    scale=st.floats(0.1, 10),
)
def test_symmetries(values, shift, common, scale):
    """A day's shock moves nothing; a shift after the start moves the effect; units scale it."""
    first = estimate(panel(values), "B00", OTHERS, ~HALF, HALF)
    moved = estimate(panel(values + common), "B00", OTHERS, ~HALF, HALF)
    assert moved.difference == pytest.approx(first.difference, abs=1e-7)
    lifted = values.copy()
    lifted[0, 24:] += shift
    other = estimate(panel(lifted), "B00", OTHERS, ~HALF, HALF)
    assert other.difference == pytest.approx(first.difference + shift, abs=1e-7)
    assert other.upper - other.lower == pytest.approx(first.upper - first.lower, abs=1e-6)
    scaled = estimate(panel(scale * values), "B00", OTHERS, ~HALF, HALF)
    assert scaled.difference == pytest.approx(scale * first.difference, abs=1e-6)
    assert first.lower <= first.difference <= first.upper
