"""A simulated day on a date and in a time zone, and tables of it in the columns of the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from branchwise.core.clock import instant
from branchwise.tables.contract import SYSTEM_COLUMNS
from branchwise.tables.spec import table_spec
from branchwise.twin.laws import Floats
from branchwise.twin.reading import member_name
from branchwise.twin.scenario import Scenario
from branchwise.twin.trace import Ints, Trace

SOURCE = "twin"
QUARTER_HOUR, DAY = 900, 86400
MINUTE = 60
MICROSECONDS = 1_000_000
UNIX_DAY_ZERO = date(1970, 1, 1)
THURSDAY = 3
"""Day 0 was a Thursday."""

Columns = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedDay:
    """A trace on a date.

    Attributes
    ----------
    trace : Trace
        What happened.
    on : date
        When.
    zone : ZoneInfo
        Where.
    sees_machine_queues : bool
        Whether waits in front of machines are recorded.
    """

    trace: Trace
    on: date
    zone: ZoneInfo
    sees_machine_queues: bool

    @property
    def prefix(self) -> str:
        """Beginning of the ids of the day."""
        trace = self.trace
        day = f"{self.on:%Y%m%d}-{trace.seed}-{trace.replication}"
        return f"T-{trace.scenario.branch_id}-{day}"

    def instants(self, seconds: Floats) -> Ints:
        """Return microseconds since 1970 (UTC); 0 where there is no time."""
        opens = self.trace.scenario.opens_second
        opening = instant(self.on, int(opens // MINUTE), self.zone)
        base = round(opening.timestamp()) * MICROSECONDS
        since = np.nan_to_num(seconds - MINUTE * (opens // MINUTE))
        return base + np.round(since * MICROSECONDS).astype(np.int64)

    def times(self, seconds: Floats) -> pa.Array:
        """Return instants; null where there is no time."""
        kind = pa.timestamp("us", tz="UTC")
        return pa.array(self.instants(seconds), mask=~np.isfinite(seconds)).cast(kind)

    def calendar(self, seconds: Floats) -> Columns:
        """Return the derived columns of the calendar."""
        at = self.instants(seconds) // MICROSECONDS
        local = at + _offsets(at, self.zone)
        day, second = np.divmod(local, DAY)
        dates = [UNIX_DAY_ZERO + timedelta(days=int(number)) for number in np.unique(day)]
        months = dict(zip(np.unique(day), (f"{found:%Y-%m}" for found in dates), strict=True))
        return {
            "local_on": pa.array(day.astype(np.int32)).cast(pa.date32()),
            "local_month": [months[number] for number in day],
            "iso_weekday": (day + THURSDAY) % 7 + 1,
            "quarter_hour": second // QUARTER_HOUR,
        }


def _offsets(at: Ints, zone: ZoneInfo) -> Ints:
    """Return seconds to add to UTC; no zone changes but at a quarter of an hour."""
    quarters, place = np.unique(at // QUARTER_HOUR, return_inverse=True)
    known = []
    for quarter in quarters:
        offset = datetime.fromtimestamp(int(quarter) * QUARTER_HOUR, UTC).astimezone(zone)
        known.append(int((offset.utcoffset() or timedelta()).total_seconds()))
    return np.array(known, dtype=np.int64)[place] if known else np.zeros(0, dtype=np.int64)


def names_of(trace: Trace, stations: Ints, members: Ints) -> list[str | None]:
    """Return the names of servers; None for station -1."""
    return [
        member_name(trace.scenario, int(station), int(member)) if station >= 0 else None
        for station, member in zip(stations, members, strict=True)
    ]


def people_of(scenario: Scenario, names: Sequence[str | None]) -> list[str | None]:
    """Return staff numbers of named servers."""
    return [name and f"T-{scenario.branch_id}-{name}" for name in names]


def devices_of(scenario: Scenario, names: Sequence[str | None]) -> list[str | None]:
    """Return device codes: the members' names where the scenario gives them."""
    given = {name for station in scenario.stations for name in station.members}
    return [
        name if name is None or name in given else f"T-{scenario.branch_id}-{name}"
        for name in names
    ]


def seconds_of(values: Floats) -> pa.Array:
    """Return numbers as an Arrow array; null where there is none."""
    return pa.array(values, mask=~np.isfinite(values), type=pa.float64())


def schema_of(name: str) -> pa.Schema:
    """Return the columns of a table in the store."""
    schema = table_spec(name).arrow_schema
    for column in SYSTEM_COLUMNS:
        schema = schema.append(pa.field(column, pa.string()))
    return schema


def table_of(name: str, columns: Columns, scenario: Scenario) -> pa.Table:
    """Return rows with all the columns of a table, null where nothing is given."""
    schema = schema_of(name)
    count = len(columns["branch_id"])  # type: ignore[arg-type]
    given = columns | {
        "data_source_id": [SOURCE] * count,
        "load_id": [f"{SOURCE}-{scenario.name}"] * count,
    }
    arrays = [
        pa.array(given[field.name], type=field.type)
        if field.name in given
        else pa.nulls(count, field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(arrays, schema=schema)
