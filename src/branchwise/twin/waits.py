"""Waits of a run as a curve: mean, quantiles, share in time, each with its jackknife.

Who gives up or is sent away counts as still waiting from then on (Kaplan and Meier). All numbers
are worked out for all days, and again without each batch of days, at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from branchwise.twin.laws import Floats
from branchwise.twin.run import BATCHES, Result

BIN_SECONDS = 5.0
"""Of `Result.waits`; the last bin holds whatever is longer."""
SUMS = ("served", "wait_served_seconds", "within_standard")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Waits:
    """Waits of some classes; the first row of every array is all days, each other leaves one out.

    Attributes
    ----------
    called, lost : array, shape (1 + batches, bins)
        Waits that ended with a call, and that were lost before.
    over : array, shape (1 + batches, bins)
        Share called by the end of each bin.
    sums : mapping of str to array, shape (1 + batches,)
        Exact sums over customers: ``served``, ``wait_served_seconds``, ``within_standard``.
    standard : float
        Wait within the standard [s].
    """

    called: Floats
    lost: Floats
    over: Floats
    sums: dict[str, Floats]
    standard: float

    def mean(self) -> Floats:
        """Return the mean wait up to the longest one seen [s]; NaN where nobody waits.

        Within bins waits are taken to lie evenly; the served ones, whose sum is known, mend that.
        """
        is_seen = (self.called + self.lost) > 0
        bins = self.over.shape[1]
        seen = np.where(is_seen.any(axis=1), bins - is_seen[:, ::-1].argmax(axis=1), 0)
        end = self.over[:, -1]  # nobody is called after the last wait: the curve is flat
        called_by = self.over.sum(axis=1) - end * (bins - seen)
        means = (2 * seen - 2 * called_by + end) * BIN_SECONDS / 2
        middles = (np.arange(self.called.shape[1]) + 0.5) * BIN_SECONDS
        served, seconds = self.sums["served"], self.sums["wait_served_seconds"]
        exact, rough = _divided(seconds, served), _divided(self.called @ middles, served)
        return np.where(seen > 0, means + np.nan_to_num(exact - rough), np.nan)

    def quantile(self, share: float) -> Floats:
        """Return the wait that a share do not exceed [s]; inf where too few are ever called.

        As `Result.wait_quantile`, with the rest of the rows besides.
        """
        reached = self.over >= share - 1e-12
        place = np.where(reached.any(axis=1), reached.argmax(axis=1), self.over.shape[1] - 1)
        rows = np.arange(len(place))
        after = self.over[rows, place]
        before = np.where(place > 0, self.over[rows, np.maximum(place - 1, 0)], 0.0)
        part = np.clip(_divided(share - before, after - before), 0.0, 1.0)
        found = (place + np.nan_to_num(part)) * BIN_SECONDS
        return np.where(place < self.over.shape[1] - 1, found, np.inf)

    def within(self) -> Floats:
        """Return called within the standard, of those called and those lost after it."""
        return _divided(
            self.sums["within_standard"], self.sums["served"] + self.lost_after_standard()
        )

    def lost_after_standard(self) -> Floats:
        """Return how many left after they had waited longer than the standard."""
        return np.asarray(self.lost[:, int(np.ceil(self.standard / BIN_SECONDS)) :].sum(axis=1))


def waits_of(result: Result, kinds: Sequence[int]) -> Waits:
    """Return the waits of some classes of a run.

    Examples
    --------
    >>> from branchwise.twin.example import corner_branch
    >>> from branchwise.twin.run import simulate
    >>> result = simulate(corner_branch(), replications=20, seed=1)
    >>> bool(waits_of(result, [0, 1]).quantile(0.9)[0] == result.wait_quantile(0.9))
    True
    """
    chosen = list(kinds)
    days = np.arange(result.first_replication, result.first_replication + result.replications)
    used = np.unique(days % BATCHES).astype(np.int64)
    waits = result.waits[:, chosen].sum(axis=1).astype(float)
    called, lost = (_left_out(waits[:, part], used) for part in (0, 1))
    sums = {
        name: _left_out(
            np.bincount(
                days % BATCHES, result.by_class[name][:, chosen].sum(axis=1), minlength=BATCHES
            ).astype(np.float64),
            used,
        )
        for name in SUMS
    }
    return waits_from(called, lost, sums, result.scenario.standard_seconds)


def waits_from(called: Floats, lost: Floats, sums: dict[str, Floats], standard: float) -> Waits:
    """Return waits counted in bins as curves, a row each.

    Parameters
    ----------
    called, lost : array, shape (rows, bins)
        Waits that ended with a call, and that were lost before, by bins of 5 s.
    sums : mapping of str to array, shape (rows,)
        See :class:`Waits`.
    standard : float
        Wait within the standard [s].
    """
    at_risk = np.cumsum((called + lost)[:, ::-1], axis=1)[:, ::-1] - lost / 2
    hazard = np.divide(called, at_risk, out=np.zeros_like(called), where=at_risk > 0)
    kept = 1 - np.minimum(hazard, 1.0, out=hazard)
    return Waits(
        called=called,
        lost=lost,
        over=1 - np.cumprod(kept, axis=1, out=kept),
        sums=sums,
        standard=standard,
    )


def _left_out(batches: Floats, used: npt.NDArray[np.int64]) -> Floats:
    whole = batches.sum(axis=0)
    return np.concatenate([whole[None], whole - batches[used]])


def _divided(part: Floats, whole: Floats) -> Floats:
    """Return a quotient; NaN where there is nothing to divide by."""
    empty = np.full(np.shape(whole), np.nan)
    return np.asarray(np.divide(part, whole, out=empty, where=whole > 0))
