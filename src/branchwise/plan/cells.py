"""The values of one measure, branch by branch, ready to be compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from branchwise.measures.catalogue import Measure
from branchwise.plan.funnel import Reals, Scale, onto, scale_for, standard_errors
from branchwise.plan.model import REGION_PREFIX, WHOLE_BANK
from branchwise.plan.themes import peers_direction


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One value with its 95 % interval (nan where there is none) and number of rows."""

    value: float
    lower: float
    upper: float
    count_rows: int


@dataclass(frozen=True, kw_only=True)
class Cells:
    """All values of one measure.

    Attributes
    ----------
    measure : Measure
        Its definition.
    branches : tuple of str
        Branches with a value, by code; no aggregate among them.
    cells : mapping of str to Cell
        By branch, region (``region:CODE``) or ``*``.
    """

    measure: Measure
    branches: tuple[str, ...]
    cells: Mapping[str, Cell]

    @cached_property
    def values(self) -> Reals:
        """Values in the measure's unit, shape (n_branches,)."""
        return self._array(lambda cell: cell.value)

    @cached_property
    def scale(self) -> Scale:
        """The scale on which the measure is compared."""
        return scale_for(self.measure.unit, self.values)

    @cached_property
    def errors(self) -> Reals:
        """Standard errors on the scale, shape (n_branches,); 0 where no interval is given."""
        lower = self._array(lambda cell: cell.lower)
        upper = self._array(lambda cell: cell.upper)
        return standard_errors(self.scale, self.values, lower, upper)

    @cached_property
    def on_scale(self) -> Reals:
        """Values on the scale, shape (n_branches,)."""
        return onto(self.scale, self.values)

    @property
    def worse(self) -> float:
        """The sign of a difference that is worse: 1 where less is better, else -1."""
        return 1.0 if peers_direction(self.measure) == "lower" else -1.0

    def _array(self, part: Callable[[Cell], float]) -> Reals:
        return np.array([part(self.cells[branch]) for branch in self.branches], dtype=np.float64)


def cells_by_measure(values: pa.Table, catalogue: Mapping[str, Measure]) -> dict[str, Cells]:
    """Group a long table of values by measure.

    Values that are null or not finite, rest on fewer rows than the measure asks for, belong to
    no branch, or to a measure that is not in the catalogue are left out.

    Parameters
    ----------
    values : pyarrow.Table
        Columns ``branch_id``, ``measure``, ``value``, ``lower``, ``upper``, ``count_rows``.
    catalogue : mapping of str to Measure
        The definitions.
    """
    found: dict[str, dict[str, Cell]] = {}
    for row in values.to_pylist():
        measure = catalogue.get(row["measure"])
        value = _number(row["value"])
        if measure is None or row["branch_id"] is None or not np.isfinite(value):
            continue
        if (row["count_rows"] or 0) < measure.minimum_rows:
            continue
        found.setdefault(measure.name, {})[row["branch_id"]] = Cell(
            value=value,
            lower=_number(row["lower"]),
            upper=_number(row["upper"]),
            count_rows=int(row["count_rows"] or 0),
        )
    return {
        name: Cells(
            measure=catalogue[name],
            branches=tuple(sorted(branch for branch in cells if not is_aggregate(branch))),
            cells=cells,
        )
        for name, cells in sorted(found.items())
    }


def is_aggregate(branch_id: str) -> bool:
    """Say whether a code stands for the bank or a region.

    Examples
    --------
    >>> is_aggregate("*"), is_aggregate("region:R01"), is_aggregate("00317")
    (True, True, False)
    """
    return branch_id == WHOLE_BANK or branch_id.startswith(REGION_PREFIX)


def _number(given: float | None) -> float:
    return float("nan") if given is None else float(given)
