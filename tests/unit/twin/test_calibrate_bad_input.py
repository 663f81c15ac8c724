"""Bad input: a six-part error or a stated fallback, never a hang, a NaN or a silent loss."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.unit.twin.toy import BRANCH, Truth, bank, days_of, tables

from branchwise.core.errors import BranchwiseError
from branchwise.twin.calibrate import calibrate, scenario_for
from branchwise.twin.run import simulate
from branchwise.twin.validate import validate


def refused(rows, code, call=calibrate, branch=BRANCH):
    with bank(rows) as engine, pytest.raises(BranchwiseError) as caught:
        call(engine, branch)
    (problem,) = caught.value.problems
    assert problem.code == code
    return problem


def all_finite(found):
    for parameter in found.parameters:
        for value in (parameter.value, parameter.lower, parameter.upper):
            assert value is None or math.isfinite(value), parameter
    result = simulate(found.scenario, replications=3, seed=1)
    assert all(np.isfinite(values).all() for values in result.by_class.values())
    return result


def test_an_unknown_branch_and_an_empty_one_are_named():
    """BW-CAL-001 names the branch that is not there, BW-CAL-002 the one without any row."""
    rows = tables(Truth(days=1))
    refused(rows, "BW-CAL-001", branch="X9")
    rows["visit"], rows["visit_step"] = [], []
    assert "T01" in refused(rows, "BW-CAL-002").read_in("zh-Hans")


def test_one_day_is_enough_and_says_that_it_is_one():
    """One day gives a scenario that runs, with a note; nothing is NaN."""
    with bank(tables(Truth(days=1), seed=2)) as engine:
        found = calibrate(engine, BRANCH)
    assert len(found.days_used) == 1
    assert any("one day only" in text.en for text in found.notes)
    assert all_finite(found).by_class["served"].sum() > 0


def test_days_on_which_everybody_left_are_an_error():
    """BW-CAL-004 where nobody was ever served: nothing can be known of services."""
    rows = tables(Truth(days=6), seed=3)
    for row in rows["visit"]:
        row |= {"outcome": "unserved", "unserved_cause": "walked_out", "called_at": None,
                "service_seconds": None}  # fmt: skip
    rows["visit_step"] = []
    assert "mapped" in refused(rows, "BW-CAL-004").read_in("en")


def test_no_day_left_is_an_error_with_the_reasons():
    """BW-CAL-003 where every day asked for is left out or absent."""
    with bank(tables(Truth(days=6), seed=4)) as engine, pytest.raises(BranchwiseError) as caught:
        calibrate(engine, BRANCH, days=[days_of(Truth())[0].replace(year=2030)])
    assert caught.value.problems[0].code == "BW-CAL-003"


def test_nobody_who_left_is_a_note_and_no_law():
    """Without abandonment nobody leaves in the twin, and a note says so."""
    rows = tables(Truth(days=8, patience=1e9), seed=5)
    with bank(rows) as engine:
        found = calibrate(engine, BRANCH)
    assert all(one.patience is None for one in found.scenario.classes)
    assert any("patience is unknown" in text.en for text in found.notes)
    all_finite(found)


def test_a_branch_that_is_overloaded_all_day_runs_and_warns():
    """Twice the work that can be done: customers leave, the twin ends its day, a note warns."""
    with bank(tables(Truth(days=8, volume=3.0), seed=6)) as engine:
        found = calibrate(engine, BRANCH)
    assert any("work that comes" in text.en for text in found.notes)
    result = all_finite(found)
    assert result.by_class["abandoned"].sum() > 0.2 * result.by_class["customers"].sum()


def test_nonsense_in_single_rows_changes_little():
    """Negative, endless and reversed times are as if they had not been recorded."""
    rows = tables(Truth(days=12), seed=7)
    with bank(rows) as engine:
        before = calibrate(engine, BRANCH)
    for number, row in enumerate(rows["visit_step"]):
        if number % 97 == 0 and row["service_seconds"]:
            row["service_seconds"] = -50.0 if number % 2 else 1e9
        if number % 101 == 0:
            row["started_at"], row["ended_at"] = row["ended_at"], row["started_at"]
    for number, row in enumerate(rows["visit"]):
        if number % 89 == 0:
            row["wait_seconds"] = -5.0
    with bank(rows) as engine:
        after = calibrate(engine, BRANCH)
    all_finite(after)
    means = [
        {one.of: one.value for one in found.parameters_of("service.mean")}
        for found in (before, after)
    ]
    assert means[1] == pytest.approx(means[0], rel=0.05)


def test_gaps_in_the_schedule_are_kept():
    """A counter that nobody mans from 12 to 13 is closed then in the twin, too."""
    rows = tables(Truth(days=12, windows=1, volume=0.4), seed=8)
    with bank(rows) as engine:
        found = calibrate(engine, BRANCH)
    (station,) = found.scenario.stations
    at_lunch = next(step.count for step in reversed(station.open) if step.at_second <= 11.75 * 3600)
    assert at_lunch == 0
    all_finite(found)


def test_a_weekday_on_which_the_branch_is_closed_is_refused():
    """BW-CAL-006 lists the weekdays that there are."""
    with bank(tables(Truth(days=10), seed=9)) as engine:
        found = calibrate(engine, BRANCH)
    with pytest.raises(BranchwiseError) as caught:
        scenario_for(found, 7)
    assert "1, 2, 3, 4, 5" in caught.value.problems[0].read_in("en")


def test_too_few_days_cannot_be_validated():
    """BW-CAL-005 with four days: three to learn from are too few."""
    refused(tables(Truth(days=4), seed=10), "BW-CAL-005", call=validate)
