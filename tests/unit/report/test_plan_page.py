"""The plan on the page: first, in three languages; and drawings at their places."""

import re
from dataclasses import replace

import pytest

from branchwise.core.languages import LANGUAGES
from branchwise.report import plan_case, plan_figures
from branchwise.report.page import render
from branchwise.report.plan_day import PlayedDay

VIEW = re.compile(r'data-view="([^"]+)"')
DAY = PlayedDay(name="城中支行", iso_weekday=5, today="../a.html", proposed="../b.html")


@pytest.fixture(scope="module")
def planned(report, plan):
    return replace(report, plan=plan, plan_day=DAY)


@pytest.fixture(scope="module")
def html(planned):
    return render(planned, "en")


def section(html, name):
    return html.split(f'data-view="{name}"')[1].split("data-view=")[0]


def test_the_plan_comes_first_and_without_one_the_page_is_as_before(html, page):
    """Views in order; a report without a plan has none of the plan's."""
    assert VIEW.findall(html)[:5] == [
        "plan", "plan-network", "plan-roadmap", "plan-case", "board",
    ]  # fmt: skip
    assert VIEW.findall(page)[0] == "board"
    assert "plan-case" not in page


def test_the_board_says_figures_actions_losers_and_what_is_asked(html):
    """Everything that a board asks first, with links to the evidence."""
    board = section(html, "plan")
    wanted = (
        "−400",
        "The leading actions",
        "Who is worse off",
        "What is asked for",
        "+40",
        '<a href="../a.html">',
        '<a href="#branch-00301">城中支行</a>',
    )
    for words in wanted:
        assert words in board, words


def test_every_branch_of_the_plan_has_its_row_and_the_untrusted_their_remedy(html):
    """Four rows; below them what would mend the fourth."""
    network = section(html, "plan-network")
    assert network.split("<tbody>")[1].split("</tbody>")[0].count("<tr>") == 4
    assert "Load every day." in network
    assert "training" in section(html, "plan-roadmap").lower()


def test_the_case_shows_assumptions_with_their_source(html, plan):
    """Each shown swing with both ends, whose it is and where it comes from."""
    case = section(html, "plan-case")
    shown = plan_case.swings(plan.case)
    assert case.split('class="plain swings')[1].count('class="wide"') == len(shown) > 0
    assert case.count(">default<") == len(shown)
    assert "Method and limits" in case


def test_sheets_hold_their_part_of_the_plan(html):
    """Chosen, unchanged, unpromised, and not asked for."""
    assert "The promise, verdict on" in section(html, "branch-00301")
    assert "The plan: nothing changes here" in section(html, "branch-00303")
    assert "The twin foretold the days." in section(html, "branch-00304")
    assert "was not asked for when plan P-1 was made" in section(html, "branch-00309")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_plan_without_any_action_is_no_empty_page(report, plans, language):
    """It says why nothing is proposed and what would mend it."""
    html = render(replace(report, plan=plans.nothing()), language)
    assert plans.MEND.read_in(language) in html
    assert {"en": "Nothing is proposed", "zh-Hant": "不提出", "zh-Hans": "不提出"}[language] in html


def test_a_plan_of_older_data_says_so(planned):
    """A warning before anything is decided on it."""
    words = "New data have been loaded since this plan was made"
    assert words in section(render(replace(planned, plan_is_current=False)), "plan")
    assert words not in section(render(planned), "plan")


def test_names_cannot_break_the_page(report, plan):
    """A branch name with markup is shown, not obeyed."""
    name = "<img src=x onerror=alert(1)>"
    branches = tuple(replace(branch, name=name) for branch in plan.branches)
    html = render(replace(report, plan=replace(plan, branches=branches)), "en")
    assert "<img" not in html
    assert "&lt;img" in html


def test_the_frontier_marks_every_budget_and_the_plan(plan):
    """Three budgets and the plan; the plan stands at what its own candidates keep, 430."""
    chart = plan_figures.frontier_chart(plan)
    heights = re.findall(r'cy="([\d.]+)%"', chart)
    assert len(heights) == 4
    assert heights[-1] == heights[-2] < heights[0]
    assert chart.count("here worse") == 1


def test_cash_hangs_from_the_line_of_nothing(plan):
    """Paid downwards: a bar begins at the line and is as long as its share of the deepest."""
    years = plan_case.years(plan.case)
    chart = plan_figures.cash_chart(years, "CNY")
    bars = re.findall(
        r'y="([\d.]+)%" width="[\d.]+%" height="([\d.]+)%" class="(\w+)( once)?"', chart
    )
    assert len(bars) == 3 * len(years)
    running = [float(height) for _, height, kind, once in bars if kind == "paid" and not once]
    amounts = [year.yearly_minor for year in years]
    assert running[1] / running[0] == pytest.approx(amounts[1] / amounts[0], rel=0.02)


def test_swings_share_one_scale_and_the_value_as_it_is(plan):
    """The line of the present value stands at the same place in every row."""
    swings = plan_case.swings(plan.case)
    lines = {
        re.search(
            r'x1="([\d.]+)%" y1="0%"', plan_figures.swing_mark(one, swings, plan.case.npv_minor)
        ).group(1)
        for one in swings
    }
    assert len(lines) == 1


def test_a_change_of_nothing_stands_in_the_middle(plans):
    """No change at 50 %, an increase to the right, of a difference that is not known nothing."""

    def place(difference):
        made = plans.effect("queues.wait_mean_seconds", "s", 100.0, difference, 10.0)
        found = re.search(r'cx="([\d.]+)%"', plan_figures.change_mark(made, 50.0, state="unsure"))
        return float(found.group(1))

    assert place(0.0) == 50.0
    assert place(25.0) - 50.0 == pytest.approx(50.0 - place(-25.0))
    assert place(25.0) > 50.0
    unknown = replace(plans.effect("m", "s", 1.0, 1.0, 1.0), difference=None)
    assert plan_figures.change_mark(unknown, 1.0, state="unsure") == ""
