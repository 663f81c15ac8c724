"""What customers ask for, in which queue, and where they go on to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from branchwise.core.ports import Engine
from branchwise.twin.calibrate.classes import Classes
from branchwise.twin.calibrate.log import NONE, Flags, Ints, Log

SKILLS = "SELECT service_id, skill FROM service WHERE skill IS NOT NULL ORDER BY service_id"
GRANTS = "SELECT DISTINCT staff_id, skill FROM skill_grant ORDER BY staff_id, skill"
KEPT = 0.95
"""Skills are believed where so many services were given by somebody who holds the skill."""
LEAST_ROWS = 40
"""A service with fewer rows at its queue is counted with the others of the queue."""
ALIKE = 0.35
"""Services whose servers are so much the same (cosine) share a queue."""
SMALL = 0.01
"""A queue with a smaller share of the tickets is counted with the one most like it."""
FAIR = 0.02
"""Share of a server's customers from a queue that makes it one of theirs."""
MAIN, OTHER = "counter", "other"
BACK_FROM, BACK_UNTIL = -30.0, 300.0
"""A ticket for the same service drawn within this time of a failed session is its customer's."""
USUAL_RETURN = 30.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Queues:
    """The queue of each step, -1 for steps at machines; and the queues each server serves.

    Attributes
    ----------
    names : tuple of str
        Queues.
    codes : array of int, shape (steps,)
        Queue of each step.
    serves : mapping of str to frozenset of int
        Queues by server.
    by_skill : bool
        Queues are skills; else they were told apart by who served what.
    """

    names: tuple[str, ...]
    codes: Ints
    serves: Mapping[str, frozenset[int]]
    by_skill: bool


def queues_of(engine: Engine, log: Log) -> Queues:
    """Return the queues: skills where services and staff have them, else by who served what."""
    counter = ~log.is_session
    skill_of = {row["service_id"]: row["skill"] for row in engine.table(SKILLS).to_pylist()}
    held: dict[str, set[str]] = {}
    for row in engine.table(GRANTS).to_pylist():
        held.setdefault(row["staff_id"], set()).add(row["skill"])
    services, servers = log.service.texts(), log.server.texts()
    skilled = [
        (skill_of[service] in held[server])
        for service, server, at in zip(services, servers, counter.tolist(), strict=True)
        if at and service in skill_of and server in held
    ]
    served = int((counter & log.is_served).sum())
    if len(skilled) >= KEPT * max(served, 1) and np.mean(skilled) >= KEPT:
        return _by_skill(log, counter, skill_of, held)
    return _by_servers(log, counter)


def _by_skill(
    log: Log, counter: Flags, skill_of: Mapping[str, str], held: Mapping[str, set[str]]
) -> Queues:
    wanted = [skill_of.get(service, "") for service in log.service.texts()]
    present = sorted({skill for skill, at in zip(wanted, counter.tolist(), strict=True) if at})
    names = [skill for skill in present if skill]
    usual = max(names, key=wanted.count)
    number = {skill: place for place, skill in enumerate(names)} | {"": names.index(usual)}
    codes = np.array([number.get(skill, NONE) for skill in wanted], dtype=np.int64)
    serves = {
        server: frozenset(number[skill] for skill in held.get(server, ()) if skill in number)
        for server in log.server.names
    }
    codes[~counter] = NONE
    seen = _served_queues(log, codes, len(names))
    return Queues(
        names=tuple(names),
        codes=codes,
        serves={server: queues or seen[server] for server, queues in serves.items()},
        by_skill=True,
    )


def _by_servers(log: Log, counter: Flags) -> Queues:
    """Put services into one queue that the same servers serve."""
    services, servers = len(log.service.names), len(log.server.names)
    rows = counter & (log.server.codes >= 0) & (log.service.codes >= 0) & log.is_served
    table = np.zeros((max(services, 1), max(servers, 1)))
    np.add.at(table, (log.service.codes[rows], log.server.codes[rows]), 1.0)
    cluster = _clusters(table)
    codes = np.where(log.service.codes >= 0, cluster[np.maximum(log.service.codes, 0)], 0)
    used = sorted(set(codes[counter].tolist()))
    number = np.zeros(int(max(used, default=0)) + 1, dtype=np.int64)
    number[used] = np.arange(len(used))
    codes = np.where(counter, number[np.minimum(codes, len(number) - 1)], NONE)
    names = tuple(MAIN if len(used) == 1 else f"{MAIN}_{place + 1}" for place in range(len(used)))
    return Queues(
        names=names,
        codes=codes,
        serves=_served_queues(log, codes, len(used)),
        by_skill=False,
    )


def _clusters(table: np.ndarray) -> Ints:
    """Return a cluster for each row: rows that point the same way, small ones with the largest."""
    totals = table.sum(axis=1)
    cluster = np.zeros(len(table), dtype=np.int64)
    leaders: list[int] = []
    for row in np.argsort(-totals, kind="stable").tolist():
        likeness = [
            float(table[row] @ table[leader])
            / max(float(np.linalg.norm(table[row]) * np.linalg.norm(table[leader])), 1e-12)
            for leader in leaders
        ]
        is_small = totals[row] < max(LEAST_ROWS, SMALL * totals.sum())
        if leaders and (is_small or max(likeness) >= ALIKE):
            cluster[row] = cluster[leaders[int(np.argmax(likeness))]]
        else:
            cluster[row] = len(leaders)
            leaders.append(row)
    return cluster


def _served_queues(log: Log, codes: Ints, count: int) -> dict[str, frozenset[int]]:
    """Return the queues of which each server served a fair part."""
    rows = (log.server.codes >= 0) & (codes >= 0) & log.is_served
    table = np.zeros((len(log.server.names), max(count, 1)))
    np.add.at(table, (log.server.codes[rows], codes[rows]), 1.0)
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1.0)
    return {
        server: frozenset(np.flatnonzero(shares[place] >= FAIR).tolist())
        for place, server in enumerate(log.server.names)
    }


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tasks:
    """The activity of each step.

    Attributes
    ----------
    names, queues : tuple of str
        Activities with their queues.
    service_ids : tuple of str or None
        Service that each stands for.
    codes : array of int, shape (steps,)
        Activity of each step.
    """

    names: tuple[str, ...]
    queues: tuple[str, ...]
    service_ids: tuple[str | None, ...]
    codes: Ints


def tasks_of(log: Log, classes: Classes, queues: Queues) -> Tasks:
    """Return the activities: services by queue, rare ones together; machines by class."""
    names: list[str] = []
    of_queue: list[str] = []
    service_ids: list[str | None] = []
    codes = np.full(len(log), NONE)
    for queue, name in enumerate(queues.names):
        members = queues.codes == queue
        counts = np.bincount(
            log.service.codes[members & (log.service.codes >= 0)],
            minlength=max(len(log.service.names), 1),
        )
        own = [service for service in range(len(counts)) if counts[service] >= LEAST_ROWS]
        rest = members & ~np.isin(log.service.codes, own)
        for service in own:
            codes[members & (log.service.codes == service)] = len(names)
            names.append(f"{name}:{log.service.names[service]}")
            of_queue.append(name)
            service_ids.append(log.service.names[service])
        if rest.any():
            codes[rest] = len(names)
            names.append(f"{name}:{OTHER}")
            of_queue.append(name)
            service_ids.append(None)
    for place, kind in enumerate(classes.kinds):
        members = (classes.codes == place) & log.is_session
        for device in ("smart_counter", "atm"):
            rows = members & log.kind.among(device)
            if rows.any():
                codes[rows] = len(names)
                names.append(f"{device}:{kind.name}")
                of_queue.append(device)
                service_ids.append(None)
    return Tasks(
        names=tuple(names), queues=tuple(of_queue), service_ids=tuple(service_ids), codes=codes
    )


def sent_back(log: Log) -> tuple[Ints, Ints]:
    """Pair failed sessions at machines with the tickets that their customers drew afterwards.

    A queue machine does not know who comes from a smart counter. The first ticket for the same
    service drawn within five minutes after a failed session that ended its visit is taken to be
    the same customer's, each ticket once, nearest pairs first.

    Returns
    -------
    tuple of array of int
        Rows of sessions, and of their tickets.
    """
    failed = np.flatnonzero(log.is_failed & log.is_session & log.is_last & ~np.isnan(log.ended))
    tickets = np.flatnonzero(log.is_queued)
    key = log.day * (len(log.service.names) + 1) + log.service.codes
    pairs: list[tuple[float, int, int]] = []
    for value in np.unique(key[failed]):
        ends = failed[key[failed] == value]
        drawn = tickets[key[tickets] == value]
        late = log.arrived[drawn][None, :] - log.ended[ends][:, None]
        near = (late >= BACK_FROM) & (late <= BACK_UNTIL)
        for one, other in zip(*np.nonzero(near), strict=True):
            apart = abs(float(late[one, other]) - USUAL_RETURN)
            pairs.append((apart, int(ends[one]), int(drawn[other])))
    sessions: list[int] = []
    found: list[int] = []
    used: set[int] = set()
    for _, session, ticket in sorted(pairs):
        if session not in used and ticket not in used:
            used |= {session, ticket}
            sessions.append(session)
            found.append(ticket)
    return np.array(sessions, dtype=np.int64), np.array(found, dtype=np.int64)
