"""Volumes and the worst half-hour of the week, on a week counted by hand."""

from __future__ import annotations

import pytest

from branchwise.engines.duckdb import open_duckdb
from branchwise.plan.spots import worst_spots
from branchwise.plan.volumes import volumes
from branchwise.tables.spec import table_spec

LIMIT = 600.0
TABLES = ("visit", "visit_step", "transaction", "service", "shift", "staff_member")


@pytest.fixture
def engine():
    """Branch B1: on Wednesdays at 10:00 two late corporate visits, on Mondays one late one."""
    with open_duckdb() as opened:
        for table in TABLES:
            opened.register_files(table, [], schema=table_spec(table).arrow_schema)
        opened.materialise(
            "visit",
            """
            SELECT 'v' || id AS visit_id, 'B1' AS branch_id, day AS local_on,
                   weekday AS iso_weekday, quarter AS quarter_hour, wait::DOUBLE AS wait_seconds,
                   line AS business_line, 'served' AS outcome, suspect AS is_suspect,
                   'ticket' AS origin, NULL AS service_id, NULL AS unserved_cause
            FROM (VALUES
                (1, DATE '2026-03-02', 1, 36, 900.0, 'personal', false),
                (2, DATE '2026-03-04', 3, 40, 1200.0, 'corporate', false),
                (3, DATE '2026-03-04', 3, 41, 1500.0, 'corporate', false),
                (4, DATE '2026-03-04', 3, 44, 60.0, 'personal', false),
                (5, DATE '2026-03-05', 4, 40, 9000.0, 'personal', true)
            ) AS t(id, day, weekday, quarter, wait, line, suspect)
            """,
        )
        opened.materialise(
            "visit_step",
            """
            SELECT 'B1' AS branch_id, 'counter' AS kind, DATE '2026-03-04' AS local_on,
                   3 AS iso_weekday, 40 + i % 2 AS quarter_hour, 'W1' AS station,
                   1200.0::DOUBLE AS service_seconds
            FROM range(2) AS t(i)
            """,
        )
        opened.materialise(
            "transaction",
            """
            SELECT 'B1' AS branch_id, channel, DATE '2026-03-04' AS local_on, 3 AS iso_weekday,
                   40 AS quarter_hour, seconds::DOUBLE AS authorisation_seconds,
                   reversal AS is_reversal
            FROM (VALUES ('counter', 960.0, false), ('counter', NULL, false),
                         ('atm', NULL, false), ('batch', NULL, false), ('counter', NULL, true))
                 AS t(channel, seconds, reversal)
            """,
        )
        yield opened


def test_volumes_by_hand(engine):
    """Suspect visits, batch rows and reversals count nowhere; a month has 30.4 days."""
    found = volumes(engine, wait_limit_seconds=LIMIT)
    months = 4 / 30.4375
    assert found.months == pytest.approx(months)
    assert found.of("B1") == pytest.approx(
        {
            "visits": 4 / months,
            "late_visits": 3 / months,
            "transactions": 3 / months,
            "machine_uses": 1 / months,
            "counter_transactions": 2 / months,
            "authorised": 1 / months,
        }
    )
    assert found.of("*") == found.of("B1")
    assert found.mix["B1"] == pytest.approx({"personal": 3 / 5, "corporate": 2 / 5})


def test_worst_block_by_hand(engine):
    """Wednesday 10:00 holds 2 of 3 late visits; 960 of 2,400 s go on authorisation."""
    (spot,) = worst_spots(engine, wait_limit_seconds=LIMIT, months=2.0)
    assert spot.hits == "late"
    assert (spot.branch_id, spot.iso_weekday) == ("B1", 3)
    assert (spot.starts_minute, spot.ends_minute) == (600, 630)
    assert spot.business_line == "corporate"
    assert spot.share == pytest.approx(2 / 3)
    assert spot.customers_affected == pytest.approx(2 / 2.0)
    assert spot.authorisation_share == pytest.approx(960 / 2400)
    assert spot.windows_short == 1  # 2,400 s of work in 1,800 s at 85 % need 1.57 windows


def test_no_late_visit_no_spot(engine):
    """Where nobody waits beyond the limit no block is named."""
    assert worst_spots(engine, wait_limit_seconds=1e6, months=1.0) == ()
