"""Series without gaps, for models that cannot do with any."""

from __future__ import annotations

import numpy as np

from branchwise.models.forecast.series import Array


def filled(values: Array, length: int) -> Array:
    """Return a series with its gaps filled in and its leading gap cut off.

    A gap takes the mean of the same place in the seasons before and after, from the nearest ones
    that have it; without seasons, or where none has it, the straight line between its neighbours.

    Parameters
    ----------
    values : ndarray, shape (steps,)
        NaN where missing.
    length : int
        Length of the season, 1 for none.

    Returns
    -------
    ndarray
        From the first value on; empty if there is none.

    Examples
    --------
    >>> filled(np.array([np.nan, 1.0, 5.0, np.nan, 7.0, 3.0]), 2).tolist()
    [1.0, 5.0, 2.0, 7.0, 3.0]
    """
    there = np.flatnonzero(~np.isnan(values))
    if not len(there):
        return values[:0]
    series = values[there[0] :].copy()
    if not np.isnan(series).any():
        return series
    if length > 1:
        for place in range(min(length, len(series))):
            series[place::length] = _between(series[place::length])
    return _drawn(series)


def _between(column: Array) -> Array:
    """Return one season place over the cycles, its gaps the mean of the nearest values."""
    gaps = np.isnan(column)
    if gaps.all() or not gaps.any():
        return column
    places = np.arange(len(column))
    known = places[~gaps]
    before = np.searchsorted(known, places, side="right") - 1
    after = np.searchsorted(known, places, side="left")
    left = column[known[np.clip(before, 0, None)]]
    right = column[known[np.clip(after, None, len(known) - 1)]]
    left = np.where(before < 0, right, left)
    right = np.where(after >= len(known), left, right)
    return np.where(gaps, (left + right) / 2, column)


def _drawn(series: Array) -> Array:
    gaps = np.isnan(series)
    if not gaps.any():
        return series
    places = np.arange(len(series))
    return np.where(gaps, np.interp(places, places[~gaps], series[~gaps]), series)
