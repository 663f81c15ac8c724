"""Series of one file that end at different times: each is forecast from its own end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from branchwise.core.ports import Executor
from branchwise.models.forecast.members import Size, size_of
from branchwise.models.forecast.portfolio import forecast
from branchwise.models.forecast.series import Forecast, Panel

MOST_ENDS_FULL, MOST_ENDS_SHARED = 24, 200
"""Each end is a panel with a back-test of its own; with many of them fewer models are tried."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ended:
    """Series with their last value at one time.

    Attributes
    ----------
    rows : ndarray of int
        Their rows in the panel of the file.
    panel : Panel
        These series, up to that time and the horizon behind it.
    """

    rows: NDArray[np.int64]
    panel: Panel

    @property
    def last(self) -> NDArray[Any]:
        """Time of the last value, shape (1,)."""
        return self.panel.times[self.panel.steps - 1 : self.panel.steps]


def by_end(panel: Panel) -> tuple[Ended, ...]:
    """Part a panel by the time of each series' last value, the latest first.

    Series without any value are left out.

    Examples
    --------
    >>> values = np.array([[1.0, 2, 3], [4, 5, np.nan], [np.nan, np.nan, np.nan]])
    >>> parts = by_end(Panel(ids=("a", "b", "c"), times=np.arange(5), values=values))
    >>> [(part.panel.ids, part.panel.times[part.panel.steps :].tolist()) for part in parts]
    [(('a',), [3, 4]), (('b',), [2, 3])]
    """
    there = ~np.isnan(panel.seen)
    last = np.where(there.any(axis=1), panel.steps - 1 - there[:, ::-1].argmax(axis=1), -1)
    found = []
    for end in np.unique(last[last >= 0])[::-1]:
        rows = np.flatnonzero(last == end)
        own = panel.among(rows) if len(rows) < len(panel.ids) else panel
        found.append(Ended(rows=rows, panel=own.cut(int(end) + 1, panel.horizon)))
    return tuple(found)


def portfolio_of(panel: Panel, ends: int) -> Size:
    """Return which portfolio the series of a file get, of which so many end at times of their own.

    Examples
    --------
    >>> panel = Panel(ids=("a",), times=np.arange(5), values=np.ones((1, 3)))
    >>> [portfolio_of(panel, ends) for ends in (1, 100, 1000)]
    ['full', 'shared', 'plain']
    """
    size = size_of(panel)
    if size == "full" and ends > MOST_ENDS_FULL:
        size = "shared"
    return "plain" if ends > MOST_ENDS_SHARED else size


def forecast_each(
    parts: Sequence[Ended], size: Size, *, levels: Sequence[float], seed: int, executor: Executor
) -> tuple[Forecast, ...]:
    """Return the forecast of each part, behind its own end."""
    return tuple(
        forecast(part.panel, levels=levels, seed=seed, executor=executor, size=size)
        for part in parts
    )
