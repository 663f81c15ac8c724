"""Paired comparisons against hand-worked numbers and scipy."""

import math

import numpy as np
import pytest
from scipy.stats import ttest_rel
from tests.unit.experiments.samplers import Fixed

from branchwise.core.errors import BranchwiseError
from branchwise.experiments.pairing import compare, compare_many, compare_ratios, differences


def test_pair_by_hand():
    """Differences -1, -2, -1: mean -4/3, s² 1/3, error 1/3; variances 4 + 19/3 against 1/3."""
    found = compare([5, 9, 7], [6, 11, 8])
    assert found.difference == pytest.approx(-4 / 3)
    assert found.standard_error == pytest.approx(1 / 3)
    assert found.variance_reduction == pytest.approx((4 + 19 / 3) / (1 / 3))
    assert (found.scenario, found.baseline) == (7.0, pytest.approx(25 / 3))
    assert not found.is_distinct


def test_agrees_with_scipy():
    """Limits are those of scipy's paired t test."""
    chance = np.random.default_rng(3)
    busy = chance.normal(0, 5, 30)
    one, other = busy + chance.normal(10, 1, 30), busy + chance.normal(11, 1, 30)
    found = compare(one, other, confidence=0.9)
    expected = ttest_rel(one, other).confidence_interval(0.9)
    assert (found.lower, found.upper) == pytest.approx((expected.low, expected.high))
    assert found.is_distinct


def test_many_share_the_error():
    """Each of four limits is that of a single comparison at 1 - 0.05 / 4."""
    chance = np.random.default_rng(4)
    scenarios, baseline = chance.normal(size=(4, 12)), chance.normal(size=12)
    together = compare_many(scenarios, baseline)
    for row, found in zip(scenarios, together, strict=True):
        alone = compare(row, baseline, confidence=1 - 0.05 / 4)
        assert (found.lower, found.upper) == pytest.approx((alone.lower, alone.upper))
        assert (found.confidence, found.comparisons) == (0.95, 4)


def test_difference_that_never_varies():
    """A scenario always 2 above its baseline: no width, infinitely many independent runs."""
    found = compare([3, 4, 9], [1, 2, 7])
    assert (found.lower, found.difference, found.upper) == (2, 2, 2)
    assert math.isinf(found.variance_reduction)
    assert compare([1, 1], [1, 1]).variance_reduction == 1.0


def test_shares_are_weighted_by_customers():
    """A full day of 90 % and a quiet one of 0 %: the share is 90/110, not the mean 45 %."""
    came = [100.0, 10.0, 100.0, 10.0]
    (found,) = compare_ratios(([90, 0, 90, 0], came), ([80, 0, 80, 0], came), method="delta")
    assert found.scenario == pytest.approx(180 / 220)
    assert found.difference == pytest.approx(20 / 220)


def test_many_ratios_against_one():
    """Rows of several scenarios are compared with one baseline, jackknifed alike."""
    came = np.array([[10.0, 12, 9], [11, 12, 10]])
    found = compare_ratios((came * 0.5, came), ([4, 5, 4], [10, 12, 9]))
    assert len(found) == 2
    assert found[0].scenario == pytest.approx(0.5)
    assert found[0].comparisons == 2


def test_differences_of_a_sampler():
    """The sampler of differences asks for the baseline beside the candidates, once a call."""
    level = Fixed([[1, 2, 3], [2, 2, 2], [5, 5, 8]])
    changed = differences(level, 0)
    assert changed([1, 2], 1, 2).tolist() == [[0, -1], [3, 5]]
    assert sorted(level.asked) == [(c, r) for c in range(3) for r in (1, 2)]


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: compare([1, 2, 3], [1, 2]), "BW-EXP-006"),
        (lambda: compare([1, 2], [1, math.nan]), "BW-EXP-001"),
        (lambda: compare([1], [1]), "BW-EXP-002"),
        (lambda: compare([1, 2], [1, 2], confidence=0), "BW-EXP-004"),
        (lambda: compare_many([1, 2], [1, 2]), "BW-EXP-006"),
        (lambda: compare_ratios(([1, 2], [0, 0]), ([1, 2], [3, 3])), "BW-EXP-009"),
    ],
)
def test_bad_input_is_refused(call, code):
    """Unlike replications are not paired; other bad input has its own code."""
    with pytest.raises(BranchwiseError) as raised:
        call()
    assert [problem.code for problem in raised.value.problems] == [code]
