"""The day's profile: how a day's total spreads over its slots, by weekday, shrunk to what is sure.

A day is its level times a profile. The profile of a weekday is the profile of all days times a
ratio; profile and ratios are split into a smooth part (an hour or so) and a fine part, and each
part is shrunk by what its own scatter shows to be chance (empirical Bayes [1]_). A busy call centre
keeps its five-minute detail; a branch with three visitors in a quarter-hour gets a smooth curve.

References
----------
.. [1] Efron and Morris (1975), Data analysis using Stein's estimator and its generalizations,
   Journal of the American Statistical Association 70, doi:10.1080/01621459.1975.10479864.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from branchwise.models.forecast.series import Array

ROUNDS = 2
REMEMBERED = 0.97
"""Weight of a day, relative to the same weekday a week later."""
SMOOTH_SLOTS = 14
"""The smooth part averages over one such part of the day (an hour of a branch's day)."""
LEAST_SHARE = 0.5
"""A day tells its level if at least so much of its profile was seen."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DayProfile:
    """Profiles and levels of a panel.

    Attributes
    ----------
    share : ndarray, shape (n, weekdays, slots)
        Part of the day's total in each slot; sums to 1 over a day (0 if nothing was seen).
    level : ndarray, shape (n, days)
        Total of each day, as if all its slots had been seen; NaN where too little was.
    """

    share: Array
    level: Array


def day_profile(values: Array, season: NDArray[np.int64], length: int) -> DayProfile:
    """Estimate profiles and levels.

    Parameters
    ----------
    values : ndarray, shape (n, days, slots)
        Not negative; NaN where closed or missing.
    season : ndarray of int, shape (days,)
        Weekday of each day, 0 to length - 1.
    length : int
        Number of weekdays told apart; 0 or 1 for one profile.

    Returns
    -------
    DayProfile

    Examples
    --------
    >>> days = np.array([[[1.0, 3.0], [2.0, 6.0], [3.0, np.nan], [1.0, 3.0], [np.nan, 9.0]]])
    >>> day_profile(days, np.zeros(5, int), 1).level.round(1).tolist()
    [[4.0, 8.0, nan, 4.0, 12.0]]
    """
    days = values.shape[1]
    kinds = max(length, 1)
    age = (days - 1 - np.arange(days)) / kinds
    weight = REMEMBERED**age
    there = ~np.isnan(values)
    seen = np.where(there, values, 0.0)
    share = np.tile(_first_share(seen, there)[:, None], (1, kinds, 1))
    level = _levels(seen, there, share[:, season])
    for _ in range(ROUNDS):
        share = _shares(seen, there, _Weights(level=level, weight=weight, season=season))
        level = _levels(seen, there, share[:, season])
    return DayProfile(share=share, level=level)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Weights:
    level: Array
    weight: Array
    season: NDArray[np.int64]


def _first_share(seen: Array, there: NDArray[np.bool_]) -> Array:
    """Return mean by slot over the days seen, as shares."""
    mean = seen.sum(axis=1) / np.maximum(there.sum(axis=1), 1)
    return _normal(mean)


def _normal(share: Array) -> Array:
    total = share.sum(axis=-1, keepdims=True)
    return np.where(total > 0, share / np.where(total > 0, total, 1.0), 0.0)


def _levels(seen: Array, there: NDArray[np.bool_], share: Array) -> Array:
    """Return what the day's total would have been, from the slots seen."""
    part = (share * there).sum(axis=2)
    enough = part >= LEAST_SHARE
    return np.where(enough, seen.sum(axis=2) / np.where(enough, part, 1.0), np.nan)


def _shares(seen: Array, there: NDArray[np.bool_], found: _Weights) -> Array:
    """Return shrunk shares by weekday: profile of all days times shrunk ratio of the weekday."""
    known = ~np.isnan(found.level)
    level = np.where(known, found.level, 0.0)
    counted = there & known[:, :, None]
    weight = found.weight[None, :, None] * counted
    total, exposure = (weight * seen).sum(1), (weight * level[:, :, None]).sum(1)
    exposure_square = (weight**2 * level[:, :, None]).sum(1)
    base = total / np.maximum(exposure, 1e-12)
    excess = _excess(seen, counted, level[:, :, None] * base[:, None])
    relative = np.where(base > 0, excess * exposure_square / np.maximum(exposure, 1e-12) ** 2, 0.0)
    smooth = _smooth(base)
    safe = np.where(smooth > 0, smooth, 1.0)
    ratio = np.where(smooth > 0, base / safe, 0.0)
    base = smooth * (1 + _shrunk(ratio - 1, relative / safe))
    kinds = int(found.season.max(initial=0)) + 1
    shares = [
        base * _ratio(seen, weight * (found.season == kind)[None, :, None], level, base, excess)
        for kind in range(kinds)
    ]
    return _normal(np.maximum(np.stack(shares, axis=1), 0.0))


def _ratio(seen: Array, weight: Array, level: Array, base: Array, excess: Array) -> Array:
    """Return the ratio of one weekday to all days, smooth part and fine part shrunk apart."""
    expected = (weight * level[:, :, None]).sum(1) * base
    expected_square = (weight**2 * level[:, :, None]).sum(1) * base
    safe = np.maximum(expected, 1e-12)
    ratio = np.where(expected > 0, (weight * seen).sum(1) / safe, 1.0)
    noise = np.where(expected > 0, excess * expected_square / safe**2, 0.0)
    width = _width(ratio.shape[1])
    smooth = _smooth(ratio - 1)
    fine = ratio - 1 - smooth
    return 1 + _shrunk(smooth, noise / width) + _shrunk(fine, noise)


def _excess(seen: Array, counted: NDArray[np.bool_], expected: Array) -> Array:
    """Return variance over mean of the counts of each series, 1 for Poisson; shape (n, 1)."""
    safe = np.where(expected > 0, expected, 1.0)
    square = np.where(counted & (expected > 0), (seen - expected) ** 2 / safe, 0.0)
    count = (counted & (expected > 0)).sum(axis=(1, 2))
    return np.asarray((square.sum(axis=(1, 2)) / np.maximum(count, 1))[:, None], np.float64)


def _shrunk(effect: Array, noise: Array) -> Array:
    """Return effects (n, slots) shrunk to 0 by the share of their scatter that is chance."""
    signal = np.maximum((effect**2 - noise).mean(axis=1, keepdims=True), 0.0)
    whole = signal + noise
    return effect * np.where(whole > 0, signal / np.where(whole > 0, whole, 1.0), 1.0)


def _width(slots: int) -> int:
    """Return the odd number of slots that the smooth part averages over."""
    return 2 * (slots // (2 * SMOOTH_SLOTS)) + 1 if slots >= 2 * SMOOTH_SLOTS else 1


def _smooth(rows: Array) -> Array:
    """Return rows (n, slots) averaged over the neighbours, the ends over those there are."""
    width = _width(rows.shape[1])
    if width == 1:
        return rows
    window = np.ones(width)
    count = np.convolve(np.ones(rows.shape[1]), window, "same")
    return np.array([np.convolve(row, window, "same") for row in rows]) / count
