"""How uncertain a difference of two stretches of days is, where days hang together.

A day is not independent of the day before: a machine stays broken, a teller stays ill. Taken as
independent, differences look surer than they are [1]_. We take the noise as an autoregression of
order one with its own spread before and after the start, find its correlation by moments with the
bias of short series taken out, and use Student's distribution with Satterthwaite's degrees of
freedom. Robust estimators over few days cover too little: with 60 days before and 24 after and a
correlation of 0.3, Newey-West intervals hold the truth in 82 % and equal-weighted cosines [2]_ in
89 %, these in 94 % (``tests/statistical/test_effects.py`` measures these).

References
----------
.. [1] Bertrand, Duflo and Mullainathan (2004), doi:10.1162/003355304772839588.
.. [2] Lazarus, Lewis, Stock and Watson (2018), doi:10.1080/07350015.2018.1506926.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

HIGHEST_CORRELATION = 0.95
STEPS = 12
FEWEST_DEGREES = 2.5

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """A weighted regression on kinds of days and on before or after.

    Attributes
    ----------
    row : ndarray of shape (days,)
        The difference after − before is ``row @ values``.
    remainder : ndarray of shape (days, days)
        Turns values into residuals.
    after : ndarray of bool, shape (days,)
        Which days lie after the start.
    """

    row: Floats
    remainder: Floats
    after: Flags


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How far a difference may be off by chance.

    Attributes
    ----------
    standard_error : float
        In the unit of the values.
    degrees : float
        Degrees of freedom of Student's distribution.
    """

    standard_error: float
    degrees: float


def contrast(kinds: Sequence[int], after: Flags, weights: Floats) -> Contrast | None:
    """Return the comparison of like days after and before.

    Parameters
    ----------
    kinds : sequence of int
        Kind of each day (its weekday); only days of the same kind are compared.
    after : ndarray of bool
        Which days lie after the start.
    weights : ndarray
        Of the days, 0 or more.

    Returns
    -------
    Contrast or None
        None where no kind of day occurs both before and after.

    Examples
    --------
    >>> found = contrast([1, 2, 1, 2], np.array([False, False, True, True]), np.ones(4))
    >>> found.row.round(2).tolist()
    [-0.5, -0.5, 0.5, 0.5]
    """
    levels = sorted(set(kinds))
    columns = [np.asarray(kinds) == level for level in levels]
    design = np.column_stack([*columns, after]).astype(np.float64)
    weighted = design * weights[:, None]
    moments = design.T @ weighted
    if np.linalg.matrix_rank(moments) < moments.shape[0]:
        return None
    solved = np.linalg.solve(moments, weighted.T)
    return Contrast(row=solved[-1], remainder=np.eye(len(after)) - design @ solved, after=after)


def correlation_of(found: Contrast, series: Sequence[Floats]) -> float:
    """Return the correlation of a day's noise with that of the day before.

    The observed autocorrelation of residuals is biased towards less; the correlation is the one
    whose expected residuals show what is seen, by bisection. Negative ones count as 0.

    Parameters
    ----------
    found : Contrast
        The comparison whose residuals are looked at.
    series : sequence of ndarray
        Values by day of one or several branches; their correlations are taken as one.
    """
    residuals = [found.remainder @ values for values in series]
    below = sum(float(rest @ rest) for rest in residuals)
    if below <= 0:
        return 0.0
    seen = sum(float(rest[1:] @ rest[:-1]) for rest in residuals) / below
    low, high = 0.0, HIGHEST_CORRELATION
    if _expected(found, low) >= seen:
        return low
    if _expected(found, high) <= seen:
        return high
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if _expected(found, middle) < seen else (low, middle)
    return (low + high) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """What noise of one correlation does to a comparison.

    Attributes
    ----------
    related : ndarray of shape (days, days)
        Correlations of the days.
    traces, degrees : tuple of float
        Of the residuals' expected squares after and before: their sum for noise of variance 1, and
        the degrees of freedom of their mean.
    """

    related: Floats
    traces: tuple[float, float]
    degrees: tuple[float, float]


def noise_of(found: Contrast, correlation: float) -> Noise:
    """Return what noise of a correlation does to a comparison.

    Parameters
    ----------
    found : Contrast
        The comparison.
    correlation : float
        Of neighbouring days, 0 to less than 1.
    """
    days = related(len(found.row), correlation)
    expected = found.remainder @ days @ found.remainder.T
    traces, degrees = [], []
    for side in (found.after, ~found.after):
        inside = expected[np.ix_(side, side)]
        traces.append(max(float(np.trace(inside)), 0.0))
        squares = float((inside**2).sum())
        degrees.append(traces[-1] ** 2 / squares if squares > 0 else 1.0)
    return Noise(related=days, traces=(traces[0], traces[1]), degrees=(degrees[0], degrees[1]))


def spread_of(found: Contrast, noise: Noise, values: Floats) -> Spread:
    """Return the standard error of a difference and its degrees of freedom.

    Before and after have spreads of their own: an action may calm a branch, or stir it up.

    Parameters
    ----------
    found : Contrast
        The comparison.
    noise : Noise
        Of it.
    values : ndarray
        By day.

    References
    ----------
    Satterthwaite (1946), doi:10.2307/3002019, for the degrees of freedom.
    """
    residuals = found.remainder @ values
    parts = []
    for side, trace in zip((found.after, ~found.after), noise.traces, strict=True):
        variance = float(residuals[side] @ residuals[side]) / trace if trace > 0 else 0.0
        parts.append(np.where(side, found.row, 0.0) * math.sqrt(variance))
    whole = parts[0] + parts[1]
    own = [float(part @ noise.related @ part) for part in parts]
    shared = sum(one**2 / count for one, count in zip(own, noise.degrees, strict=True))
    return Spread(
        standard_error=math.sqrt(max(float(whole @ noise.related @ whole), 0.0)),
        degrees=max(sum(own) ** 2 / shared if shared > 0 else 0.0, FEWEST_DEGREES),
    )


def _expected(found: Contrast, correlation: float) -> float:
    """Return the autocorrelation that residuals show on average."""
    rests = found.remainder @ related(len(found.row), correlation) @ found.remainder.T
    return float(np.trace(rests, offset=1)) / float(np.trace(rests))


def related(days: int, correlation: float) -> Floats:
    """Return the correlations of days in a row: those of an autoregression of order one.

    Examples
    --------
    >>> related(3, 0.5).tolist()
    [[1.0, 0.5, 0.25], [0.5, 1.0, 0.5], [0.25, 0.5, 1.0]]
    """
    places = np.arange(days)
    return np.asarray(correlation ** np.abs(places[:, None] - places[None, :]), dtype=np.float64)
