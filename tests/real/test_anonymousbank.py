"""The published log of the anonymous bank, against a reading of it in plain Python."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
from collections import Counter
from pathlib import Path

import pytest

from branchwise.engines.duckdb import open_duckdb
from branchwise.sources.anonymousbank import PHANTOM
from branchwise.sources.registry import adapter

FILE = "anonymousbank_feb1999/data_anonymous_bank_february.txt.gz"


@pytest.fixture(scope="module")
def calls(shared_data: Path) -> list[dict[str, str]]:
    with gzip.open(shared_data / FILE, "rt", encoding="ascii", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


@pytest.fixture(scope="module")
def loaded(shared_data: Path, tmp_path_factory: pytest.TempPathFactory):
    scratch = tmp_path_factory.mktemp("scratch")
    with open_duckdb() as engine:
        folder = shared_data / "anonymousbank_feb1999"
        delivery = adapter("anonymousbank").read(folder, engine, mapping=None, scratch=scratch)
        relations = {piece.table: piece.relation for piece in delivery.tables}
        yield (
            delivery,
            {
                table: engine.table(f"SELECT * FROM {relation} ORDER BY source_row").to_pylist()
                for table, relation in relations.items()
            },
        )


@pytest.mark.real
def test_phantom_calls_are_handed_over_for_quarantine(loaded, calls):
    """All 33,344 rows come; the 278 PHANTOM rows, and no others, carry the publisher's reason."""
    _, rows = loaded
    assert len(rows["visit"]) == len(calls) == 33_344
    faults = Counter(row["source_fault"] for row in rows["visit"])
    phantoms = sum(call["outcome"] == "PHANTOM" for call in calls)
    assert faults == {None: 33_344 - phantoms, PHANTOM: phantoms}
    assert phantoms == 278


@pytest.mark.real
def test_headline_figures_agree_with_plain_python(loaded, calls):
    """Abandoned 17.9 % of calls and 176.9 s of service, to the digit of an independent reading."""
    _, rows = loaded
    visits = [row for row in rows["visit"] if row["source_fault"] is None]
    kept = [call for call in calls if call["outcome"] != "PHANTOM"]
    abandoned = sum(row["outcome"] == "unserved" for row in visits) / len(visits)
    hung = sum(call["outcome"] == "HANG" for call in kept) / len(kept)
    assert abandoned == hung
    assert round(100 * abandoned, 1) == 17.9
    service = [float(row["service_seconds"]) for row in visits if row["service_seconds"]]
    talked = [int(c["ser_time"]) for c in kept if c["outcome"] == "AGENT" and int(c["ser_time"])]
    assert sum(service) / len(service) == sum(talked) / len(talked)
    assert round(sum(service) / len(service), 1) == 176.9
    waits = [int(row["wait_seconds"]) for row in visits]
    assert Counter(waits) == Counter(int(call["q_time"]) for call in kept)


@pytest.mark.real
def test_every_call_is_consistent_in_itself(loaded, calls):
    """Identifiers are unique, and waits are the seconds between arrival and call or leaving."""
    _, rows = loaded
    visits = [row for row in rows["visit"] if row["source_fault"] is None]
    assert len({row["visit_id"] for row in visits}) == len(visits)
    for row in visits:
        ended = row["called_at"] if row["outcome"] == "served" else row["left_at"]
        assert _seconds(row["arrived_at"], ended) == int(row["wait_seconds"])
        assert row["left_at"] is None or row["left_at"] >= ended
    overnight = {row["visit_id"] for row in visits if (row["left_at"] or "")[:10] > _day(row)}
    assert overnight == {_visit_id(call) for call in calls if _ends_after_midnight(call)}
    assert overnight
    steps = rows["visit_step"]
    assert {row["visit_id"] for row in steps} == {row["visit_id"] for row in visits}
    talked = [row for row in steps if row["service_seconds"]]
    assert all(
        _seconds(row["started_at"], row["ended_at"]) == int(row["service_seconds"])
        for row in talked
    )


@pytest.mark.real
def test_reference_rows(loaded, calls):
    """One branch, a service per type of call, an agent per server name."""
    delivery, rows = loaded
    assert [row["timezone"] for row in rows["branch"]] == ["Asia/Jerusalem"]
    assert {row["service_id"] for row in rows["service"]} == {call["type"] for call in calls}
    servers = {call["server"] for call in calls} - {"NO_SERVER"}
    assert {row["staff_id"] for row in rows["staff_member"]} == servers
    assert not delivery.refused


def _seconds(start: str, end: str) -> int:
    return round(
        (dt.datetime.fromisoformat(end) - dt.datetime.fromisoformat(start)).total_seconds()
    )


def _day(row: dict[str, str]) -> str:
    return row["arrived_at"][:10]


def _visit_id(call: dict[str, str]) -> str:
    return f"19{call['date']}-{call['vru+line']}-{call['call_id']}"


def _ends_after_midnight(call: dict[str, str]) -> bool:
    """Whether a call arrives at the queue late in the evening and ends in the small hours."""
    queued, talked = int(call["q_time"]) > 0, int(call["ser_time"]) > 0
    arrived = call["q_start"] if queued else call["vru_exit"]
    if call["outcome"] == "HANG":
        left = call["q_exit"] if queued else call["vru_exit"]
    else:
        left = call["ser_exit"] if talked else ""
    hours = [int(time.partition(":")[0]) for time in (arrived, left) if time]
    return call["outcome"] != "PHANTOM" and len(hours) == 2 and hours[0] >= 18 and hours[1] < 6
