"""Rows for tests of the store: short to write, whole to read."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from branchwise.core.ports import Engine
from branchwise.engines.duckdb import open_duckdb
from branchwise.warehouse.columns import stored_schema
from branchwise.warehouse.snapshots import Snapshot
from branchwise.warehouse.store import Warehouse
from branchwise.warehouse.writing import Writing

Row = Mapping[str, object]


def put(engine: Engine, table: str, rows: list[Row], name: str = "rows") -> str:
    """Make rows a relation with every column of a table; columns left out are null."""
    schema = stored_schema(table)
    if not any("load_id" in row for row in rows):
        schema = schema.remove(schema.get_field_index("load_id"))
    engine.register_table(name, pa.Table.from_pylist([dict(row) for row in rows], schema=schema))
    return name


def load(root: Path, **tables: list[Row]) -> Snapshot:
    """Upsert rows into tables and publish."""
    with open_duckdb() as engine, Warehouse(root).writing(engine) as writing:
        fill(engine, writing, **tables)
        return writing.publish()


def fill(engine: Engine, writing: Writing, **tables: list[Row]) -> None:
    """Upsert rows into tables of an open write."""
    for table, rows in tables.items():
        writing.upsert(table, put(engine, table, rows))


def read(root: Path, table: str, *columns: str, snapshot_id: str | None = None) -> list[tuple]:
    """Return some columns of a table in a snapshot, in order."""
    with reading(root, table, snapshot_id=snapshot_id) as engine:
        listed = ", ".join(columns)
        found = engine.table(f"SELECT {listed} FROM {table} ORDER BY ALL")
        return [tuple(row.values()) for row in found.to_pylist()]


@contextmanager
def reading(root: Path, *tables: str, snapshot_id: str | None = None) -> Iterator[Engine]:
    """Open tables of a snapshot in a fresh engine."""
    warehouse = Warehouse(root)
    with open_duckdb(threads=1) as engine:
        warehouse.register(engine, warehouse.snapshot(snapshot_id), tables)
        yield engine


def regions(**names: str) -> list[Row]:
    """Return rows of region: code and name."""
    return [{"region_id": code, "name": name, "country": "CN"} for code, name in names.items()]


def everything(root: Path) -> dict[str, bytes]:
    """Return every file below a folder with its content, the lock file aside."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.name != "lock"
    }
