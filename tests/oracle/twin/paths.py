"""One form for what happened on a day, whoever lived through it."""

from __future__ import annotations

import math
from typing import NamedTuple

from tests.oracle.twin.floor import Person, Visit
from tests.oracle.twin.reference import live_through

from branchwise.twin.scenario import Scenario
from branchwise.twin.trace import CUSTOMER_OUTCOMES, STEP_OUTCOMES, trace

NEVER = -1.0


class TellPerson(NamedTuple):
    """A customer; times in seconds."""

    entered: float
    ticket: float
    left: float
    wait: float
    customer_class: str
    outcome: str


class TellVisit(NamedTuple):
    """A stay in a queue and at a server; -1 stands for what did not happen.

    Of a customer never called, call, beginning and end are when they give up.
    """

    entered: float
    queued: float
    called: float
    started: float
    ended: float
    asked: float
    granted: float
    activity: str
    station: str
    member: int
    outcome: str


class Told(NamedTuple):
    """A day: customers in order of entering, stays in order of their times."""

    persons: list[TellPerson]
    visits: list[TellVisit]


def in_order(rows: list) -> list:
    """Return rows sorted by times, rounded so that the last bit of a number decides nothing."""
    return sorted(
        rows, key=lambda row: [str(v) if isinstance(v, str) else round(v, 4) for v in row]
    )


def by_event_list(scenario: Scenario, seed: int = 1, replication: int = 0) -> Told:
    """Return a day as the event list lives through it; who does not come is left out."""
    path = live_through(scenario, seed, replication)
    came = [person for person in path.persons if person.outcome != "no_show"]
    return Told(
        in_order([person_of(person) for person in came]),
        in_order([visit_of(visit) for visit in path.visits if is_logged(visit)]),
    )


def person_of(person: Person) -> TellPerson:
    """Return the row of a customer of the event list."""
    return TellPerson(
        person.entered,
        person.ticket,
        person.left,
        person.wait,
        person.customer_class.name,
        person.outcome,
    )


def is_logged(visit: Visit) -> bool:
    """Return whether a stay is a step: not where the customer turned round without joining."""
    turned = visit.outcome in {"balked", "sent_away"} and visit.ended == visit.queued
    return not (turned and visit.station is None)


def visit_of(visit: Visit) -> TellVisit:
    """Return the row of a stay of the event list."""
    is_called = visit.station is not None
    is_granted = bool(visit.asked) and len(visit.granted) == len(visit.asked)
    return TellVisit(
        visit.person.entered,
        visit.queued,
        visit.called if is_called else visit.ended,
        known(visit.started) if is_called else visit.ended,
        visit.ended,
        visit.asked[-1] if visit.asked else NEVER,
        visit.granted[-1] if is_granted else NEVER,
        visit.activity,
        visit.station or "",
        visit.member,
        "done" if visit.outcome == "served" else visit.outcome,
    )


def known(second: float) -> float:
    """Return a time, or -1 for none."""
    return NEVER if math.isnan(second) else second


def by_kernel(scenario: Scenario, seed: int = 1, replication: int = 0) -> Told:
    """Return a day as the kernel lives through it."""
    day = trace(scenario, seed=seed, replication=replication)
    persons = [
        TellPerson(*numbers, scenario.classes[kind].name, CUSTOMER_OUTCOMES[outcome])
        for kind, outcome, *numbers in zip(
            day.customer_class.tolist(),
            day.outcome.tolist(),
            *(getattr(day, name).tolist() for name in ("entered", "ticket", "left", "wait")),
            strict=True,
        )
    ]
    times = ("queued", "called", "started", "ended", "asked", "granted")
    visits = [
        TellVisit(
            persons[customer].entered,
            *map(known, numbers),
            scenario.activities[activity].name,
            scenario.stations[station].name if station >= 0 else "",
            member,
            STEP_OUTCOMES[outcome],
        )
        for customer, activity, station, member, outcome, *numbers in zip(
            *(
                getattr(day, f"step_{name}").tolist()
                for name in ("customer", "activity", "station", "member", "outcome", *times)
            ),
            strict=True,
        )
    ]
    return Told(in_order(persons), in_order(visits))
