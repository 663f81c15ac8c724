"""Code lists beside the mapping: by branch, half filled in, unknown, mended and loaded again."""

import pytest
from tests.unit.warehouse.rows import read

from branchwise.core.errors import BranchwiseError
from branchwise.pipeline.load import load
from branchwise.sources.codes import read_code_list
from branchwise.sources.mapping import parse_mapping

MAPPING = """
[[file]]
name = "t"
pattern = "t.csv"
[codes]
queue = "codes/queue.csv"
[codes.outcome]
"1" = "served"
"2" = ""
[[table]]
into = "branch"
from = "t"
distinct = true
[table.columns]
branch_id = "b"
[[table]]
into = "visit"
from = "t"
[table.columns]
visit_id = "id"
branch_id = "b"
arrived_at = "at"
business_line = "code('queue', b, q)"
outcome = "code('outcome', s)"
unserved_cause = "case when s in ('8') then code('outcome', s) end"
"""
ROWS = """id,b,q,s,at
1,A,01,1,2026-03-10 09:00
2,B,01,1,2026-03-10 09:01
3,A,02,2,2026-03-10 09:02
4,B,07,9,2026-03-10 09:03
5,A,07,9,2026-03-10 09:04
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "t.csv").write_text(ROWS, encoding="utf-8")
    (tmp_path / "codes").mkdir()
    (tmp_path / "m.toml").write_text(MAPPING, encoding="utf-8")
    return tmp_path


def lines(folder):
    return [
        line for (_, line) in read(folder / "w" / "warehouse", "visit", "visit_id", "business_line")
    ]


def test_unknown_codes_are_listed_and_become_right(folder):
    """By branch before everywhere; unlisted and undecided codes are told with rows and branch."""
    csv = folder / "codes" / "queue.csv"
    csv.write_text("branch,code,meaning\n,01,personal\nB,01,corporate\n,02,all\n,*,\n")
    report = load(folder / "w", folder / "in", mapping=folder / "m.toml")
    assert lines(folder) == ["personal", "corporate", "all", "personal", "personal"]
    told = [
        (one.list_name, one.code, one.count_rows, one.branch_id) for one in report.unknown_codes
    ]
    assert told == [("outcome", "9", 2, "A"), ("outcome", "2", 1, "A"), ("queue", "07", 2, "A")]
    csv.write_text("branch,code,meaning\n,01,personal\nB,01,corporate\n,02,all\n,07,corporate\n")
    report = load(folder / "w", folder / "in", mapping=folder / "m.toml")
    assert lines(folder) == ["personal", "corporate", "all", "corporate", "corporate"]
    assert [one.list_name for one in report.unknown_codes] == ["outcome", "outcome"]
    assert any("07" not in str(table.rows) for table in report.as_tables("zh-Hant"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "no such file"),
        (b"a,b\n1,2\n", "headings"),
        (b"code,meaning\n1,x\n1,y\n", "two meanings"),
        (b"\xff\xff\xff", "neither"),
    ],
)
def test_lists_that_cannot_be_read_are_told(folder, content, said):
    """A missing file, other headings, two meanings, rubbish: the mapping is refused with it."""
    if content is not None:
        (folder / "codes" / "queue.csv").write_bytes(content)
    with pytest.raises(BranchwiseError) as refused:
        load(folder / "w", folder / "in", mapping=folder / "m.toml")
    (found,) = refused.value.problems
    assert found.code == "BW-SRC-107"
    assert said in found.read_in()


def test_lists_from_a_spreadsheet_are_read(tmp_path):
    """GB18030, capital headings and blank lines make no difference."""
    path = tmp_path / "l.csv"
    path.write_bytes("Code,Meaning,備註\n01, personal ,櫃檯\n,,\n".encode("gb18030"))
    assert read_code_list(path) == {"01": "personal"}


def test_columns_of_a_layout_may_leave_gaps():
    """start counts bytes from 1; what overlaps is refused."""

    def columns(*entries):
        file = {"name": "f", "pattern": "*", "format": "fixed", "columns": list(entries)}
        given = {"file": [file]}
        return parse_mapping(given, place="m", adapter="files").files[0].columns

    first, third = {"name": "a", "width": 2}, {"name": "c", "start": 6, "width": 1}
    assert columns(first, third) == (("a", 2), ("", 3), ("c", 1))
    with pytest.raises(BranchwiseError):
        columns(first, {"name": "c", "start": 2, "width": 1})
