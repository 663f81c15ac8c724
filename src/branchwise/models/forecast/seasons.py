"""Which seasons a panel has: candidates from its step, tested by autocorrelation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from branchwise.models.forecast.filled import filled
from branchwise.models.forecast.series import Array

SERIES_TESTED = 60
SLOTS_TESTED = 20_000
CONFIDENCE_90 = 1.645
SHARE_SEASONAL = 0.25
"""A season is taken up if so many of the series that can be tested show it."""
FEWEST_CYCLES = 2
FEWEST_VALUES = 6


def seasonal(values: Array, candidates: Sequence[int]) -> tuple[int, ...]:
    """Return the candidate season lengths that the values show.

    A season is shown by an autocorrelation at its lag, after differencing the trend away, above
    what chance gives (90 %, Bartlett's bound), as in the M4 competition's benchmarks [1]_.

    Parameters
    ----------
    values : ndarray, shape (n, steps)
        NaN where missing.
    candidates : sequence of int
        Lengths in slots, rising.

    Returns
    -------
    tuple of int
        Lengths shown, rising. Of a day and a week the day is kept where the week is.

    References
    ----------
    .. [1] Makridakis, Spiliotis and Assimakopoulos (2020), The M4 Competition, International
       Journal of Forecasting 36, doi:10.1016/j.ijforecast.2019.04.014.

    Examples
    --------
    >>> seasonal(np.tile([6.0, 2.0, 2.0, 2.0, 3.0, 1.0, 1.0], 8)[None], (7,))
    (7,)
    >>> seasonal(np.arange(40.0)[None] ** 2, (7,))
    ()
    """
    chosen = np.linspace(0, len(values) - 1, min(len(values), SERIES_TESTED)).astype(int)
    sample = [filled(values[row, -SLOTS_TESTED:], 1) for row in np.unique(chosen)]
    shown = [length for length in candidates if length > 1 and _shown(sample, length)]
    if len(candidates) > 1 and candidates[-1] in shown and candidates[-1] % candidates[0] == 0:
        return tuple(sorted({candidates[0], *shown}))
    return tuple(shown)


def _shown(sample: Sequence[Array], length: int) -> bool:
    long = [
        series
        for series in sample
        if len(series) >= max(FEWEST_CYCLES * length + 1, FEWEST_VALUES) and np.ptp(series) > 0
    ]
    if not long:
        return False
    return float(np.mean([_significant(series, length) for series in long])) >= SHARE_SEASONAL


def _significant(series: Array, length: int) -> bool:
    """Say whether the autocorrelation at the season's lag is above chance."""
    flat = _flat(series)
    found = _autocorrelation(flat, length)
    bound = CONFIDENCE_90 * np.sqrt((1 + 2 * float((found[:-1] ** 2).sum())) / len(flat))
    strict = found[-1] > bound
    differenced = _flat(np.diff(series))
    if np.ptp(differenced) <= TINY * np.ptp(series):
        return False
    moved = _autocorrelation(differenced, length)
    alone = moved[-1] > CONFIDENCE_90 * np.sqrt(1 / len(differenced))
    return bool((strict or alone) and moved[-1] > 0)


def _flat(series: Array) -> Array:
    """Return a series without its straight trend."""
    steps = np.arange(len(series)) - (len(series) - 1) / 2
    slope = float(steps @ series) / max(float(steps @ steps), 1.0)
    return np.asarray(series - series.mean() - slope * steps, np.float64)


TINY = 1e-9


def _autocorrelation(series: Array, longest: int) -> Array:
    """Return the autocorrelations at lags 1 to the longest, by Fourier transform."""
    centred = series - series.mean()
    size = 1 << int(2 * len(centred) - 1).bit_length()
    spectrum = np.fft.rfft(centred, size)
    raised = np.fft.irfft(spectrum * np.conj(spectrum), size)[: longest + 1]
    if not 0 < raised[0] < np.inf:
        # nothing varies (or too much to be squared): nothing repeats itself
        return np.zeros(len(raised) - 1)
    return np.asarray(raised[1:] / raised[0], np.float64)
