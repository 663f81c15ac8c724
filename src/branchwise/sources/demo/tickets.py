"""What the ticket machine records of each visit, empty calls (空叫) included."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from branchwise.core.randomness import stream
from branchwise.sources.demo.catalogues import MACHINE, SKILLS, services
from branchwise.sources.demo.customers import ELDERLY, Customers
from branchwise.sources.demo.days import Lived
from branchwise.sources.demo.network import Branch
from branchwise.sources.demo.queue import NO_SHOW, SERVED, WALKED_OUT
from branchwise.sources.demo.settings import DemoSettings, Flags, Floats, Ints
from branchwise.sources.demo.texts import chosen, dates, joined, numbered, times
from branchwise.sources.demo.visitors import FIRST_VIP_STAR, Visitors

COLUMNS = (
    "機號", "記錄號", "網點號", "號票", "隊列", "業務", "取號", "叫號", "開始", "結束",
    "窗口", "柜員", "狀態", "客戶級", "年齡段", "客戶號", "評價",
)  # fmt: skip
QUEUES = "AVEWC"
STATUS = {SERVED: 0, NO_SHOW: 1, WALKED_OUT: 2}
STATUS_CODES = ("1", "2", "3")
PRESSED_SHARE = 0.40
BURST = 8
BURST_FROM, BURST_TO = 36000.0, 41400.0
ENQUIRY = "1901"
NOBODY = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Tickets:
    """The rows of a branch's ticket machine in order of time, one entry of each array a row.

    Attributes
    ----------
    visitor : array of int
        Place in `Visitors`; -1 for an empty call.
    day, queue, service, place, outcome, rating : array of int
        Number of the day, place in `QUEUES`, in the catalogue, in `Lived.names`; outcome as in
        ``queue.Records``; rating 1 to 5, 0 where nobody pressed.
    arrived, called, started, ended : array of float
        Seconds after midnight.
    is_empty_call : array of bool
        Drawn and closed by staff within seconds.
    """

    visitor: Ints
    day: Ints
    queue: Ints
    service: Ints
    place: Ints
    outcome: Ints
    rating: Ints
    arrived: Floats
    called: Floats
    started: Floats
    ended: Floats
    is_empty_call: Flags


def tickets_of(settings: DemoSettings, branch: Branch, visitors: Visitors, lived: Lived) -> Tickets:
    """Return what a branch's ticket machine recorded."""
    rows = np.flatnonzero(lived.skill != MACHINE)
    visitor = lived.visitor[rows]
    outcome = lived.outcome[rows]
    ended = np.where(outcome == WALKED_OUT, lived.left[rows], lived.ended[rows])
    genuine = Tickets(
        visitor=visitor,
        day=lived.day[rows],
        queue=_queues(visitors, visitor, lived.skill[rows]),
        service=visitors.service[visitor],
        place=lived.place[rows],
        outcome=outcome,
        rating=_ratings(settings, branch, lived, rows),
        arrived=lived.arrived[rows],
        called=lived.called[rows],
        started=lived.started[rows],
        ended=ended,
        is_empty_call=np.zeros(len(rows), dtype=bool),
    )
    if not branch.empty_call_share:
        return genuine
    return _merged(genuine, _empty_calls(settings, branch, genuine))


def _queues(visitors: Visitors, visitor: Ints, skill: Ints) -> Ints:
    queue = np.where(visitors.band[visitor] == ELDERLY, QUEUES.index("E"), QUEUES.index("A"))
    is_advice = (skill == SKILLS.index("wealth")) | (skill == SKILLS.index("loan"))
    queue = np.where(is_advice, QUEUES.index("W"), queue)
    queue = np.where(visitors.star[visitor] >= FIRST_VIP_STAR, QUEUES.index("V"), queue)
    return np.where(skill == SKILLS.index("corporate"), QUEUES.index("C"), queue)


def _ratings(settings: DemoSettings, branch: Branch, lived: Lived, rows: Ints) -> Ints:
    """Return the ratings pressed at the window: long waits cost up to two steps."""
    chance = stream(settings.seed, "ratings", branch.branch_id)
    drawn = chance.random((2, len(lived.day)))[:, rows]
    mood = chance.normal(4.8, 0.7, len(lived.day))[rows]
    waited = np.nan_to_num(lived.called - lived.arrived)[rows] / 60
    rating = np.clip(np.round(mood - np.minimum(2.0, waited / 20)), 1, 5).astype(np.int64)
    pressed = (drawn[0] < PRESSED_SHARE) & (lived.outcome[rows] == SERVED)
    return np.where(pressed, rating, 0)


def _empty_calls(settings: DemoSettings, branch: Branch, genuine: Tickets) -> Tickets:
    """Draw bursts of tickets that somebody at the branch draws and closes at once."""
    chance = stream(settings.seed, "empty calls", branch.branch_id)
    per_day = np.bincount(genuine.day, minlength=settings.days)
    bursts = chance.poisson(branch.empty_call_share * per_day / BURST)
    day = np.repeat(np.repeat(np.arange(settings.days), bursts), BURST)
    count = len(day)
    starts = np.repeat(np.floor(chance.uniform(BURST_FROM, BURST_TO, count // BURST)), BURST)
    number = np.tile(np.arange(BURST), count // BURST)
    arrived = starts + 2.0 * number
    called = starts + 20.0 + 7.0 * number
    started = called + 1
    ended = started + np.floor(chance.uniform(2, 5, count))
    place = np.repeat(_places(chance, genuine, day[::BURST]), BURST)
    zero = np.zeros(count, dtype=np.int64)
    service = next(n for n, found in enumerate(services()) if found.service_id == ENQUIRY)
    return Tickets(
        visitor=zero + NOBODY,
        day=day,
        queue=zero,
        service=zero + service,
        place=place,
        outcome=zero + SERVED,
        rating=zero,
        arrived=arrived,
        called=called,
        started=started,
        ended=ended,
        is_empty_call=np.ones(count, dtype=bool),
    )


def _places(chance: np.random.Generator, genuine: Tickets, days: Ints) -> Ints:
    """Return for each burst a window that was in use on its day."""
    found = []
    usable = (genuine.place >= 0) & (genuine.outcome == SERVED) & (genuine.queue < len(QUEUES) - 2)
    for day in days.tolist():
        first, last = np.searchsorted(genuine.day, [day, day + 1])
        places = np.unique(genuine.place[first:last][usable[first:last]])
        found.append(int(places[int(chance.integers(len(places)))]))
    return np.array(found, dtype=np.int64)


def _merged(genuine: Tickets, empty: Tickets) -> Tickets:
    names = Tickets.__slots__
    longer = {
        name: np.concatenate([getattr(genuine, name), getattr(empty, name)]) for name in names
    }
    order = np.lexsort((longer["is_empty_call"], longer["arrived"], longer["day"]))
    return Tickets(**{name: values[order] for name, values in longer.items()})


def ticket_columns(
    settings: DemoSettings,
    branch: Branch,
    *,
    customers: Customers,
    visitors: Visitors,
    lived: Lived,
    tickets: Tickets,
) -> dict[str, pa.Array]:
    """Return the rows as the texts of the machine's file, by column."""
    count = len(tickets.day)
    constant = np.zeros(count, dtype=np.int64)
    offered = [service.service_id for service in services()]
    somebody = tickets.visitor >= 0
    visitor = np.where(somebody, tickets.visitor, 0)
    day = _machine_dates(settings, branch, tickets.day)
    known = somebody & visitors.is_known_band[visitor]
    status = np.array([STATUS[code] for code in range(len(STATUS))])[tickets.outcome]
    return {
        "機號": chosen([f"QM{branch.branch_id}"], constant),
        "記錄號": numbered("", np.arange(1, count + 1), 7),
        "網點號": chosen([branch.branch_id], constant),
        "號票": _ticket_numbers(tickets),
        "隊列": chosen([f"0{number + 1}" for number in range(len(QUEUES))], tickets.queue),
        "業務": chosen(offered, tickets.service),
        "取號": joined(" ", day, times(tickets.arrived)),
        "叫號": times(tickets.called),
        "開始": times(tickets.started),
        "結束": times(tickets.ended),
        "窗口": chosen(lived.names, tickets.place),
        "柜員": chosen(lived.staff, tickets.place),
        "狀態": chosen(STATUS_CODES, status),
        "客戶級": chosen(
            [str(star) for star in range(8)], visitors.star[visitor],
            where=somebody & (visitors.star[visitor] > 0),
        ),
        "年齡段": chosen(["1", "2", "3", "4"], visitors.band[visitor], where=known),
        "客戶號": chosen(customers.codes, np.where(somebody, visitors.customer[visitor], NOBODY)),
        "評價": chosen(["9", "1", "2", "3", "4", "5"], tickets.rating),
    }  # fmt: skip


def _machine_dates(settings: DemoSettings, branch: Branch, day: Ints) -> pa.Array:
    """Return dates as the branch's machine writes them: Western years, or of the Republic."""
    if not branch.uses_roc_years:
        return dates(settings, day)
    return chosen([f"{date.year - 1911}{date:%m%d}" for date in settings.calendar], day)


def _ticket_numbers(tickets: Tickets) -> pa.Array:
    """Return ticket numbers: the queue's letter, and a number that restarts daily."""
    group = tickets.day * len(QUEUES) + tickets.queue
    order = np.argsort(group, kind="stable")
    first = np.searchsorted(group[order], group[order])
    number = np.empty(len(group), dtype=np.int64)
    number[order] = np.arange(len(group)) - first + 1
    return joined("", chosen(list(QUEUES), tickets.queue), numbered("", number, 3))
