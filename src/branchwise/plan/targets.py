"""Targets: which one holds for whom, and whether it is reached with its guard-rail kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from branchwise.plan.cells import Cell, Cells, is_aggregate
from branchwise.plan.comparisons import Test, against_value
from branchwise.plan.model import REGION_PREFIX, WHOLE_BANK, Light, TargetStatus

Row = Mapping[str, Any]


def target_tests(targets: Sequence[Row], cells: Mapping[str, Cells]) -> list[Test]:
    """Test every target where it is set, and its guard-rail by its limit.

    A target of the bank is held against the bank's value, one of a region against the region's:
    it says nothing of a single branch. Of several targets of one measure for the same unit the
    one due last holds. A guard-rail is a finding on the guard-rail measure.

    Parameters
    ----------
    targets : sequence of mapping
        Rows of the table ``target``.
    cells : mapping of str to Cells
        Values by measure.
    """
    tests: dict[tuple[str, str], Test] = {}
    holding = _holding(targets)
    for (whom, measure), row in holding.items():
        if _testable(cells, measure, whom):
            held = cells[measure]
            tests[whom, measure] = against_value(held, whom, row["target_value"], "target")
    for (whom, measure), row in holding.items():
        guard, limit = str(row.get("guard_rail_measure")), row.get("guard_rail_limit")
        if limit is not None and (whom, guard) not in tests and _testable(cells, guard, whom):
            tests[whom, guard] = against_value(
                cells[guard], whom, limit, "target", guarded_measure=measure
            )
    return list(tests.values())


def target_statuses(targets: Sequence[Row], cells: Mapping[str, Cells]) -> tuple[TargetStatus, ...]:
    """Return the light of each target for the branch, region or bank that it is set for."""
    ordered = sorted(targets, key=lambda row: str(row["target_id"]))
    return tuple(_status(row, cells) for row in ordered)


def _status(row: Row, cells: Mapping[str, Cells]) -> TargetStatus:
    whom = scope_of(row)
    cell = _cell(cells, row["measure"], whom)
    kept = _kept(row, cells, whom)
    light: Light = "unknown"
    if cell is not None:
        light = _light(cell, row["target_value"], cells[row["measure"]].worse, kept=kept)
    return TargetStatus(
        target_id=row["target_id"],
        measure=row["measure"],
        branch_id=whom,
        value=None if cell is None else cell.value,
        target_value=row["target_value"],
        light=light,
        guard_rail_kept=kept,
    )


def scope_of(row: Row) -> str:
    """Return for whom a target is set: a branch, ``region:CODE`` or ``*``.

    Examples
    --------
    >>> scope_of({"branch_id": None, "region_id": "R01"})
    'region:R01'
    """
    if row.get("branch_id"):
        return str(row["branch_id"])
    return f"{REGION_PREFIX}{row['region_id']}" if row.get("region_id") else WHOLE_BANK


def _light(cell: Cell, target: float, worse: float, *, kept: bool | None) -> Light:
    if worse * (cell.value - target) <= 0:
        return "amber" if kept is False else "green"
    nearer = cell.lower if worse > 0 else cell.upper
    return "amber" if np.isfinite(nearer) and worse * (nearer - target) <= 0 else "red"


def _kept(row: Row, cells: Mapping[str, Cells], whom: str) -> bool | None:
    guard, limit = row.get("guard_rail_measure"), row.get("guard_rail_limit")
    cell = _cell(cells, guard, whom)
    if guard is None or limit is None or cell is None:
        return None
    return bool(cells[guard].worse * (cell.value - limit) <= 0)


def _cell(cells: Mapping[str, Cells], measure: str | None, whom: str) -> Cell | None:
    held = cells.get(measure or "")
    return None if held is None else held.cells.get(whom)


def _holding(targets: Sequence[Row]) -> dict[tuple[str, str], Row]:
    ordered = sorted(targets, key=lambda row: (str(row.get("due_on") or ""), row["target_id"]))
    latest = {(scope_of(row), row["measure"]): row for row in ordered}
    return dict(sorted(latest.items()))


def _testable(cells: Mapping[str, Cells], measure: str, whom: str) -> bool:
    held = cells.get(measure)
    if held is None or held.measure.direction == "none" or whom not in held.cells:
        return False
    return is_aggregate(whom) or whom in held.branches
