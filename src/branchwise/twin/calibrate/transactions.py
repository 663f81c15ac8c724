"""A branch without tickets: its counter transactions, read as a weak log of served customers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from branchwise.core.ports import Engine
from branchwise.twin.calibrate.log import Log, log_of
from branchwise.twin.calibrate.peers import Place, services_of_peers

POSTINGS = """
SELECT t.transaction_id, t.local_on, t.iso_weekday, t.staff_id, t.service_id,
  coalesce(s.business_line, 'personal') AS business_line,
  t.quarter_hour * 900 + fmod(epoch(t.posted_at), 900) AS posted
FROM transaction t LEFT JOIN service s ON s.service_id = t.service_id
WHERE t.branch_id = $branch_id AND t.channel = 'counter' AND NOT t.is_reversal
  AND t.posted_at IS NOT NULL
ORDER BY t.local_on, t.staff_id, posted, t.transaction_id
"""
TOGETHER = 90.0
"""Postings of one member of staff within so many seconds belong to one customer."""
DEFAULT_SECONDS, SHORTEST, LONGEST = 240.0, 30.0, 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Customer:
    """Postings that belong to one customer: from the first to the last second."""

    key: str
    on: date
    weekday: int
    staff: str | None
    service: str | None
    line: str
    first: float
    last: float


def log_of_transactions(engine: Engine, place: Place) -> Log:
    """Return a log in which each group of postings is a customer served without a wait.

    Nobody knows when these customers came, or who came and left: the wait is not recorded, and
    the arrival is taken to be the beginning of the service. The service ends with the last
    posting and begins with the end of the one before, but no longer ago than the peers' usual
    service lasts.

    Parameters
    ----------
    engine : Engine
        With the relations ``transaction`` and ``service``.
    place : Place
        The branch and its peers.
    """
    customers = _customers(engine, place.branch_id)
    usual = {
        name: float(np.exp(mean + variance / 2))
        for name, (_, mean, variance) in services_of_peers(engine, place).items()
    }
    before: tuple[object, str | None, float] = (None, None, 0.0)
    rows: list[dict[str, object]] = []
    for customer in customers:
        expected = usual.get(customer.service or "", DEFAULT_SECONDS)
        begins = customer.first - expected
        if before[:2] == (customer.on, customer.staff):
            begins = max(begins, min(before[2], customer.first - SHORTEST))
        begins = max(begins, customer.last - LONGEST)
        before = (customer.on, customer.staff, customer.last)
        rows.append(_row(customer, begins))
    rows.sort(key=lambda row: (str(row["local_on"]), float(str(row["arrived"]))))
    return log_of(pa.Table.from_pylist(rows, schema=SCHEMA))


def _customers(engine: Engine, branch_id: str) -> list[_Customer]:
    found: list[_Customer] = []
    for row in engine.table(POSTINGS, {"branch_id": branch_id}).to_pylist():
        last = found[-1] if found else None
        if last is not None and _is_same(last, row):
            found[-1] = replace(last, last=row["posted"])
            continue
        found.append(
            _Customer(
                key=row["transaction_id"],
                on=row["local_on"],
                weekday=row["iso_weekday"],
                staff=row["staff_id"],
                service=row["service_id"],
                line=row["business_line"],
                first=row["posted"],
                last=row["posted"],
            )
        )
    return found


def _is_same(last: _Customer, row: Mapping[str, Any]) -> bool:
    """Say whether a posting belongs to the customer before."""
    here = (row["local_on"], row["staff_id"])
    is_near = row["posted"] - last.last <= TOGETHER
    return row["staff_id"] is not None and here == (last.on, last.staff) and bool(is_near)


def _row(customer: _Customer, begins: float) -> dict[str, object]:
    return {
        "visit_id": customer.key,
        "local_on": customer.on,
        "iso_weekday": customer.weekday,
        "origin": "ticket",
        "outcome": "served",
        "business_line": customer.line,
        "tier": "unknown",
        "age_band": "unknown",
        "priority": 0,
        "is_suspect": False,
        "service": customer.service,
        "kind": "counter",
        "staff_id": customer.staff,
        "step_outcome": "done",
        "arrived": begins,
        "queued": begins,
        "called": begins,
        "started": begins,
        "ended": customer.last,
        "gone": customer.last,
        "service_seconds": max(customer.last - begins, 1.0),
    }


_TEXTS = (
    "visit_id", "origin", "outcome", "unserved_cause", "queue_code", "business_line", "tier",
    "age_band", "service", "kind", "station", "staff_id", "device_id", "step_outcome",
)  # fmt: skip
_NUMBERS = (
    "arrived", "queued", "called", "started", "ended", "gone", "wait", "service_seconds",
    "review_seconds", "review_after",
)  # fmt: skip
SCHEMA = pa.schema(
    [
        ("local_on", pa.date32()),
        ("iso_weekday", pa.int64()),
        ("priority", pa.int64()),
        ("is_suspect", pa.bool_()),
        *((name, pa.string()) for name in _TEXTS),
        *((name, pa.float64()) for name in _NUMBERS),
    ]
)
