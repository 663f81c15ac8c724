"""Quantiles and Kaplan-Meier curves from one histogram a value, in one scan of its relation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from branchwise.measures.catalogue import Measure
from branchwise.measures.kaplan_meier import kaplan_meier, restricted_mean, wait_quantile
from branchwise.measures.request import Request, column, joined, long_rows
from branchwise.measures.uncertainty import ClusterSums, ratio_variance, t_quantile

Array = NDArray[np.float64]
_THRESHOLDS = "measure_thresholds"


def distribution_cells(request: Request, measures: Sequence[Measure]) -> list[pa.Table]:
    """Return the cells of quantiles and Kaplan-Meier measures.

    Parameters
    ----------
    request : Request
        The question.
    measures : sequence of Measure
        Of the kinds ``quantile``, ``km_mean`` and ``km_quantile``.

    Returns
    -------
    list of pyarrow.Table
        One long table a measure, in the order of the measures.
    """
    groups: dict[tuple[str, str], list[Measure]] = {}
    for measure in measures:
        key = (measure.numerator.relation, measure.numerator.value)
        groups.setdefault(key, []).append(measure)
    cells: dict[str, pa.Table] = {}
    for group in groups.values():
        histogram = _Histogram(request, group)
        curves = [measure for measure in group if measure.kind != "quantile"]
        cells |= {measure.name: _curve_cells(request, measure, histogram) for measure in curves}
        quantiles = [measure for measure in group if measure.kind == "quantile"]
        cells |= _quantile_cells(request, quantiles, histogram)
    return [cells[measure.name] for measure in measures]


class _Histogram:
    """Counts by cell and value: of the rows of each condition, and of those with the event."""

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
        counted = []
        for (where, event), name in self.counts.items():
            parts = ["" if where == shared else where, event]
            only = joined([binding.sql(part) for part in parts if part]) if any(parts) else ""
            counted.append(f"{_counted(only)} AS {name}")
        wanted = joined([f"{value} IS NOT NULL", binding.sql(shared) if shared else "", condition])
        places = ", ".join(str(place + 1) for place in range(len(dimensions) + 1))
        return (
            f"SELECT {', '.join([*dimensions, f'{value} AS t', *counted])} "  # noqa: S608
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


def _curve_cells(request: Request, measure: Measure, histogram: _Histogram) -> pa.Table:
    found, rows = [], []
    for times, counts, events in histogram.cells(measure):
        curve = kaplan_meier(times, events, counts - events)
        if measure.probability is None:
            found.append(restricted_mean(curve))
        else:
            found.append(wait_quantile(curve, measure.probability))
        rows.append(counts.sum())
    return _rows(request, measure, histogram, found, rows)


def _rows(
    request: Request,
    measure: Measure,
    histogram: _Histogram,
    found: Sequence[tuple[float, float, float]],
    rows: Sequence[float],
) -> pa.Table:
    numbers = np.array(found, dtype=float).reshape(-1, 3)
    return long_rows(
        request,
        measure,
        histogram.dimensions,
        {
            "value": numbers[:, 0],
            "lower": numbers[:, 1],
            "upper": numbers[:, 2],
            "rows": np.array(rows, dtype=float),
        },
    )


def _quantile_cells(
    request: Request, measures: Sequence[Measure], histogram: _Histogram
) -> dict[str, pa.Table]:
    if not measures:
        return {}
    thresholds = {
        measure.name: np.array(
            [
                histogram_quantile(values, counts, np.array([measure.probability]))[0]
                for values, counts, _ in histogram.cells(measure)
            ]
        )
        for measure in measures
    }
    shares = _shares_below(request, measures, histogram, thresholds)
    cells = {}
    for measure in measures:
        low, high = _share_limits(measure, shares[measure.name])
        found, rows = [], []
        for place, (values, counts, _) in enumerate(histogram.cells(measure)):
            wanted = np.array([low[place], high[place]])
            lower, upper = histogram_quantile(values, counts, wanted)
            found.append((thresholds[measure.name][place], lower, upper))
            rows.append(counts.sum())
        cells[measure.name] = _rows(request, measure, histogram, found, rows)
    return cells


def _share_limits(measure: Measure, sums: ClusterSums) -> tuple[Array, Array]:
    half = t_quantile(sums.clusters - 1) * np.sqrt(ratio_variance(sums))
    probability = measure.probability or 0.5
    return np.clip(probability - half, 0, 1), np.clip(probability + half, 0, 1)


def _shares_below(
    request: Request,
    measures: Sequence[Measure],
    histogram: _Histogram,
    thresholds: dict[str, Array],
) -> dict[str, ClusterSums]:
    """Return of each cell the day sums of the share at or below its quantile (Woodruff 1952)."""
    table = histogram.dimensions.append_column(
        "place", pa.array(np.arange(len(histogram.dimensions)))
    )
    for number, measure in enumerate(measures):
        table = table.append_column(f"q{number}", pa.array(thresholds[measure.name]))
    request.engine.register_table(_THRESHOLDS, table)
    try:
        answer = request.engine.table(_shares_query(request, measures))
    finally:
        request.engine.drop(_THRESHOLDS)
    places = column(answer, "place").astype(np.int64)
    cells = len(histogram.dimensions)
    sums = {}
    for number, measure in enumerate(measures):
        numbers = {}
        for key in ("n", "d", "nn", "nd", "dd", "clusters"):
            numbers[key] = np.zeros(cells)
            numbers[key][places] = np.nan_to_num(column(answer, f"{key}{number}"))
        sums[measure.name] = ClusterSums(**numbers)
    return sums


def _shares_query(request: Request, measures: Sequence[Measure]) -> str:
    binding, dimensions, condition = request.bind(measures[0].numerator.relation)
    value = binding.sql(measures[0].numerator.value)
    cluster = request.cluster(binding)
    wheres = list(dict.fromkeys(measure.numerator.where for measure in measures))
    shared = binding.sql(wheres[0]) if len(wheres) == 1 else ""
    counted = [
        f"{_counted('' if shared else binding.sql(where))} AS d{number}"
        for number, where in enumerate(wheres)
    ]
    moments = []
    for number, measure in enumerate(measures):
        own = "" if shared else binding.sql(measure.numerator.where)
        counted.append(f"{_counted(joined([own, f'{value} <= q{number}']))} AS n{number}")
        n, d = f"CAST(n{number} AS DOUBLE)", f"d{wheres.index(measure.numerator.where)}"
        days = f"FILTER (WHERE {d} > 0 AND cluster IS NOT NULL)"
        d = f"CAST({d} AS DOUBLE)"
        moments += [
            f"sum({n}) AS n{number}",
            f"sum({d}) AS d{number}",
            f"sum({n} * {n}) {days} AS nn{number}",
            f"sum({n} * {d}) {days} AS nd{number}",
            f"sum({d} * {d}) {days} AS dd{number}",
            f"count(*) {days} AS clusters{number}",
        ]
    same = [
        f"{dimension.rpartition(' AS ')[0]} IS NOT DISTINCT FROM {_THRESHOLDS}.{key}"
        for dimension, key in zip(dimensions, request.keys, strict=True)
    ]
    wanted = joined([f"{value} IS NOT NULL", shared, condition])
    return (
        f"SELECT place, {', '.join(moments)} FROM ("  # noqa: S608
        f"SELECT place, {cluster} AS cluster, {', '.join(counted)} FROM {binding.source()} "
        f"JOIN {_THRESHOLDS} ON {joined(same)} WHERE {wanted} GROUP BY 1, 2) AS daily "
        "GROUP BY place"
    )


def _counted(only: str) -> str:
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
