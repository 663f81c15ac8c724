"""What cannot be simulated, found before anything runs, all of it at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from branchwise.core.errors import Problems, Where
from branchwise.twin.bounds import DAY_SECONDS, MOST_SERVERS, out_of_bounds, steps
from branchwise.twin.kernel.indexing import is_general, law_of_service
from branchwise.twin.scenario import Activity, CustomerClass, Scenario, Serving, Station, Step
from branchwise.twin.workload import expected_customers, visits_by_class, visits_each

MOST_CUSTOMERS = 5_000_000
MOST_STEPS_EACH = 1000.0
A_WHOLE = 1 + 1e-9
MOST_DAYS = 400
"""Times of a scenario lie within so many days of its midnight."""


def require_sound(scenario: Scenario) -> None:
    """Raise everything that is wrong with a scenario, if anything is.

    Raises
    ------
    BranchwiseError
        [BW-TWN-001] something is missing, [BW-TWN-002] two have one name, [BW-TWN-003] a name
        stands for nothing, [BW-TWN-004] a number is out of its range, [BW-TWN-005] times are out
        of order, [BW-TWN-006] shares are more than a whole, [BW-TWN-007] nobody can serve an
        activity, [BW-TWN-008] nobody is ever in a pool, [BW-TWN-009] customers go round and round,
        [BW-TWN-010] too many customers or servers.

    Examples
    --------
    >>> from branchwise.twin.example import corner_branch
    >>> require_sound(corner_branch())
    """
    found = Problems()
    _names(scenario, found)
    found.raise_if_any()
    for place, value, bounds in out_of_bounds(scenario):
        found.add("BW-TWN-004", Where(place=place), value=value, bounds=bounds)
    _times(scenario, found)
    _shares(scenario, found)
    found.raise_if_any()
    _servable(scenario, found)
    _rounds(scenario, found)
    _sizes(scenario, found)
    found.raise_if_any()


def _names(scenario: Scenario, found: Problems) -> None:
    nouns = {
        "class": [one.name for one in scenario.classes],
        "activity": [one.name for one in scenario.activities],
        "station": [one.name for one in scenario.stations],
        "pool": [one.name for one in scenario.pools],
        "queue": list(scenario.queues),
    }
    for noun in ("class", "activity", "station"):
        if not nouns[noun]:
            found.add("BW-TWN-001", Where(place=scenario.name), noun=noun)
    for noun, names in nouns.items():
        for name in sorted({name for name in names if names.count(name) > 1}):
            found.add("BW-TWN-002", Where(place=noun), noun=noun, name=name)
    for place, noun, name in _mentions(scenario):
        if name not in nouns[noun]:
            known = ", ".join(nouns[noun]) or "–"
            found.add("BW-TWN-003", Where(place=place), noun=noun, name=name, known=known)


def _mentions(scenario: Scenario) -> Iterator[tuple[str, str, str]]:
    """Yield every name that stands for something else: where, of what kind, the name."""
    for kind in scenario.classes:
        place = f"class {kind.name}"
        yield from ((place, "activity", name) for name in kind.mix)
        yield from ((place, "queue", name) for name in kind.patience_at)
    for activity in scenario.activities:
        place = f"activity {activity.name}"
        yield from ((place, "activity", route.to) for route in activity.routes)
        yield from ((place, "pool", request.pool) for request in activity.requests)
        for service in activity.services:
            if service.station is not None:
                yield place, "station", service.station
            if service.customer_class is not None:
                yield place, "class", service.customer_class
    for station in scenario.stations:
        for tier in station.tiers:
            yield from ((f"station {station.name}", "queue", name) for name in tier)
    yield from _mentions_of_people(scenario)


def _mentions_of_people(scenario: Scenario) -> Iterator[tuple[str, str, str]]:
    for person in scenario.people:
        place = type(person).__name__.lower()
        yield place, "class", person.customer_class
        if person.activity is not None:
            yield place, "activity", person.activity
        if isinstance(person, Serving):
            yield place, "station", person.station


def _times(scenario: Scenario, found: Problems) -> None:
    hours = (scenario.opens_second, scenario.closes_second, scenario.ends_second)
    lists: dict[str, Sequence[float]] = {
        "opens_second, closes_second, ends_second": hours,
        "rates_start_second": (scenario.rates_start_second,),
    }
    for place, step in steps(scenario):
        lists[place] = (*lists.get(place, ()), step.at_second)
    for activity in scenario.activities:
        lists[f"activity {activity.name}.requests.at"] = [one.at for one in activity.requests]
    start = scenario.start
    if start:
        lists["start.at_second"] = (start.at_second,)
        for waiting in start.waiting:
            lists[f"start.waiting {waiting}"] = (waiting.ticket_second, start.at_second)
        for serving in start.serving:
            spell = (serving.ticket_second, serving.started_second, start.at_second)
            lists[f"start.serving {serving}"] = spell
    for place, times in lists.items():
        if not _in_order(times):
            shown = ", ".join(f"{time:g}" for time in times)
            found.add("BW-TWN-005", Where(place=place), times=shown)
    expected = [one.at_second for one in scenario.given]
    expected += [one.at_second for one in scenario.appointments]
    for second in expected:
        if not _in_order((second,)):
            found.add("BW-TWN-005", Where(place="given, appointments"), times=f"{second:g}")


def _in_order(times: Iterable[float]) -> bool:
    listed = list(times)
    is_rising = all(one <= other for one, other in pairwise(listed))
    return is_rising and all(0 <= time <= MOST_DAYS * DAY_SECONDS for time in listed)


def _shares(scenario: Scenario, found: Problems) -> None:
    for kind in scenario.classes:
        total = sum(kind.mix.values())
        if not total > 0:
            found.add("BW-TWN-006", Where(place=f"class {kind.name}.mix"), total=f"{total:g}")
    for activity in scenario.activities:
        total = sum(route.share for route in activity.routes)
        if total > A_WHOLE:
            place = f"activity {activity.name}.routes"
            found.add("BW-TWN-006", Where(place=place), total=f"{total:g}")


def _servable(scenario: Scenario, found: Problems) -> None:
    flows = visits_by_class(scenario)
    serving = {
        queue: [one for one in scenario.stations if one.serves(queue)] for queue in scenario.queues
    }
    is_ever_open = {
        queue: any(_ever(one.open) or one.flexible for one in stations)
        for queue, stations in serving.items()
    }
    for kind, visits in zip(scenario.classes, flows, strict=True):
        for activity, share in zip(scenario.activities, visits, strict=True):
            if share > 0 and not (
                is_ever_open[activity.queue]
                and (is_general(activity) or _has_laws(activity, kind, serving[activity.queue]))
            ):
                place = f"class {kind.name}, activity {activity.name}"
                found.add("BW-TWN-007", Where(place=place), queue=activity.queue)
    asked = {request.pool for activity in scenario.activities for request in activity.requests}
    for pool in scenario.pools:
        if pool.name in asked and not pool.delays and not _ever(pool.open):
            found.add("BW-TWN-008", Where(place=f"pool {pool.name}"), pool=pool.name)


def _has_laws(activity: Activity, kind: CustomerClass, serving: Sequence[Station]) -> bool:
    return all(law_of_service(activity, kind, one) for one in serving)


def _ever(steps: Sequence[Step]) -> bool:
    return any(step.count > 0 for step in steps)


def _rounds(scenario: Scenario, found: Problems) -> None:
    longest = float(visits_each(scenario).sum(axis=1).max(initial=0.0))
    if not longest <= MOST_STEPS_EACH:
        names = [one.name for one in scenario.activities if one.routes]
        found.add("BW-TWN-009", Where(place="routes", keys=tuple(names)), most=MOST_STEPS_EACH)


def _sizes(scenario: Scenario, found: Problems) -> None:
    expected = expected_customers(scenario).sum()
    if not expected <= MOST_CUSTOMERS:
        values = {"what": "customers", "value": f"{expected:,.0f}", "most": f"{MOST_CUSTOMERS:,}"}
        found.add("BW-TWN-010", Where(place=scenario.name), **values)
    servers = sum(
        max((step.count for step in station.open), default=0) for station in scenario.stations
    )
    if servers > MOST_SERVERS:
        values = {"what": "servers", "value": f"{servers:,}", "most": f"{MOST_SERVERS:,}"}
        found.add("BW-TWN-010", Where(place=scenario.name), **values)
