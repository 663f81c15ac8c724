"""The rest of today, from what has come so far.

A day's forecast errs in two ways: the whole day is busier or calmer than thought, and errors of
neighbouring slots are alike. Both are one Gaussian process of errors on the square-root scale,
where counts have nearly constant variance: a share that lasts all day, two that fade with distance,
and chance. Its sizes are fitted to the errors of past days (maximum likelihood); given the slots of
today that are known, the errors to come follow by conditioning, which is the linear rule of Shen
and Huang [1]_ with a covariance of few parameters.

References
----------
.. [1] Shen and Huang (2008), Interday forecasting and intraday updating of call center arrivals,
   Manufacturing & Service Operations Management 10, doi:10.1287/msom.1070.0179.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from branchwise.models.forecast.axis import by_day, slots_a_day
from branchwise.models.forecast.series import LEVELS, Array, Backtest, Forecast, Panel
from branchwise.models.forecast.structural import structural

DAYS_LEARNED = 30
MOST_VECTORS = 400
FIRST_SIZES = (0.02, 0.02, 0.2, 0.02, 0.03, 0.5)
"""Whole day, slow part and its reach, quick part and its reach, chance: as shares of the root of
the forecast, of the day, and of one count's standard deviation (0.5)."""
SMALLEST, LARGEST = 1e-4, 20.0
ROUNDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class DayErrors:
    """How errors within a day hang together.

    Attributes
    ----------
    whole, slow, quick : float
        Standard deviations relative to the root of the forecast.
    slow_reach, quick_reach : float
        Distance, as a share of the day, at which likeness has fallen to 37 %.
    chance : float
        Standard deviation of a slot by itself on the square-root scale (0.5 for Poisson counts).
    """

    whole: float
    slow: float
    slow_reach: float
    quick: float
    quick_reach: float
    chance: float

    def covariance(self, root: Array) -> Array:
        """Return the covariance of the errors of a day with these roots of its forecast."""
        place = np.arange(len(root)) / len(root)
        apart = np.abs(place[:, None] - place)
        alike = (
            self.whole**2
            + self.slow**2 * np.exp(-apart / self.slow_reach)
            + self.quick**2 * np.exp(-apart / self.quick_reach)
        )
        return np.outer(root, root) * alike + self.chance**2 * np.eye(len(root))


def fit_day_errors(base: Array, truth: Array) -> DayErrors:
    """Fit the process to past days.

    Parameters
    ----------
    base, truth : ndarray, shape (days, slots)
        Forecast of each day, and what came; days with a gap in `truth` are left out.

    Returns
    -------
    DayErrors
        The first guess where no day is whole.
    """
    from scipy.linalg import cholesky, solve_triangular
    from scipy.optimize import minimize
    from threadpoolctl import threadpool_limits

    whole = ~np.isnan(truth).any(axis=1) & (base > 0).all(axis=1)
    if not whole.any():
        return DayErrors(**dict(zip(_NAMES, FIRST_SIZES, strict=True)))
    roots = np.sqrt(base[whole][-MOST_VECTORS:])
    errors = np.sqrt(truth[whole][-MOST_VECTORS:]) - roots
    # one factorisation a step: every day is judged by the mean day's shape, at its own size
    shape = roots.mean(axis=0)

    def unlikely(logged: Array) -> float:
        process = DayErrors(**dict(zip(_NAMES, np.exp(logged), strict=True)))
        root = cholesky(process.covariance(shape), lower=True, check_finite=False)
        standard = solve_triangular(root, errors.T, lower=True, check_finite=False)
        return float(0.5 * (standard**2).sum() + len(errors) * np.log(np.diag(root)).sum())

    bounds = [(np.log(SMALLEST), np.log(LARGEST))] * len(FIRST_SIZES)
    with threadpool_limits(1):
        found = minimize(
            unlikely, np.log(FIRST_SIZES), method="L-BFGS-B", bounds=bounds,
            options={"maxiter": ROUNDS},
        )  # fmt: skip
    return DayErrors(**dict(zip(_NAMES, (float(size) for size in np.exp(found.x)), strict=True)))


_NAMES = ("whole", "slow", "slow_reach", "quick", "quick_reach", "chance")


def updated(process: DayErrors, base: Array, today: Array) -> tuple[Array, Array]:
    """Return root-scale mean and deviation of every slot of a day, given those seen.

    Parameters
    ----------
    process : DayErrors
        How errors hang together.
    base : ndarray, shape (slots,)
        The day's forecast.
    today : ndarray, shape (slots,)
        What has come; NaN in slots to come.

    Examples
    --------
    >>> process = DayErrors(
    ...     whole=0.1, slow=0.0, slow_reach=1.0, quick=0.0, quick_reach=1.0, chance=0.5
    ... )
    >>> mean, _ = updated(process, np.array([100.0, 100.0]), np.array([144.0, np.nan]))
    >>> (mean**2).round(1).tolist()
    [134.6, 134.6]
    """
    root = np.sqrt(np.maximum(base, 0.0))
    covariance = process.covariance(root)
    seen = ~np.isnan(today)
    if not seen.any():
        return root, np.sqrt(np.diag(covariance))
    error = np.sqrt(np.maximum(today[seen], 0.0)) - root[seen]
    across = covariance[:, seen] - process.chance**2 * np.eye(len(root))[:, seen]
    solved = np.linalg.solve(covariance[np.ix_(seen, seen)], np.column_stack([error, across.T]))
    mean = root + across @ solved[:, 0]
    left = np.diag(covariance) - (across * solved[:, 1:].T).sum(axis=1)
    return mean, np.sqrt(np.maximum(left, process.chance**2))


def same_day(panel: Panel, *, levels: Sequence[float] = LEVELS, seed: int = 1) -> Forecast:
    """Forecast the rest of a day that has begun.

    Parameters
    ----------
    panel : Panel
        Counts or amounts that are never negative, on an axis of whole days of
        ``season_lengths[0]`` slots; the values end within a day, the horizon at its end.
    levels : sequence of float
        Coverages of the intervals; these are the process's own, not conformal.
    seed : int
        Seed of the day's forecast.

    Returns
    -------
    Forecast
        For the rest of the day, with no back-test.
    """
    slots = slots_a_day(panel)
    today = panel.steps // slots
    begun = panel.steps - today * slots
    base = structural(panel.cut(today * slots, slots), seed=seed)
    process = fit_day_errors(*_past(panel, today, slots, seed))
    days = by_day(panel.seen, slots)
    now = days[:, today] if begun else np.full((len(base), slots), np.nan)
    pairs = [updated(process, one, seen) for one, seen in zip(base, now, strict=True)]
    ahead = slice(begun, begun + panel.horizon)
    mean = np.array([pair[0] for pair in pairs])[:, ahead]
    wide = np.array([pair[1] for pair in pairs])[:, ahead]
    opened = panel.opened[:, panel.steps :]
    ends = {level: NormalDist().inv_cdf((1 + level) / 2) for level in levels}
    expected = np.maximum(mean, 0.0) ** 2
    return Forecast(
        ids=panel.ids,
        times=panel.times[panel.steps :],
        mean=np.where(opened, expected, 0.0),
        lower={
            level: np.where(opened, np.maximum(mean - end * wide, 0.0) ** 2, 0.0)
            for level, end in ends.items()
        },
        upper={
            level: np.where(opened, np.maximum(mean + end * wide, 0.0) ** 2, 0.0)
            for level, end in ends.items()
        },
        model=("same_day",) * len(panel.ids),
        reason=tuple("too_short_to_test" for _ in panel.ids),
        errors=np.full((len(panel.ids), 0, panel.horizon), np.nan),
        backtest=_untested(panel, tuple(levels)),
    )


def _past(panel: Panel, today: int, slots: int, seed: int) -> tuple[Array, Array]:
    """Return day-ahead forecasts of the last days, and what came, of all series together."""
    days = by_day(panel.seen, slots)
    bases, truths = [], []
    for day in range(max(today - DAYS_LEARNED, today // 2, 1), today):
        bases.append(structural(panel.cut(day * slots, slots), seed=seed))
        truths.append(days[:, day])
    if not bases:
        return np.zeros((0, slots)), np.zeros((0, slots))
    return np.concatenate(bases), np.concatenate(truths)


def _untested(panel: Panel, levels: tuple[float, ...]) -> Backtest:
    none = np.full((len(panel.ids), 1), np.nan)
    return Backtest(
        ids=panel.ids, models=("same_day",), horizon=panel.horizon, origins=(), smape=none,
        mase=none, wmape=none, levels=levels,
        coverage=np.full((len(panel.ids), 1, len(levels)), np.nan),
    )  # fmt: skip
