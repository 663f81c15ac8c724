"""The best mix of a branch by simulation: runs go where they tell most, and it is said how sure.

1. Today's mix is run; whatever costs more than today's with all its late customers is left out,
   for no mix has fewer than none of them.
2. Of the rest, mixes are left out that surely make more customers late or lost than is tolerated.
3. What is left is ranked and selected under common random numbers (`experiments.selection`). If
   the chosen one is beyond the tolerance after all, it is left out and the next is selected.
4. Mixes that a budget may fall back on (the frontier of capital and objective) are run on to the
   number of runs that a comparison needs, as the selection has hardly looked at some of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from branchwise.core.errors import Where, failure
from branchwise.experiments.intervals import student
from branchwise.experiments.model import Array, Selection
from branchwise.experiments.runs import Gaps
from branchwise.experiments.selection import select_kn, select_ocba
from branchwise.experiments.standing import right_choice
from branchwise.optimise.devices import (
    AppraiseMixes,
    Counts,
    DeviceProblem,
    Floats,
    Mix,
    MixDecision,
    Search,
)

GoOn = Callable[[], bool]
PARTS = 8
"""A search can be stopped between so many parts of its budget."""
FRONTIER_RUNS = 40
SURELY_WORSE = 0.99
"""Two-sided, of the difference to today's late or lost customers."""
SURE = 0.998
"""Two-sided, of the cost of today's mix; what costs more is left out."""


class Remembered:
    """A sampler of objectives that runs nothing twice.

    Examples
    --------
    >>> from branchwise.optimise.devices_example import corner_problem, smooth
    >>> problem = corner_problem()
    >>> mixes = [Mix(counts=problem.today, running_minor=100, once_minor=0)]
    >>> sample = Remembered(problem, mixes, smooth(), seed=1)
    >>> first, again = sample([0], 0, 5), sample([0], 2, 5)
    >>> bool((first[0, 2:] == again[0, :3]).all()), sample.runs
    (True, 7)
    """

    def __init__(
        self,
        problem: DeviceProblem,
        mixes: Sequence[Mix],
        appraise: AppraiseMixes,
        seed: int,
        known: Mapping[Counts, Floats] | None = None,
    ) -> None:
        self._counts: list[Counts] = [mix.counts for mix in mixes]
        self._running = np.array([mix.running_minor for mix in mixes], dtype=np.float64)
        self._worth = problem.worth_minor * problem.days_per_year
        self._appraise, self._seed = appraise, seed
        self.problem = problem
        self.today = self._counts.index(problem.today)
        self._late = [(known or {}).get(mix.counts, np.empty(0)) for mix in mixes]

    @property
    def runs(self) -> int:
        """Replications so far, all mixes together."""
        return sum(len(one) for one in self._late)

    def __call__(
        self, candidates: Sequence[int], first_replication: int, replications: int
    ) -> Array:
        """Return objectives, shape (candidates, replications), in minor units a year."""
        until = first_replication + replications
        known: dict[int, list[int]] = {}
        for place in candidates:
            known.setdefault(len(self._late[place]), []).append(place)
        for begun, places in known.items():
            if begun < until:
                self._extend(places, begun, until - begun)
        late = np.stack([self._late[place][first_replication:until] for place in candidates])
        running = self._running[list(candidates)]
        return np.asarray(running[:, None] + self._worth * late)

    def _extend(self, places: Sequence[int], begun: int, more: int) -> None:
        late = self._appraise(
            [self._counts[place] for place in places],
            first_replication=begun,
            replications=more,
            seed=self._seed,
        )
        for place, row in zip(places, late, strict=True):
            self._late[place] = np.concatenate([self._late[place], row])

    def late(self, place: int) -> Floats:
        """Return the late or lost customers a day of a mix so far."""
        return self._late[place]

    def worse(self, place: int) -> tuple[float, float]:
        """Return how many more a day are late or lost than today, with its standard error."""
        count = min(len(self._late[place]), len(self._late[self.today]))
        apart = self._late[place][:count] - self._late[self.today][:count]
        return float(apart.mean()), float(apart.std(ddof=1) / np.sqrt(count))

    def values(self, place: int) -> Array:
        """Return all objectives of a mix so far."""
        return np.asarray(self._running[place] + self._worth * self._late[place])


def choose_mix(
    problem: DeviceProblem,
    mixes: Sequence[Mix],
    today: Mix,
    appraise: AppraiseMixes,
    search: Search,
    *,
    go_on: GoOn = lambda: True,
) -> MixDecision:
    """Return which mix is best for a branch, and how the others compare.

    Parameters
    ----------
    problem : DeviceProblem
        What is asked.
    mixes : sequence of Mix
        Those within the limits, one or more.
    today : Mix
        What is there. It is tried for comparison even if it is not among the mixes.
    appraise : AppraiseMixes
        Tells how mixes do.
    search : Search
        How closely to look.
    go_on : callable
        Asked between parts of the budget: False ends the search with the best so far.

    Raises
    ------
    BranchwiseError
        [BW-OPT-026] for too few runs, [BW-EXP-001] and following for a search that cannot be.

    References
    ----------
    Chen, Lin, Yücesan and Chick (2000), doi:10.1023/A:1008349927281 (OCBA); Kim and Nelson
    (2001), doi:10.1145/502109.502111 (KN); constraints known by simulation only: Andradóttir and
    Kim (2010), doi:10.1002/nav.20408.

    Examples
    --------
    >>> from branchwise.optimise.devices_example import corner_problem, smooth
    >>> from branchwise.optimise.problems.devices import feasible_mixes, mix_of
    >>> problem = corner_problem()
    >>> mixes, today = feasible_mixes(problem), mix_of(problem, problem.today)
    >>> search = Search(indifference_minor=1e6)
    >>> found = choose_mix(problem, mixes, today, smooth(), search)
    >>> found.mixes[found.chosen].counts, found.selection.reached, found.too_dear
    ((3, 1, 1), True, 27)
    """
    if search.runs < search.first * len(mixes):
        raise failure(
            "BW-OPT-026", Where(place=problem.branch_id), runs=search.runs, mixes=len(mixes),
            first=search.first, needed=search.first * len(mixes),
        )  # fmt: skip
    first = Remembered(problem, [today], appraise, search.seed)
    ceiling = _ceiling(first([0], 0, search.first)[0])
    tried = [mix for mix in mixes if mix == today or mix.running_minor < ceiling]
    tried = tried or [min(mixes, key=lambda mix: mix.running_minor)]
    kept = tried if today in tried else [*tried, today]
    known = {today.counts: first.late(0)}
    sample = Remembered(problem, kept, appraise, search.seed, known)
    selection, chosen, is_whole = _tolerable(sample, kept, tried, search, go_on)
    estimates = _estimated(sample, kept, chosen, search)
    return MixDecision(
        problem=problem,
        mixes=tuple(kept),
        objective_minor=estimates,
        values_minor=tuple(sample.values(place) for place in range(len(kept))),
        selection=selection,
        chosen=chosen,
        feasible=len(mixes),
        too_dear=len(mixes) - len(tried),
        runs=sample.runs,
        allowed=tuple(
            mix in mixes and (place == chosen or sample.worse(place)[0] <= problem.tolerance)
            for place, mix in enumerate(kept)
        ),
        is_whole=is_whole,
    )


def _tolerable(
    sample: Remembered, kept: Sequence[Mix], tried: Sequence[Mix], search: Search, go_on: GoOn
) -> tuple[Selection | None, int, bool]:
    """Return the selection, the place chosen, and whether the search came to its own end."""
    tolerance = sample.problem.tolerance
    places = [place for place, mix in enumerate(kept) if mix in tried]
    sample(range(len(kept)), 0, search.first)
    times = float(student(np.array([search.first - 1.0]), SURELY_WORSE)[0])
    left = []
    for place in places:
        mean, error = sample.worse(place)
        if mean - times * error <= tolerance:
            left.append(place)
    while left:
        selection, is_whole = _selected(sample, left, search, go_on)
        chosen = left[0] if selection is None else selection.chosen
        sample([chosen, sample.today], 0, _enough(len(kept), search))
        if sample.worse(chosen)[0] <= tolerance:
            return selection, chosen, is_whole
        left.remove(chosen)
    return None, min(places, key=lambda place: sample.worse(place)[0]), True


def _enough(mixes: int, search: Search) -> int:
    """Return runs after which a single mix can be held against another."""
    return min(FRONTIER_RUNS, max(search.runs // mixes, search.first))


def _ceiling(values: Array) -> float:
    spread = float(values.std(ddof=1)) / math.sqrt(len(values))
    reach = float(student(np.array([len(values) - 1.0]), SURE)[0])
    return float(values.mean()) + reach * spread


def _selected(
    sample: Remembered, candidates: Sequence[int], search: Search, go_on: GoOn
) -> tuple[Selection | None, bool]:
    """Return what was selected, and whether the search came to its own end.

    Each part of the budget walks the way of the one before, which is remembered, and goes on.
    """
    if len(candidates) == 1:
        return None, True
    begun = search.first * len(candidates)
    step = max(1, -(-(search.runs - begun) // (2 * PARTS)))
    for part in range(1, PARTS + 1):
        budget = min(begun + 2 * part * step, search.runs)
        found = _once(sample, candidates, search, budget, step)
        if not found.exhausted or budget == search.runs:
            break
        if not go_on():
            return found, False
    return found, True


def _once(
    sample: Remembered, candidates: Sequence[int], search: Search, budget: int, step: int
) -> Selection:
    if search.method == "kn":
        return select_kn(
            sample, candidates, indifference=search.indifference_minor, budget=budget,
            confidence=search.confidence, first=search.first,
        )  # fmt: skip
    return select_ocba(
        sample, candidates, indifference=search.indifference_minor, budget=budget,
        confidence=search.confidence, first=search.first, step=step,
    )  # fmt: skip


def _estimated(sample: Remembered, mixes: Sequence[Mix], chosen: int, search: Search) -> Floats:
    """Return the objective of every mix: that of the chosen one, and the gap to it in pairs."""
    estimates = _by_gaps(sample, len(mixes), chosen)
    closer = frontier([mix.once_minor for mix in mixes], estimates)
    sample([*closer, sample.today, chosen], 0, _enough(len(mixes), search))
    return _by_gaps(sample, len(mixes), chosen)


def _by_gaps(sample: Remembered, count: int, chosen: int) -> Floats:
    best = sample.values(chosen)
    found = np.empty(count)
    for place in range(count):
        own = sample.values(place)
        shared = min(len(own), len(best))
        found[place] = best.mean() + (own[:shared] - best[:shared]).mean()
    return found


def probability_right(
    decision: MixDecision, place: int, among: Sequence[int], indifference_minor: float
) -> float:
    """Return a lower bound of the probability that a mix is best, or as good as best.

    Bonferroni's bound over the pairs with the others, each over the runs that both have; see
    `experiments.standing.right_choice`.

    Parameters
    ----------
    decision : MixDecision
        All runs.
    place : int
        The mix, by its place.
    among : sequence of int
        Places of those it is held against.
    indifference_minor : float
        Difference that does not matter.

    Examples
    --------
    >>> from branchwise.optimise.devices_example import corner_decision
    >>> found = corner_decision()
    >>> every = range(len(found.mixes))
    >>> probability_right(found, found.chosen, every, 1e6) > 0.95
    True
    """
    own = decision.values_minor[place]
    others = [other for other in among if other != place]
    paired = [
        decision.values_minor[other][: len(own)] - own[: len(decision.values_minor[other])]
        for other in others
    ]
    counts = np.array([len(own), *(len(one) for one in paired)], dtype=np.float64)
    spread = np.array([0.0, *(one.std(ddof=1) for one in paired)])
    found = Gaps(
        reference=0,
        gap=np.array([0.0, *(one.mean() for one in paired)]),
        spread=spread,
        error=spread / np.sqrt(counts),
        degrees=counts - 1,
    )
    return float(right_choice(found, indifference_minor, "bonferroni"))


def frontier(once: Sequence[int], objective: Floats) -> list[int]:
    """Return the places of which no other takes no more capital and has a lower objective.

    Examples
    --------
    >>> frontier([0, 10, 10, 20], np.array([5.0, 3.0, 4.0, 3.5]))
    [0, 1]
    """
    order = sorted(range(len(once)), key=lambda place: (once[place], objective[place], place))
    found, best = [], np.inf
    for place in order:
        if objective[place] < best:
            found.append(place)
            best = float(objective[place])
    return found
