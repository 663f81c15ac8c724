"""Moves of a staffing search: add where short, take away where nobody suffers, even out.

A move changes a whole *block* of slots at a post, the least stretch for which people are planned.
Blocks far enough apart do not touch each other's customers, so that many are tried at once, and
those that hurt are put back.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from branchwise.optimise.model import Counts, Flags, Floats, Shares, StaffingProblem
from branchwise.optimise.solvers.limits import keeps_limits
from branchwise.optimise.solvers.sampling import Sampler

REACH = 3
"""Who serves in a slot is felt in so many slots from it on, and in the one before."""
BEFORE = 4
"""Where a slot has no room left, people may be added so many slots before it."""
Block = tuple[int, int]
"""Number of a post and of a block."""
Change = tuple[Block, Counts]
"""Where it begins, and what it adds to a plan, shape (posts, slots)."""


@dataclass(slots=True, kw_only=True)
class Search:
    """A plan that is being mended.

    Attributes
    ----------
    problem : StaffingProblem
        What is asked.
    sampler : Sampler
        Simulates plans.
    plan : array, shape (posts, slots)
        The plan so far.
    margin : float
        Standard errors that a share must lie above the target.
    """

    problem: StaffingProblem
    sampler: Sampler
    plan: Counts
    margin: float = 0.0

    def short(self, shares: Shares) -> Flags:
        """Return where the target is not safely met, shape (demands, slots)."""
        wanted = self.problem.target.share + self.margin * np.nan_to_num(shares.error)
        return np.asarray(shares.share < np.minimum(wanted, 1.0))

    def raise_short(self) -> None:
        """Add people until every slot meets the target, or no room is left."""
        full = np.zeros((len(self.problem.demands), self.problem.slots.count), dtype=bool)
        while True:
            short = self.short(self.sampler.share(self.plan)) & ~full
            begins = [
                (demand, slot) for demand, flags in enumerate(short) for slot in beginnings(flags)
            ]
            if not begins:
                return
            for demand, slot in begins:
                full[demand, slot] = not self._add(demand, slot)

    def lower(self) -> None:
        """Take people away wherever every slot still meets the target."""
        shares = self.sampler.share(self.plan)
        already = self.short(shares)
        left = {
            (post, block)
            for post in range(len(self.problem.posts))
            for block in range(self.problem.blocks)
        }
        while True:
            left = {each for each in left if self._spare(each) > 0}
            if not left:
                return
            changes = [(each, self._less(each)) for each in self._far_apart(left, shares.share)]
            kept, found = self._tried(changes, already)
            shares = found or shares
            left -= {each for each, _ in changes} - set(kept)

    def smooth(self) -> None:
        """Move people from a peak to the lower block beside it, where the target allows."""
        already = self.short(self.sampler.share(self.plan))
        for offset in range(2):
            changes = [
                (each, moved)
                for each in self._peaks(offset)
                if (moved := self._evened(each)) is not None
            ]
            apart = self._apart([each for each, _ in changes])
            self._tried([each for each in changes if each[0] in apart], already)

    def _demand_of(self, post: int) -> int:
        names = [one.name for one in self.problem.demands]
        return names.index(self.problem.posts[post].demand)

    def _slots(self, block: int) -> slice:
        return slice(block * self.problem.block, (block + 1) * self.problem.block)

    def _spare(self, at: Block) -> int:
        post, block = at
        slots = self._slots(block)
        return int((self.plan[post, slots] - self.problem.least[post, slots]).min())

    def _less(self, at: Block) -> Counts:
        change = np.zeros_like(self.plan)
        change[at[0], self._slots(at[1])] -= 1
        return change

    def _add(self, demand: int, slot: int) -> bool:
        """Add one person for a slot, at it or before it; say whether there was room."""
        name = self.problem.demands[demand].name
        posts = [place for place, post in enumerate(self.problem.posts) if post.demand == name]
        block = slot // self.problem.block
        if len(posts) > 1:
            posts = self._best_first(posts, demand, block)
        for at in range(block, max(block - BEFORE // self.problem.block, 0) - 1, -1):
            for post in posts:
                trial = self.plan - self._less((post, at))
                if keeps_limits(self.problem, trial):
                    self.plan = trial
                    return True
        return False

    def _best_first(self, posts: list[int], demand: int, block: int) -> list[int]:
        """Return posts by how much one more of each mends around a block, against its cost."""
        trials = np.stack([self.plan - self._less((post, block)) for post in posts])
        target, slots = self.problem.target.share, self._slots(block)
        window = slice(max(slots.start - 1, 0), slots.stop + REACH)
        found = self.sampler.shares(np.concatenate([self.plan[None], trials]))
        sums = [float(np.nansum(np.minimum(one.share[demand, window], target))) for one in found]
        weights = [self.problem.posts[post].weight for post in posts]
        worth = [
            (one - sums[0]) / max(weight, 1e-9)
            for one, weight in zip(sums[1:], weights, strict=True)
        ]
        return [posts[place] for place in np.argsort(-np.array(worth), kind="stable")]

    def _far_apart(self, left: set[Block], share: Floats) -> list[Block]:
        """Return blocks with most to spare that do not touch each other."""
        spare = np.nan_to_num(share, nan=1.0)

        def order(at: Block) -> tuple[float, float, Block]:
            lowest = float(spare[self._demand_of(at[0]), self._slots(at[1])].min())
            weight = self.problem.posts[at[0]].weight
            return -lowest, -weight * self._spare(at), at

        return self._apart(sorted(left, key=order))

    def _apart(self, blocks: list[Block]) -> list[Block]:
        """Return the first of some blocks, and each further one that touches none before it."""
        chosen: list[Block] = []
        for at in blocks:
            demand = self._demand_of(at[0])
            if all(
                self._demand_of(post) != demand
                or (abs(block - at[1]) - 1) * self.problem.block >= REACH
                for post, block in chosen
            ):
                chosen.append(at)
        return chosen

    def _tried(self, changes: list[Change], already: Flags) -> tuple[list[Block], Shares | None]:
        """Make changes at once, undo those that hurt; return what stayed, and its shares."""
        kept = dict(changes)
        while kept:
            trial = self.plan + sum(kept.values())
            shares = self.sampler.share(trial)
            hurt = np.argwhere(self.short(shares) & ~already)
            if not len(hurt) and keeps_limits(self.problem, trial):
                self.plan = trial
                return list(kept), shares
            if not len(hurt):
                return [], None
            for at in {self._blamed(list(kept), demand, slot) for demand, slot in hurt}:
                kept.pop(at, None)
        return [], None

    def _blamed(self, blocks: list[Block], demand: int, slot: int) -> Block:
        """Return the change that most likely hurt a slot: the last begun before its next."""
        own = sorted((each for each in blocks if self._demand_of(each[0]) == demand), key=_begin)
        own = own or sorted(blocks, key=_begin)
        before = [each for each in own if each[1] * self.problem.block <= slot + 1]
        return before[-1] if before else own[0]

    def _peaks(self, offset: int) -> list[Block]:
        """Return every other block that has more people than a block beside it, highest first."""
        found = []
        for post in range(len(self.problem.posts)):
            heights = self.plan[post, :: self.problem.block]
            for block in range(offset, self.problem.blocks, 2):
                beside = heights[max(block - 1, 0) : block + 2]
                if heights[block] >= beside.min() + 2 or (
                    heights[block] > beside.min() and (beside < heights[block]).sum() > 1
                ):
                    found.append((int(heights[block]), post, block))
        return [(post, block) for _, post, block in sorted(found, reverse=True)]

    def _evened(self, at: Block) -> Counts | None:
        """Return the move of one person to the lower neighbour, if that makes the plan evener."""
        post, block = at
        beside = [one for one in (block - 1, block + 1) if 0 <= one < self.problem.blocks]
        heights = self.plan[post, :: self.problem.block]
        change = self._less(at) - self._less((post, min(beside, key=lambda one: heights[one])))
        trial = self.plan + change
        is_evener = _steps(trial[post]) < _steps(self.plan[post])
        return change if is_evener and keeps_limits(self.problem, trial) else None


def beginnings(flags: Flags) -> list[int]:
    """Return where runs begin, and every third place of long runs.

    Examples
    --------
    >>> beginnings(np.array([True, True, False, True, True, True, True]))
    [0, 3, 6]
    """
    found: list[int] = []
    since = 0
    for slot, flag in enumerate(flags):
        since = since + 1 if flag else 0
        if flag and since % REACH == 1:
            found.append(slot)
    return found


def _begin(at: Block) -> tuple[int, int]:
    return at[1], at[0]


def _steps(people: Counts) -> int:
    return int(np.abs(np.diff(people)).sum())
