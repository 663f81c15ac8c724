"""Today measured beside today simulated, and which changes may be told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.plan.proposals import LOST, WITHIN, appraisal, effect, machine

from branchwise.plan.today import Today, todays, told

SHARE = st.floats(0, 1)


@given(measured=SHARE, simulated=SHARE, below=SHARE, above=SHARE)
def test_a_gap_within_the_interval_is_told(measured, simulated, below, above):
    """The change is told exactly where the measured value lies within the moved interval."""
    one = Today(measure=LOST, unit="share", measured=measured, simulated=simulated,
                lower=-below, upper=above)  # fmt: skip
    assert one.is_told == (-below <= measured - simulated <= above)


@pytest.mark.parametrize("ends", [(None, None), (-0.1, None)])
@pytest.mark.parametrize(
    ("measured", "simulated", "is_told"),
    [(0.5, 0.9, True), (0.9, 0.5, True), (0.1, 0.9, False), (1.1, 3.7, False), (0.0, 0.0, True)],
)
def test_without_a_validation_twice_as_much_is_too_much(measured, simulated, is_told, ends):
    """A value more than twice the other is hardly the same measure."""
    lower, upper = ends
    found = Today(measure=WITHIN, unit="share", measured=measured, simulated=simulated,
                  lower=lower, upper=upper)  # fmt: skip
    assert found.is_told is is_told
    assert replace(found, measured=None).is_told


def test_only_the_measure_that_is_off_is_silent():
    """Abandonment measured 22 %, lived 29 %, foretold to 5 points: no change of it is told."""
    found = appraisal([machine()], effect(LOST, 0.29, -0.1, 0.02), effect(WITHIN, 0.42, 0.2, 0.05))
    today = todays(found.effects, {LOST: 0.22, WITHIN: 0.46}, {LOST: (-0.05, 0.05)})
    assert [(one.measure, one.measured, one.simulated, one.is_told) for one in today] == [
        (LOST, 0.22, 0.29, False), (WITHIN, 0.46, 0.42, True),
    ]  # fmt: skip
    shown = told(found, today)
    lost = shown.effect(LOST)
    assert (lost.baseline, lost.value, lost.difference, lost.lower) == (0.29, None, None, None)
    assert shown.effect(WITHIN) == found.effect(WITHIN)
    assert told(found, today[1:]) is found


def test_what_was_not_measured_is_left_out():
    """Measures that only a twin knows, or that the data do not hold, have no today."""
    found = appraisal([machine()], effect("plan.late_per_month", 5.0, -1.0, 0.5))
    assert todays(found.effects, {LOST: 0.2, WITHIN: float("nan")}, {}) == ()
