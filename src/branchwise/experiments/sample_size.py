"""Sample size: the fewest branches, days or customers that find an effect."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from branchwise.core.errors import Problems, Where, failure
from branchwise.experiments.checks import PLACE, note_number
from branchwise.experiments.model import CONFIDENCE, Sides
from branchwise.experiments.power import (
    TWO_SIDED,
    power_means,
    power_paired,
    power_paired_shares,
    power_shares,
)

POWER = 0.8
LARGEST = 10**9
STEPS = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleSize:
    """How many units a comparison needs.

    Attributes
    ----------
    first, second : int
        Units of each group; equal for pairs, of which there are `first`.
    power : float
        Reached with these numbers, at least what was asked for, 0-1.
    """

    first: int
    second: int
    power: float


def size_paired(
    difference: float,
    spread: float,
    *,
    power: float = POWER,
    confidence: float = CONFIDENCE,
    sides: Sides = TWO_SIDED,
) -> SampleSize:
    """Return the fewest pairs that find a mean difference; see `power_paired`.

    Parameters
    ----------
    difference, spread : float
        True mean difference and standard deviation of differences, in the unit of the measure.
    power : float
        Probability with which it is to be found, 0-1.
    confidence, sides
        See `branchwise.experiments.power.power_paired`.

    Raises
    ------
    BranchwiseError
        BW-EXP-004, 008; BW-EXP-011 for a difference of zero, BW-EXP-012 for one too small.

    Examples
    --------
    >>> size_paired(0.5, 1.0).first
    34
    """

    def reached(pairs: int) -> float:
        return power_paired(difference, spread, pairs, confidence=confidence, sides=sides)

    pairs = _fewest(reached, difference, power)
    return SampleSize(first=pairs, second=pairs, power=reached(pairs))


def size_means(
    difference: float,
    spread: float,
    *,
    ratio: float = 1.0,
    power: float = POWER,
    confidence: float = CONFIDENCE,
    sides: Sides = TWO_SIDED,
) -> SampleSize:
    """Return the fewest units of two separate groups that find a difference of means.

    Parameters
    ----------
    difference, spread : float
        True difference and standard deviation within groups, in the unit of the measure.
    ratio : float
        Units of the second group for each of the first, above 0.
    power, confidence, sides
        See `size_paired`.

    Raises
    ------
    BranchwiseError
        As `size_paired`.

    Examples
    --------
    >>> size_means(0.5, 1.0).first, size_means(0.5, 1.0, ratio=3.0).first
    (64, 43)
    """
    _check_ratio(ratio)

    def reached(first: int) -> float:
        second = _second(first, ratio)
        return power_means(difference, spread, first, second, confidence=confidence, sides=sides)

    first = _fewest(reached, difference, power)
    return SampleSize(first=first, second=_second(first, ratio), power=reached(first))


def size_shares(
    share: float,
    other: float,
    *,
    ratio: float = 1.0,
    power: float = POWER,
    confidence: float = CONFIDENCE,
    sides: Sides = TWO_SIDED,
) -> SampleSize:
    """Return the fewest units of two separate groups that tell two shares apart.

    Parameters
    ----------
    share, other : float
        True shares, 0-1 exclusive.
    ratio, power, confidence, sides
        See `size_means`.

    Raises
    ------
    BranchwiseError
        As `size_paired`.

    Examples
    --------
    >>> size_shares(0.1, 0.2).first
    199
    """
    _check_ratio(ratio)

    def reached(first: int) -> float:
        second = _second(first, ratio)
        return power_shares(share, other, first, second, confidence=confidence, sides=sides)

    first = _fewest(reached, share - other, power)
    return SampleSize(first=first, second=_second(first, ratio), power=reached(first))


def size_paired_shares(
    gained: float,
    lost: float,
    *,
    power: float = POWER,
    confidence: float = CONFIDENCE,
    sides: Sides = TWO_SIDED,
) -> SampleSize:
    """Return the fewest units that McNemar's test needs; see `power_paired_shares`.

    Parameters
    ----------
    gained, lost : float
        Shares of units that turn from no to yes, and from yes to no.
    power, confidence, sides
        See `size_paired`.

    Raises
    ------
    BranchwiseError
        As `size_paired`.

    Examples
    --------
    >>> size_paired_shares(0.2, 0.1).first
    234
    """

    def reached(pairs: int) -> float:
        return power_paired_shares(gained, lost, pairs, confidence=confidence, sides=sides)

    pairs = _fewest(reached, gained - lost, power)
    return SampleSize(first=pairs, second=pairs, power=reached(pairs))


def detectable_difference(
    power_of: Callable[[float], float], *, largest: float, power: float = POWER
) -> float:
    """Return the smallest difference that is found with a wanted power.

    What a pilot of so many branches *cannot* see should be said before it starts.

    Parameters
    ----------
    power_of : callable
        Power of a difference above 0; must rise with it.
    largest : float
        Largest difference to be thought of, in the unit of the measure, above 0.
    power : float
        Wanted, 0-1.

    Returns
    -------
    float
        In the unit of the measure; infinite if even the largest is not found with that power.

    Raises
    ------
    BranchwiseError
        BW-EXP-008.

    Examples
    --------
    >>> from branchwise.experiments.power import power_paired
    >>> found = detectable_difference(lambda gap: power_paired(gap, 60.0, 12), largest=600.0)
    >>> round(found, 2)
    53.32
    """
    problems = Problems()
    note_number(problems, "largest", largest, above=0)
    note_number(problems, "power", power, above=0, below=1)
    problems.raise_if_any()
    low, high = 0.0, largest
    if power_of(high) < power:
        return math.inf
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if power_of(middle) >= power else (middle, high)
    return high


def _second(first: int, ratio: float) -> int:
    return max(2, math.ceil(first * ratio - 1e-9))


def _check_ratio(ratio: float) -> None:
    problems = Problems()
    note_number(problems, "ratio", ratio, above=0)
    problems.raise_if_any()


def _fewest(reached: Callable[[int], float], difference: float, power: float) -> int:
    problems = Problems()
    note_number(problems, "power", power, above=0, below=1)
    problems.raise_if_any()
    high = 2
    if difference == 0:
        raise failure("BW-EXP-011", Where(place=PLACE, column="difference"), name="difference")
    while reached(high) < power:
        high *= 2
        if high > LARGEST:
            raise failure("BW-EXP-012", Where(place=PLACE, column="units"), largest=LARGEST)
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reached(middle) >= power else (middle, high)
    return high
