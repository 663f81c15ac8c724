"""Choosing across a network, with a bound; where nothing is possible, why."""

from __future__ import annotations

import math
import time

from branchwise.core.errors import Where, failure
from branchwise.optimise.choice import Choice
from branchwise.optimise.portfolio import Begun, PortfolioDecision
from branchwise.optimise.solvers.conflicts import (
    conflict_at_a_branch,
    conflict_at_a_limit,
    smallest_conflict,
)
from branchwise.optimise.solvers.mixed_integer import Solved, solved
from branchwise.optimise.solvers.polish import polished

GAP = 1e-3


def choose(choice: Choice, *, time_limit: float = 60.0, gap: float = GAP) -> PortfolioDecision:
    """Return what to begin when.

    The same choice gives the same decision, except where the time limit ends the search.

    Parameters
    ----------
    choice : Choice
        The mathematics.
    time_limit : float
        Seconds of search, more than 0.
    gap : float
        The search ends where the best found is within this share of the bound.

    Returns
    -------
    PortfolioDecision
        The best found and its bound; where nothing is possible, the limits that contradict each
        other.

    Raises
    ------
    BranchwiseError
        [BW-PLN-004] if nothing was found within the time and nothing proved impossible either.

    Examples
    --------
    >>> from branchwise.optimise.portfolio import Candidate, Limits, PortfolioProblem
    >>> from branchwise.optimise.problems.portfolio import choice_of
    >>> guide = Candidate(candidate_id="g", branch_id="B1", region_id="R1", option_ids=("g",),
    ...     benefit=500.0, once_minor=1_000, yearly_minor=0)
    >>> limits = Limits(capital_minor=1_000, quarters=2, horizon_quarters=4)
    >>> decision = choose(choice_of(PortfolioProblem(candidates=(guide,), limits=limits)))
    >>> decision.chosen[0].quarter, decision.objective, decision.status
    (0, 1000.0, 'optimal')
    """
    began = time.monotonic()
    torn = conflict_at_a_branch(choice)
    if torn:
        return _impossible(torn, is_smallest=True)
    found = solved(choice, choice.names, time_limit=time_limit, gap=gap)
    if found.ended == "nothing":
        plain = conflict_at_a_limit(choice)
        if plain:
            return _impossible(plain, is_smallest=True)
        left = max(time_limit - (time.monotonic() - began), time_limit / 2)
        conflict, is_smallest = smallest_conflict(choice, left)
        return _impossible(conflict, is_smallest=is_smallest)
    if found.columns is None:
        raise failure("BW-PLN-004", Where(place="portfolio"), seconds=f"{time_limit:g}")
    return _decision(choice, found)


def _decision(choice: Choice, found: Solved) -> PortfolioDecision:
    columns = [] if found.columns is None else polished(choice, found.columns).tolist()
    begun = sorted(
        (column % choice.quarters, choice.candidate_ids[column // choice.quarters])
        for column in columns
    )
    objective = math.fsum(choice.worth.ravel()[columns])
    bound = max(objective, found.bound)
    return PortfolioDecision(
        chosen=tuple(Begun(candidate_id=code, quarter=quarter) for quarter, code in begun),
        objective=objective,
        bound=bound,
        gap=(bound - objective) / max(abs(objective), 1.0),
        status="optimal" if found.ended == "proved" else "time_limit",
        prices=found.prices,
    )


def _impossible(conflict: tuple[str, ...], *, is_smallest: bool) -> PortfolioDecision:
    return PortfolioDecision(
        chosen=(),
        objective=0.0,
        bound=0.0,
        gap=0.0,
        status="infeasible",
        conflict=conflict,
        is_smallest_conflict=is_smallest,
    )
