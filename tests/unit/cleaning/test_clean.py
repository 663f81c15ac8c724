"""Each family of rules on rows small enough to check by eye."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.cleaning.bench import Bench

from branchwise.cleaning import Context, Piece, clean
from branchwise.cleaning.rules import rule_texts
from branchwise.core.errors import BranchwiseError
from branchwise.core.languages import LANGUAGES
from branchwise.engines.duckdb import DuckDBEngine, open_duckdb
from branchwise.tables.spec import table_spec

TICKET = {"visit_id": "V1", "branch_id": "00317", "arrived_at": "20260310 09:02:11"}


def only(rows, **wanted):
    """Return the one row with these values."""
    (found,) = [row for row in rows if all(row[name] == value for name, value in wanted.items())]
    return found


def test_an_unreadable_value_is_emptied_and_kept(bench):
    """The text stands in the repairs, word for word."""
    _, rows, repairs, _ = bench.clean(
        "visit", [{**TICKET, "called_at": "09:2x", "priority": "1.5"}]
    )
    assert (rows[0]["called_at"], rows[0]["priority"]) == (None, 0)
    assert only(repairs, column_name="called_at")["original"] == "09:2x"
    filled = only(repairs, column_name="priority")
    assert (filled["original"], filled["repaired"], filled["action"]) == ("1.5", "0", "filled")


def test_a_row_that_needs_the_unreadable_value_is_set_aside(bench):
    """The whole row goes to quarantine with the text and its place."""
    done, rows, _, aside = bench.clean("visit", [{**TICKET, "arrived_at": "yesterday"}])
    assert (rows, done.count_out, done.count_in) == ([], 0, 1)
    assert aside[0]["rule"] == "type"
    content = json.loads(aside[0]["content"])
    assert (content["arrived_at"], content["source_file"]) == ("yesterday", "0.csv")
    assert content["source_row"] == "2"


def test_a_row_that_the_source_declares_unfit_is_set_aside_with_its_words(bench):
    """``source_fault`` outweighs everything else in the row."""
    _, rows, _, aside = bench.clean("visit", [{**TICKET, "source_fault": "12 cells instead of 11"}])
    assert rows == []
    assert (aside[0]["rule"], aside[0]["reason"]) == ("source", "12 cells instead of 11")


@pytest.mark.parametrize("text", ["Served", " SERVED ", "ｓｅｒｖｅｄ", "served　"])
def test_spellings_of_an_allowed_value_are_put_right(bench, text):
    """Width, case and blanks do not make another code; the change is on record."""
    _, rows, repairs, _ = bench.clean("visit", [{**TICKET, "outcome": text}])
    assert rows[0]["outcome"] == "served"
    assert only(repairs, column_name="outcome")["action"] == "replaced"


def test_the_last_of_several_pieces_wins(bench):
    """Of one key the row delivered last stays: later piece, then later line; the rest is whole in
    the repairs, and exact repeats are told apart from conflicts.
    """
    first = [{**TICKET, "satisfaction": "3"}, {**TICKET, "satisfaction": "4"}]
    second = [{**TICKET, "satisfaction": "5"}, {**TICKET, "satisfaction": "5"}]
    done, rows, repairs, _ = bench.clean("visit", first, second)
    assert [row["satisfaction"] for row in rows] == [5]
    assert sorted((r["rule"], json.loads(r["original"])["satisfaction"]) for r in repairs) == [
        ("duplicate_exact", 5), ("duplicate_key", 3), ("duplicate_key", 4)
    ]  # fmt: skip
    assert done.count_in == 4
    assert len({repair["repair_id"] for repair in repairs}) == 3


def test_rows_read_without_numbers_are_numbered_in_order(bench):
    """Where the source leaves the row number unread, the last line still wins and is named."""
    rows = [{**TICKET, "visit_id": f"V{n}"} for n in range(300)] + [{**TICKET, "satisfaction": "5"}]
    done, out, repairs, _ = bench.clean("visit", rows, first_row=2)
    assert only(out, visit_id="V1")["satisfaction"] == 5
    assert json.loads(repairs[0]["original"])["source_row"] == "3"
    assert done.count_out == 300


class Restless(DuckDBEngine):
    """An engine that does after every statement what it may do after any: it checkpoints."""

    def execute(self, statement):
        super().execute(statement)
        super().execute("FORCE CHECKPOINT")


def test_rows_keep_their_numbers_whatever_the_engine_does_between_statements():
    """A checkpoint that closes the gaps of deleted rows changes neither the rows that a rule meets
    nor the lines that the record names.
    """
    count, spoilt, missing = 300_000, 240_000, 299_990
    query = (
        "SELECT CASE WHEN i % 7 = 0 THEN 'V' || (i // 7) ELSE 'W' || i END AS visit_id,"
        " '317' AS branch_id,"
        f" CASE WHEN i < {missing} THEN '2026-03-10 09:02:11' END AS arrived_at, 'a.csv' AS"
        f" source_file, CASE WHEN i < {spoilt} THEN 'spoilt' END AS source_fault,"
        " CASE WHEN i % 100 = 0 THEN '6' END AS satisfaction"
        f" FROM range({count}) t(i)"
    )
    engine = Restless(threads=2)
    try:
        bench = Bench(engine)
        engine.materialise("many", query)
        piece = Piece(relation="many", data_source_id="q", timezone="Asia/Taipei", first_row=2)
        done, rows, repairs, aside = bench.cleaned("visit", [piece])
        moved = engine.table("SELECT max(rowid) AS n FROM bw_visit_staged")
    finally:
        engine.close()
    assert moved["n"].to_pylist()[0] < count - 11  # the engine did renumber
    assert len(rows) == done.count_out == missing - spoilt
    assert {row["branch_id"] for row in rows} == {"00317"}
    assert sum(repair["column_name"] == "satisfaction" for repair in repairs) == 600
    late = [json.loads(row["content"]) for row in aside if row["rule"] == "required"]
    assert sorted(int(row["source_row"]) for row in late) == list(range(missing + 2, count + 2))
    keys = {f"V{i // 7}" if i % 7 == 0 else f"W{i}" for i in range(missing, count)}
    assert {row["visit_id"] for row in late} == keys


@pytest.mark.parametrize(
    ("code", "mended"), [("317", True), ("317.0", True), ("000317", True), ("318", False)]
)
def test_lost_leading_zeros_are_mended_if_one_branch_can_be_meant(bench, code, mended):
    """'317' is '00317' while there is no other; an unknown branch puts the row aside."""
    _, rows, repairs, aside = bench.clean("visit", [{**TICKET, "branch_id": code}])
    if mended:
        assert rows[0]["branch_id"] == "00317"
        assert only(repairs, column_name="branch_id")["original"] == code
    else:
        assert (rows, aside[0]["rule"]) == ([], "reference")


def test_leading_zeros_that_could_mean_two_branches_are_not_mended(bench):
    """With both 00317 and 0317 in the network '317' is nobody's."""
    bench.know("branch", [{"branch_id": b, "timezone": "Asia/Taipei"} for b in ("00317", "0317")])
    _, rows, _, aside = bench.clean("visit", [{**TICKET, "branch_id": "317"}])
    assert (rows, len(aside)) == ([], 1)


def test_an_unknown_optional_reference_is_emptied_but_a_kept_one_stays(bench):
    """A service that nobody knows is emptied; a customer that was never delivered is not."""
    bench.know("service", [{"service_id": "S1"}])
    bench.know("customer", [{"customer_id": "x"}])
    row = {**TICKET, "service_id": "S9", "customer_id": "C7781"}
    _, rows, repairs, _ = bench.clean("visit", [row])
    assert rows[0]["service_id"] is None
    assert rows[0]["customer_id"].startswith("p")
    assert [repair["column_name"] for repair in repairs] == ["service_id"]


def test_references_to_a_table_without_rows_are_left_and_said(bench):
    """Without any service delivered nothing can be judged: no value is emptied."""
    done, rows, repairs, _ = bench.clean("visit", [{**TICKET, "service_id": "S1"}])
    assert (rows[0]["service_id"], repairs) == ("S1", [])
    assert [e.count for e in done.effects if e.rule == "reference" and e.action == "skipped"] == [1]


def test_each_branch_is_read_in_its_own_time_zone(bench):
    """The same local time is another instant in Prague; a branch with no valid zone has the
    source's.
    """
    zones = {"00317": "Asia/Taipei", "00400": "Europe/Prague", "00500": "Moon/Base"}
    bench.know("branch", [{"branch_id": b, "timezone": z} for b, z in zones.items()])
    rows = [{**TICKET, "visit_id": b, "branch_id": b} for b in (*zones, "400")]
    _, out, _, _ = bench.clean("visit", rows)
    hours = {row["visit_id"]: row["arrived_at"].hour for row in out}
    assert hours == {"00317": 1, "00400": 8, "00500": 1, "400": 8}
    assert {row["quarter_hour"] for row in out} == {36}


def test_a_zone_that_is_none_stops_the_load(bench):
    """A wrong zone of the source is an error, not a guess."""
    with pytest.raises(BranchwiseError) as raised:
        bench.clean("visit", [TICKET], timezone="Asia/Peking")
    assert raised.value.problems[0].code == "BW-CLN-001"
    for language in LANGUAGES:
        assert "Asia/Peking" in raised.value.problems[0].read_in(language)


def test_values_are_taken_from_the_row_referred_to(bench):
    """An event without a branch has that of its device; that is no repair."""
    bench.know("device", [{"device_id": "D1", "branch_id": "00317"}])
    row = {"device_event_id": "E1", "device_id": "D1", "started_at": "2026-03-10 10:05"}
    _, rows, repairs, _ = bench.clean("device_event", [{**row, "state": "hardwareError"}])
    assert (rows[0]["branch_id"], repairs) == ("00317", [])


def _day(hour, count=40, day=10, **more):
    return [
        {"visit_id": f"D{day}-{n}", "branch_id": "00317", **more,
         "arrived_at": f"202603{day} {hour + n * 7 // count:02d}:{n % 60:02d}:00"}
        for n in range(count)
    ]  # fmt: skip


def _hours(bench):
    days = [
        {"branch_id": "00317", "business_line": "all", "iso_weekday": day, "valid_from": None,
         "valid_to": None, "opens_minute": 540, "closes_minute": 1020}
        for day in range(1, 8)
    ]  # fmt: skip
    bench.know("opening_hours", days)


def test_a_clock_wrong_by_eight_hours_is_set_right(bench):
    """A day at 01:00-08:00 moves to 09:00-16:00, a sound day stays; each instant is on record."""
    _hours(bench)
    _, rows, repairs, _ = bench.clean("visit", _day(1, day=10) + _day(9, day=11))
    for row in rows:
        hour = int(row["visit_id"].split("-")[1]) * 7 // 40 + 9
        assert row["quarter_hour"] // 4 == hour
    assert {(r["rule"], r["action"], r["column_name"]) for r in repairs} == {
        ("clock_shift", "shifted", "arrived_at")
    }
    assert len(repairs) == 40


@pytest.mark.parametrize("rows", [_day(1, count=19), _day(9), _day(9, 30) + _day(2, 15, 10)[:9]])
def test_a_clock_is_left_alone_without_good_reason(bench, rows):
    """Few tickets, sound days, or a few odd tickets are not shifted."""
    _hours(bench)
    unique = [{**row, "visit_id": str(n)} for n, row in enumerate(rows)]
    _, _, repairs, _ = bench.clean("visit", unique)
    assert repairs == []


def _days(odd, days=8, count=60):
    """Return days of tickets from nine to five, the fourth from and to other minutes."""
    rows = []
    for day in range(days):
        first, last = odd if day == 3 else (540, 1010)
        for n in range(count):
            minute = first + (last - first) * n // (count - 1)
            at = f"202603{day + 2:02d} {minute // 60:02d}:{minute % 60:02d}:00"
            ids = {"visit_id": f"D{day}-{n}", "branch_id": "00317"}
            rows.append({**ids, "arrived_at": at, "called_at": at})
    return rows


@pytest.mark.parametrize("hours", [-2, -1, 1, 3])
def test_a_clock_wrong_by_a_few_hours_is_set_right(bench, hours):
    """A day that begins and ends an hour late, most of it still in hours, moves back; no other."""
    _hours(bench)
    _, rows, repairs, _ = bench.clean("visit", _days((540 + 60 * hours, 1010 + 60 * hours)))
    odd = [row["quarter_hour"] for row in rows if row["visit_id"].startswith("D3")]
    assert (min(odd), max(odd)) == (36, 67)
    assert {repair["row_key"][:2] for repair in repairs} == {"D3"}
    assert len(repairs) == 120


@pytest.mark.parametrize(
    ("odd", "days"),
    [
        ((630, 1010), 8),  # a late start
        ((540, 760), 8),  # a half day
        ((540, 1110), 8),  # a long evening
        ((570, 1040), 8),  # half an hour late: no whole hour
        ((600, 1070), 4),  # an hour late, but too few days to say what is usual
    ],
)
def test_a_day_with_one_odd_end_is_no_wrong_clock(bench, odd, days):
    """Only both ends, moved alike by whole hours against enough days, speak of the clock."""
    _hours(bench)
    _, _, repairs, _ = bench.clean("visit", _days(odd, days))
    assert repairs == []


def _call(n, second, lasted, **more):
    at = f"20260310 10:{second // 60:02d}:{second % 60:02d}"
    row = {"visit_id": f"C{n}", "branch_id": "00317", "arrived_at": "20260310 09:55:00"}
    return {**row, "called_at": at, "service_seconds": str(lasted), "outcome": "served", **more}


def _drawn_for_nobody(n, second, **more):
    """Return a ticket drawn, called and closed within a few seconds."""
    drawn = f"20260310 10:{second // 60:02d}:{second % 60:02d}"
    return _call(n, second + 2, 3, **{"arrived_at": drawn, **more})


@pytest.mark.parametrize(
    ("rows", "suspects"),
    [
        ([_call(n, n * 7, 3) for n in range(6)], 6),
        ([_call(n, n * 7, 3) for n in range(3)], 0),
        ([_call(n, n * 40, 3) for n in range(6)], 0),
        ([_call(n, n * 7, 90) for n in range(6)], 0),
        ([_call(n, n * 7, 3, origin="call") for n in range(6)], 0),
        ([_call(n, n * 7, 3) for n in range(4)] + [_call(9, 300, 3)], 4),
        ([_drawn_for_nobody(n, n * 40) for n in range(6)], 6),
        ([_drawn_for_nobody(n, n * 40) for n in range(3)], 0),
        ([_drawn_for_nobody(n, n * 150) for n in range(6)], 0),
        ([_drawn_for_nobody(n, n * 40, service_seconds="60") for n in range(6)], 0),
    ],
)
def test_only_bursts_of_empty_calls_are_suspect(bench, rows, suspects):
    """A burst is flagged whole; short services apart, long ones and phone calls are not."""
    done, out, repairs, _ = bench.clean("visit", rows)
    assert sum(row["is_suspect"] for row in out) == suspects == len(repairs)
    assert done.count_out == len(rows)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), far=st.lists(st.floats(1e-3, 43200), max_size=4))
def test_outliers_agree_with_numpy(seed, far):
    """The values emptied are those that the modified z score, computed by numpy, finds round by
    round.
    """
    drawn = np.exp(np.random.default_rng(seed).normal(5, 0.5, 60)).round(3).tolist()
    values = [*drawn, *[round(value, 3) for value in far]]
    left = np.array(values)
    while True:
        logs = np.log(left)
        middle = np.median(logs)
        spread = np.median(np.abs(logs - middle))
        sound = 0.6745 * np.abs(logs - middle) <= 6 * spread
        left = left[sound]
        if sound.all():
            break
    rows = [
        {**TICKET, "visit_id": str(n), "service_seconds": repr(value)}
        for n, value in enumerate(values)
    ]
    with open_duckdb(threads=1) as engine:
        _, out, repairs, _ = Bench(engine).clean("visit", rows)
    kept = [row["service_seconds"] for row in out if row["service_seconds"] is not None]
    assert sorted(kept) == sorted(left.tolist())
    assert {repair["rule"] for repair in repairs} <= {"outlier"}
    assert len(repairs) == len(values) - len(left)


def _timed(count, service, median, *, branch="00317", spread=0.3, start=0):
    """Return visits of one service with log-normal service times."""
    drawn = np.exp(np.random.default_rng(start).normal(np.log(median), spread, count))
    return [
        {
            **TICKET,
            "visit_id": f"{start + n}",
            "branch_id": branch,
            "service_id": service,
            "service_seconds": f"{value:.3f}",
        }
        for n, value in enumerate(drawn)
    ]


def _without_far(bench, rows, far, **own):
    """Clean rows and one of ten hours; return whether its service time was emptied."""
    row = {**TICKET, "visit_id": "far", "service_seconds": str(far), **own}
    _, out, repairs, _ = bench.clean("visit", [*rows, row])
    assert {repair["row_key"] for repair in repairs} <= {"far"}
    return only(out, visit_id="far")["service_seconds"] is None


def test_ten_hours_at_a_service_of_three_minutes_are_seen(bench):
    """Among services mixed they are not far: quick and long services make the spread wide. Among
    those of the same service they are; at the long service the same time stands.
    """
    rows = _timed(60, "quick", 15) + _timed(40, "short", 180, start=60)
    rows += _timed(60, "long", 6000, start=100)
    assert _without_far(bench, rows, 36_000, service_id="short")
    assert not _without_far(bench, rows, 14_000, service_id="long")
    mixed = [{**row, "service_id": None} for row in rows]
    assert not _without_far(bench, mixed, 36_000)


def test_a_small_group_is_judged_by_the_branch_and_a_small_branch_by_the_bank(bench):
    """19 visits of a service do not judge it, nor do visits without a service; the branch does,
    and the whole table where the branch has fewer than 20.
    """
    bench.know("branch", [{"branch_id": b, "timezone": "Asia/Taipei"} for b in ("00317", "00322")])
    slow = _timed(18, "slow", 20_000)
    usual = _timed(60, "usual", 180, start=18)
    assert not _without_far(bench, slow, 10, service_id="slow")  # 19 rows judge nothing
    assert _without_far(bench, usual, 36_000, service_id="rare")
    assert _without_far(bench, usual, 36_000)
    assert _without_far(bench, usual, 36_000, service_id="usual", branch_id="00322")
    many = _timed(60, "usual", 12_000, branch="00322", start=100)
    assert not _without_far(bench, usual + many, 36_000, branch_id="00322")
    assert _without_far(bench, usual + many, 36_000, branch_id="00317", service_id="rare")


def test_an_identifier_under_a_wrong_heading_is_hidden_too(bench):
    """A customer number that slipped into another column of its row shows as the pseudonym."""
    row = {**TICKET, "customer_id": "C7781", "satisfaction": "C7781"}
    _, rows, repairs, _ = bench.clean("visit", [row])
    assert "C7781" not in str((rows, repairs))
    assert only(repairs, column_name="satisfaction")["original"] == rows[0]["customer_id"]


def test_repairs_of_the_same_files_have_the_same_ids(bench):
    """Loading a file again gives the same repairs, so that nothing is recorded twice."""
    rows = [{**TICKET, "called_at": "x"}, {**TICKET, "branch_id": "9"}]
    ids = []
    for load in ("L1", "L2"):
        _, _, repairs, aside = bench.clean("visit", rows)
        ids.append(
            ([r["repair_id"] for r in repairs], [q["quarantine_id"] for q in aside], load)[:2]
        )
    assert ids[0] == ids[1]


def test_nothing_in_gives_nothing_out(bench):
    """A table without pieces, and a piece without rows, are no error."""
    context = Context(load_id="L1", references={}, load_year=2026, pseudonym_key=bytes(32))
    empty = table_spec("visit").arrow_schema.empty_table()
    bench.engine.register_table("nothing", empty)
    piece = Piece(relation="nothing", data_source_id="q", timezone="Asia/Taipei")
    for pieces in ([], [piece]):
        done = clean(bench.engine, pieces, table_spec("visit"), context)
        assert (done.count_in, done.count_out, done.effects) == (0, 0, ())


def test_every_rule_is_told_in_three_languages():
    """Each rule of the model has a name and an explanation in each language, and no other has."""
    from typing import get_args

    from branchwise.cleaning.model import Rule

    assert set(rule_texts()) == set(get_args(Rule))
    for text in rule_texts().values():
        assert all(text.name.read_in(one) and text.explanation.read_in(one) for one in LANGUAGES)
