"""A scenario as arrays of records: what the compiled loop reads."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from branchwise.twin.kernel.draws import word
from branchwise.twin.kernel.indexing import (
    NONE,
    Book,
    cyclic_activities,
    is_general,
    law_of_service,
    ranked_lines,
    serving_order,
    spans,
)
from branchwise.twin.kernel.records import Records, fields, filled
from branchwise.twin.kernel.sources import Sources, sources_of
from branchwise.twin.kernel.tables import table_of
from branchwise.twin.laws import Exponential, finite_share
from branchwise.twin.scenario import Activity, CustomerClass, Scenario, Step

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

END, STATION, POOL, LIMIT, START = range(5)
"""Kinds of change of the day, in their order at the same instant."""

ALL_BITS = 2**64 - 1

CLASS = fields(words="word", whole="balk_first balk_last", real="pace seconds_a_metre")
ACTIVITY = fields(
    words="patience_word service_word route_word recurs",
    whole="queue route_first route_last failing_route request_first request_last",
    real="metres",
)
"""`recurs` has every bit set where a customer may come again, none elsewhere."""
ROUTE = fields(real="share metres", whole="to keeps fails")
REQUEST = fields(words="word hold_word delay_word", real="share at", whole="pool law")
QUEUE = fields(whole="line_first line_last station_first station_last")
RANK = fields(whole="line_first line_last")
STATION_OF_MODEL = fields(
    words="word",
    whole="server_first server_last rank_first rank_last line_first line_last is_flexible "
    "waiting further keeps coming_law failure_law repair_law",
    real="slowness down_share",
)
POOL_OF_MODEL = fields(whole="delay_first delay_last", real="slot_seconds")
CHANGE = fields(real="at", whole="kind place count")


class Model(NamedTuple):
    """Everything about a branch that does not change during a day.

    What belongs to one of many lies together: from ``…_first`` up to ``…_last`` (not included).
    -1 stands for none, laws are numbers of rows of `table`, times are seconds after midnight.
    """

    sources: Sources
    table: Floats
    finite: Floats
    classes: Records
    mix_share: Floats
    mix_activity: Ints
    balk_share: Floats
    activities: Records
    routes: Records
    requests: Records
    queues: Records
    queue_stations: Ints
    ranks: Records
    rank_lines: Ints
    stations: Records
    server_station: Ints
    pools: Records
    delay_law: Ints
    changes: Records
    line_of: Ints
    patience_law: Ints
    service_law: Ints
    closes: float
    ends: float
    standard: float
    count_lines: int


def model_of(scenario: Scenario) -> Model:
    """Return a scenario, taken to be sound (see `checks`), as arrays.

    Parameters
    ----------
    scenario : Scenario
        The branch.

    Returns
    -------
    Model
        Classes, activities, stations and pools are numbered in the order of the scenario; queues
        in that of `Scenario.queues`; servers station by station.
    """
    book = Book(scenario)
    book.law(Exponential(mean=1.0))
    parts: dict[str, Any] = {
        **_classes(book),
        **_laws_by_class(book),
        **_activities(book),
        **_requests(book),
        **_queues(book),
        **_stations(book),
        **_pools(book),
        "changes": _changes(scenario),
        "sources": sources_of(book),
    }
    return Model(
        table=table_of(tuple(book.laws)),
        finite=np.array([finite_share(law) for law in book.laws]),
        closes=float(scenario.closes_second),
        ends=float(scenario.ends_second),
        standard=float(scenario.standard_seconds),
        count_lines=len(book.queues) * len(book.priorities),
        **parts,
    )


def _classes(book: Book) -> dict[str, Any]:
    classes = book.scenario.classes
    balking = [found.balking.shares if found.balking else () for found in classes]
    balk = spans([len(one) for one in balking])
    return {
        "classes": filled(
            CLASS,
            word=[word("class", found.name) for found in classes],
            balk_first=balk[:-1],
            balk_last=balk[1:],
            pace=[found.pace for found in classes],
            seconds_a_metre=[1 / found.walking_speed_metres_per_second for found in classes],
        ),
        **_mixes(book),
        "balk_share": np.array([share for shares in balking for share in shares], dtype=float),
    }


def _mixes(book: Book) -> dict[str, Any]:
    """Return shares, one on top of the other, and first activities: a row a class, all as long.

    Without the last share, which is 1, and filled up with it.
    """
    classes = book.scenario.classes
    most = max(len(found.mix) for found in classes)
    share = np.ones((len(classes), most - 1))
    activity = np.zeros((len(classes), most), dtype=np.int64)
    for place, found in enumerate(classes):
        shares = np.array(list(found.mix.values()), dtype=float)
        share[place, : len(shares) - 1] = (np.cumsum(shares) / shares.sum())[:-1]
        activity[place, : len(shares)] = [book.activities[name] for name in found.mix]
    return {"mix_share": share, "mix_activity": activity}


def _laws_by_class(book: Book) -> dict[str, Any]:
    """Return lines and laws of patience by class and queue, of service by activity and station."""
    scenario = book.scenario
    lines = [
        [book.line(queue, kind.priority) for queue in range(len(book.queues))]
        for kind in scenario.classes
    ]
    patience = [
        [book.law(kind.patience_at.get(queue, kind.patience)) for queue in book.queues]
        for kind in scenario.classes
    ]
    served = [{queue for tier in found.tiers for queue in tier} for found in scenario.stations]
    service = [
        [_of_stations(book, activity, kind, served) for activity in scenario.activities]
        for kind in scenario.classes
    ]
    return {"line_of": _ints(lines), "patience_law": _ints(patience), "service_law": _ints(service)}


def _of_stations(
    book: Book, activity: Activity, kind: CustomerClass, served: list[set[str]]
) -> list[int]:
    """Return the law of an activity for a class at each station, -1 where it is not done."""
    queue = activity.queue
    if is_general(activity):
        law = book.law(activity.services[0].law)
        return [law if queue in own else NONE for own in served]
    return [
        book.law(law_of_service(activity, kind, station) if queue in own else None)
        for station, own in zip(book.scenario.stations, served, strict=True)
    ]


def _activities(book: Book) -> dict[str, Any]:
    scenario = book.scenario
    activities = scenario.activities
    cyclic = cyclic_activities(scenario)
    route = spans([len(found.routes) for found in activities])
    request = spans([len(found.requests) for found in activities])
    routes = [one for found in activities for one in found.routes]
    names = [found.name for found in activities]
    return {
        "activities": filled(
            ACTIVITY,
            patience_word=[word("patience", name) for name in names],
            service_word=[word("service", name) for name in names],
            route_word=[word("route", name) for name in names],
            recurs=[ALL_BITS if name in cyclic else 0 for name in names],
            queue=[book.queues[found.queue] for found in activities],
            route_first=route[:-1],
            route_last=route[1:],
            failing_route=[_failing(routes, *bounds) for bounds in pairwise(route)],
            request_first=request[:-1],
            request_last=request[1:],
            metres=[found.walk_metres for found in activities],
        ),
        "routes": filled(
            ROUTE,
            share=[
                sum(one.share for one in found.routes[: place + 1])
                for found in activities
                for place in range(len(found.routes))
            ],
            metres=[one.walk_metres for one in routes],
            to=[book.activities[one.to] for one in routes],
            keeps=[one.keeps_ticket for one in routes],
            fails=[one.is_failure for one in routes],
        ),
    }


def _failing(routes: Sequence[Any], first: int, last: int) -> int:
    return next((place for place in range(first, last) if routes[place].is_failure), NONE)


def _requests(book: Book) -> dict[str, Any]:
    places = [
        (found.name, place, request)
        for found in book.scenario.activities
        for place, request in enumerate(found.requests)
    ]
    return {
        "requests": filled(
            REQUEST,
            word=[word("request", name, place) for name, place, _ in places],
            hold_word=[word("hold", name, place) for name, place, _ in places],
            delay_word=[word("delay", name, place) for name, place, _ in places],
            share=[request.share for _, _, request in places],
            at=[request.at for _, _, request in places],
            pool=[book.pools[request.pool] for _, _, request in places],
            law=[book.law(request.hold) for _, _, request in places],
        )
    }


def _queues(book: Book) -> dict[str, Any]:
    orders = serving_order(book)
    levels, count = len(book.priorities), len(book.queues)
    station = spans([len(order) for order in orders])
    return {
        "queues": filled(
            QUEUE,
            line_first=range(0, levels * count, levels),
            line_last=range(levels, levels * count + 1, levels),
            station_first=station[:-1],
            station_last=station[1:],
        ),
        "queue_stations": _ints([place for order in orders for place in order]),
    }


def _stations(book: Book) -> dict[str, Any]:
    stations = book.scenario.stations
    ranks = ranked_lines(book)
    rank = spans([len(found) for found in ranks])
    line = spans([len(lines) for found in ranks for lines in found])
    server = spans([book.size(found) for found in stations])
    flexible = [found.flexible for found in stations]
    failures = [found.failures for found in stations]
    return {
        "ranks": filled(RANK, line_first=line[:-1], line_last=line[1:]),
        "rank_lines": _ints([one for found in ranks for lines in found for one in lines]),
        "server_station": np.repeat(np.arange(len(stations)), np.diff(server)).astype(np.int64),
        "stations": filled(
            STATION_OF_MODEL,
            word=[word("station", found.name) for found in stations],
            server_first=server[:-1],
            server_last=server[1:],
            rank_first=rank[:-1],
            rank_last=rank[1:],
            line_first=[line[place] for place in rank[:-1]],
            line_last=[line[place] for place in rank[1:]],
            is_flexible=[found is not None for found in flexible],
            waiting=[found.waiting if found else 0 for found in flexible],
            further=[found.further if found else 0 for found in flexible],
            keeps=[found.keeps if found else 0 for found in flexible],
            coming_law=[book.law(found.delay if found else None) for found in flexible],
            failure_law=[book.law(found.between if found else None) for found in failures],
            repair_law=[book.law(found.repair if found else None) for found in failures],
            slowness=[1 / found.speed for found in stations],
            down_share=[
                found.repair.mean / (found.between.mean + found.repair.mean) if found else 0.0
                for found in failures
            ],
        ),
    }


def _pools(book: Book) -> dict[str, Any]:
    pools = book.scenario.pools
    delay = spans([len(pool.delays) for pool in pools])
    return {
        "pools": filled(
            POOL_OF_MODEL,
            delay_first=delay[:-1],
            delay_last=delay[1:],
            slot_seconds=[pool.delay_slot_seconds for pool in pools],
        ),
        "delay_law": _ints([book.law(law) for pool in pools for law in pool.delays]),
    }


def _changes(scenario: Scenario) -> Records:
    """Return what is planned in order of time, with one change more that never comes."""
    changes = [(scenario.ends_second, END, 0, 0), (math.inf, START + 1, 0, 0)]
    if scenario.start is not None:
        changes.append((scenario.start.at_second, START, 0, 0))

    def add(kind: int, place: int, steps: Sequence[Step]) -> None:
        changes.extend((step.at_second, kind, place, step.count) for step in steps)

    for place, station in enumerate(scenario.stations):
        add(STATION, place, station.open)
        if station.flexible:
            add(LIMIT, place, station.flexible.limit)
    for place, pool in enumerate(scenario.pools):
        add(POOL, place, pool.open)
    changes.sort(key=lambda change: change[:3])
    columns = dict(zip(("at", "kind", "place", "count"), zip(*changes, strict=True), strict=True))
    return filled(CHANGE, **columns)


def _ints(values: object) -> Ints:
    return np.asarray(values, dtype=np.int64)
