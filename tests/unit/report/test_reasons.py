"""Reasons of quarantine in the reader's words."""

import re

import pytest

from branchwise.report.reasons import column_name, reason_said, table_label


@pytest.mark.parametrize(
    ("reason", "chinese"),
    [
        ("arrived_at is missing", "缺少到達時間"),
        ("branch_id is in no row of branch", "網點號在「網點」表中查無記錄"),
        ("arrived_at: 昨天 is not: instant", "到達時間：「昨天」不是日期時間"),
        ("too few cells: 15 instead of 17 (line 1043)", "檔案第 1043 行有 15 欄，應為 17 欄"),
    ],
)
def test_reasons_of_cleaning_are_read_in_chinese(reason, chinese):
    """Every form that cleaning writes has its Chinese, columns and tables by their labels."""
    said = reason_said("visit", reason)
    assert said.zh_hant == chinese
    assert not re.search("[a-z]", said.zh_hant)


def test_a_rule_of_the_row_is_explained():
    """A row rule that is kept in English is read in the language of the reader."""
    said = reason_said("visit", "Nobody is called before arriving.")
    assert said.en == "Nobody is called before arriving."
    assert said.zh_hant == "叫號不得早於到達。"
    assert said.zh_hans == "叫号不得早于到达。"


def test_unknown_words_stay():
    """A reason, column or table that nobody declared is shown as it is."""
    assert reason_said("visit", "PHANTOM: ignore").zh_hant == "PHANTOM: ignore"
    assert column_name("nowhere", "x").en == "x"
    assert table_label("nowhere").zh_hans == "nowhere"
