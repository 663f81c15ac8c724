"""Waiting lines: one for each priority in each queue, by ticket time; who gave up is struck late.

A customer who gives up leaves at the deadline, but is only taken out when somebody looks: nothing
has to happen at that moment.
"""

from __future__ import annotations

from branchwise.twin.kernel.model import Model
from branchwise.twin.kernel.options import inline
from branchwise.twin.kernel.records import one
from branchwise.twin.kernel.state import (
    ABANDONED,
    DISMISSED,
    GAVE_UP,
    IN_LINES,
    SENT_AWAY,
    STEPS,
    State,
)

NOBODY = -1


@inline
def stand(state: State, line: int, customer: int) -> None:
    """Put a customer in a line, behind all with the same or an earlier ticket time."""
    state.counts[IN_LINES] += 1
    customers, place = state.customers, one(state.lines, line)
    at = one(customers, customer).since
    if place.head == NOBODY:
        one(customers, customer).following = NOBODY
        place.head = customer
        place.tail = customer
    elif one(customers, place.tail).since <= at:
        one(customers, customer).following = NOBODY
        one(customers, place.tail).following = customer
        place.tail = customer
    else:
        before, behind = NOBODY, place.head
        while one(customers, behind).since <= at:
            before, behind = behind, one(customers, behind).following
        one(customers, customer).following = behind
        if before == NOBODY:
            place.head = customer
        else:
            one(customers, before).following = customer


@inline
def leave_unserved(state: State, customer: int, at: float, outcome: int, step_outcome: int) -> None:
    """Note that a customer in a line leaves, and the step that came to nothing."""
    one(state.customers, customer).waited += at - one(state.customers, customer).queued
    one(state.customers, customer).left = at
    one(state.customers, customer).outcome = outcome
    state.counts[IN_LINES] -= 1
    row = state.counts[STEPS]
    state.counts[STEPS] = row + 1
    if row < state.steps.size:
        one(state.steps, row).customer = customer
        one(state.steps, row).activity = one(state.customers, customer).activity
        one(state.steps, row).server = NOBODY
        one(state.steps, row).outcome = step_outcome
        one(state.steps, row).queued = one(state.customers, customer).queued
        one(state.steps, row).called = at
        one(state.steps, row).started = at
        one(state.steps, row).ended = at
        one(state.steps, row).asked = -1.0
        one(state.steps, row).granted = -1.0


@inline
def head(state: State, line: int, now: float) -> int:
    """Return who is first in a line, after those who gave up have been taken out; -1 if nobody."""
    customer = one(state.lines, line).head
    while customer != NOBODY and one(state.customers, customer).deadline <= now:
        leave_unserved(state, customer, one(state.customers, customer).deadline, ABANDONED, GAVE_UP)
        customer = one(state.customers, customer).following
        one(state.lines, line).head = customer
    return customer


@inline
def called_next(model: Model, state: State, station: int, now: float) -> int:
    """Take out and return whom a server of a station serves next; -1 if nobody waits."""
    if state.counts[IN_LINES] == 0:
        return NOBODY
    for rank in range(
        one(model.stations, station).rank_first, one(model.stations, station).rank_last
    ):
        chosen, chosen_line = NOBODY, NOBODY
        for place in range(one(model.ranks, rank).line_first, one(model.ranks, rank).line_last):
            line = one(model.rank_lines, place)
            if one(state.lines, line).head == NOBODY:
                continue
            customer = head(state, line, now)
            if customer == NOBODY:
                continue
            if chosen == NOBODY or _is_before(state, customer, chosen):
                chosen, chosen_line = customer, line
        if chosen != NOBODY:
            one(state.lines, chosen_line).head = one(state.customers, chosen).following
            state.counts[IN_LINES] -= 1
            return chosen
    return NOBODY


@inline
def _is_before(state: State, customer: int, other: int) -> bool:
    if one(state.customers, customer).since != one(state.customers, other).since:
        return one(state.customers, customer).since < one(state.customers, other).since
    if one(state.customers, customer).queued != one(state.customers, other).queued:
        return one(state.customers, customer).queued < one(state.customers, other).queued
    return customer < other


@inline
def count_in_queue(model: Model, state: State, queue: int, now: float) -> int:
    """Return how many wait in a queue and have not given up."""
    count = 0
    for place in range(one(model.queues, queue).line_first, one(model.queues, queue).line_last):
        customer = one(state.lines, place).head
        while customer != NOBODY:
            count += one(state.customers, customer).deadline > now
            customer = one(state.customers, customer).following
    return count


@inline
def count_for_station(model: Model, state: State, station: int, now: float) -> int:
    """Return how many wait that a station serves."""
    count = 0
    for place in range(
        one(model.stations, station).line_first, one(model.stations, station).line_last
    ):
        customer = one(state.lines, one(model.rank_lines, place)).head
        while customer != NOBODY:
            count += one(state.customers, customer).deadline > now
            customer = one(state.customers, customer).following
    return count


@inline
def send_everybody_away(state: State, at: float) -> None:
    """Empty all lines: who has not given up before is sent away."""
    for line in range(state.lines.size):
        customer = one(state.lines, line).head
        while customer != NOBODY:
            if one(state.customers, customer).deadline <= at:
                leave_unserved(
                    state, customer, one(state.customers, customer).deadline, ABANDONED, GAVE_UP
                )
            else:
                leave_unserved(state, customer, at, SENT_AWAY, DISMISSED)
            customer = one(state.customers, customer).following
        one(state.lines, line).head = NOBODY
