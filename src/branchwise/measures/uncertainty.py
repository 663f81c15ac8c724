"""How sure a number is: variances, intervals, false-discovery control."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri, stdtrit

LEVEL = 0.95
Array = NDArray[np.float64]


def z_quantile(level: float = LEVEL) -> float:
    """Return the two-sided normal quantile of a level, 1.96 for 0.95."""
    return float(ndtri(0.5 + level / 2))


def t_quantile(degrees: ArrayLike, level: float = LEVEL) -> Array:
    """Return two-sided Student quantiles; NaN where there is no degree of freedom.

    Parameters
    ----------
    degrees : array_like, shape (n,)
        Degrees of freedom.
    level : float
        Confidence level.

    Examples
    --------
    >>> t_quantile([4.0]).round(3)
    array([2.776])
    """
    given = np.asarray(degrees, dtype=float)
    safe = np.where(given > 0, given, 1.0)
    return np.where(given > 0, stdtrit(safe, 0.5 + level / 2), np.nan)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterSums:
    """Sums over the clusters (days) of each cell, for a ratio of totals.

    Attributes
    ----------
    n, d : ndarray, shape (cells,)
        Totals of numerator and denominator.
    nn, nd, dd : ndarray, shape (cells,)
        Sums over clusters of squares and products of the clusters' totals.
    clusters : ndarray, shape (cells,)
        Number of clusters.
    """

    n: Array
    d: Array
    nn: Array
    nd: Array
    dd: Array
    clusters: Array


def ratio_variance(sums: ClusterSums) -> Array:
    """Return the variance of ``n / d`` by linearisation over clusters.

    With `m` clusters and residuals ``e = n - R d`` of each cluster, the variance is
    ``m / (m - 1) * sum(e**2) / d**2``. NaN where there are fewer than two clusters.

    Parameters
    ----------
    sums : ClusterSums
        Sums of each cell.

    Returns
    -------
    ndarray, shape (cells,)
        In the squared unit of the ratio.

    References
    ----------
    Cochran (1977), *Sampling Techniques*, 3rd edition, sections 6.3 and 9A; Wiley.

    Examples
    --------
    >>> n, d = np.array([2.0, 4.0, 9.0]), np.array([1.0, 2.0, 3.0])
    >>> sums = ClusterSums(n=n.sum(keepdims=True), d=d.sum(keepdims=True),
    ...     nn=(n * n).sum(keepdims=True), nd=(n * d).sum(keepdims=True),
    ...     dd=(d * d).sum(keepdims=True), clusters=np.array([3.0]))
    >>> ratio_variance(sums)
    array([0.14583333])
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = sums.n / sums.d
        squares = sums.nn - 2 * ratio * sums.nd + ratio**2 * sums.dd
        noise = 1e-13 * (sums.nn + ratio**2 * sums.dd)
        squares = np.where(squares <= noise, 0.0, squares)
        variance = sums.clusters / (sums.clusters - 1) * squares / sums.d**2
    return np.where((sums.clusters > 1) & (sums.d != 0), variance, np.nan)


def fixed_ratio_variance(sums: ClusterSums) -> Array:
    """Return the variance of ``n / d`` where `d` is a count of a register, not of days.

    Examples
    --------
    >>> n = np.array([2.0, 4.0, 9.0])
    >>> sums = ClusterSums(n=np.array([15.0]), d=np.array([10.0]), nn=np.array([101.0]),
    ...     nd=np.array([0.0]), dd=np.array([0.0]), clusters=np.array([3.0]))
    >>> bool(np.isclose(fixed_ratio_variance(sums)[0], 3 * n.var(ddof=1) / 100))
    True
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        squares = np.maximum(sums.nn - sums.n**2 / sums.clusters, 0.0)
        variance = sums.clusters / (sums.clusters - 1) * squares / sums.d**2
    return np.where((sums.clusters > 1) & (sums.d != 0), variance, np.nan)


def mean_interval(value: Array, variance: Array, clusters: Array) -> tuple[Array, Array]:
    """Return Student limits with one degree of freedom less than clusters."""
    half = t_quantile(clusters - 1) * np.sqrt(variance)
    return value - half, value + half


def proportion_interval(
    share: ArrayLike, variance: ArrayLike, count: ArrayLike, clusters: ArrayLike
) -> tuple[Array, Array]:
    """Return Wilson limits with the effective number of rows of a clustered sample.

    The effective number is ``p (1 - p) / variance``, at most `count`, and `count` itself where no
    or every row counts. So a share of 0 of 7 has an upper limit above 0, and no limit leaves
    [0, 1]. The Student quantile of the clusters stands for the normal one.

    Parameters
    ----------
    share, variance, count, clusters : array_like, shape (cells,)
        Share, its variance over clusters, number of rows, number of clusters.

    Returns
    -------
    tuple of ndarray
        Lower and upper limits; NaN where there are fewer than two clusters.

    References
    ----------
    Wilson (1927), doi:10.1080/01621459.1927.10502953; effective size as in Korn and Graubard
    (1998), *Survey Methodology* 24, 193-201.

    Examples
    --------
    >>> lower, upper = proportion_interval([0.0], [0.0], [7.0], [1e9])
    >>> upper.round(3)
    array([0.354])
    """
    p = np.clip(np.asarray(share, dtype=float), 0.0, 1.0)
    n = np.asarray(count, dtype=float)
    v = np.asarray(variance, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        effective = np.where(v > 0, np.minimum(p * (1 - p) / v, n), n)
        z2 = t_quantile(np.asarray(clusters, dtype=float) - 1) ** 2
        centre = (p + z2 / (2 * effective)) / (1 + z2 / effective)
        half = np.sqrt(z2 * (p * (1 - p) + z2 / (4 * effective)) / effective)
        half = half / (1 + z2 / effective)
    known = ~np.isnan(v)
    lower = np.where(known, np.where(p <= 0, 0.0, centre - half), np.nan)
    upper = np.where(known, np.where(p >= 1, 1.0, centre + half), np.nan)
    return lower, upper


def false_discovery(p_values: ArrayLike) -> Array:
    """Return q values: the false-discovery rate at which each test would be reported.

    Parameters
    ----------
    p_values : array_like, shape (tests,)
        NaN where there was no test; it does not count and stays NaN.

    Returns
    -------
    ndarray, shape (tests,)
        Benjamini-Hochberg adjusted p values, in the order given.

    References
    ----------
    Benjamini and Hochberg (1995), doi:10.1111/j.2517-6161.1995.tb02031.x.

    Examples
    --------
    >>> false_discovery([0.01, 0.04, 0.03, 0.5]).round(4)
    array([0.04  , 0.0533, 0.0533, 0.5   ])
    """
    given = np.asarray(p_values, dtype=float)
    adjusted = np.full(given.shape, np.nan)
    tested = np.flatnonzero(~np.isnan(given))
    if not tested.size:
        return adjusted
    order = tested[np.argsort(given[tested], kind="stable")]
    raw = given[order] * tested.size / np.arange(1, tested.size + 1)
    adjusted[order] = np.minimum(np.minimum.accumulate(raw[::-1])[::-1], 1.0)
    return adjusted
