"""The schedule: what is due when, what failed, how late and how complete a source is."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from branchwise.cli.main import main
from branchwise.core.errors import BranchwiseError
from branchwise.core.languages import LANGUAGES
from branchwise.pipeline import schedule_runs
from branchwise.pipeline.check import check
from branchwise.pipeline.load_scheduled import LOCK, load_scheduled
from branchwise.pipeline.schedule import Entry, read_schedule
from branchwise.pipeline.schedule_runs import RUNS, Run, add_run, is_due, punctuality, read_runs
from branchwise.warehouse.lock import writer_lock
from branchwise.warehouse.workspace import SETTINGS, Bank, Workspace

BANK = Bank(timezone="Asia/Taipei", country="TW")
NOW = datetime(2026, 3, 11, 20, tzinfo=UTC)  # Thursday 12 March, 04:00 in Taipei
DUE = datetime(2026, 3, 11, 18, 30, tzinfo=UTC)  # 02:30 in Taipei
MAPPING = """
[[file]]
name = "tickets"
pattern = "*.csv"
[[table]]
into = "branch"
from = "tickets"
distinct = true
columns = { branch_id = "branch" }
[[table]]
into = "visit"
from = "tickets"
columns = { visit_id = "id", branch_id = "branch", arrived_at = "arrived" }
"""
SCHEDULE = """
[[schedule]]
name = "tickets"
source = "exports"
mapping = "mapping.toml"
at = "02:30"
[[schedule]]
name = "core"
source = "env:CORE_DB_THAT_IS_NOT_SET"
mapping = "database.toml"
at = "03:00"
days = "working"
"""


def entry(**named: object) -> Entry:
    plain = {"name": "q", "source": None, "mapping": None, "adapter": None, "minute": 150}
    return Entry(**{**plain, **named})


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Return a workspace with a schedule of one good and one hopeless source."""
    Workspace.create(tmp_path, BANK)
    settings = tmp_path / SETTINGS
    settings.write_text(settings.read_text(encoding="utf-8") + SCHEDULE, encoding="utf-8")
    (tmp_path / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    (tmp_path / "database.toml").write_text(
        "[[query]]\nname = 'a'\ntable = 'b'\n", encoding="utf-8"
    )
    (tmp_path / "exports").mkdir()
    deliver(tmp_path, "10", range(20))
    return tmp_path


def deliver(workspace: Path, day: str, numbers: range) -> None:
    rows = "".join(f"{n},b{n % 2},2026-03-{day} 09:00\n" for n in numbers)
    path = workspace / "exports" / f"{day}.csv"
    path.write_text("id,branch,arrived\n" + rows, encoding="utf-8")


@settings(deadline=None)
@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)),  # noqa: DTZ001
    st.integers(0, 1439),
    st.sampled_from(["daily", "working", ("mon",), ("sat", "sun")]),
    st.sampled_from(["Asia/Taipei", "Europe/Prague", "America/New_York"]),
)
def test_the_last_due_time_is_the_last(now, minute, days, zone):
    """No later time of the schedule lies between the last due time and now, minute by minute."""
    now = now.replace(tzinfo=UTC)
    bank = Bank(timezone=zone, country="TW")
    one = entry(minute=minute, days=days)
    due = one.last_due(now, bank)
    assert due is not None
    assert due <= now
    assert one.last_due(due, bank) == due
    following = one.last_due(now + timedelta(hours=1), bank)
    assert following == due or now < following <= now + timedelta(hours=1)


def test_working_days_know_the_calendar():
    """Not at a weekend, nor on a public holiday of the bank's country, nor for a long holiday."""
    working = entry(days="working")
    for on, due in (
        ((2026, 3, 14), (2026, 3, 13)),  # a Saturday
        ((2026, 3, 16), (2026, 3, 16)),
        ((2026, 2, 19), (2026, 2, 13)),  # New Year of the lunar calendar
    ):
        now = datetime(*on, 4, tzinfo=UTC)
        expected = datetime(*due, 2, 30, tzinfo=UTC)
        assert working.last_due(now, Bank(timezone="UTC", country="TW")) == expected


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('at = "2:30"', "at"),
        ('at = "24:00"', "at"),
        ("", "at"),
        ('at = "02:30"\ndays = "weekdays"', "days"),
        ('at = "02:30"\ndays = []', "days"),
        ('at = "02:30"\ndays = ["mon", "Tuesday"]', "days"),
        ('at = "02:30"\nday = "daily"', "day"),
        ('at = "02:30"\nlate_after_minutes = 0', "late_after_minutes"),
        ('at = "02:30"\nexpected_rows = true', "expected_rows"),
        ('at = "02:30"\nsource = ""', "source"),
    ],
)
def test_a_schedule_that_cannot_be_kept_is_refused(tmp_path, line, key):
    """Each mistake is named with its entry, and nothing is loaded."""
    opened = Workspace.create(tmp_path, BANK)
    settings = tmp_path / SETTINGS
    text = settings.read_text(encoding="utf-8")
    source = "" if "source" in line else 'source = "exports"\n'
    settings.write_text(f'{text}[[schedule]]\nname = "q"\n{source}{line}\n', encoding="utf-8")
    with pytest.raises(BranchwiseError) as refused:
        read_schedule(opened)
    assert [(bad.code, bad.values["key"]) for bad in refused.value.problems] == [
        ("BW-SRC-098", key)
    ]


@pytest.mark.parametrize(
    "text", ["schedule = 1", "[[schedule]]", '[[schedule]]\nname = "q"\nat = "02:30"', "SAME"]
)
def test_entries_need_a_name_of_their_own_and_a_source(tmp_path, text):
    """No entries, no name, nothing to load, one name twice."""
    opened = Workspace.create(tmp_path, BANK)
    settings = tmp_path / SETTINGS
    same = '[[schedule]]\nname = "q"\nat = "02:30"\nsource = "a"\n' * 2
    before = settings.read_text(encoding="utf-8")
    given = text.replace("SAME", same)
    joined = f"{given}\n{before}" if given.startswith("schedule") else f"{before}\n{given}"
    settings.write_text(joined, encoding="utf-8")
    with pytest.raises(BranchwiseError, match="BW-SRC-098"):
        read_schedule(opened)


def test_one_fails_and_the_other_is_loaded(workspace):
    """What fails is told and tried again by the next call; what was loaded is not due again."""
    first = load_scheduled(workspace, clock=lambda: NOW)
    assert [name for name, _ in first.loads] == ["tickets"]
    assert [(name, bad[0].code) for name, bad in first.failed] == [("core", "BW-SRC-060")]
    states = {one.name: (one.state, one.late_minutes) for one in first.scheduled}
    assert states == {"tickets": ("on_time", None), "core": ("failed", None)}
    second = load_scheduled(workspace, clock=lambda: NOW + timedelta(minutes=15))
    assert second.not_due == ("tickets",)
    assert [name for name, _ in second.failed] == ["core"]
    third = load_scheduled(workspace, at_once=True, clock=lambda: NOW + timedelta(minutes=30))
    assert [name for name, _ in third.loads] == ["tickets"]
    assert len(read_runs(workspace / "feeds")) == 5


def test_lateness_is_from_due_to_loaded(workspace):
    """The next night's load ends 4 h 10 min after its time: late by 250 minutes, more than 60."""
    load_scheduled(workspace, clock=lambda: NOW)
    deliver(workspace, "12", range(100, 140))
    late = DUE + timedelta(days=1, minutes=250)
    done = load_scheduled(workspace, clock=lambda: late)
    tickets = done.scheduled[0]
    assert (tickets.state, tickets.late_minutes, tickets.count_new) == ("late", 250.0, 40)
    assert tickets.due_at.isoformat() == "2026-03-13T02:30:00+08:00"


def test_a_source_that_was_not_loaded_is_late_until_now(workspace):
    """Nothing ran for a night: late by the time since it was due, though the last load was good."""
    load_scheduled(workspace, clock=lambda: NOW)
    runs = read_runs(workspace / "feeds")
    found = punctuality(entry(name="tickets"), runs, DUE + timedelta(days=1, hours=3), BANK)
    assert (found.state, found.late_minutes) == ("late", 180.0)


def test_completeness_against_the_usual(tmp_path):
    """Rows against the median of the loads before, the first left out; or against what is said."""
    for day, count in enumerate((9000, 100, 110, 90, 100, 30)):
        at = DUE + timedelta(days=day, minutes=5)
        due = DUE + timedelta(days=day)
        add_run(tmp_path, Run(name="q", due_at=due, ended_at=at, count_new=count))
    runs, now = read_runs(tmp_path), DUE + timedelta(days=5, hours=1)
    found = punctuality(entry(), runs, now, BANK)
    assert (found.usual_rows, found.completeness, found.state) == (100.0, 0.3, "few_rows")
    said = punctuality(entry(expected_rows=40), runs, now, BANK)
    assert (said.completeness, said.state) == (0.75, "on_time")
    young = punctuality(entry(), runs[:3], DUE + timedelta(days=2, hours=1), BANK)
    assert (young.usual_rows, young.state) == (None, "on_time")


def test_a_refused_part_is_told(workspace):
    """A file that cannot be read leaves the source loaded in part, with the code."""
    (workspace / "exports" / "broken.csv").write_bytes(b"")
    done = load_scheduled(workspace, clock=lambda: NOW)
    assert (done.scheduled[0].state, done.scheduled[0].codes) == ("in_part", ("BW-SRC-017",))


def test_only_the_last_runs_are_kept(tmp_path, monkeypatch):
    """The record of one source does not grow without end, and costs no other source's."""
    monkeypatch.setattr(schedule_runs, "KEPT_RUNS", 4)
    add_run(tmp_path, Run(name="other", due_at=None, ended_at=DUE))
    for minute in range(7):
        add_run(tmp_path, Run(name="q", due_at=DUE, ended_at=DUE + timedelta(minutes=minute)))
    runs = read_runs(tmp_path)
    assert [run.name for run in runs].count("q") == 4
    assert runs[0].name == "other"
    assert runs[-1].ended_at == DUE + timedelta(minutes=6)


def test_a_load_before_its_time_does_not_stand_for_it():
    """A source that was loaded by hand at midnight is still due at half past two."""
    early = Run(name="q", due_at=None, ended_at=DUE - timedelta(hours=2))
    assert is_due(entry(), [early], NOW, BANK)
    assert not is_due(entry(), [Run(name="q", due_at=DUE, ended_at=DUE)], NOW, BANK)
    assert is_due(entry(), [Run(name="q", due_at=DUE, ended_at=DUE, codes=("X",))], NOW, BANK)


def test_check_shows_the_schedule(workspace):
    """`check` has the sources in its table, in three languages, and in its JSON."""
    load_scheduled(workspace, clock=lambda: NOW)
    report = check(workspace)
    assert [one["name"] for one in report.as_json()["scheduled"]] == ["tickets", "core"]
    for language in LANGUAGES:
        last = report.as_tables(language)[-1]
        assert [row[0] for row in last.rows] == ["tickets", "core"]
        assert "BW-SRC-060" in last.rows[1]


def test_the_command_ends_with_3_where_a_source_failed(workspace, capfd):
    """For cron: exit code, reasons and states in one JSON document."""
    assert main(["load", "--scheduled", "--workspace", str(workspace), "--json"]) == 3
    result = json.loads(capfd.readouterr().out)["result"]
    assert [one["name"] for one in result["failed"]] == ["core"]
    assert result["loads"][0]["name"] == "tickets"
    assert main(["load", "--scheduled", "--workspace", str(workspace)]) == 3
    assert "core: BW-SRC-060" in capfd.readouterr().err


def test_without_a_schedule_it_is_said(tmp_path, capfd):
    """An empty schedule is a mistake of the call, not a quiet night."""
    Workspace.create(tmp_path, BANK)
    assert main(["load", "--scheduled", "--workspace", str(tmp_path)]) == 2
    assert "BW-SRC-099" in capfd.readouterr().err


def test_two_calls_at_one_time_do_not_load_twice(workspace):
    """While one call is at work the next one says so and ends."""
    (workspace / "feeds").mkdir()
    with (
        (workspace / "feeds" / LOCK).open("a+", encoding="utf-8") as file,
        writer_lock(file),
        pytest.raises(BranchwiseError, match="BW-WHS-006"),
    ):
        load_scheduled(workspace, clock=lambda: NOW)
    assert load_scheduled(workspace, clock=lambda: NOW).loads


def test_a_damaged_record_is_said(workspace):
    """A record that cannot be read stops the call rather than loading everything anew."""
    (workspace / "feeds").mkdir()
    (workspace / "feeds" / RUNS).write_text("[{", encoding="utf-8")
    with pytest.raises(BranchwiseError, match="BW-SRC-057"):
        load_scheduled(workspace, clock=lambda: NOW)
