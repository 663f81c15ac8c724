"""What is planned for the day: servers and pools that come and go, the beginning, the end."""

from __future__ import annotations

import numpy as np

from branchwise.twin.kernel.draws import mixed, numbered, quantile, uniform, word
from branchwise.twin.kernel.lines import send_everybody_away
from branchwise.twin.kernel.model import LIMIT, POOL, START, STATION, Model
from branchwise.twin.kernel.options import apart, inline
from branchwise.twin.kernel.records import one
from branchwise.twin.kernel.requests import dismiss_line, serve_line
from branchwise.twin.kernel.servers import (
    be_idle,
    be_taken,
    close,
    come_on_duty,
    end_outage,
    leave_duty,
    proceed,
    seize,
)
from branchwise.twin.kernel.state import (
    BUSY,
    COMING,
    CUSTOMERS,
    DOWN,
    IDLE,
    INSIDE,
    IS_OVER,
    OFF,
    State,
)
from branchwise.twin.kernel.timers import clear_timers, set_timer

SERVING = word("serving")
NOBODY = -1


@apart
def begin_state(state: State) -> None:
    """Make everything empty, closed and off."""
    state.counts[:] = 0
    state.idle[:] = 0
    for line in range(state.lines.size):
        one(state.lines, line).head = NOBODY
    for server in range(state.servers.size):
        one(state.servers, server).status = OFF
        one(state.servers, server).closing = 0
        one(state.servers, server).last_end = -np.inf
    for station in range(state.stations.size):
        one(state.stations, station).planned = 0
        one(state.stations, station).limit = 0
        one(state.stations, station).open = 0
        one(state.stations, station).idle = 0
        one(state.stations, station).coming = 0
        one(state.stations, station).called_up = 0
        one(state.stations, station).open_seconds = 0.0
        one(state.stations, station).down_seconds = 0.0
    for pool in range(state.pools.size):
        one(state.pools, pool).duty = 0
        one(state.pools, pool).free = 0
        one(state.pools, pool).held = 0
        one(state.pools, pool).held_seconds = 0.0
        one(state.pools, pool).head = NOBODY
    clear_timers(state)


@apart
def apply_change(model: Model, state: State, number: int, day: np.uint64) -> int:
    """Make one planned change; return the station whose idle servers must look for customers."""
    now, kind = one(model.changes, number).at, one(model.changes, number).kind
    place, count = one(model.changes, number).place, one(model.changes, number).count
    if kind == STATION:
        _set_planned(model, state, place, count, now)
        return place
    if kind == POOL:
        one(state.pools, place).free += count - one(state.pools, place).duty
        one(state.pools, place).duty = count
        serve_line(state, place, now)
        dismiss_line(state, place, now)
    elif kind == LIMIT:
        one(state.stations, place).limit = count
        _reduce(model, state, place, max(count, one(state.stations, place).planned), now)
    elif kind == START:
        _put_into_service(model, state, day)
    else:
        send_everybody_away(state, now)
        state.counts[IS_OVER] = 1
        for pool in range(state.pools.size):
            dismiss_line(state, pool, now)
    return NOBODY


@inline
def _set_planned(model: Model, state: State, station: int, count: int, now: float) -> None:
    one(state.stations, station).planned = count
    if one(model.stations, station).is_flexible:
        while one(state.stations, station).open > count and _close_one(model, state, station, now):
            pass
        count_allowed = max(count, one(state.stations, station).limit)
    else:
        count_allowed = count
    _reduce(model, state, station, count_allowed, now)
    while one(state.stations, station).open < count and _open_one(model, state, station, now):
        pass


@inline
def _reduce(model: Model, state: State, station: int, count: int, now: float) -> None:
    """Bring the number of open servers down: the resting close, the busy are marked."""
    while one(state.stations, station).open > count:
        if _close_one(model, state, station, now):
            continue
        server = one(model.stations, station).server_last - 1
        while one(state.servers, server).status != BUSY or one(state.servers, server).closing:
            server -= 1
        one(state.servers, server).closing = 1
        one(state.stations, station).open -= 1


@inline
def _close_one(model: Model, state: State, station: int, now: float) -> bool:
    """Close the highest server that is idle or down; false if there is none."""
    server, first = (
        one(model.stations, station).server_last - 1,
        one(model.stations, station).server_first,
    )
    while (
        server >= first
        and one(state.servers, server).status != IDLE
        and one(state.servers, server).status != DOWN
    ):
        server -= 1
    if server < first:
        return False
    if one(state.servers, server).status == IDLE:
        be_taken(state, server, station)
    else:
        end_outage(state, server, station, now)
    close(state, server, station, now)
    return True


@inline
def _open_one(model: Model, state: State, station: int, now: float) -> bool:
    """Keep the lowest server that was to close, else open the lowest that is off or on its way."""
    first, last = (
        one(model.stations, station).server_first,
        one(model.stations, station).server_last,
    )
    for server in range(first, last):
        if one(state.servers, server).closing:
            one(state.servers, server).closing = 0
            one(state.stations, station).open += 1
            return True
    for server in range(first, last):
        if one(state.servers, server).status == COMING:
            one(state.stations, station).coming -= 1
            one(state.servers, server).work_at = np.inf
            one(state.servers, server).status = OFF
            set_timer(state, server)
        if one(state.servers, server).status == OFF:
            if come_on_duty(state, server, station, now):
                be_idle(state, server, station)
            return True
    return False


@inline
def _put_into_service(model: Model, state: State, day: np.uint64) -> None:
    """Begin a warm start: customers who are being served already."""
    sources = model.sources
    stream = mixed(day + SERVING)
    for number in range(sources.serving.size):
        kind, activity = one(sources.serving, number).kind, one(sources.serving, number).activity
        station = one(sources.serving, number).station
        customer = state.counts[CUSTOMERS]
        state.counts[CUSTOMERS] = customer + 1
        key = numbered(stream, number)
        one(state.customers, customer).key = key
        one(state.customers, customer).kind = kind
        one(state.customers, customer).activity = activity
        one(state.customers, customer).begun = 0
        one(state.customers, customer).outcome = INSIDE
        one(state.customers, customer).failed = 0
        one(state.customers, customer).entered = one(sources.serving, number).ticket
        one(state.customers, customer).ticket = one(sources.serving, number).ticket
        one(state.customers, customer).since = one(sources.serving, number).ticket
        one(state.customers, customer).queued = one(sources.serving, number).ticket
        started = one(sources.serving, number).started
        one(state.customers, customer).waited = started - one(sources.serving, number).ticket
        one(state.customers, customer).metres = 0.0
        one(state.customers, customer).rest = -1.0
        server = _free_server(model, state, station, sources.starts)
        seize(state, server, customer, started, started)
        floor = one(sources.serving, number).floor
        share = floor + uniform(key, one(model.activities, activity).service_word) * (1.0 - floor)
        law = one(model.service_law, (kind, activity, station))
        drawn = quantile(model.table, law, share)
        seconds = drawn * one(model.classes, kind).pace * one(model.stations, station).slowness
        done = min((sources.starts - started) / seconds, 1.0)
        request = one(model.activities, activity).request_first
        last = one(model.activities, activity).request_last
        while request < last and one(model.requests, request).at <= done:
            request += 1
        one(state.servers, server).service = seconds
        one(state.servers, server).done_share = done
        one(state.servers, server).request = request
        proceed(model, state, server, sources.starts)


@inline
def _free_server(model: Model, state: State, station: int, now: float) -> int:
    """Return the lowest idle server, else the lowest that is not serving, marked to close."""
    first, last = (
        one(model.stations, station).server_first,
        one(model.stations, station).server_last,
    )
    for server in range(first, last):
        if one(state.servers, server).status == IDLE:
            be_taken(state, server, station)
            return server
    for server in range(first, last):
        if one(state.servers, server).status == OFF:
            one(state.servers, server).on_duty_since = now
            one(state.servers, server).closing = 1
            return server
    return first


@apart
def end_duties(model: Model, state: State) -> None:
    """Close the accounts of the servers that are still on duty when the day is over.

    They count as open until closing time, or until their last customer if that is later.
    """
    for server in range(model.server_station.size):
        station = one(model.server_station, server)
        if one(state.servers, server).status in (IDLE, BUSY, DOWN):
            end = max(model.closes, one(state.servers, server).last_end)
            if one(state.servers, server).status == DOWN:
                since = one(state.servers, server).down_since
                end_outage(state, server, station, max(end, since))
            leave_duty(state, server, station, max(end, one(state.servers, server).on_duty_since))
