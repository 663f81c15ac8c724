"""The scenario of a coming day: a calibrated weekday with the visits that are forecast for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from branchwise.core.errors import Where, failure
from branchwise.core.ports import Engine
from branchwise.measures.catalogue import catalogue
from branchwise.models.forecast.coming import QUARTERS, ComingDay, coming_day
from branchwise.pipeline.twin.places import BASE, Twins
from branchwise.pipeline.twin.spread import opened
from branchwise.twin.scenario import Scenario

SECONDS_AN_HOUR = 3600.0
USUAL = """
SELECT median(visits) AS visits FROM (
    SELECT local_on, count(*) AS visits FROM visit
    WHERE branch_id = $branch_id AND ({where}) AND ($weekday = 0 OR iso_weekday = $weekday)
    GROUP BY local_on)
"""


def scenario_on(workspace: Path, twins: Twins, branch_id: str, scenario: str, on: date) -> Scenario:
    """Return the scenario of a coming day.

    Parameters
    ----------
    workspace, twins : Path, Twins
        Where the forecasts and the calibrated scenarios are.
    branch_id : str
        The branch.
    scenario : str
        Stored name; by default that of the date's weekday, or the mean day where the branch is not
        usually open on it (a make-up day).
    on : date
        The day.

    Raises
    ------
    BranchwiseError
        [BW-FOR-057] if no forecast of that day is stored, [BW-FOR-058] if the branch is closed;
        as `Twins.scenario`.
    """
    weekday = on.isoweekday()
    usual = f"weekday_{weekday}"
    if scenario != BASE:
        usual = scenario
    elif usual not in twins.names(branch_id):
        usual, weekday = BASE, 0
    found = twins.scenario(branch_id, usual)
    with opened(workspace) as (engine, _):
        day = coming_day(engine, branch_id, on)
        if day is None:
            raise failure("BW-FOR-057", Where(place="forecast"), branch=branch_id, on=on)
        if day.mean <= 0:
            raise failure("BW-FOR-058", Where(place="forecast"), branch=branch_id, on=on)
        recorded = _recorded(engine, branch_id, weekday)
    return with_forecast(found, day, recorded)


def with_forecast(scenario: Scenario, day: ComingDay, recorded: float) -> Scenario:
    """Return a scenario whose customers are those forecast for a day.

    Parameters
    ----------
    scenario : Scenario
        Of such a weekday.
    day : ComingDay
        The forecast.
    recorded : float
        Visits that are usually recorded on that weekday. The twin's customers are fewer where
        tickets are drawn twice; the forecast is brought to its count by their ratio.

    Returns
    -------
    Scenario
        The classes keep their shares of each quarter-hour. With a forecast by quarter-hour the
        shape of the day is the forecast's, else the weekday's own; the day's factor is as
        uncertain as the forecast's interval.

    Examples
    --------
    >>> from branchwise.twin.example import corner_branch
    >>> usual = corner_branch()
    >>> came = sum(sum(one.rates_per_hour) for one in usual.classes) * usual.slot_seconds / 3600
    >>> day = ComingDay(branch_id="B1", on=date(2026, 6, 1), mean=2 * came, lower=1.5 * came,
    ...     upper=2.5 * came, level=0.8, quarters=None, model="slot_means",
    ...     last_on=date(2026, 5, 31))
    >>> busy = with_forecast(usual, day, recorded=came)
    >>> busy.classes[0].rates_per_hour[0] / usual.classes[0].rates_per_hour[0]
    2.0
    """
    rates = np.array([one.rates_per_hour for one in scenario.classes])
    hours = scenario.slot_seconds / SECONDS_AN_HOUR
    expected = float(rates.sum()) * hours
    total = day.mean * (expected / recorded if recorded > 0 else 1.0)
    shape = _shape(scenario, day, rates.shape[1])
    if shape is None:
        changed = rates * (total / expected)
    else:
        changed = _shares(rates) * shape * (total / hours)
    return replace(
        scenario,
        name=day.on.isoformat(),
        classes=tuple(
            replace(one, rates_per_hour=tuple(row.tolist()))
            for one, row in zip(scenario.classes, changed, strict=True)
        ),
        day_shape=day.day_shape if np.isfinite(day.upper) else scenario.day_shape,
    )


def _shape(scenario: Scenario, day: ComingDay, slots: int) -> NDArray[np.float64] | None:
    """Return the share of each slot of the scenario, or None without a forecast within the day."""
    if day.quarters is None or day.quarters[:, 0].sum() <= 0:
        return None
    length = 24 * SECONDS_AN_HOUR / QUARTERS
    edges = scenario.rates_start_second + scenario.slot_seconds * np.arange(slots + 1)
    so_far = np.concatenate([[0.0], np.cumsum(day.quarters[:, 0])])
    by = np.interp(edges, length * np.arange(QUARTERS + 1), so_far)
    by[0], by[-1] = 0.0, so_far[-1]
    return np.asarray(np.diff(by) / so_far[-1])


def _shares(rates: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each class's share of each slot; the day's own where nobody usually comes then."""
    totals = rates.sum(axis=0)
    whole = rates.sum(axis=1, keepdims=True) / rates.sum()
    return np.asarray(np.where(totals > 0, rates / np.where(totals > 0, totals, 1.0), whole))


def _recorded(engine: Engine, branch_id: str, weekday: int) -> float:
    query = USUAL.format(where=catalogue()["queues.visits"].numerator.where)
    named = {"branch_id": branch_id, "weekday": weekday}
    return float(engine.table(query, named).column(0)[0].as_py() or 0.0)
