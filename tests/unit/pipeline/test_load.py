"""Loading a small bank: counts, repairs, effects, gaps, and the second time nothing."""

import csv
import json
import statistics
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from tests.unit.warehouse.rows import everything, read

from branchwise.cleaning.rules import rule_texts
from branchwise.core.errors import BranchwiseError
from branchwise.core.languages import LANGUAGES
from branchwise.pipeline.load import HEADLINE, load
from branchwise.pipeline.load_report import LoadReport
from branchwise.warehouse.store import Warehouse

FIRST = date(2026, 3, 2)  # a Monday
MAPPING = """
[source]
timezone = "Asia/Taipei"

[[file]]
name = "branches"
pattern = "branches.csv"
data_source_id = "reference"
system = "reference"

[[table]]
into = "branch"
from = "branches"
[table.columns]
branch_id = "code"
name = "title"

[[file]]
name = "tickets"
pattern = "tickets*.csv"
data_source_id = "queue"
system = "queue_machine"

[[table]]
into = "visit"
from = "tickets"
[table.columns]
visit_id = "id"
branch_id = "branch"
arrived_at = "arrived"
called_at = "called"
left_at = "gone"
service_seconds = "served"
outcome = "outcome"
"""
COMPLAINTS = """
[[file]]
name = "complaints"
pattern = "complaints.csv"
[[table]]
into = "complaint"
from = "complaints"
[table.columns]
complaint_id = "id"
branch_id = "branch"
received_at = "at"
"""
Row = dict[str, object]


def ticket(number: int, *, day: int = 0, branch: str = "001", **other: object) -> Row:
    """Return one ticket of a day; each waits a minute more than the one before."""
    at = datetime.combine(FIRST + timedelta(days=day), datetime.min.time()) + timedelta(
        hours=9, minutes=number
    )
    called = at + timedelta(minutes=number % 30)
    row = {
        "id": f"{branch}-{day}-{number}",
        "branch": branch,
        "arrived": at,
        "called": called,
        "gone": called + timedelta(seconds=100 + number),
        "served": 100 + number,
        "outcome": "served",
    }
    return {**row, **other}


def tickets(days: int = 1, per_day: int = 40, branch: str = "001") -> list[Row]:
    """Return sound tickets of some days."""
    return [
        ticket(number, day=day, branch=branch) for day in range(days) for number in range(per_day)
    ]


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    """Return a delivery with branches, no tickets yet, and its mapping beside it."""
    folder = tmp_path / "delivery"
    folder.mkdir()
    write(folder / "branches.csv", [{"code": f"00{n}", "title": f"Branch {n}"} for n in (1, 2)])
    (tmp_path / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    return folder


def write(path: Path, rows: list[Row]) -> None:
    """Write rows as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def load_tickets(folder: Path, rows: list[Row], name: str = "tickets.csv") -> LoadReport:
    """Write tickets into the delivery and load it."""
    write(folder / name, rows)
    return reload(folder)


def reload(folder: Path) -> LoadReport:
    """Load the delivery."""
    mapping = folder.parent / "mapping.toml"
    return load(workspace(folder), folder, adapter="files", mapping=mapping)


def workspace(folder: Path) -> Path:
    """Return the workspace of a delivery."""
    return folder.parent / "workspace"


def stored(folder: Path, table: str, *columns: str) -> list[tuple]:
    """Read some columns of a table of the workspace."""
    return read(workspace(folder) / "warehouse", table, *columns)


def counts(report: LoadReport, table: str) -> tuple[int, ...]:
    """Return (in, added, replaced, unchanged, removed, quarantined) of a table."""
    [row] = [row for row in report.tables if row.table == table]
    return (
        row.count_in,
        row.added,
        row.replaced,
        row.unchanged,
        row.removed,
        row.quarantined,
    )


def effects(report: LoadReport, rule: str) -> dict[str, tuple[float | None, float | None]]:
    """Return the measures with and without a rule."""
    return {
        effect.measure: (effect.value, effect.without)
        for effect in report.effects
        if effect.rule == rule
    }


def test_sound_files_are_stored_as_given(bank: Path) -> None:
    """Every row of sound files is there, at its instant, with its source and load."""
    report = load_tickets(bank, tickets(days=2))
    assert counts(report, "visit") == (80, 80, 0, 0, 0, 0)
    assert counts(report, "branch") == (2, 2, 0, 0, 0, 0)
    rows = stored(bank, "visit", "visit_id", "arrived_at", "service_seconds", "local_on")
    assert len(rows) == 80
    assert rows[0][0] == "001-0-0"
    assert rows[0][1].isoformat() == "2026-03-02T01:00:00+00:00"
    assert rows[0][2:] == (100.0, FIRST)
    assert set(stored(bank, "visit", "data_source_id", "load_id")) == {("queue", report.load_id)}
    assert stored(bank, "data_source", "data_source_id", "system", "last_load_id") == [
        ("queue", "queue_machine", report.load_id),
        ("reference", "reference", report.load_id),
    ]
    assert report.effects == ()


def test_second_load_changes_nothing(bank: Path) -> None:
    """The same files again: same snapshot, no row, no repair, and every byte as it was."""
    dirty = [*tickets(), ticket(0), ticket(50, served=-5), ticket(51, branch="777")]
    first = load_tickets(bank, dirty)
    before = everything(workspace(bank))
    second = reload(bank)
    assert first.is_changed
    assert not second.is_changed
    assert second.snapshot_id == first.snapshot_id
    assert counts(second, "visit")[1:3] == (0, 0)
    assert everything(workspace(bank)) == before


def test_every_row_is_accounted_for(bank: Path) -> None:
    """Rows in = added + replaced + unchanged + removed + quarantined, table by table."""
    load_tickets(bank, tickets())
    rows = [*tickets(), *tickets(per_day=3), ticket(3, served=7), ticket(99, branch="777")]
    report = load_tickets(bank, rows)
    for table in report.tables:
        assert table.count_in == (
            table.added + table.replaced + table.unchanged + table.removed + table.quarantined
        )
    assert counts(report, "visit") == (45, 0, 1, 39, 4, 1)


def test_corrected_file_replaces_and_keeps_the_old_row(bank: Path) -> None:
    """A corrected delivery wins; the older row is in repair and said to be replaced."""
    load_tickets(bank, tickets())
    report = load_tickets(bank, [*tickets()[:-1], ticket(39, served=120)])
    assert counts(report, "visit") == (40, 0, 1, 39, 0, 0)
    assert ("001-0-39", 120.0) in stored(bank, "visit", "visit_id", "service_seconds")
    [(key, original)] = stored(bank, "repair", "row_key", "original")
    assert key == "001-0-39"
    assert json.loads(original)["service_seconds"] == 139.0


def test_second_delivery_adds(bank: Path) -> None:
    """Another day's file is added; the first day stays; sources name the later load."""
    first = load_tickets(bank, tickets())
    second = load_tickets(bank, [ticket(n, day=1) for n in range(5)], "tickets2.csv")
    assert counts(second, "visit") == (45, 5, 0, 40, 0, 0)
    assert {load_id for (load_id,) in stored(bank, "visit", "load_id")} == {
        first.load_id,
        second.load_id,
    }
    assert stored(bank, "data_source", "last_load_id")[0] == (second.load_id,)
    assert stored(bank, "repair", "rule") == []


def test_effect_of_a_rule_on_the_mean_service_time(bank: Path) -> None:
    """A value out of range is emptied; put back, the mean is that of all values as given."""
    sound = tickets()
    report = load_tickets(bank, [*sound, ticket(40, served=50_000)])
    served = [float(str(row["served"])) for row in sound]
    with_all, without = effects(report, "range")["queues.service_mean_seconds"]
    assert with_all == pytest.approx(statistics.mean(served))
    assert without == pytest.approx(statistics.mean([*served, 50_000.0]))
    assert effects(report, "range")["queues.visits"] == (41, 41)
    [rule] = [rule for rule in report.rules if rule.rule == "range"]
    assert (rule.table, rule.column, rule.count) == ("visit", "service_seconds", 1)
    assert rule.examples[0].row_key == "001-0-40"


def test_effect_of_duplicates_on_the_number_of_visits(bank: Path) -> None:
    """Without the rule against duplicates the repeated tickets count again."""
    report = load_tickets(bank, [*tickets(), *tickets(per_day=7)])
    assert effects(report, "duplicate_exact")["queues.visits"] == (40, 47)
    assert counts(report, "visit") == (47, 40, 0, 0, 7, 0)


def test_effect_of_quarantine_on_the_abandoned_share(bank: Path) -> None:
    """Without the rule of references the tickets of an unknown branch count as well."""
    unknown = [ticket(n, branch="777", outcome="unserved", served="") for n in range(10)]
    report = load_tickets(bank, [*tickets(), *unknown])
    assert counts(report, "visit")[5] == 10
    with_all, without = effects(report, "reference")["queues.abandoned_share"]
    assert with_all == pytest.approx(0.0)
    assert without == pytest.approx(10 / 50)


def test_every_rule_that_touched_visits_shows_every_headline_measure(bank: Path) -> None:
    """Each rule of visits has all headline measures, each with the same value with all rules."""
    rows = [*tickets(), ticket(0), ticket(41, served=-3), ticket(42, branch="777")]
    report = load_tickets(bank, rows)
    touching = [rule for rule in report.rules if rule.action != "skipped"]
    rules = {rule.rule for rule in touching if rule.table == "visit"}
    assert {(effect.rule, effect.measure) for effect in report.effects} == {
        (rule, measure) for rule in rules for measure in HEADLINE
    }
    for measure in HEADLINE:
        assert len({e.value for e in report.effects if e.measure == measure}) == 1


def test_gaps_by_branch_and_source(bank: Path) -> None:
    """A branch that lacks a usual working day is said to miss it; a weekend is not missing."""
    days = [day for day in range(26) if day % 7 < 5]
    rows = [ticket(n, day=day) for day in days if day != 9 for n in range(3)]
    rows += [ticket(n, day=day, branch="002", gone="") for day in days for n in range(2)]
    report = load_tickets(bank, rows)
    one, two = (row for row in report.coverage if row.table == "visit")
    assert (one.branch_id, one.count_days, one.count_missing) == ("001", len(days) - 1, 1)
    assert one.missing_on == (FIRST + timedelta(days=9),)
    assert one.share_endless == 0
    assert (two.branch_id, two.count_days, two.count_missing) == ("002", len(days), 0)
    assert two.share_endless == 1
    assert two.last_on == FIRST + timedelta(days=days[-1])


def test_complaints_without_a_branch_are_loaded_and_told(bank: Path) -> None:
    """Complaints lack their branch more often than not: the load reports them all the same."""
    mapping = bank.parent / "mapping.toml"
    mapping.write_text(mapping.read_text(encoding="utf-8") + COMPLAINTS, encoding="utf-8")
    at = "2026-03-02 10:00"
    rows = [{"id": f"T{n}", "branch": code, "at": at} for n, code in enumerate(("", "001", "002"))]
    write(bank / "complaints.csv", rows)
    report = load_tickets(bank, tickets())
    assert counts(report, "complaint")[:2] == (3, 3)
    found = [row.branch_id for row in report.coverage if row.table == "complaint"]
    assert found == ["001", "002"]
    for language in LANGUAGES:
        assert report.as_tables(language)


def test_report_is_kept_with_the_snapshot(bank: Path) -> None:
    """The JSON beside the snapshot is the JSON that the command prints."""
    report = load_tickets(bank, [*tickets(), ticket(40, served=-1)])
    warehouse = Warehouse(workspace(bank) / "warehouse")
    kept = json.loads((warehouse.loads / f"{report.load_id}.json").read_text(encoding="utf-8"))
    assert kept == json.loads(json.dumps(report.as_json()))
    assert kept["snapshot_id"] == warehouse.snapshot().snapshot_id


@pytest.mark.parametrize("language", LANGUAGES)
def test_tables_for_people(bank: Path, language: str) -> None:
    """People get rows, rules, effects and gaps, each row as wide as its headings."""
    report = load_tickets(bank, [*tickets(), ticket(40, served=50_000)])
    tables = report.as_tables(language)
    assert len(tables) == 4
    assert rule_texts()["range"].name.read_in(language) in {row[0] for row in tables[1].rows}
    for table in tables:
        assert table.rows
        assert {len(row) for row in table.rows} == {len(table.columns)}


def test_codes_that_became_the_default_are_warned_of(bank: Path) -> None:
    """An outcome of no list counts as served, so people are told first, with code and number."""
    assert load_tickets(bank, tickets()).warnings == ()
    odd = [ticket(number, day=1, outcome="7") for number in range(3)]
    report = load_tickets(bank, odd, "tickets2.csv")
    [said] = report.warnings
    for language in LANGUAGES:
        assert "7 → served" in said.read_in(language)
        assert "3" in said.read_in(language)
    assert "到訪 · 結果" in said.zh_hant


def test_reasons_of_quarantine_are_read_in_the_language_of_the_reader(bank: Path) -> None:
    """What stands in quarantine in English is said in Chinese to those who read Chinese."""
    report = load_tickets(bank, [*tickets(), ticket(41, branch="777"), ticket(42, arrived="")])
    rows = report.as_tables("zh-Hant")[1].rows
    assert {"缺少到達時間", "網點號在「網點」表中查無記錄"} <= {row[-1] for row in rows}


def test_file_that_cannot_be_read_is_named_and_the_rest_loaded(bank: Path) -> None:
    """A broken file is refused with its reason; the sound ones are in the snapshot."""
    write(bank / "tickets.csv", tickets())
    (bank / "tickets-broken.csv").write_bytes(b"id,branch\n")
    report = reload(bank)
    assert counts(report, "visit")[0] == 40
    assert any("tickets-broken.csv" in str(problem.where) for problem in report.refused)
    assert len(report.warnings) >= 1


def test_many_like_remarks_are_told_briefly(bank: Path) -> None:
    """Of forty files with a title row three are told in full and the others counted and named."""
    for number in range(40):
        write(bank / f"tickets{number}.csv", tickets()[:2])
        told = (bank / f"tickets{number}.csv").read_text(encoding="utf-8")
        (bank / f"tickets{number}.csv").write_text(f"Queue log {number}\n{told}", encoding="utf-8")
    report = reload(bank)
    titled = [text for text in report.warnings if "BW-SRC-032" in text.en]
    assert len(report.notes) >= 40
    assert len(titled) == 4
    for language in LANGUAGES:
        assert "37" in titled[-1].read_in(language)
        assert titled[-1].read_in(language).count("tickets") == 5


def test_report_shows_nothing_of_persons(bank: Path) -> None:
    """Free text of a repeated complaint and a birth year stay in the store, out of the report."""
    mapping = bank.parent / "mapping.toml"
    described = (
        mapping.read_text(encoding="utf-8")
        + """
[[file]]
name = "complaints"
pattern = "complaints.csv"
[[table]]
into = "complaint"
from = "complaints"
[table.columns]
complaint_id = "id"
branch_id = "branch"
received_at = "at"
content = "text"
[[table]]
into = "customer"
from = "complaints"
[table.columns]
customer_id = "id"
birth_year = "born"
"""
    )
    mapping.write_text(described, encoding="utf-8")
    row = {"id": "T1", "branch": "001", "at": "2026-03-02 10:00", "text": "ID A198765432"}
    write(bank / "complaints.csv", [{**row, "born": "3024"}] * 2)
    report = load_tickets(bank, tickets()[:3])
    told = json.dumps(report.as_json(), ensure_ascii=False)
    assert "A198765432" not in told
    assert "3024" not in told
    shown = [
        table for table in report.as_tables("en") if any("T1" in str(row) for row in table.rows)
    ]
    assert shown


def test_nothing_readable_is_an_error(bank: Path) -> None:
    """Where no file can be loaded the command fails, names the files and stores nothing."""
    (bank / "branches.csv").unlink()
    (bank / "tickets.csv").write_bytes(b"id,branch\n")
    with pytest.raises(BranchwiseError, match=r"tickets\.csv") as raised:
        reload(bank)
    assert raised.value.exit_code in (2, 3)
    assert Warehouse(workspace(bank) / "warehouse").snapshot().number == 0


def test_lost_key_is_not_made_anew(bank: Path) -> None:
    """With rows stored, a missing key of the pseudonyms stops the load."""
    load_tickets(bank, tickets())
    before = everything(workspace(bank) / "warehouse")
    (workspace(bank) / "pseudonym.key").unlink()
    with pytest.raises(BranchwiseError, match="BW-PRV-003"):
        reload(bank)
    assert everything(workspace(bank) / "warehouse") == before
