"""How machines fail and are repaired, from the device monitor."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from branchwise.core.ports import Engine
from branchwise.measures.uncertainty import LEVEL
from branchwise.twin.calibrate.fitting import Fitted, fit_law
from branchwise.twin.calibrate.log import DAY_SECONDS, Floats
from branchwise.twin.calibrate.model import Breakdowns
from branchwise.twin.laws import Exponential

DEVICES = """
SELECT device_id, device_kind, installed_on, retired_on FROM device
WHERE branch_id = $branch_id ORDER BY device_id
"""
EVENTS = """
SELECT device_id, epoch(started_at) AS started, epoch(ended_at) AS ended
FROM device_event
WHERE branch_id = $branch_id AND NOT is_planned AND state <> 'online'
ORDER BY device_id, started
"""
KINDS = {"smart_counter": ("smart_counter",), "atm": ("atm", "cash_recycler")}
SHORTEST = 60.0
"""Shorter spells are polling, not failures [s]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machines:
    """Machines of one kind.

    Attributes
    ----------
    devices : tuple of str
        Codes of those in place on the last day.
    breakdowns : Breakdowns or None
        None where none failed.
    failures : int
        Failures seen.
    between, between_lower, between_upper : float
        Mean time of working between failures with its interval [s]; infinite without failures.
    repair : Fitted or None
        Time to repair.
    up_seconds, down_seconds : float
        Over all machines.
    """

    devices: tuple[str, ...]
    breakdowns: Breakdowns | None
    failures: int
    between: float
    between_lower: float
    between_upper: float
    repair: Fitted | None
    up_seconds: float
    down_seconds: float

    @property
    def availability(self) -> float:
        """Share of the time in which a machine works, 0 to 1."""
        whole = self.up_seconds + self.down_seconds
        return self.up_seconds / whole if whole > 0 else 1.0


def machines_of(
    engine: Engine, branch_id: str, kind: str, days: Sequence[date], midnight: float
) -> Machines:
    """Return the machines of a branch and how they fail.

    The number of failures in a time of working is taken to be Poisson: the interval of the mean
    time between failures is exact [1]_. Planned spells do not count; spells of several modules
    that overlap are one.

    Parameters
    ----------
    engine : Engine
        With the relations ``device`` and ``device_event``.
    branch_id : str
        The branch.
    kind : {"smart_counter", "atm"}
        Machines.
    days : sequence of date
        First to last are looked at, nights included.
    midnight : float
        Local midnight of the first day, seconds since 1970 UTC.

    References
    ----------
    .. [1] Garwood (1936), Fiducial limits for the Poisson distribution, Biometrika 28,
       doi:10.1093/biomet/28.3-4.437.
    """
    first, last = min(days), max(days)
    ends = midnight + DAY_SECONDS * ((last - first).days + 1)
    given = {"branch_id": branch_id}
    rows = [
        row
        for row in engine.table(DEVICES, given).to_pylist()
        if row["device_kind"] in KINDS.get(kind, (kind,))
        and (row["retired_on"] is None or row["retired_on"] > first)
        and (row["installed_on"] is None or row["installed_on"] <= last)
    ]
    events = engine.table(EVENTS, given).to_pylist()
    repairs: list[float] = []
    up = down = 0.0
    failures = 0
    for row in rows:
        starts = midnight + DAY_SECONDS * max(0, ((row["installed_on"] or first) - first).days)
        spells = _merged(
            [
                (event["started"], event["ended"])
                for event in events
                if event["device_id"] == row["device_id"] and starts <= event["started"] < ends
            ],
        )
        failures += len(spells)
        repairs += [stop - start for start, stop in spells if stop is not None]
        known = sum(min(stop or start, ends) - start for start, stop in spells)
        down += known
        up += ends - starts - known
    present = tuple(
        row["device_id"] for row in rows if row["retired_on"] is None or row["retired_on"] > last
    )
    return _fitted(present, failures, up, down, np.array(repairs))


def _fitted(
    devices: tuple[str, ...], failures: int, up: float, down: float, repairs: Floats
) -> Machines:
    from scipy.special import gammaincinv

    tail = (1 - LEVEL) / 2
    upper = up / float(gammaincinv(failures, tail)) if failures else math.inf
    lower = up / float(gammaincinv(failures + 1, 1 - tail)) if up > 0 else 0.0
    repair = fit_law(np.maximum(repairs, SHORTEST)) if len(repairs) else None
    between = up / failures if failures else math.inf
    breakdowns = None
    if failures and repair is not None and devices:
        breakdowns = Breakdowns(
            between=Exponential(mean=between),
            between_error=1 / math.sqrt(failures),
            repair=repair.law,
            repair_error=repair.mean_error / max(repair.mean, 1e-9),
        )
    return Machines(
        devices=devices,
        breakdowns=breakdowns,
        failures=failures,
        between=between,
        between_lower=lower,
        between_upper=upper,
        repair=repair,
        up_seconds=up,
        down_seconds=down,
    )


def _merged(spells: list[tuple[float, float | None]]) -> list[tuple[float, float | None]]:
    """Merge spells that overlap, and leave out those that are too short to be failures."""
    merged: list[tuple[float, float | None]] = []
    for start, stop in sorted(spells, key=lambda spell: spell[0]):
        if merged and merged[-1][1] is not None and start <= merged[-1][1]:
            longest = merged[-1][1] if stop is None else max(merged[-1][1], stop)
            merged[-1] = (merged[-1][0], longest)
        else:
            merged.append((start, stop))
    return [(start, stop) for start, stop in merged if stop is None or stop - start >= SHORTEST]


def local_midnight(timezone: str, on: date) -> float:
    """Return local midnight of a date in seconds since 1970 UTC, 12 hours before local noon.

    Examples
    --------
    >>> local_midnight("Asia/Shanghai", date(1970, 1, 2))
    57600.0
    """
    from datetime import datetime, time
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo("UTC")
    noon = datetime.combine(on, time(12), tzinfo=zone)
    return noon.timestamp() - timedelta(hours=12).total_seconds()
