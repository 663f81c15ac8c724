"""The mapping file: every mistake is found, all at once."""

from __future__ import annotations

import pytest

from branchwise.core.errors import BranchwiseError
from branchwise.core.languages import LANGUAGES
from branchwise.sources.headings import match_headings, simplified
from branchwise.sources.mapping import read_mapping
from branchwise.sources.registry import adapter

GOOD = {
    "file": 'name = "f"\npattern = "*.csv"',
    "table": 'into = "branch"\nfrom = "f"',
    "columns": 'branch_id = "a"',
}


def read(tmp_path, *, head: str = "", **changed: str):
    part = GOOD | changed
    text = f"{head}\n[[file]]\n{part['file']}\n[[table]]\n{part['table']}\n[table.columns]\n"
    target = tmp_path / "m.toml"
    target.write_text(text + part["columns"], encoding="utf-8")
    return read_mapping(target)


@pytest.mark.parametrize(
    ("changed", "code", "told"),
    [
        ({"file": 'name = "f"\npatern = "*"\npattern = "*"'}, "BW-SRC-005", "pattern"),
        ({"file": 'name = "f"'}, "BW-SRC-006", "pattern"),
        ({"file": GOOD["file"] + '\nformat = "fixed"'}, "BW-SRC-006", "columns"),
        ({"file": GOOD["file"] + '\nencoding = "utf8"'}, "BW-SRC-007", "gb18030"),
        ({"file": GOOD["file"] + '\nheader = "1"'}, "BW-SRC-007", "whole number"),
        ({"file": GOOD["file"] + '\ntimezone = "Asia/Shanghi"'}, "BW-SRC-007", "IANA"),
        ({"file": GOOD["file"] + '\ndelimiter = "||"'}, "BW-SRC-007", "one character"),
        ({"table": 'into = "brunch"\nfrom = "f"'}, "BW-SRC-007", "branch"),
        ({"table": 'into = "branch"\nfrom = "g"'}, "BW-SRC-008", "f"),
        ({"columns": 'branch_id = "a"\nbranch_typ = "a"'}, "BW-SRC-009", "branch_type"),
        ({"columns": 'name = "a"'}, "BW-SRC-011", "branch_id"),
        ({"columns": 'branch_id = "(SELECT 1)"'}, "BW-SRC-012", "scalar"),
        ({"head": "[surce]"}, "BW-SRC-005", "source"),
        ({"head": "[source"}, "BW-SRC-004", "line 1"),
    ],
)
def test_each_mistake_has_its_code_and_remedy(tmp_path, changed, code, told):
    """A mistake is refused under its code, and the message tells what would be right."""
    with pytest.raises(BranchwiseError) as caught:
        read(tmp_path, **changed)
    (found,) = caught.value.problems
    assert found.code == code
    assert told in found.read_in("en")
    assert all(found.read_in(language) for language in LANGUAGES)


def test_derived_columns_cannot_be_given(tmp_path):
    """A column that branchwise derives is refused as such."""
    columns = 'visit_id = "a"\nbranch_id = "a"\narrived_at = "a"\nlocal_on = "a"'
    with pytest.raises(BranchwiseError) as caught:
        read(tmp_path, table='into = "visit"\nfrom = "f"', columns=columns)
    assert [found.code for found in caught.value.problems] == ["BW-SRC-010"]


def test_all_mistakes_come_at_once(tmp_path):
    """Four mistakes in four places are one error with four problems."""
    with pytest.raises(BranchwiseError) as caught:
        read(tmp_path, head="[sourc]", file='name = "f"', columns='branch_id = "sum(a)"\nx = "a"')
    assert len(caught.value.problems) == 4


def test_wanted_columns_leave_out_computed_ones(tmp_path):
    """A file is asked for the columns that expressions read, not for those it computes."""
    mapping = read(
        tmp_path,
        file=GOOD["file"] + '\nlet = { k = "a || b", m = "k || c" }',
        columns='branch_id = "m"\nname = "d"',
    )
    assert mapping.wanted("f") == ("a", "b", "c", "d")


def test_expressions_that_the_engine_refuses(load):
    """A wrong type of argument is found when the relation is made, as a problem of ours."""
    mapping = """
[[file]]
name = "f"
pattern = "*"
[[table]]
into = "branch"
from = "f"
[table.columns]
branch_id = "substr(a, b)"
"""
    with pytest.raises(BranchwiseError) as caught:
        load({"a.csv": b"a,b\n1,2\n"}, mapping)
    assert {found.code for found in caught.value.problems} == {"BW-SRC-012"}


def test_unknown_adapters_are_answered_with_the_nearest():
    """A misspelt adapter is refused with the nearest name."""
    with pytest.raises(BranchwiseError, match="--adapter files"):
        adapter("file")


def test_script_table_agrees_with_opencc():
    """Headings are folded as OpenCC folds single characters."""
    opencc = pytest.importorskip("opencc")
    text = "網點號票隊列櫃員狀態取號叫號開始結束窗口評價客戶級機構幣種授權沖正賬號臺灣臨櫃"
    assert simplified(text) == opencc.OpenCC("t2s").convert(text)


def test_exact_headings_win_over_folded_ones():
    """Where both scripts stand in one file, each name finds its own heading."""
    found = match_headings(["状态", "狀態"], ["狀態", "状态"])
    assert found.found == {"狀態": 1, "状态": 0}
    assert not found.across_scripts


def test_files_that_no_table_uses_are_told(load):
    """A [[file]] that was read and fills nothing is named with its rows; the others load."""
    mapping = (
        '[[file]]\nname = "list"\npattern = "b.csv"\n[[file]]\nname = "log"\n'
        'pattern = "log*.csv"\n[[table]]\ninto = "branch"\nfrom = "list"\n'
        '[table.columns]\nbranch_id = "a"\n'
    )
    files = {"b.csv": b"a\n00317\n", "log1.csv": b"x,y\n1,2\n3,4\n", "log2.csv": b"x,y\n5,6\n"}
    loaded = load(files, mapping)
    assert [row["branch_id"] for row in loaded.rows("branch")] == ["00317"]
    (note,) = loaded.delivery.notes
    assert note.code == "BW-SRC-036"
    assert "log: log1.csv, log2.csv (3 rows)" in note.read_in("en")
    assert all("log2.csv" in note.read_in(language) for language in LANGUAGES)
