"""Inequality measures: one statistic over the branches of each cell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from branchwise.core.errors import failure
from branchwise.measures.catalogue import Measure
from branchwise.measures.inequality import STATISTICS, jackknife
from branchwise.measures.request import Request, column, joined, long_rows

_UNIT = "branch_id"
_GROUP = "branch.region_id"


def inequality_cells(request: Request, measures: Sequence[Measure]) -> list[pa.Table]:
    """Return the cells of inequality measures.

    Parameters
    ----------
    request : Request
        The question; a cell must hold several branches.
    measures : sequence of Measure
        Of the kind ``inequality``.

    Returns
    -------
    list of pyarrow.Table
        One long table a measure; ``count_rows`` counts branches.

    Raises
    ------
    BranchwiseError
        [BW-MEA-006] if the cells are single branches.
    """
    for measure in measures:
        if _UNIT in request.by:
            raise failure("BW-MEA-006", name=measure.name)
    return [_cells(request, measure) for measure in measures]


def _cells(request: Request, measure: Measure) -> pa.Table:
    answer = request.engine.table(_query(request, measure))
    keys = list(request.keys)
    cells: dict[tuple[object, ...], list[int]] = {} if keys else {(): []}
    for place, row in enumerate(answer.to_pylist()):
        cells.setdefault(tuple(row[key] for key in keys), []).append(place)
    resource, demand = column(answer, "resource"), column(answer, "demand")
    regions = answer["region"].combine_chunks().dictionary_encode(null_encoding="encode")
    region = regions.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    statistic = STATISTICS[measure.function]
    found = [
        jackknife(statistic, resource[places], demand[places], region[places])
        for places in cells.values()
    ]
    firsts = pa.array([places[0] for places in cells.values()] if keys else [], pa.int64())
    dimensions = answer.select(keys).take(firsts)
    numbers = np.array(found, dtype=float).reshape(-1, 3)
    return long_rows(
        request,
        measure,
        dimensions,
        {
            "value": numbers[:, 0],
            "lower": numbers[:, 1],
            "upper": numbers[:, 2],
            "rows": np.array([len(places) for places in cells.values()], dtype=float),
        },
    )


def _query(request: Request, measure: Measure) -> str:
    binding, dimensions, condition = request.bind(measure.numerator.relation)
    demand = measure.denominator or measure.numerator
    selected = [
        *dimensions,
        f"{binding.column(_UNIT)} AS unit",
        f"{binding.column(_GROUP)} AS region",
        f"coalesce({binding.sql(measure.numerator.value)}, 0) AS resource",
        f"coalesce({binding.sql(demand.value)}, 0) AS demand",
    ]
    where = measure.numerator.where
    wanted = joined([condition, binding.sql(where) if where else ""])
    places = ", ".join(str(place + 1) for place in range(len(dimensions) + 2))
    return (
        f"SELECT {', '.join(selected)} FROM {binding.source()} "  # noqa: S608
        f"WHERE {wanted} GROUP BY {places} ORDER BY {places}"
    )
