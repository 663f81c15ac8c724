"""The store: what is written is what is read, at every snapshot."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest
from deltalake import DeltaTable
from tests.unit.warehouse.rows import everything, fill, load, put, read, reading, regions

from branchwise.core.errors import BranchwiseError
from branchwise.engines.duckdb import open_duckdb
from branchwise.tables.spec import table_names
from branchwise.warehouse import columns
from branchwise.warehouse.columns import stored_columns
from branchwise.warehouse.store import Warehouse
from branchwise.warehouse.writing import Upserted

NOON = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)
VISIT = {
    "visit_id": "V1",
    "branch_id": "007",
    "arrived_at": NOON,
    "local_on": date(2026, 3, 10),
    "wait_seconds": 12.5,
    "is_suspect": False,
    "priority": 0,
    "data_source_id": "queue",
}


def test_nothing_is_made_by_reading(tmp_path: Path) -> None:
    """Reading a warehouse that does not exist gives empty tables and leaves no folder."""
    assert read(tmp_path / "w", "visit", "visit_id") == []
    assert not (tmp_path / "w").exists()


def test_every_table_registers_with_its_columns(tmp_path: Path) -> None:
    """An empty warehouse shows every canonical table with its stored columns and types."""
    with reading(tmp_path, *table_names()) as engine:
        for table in table_names():
            kinds = engine.columns(f"SELECT * FROM {table}")
            expected = {
                name: "TIMESTAMP WITH TIME ZONE" if kind == "TIMESTAMPTZ" else kind
                for name, kind in stored_columns(table).items()
            }
            assert kinds == expected


def test_row_of_every_type_comes_back(tmp_path: Path) -> None:
    """Text with leading zeros, instants, dates, reals, booleans and nulls survive storage."""
    snapshot = load(tmp_path, visit=[VISIT])
    with reading(tmp_path, "visit") as engine:
        [row] = engine.table("SELECT * FROM visit").to_pylist()
    assert {name: row[name] for name in VISIT} == VISIT
    assert row["called_at"] is None
    assert row["load_id"] == snapshot.load_id
    assert list(row) == list(stored_columns("visit"))


def test_same_rows_again_change_nothing(tmp_path: Path) -> None:
    """A second load of the same rows returns the same snapshot and leaves every byte."""
    first = load(tmp_path, visit=[VISIT], region=regions(N="North"))
    before = everything(tmp_path)
    assert load(tmp_path, visit=[VISIT], region=regions(N="North")) == first
    assert everything(tmp_path) == before


def test_changed_row_replaces_and_the_old_one_is_kept_as_repair(tmp_path: Path) -> None:
    """The later row wins; the older one is in repair as JSON; the old snapshot is as before."""
    first = load(tmp_path, visit=[VISIT, {**VISIT, "visit_id": "V2"}])
    with open_duckdb() as engine, Warehouse(tmp_path).writing(engine) as writing:
        rows = [
            {**VISIT, "wait_seconds": None},
            {**VISIT, "visit_id": "V2"},
            {**VISIT, "visit_id": "V3"},
        ]
        done = writing.upsert("visit", put(engine, "visit", rows))
        second = writing.publish()
    assert done == Upserted(added=1, replaced=1, unchanged=1)
    assert read(tmp_path, "visit", "visit_id", "wait_seconds") == [
        ("V1", None),
        ("V2", 12.5),
        ("V3", 12.5),
    ]
    repair = read(tmp_path, "repair", "row_key", "rule", "action", "data_source", "load_id")
    assert repair == [("V1", "superseded", "replaced", "queue", second.load_id)]
    original = json.loads(read(tmp_path, "repair", "original")[0][0])
    assert original["wait_seconds"] == 12.5
    assert original["branch_id"] == "007"
    assert original["load_id"] == first.load_id
    old = read(tmp_path, "visit", "visit_id", "wait_seconds", snapshot_id=first.snapshot_id)
    assert old == [("V1", 12.5), ("V2", 12.5)]
    assert read(tmp_path, "repair", "rule", snapshot_id=first.snapshot_id) == []


def test_there_and_back_records_every_replacement(tmp_path: Path) -> None:
    """A value changed to another, back, and to the other again leaves three repairs."""
    for wait in (1.0, 2.0, 1.0, 2.0):
        load(tmp_path, visit=[{**VISIT, "wait_seconds": wait}])
    originals = [
        json.loads(text)["wait_seconds"] for (text,) in read(tmp_path, "repair", "original")
    ]
    assert sorted(originals) == [1.0, 1.0, 2.0]


def test_compound_keys_replace_only_their_row(tmp_path: Path) -> None:
    """Rows of a compound key are matched by all its parts."""
    same = {"business_line": "all", "valid_from": date(2026, 1, 1), "opens_minute": 540}
    hours = [
        {**same, "branch_id": branch, "iso_weekday": day, "closes_minute": 1020}
        for branch in ("1", "2")
        for day in (1, 2)
    ]
    load(tmp_path, opening_hours=hours)
    hours[2]["closes_minute"] = 960
    load(tmp_path, opening_hours=[hours[2]])
    read_back = read(tmp_path, "opening_hours", "branch_id", "iso_weekday", "closes_minute")
    assert [row for row in read_back if row[2] == 960] == [("2", 1, 960)]
    assert len(read_back) == 4


def test_two_upserts_of_one_table_in_one_write(tmp_path: Path) -> None:
    """A table may be brought in pieces: the second piece replaces rows of the first."""
    with open_duckdb() as engine, Warehouse(tmp_path).writing(engine) as writing:
        fill(engine, writing, region=regions(N="North", S="South"))
        fill(engine, writing, region=regions(N="Norden"))
        writing.register(["region"], prefix="next_")
        seen = engine.table("SELECT name FROM next_region ORDER BY 1").column(0).to_pylist()
        snapshot = writing.publish()
    assert seen == ["Norden", "South"]
    assert read(tmp_path, "region", "name") == [("Norden",), ("South",)]
    kept = Warehouse(tmp_path).files(snapshot, "region")
    assert sorted((tmp_path / "tables" / "region").glob("*.parquet")) == sorted(kept)


def test_delta_log_is_what_other_programs_read(tmp_path: Path) -> None:
    """deltalake and DuckDB, opening the table themselves, see the rows that we register."""
    load(tmp_path, visit=[{**VISIT, "visit_id": f"V{n}"} for n in range(5)])
    snapshot = load(tmp_path, visit=[{**VISIT, "visit_id": "V3", "satisfaction": 5}])
    ours = read(tmp_path, "visit", "visit_id", "arrived_at", "satisfaction", "load_id")
    table = DeltaTable(str(tmp_path / "tables" / "visit"))
    assert table.version() == snapshot.versions["visit"]
    assert table.count() == 5
    names = ["visit_id", "arrived_at", "satisfaction", "load_id"]
    rows = table.to_pyarrow_table(columns=names).to_pylist()
    assert sorted(tuple(row[name] for name in names) for row in rows) == ours
    files = table.file_uris()
    theirs = duckdb.execute(
        "SELECT visit_id, satisfaction FROM read_parquet($1) ORDER BY 1", [files]
    )
    assert theirs.fetchall() == [(row[0], row[2]) for row in ours]
    assert DeltaTable(str(tmp_path / "tables" / "visit"), version=0).count() == 5


def test_log_stays_readable_over_many_loads(tmp_path: Path) -> None:
    """Forty-five loads, with the checkpoints between them: the first and last can be read."""
    first = load(tmp_path, region=regions(A="0"))
    for number in range(1, 45):
        last = load(tmp_path, region=regions(A=str(number)))
    assert list((tmp_path / "tables" / "region" / "_delta_log").glob("*.checkpoint.parquet"))
    assert read(tmp_path, "region", "name", snapshot_id=first.snapshot_id) == [("0",)]
    assert read(tmp_path, "region", "name") == [("44",)]
    line = Warehouse(tmp_path).line(last)
    assert [snapshot.number for snapshot in line] == list(range(45, 0, -1))


def test_append_counts_equal_rows(tmp_path: Path) -> None:
    """Of three equal repairs, two of them stored, one is new; key and load do not count."""

    def repairs(count: int, load_id: str) -> list[dict[str, object]]:
        return [
            {
                "repair_id": f"{load_id}-{n}",
                "load_id": load_id,
                "rule": "value",
                "column_name": None,
            }
            for n in range(count)
        ]

    added = []
    for count, load_id in ((2, "L1"), (2, "L2"), (3, "L3")):
        with open_duckdb() as engine, Warehouse(tmp_path).writing(engine) as writing:
            added.append(writing.append("repair", put(engine, "repair", repairs(count, load_id))))
            writing.publish()
    assert added == [2, 0, 1]
    assert len(read(tmp_path, "repair", "repair_id")) == 3


def test_replace_of_equal_rows_changes_nothing(tmp_path: Path) -> None:
    """A derived table computed again with the same result leaves the snapshot."""
    value = {"snapshot_id": "S", "measure": "m", "branch_id": "*", "value": 0.5, "count_rows": 3}

    def derive(rows: list[dict[str, object]]) -> object:
        with open_duckdb() as engine, Warehouse(tmp_path).writing(engine) as writing:
            assert writing.replace("measure_value", put(engine, "measure_value", rows)) == len(rows)
            return writing.publish()

    loaded = load(tmp_path, region=regions(N="North"))
    first = derive([value])
    assert derive([value]) == first
    assert first.snapshot_id != loaded.snapshot_id
    assert first.data_id == loaded.data_id == loaded.snapshot_id
    second = derive([{**value, "value": 0.6}])
    assert read(tmp_path, "measure_value", "value") == [(0.6,)]
    assert read(tmp_path, "measure_value", "value", snapshot_id=first.snapshot_id) == [(0.5,)]
    derive([])
    assert read(tmp_path, "measure_value", "value") == []
    assert second.parent == first.snapshot_id


def test_column_that_is_younger_than_the_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows stored before a column was declared show it as null, and new rows carry it."""
    system = ("data_source_id", "load_id")
    load(tmp_path, region=regions(N="North"))
    monkeypatch.setattr(columns, "SYSTEM_COLUMNS", (*system, "colour"))
    assert read(tmp_path, "region", "region_id", "colour") == [("N", None)]
    load(tmp_path, region=[{**regions(S="South")[0], "colour": "red"}])
    assert read(tmp_path, "region", "region_id", "colour") == [("N", None), ("S", "red")]
    assert DeltaTable(str(tmp_path / "tables" / "region")).count() == 2


def test_names_that_need_quoting(tmp_path: Path) -> None:
    """Folders with spaces, quotes, per cents and Chinese are only folders."""
    root = tmp_path / "分行's 50% [data]*"
    load(root, region=regions(N="North"))
    load(root, region=regions(N="Nord"))
    assert read(root, "region", "name") == [("Nord",)]


def test_rows_without_a_column_are_refused(tmp_path: Path) -> None:
    """Rows that lack a declared column are our fault, and nothing is stored."""
    with open_duckdb() as engine, Warehouse(tmp_path).writing(engine) as writing:
        engine.define("rows", "SELECT 'N' AS region_id, 'North' AS name")
        with pytest.raises(BranchwiseError, match=r"BW-WHS-011[\s\S]*country") as raised:
            writing.upsert("region", "rows")
    assert raised.value.exit_code == 4
    assert read(tmp_path, "region", "name") == []
