"""What to do across the network, against every choice there is."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest

from branchwise.core.errors import BranchwiseError
from branchwise.optimise.portfolio import (
    Begun,
    Candidate,
    Limits,
    Locks,
    PortfolioDecision,
    PortfolioProblem,
)
from branchwise.optimise.problems.portfolio import choice_of, worth
from branchwise.optimise.solvers import mixed_integer
from branchwise.optimise.solvers.conflicts import conflict_at_a_limit, smallest_conflict
from branchwise.optimise.solvers.polish import polished
from branchwise.optimise.solvers.portfolio import choose
from branchwise.optimise.verify_portfolio import bound_at_prices, verify_portfolio


def candidate(code, branch="B1", **given):
    given = {"region_id": "R1", "option_ids": (code,), "benefit": 100.0, "once_minor": 0} | given
    return Candidate(candidate_id=code, branch_id=branch, **({"yearly_minor": 0} | given))


def solve(problem, **given):
    return choose(choice_of(problem), **({"gap": 0.0} | given))


def drawn(seed):
    """Return a small problem in which every kind of limit may bind."""
    chance = np.random.default_rng(seed)
    candidates = []
    for branch in range(chance.integers(1, 5)):
        for number in range(chance.integers(1, 4)):
            roll = chance.random()
            candidates.append(
                candidate(
                    f"c{branch}{number}",
                    f"B{branch}",
                    region_id=f"R{branch % 2}",
                    option_ids=tuple(
                        f"o{branch}{part}" for part in range(3) if chance.random() < 0.5
                    ),
                    benefit=float(chance.integers(-20, 120)),
                    once_minor=int(chance.integers(-30, 300)),
                    yearly_minor=int(chance.integers(-80, 200)),
                    lead_quarters=int(chance.integers(0, 3)),
                    effort={"it": float(chance.integers(0, 3))},
                    elderly_change=float(chance.integers(-3, 2)),
                    late_or_lost_change=float(chance.integers(-5, 2)),
                    devices_removed={"stm": 1} if roll < 0.3 else {},
                    devices_moved_in={"stm": 1} if roll > 0.6 else {},
                )
            )
    limits = Limits(
        capital_minor=None if chance.random() < 0.3 else int(chance.integers(0, 600)),
        operating_minor=None if chance.random() < 0.5 else int(chance.integers(-60, 200)),
        capacity={"it": float(chance.integers(0, 4))} if chance.random() < 0.7 else {},
        quarters=2,
        horizon_quarters=6,
        no_region_left_out=bool(chance.random() < 0.6),
        elderly_tolerance_seconds=float(chance.integers(0, 2)),
        discount_per_quarter=float(chance.choice([0.0, 0.02])),
    )
    options = sorted({option for found in candidates for option in found.option_ids})
    accepted = tuple(o for o in options if chance.random() < 0.12)
    rejected = tuple(o for o in options if chance.random() < 0.12)
    locks = Locks(accepted=accepted, rejected=rejected)
    return PortfolioProblem(candidates=tuple(candidates), limits=limits, locks=locks)


def plans(problem):
    """Yield every way to begin at most one candidate a branch."""
    by_branch = {}
    for found in problem.candidates:
        by_branch.setdefault(found.branch_id, []).append(found)
    quarters = range(problem.limits.quarters)
    ways = [[None, *itertools.product(here, quarters)] for here in by_branch.values()]
    for way in itertools.product(*ways):
        yield [pair for pair in way if pair is not None]


def helps(found, problem):
    """Whether a region that has it must be served."""
    limits = problem.limits
    return (
        found.late_or_lost_change < 0
        and found.elderly_change <= limits.elderly_tolerance_seconds
        and not set(found.option_ids) & set(problem.locks.rejected)
        and found.once_minor <= (math.inf if limits.capital_minor is None else limits.capital_minor)
        and found.effort["it"] <= limits.capacity.get("it", math.inf)
    )


def broken(plan, problem):
    """Return the names of the limits that a plan breaks."""
    limits, locks = problem.limits, problem.locks
    options = {option for found, _ in plan for option in found.option_ids}
    names = {f"accepted:{option}" for option in set(locks.accepted) - options}
    names |= {f"rejected:{option}" for option in set(locks.rejected) & options}
    if sum(found.once_minor for found, _ in plan) > (limits.capital_minor or 0):
        names |= {"capital"} if limits.capital_minor is not None else set()
    if limits.operating_minor is not None:
        over = sum(found.yearly_minor for found, _ in plan) > limits.operating_minor
        names |= {"operating"} if over else set()
    if any(found.elderly_change > limits.elderly_tolerance_seconds for found, _ in plan):
        names.add("elderly")
    for quarter in range(limits.quarters):
        effort = sum(found.effort["it"] for found, when in plan if when == quarter)
        until = [found for found, when in plan if when <= quarter]
        moved = sum(len(f.devices_moved_in) - len(f.devices_removed) for f in until)
        names |= {"capacity:it"} if effort > limits.capacity.get("it", math.inf) else set()
        names |= {"devices:stm"} if moved > 0 else set()
    if limits.no_region_left_out:
        for region in {found.region_id for found in problem.candidates if helps(found, problem)}:
            if not any(f.region_id == region and helps(f, problem) for f, _ in plan):
                names.add(f"region:{region}")
    return names


def value(plan, limits):
    """Return the worth of a plan, quarter by quarter."""
    total = 0.0
    for found, begins in plan:
        total -= found.once_minor / (1 + limits.discount_per_quarter) ** begins
        for at in range(begins + found.lead_quarters, limits.horizon_quarters):
            net = found.benefit - found.yearly_minor / 4
            total += net / (1 + limits.discount_per_quarter) ** at
    return total


def decided(plan, worth_of_it):
    begun = tuple(Begun(candidate_id=found.candidate_id, quarter=when) for found, when in plan)
    return PortfolioDecision(
        chosen=begun, objective=worth_of_it, bound=worth_of_it, gap=0.0, status="optimal"
    )


@pytest.mark.parametrize("seed", range(120))
def test_choice_is_the_best_of_all_or_its_conflict_is_smallest(seed):
    """No feasible plan is worth more; where none is feasible, no fewer limits contradict."""
    problem = drawn(seed)
    every = [(plan, broken(plan, problem)) for plan in plans(problem)]
    decision = solve(problem)
    worths = [value(plan, problem.limits) for plan, names in every if not names]
    assert verify_portfolio(problem, decision) == ()
    if worths:
        assert decision.status == "optimal"
        assert decision.objective == pytest.approx(max(worths), abs=1e-6)
        assert decision.bound == pytest.approx(max(worths), rel=1e-6, abs=1e-3)
    else:
        conflict = set(decision.conflict)
        assert decision.status == "infeasible"
        assert all(names & conflict for _, names in every)
        for spared in conflict:
            assert any(not names & (conflict - {spared}) for _, names in every)


def test_drawn_problems_contain_both_kinds():
    """The test above has seen many possible and many impossible problems."""
    problems = [drawn(seed) for seed in range(60)]
    possible = [any(not broken(plan, problem) for plan in plans(problem)) for problem in problems]
    assert 15 < sum(possible) < 55


@pytest.mark.parametrize("seed", range(0, 120, 6))
def test_verifier_and_brute_force_break_the_same_limits(seed):
    """For every plan of a small network the verifier names the limits that it breaks."""
    problem = drawn(seed)
    for plan in itertools.islice(plans(problem), 400):
        decision = decided(plan, value(plan, problem.limits))
        found = {breach.kind for breach in verify_portfolio(problem, decision)}
        assert found == broken(plan, problem)


@pytest.mark.parametrize("seed", range(0, 120, 3))
def test_bound_at_prices_is_above_every_plan(seed):
    """Whatever the prices, no plan that keeps the limits is worth more."""
    problem = drawn(seed)
    worths = [value(p, problem.limits) for p in plans(problem) if not broken(p, problem)]
    for price in (0.0, 0.5, 3.0):
        prices = {"capital": price, "operating": price, "capacity:it:0": price * 20}
        prices |= {"devices:stm:0": price * 30, "devices:stm:1": price * 50}
        assert all(bound_at_prices(problem, prices) >= found - 1e-6 for found in worths)


def test_prices_of_the_relaxation_prove_the_bound():
    """By hand: 30 of 40 yuan pay three of four machines; a yuan more is worth 9; so is the bound.

    Each is worth 100 - 10 and costs 10; with room for three the price of capital is 9.
    """
    four = tuple(candidate(f"c{n}", f"B{n}", once_minor=10) for n in range(4))
    limits = Limits(capital_minor=30, quarters=1, horizon_quarters=1)
    problem = PortfolioProblem(candidates=four, limits=limits)
    decision = solve(problem)
    assert decision.prices == pytest.approx({"capital": 9.0})
    assert bound_at_prices(problem, decision.prices) == pytest.approx(decision.objective) == 270.0


@pytest.mark.parametrize("seed", range(0, 120, 2))
def test_prices_bound_tightly_where_no_lock_or_region_binds(seed):
    """The prices handed out give the bound of the linear relaxation, computed by other code."""
    limits = replace(drawn(seed).limits, no_region_left_out=False)
    problem = replace(drawn(seed), limits=limits, locks=Locks())
    decision = solve(problem)
    if decision.status == "infeasible":
        return
    free = replace(limits, capital_minor=None, operating_minor=None, capacity={})
    bound = bound_at_prices(problem, decision.prices)
    assert decision.objective - 1e-6 <= bound
    assert bound <= bound_at_prices(replace(problem, limits=free), {}) + 1e-6
    choice = choice_of(problem)
    search = mixed_integer._Search(choice, choice.names, 10.0)
    if len(search._columns):
        relaxed = -search._relaxed().fun * search._unit
        assert bound == pytest.approx(relaxed, rel=1e-6, abs=1e-3)


def test_worth_by_hand():
    """Begun in quarter 1 with a lead of 1 it works in 2, 3: 2 × (100 - 40/4) - 50 paid in 1."""
    found = candidate("a", once_minor=50, yearly_minor=40, lead_quarters=1)
    assert worth(found, 1, Limits(horizon_quarters=4)) == 2 * 90 - 50
    dear = Limits(horizon_quarters=4, discount_per_quarter=0.25)
    assert worth(found, 1, dear) == pytest.approx(90 / 1.25**2 + 90 / 1.25**3 - 50 / 1.25)


def test_worth_is_nothing_but_cost_where_it_never_works():
    """A candidate whose lead ends after the horizon only costs."""
    late = candidate("a", once_minor=50, lead_quarters=9)
    assert worth(late, 0, Limits(horizon_quarters=4)) == -50
    assert (
        solve(PortfolioProblem(candidates=(late,), limits=Limits(horizon_quarters=4))).chosen == ()
    )


def test_devices_wait_for_the_branch_that_gives_them():
    """A donor that can begin only in the second quarter holds back who takes its machine."""
    donor = candidate("a", "B1", benefit=-1.0, effort={"works": 1.0}, devices_removed={"stm": 1})
    taker = candidate("b", "B2", benefit=50.0, devices_moved_in={"stm": 1})
    other = candidate("c", "B3", benefit=900.0, effort={"works": 1.0})
    limits = Limits(capacity={"works": 1.0}, quarters=2, horizon_quarters=8)
    chosen = solve(PortfolioProblem(candidates=(donor, taker, other), limits=limits)).chosen
    assert [(begun.candidate_id, begun.quarter) for begun in chosen] == [
        ("c", 0),
        ("a", 1),
        ("b", 1),
    ]


def test_narrow_search_is_as_good_as_the_whole(monkeypatch):
    """Leaving variables out by their reduced cost loses nothing, even of too few at first."""
    problems = [drawn(seed) for seed in range(200, 240)]
    whole = [solve(problem) for problem in problems]
    monkeypatch.setattr(mixed_integer, "FIRST_AT_LEAST", 1)
    monkeypatch.setattr(mixed_integer, "FIRST_PER_BRANCH", 0)
    for problem, before in zip(problems, whole, strict=True):
        again = solve(problem)
        assert (again.status, again.conflict) == (before.status, before.conflict)
        assert again.objective == pytest.approx(before.objective, abs=1e-6)
        assert again.bound == pytest.approx(before.bound, rel=1e-6, abs=1e-3)


def test_what_a_search_left_undone_is_done():
    """From any start that keeps the limits: no branch later than need be, nothing useless."""
    donor = candidate("a", "B1", benefit=0.0, devices_removed={"stm": 1})
    late = candidate("b", "B2", once_minor=10)
    left = candidate("c", "B3", once_minor=10)
    limits = Limits(capital_minor=20, quarters=2, horizon_quarters=4, no_region_left_out=False)
    choice = choice_of(PortfolioProblem(candidates=(donor, late, left), limits=limits))
    start = np.array([0, 3])
    assert polished(choice, start).tolist() == [2, 4]
    needed = replace(
        choice,
        rows=(
            *choice.rows,
            mixed_integer.Row(
                name="accepted:a", columns=np.array([0, 1]), coefficients=np.ones(2), lower=1.0
            ),
        ),
    )
    assert polished(needed, start).tolist() == [0, 2, 4]


def test_order_of_candidates_is_without_consequence():
    """The same candidates in another order give the same decision, ties too."""
    same = tuple(candidate(f"c{n}", f"B{n // 3}", once_minor=10) for n in range(12))
    limits = Limits(capital_minor=20, quarters=2)
    forwards = solve(PortfolioProblem(candidates=same, limits=limits))
    assert solve(PortfolioProblem(candidates=same[::-1], limits=limits)) == forwards
    assert len(forwards.chosen) == 2


def test_plan_that_people_have_read_stays_where_little_is_gained():
    """Of two like branches the one planned before stays; a large gain turns the plan over."""
    pair = (candidate("a", "B1", once_minor=10), candidate("b", "B2", once_minor=10, benefit=101.0))
    limits = Limits(capital_minor=10, quarters=1, horizon_quarters=1)
    fresh = PortfolioProblem(candidates=pair, limits=limits)
    kept = replace(fresh, previous=(Begun(candidate_id="a", quarter=0),), stay_bonus=5.0)
    assert solve(fresh).chosen[0].candidate_id == "b"
    assert solve(kept).chosen[0].candidate_id == "a"
    assert solve(kept).objective == 90.0
    assert solve(kept).bound >= 91.0
    assert solve(replace(kept, stay_bonus=0.5)).chosen[0].candidate_id == "b"


def test_locks_that_contradict_name_both():
    """Accepted and rejected; two options that no candidate has together; one nobody has."""
    pair = (candidate("a"), candidate("b"))

    def conflict(accepted, rejected=()):
        locks = Locks(accepted=accepted, rejected=rejected)
        return solve(PortfolioProblem(candidates=pair, limits=Limits(), locks=locks)).conflict

    assert conflict(("a",), ("a",)) == ("accepted:a", "rejected:a")
    assert conflict(("a", "b")) == ("accepted:a", "accepted:b")
    assert conflict(("z", "a")) == ("accepted:z",)


def test_no_candidates():
    """Nothing to choose from is no fault; an accepted option is then out of reach."""
    nothing = PortfolioProblem(candidates=(), limits=Limits(capital_minor=0))
    assert solve(nothing).status == "optimal"
    assert solve(nothing).chosen == ()
    must_save = replace(nothing, limits=Limits(operating_minor=-1))
    assert solve(must_save).conflict == ("operating",)
    locked = replace(nothing, locks=Locks(accepted=("a",)))
    assert solve(locked).conflict == ("accepted:a",)


def test_budget_of_nothing_buys_what_is_free():
    """Without capital, candidates that cost nothing at the beginning are chosen."""
    pair = (candidate("free", "B1"), candidate("dear", "B2", once_minor=1))
    decision = solve(PortfolioProblem(candidates=pair, limits=Limits(capital_minor=0)))
    assert [begun.candidate_id for begun in decision.chosen] == ["free"]


@pytest.mark.parametrize(
    ("code", "column", "given", "limits"),
    [
        ("BW-PLN-001", "benefit", {"benefit": math.nan}, {}),
        ("BW-PLN-001", "once_minor", {"once_minor": math.nan}, {}),
        ("BW-PLN-001", "lead_quarters", {"lead_quarters": -1}, {}),
        ("BW-PLN-001", "effort.it", {"effort": {"it": math.inf}}, {}),
        ("BW-PLN-001", "devices_removed.stm", {"devices_removed": {"stm": -1}}, {}),
        ("BW-PLN-002", "capital_minor", {}, {"capital_minor": -1}),
        ("BW-PLN-002", "quarters", {}, {"quarters": 0}),
        ("BW-PLN-002", "operating_minor", {}, {"operating_minor": math.nan}),
        ("BW-PLN-002", "capacity.it", {}, {"capacity": {"it": -2.0}}),
    ],
)
def test_numbers_that_cannot_be_used(code, column, given, limits):
    """Every number out of its range is named."""
    problem = PortfolioProblem(candidates=(candidate("a", **given),), limits=Limits(**limits))
    with pytest.raises(BranchwiseError) as raised:
        choice_of(problem)
    assert [(found.code, found.where.column) for found in raised.value.problems] == [(code, column)]


def test_one_code_for_two_candidates():
    """Two candidates of one code are refused."""
    with pytest.raises(BranchwiseError, match="BW-PLN-003"):
        choice_of(PortfolioProblem(candidates=(candidate("a"), candidate("a")), limits=Limits()))


def test_verifier_sees_what_is_wrong():
    """Unknown codes, two of a branch, no such quarter, a false worth, an invented conflict."""
    problem = PortfolioProblem(candidates=(candidate("a"), candidate("b")), limits=Limits())

    def kinds(*begun, **given):
        decision = decided([], 0.0)
        chosen = tuple(Begun(candidate_id=code, quarter=quarter) for code, quarter in begun)
        found = verify_portfolio(problem, replace(decision, chosen=chosen, **given))
        return [breach.kind for breach in found]

    assert kinds(("z", 0)) == ["unknown:z"]
    assert kinds(("a", 4)) == ["quarter:a"]
    assert kinds(("a", 0), ("b", 0), objective=4000.0, bound=4000.0) == ["branch:B1"]
    assert kinds(("a", 0), objective=1999.0, bound=1999.0) == ["objective", "bound"]
    assert kinds(status="infeasible", conflict=("capital",)) == ["conflict"]


def test_decisions_that_one_limit_cannot_hold():
    """The dearest that pass it are named; the same as by leaving out and solving again."""
    dear = [candidate(f"c{n}", f"B{n}", once_minor=cost) for n, cost in enumerate((5, 60, 9, 50))]
    saving = candidate("s", "B9", once_minor=-8)
    locks = Locks(accepted=tuple(found.candidate_id for found in dear))
    limits = Limits(capital_minor=100)
    problem = PortfolioProblem(candidates=(*dear, saving), limits=limits, locks=locks)
    conflict = conflict_at_a_limit(choice_of(problem))
    assert conflict == solve(problem).conflict == ("accepted:c1", "accepted:c3", "capital")
    assert conflict_at_a_limit(choice_of(replace(problem, limits=Limits(capital_minor=116)))) == ()
    assert smallest_conflict(choice_of(problem), 60.0)[0] == conflict


def test_conflict_without_time_to_make_it_small():
    """Then all limits are named, and that not all may be needed."""
    pair = (candidate("a", "B1", once_minor=9), candidate("b", "B2", once_minor=9))
    locks = Locks(accepted=("a", "b"))
    limits = Limits(capital_minor=10, operating_minor=10)
    choice = choice_of(PortfolioProblem(candidates=pair, limits=limits, locks=locks))
    named = ("accepted:a", "accepted:b", "capital")
    assert smallest_conflict(choice, 60.0) == (named, True)
    assert smallest_conflict(choice, 0.0) == ((*named, "operating"), False)


def test_time_that_does_not_suffice(monkeypatch):
    """Where the search finds nothing and proves nothing, it says so."""
    problem = PortfolioProblem(candidates=(candidate("a"),), limits=Limits())
    unsolved = mixed_integer.Solved(ended="time", columns=None, bound=0.0)
    monkeypatch.setattr("branchwise.optimise.solvers.portfolio.solved", lambda *_, **__: unsolved)
    with pytest.raises(BranchwiseError, match="BW-PLN-004"):
        solve(problem)
