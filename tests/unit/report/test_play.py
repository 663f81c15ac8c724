"""The page that plays a day: complete, safe, the same in three languages."""

import json
import re
from datetime import date
from html.parser import HTMLParser

import pytest

from branchwise.core.languages import LANGUAGES, Text
from branchwise.report.phrases import messages
from branchwise.report.play import NAMES, WORDS, ZONES, cell, play_page, words_of
from branchwise.report.play_strips import Strips
from branchwise.twin.example import corner_branch
from branchwise.twin.frames import frames
from branchwise.twin.trace import trace

HOSTILE = "<script>alert(1)</script>\"'&{{7*7}}"
VOID = {"meta", "link", "br", "input", "img", "hr"}
DAY = date(2026, 3, 10)


class Reader(HTMLParser):
    """Collects elements and text outside scripts and styles, and whether the tags close."""

    def __init__(self):
        super().__init__()
        self.open, self.faults, self.elements, self.words = [], [], [], []

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        if tag not in VOID and (not self.open or self.open.pop() != tag):
            self.faults.append(tag)

    def handle_data(self, data):
        if not {"script", "style", "title"} & set(self.open):
            self.words.append(data)


def parsed(page):
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader


def embedded(page, name):
    found = re.search(
        rf'<script type="application/json" id="{name}">(.*?)</script>', page, re.DOTALL
    )
    return json.loads(found.group(1))


@pytest.fixture(scope="module")
def day():
    return frames(trace(corner_branch(), seed=1))


@pytest.fixture(scope="module")
def page(day):
    return play_page(day, title="Corner", day=DAY)


def test_the_page_is_sound_html(page):
    """Every element closes, one canvas, and ids are there once."""
    reader = parsed(page)
    assert reader.faults == []
    assert reader.open == []
    assert [tag for tag, _ in reader.elements].count("canvas") == 1
    ids = [attributes["id"] for _, attributes in reader.elements if "id" in attributes]
    assert len(set(ids)) == len(ids)


def test_nothing_is_asked_of_the_network(page):
    """No address, no source, no import: styles, script and day are inside."""
    for _, attributes in parsed(page).elements:
        assert attributes.get("href", "data:,") == "data:,"
        assert "src" not in attributes
    assert "default-src 'none'" in page
    assert not re.search(r"https?://|@import|fetch\(|XMLHttpRequest", page)


def test_the_day_inside_is_the_day(page, day):
    """The script reads the very frames that were given."""
    assert embedded(page, "frames") == day


def test_names_are_escaped(day):
    """A name with markup in it is shown as it is written, wherever it comes from."""
    classes = [{**found, "name": HOSTILE} for found in day["classes"]]
    figures = [{**row, "class": row["class"] and HOSTILE} for row in day["figures"]]
    hostile = {**day, "classes": classes, "figures": figures, "scenario": HOSTILE}
    page = play_page(hostile, title=HOSTILE)
    assert "<script>alert" not in page
    assert parsed(page).faults == []
    assert HOSTILE in "".join(parsed(page).words)
    assert embedded(page, "words")["en"]["classes"][0] == HOSTILE.replace("_", " ")


@pytest.mark.parametrize("language", ["zh-Hant", "zh-Hans"])
def test_every_phrase_is_translated(language, day):
    """In Chinese no English word is left but the names of scenario and program."""
    page = play_page(day, title="河西支行", language=language, day=DAY)
    words = set(re.findall(r"[A-Za-z]{4,}", "".join(parsed(page).words)))
    assert words <= {"English", "branchwise", "corner", "branch"}
    catalogue = messages(language)
    assert {*NAMES.values(), *ZONES.values(), *WORDS.values()} <= set(catalogue)


def test_one_page_speaks_three_languages(page):
    """Every numbered text has its place in all three tables."""
    texts = embedded(page, "texts")
    assert set(texts) == set(LANGUAGES)
    numbers = {int(found) for found in re.findall(r'data-t="(\d+)"', page)}
    assert {len(table) for table in texts.values()} == {max(numbers) + 1, *map(len, texts.values())}
    assert all(max(numbers) < len(table) for table in texts.values())


def test_names_can_be_given(day):
    """A bank's own names for classes and stations are used in every language."""
    given = {"ordinary": Text(en="Walk-in", zh_hant="臨櫃", zh_hans="临柜")}
    page = play_page(day, title="Corner", names=given)
    assert "Walk-in" in "".join(parsed(page).words)
    assert embedded(page, "words")["zh-Hant"]["classes"][0] == "臨櫃"


def test_the_table_says_the_day(page, day):
    """For whoever sees no picture: a row for all and for each class with every figure."""
    table = re.search(r"<tbody>(.*?)</tbody>", page, re.DOTALL).group(1)
    rows = re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
    assert len(rows) == 1 + len(day["classes"])
    shown = [re.sub("<.*?>", "", found) for found in re.findall(r"<td.*?</td>", rows[0])]
    assert shown[:2] == [str(day["figures"][0][name]) for name in ("customers", "served")]
    assert len(shown) == 9


def test_strips_draw_every_server_and_queue(day):
    """Hours are inside the day, the crowd's top is the most who waited, who served has a lane."""
    strips = Strips(day)
    assert [label for _, label in strips.hours()][:2] == ["9:00", "10:00"]
    assert all(0 <= at <= 100 for at, _ in strips.hours())
    assert strips.longest(0) == max(day["waiting"][0][1::2])
    busiest = max(range(len(day["queues"])), key=strips.longest)
    assert " 4L" in strips.queue(busiest)
    counters = len(day["stations"][0]["servers"])
    served = {step[1] for customer in day["customers"] for step in customer[7:]}
    at_counters = served & set(range(counters))
    assert at_counters
    assert strips.station(0).count('class="work"') == len(at_counters)


def test_an_unknown_figure_is_a_dash():
    """What cannot be said is not said."""
    assert cell("wait_p90", None).zh_hant == cell("within_standard", None).en == "–"


def test_words_are_complete_in_every_language(day):
    """The script finds every word of every class, queue and station."""
    table = words_of(day, lambda name: Text(en=name, zh_hant=name, zh_hans=name))
    for language in LANGUAGES:
        assert len(table[language]["classes"]) == len(day["classes"])
        assert "{n}" in table[language]["minutes"]


def test_an_empty_day_makes_a_page(day):
    """A day without customers is shown as such."""
    nobody = dict.fromkeys(day["figures"][0], 0) | {
        "class": None, "wait_mean": None, "wait_p90": None, "wait_longest": None,
        "within_standard": None,
    }  # fmt: skip
    empty = {**day, "customers": [], "figures": [nobody], "waiting": [[], []], "open": []}
    assert parsed(play_page(empty, title="Corner")).faults == []
