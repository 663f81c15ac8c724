"""The days of one branch lived through: visitors meet stations, and everything is recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from branchwise.sources.demo.devices import Fleet
from branchwise.sources.demo.network import Branch, closed_days
from branchwise.sources.demo.queue import DORMANT, Records, Visits, run_day
from branchwise.sources.demo.settings import DemoSettings, Floats, Ints
from branchwise.sources.demo.staff import Roster
from branchwise.sources.demo.stations import Place, places_of_day
from branchwise.sources.demo.visitors import Visitors

WAITING_AFTER_CLOSING = 3600.0
LEAST_RESPONSE = 15.0
NOBODY = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """What happened at a branch, one entry of each array a visit that took place.

    Attributes
    ----------
    visitor : array of int
        Place in `Visitors`.
    day : array of int
        Number of the day.
    arrived, called, started, ended, left, requested, granted : array of float
        Seconds after midnight; NaN for what did not happen.
    skill, outcome : array of int
        As in ``queue.Records``; a machine's visits have the machine's skill.
    place : array of int
        Place in `names`, `staff` and `devices`, -1 where never called.
    names, staff, devices : list of str
        Station, person (or empty) and machine (or empty).
    window_seconds : array of float, shape (days,)
        By day, how long tellers' windows were open, all together.
    """

    visitor: Ints
    day: Ints
    arrived: Floats
    called: Floats
    started: Floats
    ended: Floats
    left: Floats
    requested: Floats
    granted: Floats
    skill: Ints
    outcome: Ints
    place: Ints
    names: list[str]
    staff: list[str]
    devices: list[str]
    window_seconds: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class _Day:
    members: Ints
    day: int
    records: Records
    places: Ints


def live(
    settings: DemoSettings, branch: Branch, visitors: Visitors, roster: Roster, fleet: Fleet
) -> Lived:
    """Run every open day of a branch."""
    closed = closed_days(settings)
    approving = settings.amounts("approver", branch.branch_id, neutral=0)
    shuts = 60.0 * branch.form.closes_minute + WAITING_AFTER_CLOSING
    members = _members(visitors, settings.days)
    known: dict[tuple[str, str, str], int] = {}
    lived: list[_Day] = []
    window_seconds = np.zeros(settings.days)
    for day, date in enumerate(settings.calendar):
        if not branch.is_open(date, closed):
            continue
        places = places_of_day(settings, branch, roster, fleet, day)
        approvers = branch.approvers + int(approving[day])
        records = run_day(
            _visits(visitors, members[day], branch.response_seconds / approvers),
            [place.station for place in places],
            approvers=approvers,
            shuts=shuts,
        )
        window_seconds[day] = sum(
            seconds
            for place, seconds in zip(places, records.open_seconds, strict=True)
            if place.station.planned is not None
        )
        numbered = _numbered(known, places)
        lived.append(_Day(members=members[day], day=day, records=records, places=numbered))
    return _joined(lived, known, window_seconds)


def _members(visitors: Visitors, days: int) -> list[Ints]:
    """Return the places of each day's visitors, followers last."""
    order = np.argsort(visitors.day, kind="stable")
    bounds = np.searchsorted(visitors.day[order], np.arange(1, days))
    return [np.asarray(part) for part in np.split(order, bounds)]


def _visits(visitors: Visitors, members: Ints, response_seconds: float) -> Visits:
    local = {place: number for number, place in enumerate(members.tolist())}
    return Visits(
        arrived=visitors.arrived[members].tolist(),
        skill=visitors.skill[members].tolist(),
        counter_skill=visitors.counter_skill[members].tolist(),
        priority=visitors.priority[members].tolist(),
        service=visitors.service_seconds[members].tolist(),
        counter_service=visitors.counter_seconds[members].tolist(),
        patience=visitors.patience[members].tolist(),
        walk=visitors.walk[members].tolist(),
        asks=visitors.asks[members].tolist(),
        response=(LEAST_RESPONSE + response_seconds * visitors.response[members]).tolist(),
        stays_silent=visitors.stays_silent[members].tolist(),
        coming=visitors.coming[members].tolist(),
        follower=[local.get(place, NOBODY) for place in visitors.follower[members].tolist()],
    )


def _numbered(known: dict[tuple[str, str, str], int], places: Sequence[Place]) -> Ints:
    """Return the number of each station of the day among all stations seen so far."""
    identities = [(place.name, place.staff_id, place.device_id) for place in places]
    return np.array([*(known.setdefault(identity, len(known)) for identity in identities), NOBODY])


def _joined(
    lived: list[_Day], known: dict[tuple[str, str, str], int], window_seconds: Floats
) -> Lived:
    def whole(name: str) -> Floats:
        parts = [np.array(getattr(day.records, name), dtype=np.float64) for day in lived]
        joined: Floats = np.floor(np.concatenate([np.zeros(0), *parts]))
        return joined

    def counted(parts: list[Ints]) -> Ints:
        return np.concatenate([np.zeros(0, dtype=np.int64), *parts])

    outcome = whole("outcome").astype(np.int64)
    day = counted([np.full(len(part.members), part.day) for part in lived])
    place = counted([part.places[np.array(part.records.station, dtype=int)] for part in lived])
    visitor = counted([part.members for part in lived])
    arrived = whole("arrived")
    order = np.lexsort((visitor, arrived, day))
    order = order[(outcome != DORMANT)[order]]
    times = ("called", "started", "ended", "left", "requested", "granted")
    return Lived(
        visitor=visitor[order],
        day=day[order],
        arrived=arrived[order],
        **{name: whole(name)[order] for name in times},
        skill=whole("skill").astype(np.int64)[order],
        outcome=outcome[order],
        place=place[order],
        names=[name for name, _, _ in known],
        staff=[staff for _, staff, _ in known],
        devices=[device for _, _, device in known],
        window_seconds=window_seconds,
    )
