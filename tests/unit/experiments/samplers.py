"""Samplers of known truth, and one that notes what it was asked."""

from __future__ import annotations

import numpy as np

from branchwise.core.randomness import stream


class Normal:
    """Normal values with given means, unit variance and a correlation between candidates."""

    def __init__(self, means, *, correlation=0.0, replications=2000, seed=1, path=()):
        chance = stream(seed, "samplers", *path)
        self.means = np.asarray(means, dtype=float)
        shape = (self.means.size, replications)
        self.busy = np.sqrt(correlation) * chance.standard_normal(replications)
        self.own = np.sqrt(1 - correlation) * chance.standard_normal(shape)

    def __call__(self, candidates, first_replication, replications):
        rows = np.asarray(candidates)
        span = slice(first_replication, first_replication + replications)
        return self.means[rows, np.newaxis] + self.busy[span] + self.own[rows, span]


class Fixed:
    """Values of a matrix; notes every pair of candidate and replication asked for."""

    def __init__(self, values):
        self.values = np.asarray(values, dtype=float)
        self.asked = []

    def __call__(self, candidates, first_replication, replications):
        span = range(first_replication, first_replication + replications)
        self.asked += [(candidate, number) for candidate in candidates for number in span]
        return self.values[np.ix_(list(candidates), list(span))]
