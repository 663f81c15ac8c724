"""Which branch gets which mix under one budget: a multiple-choice knapsack with moved machines.

Binary x(b, m): branch b gets mix m, one each. Integer y(b, k): machines of kind k that come to b
from other branches instead of being bought. In all, no more come than are taken away elsewhere:

    minimise   Σ objective(b, m) x(b, m) − Σ (price(b, k) − move) / life(b, k) · y(b, k)
    subject to Σ_m x(b, m) = 1,   y(b, k) ≤ Σ_m added(b, m, k) x(b, m),
               Σ_b y(b, k) ≤ Σ_{b, m} removed(b, m, k) x(b, m),
               Σ once(b, m) x(b, m) − Σ (price(b, k) − move) y(b, k) ≤ budget.

Solved by HiGHS (Huangfu and Hall 2018, doi:10.1007/s12532-017-0130-5); knapsacks of this form:
Sinha and Zoltners 1979, doi:10.1287/opre.27.3.503.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from branchwise.core.errors import Where, failure
from branchwise.optimise.devices import NetworkDecision, NetworkProblem

if TYPE_CHECKING:
    from scipy.optimize import Bounds, OptimizeResult
    from scipy.sparse import csr_array

GAP = 1e-7
TIME_LIMIT = 60.0
INFEASIBLE, LIMIT = 2, 1
HALF = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Where the variables are: choices of branches first, then machines that come, by kind."""

    choices: tuple[tuple[int, int], ...]
    moves: tuple[tuple[int, str], ...]

    @property
    def count(self) -> int:
        """How many variables."""
        return len(self.choices) + len(self.moves)


def allocate(problem: NetworkProblem, *, time_limit: float = TIME_LIMIT) -> NetworkDecision:
    """Return which mix each branch gets.

    Parameters
    ----------
    problem : NetworkProblem
        Branches, budget, cost of moving.
    time_limit : float
        Seconds after which the best so far is returned with its gap.

    Raises
    ------
    BranchwiseError
        [BW-OPT-023] where the budget does not pay for the cheapest mixes, [BW-OPT-024] where
        nothing was found in time.

    Examples
    --------
    >>> from branchwise.optimise.devices import BranchChoices, Choice
    >>> def branch(code, *choices):
    ...     made = (Choice(counts=(n,), objective_minor=cost, once_minor=100 * max(n - 2, 0),
    ...             added={"stm": max(n - 2, 0)}, removed={"stm": max(2 - n, 0)})
    ...             for n, cost in choices)
    ...     return BranchChoices(branch_id=code, choices=tuple(made), price_minor={"stm": 100},
    ...                          life_years={"stm": 5.0})
    >>> two = NetworkProblem(capital_minor=30, move_minor=20, branches=(
    ...     branch("B1", (2, 500.0), (3, 400.0)), branch("B2", (1, 200.0), (2, 210.0))))
    >>> found = allocate(two)
    >>> found.chosen, found.moved_in, found.objective_minor, found.capital_minor
    ((1, 0), ({'stm': 1}, {}), 584.0, 20)
    """
    from scipy.optimize import LinearConstraint, milp

    columns = _columns(problem)
    matrix, lower, upper = _rows(problem, columns)
    costs = _costs(problem, columns)
    scale = max(float(np.abs(costs).max()), 1.0)
    found = milp(
        costs / scale,
        constraints=LinearConstraint(matrix, lower, upper),
        integrality=np.ones(columns.count),
        bounds=_bounds(problem, columns),
        options={"time_limit": time_limit, "mip_rel_gap": GAP},
    )
    if found.status == INFEASIBLE:
        _refuse(problem)
    if found.x is None:
        raise failure("BW-OPT-024", Where(place="devices"), seconds=f"{time_limit:g}")
    return _decision(problem, columns, found, scale)


def _columns(problem: NetworkProblem) -> Columns:
    choices, moves = [], []
    for place, branch in enumerate(problem.branches):
        choices += [(place, number) for number in range(len(branch.choices))]
        kinds = {kind for choice in branch.choices for kind in choice.added}
        moves += [(place, kind) for kind in sorted(kinds)]
    return Columns(choices=tuple(choices), moves=tuple(moves))


def _saved(problem: NetworkProblem, place: int, kind: str) -> int:
    """Return the capital saved if a machine comes from elsewhere."""
    return problem.branches[place].price_minor[kind] - problem.move_minor


def _costs(problem: NetworkProblem, columns: Columns) -> np.ndarray[Any, Any]:
    own = [problem.branches[b].choices[m].objective_minor for b, m in columns.choices]
    moved = [-_saved(problem, b, kind) / problem.branches[b].life_years[kind]
             for b, kind in columns.moves]  # fmt: skip
    return np.array([*own, *moved], dtype=np.float64)


def _bounds(problem: NetworkProblem, columns: Columns) -> Bounds:
    from scipy.optimize import Bounds

    most = [max(one.added.get(kind, 0) for one in problem.branches[b].choices)
            for b, kind in columns.moves]  # fmt: skip
    return Bounds(0.0, np.array([1.0] * len(columns.choices) + most, dtype=np.float64))


def _rows(
    problem: NetworkProblem, columns: Columns
) -> tuple[csr_array, np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    from scipy.sparse import coo_array

    entries: list[tuple[int, int, float]] = []
    lower: list[float] = []
    upper: list[float] = []

    def add(row: Mapping[int, float], least: float, most: float) -> None:
        entries.extend((len(lower), column, value) for column, value in row.items() if value)
        lower.append(least)
        upper.append(most)

    for row in _one_each(problem, columns):
        add(row, 1.0, 1.0)
    for row in _moves(problem, columns):
        add(row, -np.inf, 0.0)
    if problem.capital_minor is not None:
        prices = _capital(problem, columns)
        scale = max(map(abs, prices.values()), default=0.0) or 1.0
        add({column: price / scale for column, price in prices.items()},
            -np.inf, problem.capital_minor / scale)  # fmt: skip
    rows, places, values = zip(*entries, strict=True)
    shape = (len(lower), columns.count)
    return (
        coo_array((values, (rows, places)), shape=shape).tocsr(),
        np.array(lower),
        np.array(upper),
    )


def _one_each(problem: NetworkProblem, columns: Columns) -> list[dict[int, float]]:
    rows: list[dict[int, float]] = [{} for _ in problem.branches]
    for column, (place, _) in enumerate(columns.choices):
        rows[place][column] = 1.0
    return rows


def _moves(problem: NetworkProblem, columns: Columns) -> list[dict[int, float]]:
    """Return: no more come to a branch than it adds, and no more in all than are taken away."""
    rows: list[dict[int, float]] = []
    in_all: dict[str, dict[int, float]] = {}
    for offset, (place, kind) in enumerate(columns.moves):
        column = len(columns.choices) + offset
        row = {column: 1.0}
        for other, (branch, number) in enumerate(columns.choices):
            if branch == place:
                row[other] = -float(problem.branches[place].choices[number].added.get(kind, 0))
        rows.append(row)
        in_all.setdefault(kind, {})[column] = 1.0
    for kind, row in in_all.items():
        for column, (place, number) in enumerate(columns.choices):
            row[column] = -float(problem.branches[place].choices[number].removed.get(kind, 0))
    return [*rows, *in_all.values()]


def _capital(problem: NetworkProblem, columns: Columns) -> dict[int, float]:
    found = {column: float(problem.branches[b].choices[m].once_minor)
             for column, (b, m) in enumerate(columns.choices)}  # fmt: skip
    for offset, (place, kind) in enumerate(columns.moves):
        found[len(columns.choices) + offset] = -float(_saved(problem, place, kind))
    return found


def _refuse(problem: NetworkProblem) -> None:
    least = sum(min(one.once_minor for one in branch.choices) for branch in problem.branches)
    worst = max(
        problem.branches, key=lambda branch: min(one.once_minor for one in branch.choices)
    ).branch_id
    raise failure(
        "BW-OPT-023", Where(place="devices"), budget=problem.capital_minor, needed=least,
        branch=worst,
    )  # fmt: skip


def _decision(
    problem: NetworkProblem, columns: Columns, found: OptimizeResult, scale: float
) -> NetworkDecision:
    values = np.round(found.x).astype(np.int64)
    chosen = [0] * len(problem.branches)
    for (place, number), value in zip(columns.choices, values, strict=False):
        if value > HALF:
            chosen[place] = number
    moved: list[dict[str, int]] = [{} for _ in problem.branches]
    for (place, kind), value in zip(columns.moves, values[len(columns.choices) :], strict=True):
        if value > 0:
            moved[place][kind] = int(value)
    costs, prices = _costs(problem, columns), _capital(problem, columns)
    reached = float(costs @ values)
    bound = min(float(found.mip_dual_bound) * scale, reached)
    return NetworkDecision(
        chosen=tuple(chosen),
        moved_in=tuple(moved),
        objective_minor=reached,
        bound_minor=bound,
        capital_minor=round(sum(prices[column] * values[column] for column in prices)),
        gap=(reached - bound) / max(abs(reached), 1.0),
        status="time_limit" if found.status == LIMIT else "optimal",
    )
