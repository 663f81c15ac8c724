"""The structural models: levels as a Gaussian process, within a day times a shrunk profile.

Counting processes of branches and call centres are a day's level times a day's profile [1]_, [2]_:
the profile is nearly the same every Monday, the level is what weekday, month end, holidays and slow
drift make of it. So the level is forecast as a process (`level_process`), the profile estimated by
weekday (`profile`).

References
----------
.. [1] Weinberg, Brown and Stroud (2007), Bayesian forecasting of an inhomogeneous Poisson process
   with applications to call center data, Journal of the American Statistical Association 102,
   doi:10.1198/016214506000001455.
.. [2] Shen and Huang (2008), Interday forecasting and intraday updating of call center arrivals,
   Manufacturing & Service Operations Management 10, doi:10.1287/msom.1070.0179.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from branchwise.models.forecast.axis import by_day, level_axis, slots_a_day
from branchwise.models.forecast.level_process import Levels, level_forecast
from branchwise.models.forecast.profile import day_profile
from branchwise.models.forecast.scales import Scales
from branchwise.models.forecast.series import Array, Panel


def structural(panel: Panel, *, seed: int = 1) -> Array:
    """Forecast by level and, within a day, profile.

    Parameters
    ----------
    panel : Panel
        The series; within a day none may be negative.
    seed : int
        Seed of the process's draws.

    Returns
    -------
    ndarray, shape (n, horizon)
        Expected values.

    Examples
    --------
    >>> weeks = np.tile([6.0, 2.0, 2.0, 2.0, 2.0, 1.0, 1.0], 8)[None]
    >>> panel = Panel(ids=("B1",), times=np.arange(58), values=weeks, season_lengths=(7,))
    >>> structural(panel).round(1).tolist()
    [[5.8, 2.0]]
    """
    slots = slots_a_day(panel)
    if slots == 1:
        return _levels(panel, panel.seen, slots, seed)
    days = by_day(panel.seen, slots)
    season = level_axis(panel).season
    length = int(season.max(initial=0)) + 1
    found = day_profile(days, season[: days.shape[1]], length)
    whole = panel.steps // slots
    level = _levels(panel, found.level[:, :whole], slots, seed)
    curves = level[:, :, None] * found.share[:, season[whole:] % found.share.shape[1]]
    flat = curves.reshape(len(curves), -1)
    begins = panel.steps - whole * slots
    return flat[:, begins : begins + panel.horizon]


def _levels(panel: Panel, values: Array, slots: int, seed: int) -> Array:
    axis = level_axis(panel)
    scales = Scales.of(values)
    scaled = scales.forward(values)
    found = Levels(
        mean=np.zeros((len(values), len(axis) - values.shape[1])),
        deviation=np.zeros((len(values), len(axis) - values.shape[1])),
    )
    for rows, columns in _groups(panel, slots):
        part = level_forecast(scaled[rows], axis, regressors=columns, seed=seed)
        found.mean[rows], found.deviation[rows] = part.mean, part.deviation
    return scales.expected(found.mean, found.deviation)


def _groups(panel: Panel, slots: int) -> list[tuple[NDArray[np.int64], Array | None]]:
    """Return rows that share their regressors, with these as columns by day (or slot)."""
    everyone = np.arange(len(panel.ids))
    if not panel.regressors:
        return [(everyone, None)]
    columns = np.stack(
        [np.broadcast_to(column, panel.opened.shape) for column in panel.regressors.values()], 1
    ).astype(np.float64)
    daily = np.stack([np.nanmean(by_day(column, slots), axis=2) for column in columns])
    groups: dict[bytes, list[int]] = {}
    for row, block in enumerate(daily):
        groups.setdefault(block.tobytes(), []).append(row)
    return [(np.array(rows), daily[rows[0]]) for rows in groups.values()]
