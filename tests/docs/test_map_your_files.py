"""The worked example of ``docs/how-to/map-your-files.md`` does what the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import xlsxwriter

from branchwise.core.errors import kinds
from branchwise.engines.duckdb import open_duckdb
from branchwise.sources.expressions import FUNCTIONS
from branchwise.sources.files import FilesAdapter
from branchwise.sources.mapping import FILE_KEYS, TABLE_KEYS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "map-your-files.md"
BLOCK = re.compile(r"^```\w+ file=(\S+)(?: (\w+)=(\S+))?\n(.*?)^```", re.MULTILINE | re.DOTALL)


def write_example(folder: Path) -> None:
    for name, key, value, content in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if key == "sheet":
            with xlsxwriter.Workbook(target) as book:
                sheet = book.add_worksheet(value)
                for row, line in enumerate(content.splitlines()):
                    sheet.write_row(row, 0, line.split("\t"))
        else:
            target.write_text(content, encoding=value or "utf-8")


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("example")
    write_example(folder)
    scratch = tmp_path_factory.mktemp("scratch")
    with open_duckdb() as engine:
        mapping = folder / "mapping.toml"
        delivery = FilesAdapter().read(folder, engine, mapping=mapping, scratch=scratch)
        rows = {
            piece.table: engine.table(
                f"SELECT * FROM {piece.relation} ORDER BY source_file, source_row"
            ).to_pylist()
            for piece in delivery.tables
        }
    return delivery, rows


def test_every_file_is_read(loaded):
    """Nothing is refused and only the mapping itself is left over."""
    delivery, _ = loaded
    assert not delivery.refused
    assert delivery.unmapped_files == ("mapping.toml",)
    assert {note.code for note in delivery.notes} == {"BW-SRC-030", "BW-SRC-031", "BW-SRC-032"}


def test_rows_are_what_the_page_says(loaded):
    """Each form of file of the page gives the rows that one reads in it."""
    _, rows = loaded
    assert [row["branch_id"] for row in rows["branch"]] == ["00317", "00322"]
    assert [(row["visit_id"], row["outcome"], row["called_at"]) for row in rows["visit"]] == [
        ("00317-20260310-A023", "served", "20260310 09:21:40"),
        ("00317-20260310-A024", "unserved", None),
        ("00317-20260310-A025", "served", "20260310 09:30:02"),
        ("00322-20260310-A001", "served", "20260310 09:04:10"),
    ]
    assert [(row["amount_minor"], row["source_fault"]) for row in rows["transaction"]] == [
        (2_000_000, None),
        (150_050, "reversal: to be matched by hand"),
    ]
    assert rows["transaction"][0]["posted_at"] == "20260310 09:22:33"
    (shift,) = rows["shift"]
    assert (shift["starts_at"], shift["source_row"]) == ("2026/3/10 08:11", 3)
    assert (rows["complaint"][0]["category"], rows["complaint"][0]["branch_id"]) == (
        "waiting",
        None,
    )
    assert rows["staff_member"][0]["staff_id"] == "031704"


def test_page_names_all_keys_and_functions():
    """No key, function or code of the mapping is missing on the page."""
    page = PAGE.read_text(encoding="utf-8")
    words = set(re.findall(r"\w+", page))
    assert not (FILE_KEYS.keys() | TABLE_KEYS.keys()) - words
    assert not {name for name in FUNCTIONS if name not in ("case", "cast", "try_cast")} - words
    ranges = re.findall(r"\| BW-SRC-(\d+)(?: to (\d+)|((?:, \d+)+))? \|", page)
    told = set()
    for first, last, more in ranges:
        told |= set(range(int(first), int(last or first) + 1))
        told |= {int(number) for number in re.findall(r"\d+", more)}
    declared = {int(code[-3:]) for code in kinds() if code.startswith("BW-SRC")}
    assert declared - told <= {1, 2, 3, 4}
