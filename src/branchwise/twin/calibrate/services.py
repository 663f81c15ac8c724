"""How long services take: one law an activity, slower and faster classes, days that differ.

The logarithm of a service time is taken apart into activity, class and day. A class has one pace
over all activities; where it stands apart in one, it has a law of its own there. Activities with
few rows borrow from the peers' service of the same name, else from their queue, in proportion to
what each knows (James and Stein's shrinkage of means [1]_).

References
----------
.. [1] Efron and Morris (1975), Data analysis using Stein's estimator, J. Am. Stat. Assoc. 70,
   doi:10.1080/01621459.1975.10479864.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from branchwise.twin.calibrate.fitting import Fitted, fit_law
from branchwise.twin.calibrate.log import Flags, Floats, Ints
from branchwise.twin.calibrate.model import Source

FEW = 40
"""Activities with fewer rows borrow."""
ROUNDS = 30
SHARED = 5
"""Rows of two classes in one activity that let them be compared."""
SPECIAL_ROWS, SPECIAL_ERRORS, SPECIAL_LEAST = 60, 4.5, 0.15
"""A class has its own law in an activity with so many rows, so many standard errors and so much
apart on the logarithm."""
BETWEEN = 0.09
"""Variance of the logarithm between services of a queue, for those with few rows: 30 %."""
DEFAULT_SECONDS = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Paces:
    """Service times taken apart.

    Attributes
    ----------
    pace, error : array, shape (classes,)
        Time as a multiple of the reference class's, and its relative standard error.
    reference : array of int, shape (classes,)
        The largest class with which each shares activities, itself where it shares none.
    day_variation : float
        Standard deviation of the logarithm between days, chance within days taken off.
    """

    pace: Floats
    error: Floats
    reference: Ints
    day_variation: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """The law of one activity, or of a class in it, where it stands apart."""

    fitted: Fitted
    source: Source
    customer_class: int | None = None


def paces_of(seconds: Floats, activity: Ints, classes: Ints, day: Ints, count: int) -> Paces:
    """Return the pace of each class over all activities, and how much days differ.

    Parameters
    ----------
    seconds : array, shape (rows,)
        Service times, all above 0.
    activity, classes, day : array of int, shape (rows,)
        Of each row.
    count : int
        Number of classes.

    Examples
    --------
    >>> import numpy as np
    >>> chance = np.random.default_rng(2)
    >>> slow = np.repeat([0, 1], 4000)
    >>> seconds = 100 * np.where(slow, 1.25, 1.0) * np.exp(0.4 * chance.normal(size=8000))
    >>> same = np.zeros(8000, int)
    >>> bool(abs(paces_of(seconds, same, slow, same, 2).pace[1] / 1.25 - 1) < 0.03)
    True
    """
    if len(seconds) == 0:
        return Paces(
            pace=np.ones(count),
            error=np.zeros(count),
            reference=np.arange(count),
            day_variation=0.0,
        )
    logs = np.log(seconds)
    rows = np.bincount(classes, minlength=count).astype(float)
    reference = _references(activity, classes, rows)
    of_activity = np.zeros(int(activity.max()) + 1)
    of_class = np.zeros(count)
    for _ in range(ROUNDS):
        of_activity = _means(logs - of_class[classes], activity, len(of_activity))
        of_class = _means(logs - of_activity[activity], classes, count)
        of_class -= of_class[reference]
    rest = logs - of_activity[activity] - of_class[classes]
    spread = float(rest.var())
    error = np.sqrt(spread / np.maximum(rows, 1) + spread / np.maximum(rows[reference], 1))
    error[reference == np.arange(count)] = 0.0
    known = rows >= FEW
    weight = np.where(rows > 0, BETWEEN / (BETWEEN + spread / np.maximum(rows, 1)), 0.0)
    shrunk = np.where(known, of_class, weight * of_class)
    return Paces(
        pace=np.exp(shrunk),
        error=error,
        reference=reference,
        day_variation=_between_days(rest, day),
    )


def _references(activity: Ints, classes: Ints, rows: Floats) -> Ints:
    """Return for each class the largest one that can be reached over shared activities."""
    count = len(rows)
    table = np.zeros((count, int(activity.max()) + 1))
    np.add.at(table, (classes, activity), 1.0)
    shared = (table >= SHARED).astype(float)
    linked = (shared @ shared.T > 0) | np.eye(count, dtype=bool)
    for _ in range(count):
        linked = (linked.astype(float) @ linked.astype(float)) > 0
    return np.array([int(np.where(linked[place], rows, -1.0).argmax()) for place in range(count)])


def timed(
    seconds: Floats,
    activity: Ints,
    classes: Ints,
    paces: Paces,
    *,
    count: int,
    queues: Sequence[int],
    elsewhere: Mapping[int, tuple[int, float, float]],
) -> list[list[Timed]]:
    """Return the laws of each activity: the one of the reference class, then special ones.

    Parameters
    ----------
    seconds, activity, classes : array, shape (rows,)
        As for `paces_of`.
    paces : Paces
        Of the same rows.
    count : int
        Number of activities.
    queues : sequence of int
        Queue of each activity.
    elsewhere : mapping of int to tuple
        Rows, mean and variance of the logarithm at the peers, by activity.
    """
    even = seconds / paces.pace[classes]
    found: list[list[Timed]] = []
    for number in range(count):
        own = even[activity == number]
        like = np.isin(
            activity, [place for place in range(count) if queues[place] == queues[number]]
        )
        law = _law(own, even[like], elsewhere.get(number))
        special = [
            Timed(fitted=fit_law(seconds[rows]), source="own", customer_class=place)
            for place in range(len(paces.pace))
            if _stands_apart(
                rows := (activity == number) & (classes == place), even, activity == number
            )
        ]
        found.append([law, *special])
    return found


def _law(own: Floats, like: Floats, elsewhere: tuple[int, float, float] | None) -> Timed:
    if len(own) >= FEW:
        return Timed(fitted=fit_law(own), source="own")
    if elsewhere is not None and elsewhere[0] >= FEW:
        return Timed(fitted=_borrowed(own, elsewhere), source="peers")
    if len(like) >= FEW:
        base = (len(like), float(np.log(like).mean()), float(np.log(like).var()))
        return Timed(fitted=_borrowed(own, base), source="own")
    if len(own):
        return Timed(fitted=fit_law(own), source="own")
    return Timed(fitted=fit_law(np.array([DEFAULT_SECONDS])), source="default")


def _borrowed(own: Floats, base: tuple[int, float, float]) -> Fitted:
    """Return a lognormal law with a mean between the rows' and that of others."""
    from branchwise.twin.laws import Lognormal

    _, centre, variance = base
    weight = BETWEEN / (BETWEEN + variance / len(own)) if len(own) else 0.0
    middle = centre + (weight * (float(np.log(own).mean()) - centre) if len(own) else 0.0)
    law = Lognormal(mean=math.exp(middle + variance / 2), cv=math.sqrt(math.expm1(variance)))
    error = math.sqrt(BETWEEN * (1 - weight) + variance * weight / max(len(own), 1))
    return Fitted(
        law=law,
        mean=law.mean,
        mean_error=law.mean * error,
        distance=math.nan,
        criterion=math.nan,
        count_rows=len(own),
    )


def _stands_apart(rows: Flags, even: Floats, members: Flags) -> bool:
    others = members & ~rows
    if rows.sum() < SPECIAL_ROWS or others.sum() < SPECIAL_ROWS:
        return False
    one, other = np.log(even[rows]), np.log(even[others])
    error = math.sqrt(one.var() / len(one) + other.var() / len(other))
    apart = abs(float(one.mean() - other.mean()))
    return apart > max(SPECIAL_ERRORS * error, SPECIAL_LEAST)


def _means(values: Floats, groups: Ints, count: int) -> Floats:
    rows = np.bincount(groups, minlength=count)
    totals = np.bincount(groups, weights=values, minlength=count)
    return np.asarray(np.where(rows > 0, totals / np.maximum(rows, 1), 0.0))


def _between_days(rest: Floats, day: Ints) -> float:
    """Return the standard deviation of days' means beyond what chance within days explains."""
    days = int(day.max(initial=0)) + 1
    rows = np.bincount(day, minlength=days)
    used = rows >= 2  # noqa: PLR2004
    if used.sum() < 3:  # noqa: PLR2004
        return 0.0
    means = _means(rest, day, days)[used]
    expected = rest.var() / rows[used]
    weights = rows[used] / rows[used].sum()
    centre = float((weights * means).sum())
    excess = float((weights * ((means - centre) ** 2 - expected)).sum())
    return math.sqrt(max(excess, 0.0))
