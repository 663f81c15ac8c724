"""Databases: values as they are, only what is wanted, nothing written, nothing told."""

from __future__ import annotations

import json
import socket
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from branchwise.core.errors import BranchwiseError
from branchwise.engines.duckdb import DuckDBEngine, open_duckdb
from branchwise.sources.database.connection import connected
from branchwise.sources.database.feed import DatabaseFeed
from branchwise.sources.database.queries import objection
from branchwise.sources.feeds.address import read_address
from branchwise.sources.feeds.model import Asking
from branchwise.sources.model import Delivery

NOW = datetime(2026, 3, 12, 18, tzinfo=UTC)
MAPPING = """
[[query]]
name = "tickets"
{source}
[[table]]
into = "visit"
from = "tickets"
[table.columns]
visit_id = "id"
branch_id = "網點號"
arrived_at = "arrived"
"""
TABLE = "table = 'ticket'"
COLUMNS = 'id, "網點號", arrived, secret'
ROWS = [
    ("t1", "00317", "2026-03-10 09:00:00", "x"),
    ("t2", "00317", "2026-03-11 09:00:00", "x"),
    ("t3", None, "2026-03-12 09:00:00", "x"),
]
Ask = Callable[..., Delivery]


@pytest.fixture
def engine() -> Iterator[DuckDBEngine]:
    with open_duckdb() as opened:
        yield opened


@pytest.fixture
def asking(tmp_path: Path) -> Asking:
    """Return what is asked of a SQLite database with three tickets."""
    path = tmp_path / "queue.db"
    with sqlite3.connect(path) as database:
        database.execute(f"CREATE TABLE ticket ({COLUMNS})")
        database.executemany("INSERT INTO ticket VALUES (?, ?, ?, ?)", ROWS)
    database.close()
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(MAPPING.format(source=TABLE), encoding="utf-8")
    return Asking(
        address=read_address(f"sqlite:///{path}"),
        mapping=mapping,
        kept=tmp_path / "feeds",
        clock=lambda: NOW,
    )


def write(asking: Asking, source: str) -> None:
    asking.mapping.write_text(MAPPING.format(source=source), encoding="utf-8")


def rows(engine: DuckDBEngine, delivery: Delivery, table: str = "visit") -> list[dict]:
    (piece,) = (piece for piece in delivery.tables if piece.table == table)
    return engine.table(f"SELECT * FROM {piece.relation} ORDER BY source_row").to_pylist()


def change(asking: Asking, statement: str, *values: object) -> None:
    with sqlite3.connect(asking.address.url.removeprefix("sqlite:///")) as database:
        database.execute(statement, values)
    database.close()


def ask(asking: Asking, engine: DuckDBEngine) -> Delivery:
    return DatabaseFeed().read(asking, engine, scratch=asking.kept.parent / "scratch")


def test_a_table_is_read_as_it_is(asking, engine):
    """Rows come with the text of their values, numbered in order, under the table's name."""
    delivery = ask(asking, engine)
    found = rows(engine, delivery)
    assert [(row["visit_id"], row["branch_id"]) for row in found] == [
        ("t1", "00317"), ("t2", "00317"), ("t3", None),
    ]  # fmt: skip
    assert [row["source_row"] for row in found] == [1, 2, 3]
    assert {row["source_file"] for row in found} == {"ticket"}
    assert delivery.tables[0].data_source.adapter == "database"
    assert delivery.files[0].count_rows == 3


def test_only_the_columns_that_tables_use_are_asked_for(asking, engine, monkeypatch):
    """A column that no table uses never leaves the database."""
    asked = []
    from branchwise.sources.database import reading

    plain = reading._statement
    monkeypatch.setattr(
        reading, "_statement", lambda *given: asked.append(plain(*given)) or asked[-1]
    )
    ask(asking, engine)
    assert "網點號" in str(asked[0])
    assert "secret" not in str(asked[0])


def test_a_query_may_join_and_compute(asking, engine):
    """One SELECT with colons, percent signs and a semicolon at its end is a source too."""
    sql = (
        "SELECT id || ':' || '100%' AS id, \"網點號\", arrived FROM ticket "
        "WHERE id LIKE 't%' AND arrived < '2026-03-12 00:00';"
    )
    write(asking, f"sql = {json.dumps(sql, ensure_ascii=False)}")
    assert [row["visit_id"] for row in rows(engine, ask(asking, engine))] == ["t1:100%", "t2:100%"]


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("DELETE FROM ticket", "begins"),
        ("SELECT 1; DROP TABLE ticket", "more than one"),
        ("WITH gone AS (DELETE FROM ticket RETURNING id) SELECT id FROM gone", "DELETE"),
        ("SELECT id INTO copy FROM ticket", "INTO"),
        ("", ""),
        ("SELECT 'unclosed", "cannot be read"),
    ],
)
def test_what_is_no_select_is_refused(asking, engine, sql, why):
    """A statement that changes something is refused before the database is asked."""
    write(asking, f'sql = "{sql}"')
    with pytest.raises(BranchwiseError) as refused:
        ask(asking, engine)
    assert refused.value.problems[0].code == ("BW-SRC-068" if sql else "BW-SRC-007")
    assert why in objection(sql) or not sql


def test_new_rows_only_and_late_ones(asking, engine):
    """The second load asks from the mark less the overlap; a row that came late is in it."""
    write(asking, f"{TABLE}\nwatermark = 'arrived'\noverlap = '2h'")
    first = ask(asking, engine)
    assert len(rows(engine, first)) == 3
    first.settle()
    change(asking, "INSERT INTO ticket VALUES ('late', 'b', '2026-03-12 08:00:00', '')")
    change(asking, "INSERT INTO ticket VALUES ('lost', 'b', '2026-03-12 06:00:00', '')")
    change(asking, "INSERT INTO ticket VALUES ('new', 'b', '2026-03-12 10:00:00', '')")
    second = ask(asking, engine)
    assert [row["visit_id"] for row in rows(engine, second)] == ["late", "t3", "new"]
    whole = ask(replace(asking, is_full=True), engine)
    assert len(rows(engine, whole)) == 6


def test_what_was_not_settled_is_asked_again(asking, engine):
    """A load that was stopped before its rows were published has not moved the mark."""
    write(asking, f"{TABLE}\nwatermark = 'arrived'\noverlap = '1m'")
    ask(asking, engine)
    again = ask(asking, engine)
    assert len(rows(engine, again)) == 3
    again.settle()
    assert len(rows(engine, ask(asking, engine))) == 1


def test_rows_without_a_watermark_always_come(asking, engine):
    """A row whose watermark is empty is never left out, and the latest rows come last."""
    write(asking, f"{TABLE}\nwatermark = 'arrived'\noverlap = '1m'")
    change(asking, "INSERT INTO ticket VALUES ('none', 'b', NULL, '')")
    ask(asking, engine).settle()
    assert [row["visit_id"] for row in rows(engine, ask(asking, engine))] == ["none", "t3"]


def test_a_typing_error_in_the_future_does_not_become_the_mark(asking, engine):
    """A row of the year 2126 is loaded and noted, and the rows of tomorrow are still found."""
    write(asking, f"{TABLE}\nwatermark = 'arrived'\noverlap = '1m'")
    change(asking, "INSERT INTO ticket VALUES ('typo', 'b', '2126-03-12 09:00:00', '')")
    first = ask(asking, engine)
    assert [note.code for note in first.notes] == ["BW-SRC-056"]
    first.settle()
    change(asking, "INSERT INTO ticket VALUES ('next', 'b', '2026-03-12 11:00:00', '')")
    found = rows(engine, ask(asking, engine))
    assert [row["visit_id"] for row in found] == ["t3", "next", "typo"]


def test_numbers_are_marks_too(asking, engine):
    """A running number is compared as a number, with an overlap in numbers."""
    change(asking, "ALTER TABLE ticket ADD COLUMN seq INTEGER")
    change(asking, "UPDATE ticket SET seq = 8 + rowid")
    write(asking, f"{TABLE}\nwatermark = 'seq'\noverlap = 1")
    ask(asking, engine).settle()
    assert [row["visit_id"] for row in rows(engine, ask(asking, engine))] == ["t2", "t3"]
    write(asking, f"{TABLE}\nwatermark = 'seq'\noverlap = '1d'")
    with pytest.raises(BranchwiseError) as refused:
        ask(asking, engine)
    assert refused.value.problems[0].code == "BW-SRC-069"


def test_another_database_has_a_mark_of_its_own(asking, engine, tmp_path):
    """A mapping tried on a test database does not leave out rows of the real one."""
    write(asking, f"{TABLE}\nwatermark = 'arrived'\noverlap = '1m'")
    ask(asking, engine).settle()
    other = tmp_path / "real.db"
    other.write_bytes((tmp_path / "queue.db").read_bytes())
    real = replace(asking, address=read_address(f"sqlite:///{other}"))
    assert len(rows(engine, ask(real, engine))) == 3


def test_a_changed_query_is_said(asking, engine):
    """Where the mapping asks for another column, rows before the mark keep what they were."""
    write(asking, f"{TABLE}\nwatermark = 'arrived'")
    ask(asking, engine).settle()
    text = asking.mapping.read_text(encoding="utf-8")
    asking.mapping.write_text(text + 'customer_id = "secret"\n', encoding="utf-8")
    second = ask(asking, engine)
    assert [note.code for note in second.notes] == ["BW-SRC-055"]
    second.settle()
    assert not ask(asking, engine).notes


def test_a_broken_mark_stops_rather_than_leaves_out(asking, engine):
    """A mark file that was damaged is an error; --full goes on without it."""
    write(asking, f"{TABLE}\nwatermark = 'arrived'")
    ask(asking, engine).settle()
    (mark,) = asking.kept.glob("*.json")
    mark.write_text('{"kind": "time", "value": "soon"}', encoding="utf-8")
    with pytest.raises(BranchwiseError) as refused:
        ask(asking, engine)
    assert refused.value.problems[0].code == "BW-SRC-057"
    ask(replace(asking, is_full=True), engine).settle()
    assert ask(asking, engine).tables


def test_bytes_that_are_no_text_cost_their_row_only(asking, engine):
    """A damaged text is a fault of its row, which keeps no values; the others are sound."""
    change(asking, "INSERT INTO ticket VALUES (CAST(x'b0a1ff' AS TEXT), 'b', NULL, '')")
    delivery = ask(asking, engine)
    faults = [row["source_fault"] for row in rows(engine, delivery)]
    assert faults == [None, None, None, "id holds bytes that are no text"]
    assert delivery.files[0].count_faults == 1


def test_a_column_that_was_renamed_is_named(asking, engine):
    """A query without a wanted column is refused with the nearest one; others are read."""
    change(asking, "ALTER TABLE ticket RENAME COLUMN arrived TO arrived_at")
    extra = "[[query]]\nname = 'branches'\nsql = 'SELECT 1 AS branch'\n"
    extra += "[[table]]\ninto = 'branch'\nfrom = 'branches'\ncolumns = { branch_id = 'branch' }\n"
    text = asking.mapping.read_text(encoding="utf-8")
    asking.mapping.write_text(text + extra, encoding="utf-8")
    delivery = ask(asking, engine)
    assert [bad.code for bad in delivery.refused] == ["BW-SRC-013"]
    assert delivery.refused[0].values["nearest"] == "arrived_at"
    assert rows(engine, delivery, "branch")[0]["branch_id"] == "1"


def test_a_database_that_is_not_there_is_not_made(asking, engine, tmp_path):
    """A wrong path is an error, not an empty database."""
    nowhere = replace(asking, address=read_address(f"sqlite:///{tmp_path}/no.db"))
    with pytest.raises(BranchwiseError) as refused:
        ask(nowhere, engine)
    assert refused.value.problems[0].code == "BW-SRC-066"
    assert not (tmp_path / "no.db").exists()


def test_a_file_that_is_no_database_is_refused(asking, engine, tmp_path):
    """Rubbish in place of a database is named as such."""
    path = tmp_path / "queue.db"
    path.write_bytes(b"not a database" * 1000)
    with pytest.raises(BranchwiseError) as refused:
        ask(asking, engine)
    assert refused.value.problems[0].code in ("BW-SRC-025", "BW-SRC-066")


def test_nothing_can_be_written_to_sqlite(asking):
    """The connection itself refuses to change anything."""
    from sqlalchemy import text
    from sqlalchemy.exc import OperationalError

    with (
        connected(asking.address, timeout_seconds=5) as connection,
        pytest.raises(OperationalError, match=r"readonly|query_only"),
    ):
        connection.execute(text("DELETE FROM ticket"))


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("oracle+nodriver://a:longsecret@h/db", "BW-SRC-065"),
        ("nosuch://a:longsecret@h/db", "BW-SRC-065"),
        ("mysql+pymysql://a:longsecret@h/db", "BW-SRC-065"),
        ("postgresql://a:longsecret@h:port/db", "BW-SRC-061"),
        ("postgresql://a:longsecret@127.0.0.1:1/db", "BW-SRC-066"),
    ],
)
def test_addresses_that_lead_nowhere(asking, engine, url, code):
    """Each is one error that tells no password, with nothing of a driver chained to it."""
    with pytest.raises(BranchwiseError) as refused:
        ask(replace(asking, address=read_address(url)), engine)
    assert [bad.code for bad in refused.value.problems] == [code]
    assert "longsecret" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__context__ is None


def test_a_server_that_never_answers_is_given_up(asking, engine):
    """A port that takes the connection and says nothing ends in an error, not in waiting."""
    text = "[database]\ntimeout_seconds = 1\n" + asking.mapping.read_text(encoding="utf-8")
    asking.mapping.write_text(text, encoding="utf-8")
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(5)
        url = f"postgresql://a:longsecret@127.0.0.1:{silent.getsockname()[1]}/db"
        with pytest.raises(BranchwiseError) as refused:
            ask(replace(asking, address=read_address(url)), engine)
    assert refused.value.problems[0].code == "BW-SRC-066"


@pytest.fixture
def bank(postgres: str, asking: Asking) -> Iterator[tuple[psycopg.Connection, Asking]]:
    """Return a connection to a PostgreSQL database with an empty schema, and what is asked."""
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS queue CASCADE; CREATE SCHEMA queue")
        yield connection, replace(asking, address=read_address(postgres))


@pytest.mark.postgres
def test_every_type_of_postgres_comes_as_text(bank, engine):
    """Instants, big numbers, JSON and texts keep their value; odd dates cost nothing."""
    connection, asking = bank
    connection.execute(
        'CREATE TABLE queue."Ticket" (id uuid, "網點號" numeric(30,3), arrived timestamptz)'
    )
    connection.execute(
        "INSERT INTO queue.\"Ticket\" VALUES ('00000000-0000-0000-0000-00000000000a', "
        "123456789012345678901234567.125, '2026-03-10 09:02:11.5+08'), "
        "('00000000-0000-0000-0000-00000000000b', 1000, 'infinity'), "
        "('00000000-0000-0000-0000-00000000000c', 'NaN', '0044-03-15 12:00:00 BC')"
    )
    write(asking, "table = 'queue.Ticket'\nwatermark = 'arrived'")
    delivery = ask(asking, engine)
    found = {row["visit_id"][-1]: row for row in rows(engine, delivery)}
    assert found["a"]["branch_id"] == "123456789012345678901234567.125"
    assert found["a"]["arrived_at"] == "2026-03-10 01:02:11.5+00"
    assert found["b"]["arrived_at"] == "infinity"
    assert found["c"]["arrived_at"].endswith("BC")
    assert [note.code for note in delivery.notes] == ["BW-SRC-056"]


@pytest.mark.postgres
def test_postgres_by_watermark(bank, engine):
    """Of a time, a date and a number the next load asks from the mark less the overlap."""
    connection, asking = bank
    connection.execute(
        'CREATE TABLE queue.ticket (id int, "網點號" text, arrived timestamp, on_day date)'
    )
    connection.execute(
        "INSERT INTO queue.ticket SELECT n, 'b', '2026-03-01 10:00'::timestamp + n * interval "
        "'12 hours', '2026-03-01'::date + n / 2 FROM generate_series(0, 19) AS n"
    )
    for watermark, overlap, expected in (
        ("arrived", "'1d'", [17, 18, 19]),
        ("on_day", "'1d'", [16, 17, 18, 19]),
        ("id", "4", [15, 16, 17, 18, 19]),
    ):
        fresh = replace(asking, kept=asking.kept / watermark)
        write(asking, f"table = 'queue.ticket'\nwatermark = '{watermark}'\noverlap = {overlap}")
        ask(fresh, engine).settle()
        found = rows(engine, ask(fresh, engine))
        assert [int(row["visit_id"]) for row in found] == expected


@pytest.mark.postgres
def test_postgres_is_read_in_one_view_that_cannot_write(bank):
    """The transaction is read-only and sees nothing that is committed after it began."""
    from sqlalchemy import text
    from sqlalchemy.exc import InternalError

    connection, asking = bank
    connection.execute("CREATE TABLE queue.ticket (id int); INSERT INTO queue.ticket VALUES (1)")
    count = text("SELECT count(*) FROM queue.ticket")
    with connected(asking.address, timeout_seconds=5) as reading:
        assert reading.execute(count).scalar() == 1
        connection.execute("INSERT INTO queue.ticket VALUES (2)")
        assert reading.execute(count).scalar() == 1
        with pytest.raises(InternalError, match="read-only"):
            reading.execute(text("DELETE FROM queue.ticket"))


@pytest.mark.postgres
def test_a_query_that_fails_leaves_the_others(bank, engine):
    """One query divides by zero half way, one is too slow, the third is read."""
    connection, asking = bank
    connection.execute('CREATE TABLE queue.ticket AS SELECT 7 AS id, 8 AS "網點號", 9 AS arrived')
    write(
        asking,
        'sql = \'SELECT 1 / (40000 - n) AS id, n AS "網點號", n AS arrived FROM '
        "generate_series(1, 50000) AS n'",
    )
    text = "[database]\ntimeout_seconds = 0.4\n" + asking.mapping.read_text(encoding="utf-8")
    for name, source in (
        ("slow", "sql = 'SELECT pg_sleep(30)::text AS branch'"),
        ("branches", "sql = 'SELECT id AS branch FROM queue.ticket'"),
    ):
        text += f"[[query]]\nname = '{name}'\n{source}\n[[table]]\ninto = 'branch'\n"
        text += f"from = '{name}'\ncolumns = {{ branch_id = 'branch' }}\n"
    asking.mapping.write_text(text, encoding="utf-8")
    delivery = ask(asking, engine)
    assert [bad.code for bad in delivery.refused] == ["BW-SRC-067"] * 2
    assert [piece.table for piece in delivery.tables] == ["branch"]
    assert rows(engine, delivery, "branch")[0]["branch_id"] == "7"
    assert "40000" not in str(delivery.refused[0].read_in("en"))


@pytest.mark.postgres
def test_a_server_that_goes_away_half_way(bank, engine, monkeypatch):
    """Cut off after the first of three batches: an error, no half of a table, and no mark."""
    from branchwise.sources.database import reading

    connection, asking = bank
    connection.execute(
        'CREATE TABLE queue.ticket AS SELECT n AS id, n AS "網點號", n AS arrived '
        "FROM generate_series(1, 30000) AS n"
    )
    write(asking, "table = 'queue.ticket'\nwatermark = 'id'")
    plain = reading._add

    def cutting(*given):
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
            "AND backend_type = 'client backend'"
        )
        return plain(*given)

    monkeypatch.setattr(reading, "_add", cutting)
    with pytest.raises(BranchwiseError) as refused:
        ask(asking, engine)
    assert [bad.code for bad in refused.value.problems] == ["BW-SRC-025", "BW-SRC-067"]
    monkeypatch.setattr(reading, "_add", plain)
    assert len(rows(engine, ask(asking, engine))) == 30000


@pytest.mark.postgres
def test_a_wrong_password_is_told_without_any(bank, engine):
    """The server's refusal is shown without user or password."""
    _, asking = bank
    url = asking.address.url.replace("s3cret-Pa55", "wr0ng-Pa55")
    with pytest.raises(BranchwiseError) as refused:
        ask(replace(asking, address=read_address(url)), engine)
    told = str(refused.value)
    assert "password authentication failed" in told
    assert "wr0ng" not in told
    assert "branch_reader" not in told
