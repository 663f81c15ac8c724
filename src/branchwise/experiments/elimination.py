"""Elimination: candidates run on together, and losers drop out (KN)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from branchwise.experiments.model import Array, Counts, Flags
from branchwise.experiments.runs import Runs
from branchwise.experiments.screening import difference_variances, survivors


@dataclass(frozen=True, slots=True, kw_only=True)
class Boundary:
    """By how much one candidate may trail another and stay in.

    Attributes
    ----------
    reach : float
        h² of KN, see `kn_reach`.
    indifference : float
        Smallest difference worth finding, above 0, in the unit of the objective.
    """

    reach: float
    indifference: float

    def lead(self, variance: Array, runs: int) -> Array:
        """Return the mean leads that are left to chance after so many runs.

        ``max(0, δ / 2r · (h² S² / δ² − r))``: a triangle that closes as r grows.

        Parameters
        ----------
        variance : ndarray
            S² of the differences of pairs, from the first stage.
        runs : int
            r, of each candidate.

        Examples
        --------
        >>> Boundary(reach=16.0, indifference=2.0).lead(np.array([4.0, 1.0]), 8).tolist()
        [1.0, 0.0]
        """
        zone = self.indifference
        lead = self.reach * variance / (2 * zone * runs) - zone / 2
        return np.asarray(np.maximum(lead, 0.0), dtype=float)

    def first_look(self, values: Array) -> Flags:
        """Return who stays in after the first stage; `values` of shape (k, replications)."""
        runs = values.shape[1]
        return survivors(values, lambda variance: self.lead(variance, runs))


def kn_reach(error: float, candidates: int, first: int) -> float:
    """Return h² of KN: how far, in variances, a lead must reach.

    ``h² = 2 η (n − 1)`` with ``η = ((2 error / (k − 1))^(−2 / (n − 1)) − 1) / 2``.

    Parameters
    ----------
    error : float
        1 − confidence.
    candidates, first : int
        k and n, the runs of the first stage.

    Returns
    -------
    float
        Dimensionless.

    References
    ----------
    Kim and Nelson (2001), doi:10.1145/502109.502111, with c = 1.

    Examples
    --------
    >>> round(kn_reach(0.05, 10, 10), 4)
    15.4635
    """
    eta = (float(2 * error / (candidates - 1)) ** (-2 / (first - 1)) - 1) / 2
    return float(2 * eta * (first - 1))


def race(
    runs: Runs, rows: Counts, boundary: Boundary, *, step: int, budget: int | None
) -> tuple[Counts, bool]:
    """Run candidates on together until one is left, or no lead is left to chance.

    Parameters
    ----------
    runs : Runs
        With the same number of replications of each of `rows`: the first stage.
    rows : ndarray, shape (m,)
        Places of the candidates still in.
    boundary : Boundary
        What is left to chance.
    step : int
        Runs of each between two looks, fewer before the budget ends.
    budget : int or None
        Runs of all candidates together.

    Returns
    -------
    rows : ndarray
        Places of those left.
    exhausted : bool
        Whether the budget ended it.
    """
    done = int(runs.counts[rows[0]])
    stage = np.stack([runs.values(row) for row in rows.tolist()])
    variance, sums = difference_variances(stage), stage.sum(axis=1)
    while rows.size > 1 and boundary.lead(variance, done).any():
        left = step if budget is None else (budget - runs.total) // rows.size
        portion = min(step, left)
        if portion < 1:
            return rows, True
        runs.extend(rows, np.full(rows.size, portion))
        done += portion
        sums = sums + [runs.values(row)[-portion:].sum() for row in rows.tolist()]
        ahead_of = (sums[:, np.newaxis] - sums) / done
        kept = ~(ahead_of > boundary.lead(variance, done)).any(axis=1)
        rows, sums, variance = rows[kept], sums[kept], variance[np.ix_(kept, kept)]
    return rows, False
