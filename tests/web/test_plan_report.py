"""The plan on the page in a real browser: order, languages, phone, sorting, the notice on paper."""

import importlib.util
import itertools
import re
from dataclasses import replace
from pathlib import Path

import pytest

from branchwise.core.languages import LANGUAGES
from branchwise.report.page import render
from branchwise.report.plan_day import PlayedDay

pytestmark = pytest.mark.web
playwright = pytest.importorskip("playwright.sync_api")

EXAMPLES = Path(__file__).parents[1] / "unit" / "report"
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run")
VIEWS = (
    "plan",
    "plan-network",
    "plan-roadmap",
    "plan-case",
    "results",
    "branch-00301",
    "branch-00303",
    "branch-00304",
)
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
FIXED = {"branchwise", "plan", "accept", "reject", "Example", "Bank"}
"""Commands and names of the data, the same in every language."""


def loaded(name):
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    day = PlayedDay(name="城中支行", iso_weekday=5, today="a.html", proposed="b.html")
    report = replace(
        loaded("example").make_report(12),
        plan=loaded("plan_example").make_plan(),
        plan_day=day,
        benefits=loaded("benefit_example").make_benefits(),
    )
    path = tmp_path_factory.mktemp("plan") / "report.html"
    path.write_text(render(report), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def chromium(browser):
    with playwright.sync_playwright() as engine:
        running = engine.chromium.launch(executable_path=browser, args=list(FLAGS))
        yield running
        running.close()


@pytest.fixture
def visit(chromium, file):
    """Open a view; at the end no error was logged."""
    opened, faults = [], []

    def see(view, viewport=DESK):
        context = chromium.new_context(viewport=viewport)
        page = context.new_page()
        page.on("console", lambda message: faults.append(message.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(f"{file.as_uri()}#{view}")
        opened.append(context)
        return page

    yield see
    for context in opened:
        context.close()
    assert faults == []


def test_the_plan_opens_first_and_the_pages_stand_in_order(visit):
    """Without a page asked for the plan is shown; the menu names plan, roadmap, case, today."""
    page = visit("")
    assert page.locator("[data-view=plan]").is_visible()
    assert page.locator("[data-view=board]").is_hidden()
    menu = page.locator("nav a").all_inner_texts()
    assert menu == [
        "Plan", "Changes", "Roadmap", "Business case", "Results", "Today", "Network", "Branches",
        "Data",
    ]  # fmt: skip
    page.click("nav a >> nth=3")
    assert page.locator("[data-view=plan-case]").is_visible()


@pytest.mark.parametrize("view", VIEWS)
def test_every_string_is_translated(visit, view):
    """In Chinese no English word is left but commands and names, and no traditional character."""
    page = visit(f"{view};lang=zh-Hans")
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    words = set(re.findall(r"[A-Za-z]{4,}", page.inner_text(f"[data-view={view}] >> visible=true")))
    assert words - FIXED <= {"visit", "transaction", "queue", "core", "cscaiwang"}
    assert not re.search("[網點櫃號數]", page.inner_text(f"[data-view={view}] h2 >> nth=0"))


@pytest.mark.parametrize("view", VIEWS)
def test_nothing_sticks_out_on_the_phone(visit, view):
    """At 390 pixels the page does not scroll sideways in any language, every detail opened."""
    page = visit(view, PHONE)
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    for language in LANGUAGES:
        page.click(f'[data-lang="{language}"]')
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], language


def test_on_the_phone_every_figure_of_an_action_keeps_its_heading(visit):
    """The table becomes cards; headings follow the language."""
    page = visit("plan;lang=zh-Hant", PHONE)
    cell = page.locator(".acts td.num >> nth=0")
    assert cell.get_attribute("data-label") == "每月久候或離開人次變化（95% 區間）"
    assert page.locator(".acts thead").is_hidden()


def test_the_list_of_branches_sorts_by_effect(visit):
    """A click on the effect puts the greatest gain first, the unknown last."""
    page = visit("plan-network")
    head = page.locator("table.planned th", has_text="Late or lost customers")
    head.locator("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    names = page.locator("table.planned tbody th a").all_inner_texts()
    assert names[:2] == ["城中支行", "東門支行"]


def test_a_sheet_with_its_plan_is_two_pages_of_paper(visit):
    """The plan on one A4 page, today on the next."""
    page = visit("branch-00301")
    paper = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/MediaBox", paper)) == 2


LEVELS = """view => [...document.querySelectorAll(`[data-view="${view}"] :is(h1,h2,h3,h4)`)]
  .map((head) => +head.tagName[1])"""
UNNAMED = """view => [...document.querySelectorAll(`[data-view="${view}"] table`)]
  .filter((table) => !table.caption || !table.caption.textContent.trim())
  .map((table) => table.className)"""
NAMELESS = """view => [...document.querySelectorAll(`[data-view="${view}"] svg`)]
  .filter((drawing) => !drawing.closest('[role=img][aria-label], [aria-hidden=true]')
    && !drawing.closest('td'))
  .map((drawing) => drawing.getAttribute('class'))"""
DIM = """view => {
  const light = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map((part) => {
      const c = part / 255;
      return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (!colour.endsWith(', 0)') && colour !== 'transparent') return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  const found = new Set();
  for (const node of document.querySelectorAll(`[data-view="${view}"] *`)) {
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
    if (!own || node.closest('svg') || !node.checkVisibility()) continue;
    const style = getComputedStyle(node), size = parseFloat(style.fontSize);
    const pair = [light(style.color), light(ground(node))].sort((a, b) => a - b);
    const contrast = (pair[1] + 0.05) / (pair[0] + 0.05);
    if (contrast < (size >= 24 ? 3 : 4.5)) found.add(`${node.className} ${contrast.toFixed(1)}`);
  }
  return [...found];
}"""
"""Contrast of text against its ground, as WCAG 2.2 (1.4.3) reckons it."""


@pytest.mark.parametrize("view", [*VIEWS, "board", "network", "data"])
def test_everybody_can_find_the_way(visit, view):
    """One first heading and no level skipped, every table named, every drawing named or told to
    be passed over, text dark enough."""
    page = visit(view)
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    levels = page.evaluate(LEVELS, view)
    assert levels[0] == 1
    assert levels.count(1) == 1
    steps = itertools.pairwise(levels)
    assert all(after - before <= 1 for before, after in steps), levels
    assert page.evaluate(UNNAMED, view) == []
    assert page.evaluate(NAMELESS, view) == []
    assert page.evaluate(DIM, view) == []


def test_the_keyboard_shows_where_it_is(visit):
    """Every stop of the tab key has an outline that can be seen."""
    page = visit("results")
    for _ in range(12):
        page.keyboard.press("Tab")
        style = page.evaluate(
            "getComputedStyle(document.activeElement).outlineStyle + ' ' +"
            " getComputedStyle(document.activeElement).outlineWidth"
        )
        assert style == "solid 2px"


@pytest.mark.parametrize("view", ["plan", "plan-roadmap", "results", "branch-00301"])
def test_no_table_is_cut_off_on_the_phone(visit, view):
    """At 390 pixels every figure of the plan lies inside the page without moving a table."""
    page = visit(view, PHONE)
    outside = page.evaluate(
        """view => [...document.querySelectorAll(`[data-view="${view}"] :is(td, tbody th)`)]
        .filter((cell) => cell.checkVisibility() && !cell.closest('.capacity, details'))
        .filter((cell) => cell.getBoundingClientRect().right > innerWidth)
        .map((cell) => cell.closest('table').className)""",
        view,
    )
    assert outside == []
