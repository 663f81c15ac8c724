"""Satisfaction and waiting: the slope within branches, and how sure it is."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from branchwise.engines.duckdb import open_duckdb
from branchwise.plan.proposal import Effect
from branchwise.plan.satisfaction import (
    associated,
    satisfaction_and_wait,
    satisfaction_effect,
)
from branchwise.tables.spec import table_spec

SLOPE = -0.012


def answers(seed, *, count=600, shock=0.0, spoiled=0.0):
    """Return answers of three branches over 40 days; `spoiled` branches wait more and like less."""
    random = np.random.default_rng(seed)
    branches, days = random.integers(3, size=count), random.integers(40, size=count)
    minutes = random.exponential(8.0, count) + 6.0 * branches
    bad = shock * random.normal(size=40)[days]
    chance = 0.85 + SLOPE * (minutes + 5 * bad) - spoiled * branches
    minutes = minutes + 5 * bad * (shock > 0)
    satisfied = (random.random(count) < np.clip(chance, 0, 1)).astype(float)
    return {"satisfied": satisfied, "minutes": minutes, "branches": branches, "days": days}


def test_slope_and_error_are_those_of_least_squares_by_hand():
    """With a column a branch and the sandwich written out, the same numbers come out."""
    given = answers(1)
    found = associated(**given)
    x = np.column_stack([given["minutes"], *(given["branches"] == each for each in range(3))])
    y = given["satisfied"]
    coefficients, *_ = np.linalg.lstsq(x.astype(float), y, rcond=None)
    residuals = y - x @ coefficients
    bread = np.linalg.inv(x.T.astype(float) @ x)
    meat = np.zeros((4, 4))
    for day in np.unique(given["days"]):
        mine = given["days"] == day
        score = x[mine].T @ residuals[mine]
        meat += np.outer(score, score)
    small = 40 / 39 * 599 / 596
    error = np.sqrt(small * (bread @ meat @ bread)[0, 0])
    assert found.slope == pytest.approx(coefficients[0])
    assert (found.upper - found.slope) / error == pytest.approx(2.0227, abs=1e-4)  # t of 39
    assert (found.count_answers, found.count_branches, found.count_days) == (600, 3, 40)


def test_branches_that_differ_do_not_tilt_the_line():
    """Branches with longer waits and worse moods would double the slope without their levels."""
    given = answers(2, count=20_000, spoiled=0.1)
    found = associated(**given)
    naive = np.polyfit(given["minutes"], given["satisfied"], 1)[0]
    assert naive < 1.3 * SLOPE
    assert found.lower < SLOPE < found.upper


def test_intervals_hold_the_known_slope():
    """Of 300 surveys with a known slope about 95 % hold it; 3 standard errors allowed."""
    held = []
    for seed in range(300):
        found = associated(**answers(seed, count=400))
        held.append(found.lower <= SLOPE <= found.upper)
    assert np.mean(held) > 0.95 - 3 * np.sqrt(0.95 * 0.05 / 300)


@pytest.mark.parametrize(
    "few",
    [
        answers(1, count=99),
        {**answers(1), "days": np.zeros(600)},
        {**answers(1), "minutes": np.full(600, 3.0)},
        answers(1, count=0),
    ],
)
def test_too_little_says_nothing(few):
    """Under 100 answers, 10 days, or without any difference in waits: no association."""
    assert associated(**few) is None


def test_answers_are_joined_to_their_visits():
    """Answers without a visit, of suspect visits or without a wait are left out."""
    count, start = 130, date(2026, 3, 2)
    rows = [
        {"visit_id": f"V{n}", "branch_id": "B1", "wait_seconds": 60.0 * (n % 13),
         "is_suspect": n >= 120} for n in range(count)
    ]  # fmt: skip
    replies = [
        {"survey_response_id": f"S{n:03}", "visit_id": f"V{n}" if n else "V999",
         "csat": 2 if n % 13 > 6 else 4, "local_on": start + timedelta(days=n % 20)}
        for n in range(count)
    ]  # fmt: skip
    with open_duckdb() as engine:
        engine.register_table("visit", filled("visit", rows))
        engine.register_table("survey_response", filled("survey_response", replies))
        found = satisfaction_and_wait(engine)
    assert found.count_answers == 119
    minutes = np.array([n % 13 for n in range(1, 120)], dtype=float)
    satisfied = np.array([n % 13 <= 6 for n in range(1, 120)], dtype=float)
    assert found.slope == pytest.approx(np.polyfit(minutes, satisfied, 1)[0])
    assert found.mean_minutes == pytest.approx(minutes.mean())


def test_answers_without_a_visit_stand_beside_their_day():
    """The mean wait of those served that day, in place of one's own, finds the same slope."""
    random = np.random.default_rng(5)
    rows, replies, start = [], [], date(2026, 3, 2)
    for n in range(6_000):
        day = n % 60
        minutes = random.exponential(4.0 + 0.3 * day)
        served = n % 7 > 0
        rows.append({"visit_id": f"V{n}", "branch_id": "B1", "is_suspect": False,
                     "wait_seconds": 60.0 * minutes if served else 9e4,
                     "outcome": "served" if served else "unserved",
                     "local_on": start + timedelta(days=day)})  # fmt: skip
        if served:
            happy = random.random() < 0.9 + SLOPE * minutes
            replies.append({"survey_response_id": f"S{n:04}", "branch_id": "B1",
                            "csat": 5 if happy else 2,
                            "local_on": start + timedelta(days=day)})  # fmt: skip
    with open_duckdb() as engine:
        engine.register_table("visit", filled("visit", rows))
        engine.register_table("survey_response", filled("survey_response", replies))
        found = satisfaction_and_wait(engine)
    assert (found.matched_by, found.count_answers, found.count_days) == ("day", 5_142, 60)
    assert found.lower < SLOPE < found.upper < 0


def filled(name, rows):
    """Return rows as a canonical table, other columns empty."""
    return pa.Table.from_pylist(rows, schema=table_spec(name).arrow_schema)


def wait(difference, lower, upper):
    return Effect(
        measure="queues.wait_mean_seconds",
        unit="s",
        baseline=600.0,
        value=600.0 + difference,
        difference=difference,
        lower=lower,
        upper=upper,
    )


def test_interval_of_the_prediction_holds_both_uncertainties():
    """Known wait: the slope's interval; known slope: the wait's; both: their hypotenuse."""
    known = associated(**answers(1))
    sure = replace(known, lower=known.slope, upper=known.slope)
    both = satisfaction_effect(known, wait(-240.0, -300.0, -180.0))
    of_slope = satisfaction_effect(known, wait(-240.0, -240.0, -240.0))
    of_wait = satisfaction_effect(sure, wait(-240.0, -300.0, -180.0))
    assert of_slope.upper == pytest.approx(-4 * known.lower)
    assert of_wait.upper - of_wait.difference == pytest.approx(-known.slope)
    assert both.upper - both.difference == pytest.approx(
        np.hypot(of_slope.upper - of_slope.difference, of_wait.upper - of_wait.difference)
    )
    assert both.is_association
    assert both.measure == "customers.csat_share"


def test_no_change_of_wait_no_change_of_satisfaction():
    """Nothing changes nothing, and a share stays a share."""
    known = associated(**answers(1))
    none = satisfaction_effect(known, wait(0.0, 0.0, 0.0))
    assert (none.difference, none.lower, none.upper) == (0.0, 0.0, 0.0)
    much = satisfaction_effect(known, wait(-6000.0, -6000.0, -6000.0), share=0.95)
    assert much.value == 1.0
    assert much.upper == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("association", "effect"),
    [(None, wait(-1.0, -1.0, -1.0)), (associated(**answers(1)), None),
     (associated(**answers(1)), Effect(measure="queues.wait_mean_seconds", unit="s",
      baseline=None, value=None, difference=None, lower=None, upper=None))],
)  # fmt: skip
def test_nothing_is_predicted_from_nothing(association, effect):
    """Without an association, or without an effect on waits, nothing is said."""
    assert satisfaction_effect(association, effect) is None
