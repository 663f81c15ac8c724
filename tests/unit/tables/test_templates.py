"""Blank workbooks: complete, bilingual, harmless."""

import re
import zipfile

import pytest
from python_calamine import CalamineWorkbook

from branchwise.core.errors import BranchwiseError
from branchwise.tables.spec import table_names, table_spec
from branchwise.tables.templates import write_template


def sheets(path):
    book = CalamineWorkbook.from_path(str(path))
    return [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]


def part(path, name):
    with zipfile.ZipFile(path) as archive:
        return archive.read(name).decode()


@pytest.mark.parametrize("name", table_names())
def test_every_table_has_a_workbook_of_its_given_columns(tmp_path, name):
    """Row 2 holds the columns that a source may give, in order; the second sheet explains each."""
    spec = table_spec(name)
    path = tmp_path / f"{name}.xlsx"
    assert write_template(spec, path) == len(spec.given_columns)
    first, second = sheets(path)
    given = [column.name for column in spec.given_columns]
    assert first[1] == given
    assert [line[0] for line in second if line[0] in given] == given


@pytest.mark.parametrize(("language", "chinese"), [("en", "網點"), ("zh-Hans", "网点")])
def test_labels_are_english_and_chinese(tmp_path, language, chinese):
    """Row 1 reads in English and in the Chinese asked for."""
    path = tmp_path / "visit.xlsx"
    write_template(table_spec("visit"), path, language)
    place = [column.name for column in table_spec("visit").given_columns].index("branch_id")
    label = sheets(path)[0][0][place]
    assert label.startswith("Branch · ")
    assert chinese in label


def test_values_and_ranges_are_validated(tmp_path):
    """A column with allowed values is a list, one with a range a number within it."""
    path = tmp_path / "visit.xlsx"
    write_template(table_spec("visit"), path)
    sheet = part(path, "xl/worksheets/sheet1.xml")
    assert '"served,unserved,open"' in sheet
    found = re.search(
        r'<dataValidation type="whole"[^>]*>\s*<formula1>1</formula1><formula2>5', sheet
    )
    assert found, "the rating of 1 to 5 is not validated"


def test_no_cell_is_a_formula_or_link(tmp_path):
    """Every cell is a string, so that nothing in a workbook runs or calls out."""
    for name in table_names():
        path = tmp_path / f"{name}.xlsx"
        write_template(table_spec(name), path)
        for sheet in ("sheet1", "sheet2"):
            text = part(path, f"xl/worksheets/{sheet}.xml")
            assert "<f>" not in text
            assert "hyperlink" not in text


def test_a_filled_workbook_is_never_overwritten(tmp_path):
    """An existing file is refused and stays as it is."""
    path = tmp_path / "branch.xlsx"
    path.write_bytes(b"mine")
    with pytest.raises(BranchwiseError, match="BW-TAB-021"):
        write_template(table_spec("branch"), path)
    assert path.read_bytes() == b"mine"


def test_a_folder_that_is_missing_is_said(tmp_path):
    """Where the file cannot be written there is an error and no half file."""
    path = tmp_path / "nowhere" / "branch.xlsx"
    with pytest.raises(BranchwiseError, match="BW-TAB-022"):
        write_template(table_spec("branch"), path)
    assert not path.exists()
