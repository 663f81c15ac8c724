"""What every experiment refuses, said once: the six-part errors ``BW-EXP-…``."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from branchwise.core.errors import Problems, Where, failure
from branchwise.experiments.model import Array, Goal

PLACE = "experiments"
FEWEST = 2


def finite(values: ArrayLike, name: str, *, dimensions: int = 1, minimum: int = FEWEST) -> Array:
    """Return values as an array of finite numbers with enough replications.

    Parameters
    ----------
    values : array_like, shape (..., replications)
        The last axis counts replications.
    name : str
        What they are, for the error.
    dimensions : int
        Number of axes wanted.
    minimum : int
        Fewest replications.

    Raises
    ------
    BranchwiseError
        BW-EXP-006 shape, BW-EXP-002 too few, BW-EXP-001 not finite.

    Examples
    --------
    >>> finite([1, 2], "waits")
    array([1., 2.])
    """
    given = np.asarray(values, dtype=float)
    if given.ndim != dimensions:
        wanted = "(candidates, replications)" if dimensions > 1 else "(replications,)"
        raise failure("BW-EXP-006", Where(place=name), shape=given.shape, wanted=wanted)
    if given.shape[-1] < minimum:
        raise failure("BW-EXP-002", Where(place=name), count=given.shape[-1], minimum=minimum)
    _refuse_infinite(given, name)
    return given


def same_shape(values: Array, other: Array, name: str) -> None:
    """Refuse two arrays of unlike replications (BW-EXP-006)."""
    if values.shape[-1] != other.shape[-1]:
        raise failure("BW-EXP-006", Where(place=name), shape=values.shape, wanted=other.shape)


def drawn(values: ArrayLike, candidates: Sequence[int], first: int, replications: int) -> Array:
    """Return what a sampler gave, if it is what was asked for.

    Raises
    ------
    BranchwiseError
        BW-EXP-006 of another shape, BW-EXP-001 not finite: candidate and replication are named.
    """
    given = np.asarray(values, dtype=float)
    wanted = (len(candidates), replications)
    if given.shape != wanted:
        raise failure("BW-EXP-006", Where(place="sampler"), shape=given.shape, wanted=wanted)
    _refuse_infinite(given, "sampler", tuple(candidates), first)
    return given


def _refuse_infinite(
    given: Array, name: str, candidates: Sequence[int] = (), first: int = 0
) -> None:
    bad = ~np.isfinite(given)
    if not bad.any():
        return
    keys = tuple(
        f"{candidates[place[0]]}/{first + place[1]}" if candidates else str(tuple(map(int, place)))
        for place in np.argwhere(bad)[:5]
    )
    count = int(bad.sum())
    where = Where(place=name, count=count, keys=keys)
    raise failure("BW-EXP-001", where, count=count, total=given.size)


def note_confidence(problems: Problems, confidence: float, lowest: float = 0.0) -> None:
    """Note a confidence outside (`lowest`, 1): BW-EXP-004."""
    if not lowest < confidence < 1:
        where = Where(place=PLACE, column="confidence")
        problems.add("BW-EXP-004", where, value=confidence, lowest=f"{lowest:g}")


def note_candidates(problems: Problems, candidates: Sequence[int]) -> None:
    """Note fewer than two candidates (BW-EXP-003), or one named twice (BW-EXP-010)."""
    where = Where(place=PLACE, column="candidates")
    distinct = set(candidates)
    if len(candidates) < FEWEST:
        problems.add("BW-EXP-003", where, count=len(candidates), minimum=FEWEST)
    if len(distinct) < len(candidates):
        problems.add("BW-EXP-010", where, count=len(candidates) - len(distinct))


def note_indifference(problems: Problems, value: float, *, may_be_zero: bool = False) -> None:
    """Note an indifference zone that is not finite, negative, or zero where it may not be."""
    large_enough = value >= 0 if may_be_zero else value > 0
    if not (large_enough and math.isfinite(value)):
        where = Where(place=PLACE, column="indifference")
        problems.add("BW-EXP-005", where, value=value, bound="≥ 0" if may_be_zero else "> 0")


def note_first(problems: Problems, first: int) -> None:
    """Note a first stage of fewer than two replications: BW-EXP-002."""
    if first < FEWEST:
        problems.add("BW-EXP-002", Where(place=PLACE, column="first"), count=first, minimum=FEWEST)


def note_budget(problems: Problems, budget: int | None, candidates: int, first: int) -> None:
    """Note a budget that does not pay for the first stage: BW-EXP-007."""
    needed = candidates * first
    if budget is not None and budget < needed:
        where = Where(place=PLACE, column="budget")
        values = {"budget": budget, "candidates": candidates, "first": first, "needed": needed}
        problems.add("BW-EXP-007", where, **values)


def note_number(
    problems: Problems,
    name: str,
    value: float,
    *,
    above: float = -math.inf,
    below: float = math.inf,
    least: float = -math.inf,
    most: float = math.inf,
) -> None:
    """Note a number that is not finite or out of its bounds: BW-EXP-008."""
    if math.isfinite(value) and above < value < below and least <= value <= most:
        return
    bounds = (("> ", above), ("≥ ", least), ("< ", below), ("≤ ", most))
    told = ", ".join(f"{sign}{bound:g}" for sign, bound in bounds if math.isfinite(bound))
    where = Where(place=PLACE, column=name)
    problems.add("BW-EXP-008", where, name=name, value=value, bound=told)


def refuse_goal(goal: Goal) -> None:
    """Raise whatever is wrong with a goal of precision, at once."""
    problems = Problems()
    note_number(problems, "half_width", goal.half_width, above=0)
    note_confidence(problems, goal.confidence)
    note_first(problems, goal.first)
    note_number(problems, "cap", goal.cap, least=goal.first)
    problems.raise_if_any()
