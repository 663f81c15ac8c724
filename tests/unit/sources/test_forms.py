"""Fixed width, JSON lines, Parquet, Excel."""

from __future__ import annotations

import datetime as dt
import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from branchwise.core.errors import BranchwiseError

FIXED = """format = "fixed"
columns = [
  { name = "網點號", width = 5 }, { name = "號票", width = 6 }, { name = "取號", width = 4 }]
"""


def workbook(fill) -> bytes:
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True}) as book:
        fill(book, book.add_worksheet("一"))
    return written.getvalue()


@pytest.mark.parametrize("encoding", ["gb18030", "big5", "utf-8"])
def test_fixed_width_counts_bytes(load, encoding):
    """Widths are bytes of the file's encoding, and blanks round a value are cut off."""

    def cell(text: str, width: int) -> bytes:
        return text.encode(encoding).ljust(width)

    lines = [cell("00317", 5) + cell("票一", 6) + cell(str(hour), 4) for hour in range(100)]
    rows = load({"a.txt": b"\r\n".join(lines)}, extra=FIXED + f'encoding = "{encoding}"').rows()
    assert [row["visit_id"] for row in rows] == ["00317-票一"] * 100
    assert [row["arrived_at"] for row in rows] == [str(hour) for hour in range(100)]
    assert [row["source_row"] for row in rows] == list(range(1, 101))


def test_fixed_width_lines_of_another_length(load):
    """Lines cut off in the last column are taken; other lengths and bad bytes are faults."""
    lines = [
        b"00317A00001x   ",
        b"00317A00001x",
        b"00317A0",
        b"00317A00001xxxxyy",
        b"00317\xff\xffABCDxxxx",
    ]
    rows = load({"a.txt": b"\n".join(lines)}, extra=FIXED + 'encoding = "utf-8"').rows()
    assert [row["source_fault"] for row in rows] == [
        None,
        None,
        "the line has 7 bytes instead of 15 (line 3)",
        "the line has 17 bytes instead of 15 (line 4)",
        "bytes that are no text at byte 6 (line 5)",
    ]
    assert rows[0]["arrived_at"] == rows[1]["arrived_at"] == "x"


def test_json_lines_keep_digits_and_faults(load):
    """Numbers keep their digits, nesting becomes text, and a bad line costs no other."""
    lines = [
        '{"網點號": "00317", "號票": 12345678901234567890, "取號": {"a": [1.50]}}',
        '{"網點號": "00317", "號票": ',
        "[1]",
        '{"網點號": "1", "網點號": "2"}',
        '{"網點號": "00317", "號票": 1.10, "取號": null}',
    ]
    rows = load({"a.jsonl": "\n".join(lines).encode()}).rows()
    assert rows[0]["visit_id"] == "00317-12345678901234567890"
    assert json.loads(str(rows[0]["arrived_at"])) == {"a": ["1.50"]}
    assert [row["source_row"] for row in rows if row["source_fault"]] == [2, 3, 4]
    assert (rows[4]["visit_id"], rows[4]["arrived_at"]) == ("00317-1.10", None)


def test_parquet_is_read_as_text(load):
    """Typed columns come as the text that a person would write."""
    at = pa.scalar(dt.datetime(2026, 3, 10, 9, 2, 11, tzinfo=dt.UTC), pa.timestamp("us", "UTC"))
    at = at.cast(pa.timestamp("us"))
    table = pa.table({"網點號": ["00317"], "號票": [7], "取號": pa.array([at])})
    written = io.BytesIO()
    pq.write_table(table, written)
    (row,) = load({"a.parquet": written.getvalue()}).rows()
    assert (row["visit_id"], row["arrived_at"], row["source_row"]) == (
        "00317-7", "2026-03-10 09:02:11", 1,
    )  # fmt: skip


def test_damaged_parquet_and_excel_are_refused(load):
    """A file cut short or of another kind is refused by name; the others are loaded."""
    written = io.BytesIO()
    pq.write_table(
        pa.table({"網點號": ["1"] * 9999, "號票": list(range(9999)), "取號": ["x"] * 9999}), written
    )
    book = workbook(lambda _, sheet: sheet.write_row(0, 0, ["網點號", "號票", "取號"]))
    middle = bytearray(written.getvalue())
    middle[200:2000] = b"\0" * 1800
    loaded = load({
        "a.parquet": written.getvalue()[:-50], "b.xlsx": book[:-50], "c.xlsx": b"no book",
        "d.parquet": bytes(middle), "e.csv": "網點號,號票,取號\n1,2,3\n".encode(),
    })  # fmt: skip
    assert [bad.where.place for bad in loaded.delivery.refused] == [
        "a.parquet", "d.parquet", "b.xlsx", "c.xlsx",
    ]  # fmt: skip
    assert {bad.code for bad in loaded.delivery.refused} == {"BW-SRC-022"}
    assert len(loaded.rows()) == 1


def test_excel_title_merged_cells_dates_and_formulas(load):
    """A title is skipped, merged cells each have a value, dates are ISO, formulas are not run."""

    def fill(book, sheet):
        sheet.merge_range(0, 0, 0, 2, "三月考勤")
        sheet.write_row(1, 0, ["網點號", " 號票", "取號"])
        sheet.merge_range(2, 0, 3, 0, "00317")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_number(2, 1, 7)
        sheet.write_datetime(2, 2, dt.date(2026, 3, 10), day)
        sheet.write_string(3, 1, "=1+1")
        sheet.write_number(3, 2, 46091.5)
        sheet.write_row(5, 0, ["00318", "0042"])
        sheet.write_formula(5, 2, "=1+1", None, 2)

    loaded = load({"a.xlsx": workbook(fill)})
    rows = loaded.rows()
    assert [(row["visit_id"], row["arrived_at"], row["source_row"]) for row in rows] == [
        ("00317-7", "2026-03-10", 3),
        ("00317-=1+1", "46091.5", 4),
        ("00318-0042", "2", 6),
    ]
    assert loaded.codes() == ([], ["BW-SRC-032"])


def test_unknown_sheet_is_refused(load):
    """A sheet that is not there is refused, naming those that are."""
    book = workbook(lambda _, sheet: sheet.write(0, 0, "x"))
    with pytest.raises(BranchwiseError) as caught:
        load({"a.xlsx": book}, extra='sheet = "二"')
    assert [each.values.get("known") for each in caught.value.problems] == [None, "一"]
