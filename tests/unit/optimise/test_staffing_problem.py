"""Demand at a quantile, and limits that contradict each other."""

import numpy as np
import pytest

from branchwise.core.errors import BranchwiseError
from branchwise.optimise.example import formula_branch
from branchwise.optimise.model import Lunch, Post, Target
from branchwise.optimise.problems.staffing import (
    demand_factor,
    exponential_patience,
    staffing_problem,
)

BRANCH = formula_branch()


def problem(**other):
    given = {
        "slots": BRANCH.slots,
        "demands": BRANCH.demands,
        "posts": BRANCH.posts,
        "target": BRANCH.target,
    }
    return staffing_problem(**(given | other))


def codes(**other):
    with pytest.raises(BranchwiseError) as caught:
        problem(**other)
    return [found.code for found in caught.value.problems]


def test_so_many_days_are_no_busier_than_the_factor():
    """Of gamma factors drawn at random, the share of the quantile lies below the factor."""
    drawn = np.random.default_rng(1).gamma(20.0, 1 / 20.0, 100_000)
    assert (drawn <= demand_factor(20.0, 0.9)).mean() == pytest.approx(0.9, abs=0.005)


def test_demand_is_that_of_the_quantile():
    """Rates are multiplied by the factor, and the factor is said."""
    found = problem(day_shape=20.0)
    ratio = found.demands[0].rates_per_hour[0] / BRANCH.demands[0].rates_per_hour[0]
    assert ratio == pytest.approx(found.demand_factor)


def test_patience_loses_as_many_by_the_standard():
    """The exponential law agrees with the share that is still there."""
    assert np.exp(-300 / exponential_patience(0.85, 300.0)) == pytest.approx(0.85)


def test_contradictory_limits_are_named():
    """More at least than at most, at a post or of the people present."""
    post = Post(name="teller", demand="counter", least=(3,) * 10, most=(2,) * 10)
    assert codes(posts=(post,)) == ["BW-OPT-001"]
    assert codes(present=[0] * 10) == ["BW-OPT-001"]


def test_breaks_that_nobody_can_cover_are_refused():
    """Two people cannot both eat for an hour in an hour while one stays."""
    hour = Lunch(first_slot=2, last_slot=6, length=4)
    assert codes(present=[2] * 10, lunch=hour) == ["BW-OPT-003"]
    assert codes(lunch=Lunch(first_slot=2, last_slot=4, length=4)) == ["BW-OPT-003"]
    assert problem(present=[2] * 10, lunch=Lunch(first_slot=1, last_slot=9, length=4)).lunch


def test_targets_out_of_range_are_told_all_at_once():
    """Share, seconds, quantile and block each have a range."""
    wrong = Target(seconds=-1.0, share=1.5, demand_quantile=1.0)
    assert codes(target=wrong, block=0) == ["BW-OPT-004"] * 4


def test_nobody_to_staff_for_is_refused():
    """Neither without posts nor without customers."""
    assert codes(posts=()) == ["BW-OPT-005"]
    assert codes(demands=()) == ["BW-OPT-005"]
