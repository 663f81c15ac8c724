"""Who comes when: rates by weekday and quarter-hour that borrow strength, and the day's factor.

Counts of a quarter-hour are Poisson, given a gamma factor of the day. The shape of a day is a
weekday's own as far as its counts speak, else that of all weekdays with the same hours, else that
of peers: each level is the prior of the one above (gamma for Poisson, its strength by maximum
marginal likelihood, that is empirical Bayes [1]_). The day's factor is found from the totals: its
variance is what makes Pearson's statistic equal to its degrees of freedom [2]_.

References
----------
.. [1] Robbins (1956), An empirical Bayes approach to statistics, Proc. Third Berkeley Symp. 1;
   Casella (1985), Am. Stat. 39, doi:10.1080/00031305.1985.10479400.
.. [2] Breslow (1984), Extra-Poisson variation in log-linear models, Appl. Stat. 33,
   doi:10.2307/2347661.
.. [3] DerSimonian and Laird (1986), Meta-analysis in clinical trials, Control. Clin. Trials 7,
   doi:10.1016/0197-2456(86)90046-2.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np

from branchwise.twin.calibrate.log import QUARTER, QUARTERS, Floats, Ints
from branchwise.twin.calibrate.model import WEEKDAYS, DayFactor, Hours, Rates
from branchwise.twin.calibrate.peers import factor_on

STRENGTHS = np.concatenate([np.geomspace(0.3, 300.0, 22), [np.inf]])
"""Customers that a prior counts for in a quarter-hour; infinite: the prior holds."""
ALIKE = 2 * QUARTER
"""Weekdays whose hours differ by no more share the shape of their day [s]."""
PER_HOUR = 3600 / QUARTER
HALF = 0.5
LEAST_AROUND = 0.1
LEAST_WEEKS = 3
PEERS_DIFFER = 0.03
"""Relative error of the peers' shape, where nothing speaks against it."""
NEIGHBOURS = 3.0


def rates_of(
    counts: Ints,
    dates: Sequence[date],
    hours: Mapping[int, Hours],
    peers: Floats,
    factors: Sequence[DayFactor] = (),
) -> Rates:
    """Return the rates of each class by weekday and quarter-hour, with their uncertainty.

    Parameters
    ----------
    counts : array of int, shape (classes, days, 96)
        Customers.
    dates : sequence of date
        The days.
    hours : mapping of int to Hours
        By weekday.
    peers : array, shape (classes, 96)
        Shape of the day elsewhere, summing to 1 in each row; all 0 where there are no peers.
    factors : sequence of DayFactor
        Kinds of days that differ, such as pay days.
    """
    weekdays = np.array([on.isoweekday() for on in dates], dtype=np.int64)
    weeks = np.array([(on.toordinal() - 1) // 7 for on in dates], dtype=np.int64)
    exposure = np.array([factor_on(factors, on, dates) for on in dates])
    totals = counts.sum(axis=2)
    expected = _expected(totals, weekdays, exposure)
    variance, variance_error, degrees = overdispersion(
        totals.sum(axis=0), expected.sum(axis=0), len(set(weekdays.tolist()))
    )
    drift = np.array(
        [
            week_variance(own, mean, weeks, variance)
            for own, mean in zip(totals, expected, strict=True)
        ]
    )
    shapes = [
        _cells(own, weekdays, exposure, _day_types(hours, weekdays), shape)
        for own, shape in zip(counts, peers, strict=True)
    ]
    return Rates(
        per_hour=np.stack([rate for rate, _ in shapes]),
        shape_error=np.stack([error for _, error in shapes]),
        level_error=_level_errors(totals, weekdays, weeks, variance, drift),
        overdispersion=variance,
        overdispersion_error=variance_error,
        degrees=degrees,
        week_variance=drift,
        factors=tuple(factors),
    )


def _cells(
    counts: Ints,
    weekdays: Ints,
    exposure: Floats,
    day_types: Sequence[Sequence[int]],
    peers: Floats,
) -> tuple[Floats, Floats]:
    """Return a class's rates per hour and their relative errors, by weekday and quarter-hour."""
    rates, errors, pooled_errors = (np.zeros((8, QUARTERS)) for _ in range(3))
    for alike in day_types:
        shape, doubt = _pooled_shape(counts[np.isin(weekdays, alike)].sum(axis=0), peers)
        for weekday in alike:
            days = weekdays == weekday
            mean, errors[weekday] = _shrunk(counts[days].sum(axis=0), shape, doubt)
            rates[weekday] = PER_HOUR * mean / exposure[days].sum()
            pooled_errors[weekday] = doubt
    weights = np.array(
        [exposure[weekdays == weekday].sum() / len(weekdays) for weekday in (0, *WEEKDAYS)]
    )
    rates[0] = weights @ rates
    errors[0] = (weights @ (rates * pooled_errors)) / np.maximum(rates[0], 1e-12)
    return rates, errors


def overdispersion(
    totals: Ints | Floats, expected: Floats, estimated: int
) -> tuple[float, float, int]:
    """Return the variance of the day's factor of mean 1, its standard error, and the degrees.

    Parameters
    ----------
    totals, expected : array, shape (days,)
        Customers of each day, and their mean before the factor.
    estimated : int
        Means that were estimated from the same days.

    Returns
    -------
    tuple of float, float and int
        Variance (0 where the totals vary no more than Poisson), standard error, days less
        estimated means.

    Examples
    --------
    >>> import numpy as np
    >>> chance = np.random.default_rng(5)
    >>> totals = chance.poisson(200 * chance.gamma(40, 1 / 40, 400))
    >>> variance, error, _ = overdispersion(totals, np.full(400, 200.0), 0)
    >>> abs(variance - 1 / 40) < 2 * error
    True
    """
    usable = expected > 0
    seen, expected = np.asarray(totals, dtype=np.float64)[usable], expected[usable]
    degrees = len(seen) - estimated
    if degrees < 2:  # noqa: PLR2004
        return 0.0, 0.0, max(degrees, 0)
    squares = np.square(seen - expected)

    def excess(variance: float) -> float:
        return float((squares / (expected + variance * expected**2)).sum()) - degrees

    error = math.sqrt(2 / degrees)
    if excess(0.0) <= 0:
        return 0.0, error / float(expected.mean()), degrees
    low, high = 0.0, 1.0
    while excess(high) > 0 and high < 1e6:  # noqa: PLR2004
        high *= 2
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) > 0 else (low, middle)
    return low, error * (low + 1 / float(expected.mean())), degrees


def week_variance(totals: Ints, expected: Floats, weeks: Ints, variance: float) -> float:
    """Return the variance between weeks beyond what days explain, relative to the mean.

    By the method of moments for random effects [3]_. Campaigns and seasons move a class of
    customers from week to week; a later week is then less certain than the days alone would say.

    Parameters
    ----------
    totals, expected : array, shape (days,)
        Customers of a class, and their mean.
    weeks : array of int, shape (days,)
        Week of each day.
    variance : float
        Of the day's factor.

    Examples
    --------
    >>> import numpy as np
    >>> even = np.repeat([100, 100, 100], 5)
    >>> week_variance(even, even.astype(float), np.repeat([1, 2, 3], 5), 0.0)
    0.0
    """
    effects, weights = [], []
    for week in np.unique(weeks).tolist():
        days = weeks == week
        mean = float(expected[days].sum())
        if mean > 0 and days.sum() > 1:
            effects.append(float(totals[days].sum()) / mean - 1)
            spread = mean + variance * float(np.square(expected[days]).sum())
            weights.append(mean**2 / spread)
    if len(effects) < LEAST_WEEKS:
        return 0.0
    effect, weight = np.array(effects), np.array(weights)
    centre = float((weight * effect).sum() / weight.sum())
    statistic = float((weight * (effect - centre) ** 2).sum())
    scale = float(weight.sum() - np.square(weight).sum() / weight.sum())
    return max((statistic - (len(effects) - 1)) / scale, 0.0)


def _expected(totals: Ints, weekdays: Ints, exposure: Floats) -> Floats:
    expected = np.zeros(totals.shape)
    for weekday in set(weekdays.tolist()):
        days = weekdays == weekday
        level = totals[:, days].sum(axis=1) / exposure[days].sum()
        expected[:, days] = level[:, None] * exposure[days][None, :]
    return expected


def _day_types(hours: Mapping[int, Hours], weekdays: Ints) -> list[list[int]]:
    """Return weekdays in groups of the same hours."""
    types: list[list[int]] = []
    for weekday in sorted(set(weekdays.tolist())):
        own = hours[weekday]
        for found in types:
            first = hours[found[0]]
            if max(abs(own.opens - first.opens), abs(own.closes - first.closes)) <= ALIKE:
                found.append(weekday)
                break
        else:
            types.append([weekday])
    return types


def _pooled_shape(pooled: Ints, peers: Floats) -> tuple[Floats, Floats]:
    """Return the shape of the day, shrunk towards the peers' or the neighbours', and its error."""
    if pooled.sum() == 0:
        return peers, np.zeros(QUARTERS)
    if peers.sum() > 0:
        prior, doubt = peers, np.full(QUARTERS, PEERS_DIFFER)
    else:
        prior = _around(pooled)
        doubt = 1 / np.sqrt(np.maximum(NEIGHBOURS * prior * pooled.sum(), HALF))
    mean, error = _shrunk(pooled, prior, doubt)
    return mean / mean.sum(), error


def _around(pooled: Ints) -> Floats:
    """Return for each quarter-hour the weighted mean of its neighbours, summing to 1."""
    padded = np.pad(pooled.astype(np.float64), 2)
    around = np.convolve(padded, np.array([0.5, 1.0, 0.0, 1.0, 0.5]) / NEIGHBOURS, mode="valid")
    prior = np.where(pooled > 0, np.maximum(around, LEAST_AROUND), 0.0)
    return np.asarray(prior / prior.sum())


def _shrunk(counts: Ints, shape: Floats, doubt: Floats) -> tuple[Floats, Floats]:
    """Return posterior means of counts, and relative errors, under a prior of a shape.

    `doubt` is the relative error of the shape itself.
    """
    total = float(counts.sum())
    if total <= 0:
        return np.zeros(QUARTERS), np.zeros(QUARTERS)
    prior = shape * total
    strength = _strength(counts, prior)
    if np.isinf(strength):
        alone = (prior <= 0) & (counts > 0)
        error = np.where(alone, 1 / np.sqrt(np.maximum(counts, HALF)), doubt)
        return np.where(alone, counts, prior), np.where((prior > 0) | alone, error, 0.0)
    has = (prior > 0) | (counts > 0)
    floor = np.maximum(prior, 1e-6)
    mean = np.where(has, (counts + strength) / (1 + strength / floor), 0.0)
    mean *= total / max(float(mean.sum()), 1e-12)
    weight = strength / (strength + floor)
    error = np.sqrt(1 / (counts + strength) + (weight * doubt) ** 2)
    return mean, np.where(has, error, 0.0)


def _strength(counts: Ints, prior: Floats) -> float:
    """Return the strength of a gamma prior that makes the counts most likely."""
    from scipy.special import gammaln

    usable = prior > 0
    if not usable.any():
        return float("inf")
    found, mean = counts[usable].astype(np.float64), prior[usable]
    best, chosen = -math.inf, math.inf
    for strength in STRENGTHS.tolist():
        if math.isinf(strength):
            likelihood = float((found * np.log(mean) - mean).sum())
        else:
            likelihood = float(
                (
                    gammaln(found + strength)
                    - gammaln(strength)
                    + strength * np.log(strength / (strength + mean))
                    + found * np.log(mean / (strength + mean))
                ).sum()
            )
        if likelihood >= best:
            best, chosen = likelihood, strength
    return chosen


def _level_errors(
    totals: Ints, weekdays: Ints, weeks: Ints, variance: float, drift: Floats
) -> Floats:
    level = np.zeros((len(totals), 8))
    for weekday in (0, *WEEKDAYS):
        days = np.ones(len(weekdays), dtype=bool) if weekday == 0 else weekdays == weekday
        count = np.maximum(totals[:, days].sum(axis=1), HALF)
        seen = max(len(np.unique(weeks[days])), 1)
        level[:, weekday] = np.sqrt(1 / count + variance / max(int(days.sum()), 1) + drift / seen)
    return level
