"""The synthetic bank: same seed same bytes, changes stay where they are, forms of the files."""

import json
import zipfile
from datetime import date
from hashlib import sha256

import pyarrow.parquet as pq
import pytest

from branchwise.sources.demo.generate import generate
from branchwise.sources.demo.network import branches
from branchwise.sources.demo.postings import LAYOUT
from branchwise.sources.demo.settings import DemoSettings, Intervention
from branchwise.sources.demo.truth import read_dirt

SIZE = {"branches": 6, "days": 10, "seed": 3}
WIDTH = sum(width for _, width in LAYOUT)
CHANGED = "00202"


@pytest.fixture(scope="module")
def bank(tmp_path_factory):
    """A small bank."""
    return generate(tmp_path_factory.mktemp("bank"), DemoSettings(**SIZE))


def contents(bank):
    folder = bank.raw.parent
    return {
        str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def lines_of(bank, pattern, encoding):
    return [
        line
        for path in sorted(bank.raw.glob(pattern))
        for line in path.read_bytes().decode(encoding).splitlines()
    ]


def test_the_same_seed_gives_the_same_bytes(bank, tmp_path):
    """Every raw and truth file of a second run is the same to the byte."""
    assert contents(generate(tmp_path, DemoSettings(**SIZE))) == contents(bank)


def test_another_seed_gives_another_bank(bank, tmp_path):
    """No ticket file is the same under another seed."""
    other = contents(generate(tmp_path, DemoSettings(**{**SIZE, "seed": 4})))
    mine = contents(bank)
    tickets = [name for name in mine if name.startswith("raw/叫號/")]
    assert tickets
    assert all(mine[name] != other.get(name) for name in tickets)


@pytest.mark.parametrize("kind", ["devices", "windows", "approver", "repair", "campaign"])
def test_an_intervention_changes_its_branch_only(bank, tmp_path, kind):
    """Rows of other branches are the same to the byte, and the changed branch's differ."""
    change = Intervention(
        kind=kind,
        branch_id=CHANGED,
        starts_on=date(2026, 3, 4),
        amount=2,
        from_minute=540,
        to_minute=720,
    )
    changed = generate(tmp_path, DemoSettings(**SIZE, interventions=(change,)))
    for pattern, encoding, where in (
        ("核心流水/*.txt", "gb18030", lambda line: line[27:32]),
        ("智慧櫃員機/*.jsonl", "utf-8", lambda line: json.loads(line)["網點號"]),
        ("自助監控/*.csv", "gb18030", lambda line: line.split(",")[0][1:6]),
        ("客訴/*.csv", "utf-8-sig", lambda line: line.split(",")[0][6:11]),
    ):
        before, after = (
            [line for line in lines_of(found, pattern, encoding) if where(line) != CHANGED]
            for found in (bank, changed)
        )
        assert before == after
    mine, other = contents(bank), contents(changed)
    assert all(
        mine[name] == other[name]
        for name in mine
        if name.startswith("raw/叫號/") and not name.endswith(".zip")
    )
    assert mine != other


def test_an_intervention_does_nothing_before_its_first_day(bank, tmp_path):
    """Transactions of the days before are the same to the byte, at the changed branch too."""
    change = Intervention(kind="approver", branch_id=CHANGED, starts_on=date(2026, 3, 9))
    changed = generate(tmp_path, DemoSettings(**SIZE, interventions=(change,)))
    for day in ("20260303", "20260306"):
        name = f"核心流水/CORE_{day}.txt"
        assert (bank.raw / name).read_bytes() == (changed.raw / name).read_bytes()


def test_core_rows_have_the_width_of_the_layout(bank):
    """Every row of the fixed-width files is as many bytes long as the columns say, and GBK."""
    for path in bank.raw.glob("核心流水/*.txt"):
        rows = path.read_bytes().split(b"\r\n")
        assert rows.pop() == b""
        assert {len(row) for row in rows} == {WIDTH}
        path.read_bytes().decode("gbk")


def test_files_come_in_the_forms_of_practice(bank):
    """Ticket files are GB18030, sessions JSON-lines, surveys have a byte order mark."""
    header, *rows = lines_of(bank, "叫號/00101/*.csv", "gb18030")
    assert header.startswith("機號,記錄號,網點號,號票,隊列,業務,取號")
    assert len(rows) > 500
    assert all(json.loads(line)["會話"] for line in lines_of(bank, "智慧櫃員機/*.jsonl", "utf-8"))
    assert (bank.raw / "滿意度" / "問卷.csv").read_bytes().startswith("\ufeff".encode())
    assert list(bank.raw.glob("叫號/*.zip"))
    assert list(bank.raw.glob("考勤/*.xlsx"))


def test_one_branch_writes_years_of_the_republic(bank):
    """Its ticket machine dates are seven digits long, and start with 115."""
    branch = next(found for found in branches(DemoSettings(**SIZE)) if found.uses_roc_years)
    rows = lines_of(bank, f"叫號/{branch.branch_id}/*.csv", "gb18030")[1:]
    for path in bank.raw.glob("叫號/*.zip"):
        with zipfile.ZipFile(path) as packed:
            if f"{branch.branch_id}.csv" in packed.namelist():
                content = packed.read(f"{branch.branch_id}.csv").decode("gb18030")
                rows += content.splitlines()[1:]
    moments = [row.split(",")[6] for row in rows]
    assert len(moments) > 100
    assert sum(moment.startswith("1150") for moment in moments) > 0.95 * len(moments)


def test_the_truth_names_every_ill_with_place_and_size(bank):
    """Each ill is at a branch or in a region, with a size and measures that ought to show it."""
    ills = json.loads((bank.truth / "ills.json").read_text(encoding="utf-8"))
    assert {ill["ill"] for ill in ills} >= {"under_equipped", "failing_machines", "low_migration"}
    assert all(ill.get("branch_id") or ill.get("region_id") for ill in ills)
    assert all(ill["size"] is not None and ill["shows_in"] for ill in ills)


def test_the_measures_that_ills_and_targets_name_exist(bank):
    """Neither truth nor targets name a measure that the catalogue does not have."""
    from branchwise.measures.catalogue import catalogue
    from branchwise.sources.demo.reference import TARGETS

    ills = json.loads((bank.truth / "ills.json").read_text(encoding="utf-8"))
    named = {measure for ill in ills for measure in ill["shows_in"]}
    named |= {target[0] for target in TARGETS} | {target[4] for target in TARGETS if target[4]}
    assert named <= set(catalogue())


def test_visits_of_the_truth_are_as_many_as_were_reported(bank):
    """The truth holds every visit once."""
    visits = pq.read_table(bank.truth / "visits.parquet")
    assert visits.num_rows == bank.count_visits


def test_without_dirt_nothing_is_planted(tmp_path):
    """A clean bank has genuine faults of its world only: empty calls are no dirt of files."""
    made = generate(tmp_path, DemoSettings(branches=3, days=3, is_dirty=False))
    kinds = {piece.kind for piece in read_dirt(made.truth / "dirt.parquet")}
    assert kinds <= {"empty_call"}


def test_no_number_is_an_identity_number(bank):
    """No customer number has the form of a mainland identity number or of a bank card."""
    codes = {line.split(",")[0] for line in lines_of(bank, "CRM/*.csv", "utf-8-sig")[1:]}
    assert all(len(code) == 10 and code.startswith("C") for code in codes)
