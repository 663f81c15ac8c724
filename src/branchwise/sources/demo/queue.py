"""The event list of the synthetic bank: visitors, stations and approvers of one branch-day.

Deliberately simple and separate from the twin: the twin must never be tested against itself.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush

from branchwise.sources.demo.catalogues import MACHINE, SKILLS

SERVED, WALKED_OUT, NO_SHOW, DORMANT = 0, 1, 2, 3
NO_SHOW_SECONDS = 20.0
RETURN_SECONDS = 40.0
_OFF, _IDLE, _BUSY = 0, 1, 2
_PLAN, _EASE, _ARRIVE, _END, _OPEN, _CLOSE, _ASK, _GRANT, _FREE, _COME = range(10)
NEVER = math.nan


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """A window, desk or smart counter.

    Attributes
    ----------
    skills : tuple of int
        Places in ``catalogues.SKILLS`` of what it can serve.
    spells : tuple of (float, float)
        Seconds after midnight between which it may take visitors; it finishes whom it serves.
    planned : tuple of (float, float) or None
        Spells in which the roster has it open. Otherwise it is on call: whoever works there does
        other work until `opens_at` visitors wait, comes a little later (cash box, interlocked
        door), and goes when nobody waits any more. None: open in all its spells.
    opens_at : int
        Waiting visitors that call it, among those it can serve.
    """

    skills: tuple[int, ...]
    spells: tuple[tuple[float, float], ...]
    planned: tuple[tuple[float, float], ...] | None = None
    opens_at: int = 1


@dataclass(slots=True, kw_only=True)
class Visits:
    """The visitors of a branch-day, one entry of each list a visitor; all drawn beforehand.

    Attributes
    ----------
    arrived : list of float
        Seconds after midnight; NaN for one who comes only after another visit (`follows`).
    skill, counter_skill : list of int
        What is asked for, and what is asked for when no machine can be had.
    priority : list of int
        Higher is called earlier.
    service, counter_service : list of float
        Seconds of service as asked for, and at a counter instead.
    patience : list of float
        Seconds after which an uncalled visitor leaves (or turns from machine to counter).
    walk : list of float
        Seconds from call to start.
    asks : list of bool
        Whether an authorisation is needed, half way through a counter service.
    response : list of float
        Seconds from the approver's turning to it until it is given.
    stays_silent : list of bool
        Whether leaving shows only when the number is called in vain (過號).
    follower : list of int
        Visitor that comes when this service ends, or -1 (轉柜).
    coming : list of float
        Seconds until the window opens that this visitor's arrival calls, if it calls one.
    """

    arrived: list[float]
    skill: list[int]
    counter_skill: list[int]
    priority: list[int]
    service: list[float]
    counter_service: list[float]
    patience: list[float]
    walk: list[float]
    asks: list[bool]
    response: list[float]
    stays_silent: list[bool]
    follower: list[int]
    coming: list[float]


@dataclass(slots=True, kw_only=True)
class Records:
    """What happened to each visitor; seconds after midnight, NaN for what did not happen.

    `open_seconds` has one entry a station: how long it was open.
    """

    arrived: list[float]
    called: list[float]
    started: list[float]
    ended: list[float]
    requested: list[float]
    granted: list[float]
    station: list[int]
    skill: list[int]
    outcome: list[int]
    open_seconds: list[float]
    left: list[float] = field(default_factory=list)


def run_day(
    visits: Visits, stations: Sequence[Station], *, approvers: int, shuts: float
) -> Records:
    """Serve the visitors of one day.

    A visitor takes the idle station with the fewest skills among those that can serve; a freed
    station takes the waiting visitor of highest priority, first come first served within it.

    Parameters
    ----------
    visits : Visits
        The visitors; left unchanged.
    stations : sequence of Station
        Where they are served.
    approvers : int
        People who may authorise.
    shuts : float
        Second after midnight at which whoever still waits is sent away.

    Returns
    -------
    Records
        As long as `visits`.

    Examples
    --------
    >>> one = Visits(
    ...     arrived=[0.0, 10.0], skill=[0, 0], counter_skill=[0, 0], priority=[0, 0],
    ...     service=[60.0, 60.0], counter_service=[60.0, 60.0], patience=[1e9, 1e9],
    ...     walk=[0.0, 0.0], asks=[False, False], response=[0.0, 0.0],
    ...     stays_silent=[False, False], follower=[-1, -1], coming=[0.0, 0.0],
    ... )
    >>> window = Station(skills=(0,), spells=((0.0, 3600.0),))
    >>> run_day(one, [window], approvers=1, shuts=3600.0).called
    [0.0, 60.0]
    """
    return _Floor(visits, stations, approvers).run(shuts)


class _Floor:
    __slots__ = (
        "closing", "coming", "events", "free_approvers", "on_call", "opened", "order", "pending",
        "preference", "present", "records", "service", "state", "stations", "up_machines",
        "visits", "waiting",
    )  # fmt: skip

    def __init__(self, visits: Visits, stations: Sequence[Station], approvers: int) -> None:
        count = len(visits.arrived)
        self.visits = visits
        self.stations = stations
        self.service = list(visits.service)
        self.records = Records(
            arrived=list(visits.arrived),
            called=[NEVER] * count,
            started=[NEVER] * count,
            ended=[NEVER] * count,
            requested=[NEVER] * count,
            granted=[NEVER] * count,
            station=[-1] * count,
            skill=list(visits.skill),
            outcome=[DORMANT] * count,
            open_seconds=[0.0] * len(stations),
        )
        self.state = [_OFF] * len(stations)
        self.opened = [NEVER] * len(stations)
        self.closing = [False] * len(stations)
        self.present = [False] * len(stations)
        self.coming = [False] * len(stations)
        self.on_call = [station.planned is not None for station in stations]
        self.waiting: list[list[tuple[int, int, int]]] = [[] for _ in SKILLS]
        self.preference = [
            sorted(
                (place for place, station in enumerate(stations) if skill in station.skills),
                key=lambda place: (len(stations[place].skills), place),
            )
            for skill in range(len(SKILLS))
        ]
        self.free_approvers = approvers
        self.pending: deque[int] = deque()
        self.up_machines = 0
        self.order = count
        self.events = self._first_events()

    def _first_events(self) -> list[tuple[float, int, int, int]]:
        events = [
            (at, number, _ARRIVE, number)
            for number, at in enumerate(self.visits.arrived)
            if at == at  # noqa: PLR0124  NaN is a visitor who comes after another visit
        ]
        for place, station in enumerate(self.stations):
            for opens, closes in station.spells:
                events.append((opens, -1, _OPEN, place))
                events.append((closes, -1, _CLOSE, place))
            for starts, ends in station.planned or ():
                events.append((starts, -1, _PLAN, place))
                events.append((ends, -1, _EASE, place))
        heapify(events)
        return events

    def run(self, shuts: float) -> Records:
        handlers = (
            self._plan, self._ease, self._arrive, self._end, self._open, self._close, self._ask,
            self._grant, self._take, self._come,
        )  # fmt: skip
        events = self.events
        while events:
            at, _, kind, number = heappop(events)
            handlers[kind](at, number)
        self._send_away(shuts)
        return self.records

    def _push(self, at: float, kind: int, number: int) -> None:
        self.order += 1
        heappush(self.events, (at, self.order, kind, number))

    def _arrive(self, at: float, visit: int) -> None:
        records = self.records
        records.arrived[visit] = at
        records.outcome[visit] = WALKED_OUT
        skill = records.skill[visit]
        if skill == MACHINE and not self.up_machines:
            self._turn_to_counter(visit)
            skill = records.skill[visit]
        state = self.state
        for place in self.preference[skill]:
            if state[place] == _IDLE:
                self._start(at, visit, place)
                return
        self.order += 1
        heappush(self.waiting[skill], (-self.visits.priority[visit], self.order, visit))
        self._call_up(at, visit)

    def _call_up(self, at: float, visit: int) -> None:
        """Call a window that is on call if enough visitors wait for it."""
        for place in self.preference[self.records.skill[visit]]:
            if self.state[place] == _OFF and self.present[place] and not self.coming[place]:
                station = self.stations[place]
                queue = sum(len(self.waiting[served]) for served in station.skills)
                if queue >= station.opens_at:
                    self.coming[place] = True
                    self._push(at + self.visits.coming[visit], _COME, place)
                    return

    def _come(self, at: float, place: int) -> None:
        self.coming[place] = False
        if self.present[place] and self.state[place] == _OFF:
            self._take(at, place)

    def _plan(self, at: float, place: int) -> None:
        self.on_call[place] = False
        if self.present[place] and self.state[place] == _OFF:
            self._take(at, place)

    def _ease(self, at: float, place: int) -> None:
        self.on_call[place] = True
        if self.state[place] == _IDLE:
            self._shut(at, place)

    def _shut(self, at: float, place: int) -> None:
        if self.state[place] != _OFF:
            self.records.open_seconds[place] += at - self.opened[place]
        self.state[place] = _OFF

    def _turn_to_counter(self, visit: int) -> None:
        self.records.skill[visit] = self.visits.counter_skill[visit]
        self.service[visit] = self.visits.counter_service[visit]

    def _start(self, at: float, visit: int, place: int) -> None:
        visits, records = self.visits, self.records
        self.state[place] = _BUSY
        records.called[visit] = at
        records.station[visit] = place
        records.outcome[visit] = SERVED
        begins = at + visits.walk[visit]
        records.started[visit] = begins
        if visits.asks[visit] and records.skill[visit] != MACHINE:
            self._push(begins + 0.5 * self.service[visit], _ASK, visit)
        else:
            self._push(begins + self.service[visit], _END, visit)

    def _ask(self, at: float, visit: int) -> None:
        self.records.requested[visit] = at
        if self.free_approvers:
            self.free_approvers -= 1
            self._push(at + self.visits.response[visit], _GRANT, visit)
        else:
            self.pending.append(visit)

    def _grant(self, at: float, visit: int) -> None:
        self.records.granted[visit] = at
        self._push(at + 0.5 * self.service[visit], _END, visit)
        if self.pending:
            asking = self.pending.popleft()
            self._push(at + self.visits.response[asking], _GRANT, asking)
        else:
            self.free_approvers += 1

    def _end(self, at: float, visit: int) -> None:
        self.records.ended[visit] = at
        following = self.visits.follower[visit]
        if following >= 0 and self.records.skill[visit] == MACHINE:
            self._push(at + RETURN_SECONDS, _ARRIVE, following)
        self._take(at, self.records.station[visit])

    def _take(self, at: float, place: int) -> None:
        """Let a station take whoever is next, or rest."""
        if self.closing[place]:
            self._shut(at, place)
            self.closing[place] = False
            return
        if self.state[place] == _OFF:
            self.opened[place] = at
        self.state[place] = _BUSY
        while (visit := self._next(self.stations[place].skills)) >= 0:
            leaves = self.records.arrived[visit] + self.visits.patience[visit]
            if at <= leaves:
                self._start(at, visit, place)
                return
            if self._is_gone(at, visit, place):
                return
        if self.on_call[place]:
            self._shut(at, place)
        else:
            self.state[place] = _IDLE

    def _is_gone(self, at: float, visit: int, place: int) -> bool:
        """Note a visitor who left unseen; true if the station lost time by calling in vain."""
        records = self.records
        if records.skill[visit] == MACHINE:
            self._turn_to_counter(visit)
            self._push(at, _ARRIVE, visit)
            return False
        if self.visits.stays_silent[visit]:
            records.outcome[visit] = NO_SHOW
            records.called[visit] = at
            records.station[visit] = place
            self._push(at + NO_SHOW_SECONDS, _FREE, place)
            return True
        return False

    def _next(self, skills: tuple[int, ...]) -> int:
        best: tuple[int, int, int] | None = None
        found: list[tuple[int, int, int]] | None = None
        for skill in skills:
            line = self.waiting[skill]
            if line and (best is None or line[0] < best):
                best, found = line[0], line
        if found is None:
            return -1
        return heappop(found)[2]

    def _open(self, at: float, place: int) -> None:
        if MACHINE in self.stations[place].skills:
            self.up_machines += 1
        self.present[place] = True
        self.closing[place] = False
        if self.state[place] == _OFF:
            self._take(at, place)

    def _close(self, at: float, place: int) -> None:
        if MACHINE in self.stations[place].skills:
            self.up_machines -= 1
            if not self.up_machines:
                self._empty_machine_line(at)
        self.present[place] = False
        if self.state[place] == _IDLE:
            self._shut(at, place)
        elif self.state[place] == _BUSY:
            self.closing[place] = True

    def _empty_machine_line(self, at: float) -> None:
        line = self.waiting[MACHINE]
        while line:
            visit = heappop(line)[2]
            self._turn_to_counter(visit)
            self._push(at, _ARRIVE, visit)

    def _send_away(self, shuts: float) -> None:
        records = self.records
        records.left = list(records.ended)
        for visit, outcome in enumerate(records.outcome):
            if outcome == NO_SHOW:
                records.left[visit] = records.called[visit] + NO_SHOW_SECONDS
            elif outcome == WALKED_OUT:
                arrived = records.arrived[visit]
                gone = arrived + self.visits.patience[visit]
                records.left[visit] = min(gone, max(shuts, arrived))
