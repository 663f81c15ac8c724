"""The loop of a day: the next thing that happens, and what follows from it at once."""

from __future__ import annotations

import numpy as np

from branchwise.twin.kernel.arrivals import draw_arrivals
from branchwise.twin.kernel.breakdowns import begin_clocks, fails, is_repaired
from branchwise.twin.kernel.changes import apply_change, begin_state, end_duties
from branchwise.twin.kernel.draws import BALK, quantile, uniform
from branchwise.twin.kernel.indexing import NONE
from branchwise.twin.kernel.lines import called_next, count_in_queue, stand
from branchwise.twin.kernel.model import Model
from branchwise.twin.kernel.options import inline
from branchwise.twin.kernel.records import one
from branchwise.twin.kernel.requests import ask, granted
from branchwise.twin.kernel.servers import (
    arrives_at_window,
    begin,
    call_up,
    part,
    rest,
    round_of,
    stays_open,
    take_idle,
    take_idle_of,
)
from branchwise.twin.kernel.state import (
    ARRIVALS,
    ASKING,
    BALKED,
    BUSY_SERVERS,
    COMING,
    DONE,
    FAILED,
    FREED,
    IS_OVER,
    NEXT_ARRIVAL,
    NEXT_CHANGE,
    SENT_AWAY,
    SERVED,
    SPELLS,
    STEPS,
    WALKING,
    WORKING,
    State,
)
from branchwise.twin.kernel.timers import first_due, next_due, set_timer

NOBODY = -1


@inline
def live_day(model: Model, state: State, day: np.uint64) -> bool:
    """Live through a day; false where the room of the state was too small.

    Parameters
    ----------
    model : Model
        The branch.
    state : State
        Overwritten with what happens.
    day : uint64
        Key of the day, see `draws.day_key`.
    """
    begin_state(state)
    if not draw_arrivals(model, state, day):
        return False
    begin_clocks(model, state, day)
    settling, now = NOBODY, 0.0
    while True:
        joining, freed, has_served = NOBODY, NOBODY, False
        if settling != NOBODY and one(state.stations, settling).idle > 0:
            freed = take_idle_of(model, state, settling)
        else:
            now = _next_instant(model, state)
            if now == np.inf:
                break
            joining, freed, has_served, settling = _next_event(model, state, day, now)
        if joining != NOBODY:
            server = _join(model, state, joining, day, now)
            if server != NOBODY:
                begin(model, state, server, joining, now)
        if freed != NOBODY and stays_open(model, state, freed, now, has_served):
            customer = called_next(model, state, one(model.server_station, freed), now)
            if customer == NOBODY:
                rest(model, state, freed, now)
                settling = NOBODY
            else:
                begin(model, state, freed, customer, now)
    end_duties(model, state)
    return state.counts[STEPS] <= state.steps.size and state.counts[SPELLS] <= state.spells.size


@inline
def _next_instant(model: Model, state: State) -> float:
    """Return when the next thing happens; inf when the day is over and nobody is left inside."""
    comes, walks = np.inf, np.inf
    if state.counts[NEXT_ARRIVAL] < state.counts[ARRIVALS]:
        ticket = one(state.customers, state.counts[NEXT_ARRIVAL]).ticket
        comes = max(ticket, model.sources.starts)
    if state.counts[WALKING] > 0:
        walks = one(state.walks, 0).at
    people = min(comes, walks)
    if state.counts[IS_OVER] and people == np.inf and state.counts[BUSY_SERVERS] == 0:
        return np.inf
    change = one(model.changes, state.counts[NEXT_CHANGE]).at
    return min(people, change, next_due(state))


@inline
def _next_event(
    model: Model, state: State, day: np.uint64, now: float
) -> tuple[int, int, bool, int]:
    """Let happen what comes first: a change, a server's event, the end of a walk, an arrival.

    Returns
    -------
    joining, freed : int
        A customer who joins a queue, a server that is free; -1 for none.
    has_served : bool
        Whether it is free after a service.
    settling : int
        A station whose idle servers must look for customers, -1 for none.
    """
    change = state.counts[NEXT_CHANGE]
    if one(model.changes, change).at <= now:
        state.counts[NEXT_CHANGE] = change + 1
        return NOBODY, NOBODY, False, apply_change(model, state, change, day)
    if next_due(state) <= now:
        server = first_due(state, now)
        if one(state.servers, server).clock_at < one(state.servers, server).work_at:
            joining, freed = _clock_strikes(model, state, server, now)
            return joining, freed, False, NOBODY
        joining, freed, has_served = _work_is_done(model, state, server, now)
        return joining, freed, has_served, NOBODY
    if state.counts[WALKING] > 0 and one(state.walks, 0).at <= now:
        return _end_walk(state), NOBODY, False, NOBODY
    arrival = state.counts[NEXT_ARRIVAL]
    state.counts[NEXT_ARRIVAL] = arrival + 1
    return arrival, NOBODY, False, NOBODY


@inline
def _clock_strikes(model: Model, state: State, server: int, now: float) -> tuple[int, int]:
    """Let a machine fail or be repaired; return who must join a queue, and if it is free."""
    if one(state.servers, server).is_down:
        is_free = is_repaired(model, state, server, now)
        return NOBODY, server if is_free else NOBODY
    customer = fails(model, state, server, now)
    if customer != NOBODY:
        customer = _go_on_elsewhere(model, state, customer, now)
    return customer, NOBODY


@inline
def _work_is_done(model: Model, state: State, server: int, now: float) -> tuple[int, int, bool]:
    """End a piece of a server's work; return who must join a queue, and if and how it is free."""
    joining, freed, has_served = NOBODY, NOBODY, False
    phase = one(state.servers, server).phase
    if one(state.servers, server).status == COMING:
        if arrives_at_window(model, state, server, now):
            freed = server
    elif phase == WORKING:
        joining, freed, has_served = _finish(model, state, server, now), server, True
    elif phase == ASKING:
        ask(model, state, server, now)
    elif phase == FREED:
        one(state.servers, server).work_at = np.inf
        set_timer(state, server)
        freed, has_served = server, True
    else:
        granted(model, state, server, now)
    return joining, freed, has_served


@inline
def _finish(model: Model, state: State, server: int, now: float) -> int:
    """End a service; return the customer if the next queue is joined at once, else -1."""
    customer = one(state.servers, server).serving
    activity = one(state.customers, customer).activity
    place, last = (
        one(model.activities, activity).route_first,
        one(model.activities, activity).route_last,
    )
    if place < last:
        word = one(model.activities, activity).route_word + round_of(
            model, state, customer, activity
        )
        share = uniform(one(state.customers, customer).key, word)
        while place < last and one(model.routes, place).share <= share:
            place += 1
    if place == last:
        part(state, server, now, DONE)
        one(state.customers, customer).left = now
        one(state.customers, customer).outcome = SERVED
        return NOBODY
    part(state, server, now, FAILED if one(model.routes, place).fails else DONE)
    return _go_on(model, state, customer, place, now)


@inline
def _go_on(model: Model, state: State, customer: int, route: int, now: float) -> int:
    """Send a customer along a route; return the customer if there is no way to walk, else -1."""
    seconds = (
        one(model.routes, route).metres
        * one(model.classes, one(state.customers, customer).kind).seconds_a_metre
    )
    one(state.customers, customer).failed += one(model.routes, route).fails
    one(state.customers, customer).activity = one(model.routes, route).to
    one(state.customers, customer).begun += 1
    one(state.customers, customer).metres += one(model.routes, route).metres
    one(state.customers, customer).rest = -1.0
    keeps = one(model.routes, route).keeps
    ticket = one(state.customers, customer).ticket
    one(state.customers, customer).since = ticket if keeps else now + seconds
    if seconds == 0.0:
        return customer
    _walk(state, customer, now + seconds)
    return NOBODY


@inline
def _go_on_elsewhere(model: Model, state: State, customer: int, now: float) -> int:
    """Send a customer on whose machine has failed; return whom to let join a queue, or -1."""
    route = one(model.activities, one(state.customers, customer).activity).failing_route
    if route == NONE:
        return customer
    joining = _go_on(model, state, customer, route, now)
    one(state.customers, customer).since = one(state.customers, customer).ticket
    return joining


@inline
def _walk(state: State, customer: int, until: float) -> None:
    """Note that a customer walks, behind all who arrive earlier or at the same time."""
    place = state.counts[WALKING]
    while place > 0 and one(state.walks, place - 1).at > until:
        one(state.walks, place).at = one(state.walks, place - 1).at
        one(state.walks, place).customer = one(state.walks, place - 1).customer
        place -= 1
    one(state.walks, place).at = until
    one(state.walks, place).customer = customer
    state.counts[WALKING] += 1


@inline
def _end_walk(state: State) -> int:
    """Take out and return the customer whose walk ends first."""
    customer = one(state.walks, 0).customer
    state.counts[WALKING] -= 1
    for place in range(state.counts[WALKING]):
        one(state.walks, place).at = one(state.walks, place + 1).at
        one(state.walks, place).customer = one(state.walks, place + 1).customer
    return customer


@inline
def _join(model: Model, state: State, customer: int, day: np.uint64, now: float) -> int:
    """Let a customer join the queue of the next activity; return a server that is free, or -1."""
    activity, kind = one(state.customers, customer).activity, one(state.customers, customer).kind
    queue = one(model.activities, activity).queue
    is_first = one(state.customers, customer).queued < 0.0
    is_warm = _is_of_warm_start(model, state, customer)
    if not is_warm:
        one(state.customers, customer).queued = now
    if state.counts[IS_OVER]:
        one(state.customers, customer).left = now
        one(state.customers, customer).outcome = SENT_AWAY
        return NOBODY
    if is_first and _balks(model, state, customer, now):
        one(state.customers, customer).left = now
        one(state.customers, customer).outcome = BALKED
        return NOBODY
    server = take_idle(model, state, queue)
    if server != NOBODY:
        return server
    one(state.customers, customer).deadline = _deadline(model, state, customer, is_warm)
    stand(state, one(model.line_of, (kind, queue)), customer)
    first, last = one(model.queues, queue).station_first, one(model.queues, queue).station_last
    for place in range(first, last):
        station = one(model.queue_stations, place)
        if one(model.stations, station).is_flexible:
            call_up(model, state, station, day, now)
    return NOBODY


@inline
def _is_of_warm_start(model: Model, state: State, customer: int) -> bool:
    """Return whether a customer stands in line since before a warm start."""
    if customer >= model.sources.waiting.size:
        return False
    found = one(state.customers, customer)
    return found.begun == 0 and found.rest < 0.0


@inline
def _balks(model: Model, state: State, customer: int, now: float) -> bool:
    kind = one(state.customers, customer).kind
    first, last = one(model.classes, kind).balk_first, one(model.classes, kind).balk_last
    if first == last:
        return False
    queue = one(model.activities, one(state.customers, customer).activity).queue
    ahead = min(count_in_queue(model, state, queue, now), last - first - 1)
    return uniform(one(state.customers, customer).key, BALK) < one(model.balk_share, first + ahead)


@inline
def _deadline(model: Model, state: State, customer: int, is_warm: bool) -> float:  # noqa: FBT001
    """Return when a customer gives up waiting."""
    activity = one(state.customers, customer).activity
    kind, queue = one(state.customers, customer).kind, one(model.activities, activity).queue
    law = one(model.patience_law, (kind, queue))
    if law == NONE or one(state.customers, customer).rest >= 0.0:
        return np.inf
    word = one(model.activities, activity).patience_word + round_of(
        model, state, customer, activity
    )
    share = uniform(one(state.customers, customer).key, word)
    if is_warm:
        floor = one(model.sources.waiting, customer).floor
        share = floor + share * (1.0 - floor)
    finite = one(model.finite, law)
    if share >= finite:
        return np.inf
    deadline = one(state.customers, customer).queued + quantile(model.table, law, share / finite)
    return max(deadline, model.sources.starts) if is_warm else deadline
