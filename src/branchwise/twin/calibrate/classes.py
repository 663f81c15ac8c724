"""Customer classes read off the tickets: who comes alike, waits alike and is called alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from branchwise.twin.calibrate.log import Flags, Ints, Log

LEAST_ROWS = 100
"""A class with fewer tickets is merged with the one most like it."""
LEAST_SHARE = 0.01
APART = 1.6
"""Services whose callers give up so many times as fast, or as slowly, as the others are a class."""
SERVICE_ROWS = 400
SURE = 4.0
"""Standard errors by which they must differ."""
MEETINGS = 20
"""Meetings of two classes in a queue that tell who is called first."""
OVERTAKES, KEEPS = 0.6, 0.4
TIE_SECONDS = 5.0
AT_ONCE, NEVER_AT_ONCE = 0.3, 0.3
"""More of the lowest rank served at once, and of the others less than this times as many."""
MACHINE = "self_service"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What the members of a class have in common."""

    name: str
    business_line: str = "personal"
    recorded_priority: int = 0
    is_elderly: bool = False
    tier: str = "unknown"
    is_machine: bool = False


Key = tuple[str, int, bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """How tickets are sorted into classes, so that later days are sorted alike.

    Attributes
    ----------
    kinds : tuple of Kind
        The classes.
    by_key : mapping
        Place in `kinds` by business line, recorded priority and age.
    by_service : mapping
        Place in `kinds` of a service split off, by class and service.
    is_ranked : bool
        Whether recorded priorities mean anything.
    """

    kinds: tuple[Kind, ...]
    by_key: Mapping[Key, int]
    by_service: Mapping[tuple[int, str], int]
    is_ranked: bool = True

    def codes(self, log: Log) -> Ints:
        """Return the class of each step; all steps of a visit have that of the first."""
        first = np.flatnonzero(log.is_first)
        found = np.array(
            [
                self._place(key, service, machine)
                for key, service, machine in zip(
                    _keys(log, first, is_ranked=self.is_ranked),
                    log.service.taken(first).texts(),
                    log.is_session[first].tolist(),
                    strict=True,
                )
            ],
            dtype=np.int64,
        )
        visits = np.zeros(int(log.visit.max(initial=-1)) + 1, dtype=np.int64)
        visits[log.visit[first]] = found
        return visits[log.visit]

    def _place(self, key: Key, service: str, machine: bool) -> int:  # noqa: FBT001
        if machine:
            machines = [place for place, kind in enumerate(self.kinds) if kind.is_machine]
            like = [place for place in machines if self.kinds[place].is_elderly == key[2]]
            return (like or machines or [0])[0]
        if key in self.by_key:
            place = self.by_key[key]
        else:
            nearest = min(self.by_key, key=lambda known: (_unlike(key, known), known), default=key)
            place = self.by_key.get(nearest, 0)
        return self.by_service.get((place, service), place)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Classes:
    """The classes, and the class of each step of the log."""

    scheme: Scheme
    codes: Ints

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The classes."""
        return self.scheme.kinds


def classes_of(log: Log) -> Classes:
    """Return the customer classes of a log.

    Tickets are told apart by business line, recorded priority and age (60 and over) as far as
    each class has enough rows; services whose callers are much more, or less, patient than the
    others form classes of their own. Visits that begin at a machine are classes too. All steps of
    a visit have its class.
    """
    first = np.flatnonzero(log.is_first)
    machines = log.is_session[first]
    is_ranked = not _written_on_queueing(log.where(first[~machines]))
    keys = _keys(log, first, is_ranked=is_ranked)
    merged = _merged(keys, ~machines)
    kinds: list[Kind] = []
    by_key: dict[Key, int] = {}
    for key in sorted({key for key, machine in zip(merged, machines, strict=True) if not machine}):
        members = np.array([found == key for found in merged]) & ~machines
        by_key |= {
            old: len(kinds)
            for old, new, machine in zip(keys, merged, machines, strict=True)
            if new == key and not machine
        }
        kinds.append(_kind(log.where(first[members]), key))
    plain = Scheme(kinds=tuple(kinds), by_key=by_key, by_service={}, is_ranked=is_ranked)
    queued = log.where(first[~machines])
    by_service = _by_patience(queued, plain.codes(queued), kinds)
    old = log.is_elderly[first]
    if machines.any():
        kinds.append(Kind(name=MACHINE, is_machine=True))
        if min((machines & old).sum(), (machines & ~old).sum()) >= LEAST_ROWS:
            kinds.append(Kind(name=f"{MACHINE}_elderly", is_elderly=True, is_machine=True))
    scheme = Scheme(kinds=_unique(kinds), by_key=by_key, by_service=by_service, is_ranked=is_ranked)
    return Classes(scheme=scheme, codes=scheme.codes(log))


def _written_on_queueing(first: Log) -> bool:
    """Say whether priorities were only written down for those who had to wait.

    Then the lowest seems to be served at once, and the higher to wait.
    """
    ranks = np.unique(first.priority)
    waits = ~np.isnan(first.wait)
    if len(ranks) < 2:  # noqa: PLR2004
        return False
    low = waits & (first.priority == ranks[0])
    high = waits & (first.priority > ranks[0])
    if min(low.sum(), high.sum()) < LEAST_ROWS:
        return False
    at_once = [float((first.wait[rows] <= 1).mean()) for rows in (low, high)]
    return at_once[0] > AT_ONCE and at_once[1] < at_once[0] * NEVER_AT_ONCE


def _keys(log: Log, first: Ints, *, is_ranked: bool) -> list[Key]:
    lines = log.business_line.taken(first).texts()
    priority, elderly = log.priority[first].tolist(), log.is_elderly[first].tolist()
    return [
        ("corporate", 0, False)
        if line == "corporate"
        else ("personal", rank if is_ranked else 0, old)
        for line, rank, old in zip(lines, priority, elderly, strict=True)
    ]


def _merged(keys: list[Key], counted: Flags) -> list[Key]:
    """Merge small classes: age first, then priority into the next, then the line."""
    least = max(LEAST_ROWS, LEAST_SHARE * int(counted.sum()))
    while True:
        counts: dict[Key, int] = {}
        for key, counts_here in zip(keys, counted.tolist(), strict=True):
            counts[key] = counts.get(key, 0) + counts_here
        present = [key for key, count in counts.items() if count]
        small = [key for key in present if counts[key] < least]
        if not small or len(present) < 2:  # noqa: PLR2004
            return keys
        worst = min(small, key=lambda key: (counts[key], key))
        others = [key for key in present if key != worst]
        target = min(others, key=lambda key: (*_unlike(worst, key), -counts[key], key))
        keys = [target if key == worst else key for key in keys]


def _unlike(one: Key, other: Key) -> tuple[int, int, int]:
    return (int(one[0] != other[0]), abs(one[1] - other[1]), int(one[2] != other[2]))


def _kind(rows: Log, key: Key) -> Kind:
    line, priority, elderly = key
    tiers = rows.tier.texts()
    well_off = sum(tier in ("affluent", "private") for tier in tiers) > len(tiers) / 2
    old = float(rows.is_elderly.mean()) > 0.5 if len(rows) else elderly  # noqa: PLR2004
    if line == "corporate":
        name = "corporate"
    elif well_off:
        name = "vip"
    else:
        name = "elderly" if old else "ordinary"
    tier = max(set(tiers), key=tiers.count) if tiers else "unknown"
    return Kind(
        name=name,
        business_line=line,
        recorded_priority=priority,
        is_elderly=old and line != "corporate",
        tier=tier if well_off else "unknown",
    )


def _unique(kinds: list[Kind]) -> tuple[Kind, ...]:
    names = [kind.name for kind in kinds]
    return tuple(
        replace(kind, name=f"{kind.name}_priority_{kind.recorded_priority}")
        if names.count(kind.name) > 1 and kind.recorded_priority != _lowest(kinds, kind.name)
        else kind
        for kind in kinds
    )


def _lowest(kinds: list[Kind], name: str) -> int:
    return min(kind.recorded_priority for kind in kinds if kind.name == name)


def _by_patience(first: Log, codes: Ints, kinds: list[Kind]) -> dict[tuple[int, str], int]:
    """Split services off whose customers give up at a clearly other rate; add their classes."""
    found: dict[tuple[int, str], int] = {}
    for place in range(len(kinds)):
        members = codes == place
        for service, name in enumerate(first.service.names):
            rows = members & (first.service.codes == service)
            others = members & ~rows
            if min(rows.sum(), others.sum()) < SERVICE_ROWS:
                continue
            lost, time = _lost(first, rows)
            lost_others, time_others = _lost(first, others)
            if min(lost, lost_others) < MEETINGS or min(time, time_others) <= 0:
                continue
            apart = np.log((lost / time) / (lost_others / time_others))
            error = np.sqrt(1 / lost + 1 / lost_others)
            if abs(apart) > np.log(APART) + SURE * error:
                found[place, name] = len(kinds)
                kinds.append(replace(kinds[place], name=f"{kinds[place].name}_{name}"))
    return found


def _lost(first: Log, rows: Flags) -> tuple[float, float]:
    lost = rows & (first.is_walked_out | first.is_no_show) & (first.wait > 1)
    return float(lost.sum()), float(np.nansum(first.wait[rows]))


def learned_priorities(tickets: Log, classes: Ints, queues: Ints, count: int) -> Ints:
    """Return who is called first, as it was seen to be kept: a rank for each class, 0 lowest.

    When the first waiting customers of two classes meet in a queue, the one that came earlier
    should be called first among equals. A class that is mostly called over the earlier of
    another, and hardly ever the other way round, ranks above it, whatever the tickets say.

    Parameters
    ----------
    tickets : Log
        First steps of tickets, in order of day and arrival.
    classes, queues : array of int
        Class and queue of each.
    count : int
        Number of classes.

    Returns
    -------
    array of int, shape (count,)
        Number of classes that each ranks above.
    """
    over = np.zeros((count, count))
    kept = np.zeros((count, count))
    group = tickets.day * (int(queues.max(initial=0)) + 1) + queues
    for value in np.unique(group):
        rows = np.flatnonzero(group == value)
        _meet(tickets.where(rows), classes[rows], over, kept)
    with np.errstate(invalid="ignore"):
        overtakes = over / (over + kept.T)
    above = np.zeros((count, count), dtype=bool)
    for one in range(count):
        for other in range(count):
            met = over[one, other] + kept[other, one] >= MEETINGS
            back = overtakes[other, one] if over[other, one] + kept[one, other] >= 1 else 0.0
            above[one, other] = met and overtakes[one, other] >= OVERTAKES and back <= KEEPS
    return np.asarray(above.sum(axis=1))


def _meet(day: Log, classes: Ints, over: np.ndarray, kept: np.ndarray) -> None:
    """Count, for each call, whose earlier and whose later customers were left waiting."""
    leaves = np.where(np.isnan(day.called), day.gone, day.called)
    leaves = np.where(np.isnan(leaves), day.queued, leaves)
    calls = np.flatnonzero(~np.isnan(day.called) & (day.called > day.queued + TIE_SECONDS))
    for other in np.unique(classes):
        rows = np.flatnonzero(classes == other)
        joined, left = day.queued[rows], leaves[rows]
        at = day.called[calls][:, None]
        waiting = (joined[None, :] <= at - TIE_SECONDS) & (left[None, :] > at)
        head = np.where(waiting, joined[None, :], np.inf).min(axis=1)
        own = day.queued[calls]
        for one in np.unique(classes[calls]):
            if one == other:
                continue
            mine = (classes[calls] == one) & np.isfinite(head)
            over[one, other] += int((mine & (head < own)).sum())
            kept[one, other] += int((mine & (head > own)).sum())
