"""The measure verb on a stored workspace."""

import json
from datetime import date

import pytest

from branchwise.core.errors import BranchwiseError
from branchwise.core.languages import LANGUAGES
from branchwise.engines.duckdb import open_duckdb
from branchwise.measures.catalogue import catalogue
from branchwise.pipeline.measure import SMALL_CELL, measure
from branchwise.warehouse.columns import stored_columns
from branchwise.warehouse.store import Warehouse
from branchwise.warehouse.workspace import Workspace

VISITS = """
SELECT 'V' || i AS visit_id, 'A' AS branch_id, 'ticket' AS origin, 'personal' AS business_line,
  0 AS priority, 'unknown' AS tier, 'unknown' AS age_band, 'mass' AS customer_tier,
  TIMESTAMPTZ '2026-03-02 01:00:00Z' + to_days(CAST(i % 28 AS INTEGER)) AS arrived_at,
  CASE WHEN i % 5 = 0 THEN 'unserved' ELSE 'served' END AS outcome,
  CAST(i % 100 AS DOUBLE) AS wait_seconds, false AS is_suspect,
  DATE '2026-03-02' + CAST(i % 28 AS INTEGER) AS local_on, '2026-03' AS local_month,
  i % 7 + 1 AS iso_weekday, 36 AS quarter_hour,
  CASE WHEN i < 4 THEN 'C1' ELSE 'C2' END AS customer_id
FROM range(560) AS t(i)
"""
CUSTOMERS = """
SELECT * FROM (VALUES ('C1', 'farmer'), ('C2', 'clerk')) AS c(customer_id, occupation)
"""


def store(writing, engine, table, query):
    given = engine.columns(query)
    listed = ", ".join(
        f'{name if name in given else "NULL"}::{sql_type} AS "{name}"'
        for name, sql_type in stored_columns(table).items()
    )
    engine.materialise(f"incoming_{table}", f"SELECT {listed} FROM ({query})")
    writing.upsert(table, f"incoming_{table}")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    root = tmp_path_factory.mktemp("measure") / "bank"
    opened = Workspace.create(root)
    with open_duckdb(threads=1) as engine, Warehouse(opened.warehouse).writing(engine) as writing:
        store(writing, engine, "visit", VISITS)
        store(writing, engine, "customer", CUSTOMERS)
        writing.publish()
    return root


def test_rows(workspace):
    """The JSON rows have the agreed keys, one a weekday and measure: 20 % unserved overall."""
    report = measure(
        workspace, ["queues.wait_p90_seconds", "queues.abandoned_share"], by=["iso_weekday"]
    )
    rows = report.as_json()["rows"]
    agreed = {"iso_weekday", "measure", "value", "lower", "upper", "count_rows"}
    assert len(rows) == 14
    assert all(agreed <= set(row) for row in rows)
    shares = [row["value"] for row in rows if row["measure"] == "queues.abandoned_share"]
    assert sum(shares) / 7 == pytest.approx(0.2)
    json.dumps(rows)


def test_small_cells_of_persons(workspace):
    """By occupation, the four visits of one farmer show neither value nor count."""
    rows = measure(workspace, ["queues.visits"], by=["occupation"]).as_json()["rows"]
    found = {row["occupation"]: row for row in rows}
    assert found["clerk"]["value"] == 556
    assert found["farmer"]["is_suppressed"]
    assert found["farmer"]["value"] is None
    assert found["farmer"]["count_rows"] is None
    assert SMALL_CELL > 4


def test_small_cells_of_places_are_shown(workspace):
    """A small cell of a dimension that is not personal is not hidden."""
    where = "local_on = date '2026-03-02' and wait_seconds < 20"
    [row] = measure(workspace, ["queues.visits"], by=["branch_id"], where=where).as_json()["rows"]
    assert (row["value"], row["is_suppressed"]) == (4.0, False)


def test_comparison(workspace):
    """Two weeks stand beside the two before, with the difference."""
    report = measure(workspace, ["queues.visits", "queues.abandoned_share"], compare="previous")
    shown = report.as_json()
    assert shown["period"] == {"first": "2026-03-16", "last": "2026-03-29"}
    assert shown["compared_with"] == {"first": "2026-03-02", "last": "2026-03-15"}
    visits, abandoned = shown["rows"]
    assert (visits["value"], visits["before"]["value"], visits["difference"]) == (280, 280, 0)
    assert abandoned["difference_lower"] <= 0 <= abandoned["difference_upper"]
    assert report.now.first == date(2026, 3, 16)


@pytest.mark.parametrize("language", LANGUAGES)
def test_tables_for_people(workspace, language):
    """People read label, value with unit, interval and rows, and what each number means."""
    for compare in (None, "previous"):
        [table] = measure(
            workspace, ["queues.abandoned_share"], by=["branch_id"], compare=compare
        ).as_tables(language)
        assert len(table.rows) == 1
        assert len(table.rows[0]) == len(table.columns)
        assert "20" in str(table.rows[0])
        assert "%" in str(table.rows[0])
        assert catalogue()["queues.abandoned_share"].meaning.read_in(language) in table.notes[0]


def test_every_measure_answers(workspace):
    """All measures answer on a bank that holds almost nothing, with null where they cannot."""
    report = measure(workspace, list(catalogue()))
    assert {row["measure"] for row in report.rows} == set(catalogue())
    assert report.as_tables("zh-Hant")


def test_catalogue_needs_no_workspace(tmp_path):
    """Without a name the definitions are listed, with unit, standard, source and bias."""
    report = measure(tmp_path / "nowhere")
    listed = report.as_json()["measures"]
    assert len(listed) == len(catalogue())
    assert all(entry["meaning"] and entry["bias"] and entry["interval"] for entry in listed)
    [table] = report.as_tables("en")
    assert len(table.rows) == len(catalogue())


def test_wrong_questions(workspace):
    """Identifiers and unknown columns are refused in six parts."""
    with pytest.raises(BranchwiseError, match="BW-MEA-005"):
        measure(workspace, ["queues.visits"], by=["customer_id"])
    with pytest.raises(BranchwiseError, match="BW-MEA-002"):
        measure(workspace, ["queues.visits"], by=["colour"])
    with pytest.raises(BranchwiseError, match="BW-MEA-006"):
        measure(workspace, ["equity.devices_gini"], by=["branch_id"])


def test_registers_are_told(workspace):
    """A period does not narrow registers, and the report says for which measures."""
    names = ["queues.visits", "equity.staff_gini"]
    report = measure(workspace, names, where="local_on > date '2026-03-10'")
    assert [warning.en.endswith(": equity.staff_gini") for warning in report.warnings] == [True]
    assert measure(workspace, names).warnings == ()
