"""Which law of chance a sample follows: families fitted, chosen by likelihood, their fit shown.

Families are compared by Akaike's criterion [1]_. The chosen one must also look like the sample:
where the greatest distance between its distribution and the sample's (Kolmogorov and Smirnov) is
too large, or its mean is not the sample's, the sample itself is taken (`Empirical`). As parameters
are estimated from the same sample, the distance is shown as it is, without a p-value [2]_.

References
----------
.. [1] Akaike (1974), A new look at the statistical model identification, IEEE Trans. Autom.
   Control 19, doi:10.1109/TAC.1974.1100705.
.. [2] Lilliefors (1967), J. Am. Stat. Assoc. 62, doi:10.1080/01621459.1967.10482916.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from branchwise.twin.calibrate.log import Floats
from branchwise.twin.laws import Empirical, Exponential, Gamma, Law, Lognormal, Weibull

LEAST_ROWS = 8
"""Fewer values do not tell one family from another."""
LEAST_CV = 1e-3
FAR = 0.04
"""Distance that is too large in a large sample; `FAR_SMALL` over the root of the rows is added."""
FAR_SMALL = 1.36
MEAN_OFF = 3.0
"""Standard errors by which the mean of a family may miss the sample's."""
NEWTON = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A law with how well it fits.

    Attributes
    ----------
    law : Law
        The law [s].
    mean, mean_error : float
        Its mean and the standard error of that [s].
    distance : float
        Greatest distance between its distribution and the sample's, 0 to 1; NaN of an
        assumed law.
    criterion : float
        Akaike's; NaN of an empirical or assumed law.
    count_rows : int
        Size of the sample.
    """

    law: Law
    mean: float
    mean_error: float
    distance: float
    criterion: float
    count_rows: int


def fit_law(values: Floats) -> Fitted:
    """Return the law of a sample of positive durations.

    Parameters
    ----------
    values : array, shape (rows,)
        Seconds, all above 0; at least one.

    Returns
    -------
    Fitted
        Lognormal, gamma, Weibull or exponential where one fits, else the sample itself; of fewer
        than eight values exponential or, if they vary less, gamma.

    Examples
    --------
    >>> import numpy as np
    >>> chance = np.random.default_rng(1)
    >>> found = fit_law(100 * np.exp(0.5 * chance.normal(size=2000)))
    >>> found.law.law, round(found.law.mean / 113.3, 1), found.distance < 0.03
    ('lognormal', 1.0, True)
    """
    values = np.sort(np.asarray(values, dtype=np.float64))
    mean, spread = float(values.mean()), float(values.std(ddof=1)) if len(values) > 1 else math.nan
    if len(values) < LEAST_ROWS:
        return _of_few(values, mean, spread)
    if spread < LEAST_CV * mean:
        law: Law = Gamma(mean=mean, cv=LEAST_CV)
        return _judged(law, values, mean, mean * LEAST_CV / math.sqrt(len(values)), 3)
    candidates = [_lognormal(values), _gamma(values, mean), _weibull(values), _exponential(values)]
    best = min(candidates, key=lambda found: found.criterion)
    error = spread / math.sqrt(len(values))
    far = FAR + FAR_SMALL / math.sqrt(len(values))
    if best.distance <= far and abs(best.mean - mean) <= MEAN_OFF * error:
        return best
    return Fitted(
        law=Empirical.of(values.tolist()),
        mean=mean,
        mean_error=error,
        distance=0.0,
        criterion=math.nan,
        count_rows=len(values),
    )


def with_mean(law: Law, mean: float) -> Law:
    """Return a law of the same form with another mean: every draw is stretched alike.

    Examples
    --------
    >>> with_mean(Lognormal(mean=60.0, cv=0.5), 90.0)
    Lognormal(mean=90.0, cv=0.5, law='lognormal')
    """
    return stretched(law, mean / law.mean) if law.mean > 0 else law


def stretched(law: Law, factor: float) -> Law:
    """Return the law of a draw times a factor.

    Examples
    --------
    >>> stretched(Weibull(shape=1.5, scale=100.0), 2.0).scale
    200.0
    """
    from dataclasses import replace

    if law.law == "weibull":
        return replace(law, scale=law.scale * factor)
    if law.law == "empirical":
        return replace(law, quantiles=tuple(value * factor for value in law.quantiles))
    if law.law == "survival":
        return replace(law, times=tuple(value * factor for value in law.times))
    if law.law == "uniform":
        return replace(law, low=law.low * factor, high=law.high * factor)
    if law.law == "constant":
        return replace(law, value=law.value * factor)
    return replace(law, mean=law.mean * factor)


def with_pause(law: Law, seconds: float) -> Law:
    """Return the law of a draw plus a constant: mean longer, spread the same.

    Examples
    --------
    >>> with_pause(Lognormal(mean=60.0, cv=0.5), 15.0)
    Lognormal(mean=75.0, cv=0.4, law='lognormal')
    """
    if seconds <= 0:
        return law
    if law.law in ("lognormal", "gamma"):
        mean = law.mean + seconds
        kind = Lognormal if law.law == "lognormal" else Gamma
        return kind(mean=mean, cv=law.cv * law.mean / mean)
    shares = np.linspace(0, 1, 101)
    shares[-1] = 1 - 0.25 / 100
    return Empirical(quantiles=tuple(float(value + seconds) for value in law.quantile(shares)))


def _of_few(values: Floats, mean: float, spread: float) -> Fitted:
    cv = min(max(spread / mean, 0.2), 1.0) if len(values) > 2 and mean > 0 else 1.0  # noqa: PLR2004
    law: Law = Exponential(mean=mean) if cv >= 1 else Gamma(mean=mean, cv=cv)
    return _judged(law, values, mean, mean * cv / math.sqrt(len(values)), 2)


def _judged(law: Law, values: Floats, mean: float, error: float, parameters: int) -> Fitted:
    likelihood = float(_log_density(law, values).sum())
    return Fitted(
        law=law,
        mean=mean,
        mean_error=error,
        distance=distance(law, values),
        criterion=2 * parameters - 2 * likelihood,
        count_rows=len(values),
    )


def _lognormal(values: Floats) -> Fitted:
    logs = np.log(values)
    variance = float(logs.var())
    mean = math.exp(float(logs.mean()) + variance / 2)
    cv = max(math.sqrt(math.expm1(min(variance, 50.0))), LEAST_CV)
    error = mean * math.sqrt((variance + variance**2 / 2) / len(values))
    return _judged(Lognormal(mean=mean, cv=cv), values, mean, error, 2)


def _gamma(values: Floats, mean: float) -> Fitted:
    from scipy.special import digamma, polygamma

    gap = max(math.log(mean) - float(np.log(values).mean()), 1e-9)
    shape = (3 - gap + math.sqrt((gap - 3) ** 2 + 24 * gap)) / (12 * gap)
    for _ in range(NEWTON):
        step = (math.log(shape) - float(digamma(shape)) - gap) / (
            1 / shape - float(polygamma(1, shape))
        )
        shape = max(shape - step, shape / 10)
        if abs(step) < 1e-10 * shape:
            break
    cv = max(1 / math.sqrt(shape), LEAST_CV)
    return _judged(Gamma(mean=mean, cv=cv), values, mean, mean * cv / math.sqrt(len(values)), 2)


def _weibull(values: Floats) -> Fitted:
    from scipy.optimize import brentq

    logs = np.log(values / values[-1])

    def slope(shape: float) -> float:
        powers = np.exp(shape * logs)
        return float((powers * logs).sum() / powers.sum() - 1 / shape - logs.mean())

    shape = float(brentq(slope, 1e-2, 1e4)) if slope(1e-2) < 0 < slope(1e4) else 1.0
    scale = float(values[-1] * np.exp(shape * logs).mean() ** (1 / shape))
    law = Weibull(shape=shape, scale=scale)
    spread = law.mean * math.sqrt(math.gamma(1 + 2 / shape) / math.gamma(1 + 1 / shape) ** 2 - 1)
    return _judged(law, values, law.mean, spread / math.sqrt(len(values)), 2)


def _exponential(values: Floats) -> Fitted:
    mean = float(values.mean())
    return _judged(Exponential(mean=mean), values, mean, mean / math.sqrt(len(values)), 1)


def distance(law: Law, values: Floats) -> float:
    """Return the greatest distance between a fitted law and sorted values, 0 to 1.

    Values rounded to seconds come many at a time: each is judged by the middle of its step.
    """
    below = distribution(law, values)
    upper = np.searchsorted(values, values, side="right")
    middle = (upper + np.searchsorted(values, values, side="left")) / 2
    return float(np.abs(below - middle / len(values)).max())


def distribution(law: Law, values: Floats) -> Floats:
    """Return the share of draws of a fitted family that do not exceed values.

    Examples
    --------
    >>> distribution(Exponential(mean=10.0), np.array([0.0])).tolist()
    [0.0]
    """
    from scipy.special import gammainc, ndtr

    if law.law == "lognormal":
        variance = math.log1p(law.cv**2)
        centred = np.log(np.maximum(values, 1e-300)) - math.log(law.mean) + variance / 2
        return np.asarray(ndtr(centred / math.sqrt(variance)))
    if law.law == "gamma":
        shape = 1 / law.cv**2
        return np.asarray(gammainc(shape, values * shape / law.mean))
    if law.law == "weibull":
        return np.asarray(-np.expm1(-((values / law.scale) ** law.shape)))
    return np.asarray(-np.expm1(-values / law.mean))


def _log_density(law: Law, values: Floats) -> Floats:
    from scipy.special import gammaln

    if law.law == "lognormal":
        variance = math.log1p(law.cv**2)
        centred = np.log(values) - math.log(law.mean) + variance / 2
        constant = math.log(2 * math.pi * variance) / 2
        return np.asarray(-np.log(values) - constant - centred**2 / (2 * variance))
    if law.law == "gamma":
        shape = 1 / law.cv**2
        scale = law.mean / shape
        constant = float(gammaln(shape)) + shape * math.log(scale)
        return np.asarray((shape - 1) * np.log(values) - values / scale - constant)
    if law.law == "weibull":
        parts = np.log(values / law.scale)
        constant = math.log(law.shape / law.scale)
        return np.asarray(constant + (law.shape - 1) * parts - np.exp(law.shape * parts))
    return np.asarray(-math.log(law.mean) - values / law.mean)
