"""How long customers wait before they give up: censored likelihood, and Kaplan and Meier beside it.

Who is called did not give up before (censored). Who is called in vain (過號) gave up at an unknown
time before the call. Exponential and Weibull laws are fitted by maximum likelihood; where the
Weibull law is clearly not the shape of the product-limit curve [1]_, the curve itself is the law:
its hazard has peaks, as after announcements to callers on hold [2]_.

References
----------
.. [1] Kaplan and Meier (1958), J. Am. Stat. Assoc. 53, doi:10.2307/2281868.
.. [2] Brown et al. (2005), Statistical analysis of a telephone call center, J. Am. Stat. Assoc.
   100, doi:10.1198/016214504000001808.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from branchwise.measures.kaplan_meier import Curve, kaplan_meier
from branchwise.twin.calibrate.log import Flags, Floats, Ints
from branchwise.twin.laws import Exponential, Law, Survival, Weibull

LEAST_LOST = 10
"""Fewer who gave up do not tell a shape."""
FAR, FAR_SMALL, FAR_ERRORS = 0.03, 1.63, 4.0
"""Distance between curve and law at some time, and how many standard errors, above which the curve
is taken; of fewer customers the distance is `FAR_SMALL` over the root of those who gave up."""
WEIBULL_GAIN = 6.63
"""Twice the log-likelihood that a shape must gain: chi-squared, 1 %."""
CURVE_LOST = 100
"""A curve is taken for the law only where so many gave up."""
POINTS, SUDDEN = 120, 0.004
"""Points of a curve that becomes a law; a fall at one time that is kept sudden."""
AT_RISK = 30
"""Customers still waiting for whom the curve is trusted."""
RULE_OF_THREE = 3.0
SHORTEST = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedPatience:
    """Patience of a class.

    Attributes
    ----------
    law : Law or None
        None where nobody gave up.
    scale, scale_error : float
        Scale of the fitted family [s] (mean of the exponential) and standard error of its
        logarithm.
    shape, shape_error : float
        Shape of the Weibull law (1: exponential) and standard error of its logarithm.
    distance : float
        Greatest distance between the fitted law and Kaplan and Meier's curve, 0 to 1.
    count_lost, count_rows : int
        Who gave up, and all.
    """

    law: Law | None
    scale: float
    scale_error: float
    shape: float = 1.0
    shape_error: float = 0.0
    distance: float = math.nan
    count_lost: int
    count_rows: int


def fit_patience(waits: Floats, lost: Flags, unseen: Flags) -> FittedPatience:
    """Return the patience of customers.

    Parameters
    ----------
    waits : array, shape (customers,)
        Seconds until the call, or until they left.
    lost : array of bool, shape (customers,)
        Left at that time; the others were called then.
    unseen : array of bool, shape (customers,)
        Found gone at the call; they left some time before. Not among `lost`.

    Returns
    -------
    FittedPatience
        Exponential where the Weibull law is no better, else Weibull, else the curve.

    Examples
    --------
    >>> import numpy as np
    >>> chance = np.random.default_rng(3)
    >>> patience, offered = chance.exponential(900, 20_000), chance.exponential(300, 20_000)
    >>> lost = patience < offered
    >>> found = fit_patience(np.minimum(patience, offered), lost, np.zeros(20_000, bool))
    >>> found.law.law, abs(found.scale / 900 - 1) < 0.05
    ('exponential', True)
    """
    waits = np.maximum(waits, 0.0)
    count_lost = int(lost.sum() + unseen.sum())
    if count_lost == 0 or waits.sum() <= 0:
        bound = float(waits.sum()) / RULE_OF_THREE
        return FittedPatience(
            law=None, scale=bound, scale_error=0.0, count_lost=0, count_rows=len(waits)
        )
    used = waits > 0
    waits, lost, unseen = waits[used], lost[used], unseen[used]
    scale, scale_error, plain = _exponential(waits, lost, unseen)
    law: Law = Exponential(mean=scale)
    shape, shape_error = 1.0, 0.0
    if count_lost >= LEAST_LOST:
        fitted = _weibull(waits, lost, unseen, scale)
        if fitted is not None and 2 * (fitted[4] - plain) > WEIBULL_GAIN:
            scale, shape, scale_error, shape_error, _ = fitted
            law = Weibull(shape=shape, scale=scale)
    curve = curve_of(waits, lost, unseen, law)
    left = np.asarray(len(waits) - np.searchsorted(np.sort(waits), curve.times), dtype=np.int64)
    distance, is_other = _distance(curve, law, left, count_lost)
    if count_lost >= CURVE_LOST and is_other:
        law = law_of_curve(curve)
    return FittedPatience(
        law=law,
        scale=scale,
        scale_error=scale_error,
        shape=shape,
        shape_error=shape_error,
        distance=distance,
        count_lost=count_lost,
        count_rows=int(used.sum()),
    )


def curve_of(waits: Floats, lost: Flags, unseen: Flags, law: Law) -> Curve:
    """Return the product-limit curve of patience; unseen leavings at their expected time."""
    times = np.where(unseen, expected_before(law, waits), waits)
    distinct, place = np.unique(np.ceil(times), return_inverse=True)
    events = np.bincount(place, weights=(lost | unseen).astype(float), minlength=len(distinct))
    called = np.bincount(place, weights=(~(lost | unseen)).astype(float), minlength=len(distinct))
    return kaplan_meier(distinct, events, called)


def expected_before(law: Law, limits: Floats) -> Floats:
    """Return the mean time of leaving of those who left before a limit.

    Examples
    --------
    >>> import numpy as np
    >>> expected_before(Exponential(mean=1e9), np.array([100.0])).round(1).tolist()
    [50.0]
    """
    shares = (np.arange(16) + 0.5) / 16
    below = _below(law, limits)
    drawn = law.quantile(below[:, None] * shares[None, :])
    return np.asarray(np.minimum(drawn, limits[:, None]).mean(axis=1))


def law_of_curve(curve: Curve) -> Survival:
    """Return a survival law of a product-limit curve, with a constant hazard after its last time.

    The hazard of the tail is that of the last third of those who gave up. Sudden falls, as at an
    announcement, stay sudden.
    """
    before = np.concatenate([[1.0], curve.survival[:-1]])
    events = np.flatnonzero((curve.terms > 0) & (curve.survival > 0))
    even = events[np.linspace(0, len(events) - 1, min(POINTS, len(events))).astype(int)]
    falls = events[before[events] - curve.survival[events] > SUDDEN]
    picked = np.union1d(even, falls)
    points = dict(zip((curve.times[falls] - 0.5).tolist(), before[falls].tolist(), strict=True))
    points |= dict(zip(curve.times[picked].tolist(), curve.survival[picked].tolist(), strict=True))
    times = np.array(sorted(time for time in points if time > 0))
    surviving = np.array([points[time] for time in times.tolist()])
    start = max(0, len(times) - max(2, len(times) // 3))
    fallen = math.log(float(surviving[start]) / float(surviving[-1]))
    hazard = max(fallen, 1e-9) / max(float(times[-1] - times[start]), SHORTEST)
    more = float(times[-1]) + np.array([0.25, 0.5, 1.0, 2.0, 4.0]) / hazard
    tail = float(surviving[-1]) * np.exp(-hazard * (more - float(times[-1])))
    tail[-1] = 0.0
    return Survival(
        times=tuple(np.concatenate([times, more]).tolist()),
        surviving=tuple(np.concatenate([surviving, tail]).tolist()),
    )


def _below(law: Law, times: Floats) -> Floats:
    if law.law == "weibull":
        return np.asarray(-np.expm1(-((times / law.scale) ** law.shape)))
    if law.law == "survival":
        return np.asarray(1 - np.interp(times, (0.0, *law.times), (1.0, *law.surviving)))
    return np.asarray(-np.expm1(-times / law.mean))


def _exponential(waits: Floats, lost: Flags, unseen: Flags) -> tuple[float, float, float]:
    """Return mean, standard error of its logarithm and log-likelihood."""
    mean = max(float(waits.sum()) / max(int(lost.sum() + unseen.sum()), 1), SHORTEST)
    for _ in range(40):
        early = np.minimum(expected_before(Exponential(mean=mean), waits[unseen]), waits[unseen])
        known = float(waits[~unseen].sum() + early.sum())
        fresh = max(known / max(int(lost.sum() + unseen.sum()), 1), SHORTEST)
        done = abs(fresh / mean - 1) < 1e-9  # noqa: PLR2004
        mean = fresh
        if done:
            break
    likelihood = _likelihood(np.array([0.0, math.log(mean)]), waits, lost, unseen)
    error = 1 / math.sqrt(max(int(lost.sum()) + 0.9 * int(unseen.sum()), 1.0))
    return mean, error, likelihood


def _weibull(
    waits: Floats, lost: Flags, unseen: Flags, start: float
) -> tuple[float, float, float, float, float] | None:
    """Return scale, shape, standard errors of their logarithms, and the log-likelihood."""
    from scipy.optimize import minimize

    def cost(logs: Floats) -> float:
        return -_likelihood(logs, waits, lost, unseen)

    found = minimize(cost, np.array([0.0, math.log(start)]), method="Nelder-Mead",
                     options={"xatol": 1e-5, "fatol": 1e-5, "maxiter": 500})  # fmt: skip
    shape, scale = (float(value) for value in np.exp(found.x))
    errors = _errors(cost, found.x)
    if errors is None or not 0.1 < shape < 10:  # noqa: PLR2004
        return None
    return scale, shape, errors[1], errors[0], -float(found.fun)


def _likelihood(logs: Floats, waits: Floats, lost: Flags, unseen: Flags) -> float:
    shape, scale = math.exp(min(logs[0], 5.0)), math.exp(min(logs[1], 40.0))
    parts = np.log(waits / scale)
    total = np.exp(np.minimum(shape * parts, 600.0))
    gone = np.log(np.maximum(-np.expm1(-total[unseen]), 1e-300)).sum()
    left = (math.log(shape / scale) + (shape - 1) * parts[lost]).sum()
    return float(left + gone - total[~unseen].sum())


def _errors(cost: object, at: Floats) -> tuple[float, float] | None:
    """Return standard errors from the curvature of the cost."""
    assert callable(cost)  # noqa: S101 - tells the type checker
    step = 1e-3
    curve = np.zeros((2, 2))
    for one in range(2):
        for other in range(2):
            total = 0.0
            for first, second in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
                moved = at.copy()
                moved[one] += first * step
                moved[other] += second * step
                total += first * second * cost(moved)
            curve[one, other] = total / (4 * step**2)
    if np.linalg.det(curve) <= 0 or curve[0, 0] <= 0:
        return None
    variance = np.linalg.inv(curve)
    return math.sqrt(variance[0, 0]), math.sqrt(variance[1, 1])


def _distance(curve: Curve, law: Law, at_risk: Ints, count_lost: int) -> tuple[float, bool]:
    """Return the greatest distance of curve and law where many are left; whether it is clear."""
    known = (at_risk >= AT_RISK) & (curve.survival > 0) & (curve.greenwood > 0)
    if not known.any():
        return 0.0, False
    error = curve.survival[known] * np.sqrt(curve.greenwood[known])
    apart = np.abs(curve.survival[known] - (1 - _below(law, curve.times[known])))
    far = max(FAR, FAR_SMALL / math.sqrt(max(count_lost, 1)))
    return float(apart.max()), bool(((apart > far) & (apart > FAR_ERRORS * error)).any())
