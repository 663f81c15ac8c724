"""Machines that fail and are repaired, by a clock of their own."""

from __future__ import annotations

import numpy as np

from branchwise.twin.kernel.draws import (
    FAILURE,
    REPAIR,
    STRIDE,
    UP_OR_DOWN,
    mixed,
    numbered,
    quantile,
    uniform,
)
from branchwise.twin.kernel.model import Model
from branchwise.twin.kernel.options import apart, inline
from branchwise.twin.kernel.records import one
from branchwise.twin.kernel.requests import give_back, step_out_of_line
from branchwise.twin.kernel.servers import be_taken, end_outage, leave_duty, part
from branchwise.twin.kernel.state import (
    ASKING,
    BUSY,
    DOWN,
    HELD,
    IDLE,
    INTERRUPTED,
    WAITING,
    WORKING,
    State,
)
from branchwise.twin.kernel.timers import set_timer

NOBODY = -1


@apart
def begin_clocks(model: Model, state: State, day: np.uint64) -> None:
    """Start the failure clock of every machine at the beginning of the day."""
    for server in range(model.server_station.size):
        station = one(model.server_station, server)
        one(state.servers, server).is_down = 0
        one(state.servers, server).failures = 0
        if one(model.stations, station).failure_law < 0:
            continue
        member = server - one(model.stations, station).server_first
        key = numbered(mixed(day + one(model.stations, station).word), member)
        one(state.servers, server).key = key
        one(state.servers, server).is_down = (
            uniform(key, UP_OR_DOWN) < one(model.stations, station).down_share
        )
        _wind(model, state, server, station, 0.0)


@inline
def _wind(model: Model, state: State, server: int, station: int, now: float) -> None:
    """Draw how long a machine stays as it now is."""
    number = STRIDE * np.uint64(one(state.servers, server).failures)
    key = one(state.servers, server).key
    if one(state.servers, server).is_down:
        lasts = quantile(
            model.table, one(model.stations, station).repair_law, uniform(key, REPAIR + number)
        )
    else:
        lasts = quantile(
            model.table, one(model.stations, station).failure_law, uniform(key, FAILURE + number)
        )
    one(state.servers, server).clock_at = now + lasts
    set_timer(state, server)


@inline
def is_repaired(model: Model, state: State, server: int, now: float) -> bool:
    """Let a machine work again; true if it is on duty and free."""
    station = one(model.server_station, server)
    one(state.servers, server).is_down = 0
    one(state.servers, server).failures += 1
    _wind(model, state, server, station, now)
    if one(state.servers, server).status != DOWN:
        return False
    end_outage(state, server, station, now)
    one(state.servers, server).status = BUSY
    return True


@inline
def fails(model: Model, state: State, server: int, now: float) -> int:
    """Let a machine fail; return the customer who must go on elsewhere, -1 if there is none."""
    station = one(model.server_station, server)
    one(state.servers, server).is_down = 1
    customer = NOBODY
    if one(state.servers, server).status == BUSY:
        customer = one(state.servers, server).serving
        _interrupt(model, state, server, customer, now)
        one(state.servers, server).down_since = now
        if one(state.servers, server).closing:
            one(state.servers, server).closing = 0
            leave_duty(state, server, station, now)
        else:
            one(state.servers, server).status = DOWN
    elif one(state.servers, server).status == IDLE:
        be_taken(state, server, station)
        one(state.servers, server).status = DOWN
        one(state.servers, server).down_since = now
    _wind(model, state, server, station, now)
    return customer


@inline
def _interrupt(model: Model, state: State, server: int, customer: int, now: float) -> None:
    """Break off a service, give back whoever was asked, and note what is left of it."""
    phase = one(state.servers, server).phase
    left = one(state.servers, server).service * (1.0 - one(state.servers, server).done_share)
    if phase in (WORKING, ASKING):
        left += min(one(state.servers, server).work_at - now, one(state.servers, server).piece)
    elif phase in (HELD, WAITING):
        pool = one(model.requests, one(state.servers, server).request).pool
        if phase == HELD:
            one(state.pools, pool).held_seconds -= one(state.servers, server).work_at - now
            give_back(state, pool, now)
        else:
            step_out_of_line(state, server, pool)
    part(state, server, now, INTERRUPTED)
    one(state.customers, customer).rest = left
