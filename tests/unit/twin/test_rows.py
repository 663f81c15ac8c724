"""Simulated days as canonical rows: the contracts hold and the measures say what the run says."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from tests.oracle.twin.scenarios import scenarios
from tests.unit.twin.busy import busy_branch

from branchwise.engines.duckdb import open_duckdb
from branchwise.measures.compute import compute
from branchwise.tables.assumptions import default_assumptions
from branchwise.tables.contract import contract_breaches
from branchwise.tables.spec import table_names, table_spec
from branchwise.twin.example import corner_branch
from branchwise.twin.reading import ticket_numbers
from branchwise.twin.rows import rows
from branchwise.twin.run import simulate
from branchwise.twin.trace import trace

DAYS, SEED = 12, 7
FIRST = date(2026, 3, 2)
DATES = [FIRST + timedelta(days=number) for number in range(DAYS)]


@pytest.fixture(scope="module", params=[busy_branch, corner_branch], ids=["busy", "corner"])
def lived(request):
    """Days one by one with their rows, and the counts of the same days run at once."""
    scenario = request.param()
    days = [trace(scenario, seed=SEED, replication=number) for number in range(DAYS)]
    tables = rows(days, local_on=DATES, timezone="Asia/Taipei")
    return days, tables, simulate(scenario, replications=DAYS, seed=SEED)


@pytest.fixture(scope="module")
def engine(lived):
    """An engine with the simulated tables, all other tables empty."""
    with open_duckdb() as running:
        for name in table_names():
            empty = table_spec(name).arrow_schema.empty_table()
            running.register_table(name, lived[1].get(name, empty))
        yield running


def value(engine, measure):
    [row] = compute(engine, [measure]).to_pylist()
    return row["value"]


def total(result, name):
    return result.by_class[name].sum()


@pytest.mark.parametrize("table", ["visit", "visit_step", "device_event", "shift"])
def test_the_contract_of_the_table_is_kept(lived, engine, table):
    """Every column, type, value, key and row rule of the spec holds, and steps find their visit."""
    references = {"visit": "visit"} if table == "visit_step" else {}
    assert lived[1][table].num_rows > 0
    assert contract_breaches(engine, table, table_spec(table), references) == ()


def test_visits_and_the_unserved_agree(lived, engine):
    """Visits are all who did not balk; who was not served is unserved, by cause."""
    _, _, result = lived
    visits = total(result, "customers") - total(result, "balked")
    assert value(engine, "queues.visits") == visits
    lost = total(result, "abandoned") + total(result, "sent_away")
    assert value(engine, "queues.abandoned_share") == pytest.approx(lost / visits)
    assert value(engine, "queues.abandoned_walked_out_share") == pytest.approx(
        total(result, "abandoned") / visits
    )


def test_waits_agree(lived, engine):
    """Mean wait of the served exactly; the quantile of all to the run's bins of 5 seconds.

    A customer turned away by a machine who gives up in the second queue was called once: the
    measure counts such a wait as ended, the run as lost. They are few; the quantile is asked to
    agree to a second bin for them.
    """
    _, tables, result = lived
    served = total(result, "wait_served_seconds") / total(result, "served")
    assert value(engine, "queues.wait_served_mean_seconds") == pytest.approx(served)
    assert value(engine, "queues.wait_p90_seconds") == pytest.approx(
        result.wait_quantile(0.9), abs=10
    )
    waits = tables["visit"]["wait_seconds"].to_numpy()
    assert waits.sum() == pytest.approx(total(result, "wait_seconds"))


def test_the_elderly_and_the_standard_agree(lived, engine):
    """The wait of customers of 60 and over is that of their class; the standard's share too."""
    days, tables, result = lived
    standard = default_assumptions()["wait_standard_seconds"].value
    within = sum(int(((day.outcome == 0) & (day.wait <= standard)).sum()) for day in days)
    called = tables["visit"].to_pylist()
    counted = [
        row for row in called if row["called_at"] is not None or row["wait_seconds"] > standard
    ]
    turned_back = sum(
        row["called_at"] is not None
        and row["outcome"] != "served"
        and row["wait_seconds"] <= standard
        for row in called
    )
    assert value(engine, "queues.within_standard_share") == pytest.approx(
        (within + turned_back) / len(counted)
    )
    place = result.classes.index("elderly")
    waits = [
        row["wait_seconds"]
        for row in called
        if row["age_band"] == "60_plus" and row["outcome"] == "served"
    ]
    assert sum(waits) == pytest.approx(result.by_class["wait_served_seconds"][:, place].sum())


def test_failures_of_machines_agree(lived, engine):
    """Fail-back is the failed services of the run ÷ all sessions at machines; outages likewise."""
    days, tables, result = lived
    kinds = [station.kind for station in result.scenario.stations]
    machine = [place for place, kind in enumerate(kinds) if kind == "smart_counter"]
    sessions = result.by_station["services"][:, machine].sum()
    lost = sum(int((day.step_station < 0).sum()) for day in days)
    steps = [row for row in tables["visit_step"].to_pylist() if row["kind"] == "smart_counter"]
    never_called = sum(row["called_at"] is None for row in steps)
    assert never_called <= lost
    assert value(engine, "queues.failback_share") == pytest.approx(
        total(result, "failed_back") / (sessions + never_called)
    )
    down = tables["device_event"]["down_seconds"].to_numpy().sum()
    assert down == pytest.approx(result.by_station["down_seconds"].sum())


def test_time_on_duty_agrees(lived):
    """Shifts add up to the open time of the stations with people."""
    _, tables, result = lived
    people = [
        place
        for place, station in enumerate(result.scenario.stations)
        if station.kind != "smart_counter"
    ]
    worked = tables["shift"]["work_seconds"].to_numpy().sum()
    assert worked == pytest.approx(result.by_station["open_seconds"][:, people].sum())


def test_the_calendar_follows_the_place(lived):
    """Date, month, weekday and quarter-hour are those of the branch's own clock."""
    days, tables, _ = lived
    for row in tables["visit"].to_pylist()[::97]:
        local = row["arrived_at"] + timedelta(hours=8)
        assert row["local_on"] == local.date()
        assert row["local_month"] == f"{local:%Y-%m}"
        assert row["iso_weekday"] == local.isoweekday()
        assert row["quarter_hour"] == local.hour * 4 + local.minute // 15
    first = np.nanmin(days[0].ticket)
    begins = min(row["arrived_at"] for row in tables["visit"].to_pylist())
    expected = datetime(2026, 3, 1, 16, tzinfo=UTC) + timedelta(seconds=first)
    assert abs(begins - expected) < timedelta(microseconds=2)


def test_a_branch_opens_by_the_clock_when_summer_time_begins():
    """On a day of 23 hours nine o'clock is nine o'clock, and waits are as long as ever."""
    day = trace(corner_branch(), seed=1)
    changed = rows([day], local_on=[date(2026, 3, 29)], timezone="Europe/Berlin")["visit"]
    usual = rows([day], local_on=[date(2026, 3, 30)], timezone="Europe/Berlin")["visit"]
    assert changed["quarter_hour"].equals(usual["quarter_hour"])
    assert changed["wait_seconds"].equals(usual["wait_seconds"])
    assert changed["arrived_at"][0].as_py().hour == usual["arrived_at"][0].as_py().hour == 7


def test_rows_are_the_same_again_and_days_do_not_mix():
    """The same days give the same tables; two replications of one date share no id."""
    days = [trace(corner_branch(), seed=3, replication=number) for number in range(2)]
    once, again = (rows(days, local_on=[FIRST] * 2, timezone="Asia/Shanghai") for _ in range(2))
    assert all(once[name].equals(again[name]) for name in once)
    visits = once["visit"]["visit_id"].to_pylist()
    assert len(set(visits)) == len(visits)
    assert all(name.startswith("T-corner-20260302-3-") for name in visits)


def test_no_days_are_empty_tables():
    """Without a day the tables are there, with all their columns and no row."""
    tables = rows([], local_on=[], timezone="Asia/Taipei")
    for name, table in tables.items():
        assert table.num_rows == 0
        assert table.schema.names[: len(table_spec(name).columns)] == list(table_spec(name).columns)


def test_queues_before_machines_can_stay_unseen():
    """As most banks record it, a visit that only waited for a machine has no wait."""
    days = [trace(corner_branch(), seed=1)]
    seen = rows(days, local_on=[FIRST], timezone="Asia/Taipei")
    unseen = rows(days, local_on=[FIRST], timezone="Asia/Taipei", records_machine_queues=False)
    origins = seen["visit"]["origin"].to_pylist()
    assert {"ticket", "smart_counter"} == set(origins)
    assert seen["visit"]["wait_seconds"].null_count == 0
    steps = seen["visit_step"].to_pylist()
    at_counter = {row["visit_id"] for row in steps if row["kind"] == "counter"}
    for row in unseen["visit"].to_pylist():
        assert (row["wait_seconds"] is not None) == (row["visit_id"] in at_counter)


def test_tickets_count_each_queue():
    """Numbers of a queue run without gap in order of the ticket time."""
    day = trace(busy_branch(), seed=2)
    numbers = ticket_numbers(day)
    for letter in "ABC":
        mine = [n for n in range(len(numbers)) if (numbers[n] or "").startswith(letter)]
        mine.sort(key=lambda n: day.ticket[n])
        assert [numbers[n] for n in mine] == [f"{letter}{k + 1:03d}" for k in range(len(mine))]


def test_types_are_those_of_the_store(lived):
    """Instants are microseconds in UTC and dates are dates."""
    visit = lived[1]["visit"].schema
    assert visit.field("arrived_at").type == pa.timestamp("us", tz="UTC")
    assert visit.field("local_on").type == pa.date32()
    assert visit.names[-2:] == ["data_source_id", "load_id"]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(scenarios())
def test_any_scenario_keeps_the_contracts(scenario):
    """Warm starts, breakdowns, appointments, second persons: the rows are sound and complete."""
    day = trace(scenario, seed=1)
    tables = rows([day], local_on=[FIRST], timezone="Asia/Taipei")
    assert tables["visit"].num_rows == int((day.outcome != 2).sum())
    assert tables["device_event"].num_rows == len(day.down_from)
    with open_duckdb() as engine:
        for name, table in tables.items():
            engine.register_table(name, table)
        for name in tables:
            references = {"visit": "visit"} if name == "visit_step" else {}
            assert contract_breaches(engine, name, table_spec(name), references) == ()
