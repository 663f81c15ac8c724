"""Which packages to carry out where and when: what each is worth, the choice, and its frontier.

Worth is a planning weight: customers who are no longer late or lost, and hours that they no longer
wait, times what the bank says they count for (`service_value_per_visit`, `waiting_value_per_hour`).
It weighs service against cash and is no cash itself; the business case leaves it out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from branchwise.core.errors import Where, failure
from branchwise.optimise.portfolio import (
    Candidate,
    Locks,
    PortfolioDecision,
    PortfolioProblem,
    Status,
)
from branchwise.plan.costs import lead_quarters, needed
from branchwise.plan.proposal import Appraisal, Costs, Effect, Intervention, Option
from branchwise.tables.assumptions import Assumptions

SERVICE_VALUE, WAITING_VALUE = "service_value_per_visit", "waiting_value_per_hour"
LATE_OR_LOST, LATE = "plan.late_or_lost_per_month", "plan.late_per_month"
WAITING_HOURS = "plan.waiting_hours_per_month"
ELDERLY_WAIT, WAIT = "queues.elderly_wait_mean_seconds", "queues.wait_mean_seconds"
MONTHS_A_QUARTER = 3
NOTICED_SECONDS = 10.0
"""A longer wait of the elderly counts from here on also where chance could explain it."""
STEPS = 10
GAP = 1e-3

Refusal = Literal["not_trusted", "not_appraised", "no_help"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Considered:
    """Packages that are worth choosing between, and the others with the reason.

    Attributes
    ----------
    candidates : tuple of Candidate
        In order of their codes, which are those of the packages.
    refused : mapping of str to str
        By package: ``not_trusted`` (its branch's twin), ``not_appraised`` (the twin does not tell
        late or lost customers), ``no_help`` (nothing told apart from chance, no cash saved, no
        device given away).
    """

    candidates: tuple[Candidate, ...]
    refused: Mapping[str, Refusal]


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontierPoint:
    """What a budget of capital brings at best.

    Attributes
    ----------
    capital_minor, spent_minor : int
        The budget, and what of it is spent.
    worth, bound : float
        Over the horizon in minor units; no choice within the budget is worth more than `bound`.
    benefit : float
        Worth a quarter when all is done, costs left out.
    late_or_lost_avoided : float
        Customers a month when all is done.
    count_branches : int
        Branches at which something is done.
    status : {"optimal", "time_limit", "infeasible"}
        As of the decision.
    conflict : tuple of str
        Where the budget is too small for what must be: the limits and locks in contradiction.
    """

    capital_minor: int
    spent_minor: int
    worth: float
    bound: float
    benefit: float
    late_or_lost_avoided: float
    count_branches: int
    status: Status
    conflict: tuple[str, ...] = ()


def gain(effect: Effect | None) -> float:
    """Return what a package takes off a measure that should be low, 0 where nothing is known.

    A gain counts by its mean where its interval excludes 0, and not at all where chance could
    explain it; a loss always counts by its mean. So among many packages those that were lucky in
    the simulation are not preferred.

    Examples
    --------
    >>> def off(lower, difference, upper):
    ...     return gain(Effect(measure="m", unit="visit", baseline=None, value=None,
    ...                        difference=difference, lower=lower, upper=upper))
    >>> off(-9.0, -5.0, -1.0), off(-9.0, -4.0, 1.0), off(-1.0, 2.0, 5.0)
    (5.0, 0.0, -2.0)
    """
    if effect is None or effect.difference is None:
        return 0.0
    if effect.difference < 0 and (effect.upper is None or effect.upper >= 0):
        return 0.0
    return -effect.difference if effect.difference else 0.0


def late_or_lost(appraisal: Appraisal) -> Effect | None:
    """Return the effect on customers who wait too long or leave; of waits only, on the late."""
    return appraisal.effect(LATE_OR_LOST) or appraisal.effect(LATE)


def elderly_change(appraisal: Appraisal) -> float:
    """Return by how much customers of 60 and over wait longer [s], 0 where chance could explain it.

    Where the twin does not tell them apart (only its waits are believed), the mean wait of all
    customers stands for theirs.
    """
    effect = appraisal.effect(ELDERLY_WAIT) or appraisal.effect(WAIT)
    if effect is None or effect.difference is None:
        return 0.0
    is_sure = effect.lower is None or effect.lower > 0
    return effect.difference if is_sure or abs(effect.difference) >= NOTICED_SECONDS else 0.0


def considered(
    appraisals: Iterable[Appraisal],
    options: Mapping[str, Option],
    costs: Mapping[str, Costs],
    *,
    library: Mapping[str, Intervention],
    assumptions: Assumptions,
    regions: Mapping[str, str],
    accepted: Collection[str] = (),
) -> Considered:
    """Return the packages worth choosing between as candidates.

    Parameters
    ----------
    appraisals : iterable of Appraisal
        Of packages; of one package the last counts.
    options : mapping of str to Option
        By code.
    costs : mapping of str to Costs
        By package.
    library : mapping of str to Intervention
        By name.
    assumptions : Assumptions
        What a customer and an hour of waiting count for.
    regions : mapping of str to str
        Region by branch; a branch that is not in it is a region of its own.
    accepted : collection of str
        Options that people have accepted: packages with one of them stay candidates also where
        the twin promises nothing of them; they then count with their costs alone.

    Raises
    ------
    BranchwiseError
        [BW-PLN-020] if an assumption is missing or no number.
    """
    values = _Values(
        visit=needed(assumptions, SERVICE_VALUE, "plan") * assumptions.minor_units,
        hour=needed(assumptions, WAITING_VALUE, "plan") * assumptions.minor_units,
    )
    candidates: dict[str, Candidate] = {}
    refused: dict[str, Refusal] = {}
    for appraisal in {found.package_id: found for found in appraisals}.values():
        carried = [options[code] for code in appraisal.option_ids]
        region = regions.get(appraisal.branch_id, appraisal.branch_id)
        candidate = _candidate(appraisal, carried, costs[appraisal.package_id], library, values)
        is_wanted = not set(appraisal.option_ids).isdisjoint(accepted)
        reason = None if is_wanted else _refusal(appraisal, candidate)
        if reason is None:
            candidates[candidate.candidate_id] = replace(candidate, region_id=region)
        else:
            refused[appraisal.package_id] = reason
    ordered = tuple(candidates[code] for code in sorted(candidates))
    return Considered(candidates=ordered, refused=refused)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Values:
    """Minor units that a customer and an hour of waiting count for."""

    visit: float
    hour: float


def _candidate(
    appraisal: Appraisal,
    options: Sequence[Option],
    costs: Costs,
    library: Mapping[str, Intervention],
    values: _Values,
) -> Candidate:
    avoided = gain(late_or_lost(appraisal))
    monthly = avoided * values.visit + gain(appraisal.effect(WAITING_HOURS)) * values.hour
    return Candidate(
        candidate_id=appraisal.package_id,
        branch_id=appraisal.branch_id,
        region_id="",
        option_ids=appraisal.option_ids,
        benefit=MONTHS_A_QUARTER * monthly,
        once_minor=costs.once_minor,
        yearly_minor=costs.yearly_minor - costs.saved_minor,
        lead_quarters=lead_quarters(options, library),
        effort=_added(library[option.intervention].effort for option in options),
        elderly_change=elderly_change(appraisal),
        late_or_lost_change=-avoided if avoided else 0.0,
        devices_removed=_whole(option.quantities.devices_removed for option in options),
        devices_moved_in=_whole(option.quantities.devices_moved_in for option in options),
    )


def _refusal(appraisal: Appraisal, candidate: Candidate) -> Refusal | None:
    if appraisal.standing not in {"trusted", "waits_only"}:
        return "not_trusted"
    effect = late_or_lost(appraisal)
    if effect is None or effect.difference is None:
        return "not_appraised"
    helps = candidate.benefit > 0 or candidate.yearly_minor < 0 or candidate.once_minor < 0
    return None if helps or candidate.devices_removed else "no_help"


def _added(parts: Iterable[Mapping[str, float]]) -> dict[str, float]:
    total: dict[str, float] = {}
    for part in parts:
        for key, amount in part.items():
            total[key] = total.get(key, 0.0) + amount
    return dict(sorted(total.items()))


def _whole(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    return {key: round(amount) for key, amount in _added(parts).items()}


def select(
    problem: PortfolioProblem, *, time_limit: float = 60.0, gap: float = GAP
) -> PortfolioDecision:
    """Return what to begin when, found by one program and checked by another.

    Parameters
    ----------
    problem : PortfolioProblem
        What to choose from.
    time_limit : float
        Seconds of search.
    gap : float
        Share of the bound that is close enough.

    Raises
    ------
    BranchwiseError
        [BW-PLN-001]…[BW-PLN-003] for numbers that cannot be used; [BW-PLN-004] if nothing was
        found within the time; [BW-PLN-005] if the check finds what the search overlooked.

    Examples
    --------
    >>> from branchwise.optimise.portfolio import Limits
    >>> select(PortfolioProblem(candidates=(), limits=Limits())).status
    'optimal'
    """
    from branchwise.optimise.problems.portfolio import choice_of
    from branchwise.optimise.solvers.portfolio import choose
    from branchwise.optimise.verify_portfolio import verify_portfolio

    decision = choose(choice_of(problem), time_limit=time_limit, gap=gap)
    for breach in verify_portfolio(problem, decision):
        found, wanted = f"{breach.found:g}", f"{breach.wanted:g}"
        raise failure(
            "BW-PLN-005", Where(place="portfolio"), kind=breach.kind, found=found, wanted=wanted
        )
    return decision


def decided_again(
    problem: PortfolioProblem, before: PortfolioDecision, locks: Locks, *, stay_bonus: float
) -> PortfolioProblem:
    """Return the problem after people have accepted or rejected options, the rest to be kept.

    What stays as it was planned counts for `stay_bonus` more at each branch: the plan changes
    where a lock demands it or where more than that is gained, and not for a trifle.

    Parameters
    ----------
    problem : PortfolioProblem
        As it was.
    before : PortfolioDecision
        What was chosen.
    locks : Locks
        What people have decided until now.
    stay_bonus : float
        In minor units over the horizon; see `usual_bonus`.
    """
    return replace(problem, locks=locks, previous=before.chosen, stay_bonus=stay_bonus)


def usual_bonus(before: PortfolioDecision) -> float:
    """Return a hundredth of what a branch's package was worth on average, in minor units.

    Examples
    --------
    >>> from branchwise.optimise.portfolio import Begun
    >>> begun = (Begun(candidate_id="a", quarter=0), Begun(candidate_id="b", quarter=0))
    >>> usual_bonus(PortfolioDecision(
    ...     chosen=begun, objective=4_000.0, bound=4_000.0, gap=0.0, status="optimal"))
    20.0
    """
    return max(before.objective, 0.0) / max(len(before.chosen), 1) / 100


def frontier(
    problem: PortfolioProblem,
    *,
    budgets: Sequence[int] | None = None,
    time_limit: float = 60.0,
    gap: float = GAP,
) -> tuple[FrontierPoint, ...]:
    """Return what every budget of capital brings at best.

    Parameters
    ----------
    problem : PortfolioProblem
        What to choose from; its own limit of capital is left out.
    budgets : sequence of int, optional
        In minor units; by default 0, 10 … 100 % of what is spent without a limit.
    time_limit : float
        Seconds for all points together.
    gap : float
        As for `select`.

    Returns
    -------
    tuple of FrontierPoint
        By budget. A larger budget is never worth less: what was found for a smaller one is kept
        where the search within its gap found less.
    """
    without = replace(problem, limits=replace(problem.limits, capital_minor=None))
    if budgets is None:
        free = select(without, time_limit=time_limit / 2, gap=gap)
        most = max(0, _spent(without, free))
        budgets = [most * step // STEPS for step in range(STEPS + 1)]
    each = time_limit / 2 / max(len(budgets), 1)
    points: list[FrontierPoint] = []
    for budget in sorted(set(budgets)):
        limits = replace(problem.limits, capital_minor=budget)
        within = replace(problem, limits=limits)
        point = _point(within, select(within, time_limit=each, gap=gap), budget)
        before = points[-1] if points else point
        if before.status != "infeasible" and before.worth > point.worth:
            bound = max(point.bound, before.worth)
            point = replace(before, capital_minor=budget, bound=bound, status=point.status)
        points.append(point)
    return tuple(points)


def _spent(problem: PortfolioProblem, decision: PortfolioDecision) -> int:
    return sum(candidate.once_minor for candidate in chosen_of(problem, decision))


def chosen_of(problem: PortfolioProblem, decision: PortfolioDecision) -> tuple[Candidate, ...]:
    """Return the candidates that were chosen, in order of quarter and code."""
    known = {candidate.candidate_id: candidate for candidate in problem.candidates}
    return tuple(known[begun.candidate_id] for begun in decision.chosen)


def _point(problem: PortfolioProblem, decision: PortfolioDecision, budget: int) -> FrontierPoint:
    chosen = chosen_of(problem, decision)
    return FrontierPoint(
        capital_minor=budget,
        spent_minor=_spent(problem, decision),
        worth=decision.objective,
        bound=decision.bound,
        benefit=sum(candidate.benefit for candidate in chosen),
        late_or_lost_avoided=-sum(candidate.late_or_lost_change for candidate in chosen),
        count_branches=len(chosen),
        status=decision.status,
        conflict=decision.conflict,
    )
