"""What replications say as measures: with intervals, class by class and station by station.

Names of the catalogue (``queues.…``, ``devices.…``) are used where the definition is that of the
catalogue; what only a simulation knows is called ``twin.…``. Waits in front of machines count
here, which most banks do not record; who is called, sent on to another queue and then leaves
counts as never called. Every measure carries one pseudo-value a replication, or a
batch of replications (Quenouille's jackknife), so that scenarios that share their days can be
compared pair by pair.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from branchwise.experiments.intervals import student
from branchwise.twin.laws import Floats
from branchwise.twin.reading import MACHINES
from branchwise.twin.run import Result
from branchwise.twin.scenario import Scenario
from branchwise.twin.waits import waits_of

LEVEL = 0.025
QUANTILES = {"p50": 0.5, "p90": 0.9, "p95": 0.95}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Estimate:
    """One measure of a run.

    Attributes
    ----------
    measure : str
        Its name; `unit` says what it counts.
    customer_class, station : str or None
        Of whom and where; None: of all.
    value, lower, upper : float or None
        With its 95 % interval; None where there is nothing to measure, or too few replications.
    unit : str
        Name in ``core.units``.
    pseudo : array, shape (replications or batches,)
        Pseudo-values; empty where there are none.
    """

    measure: str
    customer_class: str | None = None
    station: str | None = None
    value: float | None
    lower: float | None = None
    upper: float | None = None
    unit: str
    pseudo: Floats

    @property
    def key(self) -> tuple[str, str | None, str | None]:
        """Measure, class and station."""
        return self.measure, self.customer_class, self.station

    def as_row(self) -> dict[str, Any]:
        """Return the row of a table of measures."""
        return {
            "measure": self.measure,
            "class": self.customer_class,
            "station": self.station,
            "value": self.value,
            "lower": self.lower,
            "upper": self.upper,
            "unit": self.unit,
        }


def estimates(result: Result) -> tuple[Estimate, ...]:
    """Return every measure of a run.

    Parameters
    ----------
    result : Result
        One replication gives values without intervals.

    Returns
    -------
    tuple of Estimate
        Over all customers first, then of elderly customers, classes, stations and pools.

    References
    ----------
    Quenouille (1956), doi:10.1093/biomet/43.3-4.353; Kaplan and Meier (1958),
    doi:10.2307/2281868.

    Examples
    --------
    >>> from branchwise.twin.example import corner_branch
    >>> from branchwise.twin.run import simulate
    >>> found = estimates(simulate(corner_branch(), replications=40, seed=1))
    >>> found[0].measure, found[0].lower < found[0].value < found[0].upper
    ('queues.wait_mean_seconds', True)
    """
    every = list(range(len(result.classes)))
    found = _of_customers(result, every, None)
    old = [place for place, each in enumerate(result.scenario.classes) if each.is_elderly]
    if old:
        found += _elderly(result, old)
    if len(every) > 1:
        for place in every:
            found += _of_customers(result, [place], result.classes[place])
    return tuple(found + _of_machines(result) + _of_stations(result) + _of_pools(result))


def difference(scenario: Estimate, baseline: Estimate) -> Estimate:
    """Return scenario minus baseline over the same replications, with its 95 % interval.

    Examples
    --------
    >>> from branchwise.twin.change import changed
    >>> from branchwise.twin.example import corner_branch
    >>> from branchwise.twin.run import simulate
    >>> before = corner_branch()
    >>> after = changed(before, ["station.counter.open=+1"])
    >>> a, b = (estimates(simulate(each, replications=40, seed=1))[0] for each in (before, after))
    >>> difference(b, a).upper < 0
    True
    """
    known = scenario.value is not None and baseline.value is not None
    value = scenario.value - baseline.value if known else None  # type: ignore[operator]
    paired = len(scenario.pseudo) == len(baseline.pseudo)
    pseudo = scenario.pseudo - baseline.pseudo if paired else np.empty(0)
    half = _half_width(pseudo)
    limits = (None, None) if value is None or half is None else (value - half, value + half)
    return replace(scenario, value=value, lower=limits[0], upper=limits[1], pseudo=pseudo)


def merged(results: Sequence[Result]) -> Result:
    """Return runs of consecutive replications of one scenario as the one run that they are.

    Examples
    --------
    >>> from branchwise.twin.example import corner_branch
    >>> from branchwise.twin.run import simulate
    >>> parts = [simulate(corner_branch(), replications=5, seed=1, first_replication=first)
    ...     for first in (0, 5)]
    >>> whole = simulate(corner_branch(), replications=10, seed=1)
    >>> bool((merged(parts).waiting == whole.waiting).all())
    True
    """
    first, count = results[0], sum(each.replications for each in results)

    def joined(part: str) -> dict[str, Floats]:
        return {
            name: np.concatenate([getattr(each, part)[name] for each in results])
            for name in getattr(first, part)
        }

    waiting = np.stack([np.rint(each.waiting * each.replications) for each in results])
    return replace(
        first,
        replications=count,
        by_class=joined("by_class"),
        by_station=joined("by_station"),
        by_pool=joined("by_pool"),
        by_slot=joined("by_slot"),
        waiting=waiting.sum(axis=0) / count,
        waits=np.stack([each.waits for each in results]).sum(axis=0),
    )


def _of_customers(result: Result, kinds: list[int], name: str | None) -> list[Estimate]:
    counts = {key: values[:, kinds].sum(axis=1) for key, values in result.by_class.items()}
    waited = counts["customers"] - counts["balked"]
    days = np.ones(result.replications)
    waits = waits_of(result, kinds)
    served, seconds = counts["served"], counts["wait_served_seconds"]
    found = [
        _jackknifed("queues.wait_mean_seconds", "s", waits.mean()),
        _ratio("queues.wait_served_mean_seconds", "s", seconds, served),
        *(
            _jackknifed(f"queues.wait_{each}_seconds", "s", waits.quantile(share))
            for each, share in QUANTILES.items()
        ),
        _jackknifed("queues.within_standard_share", "share", waits.within()),
        _ratio(
            "queues.abandoned_share", "share", counts["abandoned"] + counts["sent_away"], waited
        ),
        _ratio("queues.abandoned_walked_out_share", "share", counts["abandoned"], waited),
        _ratio("twin.balked_share", "share", counts["balked"], counts["customers"]),
        _ratio("twin.customers_per_day", "visit", counts["customers"], days),
        _ratio("twin.served_per_day", "visit", served, days),
        _ratio("twin.walked_metres", "m", counts["walked_metres"], counts["customers"]),
    ]
    return [replace(each, customer_class=name) for each in found]


def _elderly(result: Result, kinds: list[int]) -> list[Estimate]:
    waits = waits_of(result, kinds)
    return [
        _jackknifed("queues.elderly_wait_mean_seconds", "s", waits.mean()),
        _jackknifed("queues.elderly_wait_p90_seconds", "s", waits.quantile(0.9)),
    ]


def machines_alone_fail(scenario: Scenario) -> bool:
    """Say whether services fail, and only at machines: then fail-back is the catalogue's.

    Examples
    --------
    >>> from branchwise.twin.example import corner_branch
    >>> machines_alone_fail(corner_branch())
    True
    """
    kinds = {
        queue: {station.kind for station in scenario.stations if queue in sum(station.tiers, ())}
        for queue in scenario.queues
    }
    failing = [
        activity.queue
        for activity in scenario.activities
        if any(route.is_failure for route in activity.routes)
    ]
    return bool(failing) and all(kinds[queue] <= set(MACHINES) for queue in failing)


def _of_machines(result: Result) -> list[Estimate]:
    """Fail-back, where only machines fail: then it is the catalogue's."""
    scenario = result.scenario
    if not machines_alone_fail(scenario):
        return []
    machines = [place for place, each in enumerate(scenario.stations) if each.kind in MACHINES]
    attempts = result.by_station["services"][:, machines].sum(axis=1)
    failed = result.by_class["failed_back"].sum(axis=1)
    return [_ratio("queues.failback_share", "share", failed, attempts)]


def _of_stations(result: Result) -> list[Estimate]:
    counts, days = result.by_station, np.ones(result.replications)
    stations = result.scenario.stations
    counters = [place for place, each in enumerate(stations) if each.kind == "counter"]
    busy, duty = (
        counts[name][:, counters].sum(axis=1) for name in ("busy_seconds", "open_seconds")
    )
    found = [_ratio("twin.busy_share", "share", busy, duty, limit=False)]
    for place, station in enumerate(stations):
        of = {name: values[:, place] for name, values in counts.items()}
        here = [
            _ratio("twin.busy_share", "share", of["busy_seconds"], of["open_seconds"],
                   limit=False),
            _ratio("twin.services_per_day", "visit", of["services"], days),
            _ratio("twin.overtime_seconds_per_day", "s", of["overtime_seconds"], days),
        ]  # fmt: skip
        if station.failures is not None:
            up = of["open_seconds"] - of["down_seconds"]
            here.append(_ratio("devices.availability_share", "share", up, of["open_seconds"]))
        found += [replace(each, station=station.name) for each in here]
    return found


def _of_pools(result: Result) -> list[Estimate]:
    return [
        replace(
            _ratio(
                "twin.request_mean_seconds",
                "s",
                result.by_pool["asking_seconds"][:, place],
                result.by_pool["requests"][:, place],
            ),
            station=name,
        )
        for place, name in enumerate(result.pools)
    ]


def _ratio(measure: str, unit: str, part: Floats, whole: Floats, *, limit: bool = True) -> Estimate:
    """Return a ratio of sums over replications."""
    total, count = float(whole.sum()), len(whole)
    if total <= 0:
        return Estimate(measure=measure, value=None, unit=unit, pseudo=np.empty(0))
    value = float(part.sum()) / total
    without = total - whole
    pseudo = np.empty(0)
    if count > 1 and (without > 0).all():
        pseudo = count * value - (count - 1) * (part.sum() - part) / without
    found = _with_limits(measure, unit, value, pseudo)
    if unit != "share" or not limit or found.lower is None or value not in {0.0, 1.0}:
        return found
    never = 1 - LEVEL ** (1 / total)  # Clopper and Pearson (1934): none of so many
    return replace(found, upper=never) if value == 0 else replace(found, lower=1 - never)


def _jackknifed(measure: str, unit: str, values: Floats) -> Estimate:
    """Return the first value, with an interval from those that leave a batch of days out."""
    value, left_out, count = float(values[0]), values[1:], len(values) - 1
    if not math.isfinite(value):
        return Estimate(measure=measure, value=None, unit=unit, pseudo=np.empty(0))
    usable = count > 1 and bool(np.isfinite(left_out).all())
    pseudo = count * value - (count - 1) * left_out if usable else np.empty(0)
    return _with_limits(measure, unit, value, pseudo)


def _with_limits(measure: str, unit: str, value: float, pseudo: Floats) -> Estimate:
    half = _half_width(pseudo)
    found = Estimate(measure=measure, value=value, unit=unit, pseudo=pseudo)
    if half is None:
        return found
    highest = 1.0 if unit == "share" and value <= 1 else np.inf
    return replace(found, lower=max(value - half, 0.0), upper=min(value + half, float(highest)))


def _half_width(pseudo: Floats) -> float | None:
    if len(pseudo) < 2:  # noqa: PLR2004
        return None
    quantile = float(student(len(pseudo) - 1))
    return quantile * float(pseudo.std(ddof=1)) / math.sqrt(len(pseudo))
