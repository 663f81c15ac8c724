"""What holds of every choice across a network, however large."""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from branchwise.optimise.portfolio import Candidate, Limits, Locks, PortfolioProblem
from branchwise.optimise.problems.portfolio import choice_of
from branchwise.optimise.solvers.portfolio import choose
from branchwise.optimise.verify_portfolio import bound_at_prices, verify_portfolio

QUICK = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


@st.composite
def problems(draw):
    """Draw a network of up to eight branches, with numbers of any size."""
    candidates = tuple(
        Candidate(
            candidate_id=f"c{branch}-{number}",
            branch_id=f"B{branch}",
            region_id=f"R{branch % 3}",
            option_ids=(f"o{branch}-{number}", f"o{branch}-{number + 1}"),
            benefit=draw(st.floats(-1e7, 1e9)),
            once_minor=draw(st.integers(0, 10**9)),
            yearly_minor=draw(st.integers(-(10**8), 10**8)),
            lead_quarters=draw(st.integers(0, 3)),
            effort={"it": draw(st.sampled_from([0.0, 0.5, 2.0]))},
            elderly_change=draw(st.sampled_from([-5.0, 0.0, 3.0])),
            late_or_lost_change=draw(st.sampled_from([-50.0, 0.0])),
            devices_removed={"stm": 1} if number == 1 else {},
            devices_moved_in={"stm": 1} if number == 2 else {},
        )
        for branch in range(draw(st.integers(1, 8)))
        for number in range(draw(st.integers(1, 4)))
    )
    limits = Limits(
        capital_minor=draw(st.none() | st.integers(0, 4 * 10**9)),
        capacity={"it": draw(st.sampled_from([0.0, 2.0, 4.0]))},
        quarters=draw(st.integers(1, 4)),
        horizon_quarters=draw(st.integers(1, 20)),
        no_region_left_out=draw(st.booleans()),
    )
    rejected = tuple(draw(st.lists(st.sampled_from(candidates[0].option_ids), max_size=1)))
    return PortfolioProblem(candidates=candidates, limits=limits, locks=Locks(rejected=rejected))


def solved(problem, gap=1e-6):
    return choose(choice_of(problem), gap=gap)


@QUICK
@given(problems())
def test_decisions_keep_their_limits_and_their_bound(problem):
    """Another program finds nothing to object to, and its bound holds as well."""
    decision = solved(problem)
    assert verify_portfolio(problem, decision) == ()
    if decision.status != "infeasible":
        near = 1e-6 * max(1.0, abs(decision.objective))
        assert decision.objective <= decision.bound
        assert decision.objective <= bound_at_prices(problem, decision.prices) + near


@QUICK
@given(problems(), st.integers(0, 10**9))
def test_more_capital_is_never_worth_less(problem, more):
    """A larger budget allows all that a smaller one did; regions ask no more of it."""
    limits = replace(problem.limits, no_region_left_out=False)
    capital = limits.capital_minor or 0
    poor = solved(replace(problem, limits=replace(limits, capital_minor=capital)))
    rich = solved(replace(problem, limits=replace(limits, capital_minor=capital + more)))
    assert rich.bound >= poor.objective - 1e-6 * abs(poor.objective)
    assert rich.objective >= poor.objective - 2e-6 * max(1.0, abs(rich.objective))


@QUICK
@given(problems(), st.randoms(use_true_random=False))
def test_order_of_candidates_is_without_consequence(problem, chance):
    """Shuffled candidates give the same decision."""
    shuffled = list(problem.candidates)
    chance.shuffle(shuffled)
    assert solved(replace(problem, candidates=tuple(shuffled))) == solved(problem)


@QUICK
@given(problems())
def test_rejecting_what_was_not_chosen_changes_nothing(problem):
    """The worth stays where an option is excluded that the decision does not hold."""
    problem = replace(problem, limits=replace(problem.limits, no_region_left_out=False))
    decision = solved(problem)
    chosen = {begun.candidate_id for begun in decision.chosen}
    held = {o for c in problem.candidates if c.candidate_id in chosen for o in c.option_ids}
    others = {o for c in problem.candidates for o in c.option_ids} - held
    rejected = (*problem.locks.rejected, *sorted(others))
    again = solved(replace(problem, locks=Locks(rejected=rejected)))
    assert abs(again.objective - decision.objective) <= 2e-6 * max(1.0, abs(decision.objective))
