"""A coming day: the stored forecast, the scenario and the staffing made from it."""

from dataclasses import replace
from datetime import UTC, date, datetime
from statistics import NormalDist

import numpy as np
import pyarrow as pa
import pytest

from branchwise.cli.options import coming_date
from branchwise.core.errors import BranchwiseError
from branchwise.engines.duckdb import open_duckdb
from branchwise.models.forecast.coming import coming_day
from branchwise.pipeline.twin import on_date
from branchwise.pipeline.twin.on_date import scenario_on, with_forecast
from branchwise.pipeline.twin.places import Twins
from branchwise.tables.spec import table_names, table_spec
from branchwise.twin.checks import require_sound
from branchwise.twin.example import corner_branch
from branchwise.twin.files import scenario_text
from branchwise.warehouse.workspace import Workspace

ON = date(2026, 6, 1)


def row(grain, minute, mean, **changes):
    found = {
        "snapshot_id": "S1", "measure": "visits", "grain": grain, "series": "branch=B1",
        "branch_id": "B1", "local_on": ON, "starts_minute": minute, "level": 0.8, "mean": mean,
        "lower": 0.8 * mean, "upper": 1.3 * mean, "model": "slot_means",
        "last_on": date(2026, 5, 31), "made_at": datetime(2026, 5, 31, 20, tzinfo=UTC),
    }  # fmt: skip
    return found | changes


def engine_with(rows):
    engine_context = open_duckdb()
    engine = engine_context.__enter__()
    for name in table_names():
        schema = table_spec(name).arrow_schema
        held = rows if name == "forecast" else []
        engine.register_table(name, pa.Table.from_pylist(held, schema=schema))
    return engine_context, engine


@pytest.fixture
def forecasts():
    opened = []

    def make(rows):
        context, engine = engine_with(rows)
        opened.append(context)
        return engine

    yield make
    for context in opened:
        context.__exit__(None, None, None)


def test_the_newest_forecast_counts(forecasts):
    """Of the same day the one that knew most, made last; a forecast of a past day is none."""
    old = row("day", 0, 90.0, last_on=date(2026, 5, 1), snapshot_id="S0")
    late = row("day", 0, 70.0, last_on=ON, snapshot_id="S2")
    engine = forecasts([old, row("day", 0, 120.0), late])
    found = coming_day(engine, "B1", ON)
    assert (found.mean, found.lower, found.upper, found.level) == (120.0, 96.0, 156.0, 0.8)
    assert found.quarters is None
    assert coming_day(engine, "B2", ON) is None


def test_quarter_hours_stand_in_their_places(forecasts):
    """Nine o'clock is the thirty-sixth quarter-hour; without a day the sum is the day."""
    engine = forecasts([row("quarter_hour", 540, 3.0), row("quarter_hour", 555, 5.0)])
    found = coming_day(engine, "B1", ON)
    assert found.quarters[36:38, 0].tolist() == [3.0, 5.0]
    assert found.mean == 8.0
    assert np.isnan(found.upper)
    assert found.day_shape is None


def test_the_day_is_as_uncertain_as_its_interval(forecasts):
    """The gamma factor and Poisson arrivals together have the interval's standard deviation."""
    found = coming_day(forecasts([row("day", 0, 200.0)]), "B1", ON)
    deviation = (260.0 - 160.0) / 2 / NormalDist().inv_cdf(0.9)
    assert 200.0 + 200.0**2 / found.day_shape == pytest.approx(deviation**2)


def arrivals(scenario):
    return np.array([one.rates_per_hour for one in scenario.classes]) * (
        scenario.slot_seconds / 3600
    )


def test_the_scenario_gets_the_visits_of_the_forecast(forecasts):
    """Level by the ratio of the twin's customers to recorded visits; classes keep their shares."""
    usual = corner_branch()
    came = float(arrivals(usual).sum())
    day = coming_day(forecasts([row("day", 0, 3 * came)]), "B1", ON)
    found = with_forecast(usual, day, recorded=2 * came)
    assert arrivals(found).sum() == pytest.approx(1.5 * came)
    assert np.allclose(arrivals(found), 1.5 * arrivals(usual))
    assert found.name == "2026-06-01"
    assert found.day_shape == day.day_shape
    require_sound(found)


def test_the_shape_of_the_day_is_the_forecasts(forecasts):
    """With quarter-hours every slot has its share of the forecast, and so has each class."""
    usual = corner_branch()
    came = float(arrivals(usual).sum())
    rows = [row("quarter_hour", 540 + 15 * place, 2.0 + place % 3) for place in range(20)]
    day = coming_day(forecasts([row("day", 0, came), *rows]), "B1", ON)
    found = arrivals(with_forecast(usual, day, recorded=came))
    assert found.sum() == pytest.approx(came)
    start = int(usual.rates_start_second // 60)
    length = int(usual.slot_seconds // 60)
    weights = np.zeros(24 * 60)
    for each in rows:
        weights[each["starts_minute"] : each["starts_minute"] + 15] = each["mean"] / 15
    total = weights.sum()
    inner = slice(1, found.shape[1] - 1)
    expected = np.array(
        [
            came * weights[start + slot * length : start + (slot + 1) * length].sum() / total
            for slot in range(found.shape[1])
        ]
    )
    assert np.allclose(found.sum(axis=0)[inner], expected[inner])
    busy = found.sum(axis=0) > 0
    shares = found[:, busy] / found[:, busy].sum(axis=0)
    own = arrivals(usual)[:, busy]
    seen = own.sum(axis=0) > 0
    assert np.allclose(
        shares[:, seen], (own / np.where(own.sum(axis=0), own.sum(axis=0), 1))[:, seen]
    )


def test_a_day_without_a_forecast_or_closed_is_told(tmp_path, monkeypatch):
    """What to run is said; a closed day is not simulated."""
    root = tmp_path / "bank"
    Workspace.create(root)
    twins = Twins.of(root)
    scenario = replace(corner_branch(), branch_id="B1")
    twins.write(twins.path("B1", "scenario"), scenario_text(scenario))
    for rows, code in (([], "BW-FOR-057"), ([row("day", 0, 0.0)], "BW-FOR-058")):
        context, engine = engine_with(rows)

        class Opened:
            def __enter__(self, engine=engine):
                return engine, "S1"

            def __exit__(self, *exc_info):
                return None

        monkeypatch.setattr(on_date, "opened", lambda _, found=Opened: found())
        with pytest.raises(BranchwiseError) as caught:
            scenario_on(root, twins, "B1", "scenario", ON)
        assert caught.value.problems[0].code == code
        context.__exit__(None, None, None)


def test_what_is_no_date_is_told():
    """The option --on wants a date."""
    assert coming_date(None) is None
    with pytest.raises(BranchwiseError) as caught:
        coming_date("monday")
    assert caught.value.problems[0].code == "BW-FOR-050"
