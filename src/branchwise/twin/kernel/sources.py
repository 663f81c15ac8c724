"""Who comes to a branch, as arrays of records."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from branchwise.twin.kernel.indexing import Book
from branchwise.twin.kernel.records import Records, fields, filled
from branchwise.twin.laws import Gamma

Floats = npt.NDArray[np.float64]

GIVEN = fields(real="at", whole="kind activity number")
APPOINTED = fields(real="at no_show", whole="kind activity law")
WAITING = fields(real="ticket floor", whole="kind activity number")
SERVING = fields(real="ticket started floor", whole="kind activity station")


class Sources(NamedTuple):
    """Who comes: by rates, for certain, by appointment, or there when a warm start begins.

    `expected` and `seconds_each` have a row a class and a column a slot: customers expected by
    its beginning, a last one that never comes included, and seconds for each of them in it;
    `bounds` are the slots' beginnings.
    """

    expected: Floats
    seconds_each: Floats
    bounds: Floats
    day_law: int
    given: Records
    appointed: Records
    waiting: Records
    serving: Records
    starts: float
    machines: int
    machine_law: int


def sources_of(book: Book) -> Sources:
    """Return who comes in a scenario; laws are entered in its book."""
    scenario = book.scenario
    slots = max((len(found.rates_per_hour) for found in scenario.classes), default=0)
    rates = np.zeros((len(scenario.classes), slots))
    for place, found in enumerate(scenario.classes):
        rates[place, : len(found.rates_per_hour)] = found.rates_per_hour
    each = rates * scenario.slot_seconds / 3600
    edge = np.zeros((len(rates), 1))
    shape = scenario.day_shape
    machines = scenario.entrance.machines if scenario.entrance.service else 0
    return Sources(
        expected=np.concatenate([edge, np.cumsum(each, axis=1), edge + math.inf], axis=1),
        seconds_each=np.divide(
            scenario.slot_seconds, each, out=np.zeros_like(each), where=each > 0
        ),
        bounds=scenario.rates_start_second + scenario.slot_seconds * np.arange(slots + 1.0),
        day_law=book.law(None if shape is None else Gamma(mean=1.0, cv=1 / math.sqrt(shape))),
        given=_given(book),
        appointed=_appointed(book),
        waiting=_waiting(book),
        serving=_serving(book),
        starts=float(scenario.start.at_second if scenario.start else -math.inf),
        machines=machines,
        machine_law=book.law(scenario.entrance.service if machines else None),
    )


def _given(book: Book) -> Records:
    given = book.scenario.given
    order = sorted(range(len(given)), key=lambda place: given[place].at_second)
    return filled(
        GIVEN,
        at=[given[place].at_second for place in order],
        kind=[book.classes[given[place].customer_class] for place in order],
        activity=[book.activity(given[place].activity) for place in order],
        number=order,
    )


def _appointed(book: Book) -> Records:
    found = book.scenario.appointments
    return filled(
        APPOINTED,
        at=[one.at_second - one.early_seconds for one in found],
        no_show=[one.no_show for one in found],
        kind=[book.classes[one.customer_class] for one in found],
        activity=[book.activity(one.activity) for one in found],
        law=[book.law(one.lateness) for one in found],
    )


def _waiting(book: Book) -> Records:
    start = book.scenario.start
    waiting = start.waiting if start else ()
    order = sorted(range(len(waiting)), key=lambda place: waiting[place].ticket_second)
    return filled(
        WAITING,
        ticket=[waiting[place].ticket_second for place in order],
        floor=[book.patience_floor(waiting[place]) for place in order],
        kind=[book.classes[waiting[place].customer_class] for place in order],
        activity=[book.activity(waiting[place].activity) for place in order],
        number=order,
    )


def _serving(book: Book) -> Records:
    start = book.scenario.start
    serving = start.serving if start else ()
    return filled(
        SERVING,
        ticket=[one.ticket_second for one in serving],
        started=[one.started_second for one in serving],
        floor=[book.service_floor(one) for one in serving],
        kind=[book.classes[one.customer_class] for one in serving],
        activity=[book.activity(one.activity) for one in serving],
        station=[book.stations[one.station] for one in serving],
    )
