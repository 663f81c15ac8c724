"""Which series add up to which: bank, region, branch, service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Path = tuple[str, ...]
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hierarchy:
    """Aggregates and the finest series that they are sums of.

    Series stand in the order of `paths`: the aggregates from the coarsest on, then the finest.

    Attributes
    ----------
    aggregates, finest : tuple of tuple of str
        Each named by its path from the top, such as ``("R1", "00101", "1001")``; the top itself is
        ``()``.

    Examples
    --------
    >>> tree = nested([("R1", "A"), ("R1", "B"), ("R2", "C")])
    >>> tree.paths
    ((), ('R1',), ('R2',), ('R1', 'A'), ('R1', 'B'), ('R2', 'C'))
    >>> tree.summed(np.array([[1.0], [2.0], [4.0]])).ravel().tolist()
    [7.0, 3.0, 4.0, 1.0, 2.0, 4.0]
    """

    aggregates: tuple[Path, ...]
    finest: tuple[Path, ...]

    @property
    def paths(self) -> tuple[Path, ...]:
        """All series, the aggregates first."""
        return self.aggregates + self.finest

    @property
    def parts(self) -> Any:  # noqa: ANN401 - a sparse array of scipy
        """Which finest series each aggregate sums: a sparse array of 0 and 1, shape (a, m)."""
        from scipy.sparse import csr_array

        places = {path: row for row, path in enumerate(self.aggregates)}
        pairs = [
            (places[path[:depth]], column)
            for column, path in enumerate(self.finest)
            for depth in range(len(path))
            if path[:depth] in places
        ]
        rows, columns = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
        shape = (len(self.aggregates), len(self.finest))
        return csr_array((np.ones(len(pairs)), (rows, columns)), shape=shape)

    @property
    def sizes(self) -> Array:
        """How many finest series each series sums, 1 for themselves; shape (a + m,)."""
        counts = np.asarray(self.parts.sum(axis=1), dtype=np.float64).ravel()
        return np.concatenate([counts, np.ones(len(self.finest))])

    def summed(self, finest: Array) -> Array:
        """Return all series from the finest, shape (m, …) to (a + m, …)."""
        return np.concatenate([np.asarray(self.parts @ finest), finest])

    def incoherence(self, values: Array) -> float:
        """Return by how much aggregates differ from their sums at most, in the values' unit."""
        count = len(self.aggregates)
        if not count:
            return 0.0
        return float(np.abs(values[:count] - self.parts @ values[count:]).max(initial=0.0))


def nested(finest: Sequence[Path], *, top: int = 0) -> Hierarchy:
    """Return the hierarchy of paths of one length, each part of which lies within the ones before.

    Parameters
    ----------
    finest : sequence of tuple of str
        Distinct, all of one length, in the order wanted.
    top : int
        Length of the shortest paths: with 0 all is summed up to one series.

    Raises
    ------
    ValueError
        If the paths differ in length or occur twice (a fault of the caller).
    """
    paths = tuple(finest)
    if len({len(path) for path in paths}) > 1 or len(set(paths)) < len(paths):
        raise ValueError("paths of one length, each once")
    depth = len(paths[0]) if paths else 0
    aggregates = dict.fromkeys(path[:length] for length in range(top, depth) for path in paths)
    return Hierarchy(aggregates=tuple(aggregates), finest=paths)
