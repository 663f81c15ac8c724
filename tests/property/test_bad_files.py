"""Whatever is wrong with a file: every row comes once, sound or with a fault, or the file is named.

Files are made sound, then one ill is planted at a place that hypothesis chooses.
"""

from __future__ import annotations

import gzip
import io
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from branchwise.core.errors import BranchwiseError
from branchwise.engines.duckdb import DuckDBEngine, open_duckdb
from branchwise.sources.files import read_mapped
from branchwise.sources.mapping import Mapping, parse_mapping
from branchwise.sources.model import Delivery
from branchwise.sources.reading import archives
from branchwise.sources.reading.encodings import find_encoding

NAMES = ("網點號", "號票", "取號")
COMMON = "叫號機櫃員業務辦理窗口客戶等待時間開戶存款轉帳查詢銀行卡證件服務評價滿意大堂經理"
SIMPLE = "叫号机柜员业务办理窗口客户等待时间开户存款转账查询银行卡证件服务评价满意大堂经理"
CELL = st.text(st.sampled_from(COMMON + "abcXYZ0123456789 .-_:/=+@'"), max_size=12)
ROWS = st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=25)
SETTINGS = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
MAPPED = {
    "file": [{"name": "f", "pattern": "**/*.csv", "header": 1}],
    "table": [
        {
            "into": "visit",
            "from": "f",
            "columns": {"visit_id": "號票", "branch_id": "網點號", "arrived_at": "取號"},
        }
    ],
}
MAPPING = parse_mapping(MAPPED, place="m.toml", adapter="files")
REAL = ("utf-8", "gb18030", "big5")
SCRIPTS = (("網點號", "网点号"), ("號票", "号票"), ("取號", "取号"))


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    with open_duckdb() as opened:
        yield opened


def read(
    engine: DuckDBEngine, files: dict[str, bytes], mapping: Mapping = MAPPING
) -> tuple[Delivery, list[dict[str, object]]]:
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            Path(folder, name).write_bytes(content)
        delivery = read_mapped(Path(folder), engine, mapping, Path(folder, "scratch"))
        rows = [
            row
            for piece in delivery.tables
            for row in engine.table(
                f"SELECT * FROM {piece.relation} ORDER BY source_file, source_row"
            ).to_pylist()
        ]
        return delivery, rows


def lines(rows: list[tuple[str, str, str]]) -> list[str]:
    return [",".join(NAMES), *(",".join(row) for row in rows)]


def values(row: dict[str, object]) -> tuple[object, ...]:
    return (row["branch_id"], row["visit_id"], row["arrived_at"])


def expected(rows: list[tuple[str, str, str]]) -> list[tuple[str | None, ...]]:
    return [tuple(cell or None for cell in row) for row in rows]


@SETTINGS
@given(rows=ROWS, encoding=st.sampled_from(["utf-8", "utf-16", "gb18030", "big5"]))
def test_sound_files_come_whole_in_every_encoding(engine, rows, encoding):
    """Every cell of every row comes back as it was written."""
    content = "\n".join(lines(rows)).encode(encoding)
    _, found = read(engine, {"a.csv": content})
    assert [values(row) for row in found] == expected(rows)
    assert all(row["source_fault"] is None for row in found)


@SETTINGS
@given(rows=ROWS, data=st.data(), extra=st.integers(-2, 3).filter(bool))
def test_a_ragged_row_is_the_only_fault(engine, rows, data, extra):
    """A row with cells too many or too few is faulty; all others come unchanged."""
    at = data.draw(st.integers(0, len(rows) - 1))
    written = lines(rows)
    cells = [*rows[at], "x", "y", "z"][: 3 + extra]
    written[at + 1] = ",".join(cells) or "x"
    _, found = read(engine, {"a.csv": "\n".join(written).encode()})
    assert [row["source_row"] for row in found if row["source_fault"]] == [at + 2]
    assert [values(row) for row in found if not row["source_fault"]] == [
        row for place, row in enumerate(expected(rows)) if place != at
    ]


@SETTINGS
@given(rows=ROWS, data=st.data(), bad=st.sampled_from([b"\xff", b"\x00", b"\xfe\xff", b"\xc3\x28"]))
def test_damaged_bytes_spoil_one_row(engine, rows, data, bad):
    """Bytes that are no text, and NUL, make just their row faulty, and nothing is replaced."""
    at = data.draw(st.integers(0, len(rows) - 1))
    written = [line.encode() for line in lines([("叫號機櫃員業務辦理", *row[1:]) for row in rows])]
    written[at + 1] = bad + written[at + 1]
    _, found = read(engine, {"a.csv": b"\n".join(written)})
    assert [row["source_row"] for row in found if row["source_fault"]] == [at + 2]
    assert len(found) == len(rows)


@SETTINGS
@given(rows=ROWS, data=st.data())
def test_an_open_quote_spoils_one_row(engine, rows, data):
    """A quote that is not closed costs its own row only."""
    at = data.draw(st.integers(0, len(rows) - 1))
    written = lines(rows)
    written[at + 1] = '"' + written[at + 1]
    _, found = read(engine, {"a.csv": "\n".join(written).encode()})
    assert [row["source_row"] for row in found if row["source_fault"]] == [at + 2]
    assert len(found) == len(rows)


@SETTINGS
@given(rows=ROWS, data=st.data())
def test_a_truncated_archive_never_gives_half_a_file(engine, rows, data):
    """Cut anywhere, a zip or gzip gives the whole file or a named refusal."""
    content = "\n".join(lines(rows)).encode()
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("in.csv", content)
    name, packed = data.draw(
        st.sampled_from([("b.zip", written.getvalue()), ("b.csv.gz", gzip.compress(content))])
    )
    cut = data.draw(st.integers(1, len(packed)))
    sound = "\n".join(lines([("1", "2", "3")])).encode()
    delivery, found = read(engine, {"a.csv": sound, name: packed[:-cut]})
    assert [values(row) for row in found] == [("1", "2", "3")]
    assert [bad.where.place for bad in delivery.refused] == [name]


@SETTINGS
@given(filler=st.binary(min_size=1, max_size=3), kind=st.sampled_from(["zip", "gz"]))
def test_a_bomb_is_refused_and_leaves_nothing(engine, filler, kind):
    """What grows beyond the limit is named and refused, and no half of it stays on the disk."""
    content = (filler * (2 << 20))[: 2 << 20]
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("in.csv", content)
    name, packed = {
        "zip": ("b.zip", written.getvalue()),
        "gz": ("b.csv.gz", gzip.compress(content)),
    }[kind]
    sound = "\n".join(lines([("1", "2", "3")])).encode()
    with pytest.MonkeyPatch.context() as small:
        small.setattr(archives, "UNPACKED_BYTES_LIMIT", 1 << 20)
        delivery, found = read(engine, {"a.csv": sound, name: packed})
    assert [values(row) for row in found] == [("1", "2", "3")]
    assert [bad.code for bad in delivery.refused] == ["BW-SRC-019"]
    assert delivery.refused[0].where.place.startswith(name)


@SETTINGS
@given(rows=ROWS, real=st.sampled_from(REAL), declared=st.sampled_from(REAL))
def test_a_wrong_declared_encoding_is_refused_or_harmless(engine, rows, real, declared):
    """Declared wrongly, a file gives its true cells or faulty rows or a refusal, never others."""
    content = "\n".join(lines([("叫號機櫃員業務辦理窗口", *row[1:]) for row in rows])).encode(real)
    described = {**MAPPED, "file": [{**MAPPED["file"][0], "encoding": declared}]}
    mapping = parse_mapping(described, place="m.toml", adapter="files")
    try:
        _, found = read(engine, {"a.csv": content}, mapping)
    except BranchwiseError as error:
        codes = {bad.code[:6] for bad in error.problems}
    else:
        codes = {"BW-SRC"}
        assert len(found) == len(rows)
        sound = [row for row in found if row["source_fault"] is None]
        assert {row["branch_id"] for row in sound} <= {"叫號機櫃員業務辦理窗口"}
    assert codes == {"BW-SRC"}


@SETTINGS
@given(rows=ROWS, scripts=st.tuples(*(st.sampled_from(pair) for pair in SCRIPTS)))
def test_headings_in_mixed_scripts_are_the_same_headings(engine, rows, scripts):
    """Each heading in traditional or simplified characters: the cells are the same."""
    written = [",".join(scripts), *(",".join(row) for row in rows)]
    _, found = read(engine, {"a.csv": "\n".join(written).encode()})
    assert [values(row) for row in found] == expected(rows)


@SETTINGS
@given(rows=ROWS, data=st.data())
def test_a_lost_heading_is_named(engine, rows, data):
    """A file without one of the columns is refused, and the error names the column."""
    lost = data.draw(st.sampled_from(NAMES))
    written = lines(rows)
    written[0] = written[0].replace(lost, "別的")
    with pytest.raises(BranchwiseError) as caught:
        read(engine, {"a.csv": "\n".join(written).encode()})
    assert [bad.code for bad in caught.value.problems] == ["BW-SRC-025", "BW-SRC-013"]
    assert caught.value.problems[1].values["name"] == lost


@SETTINGS
@given(content=st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(engine, content):
    """No content at all ends in anything but rows or an error of ours."""
    try:
        delivery, found = read(engine, {"a.csv": content})
    except BranchwiseError as error:
        codes = {bad.code[:6] for bad in error.problems}
    else:
        codes = {"BW-SRC"}
        assert len(found) == sum(each.count_rows for each in delivery.files)
    assert codes == {"BW-SRC"}


@SETTINGS
@given(tail=st.binary(max_size=200), encoding=st.sampled_from(["utf-8", "gb18030", "big5"]))
def test_any_bytes_after_the_headings_are_accounted_for(engine, tail, encoding):
    """Below sound headings every record becomes a row, sound or faulty, in an encoding or other."""
    content = (",".join(NAMES) + "\n" + "叫號機,櫃員,業務\n" * 5).encode(encoding) + tail
    try:
        delivery, found = read(engine, {"a.csv": content})
    except BranchwiseError as error:
        codes = {bad.code[:6] for bad in error.problems}
    else:
        codes = {"BW-SRC"}
        assert len(found) == sum(each.count_rows for each in delivery.files) >= 5
    assert codes == {"BW-SRC"}


@SETTINGS
@given(
    text=st.lists(st.sampled_from(COMMON), min_size=6, unique=True).map("".join),
    simple=st.lists(st.sampled_from(SIMPLE), min_size=6, unique=True).map("".join),
)
def test_encodings_are_told_apart(tmp_path, text, simple):
    """Six different common characters suffice to tell Big5 from GB18030."""
    file = tmp_path / "a.txt"
    for content, encoding in ((text, "big5"), (simple, "gb18030"), (text, "utf-8")):
        file.write_bytes(content.encode(encoding))
        found = find_encoding(file, None)
        assert found is not None
        assert found.name == encoding
