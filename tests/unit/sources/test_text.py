"""CSV and TSV: encodings, dialects, headings and faulty rows."""

from __future__ import annotations

import csv
import io

import pytest

from branchwise.core.errors import BranchwiseError

HEAD = "網點號,號票,取號\n"
BODY = "00317,A001,2026-03-10 09:00\n00317,A002,2026-03-10 09:01\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030", "big5"]
)
@pytest.mark.parametrize("is_declared", [False, True])
def test_each_encoding_gives_the_same_rows(load, encoding, is_declared):
    """The rows do not depend on how the text is encoded, declared or found out."""
    name = encoding.removesuffix("-le")
    extra = f'encoding = "{name}"' if is_declared else ""
    loaded = load({"a.csv": (HEAD + BODY).encode(encoding)}, extra=extra)
    assert [row["visit_id"] for row in loaded.rows()] == ["00317-A001", "00317-A002"]
    assert [row["source_row"] for row in loaded.rows()] == [2, 3]
    assert loaded.codes()[0] == []


@pytest.mark.parametrize(
    ("real", "declared", "better"),
    [("gb18030", "big5", "gb18030"), ("big5", "gb18030", "big5"), ("gb18030", "utf-8", "gb18030"),
     ("utf-8", "big5", "utf-8"), ("utf-16", "utf-8", "utf-16")],
)  # fmt: skip
def test_wrong_declared_encoding_is_refused(load, real, declared, better):
    """A file that reads far better in another encoding is refused, and that one is named."""
    text = HEAD + "00317,請稍候辦理業務,2026-03-10\n" * 3
    with pytest.raises(BranchwiseError) as caught:
        load({"a.csv": text.encode(real)}, extra=f'encoding = "{declared}"')
    bad = [each for each in caught.value.problems if each.code == "BW-SRC-015"]
    assert [each.values["better"] for each in bad] == [better]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiter_and_line_ends_are_found(load, delimiter, end):
    """The delimiter and the ends of line need not be declared."""
    text = (HEAD + BODY).replace(",", delimiter).replace("\n", end)
    loaded = load({"a.csv": text.encode()})
    assert [row["visit_id"] for row in loaded.rows()] == ["00317-A001", "00317-A002"]


def test_quoted_cells_agree_with_the_standard_reader(load):
    """Quotes, delimiters and line breaks inside cells are read as Python's csv module does."""
    cells = [["00317", 'A"1', "x,y"], ["00317", "B\n2", ' "z" '], ["00317", "", "end"]]
    written = io.StringIO()
    csv.writer(written).writerows([["網點號", "號票", "取號"], *cells])
    rows = load({"a.csv": written.getvalue().encode()}).rows()
    assert [row["arrived_at"] for row in rows] == [cell[2] for cell in cells]
    assert [row["visit_id"] for row in rows] == ['00317-A"1', "00317-B\n2", None]


def test_ragged_rows_are_handed_over_as_faults(load):
    """Rows with too many or too few cells come with their reason; their neighbours are sound."""
    loaded = load({"a.csv": (HEAD + "1,2\n" + BODY + "1,2,3,4\n").encode()})
    faults = {row["source_row"]: row["source_fault"] for row in loaded.rows()}
    assert faults == {
        2: "too few cells: 2 instead of 3 (line 2)",
        3: None,
        4: None,
        5: "too many cells: 4 instead of 3 (line 5)",
    }
    assert loaded.rows()[0]["branch_id"] is None
    (note,) = loaded.delivery.notes
    assert (note.code, note.values["lines"]) == ("BW-SRC-033", "2, 5")


def test_undecodable_bytes_are_faults_of_their_row_only(load):
    """A row with bytes that are no text is faulty, with their place; nothing is replaced."""
    content = (HEAD + BODY).encode() + "00317,票".encode() + b"\xff\xfe,x\n" + BODY.encode()
    rows = load({"a.csv": content}).rows()
    assert [row["source_fault"] for row in rows] == [
        None, None, "bytes that are no text at character 8: FF FE (line 4)", None, None,
    ]  # fmt: skip
    assert rows[2]["visit_id"] is None


def test_nul_bytes_are_faults_of_their_row_only(load):
    """A NUL inside a row makes that row faulty and no other."""
    rows = load({"a.csv": (HEAD + "00317,A\0,x\n" + BODY).encode()}).rows()
    assert [row["source_fault"] for row in rows] == [
        "a NUL byte at character 8 (line 2)", None, None,
    ]  # fmt: skip


def test_an_open_quote_costs_one_row(load):
    """A quote that is never closed makes one faulty row, not one cell with all that follows."""
    rows = load({"a.csv": (HEAD + '00317,"A0,x\n' + BODY).encode()}).rows()
    assert [row["source_fault"] for row in rows] == [
        "a quote is opened and not closed (line 2)", None, None,
    ]  # fmt: skip


def test_mixed_line_ends_are_read(load):
    """Lines that end in different ways are separate rows."""
    text = HEAD + "00317,A001,x\r\n00317,A002,y\n00317,A003,z\r\n"
    rows = load({"a.csv": text.encode()}).rows()
    assert [row["visit_id"] for row in rows] == ["00317-A001", "00317-A002", "00317-A003"]


def test_title_rows_are_skipped_and_said(load):
    """Headings below a title are found, and a note says where."""
    loaded = load({"a.csv": ("叫號明細,,\n" + HEAD + BODY).encode()})
    assert [row["source_row"] for row in loaded.rows()] == [3, 4]
    assert loaded.codes() == ([], ["BW-SRC-032"])


def test_headings_in_other_forms_are_accepted(load):
    """Spaces and full-width letters make no difference; simplified characters are noted."""
    loaded = load({"a.csv": (" 网点号 ,號票　,取號\n" + BODY).encode()})
    assert len(loaded.rows()) == 2
    assert loaded.codes() == ([], ["BW-SRC-030"])


def test_missing_heading_names_the_nearest(load):
    """A renamed column refuses its file by name, with the nearest heading; others are loaded."""
    loaded = load({"a.csv": (HEAD + BODY).encode(), "b.csv": b"\xef\xbb\xbf" + (
        "網點代號,號票,取號\n" + BODY).encode()})  # fmt: skip
    assert len(loaded.rows()) == 2
    (refused,) = loaded.delivery.refused
    assert (refused.code, refused.values["file"]) == ("BW-SRC-013", "b.csv")
    assert refused.values["nearest"] == "網點代號"


def test_repeated_heading_is_refused_only_if_used(load):
    """A heading that stands twice matters only where the mapping reads it."""
    twice = "網點號,號票,取號,備註,備註\n00317,A1,x,,\n"
    loaded = load({"a.csv": twice.encode(), "b.csv": "網點號,號票,號票,取號\n1,2,3,4\n".encode()})
    assert len(loaded.rows()) == 1
    assert loaded.codes()[0] == ["BW-SRC-014"]


def test_empty_and_header_only_files(load):
    """An empty file is refused with its reason; one with headings only is read and noted."""
    loaded = load({"a.csv": b"", "b.csv": HEAD.encode(), "c.csv": (HEAD + BODY).encode()})
    assert loaded.codes() == (["BW-SRC-017"], ["BW-SRC-034"])
    assert [read.count_rows for read in loaded.delivery.files] == [0, 2]


def test_many_files_keep_their_own_row_numbers(load):
    """Files read together number their rows each from its own beginning, in file order."""
    files = {
        f"{day:02}.csv": (HEAD + "".join(f"{day},{row},x\n" for row in range(day * 7))).encode()
        for day in range(1, 25)
    }
    loaded = load(files)
    expected = [
        (f"{day:02}.csv", row + 2, f"{day}-{row}") for day in range(1, 25) for row in range(day * 7)
    ]
    assert [
        (row["source_file"], row["source_row"], row["visit_id"]) for row in loaded.rows()
    ] == expected


def test_first_row_numbers_a_lazy_file(load):
    """Where first_row is given, staged rows in file order can be numbered without source_row."""
    loaded = load({"a.csv": ("title\n" + HEAD + BODY * 3000).encode()})
    (piece,) = loaded.delivery.tables
    assert piece.first_row == 3
    loaded.engine.execute("SET preserve_insertion_order = true")
    loaded.engine.execute(f"CREATE TABLE staged AS SELECT * FROM {piece.relation}")
    wrong = f"SELECT count(*) AS n FROM staged WHERE source_row <> rowid + {piece.first_row}"
    assert loaded.engine.table(wrong)["n"].to_pylist() == [0]


def test_formulas_are_texts(load):
    """Cells that begin like formulas are data, unchanged."""
    cells = ["=1+1", "+SUM(A1)", "-2", "@x", '=HYPERLINK(""http://x"")']
    text = HEAD + "".join(f'1,{number},"{cell}"\n' for number, cell in enumerate(cells))
    rows = load({"a.csv": text.encode()}).rows()
    assert [row["arrived_at"] for row in rows] == [*cells[:4], '=HYPERLINK("http://x")']
