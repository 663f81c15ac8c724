"""Whether a diagnosis finds the ills planted in a synthetic bank, and puts them first.

Run `python benchmarks/quality/diagnose.py [WORKSPACE]`, or without a workspace
`python benchmarks/quality/diagnose.py --branches 40 --days 90 --seed 1` to generate one. It prints
each planted ill with the rank of the first leading finding that tells of it, recall in the top
2 × number of ills, and precision of the top 20.

An ill is *told* by a leading finding of its branch in a theme of `TELLS`, by one of the bank that
names the branch with a role of `NAMED_AS`, or, of a region, by one of the region. An ill is
*visible* where at least one of the measures that it is said to show in sets its branch apart from
the other branches of its type (of the bank where there are fewer than five), by a check that shares
no code with the diagnosis: the distance from their median, on the logarithm, against the median
absolute deviation and the branch's own error (both ends of the interval), at least 2.33 (one-sided
p of 0.01 if normal). Of a full count (no interval) any value worse than the median is visible. An
ill that is not visible cannot be asked of a diagnosis; all are printed.

A finding of the top 20 is *true* where it is about a planted ill or its consequence: `TELLS` and
`FOLLOWS` of the branch, of the branch's region, or a bank-level finding that names an ill branch.
Other bank-level findings, on a standard or target that the bank breaks, are facts of counting; they
are neither.
"""

from __future__ import annotations

import argparse
import json
import math
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from branchwise.engines.duckdb import open_duckdb
from branchwise.measures.catalogue import catalogue
from branchwise.pipeline.demo import demo
from branchwise.pipeline.diagnose import diagnose
from branchwise.plan.model import Finding
from branchwise.warehouse.store import Warehouse
from branchwise.warehouse.workspace import Workspace

TOP = 20
APART = 2.33
ALIKE = 5
MAD_TO_DEVIATION = 1.4826
TELLS = {
    "under_equipped": {"waiting", "abandonment", "staffing"},
    "over_equipped": {"staffing", "cost"},
    "failing_machines": {"devices"},
    "slow_authorisation": {"authorisation"},
    "gamed_tickets": {"gaming"},
    "skill_gap_corporate": {"skills"},
    "skill_gap_foreign_exchange": {"skills"},
    "elderly_wait": {"elderly"},
    "low_migration": {"migration"},
}
FOLLOWS = {
    "under_equipped": {"satisfaction", "cost", "devices"},
    "over_equipped": {"devices", "waiting"},
    "failing_machines": {"migration", "waiting", "abandonment", "satisfaction"},
    "slow_authorisation": {"waiting", "abandonment", "staffing", "satisfaction"},
    "gamed_tickets": {"abandonment", "waiting"},
    "skill_gap_corporate": {"waiting", "abandonment", "satisfaction", "staffing"},
    "skill_gap_foreign_exchange": {"waiting", "abandonment", "satisfaction"},
    "elderly_wait": {"waiting", "satisfaction", "abandonment"},
    "low_migration": {"waiting", "abandonment", "staffing", "satisfaction", "devices", "cost"},
}
NAMED_AS = {"under_equipped": {"short"}, "over_equipped": {"spare"}}
VALUES = "SELECT branch_id, measure, value, lower, upper FROM measure_value"
TYPES = "SELECT branch_id, branch_type, region_id FROM branch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One planted ill and the first leading finding that tells of it."""

    ill: str
    place: str
    is_visible: bool
    position: int | None
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """How well a diagnosis found what was planted.

    Attributes
    ----------
    told : tuple of Told
        Every ill.
    recall : float
        Share of the visible ills told in the top 2 × number of ills; 1 without any.
    precision : float
        Share of true findings among the top 20 that are no facts of counting.
    count_facts : int
        Facts of counting among the top 20.
    """

    told: tuple[Told, ...]
    recall: float
    precision: float
    count_facts: int


def quality(workspace: Path) -> Quality:
    """Diagnose a workspace with truth and compare the two."""
    found = diagnose(workspace).diagnosis.findings
    leading = [finding for finding in found if finding.lead_finding_id is None]
    ills = json.loads((workspace / "truth" / "ills.json").read_text(encoding="utf-8"))
    values, types, regions = stored(workspace)
    told = tuple(_told(ill, leading, values, types) for ill in ills)
    visible = [entry for entry in told if entry.is_visible]
    reached = [entry for entry in visible if entry.position and entry.position <= 2 * len(ills)]
    judged = [_judged(finding, ills, regions) for finding in leading[:TOP]]
    counted = [is_true for is_true in judged if is_true is not None]
    return Quality(
        told=told,
        recall=len(reached) / len(visible) if visible else 1.0,
        precision=sum(counted) / len(counted) if counted else 1.0,
        count_facts=len(judged) - len(counted),
    )


def stored(
    workspace: Path,
) -> tuple[dict[tuple[str, str], dict[str, Any]], dict[str, str], dict[str, str]]:
    """Return the stored values by branch and measure, the type and the region of each branch."""
    warehouse = Warehouse(Workspace.open(workspace).warehouse)
    with open_duckdb() as engine:
        warehouse.register(engine, warehouse.snapshot())
        values = engine.table(VALUES).to_pylist()
        branches = engine.table(TYPES).to_pylist()
    return (
        {(row["branch_id"], row["measure"]): row for row in values},
        {row["branch_id"]: row["branch_type"] for row in branches},
        {row["branch_id"]: f"region:{row['region_id']}" for row in branches},
    )


def _told(
    ill: Mapping[str, Any],
    leading: Sequence[Finding],
    values: Mapping[tuple[str, str], Mapping[str, Any]],
    types: Mapping[str, str],
) -> Told:
    place = _place(ill)
    first = next(
        (
            (position, finding)
            for position, finding in enumerate(leading, start=1)
            if _tells(finding, ill["ill"], place)
        ),
        None,
    )
    return Told(
        ill=ill["ill"],
        place=place,
        is_visible=place not in types
        or any(_sets_apart(place, name, values, types) for name in ill["shows_in"]),
        position=None if first is None else first[0],
        by="" if first is None else f"{first[1].branch_id} {first[1].measure}",
    )


def _place(ill: Mapping[str, Any]) -> str:
    return ill.get("branch_id") or f"region:{ill['region_id']}"


def _tells(finding: Finding, ill: str, place: str) -> bool:
    if finding.branch_id == place:
        return finding.theme in TELLS[ill]
    roles = {part.role for part in finding.parts if part.code == place}
    return bool(roles & NAMED_AS.get(ill, set()))


def _judged(
    finding: Finding, ills: Sequence[Mapping[str, Any]], regions: Mapping[str, str]
) -> bool | None:
    named = {(_place(ill), ill["ill"]) for ill in ills}
    places = {finding.branch_id, regions.get(finding.branch_id, "")}
    if any(
        place in places and finding.theme in TELLS[ill] | FOLLOWS[ill] for place, ill in named
    ) or any(_tells(finding, ill, place) for place, ill in named):
        return True
    return None if finding.branch_id == "*" else False


def _sets_apart(
    branch: str,
    measure: str,
    values: Mapping[tuple[str, str], Mapping[str, Any]],
    types: Mapping[str, str],
) -> bool:
    own = values.get((branch, measure))
    others = _others(branch, measure, values, types)
    if own is None or own["value"] is None or len(others) < ALIKE:
        return False
    worse = 1.0 if catalogue()[measure].direction == "lower" else -1.0
    ends = [own["lower"], own["upper"]]
    if None in ends:
        return bool(worse * (own["value"] - np.median(others)) > 0)
    floor = 1e-4
    logged = np.log(np.maximum(others, floor))
    middle = float(np.median(logged))
    spread = MAD_TO_DEVIATION * float(np.median(np.abs(logged - middle)))
    error = (ends[1] - ends[0]) / (2 * 1.96) / max(own["value"], floor)
    away = worse * (math.log(max(own["value"], floor)) - middle)
    return away > APART * max(math.hypot(spread, error), 1e-9)


def _others(
    branch: str,
    measure: str,
    values: Mapping[tuple[str, str], Mapping[str, Any]],
    types: Mapping[str, str],
) -> list[float]:
    held = {
        other: row["value"]
        for other in types
        if other != branch and (row := values.get((other, measure))) and row["value"] is not None
    }
    alike = [value for other, value in held.items() if types[other] == types[branch]]
    return alike if len(alike) >= ALIKE else list(held.values())


def _printed(workspace: Path, found: Quality) -> None:
    print(f"{workspace}: {len(found.told)} planted ills")
    for entry in sorted(found.told, key=lambda entry: entry.position or 10**9):
        seen = "visible" if entry.is_visible else "not visible"
        position = entry.position or "–"
        print(f"{position:>4}  {entry.ill:<28}{entry.place:<12}{seen:<13}{entry.by}")
    count = 2 * len(found.told)
    print(f"recall of visible ills in the top {count}: {found.recall:.2f} (wanted: 0.90)")
    print(
        f"precision of the top {TOP}: {found.precision:.2f}, "
        f"{found.count_facts} facts of counting left out"
    )


def main() -> None:
    """Print the table for a workspace, or for one made for it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("workspace", nargs="?", type=Path)
    parser.add_argument("--branches", type=int, default=40)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    if given.workspace is not None:
        _printed(given.workspace, quality(given.workspace))
        return
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "bank"
        demo(made, branches=given.branches, days=given.days, seed=given.seed)
        _printed(made, quality(made))


if __name__ == "__main__":
    main()
