"""Servers at work: beginning a service, its pieces between requests, its end, opening, closing."""

from __future__ import annotations

import numpy as np

from branchwise.twin.kernel.draws import COMING as COMING_WORD
from branchwise.twin.kernel.draws import STRIDE, mixed, quantile, uniform
from branchwise.twin.kernel.lines import count_for_station
from branchwise.twin.kernel.model import Model
from branchwise.twin.kernel.options import inline
from branchwise.twin.kernel.records import lowest_bit, one, put
from branchwise.twin.kernel.state import (
    ASKING,
    BUSY,
    BUSY_SERVERS,
    COMING,
    DOWN,
    IDLE,
    OFF,
    ON_DUTY,
    OUT_OF_ORDER,
    SPELLS,
    STEPS,
    WORD,
    WORD_BITS,
    WORKING,
    State,
)
from branchwise.twin.kernel.timers import set_timer

NOBODY = -1
NEVER = -1.0
NO_BIT, BIT, ALL = np.uint64(0), np.uint64(1), np.uint64(2**64 - 1)


@inline
def round_of(model: Model, state: State, customer: int, activity: int) -> np.uint64:
    """Return what to add to the words of an activity's draws: nothing but where it may recur."""
    begun = np.uint64(one(state.customers, customer).begun)
    return (STRIDE * begun) & one(model.activities, activity).recurs


@inline
def begin(model: Model, state: State, server: int, customer: int, now: float) -> None:
    """Let a server call a customer: walk, then the first piece of the service."""
    activity, kind = one(state.customers, customer).activity, one(state.customers, customer).kind
    station = one(model.server_station, server)
    one(state.customers, customer).waited += now - one(state.customers, customer).queued
    metres = one(model.activities, activity).metres
    one(state.customers, customer).metres += metres
    started = now + metres * one(model.classes, kind).seconds_a_metre
    if one(state.customers, customer).rest >= 0.0:
        seconds = one(state.customers, customer).rest
        one(state.customers, customer).rest = NEVER
        one(state.servers, server).request = one(model.activities, activity).request_last
    else:
        law = one(model.service_law, (kind, activity, station))
        word = one(model.activities, activity).service_word + round_of(
            model, state, customer, activity
        )
        share = uniform(one(state.customers, customer).key, word)
        drawn = quantile(model.table, law, share)
        seconds = drawn * one(model.classes, kind).pace * one(model.stations, station).slowness
        one(state.servers, server).request = one(model.activities, activity).request_first
    seize(state, server, customer, now, started)
    one(state.servers, server).service = seconds
    one(state.servers, server).done_share = 0.0
    proceed(model, state, server, started)


@inline
def seize(state: State, server: int, customer: int, now: float, started: float) -> None:
    """Bind server and customer, and open a step in the log."""
    one(state.servers, server).status = BUSY
    one(state.servers, server).serving = customer
    state.counts[BUSY_SERVERS] += 1
    row = state.counts[STEPS]
    state.counts[STEPS] = row + 1
    one(state.servers, server).step = row
    if row < state.steps.size:
        one(state.steps, row).customer = customer
        one(state.steps, row).activity = one(state.customers, customer).activity
        one(state.steps, row).server = server
        one(state.steps, row).queued = one(state.customers, customer).queued
        one(state.steps, row).called = now
        one(state.steps, row).started = started
        one(state.steps, row).asked = NEVER
        one(state.steps, row).granted = NEVER


@inline
def proceed(model: Model, state: State, server: int, now: float) -> None:
    """Set the timer to the next request that applies, or to the end of the service."""
    customer = one(state.servers, server).serving
    activity = one(state.customers, customer).activity
    place, last = one(state.servers, server).request, one(model.activities, activity).request_last
    key = one(state.customers, customer).key
    again = round_of(model, state, customer, activity)
    while place < last:
        if uniform(key, one(model.requests, place).word + again) < one(model.requests, place).share:
            break
        place += 1
    until = one(model.requests, place).at if place < last else 1.0
    one(state.servers, server).request = place
    one(state.servers, server).phase = ASKING if place < last else WORKING
    piece = one(state.servers, server).service * (until - one(state.servers, server).done_share)
    one(state.servers, server).piece = piece
    one(state.servers, server).done_share = until
    one(state.servers, server).work_at = now + piece
    set_timer(state, server)


@inline
def part(state: State, server: int, now: float, outcome: int) -> None:
    """Part server and customer, and close the step in the log; the timer is set by what follows."""
    row = one(state.servers, server).step
    if row < state.steps.size:
        one(state.steps, row).ended = now
        one(state.steps, row).outcome = outcome
    state.counts[BUSY_SERVERS] -= 1
    one(state.servers, server).last_end = now
    one(state.servers, server).work_at = np.inf


@inline
def take_idle(model: Model, state: State, queue: int) -> int:
    """Return an idle server for a queue, no longer idle; -1 if there is none."""
    first, last = one(model.queues, queue).station_first, one(model.queues, queue).station_last
    for place in range(first, last):
        station = one(model.queue_stations, place)
        if one(state.stations, station).idle > 0:
            return take_idle_of(model, state, station)
    return NOBODY


@inline
def take_idle_of(model: Model, state: State, station: int) -> int:
    """Return the lowest idle server of a station that has one, no longer idle."""
    first = one(model.stations, station).server_first
    word = first >> WORD_BITS
    bits = one(state.idle, word) & (ALL << np.uint64(first & (WORD - 1)))
    while bits == NO_BIT:
        word += 1
        bits = one(state.idle, word)
    server = (word << WORD_BITS) + lowest_bit(bits)
    be_taken(state, server, station)
    one(state.servers, server).status = BUSY
    return server


@inline
def be_idle(state: State, server: int, station: int) -> None:
    """Let a server be idle."""
    one(state.servers, server).status = IDLE
    one(state.stations, station).idle += 1
    word = server >> WORD_BITS
    put(state.idle, word, one(state.idle, word) | _bit_of(server))


@inline
def be_taken(state: State, server: int, station: int) -> None:
    """Let an idle server be idle no longer; the status is set by what follows."""
    one(state.stations, station).idle -= 1
    word = server >> WORD_BITS
    put(state.idle, word, one(state.idle, word) & ~_bit_of(server))


@inline
def _bit_of(server: int) -> np.uint64:
    return BIT << np.uint64(server & (WORD - 1))


@inline
def stays_open(
    model: Model,
    state: State,
    server: int,
    now: float,
    has_served: bool,  # noqa: FBT001 - the compiler knows no keyword-only arguments
) -> bool:
    """Return whether a server that is free may serve on, and close it if not.

    A window above the plan that has just served looks whether enough still wait.
    """
    station = one(model.server_station, server)
    place = one(state.stations, station)
    if one(state.servers, server).closing:
        one(state.servers, server).closing = 0
        leave_duty(state, server, station, now)
        return False
    if (
        not has_served
        or not one(model.stations, station).is_flexible
        or place.open <= place.planned
    ):
        return True
    if count_for_station(model, state, station, now) > one(model.stations, station).keeps:
        return True
    close(state, server, station, now)
    return False


@inline
def rest(model: Model, state: State, server: int, now: float) -> None:
    """Let a server for whom nobody waits be idle, or close if it is a window above the plan."""
    station = one(model.server_station, server)
    if (
        one(model.stations, station).is_flexible
        and one(state.stations, station).open > one(state.stations, station).planned
    ):
        close(state, server, station, now)
    else:
        be_idle(state, server, station)
        set_timer(state, server)


@inline
def close(state: State, server: int, station: int, now: float) -> None:
    """Close a server that counts as open."""
    one(state.stations, station).open -= 1
    leave_duty(state, server, station, now)


@inline
def leave_duty(state: State, server: int, station: int, now: float) -> None:
    """Note that a server goes off duty."""
    since = one(state.servers, server).on_duty_since
    one(state.servers, server).status = OFF
    set_timer(state, server)
    one(state.stations, station).open_seconds += now - since
    log_spell(state, ON_DUTY, server, since, now)


@inline
def end_outage(state: State, server: int, station: int, now: float) -> None:
    """Note how long a machine on duty was out of order."""
    since = one(state.servers, server).down_since
    one(state.stations, station).down_seconds += now - since
    log_spell(state, OUT_OF_ORDER, server, since, now)


@inline
def log_spell(state: State, kind: int, server: int, starts: float, ends: float) -> None:
    """Write a spell of a server into the log."""
    row = state.counts[SPELLS]
    state.counts[SPELLS] = row + 1
    if row < state.spells.size:
        one(state.spells, row).kind = kind
        one(state.spells, row).server = server
        one(state.spells, row).starts = starts
        one(state.spells, row).ends = ends


@inline
def come_on_duty(state: State, server: int, station: int, now: float) -> bool:
    """Open a server that was off; false where it is a machine that is down."""
    one(state.stations, station).open += 1
    one(state.servers, server).on_duty_since = now
    one(state.servers, server).closing = 0
    if one(state.servers, server).is_down:
        one(state.servers, server).status = DOWN
        one(state.servers, server).down_since = now
        return False
    one(state.servers, server).status = BUSY
    return True


@inline
def call_up(model: Model, state: State, station: int, day: np.uint64, now: float) -> None:
    """Send for one more window if enough wait and the limit allows it."""
    if (
        one(state.stations, station).open + one(state.stations, station).coming
        >= one(state.stations, station).limit
    ):
        return
    extra = max(
        0,
        one(state.stations, station).open
        + one(state.stations, station).coming
        - one(state.stations, station).planned,
    )
    wanted = one(model.stations, station).waiting + one(model.stations, station).further * extra
    if count_for_station(model, state, station, now) < wanted:
        return
    server, last = (
        one(model.stations, station).server_first,
        one(model.stations, station).server_last,
    )
    while server < last and one(state.servers, server).status != OFF:
        server += 1
    if server == last:
        return
    word = COMING_WORD + STRIDE * np.uint64(one(state.stations, station).called_up)
    share = uniform(_station_key(model, day, station), word)
    one(state.stations, station).called_up += 1
    one(state.stations, station).coming += 1
    one(state.servers, server).status = COMING
    one(state.servers, server).work_at = now + quantile(
        model.table, one(model.stations, station).coming_law, share
    )
    set_timer(state, server)


@inline
def arrives_at_window(model: Model, state: State, server: int, now: float) -> bool:
    """Open a window that was sent for; false where it is no longer allowed, or is down."""
    station = one(model.server_station, server)
    one(state.stations, station).coming -= 1
    one(state.servers, server).work_at = np.inf
    one(state.servers, server).status = OFF
    set_timer(state, server)
    allowed = max(one(state.stations, station).limit, one(state.stations, station).planned)
    if one(state.stations, station).open >= allowed:
        return False
    return come_on_duty(state, server, station, now)


@inline
def _station_key(model: Model, day: np.uint64, station: int) -> np.uint64:
    return mixed(day + one(model.stations, station).word)
