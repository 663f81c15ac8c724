"""Levels as a Gaussian process: drift, weekday, month, year and closures in one covariance.

A level is a sum of independent parts, each with a covariance of its own: fluctuations that last
days, weeks and months (Ornstein–Uhlenbeck), a straight trend, a weekday (fixed, and slowly
changing), the place in the month, the year, the days after a closure, whatever regressors the
caller knows, and noise. How large each part is, is not known: sizes are drawn from wide priors, and
each draw counts by its marginal likelihood, once more around what the first round found (adaptive
importance sampling [1]_, [2]_). So nothing is tuned on the future, a panel is one matrix
factorisation a draw, and every series gets the sizes that its own values speak for.

References
----------
.. [1] Rasmussen and Williams (2006), Gaussian Processes for Machine Learning, MIT Press,
   doi:10.7551/mitpress/3206.001.0001.
.. [2] Bugallo, Elvira, Martino, Luengo, Míguez and Djurić (2017), Adaptive importance sampling,
   IEEE Signal Processing Magazine 34, doi:10.1109/MSP.2017.2699226.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from branchwise.core.randomness import stream
from branchwise.models.forecast.axis import LevelAxis
from branchwise.models.forecast.series import Array

LONGEST = 760
"""Points learned from: two years of days."""
FIRST_DRAWS, LATER_DRAWS, ROUNDS = 32, 16, 2
FILL_ROUNDS = 6
OUTLIER = 3.5
MAD_TO_DEVIATION = 1.4826
MONTH_DAYS = 3.0
"""How far from its place in the month a day still tells something, in days."""
CLOSED_FADES = ((1, 1.0), (2, 0.25), (3, 0.0625))
"""Variance of the first, second and third day after a closure, relative to the first."""
DRIFT_SEASONS = {"days": 0.3, "week": 1.2, "weeks": 6.0, "months": 24.0}
DRIFT_POINTS = {"days": 1.5, "week": 6.0, "weeks": 30.0, "months": 120.0}
SEASON_LASTS = 26.0
"""After so many seasons a changing season has forgotten 63 % of itself."""

PRIORS: dict[str, tuple[float, float]] = {
    "constant": (2.0, 0.0),
    "trend": (0.3, 1.0),
    "drift_days": (0.25, 0.8),
    "drift_week": (0.25, 0.8),
    "drift_weeks": (0.35, 0.8),
    "drift_months": (0.4, 0.8),
    "season": (0.8, 0.8),
    "season_changing": (0.15, 0.8),
    "month": (0.25, 0.8),
    "after_closed": (0.4, 0.8),
    "year": (0.3, 0.8),
    "year_dates": (0.2, 0.8),
    "regressors": (0.2, 0.8),
    "noise": (0.5, 0.6),
}
"""Median of the standard deviation of a part, relative to that of the series, and the standard
deviation of its logarithm: wide enough that the data decide."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Levels:
    """Levels ahead.

    Attributes
    ----------
    mean, deviation : ndarray, shape (n, ahead)
        In the unit of what was given.
    """

    mean: Array
    deviation: Array


def level_forecast(
    values: Array,
    axis: LevelAxis,
    *,
    regressors: Array | None = None,
    seed: int = 1,
) -> Levels:
    """Forecast levels on an axis that reaches further than the values.

    Parameters
    ----------
    values : ndarray, shape (n, known)
        Levels on a scale on which effects add (logarithm, square root); NaN where missing.
    axis : LevelAxis
        ``known`` points and those to forecast.
    regressors : ndarray, shape (columns, len(axis)), optional
        Known columns, the same for all series.
    seed : int
        Seed of the draws.

    Returns
    -------
    Levels
        For the points of the axis behind the values; never NaN: a series without a value gets 0.

    Examples
    --------
    >>> week = np.array([[5.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0] * 8])
    >>> axis = LevelAxis(season_length=7, season=np.arange(63) % 7)
    >>> level_forecast(week, axis).mean.round(1).tolist()
    [[4.9, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0]]
    """
    from threadpoolctl import threadpool_limits

    known = values.shape[1]
    first = max(0, known - LONGEST)
    learned = np.flatnonzero(~np.isnan(values[:, first:]).all(axis=0)) + first
    ahead = np.arange(known, len(axis))
    if len(learned) < 2 or not len(ahead):  # noqa: PLR2004
        return _without(values, len(ahead))
    points = np.concatenate([learned, ahead])
    parts = _parts(axis, points, regressors)
    centre, scale = _standard(values[:, learned])
    standard = (values[:, learned] - centre[:, None]) / scale[:, None]
    with threadpool_limits(1):  # threads cost more than they bring, and change the last bits
        mean, variance = _averaged(_filled(standard, parts), parts, seed)
    return Levels(
        mean=centre[:, None] + scale[:, None] * mean,
        deviation=scale[:, None] * np.sqrt(variance),
    )


def _without(values: Array, ahead: int) -> Levels:
    """Return the mean of what there is, for series too short to learn from."""
    there = ~np.isnan(values)
    mean = np.where(there, values, 0.0).sum(axis=1) / np.maximum(there.sum(axis=1), 1)
    flat = np.tile(mean[:, None], (1, ahead))
    return Levels(mean=flat, deviation=np.abs(flat))


def _standard(values: Array) -> tuple[Array, Array]:
    """Return centre and scale of each series, robustly (0 and 1 where there is nothing)."""
    count = (~np.isnan(values)).sum(axis=1)
    some = np.where(count[:, None] > 0, values, 0.0)
    centre = np.nanmean(some, axis=1)
    scale = np.nanstd(some, axis=1)
    return centre, np.where(scale > 1e-9 * (1 + np.abs(centre)), scale, 1.0)


def _parts(
    axis: LevelAxis, points: NDArray[np.int64], regressors: Array | None
) -> dict[str, Array]:
    """Return the covariance of each part among the points, each of variance about 1."""
    place = points.astype(np.float64)
    apart = np.abs(place[:, None] - place)
    length = axis.season_length
    reach = np.ptp(place) + 1
    parts = {
        "constant": np.ones_like(apart),
        "trend": np.outer(place - place.mean(), place - place.mean()) / reach**2 * 12,
    }
    lasts = {name: seasons * length for name, seasons in DRIFT_SEASONS.items()}
    for name, span in (lasts if 1 < length <= 7 else DRIFT_POINTS).items():  # noqa: PLR2004
        parts[f"drift_{name}"] = np.exp(-apart / span)
    if length > 1:
        season = axis.season[points]
        same = (season[:, None] == season).astype(np.float64)
        parts["season"] = same
        parts["season_changing"] = same * np.exp(-apart / (SEASON_LASTS * length))
    parts |= _calendar_parts(axis, points)
    if regressors is not None and len(regressors):
        columns = _scaled_columns(regressors[:, points])
        parts["regressors"] = columns.T @ columns
    return parts


def _calendar_parts(axis: LevelAxis, points: NDArray[np.int64]) -> dict[str, Array]:
    parts: dict[str, Array] = {}
    if axis.month_place is not None:
        month = axis.month_place[points]
        parts["month"] = np.exp(-np.abs(month[:, None] - month) / MONTH_DAYS)
    if axis.since_closed is not None:
        since = axis.since_closed[points]
        parts["after_closed"] = np.sum(
            [size * np.outer(since == days, since == days) for days, size in CLOSED_FADES], axis=0
        )
    if axis.year_share is not None and len(points) > 1:
        year = axis.year_share[points]
        turn = np.sin(np.pi * (year[:, None] - year)) ** 2
        parts["year"] = np.exp(-2 * turn / 0.6**2)
        parts["year_dates"] = np.exp(-2 * turn / 0.1**2)
    return parts


def _scaled_columns(columns: Array) -> Array:
    centred = columns - columns.mean(axis=1, keepdims=True)
    size = centred.std(axis=1, keepdims=True)
    return np.where(size > 0, centred / np.where(size > 0, size, 1.0), 0.0)


def _filled(standard: Array, parts: Mapping[str, Array]) -> Array:
    """Return the values with gaps filled and outliers drawn in, by the process of median sizes.

    Gaps are filled with their conditional mean (the E step of EM, repeated), so that all series
    share one factorisation. A value further than 3.5 deviations (by the median absolute deviation)
    from the smooth curve is drawn in to there: one strange day must not move a month.
    """
    from scipy.linalg import cho_factor, cho_solve

    sizes = {name: PRIORS[name][0] ** 2 for name in parts}
    known = standard.shape[1]
    covariance = sum(size * parts[name][:known, :known] for name, size in sizes.items())
    noise = PRIORS["noise"][0] ** 2
    factor = cho_factor(covariance + noise * np.eye(known), lower=True, check_finite=False)
    missing = np.isnan(standard)
    filled = np.where(missing, 0.0, standard)
    smooth = filled
    for _ in range(FILL_ROUNDS if missing.any() else 1):
        smooth = filled - noise * cho_solve(factor, filled.T, check_finite=False).T
        filled = np.where(missing, smooth, standard)
    off = np.where(missing, np.nan, standard - smooth)
    some = np.where(missing.all(axis=1, keepdims=True), 0.0, off)
    reach = OUTLIER * MAD_TO_DEVIATION * np.nanmedian(np.abs(some), axis=1)
    reach = np.where(reach > 0, reach, np.inf)[:, None]
    return np.where(missing, filled, smooth + np.clip(np.nan_to_num(off), -reach, reach))


def _averaged(values: Array, parts: Mapping[str, Array], seed: int) -> tuple[Array, Array]:
    """Return mean and variance ahead, averaged over draws of the sizes."""
    names = [*parts, "noise"]
    middle = np.log([PRIORS[name][0] for name in names])
    spread = np.array([PRIORS[name][1] for name in names])
    chance = stream(seed, "levels", values.shape[1])
    draws = middle + spread * np.clip(chance.standard_normal((FIRST_DRAWS, len(names))), -2, 2)
    draws[0] = middle
    found = [_answer(values, parts, draw) for draw in draws]
    for _ in range(ROUNDS):
        share = _shares(found, draws, middle, spread).mean(axis=1)
        centre = share @ draws
        width = np.sqrt(share @ (draws - centre) ** 2)
        width = 0.8 * np.maximum(width, 0.25 * spread)
        more = centre + width * chance.standard_normal((LATER_DRAWS, len(names)))
        draws = np.concatenate([draws, more])
        found += [_answer(values, parts, draw) for draw in more]
    share = _shares(found, draws, middle, spread)
    means = np.array([answer.mean for answer in found])
    mean = np.einsum("ds,dsh->sh", share, means)
    within = np.array([answer.variance for answer in found])
    between = np.einsum("ds,dsh->sh", share, (means - mean) ** 2)
    return mean, np.einsum("ds,dsh->sh", share, within) + between


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Answer:
    likelihood: Array
    mean: Array
    variance: Array


def _answer(values: Array, parts: Mapping[str, Array], draw: Array) -> _Answer:
    """Return log likelihood, mean and variance under one draw of the sizes.

    The overall size is integrated out in effect: each series scales the covariance by its own
    mean square, held near 1 by an inverse-gamma prior worth six values.
    """
    from scipy.linalg import cho_factor, cho_solve

    series, known = values.shape
    sizes = np.exp(2 * draw)
    covariance = np.zeros_like(next(iter(parts.values())))
    for size, part in zip(sizes, parts.values(), strict=False):
        covariance += size * part
    within = covariance[:known, :known].copy()
    within[np.diag_indices(known)] += sizes[-1] + 1e-9
    factor = cho_factor(within, lower=True, overwrite_a=True, check_finite=False)
    solved = cho_solve(factor, values.T, check_finite=False)
    square = (values.T * solved).sum(axis=0)
    scale = (square + PRIOR_WORTH) / (known + PRIOR_WORTH)
    determinant = 2 * np.log(np.diag(factor[0])).sum()
    likelihood = -0.5 * ((known + PRIOR_WORTH) * np.log(scale) + determinant)
    across = covariance[known:, :known]
    explained = (across * cho_solve(factor, across.T, check_finite=False).T).sum(axis=1)
    spread = np.maximum(np.diag(covariance)[known:] - explained, 0) + sizes[-1]
    return _Answer(
        likelihood=likelihood,
        mean=(across @ solved).T,
        variance=scale[:, None] * np.broadcast_to(spread, (series, len(spread))),
    )


PRIOR_WORTH = 6.0


def _shares(found: list[_Answer], draws: Array, middle: Array, spread: Array) -> Array:
    """Return the weight of each draw for each series, shape (draws, n).

    The prior's pull on later draws is half: they were proposed near the data.
    """
    some = spread > 0
    pull = 0.25 * (((draws - middle)[:, some] / spread[some]) ** 2).sum(axis=1)
    score = np.array([answer.likelihood for answer in found]) - pull[:, None]
    weight = np.exp(score - score.max(axis=0))
    return np.asarray(weight / weight.sum(axis=0), np.float64)
