"""Validation: right twins are trusted, wrong ones are not, and intervals hold what they should."""

from __future__ import annotations

import json

import pytest
from tests.unit.twin.toy import BRANCH, Truth, bank, days_of, tables

from branchwise.core.languages import LANGUAGES
from branchwise.twin.validate import LEVEL, validate


@pytest.fixture(scope="module")
def found():
    with bank(tables(Truth(days=48, volume=1.15), seed=31)) as engine:
        yield engine, validate(engine, BRANCH, replications=40, seed=5)


def test_days_that_follow_the_same_rules_are_foretold(found):
    """A bank that goes on as before is trusted; the last quarter of the days was held out."""
    _, checked = found
    assert checked.verdict == "trusted"
    days = days_of(Truth(days=48))
    assert checked.days_held_out == tuple(days[36:])
    assert checked.days_learned == tuple(days[:36])
    assert checked.calibration.days_used == tuple(days[:36])


def test_intervals_hold_about_nine_days_in_ten():
    """Over six banks 90 % intervals hold the wait of 80 to 98 % of 72 unseen days.

    72 intervals that are right hold fewer than 80 % of the days with a chance of 0.5 %.
    """
    within = []
    for seed in range(41, 47):
        with bank(tables(Truth(days=48, volume=1.1), seed=seed)) as engine:
            checked = validate(engine, BRANCH, replications=40)
        within += [
            row.is_within for row in checked.rows_by("local_on")
            if row.measure == "wait_mean_seconds"
        ]  # fmt: skip
    assert len(within) == 72
    assert 0.80 <= sum(within) / len(within) <= 0.98
    assert LEVEL == 0.90


def test_a_bank_that_changed_is_not_trusted_and_says_why():
    """Services a third slower in the days held out: waits are wrong, and the reason says so."""
    with bank(tables(Truth(days=40, volume=1.2, later_slowness=1.35), seed=32)) as engine:
        checked = validate(engine, BRANCH, replications=30)
    assert checked.verdict == "not_trusted"
    assert "foretold" in checked.reason.en
    for text in (checked.reason, checked.remedy):
        assert all(text.read_in(language) for language in LANGUAGES)
    (wait,) = (row for row in checked.rows_by() if row.measure == "wait_mean_seconds")
    assert wait.observed > wait.upper


def test_rows_are_json_with_their_dimensions(found):
    """Every row has measure, observed, mean, limits in order, and its dimension columns."""
    _, checked = found
    rows = json.loads(json.dumps([row.as_json() for row in checked.rows]))
    kinds = {tuple(sorted(row.keys() & {"customer_class", "hour", "iso_weekday", "local_on"}))
             for row in rows}  # fmt: skip
    assert kinds == {
        (), ("customer_class",), ("hour",), ("hour", "iso_weekday"), ("local_on",)
    }  # fmt: skip
    for row in rows:
        assert row["lower"] <= row["mean"] * 1.0001 + 1e-9 or row["mean"] < row["lower"]
        assert row["lower"] <= row["upper"]
    names = {row["measure"] for row in rows}
    assert names == {
        "wait_mean_seconds", "abandoned_share", "count_served", "count_customers",
        "wait_p90_seconds",
    }  # fmt: skip
    assert set(checked.coverage) >= {"all", "day", "hour", "weekday_hour", "class"}


def test_the_same_seed_gives_the_same_numbers(found):
    """Everything is drawn from the seed: twice the same, to the last digit."""
    engine, checked = found
    again = validate(engine, BRANCH, replications=40, seed=5)
    assert again.rows == checked.rows
    other = validate(engine, BRANCH, replications=40, seed=6)
    assert other.rows != checked.rows


def test_a_branch_without_tickets_is_never_trusted():
    """Waits that nobody measured cannot be checked, and the remedy is to load tickets."""
    from tests.unit.twin.test_calibrate import _quarter

    rows = tables(Truth(days=20), seed=33)
    for row in rows["visit_step"]:
        if row["outcome"] == "done":
            rows["transaction"].append(
                {"transaction_id": row["visit_id"], "branch_id": BRANCH,
                 "staff_id": row["staff_id"], "service_id": row["service_id"],
                 "channel": "counter", "posted_at": row["ended_at"], "is_reversal": False,
                 "local_on": row["local_on"], "local_month": row["local_month"],
                 "iso_weekday": row["iso_weekday"], "quarter_hour": _quarter(row["ended_at"])}
            )  # fmt: skip
    rows["visit"], rows["visit_step"] = [], []
    with bank(rows) as engine:
        checked = validate(engine, BRANCH, replications=5)
    assert checked.verdict == "not_trusted"
    assert "queue machine" in checked.remedy.en
