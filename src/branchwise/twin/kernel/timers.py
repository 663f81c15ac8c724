"""When each server is due next, and which one first.

A server has one timer, so an event never has to be looked for and struck out: setting the timer
replaces it. Servers stand in blocks of eight; each block knows its first, so that setting a timer
looks at eight servers and finding the first at the blocks.
"""

from __future__ import annotations

import numpy as np

from branchwise.twin.kernel.options import inline
from branchwise.twin.kernel.records import one
from branchwise.twin.kernel.state import BLOCK, State


@inline
def set_timer(state: State, server: int) -> None:
    """Take over a server's next times, of work and of its failure clock."""
    due = state.due
    due[server] = min(one(state.servers, server).work_at, one(state.servers, server).clock_at)
    block = server // BLOCK
    first = block * BLOCK
    # in pairs, so that the processor compares several at a time
    one_two, three_four = min(due[first], due[first + 1]), min(due[first + 2], due[first + 3])
    five_six, seven_eight = min(due[first + 4], due[first + 5]), min(due[first + 6], due[first + 7])
    front, back = min(one_two, three_four), min(five_six, seven_eight)
    state.block_due[block] = min(front, back)


@inline
def next_due(state: State) -> float:
    """Return when the first server is due; inf where none ever is."""
    least = state.block_due[0]
    for block in range(1, state.block_due.size):
        least = min(least, state.block_due[block])
    return least


@inline
def first_due(state: State, now: float) -> int:
    """Return the server that is due now; of several, that of the lowest number."""
    block = 0
    while state.block_due[block] != now:
        block += 1
    first = block * BLOCK
    for place in range(BLOCK - 1, -1, -1):
        server = block * BLOCK + place
        first = server if state.due[server] == now else first
    return first


@inline
def clear_timers(state: State) -> None:
    """Set every timer to never."""
    for server in range(state.servers.size):
        one(state.servers, server).work_at = np.inf
        one(state.servers, server).clock_at = np.inf
    for server in range(state.due.size):
        state.due[server] = np.inf
    for block in range(state.block_due.size):
        state.block_due[block] = np.inf
