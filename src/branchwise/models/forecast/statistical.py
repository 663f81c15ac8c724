"""Statistical models of the library statsforecast, one series at a time.

Which ones: error-trend-season smoothing chosen by AICc [1]_, the dynamic optimised theta model
[2]_, complex exponential smoothing [3]_ and a seasonal-trend decomposition with smoothing of the
rest [4]_. AutoTheta costs three times as much as the dynamic optimised theta model that it usually
chooses, and is left out.

References
----------
.. [1] Hyndman, Koehler, Snyder and Grose (2002), A state space framework for automatic forecasting
   using exponential smoothing methods, International Journal of Forecasting 18,
   doi:10.1016/S0169-2070(01)00110-8.
.. [2] Fiorucci, Pellegrini, Louzada, Petropoulos and Koehler (2016), Models for optimising the
   theta method and their relationship to state space models, International Journal of Forecasting
   32, doi:10.1016/j.ijforecast.2016.02.005.
.. [3] Svetunkov, Kourentzes and Ord (2022), Complex exponential smoothing, Naval Research
   Logistics 69, doi:10.1002/nav.22074.
.. [4] Bandara, Hyndman and Bergmeir (2025), MSTL: a seasonal-trend decomposition algorithm for time
   series with multiple seasonal patterns, International Journal of Operational Research 52,
   doi:10.1504/IJOR.2025.143957.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from branchwise.models.forecast.axis import slots_a_day
from branchwise.models.forecast.filled import filled
from branchwise.models.forecast.series import Array, Panel

LONGEST_SEASON = 24
"""Longer seasons are beyond smoothing with one state a season's place; MSTL takes them."""
LONGEST = 600
"""Slots learned from by smoothing, which has long forgotten what was before them."""
LONGEST_DECOMPOSED = 12_000
FEWEST_CYCLES = 2


def smoothing_models(panel: Panel) -> tuple[str, ...]:
    """Return the names of the models that this panel's axis allows.

    Examples
    --------
    >>> values = np.ones((1, 30))
    >>> week = Panel(ids=("B1",), times=np.arange(37), values=values, season_lengths=(7,))
    >>> smoothing_models(week)
    ('auto_ets', 'optimised_theta', 'auto_ces', 'mstl')
    """
    whole = _seasons(panel)
    if whole and whole[0] > LONGEST_SEASON and slots_a_day(panel) > 1:
        return ()  # hundreds of slots a day: minutes of fitting, and further off than slot means
    return ("auto_ets", "optimised_theta", "auto_ces", *(("mstl",) if whole else ()))


def smoothed(panel: Panel, names: Sequence[str]) -> dict[str, Array]:
    """Forecast each series by each named model.

    Parameters
    ----------
    panel : Panel
        The series; gaps are filled (`filled`).
    names : sequence of str
        Of `smoothing_models`.

    Returns
    -------
    dict of str to ndarray, shape (n, horizon)
        NaN in the whole row where a model cannot be fitted to a series.
    """
    seasons = _seasons(panel)
    makers = {name: MAKERS[name] for name in names}
    means = {name: np.full((len(panel.ids), panel.horizon), np.nan) for name in names}
    for row, values in enumerate(panel.seen):
        cycle = seasons[-1] if seasons else 1
        longest = LONGEST_DECOMPOSED if cycle > LONGEST_SEASON else LONGEST
        series = filled(values[-longest:], cycle)
        for name, maker in makers.items():
            found = _fitted(maker, series, seasons, panel.horizon)
            if found is not None:
                means[name][row] = found
    return means


def _seasons(panel: Panel) -> list[int]:
    """Return the seasons of which at least two cycles were seen."""
    return [length for length in panel.season_lengths if 1 < length * FEWEST_CYCLES <= panel.steps]


def _fitted(
    maker: Callable[[list[int]], Any], series: Array, seasons: list[int], horizon: int
) -> Array | None:
    usable = [length for length in seasons if length * FEWEST_CYCLES < len(series)]
    if len(series) < FEWEST_VALUES or np.ptp(series) == 0:
        return None
    size = float(np.abs(series).max())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            mean = maker(usable).forecast(y=series / size, h=horizon)["mean"] * size
        except Exception:  # noqa: BLE001 - the library raises bare Exceptions on series it dislikes
            return None
    believable = np.abs(mean) <= BELIEVABLE * size
    return np.asarray(mean, np.float64) if believable.all() else None


FEWEST_VALUES = 5
BELIEVABLE = 5.0
"""A forecast beyond five times the largest value ever seen is a fit gone astray."""


def _short(seasons: list[int]) -> int:
    """Return the first season if smoothing can carry it, else 1."""
    return seasons[0] if seasons and seasons[0] <= LONGEST_SEASON else 1


def _auto_ets(seasons: list[int]) -> Any:  # noqa: ANN401 - a model of the library
    from statsforecast.models import AutoETS

    length = _short(seasons)
    return AutoETS(season_length=length, model="ZZA" if length > 1 else "ZZN")


def _optimised_theta(seasons: list[int]) -> Any:  # noqa: ANN401
    from statsforecast.models import DynamicOptimizedTheta

    return DynamicOptimizedTheta(season_length=_short(seasons))


def _auto_ces(seasons: list[int]) -> Any:  # noqa: ANN401
    from statsforecast.models import AutoCES

    return AutoCES(season_length=_short(seasons))


def _mstl(seasons: list[int]) -> Any:  # noqa: ANN401
    from statsforecast.models import MSTL, AutoETS

    if not seasons:
        return AutoETS(season_length=1, model="ZZN")
    return MSTL(season_length=seasons, trend_forecaster=AutoETS(model="ZZN"))


MAKERS: dict[str, Callable[[list[int]], Any]] = {
    "auto_ets": _auto_ets,
    "optimised_theta": _optimised_theta,
    "auto_ces": _auto_ces,
    "mstl": _mstl,
}
