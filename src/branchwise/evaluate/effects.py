"""What an action changed: differences in differences with staggered starts.

The branch's own change after the start, less the mean change of comparison branches over the same
days. A comparison branch has no action of its own until the last day compared (Callaway and
Sant'Anna 2021, doi:10.1016/j.jeconom.2020.12.001: never compare with who is already treated). Days
are compared with days of the same weekday; what moves all branches of a day, a pension day or rain,
falls out. The same reckoning on each comparison branch, which had no action, shows how much more
than their days' noise branches drift apart; the interval is widened by that (placebos as in Conley
and Taber 2011, doi:10.1162/REST_a_00049).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from scipy.special import stdtrit

from branchwise.evaluate.noise import (
    Contrast,
    Flags,
    Floats,
    Noise,
    contrast,
    correlation_of,
    noise_of,
    spread_of,
)
from branchwise.evaluate.panel import Panel

CONFIDENCE = 0.95
FEWEST_BEFORE, FEWEST_AFTER = 10, 4
FEWEST_COMPARISONS = 2
FEWEST_PLACEBOS = 4
KNOWN_SHARE = 0.8
WHOLE = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a measure changed at a branch against comparison branches.

    Attributes
    ----------
    month : str
        ``2026-05``, or ``all`` for every day since the start.
    starts_on, ends_on : date or None
        First and last day after the start that count.
    difference, lower, upper : float or None
        With the 95 % interval, in the measure's unit; None where it cannot be measured.
    count_days, count_days_before : int
        Days after and before that were compared.
    comparisons : tuple of str
        The branches compared with.
    correlation : float
        Of the noise of neighbouring days.
    drift : float
        By how much the variance was widened because branches without an action drift apart; 1 or
        more.
    """

    month: str
    starts_on: date | None
    ends_on: date | None
    difference: float | None
    lower: float | None
    upper: float | None
    count_days: int
    count_days_before: int
    comparisons: tuple[str, ...]
    correlation: float = 0.0
    drift: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Roll:
    """Who started when: the roll-out as it was.

    Attributes
    ----------
    starts : mapping of str to tuple of date
        First days of the actions of each branch, ascending.
    """

    starts: Mapping[str, tuple[date, ...]]

    def first(self, branch_id: str) -> date:
        """Return the first start of a branch; the last of all days where it has none."""
        return min(self.starts.get(branch_id, ()), default=date.max)

    def span(self, branch_id: str, starts_on: date, panel: Panel) -> tuple[date, date]:
        """Return the days that tell of one start: from the one before it to the one after it."""
        own = self.starts.get(branch_id, ())
        before = max((day for day in own if day < starts_on), default=panel.days[0])
        after = min((day for day in own if day > starts_on), default=date.max)
        return before, min(panel.days[-1], after - timedelta(days=1))


def effects_by_month(
    panel: Panel,
    branch_id: str,
    starts_on: date,
    comparisons: Sequence[str],
    roll: Roll,
    *,
    days_before: int | None = None,
) -> tuple[Estimate, ...]:
    """Return what an action changed, month by month and in all.

    Parameters
    ----------
    panel : Panel
        The measure by branch and day.
    branch_id : str
        Where.
    starts_on : date
        First day on which it works.
    comparisons : sequence of str
        Branches chosen before the start; those that begin an action meanwhile are left out.
    roll : Roll
        Every start of the bank.
    days_before : int, optional
        Open days before the start that are compared with; all by default.

    Returns
    -------
    tuple of Estimate
        Months in order, then ``all``; a single one without a difference if nothing can be
        measured.
    """
    if not panel.days:
        return (_nothing(WHOLE, ()),)
    first, last = roll.span(branch_id, starts_on, panel)
    before = _last_days(panel.between(first, starts_on - timedelta(days=1)), days_before)
    months = sorted({_month(day) for day in panel.days if starts_on <= day <= last})
    found = []
    for month in months:
        days = [day for day in panel.days if starts_on <= day <= last and _month(day) == month]
        others = without_action(comparisons, branch_id, roll.first, days[-1])
        after = panel.between(days[0], days[-1])
        found.append(estimate(panel, branch_id, others, before, after, month=month))
    last = _until(comparisons, branch_id, roll, starts_on, last)
    others = without_action(comparisons, branch_id, roll.first, last)
    after = panel.between(starts_on, last)
    return (*found, estimate(panel, branch_id, others, before, after, month=WHOLE))


def estimate(
    panel: Panel,
    branch_id: str,
    comparisons: Sequence[str],
    before: Flags,
    after: Flags,
    *,
    month: str = WHOLE,
) -> Estimate:
    """Return the difference in differences between two sets of days.

    Parameters
    ----------
    panel : Panel
        The measure by branch and day.
    branch_id : str
        The branch that changed.
    comparisons : sequence of str
        Branches that did not.
    before, after : ndarray of bool
        Which days of the panel.
    month : str
        What the days are called.
    """
    place = panel.row(branch_id)
    if place < 0:
        return _nothing(month, ())
    days = (before | after) & np.isfinite(panel.values[place])
    rows = comparable(panel, comparisons, days)
    named = tuple(panel.branches[row] for row in rows)
    usable = days & np.isfinite(panel.values[rows]).any(axis=0)
    count_after, count_before = int((usable & after).sum()), int((usable & before).sum())
    counts = {"count_days": count_after, "count_days_before": count_before}
    enough = len(rows) >= FEWEST_COMPARISONS and count_after >= FEWEST_AFTER
    if not enough or count_before < FEWEST_BEFORE:
        return _nothing(month, named, **counts)
    days_used = [day for day, used in zip(panel.days, usable, strict=True) if used]
    kinds = [day.isoweekday() for day in days_used]
    found = contrast(kinds, after[usable], panel.counts[place, usable])
    if found is None:
        return _nothing(month, named, **counts)
    others = panel.values[rows][:, usable]
    gap = panel.values[place, usable] - mean_of(others)
    half, correlation, drift = _half_width(found, gap, _placebos(others))
    difference = float(found.row @ gap)
    return replace(
        _nothing(month, named, **counts),
        starts_on=days_used[-count_after],
        ends_on=days_used[-1],
        difference=difference,
        lower=difference - half,
        upper=difference + half,
        correlation=correlation,
        drift=drift,
    )


def _half_width(
    found: Contrast, gap: Floats, placebos: Sequence[Floats]
) -> tuple[float, float, float]:
    """Return half the interval, the correlation of days, and the drift of branches."""
    correlation = correlation_of(found, [gap, *placebos])
    noise = noise_of(found, correlation)
    drift = _drift(found, noise, placebos)
    spread = spread_of(found, noise, gap)
    # variance and drift are factors, each known by degrees of its own (Satterthwaite)
    shared = 1 / spread.degrees + (1 - 1 / drift) ** 2 / max(len(placebos) - 1, 1)
    quantile = -float(stdtrit(1 / shared, (1 - CONFIDENCE) / 2))
    return quantile * spread.standard_error * math.sqrt(drift), correlation, drift


def comparable(panel: Panel, comparisons: Sequence[str], days: Flags) -> list[int]:
    """Return the rows of comparison branches that are known on most of the days."""
    wanted = int(days.sum())
    rows = sorted({panel.row(code) for code in comparisons} - {-1})
    known = np.isfinite(panel.values[:, days]).sum(axis=1)
    return [row for row in rows if wanted and known[row] >= KNOWN_SHARE * wanted]


def mean_of(values: Floats) -> Floats:
    """Return the mean of branches by day, each about its own level: no day missing shifts it.

    Days on which none is known are NaN.
    """
    known = np.isfinite(values)
    own = np.where(known, values - np.nanmean(values, axis=1, keepdims=True), 0.0)
    counts = known.sum(axis=0)
    return np.where(counts > 0, own.sum(axis=0) / np.maximum(counts, 1), np.nan)


def _placebos(values: Floats) -> list[Floats]:
    """Return each comparison branch against the others, on days on which all is known.

    What is missing of a branch is filled with its own level plus the day's, so that the days stay
    in step; a fifth at most is.
    """
    if len(values) < FEWEST_COMPARISONS:
        return []
    level = np.nanmean(values, axis=1, keepdims=True)
    filled = np.where(np.isfinite(values), values, level + mean_of(values)[None, :])
    total = (filled - level).sum(axis=0)
    others = len(values) - 1
    return [own - (total - (own - own.mean())) / others for own in filled]


def _drift(found: Contrast, noise: Noise, placebos: Sequence[Floats]) -> float:
    """Return the factor by which branches without an action vary more than their days' noise."""
    if len(placebos) < FEWEST_PLACEBOS:
        return 1.0
    squares = []
    for gap in placebos:
        spread = spread_of(found, noise, gap)
        if spread.standard_error > 0:
            score = float(found.row @ gap) / spread.standard_error
            squares.append(score**2 * (spread.degrees - 2) / spread.degrees)
    return max(1.0, float(np.mean(squares))) if squares else 1.0


def without_action(
    comparisons: Iterable[str], branch_id: str, first: Callable[[str], date], last: date
) -> tuple[str, ...]:
    """Return the branches other than one that have no action until a day."""
    return tuple(code for code in comparisons if code != branch_id and first(code) > last)


def _until(
    comparisons: Sequence[str], branch_id: str, roll: Roll, starts_on: date, last: date
) -> date:
    """Return the last day until which enough comparison branches have no action."""
    ends = sorted((roll.first(code) for code in comparisons if code != branch_id), reverse=True)
    if len(ends) < FEWEST_COMPARISONS or ends[FEWEST_COMPARISONS - 1] <= starts_on:
        return last
    return min(last, ends[FEWEST_COMPARISONS - 1] - timedelta(days=1))


def _last_days(flags: Flags, count: int | None) -> Flags:
    if count is None or count >= int(flags.sum()):
        return flags
    kept = np.zeros_like(flags)
    kept[np.flatnonzero(flags)[len(np.flatnonzero(flags)) - count :]] = True
    return kept


def _month(day: date) -> str:
    return f"{day:%Y-%m}"


def _nothing(
    month: str, named: tuple[str, ...], *, count_days: int = 0, count_days_before: int = 0
) -> Estimate:
    return Estimate(
        month=month,
        starts_on=None,
        ends_on=None,
        difference=None,
        lower=None,
        upper=None,
        count_days=count_days,
        count_days_before=count_days_before,
        comparisons=named,
    )
