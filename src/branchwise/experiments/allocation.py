"""Where the next runs go: optimal computing budget allocation (OCBA)."""

from __future__ import annotations

import numpy as np

from branchwise.experiments.model import Array, Counts, Pairing
from branchwise.experiments.runs import Gaps

SMALLEST_GAP = 1e-9
NOTHING = 1e-12


def ocba_weights(found: Gaps, indifference: float, pairing: Pairing) -> Array:
    """Return the shares of a budget that each candidate should have.

    With b the best so far, d(i) the gap of candidate i to it (plus the indifference zone) and
    s(i) its spread, the runs of the others are as ``(s(i) / d(i))²``: hard to tell is close or
    noisy. The best gets ``s(b) √(Σ N(i)² / s(i)²)`` if runs are independent. Under common random
    numbers s(i) is the spread of the difference to the best, and a run of candidate i tells
    something only beside one of the best: the best gets as many as the largest of the others.

    Parameters
    ----------
    found : Gaps
        Against the best so far.
    indifference : float
        Gap that does not matter, in the unit of the objective.
    pairing : {"common", "independent"}
        Whether replications share their chance.

    Returns
    -------
    ndarray, shape (k,)
        Sum 1; all zero if no candidate varies.

    References
    ----------
    Chen, Lin, Yücesan and Chick (2000), doi:10.1023/A:1008349927281, theorem 1; for correlated
    runs compare Fu, Hu, Chen and Xiong (2007), *INFORMS Journal on Computing* 19(1), 101-111.

    Examples
    --------
    >>> gap, one = np.array([0.0, 1.0, 2.0]), np.ones(3)
    >>> found = Gaps(reference=0, gap=gap, spread=one, error=one, degrees=one)
    >>> ocba_weights(found, 0.0, "independent").round(3)
    array([0.452, 0.438, 0.11 ])
    >>> ocba_weights(found, 0.0, "common").round(3)
    array([0.444, 0.444, 0.111])
    """
    best = found.reference
    scale = float(np.abs(found.gap).max() + found.spread.max() + indifference)
    if scale == 0:
        return np.zeros_like(found.gap)
    distance = np.maximum(found.gap + indifference, SMALLEST_GAP * scale)
    weight = (found.spread / distance) ** 2
    weight[best] = 0.0
    if pairing == "common":
        weight[best] = weight.max()
    else:
        ratio = np.divide(weight, found.spread, where=found.spread > 0, out=np.zeros_like(weight))
        weight[best] = found.spread[best] * np.sqrt((ratio**2).sum())
    total = weight.sum()
    return np.asarray(weight / total if total > 0 else weight, dtype=float)


def next_runs(counts: Counts, weights: Array, more: int) -> Counts:
    """Return how many further runs each candidate gets, towards given shares of all runs.

    Candidates that already have more than their share keep what they have and get none.

    Parameters
    ----------
    counts : ndarray, shape (k,)
        Runs so far.
    weights : ndarray, shape (k,)
        Shares wanted, 0 or more.
    more : int
        Runs to be given out.

    Returns
    -------
    ndarray, shape (k,)
        Sum `more`; all zero if all weights are.

    Examples
    --------
    >>> next_runs(np.array([10, 10, 10]), np.array([0.6, 0.3, 0.1]), 9)
    array([9, 0, 0])
    >>> next_runs(np.array([10, 10, 10]), np.array([0.6, 0.4, 0.0]), 20)
    array([14,  6,  0])
    """
    if more < 1 or not weights.any():
        return np.zeros_like(counts)
    weights = weights / weights.max()
    open_ = weights > NOTHING
    while True:
        level = (counts[open_].sum() + more) / weights[open_].sum()
        lacking = np.where(open_, level * weights - counts, 0.0)
        if (lacking >= 0).all():
            break
        open_ &= lacking > 0
    whole = np.floor(lacking + 1e-9).astype(np.int64)
    rest = more - int(whole.sum())
    order = np.argsort(-(lacking - whole), kind="stable")
    whole[order[:rest]] += 1
    return np.asarray(whole, dtype=np.int64)
