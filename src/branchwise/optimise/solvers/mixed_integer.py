"""A choice solved by HiGHS: relaxed first, then over the variables that can still matter.

The linear relaxation is nearly whole: only about as many branches are torn between candidates as
there are rows that bind. Its reduced cost says of each variable how much worse than the bound every
choice with it is [1]_, so most variables can be left out, and the bound stays proved.

References
----------
.. [1] Balas and Zemel (1980), An algorithm for large zero-one knapsack problems, Operations
   Research 28, 1130-1154, doi:10.1287/opre.28.5.1130; the solver: Huangfu and Hall (2018),
   Mathematical Programming Computation 10, 119-142, doi:10.1007/s12532-017-0130-5.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from branchwise.optimise.choice import Choice, Floats, Integers, Row

SCALE = 1e4
WHOLE = 0.5
INFEASIBLE = 2
FIRST_PER_BRANCH, FIRST_AT_LEAST = 4, 2_000
SOON = 0.05
ANY = 1e9
"""A gap within which any choice is good enough."""

Ended = Literal["proved", "time", "nothing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Solved:
    """What a search ended with.

    Attributes
    ----------
    ended : {"proved", "time", "nothing"}
        Within the gap; at the time limit; or with the proof that there is no choice.
    columns : array of int or None
        Variables that are 1; None where no choice was found.
    bound : float
        No choice has more worth and bonus together, in minor units.
    prices : mapping of str to float
        Worth of one unit more of each limit in the relaxation; a limit of several rows (a quarter
        each) has its name with the number of the row.
    """

    ended: Ended
    columns: Integers | None
    bound: float
    prices: Mapping[str, float] = field(default_factory=dict)


def solved(choice: Choice, kept: Sequence[str], *, time_limit: float, gap: float) -> Solved:
    """Return the choice worth the most within some of the limits.

    Parameters
    ----------
    choice : Choice
        The mathematics.
    kept : sequence of str
        Names of the limits that hold.
    time_limit : float
        Seconds.
    gap : float
        Share of the bound that is close enough.
    """
    return _Search(choice, kept, time_limit).best(gap)


def is_possible(choice: Choice, kept: Sequence[str], *, time_limit: float) -> bool:
    """Return whether a choice keeps some limits; True where the time does not suffice to tell."""
    return _Search(choice, kept, time_limit).best(ANY).ended != "nothing"


class _Search:
    def __init__(self, choice: Choice, kept: Sequence[str], time_limit: float) -> None:
        self._ends = time.monotonic() + time_limit
        gain = (choice.worth + choice.bonus).ravel()
        self._columns = _open_columns(choice, kept)
        self._unit = max(float(np.abs(gain).max(initial=0.0)) / SCALE, 1e-9)
        self._cost: Floats = -gain[self._columns] / self._unit
        self._rows, self._lower, self._upper = _matrix(choice, set(kept), self._columns)
        self._branches = int(choice.branch.max(initial=-1)) + 1
        self._labels = _labels(choice, set(kept))

    def best(self, gap: float) -> Solved:
        if not len(self._columns):
            return self._of_nothing()
        relaxed = self._relaxed()
        if relaxed.status == INFEASIBLE:
            return Solved(ended="nothing", columns=None, bound=0.0)
        if relaxed.status != 0:
            return self._narrowed(-math.inf, np.zeros(len(self._columns)), gap)
        losses = np.maximum(relaxed.lower.marginals, 0.0)
        prices = self._prices(relaxed.ineqlin.marginals)
        return replace(self._narrowed(float(relaxed.fun), losses, gap), prices=prices)

    def _narrowed(self, floor: float, losses: Floats, gap: float) -> Solved:
        """Search among the variables of least loss, then among all that could be better."""
        order = np.argsort(losses, kind="stable")
        first = max(FIRST_AT_LEAST, FIRST_PER_BRANCH * self._branches)
        count = min(len(order), first) if math.isfinite(floor) else len(order)
        while True:
            found = self._whole(np.sort(order[:count]), gap)
            beyond = math.inf if count == len(order) else floor + losses[order[count]]
            if found.x is None and (found.status != INFEASIBLE or count == len(order)):
                ended: Ended = "nothing" if found.status == INFEASIBLE else "time"
                return Solved(ended=ended, columns=None, bound=-floor * self._unit)
            if found.x is None:
                count = len(order)
                continue
            cost = float(found.fun)
            within = found.mip_dual_bound if found.mip_dual_bound is not None else floor
            proved = max(floor, min(within, beyond))
            is_close = cost - proved <= gap * abs(cost) + 1e-9
            wanted = int(np.searchsorted(losses[order], cost - floor, side="right"))
            if is_close or found.status != 0 or self._left() <= SOON or wanted <= count:
                chosen = self._columns[np.sort(order[:count])[found.x > WHOLE]]
                is_proved = found.status == 0 and (is_close or wanted <= count)
                ended = "proved" if is_proved else "time"
                return Solved(ended=ended, columns=chosen, bound=-proved * self._unit)
            count = wanted

    def _prices(self, marginals: Floats) -> dict[str, float]:
        """Return what the relaxation would gain by one unit more of each limit from above."""
        above = np.flatnonzero(np.isfinite(self._upper))
        found = {
            label: float(-marginal) * self._unit * scale
            for marginal, row in zip(marginals, above, strict=False)
            if row >= self._branches
            for label, scale in [self._labels[row - self._branches]]
        }
        return {label: price for label, price in found.items() if price > 0}

    def _left(self) -> float:
        return max(self._ends - time.monotonic(), SOON)

    def _of_nothing(self) -> Solved:
        is_refused = bool((self._lower > 0).any() or (self._upper < 0).any())
        nothing = np.zeros(0, dtype=np.int64)
        if is_refused:
            return Solved(ended="nothing", columns=None, bound=0.0)
        return Solved(ended="proved", columns=nothing, bound=0.0)

    def _relaxed(self) -> Any:  # noqa: ANN401 - scipy's result
        from scipy.optimize import linprog
        from scipy.sparse import vstack

        above, below = np.isfinite(self._upper), np.isfinite(self._lower)
        return linprog(
            self._cost,
            A_ub=vstack([self._rows[above], -self._rows[below]], format="csc"),
            b_ub=np.concatenate([self._upper[above], -self._lower[below]]),
            bounds=(0.0, None),
            method="highs-ds",
            options={"time_limit": self._left(), "presolve": False},
        )

    def _whole(self, at: Integers, gap: float) -> Any:  # noqa: ANN401 - scipy's result
        from scipy.optimize import Bounds, LinearConstraint, milp

        rows = LinearConstraint(self._rows[:, at], self._lower, self._upper)
        return milp(
            self._cost[at],
            integrality=np.ones(len(at)),
            bounds=Bounds(0.0, 1.0),
            constraints=rows,
            options={"time_limit": self._left(), "mip_rel_gap": gap},
        )


def _open_columns(choice: Choice, kept: Sequence[str]) -> Integers:
    """Return the variables that no kept limit excludes."""
    is_open = np.ones(len(choice.candidate_ids), dtype=bool)
    for name in kept:
        is_open[choice.barred.get(name, np.zeros(0, dtype=np.int64))] = False
    return np.flatnonzero(np.repeat(is_open, choice.quarters)).astype(np.int64)


def _scale(row: Row) -> float:
    if row.upper == np.inf:
        return 1.0
    return SCALE / max(float(np.abs(row.coefficients).max(initial=0.0)), 1e-9)


def _labels(choice: Choice, kept: set[str]) -> list[tuple[str, float]]:
    """Return the label of each row and by what it is scaled."""
    rows = [row for row in choice.rows if row.name in kept]
    how_many = Counter(row.name for row in rows)
    seen: Counter[str] = Counter()
    labels = []
    for row in rows:
        is_alone = how_many[row.name] == 1 and ":" not in row.name
        label = row.name if is_alone else f"{row.name}:{seen[row.name]}"
        seen[row.name] += 1
        labels.append((label, _scale(row)))
    return labels


def _matrix(choice: Choice, kept: set[str], open_columns: Integers) -> tuple[Any, Floats, Floats]:
    """Return one row a branch, then those of the kept limits, each scaled to its largest entry.

    The solver lets a row be missed by a millionth; scaled so, that is less than a minor unit.
    """
    from scipy.sparse import csc_array

    rows = [row for row in choice.rows if row.name in kept]
    branches = int(choice.branch.max(initial=-1)) + 1
    scales = [_scale(row) for row in rows]
    scaled = list(zip(rows, scales, strict=True))
    data = [np.ones(choice.worth.size), *(row.coefficients * scale for row, scale in scaled)]
    across = [np.arange(choice.worth.size), *(row.columns for row in rows)]
    down = [np.repeat(choice.branch, choice.quarters)]
    down += [np.full(len(row.columns), branches + at) for at, row in enumerate(rows)]
    matrix = csc_array(
        (np.concatenate(data), (np.concatenate(down), np.concatenate(across))),
        shape=(branches + len(rows), choice.worth.size),
    )
    lower = np.array([-np.inf] * branches + [row.lower * scale for row, scale in scaled])
    upper = np.array([1.0] * branches + [row.upper * scale for row, scale in scaled])
    return matrix[:, open_columns], lower, upper
