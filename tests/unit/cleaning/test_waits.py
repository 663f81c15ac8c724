"""Which visits get a wait from their times: those whose queue was recorded."""

import pyarrow as pa
import pytest

from branchwise.cleaning import Context, Piece, clean
from branchwise.engines.duckdb import open_duckdb
from branchwise.tables.spec import table_spec


@pytest.mark.parametrize(
    ("origin", "outcome", "called", "left", "wait"),
    [
        ("ticket", "served", "09:05", "09:20", 300.0),
        ("ticket", "served", "09:00", "09:20", 0.0),
        ("ticket", "served", None, "09:20", None),
        ("ticket", "unserved", None, "09:10", 600.0),
        ("ticket", "unserved", "09:05", "09:10", 300.0),
        ("ticket", "open", None, None, None),
        ("call", "unserved", None, "09:10", 600.0),
        ("smart_counter", "served", None, "09:20", None),
        ("smart_counter", "unserved", None, "09:10", None),
        ("atm", "served", None, "09:20", None),
        ("atm", "served", "09:05", "09:20", 300.0),
        ("lobby", "unserved", None, "09:10", None),
    ],
)
def test_a_wait_needs_a_recorded_queue(origin, outcome, called, left, wait):
    """The wait runs to the call; of uncalled tickets and phone calls to leaving; else unknown."""
    row = {"visit_id": "V1", "branch_id": "B1", "origin": origin, "outcome": outcome}
    row |= {"arrived_at": "09:00", "called_at": called, "left_at": left}
    for name in ("arrived_at", "called_at", "left_at"):
        row[name] = row[name] and f"2026-03-10 {row[name]}:00"
    with open_duckdb(threads=1) as engine:
        schema = pa.schema([(name, pa.string()) for name in row])
        engine.register_table("given", pa.Table.from_pylist([row], schema=schema))
        piece = Piece(relation="given", data_source_id="s", timezone="Asia/Taipei")
        context = Context(load_id="L1", references={}, load_year=2026, pseudonym_key=bytes(32))
        done = clean(engine, [piece], table_spec("visit"), context)
        [out] = engine.table(f"FROM {done.rows}").to_pylist()
    assert out["wait_seconds"] == wait
