"""Conformal intervals: how far forecasts were off in the back-test, by lead, slot and size.

Errors are taken on the square-root scale where no value is negative (counts vary like their square
root), on the plain one otherwise. An error is divided by what is usual for its series, its lead and
its place in the day or week; what is left is alike everywhere, so its quantiles can be taken over
all series of about the same size (split conformal prediction [1]_, normalised [2]_). Errors of one
origin are alike, and plain quantiles of few origins are too narrow: the intervals are widened (or
drawn in) until each origin is covered, on average, by what the *others* give.

References
----------
.. [1] Vovk, Gammerman and Shafer (2022), Algorithmic Learning in a Random World, 2nd edition,
   Springer, doi:10.1007/978-3-031-06649-8.
.. [2] Lei, G'Sell, Rinaldo, Tibshirani and Wasserman (2018), Distribution-free predictive inference
   for regression, Journal of the American Statistical Association 113,
   doi:10.1080/01621459.2017.1307116.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from branchwise.models.forecast.plain import nan_mean
from branchwise.models.forecast.series import Array, Flags

LEAD_GROUPS = 4
WORTH_ERRORS = 20.0
"""A group's usual error is drawn towards the series' as if it had so many errors more of that."""
SIZE_GROUPS, SERIES_A_SIZE = 3, 10
NARROWEST_FACTOR, WIDEST_FACTOR = 0.8, 2.0
STEPS_OF_WIDENING = 12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Errors:
    """Forecasts of a back-test and what came.

    Attributes
    ----------
    truth, mean : ndarray, shape (n, origins, horizon)
        NaN in `truth` where nothing is to be covered.
    place : ndarray of int, shape (origins, horizon)
        Group of each slot: hour of the day, or day of the week.
    signed : ndarray of bool, shape (n,)
        Series that may be negative: their errors are taken as they are.
    """

    truth: Array
    mean: Array
    place: NDArray[np.int64]
    signed: Flags

    def scaled(self) -> Array:
        """Return the errors on their scales."""
        return _scaled(self.truth, self.signed) - _scaled(self.mean, self.signed)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spread:
    """How far off forecasts are: usual sizes, and quantiles of what is left.

    Attributes
    ----------
    series : ndarray, shape (n,)
        Usual error on the scale of the series.
    lead : ndarray, shape (horizon,)
        Factor by lead.
    place : ndarray, shape (places,)
        Factor by group of slots.
    size : ndarray of int, shape (n,)
        Size group of each series.
    left : tuple of ndarray
        Sorted standardised errors of each size group.
    """

    series: Array
    lead: Array
    place: Array
    size: NDArray[np.int64]
    left: tuple[Array, ...]

    def limits(self, level: float, widen: float) -> tuple[Array, Array]:
        """Return the quantiles at a level, widened, by series: shape (n,) each."""
        ends = [_ends(left, level) for left in self.left]
        lower, upper = np.array([end[0] for end in ends]), np.array([end[1] for end in ends])
        return widen * lower[self.size], widen * upper[self.size]

    def usual(self, place: NDArray[np.int64]) -> Array:
        """Return the usual error (n, slots) ahead; beyond the tested horizon by square root."""
        ahead = np.arange(len(place))
        last = len(self.lead) - 1
        grown = np.sqrt(np.maximum((ahead + 1) / (last + 1), 1.0))
        lead = self.lead[np.minimum(ahead, last)] * grown
        known = np.append(self.place, 1.0)
        return np.asarray(
            self.series[:, None] * lead * known[np.minimum(place, len(self.place))], np.float64
        )


def spread_of(errors: Errors) -> Spread:
    """Estimate the spread of errors.

    Examples
    --------
    >>> truth = np.array([[[9.0, 16.0]], [[25.0, 4.0]]])
    >>> errors = Errors(truth=truth, mean=truth + 1, place=np.zeros((1, 2), int),
    ...                 signed=np.zeros(2, bool))
    >>> spread_of(errors).lead.shape
    (2,)
    """
    scaled = errors.scaled()
    size = np.abs(scaled)
    own = nan_mean(size.reshape(len(size), -1), 1)
    overall = float(np.nan_to_num(nan_mean(own, 0)))
    series = np.where(np.isnan(own), overall, own)
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = size / np.where(series > 0, series, np.nan)[:, None, None]
    lead = _lead_factors(relative)
    place = _place_factors(relative / lead, errors.place)
    usual = series[:, None, None] * lead * place[errors.place]
    standard = scaled / np.where(usual > 0, usual, np.nan)
    group = _size_groups(errors.truth)
    left = tuple(
        np.sort(standard[group == one][~np.isnan(standard[group == one])])
        for one in range(int(group.max(initial=0)) + 1)
    )
    return Spread(series=series, lead=lead, place=place, size=group, left=left)


def widening(errors: Errors, levels: Sequence[float]) -> tuple[dict[float, float], Array]:
    """Return the widening factor of each level and the coverage that the other origins give.

    Returns
    -------
    tuple of dict and ndarray, shape (n, len(levels))
        Factors from 0.8 to 2, and coverage of each series (NaN where nothing was to be covered).
    """
    origins = errors.truth.shape[1]
    others = [spread_of(_only(errors, np.arange(origins) != one)) for one in range(origins)]
    if origins < 2:  # noqa: PLR2004 - no others
        others = [spread_of(errors)] * origins
    factors: dict[float, float] = {}
    covered = np.full((len(errors.truth), len(levels)), np.nan)
    for column, level in enumerate(levels):
        low, high = NARROWEST_FACTOR, WIDEST_FACTOR
        for _ in range(STEPS_OF_WIDENING):
            middle = (low + high) / 2
            enough = _covered(errors, others, level, middle)[1] >= level
            low, high = (low, middle) if enough else (middle, high)
        factors[level] = high
        covered[:, column] = _covered(errors, others, level, high)[0]
    return factors, covered


def limits(
    mean: Array, spread: Spread, place: NDArray[np.int64], signed: Flags,
    factors: Mapping[float, float],
) -> tuple[dict[float, Array], dict[float, Array]]:  # fmt: skip
    """Return lower and upper limits around a mean (n, horizon) at each level.

    Limits of a higher level are never inside those of a lower one; none of a series that cannot be
    negative is below 0.
    """
    lower: dict[float, Array] = {}
    upper: dict[float, Array] = {}
    inner_lower = inner_upper = mean
    for level in sorted(factors):
        below, above = _around(mean, spread, place, signed, (level, factors[level]))
        inner_lower = lower[level] = np.minimum(below, inner_lower)
        inner_upper = upper[level] = np.maximum(above, inner_upper)
    return lower, upper


def untested_limits(
    values: Array, mean: Array, levels: Sequence[float]
) -> tuple[dict[float, Array], dict[float, Array]]:
    """Return limits for one series whose forecast could not be tested on its past.

    All that is known is how the values differ among themselves: the interval is that of one more
    value of a normal sample, with Student's quantile [1]_. It is never narrower than what two
    counts of one Poisson rate differ by (roots of counts have a variance of 1/4), or, where values
    are no counts and show no difference, than the forecast itself (plus and minus 100 %).

    Parameters
    ----------
    values : ndarray, shape (steps,)
        The series; NaN where missing, one value at least.
    mean : ndarray, shape (horizon,)
        Its forecast.
    levels : sequence of float
        Coverages wished.

    Returns
    -------
    tuple of dict and dict
        Lower and upper limits by level, shape (horizon,) each; not below 0 where no value is.

    References
    ----------
    .. [1] Hahn and Meeker (1991), Statistical Intervals, Wiley, doi:10.1002/9780470316771.

    Examples
    --------
    >>> lower, upper = untested_limits(np.array([3.0, 90.0]), np.array([46.5]), [0.8])
    >>> lower[0.8].round(1).tolist(), upper[0.8].round(1).tolist()
    ([0.0], [278.4])
    >>> lower, upper = untested_limits(np.array([16.0]), np.array([16.0]), [0.8])
    >>> lower[0.8].round(1).tolist(), upper[0.8].round(1).tolist()
    ([9.6], [24.1])
    """
    from scipy.special import ndtri, stdtrit

    there = values[~np.isnan(values)]
    signed = bool((there < 0).any())
    counts = not signed and bool((there == np.round(there)).all())
    several = len(there) > 1
    size = float(np.abs(there).max()) or 1.0
    deviation = float((there / size).std(ddof=1)) * size if several else 0.0
    lower: dict[float, Array] = {}
    upper: dict[float, Array] = {}
    for level in sorted(levels):
        end = (1 + level) / 2
        wide = np.full(mean.shape, deviation * np.sqrt(1 + 1 / len(there)))
        wide *= float(stdtrit(len(there) - 1, end)) if several else 0.0
        below, above = mean - wide, mean + wide
        if counts:
            root, reach = np.sqrt(np.maximum(mean, 0.0)), float(ndtri(end)) * np.sqrt(0.5)
            below = np.minimum(below, np.maximum(root - reach, 0.0) ** 2)
            above = np.maximum(above, (root + reach) ** 2)
        elif deviation == 0:
            below, above = mean - np.abs(mean), mean + np.abs(mean)
        lower[level] = below if signed else np.maximum(below, 0.0)
        upper[level] = above
    return lower, upper


def _around(
    mean: Array, spread: Spread, place: NDArray[np.int64], signed: Flags,
    wanted: tuple[float, float],
) -> tuple[Array, Array]:  # fmt: skip
    usual = spread.usual(place)
    lowest, highest = spread.limits(*wanted)
    middle = _scaled(mean, signed)
    below, above = middle + lowest[:, None] * usual, middle + highest[:, None] * usual
    return _back(below, signed), _back(above, signed)


def _covered(
    errors: Errors, others: Sequence[Spread], level: float, widen: float
) -> tuple[Array, float]:
    """Return the share of values within limits by series, and over all values."""
    inside = np.full(errors.truth.shape, np.nan)
    for one, spread in enumerate(others):
        truth = errors.truth[:, one]
        below, above = _around(
            errors.mean[:, one], spread, errors.place[one], errors.signed, (level, widen)
        )
        within = (truth >= below - 1e-9) & (truth <= above + 1e-9)
        inside[:, one] = np.where(np.isnan(truth), np.nan, within)
    by_series = nan_mean(inside.reshape(len(inside), -1), 1)
    return by_series, float(np.nan_to_num(nan_mean(inside.ravel(), 0), nan=1.0))


def _only(errors: Errors, kept: Flags) -> Errors:
    return Errors(
        truth=errors.truth[:, kept],
        mean=errors.mean[:, kept],
        place=errors.place[kept],
        signed=errors.signed,
    )


def _scaled(values: Array, signed: Flags) -> Array:
    return np.where(signed.reshape(-1, *[1] * (values.ndim - 1)), values,
                    np.sqrt(np.maximum(values, 0.0)))  # fmt: skip


def _back(values: Array, signed: Flags) -> Array:
    return np.where(signed[:, None], values, np.maximum(values, 0.0) ** 2)


def _ends(left: Array, level: float) -> tuple[float, float]:
    """Return the two quantiles, each 0 or further out, with the conformal correction for n."""
    if not len(left):
        return 0.0, 0.0
    beyond = min(1.0, (1 + level) / 2 * (1 + 1 / len(left)))
    low, high = np.quantile(left, [1 - beyond, beyond])
    return min(float(low), 0.0), max(float(high), 0.0)


def _lead_factors(relative: Array) -> Array:
    """Return the factor by lead, in groups, never falling as leads grow."""
    horizon = relative.shape[2]
    group = np.arange(horizon) * LEAD_GROUPS // max(horizon, 1)
    factors = np.array([_drawn(relative[:, :, group == one]) for one in range(group[-1] + 1)])
    return np.asarray(np.maximum.accumulate(factors)[group], np.float64)


def _place_factors(relative: Array, place: NDArray[np.int64]) -> Array:
    return np.array(
        [_drawn(relative[:, place == one]) for one in range(int(place.max(initial=0)) + 1)]
    )


def _drawn(relative: Array) -> float:
    """Return the mean of relative errors, drawn towards 1."""
    there = ~np.isnan(relative)
    total = float(np.where(there, relative, 0.0).sum())
    return (total + WORTH_ERRORS) / (int(there.sum()) + WORTH_ERRORS)


def _size_groups(truth: Array) -> NDArray[np.int64]:
    """Return the size group of each series: thirds by mean, one group for few series."""
    count = len(truth)
    if count < SIZE_GROUPS * SERIES_A_SIZE:
        return np.zeros(count, np.int64)
    mean = np.nan_to_num(nan_mean(np.abs(truth).reshape(count, -1), 1))
    rank = np.argsort(np.argsort(mean, kind="stable"), kind="stable")
    return np.asarray(rank * SIZE_GROUPS // count, np.int64)
