"""Drafts of a mapping: exports are recognised and load unchanged; bad files are named."""

import csv
import io
import json
import os
import tomllib
import zipfile

import pytest
import xlsxwriter
from benchmarks.quality.vendors import VENDORS, write_vendor
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.warehouse.rows import reading

from branchwise.core.errors import BranchwiseError
from branchwise.core.languages import LANGUAGES
from branchwise.pipeline.guess import checked, guess
from branchwise.pipeline.load import load
from branchwise.sources.guess.code_words import meaning
from branchwise.sources.guess.masks import masked
from branchwise.sources.guess.names import Names, likeness
from branchwise.sources.guess.patterns import pattern_of
from branchwise.sources.guess.profiles import fit, profile

LINE = "00322,A003,20260310 09:07:11,09:23:40,09:31:00,已辦"
BY_NAME = {vendor.name: vendor for vendor in VENDORS}
HEADINGS = "網點號,號票,取號,叫號,結束,狀態"
ROWS = (
    "00317,A001,20260310 09:02:11,09:21:40,09:30:00,已辦\n"
    "00322,A002,20260310 09:05:11,09:22:40,,過號\n"
)


def codes_of(found):
    return [note.code for note in found]


@pytest.mark.parametrize("name", ["traditional", "taiwan"])
def test_drafts_of_vendors_load_as_they_are(name, tmp_path):
    """Seven systems of a vendor load with the unedited draft: every row, and the very instants."""
    folder = tmp_path / "exports"
    exports = write_vendor(BY_NAME[name], folder)
    report = guess(folder, output=tmp_path / "mapping.toml")
    checked(report.draft, tmp_path)
    assert not report.draft.notes
    loaded = load(tmp_path / "bank", folder, mapping=tmp_path / "mapping.toml")
    rows = {table.table: (table.count_in, table.quarantined) for table in loaded.tables}
    assert rows == {
        "branch": (4, 0), "device": (24, 0), "staff_member": (20, 0), "customer": (200, 0),
        "complaint": (60, 0), "device_event": (150, 0), "shift": (120, 0),
        "transaction": (720, 0), "visit": (840, 0), "visit_step": (840, 0),
    }  # fmt: skip
    with reading(tmp_path / "bank" / "warehouse", "visit", "shift", "transaction") as engine:
        (first,) = engine.table(
            "SELECT epoch(arrived_at) AS at, outcome FROM visit WHERE origin = 'ticket' "
            "AND branch_id = '00317' ORDER BY arrived_at LIMIT 1"
        ).to_pylist()
        (shift,) = engine.table(
            "SELECT count(*) AS rows, count(DISTINCT branch_id) AS branches, "
            "min(epoch(starts_at)) % 86400 AS start FROM shift"
        ).to_pylist()
        (total,) = engine.table("SELECT sum(amount_minor) AS total FROM transaction")["total"]
    vendor = BY_NAME[name]
    heading = vendor.headings["core"]["amount"]
    per_unit = 1 if "分" in heading else 100
    amounts = [
        float(row[heading]) * per_unit
        for export in exports
        if export.system == "core"
        for row in csv.DictReader(
            io.StringIO((folder / export.path).read_text(encoding=vendor.encoding))
        )
    ]
    assert total.as_py() == round(sum(amounts)) > 0
    assert first["at"] == 1773018744  # 2026-03-09 09:12:24 in Shanghai and Taipei, by `date -d`
    assert first["outcome"] == "served"
    assert (shift["rows"], shift["branches"]) == (120, 4)
    assert 0 <= shift["start"] < 1800  # the first comes between 8:00 and 8:30, UTC+8


def test_personal_values_are_masked(tmp_path):
    """No customer number or free text of the files stands in the report or in the mapping."""
    folder = tmp_path / "exports"
    write_vendor(BY_NAME["traditional"], folder)
    report = guess(folder, output=tmp_path / "mapping.toml")
    shown = str(report.as_json()) + str([report.as_tables(language) for language in LANGUAGES])
    shown += (tmp_path / "mapping.toml").read_text(encoding="utf-8")
    assert "C7000" not in shown
    assert "等太久" not in shown
    assert "6222****" not in shown
    assert "031704" not in shown
    assert masked("C7000 王") == "x9999 某"


def test_keys_made_of_several_columns_mask_persons(tmp_path):
    """A shift's key shows no staff number in clear, and names only the columns that it reads."""
    rows = "".join(
        f"E{100 + number},00101,2026-03-{9 + number % 5:02d},08:3{number % 10}:00,17:25:00\n"
        for number in range(30)
    )
    (tmp_path / "attendance.csv").write_text(
        f"員工編號,分行,日期,上班,下班\n{rows}", encoding="utf-8"
    )
    report = guess(tmp_path)
    columns = {
        (table.into, column.name): column
        for table in report.draft.tables
        for column in table.columns
    }
    key = columns["shift", "shift_id"]
    assert key.expression == "concat_ws('-', 員工編號, 日期)"
    assert key.headings == ("員工編號", "日期")
    assert key.sample == "x999 2026-03-09"
    assert columns["shift", "starts_at"].headings == ("上班", "日期")
    shown = str(report.as_json()) + str([report.as_tables(language) for language in LANGUAGES])
    assert not [number for number in range(30) if f"E{100 + number}" in shown]


def test_remarks_are_in_the_language_of_the_reader(tmp_path):
    """What is to be checked is told in the reader's language; the mapping keeps English."""
    rows = "".join(f"{line},{'159'[at]}\n" for at, line in enumerate([*ROWS.splitlines(), LINE]))
    (tmp_path / "t.csv").write_text(f"{HEADINGS},評價\n{rows}", encoding="utf-8")
    report = guess(tmp_path)
    said = {
        language: {row[-1] for table in report.as_tables(language) for row in table.rows}
        for language in LANGUAGES
    }
    assert "9 is taken as not rated" in said["en"]
    assert "9 視為未評價" in said["zh-Hant"]
    assert "9 视为未评价" in said["zh-Hans"]
    assert ": 9 is taken as not rated" in report.as_json()["mapping"]


def test_an_english_log_of_devices_is_one(tmp_path):
    """Events of machines under English names are no transactions; their words are known."""
    words = ("online", "hardwareError", "offline", "cashOut", "paperLow")
    rows = [
        {
            "deviceId": f"ATM{number % 7:03d}", "branch": f"{101 + number % 3:05d}",
            "ts": f"2026-03-{9 + number // 20:02d}T{8 + number % 10:02d}:17:00+08:00",
            "event": words[number % 5], "code": ("E205", "", "E101")[number % 3],
            "severity": ("error", "warn", "info")[number % 3],
        }
        for number in range(100)
    ]  # fmt: skip
    (tmp_path / "log.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    report = guess(tmp_path, output=tmp_path / "out" / "m.toml")
    (file,) = report.draft.files
    assert file.title.en == "Device monitor"
    (events,) = (table for table in report.draft.tables if table.into == "device_event")
    headings = {column.name: column.headings for column in events.columns}
    assert headings["device_id"] == ("deviceId",)
    assert headings["branch_id"] == ("branch",)
    assert headings["started_at"] == ("ts",)
    assert "event" in headings["state"]
    assert report.draft.codes["device_state"] == {
        "online": "online", "hardwareError": "hardwareError", "offline": "offline",
        "cashOut": "offline", "paperLow": "online",
    }  # fmt: skip
    checked(report.draft, tmp_path / "out")


def test_nothing_is_stored_and_nothing_overwritten(tmp_path):
    """Without an output nothing is written; an output that exists is refused."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "tickets.csv").write_text(f"{HEADINGS}\n{ROWS}", encoding="utf-8")
    report = guess(tmp_path / "in")
    assert report.written == ()
    assert {path.name for path in tmp_path.rglob("*")} == {"in", "tickets.csv"}
    (tmp_path / "m.toml").write_text("mine")
    with pytest.raises(BranchwiseError) as refused:
        guess(tmp_path / "in", output=tmp_path / "m.toml")
    assert codes_of(refused.value.problems) == ["BW-SRC-100"]
    assert (tmp_path / "m.toml").read_text() == "mine"


def encrypted_workbook():
    """Return the head of an OLE container, which is what a workbook with a password is."""
    return bytes.fromhex("d0cf11e0a1b11ae1") + bytes(3000)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("empty.csv", b"", "BW-SRC-017"),
        ("headings.csv", HEADINGS.encode(), "BW-SRC-104"),
        (
            "wide.csv",
            (",".join(f"x{n}" for n in range(10_000)) + "\n" + "," * 9999).encode(),
            "BW-SRC-103",
        ),
        ("strange.csv", b"foo,bar\nlorem,ipsum\ndolor,sit\n", "BW-SRC-102"),
        ("locked.xlsx", encrypted_workbook(), "BW-SRC-022"),
        ("broken.parquet", b"PAR1 no parquet at all PAR1", "BW-SRC-022"),
        ("rubbish.bin", bytes(range(256)) * 40, "BW-SRC-016"),
        ("list.json", b"[1, 2, 3]", "BW-SRC-104"),
    ],
)
def test_bad_files_are_named_and_the_rest_is_drafted(name, content, code, tmp_path):
    """A file of which nothing can be made is told with its reason; alone it is an error."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BranchwiseError) as refused:
        guess(tmp_path)
    assert codes_of(refused.value.problems) == ["BW-SRC-101", code]
    (tmp_path / "tickets.csv").write_text(f"{HEADINGS}\n{ROWS}", encoding="gb18030")
    report = guess(tmp_path)
    assert [file.name for file in report.draft.files] == ["tickets"]
    assert codes_of(report.draft.notes) == [code]


def test_nothing_at_the_path_is_an_error(tmp_path):
    """A path that does not exist, and a folder without files."""
    with pytest.raises(BranchwiseError) as refused:
        guess(tmp_path / "nowhere")
    assert codes_of(refused.value.problems) == ["BW-SRC-002"]
    with pytest.raises(BranchwiseError) as refused:
        guess(tmp_path)
    (found,) = refused.value.problems
    assert found.code == "BW-SRC-109"
    assert "is empty" in found.read_in("en")
    assert "see below" not in found.read_in("en").lower()


def test_headings_that_stand_twice_are_left_out(tmp_path):
    """The column is named, and the rest is drafted."""
    rows = "".join(f"{line},x\n" for line in ROWS.splitlines())
    (tmp_path / "t.csv").write_text(f"{HEADINGS},狀態\n{rows}", encoding="utf-8")
    report = guess(tmp_path)
    assert codes_of(report.draft.notes) == ["BW-SRC-105"]
    columns = {column.name for table in report.draft.tables for column in table.columns}
    assert "arrived_at" in columns
    assert all("狀態" not in column.headings for t in report.draft.tables for column in t.columns)


def test_two_kinds_of_files_of_one_table_are_told(tmp_path):
    """Two lists of branches with other columns are both drafted, with a warning."""
    (tmp_path / "a.csv").write_text("網點號,網點名稱\n00317,甲\n00322,乙\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text(
        "机构编号,机构名称,地址\n00317,甲,路\n00322,丙,街\n", encoding="utf-8"
    )
    report = guess(tmp_path)
    assert [table.into for table in report.draft.tables] == ["branch", "branch"]
    assert codes_of(report.draft.notes) == ["BW-SRC-106"]


def test_digit_codes_are_told_by_the_times_of_their_rows(tmp_path):
    """1 has an end, 2 only a call, 3 neither: served, no show, walked out."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADINGS.split(","))
    for number in range(30):
        code = "123"[number % 3]
        at = f"09:{number:02d}:00"
        called, ended = (at if code != "3" else ""), (at if code == "1" else "")
        writer.writerow(("00317", f"A{number:03d}", f"20260310 {at}", called, ended, code))
    (tmp_path / "t.csv").write_text(text.getvalue(), encoding="utf-8")
    codes = guess(tmp_path).draft.codes
    assert codes["outcome"] == {"1": "served", "2": "unserved", "3": "unserved"}
    assert codes["unserved_cause"] == {"2": "no_show", "3": "walked_out"}


def test_archives_and_sheets(tmp_path):
    """A zip is a folder; each sheet of a workbook may be a table of its own."""
    with zipfile.ZipFile(tmp_path / "march.zip", "w") as archive:
        archive.writestr("00317.csv", f"{HEADINGS}\n{ROWS}")
        archive.writestr("00322.csv", f"{HEADINGS}\n{ROWS}")
    with xlsxwriter.Workbook(tmp_path / "list.xlsx") as book:
        for name, rows in (
            ("網點", [("網點號", "網點名稱"), ("00317", "甲"), ("00322", "乙")]),
            ("區域", [("區域代碼", "區域名稱"), ("R1", "北"), ("R2", "南")]),
        ):
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    report = guess(tmp_path, output=tmp_path / "out" / "m.toml")
    files = {file.name: (file.pattern, file.options.get("sheet")) for file in report.draft.files}
    assert files["tickets"] == ("march.zip/*.csv", None)
    assert files["branches"] == ("list.xlsx", "網點")
    assert files["regions"] == ("list.xlsx", "區域")
    given = tomllib.loads((tmp_path / "out" / "m.toml").read_text(encoding="utf-8"))
    assert {table["into"] for table in given["table"]} == {
        "branch",
        "region",
        "visit",
        "visit_step",
    }


@pytest.mark.parametrize(
    ("heading", "least"),
    [("机构编号", 0.8), ("WDH", 0.8), ("wangdian_hao", 0.8), ("BRNO", 0.9), ("branchCode", 0.9)],
)
def test_names_in_every_writing(heading, least):
    """Simplified, initials, pinyin in full, short forms and camel case name one column."""
    names = Names.of(chinese=("網點號", "機構"), english=("branch number",))
    assert likeness(heading, names) >= least
    assert likeness("備註", names) < 0.4


@given(st.text(max_size=30))
@settings(max_examples=60)
def test_any_heading_has_a_likeness(heading):
    """A heading of any characters gives a number from 0 to 1."""
    names = Names.of(chinese=("網點號",), english=("branch number",))
    assert 0 <= likeness(heading, names) <= 1
    assert 0 <= fit("moment", profile([heading])) <= 1


def test_values_tell_types():
    """Three calendars, times with and without signs, and a staff number that is no date."""
    assert profile(["1150310", "1150311"]).is_mostly("date")
    assert profile(["民國115年3月10日"]).is_mostly("date")
    assert profile(["2026-03-10", "2026/3/9"]).is_mostly("date")
    assert profile(["20260310090211"]).is_mostly("instant")
    assert profile(["08:11/17:46"]).is_mostly("range")
    assert fit("day", profile(["031704", "032201", "040502"])) == 0
    assert fit("unique", profile(["a"] * 20)) < 0.3
    assert meaning("outcome", "2過號") == "unserved"


def test_patterns_do_not_take_other_files():
    """A pattern that would match a file of another kind is narrowed where that can be."""
    assert pattern_of(["2026/a1.csv", "2027/a2.csv"], ["2026/b1.csv"]) == "*/a*.csv"
    assert pattern_of([f"x{os.sep}1.csv".replace(os.sep, "/")], []) == "x/1.csv"
