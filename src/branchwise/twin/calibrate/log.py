"""The log of a branch: its visits step by step, as arrays, in seconds after local midnight.

A time of day is worked out from the materialised quarter-hour of the arrival and the seconds
within it; every other time of the visit is counted from the arrival. So no time zone is needed,
and a visit that ends past midnight ends after second 86,400.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from branchwise.core.ports import Engine

if TYPE_CHECKING:
    import pyarrow as pa

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

QUARTER = 900
QUARTERS = 96
DAY_SECONDS = 86400.0
NONE = -1
LONGEST = 43200.0
"""Whatever lasts longer is a mistake [s]."""
SLACK = 60.0
"""Clocks may disagree by so much [s]."""
QUEUED_ORIGINS = ("ticket", "call", "advice_room")
MACHINE_ORIGINS = ("smart_counter", "atm")
STEPS = """
WITH chosen AS (
  SELECT *, quarter_hour * 900 + fmod(epoch(arrived_at), 900) AS arrived
  FROM visit
  WHERE branch_id IN (SELECT unnest($branches)) AND outcome <> 'open' AND origin <> 'lobby'
)
SELECT v.branch_id, v.visit_id, v.local_on, v.iso_weekday, v.origin, v.outcome, v.unserved_cause,
  v.queue_code, v.business_line, v.priority, v.tier, v.age_band, v.is_suspect, v.arrived,
  coalesce(s.service_id, v.service_id) AS service,
  coalesce(s.kind, CASE v.origin WHEN 'ticket' THEN 'counter' WHEN 'advice_room' THEN 'advice'
    ELSE v.origin END) AS kind,
  s.station, s.staff_id, s.device_id, s.outcome AS step_outcome,
  v.arrived + coalesce(epoch(s.queued_at) - epoch(v.arrived_at), 0) AS queued,
  v.arrived + epoch(CASE WHEN coalesce(s.sequence, 1) = 1 THEN coalesce(v.called_at, s.called_at)
    ELSE s.called_at END) - epoch(v.arrived_at) AS called,
  v.arrived + epoch(s.started_at) - epoch(v.arrived_at) AS started,
  v.arrived + epoch(coalesce(s.ended_at,
    CASE WHEN v.outcome = 'served' THEN v.left_at END)) - epoch(v.arrived_at) AS ended,
  v.arrived + epoch(v.left_at) - epoch(v.arrived_at) AS gone,
  CASE WHEN coalesce(s.sequence, 1) = 1 THEN v.wait_seconds ELSE s.wait_seconds END AS wait,
  coalesce(s.service_seconds, CASE WHEN s.visit_id IS NULL THEN v.service_seconds END)
    AS service_seconds,
  s.review_seconds,
  epoch(s.review_requested_at) - epoch(s.started_at) AS review_after
FROM chosen v LEFT JOIN visit_step s ON s.visit_id = v.visit_id
ORDER BY v.branch_id, v.local_on, v.arrived, v.visit_id, coalesce(s.sequence, 1)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coded:
    """A column of names: their numbers, -1 where there is none.

    Examples
    --------
    >>> Coded.of(["a", None, "a"]).codes.tolist()
    [0, -1, 0]
    """

    codes: Ints
    names: tuple[str, ...]

    @classmethod
    def of(cls, values: Sequence[str | None] | pa.ChunkedArray) -> Coded:
        """Return the column of some names, numbered in order of the alphabet."""
        import pyarrow as pa

        column = pa.array(values, pa.string()) if isinstance(values, Sequence) else values
        found = pa.chunked_array([column]) if isinstance(column, pa.Array) else column
        coded = found.cast(pa.string()).combine_chunks().dictionary_encode()
        names = coded.dictionary.to_pylist()
        known = sorted(name for name in names if name)
        place = {name: at for at, name in enumerate(known)}
        number = np.array([*(place.get(name, NONE) for name in names), NONE], dtype=np.int64)
        codes = coded.indices.fill_null(len(names)).to_numpy(zero_copy_only=False)
        return cls(codes=number[codes], names=tuple(known))

    def among(self, *names: str) -> Flags:
        """Say which rows have one of the names."""
        wanted = [place for place, name in enumerate(self.names) if name in names]
        return np.isin(self.codes, wanted)

    def taken(self, rows: Flags | Ints) -> Coded:
        """Return some of the rows, with the same numbers."""
        return Coded(codes=self.codes[rows], names=self.names)

    def texts(self) -> list[str]:
        """Return the names row by row, empty where there is none."""
        return [self.names[code] if code >= 0 else "" for code in self.codes.tolist()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """Steps of visits in order of day and arrival; each array has one entry a step.

    Attributes
    ----------
    dates : tuple of date
        Local dates that have visits, in order.
    weekdays : array of int, shape (dates,)
        1 Monday to 7 Sunday.
    visit, day : array of int
        Number of the visit, and place in `dates`.
    is_first, is_last : array of bool
        First and last step of the visit.
    origin, kind, service, queue_code, business_line, tier, server, device : Coded
        As in ``visit`` and ``visit_step``; a server is a member of staff, or the station's number
        where staff numbers are missing.
    priority : array of int
        Higher is called earlier.
    is_elderly, is_suspect : array of bool
        Of 60 and more; not what it seems.
    arrived, queued, called, started, ended, gone : array of float
        Seconds after local midnight; NaN for what was not recorded. `gone` is when the visit ended.
    wait, service_seconds, review_seconds, review_after : array of float
        Seconds; NaN for what was not recorded.
    is_served, is_walked_out, is_no_show, is_failed : array of bool
        How the step ended: served (done), left on their own with a known time, called in vain,
        handed on to the counter.
    """

    dates: tuple[date, ...]
    weekdays: Ints
    visit: Ints
    day: Ints
    is_first: Flags
    is_last: Flags
    origin: Coded
    kind: Coded
    service: Coded
    queue_code: Coded
    business_line: Coded
    tier: Coded
    server: Coded
    device: Coded
    priority: Ints
    is_elderly: Flags
    is_suspect: Flags
    arrived: Floats
    queued: Floats
    called: Floats
    started: Floats
    ended: Floats
    gone: Floats
    wait: Floats
    service_seconds: Floats
    review_seconds: Floats
    review_after: Floats
    is_served: Flags
    is_walked_out: Flags
    is_no_show: Flags
    is_failed: Flags

    def __len__(self) -> int:
        return len(self.visit)

    def where(self, rows: Flags | Ints) -> Log:
        """Return some of the steps; the dates stay."""
        changed: dict[str, Any] = {}
        for column in fields(self):
            value = getattr(self, column.name)
            if column.name in ("dates", "weekdays"):
                continue
            changed[column.name] = value.taken(rows) if isinstance(value, Coded) else value[rows]
        return replace(self, **changed)

    def of_days(self, days: Sequence[date]) -> Log:
        """Return the steps of some days; only these dates are left."""
        kept = [place for place, on in enumerate(self.dates) if on in set(days)]
        number = np.full(len(self.dates) + 1, NONE)
        number[kept] = np.arange(len(kept))
        chosen = self.where(np.isin(self.day, kept))
        return replace(
            chosen,
            dates=tuple(self.dates[place] for place in kept),
            weekdays=self.weekdays[kept],
            day=number[chosen.day],
        )

    @property
    def is_queued(self) -> Flags:
        """First steps of visits whose queue was recorded: tickets, calls, advice."""
        return self.is_first & self.origin.among(*QUEUED_ORIGINS)

    @property
    def is_session(self) -> Flags:
        """Steps at machines."""
        return self.kind.among(*MACHINE_ORIGINS)

    @property
    def quarter(self) -> Ints:
        """Quarter-hour of the arrival, 0 to 95."""
        return np.clip(self.arrived // QUARTER, 0, QUARTERS - 1).astype(np.int64)


def read_log(engine: Engine, branch_id: str) -> Log:
    """Read the visits of a branch, step by step; see `read_logs`."""
    return read_logs(engine, [branch_id])[branch_id]


def read_logs(engine: Engine, branch_ids: Sequence[str]) -> dict[str, Log]:
    """Read the visits of some branches, step by step; together they cost little more than one.

    Parameters
    ----------
    engine : Engine
        With the relations ``visit`` and ``visit_step``.
    branch_ids : sequence of str
        The branches.

    Returns
    -------
    dict of str to Log
        One log a branch; an empty one where there are no visits.
    """
    table = engine.table(STEPS, {"branches": list(branch_ids)}).combine_chunks()
    owner = Coded.of(table.column("branch_id"))
    first = np.searchsorted(owner.codes, np.arange(len(owner.names) + 1))
    parts = {
        name: table.slice(first[at], first[at + 1] - first[at])
        for at, name in enumerate(owner.names)
    }
    return {name: log_of(parts.get(name, table.slice(0, 0))) for name in branch_ids}


def log_of(table: pa.Table) -> Log:
    """Return the log of rows as `STEPS` gives them."""
    column = {name: table.column(name) for name in table.column_names}
    days, day = np.unique(column["local_on"].to_numpy(), return_inverse=True)
    dates = tuple(days.astype("datetime64[D]").tolist())
    visit = _numbered(column["visit_id"])
    change = np.diff(visit, prepend=NONE, append=NONE) != 0
    times = _sane({name: _numbers(column[name], np.nan) for name in _TIMES})
    outcome = Coded.of(column["outcome"])
    cause = Coded.of(column["unserved_cause"])
    step = Coded.of(column["step_outcome"])
    served = np.where(step.codes >= 0, step.among("done", "rejected"), outcome.among("served"))
    no_show = step.among("no_show") | (cause.among("no_show") & change[1:])
    failed = step.among("to_counter")
    left = ~served & ~no_show & ~failed & np.isnan(times["called"])
    return Log(
        dates=dates,
        weekdays=np.array([on.isoweekday() for on in dates], dtype=np.int64),
        visit=visit,
        day=day.astype(np.int64),
        is_first=change[:-1],
        is_last=change[1:],
        origin=Coded.of(column["origin"]),
        kind=Coded.of(column["kind"]),
        service=Coded.of(column["service"]),
        queue_code=Coded.of(column["queue_code"]),
        business_line=Coded.of(column["business_line"]),
        tier=Coded.of(column["tier"]),
        server=_servers(column, times["called"]),
        device=Coded.of(column["device_id"]),
        priority=_numbers(column["priority"], 0.0).astype(np.int64),
        is_elderly=Coded.of(column["age_band"]).among("60_plus"),
        is_suspect=(_numbers(column["is_suspect"], 0.0) > 0) | cause.among("suspected_gaming"),
        is_served=served & ~no_show,
        is_walked_out=left,
        is_no_show=no_show,
        is_failed=failed,
        **times,
    )


_TIMES = (
    "arrived", "queued", "called", "started", "ended", "gone", "wait", "service_seconds",
    "review_seconds", "review_after",
)  # fmt: skip
STAFFED = 0.8


def _servers(column: Mapping[str, pa.ChunkedArray], called: Floats) -> Coded:
    """Return who served: staff where nearly every served step names them, else stations."""
    staff, station = Coded.of(column["staff_id"]), Coded.of(column["station"])
    has_staff, has_station = ~np.isnan(called) & (staff.codes >= 0), station.codes >= 0
    named = int(has_staff.sum())
    known = has_staff | (~np.isnan(called) & has_station)
    return staff if named and named >= STAFFED * int(known.sum()) else station


def _sane(times: dict[str, Floats]) -> dict[str, Floats]:
    """Return times without those that cannot be: negative, too long, or out of order."""
    for name in ("wait", "service_seconds", "review_seconds", "review_after"):
        least = 0.0 if name != "service_seconds" else np.nextafter(0.0, 1.0)
        wrong = ~((times[name] >= least) & (times[name] <= LONGEST))
        times[name] = np.where(wrong, np.nan, times[name])
    order = ("queued", "called", "started", "ended")
    for place, name in enumerate(order[1:], start=1):
        before = np.fmax.reduce([times[earlier] for earlier in order[:place]])
        late = times[name] > before + LONGEST
        wrong = late | (times[name] < before - SLACK)
        times[name] = np.where(wrong, np.nan, times[name])
    return times


def _numbered(keys: pa.ChunkedArray) -> Ints:
    """Return the number of each visit; the steps of one lie together."""
    codes = keys.combine_chunks().dictionary_encode().indices.to_numpy(zero_copy_only=False)
    return np.cumsum(np.diff(codes, prepend=codes[:1]) != 0).astype(np.int64)


def _numbers(values: pa.ChunkedArray, missing: float) -> Floats:
    """Return a column as numbers."""
    import pyarrow as pa
    import pyarrow.compute as pc

    filled = pc.fill_null(values.cast(pa.float64()), missing)
    return np.array(filled.to_numpy(), dtype=np.float64)
