"""The report of a bank with actions: packages as one, what is measured now, nothing stored."""

import importlib.util
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from branchwise.core.languages import LANGUAGES
from branchwise.engines.duckdb import open_duckdb
from branchwise.pipeline.benefits import benefits
from branchwise.pipeline.evaluate import evaluate, outcomes_of
from branchwise.pipeline.report import gathered, report
from branchwise.warehouse.store import Warehouse
from branchwise.warehouse.workspace import Workspace

SPEC = importlib.util.spec_from_file_location(
    "evaluated_bank", Path(__file__).with_name("test_evaluate.py")
)
bank = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(bank)
workspace = bank.workspace


def outcomes(root):
    opened = Workspace.open(root)
    warehouse = Warehouse(opened.warehouse)
    with open_duckdb() as engine:
        warehouse.register(engine, warehouse.snapshot())
        return outcomes_of(engine, opened.read_assumptions())


def test_options_of_one_package_are_one_benefit(workspace):
    """Two options of a package stand together, one without a package and one of another day not."""
    package = {"package_id": "P"}
    bank.accept(
        workspace,
        {"action_id": "a", **package},
        {"action_id": "b", "intervention": "more_windows", **package},
        {"action_id": "c", "package_id": None},
        {"action_id": "d", "package_id": None},
    )
    found = benefits(outcomes(workspace))
    assert [one.action_ids for one in found] == [("a", "b"), ("c",), ("d",)]
    assert found[0].interventions == ("machine", "more_windows")


def test_the_report_says_what_evaluate_says_and_stores_nothing(workspace):
    """Months, verdict and comparison branches by both roads; the snapshot stays the same."""
    bank.accept(workspace, {})
    before = Warehouse(Workspace.open(workspace).warehouse).snapshot().snapshot_id
    [found] = gathered(Workspace.open(workspace)).benefits
    assert Warehouse(Workspace.open(workspace).warehouse).snapshot().snapshot_id == before
    [outcome] = evaluate(workspace).outcomes
    assert (*found.months, found.whole) == outcome.measured
    assert found.verdict == outcome.verdict
    assert found.comparisons == ("Branch 1", "Branch 2", "Branch 3", "Branch 4", "Branch 5")
    assert found.days_needed == 20


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_plan_the_results_have_a_workbook_of_their_own(workspace, language):
    """Page, figures and workbook; the table names the file; without actions there is none."""
    assert report(workspace, language=language).workbook is None
    bank.accept(workspace, {})
    written = report(workspace, language=language)
    assert written.workbook.name == "results.xlsx"
    assert len(CalamineWorkbook.from_path(written.workbook).sheet_names) == 2
    assert written.as_json()["count_promises"] == 1
    [table] = written.as_tables(language)
    assert str(written.workbook) in [row[1] for row in table.rows]
    assert 'data-view="results"' in written.page.read_text(encoding="utf-8")
