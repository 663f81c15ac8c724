"""The last step of a choice: no branch alone can do better within the limits.

A search that ends within a gap may leave a branch begin later than it could, or have it do
something that is of no use to anybody.
"""

from __future__ import annotations

import numpy as np

from branchwise.optimise.choice import Choice, Floats, Integers

NEAR = 1e-9
ROUNDS = 20
NOTHING = -1


def polished(choice: Choice, columns: Integers) -> Integers:
    """Return a choice in which no branch can be changed for the better, or emptied for free.

    Parameters
    ----------
    choice : Choice
        The mathematics.
    columns : array of int
        Variables that are 1, keeping all limits.

    Returns
    -------
    array of int
        Variables that are 1, worth (with the bonus) no less; in order.
    """
    chosen = {int(choice.branch[at // choice.quarters]): int(at) for at in columns}
    state = _State(choice, chosen, ways := _ways(choice))
    for _ in range(ROUNDS):
        changes = [state.improve(branch) for branch in sorted(ways)]
        if not any(changes):
            break
    return np.array(sorted(chosen.values()), dtype=np.int64)


def _ways(choice: Choice) -> dict[int, Integers]:
    """Return the variables of each branch that nothing excludes."""
    is_open = np.ones(len(choice.candidate_ids), dtype=bool)
    for excluded in choice.barred.values():
        is_open[excluded] = False
    found: dict[int, list[int]] = {}
    for at in np.flatnonzero(is_open):
        first = int(at) * choice.quarters
        found.setdefault(int(choice.branch[at]), []).extend(range(first, first + choice.quarters))
    return {branch: np.array(ats, dtype=np.int64) for branch, ats in found.items()}


def _loosened(end: float, side: int) -> float:
    """Return the end of a row with room for the rounding of sums."""
    return end + side * NEAR * max(1.0, abs(end)) if np.isfinite(end) else end


class _State:
    """What is chosen and how much of every limit it takes."""

    def __init__(self, choice: Choice, chosen: dict[int, int], ways: dict[int, Integers]) -> None:
        from scipy.sparse import csc_array

        self._gain: Floats = (choice.worth + choice.bonus).ravel()
        down = [np.full(len(row.columns), at) for at, row in enumerate(choice.rows)]
        nothing = np.zeros(0, dtype=np.int64)
        self._takes = csc_array(
            (
                np.concatenate([np.zeros(0), *(row.coefficients for row in choice.rows)]),
                (
                    np.concatenate([nothing, *down]),
                    np.concatenate([nothing, *(row.columns for row in choice.rows)]),
                ),
            ),
            shape=(len(choice.rows) + 1, choice.worth.size),
        )
        self._lower = np.array([_loosened(row.lower, -1) for row in choice.rows] + [-np.inf])
        self._upper = np.array([_loosened(row.upper, 1) for row in choice.rows] + [np.inf])
        self._ways, self._chosen = ways, chosen
        self._taken = self._takes[:, sorted(chosen.values())].sum(axis=1)

    def improve(self, branch: int) -> bool:
        """Give a branch its best way within the limits; whether that changed anything."""
        now = self._chosen.get(branch, NOTHING)
        ways = self._ways[branch]
        gains = self._gain[ways]
        gain = 0.0 if now == NOTHING else float(self._gain[now])
        better = np.flatnonzero(gains > gain + NEAR * abs(gain))
        is_useless = now != NOTHING and gain <= 0
        if not len(better) and not is_useless:
            return False
        takes = self._takes[:, ways].toarray()
        others = self._taken.copy()
        if now != NOTHING:
            others -= takes[:, int(np.searchsorted(ways, now))]
        ranked = [int(at) for at in better[np.argsort(-gains[better], kind="stable")]]
        for way in [at for at in ranked if gains[at] > 0 or not is_useless]:
            if self._takes_place(branch, int(ways[way]), others + takes[:, way]):
                return True
        return is_useless and self._takes_place(branch, NOTHING, others)

    def _takes_place(self, branch: int, way: int, taken: Floats) -> bool:
        if not ((taken >= self._lower).all() and (taken <= self._upper).all()):
            return False
        self._taken = taken
        self._chosen.pop(branch, None)
        if way != NOTHING:
            self._chosen[branch] = way
        return True
