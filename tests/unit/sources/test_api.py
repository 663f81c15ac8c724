"""APIs: every form of paging, and servers that stumble, lie, repeat themselves or go away."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.servers.faulty import Asked, Reply, Server, serving

from branchwise.core.errors import BranchwiseError
from branchwise.engines.duckdb import DuckDBEngine, open_duckdb
from branchwise.sources.api.feed import ApiFeed
from branchwise.sources.api.kept import Kept
from branchwise.sources.feeds import http
from branchwise.sources.feeds.address import read_address
from branchwise.sources.feeds.model import Asking
from branchwise.sources.model import Delivery

NOW = datetime(2026, 3, 12, 18, tzinfo=UTC)
TOKEN = "Zx81-verysecret"  # noqa: S105 - nobody takes it
MAPPING = """
[api]
requests_per_second = 1000
timeout_seconds = 0.3
attempts = 3
{api}
[[request]]
name = "tickets"
path = "/tickets"
{request}
[[table]]
into = "visit"
from = "tickets"
[table.columns]
visit_id = "id"
branch_id = '"branch.code"'
arrived_at = "arrived"
"""
SIZE = 2
Wire = tuple[Server, Asking]


def record(number: int) -> dict[str, object]:
    return {
        "id": number,
        "branch": {"code": "00317", "name": "東門"},
        "arrived": f"2026-03-{number + 1:02d}T09:00:00",
        "secret": "never kept",
    }


RECORDS = [record(number) for number in range(5)]


def by_page(asked: Asked, _: int = 1) -> Reply:
    """Answer with a page of two records."""
    page = int(asked.parameters.get("page", 1))
    return Reply(body={"data": {"items": RECORDS[(page - 1) * SIZE : page * SIZE]}, "total": 5})


PAGED = 'records = "data.items"\npaging = "page"'


@pytest.fixture
def engine() -> Iterator[DuckDBEngine]:
    with open_duckdb() as opened:
        yield opened


@pytest.fixture(autouse=True)
def waits(monkeypatch) -> list[float]:
    """Note how long a client would have waited, and do not wait."""
    noted: list[float] = []
    plain = http.Client.__init__

    def quick(self, *given, **named):
        plain(self, *given, **{**named, "sleep": noted.append})

    monkeypatch.setattr(http.Client, "__init__", quick)
    return noted


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    """Return a server that answers by page, and what is asked of it."""
    with serving(by_page) as server:
        asking = Asking(
            address=read_address(server.url + "/v1"),
            mapping=tmp_path / "mapping.toml",
            kept=tmp_path / "feeds",
            clock=lambda: NOW,
            environment={"TOKEN": TOKEN},
        )
        write(asking, PAGED)
        yield server, asking


def write(asking: Asking, request: str, api: str = "") -> None:
    asking.mapping.write_text(MAPPING.format(request=request, api=api), encoding="utf-8")


def ask(asking: Asking, engine: DuckDBEngine) -> Delivery:
    return ApiFeed().read(asking, engine, scratch=asking.kept.parent / "scratch")


def ids(engine: DuckDBEngine, delivery: Delivery) -> list[int]:
    (piece,) = (piece for piece in delivery.tables if piece.table == "visit")
    query = f"SELECT visit_id FROM {piece.relation} ORDER BY source_row"
    return [int(row["visit_id"]) for row in engine.table(query).to_pylist()]


def refusal(asking: Asking, engine: DuckDBEngine) -> str:
    """Return the code for which the one request was refused."""
    with pytest.raises(BranchwiseError) as refused:
        ask(asking, engine)
    assert TOKEN not in str(refused.value)
    assert [bad.code for bad in refused.value.problems[:1]] == ["BW-SRC-025"]
    return refused.value.problems[1].code


def test_pages_become_rows(wire, engine):
    """All pages are read in order; values of objects inside have names with dots."""
    server, asking = wire
    delivery = ask(asking, engine)
    assert ids(engine, delivery) == [0, 1, 2, 3, 4]
    rows = engine.table(f"SELECT * FROM {delivery.tables[0].relation}").to_pylist()
    assert {row["branch_id"] for row in rows} == {"00317"}
    assert {row["source_file"] for row in rows} == {"tickets"}
    assert server.pages() == [f"/v1/tickets&page={page}" for page in (1, 2, 3, 4)]


def offset(asked: Asked, _: int) -> Reply:
    start = int(asked.parameters["skip"])
    return Reply(body=RECORDS[start : start + SIZE])


def cursor(asked: Asked, _: int) -> Reply:
    start = int(asked.parameters.get("after", 0))
    body: dict[str, object] = {"items": RECORDS[start : start + SIZE]}
    return Reply(body=body | ({"next": start + SIZE} if start + SIZE < len(RECORDS) else {}))


def link(asked: Asked, _: int) -> Reply:
    start = int(asked.parameters.get("from", 0))
    following = f'</v1/tickets?from={start + SIZE}>; rel="next", </v1>; rel="up"'
    headers = {"Link": following} if start + SIZE < len(RECORDS) else {}
    return Reply(body=RECORDS[start : start + SIZE], headers=headers)


def url(asked: Asked, _: int) -> Reply:
    start = int(asked.parameters.get("from", 0))
    following = f"tickets?from={start + SIZE}" if start + SIZE < len(RECORDS) else None
    return Reply(body={"items": RECORDS[start : start + SIZE], "next": following})


def whole(_asked: Asked, _: int) -> Reply:
    return Reply(body=RECORDS)


@pytest.mark.parametrize(
    ("answering", "request_", "count"),
    [
        (offset, 'paging = "offset"\noffset_parameter = "skip"', 4),
        (cursor, 'records="items"\npaging = "cursor"\ncursor="next"\ncursor_parameter="after"', 3),
        (link, 'paging = "link"', 3),
        (url, 'records = "items"\npaging = "link"\nnext = "next"', 3),
        (whole, "", 1),
    ],
)
def test_every_form_of_paging(wire, engine, answering, request_, count):
    """Offset, cursor, Link header, URL in the answer, and no paging give the same records."""
    server, asking = wire
    server.answering = answering
    write(asking, request_)
    assert ids(engine, ask(asking, engine)) == [0, 1, 2, 3, 4]
    assert len(server.asked) == count


def test_credentials_come_from_the_environment_and_go_nowhere(wire, engine, tmp_path):
    """Header and parameter carry the secret; no file, row or message does."""
    server, asking = wire
    write(
        asking,
        PAGED + '\nparameters = { apikey = "{env:TOKEN}" }',
        'headers = { Authorization = "Bearer {env:TOKEN}" }',
    )
    delivery = ask(asking, engine)
    assert server.asked[0].headers["authorization"] == f"Bearer {TOKEN}"
    assert server.asked[0].parameters["apikey"] == TOKEN
    assert TOKEN not in repr(delivery)
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert TOKEN.encode() not in path.read_bytes()
            assert b"never kept" not in path.read_bytes()
    with pytest.raises(BranchwiseError) as refused:
        ask(replace(asking, environment={}), engine)
    assert refused.value.problems[0].code == "BW-SRC-060"


def test_a_secret_in_the_mapping_is_refused(wire, engine):
    """A token written into the file is an error that does not repeat it."""
    _, asking = wire
    write(asking, PAGED, f'headers = {{ Authorization = "Bearer {TOKEN}" }}')
    with pytest.raises(BranchwiseError) as refused:
        ask(asking, engine)
    assert [bad.code for bad in refused.value.problems] == ["BW-SRC-084"]
    assert TOKEN not in str(refused.value)


@pytest.mark.parametrize("fault", ["hang", "drip", "short", "long", "reset", "500", "429", "cut"])
def test_a_stumble_is_asked_again(wire, engine, fault, monkeypatch):
    """Whatever goes wrong once on page 2, all records come, and page 1 is not asked twice."""
    server, asking = wire
    monkeypatch.setattr(http, "WHOLE_ANSWER_FACTOR", 1)

    def stumbling(asked: Asked, attempt: int) -> Reply:
        reply = by_page(asked)
        if asked.parameters["page"] != "2" or attempt > 1:
            return reply
        if fault.isdigit():
            return Reply(body=b"busy", status=int(fault))
        if fault == "cut":
            return Reply(body=reply.content()[:40])
        return replace(reply, fault=fault)

    server.answering = stumbling
    assert ids(engine, ask(asking, engine)) == [0, 1, 2, 3, 4]
    asked = [one.parameters["page"] for one in server.asked]
    assert asked.count("1") == 1
    assert asked.count("2") == 2


def test_waits_grow_and_follow_the_server(wire, engine, waits):
    """Waits double with jitter; Retry-After is obeyed; more than the patience is not waited."""
    server, asking = wire
    server.answering = lambda asked, attempt: (
        by_page(asked) if attempt == 3 else Reply(status=503, body=b"")
    )
    ask(asking, engine).settle()
    first, second = waits[:2]
    assert 0.5 <= first <= 1 <= second <= 2
    waits.clear()
    server.tries.clear()
    server.answering = lambda asked, attempt: (
        by_page(asked) if attempt == 2 else Reply(status=429, headers={"Retry-After": "17"})
    )
    ask(asking, engine).settle()
    assert waits.count(17.0) == 4
    waits.clear()
    server.answering = lambda *_: Reply(status=503, headers={"Retry-After": "3600"})
    assert refusal(asking, engine) == "BW-SRC-080"
    assert not [wait for wait in waits if wait > 1]


def test_gone_for_an_hour_and_resumed(wire, engine):
    """A server that goes away after page 2 is asked on from page 3 the next time."""
    server, asking = wire
    server.answering = lambda asked, _: (
        by_page(asked) if int(asked.parameters["page"]) < 3 else Reply(fault="reset")
    )
    assert refusal(asking, engine) == "BW-SRC-080"
    server.answering = by_page
    server.asked.clear()
    later = replace(asking, clock=lambda: NOW + timedelta(hours=1))
    delivery = ask(later, engine)
    assert ids(engine, delivery) == [0, 1, 2, 3, 4]
    assert [one.parameters["page"] for one in server.asked] == ["3", "4"]
    assert [note.code for note in delivery.notes] == ["BW-SRC-092"]
    assert list(asking.kept.rglob("*.jsonl"))
    delivery.settle()
    assert not list(asking.kept.rglob("*"))


@pytest.mark.parametrize("changed", ["hours", "query", "damaged"])
def test_old_other_and_damaged_pages_are_not_used(wire, engine, changed):
    """Pages that are a day old, of another query, or not whole are fetched anew."""
    server, asking = wire
    ask(asking, engine)
    server.asked.clear()
    if changed == "hours":
        asking = replace(asking, clock=lambda: NOW + timedelta(hours=25))
    elif changed == "query":
        write(asking, PAGED + "\nparameters = { area = 'north' }")
    else:
        next(asking.kept.rglob("000002.jsonl")).unlink()
    assert ids(engine, ask(asking, engine)) == [0, 1, 2, 3, 4]
    assert len(server.asked) == 4


def test_a_schema_that_changes_between_pages_is_refused(wire, engine):
    """A name that every record had and that none has any more is an error with the nearest."""
    server, asking = wire

    def renaming(asked: Asked, _: int) -> Reply:
        reply = by_page(asked)
        if asked.parameters["page"] == "2":
            text = reply.content().decode().replace('"arrived"', '"arrivedAt"')
            return Reply(body=json.loads(text))
        return reply

    server.answering = renaming
    assert refusal(asking, engine) == "BW-SRC-088"
    write(asking, PAGED + '\noptional = ["arrived"]')
    assert ids(engine, ask(asking, engine)) == [0, 1, 2, 3, 4]


def test_a_name_that_some_records_lack_is_no_change(wire, engine):
    """Where records of the first page lacked a name, a page may lack it whole."""
    server, asking = wire
    kept = [{**one, "arrived": one["arrived"]} for one in RECORDS]
    for number in (1, 2, 3):
        del kept[number]["arrived"]
    server.answering = lambda asked, _: Reply(
        body={"data": {"items": kept[(page := int(asked.parameters["page"])) * 2 - 2 : page * 2]}}
    )
    assert ids(engine, ask(asking, engine)) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (Reply(body=b"<html><body>log in</body></html>", media_type="text/html"), "BW-SRC-085"),
        (Reply(body=b"<!DOCTYPE html><p>proxy"), "BW-SRC-085"),
        (Reply(body={"data": []}), "BW-SRC-085"),
        (Reply(body={"data": {"items": {"id": 1}}}), "BW-SRC-085"),
        (Reply(body={"data": {"items": [1, 2]}}), "BW-SRC-085"),
        (Reply(body={"data": {"items": [{"id": 1}]}}), "BW-SRC-087"),
        (Reply(body=b"\xff\xfe\x00"), "BW-SRC-080"),
        (Reply(body=b""), "BW-SRC-080"),
        (Reply(body=b"[" * 200_000), "BW-SRC-080"),
        (Reply(status=401), "BW-SRC-081"),
        (Reply(status=404), "BW-SRC-081"),
        (Reply(status=302, headers={"Location": "https://login.elsewhere/?t=1"}), "BW-SRC-082"),
    ],
)
def test_answers_that_are_none(wire, engine, reply, code):
    """HTML, the wrong form, rubbish, refusals and redirections are each told apart."""
    server, asking = wire
    server.answering = lambda *_: reply
    assert refusal(asking, engine) == code


def test_a_next_page_elsewhere_is_not_asked(wire, engine):
    """A link to another server gets no request, so no credentials."""
    server, asking = wire
    write(asking, 'paging = "link"')
    with serving(whole) as other:
        target = f'<{other.url}/steal>; rel="next"'
        server.answering = lambda *_: Reply(body=RECORDS, headers={"Link": target})
        assert refusal(asking, engine) == "BW-SRC-082"
        assert not other.asked


def test_a_server_that_ignores_paging_is_found_out(wire, engine):
    """The same page again, directly or in a circle, stops the request; so does no end."""
    server, asking = wire
    server.answering = lambda *_: Reply(body={"data": {"items": RECORDS[:2]}})
    assert refusal(asking, engine) == "BW-SRC-089"
    server.answering = lambda asked, _: by_page(
        replace(asked, parameters={"page": str((int(asked.parameters["page"]) - 1) % 2 + 1)})
    )
    assert refusal(asking, engine) == "BW-SRC-089"
    write(asking, PAGED + '\nkey = ["id"]\nparameters = { v = 2 }')
    server.answering = lambda *_: Reply(
        body={"data": {"items": [{**RECORDS[0], "arrived": str(len(server.asked))}]}}
    )
    assert refusal(asking, engine) == "BW-SRC-089"
    write(asking, PAGED + "\nmax_pages = 7")
    server.answering = lambda asked, _: Reply(
        body={"data": {"items": [{**RECORDS[0], "id": asked.parameters["page"]}]}}
    )
    server.asked.clear()
    assert refusal(asking, engine) == "BW-SRC-090"
    assert len({one.parameters["page"] for one in server.asked}) <= 7


def test_records_that_shift_to_the_next_page_are_counted(wire, engine):
    """One record on two pages is a remark; that the total is not reached is an error."""
    server, asking = wire
    write(asking, PAGED + '\nkey = ["id"]\ntotal = "total"')
    shifted = [RECORDS[0], RECORDS[1], RECORDS[1], RECORDS[2], RECORDS[3], RECORDS[4]]

    def shifting(asked: Asked, _: int) -> Reply:
        page = int(asked.parameters["page"])
        return Reply(body={"data": {"items": shifted[page * 2 - 2 : page * 2]}, "total": 5})

    server.answering = shifting
    assert [note.code for note in ask(asking, engine).notes] == ["BW-SRC-093"]
    write(asking, PAGED + '\ntotal = "total"\nparameters = { v = 2 }')
    server.answering = lambda asked, _: Reply(
        body={**by_page(asked).body, "total": 1200}  # type: ignore[dict-item]
    )
    assert refusal(asking, engine) == "BW-SRC-091"


def test_an_answer_too_large_is_not_taken(wire, engine):
    """A page over the limit is refused before it fills the memory."""
    server, asking = wire
    write(asking, PAGED, "largest_mebibytes = 0.1")
    server.answering = lambda *_: Reply(body=b" " * 200_000 + b"[]")
    assert refusal(asking, engine) == "BW-SRC-083"


def test_only_new_records_are_asked_for(wire, engine):
    """The mark moves when the rows are stored; then it is sent, less the overlap."""
    server, asking = wire
    write(
        asking,
        PAGED + '\nwatermark = "arrived"\nsince_parameter = "since"\noverlap = "1d"',
    )
    ask(asking, engine).settle()
    assert "since" not in server.asked[0].parameters
    server.asked.clear()
    ask(asking, engine)
    assert server.asked[0].parameters["since"] == "2026-03-04T09:00:00"
    server.asked.clear()
    ask(replace(asking, is_full=True), engine)
    assert "since" not in server.asked[0].parameters


def test_two_loads_of_one_source_do_not_mix(wire, engine):
    """While another load holds the pages, this one is refused."""
    _, asking = wire
    ask(asking, engine)
    (folder,) = asking.kept.glob("*.pages")
    with Kept(folder).held():
        assert refusal(asking, engine) == "BW-SRC-086"
    assert ask(asking, engine).tables


def test_nothing_new_is_no_remark(wire, engine):
    """An empty answer to an incremental request is what one expects of a quiet night."""
    server, asking = wire
    write(asking, PAGED + '\nwatermark = "arrived"\nsince_parameter = "since"')
    ask(asking, engine).settle()
    server.answering = lambda *_: Reply(body={"data": {"items": []}})
    delivery = ask(asking, engine)
    assert not delivery.notes
    assert ids(engine, delivery) == []
    delivery.settle()
    server.answering = by_page
    server.asked.clear()
    ask(asking, engine)
    assert server.asked[0].parameters["since"] == "2026-03-04T09:00:00"


def test_mistakes_of_the_mapping_come_all_at_once(wire, engine):
    """Unknown and missing keys, impossible values: one error with all of them."""
    _, asking = wire
    write(asking, 'paging = "scroll"\nwatermark = "x"\nrecord = "data"', "resume_hours = 'soon'")
    with pytest.raises(BranchwiseError) as refused:
        ask(asking, engine)
    assert sorted(bad.code for bad in refused.value.problems) == [
        "BW-SRC-007", "BW-SRC-007", "BW-SRC-062", "BW-SRC-063",
    ]  # fmt: skip
