"""Devices: numbers that cannot be, limits that leave nothing, searches that stop, second looks."""

from dataclasses import replace

import numpy as np
import pytest

from branchwise.core.errors import BranchwiseError
from branchwise.optimise.devices import BranchChoices, Choice, NetworkProblem, Room, Search
from branchwise.optimise.devices_example import corner_decision, corner_problem, smooth
from branchwise.optimise.problems.devices import (
    checked_problem,
    checked_wishes,
    feasible_mixes,
    mix_of,
    network_problem,
)
from branchwise.optimise.solvers.devices import choose_mix, probability_right
from branchwise.optimise.solvers.devices_network import allocate
from branchwise.optimise.verify_devices import Claim, Lot, Place, verify_devices

PROBLEM = corner_problem()
TODAY = mix_of(PROBLEM, PROBLEM.today)
ZONE = Search(indifference_minor=1e6)


def codes(work):
    """Return the codes with which work is refused."""
    with pytest.raises(BranchwiseError) as refused:
        work()
    return [problem.code for problem in refused.value.problems]


def test_numbers_out_of_range_are_told_all_at_once():
    """A worth below 0, a price below 0, a life of nothing, counts without today's."""
    stm, *others = PROBLEM.resources
    wrong = replace(stm, price_minor=-1, life_years=0.0, today=9)
    problem = replace(PROBLEM, worth_minor=-1.0, resources=(wrong, *others))
    assert codes(lambda: checked_problem(problem)) == ["BW-OPT-020"] * 4
    assert codes(lambda: checked_wishes({"--budget": (float("nan"), 0.0)})) == ["BW-OPT-020"]
    negative = {"capital_minor": -1, "move_minor": 0}
    assert codes(lambda: network_problem([], **negative)) == ["BW-OPT-020"]


def test_nothing_to_vary_is_refused():
    """One possible number of each is no choice."""
    fixed = tuple(
        replace(one, counts=(one.today,), running_minor=one.running_minor[:1])
        for one in PROBLEM.resources
    )
    assert codes(lambda: checked_problem(replace(PROBLEM, resources=fixed))) == ["BW-OPT-021"]


def test_limits_that_leave_no_mix_are_named():
    """A square metre is no floor for a machine."""
    small = replace(PROBLEM, room=Room(floor_m2=1.0))
    with pytest.raises(BranchwiseError) as refused:
        feasible_mixes(small)
    (problem,) = refused.value.problems
    assert problem.code == "BW-OPT-022"
    assert problem.values == {"limit": "floor_m2", "wanted": "4", "given": "1"}


@pytest.mark.parametrize(
    ("room", "most"),
    [
        (Room(floor_m2=12.0), (3, 4, 4)),
        (Room(power_watts=800.0), (2, 4, 4)),
        (Room(windows=3), (5, 3, 4)),
        (Room(capital_minor=8_000_000), (3, 4, 4)),
        (Room(capital_minor=0), (2, 4, 4)),
    ],
)
def test_limits_bound_what_they_are_of(room, most):
    """Floor and power bound machines, built windows bound windows, capital bounds what is added."""
    mixes = feasible_mixes(replace(PROBLEM, room=room))
    assert tuple(max(mix.counts[place] for mix in mixes) for place in range(3)) == most


def test_too_few_runs_are_refused():
    """Each of 80 mixes is run five times at least."""
    few = replace(ZONE, runs=399)
    work = lambda: choose_mix(PROBLEM, feasible_mixes(PROBLEM), TODAY, smooth(), few)  # noqa: E731
    assert codes(work) == ["BW-OPT-026"]


def test_runs_are_never_more_than_asked_for_but_for_the_frontier():
    """The budget of the selection holds; the same seed gives the same decision."""
    search = replace(ZONE, indifference_minor=0.0, runs=700)
    one, again = (
        choose_mix(PROBLEM, feasible_mixes(PROBLEM), TODAY, smooth(), search) for _ in range(2)
    )
    assert one.selection.runs.sum() <= 700
    assert one.chosen == again.chosen
    assert (one.objective_minor == again.objective_minor).all()
    other = choose_mix(PROBLEM, feasible_mixes(PROBLEM), TODAY, smooth(), replace(search, seed=2))
    assert (one.values_minor[0][:5] != other.values_minor[0][:5]).any()


def test_a_search_without_time_hands_out_the_best_so_far():
    """Stopped after the first part of its budget."""
    search = replace(ZONE, indifference_minor=0.0, runs=4000, confidence=1 - 1e-12)
    mixes = feasible_mixes(PROBLEM)
    found = choose_mix(PROBLEM, mixes, TODAY, smooth(), search, go_on=lambda: False)
    whole = choose_mix(PROBLEM, mixes, TODAY, smooth(), search)
    assert not found.is_whole
    assert whole.is_whole
    assert found.selection.runs.sum() < whole.selection.runs.sum()


def test_mixes_beyond_the_tolerance_are_not_proposed():
    """With no more late customers than today's, the cheap mixes are out; without limit, chosen."""
    free = corner_decision()
    assert free.mixes[free.chosen].counts == (3, 1, 1)
    firm = replace(PROBLEM, tolerance=0.0)
    found = choose_mix(firm, feasible_mixes(firm), TODAY, smooth(), ZONE)
    late = {
        mix.counts: values.mean() - mix.running_minor
        for mix, values in zip(found.mixes, found.values_minor, strict=True)
    }
    assert found.chosen != free.chosen
    assert late[found.mixes[found.chosen].counts] <= late[PROBLEM.today] + 1e6
    assert not found.allowed[[mix.counts for mix in found.mixes].index((3, 1, 1))]
    assert found.is_today_allowed


def test_todays_mix_beyond_the_limits_is_tried_but_not_proposed():
    """Floor for one machine where two stand."""
    tight = replace(PROBLEM, room=Room(floor_m2=4.0))
    found = choose_mix(tight, feasible_mixes(tight), TODAY, smooth(), ZONE)
    assert not found.is_today_allowed
    assert found.mixes[found.today].counts == PROBLEM.today
    assert found.mixes[found.chosen].counts[0] == 1
    choices = network_problem([found], capital_minor=0, move_minor=0).branches[0].choices
    assert {one.counts[0] for one in choices} == {1}


def test_with_one_mix_left_nothing_is_selected():
    """What is over the floor by today's count leaves the single mix that fits."""
    stm, window, guide = PROBLEM.resources
    fixed = [
        replace(one, counts=(one.today,), running_minor=one.running_minor[:1])
        for one in (window, guide)
    ]
    tight = replace(PROBLEM, resources=(stm, *fixed), room=Room(floor_m2=4.0))
    today = mix_of(tight, tight.today)
    found = choose_mix(tight, feasible_mixes(tight), today, smooth(), ZONE)
    assert found.selection is None
    assert found.mixes[found.chosen].counts == (1, 2, 1)


def test_a_mix_that_is_much_worse_is_surely_not_right():
    """The probability of a right choice is near 1 for the best and 0 for the dearest."""
    found = corner_decision()
    every = range(len(found.mixes))
    worst = int(np.argmax(found.objective_minor))
    assert probability_right(found, found.chosen, every, 1e6) > 0.95
    assert probability_right(found, worst, every, 1e6) == pytest.approx(0.0, abs=1e-6)


def branch(once):
    """Return a branch whose only mix takes capital."""
    choice = Choice(counts=(3,), objective_minor=1.0, once_minor=once)
    return BranchChoices(branch_id="B", choices=(choice,))


def test_a_budget_that_pays_for_nothing_is_refused():
    """Where every mix takes more than there is."""
    poor = NetworkProblem(branches=(branch(10), branch(7)), capital_minor=16)
    assert codes(lambda: allocate(poor)) == ["BW-OPT-023"]


def test_an_allocation_that_is_not_found_in_time_is_told(monkeypatch):
    """A search that ends without any allocation hands out none."""
    from scipy import optimize

    nothing = optimize.OptimizeResult(status=1, x=None)
    monkeypatch.setattr(optimize, "milp", lambda *_, **__: nothing)
    assert codes(lambda: allocate(NetworkProblem(branches=(branch(0),)))) == ["BW-OPT-024"]


def lot(**other):
    """Return a lot of machines that goes from 2 to 3, bought."""
    given = {"kind": "stm", "today": 2, "proposed": 3, "least": 1, "most": 4, "price_minor": 100}
    return Lot(**(given | other))


def looked_at(lots, capital=100, **other):
    """Return the kinds of breaches of one branch."""
    limits = {name: other.pop(name) for name in ("floor_m2", "power_watts", "windows")
              if name in other}  # fmt: skip
    given = {"capital_minor": capital, "objective_minor": 5.0, "bound_minor": 5.0} | other
    return [
        one.kind
        for one in verify_devices([Place(branch_id="B", lots=lots, **limits)], Claim(**given))
    ]


def test_the_second_look_finds_what_is_not_kept():
    """Each promise broken by itself is named, and an allocation that keeps all passes."""
    assert looked_at([lot()]) == []
    assert looked_at([lot(proposed=5)], capital=300) == ["count"]
    assert looked_at([lot(floor_m2=2.0)], floor_m2=5.0) == ["floor"]
    assert looked_at([lot(power_watts=2.0)], power_watts=5.0) == ["power"]
    assert looked_at([lot(is_window=True)], windows=2) == ["windows"]
    assert looked_at([lot()], capital=90) == ["capital"]
    assert looked_at([lot()], budget_minor=90) == ["capital"]
    assert looked_at([lot(moved_in=1)], capital=0) == ["moved"]
    assert looked_at([lot(moved_in=2)], capital=-100) == ["bought", "moved"]
    assert looked_at([lot()], bound_minor=6.0) == ["bound"]
