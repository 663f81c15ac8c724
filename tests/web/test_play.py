"""The page that plays a day in a real browser: playing, scrubbing, languages, phone, smoothness."""

import re

import pytest
from tests.unit.twin.busy import busy_day, fullest_minute

from branchwise.core.languages import LANGUAGES
from branchwise.report.play import play_page
from branchwise.twin.frames import frames

pytestmark = pytest.mark.web
playwright = pytest.importorskip("playwright.sync_api")

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
FRAMES_PER_SECOND = """(seconds) => new Promise((done) => {
  let count = 0, first = null;
  const step = (now) => {
    first ??= now;
    if (now - first >= seconds * 1000) done(count / (now - first) * 1000);
    else { count += 1; requestAnimationFrame(step); }
  };
  requestAnimationFrame(step);
})"""


@pytest.fixture(scope="module")
def day():
    return busy_day()


@pytest.fixture(scope="module")
def full(day):
    """The clock when most people wait."""
    hours, minutes = divmod(fullest_minute(day) // 60, 60)
    return f"t={hours:02}:{minutes:02}"


@pytest.fixture(scope="module")
def file(day, tmp_path_factory):
    path = tmp_path_factory.mktemp("play") / "play.html"
    path.write_text(play_page(frames(day), title="河西支行"), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def chromium(browser):
    with playwright.sync_playwright() as engine:
        running = engine.chromium.launch(executable_path=browser, args=list(FLAGS))
        yield running
        running.close()


@pytest.fixture
def visit(chromium, file):
    """Open the page; at the end no error was logged and nothing was asked of the network."""
    opened, faults, requests = [], [], []

    def see(place="t=10:00", viewport=DESK, **options):
        context = chromium.new_context(viewport=viewport, **options)
        page = context.new_page()
        page.on("console", lambda message: faults.append(message.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(f"{file.as_uri()}#{place}")
        opened.append(context)
        return page

    yield see
    for context in opened:
        context.close()
    assert faults == []
    assert {url.split("#")[0] for url in requests} <= {file.as_uri(), "data:,"}


def seconds(page):
    hours, minutes, rest = map(int, page.inner_text(".time").split(":"))
    return 3600 * hours + 60 * minutes + rest


def picture(page):
    return page.evaluate("document.querySelector('canvas').toDataURL()")


def test_the_button_plays_and_pauses(visit):
    """The clock runs at about the chosen speed and stands when paused; the picture moves."""
    page = visit("t=10:00")
    assert page.inner_text(".time") == "10:00:00"
    before = picture(page)
    page.click('[data-speed="240"]')
    page.click(".run")
    page.wait_for_timeout(1500)
    page.click(".run")
    stood = seconds(page)
    assert 36_000 + 150 < stood < 36_000 + 900
    page.wait_for_timeout(900)
    assert seconds(page) == stood
    assert picture(page) != before


def test_it_begins_to_play_by_itself(visit):
    """Opened without a time it plays from the beginning of the day."""
    page = visit("")
    page.wait_for_timeout(700)
    assert 32_400 < seconds(page) < 32_600


def test_keys(visit):
    """Space plays, arrows go a minute (with shift a quarter of an hour), up is faster."""
    page = visit("t=11:00")
    page.keyboard.press("ArrowRight")
    assert page.inner_text(".time") == "11:01:00"
    page.keyboard.press("Shift+ArrowLeft")
    assert page.inner_text(".time") == "10:46:00"
    page.keyboard.press("ArrowUp")
    assert page.get_attribute('[data-speed="120"]', "aria-pressed") == "true"
    page.keyboard.press("Space")
    assert page.get_attribute(".run", "aria-pressed") == "true"
    page.keyboard.press("Space")
    page.keyboard.press("Home")
    assert page.inner_text(".time") == "09:00:00"


def test_scrubbing(visit, full):
    """The slider and the strips go to a time; the same time is the same picture."""
    page = visit(full)
    first, waiting = picture(page), page.inner_text('[data-count="waiting"]')
    lane = page.locator(".timeline .lane:not(.seek)").first
    box = lane.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 8)
    start, end = (32_400, page.evaluate("+document.querySelector('.seek input').max") + 32_400)
    assert seconds(page) == pytest.approx((start + end) / 2, abs=60)
    page.evaluate(f"location.hash = '{full}'")
    page.wait_for_timeout(100)
    assert page.inner_text('[data-count="waiting"]') == waiting
    assert picture(page) == first


@pytest.mark.parametrize("clock", ["09:50", "12:00", "14:55", "16:20"])
def test_the_numbers_are_those_of_the_trace(visit, day, clock):
    """Waiting, being served and left unserved at a moment, and who waits longest."""
    page = visit(f"t={clock}")
    hours, minutes = map(int, clock.split(":"))
    at = 3600.0 * hours + 60 * minutes
    waits = (day.step_queued <= at) & (at < day.step_called)
    serving = (day.step_station >= 0) & (day.step_called <= at) & (at < day.step_ended)
    lost = ((day.outcome != 0) & (day.left <= at)).sum()
    for name, count in (("waiting", waits.sum()), ("served", serving.sum()), ("lost", lost)):
        assert page.inner_text(f'[data-count="{name}"]') == str(count)
    assert page.locator(".longest li:visible").count() == min(waits.sum(), 8)
    assert page.locator(".nobody").is_visible() == (waits.sum() == 0)


def test_somebody_can_be_followed(visit, full):
    """A click in the list marks the customer on the plan, a second one lets go."""
    page = visit(full)
    before = picture(page)
    page.click(".longest li:first-child button")
    assert page.get_attribute(".longest li:first-child button", "aria-pressed") == "true"
    assert picture(page) != before
    page.click(".longest li:first-child button")
    assert picture(page) == before


def test_the_language_changes_without_reload(visit, full):
    """Texts, list, plan and the link change; the moment stays."""
    page = visit(full)
    page.evaluate("window.kept = true")
    english = picture(page)
    page.click('[data-lang="zh-Hant"]')
    assert "等候最久" in page.inner_text(".now")
    assert "分鐘" in page.inner_text(".longest")
    assert picture(page) != english
    assert page.evaluate("window.kept") is True
    assert page.url.endswith(f"#{full};lang=zh-Hant")
    assert "柜员窗口" in visit(f"{full};lang=zh-Hans").inner_text("main")


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_sticks_out_on_the_phone(visit, full, language):
    """At 390 pixels the page does not scroll sideways, and the plan is as wide as the text."""
    page = visit(f"{full};lang={language}", PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    canvas = page.locator("canvas").bounding_box()
    assert canvas["width"] == pytest.approx(390 - 36, abs=1)
    buttons = page.locator(".controls button").all()
    assert all(button.bounding_box()["x"] + button.bounding_box()["width"] <= 390 - 16
               for button in buttons)  # fmt: skip


def test_no_english_is_left_in_chinese(visit, full):
    """Also what the script writes is translated."""
    page = visit(f"{full};lang=zh-Hans")
    words = set(re.findall(r"[A-Za-z]{4,}", page.inner_text("main")))
    assert words <= {"busy"}


def test_reduced_motion_is_respected(visit):
    """Nothing plays by itself, and when asked to it moves in steps about once a second."""
    page = visit("", reduced_motion="reduce")
    page.wait_for_timeout(500)
    assert page.inner_text(".time") == "09:00:00"
    page.click(".run")
    page.wait_for_timeout(300)
    pictures = set()
    for _ in range(10):
        pictures.add(picture(page))
        page.wait_for_timeout(100)
    assert len(pictures) <= 4


def test_it_is_smooth(visit, full, day):
    """With 300 customers the browser draws more than 50 frames a second (best of three)."""
    assert len(day.outcome) > 300
    page = visit(full)
    page.click(".run")
    assert max(page.evaluate(FRAMES_PER_SECOND, 1.5) for _ in range(3)) > 50


def test_the_page_reads_without_scripts(visit):
    """With scripts off the strips of the day and the table of figures are there."""
    page = visit("", java_script_enabled=False)
    assert page.locator("table.figures").is_visible()
    assert page.locator(".timeline svg.strip").count() == 7
    assert not page.locator(".controls").is_visible()
