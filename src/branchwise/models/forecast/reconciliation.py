"""Forecasts that add up: the services of a branch to the branch, branches to region and bank.

Every series is forecast by itself, and the forecasts do not add up. Those nearest to them that do,
in the metric of the covariance of their errors, have the least total variance of all unbiased
linear combinations: MinT [1]_. Forecasts of what cannot be negative are the nearest that add up
and are not negative: a quadratic programme [2]_.

References
----------
.. [1] Wickramasuriya, Athanasopoulos and Hyndman (2019), Optimal forecast reconciliation for
   hierarchical and grouped time series through trace minimization, J. Am. Stat. Assoc. 114,
   doi:10.1080/01621459.2018.1448825.
.. [2] Wickramasuriya, Turlach and Hyndman (2020), Optimal non-negative forecast reconciliation,
   Stat. Comput. 30, doi:10.1007/s11222-020-09930-0.
.. [3] Schäfer and Strimmer (2005), A shrinkage approach to large-scale covariance matrix
   estimation, Stat. Appl. Genet. Mol. Biol. 4, doi:10.2202/1544-6115.1175.
.. [4] Kim and Park (2011), Fast nonnegative matrix factorization: an active-set-like method,
   SIAM J. Sci. Comput. 33, doi:10.1137/110821172 (block pivoting with a backup rule).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from branchwise.models.forecast.hierarchy import Hierarchy

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
LEAST_ERRORS = 3
"""Errors of a series fewer than which do not tell its variance."""
FLOOR = 1e-6
"""Least variance, as a share of the largest."""
TOLERANCE = 1e-9
EXCHANGES = 10
"""Block exchanges without progress after which one series at a time changes sides."""
ROUNDS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Covariance:
    """Covariance of the forecasts' errors: a diagonal, and what is shared.

    The matrix is ``diag(variance) + factor @ factor.T``; it is never built.

    Attributes
    ----------
    name : {"ols", "structural", "shrunk"}
        How it was made.
    variance : ndarray, shape (n,)
        All above 0.
    factor : ndarray, shape (n, k)
        Without columns where errors are taken to be independent.
    shrinkage : float
        Share of the diagonal: 1 without correlations.
    """

    name: str
    variance: Array
    factor: Array
    shrinkage: float = 1.0

    def of(self, rows: NDArray[np.int64]) -> Covariance:
        """Return that of some of the series."""
        return Covariance(
            name=self.name,
            variance=self.variance[rows],
            factor=self.factor[rows],
            shrinkage=self.shrinkage,
        )


def ols(tree: Hierarchy) -> Covariance:
    """Return equal variances: the forecasts nearest to the given ones by squares alone."""
    count = len(tree.paths)
    return Covariance(name="ols", variance=np.ones(count), factor=np.zeros((count, 0)))


def structural(tree: Hierarchy) -> Covariance:
    """Return variances that grow with the number of finest series; needs no errors."""
    sizes = tree.sizes
    return Covariance(name="structural", variance=sizes, factor=np.zeros((len(sizes), 0)))


def shrunk(tree: Hierarchy, errors: Array) -> Covariance:
    """Return the covariance of back-tested errors, its correlations shrunk to none.

    Parameters
    ----------
    tree : Hierarchy
        The series.
    errors : ndarray, shape (n, k)
        Value minus forecast on k occasions that all series share; NaN where there was none. A
        series with fewer than 3 gets the variance of its size.

    Returns
    -------
    Covariance
        The shrinkage is that of least expected squared error [3]_; 1, that is the variances alone,
        where there are fewer than 3 occasions.

    Examples
    --------
    >>> from branchwise.models.forecast.hierarchy import nested
    >>> tree = nested([("A",), ("B",)])
    >>> errors = np.array([[2.0, -2, 2, -2], [1, -1, 1, -1], [1.0, -1, 1, -1]])
    >>> found = shrunk(tree, errors)
    >>> np.round(found.variance + (found.factor**2).sum(axis=1), 4).tolist()
    [4.0, 1.0, 1.0]
    """
    known = np.isfinite(errors)
    counts = known.sum(axis=1)
    filled = np.where(known, errors, 0.0)
    variance = (filled**2).sum(axis=1) / np.maximum(counts, 1)
    told = (counts >= LEAST_ERRORS) & (variance > 0)
    if not told.any():
        return structural(tree)
    sizes = tree.sizes
    per_size = float(np.median(variance[told] / sizes[told]))
    variance = np.where(told, variance, per_size * sizes)
    variance = np.maximum(variance, FLOOR * variance.max())
    occasions = int(known.any(axis=0).sum())
    standard = np.where(told[:, None], filled, 0.0)[:, known.any(axis=0)]
    standard = standard / np.sqrt(variance)[:, None]
    share = 1.0 if occasions < LEAST_ERRORS else _shrinkage(standard)
    factor = np.sqrt((1 - share) / max(occasions, 1)) * np.sqrt(variance)[:, None] * standard
    return Covariance(
        name="shrunk",
        variance=np.maximum(variance - (factor**2).sum(axis=1), FLOOR * variance),
        factor=factor if share < 1 else np.zeros((len(variance), 0)),
        shrinkage=share,
    )


def _shrinkage(standard: Array) -> float:
    """Return the share of the diagonal from standardised errors, shape (n, k).

    With w = z_i z_j on each occasion: the sum of the estimated variances of the correlations over
    the sum of their squares, both over i ≠ j; neither needs the n × n matrix.
    """
    count = standard.shape[1]
    squares = standard**2
    products = float((squares.sum(axis=0) ** 2).sum() - (squares**2).sum())
    shared = standard.T @ standard
    own = squares.sum(axis=1)
    correlations = (float((shared**2).sum()) - float((own**2).sum())) / count**2
    if correlations <= 0:
        return 1.0
    variances = (products - count * correlations) * count / (count - 1) ** 3
    return float(np.clip(variances / correlations, 0.0, 1.0))


def reconcile(
    tree: Hierarchy,
    base: Array,
    covariance: Covariance,
    *,
    is_open: Flags | None = None,
    is_nonnegative: bool = True,
) -> Array:
    """Return the forecasts nearest to the given ones that add up.

    Parameters
    ----------
    tree : Hierarchy
        Which series add up to which.
    base : ndarray, shape (n, horizon)
        Forecasts in the order of ``tree.paths``, finite.
    covariance : Covariance
        Of their errors; any multiple of it gives the same.
    is_open : ndarray of bool, shape (m, horizon), optional
        Slots in which each finest series is open; closed ones stay exactly 0.
    is_nonnegative : bool
        Whether nothing may fall below 0.

    Returns
    -------
    ndarray, shape (n, horizon)
        Each aggregate is the sum of its finest series.

    Examples
    --------
    >>> from branchwise.models.forecast.hierarchy import nested
    >>> tree = nested([("A",), ("B",)])
    >>> base = np.array([[12.0], [5.0], [4.0]])
    >>> reconcile(tree, base, ols(tree)).ravel().tolist()
    [11.0, 6.0, 5.0]
    """
    finest = np.zeros((len(tree.finest), base.shape[1]))
    mask = np.ones(finest.shape, bool) if is_open is None else is_open
    patterns, which = np.unique(mask, axis=1, return_inverse=True)
    for place in range(patterns.shape[1]):
        columns = np.flatnonzero(which.ravel() == place)
        kept = np.flatnonzero(patterns[:, place])
        if not kept.size:
            continue
        solver = _Solver.of(tree, covariance, kept)
        rows = np.concatenate([np.arange(len(tree.aggregates)), len(tree.aggregates) + kept])
        for column in columns.tolist():
            found = solver.nearest(base[rows, column], is_nonnegative=is_nonnegative)
            finest[kept, column] = found[len(tree.aggregates) :]
    return tree.summed(finest)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Solver:
    """The nearest point of one set of open series.

    With the constraints C y = 0 (every aggregate less its parts), the nearest point to ŷ is
    ŷ - W C' (C W C')⁻¹ C ŷ.
    """

    constraints: Any
    covariance: Covariance
    count_aggregates: int
    inverse: Array

    @classmethod
    def of(cls, tree: Hierarchy, covariance: Covariance, kept: NDArray[np.int64]) -> _Solver:
        from scipy.sparse import csr_array, eye_array, hstack

        count = len(tree.aggregates)
        rows = np.concatenate([np.arange(count), count + kept])
        constraints = csr_array(hstack([eye_array(count), -tree.parts[:, kept]]))
        own = covariance.of(rows)
        spread = _between(constraints, own)
        return cls(
            constraints=constraints,
            covariance=own,
            count_aggregates=count,
            inverse=np.asarray(np.linalg.inv(spread), dtype=np.float64),
        )

    def nearest(self, base: Array, *, is_nonnegative: bool) -> Array:
        multipliers = self.inverse @ (self.constraints @ base)
        found = base - self._spread(self.constraints.T @ multipliers)
        if not is_nonnegative or found[self.count_aggregates :].min(initial=0.0) >= 0:
            return found
        return self._pivoted(base, found)

    def _pivoted(self, base: Array, found: Array) -> Array:
        """Return the nearest point without negatives, by block pivoting [4]_.

        A fixed series is held at 0 while its multiplier says that it would go below; the rest are
        free. Both sides exchange their offenders until there are none.
        """
        first = self.count_aggregates
        scale = TOLERANCE * max(1.0, float(np.abs(base).max()))
        held = np.zeros(len(base) - first, bool)
        pull = np.zeros(len(held))
        fewest, tries = len(held) + 1, EXCHANGES
        for _ in range(ROUNDS):
            offends = np.where(held, pull < -TOLERANCE, found[first:] < -scale)
            count = int(offends.sum())
            if not count:
                break
            if count < fewest:
                fewest, tries = count, EXCHANGES
            elif tries:
                tries -= 1
            else:
                offends = np.arange(len(held)) == np.flatnonzero(offends)[-1]
            held = held ^ offends
            found, pull = self._with_held(base, np.flatnonzero(held))
        found[first:] = np.maximum(found[first:], 0.0)
        return found

    def _with_held(self, base: Array, held: NDArray[np.int64]) -> tuple[Array, Array]:
        from scipy.linalg import solve
        from scipy.sparse import csr_array, vstack

        first, count = self.count_aggregates, len(base)
        fixing = csr_array(
            (np.ones(len(held)), (np.arange(len(held)), first + held)), shape=(len(held), count)
        )
        constraints = csr_array(vstack([self.constraints, fixing]))
        spread = _between(constraints, self.covariance)
        multipliers = solve(spread, constraints @ base, assume_a="pos")
        found = base - self._spread(constraints.T @ multipliers)
        found[first + held] = 0.0
        pull = np.zeros(count - first)
        pull[held] = -multipliers[first:]
        return found, pull

    def _spread(self, vector: Array) -> Array:
        """Return the covariance times a vector."""
        own = self.covariance
        return np.asarray(own.variance * vector + own.factor @ (own.factor.T @ vector))


def _between(constraints: Any, covariance: Covariance) -> Array:  # noqa: ANN401
    """Return C W C' as a dense array."""
    from scipy.sparse import diags_array

    plain = (constraints @ diags_array(covariance.variance) @ constraints.T).toarray()
    shared = constraints @ covariance.factor
    return np.asarray(plain + shared @ shared.T)
