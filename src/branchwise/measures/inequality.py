"""How unevenly a resource lies against demand: Gini and Theil, between and within groups."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from branchwise.measures.uncertainty import t_quantile

Array = NDArray[np.float64]
Statistic = Callable[[Array, Array, NDArray[np.int64]], float]


def gini(resource: ArrayLike, demand: ArrayLike) -> float:
    """Return the Gini coefficient of a resource against demand.

    0 where every unit has its share of the resource; near 1 where one unit has all. It is one
    minus twice the area under the Lorenz curve of units in order of resource per demand.

    Parameters
    ----------
    resource, demand : array_like, shape (units,)
        Not negative; a unit without demand adds to the resource at the rich end.

    Returns
    -------
    float
        NaN where there is no resource or no demand.

    References
    ----------
    Lerman and Yitzhaki (1989), doi:10.1016/0304-4076(89)90074-2, for weighted data.

    Examples
    --------
    >>> gini([1, 1], [1, 1]), gini([0, 4], [1, 1])
    (0.0, 0.5)
    """
    y, w = np.asarray(resource, dtype=float), np.asarray(demand, dtype=float)
    if y.sum() <= 0 or w.sum() <= 0:
        return float("nan")
    with np.errstate(divide="ignore", invalid="ignore"):
        order = np.argsort(np.where(w > 0, y / w, np.where(y > 0, np.inf, 0.0)), kind="stable")
    shares = np.concatenate([[0.0], y[order].cumsum() / y.sum()])
    area = (w[order] / w.sum() * (shares[:-1] + shares[1:])).sum()
    return float(max(1 - area, 0.0))


def theil(resource: ArrayLike, demand: ArrayLike) -> float:
    """Return Theil's T of a resource against demand: ``Σ s ln(s / w)`` over shares.

    Parameters
    ----------
    resource, demand : array_like, shape (units,)
        Not negative; units without demand are left out.

    Returns
    -------
    float
        0 for proportional shares; NaN where there is no resource or no demand.

    References
    ----------
    Theil (1967), *Economics and Information Theory*, chapter 4; North-Holland.

    Examples
    --------
    >>> round(theil([0, 4], [1, 1]), 6) == round(float(np.log(2)), 6)
    True
    """
    y, w = np.asarray(resource, dtype=float), np.asarray(demand, dtype=float)
    y, w = y[w > 0], w[w > 0]
    if y.sum() <= 0 or w.sum() <= 0:
        return float("nan")
    s, t = y / y.sum(), w / w.sum()
    held = s > 0
    return float((s[held] * np.log(s[held] / t[held])).sum())


def theil_between(resource: ArrayLike, demand: ArrayLike, groups: ArrayLike) -> float:
    """Return the part of Theil's T that lies between groups.

    Parameters
    ----------
    resource, demand : array_like, shape (units,)
        As for :func:`theil`.
    groups : array_like, shape (units,)
        Number of each unit's group.

    Returns
    -------
    float
        Theil's T of the groups' totals; the rest of T lies within the groups.

    Examples
    --------
    >>> theil_between([0, 4, 2, 2], [1, 1, 1, 1], [0, 0, 1, 1])
    0.0
    """
    y, w = np.asarray(resource, dtype=float), np.asarray(demand, dtype=float)
    _, number = np.unique(np.asarray(groups), return_inverse=True)
    used = w > 0
    return theil(np.bincount(number[used], y[used]), np.bincount(number[used], w[used]))


STATISTICS: dict[str, Statistic] = {
    "gini": lambda y, w, _: gini(y, w),
    "theil": lambda y, w, _: theil(y, w),
    "theil_between": theil_between,
    "theil_within": lambda y, w, g: theil(y, w) - theil_between(y, w, g),
}


def jackknife(
    statistic: Statistic, resource: Array, demand: Array, groups: NDArray[np.int64]
) -> tuple[float, float, float]:
    """Return a statistic of units with delete-one limits, not below 0.

    Parameters
    ----------
    statistic : callable
        Of `STATISTICS`.
    resource, demand : ndarray, shape (units,)
        As for :func:`gini`.
    groups : ndarray, shape (units,)
        Number of each unit's group.

    Returns
    -------
    tuple of float
        Value, lower and upper; limits NaN for fewer than three units.

    References
    ----------
    Efron and Stein (1981), doi:10.1214/aos/1176345462.

    Examples
    --------
    >>> ones = np.ones(4)
    >>> jackknife(STATISTICS["gini"], ones, ones, np.zeros(4, dtype=np.int64))
    (0.0, 0.0, 0.0)
    """
    value = statistic(resource, demand, groups)
    units = len(resource)
    if units < 3:  # noqa: PLR2004 - with two units, one left out tells nothing
        return value, float("nan"), float("nan")
    kept = ~np.eye(units, dtype=bool)
    left = np.array([statistic(resource[row], demand[row], groups[row]) for row in kept])
    spread = np.sqrt((units - 1) / units * ((left - left.mean()) ** 2).sum())
    half = float(t_quantile(np.array([units - 1]))[0] * spread)
    return value, max(value - half, 0.0), value + half
