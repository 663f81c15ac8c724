"""Properties that every comparison, goal and selection keeps, whatever the values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.experiments.samplers import Fixed, Normal

from branchwise.experiments.allocation import next_runs
from branchwise.experiments.intervals import mean_interval, quantile_interval, ratio_values
from branchwise.experiments.model import Goal
from branchwise.experiments.pairing import compare
from branchwise.experiments.power import power_means, power_paired, power_shares
from branchwise.experiments.precision import sequential, two_stage
from branchwise.experiments.sample_size import size_means, size_paired, size_shares
from branchwise.experiments.screening import screen
from branchwise.experiments.selection import select_kn, select_ocba

value = st.floats(-1e6, 1e6).map(lambda number: round(number, 3))
values = st.lists(value, min_size=2, max_size=40)
pairs = st.lists(st.tuples(value, value), min_size=2, max_size=40)
seeds = st.integers(0, 10_000)
# Twelve at the most: quick, and every branch of the procedures is met.
sizes = st.integers(2, 12)


def world(count, seed, correlation=0.5):
    """Return values of candidates whose means lie a few tenths apart, some of them tied."""
    chance = np.random.default_rng(seed)
    means = chance.integers(0, 8, count) * 0.3
    return Normal(means, correlation=correlation, replications=400, seed=seed)(range(count), 0, 400)


@given(values, st.floats(0.5, 0.999))
def test_limits_enclose_the_estimate(given_values, confidence):
    """Mean and quantiles lie within their limits, and a higher confidence never narrows them."""
    mean = mean_interval(given_values, confidence=confidence)
    assert mean.lower <= mean.estimate <= mean.upper
    for probability in (0.1, 0.5, 0.9):
        found = quantile_interval(given_values, probability=probability, confidence=confidence)
        surer = quantile_interval(given_values, probability=probability, confidence=0.9999)
        assert found.lower <= found.estimate <= found.upper
        assert surer.lower <= found.lower
        assert surer.upper >= found.upper


@given(pairs)
def test_a_comparison_has_two_sides(given_pairs):
    """Scenario against baseline is the mirror image of baseline against scenario."""
    one, other = np.array(given_pairs).T
    forth, back = compare(one, other), compare(other, one)
    assert forth.difference == -back.difference
    assert (forth.lower, forth.upper) == (-back.upper, -back.lower)
    assert forth.variance_reduction == back.variance_reduction


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 50)), min_size=2, max_size=30))
def test_ratio_values_mean_the_ratio(days):
    """The linearised values have the ratio as their mean; with equal days both methods agree."""
    n, d = np.array(days, dtype=float).T
    assert ratio_values(n, d, method="delta").mean() == pytest.approx(n.sum() / d.sum())
    equal = np.full(n.size, 7.0)
    assert ratio_values(n, equal) == pytest.approx(n / 7)
    assert ratio_values(n, equal, method="delta") == pytest.approx(n / 7)


@settings(deadline=None)
@given(seeds, st.floats(0.02, 3.0), st.integers(2, 30), st.integers(0, 80), st.booleans())
def test_goals_are_reached_or_said_not_to_be(seed, half_width, first, more, relative):
    """Either as narrow as wanted, or at the cap and said so; never beyond the cap."""
    row = np.random.default_rng(seed).normal(3.0, 1.0, (1, 120))
    goal = Goal(half_width=half_width, relative=relative, first=first, cap=first + more)
    for rule in (two_stage, sequential):
        found = rule(Fixed(row), goal)
        count = found.values.size
        assert first <= count <= goal.cap
        assert found.values.tolist() == row[0, :count].tolist()
        assert found.reached == (found.interval.half_width <= found.wanted * (1 + 1e-12))
        assert not (found.reached and found.capped)
        assert found.reached or found.capped


@given(
    st.lists(st.tuples(st.integers(2, 60), st.floats(0, 1)), min_size=2, max_size=30),
    st.integers(0, 200),
)
def test_all_runs_are_given_out(candidates, more):
    """Nothing is lost in rounding, nobody gets a negative number, nobody without weight any."""
    counts = np.array([count for count, _ in candidates])
    weights = np.array([weight for _, weight in candidates])
    extra = next_runs(counts, weights, more)
    assert (extra >= 0).all()
    assert extra.sum() == (more if weights.any() else 0)
    assert not extra[weights == 0].any()


@settings(deadline=None, max_examples=60)
@given(seeds, sizes, st.integers(2, 8), st.integers(0, 200), st.sampled_from([0.0, 0.2]))
def test_ocba_is_sound(seed, count, first, more, zone):
    """Budget, first stage, chosen among the survivors, gaps against it, a probability: all hold."""
    sample = Fixed(world(count, seed))
    budget = count * first + more
    for pairing in ("common", "independent"):
        found = select_ocba(
            sample, range(count), budget=budget, first=first, indifference=zone, pairing=pairing
        )
        assert (found.runs >= first).all()
        assert found.runs.sum() <= budget
        assert found.chosen in found.survivors
        assert found.gaps[found.chosen] == 0
        assert 0 <= found.probability <= 1
        assert found.reached == (found.probability >= 0.95)
        assert (found.gap_lower <= found.gaps).all()
        assert (found.lower <= found.means).all()
        assert found.exhausted == (found.runs.sum() == budget and not found.reached)


@settings(deadline=None, max_examples=40)
@given(seeds, sizes, st.integers(3, 10), st.integers(1, 7))
def test_kn_is_sound(seed, count, first, step):
    """The chosen one survives, ran longest, and nobody left over has a smaller mean."""
    found = select_kn(
        Fixed(world(count, seed)),
        range(count),
        indifference=0.4,
        first=first,
        step=step,
        budget=790,
    )
    assert found.chosen in found.survivors
    assert found.runs[found.chosen] == found.runs.max()
    assert all(found.means[found.chosen] <= found.means[name] for name in found.survivors)
    assert found.reached or found.exhausted


@settings(deadline=None, max_examples=30)
@given(seeds, sizes, st.randoms(use_true_random=False), st.integers(-3, 3))
def test_units_and_order_do_not_matter(seed, count, random, power):
    """Other units give the same choice and runs; for KN another order does so too."""
    block = world(count, seed) + np.linspace(0, 0.05, count)[:, np.newaxis]
    order = list(range(count))
    random.shuffle(order)
    scale = 2.0**power
    for choose, given_arguments in (
        (select_ocba, {"budget": count * 10 + 50}),
        (select_kn, {"budget": count * 60}),
    ):
        plain = choose(Fixed(block), range(count), indifference=0.25, **given_arguments)
        scaled = choose(
            Fixed(block * scale), range(count), indifference=0.25 * scale, **given_arguments
        )
        assert (scaled.chosen, scaled.runs.tolist()) == (plain.chosen, plain.runs.tolist())
    shuffled = select_kn(Fixed(block), order, indifference=0.25, **given_arguments)
    assert shuffled.chosen == plain.chosen
    assert shuffled.runs.tolist() == plain.runs[order].tolist()


@settings(deadline=None)
@given(seeds, sizes, st.integers(2, 10), st.floats(0.5, 0.9))
def test_screening_keeps_the_leader(seed, count, replications, confidence):
    """The candidate with the smallest mean is never out; more confidence keeps at least as many."""
    block = world(count, seed)[:, :replications]
    kept = screen(block, confidence=confidence)
    assert kept[block.mean(axis=1).argmin()]
    assert (screen(block, confidence=0.99) >= kept).all()


@settings(deadline=None)
@given(st.floats(0.05, 3.0), st.floats(0.3, 0.99), st.floats(0.5, 0.99), st.sampled_from([1, 2]))
def test_sizes_are_the_smallest(effect, power, confidence, sides):
    """The size told reaches the power, one unit fewer does not."""
    arguments = {"confidence": confidence, "sides": sides}
    paired = size_paired(effect, 1.0, power=power, **arguments)
    assert paired.power >= power
    if paired.first > 2:
        assert power_paired(effect, 1.0, paired.first - 1, **arguments) < power
    groups = size_means(effect, 1.0, power=power, **arguments)
    if groups.first > 2:
        fewer = groups.first - 1
        assert power_means(effect, 1.0, fewer, fewer, **arguments) < power
    other = 0.5 + effect / 7
    shares = size_shares(0.5, other, power=power, **arguments)
    assert power_shares(0.5, other, shares.first, shares.second, **arguments) >= power
