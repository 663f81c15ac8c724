"""The search where the best plan is known, where limits bind, and where it is stopped."""

from dataclasses import replace

import numpy as np
import pytest

from branchwise.core.errors import BranchwiseError
from branchwise.optimise.example import formula_branch, stationary
from branchwise.optimise.model import Lunch, Post
from branchwise.optimise.reach import require_reachable
from branchwise.optimise.solvers.limits import breaks_possible, keeps_limits, people_for
from branchwise.optimise.solvers.offered_load import by_interval
from branchwise.optimise.solvers.staffing_repair import Effort, repair, start_of
from branchwise.optimise.verify import Asked, verify

QUICK = Effort(customers=(20_000, 50_000, 50_000), margins=(0.0, 0.0, 0.0))


def solved(problem, **other):
    return repair(problem, stationary(problem), seed=1, effort=QUICK, **other)


def test_the_best_plan_is_found_where_slots_do_not_touch():
    """Where each slot goes as Erlang C says, the search ends at Erlang C's least, from any side."""
    problem = formula_branch()
    assert (start_of(problem) != by_interval(problem)).any()
    assert (solved(problem).people == by_interval(problem)).all()


def test_the_same_seed_gives_the_same_plan():
    """Nothing but the seed decides."""
    problem = formula_branch()
    one, other = solved(problem), solved(problem)
    assert (one.people == other.people).all()
    assert (one.attained.share == other.attained.share).all()


def test_blocks_are_planned_together():
    """With half-hour blocks both quarter-hours of each have as many."""
    people = solved(replace(formula_branch(), block=2)).people[0]
    assert (people[::2] == people[1::2]).all()
    assert (people >= by_interval(formula_branch())[0]).all()


def test_limits_are_kept_and_what_they_cost_is_told():
    """With too few people the most are at work where it falls short, and the status says so."""
    problem = formula_branch(most=4)
    found = solved(problem)
    short = by_interval(problem)[0] > 4
    assert found.status == "below_target"
    assert keeps_limits(problem, found.people)
    assert (found.people[0][short] == 4).all()


def test_a_target_out_of_reach_names_the_slot_and_the_need():
    """The worst slot with everybody at work, and how many it would take: Erlang C's number."""
    problem = formula_branch(most=4)
    with pytest.raises(BranchwiseError) as caught:
        require_reachable(problem, stationary(problem), seed=1)
    (found,) = caught.value.problems
    assert found.code == "BW-OPT-002"
    assert found.values["time"] == "09:30"
    assert found.values["needed"] == by_interval(problem)[0].max()


def test_a_stopped_search_gives_the_best_so_far():
    """Stopped at once the beginning is handed out, appraised; stopped later something no worse."""
    problem = formula_branch()
    at_once = solved(problem, go_on=lambda: False)
    assert at_once.status == "time_limit"
    assert (at_once.people == start_of(problem)).all()
    asked = iter([True] * 4)
    later = solved(problem, go_on=lambda: next(asked, False))
    assert later.status == "time_limit"
    assert not np.isnan(later.attained.share).any()


def test_ctrl_c_loses_nothing():
    """An interrupt from the keyboard ends the search like a time limit."""
    problem = formula_branch()
    appraise, calls = stationary(problem), []

    def impatient(plans, *, replications, seed):
        calls.append(seed)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return appraise(plans, replications=replications, seed=seed)

    assert repair(problem, impatient, seed=1, effort=QUICK).status == "interrupted"


def test_the_cheaper_of_two_alike_posts_is_used():
    """Where either post serves all, hours go to the one that costs half."""
    one = formula_branch()
    count = one.slots.count
    posts = tuple(
        Post(name=name, demand="counter", least=(0,) * count, most=(9,) * count, weight=weight)
        for name, weight in (("senior", 2.0), ("junior", 1.0))
    )
    found = solved(replace(one, posts=posts))
    assert found.status == "met"
    assert found.people[1].sum() > found.people[0].sum()
    assert (found.people.sum(axis=0) == by_interval(one)[0]).all()


def test_breaks_bind_the_plan():
    """With lunch for all within the window, fewer serve in it than without; the plan keeps it."""
    lunch = Lunch(first_slot=2, last_slot=6, length=2)
    problem = replace(formula_branch(people=8), lunch=lunch)
    found = solved(problem)
    serving = found.people.sum(axis=0)
    assert breaks_possible(lunch, serving, np.full(10, 8))
    assert people_for(lunch, found.people) <= 8
    asked = Asked(
        least=problem.least.tolist(), most=problem.most.tolist(), present=problem.present,
        share=0.8, break_window=(2, 6), break_slots=2,
    )  # fmt: skip
    assert verify(found.people.tolist(), asked) == ()


def test_the_verifier_finds_every_breach():
    """A plan that breaks each promise is caught for each, and only where it does."""
    asked = Asked(
        least=[[1, 1, 1]], most=[[3, 3, 3]], present=[4, 4, 2], share=0.8,
        break_window=(0, 3), break_slots=2,
    )  # fmt: skip
    came = np.full((80, 1, 3), 10.0)
    within = came * np.array([0.9, 0.7, 0.8])
    kinds = [(one.kind, one.slot) for one in verify([[0, 4, 3]], asked, came, within)]
    assert kinds == [("least", 0), ("most", 1), ("present", 2), ("lunch", 0), ("target", 1)]
