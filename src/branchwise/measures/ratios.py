"""Totals, ratios and shares: every measure asked for in one query, one scan a relation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from branchwise.measures.catalogue import Measure, Side
from branchwise.measures.references import relation_columns
from branchwise.measures.request import Request, column, joined, long_rows
from branchwise.measures.uncertainty import (
    ClusterSums,
    fixed_ratio_variance,
    mean_interval,
    proportion_interval,
    ratio_variance,
)

_COUNT = "count(*)"


class _Aggregates:
    """The distinct aggregates of some measures, each with a short name."""

    def __init__(self, measures: Sequence[Measure]) -> None:
        self._names: dict[Side, str] = {}
        for measure in measures:
            for side in (measure.numerator, measure.denominator):
                if side is not None:
                    self.name(side)
                    self.rows(side)

    def name(self, side: Side) -> str:
        return self._names.setdefault(side, f"a{len(self._names)}")

    def rows(self, side: Side) -> str:
        return self.name(Side(relation=side.relation, where=side.where, value=_COUNT))

    @property
    def relations(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(side.relation for side in self._names))

    def of(self, relation: str) -> list[tuple[Side, str]]:
        return [(side, name) for side, name in self._names.items() if side.relation == relation]

    @property
    def all(self) -> tuple[str, ...]:
        return tuple(self._names.values())


def ratio_cells(request: Request, measures: Sequence[Measure]) -> list[pa.Table]:
    """Return the cells of totals, ratios and shares.

    Parameters
    ----------
    request : Request
        The question.
    measures : sequence of Measure
        Of the kinds ``total``, ``ratio`` and ``proportion``.

    Returns
    -------
    list of pyarrow.Table
        One long table a measure.
    """
    if not measures:
        return []
    aggregates = _Aggregates(measures)
    answer = request.engine.table(ratio_query(request, measures, aggregates))
    return [_cells(request, measure, place, answer) for place, measure in enumerate(measures)]


def ratio_query(
    request: Request, measures: Sequence[Measure], aggregates: _Aggregates | None = None
) -> str:
    """Return the one query that answers all the measures."""
    aggregates = aggregates or _Aggregates(measures)
    keys = list(request.keys)
    daily = " UNION ALL BY NAME ".join(
        _scan(request, relation, aggregates) for relation in aggregates.relations
    )
    if len(aggregates.relations) > 1:
        summed = [f"sum({name}) AS {name}" for name in aggregates.all]
        grouped = ", ".join([*keys, "cluster"])
        daily = f"SELECT {', '.join([*keys, 'cluster', *summed])} FROM ({daily}) GROUP BY {grouped}"  # noqa: S608
    moments = [
        moment
        for place, measure in enumerate(measures)
        for moment in _moments(place, measure, aggregates)
    ]
    group = f" GROUP BY {', '.join(keys)}" if keys else ""
    return f"SELECT {', '.join([*keys, *moments])} FROM ({daily}) AS daily{group}"  # noqa: S608


def _scan(request: Request, relation: str, aggregates: _Aggregates) -> str:
    binding, dimensions, condition = request.bind(relation)
    sides = aggregates.of(relation)
    shared = sides[0][0].where if len({side.where for side, _ in sides}) == 1 else ""
    selected = []
    for side, name in sides:
        own = "" if side.where == shared else f" FILTER (WHERE {binding.sql(side.where)})"
        selected.append(f"{binding.sql(side.value)}{own} AS {name}")
    wanted = joined([condition, binding.sql(shared) if shared else ""])
    cluster = request.cluster(binding)
    places = ", ".join(str(place + 1) for place in range(len(dimensions) + 1))
    return (
        f"SELECT {', '.join([*dimensions, f'{cluster} AS cluster', *selected])} "  # noqa: S608
        f"FROM {binding.source()} WHERE {wanted} GROUP BY {places}"
    )


def _moments(place: int, measure: Measure, aggregates: _Aggregates) -> list[str]:
    above = measure.numerator
    below = measure.denominator or above
    n, d = (f"CAST(coalesce({aggregates.name(side)}, 0) AS DOUBLE)" for side in (above, below))
    rows = f"coalesce({aggregates.rows(below)}, 0)"
    rows_above = f"coalesce({aggregates.rows(above)}, 0)"
    used = f"({rows} > 0 OR {rows_above} > 0)"
    only = f"FILTER (WHERE {used})"
    days = f"FILTER (WHERE {used} AND cluster IS NOT NULL)"
    products = {"nn": f"{n} * {n}", "nd": f"{n} * {d}", "dd": f"{d} * {d}"}
    return [
        f"sum({n}) {only} AS n{place}",
        f"sum({d}) {only} AS e{place}",
        *(f"sum({term}) {days} AS {key}{place}" for key, term in products.items()),
        f"count(*) {days} AS m{place}",
        f"sum({rows if measure.counts == 'per' else rows_above}) {only} AS r{place}",
    ]


def _cells(request: Request, measure: Measure, place: int, answer: pa.Table) -> pa.Table:
    def got(key: str) -> NDArray[np.float64]:
        return np.nan_to_num(column(answer, f"{key}{place}"))

    sums = ClusterSums(
        n=got("n"), d=got("e"), nn=got("nn"), nd=got("nd"), dd=got("dd"), clusters=got("m")
    )
    value, lower, upper = _estimate(request, measure, sums)
    scale = measure.scale
    numbers = {
        "value": value * scale,
        "lower": lower * scale,
        "upper": upper * scale,
        "rows": got("r"),
    }
    return long_rows(request, measure, answer, numbers)


def _estimate(
    request: Request, measure: Measure, sums: ClusterSums
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    none = np.full(sums.n.shape, np.nan)
    if measure.denominator is None:
        return sums.n, none, none
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(sums.d != 0, sums.n / sums.d, np.nan)
    above, below = (
        request.unit in relation_columns(side.relation)
        for side in (measure.numerator, measure.denominator)
    )
    if not above:
        return value, none, none
    variance = ratio_variance(sums) if below else fixed_ratio_variance(sums)
    if measure.kind == "proportion":
        return value, *proportion_interval(value, variance, sums.d, sums.clusters)
    lower, upper = mean_interval(value, variance, sums.clusters)
    return value, lower, upper
