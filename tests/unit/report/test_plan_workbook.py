"""The workbook of a plan, read back: sheets, headings, numbers as numbers, no formula."""

import zipfile
from dataclasses import replace
from datetime import date

import pytest
from python_calamine import CalamineWorkbook

from branchwise.core.languages import LANGUAGES
from branchwise.report.plan_workbook import write_workbook

SHEETS = {
    "en": ["Board", "Options", "Chosen packages", "Effects", "Cash", "Assumptions", "Roadmap",
           "Promises", "Twins"],
    "zh-Hant": ["總覽", "措施", "入選措施", "效果", "現金", "假設", "實施路線", "承諾", "模擬"],
    "zh-Hans": ["总览", "措施", "入选措施", "效果", "现金", "假设", "实施路线", "承诺", "模拟"],
}  # fmt: skip
HEADING, FIRST = 2, 3


def read(path):
    book = CalamineWorkbook.from_path(path)
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def rows_of(sheet):
    return [dict(zip(sheet[HEADING], row, strict=True)) for row in sheet[FIRST:]]


@pytest.fixture(scope="module")
def book(plan, tmp_path_factory):
    return read(write_workbook(plan, tmp_path_factory.mktemp("book") / "plan.xlsx", "en"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_sheets_and_headings_are_in_the_language_asked_for(plan, tmp_path, language):
    """Nine sheets in order; in Chinese no English heading but codes."""
    found = read(write_workbook(plan, tmp_path / "new" / "plan.xlsx", language))
    assert list(found) == SHEETS[language]
    if language != "en":
        headings = " ".join(str(cell) for sheet in found.values() for cell in sheet[HEADING])
        assert not [word for word in headings.split() if word.isascii()]


def test_numbers_are_numbers_and_agree_with_the_plan(book, plan):
    """Costs in whole yuan, effects, cash by quarter, present value."""
    package = rows_of(book["Chosen packages"])[0]
    costs = plan.branches[0].costs
    assert package["Running cost a year, CNY"] == costs.yearly_minor / 100
    assert package["Late or lost customers a month, change"] == -400.0
    assert (package["Lower end"], package["Upper end"]) == (-500.0, -300.0)
    flows = rows_of(book["Cash"])[: len(plan.case.flows)]
    net = sum(flow.net_minor for flow in plan.case.flows) / 100
    assert flows[-1]["Sum so far, CNY"] == pytest.approx(net)
    board = {row["Figure"]: row for row in rows_of(book["Board"])}
    assert board["Net present value"]["Value, in the unit"] == plan.case.npv_minor / 100
    assert board["Customers a month who wait too long or leave"]["Lower end"] == -500.0


def test_every_option_stands_in_the_list_with_its_answer(book, plan):
    """Seven options; one accepted; the chosen have no reason why not, all others have one."""
    rows = [row for row in rows_of(book["Options"]) if row["Option (code)"] in plan.options]
    assert len(rows) == len(plan.options) == 7
    answers = {row["Option (code)"]: row["Answer"] for row in rows}
    assert [code for code, answer in answers.items() if answer == "accepted"] == [
        "00301|guide_at_peaks|1|lobby"
    ]
    assert all((row["Chosen"] == "yes") is (row["Why not chosen"] == "") for row in rows)


def test_promises_and_milestones_carry_dates(book, plan):
    """Dates are dates, not texts."""
    [promise] = rows_of(book["Promises"])
    assert promise["Verdict on"] == plan.promises[0].measured_on
    assert promise["Probability that it is found"] == 0.95
    assert all(isinstance(row["By"], date) for row in rows_of(book["Roadmap"]))
    assert len(rows_of(book["Roadmap"])) == len(plan.roadmap.milestones)


def test_twins_say_what_would_mend_them(book):
    """One row a branch, with verdict, reason and remedy."""
    assert [row["Twin"] for row in rows_of(book["Twins"])] == [
        "trusted", "waits only", "trusted", "not trusted",
    ]  # fmt: skip
    assert rows_of(book["Twins"])[3]["What would mend it"] == "Load every day."


def test_no_cell_becomes_a_formula(plan, tmp_path):
    """A name that begins with = + - or @ stays the text that it is."""
    bad = ["=1+1", "+2", "-3", "@SUM(A1)"]
    branches = tuple(replace(one, name=name) for one, name in zip(plan.branches, bad, strict=True))
    path = write_workbook(replace(plan, branches=branches), tmp_path / "plan.xlsx", "en")
    assert [row["Branch"] for row in rows_of(read(path)["Twins"])] == bad
    with zipfile.ZipFile(path) as parts:
        pages = [name for name in parts.namelist() if name.startswith("xl/worksheets/sheet")]
        assert len(pages) == 9
        assert not any(b"<f>" in parts.read(name) for name in pages)


def test_answers_are_chosen_from_a_list_and_headings_stay(plan, tmp_path):
    """The answer column offers its three answers; panes are frozen and headings filtered."""
    path = write_workbook(plan, tmp_path / "plan.xlsx", "en")
    with zipfile.ZipFile(path) as parts:
        options = parts.read("xl/worksheets/sheet2.xml").decode()
    assert '"open,accepted,rejected"' in options
    assert 'state="frozen"' in options
    assert "<autoFilter" in options


def test_the_same_plan_gives_the_same_bytes(plan, tmp_path):
    """No clock and no chance in the file; an older file is written over."""
    first = write_workbook(plan, tmp_path / "a.xlsx", "en").read_bytes()
    (tmp_path / "b.xlsx").write_bytes(b"old")
    assert write_workbook(plan, tmp_path / "b.xlsx", "en").read_bytes() == first


def test_a_plan_of_nothing_is_a_workbook_too(plans, tmp_path):
    """Empty tables under their headings, the headline says why."""
    found = read(write_workbook(plans.nothing(), tmp_path / "plan.xlsx", "en"))
    assert len(found) == 9
    assert found["Board"][0][0].startswith("Nothing is proposed")


def test_services_go_by_their_names(plan, tmp_path):
    """With the names of services no code is left in what changes."""
    path = write_workbook(plan, tmp_path / "plan.xlsx", "zh-Hant", services={"cash_in": "存款"})
    changes = " ".join(row["具體改動"] for row in rows_of(read(path)["措施"]))
    assert "存款" in changes
    assert "cash_in" not in changes
