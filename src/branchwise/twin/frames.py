"""Who is where, when, on one day: a small JSON document from which a page can play the day.

Times are tenths of seconds after ``span[0]``, each written as the time since the one before it;
lengths are centimetres. See `Frames` for the fields.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any, TypedDict

import numpy as np

from branchwise.twin.floor import Floor, floor_plan
from branchwise.twin.plan import Plan, Point, Shape
from branchwise.twin.reading import (
    figures,
    first_queues,
    member_name,
    queue_kinds,
    queue_letter,
    server_counts,
)
from branchwise.twin.scenario import Scenario
from branchwise.twin.schematic import schematic_plan
from branchwise.twin.standing import Line, entrance_line, lines_of, tenths
from branchwise.twin.trace import Ints, Trace

FORMAT = 1
CENTIMETRES = 100


class Frames(TypedDict):
    """One day to play.

    ``customers`` are lists: class, number of the ticket (0: none), outcome, entering, ticket,
    leaving, places at the ticket machines, then the steps, each a list: activity, server (-1: not
    called), outcome, joining, call, beginning, end, places in line, and, where somebody was asked,
    request and end of the hold. Joining counts from the end of the step before, at the first from
    the ticket. Places are a list: the first place (0 is next), then time and place of each
    change. Servers are numbered through all stations.
    """

    format: int
    branch: str
    scenario: str
    seed: int
    replication: int
    span: list[float]
    hours: list[float]
    standard: float
    classes: list[dict[str, Any]]
    queues: list[dict[str, Any]]
    stations: list[dict[str, Any]]
    activities: list[dict[str, Any]]
    plan: dict[str, Any]
    customers: list[list[Any]]
    open: list[list[int]]
    down: list[list[int]]
    waiting: list[list[int]]
    figures: list[dict[str, Any]]


def frames(trace: Trace, floor: Floor | None = None) -> Frames:
    """Return a day to play.

    Parameters
    ----------
    trace : Trace
        The day.
    floor : Floor, optional
        The branch's zones, fixtures and devices; without an outlined zone a plan is laid out.

    Returns
    -------
    Frames
        Nothing but numbers and words of JSON, without names of people.

    Examples
    --------
    >>> from branchwise.twin.example import corner_branch
    >>> from branchwise.twin.trace import trace
    >>> day = frames(trace(corner_branch(), seed=1))
    >>> day["span"][0], day["queues"][0]["name"]
    (32400.0, 'counter')
    """
    scenario = trace.scenario
    start, end = _span(trace)
    lines, entrance = lines_of(trace, start), entrance_line(trace, start)
    servers = server_counts(trace)
    longest = [line.longest for line in lines]
    plan = (
        floor_plan(floor, scenario, servers, longest)
        if floor is not None and floor.is_drawn
        else schematic_plan(scenario, servers, longest)
    )
    first = np.concatenate([[0], np.cumsum(servers)])
    return Frames(
        format=FORMAT,
        branch=scenario.branch_id,
        scenario=scenario.name,
        seed=trace.seed,
        replication=trace.replication,
        span=[start, end],
        hours=[scenario.opens_second, scenario.closes_second],
        standard=scenario.standard_seconds,
        classes=_classes(scenario),
        queues=_queues(scenario),
        stations=_stations(scenario, servers),
        activities=[
            {"name": found.name, "queue": scenario.queues.index(found.queue)}
            for found in scenario.activities
        ],
        plan=_drawn(plan),
        customers=_customers(trace, start, lines, entrance, first),
        open=_spells(trace, "open", start, first),
        down=_spells(trace, "down", start, first),
        waiting=[_changes(line.counts) for line in lines],
        figures=figures(trace),
    )


def as_json(day: Frames) -> str:
    """Return a day as compact JSON."""
    return json.dumps(day, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _span(trace: Trace) -> tuple[float, float]:
    """Return the first and the last minute of the day."""
    times = [
        np.concatenate([[trace.scenario.opens_second], trace.entered, trace.open_from]),
        np.concatenate([[trace.scenario.closes_second], trace.left, trace.open_to]),
    ]
    start, end = float(np.nanmin(times[0])), float(np.nanmax(times[1]))
    return math.floor(start / 60) * 60.0, math.ceil(end / 60) * 60.0 + 60.0


def _classes(scenario: Scenario) -> list[dict[str, Any]]:
    return [
        {
            "name": found.name,
            "elderly": found.is_elderly,
            "speed": round(found.walking_speed_metres_per_second * CENTIMETRES),
        }
        for found in scenario.classes
    ]


def _queues(scenario: Scenario) -> list[dict[str, Any]]:
    kinds = queue_kinds(scenario)
    return [
        {"name": name, "letter": queue_letter(number), "kind": kinds[name]}
        for number, name in enumerate(scenario.queues)
    ]


def _stations(scenario: Scenario, servers: Sequence[int]) -> list[dict[str, Any]]:
    return [
        {
            "name": found.name,
            "kind": found.kind,
            "servers": [member_name(scenario, number, n) for n in range(servers[number])],
        }
        for number, found in enumerate(scenario.stations)
    ]


def _customers(
    trace: Trace, start: float, lines: Sequence[Line], entrance: Line, first: Ints
) -> list[list[Any]]:
    places = {step: found for line in lines for step, found in line.places.items()}
    entered, ticket, left = (
        tenths(values, start) for values in (trace.entered, trace.ticket, trace.left)
    )
    steps = _steps(trace, start, places, first)
    numbers = _numbers(trace)
    return [
        [
            int(trace.customer_class[customer]),
            numbers[customer],
            int(trace.outcome[customer]),
            entered[customer],
            ticket[customer] - entered[customer],
            left[customer] - ticket[customer],
            _changes(entrance.places.get(customer, []), entered[customer]),
            *_since(steps[customer], ticket[customer]),
        ]
        for customer in range(len(trace.outcome))
    ]


def _numbers(trace: Trace) -> list[int]:
    """Return the number on each ticket within its queue; 0 of who has none."""
    queues, drawn = first_queues(trace), [0] * len(trace.scenario.queues)
    numbers = [0] * len(queues)
    for customer in np.argsort(trace.ticket, kind="stable"):
        if queues[customer] >= 0:
            drawn[queues[customer]] += 1
            numbers[customer] = drawn[queues[customer]]
    return numbers


def _steps(
    trace: Trace, start: float, places: dict[int, list[tuple[int, int]]], first: Ints
) -> list[list[list[Any]]]:
    """Return the steps of each customer, their joining still counted from the start of the day."""
    queued, called, started, ended, asked, granted = (
        tenths(values, start)
        for values in (
            trace.step_queued, trace.step_called, trace.step_started, trace.step_ended,
            trace.step_asked, trace.step_granted,
        )
    )  # fmt: skip
    found: list[list[list[Any]]] = [[] for _ in trace.outcome]
    for step in np.lexsort((trace.step_called, trace.step_queued)):
        station = int(trace.step_station[step])
        server = int(first[station] + trace.step_member[step]) if station >= 0 else -1
        begun = min(started[step], ended[step])
        row = [
            int(trace.step_activity[step]), server, int(trace.step_outcome[step]), queued[step],
            called[step] - queued[step], begun - called[step], ended[step] - begun,
            _changes(places.get(int(step), []), queued[step]),
        ]  # fmt: skip
        if np.isfinite(trace.step_asked[step]):
            held = granted[step] if np.isfinite(trace.step_granted[step]) else ended[step]
            row += [asked[step] - begun, held - asked[step]]
        found[trace.step_customer[step]].append(row)
    return found


def _since(steps: list[list[Any]], ticket: int) -> list[list[Any]]:
    """Count the joining of each step from the end of the one before."""
    before = ticket
    for row in steps:
        ended = sum(row[3:7])
        row[3] -= before
        before = ended
    return steps


def _changes(changes: Sequence[tuple[int, int]], start: int | None = None) -> list[int]:
    """Write changes as times since the one before and values; the first value alone if at start."""
    written: list[int] = []
    before = start or 0
    for at, value in changes:
        written += [value] if start is not None and not written else [at - before, value]
        before = at
    return written


def _spells(trace: Trace, kind: str, start: float, first: Ints) -> list[list[int]]:
    """Return spells of servers: number, beginning and length."""
    station, member = getattr(trace, f"{kind}_station"), getattr(trace, f"{kind}_member")
    begins = tenths(getattr(trace, f"{kind}_from"), start)
    ends = tenths(getattr(trace, f"{kind}_to"), start)
    return [
        [int(first[where] + member[place]), begins[place], ends[place] - begins[place]]
        for place, where in enumerate(station)
    ]


def _drawn(plan: Plan) -> dict[str, Any]:
    def shapes(found: Sequence[Shape]) -> list[dict[str, Any]]:
        return [
            {"kind": one.kind, "label": one.label, "points": _flat(one.points)} for one in found
        ]

    return {
        "size": _flat([(plan.width, plan.depth)]),
        "schematic": plan.is_schematic,
        "zones": shapes(plan.zones),
        "things": shapes(plan.things),
        "door": _flat([plan.door]),
        "kiosks": [_flat([point]) for point in plan.kiosks],
        "servers": [_flat([place.box[:2], place.box[2:], place.stand]) for place in plan.servers],
        "queues": [
            [*_flat([(spots.left, spots.top), (spots.spacing, 0.0)])[:3], spots.columns]
            for spots in plan.queues
        ],
    }


def _flat(points: Sequence[Point]) -> list[int]:
    return [round(length * CENTIMETRES) for point in points for length in point]
