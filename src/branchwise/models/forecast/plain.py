"""Plain forecasts: what everybody can do by hand, and every other model is held against."""

from __future__ import annotations

import numpy as np

from branchwise.models.forecast.series import Array, Panel

RECENT_CYCLES = 8


def seasonal_naive(panel: Panel) -> Array:
    """Repeat the last season: the value as many seasons ago as were seen, the last one present.

    With several seasons the longest that the data hold whole is repeated; without a season the
    last value. A slot never seen gets the mean of the series; a series never seen 0.

    Parameters
    ----------
    panel : Panel
        The series.

    Returns
    -------
    ndarray, shape (n, horizon)
        Unit of the panel; never NaN.

    Examples
    --------
    >>> values = np.array([[1.0, 2.0, 3.0, np.nan, 5.0, 6.0]])
    >>> seasonal_naive(Panel(ids=("B1",), times=np.arange(9), values=values, season_lengths=(3,)))
    array([[1., 5., 6.]])
    """
    cycles = _cycles(panel)
    last = np.full(cycles[:, 0].shape, np.nan)
    for cycle in range(cycles.shape[1]):
        last = np.where(np.isnan(cycles[:, cycle]), last, cycles[:, cycle])
    return _along(panel, last)


def slot_means(panel: Panel, *, recent: int | None = None) -> Array:
    """Return the mean of each slot of the longest season over all cycles seen, or the recent ones.

    Parameters
    ----------
    panel : Panel
        The series.
    recent : int, optional
        Only so many last cycles.

    Examples
    --------
    >>> values = np.array([[1.0, 2.0, 3.0, np.nan, 5.0, 6.0]])
    >>> slot_means(Panel(ids=("B1",), times=np.arange(9), values=values, season_lengths=(3,)))
    array([[1. , 3.5, 4.5]])
    """
    cycles = _cycles(panel)
    return _along(panel, nan_mean(cycles[:, -recent:] if recent else cycles, 1))


def recent_slot_means(panel: Panel) -> Array:
    """Return the slot means of the last eight cycles."""
    return slot_means(panel, recent=RECENT_CYCLES)


def nan_mean(values: Array, axis: int) -> Array:
    """Return the mean of what is there, NaN where nothing is (and without a warning)."""
    there = ~np.isnan(values)
    count = there.sum(axis=axis)
    total = np.where(there, values, 0.0).sum(axis=axis)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def cycle_length(panel: Panel) -> int:
    """Return the longest season of which one whole cycle was seen, 1 for none."""
    whole = [length for length in panel.season_lengths if length <= panel.steps]
    return max(whole, default=1)


def _cycles(panel: Panel) -> Array:
    """Return the values as (n, cycles, length), counted back from the last one."""
    length = cycle_length(panel)
    seen = panel.seen
    missing = -panel.steps % length
    padded = np.concatenate([np.full((len(seen), missing), np.nan), seen], axis=1)
    if not padded.shape[1]:
        padded = np.full((len(seen), length), np.nan)
    return padded.reshape(len(seen), -1, length)


def _along(panel: Panel, slots: Array) -> Array:
    """Return slots (n, length) repeated to the horizon, gaps filled from the mean of the series."""
    overall = np.nan_to_num(nan_mean(panel.seen, 1)) if panel.steps else np.zeros(len(panel.ids))
    whole = np.where(np.isnan(slots), overall[:, None], slots)
    repeats = -(-panel.horizon // slots.shape[1])
    return np.tile(whole, (1, repeats))[:, : panel.horizon]
