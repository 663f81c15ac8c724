"""Columns of fixed-width files: from a layout that was delivered, and inferred from the bytes."""

from branchwise.pipeline.guess import guess
from branchwise.pipeline.load import load
from branchwise.sources.reading.fixed_widths import find_spans, line_length

LAYOUT = (
    "欄位,起始,長度\n交易日,1,8\n時間,9,6\n機構,15,5\n柜員,20,6\n交易碼,26,4\n渠道,30,3\n"
    "金額分,33,12\n幣種,45,3\n摘要,48,8\n流水號,56,8\n"
)


def lines(count=40):
    return [
        f"202603{10 + n % 9}09{n % 60:02d}{(n * 7) % 60:02d}003{17 + n % 3}0317{n % 5:02d}"
        f"{(1011, 1021, 2201)[n % 3]}{('TLR', 'STM', 'ATM')[n % 3]}{n * 98765:012d}156"
        .encode() + ("代發工資" if n % 2 else "現金    ").encode("gb18030") + f"{n:08d}".encode()
        for n in range(count)
    ]  # fmt: skip


def test_borders_are_found_in_bytes():
    """Date, time, branch keys, channel and Chinese text have their borders; text counts bytes."""
    found = {
        (span.start, span.width) for span in find_spans(lines(), [["00317", "00318", "00319"]])
    }
    assert {(0, 8), (8, 6), (14, 5), (29, 3), (47, 8)} <= found
    assert sum(width for _, width in found) == len(lines()[0])


def test_lengths_tell_fixed_width():
    """One length in nine lines of ten; text of any length is no fixed width."""
    assert line_length([*lines(20), b"short"]) == 63
    assert line_length([b"a", b"bb", b"ccc" * 9]) == 0


def test_a_layout_names_the_columns_and_short_lines_are_set_aside(tmp_path):
    """With the layout in the folder the draft loads; a cut line is quarantined."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "layout.csv").write_text(LAYOUT, encoding="utf-8")
    data = b"\r\n".join([*lines(), lines()[0][:40]]) + b"\r\n"
    (tmp_path / "in" / "core_20260310.txt").write_bytes(data)
    report = guess(tmp_path / "in", output=tmp_path / "m.toml")
    (file,) = report.draft.files
    assert (file.name, file.format) == ("postings", "fixed")
    loaded = load(tmp_path / "w", tmp_path / "in", mapping=tmp_path / "m.toml")
    rows = {
        table.table: (table.count_in, table.added, table.quarantined) for table in loaded.tables
    }
    assert rows["transaction"] == (41, 40, 1)


def test_without_a_layout_dates_and_keys_are_recognised(tmp_path):
    """The draft reads day, time, branch, channel and currency of columns that have no name."""
    (tmp_path / "branches.csv").write_text(
        "網點號,網點名稱\n00317,甲\n00318,乙\n00319,丙\n", "utf-8"
    )
    (tmp_path / "core.txt").write_bytes(b"\n".join(lines()) + b"\n")
    draft = guess(tmp_path).draft
    columns = {
        c.name: c for table in draft.tables if table.into == "transaction" for c in table.columns
    }
    starts = {
        entry["name"]: entry["start"]
        for file in draft.files
        for entry in file.options.get("columns", ())
    }
    assert {starts[name] for name in columns["posted_at"].headings} == {1, 9}
    assert [starts[name] for name in columns["branch_id"].headings] == [15]
    assert [starts[name] for name in columns["channel"].headings] == [30]
    assert all(column.confidence < 0.8 for column in columns.values())
