"""Putting models together, and choosing among them, by their losses in the back-test.

Forecasts that err differently are better together than alone [1]_. A model's weight falls with the
fourth power of its loss; the loss of one series is drawn towards that of the whole panel, because a
few origins tell little about one series. Weights for an origin come from the other origins, so the
combination is tested as honestly as its members.

References
----------
.. [1] Bates and Granger (1969), The combination of forecasts, Operational Research Quarterly 20,
   doi:10.1057/jors.1969.103.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from branchwise.models.forecast.plain import nan_mean
from branchwise.models.forecast.series import Array

POWER = 4.0
WORTH_ORIGINS = 4.0
"""The panel's loss counts as much as so many origins of the series itself."""
LEAST_WEIGHT = 0.25
"""Models with less than so much of an equal weight are left out."""


def shrunk_losses(losses: Array) -> Array:
    """Return relative losses (1 for the middling model), drawn towards those of the panel.

    Parameters
    ----------
    losses : ndarray, shape (models, n, origins)
        NaN where a model gave nothing or there was nothing to score.

    Returns
    -------
    ndarray, shape (models, n)
        Infinite where a model failed for a series.

    Examples
    --------
    >>> shrunk_losses(np.array([[[1.0]], [[4.0]]])).round(3).tolist()
    [[0.5], [2.0]]
    """
    mean = nan_mean(losses, 2)
    failed = np.isnan(mean)
    tiny = np.finfo(float).tiny
    logged = np.log(np.maximum(np.where(failed, 1.0, mean), 1e-12) + tiny)
    middle = nan_mean(np.where(failed, np.nan, logged), 0)
    relative = np.where(failed, np.nan, logged - middle)
    panel = nan_mean(np.clip(relative, -2, 2), 1)
    count = (~np.isnan(losses)).sum(axis=2)
    own = count / (count + WORTH_ORIGINS)
    drawn = own * np.nan_to_num(relative) + (1 - own) * np.nan_to_num(panel)[:, None]
    return np.where(failed, np.inf, np.exp(drawn))


def weights(losses: Array) -> Array:
    """Return the weights of the models for each series, shape (models, n); they sum to 1.

    Examples
    --------
    >>> weights(np.array([[[1.0]], [[1.0]], [[4.0]]])).round(2).tolist()
    [[0.5], [0.5], [0.0]]
    """
    relative = shrunk_losses(losses)
    size = np.where(np.isfinite(relative), np.minimum(relative, 1e6), np.inf) ** -POWER
    size = np.where(size.sum(axis=0) > 0, size, 1.0)
    share = size / size.sum(axis=0)
    share = np.where(share < LEAST_WEIGHT / len(losses), 0.0, share)
    return np.asarray(share / share.sum(axis=0), np.float64)


def combined(means: Array, share: Array) -> Array:
    """Return the weighted mean of forecasts (models, n, horizon), weights (models, n)."""
    there = ~np.isnan(means)
    weight = np.where(there, share[:, :, None], 0.0)
    total = weight.sum(axis=0)
    found = (weight * np.where(there, means, 0.0)).sum(axis=0)
    return np.where(total > 0, found / np.where(total > 0, total, 1.0), np.nan)


def without(losses: Array, origin: int) -> Array:
    """Return the losses of all origins but one; of the only one if there is no other."""
    kept: NDArray[np.int64] = np.flatnonzero(np.arange(losses.shape[2]) != origin)
    return losses[:, :, kept] if len(kept) else losses
