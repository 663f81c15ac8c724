"""What came, as the loaded tables tell it: sums by branch, service, channel and time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from branchwise.core.errors import Where, failure
from branchwise.core.ports import Engine
from branchwise.measures.catalogue import catalogue
from branchwise.pipeline.forecast.asked import WITHIN_DAY, Asked, Name

Array = NDArray[np.float64]
Key = tuple[str, str, str]
UNKNOWN = "-"
HOURS_BOUND = ("", "counter", "smart_counter")
"""Channels that keep the hours of their branch; the others are always open."""
QUARTERS = 96
MOST_CELLS = 60_000_000


@dataclass(frozen=True, slots=True)
class Kind:
    """A demand that can be forecast: the table whose rows are counted, and its unit."""

    table: str
    unit: str


KINDS: dict[Name, Kind] = {
    "visits": Kind("visit", "visit"),
    "transactions": Kind("transaction", "count"),
    "cash": Kind("transaction", "minor"),
    "workload": Kind("visit", "h"),
}
NO_WORK = ("redrawn", "no_show", "diverted", "suspected_gaming")
"""Causes of leaving unserved that bring no work to the counter."""
RELATION = "forecast_demand"
_VISITS = """
SELECT branch_id, service_id, '' AS channel, local_on, quarter_hour, 1.0 AS amount
FROM visit WHERE {visits}
"""
_TRANSACTIONS = """
SELECT branch_id, service_id, channel, local_on, quarter_hour, 1.0 AS amount
FROM transaction WHERE {transactions}
"""
_CASH_ROWS = """
SELECT t.branch_id, t.service_id, t.channel, t.local_on, t.quarter_hour,
    abs(t.amount_minor)::DOUBLE AS amount, t.currency
FROM (SELECT * FROM transaction WHERE {transactions}) t JOIN service USING (service_id)
WHERE service.family = 'cash' AND t.channel IN ('counter', 'smart_counter', 'atm')
    AND t.amount_minor IS NOT NULL
"""
_CASH = f"{_CASH_ROWS} AND coalesce(t.currency, {{currency}}) = {{currency}}"
_CURRENCIES = """
SELECT currency FROM forecast_demand WHERE currency IS NOT NULL
GROUP BY currency ORDER BY count(*) DESC, currency
"""
_WORKLOAD = """
WITH work AS (
    SELECT * FROM visit WHERE {visits} AND origin IN ('ticket', 'call', 'advice_room')
    AND coalesce(unserved_cause, '') NOT IN ({no_work})
)
SELECT branch_id, service_id, '' AS channel, local_on, quarter_hour, coalesce(
    service_seconds,
    avg(service_seconds) OVER (PARTITION BY branch_id, service_id),
    avg(service_seconds) OVER (PARTITION BY service_id),
    avg(service_seconds) OVER ()) / 3600 AS amount
FROM work
"""
_SQL: dict[Name, str] = {
    "visits": _VISITS,
    "transactions": _TRANSACTIONS,
    "cash": _CASH,
    "workload": _WORKLOAD,
}
_SPAN = """
SELECT min(local_on) AS first, max(local_on) AS last, count(amount) AS rows,
    count(quarter_hour) AS timed FROM forecast_demand
"""
_SUMS = """
SELECT coalesce(branch_id, '-') AS branch, {service} AS service, {channel} AS channel,
    (local_on - $first::DATE)::INTEGER AS day, {slot} AS slot, sum(amount) AS amount
FROM forecast_demand
WHERE local_on BETWEEN $first AND $last AND amount IS NOT NULL AND {timed}
    AND (len($branches) = 0 OR branch_id IN (SELECT unnest($branches)))
GROUP BY ALL ORDER BY ALL
"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Demand:
    """What came, by atom: the finest division asked for, within one branch.

    Attributes
    ----------
    keys : tuple of (str, str, str)
        Branch, service and channel; empty where not divided by it.
    first : date
        Day 0.
    sums : ndarray, shape (atoms, days, slots)
        In the unit of the measure; 0 where nothing came, or nothing was recorded. One slot of a
        day or longer, else 96 quarter-hours or 24 hours.
    """

    keys: tuple[Key, ...]
    first: date
    sums: Array

    @property
    def branches(self) -> tuple[str, ...]:
        """The branches, in order."""
        return tuple(sorted({key[0] for key in self.keys}))

    @property
    def days(self) -> tuple[date, ...]:
        """The days with data."""
        return tuple(self.first + timedelta(days=day) for day in range(self.sums.shape[1]))


def define_demand(engine: Engine, measure: Name, currency: str) -> tuple[date, date, bool]:
    """Make the rows of a measure the relation ``forecast_demand``.

    Returns
    -------
    first, last : date
        First and last day with rows.
    is_timed : bool
        Whether times of day are known.

    Raises
    ------
    BranchwiseError
        [BW-FOR-051] if the tables hold nothing of it, [BW-FOR-059] if its amounts are in other
        currencies than the bank's.
    """
    known = catalogue()
    parts = {
        "visits": known["queues.visits"].numerator.where,
        "transactions": known["channels.off_counter_share"].numerator.where,
        "currency": "'" + currency.replace("'", "''") + "'",
        "no_work": ", ".join(f"'{cause}'" for cause in NO_WORK),
    }
    engine.define(RELATION, _SQL[measure].format(**parts))
    found = engine.table(_SPAN).to_pylist()[0]
    if not found["rows"]:
        if measure == "cash":
            _refuse_currencies(engine, _CASH_ROWS.format(**parts), currency)
        needs = {"cash": "amount_minor, service.family = 'cash'", "workload": "service_seconds"}
        where = Where(place=KINDS[measure].table, column=needs.get(measure, ""))
        raise failure("BW-FOR-051", where, measure=measure, table=KINDS[measure].table)
    return found["first"], found["last"], found["timed"] > 0


def _refuse_currencies(engine: Engine, query: str, currency: str) -> None:
    """Raise [BW-FOR-059] where there are amounts, and all in other currencies than the bank's."""
    engine.define(RELATION, query)
    others = engine.table(_CURRENCIES)["currency"].to_pylist()
    if others:
        where = Where(place=KINDS["cash"].table, column="currency")
        listed = ", ".join(others)
        raise failure("BW-FOR-059", where, found=listed, own=currency, first=others[0])


def read_demand(
    engine: Engine, asked: Asked, first: date, last: date, branches: Sequence[str]
) -> Demand:
    """Return the sums of the relation ``forecast_demand`` over a range of days.

    Raises
    ------
    BranchwiseError
        [BW-FOR-053] where that many series of that many slots do not fit in memory.
    """
    slots = {"quarter_hour": QUARTERS, "hour": QUARTERS // 4}.get(asked.grain, 1)
    is_within = asked.grain in WITHIN_DAY
    query = _SUMS.format(
        service="coalesce(service_id, '-')" if "service" in asked.by else "''",
        channel="channel" if {"channel"} & set(asked.by) or asked.measure != "visits" else "''",
        slot=f"quarter_hour // {QUARTERS // slots}" if is_within else "0",
        timed="quarter_hour IS NOT NULL" if is_within else "true",
    )
    named: dict[str, Any] = {"first": first, "last": last, "branches": list(branches)}
    rows = engine.table(query, named)
    keys = list(zip(*(rows[name].to_pylist() for name in ("branch", "service", "channel")),
        strict=True))  # fmt: skip
    unique = sorted(set(keys))
    days = (last - first).days + 1
    if len(unique) * days * slots > MOST_CELLS:
        raise failure(
            "BW-FOR-053", Where(place="--by"), series=f"{len(unique):,}", slots=f"{days * slots:,}"
        )
    place = {key: row for row, key in enumerate(unique)}
    sums = np.zeros((len(unique), days, slots))
    at = (
        np.array([place[key] for key in keys], dtype=np.int64),
        rows["day"].to_numpy().astype(np.int64),
        rows["slot"].to_numpy().astype(np.int64),
    )
    np.add.at(sums, at, rows["amount"].to_numpy().astype(np.float64))
    return Demand(keys=tuple(unique), first=first, sums=sums)
