"""A toy bank of two branches and two days whose every number can be worked out by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest

from branchwise.engines.duckdb import open_duckdb
from branchwise.tables.spec import ARROW_TYPES, table_names, table_spec

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)


def at(day: date, minute: float) -> datetime:
    """Return an instant of the toy bank, whose branches live in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=minute)


def table_of(name: str, rows: list[dict[str, object]]) -> pa.Table:
    """Return rows as a canonical table; columns that a row does not name are null."""
    spec = table_spec(name)
    known = set(spec.columns)
    assert all(set(row) <= known for row in rows), f"{name}: {rows}"
    return pa.table(
        {
            column.name: pa.array([row.get(column.name) for row in rows], ARROW_TYPES[column.type])
            for column in spec.columns.values()
        }
    )


def day_of(day: date, minute: float = 0) -> dict[str, object]:
    return {
        "local_on": day,
        "local_month": f"{day:%Y-%m}",
        "iso_weekday": day.isoweekday(),
        "quarter_hour": int(minute // 15),
    }


def visit(number, branch, day, minute, wait, service, **more):  # noqa: PLR0917
    """A served visit, unless `more` says otherwise."""
    row = {
        "visit_id": f"V{number}",
        "branch_id": branch,
        "origin": "ticket",
        "business_line": "personal",
        "service_id": "CASH",
        "priority": 0,
        "tier": "unknown",
        "age_band": "unknown",
        "arrived_at": at(day, minute),
        "called_at": at(day, minute + (wait or 0.0) / 60),
        "outcome": "served",
        "wait_seconds": wait,
        "service_seconds": service,
        "is_suspect": False,
        **day_of(day, minute),
    }
    row |= more
    if row["outcome"] == "unserved" and row.get("unserved_cause") != "no_show":
        row["called_at"] = None
    return row


def visits() -> list[dict[str, object]]:
    """Return the visits.

    Branch A on Monday: waits 0, 100, 200 served; one left after 150; on Tuesday 400 and 700
    served, one called after 300 but absent. Branch B on Monday: wait 60 served; on Tuesday 120
    served without a recorded time, one suspect (empty call), one at a
    machine, whose queue nobody saw.
    """
    left = {"outcome": "unserved", "unserved_cause": "walked_out"}
    absent = {"outcome": "unserved", "unserved_cause": "no_show"}
    machine = {"origin": "smart_counter", "called_at": None}
    return [
        visit(1, "A", MONDAY, 540, 0.0, 120.0, age_band="60_plus"),
        visit(2, "A", MONDAY, 541, 100.0, 240.0, customer_id="C1"),
        visit(3, "A", MONDAY, 556, 200.0, 300.0),
        visit(4, "A", MONDAY, 558, 150.0, None, **left),
        visit(5, "A", TUESDAY, 540, 400.0, 180.0, service_id="LOAN"),
        visit(6, "A", TUESDAY, 545, 700.0, 60.0, age_band="60_plus"),
        visit(7, "A", TUESDAY, 960, 300.0, None, **absent),
        visit(8, "B", MONDAY, 540, 60.0, 600.0),
        visit(9, "B", TUESDAY, 600, 120.0, 0.0),
        visit(10, "B", TUESDAY, 601, 5.0, 3.0, is_suspect=True),
        visit(11, "B", TUESDAY, 602, None, 90.0, **machine),
    ]


def steps() -> list[dict[str, object]]:
    """Four self-service attempts at A's machine, one of which went to the counter."""
    return [
        {
            "visit_step_id": f"S{number}",
            "visit_id": f"V{number}",
            "branch_id": "A",
            "sequence": 1,
            "kind": "smart_counter",
            "device_id": "A-1",
            "outcome": outcome,
            **day_of(MONDAY, 540),
        }
        for number, outcome in enumerate(("done", "done", "to_counter", "done"), 1)
    ]


def transactions() -> list[dict[str, object]]:
    """Ten transactions: 4 counter (2 authorised), 4 machine, 1 mobile at A; 1 counter at B.

    One batch row and one reversal do not count. The service LOAN cannot migrate.
    """
    rows = []

    def add(branch, channel, day=MONDAY, **more):
        row = {
            "transaction_id": f"T{len(rows)}",
            "branch_id": branch,
            "channel": channel,
            "service_id": "CASH",
            "posted_at": at(day, 570),
            "fee_minor": 1000,
            "is_reversal": False,
            **day_of(day, 570),
        }
        rows.append(row | more)

    add("A", "counter", authorised_by_staff_id="T9", authorisation_seconds=30.0)
    add("A", "counter", authorised_by_staff_id="T9", authorisation_seconds=90.0)
    add("A", "counter")
    add("A", "counter", TUESDAY, service_id="LOAN")
    for day in (MONDAY, MONDAY, TUESDAY, TUESDAY):
        add("A", "smart_counter", day, device_id="A-1")
    add("A", "mobile")
    add("B", "counter")
    add("A", "batch")
    add("A", "counter", is_reversal=True)
    return rows


def events() -> list[dict[str, object]]:
    """Spells of A's machine, open 09:00-17:00.

    Monday: a fault 10:00-11:00 with a second module's fault 10:30-11:30 within the same outage,
    and a planned clearing 16:30-17:30, of which half an hour lies in opening hours. Tuesday: a
    fault from 16:00 whose end was never recorded.
    """

    def spell(number, day, start, end, *, planned=False):
        return {
            "device_event_id": f"E{number}",
            "device_id": "A-1",
            "branch_id": "A",
            "state": "hardwareError",
            "is_planned": planned,
            "started_at": at(day, start),
            "ended_at": None if end is None else at(day, end),
            **day_of(day, start),
        }

    return [
        spell(1, MONDAY, 600, 660),
        spell(2, MONDAY, 630, 690),
        spell(3, MONDAY, 990, 1050, planned=True),
        spell(4, TUESDAY, 960, None),
    ]


def shifts() -> list[dict[str, object]]:
    """One teller at A 09:00-10:00 on Monday, with a break from 09:15 to 09:30; a manager too."""

    def shift(staff, post, work, **more):
        return {
            "shift_id": f"D-{staff}",
            "staff_id": staff,
            "branch_id": "A",
            "post": post,
            "starts_at": at(MONDAY, 540),
            "ends_at": at(MONDAY, 600),
            "leave_kind": "none",
            "work_seconds": work,
            **{key: value for key, value in day_of(MONDAY).items() if key != "quarter_hour"},
            **more,
        }

    pause = {"break_starts_at": at(MONDAY, 555), "break_ends_at": at(MONDAY, 570)}
    return [shift("T1", "teller", 2700.0, **pause), shift("T2", "manager", 3600.0)]


def bank() -> dict[str, list[dict[str, object]]]:
    """Return all rows of the toy bank by table."""
    people = {"employment": "own", "left_on": None}
    answers = [(5, 10, 7), (4, 9, 6), (3, 7, 5), (1, 0, 2)]
    calendar = {key: value for key, value in day_of(MONDAY).items() if key != "quarter_hour"}
    return {
        "region": [{"region_id": "N", "name": "North"}, {"region_id": "S", "name": "South"}],
        "branch": [
            {
                "branch_id": code,
                "institution_id": "own",
                "region_id": region,
                "name": code,
                "branch_type": kind,
                "timezone": "UTC",
            }
            for code, region, kind in (("A", "N", "comprehensive"), ("B", "S", "light"))
        ],
        "opening_hours": [
            {
                "branch_id": code,
                "business_line": "all",
                "iso_weekday": weekday,
                "valid_from": date(1900, 1, 1),
                "opens_minute": 540,
                "closes_minute": 1020,
            }
            for code in "AB"
            for weekday in (1, 2)
        ],
        "service": [
            {"service_id": "CASH", "name": "Cash", "skill": "cash", "is_migratable": True},
            {"service_id": "LOAN", "name": "Loan", "skill": "loan", "is_migratable": False},
        ],
        "device": [
            {
                "device_id": "A-1",
                "branch_id": "A",
                "device_kind": "smart_counter",
                "service_hours": "opening_hours",
            }
        ],
        "device_event": events(),
        "staff_member": [
            {"staff_id": "T1", "branch_id": "A", "post": "teller", **people},
            {"staff_id": "T2", "branch_id": "A", "post": "manager", **people},
            {"staff_id": "T3", "branch_id": "B", "post": "teller", **people},
        ],
        "skill_grant": [
            {"staff_id": "T1", "skill": "cash"},
            {"staff_id": "T2", "skill": "cash"},
            {"staff_id": "T3", "skill": "loan"},
        ],
        "shift": shifts(),
        "customer": [
            {
                "customer_id": "C1",
                "home_branch_id": "A",
                "age_band": "unknown",
                "deposit_minor": 600_000,
                "aum_minor": 800_000,
            },
            {
                "customer_id": "C2",
                "home_branch_id": "B",
                "age_band": "unknown",
                "deposit_minor": 300_000,
                "aum_minor": 300_000,
            },
        ],
        "holding": [
            {"holding_id": code, "branch_id": "A", "customer_id": "C1", "status": status}
            for code, status in (("H1", "active"), ("H2", "in_arrears"), ("H3", "repaid"))
        ],
        "demand_point": [
            {"demand_point_id": "D1", "branch_id": "A", "population": 300},
            {"demand_point_id": "D2", "branch_id": "B", "population": 200},
            {"demand_point_id": "D3", "branch_id": "B"},
        ],
        "visit": visits(),
        "visit_step": steps(),
        "transaction": transactions(),
        "survey_response": [
            {
                "survey_response_id": f"R{number}",
                "branch_id": "A",
                "answered_at": at(MONDAY, 600),
                "csat": csat,
                "nps": nps,
                "ces": ces,
                **calendar,
            }
            for number, (csat, nps, ces) in enumerate(answers * 3)
        ],
        "complaint": [
            {"complaint_id": "K1", "branch_id": "A", "received_at": at(MONDAY, 700), **calendar},
            {
                "complaint_id": "K2",
                "branch_id": "A",
                "received_at": at(MONDAY, 710),
                "escalates_complaint_id": "K1",
                **calendar,
            },
        ],
    }


@pytest.fixture
def toy():
    """An engine that holds the toy bank."""
    with open_duckdb(threads=1) as engine:
        rows = bank()
        for name in table_names():
            engine.register_table(name, table_of(name, rows.get(name, [])))
        yield engine


@pytest.fixture
def make_table():
    """The maker of canonical tables from rows."""
    return table_of
