"""Counts of weeks whose days are runs of their own, added up day by day.

A share of a week is not the mean of the shares of its days, and a day differs from the next in
its scenario; so counts are added first, and values worked out of the sums (`values`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from branchwise.twin.laws import Floats
from branchwise.twin.run import BATCHES, Result
from branchwise.twin.scenario import Scenario


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Week:
    """Counts of the same week, lived through several times.

    Attributes
    ----------
    scenarios : tuple of Scenario
        Of its days.
    classes, stations, pools : tuple of str
        Names; of all days together.
    by_class, by_station, by_pool : mapping of str to array, shape (weeks, names)
        As in `run.Result`, summed over the days.
    waits : array, shape (weeks, classes, 2, bins)
        Waits by bins of 5 s, called and lost; empty bins at the end are cut off.
    """

    scenarios: tuple[Scenario, ...]
    classes: tuple[str, ...]
    stations: tuple[str, ...]
    pools: tuple[str, ...]
    by_class: Mapping[str, Floats]
    by_station: Mapping[str, Floats]
    by_pool: Mapping[str, Floats]
    waits: Floats


def day_of(result: Result) -> Week:
    """Return the counts of one day, without what is long and empty.

    Parameters
    ----------
    result : Result
        Of at most 20 replications, which become so many weeks.

    Examples
    --------
    >>> from branchwise.twin.example import corner_branch
    >>> from branchwise.twin.run import simulate
    >>> day = day_of(simulate(corner_branch(), replications=2, seed=1))
    >>> len(day.by_class["served"]), day.classes
    (2, ('ordinary', 'elderly'))
    """
    batches = (result.first_replication + np.arange(result.replications)) % BATCHES
    waits = result.waits[batches]
    used = np.flatnonzero(waits.any(axis=(0, 1, 2)))
    kept = min(int(used[-1]) + 2 if len(used) else 1, waits.shape[-1])
    return Week(
        scenarios=(result.scenario,),
        classes=result.classes,
        stations=result.stations,
        pools=result.pools,
        by_class=result.by_class,
        by_station=result.by_station,
        by_pool=result.by_pool,
        waits=waits[..., :kept].astype(np.float64),
    )


def week_of(days: Sequence[Week]) -> Week:
    """Return the counts of days that are lived through in the same weeks, added up.

    Parameters
    ----------
    days : sequence of Week
        Of the same number of weeks each.

    Examples
    --------
    >>> from branchwise.twin.example import corner_branch
    >>> from branchwise.twin.run import simulate
    >>> day = day_of(simulate(corner_branch(), replications=2, seed=1))
    >>> bool((week_of([day, day]).by_class["served"] == 2 * day.by_class["served"]).all())
    True
    """
    classes, by_class = _summed(days, "by_class", "classes")
    stations, by_station = _summed(days, "by_station", "stations")
    pools, by_pool = _summed(days, "by_pool", "pools")
    waits = np.zeros(
        (len(days[0].waits), len(classes), 2, max(day.waits.shape[-1] for day in days))
    )
    for day in days:
        bins = day.waits.shape[-1]
        if day.classes == classes:
            waits[..., :bins] += day.waits
        else:
            waits[:, [classes.index(name) for name in day.classes], :, :bins] += day.waits
    return Week(
        scenarios=tuple(scenario for day in days for scenario in day.scenarios),
        classes=classes,
        stations=stations,
        pools=pools,
        by_class=by_class,
        by_station=by_station,
        by_pool=by_pool,
        waits=waits,
    )


def _summed(
    days: Sequence[Week], part: str, names: str
) -> tuple[tuple[str, ...], dict[str, Floats]]:
    """Return names and counts summed over days, which need not have the same names."""
    listed: tuple[str, ...] = tuple(
        dict.fromkeys(name for day in days for name in getattr(day, names))
    )
    keys = tuple(getattr(days[0], part))
    total = np.zeros((len(days[0].waits), len(listed), len(keys)))
    for day in days:
        places = [listed.index(name) for name in getattr(day, names)]
        total[:, places] += np.stack(list(getattr(day, part).values()), axis=-1)
    return listed, {key: total[..., place] for place, key in enumerate(keys)}
