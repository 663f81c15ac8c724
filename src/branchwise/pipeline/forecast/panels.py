"""From the series of the bank to a panel that can be forecast, and back to days and slots."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from branchwise.models.forecast.calendar_features import learnable
from branchwise.models.forecast.series import Panel
from branchwise.pipeline.forecast.divided import Divided
from branchwise.pipeline.forecast.open_days import weekdays_of

Array = NDArray[np.float64]
MINUTES_A_DAY = 1440


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Framed:
    """A panel, and where its slots lie.

    Attributes
    ----------
    panel : Panel
        Weekdays and slots of the day on which nobody is ever open are left out.
    days : ndarray of int, shape (steps + horizon,)
        Day of each slot, counted from the first day of the series.
    slots : ndarray of int, shape (steps + horizon,)
        Slot within the day, counted from midnight.
    a_day : int
        Slots of a whole day, midnight to midnight.
    """

    panel: Panel
    days: NDArray[np.int64]
    slots: NDArray[np.int64]
    a_day: int

    @property
    def minutes(self) -> NDArray[np.int64]:
        """Minutes after midnight at which each slot begins."""
        return self.slots * (MINUTES_A_DAY // self.a_day)


def framed(series: Divided) -> Framed | None:
    """Return the panel of all series of a hierarchy, or None where nobody is ever open.

    Its seasons are the slots of a day, where there are several, and those of a week.
    """
    days, steps = series.days.days, series.days.steps
    ever = np.asarray(series.is_open.any(axis=0))
    weekdays = weekdays_of(days)
    kept = [day for day in range(1, 8) if ever[np.flatnonzero(np.equal(weekdays, day))].any()]
    slots = np.flatnonzero(ever.any(axis=0))
    if not kept or not slots.size:
        return None
    span = np.arange(slots[0], slots[-1] + 1)
    chosen = np.flatnonzero(np.isin(weekdays, kept))
    places = np.repeat(chosen, len(span)), np.tile(span, len(chosen))
    past = int((chosen < steps).sum()) * len(span)
    values = series.values[:, places[0][:past], places[1][:past]]
    is_open = series.is_open[:, places[0], places[1]]
    week = len(kept) * len(span)
    seasons = tuple(sorted({len(span), week} - {1})) if len(span) > 1 else (week,)
    a_day = series.values.shape[2]
    features = {
        name: (series.shares @ column)[:, places[0]]
        for name, column in series.days.features.items()
    }
    panel = Panel(
        ids=series.names,
        times=_times(days, places, a_day),
        values=values,
        season_lengths=tuple(length for length in seasons if length > 1),
        is_open=is_open,
        regressors=learnable(features, past),
    )
    return Framed(panel=panel, days=places[0], slots=places[1], a_day=a_day)


def _times(
    days: tuple[date, ...], places: tuple[NDArray[np.int64], NDArray[np.int64]], a_day: int
) -> NDArray[np.datetime64]:
    first = np.array([days[0].isoformat()], dtype="datetime64[m]")
    minutes = places[0] * MINUTES_A_DAY + places[1] * (MINUTES_A_DAY // a_day)
    return np.asarray(first + minutes.astype("timedelta64[m]"))
