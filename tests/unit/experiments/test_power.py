"""Power and sample size against published tables, other formulas and simulation."""

import math

import numpy as np
import pytest
from scipy import integrate
from scipy.stats import chi2, norm
from scipy.stats import t as student_t

from branchwise.core.errors import BranchwiseError
from branchwise.experiments.power import (
    design_effect,
    power_means,
    power_paired,
    power_paired_shares,
    power_shares,
)
from branchwise.experiments.sample_size import (
    detectable_difference,
    size_means,
    size_paired,
    size_paired_shares,
    size_shares,
)


@pytest.mark.parametrize(("effect", "expected"), [(0.2, 394), (0.5, 64), (0.8, 26)])
def test_cohens_effects(effect, expected):
    """Small, medium and large effects need 394, 64, 26 a group, as R's power.t.test rounds up."""
    assert size_means(effect, 1.0).first == expected


def by_integration(shift, degrees, confidence):
    """Power of a two-sided t test: the normal probability, averaged over the sample variance."""
    critical = student_t.ppf((1 + confidence) / 2, degrees)

    def found(squares):
        limit = critical * math.sqrt(squares / degrees)
        power = norm.sf(limit - shift) + norm.cdf(-limit - shift)
        return power * chi2.pdf(squares, degrees)

    return integrate.quad(found, 0, degrees + 40 * math.sqrt(2 * degrees))[0]


@pytest.mark.parametrize(("pairs", "effect"), [(3, 1.0), (12, 0.5), (40, 0.3), (100, 0.02)])
def test_noncentral_t_by_integration(pairs, effect):
    """Power equals a numerical integral that knows no noncentral distribution."""
    expected = by_integration(math.sqrt(pairs) * effect, pairs - 1, 0.95)
    assert power_paired(effect, 1.0, pairs) == pytest.approx(expected, abs=1e-6)


def test_paired_and_two_groups_by_simulation():
    """Rates of rejection over 20,000 simulated t tests lie within 4 standard errors."""
    chance = np.random.default_rng(11)
    one = chance.normal(0.8, 1.0, (20_000, 15))
    rate = np.mean(np.abs(one.mean(1)) / (one.std(1, ddof=1) / math.sqrt(15)) > 2.144787)
    assert power_paired(0.8, 1.0, 15) == pytest.approx(rate, abs=4 * math.sqrt(0.2 * 0.8 / 2e4))


def test_nothing_to_find_is_found_at_the_error_rate():
    """Without a difference, power is 1 - confidence on one side or on two."""
    assert power_paired(0.0, 1.0, 20) == pytest.approx(0.05)
    assert power_means(0.0, 1.0, 9, 14, sides=1) == pytest.approx(0.05)
    assert power_shares(0.3, 0.3, 50, 50, confidence=0.9) == pytest.approx(0.1)


def test_large_groups_are_normal():
    """Beyond 10,000 degrees of freedom the normal law takes over without a step."""
    assert power_paired(0.028, 1.0, 10_000) == pytest.approx(
        power_paired(0.028, 1.0, 10_002), abs=2e-4
    )
    assert power_paired(1.0, 1.0, 10_000) == 1.0
    assert power_paired(50.0, 1.0, 5) == 1.0


def test_shares_by_hand():
    """0.1 against 0.2: n = (1.95996 sqrt 0.255 + 0.84162 sqrt 0.25)² / 0.01 = 198.96, so 199."""
    by_hand = (1.95996 * math.sqrt(0.255) + 0.84162 * 0.5) ** 2 / 0.01
    assert by_hand == pytest.approx(198.96, abs=0.01)
    assert size_shares(0.1, 0.2).first == math.ceil(by_hand)


def test_mcnemar_by_hand():
    """Connor: n = (1.95996 sqrt 0.3 + 0.84162 sqrt 0.29)² / 0.01 = 233.1, so 234."""
    by_hand = (1.95996 * math.sqrt(0.3) + 0.84162 * math.sqrt(0.29)) ** 2 / 0.01
    assert size_paired_shares(0.2, 0.1).first == math.ceil(by_hand) == 234


def test_shares_by_simulation():
    """The normal approximation is within two points of the true rate of the pooled z test."""
    chance = np.random.default_rng(12)
    one, other = chance.binomial(200, 0.80, 40_000) / 200, chance.binomial(150, 0.90, 40_000) / 150
    pooled = (200 * one + 150 * other) / 350
    error = np.sqrt(pooled * (1 - pooled) * (1 / 200 + 1 / 150))
    rate = np.mean(np.abs(one - other) > 1.959964 * error)
    assert power_shares(0.8, 0.9, 200, 150) == pytest.approx(rate, abs=0.02)


def test_unequal_groups_need_more():
    """Three controls a branch: fewer branches, more units in all."""
    equal, unequal = size_means(0.5, 1.0), size_means(0.5, 1.0, ratio=3.0)
    assert unequal.second == 3 * unequal.first
    assert unequal.first < equal.first
    assert unequal.first + unequal.second > equal.first + equal.second


def test_detectable_difference_inverts_power():
    """The smallest difference found has exactly the power asked for; too large a wish is inf."""
    found = detectable_difference(lambda gap: power_paired(gap, 60.0, 12), largest=600)
    assert power_paired(found, 60.0, 12) == pytest.approx(0.8)
    assert math.isinf(detectable_difference(lambda gap: power_paired(gap, 60.0, 12), largest=5))


def test_design_effect_by_hand():
    """101 customers a branch correlated by 0.25: 26; unequal branches (cv 1): 51.25."""
    assert design_effect(101, 0.25) == 26.0
    assert design_effect(101, 0.25, 1.0) == pytest.approx(1 + 201 * 0.25)
    assert design_effect(1, 0.5) == 1.0


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: power_paired(1.0, 0.0, 9), "BW-EXP-008"),
        (lambda: power_paired(1.0, 1.0, 1), "BW-EXP-008"),
        (lambda: power_paired(math.nan, 1.0, 9), "BW-EXP-008"),
        (lambda: power_means(1.0, 1.0, 9, 9, confidence=0.0), "BW-EXP-004"),
        (lambda: power_shares(0.0, 0.5, 9, 9), "BW-EXP-008"),
        (lambda: power_paired_shares(0.7, 0.6, 9), "BW-EXP-008"),
        (lambda: size_paired(0.0, 1.0), "BW-EXP-011"),
        (lambda: size_paired(1e-7, 1.0), "BW-EXP-012"),
        (lambda: size_paired(1.0, 1.0, power=1.0), "BW-EXP-008"),
        (lambda: size_means(1.0, 1.0, ratio=0.0), "BW-EXP-008"),
        (lambda: design_effect(0.5, 0.1), "BW-EXP-008"),
    ],
)
def test_bad_input_is_refused(call, code):
    """Bounds are kept, and a size that nothing reaches is said rather than sought for ever."""
    with pytest.raises(BranchwiseError) as raised:
        call()
    assert [problem.code for problem in raised.value.problems] == [code]
