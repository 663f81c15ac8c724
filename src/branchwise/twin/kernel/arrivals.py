"""Who comes on a day, in order of their tickets: all of it is drawn before anybody is served."""

from __future__ import annotations

import numpy as np

from branchwise.twin.kernel.draws import (
    DAY,
    GAP,
    LATENESS,
    MIX,
    NO_SHOW,
    TICKET,
    mixed,
    numbered,
    quantile,
    uniform,
    word,
)
from branchwise.twin.kernel.model import Model
from branchwise.twin.kernel.options import apart, inline
from branchwise.twin.kernel.records import one
from branchwise.twin.kernel.state import ARRIVALS, CUSTOMERS, INSIDE, NO_SHOWS_FROM, State

GIVEN, APPOINTMENT, WAITING = word("given"), word("appointment"), word("waiting")
NONE = -1
GAPS = 0
"""Number of the law of gaps, the exponential of mean 1: every model has it first."""


@inline
def draw_arrivals(model: Model, state: State, day: np.uint64) -> bool:
    """Draw who comes, with their tickets; false where there is not room enough."""
    sources = model.sources
    room = state.customers.size - sources.serving.size
    if sources.waiting.size > room:
        return False
    begin_streams(model, state, day)
    gap_factor = 1.0
    if sources.day_law != NONE:
        gap_factor = 1.0 / quantile(model.table, sources.day_law, uniform(day, DAY))
    for kind in range(model.classes.size):
        _draw_gap(model, state, kind)
        _advance(model, state, kind, gap_factor)
    count = state.counts[ARRIVALS]
    stream = _first_stream(state)
    while one(state.streams, stream).at < np.inf:
        if count == room:
            return False
        if one(state.streams, stream).at >= sources.starts:
            _enter(model, state, count, stream)
            count += 1
        if stream < model.classes.size:
            _advance(model, state, stream, gap_factor)
        else:
            _next_of_list(model, state, stream - model.classes.size)
        stream = _first_stream(state)
    _hand_out_tickets(model, state, count)
    state.counts[ARRIVALS] = count
    state.counts[CUSTOMERS] = count
    return True


@inline
def _first_stream(state: State) -> int:
    """Return the class, or the list, of whom the next customer is one."""
    stream, least = 0, one(state.streams, 0).at
    for other in range(1, state.streams.size):
        at = one(state.streams, other).at
        stream = other if at < least else stream
        least = min(least, at)
    return stream


@inline
def _advance(model: Model, state: State, kind: int, gap_factor: float) -> None:
    """Let the next customer of a class come next, and draw the gap to the one behind.

    Gaps are in units of expected customers. They are drawn one customer ahead, so that nothing
    has to wait for the hash.
    """
    sources, stream = model.sources, one(state.streams, kind)
    stream.target += stream.gap * gap_factor
    stream.customer_key = stream.next_key
    _draw_gap(model, state, kind)
    slot, slots = stream.slot, sources.bounds.size - 1
    target = stream.target
    while slot < slots and sources.expected[kind, slot + 1] < target:
        slot += 1
    stream.slot = slot
    if slot == slots:
        stream.at = np.inf
    else:
        over = target - sources.expected[kind, slot]
        stream.at = sources.bounds[slot] + over * sources.seconds_each[kind, slot]


@inline
def _draw_gap(model: Model, state: State, kind: int) -> None:
    stream = one(state.streams, kind)
    key = numbered(stream.key, stream.number)
    stream.number += 1
    stream.next_key = key
    stream.gap = quantile(model.table, GAPS, uniform(key, GAP))


@inline
def _enter(model: Model, state: State, customer: int, stream: int) -> None:
    at = one(state.streams, stream).at
    sources = model.sources
    classes = model.classes.size
    activity = NONE
    if stream < classes:
        kind = stream
        key = one(state.streams, kind).customer_key
    elif stream == classes:
        place = one(state.streams, stream).number
        kind, activity = one(sources.given, place).kind, one(sources.given, place).activity
        key = numbered(one(state.streams, stream).key, one(sources.given, place).number)
    else:
        place = one(state.appointed, one(state.streams, stream).number).order
        kind, activity = one(sources.appointed, place).kind, one(sources.appointed, place).activity
        key = numbered(one(state.streams, stream).key, place)
    if activity == NONE:
        activity = _first_activity(model, kind, uniform(key, MIX))
    one(state.customers, customer).key = key
    one(state.customers, customer).kind = kind
    one(state.customers, customer).activity = activity
    one(state.customers, customer).entered = at
    one(state.customers, customer).ticket = at
    _begin_visit(state, customer)


@inline
def _begin_visit(state: State, customer: int) -> None:
    one(state.customers, customer).begun = 0
    one(state.customers, customer).outcome = INSIDE
    one(state.customers, customer).failed = 0
    one(state.customers, customer).rest = -1.0
    one(state.customers, customer).waited = 0.0
    one(state.customers, customer).metres = 0.0
    one(state.customers, customer).queued = -1.0


@inline
def _first_activity(model: Model, kind: int, share: float) -> int:
    last = one(model.classes, kind).mix_last - 1
    place = one(model.classes, kind).mix_first
    while place < last and one(model.mixes, place).share <= share:
        place += 1
    return one(model.mixes, place).activity


@inline
def _next_of_list(model: Model, state: State, which: int) -> None:
    """Move on in the list of given customers (0) or of appointments (1)."""
    sources = model.sources
    stream = model.classes.size + which
    place = one(state.streams, stream).number + 1
    one(state.streams, stream).number = place
    size = sources.given.size if which == 0 else state.appointed.size
    if place >= size:
        one(state.streams, stream).at = np.inf
    elif which == 0:
        one(state.streams, stream).at = one(sources.given, place).at
    else:
        one(state.streams, stream).at = one(state.appointed, one(state.appointed, place).order).at


@apart
def begin_streams(model: Model, state: State, day: np.uint64) -> None:
    """Set every source of customers to its beginning; those of a warm start come first."""
    sources = model.sources
    classes = model.classes.size
    for kind in range(classes):
        one(state.streams, kind).key = mixed(day + one(model.classes, kind).word)
        one(state.streams, kind).target = 0.0
        one(state.streams, kind).slot = 0
        one(state.streams, kind).number = 0
        state.counts[NO_SHOWS_FROM + kind] = 0
    one(state.streams, classes).key = mixed(day + GIVEN)
    one(state.streams, classes + 1).key = mixed(day + APPOINTMENT)
    _draw_appointments(model, state, one(state.streams, classes + 1).key)
    for which in range(2):
        one(state.streams, classes + which).number = -1
        _next_of_list(model, state, which)
    waiting = mixed(day + WAITING)
    count = sources.waiting.size
    for customer in range(count):
        one(state.customers, customer).key = numbered(
            waiting, one(sources.waiting, customer).number
        )
        one(state.customers, customer).kind = one(sources.waiting, customer).kind
        one(state.customers, customer).activity = one(sources.waiting, customer).activity
        one(state.customers, customer).entered = one(sources.waiting, customer).ticket
        one(state.customers, customer).ticket = one(sources.waiting, customer).ticket
        one(state.customers, customer).since = one(sources.waiting, customer).ticket
        one(state.customers, customer).comes = sources.starts
        _begin_visit(state, customer)
        one(state.customers, customer).queued = one(sources.waiting, customer).ticket
    state.counts[ARRIVALS] = count


@inline
def _draw_appointments(model: Model, state: State, stream: np.uint64) -> None:
    """Draw when those with an appointment come, in order of time; no-shows never do."""
    sources = model.sources
    for place in range(sources.appointed.size):
        key = numbered(stream, place)
        if uniform(key, NO_SHOW) < one(sources.appointed, place).no_show:
            state.counts[NO_SHOWS_FROM + one(sources.appointed, place).kind] += 1
            at = np.inf
        else:
            late = quantile(model.table, one(sources.appointed, place).law, uniform(key, LATENESS))
            at = one(sources.appointed, place).at + late
        one(state.appointed, place).at = at
        slot = place
        while slot > 0 and one(state.appointed, one(state.appointed, slot - 1).order).at > at:
            one(state.appointed, slot).order = one(state.appointed, slot - 1).order
            slot -= 1
        one(state.appointed, slot).order = place


@inline
def _hand_out_tickets(model: Model, state: State, count: int) -> None:
    """Let everybody pass the ticket machines, first come first served, and sort by ticket."""
    sources = model.sources
    first = sources.waiting.size
    if sources.machines == 0:
        for customer in range(first, count):
            one(state.customers, customer).comes = one(state.customers, customer).entered
            one(state.customers, customer).since = one(state.customers, customer).entered
        return
    for machine in range(sources.machines):
        state.machine_free[machine] = -np.inf
    for customer in range(first, count):
        chosen = 0
        for machine in range(1, sources.machines):
            if state.machine_free[machine] < state.machine_free[chosen]:
                chosen = machine
        at = max(one(state.customers, customer).entered, state.machine_free[chosen])
        share = uniform(one(state.customers, customer).key, TICKET)
        at += quantile(model.table, sources.machine_law, share)
        state.machine_free[chosen] = at
        one(state.customers, customer).ticket = at
        _sink(state, customer, first)


@inline
def _sink(state: State, customer: int, first: int) -> None:
    """Move the last customer forward to the place of the ticket time."""
    ticket = one(state.customers, customer).ticket
    place = customer
    if place > first and one(state.customers, place - 1).ticket > ticket:
        key, kind = one(state.customers, customer).key, one(state.customers, customer).kind
        activity, entered = (
            one(state.customers, customer).activity,
            one(state.customers, customer).entered,
        )
        while place > first and one(state.customers, place - 1).ticket > ticket:
            one(state.customers, place).key = one(state.customers, place - 1).key
            one(state.customers, place).kind = one(state.customers, place - 1).kind
            one(state.customers, place).activity = one(state.customers, place - 1).activity
            one(state.customers, place).entered = one(state.customers, place - 1).entered
            one(state.customers, place).ticket = one(state.customers, place - 1).ticket
            one(state.customers, place).comes = one(state.customers, place).ticket
            one(state.customers, place).since = one(state.customers, place).ticket
            place -= 1
        one(state.customers, place).key, one(state.customers, place).kind = key, kind
        one(state.customers, place).activity, one(state.customers, place).entered = (
            activity,
            entered,
        )
        one(state.customers, place).ticket = ticket
    one(state.customers, place).comes = ticket
    one(state.customers, place).since = ticket
