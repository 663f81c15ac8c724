"""What experiments promise, as rates over many seeded trials.

Tolerances are three to four standard errors of the rate at hand: a fault shows, luck does not.
"""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from tests.unit.experiments.samplers import Normal

from branchwise.core.randomness import stream
from branchwise.experiments.intervals import (
    mean_interval,
    pooled_quantile_interval,
    quantile_interval,
)
from branchwise.experiments.model import Goal
from branchwise.experiments.pairing import compare, compare_many
from branchwise.experiments.precision import sequential, two_stage
from branchwise.experiments.selection import select_kn, select_ocba


def rate(hits):
    """Return the share of hits and its standard error."""
    share = float(np.mean(hits))
    return share, np.sqrt(max(share * (1 - share), 0.25 / len(hits)) / len(hits))


@pytest.mark.parametrize(
    ("count", "correlation", "step"), [(10, 0.0, 1), (10, 0.8, 1), (10, 0.8, 10), (2, 0.0, 1)]
)
def test_kn_is_right_as_often_as_it_promises(count, correlation, step):
    """Slippage (all others worse by just the zone): right in 90 % or more of 200 trials."""
    means = np.full(count, 0.5)
    means[-1] = 0.0
    right = []
    for trial in range(200):
        sample = Normal(means, correlation=correlation, path=("kn", count, trial))
        found = select_kn(sample, range(count), indifference=0.5, confidence=0.9, step=step)
        right.append(found.chosen == count - 1)
    assert np.mean(right) >= 0.9


def test_kn_keeps_its_promise_after_screening():
    """With 150 candidates and half of the error spent on screening: right in 90 % or more."""
    means = np.full(150, 0.5)
    means[70] = 0.0
    right = []
    for trial in range(50):
        sample = Normal(means, correlation=0.5, replications=900, path=("many", trial))
        found = select_kn(sample, range(150), indifference=0.5, confidence=0.9)
        right.append(found.chosen == 70)
    assert np.mean(right) >= 0.9


def test_common_random_numbers_save_runs_of_kn():
    """A correlation of 0.8 leaves a fifth of the variance: under half of the runs are needed."""
    means = np.linspace(0, 1, 10)
    spent = []
    for correlation in (0.0, 0.8):
        runs = [
            select_kn(
                Normal(means, correlation=correlation, replications=5000, path=("save", trial)),
                range(10),
                indifference=0.1,
                step=5,
            ).runs.sum()
            for trial in range(8)
        ]
        spent.append(np.mean(runs))
    assert spent[1] < spent[0] / 2


@pytest.mark.parametrize(
    ("correlation", "pairing"), [(0.0, "independent"), (0.5, "common"), (0.9, "common")]
)
def test_ocba_beats_equal_allocation(correlation, pairing):
    """80 candidates, 1,000 runs: right more often than with the same runs shared out equally."""
    means = np.arange(80) * 0.1
    spread, equal = [], []
    for trial in range(100):
        sample = Normal(means, correlation=correlation, replications=600, path=("ocba", trial))
        found = select_ocba(
            sample, range(80), budget=1000, first=5, confidence=0.9999, pairing=pairing
        )
        assert found.runs.sum() <= 1000
        spread.append(found.chosen == 0)
        equal.append(int(sample(range(80), 0, 13).mean(axis=1).argmin()) == 0)
    assert np.mean(spread) > np.mean(equal) + 3 * rate(np.array(spread) * 1.0 - equal)[1]


def test_ocba_does_not_boast():
    """Stopped at an estimated 0.9 within a zone, the choice is within it in 90 % or more."""
    means = np.arange(20) * 0.15
    good, told = [], []
    for trial in range(200):
        sample = Normal(means, correlation=0.6, path=("boast", trial))
        found = select_ocba(
            sample, range(20), budget=6000, confidence=0.9, indifference=0.16, step=20
        )
        told.append(found.reached)
        good.append(means[found.chosen] <= 0.16)
    assert all(told)
    assert np.mean(good) >= 0.9


def test_pairs_reduce_variance_as_correlation_says():
    """With correlation 0.9 the factor is 10, and paired limits still cover at their rate."""
    factors, covered = [], []
    for trial in range(400):
        values = Normal([0.0, 0.3], correlation=0.9, replications=25, path=("crn", trial))
        one, other = values([0, 1], 0, 25)
        found = compare(other, one)
        factors.append(found.variance_reduction)
        covered.append(found.lower <= 0.3 <= found.upper)
    assert np.median(factors) == pytest.approx(10, rel=0.15)
    share, error = rate(covered)
    assert share == pytest.approx(0.95, abs=4 * error)


def test_many_comparisons_hold_together():
    """All of 20 limits against one baseline hold at once in 95 % of trials or more."""
    held = []
    for trial in range(400):
        values = Normal(np.zeros(21), correlation=0.5, replications=15, path=("all", trial))
        block = values(range(21), 0, 15)
        held.append(not any(found.is_distinct for found in compare_many(block[1:], block[0])))
    share, error = rate(held)
    assert share >= 0.95 - 3 * error


@pytest.mark.parametrize("rule", [two_stage, sequential])
@pytest.mark.parametrize("goal", [Goal(half_width=0.2), Goal(half_width=0.05, relative=True)])
def test_precision_covers(rule, goal):
    """Stopped when narrow enough, the limits cover the mean in 95 % of 600 trials, less 3 s.e."""
    covered, error = [], []
    for trial in range(600):
        found = rule(Normal([5.0], replications=1200, path=("width", trial)), goal)
        assert found.reached
        covered.append(found.interval.lower <= 5.0 <= found.interval.upper)
        error.append(abs(found.interval.estimate - 5.0))
    share, chance = rate(covered)
    assert share >= 0.95 - 3 * chance
    assert np.mean(np.array(error) <= (0.25 if goal.relative else 0.2)) >= 0.95 - 3 * chance


def test_quantiles_cover():
    """Order-statistic limits, run until narrow, cover the 90 % quantile of skewed values."""
    truth, covered = -np.log(0.1), []
    estimate = partial(quantile_interval, probability=0.9)
    for trial in range(300):
        values = stream(5, "quantiles", trial).exponential(1.0, (1, 4000))
        found = sequential(
            lambda _, first, count, values=values: values[:, first : first + count],
            Goal(half_width=0.5, first=40),
            estimate=estimate,
        )
        covered.append(found.interval.lower <= truth <= found.interval.upper)
    share, error = rate(covered)
    assert share >= 0.95 - 3 * error


def test_days_not_customers_decide_the_width():
    """Customers of a day share its load: batches of days cover, limits from customers do not."""

    def day(chance):
        return chance.exponential(np.exp(0.3 * chance.standard_normal()), 200)

    large = stream(5, "truth")
    truth = np.quantile(np.concatenate([day(large) for _ in range(5000)]), 0.9)
    by_days, by_customers = [], []
    for trial in range(250):
        chance = stream(5, "days", trial)
        days = [day(chance) for _ in range(20)]
        found = pooled_quantile_interval(days, probability=0.9)
        by_days.append(found.lower <= truth <= found.upper)
        naive = quantile_interval(np.concatenate(days), probability=0.9)
        by_customers.append(naive.lower <= truth <= naive.upper)
    share, error = rate(by_days)
    assert share >= 0.95 - 3 * error
    assert np.mean(by_customers) < 0.8


def test_mean_interval_covers():
    """Student limits of eight normal replications cover the mean in 95 % of 4,000 trials."""
    values = stream(5, "means").normal(2.0, 3.0, (4000, 8))
    limits = [mean_interval(row) for row in values]
    share, error = rate([found.lower <= 2.0 <= found.upper for found in limits])
    assert share == pytest.approx(0.95, abs=4 * error)
