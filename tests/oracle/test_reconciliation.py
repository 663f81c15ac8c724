"""Reconciliation against brute force: dense least squares, and non-negative least squares."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import nnls

from branchwise.models.forecast.hierarchy import nested
from branchwise.models.forecast.reconciliation import ols, reconcile, shrunk, structural

TREE = nested(
    [(f"R{place % 2}", f"B{place}", f"S{service}") for place in range(4) for service in range(3)]
)
COUNT, FINEST = len(TREE.paths), len(TREE.finest)
SUMS = np.vstack([TREE.parts.toarray(), np.eye(FINEST)])


def covariances(chance):
    """Return the three covariances, the last of errors that really hang together."""
    shared = chance.normal(size=(COUNT, 3)) @ chance.normal(size=(3, 40))
    errors = shared + 0.3 * chance.normal(size=(COUNT, 40))
    errors[2, 7] = np.nan
    return ols(TREE), structural(TREE), shrunk(TREE, errors)


def root(covariance):
    """Return L with L'L the inverse of the whole covariance matrix."""
    whole = np.diag(covariance.variance) + covariance.factor @ covariance.factor.T
    return np.linalg.cholesky(np.linalg.inv(whole)).T


@pytest.mark.parametrize("which", range(3))
def test_reconciled_is_generalised_least_squares(which):
    """S (S'W⁻¹S)⁻¹ S'W⁻¹ ŷ by dense least squares on the finest series."""
    chance = np.random.default_rng(3)
    covariance = covariances(chance)[which]
    base = chance.normal(5.0, 4.0, size=(COUNT, 6))
    scale = root(covariance)
    finest = np.linalg.lstsq(scale @ SUMS, scale @ base, rcond=None)[0]
    found = reconcile(TREE, base, covariance, is_nonnegative=False)
    assert np.allclose(found, SUMS @ finest, atol=1e-8)


@pytest.mark.parametrize("which", range(3))
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_without_negatives_it_is_the_quadratic_programme(which, seed):
    """The nearest point that adds up and is not negative, by Lawson and Hanson's algorithm."""
    chance = np.random.default_rng(seed)
    covariance = covariances(chance)[which]
    base = chance.normal(0.5, 3.0, size=(COUNT, 1))
    scale = root(covariance)
    finest, _ = nnls(scale @ SUMS, (scale @ base).ravel())
    found = reconcile(TREE, base, covariance)
    assert found.min() >= 0
    assert TREE.incoherence(found) == 0
    assert np.allclose(found.ravel(), SUMS @ finest, atol=1e-6)


def test_the_shrinkage_is_schaefer_and_strimmers():
    """Against the sums over all pairs, written out."""
    chance = np.random.default_rng(8)
    errors = chance.normal(size=(COUNT, 2)) @ chance.normal(size=(2, 9))
    errors += chance.normal(size=(COUNT, 9))
    standard = errors / np.sqrt((errors**2).mean(axis=1))[:, None]
    count = errors.shape[1]
    variances = squares = 0.0
    for one in range(COUNT):
        for other in range(COUNT):
            if one != other:
                products = standard[one] * standard[other]
                mean = products.mean()
                variances += count / (count - 1) ** 3 * ((products - mean) ** 2).sum()
                squares += mean**2
    found = shrunk(TREE, errors).shrinkage
    assert 0 < found < 1
    assert np.isclose(found, variances / squares)


def test_closed_series_stay_closed():
    """A closed branch gets nothing of the others, and the rest is solved without it."""
    chance = np.random.default_rng(5)
    is_open = np.ones((FINEST, 2), bool)
    is_open[:3, 1] = False
    base = TREE.summed(np.where(is_open, 5.0, 0.0)) + chance.random((COUNT, 2))
    base[len(TREE.aggregates) :][~is_open] = 0.0
    base[TREE.paths.index(("R0", "B0"))][1] = 0.0
    found = reconcile(TREE, base, structural(TREE), is_open=is_open)
    assert (found[len(TREE.aggregates) :][~is_open] == 0).all()
    scale = root(structural(TREE))
    alone, _ = nnls((scale @ SUMS)[:, is_open[:, 1]], scale @ base[:, 1])
    assert np.allclose(found[len(TREE.aggregates) :, 1][is_open[:, 1]], alone, atol=1e-6)


def test_coherent_forecasts_are_left_alone():
    """What adds up already is its own nearest point."""
    chance = np.random.default_rng(6)
    coherent = TREE.summed(chance.random((FINEST, 4)))
    for covariance in covariances(chance):
        assert np.allclose(reconcile(TREE, coherent, covariance), coherent)


def test_one_level_is_left_alone():
    """A tree of nothing but its top adds up by itself."""
    top = nested([()])
    assert reconcile(top, np.array([[3.0]]), structural(top)).tolist() == [[3.0]]


def test_errors_that_say_nothing_fall_back_to_the_sizes():
    """No errors at all, or none but zeros: variances by size."""
    for errors in (np.full((COUNT, 5), np.nan), np.zeros((COUNT, 5))):
        assert shrunk(TREE, errors).variance.tolist() == TREE.sizes.tolist()


def test_it_lowers_the_error_of_noisy_forecasts():
    """With forecasts that err independently, the reconciled bank is nearer to the truth."""
    chance = np.random.default_rng(9)
    truth = TREE.summed(chance.uniform(20, 40, size=(FINEST, 200)))
    base = truth + chance.normal(0, 4, size=truth.shape)
    found = reconcile(TREE, base, ols(TREE))
    assert np.square(found - truth).mean() < 0.7 * np.square(base - truth).mean()
