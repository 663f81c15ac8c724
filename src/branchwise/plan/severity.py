"""How grave a finding is: how many times worse than it should be, and how sure that is."""

from __future__ import annotations

from typing import Literal

from branchwise.plan.model import Settings, Severity

Direction = Literal["lower", "higher", "none"]
HALF = 0.5
MANY_TIMES = 1000.0
SCORE_SPAN = 100.0


def worse_ratio(value: float, reference: float, *, direction: Direction, unit: str) -> float:
    """Return how many times worse a value is than its reference; below 1 where it is better.

    Where less is better this is value ÷ reference, where more is better reference ÷ value. Of a
    share that should be near 1 (reference above one half, more is better) it is the ratio of what
    is missing: an availability of 95 % against 99 % is five times the downtime. Of a score that
    may be negative (NPS) it is 1 plus the difference in points ÷ 100. It never exceeds 1,000.

    Parameters
    ----------
    value, reference : float
        In the measure's unit.
    direction : {"lower", "higher", "none"}
        What is better; ``none`` gives 1: nothing is worse.
    unit : str
        Unit of the measure.

    Examples
    --------
    >>> round(worse_ratio(0.95, 0.99, direction="higher", unit="share"), 6)
    5.0
    >>> worse_ratio(900.0, 600.0, direction="lower", unit="s")
    1.5
    """
    if direction == "none":
        return 1.0
    if value < 0 or reference < 0 or unit == "point":
        lost = value - reference if direction == "lower" else reference - value
        return 1.0 + lost / SCORE_SPAN
    if direction == "lower":
        return _ratio(value, reference)
    if unit == "share" and HALF < reference <= 1:
        return _ratio(1 - value, 1 - reference)
    return _ratio(reference, value)


def severity_of(ratio: float, q_value: float | None, settings: Settings) -> Severity | None:
    """Grade a finding; None where it is none.

    high
        at least `high_ratio` (1.5) times worse than the reference, and the q-value at most
        `sure_share` (0.01);
    medium
        at least `medium_ratio` (1.2) times worse;
    low
        at least `relevant_ratio` (1.05) times worse;
    none
        closer to the reference than that, or a q-value above `false_discovery_share` (0.05).

    A count of everything has no q-value and is graded by the ratio alone.

    Examples
    --------
    >>> severity_of(1.7, 0.002, Settings()), severity_of(1.7, 0.03, Settings())
    ('high', 'medium')
    """
    q = 0.0 if q_value is None else q_value
    if ratio < settings.relevant_ratio or q > settings.false_discovery_share:
        return None
    if ratio >= settings.high_ratio and q <= settings.sure_share:
        return "high"
    return "medium" if ratio >= settings.medium_ratio else "low"


def _ratio(more: float, less: float) -> float:
    if more <= 0:
        return 1.0 if less <= 0 else 0.0
    return min(more / less, MANY_TIMES) if less > 0 else MANY_TIMES
