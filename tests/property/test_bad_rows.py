"""Ills inside sound files, one family at a time, planted at a place that hypothesis chooses.

The families of bad input and where each is proved:

- columns missing or renamed, ragged rows, NUL bytes, truncated archives: ``test_bad_files``;
- wrong encodings, bombs, mixed scripts of headings: ``test_bad_files``;
- ROC years, two-digit years, Excel serials: ``test_parse``;
- negative durations, impossible times, clock shifts, duplicate and conflicting keys, unknown
  branches, formulas in cells: here;
- a full disk, a kill, loads at once, at every step rather than at some: ``unit/warehouse``.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.cleaning.bench import Bench

from branchwise.engines.duckdb import open_duckdb

SETTINGS = settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
FIRST = datetime(2026, 3, 2, 9, 5)  # noqa: DTZ001 - local time of the branch; a Monday
HOURS = [
    {
        "branch_id": "00317",
        "business_line": "personal",
        "iso_weekday": weekday,
        "valid_from": FIRST.date(),
        "valid_to": None,
        "opens_minute": 540,
        "closes_minute": 1020,
    }
    for weekday in range(1, 6)
]


@pytest.fixture(scope="module")
def bench():
    with open_duckdb(threads=1) as engine:
        yield Bench(engine)


def ticket(number, at=FIRST, **other):
    """Return one sound ticket."""
    called = at + timedelta(minutes=3)
    return {
        "visit_id": f"V{number}",
        "branch_id": "00317",
        "arrived_at": f"{at:%Y-%m-%d %H:%M:%S}",
        "called_at": f"{called:%Y-%m-%d %H:%M:%S}",
        "service_seconds": "120",
        "outcome": "served",
        **other,
    }


def planted(data, count, **ill):
    """Return sound tickets with one ill among them, and its number."""
    at = data.draw(st.integers(0, count - 1))
    rows = [ticket(n, FIRST + timedelta(minutes=7 * n)) for n in range(count)]
    rows[at] = {**rows[at], **ill}
    return rows, f"V{at}"


@SETTINGS
@given(data=st.data(), seconds=st.integers(1, 10**6))
def test_a_negative_duration_is_emptied_and_kept(bench, data, seconds):
    """The row stays without it, the text stands in the repairs, no other row is touched."""
    rows, ill = planted(data, 9, service_seconds=f"-{seconds}")
    _, found, repairs, aside = bench.clean("visit", rows)
    assert aside == []
    assert [row["visit_id"] for row in found if row["service_seconds"] is None] == [ill]
    [repair] = repairs
    assert (repair["row_key"], repair["rule"], repair["action"]) == (ill, "range", "set_null")
    assert float(repair["original"]) == -seconds


@SETTINGS
@given(
    data=st.data(),
    year=st.one_of(st.integers(1000, 1988), st.integers(2028, 9999)),
    column=st.sampled_from(["arrived_at", "called_at", "left_at"]),
)
def test_a_time_that_cannot_be_is_emptied_or_its_row_set_aside(bench, data, year, column):
    """A clock that was never set, or a filler such as 9999, never counts as a visit or a wait."""
    rows, ill = planted(data, 9, **{column: f"{year:04d}-06-15 10:00:00"})
    done, found, repairs, aside = bench.clean("visit", rows)
    assert done.count_in == done.count_out + len(aside)
    if column == "arrived_at":
        assert [row["row_key"] for row in aside] == [ill]
        assert aside[0]["rule"] in {"range", "type"}
        assert str(year) in json.loads(aside[0]["content"])["arrived_at"]
        assert ill not in {row["visit_id"] for row in found}
    else:
        [changed] = [row for row in repairs if row["column_name"] == column]
        assert (changed["row_key"], changed["repaired"]) == (ill, None)
        assert all(row[column] is None for row in found if row["visit_id"] == ill)
    assert all(0 <= row["wait_seconds"] < 43200 for row in found if row["wait_seconds"] is not None)


@SETTINGS
@given(
    hours=st.sampled_from([-9, -8, -7, -6, 6, 7]),
    drawn=st.lists(st.integers(0, 479), max_size=5),
)
def test_a_clock_wrong_by_hours_is_set_right(bench, hours, drawn):
    """A day mostly outside its opening hours comes back where it was; each value is on record."""
    bench.know("opening_hours", HOURS)
    opening = FIRST.replace(minute=0)
    minutes = [*range(0, 480, 20), 479, *drawn]
    ill, sound = (
        {f"V{day}-{n}": opening + timedelta(days=day, minutes=at) for n, at in enumerate(minutes)}
        for day in (0, 1)
    )
    right = ill | sound
    rows = [ticket(name[1:], at + timedelta(hours=hours)) for name, at in ill.items()]
    rows += [ticket(name[1:], at) for name, at in sound.items()]
    _, found, repairs, aside = bench.clean("visit", rows)
    assert aside == []
    zone = timedelta(hours=8)
    assert {row["visit_id"]: row["arrived_at"] for row in found} == {
        name: (at - zone).replace(tzinfo=UTC) for name, at in right.items()
    }
    shifted = [row for row in repairs if row["rule"] == "clock_shift"]
    assert {row["row_key"] for row in shifted} == set(ill)
    assert {row["action"] for row in shifted} == {"shifted"}


@SETTINGS
@given(
    numbers=st.lists(st.integers(0, 5), min_size=1, max_size=20),
    ratings=st.lists(st.integers(1, 5), min_size=20, max_size=20),
)
def test_of_rows_with_one_key_the_last_stays_and_the_others_are_kept_whole(bench, numbers, ratings):
    """Equal and conflicting rows alike: one a key stays, every other is whole in the repairs."""
    rows = [
        ticket(number, satisfaction=str(rating))
        for number, rating in zip(numbers, ratings, strict=False)
    ]
    done, found, repairs, _ = bench.clean("visit", rows)
    last = {row["visit_id"]: int(row["satisfaction"]) for row in rows}
    assert {row["visit_id"]: row["satisfaction"] for row in found} == last
    assert done.count_in == done.count_out + len(repairs)
    kept = [json.loads(row["original"]) for row in repairs]
    told = [(row["visit_id"], int(row["satisfaction"])) for row in kept]
    given_rows = [(row["visit_id"], int(row["satisfaction"])) for row in rows]
    assert sorted([*told, *last.items()]) == sorted(given_rows)


@SETTINGS
@given(data=st.data(), code=st.text(st.sampled_from("ABXY1289 甲-"), min_size=1, max_size=6))
def test_a_ticket_of_an_unknown_branch_is_set_aside_with_its_reason(bench, data, code):
    """Only that row goes to quarantine; the reason names the column and the table."""
    known = {"317", "00317"}
    code = code.strip() or "X"
    if code.lstrip("0") in known:
        code = "X" + code
    rows, ill = planted(data, 9, branch_id=code)
    done, _, _, aside = bench.clean("visit", rows)
    [row] = aside
    assert (row["row_key"], row["rule"]) == (ill, "reference")
    assert row["reason"] == "branch_id is in no row of branch"
    assert json.loads(row["content"])["branch_id"] == code
    assert done.count_out == 8


@SETTINGS
@given(
    data=st.data(),
    formula=st.builds(
        "{}{}".format,
        st.sampled_from("=+-@"),
        st.text(st.sampled_from("ABCcmd|/!'\"()1234567890:,.x "), max_size=12),
    ),
)
def test_a_formula_in_a_cell_is_a_text(bench, data, formula):
    """Nothing is computed: in a text column it stays as it stands, elsewhere it is no number."""
    text = formula.strip()
    rows, ill = planted(data, 9, ticket_number=formula, service_seconds=f"={formula}x")
    _, found, repairs, aside = bench.clean("visit", rows)
    assert aside == []
    [row] = [row for row in found if row["visit_id"] == ill]
    assert (row["ticket_number"], row["service_seconds"]) == (text, None)
    [repair] = [row for row in repairs if row["column_name"] == "service_seconds"]
    assert repair["original"].startswith("=")
