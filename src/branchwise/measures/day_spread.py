"""How much days differ in the waits about a quantile or mean: the second scan."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from branchwise.measures.catalogue import Measure
from branchwise.measures.histograms import Histogram, counted
from branchwise.measures.request import Request, column, joined
from branchwise.measures.uncertainty import ClusterSums, ratio_variance, t_quantile, z_quantile

Array = NDArray[np.float64]
_THRESHOLDS = "measure_thresholds"
_KEYS = ("n", "d", "nn", "nd", "dd", "clusters")


def day_sums(
    request: Request,
    measures: Sequence[Measure],
    histogram: Histogram,
    thresholds: dict[str, Array],
) -> dict[str, ClusterSums]:
    """Return of each measure and cell the day sums of waits at or below a threshold.

    Parameters
    ----------
    request : Request
        The question.
    measures : sequence of Measure
        Measures of one value over one relation.
    histogram : Histogram
        Of the same measures.
    thresholds : dict of str to ndarray, shape (cells,)
        By measure, its quantile in each cell; of a mean, any: the sum of the waits is taken.

    Returns
    -------
    dict of str to ClusterSums
        Waits at or below the threshold (or their sum) against all waits, by day.
    """
    cells = len(histogram.dimensions)
    table = histogram.dimensions.append_column("place", pa.array(np.arange(cells)))
    for number, measure in enumerate(measures):
        table = table.append_column(f"q{number}", pa.array(thresholds[measure.name]))
    request.engine.register_table(_THRESHOLDS, table)
    try:
        answer = request.engine.table(_query(request, measures))
    finally:
        request.engine.drop(_THRESHOLDS)
    places = column(answer, "place").astype(np.int64)
    sums = {}
    for number, measure in enumerate(measures):
        numbers = {key: np.zeros(cells) for key in _KEYS}
        for key in _KEYS:
            numbers[key][places] = np.nan_to_num(column(answer, f"{key}{number}"))
        sums[measure.name] = ClusterSums(**numbers)
    return sums


def widening(sums: ClusterSums, variance: Array) -> Array:
    """Return by how much days widen an interval that takes rows as independent.

    The root of the design effect (variance over days against variance over rows, at least 1),
    times Student's quantile of the days against the normal one.

    Parameters
    ----------
    sums : ClusterSums
        Day sums of a share or a mean.
    variance : ndarray, shape (cells,)
        Variance of one row of that share or mean.

    Returns
    -------
    ndarray, shape (cells,)
        At least 1; NaN where there are fewer than two days.

    References
    ----------
    Kish (1965), *Survey Sampling*, section 8.2; Wiley.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        effect = ratio_variance(sums) / (variance / sums.d)
    effect = np.where(variance > 0, np.maximum(effect, 1.0), 1.0)
    return np.sqrt(effect) * t_quantile(sums.clusters - 1) / z_quantile()


def _query(request: Request, measures: Sequence[Measure]) -> str:
    binding, dimensions, condition = request.bind(measures[0].numerator.relation)
    value = binding.sql(measures[0].numerator.value)
    cluster = request.cluster(binding)
    wheres = list(dict.fromkeys(measure.numerator.where for measure in measures))
    shared = binding.sql(wheres[0]) if len(wheres) == 1 else ""
    selected = [
        f"{counted('' if shared else binding.sql(where))} AS d{number}"
        for number, where in enumerate(wheres)
    ]
    moments: list[str] = []
    for number, measure in enumerate(measures):
        own = "" if shared else binding.sql(measure.numerator.where)
        selected.append(f"{_above(measure, own, value, number)} AS n{number}")
        moments += _moments(number, wheres.index(measure.numerator.where))
    same = [
        f"{dimension.rpartition(' AS ')[0]} IS NOT DISTINCT FROM {_THRESHOLDS}.{key}"
        for dimension, key in zip(dimensions, request.keys, strict=True)
    ]
    wanted = joined([f"{value} IS NOT NULL", shared, condition])
    return (
        f"SELECT place, {', '.join(moments)} FROM ("  # noqa: S608
        f"SELECT place, {cluster} AS cluster, {', '.join(selected)} FROM {binding.source()} "
        f"JOIN {_THRESHOLDS} ON {joined(same)} WHERE {wanted} GROUP BY 1, 2) AS daily "
        "GROUP BY place"
    )


def _above(measure: Measure, own: str, value: str, number: int) -> str:
    if measure.probability is not None:
        return counted(joined([own, f"{value} <= q{number}"]))
    return f"coalesce(sum({value}){f' FILTER (WHERE {own})' if own else ''}, 0)"


def _moments(number: int, where: int) -> list[str]:
    n, d = f"CAST(n{number} AS DOUBLE)", f"CAST(d{where} AS DOUBLE)"
    days = f"FILTER (WHERE d{where} > 0 AND cluster IS NOT NULL)"
    return [
        f"sum({n}) AS n{number}",
        f"sum({d}) AS d{number}",
        f"sum({n} * {n}) {days} AS nn{number}",
        f"sum({n} * {d}) {days} AS nd{number}",
        f"sum({d} * {d}) {days} AS dd{number}",
        f"count(*) {days} AS clusters{number}",
    ]
