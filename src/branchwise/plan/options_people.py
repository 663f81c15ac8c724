"""Options with people and rules: guides, approvers, appointments, opening hours, who is first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from branchwise.plan.branch_facts import groups_by_waiting, post_of
from branchwise.plan.loads import PEOPLE, Floats, Group
from branchwise.plan.mechanisms.diversion import MACHINE, SERVICE
from branchwise.plan.mechanisms.hours import CLOSES, MOVED, OPENS
from branchwise.plan.option_parts import (
    HOUR_QUARTERS,
    Case,
    hours_changed,
    inside_share,
    main_station,
    peak_window,
    situation_of,
    week_hours,
)
from branchwise.plan.proposal import Option, Quantities
from branchwise.twin.kernel.indexing import law_of_service
from branchwise.twin.workload import expected_customers, visits_by_class

GUIDE_QUARTERS, PEAK_QUARTERS = 12, 8
APPROVER = "approver"
SUPERVISOR, GUIDE_POST, LOBBY_POST = "supervisor", "assistant", "lobby_manager"
LONG_TALK_SECONDS, BOOKED_AT_LEAST = 480.0, 3.0
ASKING_SHARE = 0.1
HALF_HOUR = 30
EDGE_SHARE, QUIET_SHARE = 0.25, 0.03
LOBBY = "lobby"


def guide_at_peaks(case: Case) -> Sequence[Option]:
    """Put a guide into the lobby in the three hours in which most wait, or all day."""
    settings = _diverted(case)
    waiting = _waiting_of_people(case)
    window = peak_window(waiting, GUIDE_QUARTERS)
    if not settings or window is None:
        return []
    found = []
    for amount in case.intervention.amounts:
        for place in (window, None):
            hours = amount * week_hours(case, place)
            found.append(
                case.option(
                    amount, lever=LOBBY, target=LOBBY, window=place, settings=settings,
                    quantities=Quantities(hours_added={GUIDE_POST: round(hours, 4)}),
                )
            )  # fmt: skip
    return found


def convert_teller(case: Case) -> Sequence[Option]:
    """One teller of the commonest window becomes a guide, where two more stay.

    Raised by too few tellers alone it is none: it would take one away.
    """
    settings, found = _diverted(case), []
    branch = case.facts.branch_id
    if not any(
        one.theme == "migration" or situation_of(branch, one) == "spare" for one in case.findings
    ):
        return []
    for group in groups_by_waiting(case.facts):
        station = main_station(case.facts, group)
        if not settings or station is None or post_of(station) != "teller":
            continue
        if int(group.present.max(initial=0)) <= 2:  # noqa: PLR2004 - two must stay
            continue
        for amount in case.intervention.amounts:
            draft = case.option(amount, lever="", target=station.name, settings=settings)
            _, freed = hours_changed(case, draft)
            hours = round(sum(freed.values()), 4)
            found.append(
                case.option(
                    amount, lever=LOBBY, target=station.name, settings=settings,
                    quantities=Quantities(
                        hours_added={LOBBY_POST: hours}, hours_freed=freed,
                        people_trained=amount, people_moved=amount,
                    ),
                )
            )  # fmt: skip
    return found


def more_approvers(case: Case) -> Sequence[Option]:
    """One more person who may authorise: all day, or while most wait."""
    if APPROVER not in _own_pools(case):
        return []
    window = peak_window(_waiting_of_people(case), PEAK_QUARTERS)
    found = []
    for amount in case.intervention.amounts:
        for place in (None, window) if window else (None,):
            hours = amount * week_hours(case, place)
            found.append(
                case.option(
                    amount, lever="authorisation", target=APPROVER, window=place,
                    quantities=Quantities(
                        hours_added={SUPERVISOR: round(hours, 4)}, people_trained=amount
                    ),
                )
            )  # fmt: skip
    return found


def central_authorisation(case: Case) -> Sequence[Option]:
    """Ask a central pool instead of the branch's approvers; their time moves to the centre."""
    raised_by_waiting = all(one.theme != "authorisation" for one in case.findings)
    spots = [one.spot for one in case.findings if one.spot is not None]
    asking = max((one.authorisation_share or 0.0 for one in spots), default=0.0)
    if APPROVER not in _own_pools(case) or (raised_by_waiting and asking < ASKING_SHARE):
        return []
    hours = {SUPERVISOR: round(authorising_hours(case), 4)}
    return [
        case.option(
            1.0, lever="authorisation", target=APPROVER,
            settings={"delay_seconds": case.assumptions.value("central_authorisation_seconds")},
            quantities=Quantities(hours_added=hours, hours_freed=hours),
        )
    ]  # fmt: skip


def authorising_hours(case: Case) -> float:
    """Return the hours a week that approvers are held by requests, every service being done."""
    hours = 0.0
    for scenario in case.facts.days.values():
        done = expected_customers(scenario) @ visits_by_class(scenario)
        for activity, count in zip(scenario.activities, done, strict=True):
            asked = [one for one in activity.requests if one.pool == APPROVER]
            hours += sum(float(count) * one.share * one.hold.mean for one in asked) / 3600
    return hours


def appointments(case: Case) -> Sequence[Option]:
    """Appointments for the queue of long talks in which most wait."""
    queues = [
        (float(case.facts.waiting_in((queue,)).sum()), queue)
        for queue in case.scenario.queues
        if _is_of_long_talks(case, queue)
    ]
    settings = {
        "no_show_share": case.assumptions.value("appointment_no_show_share"),
        "early_seconds": case.assumptions.value("appointment_early_seconds"),
    }
    return [
        case.option(amount, lever="appointments", target=queue, settings=settings)
        for waiting, queue in sorted(queues, reverse=True)[:1]
        if waiting > 0
        for amount in case.intervention.amounts
    ]


def opening_hours(case: Case) -> Sequence[Option]:
    """Half an hour more at the end of the day where most wait; less where hardly anybody comes."""
    waiting = _waiting_of_people(case)
    scenario = case.scenario
    opens, closes = (round(at / 60) for at in (scenario.opens_second, scenario.closes_second))
    customers = _customers_by_quarter(case)
    longer = case.assumptions.value("extended_hours_share")
    shorter = case.assumptions.value("displaced_customers_share")
    found = []
    if any(one.theme not in _COSTLY for one in case.findings):
        if inside_share(waiting, (opens, opens + 60)) >= EDGE_SHARE:
            found.append(_other_hours(case, "opens_earlier", -HALF_HOUR, 0, longer))
        if inside_share(waiting, (closes - 60, closes)) >= EDGE_SHARE:
            found.append(_other_hours(case, "closes_later", 0, HALF_HOUR, longer))
    elif inside_share(customers, (closes - HALF_HOUR, 1440)) <= QUIET_SHARE:
        found.append(_other_hours(case, "closes_earlier", 0, -HALF_HOUR, shorter))
    return found


def elderly_priority(case: Case) -> Sequence[Option]:
    """Older customers before all others, where they are not."""
    return [case.option(1.0, lever="priority")]


_COSTLY = frozenset({"cost", "staffing"})


def _other_hours(case: Case, tag: str, opens: int, closes: int, share: float) -> Option:
    settings = {OPENS: float(opens), CLOSES: float(closes), MOVED: share}
    draft = case.option(1.0, lever="", target=tag, settings=settings)
    added, freed = hours_changed(case, draft)
    quantities = Quantities(hours_added=added, hours_freed=freed)
    return case.option(1.0, lever="hours", target=tag, settings=settings, quantities=quantities)


def _diverted(case: Case) -> dict[str, float]:
    """Return the share of each migratable counter service that a guide sends to machines."""
    if not any(one.kind == MACHINE for one in case.scenario.stations):
        return {}
    by_people = {
        queue
        for one in case.scenario.stations
        if one.kind in PEOPLE
        for tier in one.tiers
        for queue in tier
    }
    services = {one.service_id for one in case.scenario.activities if one.queue in by_people}
    share = case.assumptions.value("guide_diverted_share")
    return {
        f"{SERVICE}{code}": share
        for code in sorted(service for service in services if service)
        if code in case.facts.migratable
    }


def _waiting_of_people(case: Case) -> Floats:
    groups: tuple[Group, ...] = groups_by_waiting(case.facts)
    return case.facts.waiting_in(tuple(queue for group in groups for queue in group.queues))


def _own_pools(case: Case) -> set[str]:
    asked = {one.pool for activity in case.scenario.activities for one in activity.requests}
    return {one.name for one in case.scenario.pools if not one.delays and one.name in asked}


def _is_of_long_talks(case: Case, queue: str) -> bool:
    """Return whether a queue's services take long on the mean, and enough customers come."""
    scenario = case.scenario
    serving = [one for one in scenario.stations if one.kind in PEOPLE and one.serves(queue)]
    if not serving:
        return False
    done = visits_by_class(scenario) * expected_customers(scenario)[:, None]
    seconds = customers = 0.0
    for kind, row in zip(scenario.classes, done, strict=True):
        for activity, count in zip(scenario.activities, row, strict=True):
            law = law_of_service(activity, kind, serving[0]) if activity.queue == queue else None
            if law is not None and count > 0:
                seconds += float(count) * law.mean * kind.pace / serving[0].speed
                customers += float(count)
    return customers >= BOOKED_AT_LEAST and seconds / customers >= LONG_TALK_SECONDS


def _customers_by_quarter(case: Case) -> Floats:
    """Return customers an hour by quarter-hour of the mean day, all classes."""
    scenario = case.scenario
    found = np.zeros(24 * HOUR_QUARTERS)
    for kind in scenario.classes:
        for place, rate in enumerate(kind.rates_per_hour):
            at = scenario.rates_start_second + place * scenario.slot_seconds
            found[min(int(at // 900), len(found) - 1)] += rate * scenario.slot_seconds / 3600
    return found
