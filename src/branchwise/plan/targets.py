"""Targets: which one holds for whom, and whether it is reached with its guard-rail kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from branchwise.plan.cells import Cell, Cells
from branchwise.plan.comparisons import Test, against_value
from branchwise.plan.model import REGION_PREFIX, WHOLE_BANK, Light, TargetStatus

Row = Mapping[str, Any]


def target_tests(
    targets: Sequence[Row], cells: Mapping[str, Cells], regions: Mapping[str, str | None]
) -> list[Test]:
    """Test every branch against the nearest target of each measure, and guard-rails by limit.

    Of several targets of one measure the branch's own goes before its region's, and that before
    the bank's; of equals the one due last. A guard-rail with a limit is tested where its target
    applies, as a finding on the guard-rail measure.

    Parameters
    ----------
    targets : sequence of mapping
        Rows of the table ``target``.
    cells : mapping of str to Cells
        Values by measure.
    regions : mapping of str to str
        Region of each branch.
    """
    tests: dict[tuple[str, str], Test] = {}
    for measure, held in cells.items():
        for branch in held.branches:
            row = _nearest(targets, measure, branch, regions.get(branch))
            if row is None:
                continue
            tests[branch, measure] = against_value(held, branch, row["target_value"], "target")
    for measure in sorted(cells):
        for branch in cells[measure].branches:
            row = _nearest(targets, measure, branch, regions.get(branch))
            guard = str(row["guard_rail_measure"]) if row else ""
            if row is None or guard not in cells or branch not in cells[guard].cells:
                continue
            limit = row.get("guard_rail_limit")
            if limit is not None and (branch, guard) not in tests:
                tests[branch, guard] = against_value(
                    cells[guard], branch, limit, "target", guarded_measure=measure
                )
    return [test for test in tests.values() if test.cells.measure.direction != "none"]


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


def _nearest(targets: Sequence[Row], measure: str, branch: str, region: str | None) -> Row | None:
    applying = [
        (rank, str(row.get("due_on") or ""), str(row["target_id"]), row)
        for row in targets
        if row["measure"] == measure
        and (rank := _specificity(scope_of(row), branch, region)) is not None
    ]
    return max(applying, key=lambda entry: entry[:3])[3] if applying else None


def _specificity(whom: str, branch: str, region: str | None) -> int | None:
    return {branch: 2, f"{REGION_PREFIX}{region}": 1, WHOLE_BANK: 0}.get(whom)
