"""Funnels, peers and false discoveries against brute force and other programs."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from branchwise.measures.uncertainty import false_discovery
from branchwise.plan.funnel import (
    back,
    limits,
    onto,
    peer_funnel,
    standard_errors,
    tail_probability,
    weighted_median,
    winsorised_second_moment,
)
from branchwise.plan.peers import Profile, candidates


def test_q_values_equal_scipy():
    """The q-values of a diagnosis are those of scipy.stats.false_discovery_control."""
    p = np.random.default_rng(7).uniform(size=200) ** 3
    assert false_discovery(p) == pytest.approx(stats.false_discovery_control(p, method="bh"))


@pytest.mark.parametrize("share", [0.0, 0.05, 0.1, 0.2, 0.4])
def test_winsorised_second_moment_equals_integral(share):
    """The constant that makes the winsorised spread unbiased equals its defining integral."""
    cut = stats.norm.isf(share) if share else np.inf
    grid = np.linspace(-9, 9, 400_001)
    integral = np.trapezoid(np.clip(grid, -cut, cut) ** 2 * stats.norm.pdf(grid), grid)
    assert winsorised_second_moment(share) == pytest.approx(integral, abs=1e-6)


def test_weighted_median_equals_repetition():
    """A weighted median with whole weights is numpy's median of the values repeated."""
    generator = np.random.default_rng(3)
    for _ in range(50):
        values = generator.normal(size=generator.integers(1, 9))
        weights = generator.integers(1, 6, size=len(values))
        expected = np.median(np.repeat(values, weights))
        assert weighted_median(values, weights.astype(float)) == pytest.approx(expected)


def test_funnel_by_hand():
    """Without overdispersion z is the difference from the peers' median over its error."""
    values = np.array([10.0, 10.0, 10.0, 10.0, 10.0, 16.0])
    errors = np.full(6, 2.0)
    peers = [[other for other in range(6) if other != index] for index in range(6)]
    points = peer_funnel(values, errors, peers, winsorised_share=0.2)
    spread = np.sqrt(4 + np.pi / 2 * 4 / 5)
    assert points.between == 0.0
    assert points.reference[5] == 10.0
    assert points.z[5] == pytest.approx(6 / spread)
    assert tail_probability(points.z, points.degrees)[5] == pytest.approx(
        stats.t.sf(6 / spread, df=5)
    )
    low, high = limits(points, "linear")
    assert (high - low)[5] == pytest.approx(2 * stats.t.ppf(0.975, 5) * spread)


def test_overdispersion_is_estimated():
    """The spread between branches is found again where it was put in; 8 % are 3 standard errors."""
    generator = np.random.default_rng(11)
    count, tau = 4000, 0.3
    errors = generator.uniform(0.05, 0.4, size=count)
    values = generator.normal(scale=np.sqrt(errors**2 + tau**2))
    peers = [list(generator.integers(0, count, size=40)) for _ in range(count)]
    points = peer_funnel(values, errors, peers, winsorised_share=0.2)
    assert points.between == pytest.approx(tau, rel=0.08)


@pytest.mark.parametrize("scale", ["arcsine", "log", "linear"])
def test_scales_and_back(scale):
    """A value put onto a scale and back is itself, and a symmetric interval gives its error."""
    values = np.array([0.02, 0.5, 0.97])
    assert back(scale, onto(scale, values)) == pytest.approx(values)
    middle, error = onto(scale, values), 0.05
    lower, upper = (back(scale, middle + sign * 1.959964 * error) for sign in (-1, 1))
    assert standard_errors(scale, values, lower, upper) == pytest.approx(error, rel=1e-5)


def test_one_open_end_uses_the_other():
    """An interval whose upper end is not reached gives the error of its lower half."""
    found = standard_errors("linear", np.array([5.0]), np.array([3.04]), np.array([np.nan]))
    assert found[0] == pytest.approx(1.0, rel=1e-4)


def test_peers_equal_brute_force():
    """The nearest branches of the type are those found by sorting every distance by hand."""
    generator = np.random.default_rng(5)
    kinds = ("cash", "wealth", "corporate")
    profiles = []
    for index in range(30):
        share = generator.dirichlet(np.ones(3))
        profiles.append(
            Profile(
                branch_id=f"B{index:02d}",
                branch_type=("light", "county", "flagship")[index % 3],
                visits=float(generator.lognormal(8, 1)),
                mix=dict(zip(kinds, share, strict=True)),
            )
        )

    def apart(one, other):
        mix = sum(abs(one.mix[kind] - other.mix[kind]) for kind in kinds) / 2
        return abs(np.log1p(one.visits) - np.log1p(other.visits)) + mix

    found = candidates(profiles)
    for one in profiles:
        others = [other for other in profiles if other is not one]
        others.sort(key=lambda other: (round(apart(one, other), 12), other.branch_id))
        assert found[one.branch_id].bank == tuple(other.branch_id for other in others)
        assert found[one.branch_id].like == tuple(
            other.branch_id for other in others if other.branch_type == one.branch_type
        )
