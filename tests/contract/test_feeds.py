"""What every feed keeps to, each shown on a source of its own with one good and one bad part."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.servers.faulty import Asked, Reply, serving

from branchwise.core.errors import BranchwiseError
from branchwise.core.languages import LANGUAGES
from branchwise.engines.duckdb import DuckDBEngine, open_duckdb
from branchwise.sources.feeds.address import read_address
from branchwise.sources.feeds.model import Asking
from branchwise.sources.feeds.registry import ENTRIES, FEEDS, feed, feed_for
from branchwise.sources.model import SYSTEM_COLUMNS, Delivery
from branchwise.tables.spec import table_spec

NOW = datetime(2026, 3, 12, 18, tzinfo=UTC)
TABLES = """
[[table]]
into = "visit"
from = "good"
[table.columns]
visit_id = "id"
branch_id = "branch"
arrived_at = "arrived"
[[table]]
into = "branch"
from = "bad"
columns = { branch_id = "branch" }
"""
RECORDS = [
    {"id": f"t{n}", "branch": "00317", "arrived": f"2026-03-0{n + 1} 09:00:00"} for n in range(3)
]
Opened = AbstractContextManager[tuple[str, str | None]]
"""The mapping without its tables, and the address."""


@contextmanager
def database(folder: Path) -> Iterator[tuple[str, str | None]]:
    """Make a SQLite file in which one of two tables is."""
    with sqlite3.connect(folder / "queue.db") as opened:
        opened.execute("CREATE TABLE ticket (id, branch, arrived)")
        opened.executemany("INSERT INTO ticket VALUES (:id, :branch, :arrived)", RECORDS)
    opened.close()
    text = "[[query]]\nname = 'good'\ntable = 'ticket'\nwatermark = 'arrived'\n"
    yield text + "[[query]]\nname = 'bad'\ntable = 'gone'\n", f"sqlite:///{folder}/queue.db"


@contextmanager
def api(_: Path) -> Iterator[tuple[str, str | None]]:
    """Serve one list; the other one is not there."""

    def answering(asked: Asked, _: int) -> Reply:
        return Reply(body=RECORDS) if asked.path == "/good" else Reply(status=404, body=b"")

    text = "[api]\nrequests_per_second = 1000\n[[request]]\nname = 'good'\npath = 'good'\n"
    text += "watermark = 'arrived'\nsince_parameter = 'since'\n"
    with serving(answering) as server:
        yield text + "[[request]]\nname = 'bad'\npath = 'bad'\n", server.url


@contextmanager
def web(_: Path) -> Iterator[tuple[str, str | None]]:
    """Serve one page with a table; the other one is forbidden."""
    cells = "".join(
        "<tr>" + "".join(f"<td>{value}</td>" for value in one.values()) for one in RECORDS
    )
    page = f"<table><tr><th>id<th>branch<th>arrived</tr>{cells}</table>"

    def answering(asked: Asked, _: int) -> Reply:
        robots = asked.path == "/robots.txt"
        body = b"User-agent: *\nDisallow: /bad" if robots else page.encode()
        return Reply(body=body, media_type="text/html")

    basis = "who = 'a'\nwhy = 'b'\nlicence = 'c'\ncontact = 'd'\nrequests_per_second = 1000\n"
    with serving(answering) as server:
        pages = "".join(
            f"[[page]]\nname = '{name}'\nurl = '{server.url}/{name}'\n" for name in ("good", "bad")
        )
        yield f"[web]\n{basis}{pages}", None


EXAMPLES: dict[str, Callable[[Path], Opened]] = {"database": database, "api": api, "web": web}


@dataclass
class Example:
    """A feed, what it was asked for, and what it handed over."""

    name: str
    asking: Asking
    engine: DuckDBEngine
    scratch: Path

    def read(self, engine: DuckDBEngine | None = None) -> Delivery:
        """Ask again."""
        return feed(self.name).read(self.asking, engine or self.engine, scratch=self.scratch)

    def visits(self, delivery: Delivery) -> list[dict]:
        """Return the rows of the good part, in order."""
        (piece,) = (piece for piece in delivery.tables if piece.table == "visit")
        query = f"SELECT * FROM {piece.relation} ORDER BY source_row"
        return self.engine.table(query).to_pylist()


@pytest.fixture(params=sorted(FEEDS))
def example(request, tmp_path) -> Iterator[Example]:
    with EXAMPLES[request.param](tmp_path) as (text, url), open_duckdb() as engine:
        mapping = tmp_path / "mapping.toml"
        mapping.write_text(text + TABLES, encoding="utf-8")
        asking = Asking(
            address=None if url is None else read_address(url),
            mapping=mapping,
            kept=tmp_path / "workspace" / "feeds",
            clock=lambda: NOW,
        )
        yield Example(request.param, asking, engine, tmp_path / "scratch")


def test_every_feed_has_an_example():
    """No feed escapes this suite, and each has its entry in mappings."""
    assert set(FEEDS) == set(EXAMPLES) == set(ENTRIES.values())


def test_the_mapping_names_the_feed(example):
    """The feed is found by its mapping, and rows say which one brought them."""
    assert feed_for(example.asking.mapping, example.asking.address) == example.name
    delivery = example.read()
    assert {piece.data_source.adapter for piece in delivery.tables} == {example.name}


def test_relations_have_given_columns_and_the_three_of_the_system(example):
    """As those of adapters: the rows in order, numbered, and only columns that may be given."""
    delivery = example.read()
    assert [piece.table for piece in delivery.tables] == ["visit"]
    columns = example.engine.columns(f"SELECT * FROM {delivery.tables[0].relation}")
    assert tuple(columns)[-3:] == SYSTEM_COLUMNS
    givable = {column.name for column in table_spec("visit").given_columns}
    assert set(tuple(columns)[:-3]) <= givable
    rows = example.visits(delivery)
    assert [row["visit_id"] for row in rows] == ["t0", "t1", "t2"]
    numbers = [row["source_row"] for row in rows]
    assert numbers == list(range(numbers[0], numbers[0] + 3))
    assert sum(read.count_rows for read in delivery.files) == 3


def test_what_cannot_be_read_is_explained_and_the_rest_handed_over(example):
    """The bad part is refused with six parts in each language."""
    delivery = example.read()
    assert len(delivery.refused) == 1
    for told in (*delivery.refused, *delivery.notes):
        assert all(len(told.read_in(language).splitlines()) == 5 for language in LANGUAGES)


def test_nothing_is_remembered_before_it_is_stored(example):
    """Marks move when the loader says so, and asking twice gives the same until then."""
    first = example.visits(example.read())
    assert not list(example.asking.kept.glob("*.json"))
    delivery = example.read()
    assert example.visits(delivery) == first
    delivery.settle()
    is_marked = example.name != "web"
    assert len(list(example.asking.kept.glob("*.json"))) == is_marked


def test_only_the_workspace_is_written_to(example, tmp_path):
    """Besides its scratch folder a feed writes to the folder it was given."""
    before = {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    example.read().settle()
    after = {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    assert after == before
    assert {path.name for path in tmp_path.iterdir() if path.is_dir()} <= {"workspace", "scratch"}


def test_without_any_good_part_it_is_an_error(example):
    """Where nothing can be read the error has the reason of each part."""
    text = example.asking.mapping.read_text(encoding="utf-8")
    for good, gone in (
        ("'ticket'", "'no'"),
        ("path = 'good'", "path = 'no'"),
        ("/good'", "/bad2'"),
    ):
        text = text.replace(good, gone)
    example.asking.mapping.write_text(text, encoding="utf-8")
    with pytest.raises(BranchwiseError) as refused:
        example.read()
    assert refused.value.problems[0].code == "BW-SRC-025"
    assert len(refused.value.problems) == 3
