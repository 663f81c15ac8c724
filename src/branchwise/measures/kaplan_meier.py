"""The Kaplan-Meier curve of the time to call: those who left before being called are censored."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from branchwise.measures.uncertainty import LEVEL, z_quantile

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """The share not yet called, by time.

    Attributes
    ----------
    times : ndarray, shape (times,)
        Distinct times, rising, in seconds.
    survival : ndarray, shape (times,)
        Share not yet called just after each time.
    greenwood : ndarray, shape (times,)
        Greenwood's sum ``Σ d / (n (n - d))``: the variance of ``survival`` over its square.
    terms : ndarray, shape (times,)
        The terms of that sum.
    """

    times: Array
    survival: Array
    greenwood: Array
    terms: Array


def kaplan_meier(times: ArrayLike, called: ArrayLike, censored: ArrayLike) -> Curve:
    """Return the Kaplan-Meier curve from a histogram of waits.

    Parameters
    ----------
    times : array_like, shape (times,)
        Distinct waits in seconds, rising.
    called, censored : array_like, shape (times,)
        How many waits of that length ended with a call, and how many without one. A wait that
        ends without a call at the time of another's call counts as at risk then.

    Returns
    -------
    Curve
        With an infinite ``greenwood`` where the curve has come down to 0.

    References
    ----------
    Kaplan and Meier (1958), doi:10.1080/01621459.1958.10501452.

    Examples
    --------
    >>> kaplan_meier([10, 20, 30], [1, 0, 1], [0, 1, 0]).survival.round(4)
    array([0.6667, 0.6667, 0.    ])
    """
    events = np.asarray(called, dtype=float)
    leaving = events + np.asarray(censored, dtype=float)
    at_risk = leaving[::-1].cumsum()[::-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        survival: Array = np.cumprod(np.where(at_risk > 0, 1 - events / at_risk, 1.0), dtype=float)
        terms = np.where(events > 0, events / (at_risk * (at_risk - events)), 0.0)
    return Curve(
        times=np.asarray(times, dtype=float),
        survival=survival,
        greenwood=terms.cumsum(),
        terms=terms,
    )


def survival_limits(
    curve: Curve, level: float = LEVEL, *, widening: float = 1.0
) -> tuple[Array, Array]:
    """Return log-log limits of the survival; 0 and 1 stand for themselves.

    Parameters
    ----------
    curve : Curve
        Of :func:`kaplan_meier`.
    level : float
        Confidence level.
    widening : float
        Factor of the standard errors, for waits that are not independent of each other.

    References
    ----------
    Kalbfleisch and Prentice (2002), *The Statistical Analysis of Failure Time Data*,
    section 1.4; Wiley, doi:10.1002/9781118032985.

    Examples
    --------
    >>> lower, upper = survival_limits(kaplan_meier([1, 2], [1, 1], [1, 1]))
    >>> bool((lower <= upper).all())
    True
    """
    inside = (curve.survival > 0) & (curve.survival < 1)
    safe = np.where(inside, curve.survival, 0.5)
    spread = np.where(inside, np.sqrt(np.where(inside, curve.greenwood, 0)), 0) / np.abs(
        np.log(safe)
    )
    factor = np.exp(widening * z_quantile(level) * spread)
    lower = np.where(inside, safe**factor, np.where(curve.survival <= 0, 0.0, 1.0))
    upper = np.where(inside, safe ** (1 / factor), np.where(curve.survival <= 0, 0.0, 1.0))
    return lower, upper


def wait_quantile(
    curve: Curve, probability: float, level: float = LEVEL, *, widening: float = 1.0
) -> tuple[float, float, float]:
    """Return the wait by which a share of all has been called, with its limits.

    Parameters
    ----------
    curve : Curve
        Of :func:`kaplan_meier`.
    probability : float
        For example 0.9.
    level : float
        Confidence level.
    widening : float
        Factor of the standard errors; NaN for no limits.

    Returns
    -------
    tuple of float
        Value, lower and upper in seconds; NaN where the curve does not come down so far: more
        gave up than would tell.

    References
    ----------
    Brookmeyer and Crowley (1982), doi:10.2307/2530286, with the log-log transformation.

    Examples
    --------
    >>> wait_quantile(kaplan_meier([10, 20, 30], [1, 1, 1], [0, 0, 0]), 0.5)[0]
    20.0
    """
    below, above = survival_limits(curve, level, widening=widening)
    left = 1 - probability
    return (
        _first(curve, curve.survival, left),
        _first(curve, below, left),
        _first(curve, above, left),
    )


def _first(curve: Curve, survival: Array, left: float) -> float:
    reached = np.flatnonzero(survival <= left + 1e-12)
    return float(curve.times[reached[0]]) if reached.size else float("nan")


def restricted_mean(
    curve: Curve, level: float = LEVEL, *, widening: float = 1.0
) -> tuple[float, float, float]:
    """Return the mean wait up to the longest one seen, with its limits.

    Parameters
    ----------
    curve : Curve
        Of :func:`kaplan_meier`.
    level : float
        Confidence level.
    widening : float
        Factor of the standard error; NaN for no limits.

    Returns
    -------
    tuple of float
        Value, lower and upper in seconds.

    References
    ----------
    Klein and Moeschberger (2003), *Survival Analysis*, section 4.5;
    Springer, doi:10.1007/b97377.

    Examples
    --------
    >>> restricted_mean(kaplan_meier([10, 20, 30], [1, 1, 1], [0, 0, 0]))[0]
    20.0
    """
    if not curve.times.size:
        return (float("nan"),) * 3
    steps = np.diff(curve.times, prepend=0.0)
    before = np.concatenate([[1.0], curve.survival[:-1]])
    areas = steps * before
    value = float(areas.sum())
    following = np.concatenate([areas[::-1].cumsum()[::-1][1:], [0.0]])
    with np.errstate(invalid="ignore"):
        variance = np.where(following > 0, following**2 * curve.terms, 0.0).sum()
    half = widening * z_quantile(level) * float(np.sqrt(variance))
    return value, float(np.maximum(value - half, 0.0)), value + half
