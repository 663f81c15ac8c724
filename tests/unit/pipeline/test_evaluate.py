"""Promised against measured, from stored visits and actions to stored effects."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pyarrow as pa
import pytest

from branchwise.cli.main import main
from branchwise.core.errors import BranchwiseError
from branchwise.core.languages import LANGUAGES
from branchwise.engines.duckdb import open_duckdb
from branchwise.pipeline.evaluate import evaluate
from branchwise.tables.spec import table_spec
from branchwise.warehouse.store import Warehouse
from branchwise.warehouse.workspace import Workspace

BRANCHES, DAYS, PER_DAY, START = 6, 60, 30, date(2026, 4, 6)
WITHIN, LOST = "queues.within_standard_share", "queues.abandoned_share"


def rows_of(table, rows):
    columns = table_spec(table).arrow_schema
    filled = [{name: row.get(name) for name in columns.names} for row in rows]
    return pa.Table.from_pylist(filled, schema=columns)


def selected(table, given):
    return ", ".join(
        f"CAST({given.get(column.name, 'NULL')} AS {column.sql_type}) AS {column.name}"
        for column in table_spec(table).columns.values()
    )


@pytest.fixture
def workspace(tmp_path):
    """Six like branches, a third late each day; at B0 from the 35th day on only a sixth is."""
    opened = Workspace.create(tmp_path / "bank")
    branch = {
        "branch_id": "'B' || i",
        "institution_id": "'own'",
        "name": "'Branch ' || i",
        "branch_type": "'light'",
        "timezone": "'Asia/Shanghai'",
    }
    late = "(n * 7 + d * 5 + i) % 30 < CASE WHEN i = 0 AND d >= 35 THEN 5 ELSE 10 + d % 4 END"
    visit = {
        "visit_id": "'V' || i || '-' || d || '-' || n",
        "branch_id": "'B' || i",
        "origin": "'ticket'",
        "business_line": "'personal'",
        "priority": "0",
        "arrived_at": "TIMESTAMPTZ '2026-03-02 01:00:00+00' + to_days(d::INT)",
        "called_at": "TIMESTAMPTZ '2026-03-02 01:10:00+00' + to_days(d::INT)",
        "outcome": "'served'",
        "wait_seconds": f"CASE WHEN {late} THEN 1200 ELSE 120 END",
        "service_seconds": "200",
        "is_suspect": "false",
        "local_on": "DATE '2026-03-02' + d::INT",
        "local_month": "strftime(DATE '2026-03-02' + d::INT, '%Y-%m')",
        "iso_weekday": "d % 7 + 1",
        "quarter_hour": "36 + n % 20",
    }
    ranges = f"range({BRANCHES}) AS b(i), range({DAYS}) AS t(d), range({PER_DAY}) AS v(n)"
    with open_duckdb() as engine:
        engine.define(
            "branches", f"SELECT {selected('branch', branch)} FROM range({BRANCHES}) b(i)"
        )
        engine.define("visits", f"SELECT {selected('visit', visit)} FROM {ranges}")
        with Warehouse(opened.warehouse).writing(engine) as writing:
            writing.upsert("branch", "branches")
            writing.upsert("visit", "visits")
            writing.publish()
    return opened.root


def accept(workspace, *rows):
    action = {
        "action_id": "B0:machine:2:",
        "plan_id": "P1",
        "package_id": "B0:machine:2:",
        "branch_id": "B0",
        "intervention": "machine",
        "amount": 2.0,
        "accepted_at": datetime(2026, 3, 20, tzinfo=UTC),
        "starts_on": START,
        "measure": WITHIN,
        "baseline": 0.65,
        "promised": 0.2,
        "promised_lower": 0.1,
        "promised_upper": 0.3,
        "guard_rail_measure": LOST,
        "guard_rail_limit": 0.01,
        "comparison_branches": "B1 B2 B3 B4 B5",
        "pre_days": 30,
        "post_days": 20,
    }
    table = rows_of("action", [{**action, **row} for row in rows])
    with open_duckdb() as engine:
        engine.register_table("accepted", table)
        with Warehouse(Workspace.open(workspace).warehouse).writing(engine) as writing:
            writing.upsert("action", "accepted")
            writing.publish()


def stored(workspace):
    warehouse = Warehouse(Workspace.open(workspace).warehouse)
    with open_duckdb() as engine:
        warehouse.register(engine, warehouse.snapshot(), ["effect"])
        return engine.table("SELECT * FROM effect ORDER BY action_id, role DESC, month").to_pylist()


def test_effect_by_hand(workspace):
    """B0's late share falls from 11.5/30 on average to 5/30, the others' stays: + 6.5/30."""
    accept(workspace, {})
    (found,) = evaluate(workspace).outcomes
    assert found.verdict == "kept"
    whole = found.measured[-1]
    assert whole.difference == pytest.approx(6.5 / 30, abs=0.01)
    assert whole.lower <= 6.5 / 30 <= whole.upper
    assert (whole.count_days, whole.count_days_before) == (25, 30)
    assert [one.month for one in found.measured] == ["2026-04", "all"]
    assert found.guard[-1].difference == 0.0


def test_effects_are_stored_once(workspace):
    """A second evaluation of the same data leaves the store as it is."""
    accept(workspace, {})
    first = evaluate(workspace)
    rows = stored(workspace)
    assert [(row["role"], row["month"]) for row in rows] == [
        ("promised", "2026-04"),
        ("promised", "all"),
        ("guard_rail", "2026-04"),
        ("guard_rail", "all"),
    ]
    assert rows[1]["promised"] == 0.2
    assert rows[1]["verdict"] == "kept"
    assert {row["snapshot_id"] for row in rows} == {first.data_id}
    assert evaluate(workspace).snapshot_id == first.snapshot_id


def test_verdicts_of_other_promises(workspace):
    """Promised too much; too early; on nothing; on a measure without days; with no design."""
    accept(
        workspace,
        {"action_id": "much", "promised": 0.5, "promised_lower": 0.4, "promised_upper": 0.6},
        {"action_id": "early", "post_days": 30},
        {"action_id": "nothing", "measure": None, "promised": None},
        {"action_id": "unknown", "measure": "queues.no_such_measure"},
        {"action_id": "undesigned", "comparison_branches": None, "pre_days": None},
    )
    report = evaluate(workspace)
    found = {one.action["action_id"]: one.verdict for one in report.outcomes}
    assert found == {
        "much": "not_kept",
        "early": "too_early",
        "nothing": "not_measurable",
        "unknown": "not_measurable",
        "undesigned": "kept",
    }
    said = " ".join(warning.en for warning in report.warnings)
    assert "undesigned" in said
    assert "queues.no_such_measure" in said


def test_a_later_start_is_no_comparison(workspace):
    """A comparison branch with an action of its own is left out from its start on."""
    accept(workspace, {}, {"action_id": "other", "branch_id": "B1", "starts_on": date(2026, 4, 20)})
    found = {one.action["action_id"]: one for one in evaluate(workspace).outcomes}
    assert found["B0:machine:2:"].measured[-1].comparisons == ("B2", "B3", "B4", "B5")
    assert "B0" not in found["other"].measured[-1].comparisons


def test_nothing_accepted_yet(workspace, capsys):
    """The way on is told, in the reader's language, with the exit code of usage."""
    with pytest.raises(BranchwiseError, match="BW-PLN-023"):
        evaluate(workspace)
    assert main(["evaluate", "--workspace", str(workspace), "--lang", "zh-Hant"]) == 2
    assert "branchwise plan accept" in capsys.readouterr().err


@pytest.mark.parametrize("language", LANGUAGES)
def test_people_read_it(workspace, capsys, language):
    """Branch, promise, measured difference with interval and verdict, in three languages."""
    accept(workspace, {})
    assert main(["evaluate", "--workspace", str(workspace), "--lang", language]) == 0
    shown = capsys.readouterr().out
    assert "Branch 0" in shown
    assert {"en": "kept", "zh-Hant": "已兌現", "zh-Hans": "已兑现"}[language] in shown
    assert language != "en" or "measured: 1 action, 1 kept" in shown


def test_programs_read_it(workspace, capsys):
    """The JSON document holds promise, effect, guard-rail and months."""
    accept(workspace, {})
    assert main(["evaluate", "--workspace", str(workspace), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    (action,) = document["result"]["actions"]
    assert document["command"] == "evaluate"
    assert action["verdict"] == "kept"
    assert action["unit"] == "share"
    assert action["measured"]["lower"] < action["measured"]["difference"]
    assert action["guard_rail"]["measured"]["difference"] == 0.0
    assert [month["month"] for month in action["months"]] == ["2026-04"]
