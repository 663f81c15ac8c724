"""Scenarios compared in pairs: the same customers, served in two ways."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from branchwise.core.errors import Problems
from branchwise.experiments.checks import drawn, finite, note_confidence, same_shape
from branchwise.experiments.intervals import ratio_values, student
from branchwise.experiments.model import CONFIDENCE, Array, Comparison, RatioMethod, Sampler


def compare(
    scenario: ArrayLike, baseline: ArrayLike, *, confidence: float = CONFIDENCE
) -> Comparison:
    """Compare one scenario with a baseline under common random numbers.

    Replication j of both served the same customers, so the busy day is busy in both and drops
    out of the difference.

    Parameters
    ----------
    scenario, baseline : array_like, shape (replications,)
        Of the same replications in the same order, in the unit of the objective.
    confidence : float
        Of the limits, 0-1.

    Raises
    ------
    BranchwiseError
        BW-EXP-001, 002, 004, 006.

    References
    ----------
    Glasserman and Yao (1992), Some guidelines and guarantees for common random numbers,
    doi:10.1287/mnsc.38.6.884.

    Examples
    --------
    >>> found = compare([5.0, 9.0, 7.0], [6.0, 11.0, 8.0])
    >>> round(found.difference, 4), round(found.standard_error, 4)
    (-1.3333, 0.3333)
    >>> round(found.variance_reduction, 6)
    31.0
    """
    return compare_many(finite(scenario, "scenario")[np.newaxis], baseline, confidence=confidence)[
        0
    ]


def compare_many(
    scenarios: ArrayLike, baseline: ArrayLike, *, confidence: float = CONFIDENCE
) -> tuple[Comparison, ...]:
    """Compare scenarios with one baseline; the limits hold for all of them together.

    Parameters
    ----------
    scenarios : array_like, shape (k, replications)
        A scenario a row.
    baseline : array_like, shape (replications,)
        Of the same replications.
    confidence : float
        With which all k limits hold at once (Bonferroni: each has 1 − (1 − confidence) / k).

    Returns
    -------
    tuple of Comparison
        In the order of the rows.

    Raises
    ------
    BranchwiseError
        BW-EXP-001, 002, 004, 006.

    References
    ----------
    Dunn (1961), doi:10.1080/01621459.1961.10482090.

    Examples
    --------
    >>> alone = compare([1.0, 2.0, 4.0], [2.0, 2.0, 2.0])
    >>> among = compare_many([[1.0, 2.0, 4.0], [9.0, 9.0, 8.0]], [2.0, 2.0, 2.0])
    >>> among[0].difference == alone.difference, among[0].upper > alone.upper
    (True, True)
    """
    problems = Problems()
    note_confidence(problems, confidence)
    problems.raise_if_any()
    given = finite(scenarios, "scenarios", dimensions=2)
    base = finite(baseline, "baseline")
    same_shape(given, base, "scenarios")
    count, replications = given.shape
    differences = given - base
    means = differences.mean(axis=1)
    spread = differences.var(axis=1, ddof=1)
    apart = given.var(axis=1, ddof=1) + base.var(ddof=1)
    errors = np.sqrt(spread / replications)
    halves = student(replications - 1, confidence, count) * errors
    return tuple(
        Comparison(
            scenario=float(given[row].mean()),
            baseline=float(base.mean()),
            difference=float(means[row]),
            lower=float(means[row] - halves[row]),
            upper=float(means[row] + halves[row]),
            standard_error=float(errors[row]),
            confidence=confidence,
            comparisons=count,
            replications=replications,
            variance_reduction=_factor(float(apart[row]), float(spread[row])),
        )
        for row in range(count)
    )


def compare_ratios(
    scenario: tuple[ArrayLike, ArrayLike],
    baseline: tuple[ArrayLike, ArrayLike],
    *,
    confidence: float = CONFIDENCE,
    method: RatioMethod = "jackknife",
) -> tuple[Comparison, ...]:
    """Compare ratios of sums (a share within standard) of scenarios with that of a baseline.

    Parameters
    ----------
    scenario : tuple of array_like, each of shape (replications,) or (k, replications)
        Numerators and denominators, summed over each replication.
    baseline : tuple of array_like, each of shape (replications,)
        The same of the baseline, of the same replications.
    confidence : float
        With which all limits hold at once, 0-1.
    method : {"jackknife", "delta"}
        See `branchwise.experiments.intervals.ratio_values`.

    Returns
    -------
    tuple of Comparison
        In the order of the rows; differences of shares are in shares (0.02 is 2 points).

    Raises
    ------
    BranchwiseError
        BW-EXP-001, 002, 004, 006, 009.

    Examples
    --------
    >>> came = [100.0, 150.0, 120.0, 130.0]
    >>> found, = compare_ratios(([95, 135, 112, 121], came), ([90, 125, 106, 115], came))
    >>> round(found.difference, 4), found.is_distinct
    (0.0543, True)
    """
    values = np.atleast_2d(ratio_values(*scenario, method=method))
    return compare_many(values, ratio_values(*baseline, method=method), confidence=confidence)


def differences(sample: Sampler, baseline: int) -> Sampler:
    """Return a sampler of each candidate minus a baseline in the same replication.

    With it a goal of precision or a selection speaks of what a scenario changes, not of its level.

    Parameters
    ----------
    sample : Sampler
        Of the values.
    baseline : int
        Number of the candidate that is taken off.

    Examples
    --------
    >>> level = lambda candidates, first, count: np.outer(candidates, np.ones(count)) + first
    >>> differences(level, 2)([5, 7], 3, 2)
    array([[3., 3.],
           [5., 5.]])
    """

    def sampled(candidates: Sequence[int], first_replication: int, replications: int) -> Array:
        asked = [*candidates, baseline]
        given = sample(asked, first_replication, replications)
        values = drawn(given, asked, first_replication, replications)
        return np.asarray(values[:-1] - values[-1], dtype=float)

    return sampled


def _factor(apart: float, together: float) -> float:
    if together > 0:
        return apart / together
    return math.inf if apart > 0 else 1.0
