"""From tables to records: trust, coverage, facts, comparisons, goals."""

from datetime import date

import pyarrow as pa
import pytest

from branchwise.engines.duckdb import open_duckdb
from branchwise.plan.model import PeerComparison, TargetStatus
from branchwise.report import comparisons, facts, loads, repairs
from branchwise.report.coverage import spells
from branchwise.report.deliveries import Coverage
from branchwise.report.model import Estimate, MeasureNote
from branchwise.report.phrases import plain
from branchwise.report.trust import trust_of
from branchwise.tables.spec import table_names, table_spec

WAIT = "queues.wait_p90_seconds"


@pytest.fixture
def engine():
    with open_duckdb() as opened:
        for table in table_names():
            opened.register_files(table, [], schema=table_spec(table).arrow_schema)
        yield opened


def fill(engine, table, *rows):
    """Replace a table by rows of which only some columns are given."""
    columns = table_spec(table).columns
    texts = pa.Table.from_pylist(
        [{name: _text(row.get(name)) for name in columns} for row in rows],
        schema=pa.schema([(name, pa.string()) for name in columns]),
    )
    engine.register_table("texts", texts)
    casts = ", ".join(f"{name}::{column.sql_type} AS {name}" for name, column in columns.items())
    engine.register_table(table, engine.table(f"SELECT {casts} FROM texts"))


def _text(value):
    return None if value is None else str(value)


def covered(**given):
    held = {
        "branch_id": "1", "data_source_id": "q", "spells": (), "count_days": 100,
        "count_missing": 0, "count_rows": 9000,
    }  # fmt: skip
    return Coverage(**held | given)


@pytest.mark.parametrize(
    ("given", "level"),
    [
        ({}, "good"),
        ({"count_days": 98, "count_missing": 2}, "good"),
        ({"count_days": 95, "count_missing": 5}, "fair"),
        ({"count_days": 80, "count_missing": 20}, "poor"),
        ({"share_endless": 0.3}, "fair"),
        ({"share_endless": 0.7}, "poor"),
        ({"share_suspect": 0.02}, "fair"),
        ({"share_suspect": 0.06}, "poor"),
    ],
)
def test_doubts_have_the_level_of_their_limits(given, level):
    """Each limit that is passed lowers the light; each doubt says what would mend it."""
    trust = trust_of([covered(**given)], 9000)
    assert trust.level == level
    assert all(doubt.mend.en and doubt.mend.zh_hant for doubt in trust.doubts)


def test_few_visits_are_not_trusted():
    """A branch with a handful of visits is not trusted, however clean they are."""
    assert trust_of([covered()], 199).level == "poor"


def test_spells_are_runs_of_days():
    """Runs break where a day is missing and not at the end of a month."""
    days = [date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 3)]
    assert spells(days) == (
        (date(2026, 2, 28), date(2026, 3, 1)),
        (date(2026, 3, 3), date(2026, 3, 3)),
    )


def test_people_are_counted_by_employment_and_presence(engine):
    """Two own, one outsourced, one gone; present: two on the first day, one on the second."""
    people = (("a", "own", None), ("b", "own", None), ("c", "outsourced", None),
              ("d", "own", "2025-01-01"))  # fmt: skip
    fill(engine, "staff_member", *(
        {"staff_id": s, "branch_id": "1", "employment": e, "left_on": left} for s, e, left in people
    ))  # fmt: skip
    shifts = (("a", "2026-03-02", "none"), ("b", "2026-03-02", "none"), ("a", "2026-03-03", "none"),
              ("b", "2026-03-03", "sick"))  # fmt: skip
    fill(engine, "shift", *(
        {"shift_id": str(i), "staff_id": s, "branch_id": "1", "local_on": on, "leave_kind": leave}
        for i, (s, on, leave) in enumerate(shifts)
    ))  # fmt: skip
    people = facts.headcounts(engine)["1"]
    assert (people.own, people.outsourced, people.present_per_day) == (2, 1, 1.5)
    assert people.planned is None


def test_equal_weekdays_are_one_run(engine):
    """Monday to Friday alike and Saturday shorter are two runs; the latest hours count."""
    old = {"iso_weekday": 1, "closes_minute": 900, "valid_from": "2000-01-01"}
    week = [
        {"iso_weekday": day, "closes_minute": 1020, "valid_from": "2026-01-01"}
        for day in range(1, 6)
    ]
    saturday = {"iso_weekday": 6, "closes_minute": 720, "valid_from": "2026-01-01"}
    fill(engine, "opening_hours", *(
        {"branch_id": "1", "business_line": "all", "opens_minute": 540, **row}
        for row in (old, *week, saturday)
    ))  # fmt: skip
    fill(engine, "visit", {"visit_id": "v", "branch_id": "1", "local_on": "2026-03-02"})
    runs = facts.opening_hours(engine)["1"]
    assert [(run.first_weekday, run.last_weekday, run.closes_minute) for run in runs] == [
        (1, 5, 1020),
        (6, 6, 720),
    ]


def test_services_are_split_by_where_and_whether_they_could_move(engine):
    """Counter work that is migratable, counter work that is not, and machines; no reversals."""
    fill(engine, "service", {"service_id": "cash", "name": "現金", "is_migratable": True},
         {"service_id": "loan", "name": "貸款", "is_migratable": False})  # fmt: skip
    done = (("cash", "counter", False), ("cash", "atm", False), ("loan", "counter", False),
            ("cash", "counter", True), ("cash", "mobile", False))  # fmt: skip
    fill(engine, "transaction", *(
        {"transaction_id": i, "branch_id": "1", "service_id": s, "channel": c, "is_reversal": r}
        for i, (s, c, r) in enumerate(done)
    ))  # fmt: skip
    cash, loan = facts.services(engine)["1"]
    assert (cash.name, cash.could_migrate, cash.machine, cash.counter_only) == ("現金", 1, 1, 0)
    assert (loan.could_migrate, loan.machine, loan.counter_only) == (0, 0, 1)


def test_arrivals_are_a_mean_day(engine):
    """Three arrivals at 9:00-9:30 on two days are 1.5 a day; a half-hour between stays, empty."""
    quarters = (("2026-03-02", 36), ("2026-03-02", 37), ("2026-03-03", 36), ("2026-03-03", 40))
    fill(engine, "visit", *(
        {"visit_id": str(i), "branch_id": "1", "local_on": on, "quarter_hour": quarter}
        for i, (on, quarter) in enumerate(quarters)
    ))  # fmt: skip
    waits = [
        {"branch_id": "1", "quarter_hour": 36, "measure": WAIT, "value": 60.0, "count_rows": 3}
    ]
    day = facts.half_hours(engine, waits)["1"]
    assert [(half.minute, half.arrivals) for half in day] == [(540, 1.5), (570, 0.0), (600, 0.5)]
    assert day[0].wait_p90_seconds == 60.0
    assert day[1].wait_p90_seconds is None


def test_examples_of_persons_are_not_shown(engine):
    """Original values of columns that hold personal data stay out of the page."""
    fill(engine, "repair",
         {"repair_id": "1", "table_name": "visit", "column_name": "outcome", "rule": "value",
          "action": "filled", "original": "?", "repaired": "served"},
         {"repair_id": "2", "table_name": "customer", "column_name": "birth_year", "rule": "range",
          "action": "set_null", "original": "1852"})  # fmt: skip
    found = {rule.column: rule.examples for rule in repairs.repairs(engine)}
    assert found == {"outcome": (("?", "served"),), "birth_year": ()}


def test_peers_are_the_quartiles_of_the_compared():
    """Quartiles of four peers with values 1, 2, 3, 4 (type 7): 1.75, 2.5, 3.25."""
    point = PeerComparison(
        branch_id="x", measure=WAIT, value=9.0, reference=2.5, lower_limit=0.0, upper_limit=5.0,
        standard_error=1.0, z=4.0, p_value=0.0, peers=("1", "2", "3", "4"), scope="like",
    )  # fmt: skip
    values = {(str(n), WAIT): Estimate(value=float(n)) for n in range(1, 5)}
    values["x", WAIT] = Estimate(value=9.0, count_rows=50)
    note = MeasureNote(name=WAIT, label=plain("w"), meaning=plain("w"), unit="s", standard=3.0)
    row = comparisons.comparisons("x", values, {WAIT: note}, {("x", WAIT): point}, {})[WAIT]
    assert (row.peers.lower, row.peers.median, row.peers.upper) == (1.75, 2.5, 3.25)
    assert row.standard == 3.0


def test_the_four_goals_are_always_there():
    """A goal with a target of the bank shows it; the others show a measure or nothing."""
    target = {
        "target_id": "T", "goal": "experience", "region_id": None, "branch_id": None,
        "measure": WAIT, "baseline_value": 900.0, "target_value": 600.0, "due_on": None,
        "guard_rail_measure": "queues.abandoned_share", "guard_rail_limit": 0.05,
    }  # fmt: skip
    status = TargetStatus(
        target_id="T", measure=WAIT, branch_id="*", value=700.0, target_value=600.0, light="red",
        guard_rail_kept=True,
    )  # fmt: skip
    values = {("*", WAIT): Estimate(value=700.0)}
    found = comparisons.goals([target], [status], values)
    assert [goal.goal for goal in found] == ["efficiency", "experience", "cost", "growth"]
    assert (found[1].target, found[1].light, found[1].guard_rail.limit) == (600.0, "red", 0.05)
    assert found[3].now.value is None
    assert found[3].target is None


def test_refused_files_are_read_in_chinese():
    """The load report's problem keeps its Chinese words on the page."""
    problem = {
        "code": "BW-SRC-001", "where": "a.zip", "what": "cut off", "try": "send again",
        "translations": {"zh-Hant": {"what": "不完整", "try": "重送"}},
    }  # fmt: skip
    [file] = loads.refused([{"refused": [problem]}, {"refused": [problem]}])
    assert (file.what.en, file.what.zh_hant, file.what.zh_hans) == ("cut off", "不完整", "cut off")
