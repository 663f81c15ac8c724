"""Waits by cell and length: one scan that gives every quantile and curve."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from branchwise.measures.catalogue import Measure
from branchwise.measures.request import Request, column, joined

Array = NDArray[np.float64]


class Histogram:
    """Counts by cell and value: of the rows of each condition, and of those with the event.

    Parameters
    ----------
    request : Request
        The question.
    measures : sequence of Measure
        Measures of one value over one relation.

    Attributes
    ----------
    dimensions : pyarrow.Table
        Columns ``d0`` … of the cells, in the order in which `cells` yields them.
    """

    def __init__(self, request: Request, measures: Sequence[Measure]) -> None:
        self.counts: dict[tuple[str, str], str] = {}
        for measure in measures:
            for event in {"", measure.event}:
                key = (measure.numerator.where, event)
                self.counts.setdefault(key, f"c{len(self.counts)}")
        answer = request.engine.table(self._query(request, measures[0]))
        cell, self.dimensions = _numbered(answer, request.keys)
        values = column(answer, "t")
        order = np.lexsort((values, cell))
        self.values = values[order]
        self._columns = {name: column(answer, name)[order] for name in self.counts.values()}
        cells = len(self.dimensions)
        starts = np.searchsorted(cell[order], np.arange(cells + 1))
        self._slices = [slice(begin, end) for begin, end in pairwise(starts)]

    def _query(self, request: Request, measure: Measure) -> str:
        binding, dimensions, condition = request.bind(measure.numerator.relation)
        value = binding.sql(measure.numerator.value)
        conditions = {where for where, _ in self.counts}
        shared = next(iter(conditions)) if len(conditions) == 1 else ""
        selected = []
        for (where, event), name in self.counts.items():
            parts = ["" if where == shared else where, event]
            only = joined([binding.sql(part) for part in parts if part]) if any(parts) else ""
            selected.append(f"{counted(only)} AS {name}")
        wanted = joined([f"{value} IS NOT NULL", binding.sql(shared) if shared else "", condition])
        places = ", ".join(str(place + 1) for place in range(len(dimensions) + 1))
        return (
            f"SELECT {', '.join([*dimensions, f'{value} AS t', *selected])} "  # noqa: S608
            f"FROM {binding.source()} WHERE {wanted} GROUP BY {places}"
        )

    def cells(self, measure: Measure) -> Iterator[tuple[Array, Array, Array]]:
        """Yield of each cell the values, their counts, and the counts with the event."""
        where = measure.numerator.where
        counts = self._columns[self.counts[where, ""]]
        events = self._columns[self.counts[where, measure.event]]
        for part in self._slices:
            present = counts[part] > 0
            yield self.values[part][present], counts[part][present], events[part][present]


def _numbered(answer: pa.Table, keys: Sequence[str]) -> tuple[NDArray[np.int64], pa.Table]:
    """Return the number of each row's cell, and the cells' dimensions."""
    if not keys:
        return np.zeros(len(answer), dtype=np.int64), pa.table({"cell": pa.array([0])})
    number = np.zeros(len(answer), dtype=np.int64)
    for key in keys:
        encoded = answer[key].combine_chunks().dictionary_encode(null_encoding="encode")
        codes = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
        number = number * (len(encoded.dictionary) + 1) + codes
    _, first, cell = np.unique(number, return_index=True, return_inverse=True)
    return cell.astype(np.int64), answer.select(list(keys)).take(pa.array(first))


def counted(only: str) -> str:
    """Return a count of the rows of a condition, or of all, as SQL."""
    return f"count(*) FILTER (WHERE {only})" if only else "count(*)"


def histogram_quantile(values: Array, counts: Array, probabilities: Array) -> Array:
    """Return quantiles of counted values, as of the list in which each stands so often.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Distinct values, rising.
    counts : ndarray, shape (n,)
        How often each occurs.
    probabilities : ndarray, shape (p,)
        Between 0 and 1; NaN gives NaN.

    Returns
    -------
    ndarray, shape (p,)
        Interpolated between the two nearest ranks (type 7), NaN of nothing.

    References
    ----------
    Hyndman and Fan (1996), doi:10.1080/00031305.1996.10473566.

    Examples
    --------
    >>> histogram_quantile(np.array([1.0, 5.0]), np.array([3.0, 1.0]), np.array([0.5, 0.9]))
    array([1. , 3.8])
    """
    if not values.size:
        return np.full(probabilities.shape, np.nan)
    ends = counts.cumsum()
    position = np.nan_to_num(probabilities) * (ends[-1] - 1)
    under = np.floor(position + 1e-9)
    low = values[np.searchsorted(ends, under, side="right")]
    high = values[np.searchsorted(ends, np.minimum(under + 1, ends[-1] - 1), side="right")]
    interpolated = low + np.maximum(position - under, 0.0) * (high - low)
    return np.where(np.isnan(probabilities), np.nan, interpolated)
