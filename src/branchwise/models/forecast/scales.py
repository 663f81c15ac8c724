"""Scales on which effects add: logarithm, square root, or the values as they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from branchwise.models.forecast.series import Array

PLAIN, ROOT, LOG = 0, 1, 2
LOG_FROM = 0.05
"""The logarithm is taken where no value is below so much of the median: near 0 it runs away."""
WIDEST = 0.5
"""Variance above which the logarithm's correction of the mean is no more believed."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scales:
    """The scale of each series.

    Counts vary like their square root (variance stabilised [1]_); amounts that stay well above 0
    vary in proportion; what can be negative is left as it is.

    Attributes
    ----------
    kind : ndarray of int, shape (n,)
        0 plain, 1 square root, 2 logarithm.

    References
    ----------
    .. [1] Anscombe (1948), The transformation of Poisson, binomial and negative-binomial data,
       Biometrika 35, doi:10.1093/biomet/35.3-4.246.

    Examples
    --------
    >>> seen = np.array([[4.0, 9.0, 0.0], [-1.0, 2.0, 3.0]])
    >>> scales = Scales.of(seen)
    >>> scales.forward(seen).tolist()
    [[2.0, 3.0, 0.0], [-1.0, 2.0, 3.0]]
    """

    kind: NDArray[np.int64]

    @classmethod
    def of(cls, values: Array) -> Scales:
        """Choose a scale for each series by its smallest value."""
        there = np.asarray(~np.isnan(values)).any(axis=1, keepdims=True)
        some = np.where(there, values, 0.0)
        least, middle = np.nanmin(some, axis=1), np.nanmedian(some, axis=1)
        kind = np.where(least < 0, PLAIN, np.where(least > LOG_FROM * middle, LOG, ROOT))
        return cls(kind=kind.astype(np.int64))

    def forward(self, values: Array) -> Array:
        """Return the values on their scales."""
        kind = self.kind[:, None]
        above = np.maximum(values, 0.0)
        logged = np.log(np.where(kind == LOG, np.maximum(above, np.finfo(float).tiny), 1.0))
        return np.where(kind == PLAIN, values, np.where(kind == ROOT, np.sqrt(above), logged))

    def expected(self, mean: Array, deviation: Array) -> Array:
        """Return the expected value of what has this mean and deviation on its scale."""
        kind = self.kind[:, None]
        variance = deviation**2
        raised = np.where(kind == LOG, mean + np.minimum(variance, WIDEST) / 2, 0.0)
        rooted = np.maximum(mean, 0.0) ** 2 + variance
        return np.where(kind == PLAIN, mean, np.where(kind == ROOT, rooted, np.exp(raised)))
