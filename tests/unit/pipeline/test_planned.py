"""What the report adds of a plan: nothing without one, the workbook, the day played, stale data."""

import importlib.util
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from branchwise.core.clock import fixed_clock
from branchwise.engines.duckdb import open_duckdb
from branchwise.optimise.portfolio import Begun
from branchwise.pipeline.plan.asked import Asked
from branchwise.pipeline.plan.stored import save
from branchwise.pipeline.planned import planned
from branchwise.pipeline.report import report
from branchwise.pipeline.twin.places import Twins
from branchwise.twin.example import corner_branch
from branchwise.twin.files import scenario_text
from branchwise.warehouse.columns import selection
from branchwise.warehouse.store import Warehouse
from branchwise.warehouse.workspace import Workspace

CLOCK = fixed_clock(datetime(2026, 4, 1, tzinfo=UTC))
BRANCH = """
SELECT '00301' AS branch_id, 'own' AS institution_id, '城中支行' AS name, 'light' AS branch_type,
       'Asia/Shanghai' AS timezone, 'CN' AS holiday_calendar
"""
SPEC = importlib.util.spec_from_file_location(
    "plan_example", Path(__file__).parents[1] / "report" / "plan_example.py"
)
plans = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(plans)


@pytest.fixture
def workspace(tmp_path):
    made = Workspace.create(tmp_path / "bank")
    with open_duckdb() as engine, Warehouse(made.warehouse).writing(engine) as writing:
        given = engine.columns(BRANCH)
        engine.define("given_branch", f"SELECT {selection('branch', given)} FROM ({BRANCH})")
        writing.upsert("branch", "given_branch")
        writing.publish()
    return made


def one_window_more(station):
    """Return a plan whose one branch opens one window more at a station all week."""
    option = replace(plans.windows("00301"), target=station, iso_weekdays=())
    found = plans.helped([option])
    begun = Begun(candidate_id=found.package_id, quarter=0)
    trial = plans.trial("00301", [option], [found])
    return plans.make_plan(branches=(plans.branch("00301", "城中支行", "trusted", trial, begun),))


def calibrated(workspace, days):
    """Store the corner branch as the branch's weekdays, with so many times its customers."""
    twins = Twins.of(workspace.root)
    folder = twins.folder("00301")
    folder.mkdir(parents=True)
    for day, factor in days.items():
        made = corner_branch()
        classes = tuple(
            replace(one, rates_per_hour=tuple(factor * rate for rate in one.rates_per_hour))
            for one in made.classes
        )
        named = replace(made, name=f"weekday_{day}", branch_id="00301", classes=classes)
        path = twins.path("00301", f"weekday_{day}")
        path.write_text(scenario_text(named), encoding="utf-8")


def test_without_a_plan_there_is_nothing(workspace):
    """No plan, no workbook, and the report says so."""
    assert planned(workspace) is None
    written = report(workspace.root, clock=CLOCK)
    assert written.plan is None
    assert written.as_json()["plan_id"] is None
    assert not (workspace.reports / "plan.xlsx").exists()


def test_the_plan_comes_with_its_workbook(workspace):
    """Page, JSON and table name plan and workbook; without a twin no day is played."""
    save(workspace.plans, plans.make_plan(), Asked())
    written = report(workspace.root, language="zh-Hant", clock=CLOCK)
    found = written.as_json()
    assert (found["plan_id"], found["day_played"]) == ("P-1", [])
    assert CalamineWorkbook.from_path(found["workbook"]).sheet_names[0] == "總覽"
    [table] = written.as_tables("zh-Hant")
    assert ("計劃（Excel）", found["workbook"]) in table.rows
    assert json.loads(written.figures.read_text(encoding="utf-8"))["plan"]["plan_id"] == "P-1"
    page = written.page.read_text(encoding="utf-8")
    assert 'data-view="plan"' in page
    assert "本計劃完成後已載入新數據" in page


def test_a_plan_of_the_data_at_hand_is_no_stale_plan(workspace):
    """The warning goes where the plan was made from the same data."""
    data_id = Warehouse(workspace.warehouse).snapshot().data_id
    save(workspace.plans, plans.make_plan(data_id=data_id), Asked())
    page = report(workspace.root, clock=CLOCK).page.read_text(encoding="utf-8")
    assert 'class="warning"' not in page


def test_the_busiest_day_is_played_today_and_proposed(workspace):
    """Of Monday and Friday the one with more customers; the links lead to the pages."""
    calibrated(workspace, {1: 1.0, 5: 1.5})
    save(workspace.plans, one_window_more("counter"), Asked())
    written = report(workspace.root, clock=CLOCK)
    day = written.report.plan_day
    assert day.iso_weekday == 5
    for link, path in zip((day.today, day.proposed), written.plan.pages, strict=True):
        assert (workspace.reports / link).resolve() == path.resolve()
        assert "<canvas" in path.read_text(encoding="utf-8")
    today, proposed = (path.read_text(encoding="utf-8") for path in written.plan.pages)
    assert "Friday · as it is today" in today
    assert "Friday · as proposed" in proposed
    assert f'href="{day.proposed}"' in written.page.read_text(encoding="utf-8")


@pytest.mark.parametrize("station", ["counter", "teller"])
def test_a_twin_that_cannot_play_the_plan_leaves_only_the_day_out(workspace, station):
    """Unreadable, or calibrated anew without the station: no two equal days, no failed report."""
    calibrated(workspace, {1: 1.0})
    if station == "counter":
        Twins.of(workspace.root).path("00301", "weekday_1").write_text("broken", encoding="utf-8")
    save(workspace.plans, one_window_more(station), Asked())
    found = planned(workspace)
    assert found.day is None
    assert found.workbook.is_file()
