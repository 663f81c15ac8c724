"""What is counted on a day, class by class and station by station, without keeping the day."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from branchwise.twin.kernel.model import Model
from branchwise.twin.kernel.options import apart, inline
from branchwise.twin.kernel.records import one, put
from branchwise.twin.kernel.state import (
    ABANDONED,
    BALKED,
    CUSTOMERS,
    NO_SHOWS_FROM,
    SERVED,
    STEPS,
    State,
)

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

CLASS_COUNTS = (
    "customers", "served", "abandoned", "balked", "sent_away", "no_show", "wait_seconds",
    "wait_served_seconds", "within_standard", "failed_back", "walked_metres",
)  # fmt: skip
STATION_COUNTS = (
    "busy_seconds", "open_seconds", "down_seconds", "overtime_seconds", "services",
)  # fmt: skip
SLOT_COUNTS = (
    "customers", "abandoned", "wait_seconds", "wait_served_seconds", "within_standard",
)  # fmt: skip
POOL_COUNTS = ("requests", "asking_seconds", "held_seconds")
SLOTS, SLOT_SECONDS = 96, 900.0
BINS, BIN_SECONDS = 1441, 5.0
"""Waits are counted in bins of 5 s up to 2 h; the last bin holds whatever is longer."""
CALLED, LOST = 0, 1
OUTCOMES = CLASS_COUNTS.index("served")
"""Where the numbers of visits by outcome begin in `CLASS_COUNTS`, in the order of outcomes."""


class Tally(NamedTuple):
    """Counts of replications.

    Attributes
    ----------
    by_class : array, shape (replications, classes, 11)
        See `CLASS_COUNTS`. A wait within the standard is one that ended with a call.
    by_station : array, shape (replications, stations, 5)
        See `STATION_COUNTS`; busy from the call to the end.
    by_pool : array, shape (replications, pools, 3)
        See `POOL_COUNTS`: services with a request, time from the last one to its end, people bound.
    by_slot : array, shape (replications, 96, 5)
        See `SLOT_COUNTS`, by the quarter-hour of the ticket.
    waiting : array, shape (queues, 96)
        Customers waiting at the beginning of each quarter-hour, all replications together.
    waits : array, shape (batches, classes, 2, 1441)
        Waits that ended with a call, and waits lost before it, by bins.
    """

    by_class: Floats
    by_station: Floats
    by_pool: Floats
    by_slot: Floats
    waiting: Floats
    waits: Ints


def tally_of(model: Model, replications: int, batches: int) -> Tally:
    """Return an empty tally."""
    classes, stations = len(model.classes), len(model.stations)
    queues = len(model.queues)
    return Tally(
        by_class=np.zeros((replications, classes, len(CLASS_COUNTS))),
        by_station=np.zeros((replications, stations, len(STATION_COUNTS))),
        by_pool=np.zeros((replications, len(model.pools), len(POOL_COUNTS))),
        by_slot=np.zeros((replications, SLOTS, len(SLOT_COUNTS))),
        waiting=np.zeros((queues, SLOTS)),
        waits=np.zeros((batches, classes, 2, BINS), dtype=np.int64),
    )


@inline
def _add_one(counts: Ints, place: tuple[int, int, int, int]) -> None:
    put(counts, place, one(counts, place) + 1)


@apart
def count_customers(model: Model, state: State, tally: Tally, day: int, batch: int) -> None:
    """Count the customers of a day."""
    for kind in range(model.classes.size):
        tally.by_class[day, kind, 5] += state.counts[NO_SHOWS_FROM + kind]
    for customer in range(state.counts[CUSTOMERS]):
        kind, outcome = one(state.customers, customer).kind, one(state.customers, customer).outcome
        wait = one(state.customers, customer).waited
        count = tally.by_class[day, kind]
        count[0] += 1.0
        count[9] += one(state.customers, customer).failed
        count[10] += one(state.customers, customer).metres
        count[OUTCOMES + outcome] += 1.0
        if outcome == BALKED:
            continue
        slot = min(max(int(one(state.customers, customer).ticket / SLOT_SECONDS), 0), SLOTS - 1)
        by_slot = tally.by_slot[day, slot]
        by_slot[0] += 1.0
        by_slot[2] += wait
        is_served = outcome == SERVED
        is_within = is_served and wait <= model.standard
        wait_served = wait if is_served else 0.0
        count[6] += wait
        count[7] += wait_served
        count[8] += is_within
        by_slot[1] += outcome == ABANDONED
        by_slot[3] += wait_served
        by_slot[4] += is_within
        place = min(int(wait / BIN_SECONDS), BINS - 1)
        _add_one(tally.waits, (batch, kind, CALLED if is_served else LOST, place))


@apart
def count_steps(model: Model, state: State, tally: Tally, day: int) -> None:
    """Count the steps of a day, station by station, and who waited at each quarter-hour."""
    for row in range(state.counts[STEPS]):
        _count_waiting(model, state, tally, row)
        server = one(state.steps, row).server
        if server < 0:
            continue
        count = tally.by_station[day, one(model.server_station, server)]
        count[0] += one(state.steps, row).ended - one(state.steps, row).called
        count[4] += 1.0
        if one(state.steps, row).asked >= 0.0:
            _count_request(model, state, tally, day, row)
    for server in range(model.server_station.size):
        station = one(model.server_station, server)
        tally.by_station[day, station, 3] += max(
            one(state.servers, server).last_end - model.closes, 0.0
        )
    for pool in range(model.pools.size):
        tally.by_pool[day, pool, 2] = one(state.pools, pool).held_seconds
    for station in range(model.stations.size):
        tally.by_station[day, station, 1] = one(state.stations, station).open_seconds
        tally.by_station[day, station, 2] = one(state.stations, station).down_seconds


@apart
def _count_request(model: Model, state: State, tally: Tally, day: int, row: int) -> None:
    """Count a step's last request."""
    activity = one(state.steps, row).activity
    pool = one(model.requests, one(model.activities, activity).request_last - 1).pool
    granted = one(state.steps, row).granted
    tally.by_pool[day, pool, 0] += 1.0
    if granted >= 0.0:
        tally.by_pool[day, pool, 1] += granted - one(state.steps, row).asked


@apart
def _count_waiting(model: Model, state: State, tally: Tally, row: int) -> None:
    first = int(one(state.steps, row).queued / SLOT_SECONDS) + 1
    last = min(int(one(state.steps, row).called / SLOT_SECONDS), SLOTS - 1)
    for slot in range(first, last + 1):
        tally.waiting[one(model.activities, one(state.steps, row).activity).queue, slot] += 1.0
