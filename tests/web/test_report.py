"""The report in a real browser: languages, lists, links, phone and paper."""

import importlib.util
import re
from dataclasses import replace
from pathlib import Path

import pytest

from branchwise.core.languages import LANGUAGES, Text
from branchwise.report.comparisons import SHEET
from branchwise.report.page import render

pytestmark = pytest.mark.web
playwright = pytest.importorskip("playwright.sync_api")

EXAMPLE = Path(__file__).parents[1] / "unit" / "report" / "example.py"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
VIEWS = ("board", "network", "branch-00305", "data")
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


def filled(report):
    """Give one branch as many measures, with names as long, as a sheet ever holds."""
    branch = report.branches[4]
    [note] = [note for note in report.measures.values() if note.name.endswith("wait_p90_seconds")][
        :1
    ]
    label = Text(
        en="Wait of nine in ten (P90) of customers of 60 and over",
        zh_hant="六十歲以上客戶九成客戶等候（P90）",
        zh_hans="六十岁以上客户九成客户等候（P90）",
    )
    names = [f"queues.more_{number}" for number in range(len(SHEET) - len(branch.comparisons))]
    more = {name: replace(branch.comparisons[note.name], measure=name) for name in names}
    notes = {name: replace(note, name=name, label=label) for name in names}
    full = replace(branch, comparisons=branch.comparisons | more)
    branches = (*report.branches[:4], full, *report.branches[5:])
    return replace(report, branches=branches, measures=report.measures | notes)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    spec = importlib.util.spec_from_file_location("example", EXAMPLE)
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(render(filled(example.make_report(12))), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def chromium(browser):
    with playwright.sync_playwright() as engine:
        running = engine.chromium.launch(executable_path=browser, args=list(FLAGS))
        yield running
        running.close()


@pytest.fixture
def visit(chromium, file):
    """Open a view; at the end no error was logged and nothing was asked of the network."""
    opened, faults, requests = [], [], []

    def see(view, viewport=DESK, **options):
        context = chromium.new_context(viewport=viewport, **options)
        page = context.new_page()
        page.on("console", lambda message: faults.append(message.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(f"{file.as_uri()}#{view}")
        opened.append(context)
        return page

    yield see
    for context in opened:
        context.close()
    assert faults == []
    assert {url.split("#")[0] for url in requests} <= {file.as_uri(), "data:,"}


def shown_names(page):
    return page.locator("table.network tbody tr:visible th a").all_inner_texts()


def test_the_language_changes_without_reload_and_is_remembered(visit):
    """The switch changes texts, attributes and the link; the link opens in that language."""
    page = visit("board")
    assert "visits at 12 branches" in page.inner_text("h1 >> visible=true")
    page.evaluate("window.kept = true")
    page.click('[data-lang="zh-Hant"]')
    assert "個網點" in page.inner_text("h1 >> visible=true")
    assert page.evaluate("document.documentElement.lang") == "zh-Hant"
    assert page.evaluate("window.kept") is True
    assert page.url.endswith("#board;lang=zh-Hant")
    assert page.get_attribute("nav", "aria-label") == "頁面"
    page.click("nav a >> nth=1")
    assert page.url.endswith("#network;lang=zh-Hant")
    assert "全部網點" in page.inner_text("#network, [data-view=network]")
    again = visit("network;lang=zh-Hans")
    assert "全部网点" in again.inner_text("[data-view=network]")
    again.click('[data-lang="en"]')
    assert "All branches" in again.inner_text("[data-view=network]")


@pytest.mark.parametrize("view", VIEWS)
def test_every_string_is_translated(visit, view):
    """In Chinese no visible English word is left but names of the data and fixed signs."""
    page = visit(f"{view};lang=zh-Hans")
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    words = set(re.findall(r"[A-Za-z]{4,}", page.inner_text(f"[data-view={view}]")))
    assert words <= {"Example", "Bank", "English", "visit", "transaction", "queue", "core",
                     "arrived", "empty", "docx", "repair"}  # fmt: skip
    assert not re.search("[網點櫃號數]", page.inner_text(f"[data-view={view}] h1 + *"))


def test_columns_sort_both_ways_with_unknown_last(visit):
    """A click sorts rising, a second falling; the order is that of the numbers."""
    page = visit("network")
    head = page.locator("table.network th:has(button)", has_text="P90 wait").first
    for direction, is_falling in (("ascending", False), ("descending", True)):
        head.locator("button").first.click()
        assert head.get_attribute("aria-sort") == direction
        index = head.evaluate("cell => cell.cellIndex")
        values = page.eval_on_selector_all(
            "table.network tbody tr", f"rows => rows.map((row) => row.cells[{index}].dataset.v)"
        )
        numbers = [float(value) for value in values if value]
        assert numbers == sorted(numbers, reverse=is_falling)
        assert values[len(numbers) :] == [""] * (len(values) - len(numbers))


def test_the_list_is_filtered(visit):
    """Words, type and findings narrow the list; the counter says how many are left."""
    page = visit("network")
    every = shown_names(page)
    page.fill('[name="words"]', "00305")
    assert shown_names(page) == ["河西支行"]
    assert page.inner_text(".shown").startswith("1/")
    page.fill('[name="words"]', "")
    page.select_option('[name="type"]', "flagship")
    assert 0 < len(shown_names(page)) < len(every)
    page.select_option('[name="type"]', "")
    page.check('[name="found"]')
    assert 0 < len(shown_names(page)) < len(every)


def test_links_lead_to_sheets_and_back(visit):
    """A branch's link opens its sheet alone, the browser's back returns to the list."""
    page = visit("network")
    page.click("table.network tbody th a >> nth=2")
    assert page.locator(".view:visible").count() == 1
    assert page.inner_text("h1 >> visible=true") == "新港支行"
    page.go_back()
    assert page.locator("[data-view=network]").is_visible()
    page.goto(page.url.split("#")[0] + "#branch-nowhere")
    assert page.locator("[data-view=board]").is_visible()


def test_a_definition_is_one_click_away(visit):
    """The question mark opens meaning, bias and standard; Escape closes it."""
    page = visit("branch-00305")
    page.click("[data-view=branch-00305] .define >> nth=0")
    box = page.locator(".definition:popover-open")
    assert "ticket to call" in box.inner_text()
    assert "house standard" in box.inner_text()
    page.keyboard.press("Escape")
    assert box.count() == 0


@pytest.mark.parametrize("view", VIEWS)
def test_nothing_sticks_out_on_the_phone(visit, view):
    """At 390 pixels the page does not scroll sideways in any language, every detail opened."""
    page = visit(view, PHONE)
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    for language in LANGUAGES:
        page.click(f'[data-lang="{language}"]')
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], language


def test_a_sheet_is_one_page_of_paper(visit):
    """A branch's sheet prints on one A4 page (595 by 842 points) in every language."""
    page = visit("branch-00305")
    for language in LANGUAGES:
        page.click(f'[data-lang="{language}"]')
        paper = page.pdf(prefer_css_page_size=True)
        sizes = re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", paper)
        assert [(round(float(w)), round(float(h))) for w, h in sizes] == [(595, 842)]


def test_the_page_reads_without_scripts(visit):
    """With scripts off everything is there, one after the other, in the first language."""
    page = visit("board", java_script_enabled=False)
    assert page.locator(".view:visible").count() == 15
