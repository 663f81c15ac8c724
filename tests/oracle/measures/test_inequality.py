"""Gini and Theil against brute force, decomposition and closed forms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from branchwise.measures.inequality import STATISTICS, gini, jackknife, theil, theil_between

UNITS = st.lists(
    st.tuples(st.integers(0, 9), st.integers(1, 9), st.integers(0, 2)), min_size=2, max_size=12
).filter(lambda rows: sum(row[0] for row in rows) > 0)


@settings(deadline=None)
@given(UNITS)
def test_gini_is_the_mean_difference(rows):
    """Gini is half the mean absolute difference of resource per demand, over its mean."""
    y, w, _ = np.array(rows, dtype=float).T
    rate, weight = y / w, w / w.sum()
    differences = np.abs(rate[:, None] - rate[None, :])
    expected = (weight[:, None] * weight[None, :] * differences).sum() / 2 / (weight @ rate)
    assert gini(y, w) == pytest.approx(expected, abs=1e-12)


@settings(deadline=None)
@given(UNITS)
def test_theil_decomposes(rows):
    """Between plus the groups' own indices, weighted by their resource, is the whole."""
    y, w, g = np.array(rows, dtype=float).T
    within = 0.0
    for group in np.unique(g):
        own = g == group
        if y[own].sum() > 0:
            within += y[own].sum() / y.sum() * theil(y[own], w[own])
    assert theil_between(y, w, g) + within == pytest.approx(theil(y, w), abs=1e-12)


@settings(deadline=None)
@given(UNITS, st.integers(2, 5))
def test_cloned_units_change_nothing(rows, clones):
    """Each unit split into equal parts leaves both indices as they are."""
    y, w, _ = np.array(rows, dtype=float).T
    many = (np.repeat(y, clones), np.repeat(w, clones))
    assert gini(*many) == pytest.approx(gini(y, w), abs=1e-9)
    assert theil(*many) == pytest.approx(theil(y, w), abs=1e-9)


def test_pareto_closed_form():
    """Of a Pareto distribution of shape 3 the Gini is 1/5 and Theil ln(2/3) + 1/2."""
    ranks = (np.arange(400_000) + 0.5) / 400_000
    y = (1 - ranks) ** (-1 / 3)
    ones = np.ones_like(y)
    assert gini(y, ones) == pytest.approx(0.2, abs=1e-3)
    assert theil(y, ones) == pytest.approx(np.log(2 / 3) + 0.5, abs=1e-3)


def test_jackknife_coverage():
    """Limits of 60 exponential units hold the true Gini of 1/2 in most of the trials."""
    random = np.random.default_rng(4)
    covered = 0
    for _ in range(300):
        y = random.exponential(1, 60)
        none = np.zeros(60, dtype=np.int64)
        _, lower, upper = jackknife(STATISTICS["gini"], y, np.ones(60), none)
        covered += lower <= 0.5 <= upper
    assert 0.88 <= covered / 300 <= 0.99


def test_nothing_to_share():
    """Without resource or demand there is no inequality to tell."""
    assert np.isnan(gini([0, 0], [1, 1]))
    assert np.isnan(theil([1, 1], [0, 0]))
