"""What cannot be simulated is refused before anything runs, all of it at once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from branchwise.core.errors import BranchwiseError
from branchwise.twin.checks import require_sound
from branchwise.twin.example import CLOSES, OPENS, corner_branch
from branchwise.twin.laws import Constant, Empirical, Exponential, Lognormal, Survival, Uniform
from branchwise.twin.run import simulate
from branchwise.twin.scenario import (
    Given,
    Pool,
    Route,
    Scenario,
    Serving,
    Start,
    Station,
    Step,
    Waiting,
)
from branchwise.twin.workload import remarks


def changed(**values) -> Scenario:
    return replace(corner_branch(), **values)


def with_class(**values) -> Scenario:
    first, *others = corner_branch().classes
    return changed(classes=(replace(first, **values), *others))


def with_activity(**values) -> Scenario:
    first, *others = corner_branch().activities
    return changed(activities=(replace(first, **values), *others))


def with_station(**values) -> Scenario:
    first, *others = corner_branch().stations
    return changed(stations=(replace(first, **values), *others))


def codes(scenario: Scenario) -> set[str]:
    """Return the codes with which a scenario is refused; empty if it is sound."""
    try:
        require_sound(scenario)
    except BranchwiseError as error:
        return {problem.code for problem in error.problems}
    return set()


BACK = (Route(to="cash", share=1.0),)
ON_THE_ROOF = replace(corner_branch().activities[1], queue="roof")
SERVING = Serving(
    customer_class="ordinary",
    activity="cash",
    station="counter",
    ticket_second=OPENS,
    started_second=OPENS + 600,
)
WRONG = {
    "no classes": (changed(classes=()), "BW-TWN-001"),
    "no stations": (changed(stations=()), "BW-TWN-001"),
    "two pools of one name": (changed(pools=(*corner_branch().pools,) * 2), "BW-TWN-002"),
    "unknown activity": (with_class(mix={"juggling": 1.0}), "BW-TWN-003"),
    "unknown queue": (with_station(tiers=(("counter", "roof"),)), "BW-TWN-003"),
    "unknown pool": (changed(pools=corner_branch().pools[:1]), "BW-TWN-003"),
    "unknown person": (
        changed(given=(Given(at_second=OPENS, customer_class="ghosts"),)),
        "BW-TWN-003",
    ),
    "negative rate": (with_class(rates_per_hour=(-1.0,)), "BW-TWN-004"),
    "rate that is no number": (with_class(rates_per_hour=(float("nan"),)), "BW-TWN-004"),
    "endless rate": (with_class(rates_per_hour=(float("inf"),)), "BW-TWN-004"),
    "no pace": (with_class(pace=0.0), "BW-TWN-004"),
    "negative service": (with_class(patience=Exponential(mean=-3.0)), "BW-TWN-004"),
    "no spread": (with_class(patience=Lognormal(mean=60.0, cv=0.0)), "BW-TWN-004"),
    "turned range": (with_class(patience=Uniform(low=9.0, high=3.0)), "BW-TWN-004"),
    "falling quantiles": (with_class(patience=Empirical(quantiles=(3.0, 1.0))), "BW-TWN-004"),
    "rising survival": (
        with_class(patience=Survival(times=(1.0, 2.0), surviving=(0.5, 0.7))),
        "BW-TWN-004",
    ),
    "uneven survival": (
        with_class(patience=Survival(times=(1.0,), surviving=(0.5, 0.2))),
        "BW-TWN-004",
    ),
    "negative share": (
        with_activity(routes=(Route(to="machine", share=-0.2),)),
        "BW-TWN-004",
    ),
    "closes before it opens": (changed(closes_second=OPENS - 1), "BW-TWN-005"),
    "steps out of order": (
        with_station(open=(Step(at_second=CLOSES, count=1), Step(at_second=OPENS, count=2))),
        "BW-TWN-005",
    ),
    "ticket after the start": (
        changed(
            start=Start(
                at_second=OPENS,
                waiting=(
                    Waiting(customer_class="ordinary", activity="cash", ticket_second=OPENS + 1),
                ),
            )
        ),
        "BW-TWN-005",
    ),
    "routes over a whole": (
        with_activity(routes=(Route(to="machine", share=0.7), Route(to="machine", share=0.6))),
        "BW-TWN-006",
    ),
    "empty mix": (with_class(mix={}), "BW-TWN-006"),
    "a class nobody can serve": (with_station(open=(), flexible=None), "BW-TWN-007"),
    "a queue nobody serves": (
        changed(
            activities=(corner_branch().activities[0], ON_THE_ROOF),
            stations=corner_branch().stations[:1],
        ),
        "BW-TWN-007",
    ),
    "a pool nobody is in": (
        changed(pools=(Pool(name="approver"), corner_branch().pools[1])),
        "BW-TWN-008",
    ),
    "round and round": (with_activity(routes=BACK), "BW-TWN-009"),
    "absurd demand": (with_class(rates_per_hour=(9e7,) * 96), "BW-TWN-010"),
    "absurd counters": (
        changed(
            stations=(
                *(
                    Station(
                        name=f"hall {number}",
                        tiers=(("counter", "machine"),),
                        open=(Step(at_second=OPENS, count=60_000),),
                    )
                    for number in range(2)
                ),
            )
        ),
        "BW-TWN-010",
    ),
}


@pytest.mark.parametrize(("scenario", "code"), WRONG.values(), ids=WRONG)
def test_each_wrong_scenario_is_refused_by_its_code(scenario, code):
    """Every kind of nonsense has its six-part error."""
    assert codes(scenario) == {code}


def test_everything_wrong_is_said_at_once():
    """Problems of one kind do not hide those of another."""
    scenario = with_class(rates_per_hour=(-1.0,), pace=float("nan"))
    assert len({*_places(scenario)}) == 2
    both = replace(scenario, closes_second=0.0)
    assert codes(both) == {"BW-TWN-004", "BW-TWN-005"}


def _places(scenario):
    try:
        require_sound(scenario)
    except BranchwiseError as error:
        return [problem.where.place for problem in error.problems]
    return []


def test_the_example_is_sound():
    """A branch with every feature passes, also with a warm start."""
    start = Start(at_second=OPENS + 3600, serving=(SERVING,))
    assert codes(corner_branch()) == set()
    assert codes(changed(start=start)) == set()


@pytest.mark.parametrize(
    "arguments", [{"replications": 0}, {"seed": -1}, {"first_replication": -1}]
)
def test_there_must_be_something_to_run(arguments):
    """Zero replications and negative numbers are refused."""
    with pytest.raises(BranchwiseError, match="BW-TWN-011"):
        simulate(corner_branch(), **{"replications": 1, "seed": 1, **arguments})


def test_overload_is_a_remark_and_ends():
    """A branch with more work than it can do all day is said to be so, runs and ends."""
    scenario = with_class(rates_per_hour=(200.0,) * 32, patience=None)
    assert [text.en for text in remarks(scenario)]
    result = simulate(scenario, replications=3, seed=1)
    assert result.by_class["sent_away"].sum() > 0
    counted = ("served", "abandoned", "balked", "sent_away")
    assert sum(result.by_class[name].sum() for name in counted) == (
        result.by_class["customers"].sum()
    )


def test_gaps_in_schedules_are_lived_through():
    """Where nobody is on duty for hours, customers wait, give up or are sent away: nobody stays."""
    gap = (Step(at_second=OPENS, count=1), Step(at_second=OPENS + 1800, count=0))
    scenario = with_station(open=gap, flexible=None)
    result = simulate(scenario, replications=5, seed=2)
    total = sum(result.by_class[name] for name in ("served", "abandoned", "balked", "sent_away"))
    assert (total == result.by_class["customers"]).all()


def test_a_day_on_which_all_give_up():
    """With no patience at all only those served at once are served; nothing is NaN."""
    scenario = changed(
        classes=tuple(
            replace(kind, patience=Constant(value=0.0)) for kind in corner_branch().classes
        )
    )
    result = simulate(scenario, replications=5, seed=3)
    assert result.by_class["wait_seconds"].sum() == 0
    assert result.by_class["abandoned"].sum() > 0
