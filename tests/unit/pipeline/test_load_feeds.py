"""Loading from a database and a server: what is stored, what is remembered, what is never told."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from tests.servers.faulty import Reply, serving

from branchwise.cli.main import main
from branchwise.core.errors import BranchwiseError
from branchwise.engines.duckdb import open_duckdb
from branchwise.pipeline.load import load
from branchwise.warehouse.store import Warehouse

ROOT = Path(__file__).resolve().parents[3]
TABLES = """
[[table]]
into = "branch"
from = "tickets"
distinct = true
columns = { branch_id = "branch" }
[[table]]
into = "visit"
from = "tickets"
[table.columns]
visit_id = "id"
branch_id = "branch"
arrived_at = "arrived"
called_at = "called"
outcome = "'served'"
"""
QUERY = """
[source]
timezone = "Asia/Taipei"
[[query]]
name = "tickets"
table = "ticket"
watermark = "changed"
overlap = "1d"
data_source_id = "queue"
system = "queue_machine"
"""
TICKETS = [
    (n, f"0031{n % 3}", f"2026-03-{1 + n % 20:02d} 09:00:00", None, f"2026-03-{1 + n % 20:02d}")
    for n in range(60)
]
STOPPED = """
import os, signal, sys
from pathlib import Path
from branchwise.pipeline.load import load
from branchwise.warehouse.writing import Writing
publish = Writing.publish
def killed(self, *given, **named):
    os.kill(os.getpid(), signal.SIGKILL)
Writing.publish = killed
load(Path(sys.argv[1]), sys.argv[2], mapping=Path(sys.argv[3]))
"""


@pytest.fixture
def queue(tmp_path: Path) -> Path:
    """Return a SQLite database with sixty tickets, beside its mapping."""
    path = tmp_path / "queue.db"
    change(path, "CREATE TABLE ticket (id, branch, arrived, called, changed)")
    for ticket in TICKETS:
        change(path, "INSERT INTO ticket VALUES (?, ?, ?, ?, ?)", *ticket)
    (tmp_path / "mapping.toml").write_text(QUERY + TABLES, encoding="utf-8")
    return path


def change(path: Path, statement: str, *values: object) -> None:
    with sqlite3.connect(path) as database:
        database.execute(statement, values)
    database.close()


def loaded(queue: Path, **named: object):
    folder = queue.parent
    return load(folder / "bank", f"sqlite:///{queue}", mapping=folder / "mapping.toml", **named)


def counts(report) -> dict[str, tuple[int, int, int]]:
    return {row.table: (row.added, row.replaced, row.unchanged) for row in report.tables}


def visits(workspace: Path) -> dict[str, object]:
    listed = "visit_id, branch_id, arrived_at, called_at, data_source_id"
    with open_duckdb() as engine:
        warehouse = Warehouse(workspace / "warehouse")
        warehouse.register(engine, warehouse.snapshot())
        rows = engine.table(f"SELECT {listed} FROM visit").to_pylist()
    return {row["visit_id"]: row for row in rows}


def test_new_changed_and_late_rows(queue):
    """Only rows from the mark on are read: new ones are added, changed ones replaced."""
    first = loaded(queue)
    assert counts(first)["visit"] == (60, 0, 0)
    assert first.adapter == "database"
    change(
        queue, "INSERT INTO ticket VALUES (100, '00310', '2026-03-21 09:00', NULL, '2026-03-21')"
    )
    change(
        queue, "INSERT INTO ticket VALUES (101, '00311', '2026-03-19 09:00', NULL, '2026-03-19')"
    )
    change(
        queue, "UPDATE ticket SET called = '2026-03-20 09:05', changed = '2026-03-20' WHERE id=19"
    )
    second = loaded(queue)
    assert counts(second)["visit"] == (2, 1, 5)
    assert visits(queue.parent / "bank")["19"]["called_at"] is not None
    third = loaded(queue)
    assert not third.is_changed
    assert counts(loaded(queue, is_full=True))["visit"] == (0, 0, 62)


def test_killed_before_publishing_the_mark_stays(queue):
    """A load that is killed (SIGKILL) at the moment of publishing is loaded whole by the next."""
    folder = queue.parent
    given = [folder / "bank", f"sqlite:///{queue}", folder / "mapping.toml"]
    ran = subprocess.run([sys.executable, "-c", STOPPED, *map(str, given)], cwd=ROOT, check=False)
    assert ran.returncode == -signal.SIGKILL
    assert not list((folder / "bank" / "feeds").glob("*"))
    assert counts(loaded(queue))["visit"] == (60, 0, 0)


def test_a_refused_query_is_told_and_the_rest_is_stored(queue):
    """A table that is not there costs only what is made of it."""
    mapping = queue.parent / "mapping.toml"
    more = "[[query]]\nname = 'gone'\ntable = 'gone'\n"
    mapping.write_text(QUERY + more + TABLES, encoding="utf-8")
    report = loaded(queue)
    assert [bad.code for bad in report.refused] == ["BW-SRC-067"]
    assert counts(report)["visit"] == (60, 0, 0)


@pytest.mark.postgres
def test_the_workspace_holds_no_secret(postgres_bank, tmp_path, monkeypatch, capfd):
    """Loaded from PostgreSQL by a URL of the environment: the password is in no file or output."""
    url, password = postgres_bank
    monkeypatch.setenv("QUEUE_DB", url)
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(QUERY.replace('"ticket"', '"bank.ticket"') + TABLES, encoding="utf-8")
    bank = tmp_path / "bank"
    asked = ["load", "env:QUEUE_DB", "--mapping", str(mapping), "--workspace", str(bank), "--json"]
    assert main(asked) == 0
    out, err = capfd.readouterr()
    document = json.loads(out)
    assert document["result"]["path"] == "env:QUEUE_DB"
    assert {row["table"]: row["added"] for row in document["result"]["tables"]}["visit"] == 60
    asked[1] = url.replace(password, "wrong-" + password)
    assert main([*asked, "--debug"]) == 3
    told = "".join((out, err, *capfd.readouterr()))
    assert password not in told
    for path in bank.rglob("*"):
        if path.is_file():
            assert password.encode() not in path.read_bytes(), path


@pytest.fixture
def postgres_bank(postgres: str) -> tuple[str, str]:
    """Return the URL of a PostgreSQL server with the sixty tickets, and its password."""
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS bank CASCADE; CREATE SCHEMA bank")
        connection.execute(
            "CREATE TABLE bank.ticket (id int, branch text, arrived timestamp, called timestamp, "
            "changed date)"
        )
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO bank.ticket VALUES (%s, %s, %s, %s, %s)", TICKETS)
    return postgres, postgres.split(":")[2].partition("@")[0]


@pytest.mark.postgres
def test_postgres_and_sqlite_give_the_same_store(postgres_bank, queue, tmp_path):
    """The same rows through either database are the same visits."""
    url, _ = postgres_bank
    loaded(queue)
    mapping = tmp_path / "postgres.toml"
    mapping.write_text(QUERY.replace('"ticket"', '"bank.ticket"') + TABLES, encoding="utf-8")
    load(tmp_path / "other", url, mapping=mapping)
    assert visits(tmp_path / "other") == visits(tmp_path / "bank")


def test_a_server_by_its_mapping_alone(tmp_path):
    """An API whose mapping says where it is needs no path; kept pages are gone once stored."""
    records = [{"id": n, "branch": "00317", "arrived": f"2026-03-{n + 1:02d} 09:00", "called": None}
               for n in range(4)]  # fmt: skip
    with serving(lambda *_: Reply(body=records)) as server:
        mapping = tmp_path / "api.toml"
        text = f'[api]\nbase_url = "{server.url}"\n[[request]]\nname = "tickets"\npath = "t"\n'
        mapping.write_text(text + TABLES, encoding="utf-8")
        report = load(tmp_path / "bank", None, mapping=mapping)
    assert (report.adapter, report.path) == ("api", "api.toml")
    assert counts(report)["visit"] == (4, 0, 0)
    assert not list((tmp_path / "bank" / "feeds").glob("*"))


@pytest.mark.parametrize(
    ("source", "adapter", "mapping", "code"),
    [
        (None, None, None, "BW-SRC-058"),
        (None, "database", "mapping.toml", "BW-SRC-061"),
        ("queue.db", None, "mapping.toml", "BW-SRC-061"),
        ("postgresql:/u:hunter22@h/d", None, "mapping.toml", "BW-SRC-061"),
        ("u:hunter22@h/d", "files", "mapping.toml", "BW-SRC-061"),
        ("host=h user=u password=hunter22", "database", "mapping.toml", "BW-SRC-061"),
        (" postgresql://u:hunter22@h/d", "database", None, "BW-SRC-003"),
        ("postgresql://u:hunter22@h/d", "files", "mapping.toml", "BW-SRC-059"),
        ("postgresql://u:hunter22@h/d", None, None, "BW-SRC-059"),
        ("postgresql://u:hunter22@h/d", "database", None, "BW-SRC-003"),
        ("env:NOT_SET_ANYWHERE", None, "mapping.toml", "BW-SRC-060"),
        ("sqlite:///x.db", "api", "mapping.toml", "BW-SRC-063"),
    ],
)
def test_what_is_missing_is_said(queue, source, adapter, mapping, code):
    """Nothing to load, no mapping, the wrong reader: each is an error, without the password."""
    folder = queue.parent
    given = None if mapping is None else folder / mapping
    with pytest.raises(BranchwiseError) as refused:
        load(folder / "bank", source, adapter=adapter, mapping=given)
    assert refused.value.problems[0].code == code
    assert "hunter22" not in str(refused.value)
