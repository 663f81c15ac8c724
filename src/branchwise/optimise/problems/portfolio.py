"""What to do across the network, as mathematics: checked numbers, worth, and limits as rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from branchwise.core.errors import Problems, Where
from branchwise.optimise.choice import Choice, Floats, Integers, Row
from branchwise.optimise.portfolio import Candidate, Limits, PortfolioProblem

QUARTERS_A_YEAR = 4
PLACE = "portfolio"
REAL, AMOUNT = ("a finite number", "a finite number, 0 or more")


def worth(candidate: Candidate, quarter: int, limits: Limits) -> float:
    """Return what a candidate begun in a quarter is worth over the horizon.

    Its capital is paid in the quarter in which it begins; benefit and running cost come in every
    quarter from the one in which it works to the end of the horizon. Nothing is left of it
    afterwards. Quarter t counts (1 + discount per quarter)^-t.

    Parameters
    ----------
    candidate : Candidate
        What is begun.
    quarter : int
        When, from 0.
    limits : Limits
        Horizon and discount.

    Returns
    -------
    float
        In minor units.

    Examples
    --------
    >>> guide = Candidate(candidate_id="g", branch_id="B1", region_id="R1", option_ids=("g",),
    ...     benefit=500.0, once_minor=1_000, yearly_minor=400, lead_quarters=1)
    >>> worth(guide, 0, Limits(horizon_quarters=8)), worth(guide, 7, Limits(horizon_quarters=8))
    (1800.0, -1000.0)
    """
    until = replace(limits, quarters=quarter + 1)
    return float(_worth((candidate,), until)[0, quarter])


def choice_of(problem: PortfolioProblem) -> Choice:
    """Return the problem as variables and rows.

    Candidates are taken in order of their codes, so that their order in the problem is without
    consequence. *Fairness*: a region counts where it has a candidate that helps (fewer late or
    lost customers), that no rule excludes and that the limits allow were it alone.

    Parameters
    ----------
    problem : PortfolioProblem
        What to choose from.

    Raises
    ------
    BranchwiseError
        All at once: [BW-PLN-001] a number of a candidate that cannot be used, [BW-PLN-002] a limit
        out of its range, [BW-PLN-003] two candidates of one code.

    Examples
    --------
    >>> guide = Candidate(candidate_id="g", branch_id="B1", region_id="R1", option_ids=("g",),
    ...     benefit=500.0, once_minor=1_000, yearly_minor=0)
    >>> limits = Limits(capital_minor=900, quarters=2, horizon_quarters=4)
    >>> choice = choice_of(PortfolioProblem(candidates=(guide,), limits=limits))
    >>> choice.worth.tolist(), choice.names
    ([[1000.0, 500.0]], ('capital',))
    """
    _require_sound(problem)
    candidates = tuple(sorted(problem.candidates, key=lambda candidate: candidate.candidate_id))
    limits = problem.limits
    branches = {name: at for at, name in enumerate(sorted({c.branch_id for c in candidates}))}
    barred = _barred(candidates, problem)
    rows = [
        *_money_rows(candidates, limits),
        *_capacity_rows(candidates, limits),
        *_device_rows(candidates, limits),
        *_region_rows(candidates, limits, barred),
        *_accepted_rows(candidates, problem),
    ]
    return Choice(
        candidate_ids=tuple(candidate.candidate_id for candidate in candidates),
        quarters=limits.quarters,
        worth=_worth(candidates, limits),
        bonus=_bonus(candidates, problem),
        branch=np.array([branches[c.branch_id] for c in candidates], dtype=np.int64),
        rows=tuple(rows),
        barred=barred,
    )


def _worth(candidates: Sequence[Candidate], limits: Limits) -> Floats:
    at = np.arange(max(limits.horizon_quarters, limits.quarters))
    weights = (1.0 + limits.discount_per_quarter) ** -at.astype(np.float64)
    counted = np.where(at < limits.horizon_quarters, weights, 0.0)
    remaining = np.append(np.cumsum(counted[::-1])[::-1], 0.0)
    lead = np.array([candidate.lead_quarters for candidate in candidates], dtype=np.int64)
    starts = np.minimum(
        lead[:, None] + np.arange(limits.quarters)[None, :], limits.horizon_quarters
    )
    rate = np.array([c.benefit - c.yearly_minor / QUARTERS_A_YEAR for c in candidates], dtype=float)
    once = np.array([candidate.once_minor for candidate in candidates], dtype=float)
    found: Floats = rate[:, None] * remaining[starts] - once[:, None] * weights[: limits.quarters]
    return found


def _bonus(candidates: Sequence[Candidate], problem: PortfolioProblem) -> Floats:
    bonus = np.zeros((len(candidates), problem.limits.quarters))
    before = {begun.candidate_id: begun.quarter for begun in problem.previous}
    for at, candidate in enumerate(candidates):
        quarter = before.get(candidate.candidate_id)
        if quarter is not None and 0 <= quarter < problem.limits.quarters:
            bonus[at, quarter] = problem.stay_bonus
    return bonus


def _barred(candidates: Sequence[Candidate], problem: PortfolioProblem) -> dict[str, Integers]:
    tolerance = problem.limits.elderly_tolerance_seconds
    found = {"elderly": _where(candidates, lambda c: c.elderly_change > tolerance)}
    holding = _holding(candidates)
    nobody = np.zeros(0, dtype=np.int64)
    for option in sorted(set(problem.locks.rejected)):
        found[f"rejected:{option}"] = holding.get(option, nobody)
    return {name: excluded for name, excluded in found.items() if len(excluded)}


def _money_rows(candidates: Sequence[Candidate], limits: Limits) -> Iterable[Row]:
    for name, limit, amounts in (
        ("capital", limits.capital_minor, [c.once_minor for c in candidates]),
        ("operating", limits.operating_minor, [c.yearly_minor for c in candidates]),
    ):
        if limit is not None:
            yield _row(name, np.array(amounts, dtype=float), range(limits.quarters), limits, limit)


def _capacity_rows(candidates: Sequence[Candidate], limits: Limits) -> Iterable[Row]:
    for trade in sorted(limits.capacity):
        effort = np.array([c.effort.get(trade, 0.0) for c in candidates], dtype=float)
        for quarter in range(limits.quarters):
            most = limits.capacity[trade]
            yield _row(f"capacity:{trade}", effort, range(quarter, quarter + 1), limits, most)


def _device_rows(candidates: Sequence[Candidate], limits: Limits) -> Iterable[Row]:
    """Devices that were moved in until a quarter were taken away elsewhere until then."""
    for kind in sorted({kind for c in candidates for kind in c.devices_moved_in}):
        net = np.array(
            [c.devices_moved_in.get(kind, 0) - c.devices_removed.get(kind, 0) for c in candidates],
            dtype=float,
        )
        for quarter in range(limits.quarters):
            yield _row(f"devices:{kind}", net, range(quarter + 1), limits, 0.0)


def _region_rows(
    candidates: Sequence[Candidate], limits: Limits, barred: Mapping[str, Integers]
) -> Iterable[Row]:
    if not limits.no_region_left_out:
        return
    excluded = {int(at) for ats in barred.values() for at in ats}
    helping: dict[str, list[int]] = {}
    for at, candidate in enumerate(candidates):
        helps = candidate.late_or_lost_change < 0 and at not in excluded
        if helps and _is_affordable_alone(candidate, limits):
            helping.setdefault(candidate.region_id, []).append(at)
    for region in sorted(helping):
        yield _at_least_one(f"region:{region}", np.array(helping[region]), limits)


def _is_affordable_alone(candidate: Candidate, limits: Limits) -> bool:
    return (limits.capital_minor is None or candidate.once_minor <= limits.capital_minor) and all(
        candidate.effort.get(trade, 0.0) <= most for trade, most in limits.capacity.items()
    )


def _accepted_rows(candidates: Sequence[Candidate], problem: PortfolioProblem) -> Iterable[Row]:
    holding = _holding(candidates)
    nobody = np.zeros(0, dtype=np.int64)
    for option in sorted(set(problem.locks.accepted)):
        yield _at_least_one(f"accepted:{option}", holding.get(option, nobody), problem.limits)


def _holding(candidates: Sequence[Candidate]) -> dict[str, Integers]:
    """Return which candidates contain an option."""
    found: dict[str, list[int]] = {}
    for at, candidate in enumerate(candidates):
        for option in candidate.option_ids:
            found.setdefault(option, []).append(at)
    return {option: np.array(ats, dtype=np.int64) for option, ats in found.items()}


def _row(name: str, amounts: Floats, quarters: range, limits: Limits, most: float) -> Row:
    used = np.flatnonzero(amounts)
    columns = (used[:, None] * limits.quarters + np.array(quarters)[None, :]).ravel()
    coefficients = np.repeat(amounts[used], len(quarters))
    return Row(name=name, columns=columns, coefficients=coefficients, upper=float(most))


def _at_least_one(name: str, found: Integers, limits: Limits) -> Row:
    columns = (found[:, None] * limits.quarters + np.arange(limits.quarters)[None, :]).ravel()
    return Row(name=name, columns=columns, coefficients=np.ones(len(columns)), lower=1.0)


def _where(candidates: Sequence[Candidate], holds: Callable[[Candidate], bool]) -> Integers:
    return np.array([at for at, c in enumerate(candidates) if holds(c)], dtype=np.int64)


def _require_sound(problem: PortfolioProblem) -> None:
    problems = Problems()
    seen: set[str] = set()
    for candidate in problem.candidates:
        code = candidate.candidate_id
        if code in seen:
            problems.add("BW-PLN-003", Where(place=PLACE, keys=(code,)), candidate=code)
        seen.add(code)
        for column, value, wanted in _numbers(candidate):
            if not _is_sound(value, wanted):
                where = Where(place=PLACE, column=column, keys=(code,))
                problems.add("BW-PLN-001", where, name=column, value=value, rule=wanted)
    for column, value, wanted in _limit_numbers(problem):
        if not _is_sound(value, wanted):
            where = Where(place="limits", column=column)
            problems.add("BW-PLN-002", where, name=column, value=value, rule=wanted)
    problems.raise_if_any()


def _is_sound(value: float, wanted: str) -> bool:
    if not math.isfinite(value):
        return False
    if wanted == REAL:
        return True
    return value >= 0 if wanted == AMOUNT else value >= 1 and value == int(value)


def _numbers(candidate: Candidate) -> Iterable[tuple[str, float, str]]:
    yield "benefit", candidate.benefit, REAL
    yield "once_minor", candidate.once_minor, REAL
    yield "yearly_minor", candidate.yearly_minor, REAL
    yield "lead_quarters", candidate.lead_quarters, AMOUNT
    yield "elderly_change", candidate.elderly_change, REAL
    yield "late_or_lost_change", candidate.late_or_lost_change, REAL
    for column in ("effort", "devices_removed", "devices_moved_in"):
        for key, value in getattr(candidate, column).items():
            yield f"{column}.{key}", value, AMOUNT


def _limit_numbers(problem: PortfolioProblem) -> Iterable[tuple[str, float, str]]:
    limits = problem.limits
    whole = "a whole number, 1 or more"
    if limits.capital_minor is not None:
        yield "capital_minor", limits.capital_minor, AMOUNT
    if limits.operating_minor is not None:
        yield "operating_minor", limits.operating_minor, REAL
    yield "quarters", limits.quarters, whole
    yield "horizon_quarters", limits.horizon_quarters, whole
    yield "elderly_tolerance_seconds", limits.elderly_tolerance_seconds, AMOUNT
    yield "discount_per_quarter", limits.discount_per_quarter, AMOUNT
    yield "stay_bonus", problem.stay_bonus, AMOUNT
    for trade, most in limits.capacity.items():
        yield f"capacity.{trade}", most, AMOUNT
