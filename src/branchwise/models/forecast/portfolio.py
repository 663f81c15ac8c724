"""Forecast a panel: all models, tested on the past, put together, with conformal intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from branchwise.core.ports import Executor
from branchwise.engines.executors import SerialExecutor
from branchwise.models.forecast import backtest as test
from branchwise.models.forecast.axis import slots_a_day
from branchwise.models.forecast.combination import (
    combined,
    shrunk_losses,
    weights,
    without,
)
from branchwise.models.forecast.intervals import (
    Errors,
    Spread,
    limits,
    spread_of,
    untested_limits,
    widening,
)
from branchwise.models.forecast.members import COMBINATION, Size, models_of, run, size_of
from branchwise.models.forecast.profile import SMOOTH_SLOTS
from branchwise.models.forecast.series import (
    LEVELS,
    Array,
    Backtest,
    Flags,
    Forecast,
    Panel,
    Reason,
)

PLAIN_MODEL = "seasonal_naive"
UNTESTED_MODEL = "slot_means"
ORIGINS = {"few": 8, "some": 4, "many": 3}
FEW_SERIES, SOME_SERIES = 12, 50
CALIBRATED_ORIGINS = 2
"""Origins from which the back-test may decide; with fewer the plain forecast is used."""


def forecast(
    panel: Panel,
    *,
    levels: Sequence[float] = LEVELS,
    seed: int = 1,
    executor: Executor | None = None,
    size: Size | None = None,
) -> Forecast:
    """Forecast a panel to the end of its time axis.

    All models are run from several past origins, scored, put together, and run again from the end.
    Each series gets the model or combination that did best in its back-test, its loss drawn towards
    the panel's; where that is no better than the seasonal naive forecast, the latter is used. A
    series that is too short to test gets its slot means; one that never changes, its value.

    Parameters
    ----------
    panel : Panel
        Series and the slots to forecast.
    levels : sequence of float
        Nominal coverages of the intervals, each above 0 and below 1.
    seed : int
        Seed of all chance.
    executor : Executor, optional
        Who runs the models; this process by default. The result is the same whoever does.
    size : {"full", "shared", "plain"}, optional
        Which portfolio is tried; that of the panel's size by default.

    Returns
    -------
    Forecast
        Never NaN; with its back-test.

    Examples
    --------
    >>> weeks = np.tile([6.0, 2.0, 2.0, 2.0, 3.0, 1.0, 1.0], 8)[None]
    >>> ahead = forecast(
    ...     Panel(ids=("B1",), times=np.arange(59), values=weeks, season_lengths=(7,))
    ... )
    >>> ahead.mean.round(1).tolist(), ahead.model
    ([[6.0, 2.0, 2.0]], ('seasonal_naive',))
    """
    executor = executor or SerialExecutor()
    size = size or size_of(panel)
    horizon, origins = test.origins_of(panel, _most_origins(panel, size))
    names = models_of(panel, origins[0] if origins else 0, size)
    panels = [panel.cut(origin, horizon) for origin in origins]
    found = run([*panels, panel], names, seed, executor) if panel.horizon else []
    found = [_tidy(means, one) for means, one in zip(found, [*panels, panel], strict=False)]
    scored = _scored(panel, names, found[:-1], (horizon, origins), tuple(levels))
    return _chosen(panel, scored, found[-1] if found else _nothing(panel, names))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Scored:
    """The back-test with the forecasts it rests on; the combination is the last model."""

    backtest: Backtest
    truth: Array
    means: Array
    losses: Array
    spreads: tuple[Spread, ...]
    factors: tuple[dict[float, float], ...]
    signed: Flags


def _most_origins(panel: Panel, size: Size) -> int:
    if size != "full":
        return ORIGINS["many"]
    count = len(panel.ids)
    return ORIGINS["few" if count <= FEW_SERIES else "some" if count <= SOME_SERIES else "many"]


def _nothing(panel: Panel, names: Sequence[str]) -> Array:
    return np.zeros((len(names), len(panel.ids), panel.horizon))


def _tidy(means: Array, panel: Panel) -> Array:
    """Return means that are 0 where closed and not negative where nothing ever was."""
    shown = np.where(_signed(panel)[:, None], means, np.maximum(means, 0.0))
    return np.where(panel.opened[:, panel.steps :], shown, 0.0)


def _scored(
    panel: Panel, names: tuple[str, ...], found: Sequence[Array],
    plan: tuple[int, tuple[int, ...]], levels: tuple[float, ...],
) -> _Scored:  # fmt: skip
    horizon, origins = plan
    truth = test.truths(panel, horizon, origins)
    shape = (len(names), len(panel.ids), len(origins), horizon)
    means = np.stack(found, axis=2) if found else np.zeros(shape)
    losses = np.stack([test.loss(truth, mean) for mean in means])
    if origins:
        joint = [
            combined(means[:, :, one], weights(without(losses, one))) for one in range(len(origins))
        ]
        means = np.concatenate([means, np.stack(joint, axis=1)[None]])
        losses = np.concatenate([losses, test.loss(truth, means[-1])[None]])
        names = (*names, COMBINATION)
    errors = [_errors(panel, mean, truth, plan) for mean in means]
    widened = [widening(one, levels) for one in errors]
    scale = test.naive_scale(panel, origins[0]) if origins else np.full(len(truth), np.nan)
    return _Scored(
        backtest=Backtest(
            ids=panel.ids, models=names, horizon=horizon, origins=origins, levels=levels,
            smape=np.stack([test.smape(truth, mean) for mean in means], 1),
            mase=np.stack([test.mase(truth, mean, scale) for mean in means], 1),
            wmape=np.stack([test.wmape(truth, mean) for mean in means], 1),
            coverage=np.stack([coverage for _, coverage in widened], 1),
        ),
        truth=truth, means=means, losses=losses, signed=_signed(panel),
        spreads=tuple(spread_of(one) for one in errors),
        factors=tuple(factor for factor, _ in widened),
    )  # fmt: skip


def _errors(panel: Panel, mean: Array, truth: Array, plan: tuple[int, tuple[int, ...]]) -> Errors:
    """Return the forecasts of one model beside what came, with the place of each slot."""
    horizon, origins = plan
    places = _places(panel)
    rows = [places[origin : origin + horizon] for origin in origins]
    return Errors(
        truth=np.where(np.isnan(mean), np.nan, truth),
        mean=np.nan_to_num(mean),
        place=np.array(rows, np.int64).reshape(len(origins), horizon),
        signed=_signed(panel),
    )


def _signed(panel: Panel) -> Flags:
    """Return which series were ever negative."""
    return np.asarray((panel.seen < 0).any(axis=1))


def _places(panel: Panel) -> NDArray[np.int64]:
    """Return the group of each slot for intervals: part of the day, or place in the season."""
    slots = slots_a_day(panel)
    place = np.arange(len(panel.times))
    if slots > 1:
        width = max(slots // SMOOTH_SLOTS, 1)
        return (place % slots) // width
    first = panel.season_lengths[0] if panel.season_lengths else 1
    return place % first


def _chosen(panel: Panel, scored: _Scored, means: Array) -> Forecast:
    """Return the forecast of each series by its model."""
    names = scored.backtest.models
    if scored.backtest.origins:
        joint = combined(means, weights(scored.losses[:-1]))
        means = np.concatenate([means, joint[None]])
    pick, reasons = _picked(panel, scored)
    series = np.arange(len(panel.ids))
    pick = np.where(np.isnan(means[pick, series]).any(axis=1), names.index(PLAIN_MODEL), pick)
    mean = means[pick, series]
    lower = {level: mean.copy() for level in scored.backtest.levels}
    upper = {level: mean.copy() for level in scored.backtest.levels}
    place = _places(panel)[panel.steps :]
    for model in np.unique(pick):
        rows = np.flatnonzero(pick == model)
        spread = scored.spreads[model]
        below, above = limits(mean, spread, place, scored.signed, scored.factors[model])
        for level in scored.backtest.levels:
            lower[level][rows] = below[level][rows]
            upper[level][rows] = above[level][rows]
    _widen_untested(panel, scored, mean, (lower, upper))
    opened = panel.opened[:, panel.steps :]
    errors = (scored.truth - scored.means[pick, series])[:, :, : panel.horizon]
    return Forecast(
        ids=panel.ids,
        times=panel.times[panel.steps :],
        mean=mean,
        lower={level: np.where(opened, one, 0.0) for level, one in lower.items()},
        upper={level: np.where(opened, one, 0.0) for level, one in upper.items()},
        model=tuple(names[model] for model in pick),
        reason=reasons,
        errors=errors,
        backtest=scored.backtest,
    )


def _widen_untested(
    panel: Panel, scored: _Scored, mean: Array, both: tuple[dict[float, Array], dict[float, Array]]
) -> None:
    """Give series of which nothing could be tested the interval of their own differences."""
    tested = (~np.isnan(scored.truth)).any(axis=(1, 2))
    has_values = (~np.isnan(panel.seen)).any(axis=1)
    for row in np.flatnonzero(~tested & has_values):
        own = untested_limits(panel.seen[row], mean[row], scored.backtest.levels)
        for limit, found in zip(both, own, strict=True):
            for level, one in found.items():
                limit[level][row] = one


def _picked(panel: Panel, scored: _Scored) -> tuple[NDArray[np.int64], tuple[Reason, ...]]:
    """Return the model of each series and why."""
    names = scored.backtest.models
    plain = names.index(PLAIN_MODEL)
    simple = [_simple(values) for values in panel.seen]
    tested = len(scored.backtest.origins) >= CALIBRATED_ORIGINS
    if tested:
        pick = shrunk_losses(scored.losses).argmin(axis=0)
        together = np.stack([test.together(loss) for loss in scored.losses])
        series = np.arange(len(panel.ids))
        better = together[pick, series] < together[plain]
        untested = np.isnan(together[plain])
        pick = np.where(untested, names.index(UNTESTED_MODEL), np.where(better, pick, plain))
        reasons: list[Reason] = [
            "too_short_to_test" if none else "best_in_back_test" if won and one != plain
            else "no_better_than_plain"
            for none, won, one in zip(untested, better, pick, strict=True)
        ]  # fmt: skip
    else:
        pick = np.full(len(panel.ids), names.index(UNTESTED_MODEL))
        reasons = ["too_short_to_test"] * len(panel.ids)
    pick = np.where([one is None for one in simple], pick, plain)
    return pick, tuple(one or found for one, found in zip(simple, reasons, strict=True))


def _simple(values: Array) -> Reason | None:
    there = values[~np.isnan(values)]
    if not len(there):
        return "no_values"
    if np.ptp(there) > 0:
        return None
    return "all_zero" if there[0] == 0 else "constant"
