"""Why nothing is possible: the smallest sets of limits and locks that contradict each other."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from branchwise.optimise.choice import Choice, Row
from branchwise.optimise.solvers.mixed_integer import is_possible

ACCEPTED = "accepted:"
NONE = -1


def conflict_at_a_branch(choice: Choice) -> tuple[str, ...]:
    """Return contradicting decisions about one branch, found without solving anything.

    Of the candidates of a branch one must hold every accepted option and be excluded by nothing.

    Parameters
    ----------
    choice : Choice
        The mathematics.

    Returns
    -------
    tuple of str
        Names of limits, of which none can be spared; empty where the branches contradict nothing.
    """
    accepted: dict[int, dict[str, set[int]]] = {}
    for row in choice.rows:
        if row.name.startswith(ACCEPTED):
            holding = {int(column) // choice.quarters for column in row.columns}
            if not holding:
                return (row.name,)
            accepted.setdefault(int(choice.branch[min(holding)]), {})[row.name] = holding
    barred = {name: {int(at) for at in found} for name, found in choice.barred.items()}
    for branch in sorted(accepted):
        here = {NONE, *(int(at) for at in np.flatnonzero(choice.branch == branch))}
        sets = {name: found & here for name, found in accepted[branch].items()}
        sets |= {name: here - found for name, found in barred.items() if here & found}
        if not set.intersection(here, *sets.values()):
            return _smallest_without_common(sets, here)
    return ()


def _smallest_without_common(sets: dict[str, set[int]], here: set[int]) -> tuple[str, ...]:
    """Return names of sets that have nothing in common while any fewer of them have."""
    kept = dict(sorted(sets.items()))
    for name in tuple(kept):
        others = [found for other, found in kept.items() if other != name]
        if not set.intersection(here, *others):
            del kept[name]
    return tuple(kept)


def conflict_at_a_limit(choice: Choice) -> tuple[str, ...]:
    """Return accepted options that one limit cannot hold, found without solving anything.

    For limits of a single row (capital, running costs): the least that the branches can take of it
    is the sum of the least that each can take, so that it can be added up. The dearest decisions
    come first, so that few are named.

    Parameters
    ----------
    choice : Choice
        Mathematics in which no branch is in conflict by itself.

    Returns
    -------
    tuple of str
        Names of limits, of which none can be spared; empty where single limits suffice for all.
    """
    how_many = Counter(row.name for row in choice.rows)
    accepted = {row.name: row for row in choice.rows if row.name.startswith(ACCEPTED)}
    for row in choice.rows:
        if row.upper < np.inf and how_many[row.name] == 1:
            taken = _Least(choice, row)
            if not taken.is_too_much(accepted):
                continue
            kept: dict[str, Row] = {}
            for name in sorted(
                accepted, key=lambda name: (-taken.more({name: accepted[name]}), name)
            ):
                kept[name] = accepted[name]
                if taken.is_too_much(kept):
                    break
            for name in tuple(kept):
                fewer = {other: found for other, found in kept.items() if other != name}
                kept = fewer if taken.is_too_much(fewer) else kept
            return tuple(sorted([row.name, *kept]))
    return ()


class _Least:
    """The least of a limit that can be taken, given decisions of people."""

    def __init__(self, choice: Choice, row: Row) -> None:
        self._branch = np.repeat(choice.branch, choice.quarters)
        self._takes = np.zeros(choice.worth.size)
        self._takes[row.columns] = row.coefficients
        self._free = np.zeros(int(choice.branch.max(initial=-1)) + 1)
        np.minimum.at(self._free, self._branch, self._takes)
        self._most = row.upper - float(self._free.sum())
        self._near = 1e-9 * max(1.0, abs(row.upper))

    def more(self, accepted: Mapping[str, Row]) -> float:
        """Return how much more is taken at least than without the decisions."""
        ways: dict[int, set[int]] = {}
        for row in accepted.values():
            columns = {int(column) for column in row.columns}
            branch = int(self._branch[min(columns)])
            ways[branch] = ways.get(branch, columns) & columns
        each = (self._takes[sorted(at)].min() - self._free[branch] for branch, at in ways.items())
        return math.fsum(float(amount) for amount in each)

    def is_too_much(self, accepted: Mapping[str, Row]) -> bool:
        """Return whether the decisions alone pass the limit."""
        return self.more(accepted) > self._most + self._near


def smallest_conflict(choice: Choice, time_limit: float) -> tuple[tuple[str, ...], bool]:
    """Return limits that contradict each other while any fewer of them do not.

    A deletion filter [1]_ that halves the limits, so that few solutions are needed where few
    limits conflict [2]_. What cannot be settled within the time counts as no contradiction; the
    set may then be larger than need be.

    Parameters
    ----------
    choice : Choice
        Mathematics in which nothing is possible.
    time_limit : float
        Seconds.

    Returns
    -------
    tuple
        Names of the limits, and whether all could be settled within the time.

    References
    ----------
    .. [1] Chinneck and Dravnieks (1991), ORSA Journal on Computing 3, 157-168,
       doi:10.1287/ijoc.3.2.157.
    .. [2] Junker (2004), QUICKXPLAIN: preferred explanations and relaxations for over-constrained
       problems, AAAI-04, 167-172.
    """
    ends = time.monotonic() + time_limit

    def conflicts(names: Sequence[str]) -> bool:
        left = ends - time.monotonic()
        return left > 0 and not is_possible(choice, names, time_limit=left)

    def explain(held: list[str], names: list[str], *, is_new: bool) -> list[str]:
        if is_new and conflicts(held):
            return []
        if len(names) == 1:
            return names
        first, second = names[: len(names) // 2], names[len(names) // 2 :]
        of_second = explain(held + first, second, is_new=True)
        of_first = explain(held + of_second, first, is_new=bool(of_second))
        return of_first + of_second

    names = list(choice.names)
    found = tuple(sorted(explain([], names, is_new=False))) if names else ()
    return found, time.monotonic() < ends
