"""Intervals of one scenario from its replications: means, ratios of sums, quantiles."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import bdtr, stdtrit

from branchwise.core.errors import Problems, Where, failure
from branchwise.experiments.checks import finite, note_confidence, note_number
from branchwise.experiments.model import CONFIDENCE, Array, Interval, RatioMethod


def student(degrees: ArrayLike, confidence: float = CONFIDENCE, comparisons: int = 1) -> Array:
    """Return two-sided Student quantiles, shared out over several comparisons by Bonferroni.

    Parameters
    ----------
    degrees : array_like, shape (n,)
        Degrees of freedom, above 0.
    confidence : float
        With which all comparisons hold together, 0-1.
    comparisons : int
        How many, 1 or more.

    Returns
    -------
    ndarray, shape (n,)
        Dimensionless.

    Examples
    --------
    >>> student([4.0]).round(3), student([4.0], comparisons=5).round(3)
    (array([2.776]), array([4.604]))
    """
    tail = (1 - confidence) / (2 * max(comparisons, 1))
    return np.asarray(-stdtrit(np.asarray(degrees, dtype=float), tail), dtype=float)


def mean_interval(values: ArrayLike, *, confidence: float = CONFIDENCE) -> Interval:
    """Return the mean of independent replications with Student limits.

    Parameters
    ----------
    values : array_like, shape (replications,)
        At least two, in the unit of the objective.
    confidence : float
        Of the limits, 0-1.

    Raises
    ------
    BranchwiseError
        BW-EXP-001, 002, 004, 006.

    References
    ----------
    Student (1908), doi:10.1093/biomet/6.1.1.

    Examples
    --------
    >>> found = mean_interval([4.0, 6.0, 8.0])
    >>> found.estimate, round(found.half_width, 3)
    (6.0, 4.968)
    """
    _check(confidence)
    given = finite(values, "values")
    count = given.size
    mean = float(given.mean())
    half = float(student(count - 1, confidence)) * float(given.std(ddof=1)) / math.sqrt(count)
    return Interval(
        estimate=mean,
        lower=mean - half,
        upper=mean + half,
        confidence=confidence,
        replications=count,
    )


def ratio_values(
    numerators: ArrayLike, denominators: ArrayLike, *, method: RatioMethod = "jackknife"
) -> Array:
    """Return one value a replication whose mean is a ratio of sums, for use wherever means are.

    A share within standard is customers in time ÷ customers, summed over days: the mean of the
    daily shares is another number, as a quiet day would weigh as much as a full one. With m
    replications and R = Σn / Σd these are Quenouille's pseudo-values ``m R − (m − 1) R₍ⱼ₎`` (R
    without replication j; their mean is R without its bias of order 1/m), or the linearised
    ``R + (nⱼ − R dⱼ) / d̄`` of the delta method. In both cases their variance ÷ m is that of R.

    Parameters
    ----------
    numerators, denominators : array_like, shape (..., replications)
        Sums of each replication; a scenario a row.
    method : {"jackknife", "delta"}
        See above.

    Returns
    -------
    ndarray, shape (..., replications)
        In the unit of the ratio.

    Raises
    ------
    BranchwiseError
        BW-EXP-001, 002, 006; BW-EXP-009 if the denominators sum to zero.

    References
    ----------
    Quenouille (1956), doi:10.1093/biomet/43.3-4.353; Cochran (1977), *Sampling Techniques*,
    3rd edition, section 6.

    Examples
    --------
    >>> values = ratio_values([9, 18, 30], [10, 20, 40], method="delta")
    >>> bool(np.isclose(values.mean(), 57 / 70))
    True
    """
    n = finite(numerators, "numerators", dimensions=np.ndim(numerators))
    d = finite(denominators, "denominators", dimensions=np.ndim(denominators))
    if n.shape != d.shape:
        raise failure("BW-EXP-006", Where(place="ratio"), shape=d.shape, wanted=n.shape)
    total, whole = n.sum(axis=-1, keepdims=True), d.sum(axis=-1, keepdims=True)
    if (whole <= 0).any() or (whole - d <= 0).any():
        raise failure("BW-EXP-009", Where(place="denominators"))
    count = n.shape[-1]
    ratio = total / whole
    if method == "delta":
        return np.asarray(ratio + (n - ratio * d) * (count / whole), dtype=float)
    return np.asarray(count * ratio - (count - 1) * (total - n) / (whole - d), dtype=float)


def ratio_interval(
    numerators: ArrayLike,
    denominators: ArrayLike,
    *,
    confidence: float = CONFIDENCE,
    method: RatioMethod = "jackknife",
) -> Interval:
    """Return a ratio of sums over replications with Student limits; see `ratio_values`.

    Examples
    --------
    >>> found = ratio_interval([9, 18, 30], [10, 20, 40], method="delta")
    >>> round(found.estimate, 4), round(found.half_width, 4)
    (0.8143, 0.2414)
    """
    return mean_interval(
        ratio_values(numerators, denominators, method=method), confidence=confidence
    )


def quantile_interval(
    values: ArrayLike, *, probability: float, confidence: float = CONFIDENCE
) -> Interval:
    """Return a quantile of the replications with limits from order statistics.

    The number of values at or below the quantile is binomial whatever their distribution, so the
    limits hold with at least `confidence`. Where there are too few values for one
    side, that limit is infinite: 35 values give no upper limit of the 90 % quantile.

    Parameters
    ----------
    values : array_like, shape (replications,)
        Independent, in the unit of the objective.
    probability : float
        Of the quantile, 0-1.
    confidence : float
        Of the limits, 0-1.

    Returns
    -------
    Interval
        The estimate is the type-7 sample quantile (Hyndman and Fan 1996); limits of very few
        values are widened to hold it.

    Raises
    ------
    BranchwiseError
        BW-EXP-001, 002, 004, 006, 008.

    References
    ----------
    David and Nagaraja (2003), *Order Statistics*, 3rd edition, section 7.1; Hyndman and Fan
    (1996), doi:10.1080/00031305.1996.10473566.

    Examples
    --------
    >>> found = quantile_interval(range(1, 11), probability=0.5)
    >>> found.estimate, found.lower, found.upper
    (5.5, 2.0, 9.0)
    """
    _check(confidence, probability)
    ordered = np.sort(finite(values, "values"))
    count = ordered.size
    at_most = bdtr(np.arange(count), count, probability)
    tail = (1 - confidence) / 2
    below = int(np.searchsorted(at_most, tail, side="right"))
    above = int(np.searchsorted(at_most, 1 - tail, side="left"))
    estimate = float(np.quantile(ordered, probability))
    return Interval(
        estimate=estimate,
        lower=min(float(ordered[below - 1]), estimate) if below else -math.inf,
        upper=max(float(ordered[above]), estimate) if above < count else math.inf,
        confidence=confidence,
        replications=count,
    )


def pooled_quantile_interval(
    samples: Sequence[ArrayLike],
    *,
    probability: float,
    confidence: float = CONFIDENCE,
    batches: int = 10,
) -> Interval:
    """Return a quantile over the customers of all replications, with jackknifed limits.

    Customers of one day hang together, so days are put into batches (replication j into batch
    j mod `batches`), and each batch is left out in turn: with q the quantile of all customers and
    q₍ᵦ₎ without batch b, the pseudo-values ``B q − (B − 1) q₍ᵦ₎`` have Student limits of B − 1
    degrees of freedom. Leaving out many values at a time makes the jackknife consistent for
    quantiles; leaving out one does not. The limits are approximate.

    Parameters
    ----------
    samples : sequence of array_like, shape (customers of the replication,)
        One array a replication, in the unit of the objective; may be empty.
    probability : float
        Of the quantile, 0-1.
    confidence : float
        Of the limits, 0-1.
    batches : int
        At least 2 and at most the number of replications.

    Returns
    -------
    Interval
        The estimate is the quantile of all customers.

    Raises
    ------
    BranchwiseError
        BW-EXP-001, 002, 004, 008.

    References
    ----------
    Shao and Wu (1989), doi:10.1214/aos/1176347263.

    Examples
    --------
    >>> days = [[1.0, 2, 3], [2, 3, 4], [3, 4, 5], [2, 4, 6]]
    >>> found = pooled_quantile_interval(days, probability=0.5, batches=4)
    >>> found.estimate, found.replications
    (3.0, 4)
    """
    _check(confidence, probability)
    count = len(samples)
    problems = Problems()
    note_number(problems, "batches", batches, least=2, most=max(count, 2))
    problems.raise_if_any()
    days = [finite(sample, "samples", minimum=0) for sample in samples]
    label = np.repeat(np.arange(count) % batches, [day.size for day in days])
    pooled = finite(np.concatenate([*days, np.empty(0)]), "samples")
    if np.bincount(label, minlength=batches).max() == pooled.size:
        raise failure("BW-EXP-002", Where(place="samples"), count=1, minimum=2)
    whole = float(np.quantile(pooled, probability))
    without = [np.quantile(pooled[label != batch], probability) for batch in range(batches)]
    found = mean_interval(
        batches * whole - (batches - 1) * np.array(without), confidence=confidence
    )
    return Interval(
        estimate=whole,
        lower=whole - found.half_width,
        upper=whole + found.half_width,
        confidence=confidence,
        replications=count,
    )


def _check(confidence: float, probability: float = 0.5) -> None:
    problems = Problems()
    note_confidence(problems, confidence)
    note_number(problems, "probability", probability, above=0, below=1)
    problems.raise_if_any()
