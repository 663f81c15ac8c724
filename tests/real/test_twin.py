"""The twin of the anonymous bank's call centre: three weeks learned, the fourth foretold."""

from __future__ import annotations

from pathlib import Path

import pytest

from branchwise.engines.duckdb import open_duckdb
from branchwise.pipeline.load import load
from branchwise.twin.validate import validate
from branchwise.warehouse.store import Warehouse
from branchwise.warehouse.workspace import Workspace


@pytest.fixture(scope="module")
def checked(shared_data: Path, tmp_path_factory: pytest.TempPathFactory):
    workspace = tmp_path_factory.mktemp("bank")
    load(workspace, shared_data / "anonymousbank_feb1999", adapter="anonymousbank")
    warehouse = Warehouse(Workspace.open(workspace).warehouse)
    with open_duckdb() as engine:
        warehouse.register(engine, warehouse.snapshot())
        return validate(engine, "anonymousbank", replications=60)


@pytest.mark.real
def test_the_fourth_week_is_foretold_from_the_first_three(checked):
    """The seven last days are held out; both mean wait and abandonment lie in their intervals."""
    assert [on.day for on in checked.days_held_out] == list(range(22, 29))
    whole = {row.measure: row for row in checked.rows_by()}
    for measure in ("wait_mean_seconds", "abandoned_share"):
        assert whole[measure].is_within, whole[measure]
    assert checked.verdict in {"trusted", "waits_only"}


@pytest.mark.real
def test_intervals_by_weekday_and_hour_hold_nearly_nine_in_ten(checked):
    """Over 100 cells of weekday and hour; below 75 % the 90 % intervals would be wrong."""
    for measure in ("wait_mean_seconds", "abandoned_share"):
        rows = [row for row in checked.rows_by("iso_weekday", "hour") if row.measure == measure]
        assert len(rows) >= 90
        assert sum(row.is_within for row in rows) >= 0.75 * len(rows)


@pytest.mark.real
def test_days_without_service_are_left_out_and_told(checked):
    """On the 3rd and the 21st hundreds of calls in a row were not answered: interruptions."""
    told = {day.on.day: day.code for day in checked.days_left_out}
    assert told == {3: "interrupted", 21: "interrupted"}


@pytest.mark.real
def test_what_is_weak_is_said(checked):
    """No shifts, priorities written down only on queueing, patience by its curve."""
    said = " ".join(note.en for note in checked.calibration.notes)
    assert "no shifts" in said
    assert "Priorities were only written down" in said
    laws = {one.law for one in checked.calibration.parameters_of("patience.scale")}
    assert "survival" in laws
