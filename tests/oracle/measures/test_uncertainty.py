"""Intervals against closed forms, other programs and simulated truth."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from branchwise.measures.histograms import histogram_quantile
from branchwise.measures.uncertainty import (
    ClusterSums,
    false_discovery,
    fixed_ratio_variance,
    mean_interval,
    proportion_interval,
    ratio_variance,
)

TRIALS = 2000


def sums_of(n, d):
    """Cluster sums of trials: n and d of shape (trials, clusters)."""
    return ClusterSums(
        n=n.sum(1),
        d=d.sum(1),
        nn=(n * n).sum(1),
        nd=(n * d).sum(1),
        dd=(d * d).sum(1),
        clusters=np.full(len(n), float(n.shape[1])),
    )


def test_equal_clusters_are_a_plain_mean():
    """With one row a cluster the variance and the interval are those of the t test."""
    values = np.random.default_rng(3).normal(5, 2, (1, 12))
    sums = sums_of(values, np.ones_like(values))
    variance = ratio_variance(sums)
    assert variance == pytest.approx(values.var(ddof=1) / 12)
    lower, upper = mean_interval(sums.n / sums.d, variance, sums.clusters)
    theirs = stats.ttest_1samp(values[0], 0).confidence_interval(0.95)
    assert (lower[0], upper[0]) == pytest.approx((theirs.low, theirs.high))


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 60)), min_size=3, max_size=30))
def test_linearisation_against_residuals(days):
    """The variance from sums of squares equals the one from each day's residual."""
    n, d = np.array(days, dtype=float).T
    ratio = n.sum() / d.sum()
    expected = len(n) / (len(n) - 1) * ((n - ratio * d) ** 2).sum() / d.sum() ** 2
    assert ratio_variance(sums_of(n[None], d[None]))[0] == pytest.approx(
        expected, rel=1e-6, abs=1e-12
    )


def test_fixed_denominator():
    """Over a known number of heads the variance is that of a total of days."""
    n = np.array([[3.0, 5.0, 10.0, 2.0]])
    sums = ClusterSums(
        n=n.sum(1),
        d=np.array([8.0]),
        nn=(n * n).sum(1),
        nd=np.zeros(1),
        dd=np.zeros(1),
        clusters=np.array([4.0]),
    )
    assert fixed_ratio_variance(sums) == pytest.approx(4 * n.var(ddof=1) / 64)


def test_no_interval_from_one_day():
    """One cluster tells nothing about the spread between clusters."""
    sums = sums_of(np.array([[4.0]]), np.array([[9.0]]))
    assert np.isnan(ratio_variance(sums)).all()


@pytest.mark.parametrize(("share", "count"), [(0.0, 7), (0.25, 40), (1.0, 12), (0.5, 1000)])
def test_wilson_is_scipys(share, count):
    """With independent rows and many clusters the limits are scipy's Wilson limits."""
    theirs = stats.binomtest(round(share * count), count).proportion_ci(method="wilson")
    variance = share * (1 - share) / count
    lower, upper = proportion_interval([share], [variance], [count], [1e12])
    assert (lower[0], upper[0]) == pytest.approx((theirs.low, theirs.high), abs=1e-9)


def days_with_weather(random, clusters, mean, spread):
    """Rows and successes by day, where days differ by more than chance."""
    rows = random.poisson(60, (TRIALS, clusters)) + 1
    rate = np.clip(random.normal(mean, spread, (TRIALS, clusters)), 0, 1)
    return random.binomial(rows, rate).astype(float), rows.astype(float)


@pytest.mark.parametrize(("mean", "spread"), [(0.15, 0.08), (0.5, 0.1), (0.01, 0.0)])
def test_share_coverage(mean, spread):
    """95 % intervals of shares over 20 uneven days hold the truth in about 95 % of trials."""
    n, d = days_with_weather(np.random.default_rng(5), 20, mean, spread)
    truth = np.clip(np.random.default_rng(6).normal(mean, spread, 10**6), 0, 1).mean()
    sums = sums_of(n, d)
    lower, upper = proportion_interval(sums.n / sums.d, ratio_variance(sums), sums.d, sums.clusters)
    covered = np.mean((lower <= truth) & (truth <= upper))
    assert 0.925 <= covered <= 0.985


def test_naive_share_would_not_cover():
    """The same days taken as independent rows cover far less: days are needed."""
    n, d = days_with_weather(np.random.default_rng(5), 20, 0.15, 0.08)
    share = n.sum(1) / d.sum(1)
    half = 1.96 * np.sqrt(share * (1 - share) / d.sum(1))
    truth = np.clip(np.random.default_rng(6).normal(0.15, 0.08, 10**6), 0, 1).mean()
    assert np.mean(np.abs(share - truth) <= half) < 0.75


def test_mean_coverage():
    """95 % intervals of a mean over 15 days of correlated visits cover in about 95 %."""
    random = np.random.default_rng(8)
    d = random.poisson(40, (TRIALS, 15)) + 1.0
    day = random.gamma(4, 75, (TRIALS, 15))
    n = d * day + np.sqrt(d) * random.normal(0, 200, (TRIALS, 15))
    sums = sums_of(n, d)
    lower, upper = mean_interval(sums.n / sums.d, ratio_variance(sums), sums.clusters)
    assert 0.925 <= np.mean((lower <= 300) & (upper >= 300)) <= 0.97


@settings(deadline=None)
@given(
    st.lists(st.integers(0, 30), min_size=1, max_size=60), st.floats(0, 1, allow_subnormal=False)
)
def test_histogram_quantile_is_numpys(values, probability):
    """A quantile of counts equals numpy's of the list."""
    distinct, counts = np.unique(np.array(values, dtype=float), return_counts=True)
    found = histogram_quantile(distinct, counts.astype(float), np.array([probability]))
    assert found[0] == pytest.approx(np.quantile(values, probability), abs=1e-6)


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_false_discovery_is_scipys(p_values):
    """q values equal scipy's Benjamini-Hochberg; untested ones are passed by."""
    theirs = stats.false_discovery_control(p_values, method="bh")
    assert false_discovery(p_values) == pytest.approx(theirs)
    with_gap = false_discovery([np.nan, *p_values])
    assert np.isnan(with_gap[0])
    assert with_gap[1:] == pytest.approx(theirs)
