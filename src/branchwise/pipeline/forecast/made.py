"""Forecasts of a hierarchy: each series by itself, made to add up, summed to weeks and months."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from branchwise.models.forecast.reconciliation import reconcile, shrunk
from branchwise.models.forecast.series import Backtest, Forecast, Panel, Reason
from branchwise.pipeline.forecast.asked import WITHIN_DAY, Grain
from branchwise.pipeline.forecast.divided import Divided
from branchwise.pipeline.forecast.panels import Framed

Array = NDArray[np.float64]
Forecaster = Callable[[Panel], Forecast]
WEEK = 7


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Made:
    """What will come, series by series and slot by slot; the series add up.

    Attributes
    ----------
    names : tuple of str
        The series.
    starts : tuple of (date, int)
        Local date and minute at which each slot begins.
    mean, plain : ndarray, shape (n, slots)
        Expected values, and those of the seasonal naive (which do not add up).
    lower, upper : mapping of float to ndarray, shape (n, slots)
        Limits by level.
    model, reason : tuple of str
        Of each series before it was made to add up.
    backtest : Backtest
        Of each series, day by day or slot by slot.
    shrinkage : float
        Share of the diagonal in the errors' covariance: 1 where correlations were not used.
    moved : ndarray, shape (n,)
        By how much adding up changed the sum of each series, as a share of it.
    """

    names: tuple[str, ...]
    starts: tuple[tuple[date, int], ...]
    mean: Array
    plain: Array
    lower: Mapping[float, Array]
    upper: Mapping[float, Array]
    model: tuple[str, ...]
    reason: tuple[Reason, ...]
    backtest: Backtest
    shrinkage: float
    moved: Array


def made(
    series: Divided,
    frame: Framed,
    grain: Grain,
    blocks: Sequence[tuple[date, date]],
    forecaster: Forecaster,
) -> Made:
    """Forecast all series.

    Parameters
    ----------
    series : Divided
        What came.
    frame : Framed
        Its panel.
    grain : str
        Weeks and months are sums of days.
    blocks : sequence of (date, date)
        First and last day of each week or month; not used for shorter grains.
    forecaster : callable
        From a panel to its forecast.

    Notes
    -----
    Adding up moves the middle of an interval, not its width: every series keeps the width that
    its own back-test has shown. The interval of a week or month comes from the relative errors of
    sums over as many days in the back-test; where that is shorter, over as many as there are, as if
    the errors of the rest were the same.
    """
    from branchwise.models.forecast.plain import seasonal_naive

    found = forecaster(frame.panel)
    past = frame.panel.steps
    naive = np.where(frame.panel.opened[:, past:], seasonal_naive(frame.panel), 0.0)
    added, shrinkage = _added_up(series, frame, found)
    mean = added
    floor = np.where(np.nanmin(frame.panel.seen, axis=1, initial=0.0) < 0, -np.inf, 0.0)[:, None]
    lower = {
        level: np.minimum(np.maximum(mean - (found.mean - low), floor), mean)
        for level, low in found.lower.items()
    }
    upper = {level: mean + (high - found.mean) for level, high in found.upper.items()}
    starts = _starts(series, frame)
    if grain not in WITHIN_DAY and grain != "day":
        within = [np.array([a <= day <= b for day, _ in starts]) for a, b in blocks]
        mean, lower, upper = _summed(found, added, within, sorted(lower))
        naive = np.stack([naive[:, mask].sum(axis=1) for mask in within], axis=1)
        starts = tuple((first, 0) for first, _ in blocks)
    base = found.mean.sum(axis=1)
    return Made(
        names=found.ids,
        starts=starts,
        mean=mean,
        plain=naive,
        lower=lower,
        upper=upper,
        model=found.model,
        reason=found.reason,
        backtest=found.backtest,
        shrinkage=shrinkage,
        moved=np.abs(added.sum(axis=1) - base) / np.maximum(np.abs(base), 1e-9),
    )


def _starts(series: Divided, frame: Framed) -> tuple[tuple[date, int], ...]:
    past = frame.panel.steps
    places = zip(frame.days[past:].tolist(), frame.minutes[past:].tolist(), strict=True)
    return tuple((series.days.days[day], minute) for day, minute in places)


def blocks_of(grain: Grain, today: date, horizon: int) -> tuple[tuple[date, date], ...]:
    """Return first and last day of the next whole weeks or months; a day or shorter: its days.

    Examples
    --------
    >>> [str(first) for first, _ in blocks_of("month", date(2026, 5, 31), 2)]
    ['2026-06-01', '2026-07-01']
    >>> [str(last) for _, last in blocks_of("week", date(2026, 6, 1), 1)]
    ['2026-06-07']
    """
    if grain == "week":
        first = today + timedelta(days=-today.weekday() % WEEK)
        starts = [first + timedelta(days=WEEK * place) for place in range(horizon + 1)]
    elif grain == "month":
        first = today if today.day == 1 else _next_month(today)
        starts = [first]
        for _ in range(horizon):
            starts.append(_next_month(starts[-1]))
    else:
        starts = [today + timedelta(days=place) for place in range(horizon + 1)]
    return tuple((one, other - timedelta(days=1)) for one, other in pairwise(starts))


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _added_up(series: Divided, frame: Framed, found: Forecast) -> tuple[Array, float]:
    tree = series.tree
    errors = found.errors.reshape(len(found.ids), -1)
    covariance = shrunk(tree, errors)
    finest = frame.panel.opened[len(tree.aggregates) :, frame.panel.steps :]
    mean = reconcile(tree, found.mean, covariance, is_open=finest)
    return mean, covariance.shrinkage


def _summed(
    found: Forecast, mean: Array, within: Sequence[NDArray[np.bool_]], levels: Sequence[float]
) -> tuple[Array, dict[float, Array], dict[float, Array]]:
    """Return sums over blocks of days, with limits from the sums of back-tested errors."""
    sums = np.stack([mean[:, mask].sum(axis=1) for mask in within], axis=1)
    longest = max(int(mask.sum()) for mask in within)
    relative = _relative_errors(found, mean, longest)
    lower, upper = {}, {}
    for level in levels:
        width = np.array([_quantile(own, level) for own in relative])[:, None] * np.abs(sums)
        lower[level], upper[level] = np.maximum(sums - width, np.minimum(sums, 0.0)), sums + width
    return sums, lower, upper


def _relative_errors(found: Forecast, mean: Array, length: int) -> list[Array]:
    """Return for each series the relative errors of sums over so many days, shape (sums,)."""
    origins, horizon = found.errors.shape[1:]
    if not origins:
        return [np.zeros(0)] * len(mean)
    span = max(min(length, horizon), 1)
    usual = np.abs(mean).mean(axis=1)
    relative = []
    for row in range(len(mean)):
        sums = [
            np.nanmean(part) / max(usual[row], 1e-9)
            for origin in found.errors[row]
            for part in (
                origin[start : start + span] for start in range(0, horizon - span + 1, span)
            )
            if np.isfinite(part).any()
        ]
        relative.append(np.abs(np.array(sums)))
    return relative


def _quantile(errors: Array, level: float) -> float:
    """Return the conformal quantile: the ⌈(k + 1) level⌉-th of k, the largest where k is small.

    Without any error the interval reaches from nothing to twice the mean.
    """
    if not errors.size:
        return 1.0
    place = min(int(np.ceil((errors.size + 1) * level)), errors.size)
    return float(np.sort(errors)[place - 1])
