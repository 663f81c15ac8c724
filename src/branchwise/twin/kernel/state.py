"""What changes during a day: customers, lines, servers, pools, and the log of steps."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from branchwise.twin.kernel.model import Model
from branchwise.twin.kernel.records import Records, empty, fields

SERVED, ABANDONED, BALKED, SENT_AWAY, INSIDE = range(5)
"""How a visit ended; `INSIDE` while it lasts."""
DONE, FAILED, GAVE_UP, DISMISSED, INTERRUPTED = range(5)
"""How a step ended."""

OFF, IDLE, BUSY, COMING, DOWN = range(5)
"""Status of a server."""
BLOCK_BITS = 3
BLOCK = 1 << BLOCK_BITS
"""Servers in a block of timers, see `timers`."""
WORD_BITS = 6
WORD = 1 << WORD_BITS
"""Servers in a word of `State.idle`, a bit each, the lowest number first."""
ON_DUTY, OUT_OF_ORDER = range(2)
"""Kinds of spells of a server."""
WORKING, ASKING, WAITING, HELD, AWAY, FREED = range(6)
"""Phase of a busy server: until the end, until a request, for the pool, with the pool's person,
with an answer from elsewhere, free at once."""

(ARRIVALS, CUSTOMERS, STEPS, WALKING, BUSY_SERVERS, NEXT_ARRIVAL, NEXT_CHANGE, IS_OVER,
 SPELLS, IN_LINES, NO_SHOWS_FROM) = range(11)  # fmt: skip
"""Places in `State.counts`: customers who arrive, and with those in service at a warm start; steps
in the log; customers who walk; servers at work; where the loop is; whether whoever waited has been
sent away; spells in the log; how many stand in lines, those who gave up unseen included. No-shows
of the classes lie behind the last."""

CUSTOMER = fields(
    words="key",
    whole="kind activity begun outcome failed following",
    real="entered ticket since queued deadline rest waited left metres",
)
"""`since` orders the lines, `rest` is what a breakdown left of a service (else negative),
`begun` counts activities before the present one, `following` is who stands behind."""
STEP = fields(
    whole="customer activity server outcome",
    real="queued called started ended asked granted",
)
SPELL = fields(whole="kind server", real="starts ends")
LINE = fields(whole="head tail")
WALK = fields(real="at", whole="customer")
SERVER = fields(
    words="key",
    whole="status phase closing is_down serving step request failures behind",
    real="work_at clock_at service piece done_share hold on_duty_since down_since last_end",
)
"""`work_at` is when the present piece of work ends, `clock_at` when the machine fails or is
repaired; `done_share` of the `service` is done at the end of the present `piece`; `behind` is who
stands behind in the pool's line."""
STATION = fields(whole="planned limit open idle coming called_up", real="open_seconds down_seconds")
POOL = fields(whole="duty free held head tail", real="held_seconds")
STREAM = fields(words="key customer_key next_key", whole="slot number", real="at target gap")
APPOINTED = fields(real="at", whole="order")


class State(NamedTuple):
    """One day of a model; ``counts`` holds single numbers, see above, ``idle`` a bit a server."""

    counts: npt.NDArray[np.int64]
    customers: Records
    steps: Records
    spells: Records
    lines: Records
    walks: Records
    servers: Records
    idle: npt.NDArray[np.uint64]
    due: npt.NDArray[np.float64]
    block_due: npt.NDArray[np.float64]
    stations: Records
    pools: Records
    streams: Records
    appointed: Records
    machine_free: npt.NDArray[np.float64]


def state_of(model: Model, *, customers: int, steps: int) -> State:
    """Return room for a day of a model: so many customers, so many steps.

    A day that needs more says so (see `day.live_day`) and is lived again with more room.
    """
    servers = max(len(model.server_station), 1)
    blocks = -(-servers // BLOCK)
    return State(
        counts=np.zeros(NO_SHOWS_FROM + len(model.classes), dtype=np.int64),
        customers=empty(CUSTOMER, customers),
        steps=empty(STEP, steps),
        spells=empty(SPELL, steps),
        lines=empty(LINE, model.count_lines),
        walks=empty(WALK, customers),
        servers=empty(SERVER, servers),
        idle=np.zeros(servers // WORD + 1, dtype=np.uint64),
        due=np.full(blocks * BLOCK, np.inf),
        block_due=np.full(blocks, np.inf),
        stations=empty(STATION, len(model.stations)),
        pools=empty(POOL, len(model.pools)),
        streams=empty(STREAM, len(model.classes) + 2),
        appointed=empty(APPOINTED, len(model.sources.appointed)),
        machine_free=np.zeros(max(model.sources.machines, 1)),
    )
