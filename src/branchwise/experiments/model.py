"""What experiments speak of: samplers, intervals, comparisons, goals, selections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Counts = NDArray[np.int64]
Flags = NDArray[np.bool_]
Pairing = Literal["common", "independent"]
RatioMethod = Literal["jackknife", "delta"]
Sides = Literal[1, 2]
Method = Literal["ocba", "kn"]
Basis = Literal["guaranteed", "bonferroni", "slepian"]
PrecisionRule = Literal["two-stage", "sequential"]
CONFIDENCE = 0.95


class Sampler(Protocol):
    """Whatever runs candidates and returns one objective, of which less is better.

    All chance lies in the number of the replication: the same number gives the same value however
    often it is asked for, and gives every candidate the same customers (common random numbers).
    """

    def __call__(
        self, candidates: Sequence[int], first_replication: int, replications: int
    ) -> Array:
        """Return the values of consecutive replications.

        Parameters
        ----------
        candidates : sequence of int
            Numbers of the candidates.
        first_replication : int
            Number of the first replication, from 0.
        replications : int
            How many, 1 or more.

        Returns
        -------
        ndarray, shape (len(candidates), replications)
            Finite, in the unit of the objective.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """An estimate and its limits.

    Attributes
    ----------
    estimate, lower, upper : float
        In the unit of the objective; a limit is infinite where the replications are too few for
        any (order statistics).
    confidence : float
        Of the limits, 0-1.
    replications : int
        How many it rests on.
    """

    estimate: float
    lower: float
    upper: float
    confidence: float
    replications: int

    @property
    def half_width(self) -> float:
        """Half the distance between the limits, in the unit of the objective."""
        return (self.upper - self.lower) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A scenario against a baseline over the same replications.

    Attributes
    ----------
    scenario, baseline : float
        Estimates of the two, in the unit of the objective.
    difference, lower, upper : float
        Scenario minus baseline with its limits, in the same unit.
    standard_error : float
        Of the difference.
    confidence : float
        With which the limits of all `comparisons` hold together, 0-1.
    comparisons : int
        How many were made at once.
    replications : int
        Number of pairs.
    variance_reduction : float
        How many times as many replications independent sampling would need for the same
        precision: (variance of scenario + of baseline) / variance of the difference. Below 1
        where pairing does harm; infinite where the difference does not vary.
    """

    scenario: float
    baseline: float
    difference: float
    lower: float
    upper: float
    standard_error: float
    confidence: float
    comparisons: int
    replications: int
    variance_reduction: float

    @property
    def is_distinct(self) -> bool:
        """Whether the limits leave zero out."""
        return self.lower > 0 or self.upper < 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """How precise an estimate is to be.

    Attributes
    ----------
    half_width : float
        Wanted half-width: in the unit of the objective, or a share of its size if `relative`.
    relative : bool
        Whether `half_width` is a share.
    confidence : float
        Of the interval, 0-1.
    first : int
        Replications of the first stage, 2 or more. A measure that is mostly zero needs many, or
        the first stage sees no chance at all.
    cap : int
        Replications that are never exceeded, `first` or more.
    """

    half_width: float
    relative: bool = False
    confidence: float = CONFIDENCE
    first: int = 20
    cap: int = 10_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Precision:
    """What was reached of a `Goal`.

    Attributes
    ----------
    interval : Interval
        The estimate with its limits.
    values : ndarray, shape (replications,)
        All values drawn, in order of replication, in the unit of the objective.
    wanted : float
        The half-width that was to be reached, in the unit of the objective.
    reached : bool
        Whether the interval is as narrow as wanted.
    capped : bool
        Whether the cap ended the work before.
    rule : {"two-stage", "sequential"}
        How the number of replications was found.
    """

    interval: Interval
    values: Array
    wanted: float
    reached: bool
    capped: bool
    rule: PrecisionRule


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Selection:
    """The candidate chosen as best, and how sure that is.

    Attributes
    ----------
    chosen : int
        The candidate with the smallest objective, as far as can be told.
    method : {"ocba", "kn"}
        How the runs were spent.
    probability : float
        Of a right choice: that the chosen candidate is best, or within `indifference` of the best.
    basis : {"guaranteed", "bonferroni", "slepian"}
        Where `probability` comes from: guaranteed beforehand by the procedure (KN, if the best
        is at least `indifference` better than the next), or estimated from the runs by a lower
        bound over all pairs: Bonferroni's sum (common random numbers) or Slepian's product
        (independent ones).
    confidence : float
        The probability that was asked for.
    reached : bool
        Whether `probability` is at least `confidence`.
    exhausted : bool
        Whether the budget ended the work before that.
    indifference : float
        Smallest difference that matters, in the unit of the objective.
    pairing : {"common", "independent"}
        Whether candidates share the chance of a replication.
    candidates : ndarray, shape (k,)
        Numbers of the candidates, as given; all arrays below follow this order.
    runs : ndarray, shape (k,)
        Replications spent on each.
    means, lower, upper : ndarray, shape (k,)
        Mean of each candidate over its own replications with its own limits at `confidence`, in
        the unit of the objective. Candidates with few runs saw other days than those with many:
        compare by `gaps`.
    gaps, gap_lower, gap_upper : ndarray, shape (k,)
        Candidate minus chosen over the replications that both have, with limits that hold for
        all candidates together at `confidence` (Bonferroni); zero for the chosen one. As runs
        were spent by what they showed, these limits are approximate.
    survivors : tuple of int
        Candidates that were not shown to be worse: not yet eliminated (KN), or with
        `gap_lower` at or below 0 (OCBA). Contains the chosen one.
    """

    chosen: int
    method: Method
    probability: float
    basis: Basis
    confidence: float
    reached: bool
    exhausted: bool
    indifference: float
    pairing: Pairing
    candidates: Counts
    runs: Counts
    means: Array
    lower: Array
    upper: Array
    gaps: Array
    gap_lower: Array
    gap_upper: Array
    survivors: tuple[int, ...]
