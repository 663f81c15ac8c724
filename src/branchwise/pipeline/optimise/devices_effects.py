"""What a proposed mix brings, tried on days that no search has used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from branchwise.experiments.intervals import student
from branchwise.optimise.devices import Counts, Floats
from branchwise.pipeline.optimise.devices_twin import TwinMixes, late_or_lost

MEASURE = "plan.late_or_lost_per_month"
UNIT = "visit"
DRAWS = 16
MONTHS = 12
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class MixEffect:
    """Late or lost customers a month, today and proposed, on the same customers.

    Attributes
    ----------
    customer_class : str or None
        ``elderly``: of 60 and over; None: of all.
    baseline, value, difference : float
        Means over the draws of the parameters.
    lower, upper : float
        95 % interval of the difference: the true parameters are one draw that nobody knows, so
        it is the spread of the draws, not that of their mean.
    """

    customer_class: str | None = None
    baseline: float
    value: float
    difference: float
    lower: float
    upper: float

    def as_row(self) -> dict[str, Any]:
        """Return the effect for programs."""
        return {
            "measure": MEASURE,
            "unit": UNIT,
            "class": self.customer_class,
            "baseline": self.baseline,
            "value": self.value,
            "difference": self.difference,
            "lower": self.lower,
            "upper": self.upper,
        }


def effects_of(
    twin: TwinMixes,
    today: Counts,
    proposed: Counts,
    *,
    weekdays: int,
    days_per_year: float,
    seed: int,
) -> tuple[MixEffect, ...]:
    """Return what a mix changes: for all customers, and for the elderly.

    Parameters
    ----------
    twin : TwinMixes
        Whose draws hold their parameters for a round of all weekdays.
    today, proposed : tuple of int
        The mixes.
    weekdays : int
        Open weekdays in a week.
    days_per_year : float
        Days on which the branch is open.
    seed : int
        Of days that no search has used.
    """
    before, after = (_lived(twin, counts, weekdays, seed) for counts in (today, proposed))
    monthly = days_per_year / MONTHS
    return tuple(
        _effect(before[place] * monthly, after[place] * monthly, name)
        for place, name in enumerate((None, "elderly"))
    )


def _lived(twin: TwinMixes, counts: Counts, weekdays: int, seed: int) -> Floats:
    """Return late or lost customers a day, shape (2, draws): of all, of the elderly."""
    found = np.zeros((2, DRAWS, weekdays))
    for draw in range(DRAWS):
        for day in range(weekdays):
            result = twin.lived(counts, draw * weekdays + day, seed)
            for place in range(2):
                late = late_or_lost(result, elderly=place == 1)
                found[place, draw, day] = late.mean()
    return np.asarray(found.mean(axis=2))


def _effect(before: Floats, after: Floats, name: str | None) -> MixEffect:
    apart = after - before
    half = spread_of(apart)
    return MixEffect(
        customer_class=name,
        baseline=float(before.mean()),
        value=float(after.mean()),
        difference=float(apart.mean()),
        lower=float(apart.mean()) - half,
        upper=float(apart.mean()) + half,
    )


def spread_of(values: Sequence[float] | Floats) -> float:
    """Return half of the interval in which one more draw lies with 95 %, its mean known.

    Examples
    --------
    >>> round(spread_of([1.0, 2.0, 3.0]), 3)
    4.303
    """
    given = np.asarray(values, dtype=np.float64)
    times = student(np.array([len(given) - 1.0]), CONFIDENCE)
    return float(np.asarray(times)[0] * given.std(ddof=1))
