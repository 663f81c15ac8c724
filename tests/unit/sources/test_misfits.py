"""Expressions that the engine cannot compute for some row: named, without a word of the data."""

from __future__ import annotations

import pytest
from tests.unit.sources.conftest import TICKETS

from branchwise.core.errors import BranchwiseError
from branchwise.engines.duckdb import EngineError
from branchwise.sources.misfits import computing

ROWS = "網點號,號票,取號,狀態\n001,99,2026-03-10 09:00,1\n001,2,2026-03-10 09:01,secret\n".encode()


@pytest.mark.parametrize(
    "line", ['where = "狀態"', "where = \"'x'\"", 'refuse = [{ when = "號票" }]']
)
def test_condition_must_be_true_or_false(load, line):
    """A where or refuse that is a text is refused before any row is read."""
    mapping = TICKETS.format(extra="").replace("[table.columns]", f"{line}\n[table.columns]")
    with pytest.raises(BranchwiseError, match="true or false"):
        load({"a.csv": ROWS}, mapping)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (("[table.columns]", 'where = "狀態 = 1"\n[table.columns]'), "visit.where"),
        (("[table.columns]", 'refuse = [{ when = "狀態 = 1" }]\n[table.columns]'), "visit.refuse"),
        (
            ('arrived_at = "取號"', 'arrived_at = "CASE 狀態 WHEN 1 THEN 取號 END"'),
            "visit.arrived_at",
        ),
        (
            ('"取號"', '"CAST(make_date(2026, CAST(號票 AS INT), 1) AS VARCHAR)"'),
            "visit.arrived_at",
        ),
    ],
)
def test_expression_that_does_not_fit_a_row_is_named(load, change, named):
    """What stops the engine in the middle of the rows is an error of the mapping, without data."""
    loaded = load({"a.csv": ROWS}, TICKETS.format(extra="").replace(*change))
    tables = loaded.delivery.tables
    with pytest.raises(BranchwiseError, match="BW-SRC-026") as caught:  # noqa: SIM117
        with computing(loaded.engine, tables):
            loaded.rows()
    assert named in str(caught.value)
    assert "secret" not in str(caught.value)


def test_other_faults_pass(load):
    """A fault of the program that no expression causes stays what it is."""
    loaded = load({"a.csv": ROWS})
    with pytest.raises(EngineError, match="nowhere"):  # noqa: SIM117
        with computing(loaded.engine, loaded.delivery.tables):
            loaded.engine.table("SELECT nowhere FROM (SELECT 1 AS one)")
