"""Periods to compare, and the interval of a difference."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from branchwise.core.errors import BranchwiseError
from branchwise.engines.duckdb import open_duckdb
from branchwise.measures.compare import beside, periods
from branchwise.tables.assumptions import default_assumptions


def periods_of(first, last, compare, where=None):
    with open_duckdb(threads=1) as engine:
        days = pa.table({"local_on": pa.array([first, last], pa.date32())})
        engine.register_table("visit", days)
        now, before = periods(engine, compare, where, default_assumptions())
    return (now.first, now.last), (before.first, before.last)


def test_named_period():
    """A period that the condition names is set against as many days just before."""
    where = "local_on BETWEEN DATE '2026-03-09' AND DATE '2026-03-15'"
    now, before = periods_of(date(2026, 3, 9), date(2026, 3, 15), "previous", where)
    assert now == (date(2026, 3, 9), date(2026, 3, 15))
    assert before == (date(2026, 3, 2), date(2026, 3, 8))


def test_last_half_in_whole_weeks():
    """Without a named period, 90 days are six weeks against the six before."""
    now, before = periods_of(date(2026, 1, 1), date(2026, 3, 31), "previous")
    assert now == (date(2026, 2, 18), date(2026, 3, 31))
    assert before == (date(2026, 1, 7), date(2026, 2, 17))


def test_last_year_keeps_weekdays():
    """A year back is 52 weeks, so Mondays stand against Mondays."""
    where = "local_on >= DATE '2026-03-02'"
    now, before = periods_of(date(2026, 3, 2), date(2026, 3, 8), "last-year", where)
    assert before == (date(2025, 3, 3), date(2025, 3, 9))
    assert now[0].isoweekday() == before[0].isoweekday()


def test_wrong_comparisons():
    """Another word, or no visits, are told in six parts."""
    with pytest.raises(BranchwiseError, match="BW-MEA-007"):
        periods_of(date(2026, 3, 2), date(2026, 3, 2), "tomorrow")
    with pytest.raises(BranchwiseError, match="BW-MEA-008"):
        periods_of(date(2026, 3, 2), date(2026, 3, 2), "previous", "local_on < DATE '2000-01-01'")


def test_difference_of_normal_means():
    """For symmetric intervals the difference has the root of the sum of squares as half width."""
    now = {"measure": "m", "value": 10.0, "lower": 7.0, "upper": 13.0, "count_rows": 50}
    then = {"measure": "m", "value": 6.0, "lower": 2.0, "upper": 10.0, "count_rows": 40}
    [row] = beside([now], [then], ())
    assert (row["difference_lower"], row["difference_upper"]) == (4 - 5, 4 + 5)
    assert row["before"]["count_rows"] == 40


def test_difference_coverage():
    """The interval of a difference of two means holds the truth in about 95 % of trials."""
    random = np.random.default_rng(21)
    held = 0
    for a, b in random.normal((5, 3), (1, 2), (2000, 2)):
        rows = [
            {"measure": "m", "value": x, "lower": x - 1.96 * s, "upper": x + 1.96 * s}
            | {"count_rows": 1}
            for x, s in ((a, 1), (b, 2))
        ]
        [row] = beside(rows[:1], rows[1:], ())
        held += row["difference_lower"] <= 2 <= row["difference_upper"]
    assert 0.94 <= held / 2000 <= 0.96


def test_without_an_earlier_cell():
    """A cell that was not there before has no difference."""
    row = {"measure": "m", "value": 1.0, "lower": None, "upper": None, "count_rows": 3}
    [both] = beside([row], [], ())
    assert both["difference"] is None
    assert both["before"]["value"] is None
