"""Screening: which of thousands of candidates are out after a few replications."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from branchwise.core.errors import Problems
from branchwise.experiments.checks import (
    finite,
    note_candidates,
    note_confidence,
    note_indifference,
)
from branchwise.experiments.model import CONFIDENCE, Array, Flags

BLOCK = 256


def screen(
    values: ArrayLike, *, confidence: float = CONFIDENCE, indifference: float = 0.0
) -> Flags:
    """Return which candidates may still be best: a subset that contains the best.

    Candidate i is out if some other l is better by more than chance explains: mean(i) − mean(l)
    > max(0, W − δ), with W = t · s / √n, s the standard deviation of their differences over the
    n common replications and t the quantile of 1 − (1 − confidence) / (k − 1). The subset holds
    the best with at least `confidence` if values are normal and the best is better by δ or more;
    with δ = 0 whatever the means.

    Parameters
    ----------
    values : array_like, shape (k, replications)
        Of the same replications, in the unit of the objective; less is better.
    confidence : float
        That the best is kept, 0-1.
    indifference : float
        δ, 0 or more, in the unit of the objective.

    Returns
    -------
    ndarray of bool, shape (k,)
        True for those kept; at least one.

    Raises
    ------
    BranchwiseError
        BW-EXP-001 to 006.

    Notes
    -----
    Time grows with k²·n, memory with k: 5,000 candidates of 10 replications take about a second.

    References
    ----------
    Nelson, Swann, Goldsman and Song (2001), doi:10.1287/opre.49.6.950.10019, with the variance
    of differences in place of separate variances.

    Examples
    --------
    >>> days = np.array([3.0, 5.0, 4.0, 6.0])
    >>> screen([days, days + [1, 2, 1, 2], days + [0.5, -0.5, 0.2, -0.1]])
    array([ True, False,  True])
    """
    problems = Problems()
    note_confidence(problems, confidence)
    note_indifference(problems, indifference, may_be_zero=True)
    problems.raise_if_any()
    given = finite(values, "values", dimensions=2)
    note_candidates(problems, range(len(given)))
    problems.raise_if_any()
    count, replications = given.shape
    quantile = -float(stdtrit(replications - 1, (1 - confidence) / (count - 1)))

    def allowed(variance: Array) -> Array:
        margin = quantile * np.sqrt(variance / replications) - indifference
        return np.asarray(np.maximum(margin, 0.0), dtype=float)

    return survivors(given, allowed)


def survivors(values: Array, allowed: Callable[[Array], Array]) -> Flags:
    """Return which rows no other row beats by more than is allowed to chance.

    Parameters
    ----------
    values : ndarray, shape (k, replications)
        Of the same replications.
    allowed : callable
        From variances of differences, shape (block, k), to allowed leads of the same shape.

    Returns
    -------
    ndarray of bool, shape (k,)
    """
    centred = _centred(values)
    means = values.mean(axis=1)
    kept = np.ones(len(values), dtype=np.bool_)
    for start in range(0, len(values), BLOCK):
        block = slice(start, start + BLOCK)
        lead = means[block, np.newaxis] - means
        kept[block] = ~(lead > allowed(_variances(centred[block], centred))).any(axis=1)
    return kept


def difference_variances(values: Array) -> Array:
    """Return the variance of the differences of each pair of rows, shape (k, k).

    Examples
    --------
    >>> difference_variances(np.array([[1.0, 2.0, 3.0], [1.0, 3.0, 5.0]]))
    array([[0., 1.],
           [1., 0.]])
    """
    centred = _centred(values)
    return _variances(centred, centred)


def _centred(values: Array) -> Array:
    apart = values - values.mean(axis=0)
    return np.asarray(apart - apart.mean(axis=1, keepdims=True), dtype=float)


def _variances(rows: Array, columns: Array) -> Array:
    own, other = (rows**2).sum(axis=1), (columns**2).sum(axis=1)
    squares = own[:, np.newaxis] + other - 2 * rows @ columns.T
    noise = 1e-14 * (own[:, np.newaxis] + other)
    squares = np.where(squares <= noise, 0.0, squares)
    return np.asarray(squares / (rows.shape[1] - 1), dtype=float)
