"""Checking what is stored: counts, gaps, breaches, and that nothing is written."""

from datetime import date
from pathlib import Path

import pytest
from tests.unit.pipeline.test_load import bank, load_tickets, ticket, tickets, workspace
from tests.unit.warehouse.rows import everything
from tests.unit.warehouse.rows import load as store

from branchwise.core.errors import BranchwiseError
from branchwise.core.languages import LANGUAGES
from branchwise.pipeline.check import CheckReport, TableQuality, check
from branchwise.warehouse.workspace import Workspace

__all__ = ["bank"]


def quality(report: CheckReport, table: str) -> TableQuality:
    """Return the quality of one table."""
    [found] = [quality for quality in report.tables if quality.table == table]
    return found


def test_quality_after_a_load(bank: Path) -> None:
    """Rows, filled shares, last day, repairs and quarantine are those of the delivery."""
    rows = [*tickets(days=2), ticket(0), ticket(40, served=50_000), ticket(41, branch="777")]
    rows[1]["gone"] = ""
    load_tickets(bank, rows)
    before = everything(workspace(bank))
    found = quality(check(workspace(bank)), "visit")
    assert everything(workspace(bank)) == before
    assert found.count_rows == 81
    assert found.filled["left_at"] == pytest.approx(80 / 81)
    assert found.filled["customer_id"] == 0
    assert found.last_on is not None
    assert found.last_on.isoformat() == "2026-03-03"
    assert found.days_behind == 0
    assert found.count("removed") == 1
    assert found.count("quarantined") == 1
    assert found.count("set_null") >= 1
    assert found.breaches == ()


def test_days_to_come_make_no_source_late(bank: Path) -> None:
    """A forecast has no days behind, and sets none for others."""
    load_tickets(bank, tickets(days=2))
    store(
        workspace(bank) / "warehouse",
        forecast=[{"forecast_id": "F1", "local_on": date(2026, 6, 1)}],
    )
    report = check(workspace(bank))
    assert quality(report, "visit").days_behind == 0
    assert quality(report, "forecast").days_behind is None


def test_breach_of_rows_that_came_round_cleaning(tmp_path: Path) -> None:
    """Stored rows that break their table's promises are counted with their keys."""
    Workspace.create(tmp_path)
    broken = [{"region_id": "N", "name": "North", "country": "Mars", "parent_region_id": "X"}]
    store(tmp_path / "warehouse", region=broken)
    found = quality(check(tmp_path), "region")
    assert {(breach.rule, breach.column, breach.keys) for breach in found.breaches} == {
        ("value", "country", ("N",)),
        ("reference", "parent_region_id", ("N",)),
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_tables_for_people(bank: Path, language: str) -> None:
    """Every table for people has rows as wide as its headings."""
    load_tickets(bank, [*tickets(), ticket(50, called="", gone="", served="", outcome="unserved")])
    tables = check(workspace(bank)).as_tables(language)
    assert tables[0].rows
    for table in tables:
        assert {len(row) for row in table.rows} == {len(table.columns)}


def test_empty_workspace_says_what_comes_first(tmp_path: Path) -> None:
    """A workspace without rows gives no tables and says that loading comes first."""
    Workspace.create(tmp_path)
    report = check(tmp_path)
    empty = {"snapshot_id": "empty", "tables": [], "stitching": [], "scheduled": []}
    assert report.as_json() == empty
    assert "load" in report.warnings[0].en


def test_no_workspace(tmp_path: Path) -> None:
    """Without a workspace there is an error that says how to make one."""
    with pytest.raises(BranchwiseError, match="BW-WHS-001"):
        check(tmp_path)


def test_stitching_says_why_there_is_none(tmp_path: Path) -> None:
    """Without transactions `check` gives a dash and its reason, never a share of zero."""
    Workspace.create(tmp_path)
    served = {"branch_id": "N", "kind": "counter", "staff_id": "t", "outcome": "done"}
    steps = [
        {"visit_step_id": f"s{n}", "visit_id": f"v{n}", "data_source_id": "queue", **served}
        for n in range(3)
    ]
    store(tmp_path / "warehouse", visit_step=steps)
    found = check(tmp_path)
    [row] = found.as_json()["stitching"]
    assert (row["count"], row["share_stitched"], row["drift_seconds"]) == (3, None, None)
    assert row["reason"] == "no_transactions"
    [shown] = found.as_tables("zh-Hant")[-1].rows
    assert shown == ("queue", 1, 3, None, None, None, "沒有交易 (1)")
