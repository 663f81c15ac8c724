"""Numbers of replications by hand, and what is said when the cap is hit."""

from functools import partial

import numpy as np
import pytest
from scipy.stats import t as student_t
from tests.unit.experiments.samplers import Fixed, Normal

from branchwise.core.errors import BranchwiseError
from branchwise.experiments.intervals import quantile_interval
from branchwise.experiments.model import Goal
from branchwise.experiments.pairing import differences
from branchwise.experiments.precision import (
    replications_needed,
    sequential,
    two_stage,
    wanted_half_width,
)


@pytest.mark.parametrize("half_width", [0.3, 1.0, 3.0, 50.0])
def test_needed_is_the_smallest(half_width):
    """No smaller number of replications than the one told reaches the half-width (brute force)."""
    pilot = np.array([4.0, 6.0, 8.0, 9.0])
    spread = pilot.std(ddof=1)
    expected = next(
        n
        for n in range(2, 10_000)
        if student_t.ppf(0.975, n - 1) * spread / np.sqrt(n) <= half_width
    )
    assert replications_needed(pilot, Goal(half_width=half_width)) == expected


def test_relative_goal_allows_for_the_estimate():
    """25 % of the true value is 20 % of an estimate: 60 of 300."""
    assert wanted_half_width(Goal(half_width=0.25, relative=True), -300.0) == pytest.approx(60)
    assert wanted_half_width(Goal(half_width=2.0), 300.0) == 2.0


def test_stein_by_hand():
    """First stage 1, 2, 3: s = 1, t = 4.3027; for half-width 2 Stein runs ceil(4.63) = 5."""
    sample = Fixed([[1, 2, 3, 2, 2, 9, 9]])
    found = two_stage(sample, Goal(half_width=2.0, first=3))
    assert found.values.tolist() == [1, 2, 3, 2, 2]
    assert found.interval.estimate == 2.0
    assert found.interval.half_width == pytest.approx(4.302653 / np.sqrt(5), rel=1e-6)
    assert (found.reached, found.capped, found.rule) == (True, False, "two-stage")


def test_first_stage_may_suffice():
    """Where the first stage is narrow enough nothing more is run."""
    sample = Fixed([[1, 2, 3, 99]])
    assert two_stage(sample, Goal(half_width=3.0, first=3)).values.size == 3
    assert sequential(sample, Goal(half_width=3.0, first=3)).values.size == 3


@pytest.mark.parametrize("rule", [two_stage, sequential])
def test_cap_is_kept_and_said(rule):
    """At the cap the work ends, says so, and gives the interval that it has."""
    found = rule(Normal([5.0]), Goal(half_width=0.01, first=10, cap=40))
    assert found.values.size == 40
    assert (found.reached, found.capped) == (False, True)
    assert found.interval.half_width > found.wanted == 0.01


@pytest.mark.parametrize("rule", [two_stage, sequential])
def test_each_replication_is_run_once(rule):
    """No replication is asked for twice, none left out."""
    sample = Fixed(Normal([5.0])([0], 0, 500))
    found = rule(sample, Goal(half_width=0.2, first=10))
    assert sample.asked == [(0, number) for number in range(found.values.size)]
    assert found.reached


def test_no_chance_at_all():
    """A measure that never varies is reached with the first stage, at width zero."""
    for rule in (two_stage, sequential):
        found = rule(Fixed(np.zeros((1, 9))), Goal(half_width=0.1, relative=True, first=5))
        assert (found.values.size, found.interval.half_width, found.reached) == (5, 0, True)


def test_mean_of_zero_never_reaches_a_relative_goal():
    """A relative goal about zero ends at the cap, and a forecast for it is refused."""
    goal = Goal(half_width=0.1, relative=True, first=4, cap=16)
    sample = Fixed([[-1.0, 1.0] * 8])
    assert sequential(sample, goal).capped
    assert two_stage(sample, goal).capped
    with pytest.raises(BranchwiseError, match="BW-EXP-011"):
        replications_needed([-1.0, 1.0], goal)


def test_quantiles_run_until_both_limits_exist():
    """For a 90 % quantile from 10 values the rule first runs until there is an upper limit."""
    goal = Goal(half_width=0.5, first=10)
    found = sequential(Normal([0.0]), goal, estimate=partial(quantile_interval, probability=0.9))
    assert found.reached
    assert found.values.size >= 36
    assert found.interval.lower < 1.2816 < found.interval.upper


def test_goal_about_a_difference():
    """A goal on the difference to the baseline needs far fewer replications than on the level."""
    sample = Normal([5.0, 5.5], correlation=0.95)
    goal = Goal(half_width=0.1, first=10)
    level = sequential(sample, goal, candidate=1)
    change = sequential(differences(sample, 0), goal, candidate=1)
    assert change.values.size < level.values.size / 4


def test_everything_wrong_is_told_at_once():
    """Half-width, confidence, first stage and cap out of bounds are one error of four problems."""
    goal = Goal(half_width=0.0, confidence=1.5, first=1, cap=0)
    with pytest.raises(BranchwiseError) as raised:
        two_stage(Normal([1.0]), goal)
    found = [problem.code for problem in raised.value.problems]
    assert found == ["BW-EXP-008", "BW-EXP-004", "BW-EXP-002", "BW-EXP-008"]


def test_sampler_that_gives_too_little():
    """A sampler whose answer has another shape, or is not finite, is refused with its place."""
    with pytest.raises(BranchwiseError, match="BW-EXP-006"):
        two_stage(lambda *_: np.zeros(3), Goal(half_width=1.0))
    values = np.zeros((1, 20))
    values[0, 7] = np.nan
    with pytest.raises(BranchwiseError, match=r"sampler \(1\): 0/7"):
        two_stage(Fixed(values), Goal(half_width=1.0))
