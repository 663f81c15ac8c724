"""Laws as tables of quantiles: every draw costs the same, whatever the law."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from branchwise.twin.kernel.draws import CELLS, LEVELS
from branchwise.twin.laws import Constant, Empirical, Law, Survival, finite_share

Floats = npt.NDArray[np.float64]
ALMOST_ONE = 1 - 2.0**-40


def shares_of_nodes() -> Floats:
    """Return the shares of the nodes of a table's row, level by level.

    Examples
    --------
    >>> shares = shares_of_nodes()
    >>> len(shares), float(shares[0]), float(shares[1] * 512)
    (1539, 0.0, 1.0)
    """
    levels = []
    low, width = 0.0, 1.0
    for _ in range(LEVELS):
        levels.append(low + width * np.arange(CELLS + 1) / CELLS)
        width /= CELLS
        low = 1 - width
    return np.concatenate(levels)


@lru_cache(maxsize=4096)
def quantile_row(law: Law) -> Floats:
    """Return the row of a law: quantiles of its finite share at the nodes.

    Straight pieces between nodes of a convex curve lie a little above it; the row is scaled so
    that its mean is the law's own (a correction of less than 0.1 %).
    """
    shares = np.minimum(shares_of_nodes(), ALMOST_ONE)
    row = np.asarray(law.quantile(shares * finite_share(law)), dtype=np.float64)
    if isinstance(law, (Constant, Empirical, Survival)) or not np.isfinite(law.mean):
        return row
    found = row_mean(row)
    return row * (law.mean / found) if found > 0 else row


def row_mean(row: Floats) -> float:
    """Return the mean of draws from a row."""
    mean, weight = 0.0, 1.0
    for level in row.reshape(LEVELS, CELLS + 1):
        cells = (level[:-1] + level[1:]) / 2
        is_last = weight < CELLS ** -(LEVELS - 1.5)
        mean += weight * float(cells.sum() if is_last else cells[:-1].sum()) / CELLS
        weight /= CELLS
    return mean


@lru_cache(maxsize=16)
def table_of(laws: tuple[Law, ...]) -> Floats:
    """Return the rows of laws, one behind the other; nobody writes to it."""
    return np.concatenate([quantile_row(law) for law in laws])
