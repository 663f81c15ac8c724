"""What is asked of the measures: cells, rows, assumptions, and the engine that answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from branchwise.core.ports import Engine
from branchwise.measures.catalogue import Measure
from branchwise.measures.filters import Filter, refuse_identifier
from branchwise.measures.references import Binding, relation_columns
from branchwise.tables.assumptions import Assumptions

DAY = "local_on"
WITHIN_DAY = "quarter_hour"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One question to the measures.

    Attributes
    ----------
    engine : Engine
        In which the canonical tables are registered.
    by : tuple of str
        Dimension columns; each combination of their values is a cell.
    where : Filter or None
        Which rows count.
    assumptions : Assumptions
        Standards and costs in force.
    """

    engine: Engine
    by: tuple[str, ...]
    where: Filter | None
    assumptions: Assumptions

    @property
    def keys(self) -> tuple[str, ...]:
        """Column names of the dimensions inside queries."""
        return tuple(f"d{place}" for place in range(len(self.by)))

    def bind(self, relation: str) -> tuple[Binding, list[str], str]:
        """Return a relation's binding, its dimensions as SQL and its condition as SQL.

        Raises
        ------
        BranchwiseError
            [BW-MEA-002], [BW-MEA-003], [BW-MEA-005] for a column that cannot be used.
        """
        binding = Binding(relation, self.assumptions)
        dimensions = []
        for name, key in zip(self.by, self.keys, strict=True):
            refuse_identifier(relation, name)
            dimensions.append(f"{binding.column(name)} AS {key}")
        condition = "" if self.where is None else self.where.sql(binding)
        return binding, dimensions, condition

    def cluster(self, binding: Binding) -> str:
        """Return the unit whose rows hang together, as SQL: days, or quarter-hours of one day."""
        if self.unit in relation_columns(binding.relation):
            return binding.column(self.unit)
        return f"CAST(NULL AS {'DATE' if self.unit == DAY else 'BIGINT'})"

    @property
    def unit(self) -> str:
        """The column whose values are the clusters."""
        return WITHIN_DAY if DAY in self.by else DAY


def long_rows(
    request: Request,
    measure: Measure,
    dimensions: pa.Table,
    numbers: Mapping[str, NDArray[np.float64]],
) -> pa.Table:
    """Return one measure's cells as rows of the long table.

    Parameters
    ----------
    request : Request
        The question.
    measure : Measure
        The measure.
    dimensions : pyarrow.Table, cells rows
        Columns ``d0`` … of the cells.
    numbers : mapping
        ``value``, ``lower``, ``upper``, ``rows`` as arrays of shape (cells,); NaN for none. Below
        the measure's minimum of rows no value is given; a cell without any row is left out.
    """
    rows = numbers["rows"]
    enough = rows >= measure.minimum_rows
    columns = {name: dimensions[key] for name, key in zip(request.by, request.keys, strict=True)}
    columns["measure"] = pa.array([measure.name] * len(rows), pa.string())
    for name in ("value", "lower", "upper"):
        given = np.where(enough & np.isfinite(numbers["value"]), numbers[name], np.nan)
        columns[name] = pa.array(given, pa.float64(), mask=~np.isfinite(given))
    columns["count_rows"] = pa.array(rows.astype(np.int64), pa.int64())
    table = pa.table(columns)
    return table.filter(pa.array(rows > 0)) if request.by else table


def column(table: pa.Table, name: str) -> NDArray[np.float64]:
    """Return a column as floats, NaN for null."""
    values: NDArray[np.float64] = np.asarray(
        table[name].cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=float
    )
    return values


def joined(parts: Sequence[str]) -> str:
    """Return conditions joined by AND, or TRUE."""
    given = [f"({part})" for part in parts if part]
    return " AND ".join(given) or "TRUE"
