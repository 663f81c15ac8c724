"""Intervals of one scenario against hand-worked numbers and exact distributions."""

import itertools
import math

import numpy as np
import pytest
from scipy.stats import binom
from scipy.stats import t as student_t

from branchwise.core.errors import BranchwiseError
from branchwise.experiments.intervals import (
    mean_interval,
    pooled_quantile_interval,
    quantile_interval,
    ratio_interval,
    ratio_values,
    student,
)
from branchwise.measures.uncertainty import ClusterSums, ratio_variance


def codes(raised):
    return [problem.code for problem in raised.value.problems]


def test_mean_by_hand():
    """Of 4, 6, 8: mean 6, s = 2, half-width 4.3027 x 2 / sqrt 3."""
    found = mean_interval([4, 6, 8])
    assert (found.estimate, found.replications) == (6.0, 3)
    assert found.half_width == pytest.approx(4.302653 * 2 / math.sqrt(3), rel=1e-6)
    assert found.upper - 6 == pytest.approx(6 - found.lower)


@pytest.mark.parametrize("comparisons", [1, 7, 4000])
def test_bonferroni_quantiles(comparisons):
    """The quantile for m comparisons is that of the error divided by m."""
    expected = student_t.ppf(1 - 0.05 / (2 * comparisons), 11)
    assert float(student(11, 0.95, comparisons)) == pytest.approx(expected)


def test_share_by_hand():
    """9/10, 18/20, 30/40: share 57/70; residuals 6/7, 12/7, -18/7 give the variance by hand."""
    found = ratio_interval([9, 18, 30], [10, 20, 40], method="delta")
    variance = (36 + 144 + 324) / 49 / (3 * 2) / (70 / 3) ** 2
    assert found.estimate == pytest.approx(57 / 70)
    assert found.half_width == pytest.approx(4.302653 * math.sqrt(variance), rel=1e-6)


def test_share_agrees_with_measures():
    """The delta method gives the variance that the measures of the bank give over days."""
    chance = np.random.default_rng(20260801)
    d = chance.integers(50, 300, 24).astype(float)
    n = chance.binomial(d.astype(int), 0.8).astype(float)
    totals = {"n": n, "d": d, "nn": n * n, "nd": n * d, "dd": d * d, "clusters": np.ones(24)}
    sums = ClusterSums(**{name: values.sum(keepdims=True) for name, values in totals.items()})
    values = ratio_values(n, d, method="delta")
    assert values.var(ddof=1) / 24 == pytest.approx(ratio_variance(sums)[0])


def test_jackknife_by_leaving_out():
    """Pseudo-values are those worked out by leaving each replication out in a loop."""
    n, d = np.array([3.0, 5, 2, 8]), np.array([4.0, 9, 3, 8])
    whole = n.sum() / d.sum()
    expected = [
        4 * whole - 3 * np.delete(n, number).sum() / np.delete(d, number).sum()
        for number in range(4)
    ]
    assert ratio_values(n, d) == pytest.approx(expected)


def test_jackknife_removes_bias():
    """Over all samples of four days of a small world, the jackknife is less biased than n / d."""
    world = [(1.0, 3.0), (6.0, 8.0), (4.0, 4.0)]
    truth = 11 / 15
    plain, jackknifed = [], []
    for days in itertools.product(world, repeat=4):
        n, d = np.array(days).T
        plain.append(n.sum() / d.sum())
        jackknifed.append(ratio_values(n, d).mean())
    assert abs(np.mean(jackknifed) - truth) < abs(np.mean(plain) - truth) / 2


@pytest.mark.parametrize(("count", "probability"), [(10, 0.5), (36, 0.9), (200, 0.9), (59, 0.95)])
def test_order_statistics_hold_exactly(count, probability):
    """The exact coverage of the limits, summed from the binomial, is at least 95 %."""
    found = quantile_interval(np.arange(1, count + 1), probability=probability)
    lowest = 0 if math.isinf(found.lower) else int(found.lower)
    highest = count + 1 if math.isinf(found.upper) else int(found.upper)
    states = np.arange(lowest, highest)
    assert binom.pmf(states, count, probability).sum() >= 0.95


def test_too_few_for_an_upper_limit():
    """35 values bound no 90 % quantile from above (0.9^35 > 2.5 %), 36 do."""
    few = quantile_interval(np.arange(35), probability=0.9)
    enough = quantile_interval(np.arange(36), probability=0.9)
    assert math.isinf(few.upper)
    assert math.isinf(few.half_width)
    assert enough.upper == 35


def test_pooled_quantile_by_hand():
    """Two batches {1, 2, 3} and {5, 6, 7}: median 4, without each 6 and 2, so 4 +- 12.7 x 2."""
    found = pooled_quantile_interval([[1, 2, 3], [5, 6, 7]], probability=0.5, batches=2)
    assert found.estimate == 4.0
    assert found.half_width == pytest.approx(12.7062 * 2, rel=1e-5)


def test_empty_days_count_as_days():
    """A replication in which nobody came is allowed and belongs to its batch."""
    found = pooled_quantile_interval([[1, 2], [], [3, 4], [2, 9]], probability=0.5, batches=4)
    assert found.replications == 4
    assert found.estimate == 2.5


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: mean_interval([1.0]), "BW-EXP-002"),
        (lambda: mean_interval([1.0, math.nan]), "BW-EXP-001"),
        (lambda: mean_interval([[1.0, 2.0]]), "BW-EXP-006"),
        (lambda: mean_interval([1.0, 2.0], confidence=1.0), "BW-EXP-004"),
        (lambda: quantile_interval([1.0, 2.0], probability=0.0), "BW-EXP-008"),
        (lambda: ratio_interval([1, 2], [3, 4, 5]), "BW-EXP-006"),
        (lambda: ratio_interval([0, 2], [0, 4]), "BW-EXP-009"),
        (lambda: pooled_quantile_interval([[1], [2]], probability=0.5), "BW-EXP-008"),
        (
            lambda: pooled_quantile_interval([[], [1, 2]], probability=0.5, batches=2),
            "BW-EXP-002",
        ),
    ],
)
def test_bad_input_is_refused(call, code):
    """What has no interval gets an error with its own code, never NaN."""
    with pytest.raises(BranchwiseError) as raised:
        call()
    assert codes(raised) == [code]


def test_error_names_the_place():
    """A value that is not finite is named by its place and counted."""
    with pytest.raises(BranchwiseError, match=r"2 of 4 simulated values") as raised:
        mean_interval([1.0, math.inf, 2.0, math.nan])
    assert raised.value.problems[0].where.keys == ("(1,)", "(3,)")
