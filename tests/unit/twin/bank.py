"""A bank whose days are simulated: small enough to calibrate in a second."""

from __future__ import annotations

import dataclasses
from datetime import date, timedelta

import pyarrow as pa

from branchwise.engines.duckdb import open_duckdb
from branchwise.tables.spec import table_spec
from branchwise.twin.example import corner_branch
from branchwise.twin.rows import rows
from branchwise.twin.trace import trace
from branchwise.warehouse.store import Warehouse
from branchwise.warehouse.workspace import Workspace

TABLES = ("visit", "visit_step", "shift")
FIRST_DAY = date(2026, 3, 2)
ZONE = "Asia/Shanghai"


def make_bank(root, branches=("east", "west"), days=32, without_visits=()):
    """Store days of the corner branch as those of several branches and return the workspace."""
    opened = Workspace.create(root)
    schema = table_spec("branch").arrow_schema
    register = [
        {
            "branch_id": name, "institution_id": "own", "name": name, "branch_type": "light",
            "timezone": ZONE, "region_id": "R1",
        }
        for name in (*branches, *without_visits)
    ]  # fmt: skip
    dates = [FIRST_DAY + timedelta(days=day) for day in range(days)]
    with open_duckdb() as engine:
        engine.register_table("r_branch", pa.Table.from_pylist(register, schema=schema))
        parts = []
        for seed, name in enumerate(branches):
            scenario = dataclasses.replace(corner_branch(), branch_id=name)
            lived = [trace(scenario, seed=seed, replication=day) for day in range(days)]
            parts.append(rows(lived, local_on=dates, timezone=ZONE, records_machine_queues=False))
        for table in TABLES:
            schema = table_spec(table).arrow_schema
            lived = [part[table].select(schema.names) for part in parts]
            engine.register_table(f"r_{table}", pa.concat_tables([schema.empty_table(), *lived]))
        with Warehouse(opened.warehouse).writing(engine) as writing:
            for table in ("branch", *TABLES):
                writing.upsert(table, f"r_{table}")
            writing.publish()
    return opened.root
