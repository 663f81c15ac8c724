"""The roadmap: waves, milestones in order, capacity added up, owners and concerns."""

from __future__ import annotations

from datetime import date, timedelta

from tests.unit.plan.proposals import (
    LIBRARY,
    LOST,
    WITHIN,
    appraisal,
    convert,
    effect,
    machine,
    option,
)

from branchwise.plan.case import Undertaking
from branchwise.plan.promises import promises
from branchwise.plan.roadmap import STEPS, roadmap
from branchwise.tables.assumptions import default_assumptions

STARTS = date(2026, 4, 1)
DEFAULTS = default_assumptions()


def plan():
    both = (machine("B1"), convert("B1"))
    return [
        Undertaking(
            branch_id="B1",
            options=both,
            quarter=0,
            appraisal=appraisal(both, effect(WITHIN, 0.7, 0.2, 0.1), effect(LOST, 0.1, 0, 0.1)),
        ),
        Undertaking(branch_id="B2", options=(machine("B2", 1),), quarter=2),
        Undertaking(branch_id="B3", options=(convert("B3"),), quarter=2),
        Undertaking(branch_id="B4", options=(option("retime", "B4"),), quarter=2),
    ]


def drawn_up(capacity=None):
    begun = plan()
    promised = promises(begun, LIBRARY, {}, types={}, plan_starts_on=STARTS)
    return roadmap(
        begun, LIBRARY, DEFAULTS, promised=promised, plan_starts_on=STARTS, capacity=capacity
    )


def test_waves_by_hand():
    """Branches, capital and dates of each quarter in which something begins."""
    first, second = drawn_up().waves
    assert (first.quarter, first.branches) == (0, ("B1",))
    assert (first.starts_on, first.ends_on) == (STARTS, date(2026, 6, 30))
    assert first.once_minor == 16_000_000 + 200_000
    assert (second.quarter, second.branches) == (2, ("B2", "B3", "B4"))
    assert second.once_minor == 8_000_000 + 200_000


def test_capacity_is_the_sum_of_efforts():
    """By trade and quarter, beside the limit that was given."""
    first, second = drawn_up({"training": 4.0}).waves
    assert {use.trade: use.used for use in first.uses} == {
        "it": 1.0,
        "procurement": 2.0,
        "training": 3.0,
    }
    assert {use.trade: use.limit for use in second.uses} == {
        "it": None,
        "procurement": None,
        "training": 4.0,
    }


def test_milestones_come_in_order():
    """Decision, machines, people, start, verdict: each after the one before, all by day."""
    found = drawn_up()
    assert list(found.milestones) == sorted(found.milestones, key=lambda one: one.due_on)
    first = [one for one in found.milestones if one.branch_id == "B1"]
    assert [one.step for one in first] == list(STEPS)
    assert first[0].due_on == STARTS
    assert first[3].due_on == STARTS + timedelta(weeks=20)
    assert first[4].due_on == first[3].due_on + timedelta(days=40)


def test_steps_that_are_not_needed_are_left_out():
    """Nothing is procured for a conversion, nobody trained for a machine, nothing measured."""
    steps = {
        code: [one.step for one in drawn_up().milestones if one.branch_id == code]
        for code in ("B2", "B3", "B4")
    }
    assert steps == {
        "B2": ["decision", "procurement", "go_live"],
        "B3": ["decision", "training", "go_live"],
        "B4": ["decision", "go_live"],
    }


def test_owners_and_concerns():
    """An owner is named once; prerequisites, risks and who is worse off with their branches."""
    found = drawn_up()
    assert {len(one.owners) for one in found.milestones} == {1}
    listed = [(one.kind, one.intervention, one.branches) for one in found.concerns]
    assert ("prerequisite", "machine", ("B1", "B2")) in listed
    assert ("risk", "machine", ("B1", "B2")) in listed
    assert ("worse_off", "convert", ("B1", "B3")) in listed
    assert len(listed) == len(set(listed)) == 5


def test_an_empty_plan_has_an_empty_roadmap():
    """Nothing begun: no wave, no milestone, no concern."""
    found = roadmap([], LIBRARY, DEFAULTS, promised=[], plan_starts_on=STARTS)
    assert (found.waves, found.milestones, found.concerns) == ((), (), ())
