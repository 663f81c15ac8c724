"""Match transactions with services, once the clocks are held together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from branchwise.cleaning.stitching.clocks import CLOCKS, OFFSETS, hold_together
from branchwise.cleaning.stitching.model import Reason, Stitching
from branchwise.cleaning.stitching.sides import POSTINGS, SERVICES, gather
from branchwise.core.ports import Engine

PAIRS = "bw_stitch_pair"


def stitch(engine: Engine) -> tuple[Stitching, ...]:
    """Match the transactions of each branch with its services and say how well it went.

    A transaction belongs to a service of the same branch and the same teller (at smart counters:
    the same machine) in whose time it was posted, after the source's drift is taken away. The
    matched pairs stay in the relation `PAIRS` (transaction_id, visit_step_id, visit_id, branch_id,
    data_source_id of the service, transaction_source_id), until the next call.

    Parameters
    ----------
    engine : Engine
        With the relations ``visit``, ``visit_step`` and ``transaction``.

    Returns
    -------
    tuple of Stitching
        By branch and source, services first.

    Examples
    --------
    >>> from branchwise.engines.duckdb import open_duckdb
    >>> from branchwise.warehouse.columns import stored_schema
    >>> with open_duckdb() as engine:
    ...     for table in ("visit", "visit_step", "transaction"):
    ...         engine.register_files(table, [], schema=stored_schema(table))
    ...     stitch(engine)
    ()
    """
    gather(engine)
    hold_together(engine)
    engine.materialise(PAIRS, _PAIRS)
    services = [_of_services(row) for row in engine.table(_SERVICES_SAID).to_pylist()]
    reasons: dict[str, list[Reason | None]] = {}
    for found in services:
        reasons.setdefault(found.branch_id, []).append(found.reason)
    transactions = [
        _of_transactions(row, reasons.get(row["branch_id"], []))
        for row in engine.table(_POSTINGS_SAID).to_pylist()
    ]
    for name in (SERVICES, POSTINGS, CLOCKS, OFFSETS):
        engine.drop(name)
    return (*services, *transactions)


def _of_services(row: Mapping[str, Any]) -> Stitching:
    reason: Reason | None = None
    if not row["postings"]:
        reason = "no_transactions"
    elif not row["is_common"]:
        reason = "nothing_in_common"
    elif row["drift"] is None:
        reason = "no_agreement"
    return Stitching(
        side="services",
        **_counts(row, reason),
        drift_seconds=row["drift"],
        drift_lower_seconds=row["lower"],
        drift_upper_seconds=row["upper"],
        is_steady=row["is_steady"],
    )


def _of_transactions(row: Mapping[str, Any], reasons: list[Reason | None]) -> Stitching:
    reason: Reason | None = None
    if None not in reasons:
        reason = min(
            (found for found in reasons if found is not None),
            key=("no_agreement", "nothing_in_common").index,
            default="no_visits",
        )
    return Stitching(side="transactions", **_counts(row, reason))


def _counts(row: Mapping[str, Any], reason: Reason | None) -> dict[str, Any]:
    return {
        "branch_id": row["branch_id"],
        "data_source_id": row["data_source_id"],
        "count": row["many"],
        "count_stitched": row["stitched"] if reason is None else None,
        "share_stitched": row["stitched"] / row["many"] if reason is None else None,
        "reason": reason,
    }


_PAIRS = f"""
WITH moved AS (
    SELECT posting.* EXCLUDE (before, week), clock.data_source_id AS of_source,
        posted + seconds AS moment
    FROM {POSTINGS} AS posting JOIN {OFFSETS} AS clock USING (branch_id, week)
), service AS (
    SELECT * FROM {SERVICES}
    WHERE worker IS NOT NULL AND begins IS NOT NULL AND NOT is_overtaken
)
SELECT transaction_id, visit_step_id, visit_id, moved.branch_id, of_source AS data_source_id,
    moved.data_source_id AS transaction_source_id
FROM moved ASOF JOIN service ON moved.branch_id = service.branch_id
    AND moved.worker = service.worker AND of_source = service.data_source_id
    AND moment >= begins
WHERE moment <= ends
"""
_SERVICES_SAID = f"""
WITH served AS (
    SELECT branch_id, data_source_id, count(DISTINCT visit_id) AS many FROM {SERVICES}
    GROUP BY ALL
), paired AS (
    SELECT branch_id, data_source_id, count(DISTINCT visit_id) AS stitched FROM {PAIRS}
    GROUP BY ALL
), posted AS (
    SELECT branch_id, count(*) AS postings FROM {POSTINGS} GROUP BY ALL
), common AS (
    SELECT DISTINCT branch_id, data_source_id, true AS is_common FROM {SERVICES}
    SEMI JOIN {POSTINGS} USING (branch_id, worker)
)
SELECT branch_id, data_source_id, many, coalesce(stitched, 0) AS stitched, postings, is_common,
    drift, lower, upper, is_steady
FROM served LEFT JOIN paired USING (branch_id, data_source_id)
    LEFT JOIN posted USING (branch_id) LEFT JOIN common USING (branch_id, data_source_id)
    LEFT JOIN {CLOCKS} USING (branch_id, data_source_id)
WHERE data_source_id IS NOT NULL ORDER BY branch_id, data_source_id
"""
_POSTINGS_SAID = f"""
WITH paired AS (
    SELECT branch_id, transaction_source_id AS data_source_id,
        count(DISTINCT transaction_id) AS stitched
    FROM {PAIRS} GROUP BY ALL
), posted AS (
    SELECT branch_id, data_source_id, count(*) AS many FROM {POSTINGS}
    WHERE branch_id IS NOT NULL AND data_source_id IS NOT NULL GROUP BY ALL
)
SELECT branch_id, data_source_id, many, coalesce(stitched, 0) AS stitched
FROM posted LEFT JOIN paired USING (branch_id, data_source_id)
ORDER BY branch_id, data_source_id
"""
