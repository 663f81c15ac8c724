"""Promised against measured on page and in the workbook: counts, order, months, places by hand."""

import importlib.util
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from branchwise.core.languages import LANGUAGES
from branchwise.evaluate.verdicts import VERDICTS
from branchwise.report import benefit_figures, benefits
from branchwise.report.page import render
from branchwise.report.plan_workbook import write_workbook

SPEC = importlib.util.spec_from_file_location(
    "benefit_example", Path(__file__).with_name("benefit_example.py")
)
example = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(example)


@pytest.fixture(scope="module")
def found():
    return example.make_benefits()


@pytest.fixture(scope="module")
def html(report, found):
    return render(replace(report, benefits=found), "en")


def test_kept_missed_and_open_are_counted(found):
    """One of each: a broken guard-rail counts as missed; what was never promised counts apart."""
    count = benefits.totals(found)
    assert (count.promises, count.kept, count.missed, count.guard_rail_broken) == (5, 1, 2, 1)
    assert (count.not_shown, count.too_early, count.not_measurable) == (1, 1, 0)
    assert count.without_promise == 1
    assert benefits.headline(found).en == (
        "Of 5 promises: 1 kept, 2 missed, 1 not shown, 1 too early to tell"
    )
    assert benefits.headline(found[-1:]).en == "Nothing was promised of what is being done."


@given(verdicts=st.lists(st.sampled_from(VERDICTS), max_size=12))
def test_every_promise_is_counted_once_and_kept_in_the_list(verdicts):
    """The counts sum to the promises; ordering loses and invents nothing, the missed come first."""
    made = [example.benefit(f"B{n}", "x", one, 0.1) for n, one in enumerate(verdicts)]
    count = benefits.totals(made)
    parts = (count.kept, count.missed, count.not_shown, count.too_early, count.not_measurable)
    assert sum(parts) == count.promises == len(verdicts)
    ordered = benefits.ordered(made)
    assert sorted(one.branch_id for one in ordered) == sorted(one.branch_id for one in made)
    missed = [one.verdict in benefits.MISSED for one in ordered]
    assert missed == sorted(missed, reverse=True)


def test_months_come_in_order_and_all_days_last(found):
    """April, May, all; better beyond chance, the guard-rail within its limit."""
    lines = benefits.lines(found[0])
    assert [line.month.en for line in lines] == ["2026-04", "2026-05", "all since the start"]
    assert [line.state for line in lines] == ["better"] * 3
    assert [line.is_guard_broken for line in lines] == [False] * 3
    assert (lines[-1].days, lines[-1].comparisons, lines[-1].is_whole) == (40, 2, True)
    assert benefits.lines(found[-1]) == []


def test_a_guard_rail_is_broken_only_beyond_its_interval(found):
    """6 points ± 2 exceed a limit of 2 even at 4; 3 ± 2 may be within."""
    assert benefits.lines(found[2])[-1].is_guard_broken
    near = replace(found[2], guard_whole=example.measured("all", 0.03, 0.02, 40))
    assert not benefits.lines(near)[-1].is_guard_broken


def test_a_month_that_cannot_be_told_stays_in_the_list(found):
    """No number, no mark, but the month with its days is there."""
    gap = replace(found[0], months=(example.measured("2026-04", None, days=3),))
    [first, last] = benefits.lines(gap)
    assert (first.measured, first.state, first.days) == (None, "unsure", 3)
    assert last.measured is not None
    assert benefit_figures.month_chart(gap).count("<circle") == 1


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (0, "not short of the least"),
        (1, "falls short of the least"),
        (2, "got worse by more than may be"),
        (3, "more days are needed"),
        (4, "12 of 40 open days have passed."),
        (5, "Nothing was promised of it"),
    ],
)
def test_the_verdict_gives_its_reason(found, place, words):
    """Each verdict says why in one sentence."""
    assert words in benefits.verdict_sentence(found[place]).en


def test_promise_and_guard_rail_are_said_with_their_intervals(found):
    """+10 pp (5 to 15) from 60 %; the guard-rail by 2 % at most; without one nothing is said."""
    assert benefits.promise_sentence(found[0]).en == (
        "Called within the standard: +10 pp promised (95 % interval +5 pp to +15 pp), from 60 %."
    )
    assert benefits.guard_sentence(found[0]).en.endswith("must not get worse by more than 2 %.")
    assert benefits.guard_sentence(found[-1]) is None
    states = [benefits.verdict_state(one) for one in found]
    assert states == ["good", "poor", "poor", "open", "open", "open"]


def test_the_band_holds_the_promise_and_the_dots_the_months(found):
    """A dot at the promised difference lies in the middle of the promised band."""
    exact = example.benefit("B1", "x", "kept", 0.10)
    chart = benefit_figures.month_chart(exact)
    top, height = map(float, re.search(
        r'y="([\d.]+)%" width="[\d.]+%" height="([\d.]+)%" class="band"', chart
    ).groups())  # fmt: skip
    dots = [float(y) for y in re.findall(r'cy="([\d.]+)%"', chart)]
    assert len(dots) == 3
    assert dots == [pytest.approx(top + height / 2, abs=0.02)] * 3
    assert benefit_figures.both_mark(found[-1]) == ""
    assert benefit_figures.month_chart(found[-1]) == ""


def test_wide_intervals_of_few_days_do_not_flatten_the_rest():
    """An interval of ± 500 points is cut off at 2.5 times what was promised or measured."""
    wild = example.benefit("B1", "x", "too_early", 0.10)
    wild = replace(wild, months=(example.measured("2026-04", 0.1, 5.0),))
    heights = [
        float(y) for y in re.findall(r'y[12]="([\d.]+)%"', benefit_figures.month_chart(wild))
    ]
    assert min(heights) >= benefit_figures.TOP
    band = re.search(r'height="([\d.]+)%" class="band"', benefit_figures.month_chart(wild))
    assert float(band.group(1)) > 10


def test_waits_are_drawn_in_minutes_once_they_are_long(found):
    """Shares in points; seconds below a minute and a half stay seconds."""
    wait = replace(found[0], measure="queues.wait_mean_seconds")
    assert benefit_figures.axis_unit(found[0]).en == "percentage points"
    assert benefit_figures.axis_unit(wait).en == "seconds"
    assert benefit_figures.axis_unit(replace(wait, promised=-300.0)).en == "minutes"


def test_the_page_shows_totals_every_promise_and_the_sheet_its_own(html, page):
    """After the board where there is no plan; a report without actions has no such page."""
    results = html.split('data-view="results"')[1].split("data-view=")[0]
    assert results.count("<article") == 6
    assert results.split("<tbody>")[1].split("</tbody>")[0].count("<tr>") == 6
    assert 'href="#branch-00302"' in results
    sheet = html.split('data-view="branch-00302"')[1].split("data-view=")[0]
    assert "Promised and measured here" in sheet
    assert "not kept" in sheet
    assert 'data-view="results"' not in page
    order = re.findall(r'data-view="([^"]+)"', html)
    assert order[:2] == ["board", "results"]
    assert "no effect of any action yet" not in html


def test_many_promises_do_not_make_an_endless_page(report):
    """Beyond the limit the months stand on the branches' sheets and in the workbook."""
    many = tuple(example.benefit("00301", "x", "kept", 0.1) for _ in range(benefits.SHOWN + 3))
    results = render(replace(report, benefits=many), "en").split('data-view="results"')[1]
    results = results.split("data-view=")[0]
    assert results.count("<article") == benefits.SHOWN
    assert "3 further ones" in results


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_workbook_holds_promises_and_months_as_numbers(found, tmp_path, language):
    """Two sheets: six packages, ten months; numbers are numbers, no plan is needed."""
    path = write_workbook(None, tmp_path / "results.xlsx", language, benefits=found)
    book = CalamineWorkbook.from_path(path)
    assert len(book.sheet_names) == 2
    whole, months = (book.get_sheet_by_name(name).to_python() for name in book.sheet_names)
    rows = [dict(enumerate(row)) for row in whole[3:9]]
    assert [row[0] for row in rows][-1] == "00306"
    kept = next(row for row in rows if row[0] == "00301")
    assert kept[8] == 0.10
    assert kept[11] == pytest.approx(0.11)
    assert len(months) - 3 == 10
    again = write_workbook(None, tmp_path / "again.xlsx", language, benefits=found)
    assert again.read_bytes() == path.read_bytes()


def test_with_a_plan_the_results_are_its_last_sheets(plan, found, tmp_path):
    """Nine sheets of the plan, then two."""
    path = write_workbook(plan, tmp_path / "plan.xlsx", "en", benefits=found)
    names = CalamineWorkbook.from_path(path).sheet_names
    assert names[-2:] == ["Results", "Month by month"]
    assert len(names) == 11


def test_a_promise_to_get_no_worse_is_judged_in_its_own_words():
    """No improvement was promised, so none is said to be shown or missing."""
    kept = replace(example.benefit("B1", "x", "kept", 0.0), promised=0.0, lower=-0.04, upper=0.04)
    assert "promised to get no worse than by 4 pp" in benefits.promise_sentence(kept).en
    assert benefits.verdict_sentence(kept).en == (
        "It is shown that it did not get worse by more than was promised."
    )
    missed = benefits.verdict_sentence(replace(kept, verdict="not_kept"))
    assert missed.en == "Even the better end of the interval is worse than was promised."
    assert "improvement" in benefits.verdict_sentence(replace(kept, promised=0.1)).en
    assert benefits.verdict_sentence(replace(kept, verdict="not_shown")).en.startswith(
        "The interval holds both"
    )
