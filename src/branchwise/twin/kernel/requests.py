"""Second persons: servers ask a pool, wait for its people in order, and give them back."""

from __future__ import annotations

import numpy as np

from branchwise.twin.kernel.draws import quantile, uniform
from branchwise.twin.kernel.model import Model
from branchwise.twin.kernel.options import inline
from branchwise.twin.kernel.records import one
from branchwise.twin.kernel.servers import part, proceed, round_of
from branchwise.twin.kernel.state import (
    AWAY,
    DISMISSED,
    FREED,
    HELD,
    IS_OVER,
    SENT_AWAY,
    WAITING,
    State,
)
from branchwise.twin.kernel.timers import set_timer

NOBODY = -1


@inline
def ask(model: Model, state: State, server: int, now: float) -> None:
    """Ask for the person of a server's next request: at once, after a delay, or in line."""
    customer = one(state.servers, server).serving
    activity = one(state.customers, customer).activity
    place = one(state.servers, server).request
    key, again = one(state.customers, customer).key, round_of(model, state, customer, activity)
    pool = one(model.requests, place).pool
    row = one(state.servers, server).step
    if row < state.steps.size:
        one(state.steps, row).asked = now
        one(state.steps, row).granted = -1.0
    share = uniform(key, one(model.requests, place).hold_word + again)
    hold = quantile(model.table, one(model.requests, place).law, share)
    one(state.servers, server).hold = hold
    first, last = one(model.pools, pool).delay_first, one(model.pools, pool).delay_last
    if first < last:
        slot = min(first + int(now / one(model.pools, pool).slot_seconds), last - 1)
        share = uniform(key, one(model.requests, place).delay_word + again)
        delay = quantile(model.table, one(model.delay_law, slot), share)
        _hold(state, server, AWAY, now + delay + hold)
    elif one(state.pools, pool).free > 0:
        _lend(state, pool, server, now)
    else:
        _stand_in_line(state, server, pool)
        _hold(state, server, WAITING, np.inf)
        dismiss_line(state, pool, now)


@inline
def granted(model: Model, state: State, server: int, now: float) -> None:
    """End a server's hold, give the person back and go on with the service."""
    place = one(state.servers, server).request
    row = one(state.servers, server).step
    if row < state.steps.size:
        one(state.steps, row).granted = now
    if one(state.servers, server).phase == HELD:
        give_back(state, one(model.requests, place).pool, now)
    one(state.servers, server).request = place + 1
    proceed(model, state, server, now)


@inline
def give_back(state: State, pool: int, now: float) -> None:
    """Return a person to a pool and let those in line have whoever is free."""
    one(state.pools, pool).held -= 1
    one(state.pools, pool).free += 1
    serve_line(state, pool, now)
    dismiss_line(state, pool, now)


@inline
def serve_line(state: State, pool: int, now: float) -> None:
    """Give the free people of a pool to the servers in its line."""
    while one(state.pools, pool).free > 0 and one(state.pools, pool).head != NOBODY:
        server = one(state.pools, pool).head
        one(state.pools, pool).head = one(state.servers, server).behind
        _lend(state, pool, server, now)


@inline
def dismiss_line(state: State, pool: int, now: float) -> None:
    """Once the day is over, end the services that wait for a pool in which nobody is left."""
    if (
        not state.counts[IS_OVER]
        or one(state.pools, pool).duty > 0
        or one(state.pools, pool).held > 0
    ):
        return
    while one(state.pools, pool).head != NOBODY:
        server = one(state.pools, pool).head
        one(state.pools, pool).head = one(state.servers, server).behind
        customer = one(state.servers, server).serving
        one(state.customers, customer).left = now
        one(state.customers, customer).outcome = SENT_AWAY
        part(state, server, now, DISMISSED)
        one(state.servers, server).phase = FREED
        one(state.servers, server).work_at = now
        set_timer(state, server)


@inline
def step_out_of_line(state: State, server: int, pool: int) -> None:
    """Take a server out of a pool's line."""
    before, place = NOBODY, one(state.pools, pool).head
    while place != server:
        before, place = place, one(state.servers, place).behind
    if before == NOBODY:
        one(state.pools, pool).head = one(state.servers, server).behind
    else:
        one(state.servers, before).behind = one(state.servers, server).behind
    if one(state.pools, pool).tail == server:
        one(state.pools, pool).tail = before


@inline
def _lend(state: State, pool: int, server: int, now: float) -> None:
    hold = one(state.servers, server).hold
    one(state.pools, pool).free -= 1
    one(state.pools, pool).held += 1
    one(state.pools, pool).held_seconds += hold
    _hold(state, server, HELD, now + hold)


@inline
def _stand_in_line(state: State, server: int, pool: int) -> None:
    one(state.servers, server).behind = NOBODY
    if one(state.pools, pool).head == NOBODY:
        one(state.pools, pool).head = server
    else:
        one(state.servers, one(state.pools, pool).tail).behind = server
    one(state.pools, pool).tail = server


@inline
def _hold(state: State, server: int, phase: int, until: float) -> None:
    one(state.servers, server).phase = phase
    one(state.servers, server).work_at = until
    set_timer(state, server)
