"""Power: how likely an effect is found with so many branches, days or customers."""

from __future__ import annotations

import math

from scipy.special import nctdtr, ndtr, ndtri, stdtrit

from branchwise.core.errors import Problems
from branchwise.experiments.checks import note_confidence, note_number
from branchwise.experiments.model import CONFIDENCE, Sides

TWO_SIDED: Sides = 2
NORMAL_FROM = 1e4
BOUNDS = {
    "spread": (0.0, math.inf),
    "share": (0.0, 1.0),
    "other": (0.0, 1.0),
    "gained": (0.0, 1.0),
    "lost": (0.0, 1.0),
    "gained + lost": (0.0, math.nextafter(1.0, 2.0)),
}


def power_paired(
    difference: float,
    spread: float,
    pairs: int,
    *,
    confidence: float = CONFIDENCE,
    sides: Sides = TWO_SIDED,
) -> float:
    """Return the power of a paired comparison of means (branches before and after).

    Parameters
    ----------
    difference : float
        True mean difference, in the unit of the measure.
    spread : float
        Standard deviation of the differences within pairs, same unit, above 0.
    pairs : int
        Number of pairs, 2 or more.
    confidence : float
        1 − the error accepted if there is no difference, 0-1.
    sides : {1, 2}
        1 looks for a difference of the sign given only.

    Returns
    -------
    float
        Probability that the difference is found, 0-1, from Student's noncentral distribution.

    Raises
    ------
    BranchwiseError
        BW-EXP-004, 008.

    References
    ----------
    Cohen (1988), *Statistical Power Analysis for the Behavioral Sciences*, 2nd edition, chapter 2.

    Examples
    --------
    >>> round(power_paired(0.5, 1.0, 34), 4)
    0.8078
    """
    _check(confidence, sides, difference=difference, spread=spread, fewest=pairs)
    return _student(math.sqrt(pairs) * difference / spread, pairs - 1, confidence, sides)


def power_means(
    difference: float,
    spread: float,
    first: int,
    second: int,
    *,
    confidence: float = CONFIDENCE,
    sides: Sides = TWO_SIDED,
) -> float:
    """Return the power of a comparison of the means of two separate groups.

    Parameters
    ----------
    difference : float
        True difference of the means, in the unit of the measure.
    spread : float
        Standard deviation within either group, same unit, above 0.
    first, second : int
        Numbers of units in the groups, 2 or more each.
    confidence, sides
        See `power_paired`.

    Returns
    -------
    float
        Probability that the difference is found, 0-1.

    Raises
    ------
    BranchwiseError
        BW-EXP-004, 008.

    References
    ----------
    Cohen (1988), *Statistical Power Analysis for the Behavioral Sciences*, 2nd edition, chapter 2.

    Examples
    --------
    >>> round(power_means(0.5, 1.0, 64, 64), 4)
    0.8015
    """
    _check(confidence, sides, difference=difference, spread=spread, fewest=min(first, second))
    units = 1 / (1 / first + 1 / second)
    degrees = first + second - 2
    return _student(math.sqrt(units) * difference / spread, degrees, confidence, sides)


def power_shares(
    share: float,
    other: float,
    first: int,
    second: int,
    *,
    confidence: float = CONFIDENCE,
    sides: Sides = TWO_SIDED,
) -> float:
    """Return the power of a comparison of the shares of two separate groups.

    The test's standard error is pooled, the power's is not (normal approximation, no continuity
    correction): trust it where each group expects five or more on either side.

    Parameters
    ----------
    share, other : float
        True shares, 0-1 exclusive.
    first, second : int
        Numbers of units in the groups, 2 or more. Customers of one branch are not independent:
        divide their number by `design_effect`.
    confidence, sides
        See `power_paired`.

    Raises
    ------
    BranchwiseError
        BW-EXP-004, 008.

    References
    ----------
    Fleiss, Levin and Paik (2003), *Statistical Methods for Rates and Proportions*, 3rd edition,
    section 4.2.

    Examples
    --------
    >>> round(power_shares(0.1, 0.2, 199, 199), 4)
    0.8001
    """
    _check(confidence, sides, share=share, other=other, fewest=min(first, second))
    pooled = (first * share + second * other) / (first + second)
    null = math.sqrt(pooled * (1 - pooled) * (1 / first + 1 / second))
    true = math.sqrt(share * (1 - share) / first + other * (1 - other) / second)
    return _normal(abs(share - other), null, true, confidence, sides)


def power_paired_shares(
    gained: float,
    lost: float,
    pairs: int,
    *,
    confidence: float = CONFIDENCE,
    sides: Sides = TWO_SIDED,
) -> float:
    """Return the power of McNemar's test: the same units, yes or no, before and after.

    Parameters
    ----------
    gained, lost : float
        Shares of all units that turn from no to yes and from yes to no, above 0, together at
        most 1. Units that stay tell nothing.
    pairs : int
        Number of units, 2 or more.
    confidence, sides
        See `power_paired`.

    Raises
    ------
    BranchwiseError
        BW-EXP-004, 008.

    References
    ----------
    Connor (1987), doi:10.2307/2531961.

    Examples
    --------
    >>> round(power_paired_shares(0.2, 0.1, 300), 4)
    0.8893
    """
    changed, effect = gained + lost, abs(gained - lost)
    shares = {"gained": gained, "lost": lost, "gained + lost": changed}
    _check(confidence, sides, fewest=pairs, **shares)
    null = math.sqrt(changed / pairs)
    true = math.sqrt((changed - effect**2) / pairs)
    return _normal(effect, null, true, confidence, sides)


def design_effect(units: float, correlation: float, variation: float = 0.0) -> float:
    """Return by how much clustering swells a variance: customers within branches or days.

    Parameters
    ----------
    units : float
        Mean number of units a cluster, 1 or more.
    correlation : float
        Of two units of the same cluster, 0-1.
    variation : float
        Coefficient of variation of the sizes of the clusters, 0 or more.

    Returns
    -------
    float
        1 or more; so many times more units are needed than if all were independent.

    Raises
    ------
    BranchwiseError
        BW-EXP-008.

    References
    ----------
    Kish (1965), *Survey Sampling*, section 8.2; Eldridge, Ashby and Kerry (2006),
    doi:10.1093/ije/dyl129.

    Examples
    --------
    >>> design_effect(101, 0.25)
    26.0
    """
    problems = Problems()
    note_number(problems, "units", units, least=1)
    note_number(problems, "correlation", correlation, least=0, most=1)
    note_number(problems, "variation", variation, least=0)
    problems.raise_if_any()
    return 1 + max((1 + variation**2) * units - 1, 0.0) * correlation


def _student(shift: float, degrees: int, confidence: float, sides: Sides) -> float:
    if degrees > NORMAL_FROM:
        return _normal(abs(shift), 1.0, 1.0, confidence, sides)
    shift = abs(shift)
    critical = -float(stdtrit(degrees, (1 - confidence) / sides))
    missed = float(nctdtr(degrees, shift, critical))
    wrong_sign = float(nctdtr(degrees, shift, -critical)) if sides == TWO_SIDED else 0.0
    missed, wrong_sign = (tail if math.isfinite(tail) else 0.0 for tail in (missed, wrong_sign))
    return min(1.0, max(0.0, 1 - missed + wrong_sign))


def _normal(effect: float, null: float, true: float, confidence: float, sides: Sides) -> float:
    limit = -float(ndtri((1 - confidence) / sides)) * null
    found = float(ndtr((effect - limit) / true))
    return found + (float(ndtr((-effect - limit) / true)) if sides == TWO_SIDED else 0.0)


def _check(confidence: float, sides: Sides, *, fewest: int, **numbers: float) -> None:
    problems = Problems()
    note_confidence(problems, confidence)
    note_number(problems, "sides", sides, least=1, most=2)
    note_number(problems, "units", fewest, least=2)
    for name, value in numbers.items():
        lowest, highest = BOUNDS.get(name, (-math.inf, math.inf))
        note_number(problems, name, value, above=lowest, below=highest)
    problems.raise_if_any()
