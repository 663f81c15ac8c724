"""The log of a branch made ready: which days, which hours, which classes, queues and activities."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from branchwise.core.errors import BranchwiseError, Where, failure
from branchwise.core.ports import Engine
from branchwise.twin.calibrate.classes import classes_of, learned_priorities
from branchwise.twin.calibrate.days import Chosen, choose_days, days_without_tickets
from branchwise.twin.calibrate.hours import hours_of, opening_hours, usual_hours
from branchwise.twin.calibrate.log import QUARTERS, Ints, Log, read_log
from branchwise.twin.calibrate.model import Hours, Strength
from branchwise.twin.calibrate.parts import Sight
from branchwise.twin.calibrate.peers import Place, place_of
from branchwise.twin.calibrate.requests import requests_of
from branchwise.twin.calibrate.routing import queues_of, sent_back, tasks_of
from branchwise.twin.calibrate.transactions import log_of_transactions
from branchwise.twin.calibrate.unrecorded import with_ends, with_servers

BEFORE_OPENING = 3600.0
"""Who comes earlier than so long before opening comes outside the hours [s]."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Base:
    """What is read before anything is estimated."""

    place: Place
    log: Log
    chosen: Chosen
    hours: Mapping[int, Hours]
    strength: Strength
    inferred_ends: bool
    unnamed_servers: bool
    outside: float


def read_base(
    engine: Engine,
    branch_id: str,
    days: Collection[date] | None,
    peers: Sequence[str] | None,
    log: Log | None = None,
) -> Base:
    """Read a branch's log and choose days and hours; the arguments are those of `calibrate`.

    Raises
    ------
    BranchwiseError
        [BW-CAL-001] to [BW-CAL-004], see there.
    """
    place = place_of(engine, branch_id, peers)
    if place is None:
        raise failure("BW-CAL-001", Where(place="branch", column="branch_id"), branch=branch_id)
    log, strength = _log_of(engine, place, log)
    if not log.is_queued.any():
        raise failure("BW-CAL-002", Where(place="visit"), branch=branch_id)
    opening = opening_hours(engine, branch_id, log.dates[-1])
    chosen = choose_days(
        log, days, days_without_tickets(log, opening, place.country), usual_hours(log, opening)
    )
    if not chosen.used:
        raise _none_left(branch_id, chosen)
    used = log.of_days(chosen.used)
    used, inferred = with_ends(used.where(~used.is_suspect))
    used, unnamed = with_servers(used)
    hours = hours_of(used.where(used.is_queued), opening)
    opens = np.array([hours[weekday].opens for weekday in used.weekdays.tolist()])
    ends = np.array([hours[weekday].ends for weekday in used.weekdays.tolist()])
    early = BEFORE_OPENING if opening else 0.0
    inside = (used.arrived >= opens[used.day] - early) & (used.arrived <= ends[used.day])
    return Base(
        place=place,
        log=used.where(inside),
        chosen=chosen,
        hours=hours,
        strength=strength,
        inferred_ends=inferred,
        unnamed_servers=unnamed,
        outside=1 - float(inside.mean()) if len(used) else 0.0,
    )


def _log_of(engine: Engine, place: Place, log: Log | None) -> tuple[Log, Strength]:
    """Return the log of tickets, or where there are none that of transactions."""
    tickets = read_log(engine, place.branch_id) if log is None else log
    if tickets.is_queued.any():
        return tickets, "tickets"
    return log_of_transactions(engine, place), "transactions"


def _none_left(branch_id: str, chosen: Chosen) -> BranchwiseError:
    codes = sorted({day.code for day in chosen.left_out})
    first = [day.on.isoformat() for day in chosen.left_out]
    where = Where(place="visit", count=len(first), keys=tuple(first))
    if codes == ["all_abandoned"]:
        return failure("BW-CAL-004", where, branch=branch_id, days=len(first))
    return failure("BW-CAL-003", where, branch=branch_id, reasons=", ".join(codes) or "–")


def sight_of(engine: Engine, base: Base) -> Sight:
    """Return the log with classes, queues, activities and requests."""
    log = base.log
    classes = classes_of(log)
    queues = queues_of(engine, log)
    sessions, tickets = sent_back(log)
    ends = np.array([base.hours[weekday].ends for weekday in log.weekdays.tolist()])
    return Sight(
        log=log,
        classes=classes,
        queues=queues,
        tasks=tasks_of(log, classes, queues),
        requests=requests_of(engine, base.place.branch_id, log),
        back_from=sessions,
        back_to=tickets,
        ends=ends,
        waits=log.wait,
    )


def priorities_of(sight: Sight) -> Ints:
    """Return who is called first, by class, as it was seen to be kept."""
    rows = sight.at_counter & sight.log.is_first
    return learned_priorities(
        sight.log.where(rows),
        sight.classes.codes[rows],
        sight.queues.codes[rows],
        len(sight.classes.kinds),
    )


def counts_of(sight: Sight) -> Ints:
    """Return customers by class, day and quarter-hour of arrival."""
    log = sight.log
    comes = log.is_first & (sight.at_counter | log.is_session)
    counts = np.zeros((len(sight.classes.kinds), len(log.dates), QUARTERS), dtype=np.int64)
    np.add.at(counts, (sight.classes.codes[comes], log.day[comes], log.quarter[comes]), 1)
    return counts
