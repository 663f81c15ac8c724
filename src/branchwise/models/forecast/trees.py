"""Boosted trees over the whole panel: every horizon at once, from lags, slot means and calendar.

One model learns from all series (LightGBM [1]_). A row is one slot of one series seen from one
origin: how far ahead it is, what the same place of the season was in the last cycles, the level now
and in its recent past, and the calendar. All values are divided by the recent level of the series,
so that large and small series teach each other [2]_. Loss is the absolute error.

References
----------
.. [1] Ke, Meng, Finley, Wang, Chen, Ma, Ye and Liu (2017), LightGBM: a highly efficient gradient
   boosting decision tree, NeurIPS 30.
.. [2] Januschowski, Wang, Torkkola, Erkkilä, Hasson and Gasthaus (2022), Forecasting with trees,
   International Journal of Forecasting 38, doi:10.1016/j.ijforecast.2021.10.004.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from branchwise.core.randomness import derived_seed, stream
from branchwise.models.forecast.axis import level_axis, slots_a_day
from branchwise.models.forecast.plain import nan_mean
from branchwise.models.forecast.series import Array, Panel

CYCLES_BACK = 8
MOST_ROWS = 80_000
FEWEST_ROWS = 400
TREES = 200


def boosted(panel: Panel, *, seed: int = 1) -> Array | None:
    """Forecast by boosted trees.

    Parameters
    ----------
    panel : Panel
        The series.
    seed : int
        Seed of the rows drawn and of the trees.

    Returns
    -------
    ndarray, shape (n, horizon), or None
        None where the panel holds too few rows to learn from.
    """
    import lightgbm

    rows = _training(panel, seed)
    if rows is None:
        return None
    features, target = rows
    model = lightgbm.train(
        {
            "objective": "l1", "learning_rate": 0.05, "num_leaves": 31, "min_data_in_leaf": 40,
            "feature_fraction": 0.7, "bagging_fraction": 0.7, "bagging_freq": 1, "verbose": -1,
            "num_threads": 1, "deterministic": True, "force_row_wise": True,
            "seed": derived_seed(seed, "trees") % 2**31,
        },
        lightgbm.Dataset(features, target),
        num_boost_round=TREES,
    )  # fmt: skip
    table = _Table.of(panel)
    ahead = np.arange(panel.steps, panel.steps + panel.horizon)
    asked, scale = table.rows(panel.steps, ahead)
    found = np.asarray(model.predict(asked), np.float64)
    return found.reshape(len(panel.ids), -1) * scale[:, None]


def _training(panel: Panel, seed: int) -> tuple[Array, Array] | None:
    """Return features and targets at past origins, the newest first until there are enough."""
    cycle = _cycle(panel)
    table = _Table.of(panel)
    step = max(cycle, panel.horizon // 4, 1)
    blocks, targets, count = [], [], 0
    for origin in range(panel.steps - 1, 2 * cycle, -step):
        ahead = np.arange(origin, min(origin + panel.horizon, panel.steps))
        features, scale = table.rows(origin, ahead)
        target = (panel.seen[:, ahead] / scale[:, None]).ravel()
        usable = ~np.isnan(target)
        blocks.append(features[usable])
        targets.append(target[usable])
        count += int(usable.sum())
        if count > MOST_ROWS:
            break
    if count < FEWEST_ROWS:
        return None
    features, target = np.concatenate(blocks), np.concatenate(targets)
    if count > MOST_ROWS:
        kept = stream(seed, "tree rows").permutation(count)[:MOST_ROWS]
        features, target = features[kept], target[kept]
    return features, np.clip(target, *np.quantile(target, [0.001, 0.999]))


def _cycle(panel: Panel) -> int:
    """Return the season that lags count in: the longest of which three were seen."""
    whole = [length for length in panel.season_lengths if 3 * length <= panel.steps]
    return max(whole, default=1)


class _Table:
    """Features of any slots of a panel, seen from any origin."""

    def __init__(self, panel: Panel, calendar: Array) -> None:
        self._values: Array = panel.seen
        self._calendar = calendar
        self._regressors = [
            np.broadcast_to(column, panel.opened.shape) for column in panel.regressors.values()
        ]
        self._cycle = _cycle(panel)
        self._seasons = panel.season_lengths

    @classmethod
    def of(cls, panel: Panel) -> _Table:
        axis = level_axis(panel)
        day = np.arange(len(panel.times)) // slots_a_day(panel)
        columns: list[Any] = [axis.month_place, axis.since_closed, axis.year_share]
        return cls(panel, np.array([column[day] for column in columns if column is not None]))

    def rows(self, origin: int, ahead: NDArray[np.int64]) -> tuple[Array, Array]:
        """Return features (n * len(ahead), columns) and the level of each series at the origin."""
        cycle, past = self._cycle, self._values[:, :origin]
        window = past[:, -max(CYCLES_BACK * cycle, 12) :]
        level = np.nan_to_num(nan_mean(np.abs(window), 1))
        scale = np.where(level > 0, level, 1.0)
        columns = [np.tile(ahead - origin, (len(past), 1)).astype(np.float64)]
        lags = [self._lag(past, ahead, back) for back in range(CYCLES_BACK)]
        columns += lags[:4]
        columns += [nan_mean(np.stack(lags), 0), nan_mean(np.stack(lags[:4]), 0)]
        for span in (1, 2, 4):
            mean = nan_mean(past[:, -max(span * cycle, 3) :], 1)
            columns.append(np.tile(mean[:, None], (1, len(ahead))))
        columns = [column / scale[:, None] if place else column for place, column in
                   enumerate(columns)]  # fmt: skip
        for length in self._seasons:
            columns.append(np.tile(ahead % length, (len(past), 1)).astype(np.float64))
        columns += [np.tile(row[ahead], (len(past), 1)) for row in self._calendar]
        columns += [column[:, ahead] for column in self._regressors]
        return np.stack(columns, axis=-1).reshape(-1, len(columns)), scale

    def _lag(self, past: Array, ahead: NDArray[np.int64], back: int) -> Array:
        """Return the value of the same place of the season, so many known cycles back."""
        origin, cycle = past.shape[1], self._cycle
        first = ahead - cycle * ((ahead - origin) // cycle + 1)
        place = first - back * cycle
        return np.where(place >= 0, past[:, np.clip(place, 0, None)], np.nan)
