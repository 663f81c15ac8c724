"""How a promise will be checked, fixed before the roll-out: with whom, how long, how surely.

The comparison branches are chosen from what was known before: of the same type first, without a
change of their own until the verdict, nearest in level. How surely the promised difference would be
found follows from how the branch moved against them so far.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np

from branchwise.evaluate.effects import (
    FEWEST_BEFORE,
    FEWEST_COMPARISONS,
    comparable,
    mean_of,
    without_action,
)
from branchwise.evaluate.noise import Floats, contrast, correlation_of, related
from branchwise.evaluate.panel import Panel
from branchwise.experiments.power import power_means
from branchwise.experiments.sample_size import detectable_difference

PRE_DAYS = 60
POST_DAYS = 40
MOST_COMPARISONS = 12
ENOUGH_OF_TYPE = 4
LARGEST_SPREADS = 100.0

Drawn = Literal["type", "bank", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """How the effect of one start will be measured.

    Attributes
    ----------
    measure, branch_id : str
        Of what, where.
    comparisons : tuple of str
        Branches compared with; empty where there are too few.
    drawn_from : {"type", "bank", "none"}
        Whether they are of the branch's own type or of any.
    pre_days, post_days : int
        Open days before and after that are compared.
    spread : float or None
        Standard deviation by day of the branch against the comparison branches, in the measure's
        unit; None where the past is too short.
    correlation : float
        Of neighbouring days.
    power : float or None
        Probability that a difference as promised is found, at 95 % confidence, two-sided.
    detectable : float or None
        Difference found with a power of 80 %, in the measure's unit.
    """

    measure: str
    branch_id: str
    comparisons: tuple[str, ...]
    drawn_from: Drawn
    pre_days: int
    post_days: int
    spread: float | None
    correlation: float
    power: float | None
    detectable: float | None


def design_of(
    panel: Panel,
    branch_id: str,
    difference: float,
    *,
    types: Mapping[str, str | None],
    starts: Mapping[str, date],
    measured_on: date,
    before: date | None = None,
    pre_days: int = PRE_DAYS,
    post_days: int = POST_DAYS,
) -> Design:
    """Return the design of the evaluation of one start.

    Parameters
    ----------
    panel : Panel
        The measure by branch and day, before the roll-out.
    branch_id : str
        Where.
    difference : float
        Promised, in the measure's unit.
    types : mapping of str to str or None
        Type of every branch that may be compared with.
    starts : mapping of str to date
        Day from which branches of the plan work otherwise; the others never do.
    measured_on : date
        Day of the verdict: who starts before is not compared with.
    before : date, optional
        Days from then on are not looked at; by default all are the past.
    pre_days, post_days : int
        Open days before and after that are compared.

    Raises
    ------
    BranchwiseError
        [BW-EXP-008] if `post_days` is less than 2.
    """
    past = panel.between(date.min, date.max if before is None else before) & _known(
        panel, branch_id
    )
    past[np.flatnonzero(past)[: max(int(past.sum()) - pre_days, 0)]] = False
    chosen, drawn = _chosen(
        panel, branch_id, past, types=types, starts=starts, measured_on=measured_on
    )
    count = int(past.sum())
    spread, correlation = _noise(panel, branch_id, chosen, past)
    power = detectable = None
    if spread:
        power = power_of(difference, spread, correlation, count, post_days)
        detectable = detectable_difference(
            lambda gap: power_of(gap, spread, correlation, count, post_days),
            largest=spread * LARGEST_SPREADS,
        )
    return Design(
        measure=panel.measure,
        branch_id=branch_id,
        comparisons=chosen,
        drawn_from=drawn,
        pre_days=count,
        post_days=post_days,
        spread=spread,
        correlation=correlation,
        power=power,
        detectable=detectable,
    )


def power_of(
    difference: float, spread: float, correlation: float, before: int, after: int
) -> float:
    """Return the power of comparing two stretches of days that hang together.

    Days of an autoregression of order one tell as much as fewer independent ones: the variance of
    their mean is larger by (1 + r)/(1 - r) for long stretches; here it is reckoned exactly.

    Parameters
    ----------
    difference, spread : float
        To be found, and the standard deviation by day, in one unit.
    correlation : float
        Of neighbouring days, 0 to less than 1.
    before, after : int
        Days.

    References
    ----------
    Bayley and Hammersley (1946), doi:10.2307/2983560, on the effective number of observations.

    Examples
    --------
    >>> round(power_of(0.5, 1.0, 0.0, 64, 64), 4), round(power_of(0.5, 1.0, 0.5, 64, 64), 4)
    (0.8015, 0.3673)
    """
    counts = [max(2, round(effective_days(days, correlation))) for days in (before, after)]
    return power_means(difference, spread, counts[0], counts[1])


def effective_days(days: int, correlation: float) -> float:
    """Return as how many independent days the mean of correlated ones is known.

    Examples
    --------
    >>> effective_days(24, 0.0), round(effective_days(24, 0.5), 1)
    (24.0, 8.5)
    """
    return days**2 / float(related(days, correlation).sum()) if days else 0.0


def _known(panel: Panel, branch_id: str) -> np.ndarray:
    place = panel.row(branch_id)
    if place < 0:
        return np.zeros(len(panel.days), dtype=np.bool_)
    return np.asarray(np.isfinite(panel.values[place]))


def _chosen(
    panel: Panel,
    branch_id: str,
    past: np.ndarray,
    *,
    types: Mapping[str, str | None],
    starts: Mapping[str, date],
    measured_on: date,
) -> tuple[tuple[str, ...], Drawn]:
    free = without_action(types, branch_id, lambda code: starts.get(code, date.max), measured_on)
    rows = comparable(panel, free, past)
    known = [panel.branches[row] for row in rows]
    alike = [code for code in known if types[code] == types.get(branch_id)]
    own = len(alike) >= ENOUGH_OF_TYPE
    pool = alike if own else known
    if len(pool) < FEWEST_COMPARISONS:
        return (), "none"
    level = _level(panel, branch_id, past)
    nearest = sorted(pool, key=lambda code: (abs(_level(panel, code, past) - level), code))
    return tuple(sorted(nearest[:MOST_COMPARISONS])), "type" if own else "bank"


def _level(panel: Panel, branch_id: str, past: np.ndarray) -> float:
    return float(np.nanmean(panel.values[panel.row(branch_id), past]))


def _noise(
    panel: Panel, branch_id: str, comparisons: Sequence[str], past: np.ndarray
) -> tuple[float | None, float]:
    """Return the spread by day against the comparison branches, and how days hang together."""
    if not comparisons or int(past.sum()) < FEWEST_BEFORE:
        return None, 0.0
    rows = [panel.row(code) for code in comparisons]
    gap: Floats = panel.values[panel.row(branch_id), past] - mean_of(panel.values[rows][:, past])
    known = np.isfinite(gap)
    days = [day for day, used in zip(panel.days, past, strict=True) if used]
    kinds = [day.isoweekday() for day, used in zip(days, known, strict=True) if used]
    gap = gap[known]
    half = np.arange(len(gap)) >= len(gap) / 2
    found = contrast(kinds, half, np.ones(len(gap)))
    if found is None:
        return None, 0.0
    correlation = correlation_of(found, [gap])
    rests = found.remainder @ gap
    expected = found.remainder @ related(len(gap), correlation) @ found.remainder.T
    spread = math.sqrt(float(rests @ rests) / float(np.trace(expected)))
    return (spread if spread > 0 else None), correlation
