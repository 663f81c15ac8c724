"""Calibration of one branch: its tables in, a scenario with intervals out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from branchwise.core.ports import Engine
from branchwise.twin.calibrate.arrivals import rates_of
from branchwise.twin.calibrate.assemble import scenario_of
from branchwise.twin.calibrate.classes import Classes
from branchwise.twin.calibrate.log import Flags, Floats, Log
from branchwise.twin.calibrate.machines import Machines, local_midnight, machines_of
from branchwise.twin.calibrate.model import (
    Calibration,
    Duty,
    Estimates,
    Post,
    Task,
)
from branchwise.twin.calibrate.parameters import Fits, parameters_of
from branchwise.twin.calibrate.parts import (
    groups_of,
    patience_by_class,
    tasks_with,
    times_of,
    waits_until_leaving,
)
from branchwise.twin.calibrate.peers import (
    Place,
    day_factors,
    patience_of_peers,
    services_of_peers,
    shapes_of_peers,
)
from branchwise.twin.calibrate.reading import Base, counts_of, priorities_of, read_base, sight_of
from branchwise.twin.calibrate.remarks import notes_of
from branchwise.twin.calibrate.requests import APPROVERS
from branchwise.twin.calibrate.schedules import Schedules, schedules_of
from branchwise.twin.calibrate.tuning import tuned
from branchwise.twin.calibrate.unrecorded import first_free
from branchwise.twin.scenario import Step
from branchwise.twin.workload import remarks


def calibrate(
    engine: Engine,
    branch_id: str,
    *,
    days: Collection[date] | None = None,
    peers: Sequence[str] | None = None,
    standard_seconds: float = 600.0,
    iso_weekday: int | None = None,
    log: Log | None = None,
) -> Calibration:
    """Read a branch off its tables: who comes, what they want, who serves them.

    Parameters
    ----------
    engine : Engine
        With the canonical tables as relations; an empty table is one without rows.
    branch_id : str
        The branch.
    days : collection of date, optional
        Local dates to learn from; all open days by default. Days that are gamed, half or
        interrupted are left out in any case, and told.
    peers : sequence of str, optional
        Branches to borrow strength from; by default those of the same type and region.
    standard_seconds : float
        Wait within the standard [s].
    iso_weekday : int, optional
        Weekday of the scenario, 1 to 7; the mean open day by default.
    log : Log, optional
        The visits of the branch, where they have been read already (`log.read_logs`).

    Returns
    -------
    Calibration
        A scenario that runs, every parameter with its interval, and what is weak in words.

    Raises
    ------
    BranchwiseError
        [BW-CAL-001] if there is no such branch, [BW-CAL-002] if it has neither tickets nor
        counter transactions, [BW-CAL-003] if every day is left out, [BW-CAL-004] if nobody was
        ever served, [BW-CAL-006] if it is not open on the weekday.

    Examples
    --------
    >>> from branchwise.engines.duckdb import open_duckdb
    >>> from branchwise.tables.spec import table_names, table_spec
    >>> with open_duckdb() as engine:
    ...     for name in table_names():
    ...         engine.register_table(name, table_spec(name).arrow_schema.empty_table())
    ...     calibrate(engine, "00317")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    BranchwiseError: BW-CAL-001  There is no branch 00317.
    """
    base = read_base(engine, branch_id, days, peers, log)
    estimates, fits = _read_off(engine, base, standard_seconds)
    if base.strength == "tickets":
        estimates = tuned(estimates, fits.sight)
    scenario = scenario_of(estimates, iso_weekday)
    return Calibration(
        scenario=replace(scenario, provenance=_provenance(base)),
        parameters=parameters_of(estimates, fits),
        days_used=base.log.dates,
        days_left_out=base.chosen.left_out,
        notes=(*notes_of(base, fits, estimates), *remarks(scenario)),
        strength=base.strength,
        estimates=estimates,
    )


def _read_off(engine: Engine, base: Base, standard_seconds: float) -> tuple[Estimates, Fits]:
    """Return the parts of a branch, and where they came from."""
    log, place, hours = base.log, base.place, base.hours
    sight = sight_of(engine, base)
    schedules = schedules_of(engine, place, log, sight.queues, hours)
    patience, sources = patience_by_class(sight, patience_of_peers(engine, place))
    laws = [found.law for found in patience]
    sight = replace(sight, waits=waits_until_leaving(log, sight.classes.codes, laws))
    times = times_of(sight, services_of_peers(engine, place))
    tasks, delays = tasks_with(sight, times, _pauses(schedules))
    machines = _machines(engine, base, tasks)
    posts, duties = _with_machines(schedules, machines, base, sight.requests.people)
    counts, shapes = counts_of(sight), _shapes(engine, place, sight.classes)
    estimates = Estimates(
        branch_id=place.branch_id,
        hours=hours,
        groups=groups_of(sight, patience, priorities_of(sight), times.paces),
        tasks=tasks,
        posts=posts,
        rates=rates_of(counts, log.dates, hours, shapes, day_factors(engine, place, log.dates)),
        duties=duties,
        scheme=sight.classes.scheme,
        delays=delays,
        day_pace=times.paces.day_variation,
        standard_seconds=standard_seconds,
    )
    fits = Fits(
        sight=sight,
        counts=counts,
        patience=patience,
        patience_source=sources,
        times=times,
        schedules=schedules,
        machines=machines,
        factor_source=place.source if place.peers else "own",
    )
    return estimates, fits


def _shapes(engine: Engine, place: Place, classes: Classes) -> Floats:
    found = shapes_of_peers(engine, place)
    names = [
        "machine"
        if kind.is_machine
        else "corporate"
        if kind.business_line == "corporate"
        else "elderly"
        if kind.is_elderly
        else "personal"
        for kind in classes.kinds
    ]
    return np.stack([found[name] for name in names])


def _pauses(schedules: Schedules) -> dict[str, float]:
    """Return by queue what each customer costs after the service [s]."""
    found: dict[str, float] = {}
    for post in schedules.posts:
        for queue in post.queues:
            found.setdefault(queue, schedules.pause[post.name])
    return found


def _machines(engine: Engine, base: Base, tasks: Sequence[Task]) -> dict[str, Machines]:
    used = {task.queue for task in tasks} & {"smart_counter", "atm"}
    first = min(base.log.dates)
    midnight = local_midnight(base.place.timezone, first)
    return {
        kind: machines_of(engine, base.place.branch_id, kind, base.log.dates, midnight)
        for kind in sorted(used)
    }


def _with_machines(
    schedules: Schedules, machines: Mapping[str, Machines], base: Base, people: int
) -> tuple[tuple[Post, ...], tuple[Duty, ...]]:
    """Return the stations with the machines, and the schedules with them, open all day."""
    log, hours = base.log, base.hours
    posts = list(schedules.posts)
    members: dict[str, tuple[str, ...]] = {}
    for kind, found in machines.items():
        rows = log.kind.among(kind) & (log.device.codes >= 0)
        seen = tuple(log.device.names[code] for code in np.unique(log.device.codes[rows]))
        members[kind] = found.devices or seen or _at_once(log, log.kind.among(kind), kind)
        posts.append(
            Post(
                name=kind,
                kind="atm" if kind == "atm" else "smart_counter",
                queues=(kind,),
                breakdowns=found.breakdowns,
                members=members[kind],
            )
        )
    duties = []
    for duty, weekday in zip(schedules.duties, log.weekdays.tolist(), strict=True):
        own = hours[weekday]
        machine_steps = {
            kind: (
                Step(at_second=own.opens, count=len(codes)),
                Step(at_second=own.ends, count=0),
            )
            for kind, codes in members.items()
        }
        duties.append(replace(duty, open={**duty.open, **machine_steps}, pools={APPROVERS: people}))
    return tuple(posts), tuple(duties)


def _at_once(log: Log, rows: Flags, kind: str) -> tuple[str, ...]:
    """Return names for as many machines as were in use at once."""
    count = int(first_free(log, rows).max(initial=0)) + 1
    return tuple(f"{kind}_{place + 1}" for place in range(count))


def _provenance(base: Base) -> dict[str, str]:
    days = base.log.dates
    return {
        "first_day": days[0].isoformat(),
        "last_day": days[-1].isoformat(),
        "days": str(len(days)),
        "strength": base.strength,
    }
