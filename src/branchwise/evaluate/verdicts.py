"""What became of a promise: kept, not kept, not shown, too early, or paid for elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from branchwise.evaluate.effects import Estimate
from branchwise.measures.catalogue import Direction, catalogue

Verdict = Literal[
    "kept", "not_kept", "not_shown", "too_early", "guard_rail_broken", "not_measurable"
]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """What was promised of one action.

    Attributes
    ----------
    measure : str
        Name in the catalogue.
    difference, lower, upper : float
        With the 95 % interval, in the measure's unit.
    guard_rail : str or None
        The measure that must not get worse.
    guard_rail_limit : float
        By so much it may, in its unit.
    post_days : int
        Open days after the start from which a verdict is given.
    """

    measure: str
    difference: float
    lower: float
    upper: float
    guard_rail: str | None
    guard_rail_limit: float
    post_days: int


def verdict(promised: Promised, measured: Estimate, guard: Estimate | None) -> Verdict:
    """Return what became of a promise.

    Parameters
    ----------
    promised : Promised
        The promise.
    measured : Estimate
        Of the promised measure, over all days since the start.
    guard : Estimate or None
        Of the guard-rail measure.

    Returns
    -------
    str
        ``guard_rail_broken`` if the guard-rail measure got worse by more than its limit even at
        the better end of its interval, from the first days on; ``too_early`` before the design's
        days have passed; ``not_measurable`` if they have and nothing can be compared; ``not_kept``
        if even the better end of the interval falls short of the least that was promised;
        ``kept`` if it does not and an improvement is shown (of a promise to get no worse than by
        so much: if that is shown); else ``not_shown``.

    Examples
    --------
    >>> from datetime import date
    >>> promised = Promised(
    ...     measure="queues.within_standard_share", difference=0.1, lower=0.05, upper=0.15,
    ...     guard_rail=None, guard_rail_limit=0.0, post_days=20,
    ... )
    >>> measured = Estimate(
    ...     month="all", starts_on=date(2026, 5, 1), ends_on=date(2026, 5, 31),
    ...     difference=0.07, lower=0.03, upper=0.11, count_days=26, count_days_before=60,
    ...     comparisons=("B2", "B3"),
    ... )
    >>> verdict(promised, measured, None)
    'kept'
    """
    if guard is not None and promised.guard_rail is not None:
        least_worse = min_worse(promised.guard_rail, guard)
        if least_worse is not None and least_worse > promised.guard_rail_limit:
            return "guard_rail_broken"
    if measured.count_days < promised.post_days:
        return "too_early"
    if measured.lower is None or measured.upper is None:
        return "not_measurable"
    sign = _better(promised)
    worst, best = sorted((sign * measured.lower, sign * measured.upper))
    least = min(sign * promised.lower, sign * promised.upper)
    if best < least:
        return "not_kept"
    bar = 0.0 if sign * promised.difference > 0 else least
    return "kept" if worst > bar else "not_shown"


def worse_by(measure: str, difference: float) -> float:
    """Return by how much a difference of a measure is for the worse; below 0 it is better.

    Of a measure without a better side every change is for the worse.

    Examples
    --------
    >>> worse_by("queues.abandoned_share", 0.02), worse_by("queues.within_standard_share", 0.02)
    (0.02, -0.02)
    """
    direction: Direction = catalogue()[measure].direction
    return {"lower": difference, "higher": -difference, "none": abs(difference)}[direction]


def min_worse(measure: str, estimate: Estimate) -> float | None:
    """Return by how much a measure got worse at least, at the better end of its interval."""
    if estimate.lower is None or estimate.upper is None:
        return None
    if catalogue()[measure].direction == "none" and estimate.lower <= 0 <= estimate.upper:
        return 0.0
    return min(worse_by(measure, estimate.lower), worse_by(measure, estimate.upper))


def _better(promised: Promised) -> float:
    """Return 1 where more of the measure is better; without a better side, what was promised."""
    direction = catalogue()[promised.measure].direction
    if direction == "none":
        return 1.0 if promised.difference >= 0 else -1.0
    return 1.0 if direction == "higher" else -1.0
