"""A second look at what was chosen across the network, sharing no code with model or search.

It counts money, people and devices one after the other, quarter by quarter, where the model writes
rows; and it gives a bound of its own: for any prices of the limits, the sum over the branches of
the best that each could do if it had to pay those prices, plus the limits at those prices, is at
least the worth of every choice (weak duality: Geoffrion 1974, doi:10.1007/BFb0120690).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from branchwise.optimise.portfolio import Candidate, PortfolioDecision, PortfolioProblem

SLACK = 1e-9
MONEY_SLACK = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioBreach:
    """Something that a choice does not keep.

    Attributes
    ----------
    kind : str
        The limit by its name in the decision's conflicts (``capital``, ``region:R1`` …), or
        ``unknown:CODE``, ``branch:CODE``, ``quarter:CODE``, ``objective``, ``bound``, ``conflict``.
    found, wanted : float
        What is, and the end that it passes.
    """

    kind: str
    found: float
    wanted: float


def verify_portfolio(
    problem: PortfolioProblem, decision: PortfolioDecision
) -> tuple[PortfolioBreach, ...]:
    """Return everything that a choice does not keep.

    Parameters
    ----------
    problem : PortfolioProblem
        What there was to choose from.
    decision : PortfolioDecision
        What was chosen; where nothing is possible, only that its conflict names limits there are.

    Examples
    --------
    >>> from branchwise.optimise.portfolio import (
    ...     Begun, Candidate, Limits, PortfolioDecision, PortfolioProblem)
    >>> guide = Candidate(candidate_id="g", branch_id="B1", region_id="R1", option_ids=("g",),
    ...     benefit=500.0, once_minor=1_000, yearly_minor=0)
    >>> problem = PortfolioProblem(candidates=(guide,), limits=Limits(capital_minor=900))
    >>> decision = PortfolioDecision(chosen=(Begun(candidate_id="g", quarter=0),),
    ...     objective=9_000.0, bound=9_000.0, gap=0.0, status="optimal")
    >>> verify_portfolio(problem, decision)
    (PortfolioBreach(kind='capital', found=1000.0, wanted=900.0),)
    """
    if decision.status == "infeasible":
        return _false_conflict(problem, decision)
    known = {candidate.candidate_id: candidate for candidate in problem.candidates}
    breaches = [
        _breach(f"unknown:{begun.candidate_id}", 1, 0)
        for begun in decision.chosen
        if begun.candidate_id not in known
    ]
    if breaches:
        return tuple(breaches)
    plan = [(known[begun.candidate_id], begun.quarter) for begun in decision.chosen]
    breaches += _misplaced(problem, plan)
    if any(breach.kind.startswith("quarter:") for breach in breaches):
        return tuple(breaches)
    breaches += _overspent(problem, plan)
    breaches += _undelivered(problem, plan)
    breaches += _unfair(problem, plan)
    breaches += _unlocked(problem, plan)
    breaches += _misreported(problem, plan, decision)
    return tuple(breaches)


Plan = list[tuple["Candidate", int]]


def _breach(kind: str, found: float, wanted: float) -> PortfolioBreach:
    return PortfolioBreach(kind=kind, found=float(found), wanted=float(wanted))


def _misplaced(problem: PortfolioProblem, plan: Plan) -> list[PortfolioBreach]:
    quarters = problem.limits.quarters
    at_branch = Counter(candidate.branch_id for candidate, _ in plan)
    return [_breach(f"branch:{name}", n, 1) for name, n in sorted(at_branch.items()) if n > 1] + [
        _breach(f"quarter:{candidate.candidate_id}", quarter, quarters - 1)
        for candidate, quarter in plan
        if not 0 <= quarter < quarters
    ]


def _overspent(problem: PortfolioProblem, plan: Plan) -> list[PortfolioBreach]:
    limits = problem.limits
    spent = sum(candidate.once_minor for candidate, _ in plan)
    running = sum(candidate.yearly_minor for candidate, _ in plan)
    return [
        _breach(name, amount, limit)
        for name, amount, limit in (
            ("capital", spent, limits.capital_minor),
            ("operating", running, limits.operating_minor),
        )
        if limit is not None and amount > limit
    ]


def _undelivered(problem: PortfolioProblem, plan: Plan) -> list[PortfolioBreach]:
    """Walk through the quarters with what each takes and a stock of devices given back."""
    breaches = []
    stock: Counter[str] = Counter()
    for quarter in range(problem.limits.quarters):
        begun = [candidate for candidate, when in plan if when == quarter]
        for trade, most in problem.limits.capacity.items():
            taken = math.fsum(candidate.effort.get(trade, 0.0) for candidate in begun)
            if taken > most + SLACK * max(1.0, most):
                breaches.append(_breach(f"capacity:{trade}", taken, most))
        for candidate in begun:
            stock.update(candidate.devices_removed)
            stock.subtract(candidate.devices_moved_in)
        breaches += [_breach(f"devices:{kind}", -n, 0) for kind, n in stock.items() if n < 0]
    return breaches


def _unfair(problem: PortfolioProblem, plan: Plan) -> list[PortfolioBreach]:
    limits = problem.limits
    tolerance = limits.elderly_tolerance_seconds
    breaches = [
        _breach("elderly", candidate.elderly_change, tolerance)
        for candidate, _ in plan
        if candidate.elderly_change > tolerance
    ]
    if limits.no_region_left_out:
        due = {c.region_id for c in problem.candidates if _could_help(c, problem)}
        served = {c.region_id for c, _ in plan if _could_help(c, problem)}
        breaches += [_breach(f"region:{region}", 0, 1) for region in sorted(due - served)]
    return breaches


def _could_help(candidate: Candidate, problem: PortfolioProblem) -> bool:
    limits = problem.limits
    if candidate.late_or_lost_change >= 0:
        return False
    if candidate.elderly_change > limits.elderly_tolerance_seconds:
        return False
    if set(candidate.option_ids) & set(problem.locks.rejected):
        return False
    if limits.capital_minor is not None and limits.capital_minor < candidate.once_minor:
        return False
    return not any(
        units > limits.capacity.get(t, math.inf) for t, units in candidate.effort.items()
    )


def _unlocked(problem: PortfolioProblem, plan: Plan) -> list[PortfolioBreach]:
    done = {option for candidate, _ in plan for option in candidate.option_ids}
    return [
        _breach(f"accepted:{option}", 0, 1)
        for option in problem.locks.accepted
        if option not in done
    ] + [_breach(f"rejected:{option}", 1, 0) for option in problem.locks.rejected if option in done]


def _misreported(
    problem: PortfolioProblem, plan: Plan, decision: PortfolioDecision
) -> list[PortfolioBreach]:
    total = sum((_worth(problem, candidate, quarter) for candidate, quarter in plan), Fraction(0))
    objective = float(total)
    near = MONEY_SLACK * max(1.0, abs(objective))
    breaches = []
    if abs(decision.objective - objective) > near:
        breaches.append(_breach("objective", decision.objective, objective))
    if decision.bound < objective - near:
        breaches.append(_breach("bound", decision.bound, objective))
    return breaches


def _worth(problem: PortfolioProblem, candidate: Candidate, quarter: int) -> Fraction:
    """Add up quarter by quarter, in fractions."""
    limits = problem.limits
    factor = 1 / (1 + Fraction(limits.discount_per_quarter))
    total = -Fraction(candidate.once_minor) * factor**quarter
    for at in range(quarter + candidate.lead_quarters, limits.horizon_quarters):
        cash = Fraction(candidate.benefit) - Fraction(candidate.yearly_minor) / 4
        total += cash * factor**at
    return total


def _false_conflict(
    problem: PortfolioProblem, decision: PortfolioDecision
) -> tuple[PortfolioBreach, ...]:
    limits = problem.limits
    known = {"elderly"}
    known |= {"capital"} if limits.capital_minor is not None else set()
    known |= {"operating"} if limits.operating_minor is not None else set()
    known |= {f"capacity:{trade}" for trade in limits.capacity}
    known |= {f"devices:{kind}" for c in problem.candidates for kind in c.devices_moved_in}
    known |= {f"region:{c.region_id}" for c in problem.candidates if _could_help(c, problem)}
    known |= {f"accepted:{option}" for option in problem.locks.accepted}
    known |= {f"rejected:{option}" for option in problem.locks.rejected}
    strangers = [name for name in decision.conflict if name not in known]
    if strangers or not decision.conflict or decision.chosen:
        return (_breach("conflict", len(strangers), 0),)
    return ()


def _ends(problem: PortfolioProblem) -> int:
    """Return a number of quarters that is enough for the horizon and every beginning."""
    return max(problem.limits.horizon_quarters, problem.limits.quarters)


def _delivery(
    problem: PortfolioProblem, candidate: Candidate, quarter: int, price: Mapping[str, float]
) -> float:
    """Return what its effort costs at these prices, and its devices from its quarter on."""
    paid = sum(
        price.get(f"capacity:{trade}:{quarter}", 0.0) * units
        for trade, units in candidate.effort.items()
        if trade in problem.limits.capacity
    )
    for sign, devices in ((1, candidate.devices_moved_in), (-1, candidate.devices_removed)):
        for kind, count in devices.items():
            later = range(quarter, problem.limits.quarters)
            paid += sign * count * sum(price.get(f"devices:{kind}:{at}", 0.0) for at in later)
    return paid


def bound_at_prices(problem: PortfolioProblem, prices: Mapping[str, float]) -> float:
    """Return a worth that no choice exceeds, from prices of the limits.

    Parameters
    ----------
    problem : PortfolioProblem
        What there is to choose from.
    prices : mapping of str to float
        Worth of one unit more: of a minor unit of ``capital`` and ``operating``, of a unit of
        ``capacity:TRADE:QUARTER``, of a device by ``devices:KIND:QUARTER``. Locks and regions are
        left out, which can only raise the bound. Any prices give a bound; negative ones, and those
        of what has no limit, count as 0.

    Examples
    --------
    >>> from branchwise.optimise.portfolio import Candidate, Limits, PortfolioProblem
    >>> guide = Candidate(candidate_id="g", branch_id="B1", region_id="R1", option_ids=("g",),
    ...     benefit=500.0, once_minor=1_000, yearly_minor=0)
    >>> problem = PortfolioProblem(candidates=(guide,), limits=Limits(capital_minor=500))
    >>> bound_at_prices(problem, {}), bound_at_prices(problem, {"capital": 9.0})
    (9000.0, 4500.0)
    """
    limits = problem.limits
    unlimited = {"capital": limits.capital_minor is None}
    unlimited["operating"] = limits.operating_minor is None
    price = {
        name: 0.0 if unlimited.get(name, False) else max(value, 0.0)
        for name, value in prices.items()
    }
    at = [(1.0 + limits.discount_per_quarter) ** -quarter for quarter in range(_ends(problem))]
    best: dict[str, float] = {}
    for candidate in problem.candidates:
        if candidate.elderly_change > limits.elderly_tolerance_seconds:
            continue
        paid = price.get("capital", 0.0) * candidate.once_minor
        paid += price.get("operating", 0.0) * candidate.yearly_minor
        for quarter in range(limits.quarters):
            effort = _delivery(problem, candidate, quarter, price)
            working = sum(at[quarter + candidate.lead_quarters : limits.horizon_quarters])
            cash = candidate.benefit - candidate.yearly_minor / 4
            net = cash * working - candidate.once_minor * at[quarter] - paid - effort
            best[candidate.branch_id] = max(best.get(candidate.branch_id, 0.0), net)
    limited = price.get("capital", 0.0) * (limits.capital_minor or 0)
    limited += price.get("operating", 0.0) * (limits.operating_minor or 0)
    limited += sum(
        price.get(f"capacity:{trade}:{quarter}", 0.0) * most
        for trade, most in limits.capacity.items()
        for quarter in range(limits.quarters)
    )
    return math.fsum(best.values()) + limited
