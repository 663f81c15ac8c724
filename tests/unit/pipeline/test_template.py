"""The verb `template`."""

import pytest

from branchwise.core.errors import BranchwiseError
from branchwise.pipeline.template import template


def test_all_wrong_names_are_told_at_once_and_nothing_is_written(tmp_path):
    """One wrong name spoils no folder: every problem is named, no file is made."""
    (tmp_path / "zone.xlsx").write_text("mine")
    asked = [tmp_path / name for name in ("branch.xlsx", "visit.csv", "vist.xlsx", "zone.xlsx")]
    with pytest.raises(BranchwiseError) as caught:
        template(asked)
    codes = [problem.code for problem in caught.value.problems]
    assert codes == ["BW-TAB-020", "BW-TAB-001", "BW-TAB-021"]
    assert [path.name for path in tmp_path.iterdir()] == ["zone.xlsx"]


def test_report_names_table_columns_and_file(tmp_path):
    """The report says for each workbook its table, its columns and where it is."""
    report = template([tmp_path / "branch.xlsx", tmp_path / "visit.xlsx"])
    assert [entry["table"] for entry in report.as_json()["files"]] == ["branch", "visit"]
    (shown,) = report.as_tables("zh-Hant")
    assert shown.rows[1][0] == "到訪 (visit)"
    assert all((tmp_path / f"{name}.xlsx").is_file() for name in ("branch", "visit"))
