"""The page of a bank too large for one page: whose sheets it holds, what its tables leave out."""

import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from branchwise.core.languages import LANGUAGES
from branchwise.report import plan_network
from branchwise.report.extent import MOST_BRANCHES, extent_of, sheets_said
from branchwise.report.page import render
from branchwise.report.statements import leading

SHEET = re.compile(r'data-view="branch-([^"]+)"')
LINK = re.compile(r'href="#([^"]+)"')
VIEW = re.compile(r'data-view="([^"]+)"')
CODES = tuple(f"{number:05d}" for number in range(301, 313))


@pytest.fixture(scope="module")
def planned(report, plan):
    return replace(report, plan=plan)


def section(html, name):
    return html.split(f'data-view="{name}"')[1].split("data-view=")[0]


def body_rows(html, start):
    """Return the number of rows of the first table after some words."""
    return html.split(start)[1].split("<tbody>")[1].split("</tbody>")[0].count("<tr")


def codes(branches):
    return [branch.branch_id for branch in branches]


def test_a_bank_with_room_is_shown_whole(planned):
    """At the limit nothing is left out: the same bytes as far below it, and nothing is said."""
    whole = render(planned, "en", most=len(planned.branches))
    assert whole == render(planned, "en", most=10 * len(planned.branches))
    assert whole == render(planned, "en")
    assert SHEET.findall(whole) == codes(planned.branches)
    assert "full sheets of" not in whole
    assert "rows are shown" not in whole


def test_the_plans_help_comes_before_findings_and_findings_before_the_rest(planned):
    """By hand: 400 customers helped, 30 helped, then findings by rank, then the order given."""
    findings = [f.branch_id for f in leading(planned.findings)]
    order = list(dict.fromkeys(["00301", "00302", *findings, *codes(planned.branches)]))
    for most in range(1, len(order) + 1):
        found = codes(extent_of(planned, most=most).sheets)
        assert found == sorted(order[:most])
    assert codes(extent_of(replace(planned, plan=None), most=1).sheets) == findings[:1]


def test_branches_with_actions_at_work_come_before_findings(report, benefits):
    """A page of results says that months stand on sheets: those sheets are there first."""
    at_work = [one.branch_id for one in benefits if one.branch_id in CODES]
    found = extent_of(replace(report, benefits=benefits), most=len(set(at_work)))
    assert set(codes(found.sheets)) == set(at_work)


@given(
    most=st.integers(1, 15),
    named=st.lists(st.sampled_from(CODES), max_size=6, unique=True),
)
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_link_leads_to_a_sheet_that_is_not_there(planned, most, named):
    """Whatever the limit: links lead to views, branches asked for are in, no more than may be."""
    html = render(planned, "en", most=most, named=named)
    sheets = SHEET.findall(html)
    assert set(LINK.findall(html)) <= set(VIEW.findall(html))
    assert set(named) <= set(sheets)
    assert len(sheets) == min(max(most, len(named)), len(planned.branches))


def test_a_shortened_page_says_what_is_left_out_and_where_it_stands(planned):
    """Three of twelve branches: coverage, funnel and plan are cut; the list still finds all."""
    html = render(planned, "en", most=3)
    assert len(SHEET.findall(html)) == 3
    network, data = section(html, "network"), section(html, "data")
    assert "3 of 12 branches" in network
    assert "branchwise report --branch CODE" in network
    assert body_rows(network, "data-list") == 12
    assert body_rows(network, "<details") == 3
    assert "3 of 12 rows are shown, the longest wait first; report.json" in network
    assert body_rows(data, 'class="plain coverage"') == 3
    assert "3 of 12 rows are shown, the gappiest first; report.json holds them all." in data
    changes = section(html, "plan-network")
    assert body_rows(changes, "planned stack") == 3
    assert "3 of 4 rows are shown, the greatest help first; plan.xlsx" in changes


def test_shortened_tables_hold_the_first_by_their_own_order(planned, plan):
    """The longest waits of the funnel; of the plan those helped most, then the others."""
    waits = {point.branch_id: point.value for point in planned.funnel.points}
    longest = sorted(waits, key=waits.get, reverse=True)[:3]
    names = {branch.branch_id: branch.name for branch in planned.branches}
    network = section(render(planned, "en", most=3), "network")
    table = network.split("<details")[1].split("</details>")[0]
    assert re.findall(r'<th scope="row">([^<]+)</th>', table) == [names[code] for code in longest]
    assert codes(plan_network.shown(plan, 3)) == ["00301", "00302", "00303"]
    assert codes(plan_network.shown(plan, 4)) == codes(plan_network.ordered(plan))


def test_the_list_of_a_huge_bank_is_cut_too(report):
    """Beyond its own limit the list holds those with a sheet first."""
    found = extent_of(report, most=2, listed=5, named=("00312",))
    assert len(found.listed) == 5
    assert set(codes(found.sheets)) <= set(codes(found.listed))
    assert "00312" in codes(found.sheets)


def test_results_left_out_are_in_the_workbook(report, benefits):
    """Two of six promises; months of branches without a sheet are not said to stand on it."""
    many = tuple(benefits) * 6
    results = section(render(replace(report, benefits=many), "en", most=2), "results")
    assert body_rows(results, "plain promised") == 2
    assert "2 of 36 rows are shown, what asks for a decision first; results.xlsx" in results
    assert "12 further ones stand in the workbook." in results


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_left_out_is_said_in_every_language(planned, language):
    """The two sentences in the language in which the page opens."""
    said = sheets_said(planned, extent_of(planned, most=3))
    html = render(planned, language, most=3)
    assert said.read_in(language) in html
    shown = {
        "en": "3 of 12 rows",
        "zh-Hant": "共 12 項，此處列出 3 項",
        "zh-Hans": "共 12 项，此处列出 3 项",
    }
    assert shown[language] in html


def test_a_thousand_branches_are_no_larger_than_what_is_shown_of_them(make_report):
    """Ten times the branches, the same sheets: what grows is the list that finds a branch."""
    small, large = (render(make_report(count), "en", most=10) for count in (20, 200))
    assert len(SHEET.findall(large)) == len(SHEET.findall(small)) == 10
    assert (len(large) - len(small)) / 180 < 3_500
    assert MOST_BRANCHES == 100
