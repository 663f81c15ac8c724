"""Simulated days as rows of the canonical tables, on which `measures` run unchanged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from branchwise.core.clock import time_zone
from branchwise.twin.days import (
    Columns,
    SimulatedDay,
    devices_of,
    names_of,
    people_of,
    schema_of,
    seconds_of,
    table_of,
)
from branchwise.twin.laws import Floats
from branchwise.twin.reading import (
    MACHINES,
    first_steps,
    queue_kinds,
    queues_of_steps,
    ticket_numbers,
)
from branchwise.twin.scenario import Activity
from branchwise.twin.trace import CUSTOMER_OUTCOMES, STEP_OUTCOMES, Ints, Trace

ORIGINS: Mapping[str, str] = {
    "counter": "ticket",
    "smart_counter": "smart_counter",
    "atm": "atm",
    "advice": "advice_room",
    "lobby": "lobby",
    "call": "call",
}
POSTS: Mapping[str, str] = {
    "counter": "teller",
    "advice": "advisor",
    "lobby": "lobby_manager",
    "call": "agent",
}
OUTCOMES = {"served": "served", "inside": "open"}
CAUSES = {"abandoned": "walked_out", "sent_away": "unknown"}
SERVED, BALKED = CUSTOMER_OUTCOMES.index("served"), CUSTOMER_OUTCOMES.index("balked")
INSIDE = CUSTOMER_OUTCOMES.index("inside")
DONE, FAILED = STEP_OUTCOMES.index("done"), STEP_OUTCOMES.index("failed")
INTERRUPTED = STEP_OUTCOMES.index("interrupted")


def rows(
    traces: Sequence[Trace],
    *,
    local_on: Sequence[date],
    timezone: str,
    records_machine_queues: bool = True,
) -> dict[str, pa.Table]:
    """Return simulated days as the tables ``visit``, ``visit_step``, ``device_event``, ``shift``.

    Everybody with a ticket is a visit; who balked leaves no row, as in a bank's own records. Who
    was sent away at the end is unserved for an unknown cause. Members of stations are windows, at
    machines device codes; each spell of a person at a window is a shift. The people of pools have
    no rows. Ids are the same whenever the same days are written again, and begin with ``T-``.

    Parameters
    ----------
    traces : sequence of Trace
        The days.
    local_on : sequence of date
        The date of each; one date may stand for several replications.
    timezone : str
        IANA name. The opening is at the clock's time of the date; from there seconds are counted.
    records_machine_queues : bool
        Whether waits in front of machines are seen. False writes what most banks record: a visit
        without any other queue has no `wait_seconds`.

    Returns
    -------
    dict of str to pyarrow.Table
        In the columns and types of the store.

    Raises
    ------
    BranchwiseError
        [BW-COR-001] for an unknown time zone.

    Examples
    --------
    >>> from branchwise.twin.example import corner_branch
    >>> from branchwise.twin.trace import trace
    >>> day = trace(corner_branch(), seed=1)
    >>> tables = rows([day], local_on=[date(2026, 3, 2)], timezone="Asia/Taipei")
    >>> tables["visit"].num_rows == len(day.ticket)
    True
    """
    zone = time_zone(timezone)
    days = [
        SimulatedDay(trace=trace, on=on, zone=zone, sees_machine_queues=records_machine_queues)
        for trace, on in zip(traces, local_on, strict=True)
    ]
    writers = {
        "visit": _visits,
        "visit_step": _steps,
        "device_event": _outages,
        "shift": _shifts,
    }
    return {
        name: pa.concat_tables([schema_of(name).empty_table(), *(write(day) for day in days)])
        for name, write in writers.items()
    }


def _visits(day: SimulatedDay) -> pa.Table:
    trace, scenario = day.trace, day.trace.scenario
    first = first_steps(trace)
    chosen = np.flatnonzero(trace.outcome != BALKED)
    classes = [scenario.classes[kind] for kind in trace.customer_class[chosen]]
    begun = [_activity(trace, int(step)) for step in first[chosen]]
    kinds, numbers = queue_kinds(scenario), ticket_numbers(trace)
    columns: Columns = {
        "visit_id": [f"{day.prefix}-{customer + 1:05d}" for customer in chosen],
        "branch_id": [scenario.branch_id] * len(chosen),
        "origin": [ORIGINS[kinds[found.queue]] if found else "ticket" for found in begun],
        "ticket_number": [numbers[customer] for customer in chosen],
        "queue_code": [found and found.queue for found in begun],
        "business_line": [found.business_line for found in classes],
        "service_id": [found and found.service_id for found in begun],
        "priority": [found.priority for found in classes],
        "tier": [found.tier for found in classes],
        "age_band": [found.age_band for found in classes],
        "is_suspect": [False] * len(chosen),
    }
    return table_of("visit", columns | _visit_times(day, chosen), scenario)


def _visit_times(day: SimulatedDay, chosen: Ints) -> Columns:
    trace = day.trace
    ticket, outcome = trace.ticket[chosen], trace.outcome[chosen]
    is_called = trace.step_station >= 0
    called = _per_customer(trace, trace.step_called, is_called, np.fmin, np.nan)
    served = np.fmax(trace.step_ended - trace.step_started, 0.0)
    service = _per_customer(trace, served, is_called, np.add, 0.0)
    columns: Columns = {
        "arrived_at": day.times(ticket),
        "called_at": day.times(called[chosen]),
        "left_at": day.times(np.where(outcome == INSIDE, np.nan, trace.left[chosen])),
        "outcome": [OUTCOMES.get(CUSTOMER_OUTCOMES[number], "unserved") for number in outcome],
        "unserved_cause": [CAUSES.get(CUSTOMER_OUTCOMES[number]) for number in outcome],
        "wait_seconds": seconds_of(_waits(day)[chosen]),
        "service_seconds": seconds_of(np.where(service > 0, service, np.nan)[chosen]),
    }
    return columns | day.calendar(ticket)


def _activity(trace: Trace, step: int) -> Activity | None:
    return trace.scenario.activities[trace.step_activity[step]] if step >= 0 else None


def _waits(day: SimulatedDay) -> Floats:
    trace = day.trace
    if day.sees_machine_queues:
        return trace.wait
    kinds = list(queue_kinds(trace.scenario).values())
    seen = np.array([kind not in MACHINES for kind in kinds])[queues_of_steps(trace)]
    waits = _per_customer(trace, trace.step_called - trace.step_queued, seen, np.add, 0.0)
    has_queued = np.bincount(trace.step_customer[seen], minlength=len(trace.wait)) > 0
    return np.where(has_queued, waits, np.nan)


def _per_customer(
    trace: Trace, values: Floats, chosen: npt.NDArray[np.bool_], how: np.ufunc, empty: float
) -> Floats:
    found = np.full(len(trace.customer_class), empty)
    how.at(found, trace.step_customer[chosen], values[chosen])
    return found


def _steps(day: SimulatedDay) -> pa.Table:
    trace, scenario = day.trace, day.trace.scenario
    order = np.lexsort((trace.step_called, trace.step_queued, trace.step_customer))
    order = order[trace.outcome[trace.step_customer[order]] != BALKED]
    customer, station = trace.step_customer[order], trace.step_station[order]
    activities = [scenario.activities[number] for number in trace.step_activity[order]]
    kinds = queue_kinds(scenario)
    kind = [
        scenario.stations[number].kind if number >= 0 else kinds[activity.queue]
        for number, activity in zip(station, activities, strict=True)
    ]
    names = names_of(trace, station, trace.step_member[order])
    sequence = 1 + np.arange(len(order)) - np.searchsorted(customer, customer)
    visits = [f"{day.prefix}-{number + 1:05d}" for number in customer]
    is_machine = np.isin(kind, MACHINES)
    columns: Columns = {
        "visit_step_id": [f"{v}-{n}" for v, n in zip(visits, sequence, strict=True)],
        "visit_id": visits,
        "branch_id": [scenario.branch_id] * len(order),
        "sequence": sequence,
        "kind": kind,
        "station": pa.array(names, mask=is_machine, type=pa.string()),
        "device_id": pa.array(devices_of(scenario, names), mask=~is_machine, type=pa.string()),
        "staff_id": pa.array(people_of(scenario, names), mask=is_machine, type=pa.string()),
        "service_id": [activity.service_id for activity in activities],
        "outcome": _step_outcomes(trace, order, is_machine),
    }
    return table_of("visit_step", columns | _step_times(day, order), scenario)


def _step_times(day: SimulatedDay, order: Ints) -> Columns:
    trace = day.trace
    is_called = trace.step_station[order] >= 0
    called = np.where(is_called, trace.step_called[order], np.nan)
    queued, ended = trace.step_queued[order], trace.step_ended[order]
    begins = is_called & (trace.step_started[order] <= ended)
    started = np.where(begins, trace.step_started[order], np.nan)
    asked, granted = trace.step_asked[order], trace.step_granted[order]
    columns: Columns = {
        "queued_at": day.times(queued),
        "called_at": day.times(called),
        "started_at": day.times(started),
        "ended_at": day.times(ended),
        "review_requested_at": day.times(asked),
        "review_returned_at": day.times(granted),
        "wait_seconds": seconds_of(called - queued),
        "service_seconds": seconds_of(ended - started),
        "review_seconds": seconds_of(granted - asked),
    }
    return columns | day.calendar(np.where(begins, started, np.fmax(called, queued)))


def _step_outcomes(trace: Trace, order: Ints, is_machine: npt.NDArray[np.bool_]) -> list[str]:
    fails = [
        any(route.is_failure for route in activity.routes) for activity in trace.scenario.activities
    ]
    outcome = trace.step_outcome[order]
    goes_on = np.array(fails)[trace.step_activity[order]] if len(order) else outcome
    gave_up = np.where(outcome == DONE, "done", "abandoned")
    broken = (outcome == FAILED) | ((outcome == INTERRUPTED) & (goes_on != 0))
    rejected = np.where(np.isin(outcome, (FAILED, INTERRUPTED)), "rejected", gave_up)
    return [str(word) for word in np.where(is_machine & broken, "to_counter", rejected)]


def _outages(day: SimulatedDay) -> pa.Table:
    trace, scenario = day.trace, day.trace.scenario
    starts, ends = trace.down_from, trace.down_to
    devices = devices_of(scenario, names_of(trace, trace.down_station, trace.down_member))
    columns: Columns = {
        "device_event_id": [f"{day.prefix}-D{place + 1:04d}" for place in range(len(starts))],
        "device_id": devices,
        "branch_id": [scenario.branch_id] * len(starts),
        "state": ["hardwareError"] * len(starts),
        "is_planned": [False] * len(starts),
        "started_at": day.times(starts),
        "ended_at": day.times(ends),
        "down_seconds": seconds_of(ends - starts),
    }
    return table_of("device_event", columns | day.calendar(starts), scenario)


def _shifts(day: SimulatedDay) -> pa.Table:
    trace, scenario = day.trace, day.trace.scenario
    manned = [station.kind in POSTS for station in scenario.stations]
    chosen = np.flatnonzero(
        np.array(manned, dtype=bool)[trace.open_station] & (trace.open_to > trace.open_from)
    )
    station, member = trace.open_station[chosen], trace.open_member[chosen]
    starts, ends = trace.open_from[chosen], trace.open_to[chosen]
    columns: Columns = {
        "shift_id": [f"{day.prefix}-S{place + 1:04d}" for place in range(len(chosen))],
        "staff_id": people_of(scenario, names_of(trace, station, member)),
        "branch_id": [scenario.branch_id] * len(chosen),
        "post": [POSTS[scenario.stations[number].kind] for number in station],
        "starts_at": day.times(starts),
        "ends_at": day.times(ends),
        "leave_kind": ["none"] * len(chosen),
        "work_seconds": seconds_of(ends - starts),
    }
    return table_of("shift", columns | day.calendar(starts), scenario)
