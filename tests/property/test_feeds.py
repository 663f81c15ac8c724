"""Whatever a server sends, it is rows or an error of ours: never a crash, never a silent loss."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from branchwise.core.errors import BranchwiseError
from branchwise.sources.api.fetching import Fetching, fetch
from branchwise.sources.api.kept import Kept
from branchwise.sources.api.pages import linked, read_page, unsound
from branchwise.sources.api.requests import Request
from branchwise.sources.feeds.http import Answer
from branchwise.sources.web.html import decoded, tables_of

NOW = datetime(2026, 3, 12, 18, tzinfo=UTC)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["items", "next", "id", "a", "x.y"]), inner, max_size=4)
    ),
    max_leaves=12,
)
RECORD = st.fixed_dictionaries(
    {"id": st.integers(0, 10**6)}, optional={"at": st.none() | st.text(max_size=6) | JSON}
)


def answer(body: object) -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status=200, headers={}, content=content)


class Handing:
    """A client that hands out pages by number, and forgets from some page on."""

    def __init__(self, pages: list[list[dict]], *, until: int = 10**6) -> None:
        self.pages = pages
        self.until = until
        self.asked: list[int] = []

    def get(self, url: str, parameters: Mapping[str, str], **_: object) -> Answer:
        """Return a page; past the last one an empty one."""
        number = int(parameters["page"])
        if number > self.until:
            raise ConnectionError(url)
        self.asked.append(number)
        return answer(self.pages[number - 1] if number <= len(self.pages) else [])


@given(st.one_of(st.binary(max_size=60), JSON), st.sampled_from(["", "items", "a.items", "x.y"]))
@settings(deadline=None)
def test_any_answer_is_records_or_an_error(body, records):
    """Any bytes and any JSON are a list of objects or [BW-SRC-085]."""
    request = Request(name="r", path="p", records=records)
    given_ = answer(body)
    assert isinstance(unsound(given_), str)
    try:
        page = read_page(given_, request, 1)
    except BranchwiseError as error:
        assert [bad.code for bad in error.problems] == ["BW-SRC-085"]  # noqa: PT017 - or none
    else:
        assert all(isinstance(one, dict) for one in page.records)
        assert page.digest(()) == page.digest(())


@given(st.text(max_size=200), st.binary(max_size=200))
@settings(deadline=None)
def test_any_page_has_tables_or_none(text, content):
    """Any text is parsed, and any bytes are text; rows of a table are lists of texts."""
    for table in tables_of(f"<table><tr><td>{text}") + tables_of(decoded(content, "big5")):
        assert all(isinstance(cell, str) for row in table for cell in row)
    assert linked({"link": text}) is None or "next" in text.lower()


@given(
    st.lists(st.lists(RECORD, min_size=1, max_size=4), min_size=1, max_size=6),
    st.integers(0, 6),
)
@settings(deadline=None, max_examples=60)
def test_broken_off_anywhere_and_resumed_gives_the_same(pages, until):
    """Stopped after any page and asked again, the rows are those of one go, in order."""
    request = Request(name="r", path="p", paging="page", optional=("at",))
    wanted = ("id", "at")
    with TemporaryDirectory() as folder:
        rows = []
        for name, stops in (("whole", []), ("stopped", [until])):
            kept = Kept(Path(folder) / name)
            kept.folder.mkdir()
            fetching = Fetching(
                request=request, base_url="https://queue.bank", wanted=wanted, since=None,
                now=NOW, resume_hours=24,
            )  # fmt: skip
            asked: list[int] = []
            found = None
            for stop in (*stops, 10**6):
                client = Handing(pages, until=stop)
                try:
                    progressed, _ = fetch(fetching, client, kept, str)  # type: ignore[arg-type]
                    found = [row for _, row in kept.rows(progressed)]
                except ConnectionError:
                    assert stops
                except BranchwiseError as error:
                    found = [bad.code for bad in error.problems]
                asked += client.asked
            rows.append(found)
            if found and isinstance(found[0], list):
                assert len(asked) == len(set(asked))  # no page is asked for twice
                assert [row[0] for row in found] == [
                    str(one["id"]) for page in pages for one in page
                ]
        assert rows[0] == rows[1]
