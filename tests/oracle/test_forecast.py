"""Forecasting against brute force: conditioning, scores, weights, quantiles."""

import numpy as np
import pytest

from branchwise.models.forecast import backtest
from branchwise.models.forecast.combination import weights
from branchwise.models.forecast.intervals import (
    Errors,
    limits,
    spread_of,
    untested_limits,
    widening,
)
from branchwise.models.forecast.level_process import _answer
from branchwise.models.forecast.profile import day_profile
from branchwise.models.forecast.same_day import DayErrors, fit_day_errors, updated


def test_levels_are_the_conditional_normal():
    """Mean and variance ahead are those of the joint normal, conditioned by inverting it."""
    chance = np.random.default_rng(1)
    place = np.arange(12.0)
    parts = {
        "drift": np.exp(-np.abs(place[:, None] - place) / 3),
        "season": (place[:, None] % 3 == place % 3).astype(float),
    }
    draw = np.log([0.7, 0.5, 0.4])
    values = chance.standard_normal((2, 9))
    found = _answer(values, parts, draw)
    joint = 0.49 * parts["drift"] + 0.25 * parts["season"] + 0.16 * np.eye(12)
    inverse = np.linalg.inv(joint[:9, :9])
    across = joint[9:, :9]
    assert found.mean == pytest.approx((across @ inverse @ values.T).T, abs=1e-6)
    spread = np.diag(joint[9:, 9:] - across @ inverse @ across.T)
    scale = (np.einsum("sn,nm,sm->s", values, inverse, values) + 6) / (9 + 6)
    assert found.variance == pytest.approx(scale[:, None] * spread, rel=1e-6)


def test_the_rest_of_the_day_is_the_conditional_normal():
    """Slots to come follow from those seen as in the joint normal of errors."""
    process = DayErrors(
        whole=0.05, slow=0.08, slow_reach=0.5, quick=0.1, quick_reach=0.05, chance=0.5
    )
    base = np.array([50.0, 80.0, 100.0, 60.0, 20.0])
    today = np.array([60.0, 90.0, np.nan, np.nan, np.nan])
    joint = process.covariance(np.sqrt(base))
    error = np.sqrt(today[:2]) - np.sqrt(base[:2])
    wanted = np.sqrt(base[2:]) + joint[2:, :2] @ np.linalg.inv(joint[:2, :2]) @ error
    mean, deviation = updated(process, base, today)
    left = np.diag(joint)[2:] - np.diag(
        joint[2:, :2] @ np.linalg.inv(joint[:2, :2]) @ joint[:2, 2:]
    )
    assert mean[2:] == pytest.approx(wanted)
    assert deviation[2:] == pytest.approx(np.sqrt(left))


def test_day_errors_are_found_again():
    """Errors drawn from a process with a busy-day part give its size back."""
    chance = np.random.default_rng(4)
    base = np.full((300, 20), 100.0)
    busy = 0.1 * chance.standard_normal((300, 1))
    truth = (10 * (1 + busy) + 0.5 * chance.standard_normal((300, 20))) ** 2
    found = fit_day_errors(base, truth)
    root = np.full(20, 10.0)
    covariance = found.covariance(root)
    assert covariance[0, 19] == pytest.approx(1.0, rel=0.25)
    assert covariance[0, 0] == pytest.approx(1.25, rel=0.2)


def test_scores_are_those_of_the_loop():
    """sMAPE, MASE and wMAPE equal their definitions, slot by slot."""
    chance = np.random.default_rng(2)
    truth, mean = chance.poisson(4, (2, 3, 5)).astype(float), chance.random((2, 3, 5)) * 8
    truth[0, 1, 2] = np.nan
    scale = np.array([2.0, 3.0])
    for series in range(2):
        pairs = [
            (t, m)
            for t, m in zip(truth[series].ravel(), mean[series].ravel(), strict=True)
            if not np.isnan(t)
        ]
        wanted = sum(2 * abs(t - m) / (abs(t) + abs(m)) for t, m in pairs) / len(pairs)
        assert backtest.smape(truth, mean)[series] == pytest.approx(wanted)
        absolute = sum(abs(t - m) for t, m in pairs)
        assert backtest.wmape(truth, mean)[series] == pytest.approx(
            absolute / sum(t for t, _ in pairs)
        )
        assert backtest.mase(truth, mean, scale)[series] == pytest.approx(
            absolute / len(pairs) / scale[series]
        )


def test_weights_fall_with_the_fourth_power():
    """With one series there is nothing to draw towards: weights are loss to the minus four."""
    losses = np.array([1.0, 1.1, 1.2])[:, None, None] * np.ones((3, 1, 6))
    wanted = np.array([1.0, 1.1, 1.2]) ** -4.0
    assert weights(losses)[:, 0] == pytest.approx(wanted / wanted.sum())


def test_intervals_cover_fresh_values():
    """Intervals from past errors cover new Poisson values within two points, small and large."""
    chance = np.random.default_rng(7)
    rate = np.repeat([4.0, 30.0, 200.0], 12)[:, None] * np.array([0.5, 1.0, 1.5, 1.0])
    mean = np.tile(rate[:, None], (1, 20, 1))
    errors = Errors(
        truth=chance.poisson(mean).astype(float), mean=mean,
        place=np.tile(np.arange(4), (20, 1)), signed=np.zeros(36, bool),
    )  # fmt: skip
    factors, _ = widening(errors, (0.8, 0.95))
    lower, upper = limits(rate, spread_of(errors), np.arange(4), errors.signed, factors)
    fresh = chance.poisson(rate, (500, *rate.shape))
    for level in factors:
        inside = (fresh >= lower[level] - 1e-9) & (fresh <= upper[level] + 1e-9)
        assert inside.mean() == pytest.approx(level, abs=0.02)
        for size in range(1, 3):
            group = slice(12 * size, 12 * size + 12)
            # counts step: a limit includes its own count, some 3 % of it at thirty
            assert level - 0.02 <= inside[:, group].mean() <= level + 0.035


def test_profile_of_many_days_is_the_mean():
    """With plenty of days the shrunk profile is the share of the sums, weekday by weekday."""
    chance = np.random.default_rng(3)
    share = np.array([[0.2, 0.5, 0.3], [0.4, 0.4, 0.2]])
    season = np.arange(200) % 2
    values = chance.poisson(5000 * share[season])[None].astype(float)
    found = day_profile(values, season, 2)
    assert found.share[0] == pytest.approx(share, abs=0.005)
    assert found.level[0] == pytest.approx(values[0].sum(axis=1), rel=1e-9)


def test_untested_intervals_cover_one_more_value():
    """Four normal values: the next lies within at the level; one Poisson count: at it or above."""
    chance = np.random.default_rng(5)
    normal = chance.normal(-50, 10, (3000, 5))
    counts = chance.poisson(30, (3000, 2)).astype(float)
    for level in (0.8, 0.95):
        for draws, room in ((normal, 0.02), (counts, 0.03)):
            inside = 0
            for *seen, fresh in draws:
                values = np.array(seen)
                lower, upper = untested_limits(values, values.mean(keepdims=True), [level])
                inside += lower[level][0] <= fresh <= upper[level][0]
            assert level - 0.02 <= inside / len(draws) <= level + room


def test_untested_intervals_of_one_amount_are_the_whole_of_it():
    """A single amount says nothing of its spread: from nothing to twice as much."""
    lower, upper = untested_limits(np.array([2.5, np.nan]), np.array([2.5]), [0.8, 0.95])
    assert [lower[0.8][0], upper[0.8][0]] == [0.0, 5.0]
