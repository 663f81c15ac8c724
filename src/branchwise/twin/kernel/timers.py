"""When each server is due next, and which one first.

A server has one timer, so an event never has to be looked for and struck out: setting the timer
replaces it. Servers stand in blocks of eight; each block knows its first, so that setting a timer
looks at eight servers and finding the first at the blocks.
"""

from __future__ import annotations

import numpy as np

from branchwise.twin.kernel.options import inline
from branchwise.twin.kernel.records import one, put
from branchwise.twin.kernel.state import BLOCK, BLOCK_BITS, State


@inline
def set_timer(state: State, server: int) -> None:
    """Take over a server's next times, of work and of its failure clock."""
    due = state.due
    put(due, server, min(one(state.servers, server).work_at, one(state.servers, server).clock_at))
    block = server >> BLOCK_BITS
    first = server & -BLOCK
    # in pairs, so that the processor compares several at a time
    one_two, three_four = (
        min(one(due, first), one(due, first + 1)),
        min(one(due, first + 2), one(due, first + 3)),
    )
    five_six, seven_eight = (
        min(one(due, first + 4), one(due, first + 5)),
        min(one(due, first + 6), one(due, first + 7)),
    )
    front, back = min(one_two, three_four), min(five_six, seven_eight)
    put(state.block_due, block, min(front, back))


@inline
def next_due(state: State) -> float:
    """Return when the first server is due; inf where none ever is."""
    least = one(state.block_due, 0)
    for block in range(1, state.block_due.size):
        least = min(least, one(state.block_due, block))
    return least


@inline
def first_due(state: State, now: float) -> int:
    """Return the server that is due now; of several, that of the lowest number."""
    block = 0
    while one(state.block_due, block) > now:
        block += 1
    first = block * BLOCK
    server = first + BLOCK - 1
    for place in range(BLOCK - 2, -1, -1):
        server = first + place if one(state.due, first + place) <= now else server
    return server


@inline
def clear_timers(state: State) -> None:
    """Set every timer to never."""
    for server in range(state.servers.size):
        one(state.servers, server).work_at = np.inf
        one(state.servers, server).clock_at = np.inf
    for server in range(state.due.size):
        put(state.due, server, np.inf)
    for block in range(state.block_due.size):
        put(state.block_due, block, np.inf)
