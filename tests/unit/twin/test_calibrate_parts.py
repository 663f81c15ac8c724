"""Each part of a calibration on samples whose law is known."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from branchwise.twin.calibrate.arrivals import overdispersion, rates_of, week_variance
from branchwise.twin.calibrate.days import longest_unserved_run
from branchwise.twin.calibrate.fitting import fit_law, stretched, with_mean, with_pause
from branchwise.twin.calibrate.model import Hours
from branchwise.twin.calibrate.parameters import gamma_interval, lognormal_interval, share_interval
from branchwise.twin.calibrate.patience import fit_patience
from branchwise.twin.calibrate.presence import Attendance, Waiting, attendance_of
from branchwise.twin.calibrate.requests import implied_holds
from branchwise.twin.calibrate.services import paces_of
from branchwise.twin.calibrate.steps import mean_steps
from branchwise.twin.laws import Empirical, Exponential, Gamma, Lognormal, Weibull
from branchwise.twin.scenario import Step

LAWS = (
    Lognormal(mean=200.0, cv=0.6),
    Gamma(mean=200.0, cv=0.5),
    Weibull(shape=1.8, scale=200.0),
    Exponential(mean=200.0),
)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.law)
def test_the_family_and_the_mean_of_a_sample_are_found(law):
    """Of 4,000 draws the family is named, and 95 % intervals hold the mean in 50 of 60 samples.

    60 intervals of 95 % hold it in 51 or more with a chance of 99.9 %.
    """
    chance = np.random.default_rng(7)
    found = fit_law(law.quantile(chance.random(4_000)))
    assert found.law.law == law.law
    assert found.distance < 0.03
    held = 0
    for _ in range(60):
        sample = fit_law(law.quantile(chance.random(200)))
        lower, upper = lognormal_interval(sample.mean, sample.mean_error / sample.mean)
        held += lower <= law.mean <= upper
    assert held >= 50


def test_a_sample_of_no_family_is_its_own_law():
    """Two separate humps are taken as they are, with the sample's mean."""
    chance = np.random.default_rng(8)
    humps = np.concatenate([chance.normal(60, 5, 600), chance.normal(900, 20, 400)])
    found = fit_law(humps)
    assert isinstance(found.law, Empirical)
    assert found.mean == pytest.approx(humps.mean())
    assert found.law.mean == pytest.approx(humps.mean(), rel=0.02)


def test_laws_are_stretched_and_lengthened_in_their_mean():
    """Every law keeps its form under a stretch; a pause adds to the mean."""
    for law in (*LAWS, Empirical.of([1.0, 2.0, 5.0])):
        assert stretched(law, 1.5).mean == pytest.approx(1.5 * law.mean)
        assert with_mean(law, 90.0).mean == pytest.approx(90.0)
        assert with_pause(law, 15.0).mean == pytest.approx(law.mean + 15.0, rel=0.01)


@pytest.mark.parametrize("few", [1, 2, 5])
def test_a_handful_of_values_has_a_law(few):
    """One value is enough for a mean, with an interval as wide as it deserves."""
    found = fit_law(np.full(few, 100.0))
    assert found.mean == pytest.approx(100.0)
    assert found.mean_error > 0


@pytest.mark.parametrize(("shape", "family"), [(1.0, "exponential"), (1.5, "weibull")])
def test_patience_is_found_from_who_was_called(shape, family):
    """Censored likelihood: the scale lies in its 95 % interval in at least 33 of 40 samples.

    A third of those who left were only found gone at their call. 40 intervals of 95 % hold the
    truth in 34 or more with a chance of 99 %.
    """
    chance = np.random.default_rng(11)
    held = right = 0
    for _ in range(40):
        patience = 900 * (-np.log(chance.random(3_000))) ** (1 / shape)
        offered = chance.exponential(400, 3_000)
        gone = patience < offered
        unseen = gone & (chance.random(3_000) < 1 / 3)
        waits = np.where(gone & ~unseen, patience, offered)
        found = fit_patience(waits, gone & ~unseen, unseen)
        lower, upper = lognormal_interval(found.scale, found.scale_error)
        held += lower <= 900 <= upper
        right += found.law.law == family
    assert held >= 33
    assert right >= 36


def test_a_hazard_with_peaks_is_taken_from_the_curve():
    """Callers who hang up at an announcement after a minute follow no Weibull law."""
    chance = np.random.default_rng(12)
    patience = np.where(chance.random(8_000) < 0.3, 60.0, chance.exponential(900, 8_000))
    offered = chance.exponential(300, 8_000)
    lost = patience < offered
    found = fit_patience(np.minimum(patience, offered), lost, np.zeros(8_000, dtype=bool))
    assert found.law.law == "survival"
    before, after = (1 - np.searchsorted(found.law.quantile(np.linspace(0, 0.999, 1000)), at) / 1000
                     for at in (58, 62))  # fmt: skip
    assert before - after == pytest.approx(0.3 * 0.93, abs=0.03)


def test_nobody_who_left_has_no_patience_but_a_bound():
    """Without abandonment there is no law; the bound is the rule of three."""
    found = fit_patience(np.full(300, 100.0), np.zeros(300, bool), np.zeros(300, bool))
    assert found.law is None
    assert found.scale == pytest.approx(300 * 100 / 3)


def test_the_days_factor_is_found_and_plain_poisson_has_none():
    """The variance of a gamma factor of shape 25 within two errors; of Poisson days within two."""
    chance = np.random.default_rng(13)
    for shape in (25.0, np.inf):
        factor = np.ones(300) if np.isinf(shape) else chance.gamma(shape, 1 / shape, 300)
        variance, error, _ = overdispersion(chance.poisson(150 * factor), np.full(300, 150.0), 0)
        assert abs(variance - 1 / shape) < 2 * error


def test_weeks_that_differ_are_told_from_weeks_that_do_not():
    """A campaign that moves a class by 20 % a week shows; chance alone hardly does."""
    chance = np.random.default_rng(14)
    weeks = np.repeat(np.arange(12), 5)
    mean = np.full(60, 100.0)
    factors = np.exp(0.2 * chance.normal(size=12))
    moved = chance.poisson(mean * np.repeat(factors, 5))
    assert week_variance(moved, mean, weeks, 0.0) == pytest.approx(factors.var(ddof=1), abs=0.01)
    assert week_variance(chance.poisson(mean), mean, weeks, 0.0) < 0.003


def test_rates_borrow_the_peers_shape_and_keep_their_own_level():
    """Few days follow the peers' shape, many days their own; totals are always their own."""
    chance = np.random.default_rng(15)
    own, peers = np.zeros(96), np.zeros(96)
    own[36:68], peers[36:68] = np.linspace(1, 5, 32), np.linspace(5, 1, 32)
    hours = {weekday: Hours(opens=32400, closes=61200, ends=61200) for weekday in range(6)}
    off = {}
    for days in (2, 200):
        dates = [dt.date(2024, 1, 1) + dt.timedelta(days=7 * (n // 5) + n % 5) for n in range(days)]
        counts = chance.poisson(own / 3, (1, days, 96))
        found = rates_of(counts, dates, hours, (peers / peers.sum())[None, :])
        rates = found.per_hour[0, 0] / 4
        assert rates.sum() == pytest.approx(counts.sum() / days, rel=1e-6)
        off[days] = np.abs(rates - own / 3).sum() / (own / 3).sum()
    assert off[200] < 0.1 < off[2]


def test_intervals_of_rates_and_shares_hold_what_they_should():
    """Gamma and Jeffreys intervals against counting: 95 % within the error of 2,000 trials."""
    chance = np.random.default_rng(16)
    rates = [gamma_interval(n / 10, 1 / np.sqrt(n)) for n in chance.poisson(100, 2_000).tolist()]
    shares = [share_interval(n, 300) for n in chance.binomial(300, 0.1, 2_000).tolist()]
    assert np.mean([low <= 10 <= high for low, high in rates]) == pytest.approx(0.95, abs=0.02)
    assert np.mean([low <= 0.1 <= high for low, high in shares]) == pytest.approx(0.95, abs=0.02)


def _waiting(joined: list[float], left: list[float]) -> Waiting:
    joined, left = np.array(joined, dtype=float), np.array(left, dtype=float)
    order = np.argsort(np.concatenate([joined, left]), kind="stable")
    at = np.concatenate([joined, left])[order]
    number = np.concatenate([np.ones(len(joined)), -np.ones(len(left))])[order].cumsum()
    seconds = np.concatenate([[0.0], (np.diff(at) * (number[:-1] > 0)).cumsum()])
    return Waiting(joined=np.sort(joined), left=np.sort(left), _at=at, _sum=seconds)


def _attends(joined: list[float], left: list[float]) -> Attendance:
    calls, ends = np.array([0.0, 1000.0]), np.array([100.0, 1100.0])
    return attendance_of(calls, ends, _waiting(joined, left), 0.0, 1200.0)


def test_who_lets_customers_wait_is_not_there_and_who_has_none_is_idle():
    """A gap of 900 s is absence where a customer waits in it, idleness where none does."""
    idle = _attends([1000.0], [1000.0])
    away = _attends([500.0], [1000.0])
    assert idle.spells == ((0.0, 1200.0),)
    assert away.spells == ((0.0, 100.0), (1000.0, 1200.0))
    assert away.back_waiting.tolist() == [1.0]


def test_the_hold_of_an_approver_excludes_the_wait_for_one():
    """Two approvers, first come first served: holds come out exactly as they were drawn."""
    chance = np.random.default_rng(17)
    asked = np.sort(chance.uniform(0, 20_000, 400))
    holds = chance.exponential(60, 400) + 15
    free, granted = [0.0, 0.0], []
    for at, hold in zip(asked.tolist(), holds.tolist(), strict=True):
        place = free.index(min(free))
        free[place] = max(at, free[place]) + hold
        granted.append(free[place] - at)
    day = np.zeros(400, dtype=int)
    assert implied_holds(day, asked, np.array(granted), 2) == pytest.approx(holds)
    assert implied_holds(day, asked, np.array(granted), 1).min() < 0


def test_classes_that_share_nothing_are_not_compared():
    """Corporate customers with services of their own have a pace of 1, the elderly their own."""
    chance = np.random.default_rng(18)
    classes = np.repeat([0, 1, 2], 2_000)
    activity = np.where(classes == 2, 1, 0)
    mean = np.array([100.0, 130.0, 900.0])[classes]
    seconds = mean * np.exp(0.4 * chance.normal(size=6_000))
    found = paces_of(seconds, activity, classes, np.zeros(6_000, dtype=int), 3)
    assert found.pace == pytest.approx([1.0, 1.3, 1.0], rel=0.03)


def test_mean_steps_keep_the_hours_of_work():
    """Rounding to whole people loses no more than half a quarter-hour over the day."""
    chance = np.random.default_rng(19)
    hours = Hours(opens=32400.0, closes=61200.0, ends=62000.0)
    days = [
        [Step(at_second=32400.0 + 900 * slot, count=int(chance.integers(0, 6)))
         for slot in range(32)] + [Step(at_second=61200.0, count=0)]
        for _ in range(7)
    ]  # fmt: skip
    found = mean_steps(days, hours)
    worked = np.mean([sum(step.count for step in day) for day in days])
    bounds = [*(step.at_second for step in found[1:]), 61200.0]
    kept = sum(
        step.count * (min(until, 61200.0) - step.at_second) / 900
        for step, until in zip(found, bounds, strict=True)
        if step.at_second < 61200
    )
    assert kept == pytest.approx(worked, abs=0.5)


def test_a_run_of_unserved_customers_counts_only_if_service_goes_on():
    """An evening on which the last ones leave is no interruption."""
    served = np.array([True] * 5 + [False] * 40)
    assert longest_unserved_run(served) == (0, 0)
    assert longest_unserved_run(np.append(served, True)) == (5, 40)
