"""Mixes and their allocation against brute force, and against a truth known by formula."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from branchwise.optimise.devices import (
    BranchChoices,
    Choice,
    DeviceProblem,
    NetworkProblem,
    Resource,
    Room,
    Search,
)
from branchwise.optimise.devices_example import corner_problem, expected_late, smooth
from branchwise.optimise.problems.devices import feasible_mixes, mix_of
from branchwise.optimise.solvers.devices import choose_mix
from branchwise.optimise.solvers.devices_network import allocate
from branchwise.optimise.verify_devices import Claim, Lot, Place, verify_devices

KINDS = ("atm", "stm")


@st.composite
def networks(draw):
    """Return small networks of two kinds of machines."""
    branches = []
    for number in range(draw(st.integers(1, 4))):
        today = {kind: draw(st.integers(0, 2)) for kind in KINDS}
        price = {kind: draw(st.integers(1, 9)) * 10 for kind in KINDS}
        counts = draw(
            st.lists(
                st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=0, max_size=3, unique=True
            )
        )
        places = list(dict.fromkeys([tuple(today.values()), *counts]))
        choices = []
        for mix in places:
            apart = {kind: have - today[kind] for kind, have in zip(KINDS, mix, strict=True)}
            added = {kind: more for kind, more in apart.items() if more > 0}
            removed = {kind: -more for kind, more in apart.items() if more < 0}
            once = sum(price[kind] * more for kind, more in added.items())
            cost = float(draw(st.integers(0, 500)))
            choices.append(
                Choice(
                    counts=mix, objective_minor=cost, once_minor=once, added=added, removed=removed
                )
            )
        branches.append(
            BranchChoices(
                branch_id=f"B{number}",
                choices=tuple(choices),
                price_minor=price,
                life_years={"atm": 7.0, "stm": 5.0},
            )
        )
    capital = draw(st.one_of(st.none(), st.integers(0, 200)))
    return NetworkProblem(
        branches=tuple(branches), capital_minor=capital, move_minor=draw(st.integers(0, 40))
    )


def by_brute_force(problem):
    """Return the lowest cost over all choices and all ways to move machines."""
    lowest = np.inf
    for picked in product(*(branch.choices for branch in problem.branches)):
        spots = [(place, kind) for place, choice in enumerate(picked) for kind in choice.added]
        for moved in product(*(range(picked[b].added[kind] + 1) for b, kind in spots)):
            left = {kind: sum(one.removed.get(kind, 0) for one in picked) for kind in KINDS}
            cost = sum(one.objective_minor for one in picked)
            capital = sum(one.once_minor for one in picked)
            for (b, kind), count in zip(spots, moved, strict=True):
                saved = problem.branches[b].price_minor[kind] - problem.move_minor
                left[kind] -= count
                capital -= saved * count
                cost -= saved / problem.branches[b].life_years[kind] * count
            over = problem.capital_minor is not None and capital > problem.capital_minor
            if min(left.values()) >= 0 and not over:
                lowest = min(lowest, cost)
    return lowest


@settings(max_examples=60, deadline=None)
@given(networks())
def test_an_allocation_costs_the_least_there_is(problem):
    """As all combinations tried one by one; its bound is reached and the second look agrees."""
    found = allocate(problem)
    assert found.objective_minor == pytest.approx(by_brute_force(problem), abs=1e-4)
    assert found.bound_minor <= found.objective_minor
    assert found.gap <= 1e-5
    assert found.status == "optimal"
    assert verify_devices(places_of(problem, found), claim_of(problem, found)) == ()


def places_of(problem, found):
    """Return an allocation in plain numbers."""
    places = []
    for branch, chosen, moved in zip(problem.branches, found.chosen, found.moved_in, strict=True):
        choice = branch.choices[chosen]
        lots = []
        for kind, count in zip(KINDS, choice.counts, strict=True):
            today = count - choice.added.get(kind, 0) + choice.removed.get(kind, 0)
            lots.append(
                Lot(
                    kind=kind, today=today, proposed=count, moved_in=moved.get(kind, 0), least=0,
                    most=3, price_minor=branch.price_minor[kind],
                )
            )  # fmt: skip
        places.append(Place(branch_id=branch.branch_id, lots=lots))
    return places


def claim_of(problem, found):
    """Return what an allocation says of itself."""
    return Claim(
        capital_minor=found.capital_minor,
        budget_minor=problem.capital_minor,
        move_minor=problem.move_minor,
        objective_minor=found.objective_minor,
        bound_minor=found.bound_minor,
    )


@st.composite
def problems(draw):
    """Return problems of two resources with limits, prices of nothing among them."""
    resources = []
    for number in range(2):
        counts = tuple(range(draw(st.integers(0, 2)), draw(st.integers(3, 5))))
        resources.append(
            Resource(
                name=f"r{number}",
                kind=draw(st.sampled_from(("machine", "window"))),
                today=draw(st.sampled_from(counts)),
                counts=counts,
                running_minor=tuple(draw(st.integers(0, 3)) for _ in counts),
                price_minor=draw(st.integers(0, 2)),
                floor_m2=float(draw(st.integers(0, 2))),
                power_watts=float(draw(st.integers(0, 2))),
            )
        )
    limits = [draw(st.one_of(st.none(), st.integers(4, 12))) for _ in range(3)]
    room = Room(floor_m2=limits[0], power_watts=limits[1], windows=limits[2])
    return DeviceProblem(
        branch_id="b", resources=tuple(resources), room=room, worth_minor=1.0, days_per_year=1.0
    )


@settings(max_examples=150, deadline=None)
@given(problems())
def test_mixes_are_those_within_the_limits_that_nothing_beats(problem):
    """Whatever is left out breaks a limit, or something left in has as much and costs no more."""
    one, other = problem.resources

    def taken(first, second, name):
        return getattr(one, name) * first + getattr(other, name) * second

    def is_within(first, second):
        windows = first * (one.kind == "window") + second * (other.kind == "window")
        used = {
            "floor_m2": taken(first, second, "floor_m2"),
            "power_watts": taken(first, second, "power_watts"),
            "windows": windows,
        }
        return all(
            getattr(problem.room, name) is None or value <= getattr(problem.room, name)
            for name, value in used.items()
        )

    within = [pair for pair in product(one.counts, other.counts) if is_within(*pair)]
    if not within:
        return
    kept = {mix.counts: mix for mix in feasible_mixes(problem)}
    assert set(kept) <= set(within)
    for pair in within:
        lone = mix_of(problem, pair)
        assert any(
            mix.counts[0] >= pair[0] and mix.counts[1] >= pair[1]
            and mix.running_minor <= lone.running_minor and mix.once_minor <= lone.once_minor
            for mix in kept.values()
        )  # fmt: skip
    assert problem.today in kept or problem.today not in within


@pytest.mark.parametrize("method", ["ocba", "kn"])
def test_the_best_mix_is_that_of_the_formula(method):
    """Of 80 mixes whose means are known, the chosen one is within the zone of the best."""
    problem = corner_problem()
    mixes = feasible_mixes(problem)
    truth = {
        mix.counts: mix.running_minor
        + problem.worth_minor * problem.days_per_year * expected_late(mix.counts)
        for mix in mixes
    }
    zone = 1_000_000.0
    for seed in range(12):
        search = Search(indifference_minor=zone, method=method, seed=seed, runs=4000)
        found = choose_mix(problem, mixes, mix_of(problem, problem.today), smooth(), search)
        assert truth[found.mixes[found.chosen].counts] <= min(truth.values()) + zone
        estimated = found.objective_minor[found.chosen]
        assert estimated == pytest.approx(truth[found.mixes[found.chosen].counts], rel=0.06)
