"""Peer funnels: what says whether a branch is worse than its peers by more than noise.

Every value is put on a scale on which its standard error hardly depends on the value (arcsine
for shares, logarithm for times and rates, the value itself otherwise), set against the weighted
median of its peers, and standardised with its own error, the real spread between branches
(overdispersion, a random effect) and the error of the reference.

References
----------
Spiegelhalter (2005), Statistics in Medicine 24(8), 1185-1202, doi:10.1002/sim.1970.
Spiegelhalter (2005), Quality and Safety in Health Care 14(5), 347-351,
doi:10.1136/qshc.2005.013755 (the additive random effect).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

Scale = Literal["arcsine", "log", "linear"]
Reals = NDArray[np.float64]
Z_95 = 1.959963984540054
MEDIAN_INFLATION = np.pi / 2  # variance of a median relative to a mean, normal errors
PASSES = 3
MOST_LOG = 50.0  # beyond any value that occurs; keeps exponentials finite


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelPoints:
    """Standardised differences of branches from their peers, on one scale.

    Attributes
    ----------
    reference : array, shape (n_branches,)
        Weighted median of the peers, on the scale; nan without peers.
    spread : array, shape (n_branches,)
        Standard deviation of the difference if the branch were like its peers, on the scale.
    z : array, shape (n_branches,)
        (value - reference) / spread; nan without peers or where nothing varies.
    between : float
        Standard deviation between branches beyond noise (tau), on the scale.
    degrees : int
        Degrees of freedom with which `between` was estimated.
    """

    reference: Reals
    spread: Reals
    z: Reals
    between: float
    degrees: int


def scale_for(unit: str, values: Reals) -> Scale:
    """Choose the scale of a measure.

    Parameters
    ----------
    unit : str
        Unit of the measure; ``share`` is one between 0 and 1.
    values : array, shape (n_branches,)
        Values in the measure's unit.

    Returns
    -------
    {"arcsine", "log", "linear"}

    Examples
    --------
    >>> scale_for("s", np.array([300.0, 420.0]))
    'log'
    """
    if unit == "share" and bool(np.all((values >= 0) & (values <= 1))):
        return "arcsine"
    return "log" if bool(np.all(values > 0)) else "linear"


def onto(scale: Scale, values: Reals) -> Reals:
    """Put values of the measure's unit onto the scale; nan stays nan."""
    if scale == "arcsine":
        return np.asarray(np.arcsin(np.sqrt(np.clip(values, 0.0, 1.0))))
    return np.asarray(np.log(values)) if scale == "log" else values


def back(scale: Scale, values: Reals) -> Reals:
    """Return values of the scale in the measure's unit."""
    if scale == "arcsine":
        return np.asarray(np.sin(np.clip(values, 0.0, np.pi / 2)) ** 2)
    return np.asarray(np.exp(values)) if scale == "log" else values


def standard_errors(scale: Scale, values: Reals, lower: Reals, upper: Reals) -> Reals:
    """Return the standard errors that 95 % intervals stand for, on the scale.

    Parameters
    ----------
    scale : {"arcsine", "log", "linear"}
        The scale.
    values, lower, upper : array, shape (n_branches,)
        Values and their 95 % intervals in the measure's unit; nan for an end that is not known:
        the other half is doubled then. Without either end the error is 0: a count of everything.
        Where the lower end is not positive and the scale is the logarithm, half the interval is
        divided by the value (the delta method).
    """
    if scale == "log":
        open_below = lower <= 0
        relative = np.where(open_below, np.minimum((upper - lower) / (2 * values), MOST_LOG), 0.0)
        lower = np.where(open_below, values * np.exp(-relative), lower)
        upper = np.where(open_below, values * np.exp(relative), upper)
    middle = onto(scale, values)
    below, above = middle - onto(scale, lower), onto(scale, upper) - middle
    halves = np.vstack([below, above])
    known = np.isfinite(halves)
    total = np.where(known, halves, 0.0).sum(axis=0)
    count = known.sum(axis=0)
    mean = np.divide(total, count, out=np.zeros_like(total), where=count > 0)
    return np.asarray(np.maximum(mean, 0.0) / Z_95)


def weighted_median(values: Reals, weights: Reals) -> float:
    """Return the value at which half of the weight is reached (midpoint on a tie).

    Examples
    --------
    >>> weighted_median(np.array([1.0, 2.0, 10.0]), np.array([1.0, 1.0, 1.0]))
    2.0
    """
    order = np.argsort(values, kind="stable")
    ordered, cumulated = values[order], np.cumsum(weights[order])
    half = cumulated[-1] / 2
    index = int(np.searchsorted(cumulated, half * (1 - 1e-12)))
    if abs(cumulated[index] - half) <= 1e-12 * cumulated[-1] and index + 1 < len(ordered):
        return float((ordered[index] + ordered[index + 1]) / 2)
    return float(ordered[index])


def peer_funnel(
    values: Reals, errors: Reals, peers: Sequence[Sequence[int]], *, winsorised_share: float
) -> FunnelPoints:
    """Standardise each branch against its peers, with overdispersion.

    The reference of a branch leaves the branch itself out, so that an outlier does not hide
    itself; the spread between branches is estimated from all branches together with z scores
    drawn in (winsorised) at both ends, so that a few outliers do not hide each other.

    Parameters
    ----------
    values, errors : array, shape (n_branches,)
        Values and standard errors on the scale.
    peers : sequence of sequences of int
        For each branch the positions of its peers; empty for none.
    winsorised_share : float
        Share of z scores drawn in at each end.

    Returns
    -------
    FunnelPoints
        With one entry a branch.
    """
    count = len(values)
    compared = np.array([len(members) > 0 for members in peers], dtype=bool)
    reference, between = np.full(count, np.nan), 0.0
    own, typical = np.zeros(count), np.zeros(count)
    for attempt in range(PASSES):
        variances = errors**2 + between**2
        for index, members in enumerate(peers):
            if len(members) == 0:
                continue
            chosen = np.asarray(members)
            weights = _weights(variances[chosen], equal=attempt == 0)
            shares = weights / weights.sum()
            reference[index] = weighted_median(values[chosen], weights)
            own[index] = MEDIAN_INFLATION * float(np.sum(shares**2))
            typical[index] = MEDIAN_INFLATION * float(np.sum((shares * errors[chosen]) ** 2))
        noise, inflation = (errors**2 + typical)[compared], (1 + own)[compared]
        between = _between((values - reference)[compared], noise, inflation, winsorised_share)
    spread = np.where(compared, np.sqrt(errors**2 + typical + between**2 * (1 + own)), np.nan)
    usable = compared & (np.nan_to_num(spread) > 0)
    z = np.full(count, np.nan)
    z[usable] = (values - reference)[usable] / spread[usable]
    degrees = max(int(compared.sum()) - 1, 1)
    return FunnelPoints(reference=reference, spread=spread, z=z, between=between, degrees=degrees)


def tail_probability(z: Reals, degrees: int) -> Reals:
    """Return the one-sided p of standardised differences (positive is worse); nan stays nan."""
    return np.asarray(stats.t.sf(z, df=degrees))


def limits(points: FunnelPoints, scale: Scale) -> tuple[Reals, Reals]:
    """Return the lower and upper 95 % funnel limits in the measure's unit."""
    reach = stats.t.ppf(0.975, df=points.degrees) * points.spread
    return back(scale, points.reference - reach), back(scale, points.reference + reach)


def _weights(variances: Reals, *, equal: bool) -> Reals:
    if equal or not np.all(variances > 0):
        return np.ones(len(variances))
    return np.asarray(1.0 / variances)


def _between(differences: Reals, noise: Reals, inflation: Reals, share: float) -> float:
    if len(differences) < 2:  # noqa: PLR2004
        return 0.0
    expected = winsorised_second_moment(share)

    def excess(tau_squared: float) -> float:
        variance = noise + tau_squared * inflation
        z = differences / np.sqrt(variance)
        low, high = np.quantile(z, [share, 1 - share])
        return float(np.mean(np.clip(z, low, high) ** 2)) - expected

    most = float(np.max(differences**2))
    least = most * 1e-12
    if most == 0.0 or excess(least) <= 0:
        return 0.0
    top = most
    while excess(top) > 0:
        top *= 4
    return float(np.sqrt(optimize.brentq(excess, least, top, xtol=least)))


def winsorised_second_moment(share: float) -> float:
    """Return the mean square of a standard normal variable drawn in at its outer quantiles.

    Parameters
    ----------
    share : float
        Share drawn in at each end, below 0.5; 0 gives 1.

    Examples
    --------
    >>> round(winsorised_second_moment(0.1), 4)
    0.6787
    """
    if share == 0:
        return 1.0
    cut = float(stats.norm.isf(share))
    inner = (1 - 2 * share) - 2 * cut * float(stats.norm.pdf(cut))
    return inner + 2 * share * cut**2
