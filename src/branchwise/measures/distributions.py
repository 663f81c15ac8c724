"""Quantiles and Kaplan-Meier curves: a histogram in one scan, its spread over days in another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from branchwise.measures.catalogue import Measure
from branchwise.measures.day_spread import day_sums, widening
from branchwise.measures.histograms import Histogram, histogram_quantile
from branchwise.measures.kaplan_meier import (
    Curve,
    kaplan_meier,
    restricted_mean,
    wait_quantile,
)
from branchwise.measures.request import Request, long_rows
from branchwise.measures.uncertainty import ClusterSums, ratio_variance, t_quantile

Array = NDArray[np.float64]
Estimate = tuple[float, float, float]


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
        cells |= _group_cells(request, group)
    return [cells[measure.name] for measure in measures]


def _group_cells(request: Request, measures: Sequence[Measure]) -> dict[str, pa.Table]:
    histogram = Histogram(request, measures)
    curves = {
        measure.name: [
            kaplan_meier(times, events, counts - events)
            for times, counts, events in histogram.cells(measure)
        ]
        for measure in measures
        if measure.kind != "quantile"
    }
    thresholds = {
        measure.name: _thresholds(measure, histogram, curves.get(measure.name, []))
        for measure in measures
    }
    sums = day_sums(request, measures, histogram, thresholds)
    cells = {}
    for measure in measures:
        if measure.kind == "quantile":
            found = _quantiles(measure, histogram, thresholds[measure.name], sums[measure.name])
        else:
            found = _waits(measure, histogram, curves[measure.name], sums[measure.name])
        cells[measure.name] = _rows(request, measure, histogram, found)
    return cells


def _thresholds(measure: Measure, histogram: Histogram, curves: Sequence[Curve]) -> Array:
    if measure.probability is None:
        return np.zeros(len(curves))
    if curves:
        return np.array([wait_quantile(curve, measure.probability)[0] for curve in curves])
    wanted = np.array([measure.probability])
    return np.array(
        [
            histogram_quantile(values, counts, wanted)[0]
            for values, counts, _ in histogram.cells(measure)
        ]
    )


def _waits(
    measure: Measure, histogram: Histogram, curves: Sequence[Curve], sums: ClusterSums
) -> list[Estimate]:
    """Return Kaplan-Meier estimates, their limits widened by the differences between days."""
    if measure.probability is None:
        spread = [_variance(values, counts) for values, counts, _ in histogram.cells(measure)]
        factors = widening(sums, np.array(spread))
        return [
            restricted_mean(curve, widening=factor)
            for curve, factor in zip(curves, factors, strict=True)
        ]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = sums.n / sums.d
    factors = widening(sums, share * (1 - share))
    return [
        wait_quantile(curve, measure.probability, widening=factor)
        for curve, factor in zip(curves, factors, strict=True)
    ]


def _variance(values: Array, counts: Array) -> float:
    if not values.size:
        return float("nan")
    mean = np.average(values, weights=counts)
    return float(np.average((values - mean) ** 2, weights=counts))


def _quantiles(
    measure: Measure, histogram: Histogram, values: Array, sums: ClusterSums
) -> list[Estimate]:
    """Return quantiles with the limits of Woodruff (1952), doi:10.1080/01621459.1952.10483443."""
    half = t_quantile(sums.clusters - 1) * np.sqrt(ratio_variance(sums))
    probability = measure.probability or 0.5
    low, high = np.clip(probability - half, 0, 1), np.clip(probability + half, 0, 1)
    found = []
    for place, (times, counts, _) in enumerate(histogram.cells(measure)):
        lower, upper = histogram_quantile(times, counts, np.array([low[place], high[place]]))
        found.append((float(values[place]), float(lower), float(upper)))
    return found


def _rows(
    request: Request, measure: Measure, histogram: Histogram, found: Sequence[Estimate]
) -> pa.Table:
    numbers = np.array(found, dtype=float).reshape(-1, 3)
    rows = [counts.sum() for _, counts, _ in histogram.cells(measure)]
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
