"""How candidates stand: the best so far, and how likely that choice is right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

import numpy as np
from scipy.special import stdtr

from branchwise.experiments.intervals import student
from branchwise.experiments.model import Array, Basis, Flags, Method, Pairing, Selection
from branchwise.experiments.runs import Gaps, Runs, gaps, moments


class Told(TypedDict):
    """What a procedure knows of its own ending."""

    method: Method
    probability: float
    basis: Basis
    confidence: float
    exhausted: bool
    indifference: float
    pairing: Pairing


def best_so_far(runs: Runs, pairing: Pairing) -> Gaps:
    """Return every candidate against the best so far.

    Under common random numbers a candidate with few runs is held against the one with most over
    the replications that both have: it may have met only quiet days. The first of equals is best.
    """
    reference = int(np.argmax(runs.counts))
    found = gaps(runs, reference, pairing)
    best = int(np.argmin(found.gap))
    return found if best == reference else gaps(runs, best, pairing)


def right_choice(found: Gaps, indifference: float, basis: Basis) -> float:
    """Return a lower bound of the probability that the reference is best or as good as best.

    A candidate is truly better than the reference by more than the indifference zone with the
    posterior probability ``T(−(gap + indifference) / error)``, T Student's distribution. The
    bound is 1 minus their sum (Bonferroni, whatever the dependence), or the product of their
    complements (Slepian). Two that never differed in any run count as a toss-up without a zone.

    Parameters
    ----------
    found : Gaps
        Against the chosen candidate.
    indifference : float
        0 or more, in the unit of the objective.
    basis : {"bonferroni", "slepian"}
        Which bound.

    Returns
    -------
    float
        0-1.

    References
    ----------
    Branke, Chick and Schmidt (2007), doi:10.1287/mnsc.1070.0721; Chen, Lin, Yücesan and Chick
    (2000), doi:10.1023/A:1008349927281.

    Examples
    --------
    >>> found = Gaps(reference=0, gap=np.array([0.0, 3.0, 4.0]), spread=np.ones(3),
    ...     error=np.array([0.0, 1.0, 1.0]), degrees=np.array([9.0, 9.0, 9.0]))
    >>> round(right_choice(found, 0.0, "bonferroni"), 5)
    0.99097
    >>> round(right_choice(found, 0.0, "slepian"), 5)
    0.99098
    """
    margin = found.gap + indifference
    with np.errstate(divide="ignore", invalid="ignore"):
        wrong = stdtr(found.degrees, -margin / found.error)
    wrong = np.where(found.error > 0, wrong, 0.5 - 0.5 * np.sign(margin))
    wrong = np.delete(wrong, found.reference)
    if basis == "slepian":
        return float(np.prod(1 - wrong))
    return max(0.0, 1.0 - float(wrong.sum()))


def selection(runs: Runs, found: Gaps, told: Told, survivors: Flags | None = None) -> Selection:
    """Return what was chosen, with the intervals of every candidate.

    Parameters
    ----------
    runs : Runs
        All that was drawn.
    found : Gaps
        Against the chosen candidate.
    told : Told
        How and how surely it was chosen.
    survivors : ndarray of bool, shape (k,), optional
        Not eliminated; if not given, those whose gap is not shown to be above 0.
    """
    count = runs.counts.size
    mean, variance = moments(runs)
    half = student(runs.counts - 1, told["confidence"]) * np.sqrt(variance / runs.counts)
    reach = student(found.degrees, told["confidence"], count - 1) * found.error
    lower: Array = found.gap - reach
    kept = lower <= 0 if survivors is None else survivors
    names: Sequence[int] = runs.candidates[kept].tolist()
    return Selection(
        chosen=int(runs.candidates[found.reference]),
        candidates=runs.candidates,
        runs=runs.counts,
        means=mean,
        lower=mean - half,
        upper=mean + half,
        gaps=found.gap,
        gap_lower=lower,
        gap_upper=found.gap + reach,
        survivors=tuple(names),
        reached=told["probability"] >= told["confidence"],
        **told,
    )
