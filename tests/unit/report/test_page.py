"""The page as HTML: complete, safe, the same in three languages."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from branchwise.core.languages import LANGUAGES
from branchwise.report.deliveries import Loading
from branchwise.report.model import Estimate
from branchwise.report.page import render

HOSTILE = "<script>alert(1)</script>\"'&<img src=x onerror=alert(2)>{{7*7}}</template>"
VOID = {"meta", "link", "br", "input", "img", "hr"}


class Reader(HTMLParser):
    """Collects elements, attributes and whether the tags close."""

    def __init__(self):
        super().__init__()
        self.open, self.faults, self.elements = [], [], []

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        if not self.open or self.open[-1] != tag:
            self.faults.append(tag)
        else:
            self.open.pop()


def read(page):
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader


def texts_of(page):
    found = re.search(r'<script type="application/json" id="texts">(.*?)</script>', page, re.DOTALL)
    return json.loads(found.group(1))


def test_every_tag_closes(page):
    """The page is well formed."""
    reader = read(page)
    assert reader.faults == []
    assert reader.open == []


def test_nothing_is_asked_of_the_network(page):
    """No element refers to anything outside the page."""
    for tag, attributes in read(page).elements:
        for name in ("src", "href", "xlink:href", "action", "srcset"):
            link = attributes.get(name, "#")
            assert link.startswith(("#", "data:,")), (tag, name, link)
    assert "@import" not in page
    assert not re.search(r"url\((?!data:)", page)


def test_identifiers_are_unique(page):
    """No identifier is given twice, so links and definitions reach what they name."""
    named = [held["id"] for _, held in read(page).elements if "id" in held]
    assert len(named) == len(set(named))


def test_every_link_has_its_place(page, report):
    """Every link within the page leads to a view that exists."""
    elements = read(page).elements
    views = {held["id"] for _, held in elements if "data-view" in held}
    links = {held["href"][1:] for tag, held in elements if tag == "a" and "href" in held}
    assert links <= views
    assert {f"branch-{branch.branch_id}" for branch in report.branches} <= views


def test_every_definition_button_opens_a_definition(page, report):
    """Each question mark belongs to a definition on the page, and each measure has one."""
    elements = read(page).elements
    buttons = {held["popovertarget"] for _, held in elements if "popovertarget" in held}
    named = {held.get("id") for _, held in elements if "popover" in held}
    assert buttons <= named
    assert len(named) == len(report.measures)


def test_texts_are_numbered_in_every_language(page):
    """Every numbered element has its text in all three languages."""
    texts = texts_of(page)
    assert set(texts) == set(LANGUAGES)
    assert len({len(words) for words in texts.values()}) == 1
    for _, held in read(page).elements:
        if "data-t" in held:
            assert int(held["data-t"]) < len(texts["en"])


def test_the_page_reads_in_the_language_asked_for(report):
    """The page opens in each language without any script."""
    assert "四項目標" in render(report, "zh-Hant")
    assert "四项目标" in render(report, "zh-Hans")
    assert '<html lang="zh-Hans">' in render(report, "zh-Hans")


def test_no_english_stays_in_the_chinese_page(page):
    """A text with English words in it reads otherwise in Chinese."""
    texts = texts_of(page)
    for english, chinese in zip(texts["en"], texts["zh-Hant"], strict=True):
        if re.search(r"[a-z]{4}", english) and not re.search(r"[一-鿿]", english):
            assert re.search(r"[一-鿿]", chinese), english


def test_figures_are_the_same_in_every_language(report):
    """Drawings hold no words: they are the same bytes in every language (tips aside)."""

    def drawings(language):
        found = re.findall(r"<svg.*?</svg>", render(report, language), re.DOTALL)
        return [re.sub(r"<title.*?</title>", "", drawing) for drawing in found]

    assert drawings("en") == drawings("zh-Hant")


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_names_stay_text(make_report, language):
    """Names that look like code are shown, never run."""
    report = make_report(3, name=HOSTILE)
    branch = replace(report.branches[0], branch_id=HOSTILE, name=HOSTILE, region=HOSTILE)
    loading = replace(report.loading, unmapped_files=(HOSTILE,))
    page = render(
        replace(report, branches=(branch, *report.branches[1:]), loading=loading), language
    )
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "49" not in re.sub(r"\d\d+|data-t=.\d+", "", page).split("onerror")[0][-20:]
    assert len(re.findall(r"<script", page)) == 3
    assert read(page).faults == []


@given(text=st.text(max_size=60))
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_name_keeps_the_page_well_formed(make_report, text):
    """Whatever a branch is called, the page stays well formed and holds its three scripts."""
    report = make_report(1)
    branch = replace(report.branches[0], name=text, region=text)
    page = render(replace(report, branches=(branch,), bank_name=text))
    assert len(re.findall(r"<script", page)) == 3
    assert read(page).faults == []


@pytest.mark.parametrize("value", [None, 0.0, -5.0, 1e300, float("inf"), float("nan")])
def test_values_of_any_size_are_drawn(make_report, value):
    """Missing, huge and impossible values neither stop the page nor reach the drawings."""
    report = make_report(8)
    wild = Estimate(value=value, lower=value, upper=value, count_rows=0)
    branches = tuple(
        replace(
            branch,
            comparisons={
                name: replace(row, today=wild) for name, row in branch.comparisons.items()
            },
        )
        for branch in report.branches
    )
    goals = tuple(replace(goal, now=wild) for goal in report.goals)
    page = render(replace(report, branches=branches, goals=goals))
    assert "nan%" not in page
    assert "inf%" not in page


def test_an_empty_bank_has_an_honest_page(make_report):
    """With nothing loaded the page says so and still holds its four goals."""
    report = make_report(1)
    empty = replace(
        report,
        branches=(),
        findings=(),
        loading=Loading(),
        count_visits=0,
        bank={},
        funnel=None,
        starts_on=None,
        ends_on=None,
        goals=tuple(replace(goal, measure=None) for goal in report.goals),
    )
    page = render(empty)
    assert "No visits are loaded yet" in page
    assert page.count("not yet") >= 4


def test_forty_branches_stay_small(make_report):
    """A page of 40 branches weighs less than 3 MB."""
    assert len(render(make_report(40)).encode()) < 3_000_000
