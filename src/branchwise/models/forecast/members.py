"""The members of the portfolio, as jobs that an executor can run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from branchwise.core.ports import Executor
from branchwise.models.forecast.axis import slots_a_day
from branchwise.models.forecast.plain import recent_slot_means, seasonal_naive, slot_means
from branchwise.models.forecast.series import Array, Panel
from branchwise.models.forecast.statistical import smoothed, smoothing_models
from branchwise.models.forecast.structural import structural
from branchwise.models.forecast.trees import boosted

Size = Literal["full", "shared", "plain"]
PLAIN = ("seasonal_naive", "slot_means", "recent_slot_means")
COMBINATION = "combination"
MOST_FULL, MOST_SHARED = 250, 4_000
"""Up to so many series each gets all models; up to so many those that learn from all at once."""
MOST_SLOTS_SHARED = 4_000_000
CHUNK = 12
FEWEST_LEARNED = 20
"""Slots (or days) below which nothing but the plain forecasts and smoothing is tried."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Job:
    """Some models on some series, seen from one origin."""

    task: int
    names: tuple[str, ...]
    panel: Panel
    rows: NDArray[np.int64]
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Done:
    """What a job found: by model, means (rows, horizon)."""

    task: int
    rows: NDArray[np.int64]
    means: dict[str, Array]


def size_of(panel: Panel) -> Size:
    """Return which portfolio a panel of this size gets."""
    count = len(panel.ids)
    if count <= MOST_FULL:
        return "full"
    few = count <= MOST_SHARED and panel.values.size <= MOST_SLOTS_SHARED
    return "shared" if few else "plain"


def models_of(panel: Panel, known: int, size: Size) -> tuple[str, ...]:
    """Return the names of the models tried on a panel of which so many slots are known."""
    if size == "plain":
        return PLAIN
    slots = slots_a_day(panel)
    learned = known // slots
    within = slots > 1
    names = [*PLAIN]
    negative = bool((panel.seen < 0).any())
    if learned >= (2 if within else FEWEST_LEARNED) and not (within and negative):
        names.append("structural")
    if size == "full":
        names += smoothing_models(panel.cut(known, 0))
    if known * len(panel.ids) >= FEWEST_ROWS_BOOSTED and learned >= FEWEST_LEARNED:
        names.append("boosted")
    return tuple(names)


FEWEST_ROWS_BOOSTED = 600


def run(
    panels: Sequence[Panel], names: Sequence[str], seed: int, executor: Executor
) -> list[Array]:
    """Forecast each panel by each model.

    Parameters
    ----------
    panels : sequence of Panel
        One for each origin.
    names : sequence of str
        Models.
    seed : int
        Seed of all chance.
    executor : Executor
        Who runs them.

    Returns
    -------
    list of ndarray, shape (models, n, horizon)
        NaN where a model failed.
    """
    found = [np.full((len(names), len(panel.ids), panel.horizon), np.nan) for panel in panels]
    place = {name: position for position, name in enumerate(names)}
    for done in executor.map(work, _jobs(panels, names, seed)):
        for name, mean in done.means.items():
            found[done.task][place[name], done.rows] = mean
    return found


def work(job: Job) -> Done:
    """Do one job."""
    panel, names = job.panel, job.names
    means: dict[str, Array] = {}
    for name in names:
        if name == "structural":
            means[name] = structural(panel, seed=job.seed)
        elif name == "boosted":
            trees = boosted(panel, seed=job.seed)
            if trees is not None:
                means[name] = trees
        elif name in PLAIN:
            means[name] = _PLAIN_CALLS[name](panel)
    smoothing = [name for name in names if name in smoothing_models(panel)]
    if smoothing:
        means |= smoothed(panel, smoothing)
    return Done(task=job.task, rows=job.rows, means=means)


_PLAIN_CALLS = {
    "seasonal_naive": seasonal_naive,
    "slot_means": slot_means,
    "recent_slot_means": recent_slot_means,
}


def _jobs(panels: Sequence[Panel], names: Sequence[str], seed: int) -> Iterator[Job]:
    everyone = np.arange(len(panels[0].ids)) if panels else np.arange(0)
    shared = [(name,) for name in ("structural", "boosted") if name in names]
    plain = tuple(name for name in names if name in PLAIN)
    single = tuple(name for name in names if name not in {*PLAIN, "structural", "boosted"})
    for task, panel in enumerate(panels):
        for some in (plain, *shared):
            if some:
                yield Job(task=task, names=some, panel=panel, rows=everyone, seed=seed)
    for task, panel in enumerate(panels):
        for begin in range(0, len(everyone) if single else 0, CHUNK):
            rows = everyone[begin : begin + CHUNK]
            yield Job(task=task, names=single, panel=panel.among(rows), rows=rows, seed=seed)
