"""What forecasts speak of: a panel of regular series, its forecast, its back-test.

The calls that use these records are

- ``portfolio.forecast(panel, *, levels=LEVELS, seed=1, executor=None) -> Forecast``,
- ``same_day.same_day(panel, *, levels=LEVELS, seed=1) -> Forecast`` for a panel whose values end
  within a day and whose horizon is the rest of it,
- ``regular.regular(names, series, times, values, horizon) -> Regular`` for rows as a file has
  them: it finds step, seasons and closed hours.

All are pure: the same panel, levels and seed give the same bytes, whatever the executor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Times = NDArray[Any]
LEVELS = (0.8, 0.95)

Reason = Literal[
    "best_in_back_test",
    "no_better_than_plain",
    "too_short_to_test",
    "constant",
    "all_zero",
    "no_values",
]
"""Why a series got its model; `branchwise.models.forecast.words` says it to people."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Panel:
    """Regular series on one time axis that reaches from the first value to the horizon.

    The axis holds ``steps + horizon`` slots in order, one step apart *in open time*: slots in which
    nobody is ever open (nights, Sundays) are left out of the axis, and slots closed for once (a
    holiday, an early close, a branch with shorter hours) stay on it with ``is_open`` false, so that
    "one season ago" is always the same number of slots back. The axis begins at the first slot of
    its longest season's cycle or, if that is not natural, of a day; slots before the first value
    are NaN.

    Parameters
    ----------
    ids : tuple of str, length n
        Names of the series.
    times : ndarray, shape (steps + horizon,)
        ``datetime64`` (local wall-clock time at which a slot begins) or ``int64``; rising.
    values : ndarray of float64, shape (n, steps)
        What was seen; NaN where it is missing (not: zero). Values of closed slots are not read.
    season_lengths : tuple of int
        Lengths of the seasons in slots of the axis, rising: ``(169, 845)`` for days of 169 slots
        and weeks of 5 days, ``(7,)`` for days, ``(12,)`` for months, ``()`` for none. Within a day:
        the first is the number of slots a day.
    is_open : ndarray of bool, shape (steps + horizon,) or (n, steps + horizon), optional
        Closed slots are not learned from, not scored, and forecast as 0 with the interval [0, 0].
        All open by default.
    regressors : mapping of str to ndarray, shape (steps + horizon,) or (n, steps + horizon)
        What is known beforehand, past and future, finite: holidays, pay days, events. A regressor
        within a day may differ by slot. Each is worth as much as its effect on the past was.

    Raises
    ------
    ValueError
        If shapes do not fit (a fault of the caller, not of the data).

    Examples
    --------
    >>> panel = Panel(ids=("B1",), times=np.arange(9), values=np.ones((1, 7)), season_lengths=(7,))
    >>> panel.steps, panel.horizon, panel.opened.shape
    (7, 2, (1, 9))
    """

    ids: tuple[str, ...]
    times: Times
    values: Array
    season_lengths: tuple[int, ...] = ()
    is_open: Flags | None = None
    regressors: Mapping[str, Array] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.values.ndim != 2 or len(self.ids) != len(self.values):  # noqa: PLR2004
            raise ValueError("values need one row a series")
        if len(self.times) < self.steps:
            raise ValueError("the time axis ends before the values")
        for array in (self.is_open, *self.regressors.values()):
            if array is not None and array.shape not in {self.times.shape, self._whole}:
                raise ValueError("masks and regressors cover the whole time axis")

    @property
    def steps(self) -> int:
        """Number of slots with values, missing ones included."""
        return int(self.values.shape[1])

    @property
    def horizon(self) -> int:
        """Number of slots to forecast: what the axis has beyond the values."""
        return len(self.times) - self.steps

    @property
    def opened(self) -> Flags:
        """Which slots are open, shape (n, steps + horizon)."""
        mask = np.ones(self._whole, bool) if self.is_open is None else self.is_open
        return np.broadcast_to(mask, self._whole)

    @property
    def seen(self) -> Array:
        """The values with NaN in closed slots, shape (n, steps)."""
        return np.where(self.opened[:, : self.steps], self.values, np.nan)

    def cut(self, origin: int, horizon: int) -> Panel:
        """Return the panel as it was known after ``origin`` slots, with a horizon of its own.

        Examples
        --------
        >>> panel = Panel(ids=("B1",), times=np.arange(9), values=np.ones((1, 7)))
        >>> panel.cut(4, 2).times.tolist()
        [0, 1, 2, 3, 4, 5]
        """
        end = origin + horizon
        return Panel(
            ids=self.ids,
            times=self.times[:end],
            values=self.values[:, :origin],
            season_lengths=self.season_lengths,
            is_open=None if self.is_open is None else self.is_open[..., :end],
            regressors={name: column[..., :end] for name, column in self.regressors.items()},
        )

    def among(self, rows: NDArray[np.int64]) -> Panel:
        """Return the panel of some of the series, by their row numbers."""
        shared = self.times.shape

        def part(array: NDArray[Any]) -> NDArray[Any]:
            return array if array.shape == shared and array.ndim == 1 else array[rows]

        return Panel(
            ids=tuple(self.ids[row] for row in rows),
            times=self.times,
            values=self.values[rows],
            season_lengths=self.season_lengths,
            is_open=None if self.is_open is None else part(self.is_open),
            regressors={name: part(column) for name, column in self.regressors.items()},
        )

    @property
    def _whole(self) -> tuple[int, int]:
        return len(self.ids), len(self.times)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Backtest:
    """How good each model was when past weeks were forecast from what was known before them.

    Attributes
    ----------
    ids, models : tuple of str
        Series and models; ``seasonal_naive`` is always among the models.
    horizon : int
        Slots forecast from each origin.
    origins : tuple of int
        How many slots were known at each origin; empty if the series are too short to test.
    smape, mase, wmape : ndarray, shape (n, len(models))
        Symmetric MAPE (0–2, as in M4) [1]_, mean absolute scaled error (against the seasonal naive
        in sample) [2]_ and weighted MAPE (sum of absolute errors over sum of values); NaN where
        there is nothing to score.
    levels : tuple of float
        Nominal levels of the intervals.
    coverage : ndarray, shape (n, len(models), len(levels))
        Share of values within the interval that the other origins would have given.

    References
    ----------
    .. [1] Makridakis, Spiliotis and Assimakopoulos (2020), The M4 Competition, International
       Journal of Forecasting 36, doi:10.1016/j.ijforecast.2019.04.014.
    .. [2] Hyndman and Koehler (2006), Another look at measures of forecast accuracy, International
       Journal of Forecasting 22, doi:10.1016/j.ijforecast.2006.03.001.
    """

    ids: tuple[str, ...]
    models: tuple[str, ...]
    horizon: int
    origins: tuple[int, ...]
    smape: Array
    mase: Array
    wmape: Array
    levels: tuple[float, ...]
    coverage: Array


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Forecast:
    """What will come, slot by slot.

    Attributes
    ----------
    ids : tuple of str
        Names of the series.
    times : ndarray, shape (horizon,)
        Where the slots begin, as in the panel.
    mean : ndarray, shape (n, horizon)
        Expected values, in the unit of the panel; never NaN; not negative where no value was.
    lower, upper : mapping of float to ndarray, shape (n, horizon)
        Limits by level: ``lower[0.8] <= mean <= upper[0.8]``, and a higher level is never narrower.
    model : tuple of str
        Name of the model of each series.
    reason : tuple of Reason
        Why it is this one.
    errors : ndarray, shape (n, origins, horizon)
        Value minus mean of the chosen model at each origin of the back-test, for reconciliation;
        NaN where there was none.
    backtest : Backtest
        How good each model was.
    """

    ids: tuple[str, ...]
    times: Times
    mean: Array
    lower: Mapping[float, Array]
    upper: Mapping[float, Array]
    model: tuple[str, ...]
    reason: tuple[Reason, ...]
    errors: Array
    backtest: Backtest
