"""The runs made so far: more for some candidates than for others, and pairs among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from branchwise.experiments.checks import drawn
from branchwise.experiments.model import Array, Counts, Pairing, Sampler


class Runs:
    """All values drawn, candidate by candidate, each from replication 0 without gaps.

    Attributes
    ----------
    candidates : ndarray, shape (k,)
        Their numbers.
    counts : ndarray, shape (k,)
        Replications of each so far.

    Examples
    --------
    >>> count_up = lambda names, first, count: np.add.outer(names, first + np.arange(count))
    >>> runs = Runs(count_up, [7, 9])
    >>> runs.extend(np.array([0, 1]), np.array([2, 3]))
    >>> runs.values(1), runs.total
    (array([ 9., 10., 11.]), 5)
    """

    def __init__(self, sample: Sampler, candidates: Sequence[int]) -> None:
        self._sample = sample
        self.candidates = np.asarray(candidates, dtype=np.int64)
        self.counts = np.zeros(len(candidates), dtype=np.int64)
        self._buffers = [np.empty(0) for _ in candidates]

    @property
    def total(self) -> int:
        """Replications of all candidates together."""
        return int(self.counts.sum())

    def values(self, row: int) -> Array:
        """Return the values of one candidate, shape (its replications,)."""
        return self._buffers[row][: self.counts[row]]

    def extend(self, rows: Counts, extra: Counts) -> None:
        """Run candidates on: `rows` are their places, `extra` how many more each.

        Candidates that have as many runs and get as many more go in one call of the sampler.
        """
        wanted = extra > 0
        rows, extra = rows[wanted], extra[wanted]
        shapes, group = np.unique(
            np.stack([self.counts[rows], extra], axis=1), axis=0, return_inverse=True
        )
        for number, (first, more) in enumerate(shapes.tolist()):
            self._run(rows[group.ravel() == number], first, more)

    def _run(self, rows: Counts, first: int, more: int) -> None:
        names = self.candidates[rows].tolist()
        block = drawn(self._sample(names, first, more), names, first, more)
        for row, values in zip(rows.tolist(), block, strict=True):
            buffer = self._buffers[row]
            if buffer.size < first + more:
                self._buffers[row] = np.empty(max(first + more, 2 * first))
                self._buffers[row][:first] = buffer[:first]
            self._buffers[row][first : first + more] = values
        self.counts[rows] += more


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Gaps:
    """Every candidate against one of them.

    Attributes
    ----------
    reference : int
        Place of that one.
    gap : ndarray, shape (k,)
        Candidate minus reference, in the unit of the objective; 0 at the reference.
    spread : ndarray, shape (k,)
        Standard deviation of one run's difference (common random numbers), or of one run of the
        candidate (independent).
    error, degrees : ndarray, shape (k,)
        Standard error of the gap and its degrees of freedom.
    """

    reference: int
    gap: Array
    spread: Array
    error: Array
    degrees: Array


def moments(runs: Runs) -> tuple[Array, Array]:
    """Return mean and variance of every candidate over its own replications, shape (k,) each."""
    flat = np.concatenate([runs.values(row) for row in range(runs.counts.size)])
    return _by_candidate(flat, runs.counts)


def gaps(runs: Runs, reference: int, pairing: Pairing) -> Gaps:
    """Return every candidate against one of them: in pairs, or as separate samples.

    In pairs only the replications that both have are used; the variance is that of their
    differences. Separate samples have Welch's degrees of freedom.

    Parameters
    ----------
    runs : Runs
        At least two replications of each candidate.
    reference : int
        Place of the candidate compared with.
    pairing : {"common", "independent"}
        Whether replications share their chance.

    References
    ----------
    Welch (1947), doi:10.1093/biomet/34.1-2.28.
    """
    if pairing == "independent":
        return _separate(runs, reference)
    base = runs.values(reference)
    counts = np.minimum(runs.counts, base.size)
    flat = np.concatenate(
        [runs.values(row)[:count] - base[:count] for row, count in enumerate(counts.tolist())]
    )
    mean, variance = _by_candidate(flat, counts)
    return Gaps(
        reference=reference,
        gap=mean,
        spread=np.sqrt(variance),
        error=np.sqrt(variance / counts),
        degrees=counts - 1.0,
    )


def _separate(runs: Runs, reference: int) -> Gaps:
    mean, variance = moments(runs)
    part = variance / runs.counts
    squared = part + part[reference]
    bottom = part**2 / (runs.counts - 1) + part[reference] ** 2 / (runs.counts[reference] - 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        degrees = np.where(bottom > 0, squared**2 / bottom, runs.counts - 1.0)
    squared[reference] = 0.0
    return Gaps(
        reference=reference,
        gap=mean - mean[reference],
        spread=np.sqrt(variance),
        error=np.sqrt(squared),
        degrees=np.maximum(degrees, 1.0),
    )


def _by_candidate(flat: Array, counts: Counts) -> tuple[Array, Array]:
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    mean = np.add.reduceat(flat, starts) / counts
    squares = np.add.reduceat((flat - np.repeat(mean, counts)) ** 2, starts)
    return mean, squares / (counts - 1)
