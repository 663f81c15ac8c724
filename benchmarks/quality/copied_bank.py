"""A large bank out of a small one: every branch several times, under other codes.

What is copied is the canonical tables and the calibrated twins, so that a bank of a thousand
branches stands in a minute instead of hours of calibration. The copies are not alike in a plan:
a branch's chance comes of its code.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

from branchwise.core.ports import Engine
from branchwise.engines.duckdb import open_duckdb
from branchwise.pipeline.twin.places import Twins
from branchwise.twin.files import scenario_digest
from branchwise.twin.records import calibration_text, load_calibration
from branchwise.warehouse.store import Warehouse
from branchwise.warehouse.workspace import Workspace

OWN = frozenset(
    (
        "authorised_by_staff_id",
        "branch_id",
        "complaint_id",
        "customer_id",
        "device_event_id",
        "device_id",
        "escalates_complaint_id",
        "fixture_id",
        "home_branch_id",
        "parent_region_id",
        "region_id",
        "shift_id",
        "staff_id",
        "survey_response_id",
        "transaction_id",
        "visit_id",
        "visit_step_id",
        "zone_id",
    )
)
"""Codes of which every copy has its own; services, products, models and the bank are one."""
SHARED = ("data_source", "device_model", "product", "service", "target")
DERIVED = ("action", "effect", "finding", "measure_value", "option", "quarantine", "repair")
CODE = re.compile(r'^("?branch_id"?(?: = |: ))"[^"]*"', re.MULTILINE)
KEPT = ("branchwise.toml", "assumptions.toml", "pseudonym.key")


def copied(source: Path, target: Path, copies: int) -> int:
    """Make a workspace with every branch of another one `copies` times.

    Parameters
    ----------
    source : Path
        A workspace with calibrated and validated twins.
    target : Path
        Where the new one is made; it must not exist yet.
    copies : int
        How often, 1 or more; the first copy keeps its codes.

    Returns
    -------
    int
        Number of branches with a twin.
    """
    target.mkdir(parents=True)
    for name in KEPT:
        if (source / name).is_file():
            shutil.copy2(source / name, target / name)
    snapshot_id = _tables(
        Workspace.open(source).warehouse, Workspace.open(target).warehouse, copies
    )
    before, after = Twins.of(source), Twins.of(target)
    for copy in range(copies):
        for branch_id in before.branches():
            _twin(before.folder(branch_id), after, code(branch_id, copy), snapshot_id)
    return len(after.branches())


def code(own: str, copy: int) -> str:
    """Return the code of a copy."""
    return own if copy == 0 else f"c{copy:02d}-{own}"


def _tables(source: Path, target: Path, copies: int) -> str:
    """Copy the canonical tables; return the code of the new snapshot."""
    old = Warehouse(source)
    with open_duckdb() as engine:
        tables = [name for name in old.snapshot().versions if name not in DERIVED]
        old.register(engine, old.snapshot(), tables)
        with Warehouse(target).writing(engine) as writing:
            for table in tables:
                engine.define("grown", _query(engine, table, copies))
                writing.upsert(table, "grown")
            return writing.publish().snapshot_id


def _query(engine: Engine, table: str, copies: int) -> str:
    if table in SHARED:
        return f"SELECT * EXCLUDE (load_id) FROM {table}"  # noqa: S608
    columns = [name for name in engine.columns(f"FROM {table}") if name != "load_id"]
    if not OWN & set(columns):
        raise SystemExit(f"{table}: no code to tell copies by")
    listed = ", ".join(
        f"CASE WHEN copy = 0 THEN {name} ELSE printf('c%02d-%s', copy, {name}) END AS {name}"
        if name in OWN
        else f'"{name}"'
        for name in columns
    )
    return f"SELECT {listed} FROM {table}, (SELECT range AS copy FROM range({copies}))"  # noqa: S608


def _twin(folder: Path, twins: Twins, branch_id: str, snapshot_id: str) -> None:
    """Copy the files of a twin, with the branch's own code and the data it is said to rest on."""
    for path in sorted(folder.iterdir()):
        text = path.read_text(encoding="utf-8")
        twins.write(
            twins.folder(branch_id) / path.name,
            CODE.sub(lambda found: f'{found[1]}"{branch_id}"', text),
        )
    path = twins.path(branch_id, "calibration")
    record = load_calibration(path)
    digest = scenario_digest(twins.scenario(branch_id))
    twins.write(
        path,
        calibration_text(replace(record, snapshot_id=snapshot_id, scenario_digest=digest)),
    )
    validation = twins.path(branch_id, "validation")
    if validation.is_file():
        text = validation.read_text(encoding="utf-8")
        text = text.replace(f'"{record.scenario_digest}"', f'"{digest}"', 1)
        twins.write(validation, text)
