"""The verb `report` on workspaces: an empty one, a small one, a disk that refuses."""

import json
from datetime import UTC, datetime

import pytest

from branchwise.core.clock import fixed_clock
from branchwise.core.errors import BranchwiseError
from branchwise.engines.duckdb import open_duckdb
from branchwise.pipeline.report import report
from branchwise.warehouse.columns import selection
from branchwise.warehouse.store import Warehouse
from branchwise.warehouse.workspace import Bank, Workspace

CLOCK = fixed_clock(datetime(2026, 4, 1, tzinfo=UTC))
BRANCHES = """
SELECT unnest(['1', '2']) AS branch_id, 'own' AS institution_id, '<b>東門</b>' AS name,
       'light' AS branch_type, 'Asia/Taipei' AS timezone, 'TW' AS holiday_calendar
"""
VISITS = """
SELECT 'v' || i AS visit_id, (i % 2 + 1)::VARCHAR AS branch_id, 'ticket' AS origin,
       'personal' AS business_line, 0 AS priority, 'mass' AS tier,
       CASE WHEN i % 5 = 0 THEN '60_plus' ELSE 'unknown' END AS age_band,
       TIMESTAMPTZ '2026-03-02 01:00:00+00' + to_minutes(i) AS arrived_at,
       arrived_at + to_seconds(60 + i) AS called_at, called_at + to_seconds(100) AS left_at,
       'served' AS outcome, 60.0 + i AS wait_seconds, 100.0 AS service_seconds,
       false AS is_suspect, DATE '2026-03-02' AS local_on, '2026-03' AS local_month,
       1 AS iso_weekday, 36 + i // 15 AS quarter_hour
FROM range(400) AS made(i)
"""


@pytest.fixture
def workspace(tmp_path):
    return Workspace.create(tmp_path / "bank", Bank(name="<i>行</i>", country="TW", currency="TWD"))


@pytest.fixture
def filled(workspace):
    with open_duckdb() as engine, Warehouse(workspace.warehouse).writing(engine) as writing:
        for table, query in (("branch", BRANCHES), ("visit", VISITS)):
            given = engine.columns(query)
            engine.define(f"given_{table}", f"SELECT {selection(table, given)} FROM ({query})")
            writing.upsert(table, f"given_{table}")
        writing.publish()
    return workspace


def test_an_empty_workspace_is_an_error_that_helps(workspace):
    """With nothing loaded there is no page but a problem with its remedy."""
    with pytest.raises(BranchwiseError) as raised:
        report(workspace.root)
    assert [problem.code for problem in raised.value.problems] == ["BW-REP-001"]


def test_page_and_figures_say_the_same(filled):
    """The page and the JSON beside it hold the same numbers; names are escaped."""
    written = report(filled.root, language="zh-Hant", clock=CLOCK)
    page = written.page.read_text(encoding="utf-8")
    figures = json.loads(written.figures.read_text(encoding="utf-8"))
    assert figures["count_visits"] == 400
    assert "2 個網點，到訪 400" in page
    assert "民國115年3月2日" in page
    assert "<b>東門" not in page
    assert "<i>行" not in page
    assert written.as_json()["count_branches"] == 2
    assert written.as_tables("zh-Hans")[0].rows[0][1] == str(written.page)


def test_measures_are_those_of_the_measures(filled):
    """The P90 wait on the page is what the measure gives: 60 + 0.9 x 400 s, about."""
    found = report(filled.root, clock=CLOCK).report
    assert found.bank["queues.wait_p90_seconds"].value == pytest.approx(60 + 360, abs=2)
    assert found.share_age_known == pytest.approx(0.2)


def test_what_was_never_loaded_is_unknown_not_zero(filled):
    """Without customers and staff there is no deposit per head of zero."""
    found = report(filled.root, clock=CLOCK).report
    growth = next(goal for goal in found.goals if goal.goal == "growth")
    assert growth.now.value is None
    assert found.branches[0].headcount.own is None


def test_the_same_data_give_the_same_bytes(filled):
    """Two reports of one snapshot at one instant are equal byte by byte."""
    first = report(filled.root, clock=CLOCK).page.read_bytes()
    assert report(filled.root, clock=CLOCK).page.read_bytes() == first


def test_a_folder_that_refuses_is_explained(filled):
    """Where the reports cannot be written the older state stays and the reason is told."""
    filled.reports.write_text("in the way", encoding="utf-8")
    with pytest.raises(BranchwiseError) as raised:
        report(filled.root, clock=CLOCK)
    assert [problem.code for problem in raised.value.problems] == ["BW-REP-002"]


def test_a_branch_asked_for_has_its_sheet_and_an_unknown_one_is_named(filled):
    """Of two codes the one that is no branch is told; nothing is written for it."""
    written = report(filled.root, ["2"], clock=CLOCK)
    assert 'data-view="branch-2"' in written.page.read_text(encoding="utf-8")
    before = written.page.read_bytes()
    with pytest.raises(BranchwiseError) as raised:
        report(filled.root, ["1", "9", "8"], clock=CLOCK)
    assert [problem.code for problem in raised.value.problems] == ["BW-REP-003", "BW-REP-003"]
    assert written.page.read_bytes() == before
