"""What-if in one line: what is changed, what is not, and what is refused."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from branchwise.core.errors import BranchwiseError
from branchwise.twin.change import changed, parse
from branchwise.twin.changing import law_times
from branchwise.twin.example import corner_branch
from branchwise.twin.laws import Constant, Empirical, Exponential, Survival, Uniform

HOUR = 3600.0


def plan(scenario, place=0):
    """Return a station's plan as hours and servers."""
    return [(step.at_second / HOUR, step.count) for step in scenario.stations[place].open]


def codes(*texts):
    """Return the codes with which changes are refused."""
    with pytest.raises(BranchwiseError) as refused:
        changed(corner_branch(), texts)
    return [problem.code for problem in refused.value.problems]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("station.counter.open=+1", [(9, 3), (12, 2), (14, 3)]),
        ("station.counter.count=3", [(9, 3), (12, 3), (14, 3)]),
        ("station.counter.open=+1@12:00-14:00", [(9, 2)]),
        ("station.counter.open=+1@10:00-12:00", [(9, 2), (10, 3), (12, 1), (14, 2)]),
        ("station.counter.open=+1@11:30-13:00", [(9, 2), (11.5, 3), (12, 2), (13, 1), (14, 2)]),
        ("station.counter.open=0@9:00-10:00", [(10, 2), (12, 1), (14, 2)]),
        ("station.counter.open=1@8:00-9:00", [(8, 1), (9, 2), (12, 1), (14, 2)]),
        ("station.counter.open=+1@16:00-24:00", [(9, 2), (12, 1), (14, 2), (16, 3), (24, 2)]),
    ],
)
def test_windows_by_hand(text, expected):
    """A plan of duty changes within its window and nowhere else."""
    assert plan(changed(corner_branch(), [text])) == expected


def test_nothing_else_changes():
    """A change of one station leaves everything else as it was."""
    before = corner_branch()
    after = changed(before, ["station.smart_counter.count=+1"])
    assert plan(after, 1) == [(9, 3)]
    assert dataclasses.replace(after, stations=before.stations) == before
    assert after.stations[0] is before.stations[0]


def test_rates_in_part_of_a_slot():
    """A window over part of a quarter-hour changes that part of its customers."""
    before = corner_branch().classes[0].rates_per_hour
    after = changed(corner_branch(), ["class.ordinary.rate=*2@9:00-9:20"]).classes[0]
    assert after.rates_per_hour[0] == 2 * before[0]
    assert after.rates_per_hour[1] == pytest.approx(before[1] * (1 + 5 / 15))
    assert after.rates_per_hour[2:] == before[2:]


def test_all_of_a_kind():
    """A star means every class, elderly included."""
    after = changed(corner_branch(), ["class.*.rate=*1.1"])
    for kind, was in zip(after.classes, corner_branch().classes, strict=True):
        assert kind.rates_per_hour == pytest.approx([rate * 1.1 for rate in was.rates_per_hour])


def test_the_other_properties():
    """Speed, pace, priority, patience, times, failures, people, machines and the standard."""
    after = changed(
        corner_branch(),
        [
            "station.counter.speed=*1.2",
            "station.counter.limit=4@10:00-11:00",
            "class.elderly.priority=2",
            "class.elderly.pace=*0.5",
            "class.ordinary.patience=*2",
            "activity.cash.time=*0.9",
            "activity.machine.failing=0.05",
            "pool.guide.open=+1@10:00-12:00",
            "entrance.machines=2",
            "standard.seconds=300",
        ],
    )
    counter, machine = after.activities
    assert after.stations[0].speed == 1.2
    assert [step.count for step in after.stations[0].flexible.limit] == [3, 4, 3]
    assert (after.classes[1].priority, after.classes[1].pace) == (2, 0.625)
    assert after.classes[0].patience.scale == 2640.0
    assert counter.services[0].law.mean == pytest.approx(234.0)
    assert machine.routes[0].share == pytest.approx(0.05)
    assert [step.count for step in after.pools[1].open] == [1, 2, 1]
    assert after.entrance.machines == 2
    assert after.standard_seconds == 300.0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "station.counter.open",
        "station.counter.open=one",
        "station.counter.open=+1@10-12",
        "station.counter.open=+1@12:00-10:00",
        "station.counter.open=+1@10:00-25:00",
        "station.counter.open=+1; drop",
        "open=1",
    ],
)
def test_what_is_no_change(text):
    """What does not follow the grammar is refused."""
    assert codes(text) == ["BW-TWN-040"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("station.vault.open=1", "BW-TWN-041"),
        ("class.vip.rate=1", "BW-TWN-041"),
        ("station.counter.colour=1", "BW-TWN-042"),
        ("moon.counter.open=1", "BW-TWN-042"),
        ("station.open=1", "BW-TWN-042"),
        ("entrance.door.machines=1", "BW-TWN-042"),
        ("station.counter.speed=2@10:00-11:00", "BW-TWN-042"),
        ("class.ordinary.patience=600", "BW-TWN-042"),
        ("station.counter.open=-3", "BW-TWN-043"),
        ("station.counter.open=*1.5", "BW-TWN-043"),
        ("station.smart_counter.limit=+1", "BW-TWN-043"),
        ("class.ordinary.rate=-30", "BW-TWN-043"),
        ("class.ordinary.pace=0", "BW-TWN-043"),
        ("activity.cash.failing=0.1", "BW-TWN-043"),
        ("activity.machine.failing=1.1", "BW-TWN-043"),
    ],
)
def test_what_cannot_be(text, code):
    """Unknown names and properties, and values that cannot be, each have their code."""
    assert codes(text) == [code]


@pytest.mark.parametrize(
    ("one", "other", "clash"),
    [
        ("station.counter.open=3", "station.counter.open=+1@10:00-12:00", True),
        ("station.counter.open=3", "station.counter.count=4", True),
        ("class.*.rate=*2", "class.ordinary.rate=+1", True),
        ("station.counter.open=+1", "station.counter.open=-1@10:00-12:00", False),
        ("station.counter.open=3@9:00-10:00", "station.counter.open=4@10:00-12:00", False),
        ("class.*.rate=*2", "class.ordinary.rate=*0.5", False),
        ("station.counter.open=3", "station.smart_counter.open=4", False),
    ],
)
def test_contradictions(one, other, clash):
    """Two changes are refused together just where their order would matter."""
    if clash:
        assert codes(one, other) == ["BW-TWN-044"]
        return
    scenario = corner_branch()
    assert changed(scenario, [one, other]) == changed(scenario, [other, one])


def test_everything_wrong_is_told_at_once():
    """Problems of all changes come in one error."""
    assert codes("bla", "station.vault.open=1", "class.ordinary.rate=*2@x") == [
        "BW-TWN-040",
        "BW-TWN-040",
        "BW-TWN-041",
    ]


@given(st.integers(0, 95), st.integers(1, 96), st.integers(0, 5))
def test_windows_agree_with_a_clock(first, length, more):
    """At every quarter-hour the changed plan has what was there, plus the change in its window."""
    last = min(first + length, 96)
    window = "-".join(f"{at // 4}:{at % 4 * 15:02d}" for at in (first, last))
    after = changed(corner_branch(), [f"station.counter.open=+{more}@{window}"])

    def on_duty(scenario, at):
        steps = [step for step in scenario.stations[0].open if step.at_second <= at]
        return steps[-1].count if steps else 0

    for quarter in range(96):
        at = quarter * 900.0
        extra = more if first <= quarter < last else 0
        assert on_duty(after, at) == on_duty(corner_branch(), at) + extra


@pytest.mark.parametrize(
    ("law", "longer"),
    [
        (Constant(value=2.0), Constant(value=3.0)),
        (Exponential(mean=2.0), Exponential(mean=3.0)),
        (Uniform(low=2.0, high=4.0), Uniform(low=3.0, high=6.0)),
        (Empirical(quantiles=(2.0, 4.0)), Empirical(quantiles=(3.0, 6.0))),
        (
            Survival(times=(2.0,), surviving=(0.5,)),
            Survival(times=(3.0,), surviving=(0.5,)),
        ),
    ],
)
def test_longer_laws(law, longer):
    """Every law is lengthened in its times only."""
    assert law_times(law, 1.5) == longer


def test_parse_reads_the_parts():
    """The parts of a change, names with dots included."""
    change = parse("activity.teller:1.2.time=*0.9")
    assert (change.kind, change.name, change.part) == ("activity", "teller:1.2", "time")
    assert (change.sign, change.number, change.window) == ("*", 0.9, None)
