"""One coming day of one branch, as the stored forecasts have it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from branchwise.core.ports import Engine

QUARTERS = 96
LEAST_VARIANCE = 1e-4
_ROWS = """
SELECT grain, starts_minute, level, mean, lower, upper, model, last_on
FROM forecast
WHERE measure = 'visits' AND series = $series AND local_on = $on_date AND grain = $grain
    AND last_on < local_on
QUALIFY last_on = max(last_on) OVER () AND made_at = max(made_at) OVER (PARTITION BY last_on)
ORDER BY starts_minute, level
"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ComingDay:
    """Visits of a coming day.

    Attributes
    ----------
    branch_id, on : str, date
        Where and when.
    mean, lower, upper : float
        Visits of the day and their interval; without a forecast by day the sum of its
        quarter-hours, and no interval (NaN).
    level : float
        Of the interval.
    quarters : ndarray, shape (96, 3) or None
        Mean, lower and upper limit of each quarter-hour; None without a forecast by quarter-hour.
    model : str
        Of the day, else of the quarter-hours.
    last_on : date
        Last day of the data that the forecast knew.
    """

    branch_id: str
    on: date
    mean: float
    lower: float
    upper: float
    level: float
    quarters: NDArray[np.float64] | None
    model: str
    last_on: date

    @property
    def day_shape(self) -> float | None:
        """Shape of a gamma factor of mean 1 that makes the day as uncertain as its interval.

        What Poisson arrivals vary by themselves is taken off; None where that explains all, or
        there is no interval.

        Examples
        --------
        >>> day = ComingDay(branch_id="B1", on=date(2026, 6, 1), mean=100.0, lower=75.0,
        ...     upper=125.0, level=0.8, quarters=None, model="slot_means",
        ...     last_on=date(2026, 5, 31))
        >>> round(day.day_shape, 1)
        35.6
        """
        if not np.isfinite(self.upper - self.lower) or self.mean <= 0:
            return None
        deviation = (self.upper - self.lower) / 2 / NormalDist().inv_cdf((1 + self.level) / 2)
        variance = (deviation / self.mean) ** 2 - 1 / self.mean
        return 1 / variance if variance > LEAST_VARIANCE else None


def coming_day(engine: Engine, branch_id: str, on: date) -> ComingDay | None:
    """Return the newest stored forecast of a branch's day, or None where there is none.

    Parameters
    ----------
    engine : Engine
        With the table ``forecast``.
    branch_id, on : str, date
        Where and when.
    """
    named = {"series": f"branch={branch_id}", "on_date": on}
    days = engine.table(_ROWS, {**named, "grain": "day"}).to_pylist()
    within = engine.table(_ROWS, {**named, "grain": "quarter_hour"}).to_pylist()
    if not days and not within:
        return None
    first = (days or within)[0]
    quarters = None
    if within:
        quarters = np.zeros((QUARTERS, 3))
        for row in within:
            if row["level"] == within[0]["level"]:
                place = row["starts_minute"] * QUARTERS // 1440
                quarters[place] = row["mean"], row["lower"], row["upper"]
    nothing = float("nan")
    total = first["mean"] if days or quarters is None else float(quarters[:, 0].sum())
    return ComingDay(
        branch_id=branch_id,
        on=on,
        mean=total,
        lower=first["lower"] if days else nothing,
        upper=first["upper"] if days else nothing,
        level=first["level"],
        quarters=quarters,
        model=first["model"],
        last_on=first["last_on"],
    )
