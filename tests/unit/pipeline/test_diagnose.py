"""The diagnosis of a whole workspace: from stored visits to stored findings."""

from __future__ import annotations

import json

import pytest

from branchwise.cli.main import main
from branchwise.core.errors import BranchwiseError
from branchwise.core.languages import LANGUAGES
from branchwise.engines.duckdb import open_duckdb
from branchwise.pipeline.diagnose import diagnose
from branchwise.plan.stored import finding_of
from branchwise.tables.spec import table_spec
from branchwise.warehouse.store import Warehouse
from branchwise.warehouse.workspace import Workspace

BRANCHES = 8
DAYS = 20
PER_DAY = 40
KEYS = {
    "branch_id",
    "measure",
    "value",
    "reference",
    "kind",
    "severity",
    "customers_affected",
    "money_minor",
    "sentence",
    "rank",
    "theme",
    "lead_finding_id",
    "q_value",
    "lower",
    "upper",
    "worst",
}


def select(table, given):
    """Return a query with every column of a table; what is not given is null."""
    columns = table_spec(table).columns.values()
    return ", ".join(
        f"CAST({given.get(column.name, 'NULL')} AS {column.sql_type}) AS {column.name}"
        for column in columns
    )


@pytest.fixture
def workspace(tmp_path):
    """Eight like branches; B7 has waits of 40 min, most on Wednesdays at 10; all else 3 to 6."""
    opened = Workspace.create(tmp_path / "bank")
    branch = {
        "branch_id": "'B' || i",
        "institution_id": "'own'",
        "name": "'Branch ' || i",
        "branch_type": "'light'",
        "timezone": "'Asia/Shanghai'",
        "region_id": "'R1'",
    }
    wednesday = "d % 5 = 2 AND n BETWEEN 4 AND 27"
    late = f"i = 7 AND ({wednesday} OR n % 8 = 7)"
    visit = {
        "visit_id": "'V' || i || '-' || d || '-' || n",
        "branch_id": "'B' || i",
        "origin": "'ticket'",
        "business_line": "'corporate'",
        "priority": "0",
        "arrived_at": "TIMESTAMPTZ '2026-03-02 01:00:00+00' + to_days(d::INT)",
        "called_at": "TIMESTAMPTZ '2026-03-02 01:10:00+00' + to_days(d::INT)",
        "outcome": "'served'",
        "wait_seconds": f"CASE WHEN {late} THEN 2400 ELSE 180 + (n * 37 + d * 11 + i) % 180 END",
        "service_seconds": "200 + n",
        "is_suspect": "false",
        "local_on": "DATE '2026-03-02' + d::INT",
        "local_month": "'2026-03'",
        "iso_weekday": "d % 5 + 1",
        "quarter_hour": f"CASE WHEN i = 7 AND {wednesday} THEN 40 ELSE 36 + n % 20 END",
    }
    region = {"region_id": "'R1'", "name": "'North'", "country": "'CN'"}
    every = f"range({BRANCHES}) AS a(i), range({DAYS}) AS b(d), range({PER_DAY}) AS c(n)"
    with open_duckdb() as engine:
        engine.define("r", f"SELECT {select('region', region)}")
        engine.define("b", f"SELECT {select('branch', branch)} FROM range({BRANCHES}) AS t(i)")
        engine.define("v", f"SELECT {select('visit', visit)} FROM {every}")
        with Warehouse(opened.warehouse).writing(engine) as writing:
            for table, rows in (("region", "r"), ("branch", "b"), ("visit", "v")):
                writing.upsert(table, rows)
            writing.publish()
    return opened.root


def test_from_visits_to_findings(workspace):
    """The one bad branch leads, with the half-hour in which it happens; the store holds it."""
    report = diagnose(workspace)
    lead = report.diagnosis.findings[0]
    late = 4 * (24 + 2) + 16 * 5
    assert (lead.branch_id, lead.theme, lead.severity) == ("B7", "waiting", "high")
    assert (lead.spot.iso_weekday, lead.spot.starts_minute) == (3, 600)
    assert lead.spot.share == pytest.approx(24 * 4 / late)
    assert lead.customers_affected == pytest.approx(late / (DAYS / 30.4375))
    assert {finding.branch_id for finding in report.diagnosis.findings} == {"B7"}
    warehouse = Warehouse(Workspace.open(workspace).warehouse)
    with open_duckdb() as engine:
        warehouse.register(engine, warehouse.snapshot())
        stored = engine.table("SELECT * FROM finding ORDER BY rank").to_pylist()
        values = engine.table("SELECT count(*) AS n FROM measure_value").to_pylist()
    assert tuple(finding_of(row) for row in stored) == report.diagnosis.findings
    assert values[0]["n"] > BRANCHES


def test_again_changes_nothing(workspace):
    """A second diagnosis of the same data finds the same and publishes no snapshot."""
    first, second = diagnose(workspace), diagnose(workspace)
    assert first.as_json() == second.as_json()


def test_document_and_tables(workspace):
    """The document has the agreed keys and is JSON; the tables read in three languages."""
    report = diagnose(workspace)
    document = json.loads(json.dumps(report.as_json(), allow_nan=False))
    assert document["findings"]
    assert all(set(finding) >= KEYS for finding in document["findings"])
    for language in LANGUAGES:
        (table,) = report.as_tables(language)
        assert len(table.rows) == 1
        assert len(table.rows[0]) == len(table.columns)


def test_exit_code(workspace, capsys):
    """--fail-on ends with 1 where something as grave is found; a wrong word is a usage error."""
    arguments = ["diagnose", "--workspace", str(workspace), "--json"]
    assert main([*arguments, "--fail-on", "high"]) == 1
    assert json.loads(capsys.readouterr().out)["result"]["findings"]
    assert main(arguments) == 0
    assert main([*arguments, "--fail-on", "terrible"]) == 2
    assert "BW-DGN-002" in capsys.readouterr().out


def test_nothing_loaded(tmp_path):
    """An empty workspace is a six-part error, not an empty page."""
    root = Workspace.create(tmp_path / "bank").root
    with pytest.raises(BranchwiseError, match="BW-DGN-001"):
        diagnose(root)
