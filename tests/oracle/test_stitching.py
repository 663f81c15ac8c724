"""Stitching against a bank made by hand: planted drift, planted pairs, every offset tried."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from branchwise.cleaning.stitching import PAIRS, stitch
from branchwise.engines.duckdb import open_duckdb
from branchwise.warehouse.columns import stored_schema

MONDAY = datetime(2026, 3, 2, 1, tzinfo=UTC)
FARTHEST = 1200
SIDES = ("services", "transactions")


@pytest.fixture
def engine():
    with open_duckdb(threads=1) as opened:
        for table in ("visit", "visit_step", "transaction"):
            opened.register_files(table, [], schema=stored_schema(table))
        yield opened


def fill(engine, table, rows):
    """Make rows with some columns the whole table."""
    engine.register_table(table, pa.Table.from_pylist(rows, schema=stored_schema(table)))


def step(number, begins, ends, **given):
    return {
        "visit_step_id": f"s{number}", "visit_id": f"v{number}", "branch_id": "1",
        "data_source_id": "q", "kind": "counter", "staff_id": "t1", "outcome": "done",
        "called_at": begins, "started_at": begins, "ended_at": ends, "local_on": begins.date(),
    } | given  # fmt: skip


def posting(number, at, **given):
    return {
        "transaction_id": f"p{number}", "branch_id": "1", "data_source_id": "core",
        "channel": "counter", "staff_id": "t1", "posted_at": at, "is_reversal": False,
        "local_on": at.date(),
    } | given  # fmt: skip


def drawing(seed):
    return random.Random(seed)  # noqa: S311 - rows of a test


def seconds(count):
    return timedelta(seconds=count)


def days_of(chance, count, drift, idle=40, share=0.85):
    """Return steps and postings of days at one window; the posting of each step, if any."""
    steps, postings, truth = [], [], set()
    for day in range(count):
        at = MONDAY + timedelta(days=day)
        for _ in range(90):
            number = len(steps)
            begins = at + seconds(chance.randrange(1, idle))
            at = begins + seconds(int(chance.lognormvariate(5.0, 0.7)) + 5)
            steps.append(step(number, begins, at))
            if chance.random() < share:
                inside = begins + seconds(chance.randrange(int((at - begins).total_seconds()) + 1))
                postings.append(posting(number, inside - seconds(drift(day))))
                truth.add((f"p{number}", f"s{number}"))
    return steps, postings, truth


def pairs(engine):
    rows = engine.table(f"SELECT transaction_id, visit_step_id FROM {PAIRS}").to_pylist()
    return {(row["transaction_id"], row["visit_step_id"]) for row in rows}


def of_side(found, side):
    [one] = [one for one in found if one.side == side]
    return one


def trial(steps, postings):
    """Return the best offset and its bounds by trying every one: the slow way, in plain Python."""
    counts = {}
    for offset in range(-FARTHEST, FARTHEST + 1):
        moved = sorted(one["posted_at"] + seconds(offset) for one in postings)
        counts[offset] = place = 0
        for one in steps:
            while place < len(moved) and moved[place] < one["started_at"]:
                place += 1
            counts[offset] += place < len(moved) and moved[place] <= one["ended_at"]
    best = max(counts.values())
    top = [offset for offset, count in counts.items() if count == best]
    near = [offset for offset, count in counts.items() if count >= best - 4]
    return (min(top) + max(top)) / 2, min(near), max(near)


@pytest.mark.parametrize("drift", [0, 137, -431])
def test_a_planted_drift_is_found_as_by_trying_every_offset(engine, drift):
    """Drift and bounds are those of trying all 2,401 offsets; the planted one lies within."""
    steps, postings, truth = days_of(drawing(drift), 5, lambda _: drift)
    fill(engine, "visit_step", steps)
    fill(engine, "transaction", postings)
    found = stitch(engine)
    tickets, posted = of_side(found, "services"), of_side(found, "transactions")
    told = (tickets.drift_seconds, tickets.drift_lower_seconds, tickets.drift_upper_seconds)
    assert told == trial(steps, postings)
    assert tickets.drift_lower_seconds <= drift <= tickets.drift_upper_seconds
    assert abs(tickets.drift_seconds - drift) <= 10
    assert tickets.is_steady
    assert tickets.is_off == (drift != 0)
    hit = len(pairs(engine) & truth)
    precision, recall = hit / len(pairs(engine)), hit / len(truth)
    assert min(precision, recall) > 0.95, f"precision {precision:.4f}, recall {recall:.4f}"
    assert tickets.count == len(steps)
    assert tickets.share_stitched == len({s for _, s in pairs(engine)}) / len(steps)
    assert posted.share_stitched == len(pairs(engine)) / len(postings)


def test_a_clock_that_wanders_is_told_week_by_week(engine):
    """A clock that gains 4 s a day fits no one offset; its bounds hold the drift of every week."""
    steps, postings, truth = days_of(drawing(5), 42, lambda day: 4 * day - 100)
    fill(engine, "visit_step", steps)
    fill(engine, "transaction", postings)
    tickets = of_side(stitch(engine), "services")
    assert tickets.is_steady is False
    assert tickets.drift_lower_seconds <= 4 * 3 - 100
    assert tickets.drift_upper_seconds >= 4 * 38 - 100
    assert abs(tickets.drift_seconds - (4 * 20.5 - 100)) < 20
    hit = len(pairs(engine) & truth)
    assert hit / len(truth) > 0.85, f"recall {hit / len(truth):.4f}"


def test_postings_by_chance_are_not_stitched(engine):
    """Where postings have nothing to do with the tickets no drift and no share is given."""
    chance = drawing(6)
    steps, _, _ = days_of(chance, 5, lambda _: 0)
    postings = [
        posting(number, MONDAY + timedelta(days=number % 5, seconds=chance.randrange(20_000)))
        for number in range(400)
    ]
    fill(engine, "visit_step", steps)
    fill(engine, "transaction", postings)
    assert {(one.reason, one.share_stitched) for one in stitch(engine)} == {("no_agreement", None)}
    assert pairs(engine) == set()


@pytest.mark.parametrize(
    ("step_given", "posting_given", "reasons"),
    [
        ({}, None, {"services": "no_transactions"}),
        ({}, {"channel": "mobile"}, {"services": "no_transactions"}),
        ({}, {"is_reversal": True}, {"services": "no_transactions"}),
        ({}, {"staff_id": "other"}, dict.fromkeys(SIDES, "nothing_in_common")),
        ({"staff_id": None}, {}, dict.fromkeys(SIDES, "nothing_in_common")),
        ({"kind": "call"}, {}, dict.fromkeys(SIDES, "nothing_in_common")),
        ({"outcome": "abandoned"}, {}, {"transactions": "no_visits"}),
        ({"branch_id": "2"}, {}, {"services": "no_transactions", "transactions": "no_visits"}),
    ],
)  # fmt: skip
def test_what_cannot_be_told_says_why(engine, step_given, posting_given, reasons):
    """No transactions, no visits, nobody in common: a reason each and no zero."""
    steps, postings, _ = days_of(drawing(7), 3, lambda _: 0)
    fill(engine, "visit_step", [one | step_given for one in steps])
    if posting_given is not None:
        fill(engine, "transaction", [one | posting_given for one in postings])
    found = stitch(engine)
    assert {one.side: one.reason for one in found} == reasons
    assert {(one.share_stitched, one.drift_seconds) for one in found} == {(None, None)}


def test_without_recorded_ends_the_next_call_ends_a_service(engine):
    """Tickets with calls alone are stitched too; the drift is told, if less sharply."""
    steps, postings, truth = days_of(drawing(8), 10, lambda _: 60)
    bare = [one | {"started_at": None, "ended_at": None} for one in steps]
    fill(engine, "visit_step", bare)
    fill(engine, "transaction", postings)
    tickets = of_side(stitch(engine), "services")
    assert tickets.drift_lower_seconds <= 60 <= tickets.drift_upper_seconds
    hit = len(pairs(engine) & truth)
    assert hit / len(truth) > 0.9, f"recall {hit / len(truth):.4f}"


def test_suspected_visits_are_left_out(engine):
    """Empty calls carry no transaction and must not lower the share."""
    steps, postings, _ = days_of(drawing(9), 5, lambda _: 0, share=1)
    empty = [
        step(f"e{number}", MONDAY + timedelta(hours=12, seconds=9 * number),
             MONDAY + timedelta(hours=12, seconds=9 * number + 5))
        for number in range(100)
    ]  # fmt: skip
    fill(engine, "visit_step", steps + empty)
    fill(engine, "transaction", postings)
    fill(engine, "visit", [{"visit_id": one["visit_id"], "is_suspect": True} for one in empty])
    tickets = of_side(stitch(engine), "services")
    assert tickets.count == len(steps)
    assert tickets.share_stitched > 0.97


def test_a_service_overtaken_in_its_first_second_takes_nothing(engine):
    """Of two tickets that one teller begins at the same second only one carries the posting."""
    steps, postings, _ = days_of(drawing(10), 5, lambda _: 0)
    twins = [one | {"visit_step_id": one["visit_step_id"] + "b"} for one in steps]
    fill(engine, "visit_step", steps + twins)
    fill(engine, "transaction", postings)
    stitch(engine)
    assert {number[-1] for _, number in pairs(engine)} == {"b"}
    assert len(pairs(engine)) == len({number for number, _ in pairs(engine)})
