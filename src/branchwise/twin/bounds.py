"""The numbers of a scenario with their least and greatest possible values."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise

import numpy as np

from branchwise.twin.laws import Empirical, Law, Survival
from branchwise.twin.scenario import Scenario, Step

MOST_SERVERS = 100_000
MOST_AN_HOUR = 1e8
DAY_SECONDS = 86400.0
Bound = tuple[str, float, float, float]


def out_of_bounds(scenario: Scenario) -> Iterator[tuple[str, object, str]]:
    """Yield every number out of its range: where it stands, the number, the range.

    Examples
    --------
    >>> from branchwise.twin.example import corner_branch
    >>> list(out_of_bounds(corner_branch()))
    []
    """
    for place, value, least, most in chain(_amounts(scenario), _shares(scenario)):
        if not (least <= value <= most):
            yield place, value, f"{least:g} – {most:g}"
    for place, law in laws(scenario):
        for wrong in _impossible(law):
            yield f"{place}: {law.law}", wrong, "> 0"


def _amounts(scenario: Scenario) -> Iterator[Bound]:
    inf, tiny = math.inf, 1e-9
    yield "slot_seconds", scenario.slot_seconds, 1, DAY_SECONDS
    yield "standard_seconds", scenario.standard_seconds, 0, inf
    yield "entrance.machines", scenario.entrance.machines, 0, MOST_SERVERS
    if scenario.day_shape is not None:
        yield "day_shape", scenario.day_shape, 1e-3, 1e9
    for kind in scenario.classes:
        place = f"class {kind.name}"
        yield f"{place}.pace", kind.pace, tiny, 1e6
        walking = kind.walking_speed_metres_per_second
        yield f"{place}.walking_speed_metres_per_second", walking, 0.01, 100
        rates = f"{place}.rates_per_hour"
        wrong = [rate for rate in kind.rates_per_hour if not 0 <= rate <= MOST_AN_HOUR]
        yield from ((rates, rate, 0, MOST_AN_HOUR) for rate in wrong)
    for activity in scenario.activities:
        place = f"activity {activity.name}"
        yield f"{place}.walk_metres", activity.walk_metres, 0, 1e5
        yield from ((f"{place}.routes", route.walk_metres, 0, 1e5) for route in activity.routes)
    for station in scenario.stations:
        yield f"station {station.name}.speed", station.speed, 1e-6, 1e6
        if station.flexible:
            yield f"station {station.name}.flexible.waiting", station.flexible.waiting, 1, inf
            yield f"station {station.name}.flexible.further", station.flexible.further, 0, inf
            yield f"station {station.name}.flexible.keeps", station.flexible.keeps, 0, inf
    for place, step in steps(scenario):
        yield f"{place}.count", step.count, 0, MOST_SERVERS


def _shares(scenario: Scenario) -> Iterator[Bound]:
    for kind in scenario.classes:
        place = f"class {kind.name}"
        yield from ((f"{place}.mix", share, 0, 1e9) for share in kind.mix.values())
        shares = kind.balking.shares if kind.balking else ()
        yield from ((f"{place}.balking", share, 0, 1) for share in shares)
    for activity in scenario.activities:
        place = f"activity {activity.name}"
        yield from ((f"{place}.routes", route.share, 0, 1) for route in activity.routes)
        for request in activity.requests:
            yield f"{place}.requests.share", request.share, 0, 1
            yield f"{place}.requests.at", request.at, 0, 1
    yield from (("appointment.no_show", one.no_show, 0, 1) for one in scenario.appointments)


def steps(scenario: Scenario) -> Iterator[tuple[str, Step]]:
    """Yield every step of a plan: where it stands, and itself."""
    for station in scenario.stations:
        yield from ((f"station {station.name}.open", step) for step in station.open)
        limit = station.flexible.limit if station.flexible else ()
        yield from ((f"station {station.name}.flexible.limit", step) for step in limit)
    for pool in scenario.pools:
        yield from ((f"pool {pool.name}.open", step) for step in pool.open)


def laws(scenario: Scenario) -> Iterator[tuple[str, Law]]:
    """Yield every law of a scenario: where it stands, and itself."""
    for kind in scenario.classes:
        patience = (kind.patience, *kind.patience_at.values())
        yield from ((f"class {kind.name}.patience", law) for law in patience if law)
    for activity in scenario.activities:
        place = f"activity {activity.name}"
        yield from ((f"{place}.services", service.law) for service in activity.services)
        yield from ((f"{place}.requests.hold", request.hold) for request in activity.requests)
    for station in scenario.stations:
        if station.flexible:
            yield f"station {station.name}.flexible.delay", station.flexible.delay
        if station.failures:
            yield f"station {station.name}.failures.between", station.failures.between
            yield f"station {station.name}.failures.repair", station.failures.repair
    for pool in scenario.pools:
        yield from ((f"pool {pool.name}.delays", law) for law in pool.delays)
    yield from (("appointment.lateness", one.lateness) for one in scenario.appointments)
    if scenario.entrance.service:
        yield "entrance.service", scenario.entrance.service


def _impossible(law: Law) -> Iterator[object]:
    """Yield the parameters of a law with which it is none."""
    if isinstance(law, Empirical):
        yield from _unsorted(law.quantiles, least=2)
    elif isinstance(law, Survival):
        yield from _unsorted(law.times, least=1)
        falling = tuple(-share for share in (1.0, *law.surviving, 0.0))
        yield from _unsorted(falling, least=3)
        if len(law.times) != len(law.surviving):
            yield (len(law.times), len(law.surviving))
    else:
        names = [name for name in law.__dataclass_fields__ if name != "law"]
        values = {name: getattr(law, name) for name in names}
        least = 0.0 if law.law in {"constant", "uniform"} else math.ulp(0.0)
        yield from (value for value in values.values() if not (least <= value < math.inf))
        if law.law == "uniform" and not values["low"] <= values["high"]:
            yield (values["low"], values["high"])


def _unsorted(values: Sequence[float], *, least: int) -> Iterator[object]:
    if len(values) < least or not np.isfinite(values).all():
        yield tuple(values[:3])
    yield from (pair for pair in pairwise(values) if pair[0] > pair[1])
