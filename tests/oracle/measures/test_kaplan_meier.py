"""Kaplan-Meier against scipy and closed forms."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import CensoredData, ecdf

from branchwise.measures.kaplan_meier import (
    kaplan_meier,
    restricted_mean,
    survival_limits,
    wait_quantile,
)

WAITS = st.lists(st.tuples(st.integers(0, 40), st.booleans()), min_size=2, max_size=60)


def histogram(waits):
    times = np.unique([time for time, _ in waits]).astype(float)
    called = [sum(event for time, event in waits if time == at) for at in times]
    left = [sum(not event for time, event in waits if time == at) for at in times]
    return times, called, left


def scipy_curve(waits):
    called = [time for time, event in waits if event]
    left = [time for time, event in waits if not event]
    return ecdf(CensoredData(uncensored=called, right=left)).sf


@settings(deadline=None)
@given(WAITS)
def test_survival_is_scipys(waits):
    """The curve equals that of scipy's ecdf of the same censored data at every time."""
    curve = kaplan_meier(*histogram(waits))
    theirs = scipy_curve(waits)
    assert curve.survival == pytest.approx(theirs.evaluate(curve.times), abs=1e-12)


@settings(deadline=None)
@given(WAITS)
def test_log_log_limits_are_scipys(waits):
    """Greenwood's log-log limits equal scipy's wherever the curve is between 0 and 1."""
    curve = kaplan_meier(*histogram(waits))
    inside = (curve.survival > 1e-9) & (curve.survival < 1 - 1e-9)
    if not any(event for _, event in waits) or not inside.any():
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scipy divides by zero where the curve is 0
        theirs = scipy_curve(waits).confidence_interval(0.95, method="log-log")
    lower, upper = survival_limits(curve)
    assert lower[inside] == pytest.approx(theirs.low.evaluate(curve.times)[inside], abs=1e-9)
    assert upper[inside] == pytest.approx(theirs.high.evaluate(curve.times)[inside], abs=1e-9)


@settings(deadline=None)
@given(st.lists(st.integers(0, 50), min_size=1, max_size=50))
def test_without_censoring(waits):
    """With nobody leaving, the mean is the mean and quantiles are those of the sample."""
    curve = kaplan_meier(*histogram([(wait, True) for wait in waits]))
    value, lower, upper = restricted_mean(curve)
    assert value == pytest.approx(np.mean(waits))
    assert lower <= value + 1e-9 <= upper + 2e-9
    # Greenwood's variance of the mean without censoring is the variance (over n) over n.
    assert upper - value == pytest.approx(1.959964 * np.std(waits) / np.sqrt(len(waits)), abs=1e-6)
    expected = np.quantile(waits, 0.5, method="inverted_cdf")
    assert wait_quantile(curve, 0.5)[0] == expected


def test_freireich():
    """The remission times of Freireich et al. (1963): median 23, S(10) = 0.7529, se 0.0963."""
    called = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    left = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    waits = [(time, True) for time in called] + [(time, False) for time in left]
    curve = kaplan_meier(*histogram(waits))
    at_ten = list(curve.times).index(10)
    assert curve.survival[at_ten] == pytest.approx(0.7529, abs=5e-5)
    error = curve.survival[at_ten] * np.sqrt(curve.greenwood[at_ten])
    assert error == pytest.approx(0.0963, abs=5e-5)
    assert wait_quantile(curve, 0.5)[0] == 23


def test_quantile_that_is_not_reached():
    """Where nine in ten are never seen called, there is no P90."""
    curve = kaplan_meier([10, 20], [1, 0], [0, 9])
    assert np.isnan(wait_quantile(curve, 0.9)[0])


def test_exponential_closed_form():
    """Exponential calls (mean 300) with exponential leaving: P90 and mean come out true."""
    random = np.random.default_rng(11)
    call, leave = random.exponential(300, 200_000), random.exponential(900, 200_000)
    waits = np.floor(np.minimum(call, leave) * 100)
    times, place = np.unique(waits, return_inverse=True)
    called = np.bincount(place, call <= leave)
    left = np.bincount(place, call > leave)
    curve = kaplan_meier(times / 100, called, left)
    value, lower, upper = wait_quantile(curve, 0.9)
    assert lower < 300 * np.log(10) < upper
    assert value == pytest.approx(300 * np.log(10), rel=0.02)
    assert restricted_mean(curve)[0] == pytest.approx(300, rel=0.02)
