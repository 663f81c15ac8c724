"""The mappings of ``docs/how-to/connect-a-database.md`` are sound; no key or code is left out."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from branchwise.core.errors import kinds
from branchwise.pipeline.schedule import _KEYS, read_schedule
from branchwise.sources.api.requests import API_KEYS, REQUEST_KEYS, read_api_mapping
from branchwise.sources.database.queries import DATABASE_KEYS, QUERY_KEYS, read_database_mapping
from branchwise.sources.feeds.registry import feed_for
from branchwise.sources.web.pages import PAGE_KEYS, WEB_KEYS, read_web_mapping
from branchwise.warehouse.workspace import SETTINGS, Workspace

DOCS = Path(__file__).resolve().parents[2] / "docs" / "how-to"
PAGE = (DOCS / "connect-a-database.md").read_text(encoding="utf-8")
NIGHT = (DOCS / "load-every-night.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```toml\n(.*?)^```", re.MULTILINE | re.DOTALL)
READ: dict[str, Callable[[Path, str], object]] = {
    "database": read_database_mapping,
    "api": read_api_mapping,
    "web": read_web_mapping,
}


@pytest.mark.parametrize(("place", "name"), list(enumerate(READ)))
def test_each_mapping_of_the_page_is_read(tmp_path, place, name):
    """The blocks are mappings for a database, an API and web pages, without a mistake."""
    mapping = tmp_path / "m.toml"
    mapping.write_text(BLOCK.findall(PAGE)[place], encoding="utf-8")
    assert feed_for(mapping, None) == name
    READ[name](mapping, name)


def test_the_schedule_of_the_page_is_read(tmp_path):
    """The block is a schedule of two sources."""
    opened = Workspace.create(tmp_path)
    settings = tmp_path / SETTINGS
    text = settings.read_text(encoding="utf-8") + BLOCK.findall(NIGHT)[0]
    settings.write_text(text, encoding="utf-8")
    assert [entry.name for entry in read_schedule(opened)] == ["tickets", "attendance"]


def test_pages_name_all_keys():
    """No key of these mappings or of the schedule is missing."""
    words = set(re.findall(r"\w+", PAGE))
    keys = {*QUERY_KEYS, *DATABASE_KEYS, *API_KEYS, *REQUEST_KEYS, *WEB_KEYS, *PAGE_KEYS}
    assert not keys - words
    assert not set(_KEYS) - set(re.findall(r"\w+", NIGHT))


def test_page_names_all_codes():
    """No code of feeds and schedule is missing."""
    told: set[int] = set()
    for row in re.findall(r"^\| BW-SRC-([\d, to]+) \|", PAGE, re.MULTILINE):
        for part in row.split(","):
            first, _, last = part.partition(" to ")
            told |= set(range(int(first), int(last or first) + 1))
    declared = {int(code[-3:]) for code in kinds() if code.startswith("BW-SRC")}
    ours = {number for number in declared if 55 <= number < 70 or 80 <= number < 100}
    assert ours - told == set()
