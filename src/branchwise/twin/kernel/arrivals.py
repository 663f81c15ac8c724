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
from branchwise.twin.kernel.records import one, put
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
    # nearly always one slot on or none: that step without a branch, whose way cannot be foreseen
    slot += one(sources.expected, (kind, slot + 1)) < target
    while one(sources.expected, (kind, slot + 1)) < target:
        slot += 1
    stream.slot = slot
    if slot == slots:
        stream.at = np.inf
    else:
        over = target - one(sources.expected, (kind, slot))
        stream.at = one(sources.bounds, slot) + over * one(sources.seconds_each, (kind, slot))


@inline
def _draw_gap(model: Model, state: State, kind: int) -> None:
    stream = one(state.streams, kind)
    key = numbered(stream.key, stream.number)
    stream.number += 1
    stream.next_key = key
    stream.gap = quantile(model.table, GAPS, uniform(key, GAP))


@inline
def _enter(model: Model, state: State, customer: int, stream: int) -> None:
    """Let the next customer of a stream come in, take a ticket, and be who that ticket makes."""
    at = one(state.streams, stream).at
    key, kind, activity = _next_of(model, state, stream)
    if activity == NONE:
        activity = _first_activity(model, kind, uniform(key, MIX))
    ticket = _ticket(model, state, key, at)
    _begin_visit(state, customer)
    found = one(state.customers, _make_room(model, state, customer, ticket))
    found.key = key
    found.kind = kind
    found.activity = activity
    found.entered = at
    found.ticket = ticket
    found.since = ticket


@inline
def _next_of(model: Model, state: State, stream: int) -> tuple[np.uint64, int, int]:
    """Return key, class and first activity of the next customer of a stream; -1 for any."""
    sources, classes = model.sources, model.classes.size
    key = one(state.streams, stream).key
    if stream < classes:
        return one(state.streams, stream).customer_key, stream, NONE
    number = one(state.streams, stream).number
    if stream == classes:
        given = one(sources.given, number)
        return numbered(key, given.number), given.kind, given.activity
    place = one(state.appointed, number).order
    appointed = one(sources.appointed, place)
    return numbered(key, place), appointed.kind, appointed.activity


@inline
def _begin_visit(state: State, customer: int) -> None:
    found = one(state.customers, customer)
    found.begun = 0
    found.outcome = INSIDE
    found.failed = 0
    found.rest = -1.0
    found.waited = 0.0
    found.metres = 0.0
    found.queued = -1.0


@inline
def _first_activity(model: Model, kind: int, share: float) -> int:
    # no end before the last share: how often one goes round cannot be foreseen
    chosen = 0
    for place in range(model.mix_share.shape[1]):
        chosen += one(model.mix_share, (kind, place)) <= share
    return one(model.mix_activity, (kind, chosen))


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
        _begin_visit(state, customer)
        one(state.customers, customer).queued = one(sources.waiting, customer).ticket
    state.counts[ARRIVALS] = count
    for machine in range(sources.machines):
        put(state.machine_free, machine, -np.inf)


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
def _ticket(model: Model, state: State, key: np.uint64, entered: float) -> float:
    """Return when a customer has a ticket: from the machine that is free first, in turn."""
    sources = model.sources
    if sources.machines == 0:
        return entered
    chosen = 0
    for machine in range(1, sources.machines):
        free = one(state.machine_free, machine)
        chosen = machine if free < one(state.machine_free, chosen) else chosen
    at = max(entered, one(state.machine_free, chosen))
    at += quantile(model.table, sources.machine_law, uniform(key, TICKET))
    put(state.machine_free, chosen, at)
    return at


@inline
def _make_room(model: Model, state: State, customer: int, ticket: float) -> int:
    """Return the place of a ticket time, after whoever has a later one has moved back."""
    place, first = customer, model.sources.waiting.size
    while place > first and one(state.customers, place - 1).ticket > ticket:
        before, found = one(state.customers, place - 1), one(state.customers, place)
        found.key = before.key
        found.kind = before.kind
        found.activity = before.activity
        found.entered = before.entered
        found.ticket = before.ticket
        found.since = before.ticket
        place -= 1
    return place
