"""Rolling-origin back-tests: where the origins lie, how errors are scored, what the scores are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from branchwise.models.forecast.plain import cycle_length, nan_mean
from branchwise.models.forecast.series import Array, Panel

FEWEST_KNOWN = 10
FEWEST_WITHOUT_SEASON = 8
INTERMITTENT = 0.4
"""Share of zeros from which a series is intermittent: it is judged by squared errors, because the
smallest absolute error would belong to the forecast that nobody ever comes."""


def origins_of(panel: Panel, most: int) -> tuple[int, tuple[int, ...]]:
    """Return the horizon of the back-test and how many slots are known at each origin.

    The last origin lies one horizon before the end, the others a horizon apart before it, nearer
    together where the series are short. A horizon shorter than the first season is tested over that
    season, a horizon longer than half of what could be tested is tested over that half.

    Parameters
    ----------
    panel : Panel
        The series with their horizon.
    most : int
        Most origins.

    Returns
    -------
    tuple of int and tuple of int
        Horizon and origins, rising; no origins if the series are too short to test.

    Examples
    --------
    >>> origins_of(Panel(ids=("B1",), times=np.arange(47), values=np.ones((1, 40))), 3)
    (7, (19, 26, 33))
    >>> origins_of(Panel(ids=("B1",), times=np.arange(9), values=np.ones((1, 2))), 3)
    (7, ())
    """
    first = panel.season_lengths[0] if panel.season_lengths else 1
    cycle = cycle_length(panel)
    known = max(FEWEST_KNOWN if first == 1 else 2 * first, FEWEST_WITHOUT_SEASON)
    known = max(known, cycle if 2 * cycle <= panel.steps else 0)
    room = panel.steps - known
    if room < 1 or panel.horizon < 1:
        return panel.horizon, ()
    horizon = min(max(panel.horizon, min(first, room // 4)), max(room // 2, 1))
    step = horizon
    if most > 1 and room - horizon < step * (most - 1):
        step = max((room - horizon) // (most - 1), 1, horizon // 3)
    count = min(most, 1 + (room - horizon) // step)
    last = panel.steps - horizon
    return horizon, tuple(last - step * back for back in reversed(range(count)))


def truths(panel: Panel, horizon: int, origins: Sequence[int]) -> Array:
    """Return what came after each origin, shape (n, origins, horizon); NaN where not to score."""
    seen = panel.seen
    if not origins:
        return np.full((len(seen), 0, horizon), np.nan)
    return np.stack([seen[:, origin : origin + horizon] for origin in origins], axis=1)


def smape(truth: Array, mean: Array) -> Array:
    """Return the symmetric MAPE of each series, 0–2; two zeros are no error.

    Parameters
    ----------
    truth, mean : ndarray, shape (n, origins, horizon)
        NaN in `truth` where nothing is scored.

    Examples
    --------
    >>> smape(np.array([[[1.0, 0.0, np.nan]]]), np.array([[[3.0, 0.0, 5.0]]])).tolist()
    [0.5]
    """
    size = np.abs(truth) + np.abs(mean)
    error = 2 * np.abs(truth - mean) / np.where(size > 0, size, 1.0)
    return nan_mean(error.reshape(len(truth), -1), 1)


def wmape(truth: Array, mean: Array) -> Array:
    """Return the sum of absolute errors over the sum of absolute values of each series.

    Examples
    --------
    >>> wmape(np.array([[[1.0, 3.0]]]), np.array([[[2.0, 3.0]]])).tolist()
    [0.25]
    """
    error = np.nansum(np.abs(truth - mean), axis=(1, 2))
    size = np.nansum(np.abs(truth), axis=(1, 2))
    return np.where(size > 0, error / np.where(size > 0, size, 1.0), np.nan)


def naive_scale(panel: Panel, origin: int) -> Array:
    """Return the mean absolute error of the seasonal naive forecast within the first slots.

    NaN where there is none, or where the series repeats itself without any error.
    """
    cycle = cycle_length(panel.cut(origin, 0))
    seen = panel.seen[:, :origin]
    scale = nan_mean(np.abs(seen[:, cycle:] - seen[:, :-cycle]), 1)
    return np.where(scale > 0, scale, np.nan)


def mase(truth: Array, mean: Array, scale: Array) -> Array:
    """Return the mean absolute scaled error of each series.

    Examples
    --------
    >>> mase(np.array([[[1.0, 3.0]]]), np.array([[[2.0, 3.0]]]), np.array([2.0])).tolist()
    [0.25]
    """
    return nan_mean(np.abs(truth - mean).reshape(len(truth), -1), 1) / scale


def loss(truth: Array, mean: Array) -> Array:
    """Return the loss by series and origin that models are chosen by, shape (n, origins).

    The geometric mean of two errors, so that neither the large values nor the small ones decide
    alone: the mean absolute error (of intermittent series the root of the mean square) and, counted
    twice, the symmetric MAPE.

    Examples
    --------
    >>> loss(np.array([[[1.0, 1.0]]]), np.array([[[3.0, 3.0]]])).tolist()
    [[1.2599210498948732]]
    """
    squared = intermittent(truth)[:, None]
    error = np.abs(truth - mean)
    size = np.where(squared, np.sqrt(nan_mean(error**2, 2)), nan_mean(error, 2))
    both = np.abs(truth) + np.abs(mean)
    relative = nan_mean(2 * error / np.where(both > 0, both, 1.0), 2)
    return np.cbrt(size * relative**2)


def together(losses: Array) -> Array:
    """Return the mean loss over origins, shape (n,); NaN where nothing was scored."""
    return nan_mean(losses, 1)


def intermittent(truth: Array) -> Array:
    """Return which series have many zeros."""
    there = (~np.isnan(truth)).sum(axis=(1, 2))
    zeros = (truth == 0).sum(axis=(1, 2))
    return np.asarray(zeros >= INTERMITTENT * np.maximum(there, 1))


def pooled(scores: Mapping[str, Array]) -> dict[str, float]:
    """Return the mean of each score over the series that have one.

    Examples
    --------
    >>> pooled({"mase": np.array([1.0, np.nan, 2.0])})
    {'mase': 1.5}
    """
    return {name: float(nan_mean(score, 0)) for name, score in scores.items()}
