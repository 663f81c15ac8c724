"""The portfolio: bounds, plain fallbacks that are named, the same bytes whoever computes."""

import numpy as np
import pytest

from branchwise.engines.executors import ProcessExecutor
from branchwise.models.forecast.portfolio import forecast
from branchwise.models.forecast.seasons import _autocorrelation, seasonal
from branchwise.models.forecast.series import Panel
from branchwise.models.forecast.structural import structural


def days(values, horizon, **more):
    table = np.atleast_2d(np.asarray(values, float))
    times = np.datetime64("2025-01-06") + np.arange(table.shape[1] + horizon)
    names = tuple(f"s{row}" for row in range(len(table)))
    return Panel(ids=names, times=times, values=table, season_lengths=(7,), **more)


def sound(found):
    """No NaN, limits around the mean, the wider level never inside the narrower one."""
    assert np.isfinite(found.mean).all()
    inner = found.mean, found.mean
    for level in sorted(found.lower):
        assert (found.lower[level] <= inner[0] + 1e-12).all()
        assert (found.upper[level] >= inner[1] - 1e-12).all()
        inner = found.lower[level], found.upper[level]


def noisy(weeks=12, seed=1):
    chance = np.random.default_rng(seed)
    return chance.poisson(np.tile([40, 30, 30, 30, 50, 20, 10], weeks)).astype(float)


@pytest.mark.parametrize(
    ("values", "reason", "expected"),
    [
        (np.zeros(60), "all_zero", 0.0),
        (np.full(60, 7.0), "constant", 7.0),
        (np.full(60, np.nan), "no_values", 0.0),
        ([3.0, 5.0], "too_short_to_test", 4.0),
        ([3.0], "constant", 3.0),
    ],
)
def test_plain_cases_get_a_plain_forecast_that_is_named(values, reason, expected):
    """What cannot be learned from is answered by hand, and said so."""
    found = forecast(days(values, 9))
    sound(found)
    assert found.reason == (reason,)
    assert found.mean == pytest.approx(np.full((1, 9), expected))
    if len(values) < 10:
        assert (found.upper[0.8] - found.lower[0.8] > 1).all()


def test_a_weekly_count_is_found_and_bounded():
    """Weekdays come back within a tenth; no limit of a count is negative."""
    found = forecast(days(noisy(), 7))
    sound(found)
    assert found.mean[0] == pytest.approx([40, 30, 30, 30, 50, 20, 10], rel=0.15)
    assert all((limit >= 0).all() for limit in found.lower.values())
    assert "seasonal_naive" in found.backtest.models


def test_gaps_negative_values_and_closed_days():
    """Missing days are no zeros; what was negative may be so again; closed slots are 0."""
    gappy = noisy()
    gappy[5::11] = np.nan
    signed = noisy() - 30
    is_open = np.ones(12 * 7 + 7, bool)
    is_open[-2] = False
    found = forecast(days([gappy, signed], 7, is_open=is_open))
    sound(found)
    assert found.mean[0, 0] == pytest.approx(40, rel=0.2)
    assert found.mean[1, 6] < 0
    assert found.mean[:, -2].tolist() == [0, 0]
    assert found.upper[0.95][:, -2].tolist() == [0, 0]


def test_the_plain_forecast_wins_where_nothing_is_better():
    """A series that repeats last week exactly is forecast by last week, and the reason says so."""
    found = forecast(days(np.tile([6.0, 2, 2, 2, 3, 1, 1], 16), 7))
    assert found.model == ("seasonal_naive",)
    assert found.reason == ("no_better_than_plain",)


def test_the_same_bytes_whoever_computes():
    """Two processes give the same bytes as none; another seed is another draw."""
    panel = days([noisy(6, seed) for seed in range(3)], 7)
    alone = forecast(panel, seed=3)
    with ProcessExecutor(workers=2) as executor:
        spread = forecast(panel, seed=3, executor=executor)
    assert alone.mean.tobytes() == spread.mean.tobytes()
    assert alone.upper[0.95].tobytes() == spread.upper[0.95].tobytes()


def test_a_huge_panel_gets_plain_models_only():
    """Thousands of series are forecast by the plain ones, in a moment."""
    chance = np.random.default_rng(2)
    found = forecast(days(chance.poisson(5.0, (5000, 42)), 7))
    sound(found)
    assert set(found.model) <= {
        "seasonal_naive", "slot_means", "recent_slot_means", "combination"
    }  # fmt: skip


def test_regressors_are_learned():
    """A pay day that doubles the visits is in the forecast of the next pay day."""
    pay = np.zeros(12 * 7 + 14)
    pay[4::14] = 1
    values = noisy() * (1 + pay[: 12 * 7])
    mean = structural(days(values, 14, regressors={"pay_day": pay}))[0]
    assert mean[4] > 1.3 * mean[11]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("still", [np.zeros(60), np.full(60, np.nan), np.full(60, 0.1)])
def test_a_still_series_beside_another_is_no_fault(still):
    """Seasons are looked for without dividing by a variance of nothing."""
    lively = noisy()[:60]
    assert seasonal(np.stack([still, lively]), (7,)) == (7,)
    assert not seasonal(np.stack([still, still]), (7,))
    assert not _autocorrelation(np.zeros(20), 7).any()
