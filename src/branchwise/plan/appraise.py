"""What packages bring: tried in the twin against the branch as it is.

The effect of a package is unknown for two reasons: the parameters of the branch are known from
so many rows only, and every simulated week has its chance. The first counts in full: the true
branch is *one* draw, of which the mean over draws tells the centre and not the place. The second
shrinks with draws and weeks. So with D draws, whose effects spread by s, and chance within a
draw of variance w (by the jackknife over its weeks),

    half width = t · sqrt(max(s² − w, 0) + s²/D),   never more than t(D−1) · s · sqrt(1 + 1/D),

with degrees of freedom of Satterthwaite's, at least 2 [1]_ [2]_. The latter is what holds without
taking the chance out. Interaction needs no model: a package is tried as a whole.

References
----------
.. [1] Barton, Nelson and Xie (2014), Quantifying input uncertainty via simulation confidence
   intervals, INFORMS J. Comput. 26, doi:10.1287/ijoc.2013.0548.
.. [2] Satterthwaite (1946), An approximate distribution of estimates of variance components,
   Biometrics Bull. 2, doi:10.2307/3002019; Gaylor and Hopper (1969), Estimating the degrees of
   freedom for linear combinations of mean squares, doi:10.1080/00401706.1969.10490732.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from branchwise.plan.proposal import Appraisal, Effect, Option, Standing, package_id
from branchwise.plan.trials import Apply, Trials, trials_of, tried
from branchwise.twin.calibrate.model import Estimates
from branchwise.twin.laws import Floats
from branchwise.twin.values import Key, Values

LEAST_DEGREES = 2.0
"""With fewer the interval would hardly be narrower than without taking chance out; with 2 it holds
the truth in 95.5 % or more of cases, whatever part of the spread is chance (16 draws)."""
SAME = 1e-12
"""Relative differences below are of rounding: the order in which a machine adds up."""
OF_WAITS = (
    "queues.wait_mean_seconds",
    "queues.wait_p50_seconds",
    "queues.wait_p90_seconds",
    "queues.wait_served_mean_seconds",
    "queues.within_standard_share",
    "plan.late_per_month",
    "plan.waiting_hours_per_month",
)
"""All that is told of a branch of which only waits are believed: of all customers together, since
it is classes, hours or abandonment in which such a twin went wrong."""


def appraise(
    estimates: Estimates,
    packages: Iterable[Sequence[Option]],
    *,
    apply: Apply,
    standing: Standing,
    draws: int = 16,
    weeks: int = 4,
    seed: int = 1,
    standard_seconds: float | None = None,
) -> tuple[Appraisal, ...]:
    """Try packages of one branch in its twin.

    Parameters
    ----------
    estimates : Estimates
        Of the branch's calibration.
    packages : iterable of sequences of Option
        Options that are carried out together.
    apply : callable
        Carries options out in a scenario (`plan.applied.apply_all`).
    standing : {"trusted", "waits_only", "not_trusted", "not_validated"}
        Verdict on the branch's twin.
    draws, weeks, seed, standard_seconds
        As for :func:`trials.trials_of`.

    Returns
    -------
    tuple of Appraisal
        In the order given; without effects where the twin is not believed.

    Raises
    ------
    BranchwiseError
        [BW-PLN-030] if draws or weeks are too few or too many.
    """
    trials = trials_of(
        estimates,
        standing=standing,
        draws=draws,
        weeks=weeks,
        seed=seed,
        standard_seconds=standard_seconds,
    )
    return tuple(appraised(trials, package, apply) for package in packages)


def appraised(trials: Trials, package: Sequence[Option], apply: Apply) -> Appraisal:
    """Try one package in all draws."""
    if not trials.draws:
        return appraisal_of(trials, package, None)
    return appraisal_of(trials, package, tried(trials, package, apply, last=trials.draws))


def appraisal_of(trials: Trials, package: Sequence[Option], values: Values | None) -> Appraisal:
    """Return what came of trying a package.

    Parameters
    ----------
    trials : Trials
        Of the branch.
    package : sequence of Option
        What was tried.
    values : Values or None
        Of the first draws, or of all; None where nothing was tried.
    """
    options = tuple(sorted(option.option_id for option in package))
    return Appraisal(
        package_id=package_id(options),
        branch_id=trials.branch_id,
        option_ids=options,
        standing=trials.standing,
        effects=() if values is None else _effects(trials, values),
        draws=0 if values is None else values.draws,
        days=0 if values is None else trials.days_a_draw,
        seed=trials.seed,
    )


def intervals(effects: Floats) -> tuple[Floats, Floats, Floats]:
    """Return mean effects over draws with their 95 % intervals.

    Parameters
    ----------
    effects : array, shape (measures, draws, 1 + weeks)
        Of each draw the effect over all its weeks, and that without each week in turn; of one
        week only the first.

    Returns
    -------
    tuple of array, shape (measures,)
        Mean, lower, upper.

    Examples
    --------
    >>> import numpy as np
    >>> mean, lower, upper = intervals(np.array([[[1.0], [2.0], [3.0]]]))
    >>> float(mean[0]), float((upper - mean)[0].round(3))
    (2.0, 4.968)
    """
    from branchwise.experiments.intervals import student

    draws, weeks = effects.shape[1], effects.shape[2] - 1
    whole = effects[:, :, 0]
    mean, spread = whole.mean(axis=1), whole.var(axis=1, ddof=1)
    mean = np.where(np.ptp(whole, axis=1) == 0, whole[:, 0], mean)
    at_most = spread * (1 + 1 / draws)
    half = student(draws - 1) * np.sqrt(at_most)
    if weeks >= 2:  # noqa: PLR2004
        chance = (weeks - 1) * effects[:, :, 1:].var(axis=2).mean(axis=1)
        variance = np.maximum(spread - chance, 0.0) + spread / draws
        bound = at_most**2 / (draws - 1) + chance**2 / (draws * (weeks - 1))
        degrees = np.divide(variance**2, bound, out=np.ones_like(bound), where=bound > 0)
        half = np.minimum(half, student(np.maximum(degrees, LEAST_DEGREES)) * np.sqrt(variance))
    return mean, mean - half, mean + half


def _effects(trials: Trials, values: Values) -> tuple[Effect, ...]:
    """Return the effects on all measures, those of like shape worked out at once."""
    keys = dict.fromkeys([*trials.baseline.rows, *values.rows])
    kept = [key for key in keys if trials.standing == "trusted" or _is_told(key)]
    units = {**trials.baseline.units, **values.units}
    pairs = {
        key: _comparable(
            _rows(key, trials.baseline, values.draws), _rows(key, values, values.draws)
        )
        for key in kept
    }
    alike: dict[tuple[int, ...], list[Key]] = {}
    for key, (before, after) in pairs.items():
        if np.isfinite(before).all() and np.isfinite(after).all():
            alike.setdefault(before.shape, []).append(key)
    found: dict[Key, tuple[float, float, float]] = {}
    for chosen in alike.values():
        changes = np.stack([_change(*pairs[key]) for key in chosen])
        for key, *three in zip(chosen, *(each.tolist() for each in intervals(changes)),
                               strict=True):  # fmt: skip
            found[key] = (three[0], three[1], three[2])
    return tuple(_effect(key, units[key], pairs[key], found.get(key)) for key in kept)


def _is_told(key: Key) -> bool:
    measure, kind, station = key
    return measure in OF_WAITS and kind is None and station is None


def _change(before: Floats, after: Floats) -> Floats:
    change = after - before
    return np.where(np.abs(change) <= SAME * np.abs(before), 0.0, change)


def _effect(
    key: Key,
    unit: str,
    pair: tuple[Floats, Floats],
    change: tuple[float, float, float] | None,
) -> Effect:
    measure, kind, station = key
    before, after = (_mean(rows) for rows in pair)
    difference, lower, upper = change or (None, None, None)
    return Effect(
        measure=measure,
        unit=unit,
        customer_class=kind,
        station=station,
        baseline=before,
        value=after,
        difference=difference,
        lower=lower,
        upper=upper,
    )


def _rows(key: Key, values: Values, draws: int) -> Floats:
    rows = values.rows.get(key)
    return np.full((draws, 1), np.nan) if rows is None else rows[:draws]


def _comparable(before: Floats, after: Floats) -> tuple[Floats, Floats]:
    """Return the draws in which there is something to measure.

    Of a class that hardly ever comes nobody may come in some draw: those draws say nothing,
    unless they are most. Where weeks cannot be left out, only whole draws are compared.
    """
    seen = [~np.isnan(found[:, 0]) for found in (before, after)]
    both = seen[0] & seen[1]
    if not both.all() and both.sum() >= max(2, len(both) / 2):
        before, after = before[both], after[both]
    width = min(before.shape[1], after.shape[1])
    if width > 1 and not (np.isfinite(before).all() and np.isfinite(after).all()):
        width = 1
    return before[:, :width], after[:, :width]


def _mean(rows: Floats) -> float | None:
    """Return the mean over draws; None where one of them has no value, or an endless one."""
    return float(rows[:, 0].mean()) if bool(np.isfinite(rows[:, 0]).all()) else None
