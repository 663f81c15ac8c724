"""A measure by branch and day: what evaluations compare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from branchwise.core.ports import Engine
from branchwise.measures.catalogue import catalogue
from branchwise.measures.compute import compute
from branchwise.tables.assumptions import Assumptions

DIMENSIONS = ("branch_id", "local_on")
WEIGHED = ("ratio", "proportion", "km_mean")


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One measure by branch and local day.

    Attributes
    ----------
    measure : str
        Its name.
    branches : tuple of str
        Codes, one a row.
    days : tuple of date
        Days on which any branch has a value, one a column, ascending.
    values : ndarray of shape (branches, days)
        In the measure's unit; NaN where there is none.
    counts : ndarray of shape (branches, days)
        Rows behind each value, as weights of days; all 1 for measures that are no mean of rows.
    """

    measure: str
    branches: tuple[str, ...]
    days: tuple[date, ...]
    values: NDArray[np.float64]
    counts: NDArray[np.float64]

    def row(self, branch_id: str) -> int:
        """Return the row of a branch; -1 where it has none."""
        return self.branches.index(branch_id) if branch_id in self.branches else -1

    def between(self, first: date, last: date) -> NDArray[np.bool_]:
        """Say which days lie between two dates, both included."""
        return np.array([first <= day <= last for day in self.days], dtype=np.bool_)


def panels(engine: Engine, measures: Sequence[str], assumptions: Assumptions) -> dict[str, Panel]:
    """Return measures by branch and day, by name.

    Parameters
    ----------
    engine : Engine
        In which the canonical tables are registered.
    measures : sequence of str
        Names in the catalogue, each reaching ``branch_id`` and ``local_on``.
    assumptions : Assumptions
        Standards in force.

    Raises
    ------
    BranchwiseError
        As `branchwise.measures.compute.compute`.
    """
    if not measures:
        return {}
    names = list(dict.fromkeys(measures))
    rows = compute(engine, names, by=DIMENSIONS, assumptions=assumptions)
    return {name: panel_of(rows, name) for name in names}


def panel_of(rows: pa.Table, measure: str) -> Panel:
    """Return one measure's rows, as `compute` gives them, as a panel."""
    found = [
        row
        for row in rows.select([*DIMENSIONS, "measure", "value", "count_rows"]).to_pylist()
        if row["measure"] == measure
        and row["value"] is not None
        and row["branch_id"] is not None
        and row["local_on"] is not None
    ]
    branches = tuple(sorted({row["branch_id"] for row in found}))
    days = tuple(sorted({row["local_on"] for row in found}))
    row_of = {code: place for place, code in enumerate(branches)}
    column_of = {day: place for place, day in enumerate(days)}
    values = np.full((len(branches), len(days)), np.nan)
    counts = np.zeros_like(values)
    is_weighed = catalogue()[measure].kind in WEIGHED
    for row in found:
        place = row_of[row["branch_id"]], column_of[row["local_on"]]
        values[place] = row["value"]
        counts[place] = max(row["count_rows"], 1) if is_weighed else 1.0
    return Panel(measure=measure, branches=branches, days=days, values=values, counts=counts)
