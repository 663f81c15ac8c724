"""When in the week it happens: the half-hour of a weekday with most waiting beyond the limit."""

from __future__ import annotations

import math
from typing import Any

from branchwise.core.ports import Engine
from branchwise.plan.model import Spot

QUARTER_MINUTES = 15
BLOCK_QUARTERS = 2
CARRIED_UTILISATION = 0.85
MOST = 0.5
MOST_WINDOWS_MISSING = 20

# Excess waiting by branch, weekday and half-hour; the block of a visit is that of its arrival.
BLOCKS = """
WITH late AS (
    SELECT branch_id, iso_weekday, quarter_hour // $quarters AS block,
           greatest(wait_seconds - $limit, 0) AS excess, business_line
    FROM visit
    WHERE wait_seconds IS NOT NULL AND NOT coalesce(is_suspect, false)
)
SELECT branch_id, iso_weekday, block, sum(excess) AS excess,
       count(*) FILTER (excess > 0) AS late_visits,
       sum(excess) FILTER (business_line = 'corporate') AS corporate,
       sum(excess) FILTER (business_line = 'personal') AS personal
FROM late GROUP BY branch_id, iso_weekday, block HAVING sum(excess) > 0
QUALIFY row_number() OVER (
    PARTITION BY branch_id ORDER BY sum(excess) DESC, iso_weekday, block) = 1
"""
TOTALS = """
SELECT branch_id, sum(greatest(wait_seconds - $limit, 0)) AS excess
FROM visit
WHERE wait_seconds IS NOT NULL AND NOT coalesce(is_suspect, false) GROUP BY branch_id
"""
# Work that customers bring to the counters in the block, and the windows open in it, a day.
WORK = """
SELECT step.branch_id, step.iso_weekday, step.quarter_hour // $quarters AS block,
       count(DISTINCT step.local_on) AS days, sum(step.service_seconds) AS busy,
       count(DISTINCT (step.local_on, step.station)) AS windows,
       bool_and(step.station IS NOT NULL) AS stations_known
FROM visit_step AS step
WHERE step.kind IN ('counter', 'call') AND step.service_seconds IS NOT NULL GROUP BY ALL
"""
AUTHORISED = """
SELECT branch_id, iso_weekday, quarter_hour // $quarters AS block,
       sum(authorisation_seconds) AS authorisation
FROM "transaction"
WHERE channel = 'counter' AND authorisation_seconds IS NOT NULL GROUP BY ALL
"""
Cell = tuple[str, int, int]


def worst_spots(engine: Engine, *, wait_limit_seconds: float, months: float) -> tuple[Spot, ...]:
    """Find each branch's half-hour of a weekday with most waiting beyond the limit.

    Windows missing are those that the block's counter work, at the arrivals of the period, needs
    at a utilisation of 85 % beyond the windows that served in it; never more than 20 are named.

    Parameters
    ----------
    engine : Engine
        With the relations ``visit``, ``visit_step`` and ``transaction``.
    wait_limit_seconds : float
        Wait beyond which waiting counts [s].
    months : float
        Length of the period.

    Returns
    -------
    tuple of Spot
        One for each branch with any wait beyond the limit, by branch code.
    """
    limit = {"limit": wait_limit_seconds}
    quarters = {"quarters": BLOCK_QUARTERS}
    totals = {row["branch_id"]: row["excess"] for row in engine.table(TOTALS, limit).to_pylist()}
    work = _by_cell(engine.table(WORK, quarters).to_pylist())
    authorised = _by_cell(engine.table(AUTHORISED, quarters).to_pylist())
    rows = engine.table(BLOCKS, {**limit, **quarters}).to_pylist()
    return tuple(
        _spot(
            row, totals[row["branch_id"]], work.get(_cell(row)), authorised.get(_cell(row)), months
        )
        for row in sorted(rows, key=lambda row: str(row["branch_id"]))
    )


def _cell(row: dict[str, Any]) -> Cell:
    return row["branch_id"], row["iso_weekday"], row["block"]


def _by_cell(rows: list[dict[str, Any]]) -> dict[Cell, dict[str, Any]]:
    return {_cell(row): row for row in rows}


def _spot(
    row: dict[str, Any],
    total: float,
    work: dict[str, Any] | None,
    authorised: dict[str, Any] | None,
    months: float,
) -> Spot:
    starts = row["block"] * BLOCK_QUARTERS * QUARTER_MINUTES
    busy = work["busy"] if work else 0.0
    share = None
    if authorised and busy:
        share = min(authorised["authorisation"] / busy, 1.0)
    return Spot(
        branch_id=row["branch_id"],
        iso_weekday=row["iso_weekday"],
        starts_minute=starts,
        ends_minute=starts + BLOCK_QUARTERS * QUARTER_MINUTES,
        business_line=_line(row),
        share_of_excess=row["excess"] / total,
        customers_affected=row["late_visits"] / months,
        authorisation_share=share,
        windows_short=_windows_short(work),
    )


def _line(row: dict[str, Any]) -> str | None:
    for line in ("corporate", "personal"):
        if (row[line] or 0.0) >= MOST * row["excess"]:
            return line
    return None


def _windows_short(work: dict[str, Any] | None) -> int | None:
    if work is None or not work["stations_known"]:
        return None
    seconds = BLOCK_QUARTERS * QUARTER_MINUTES * 60
    needed = work["busy"] / work["days"] / seconds / CARRIED_UTILISATION
    missing = math.ceil(needed - work["windows"] / work["days"])
    return min(missing, MOST_WINDOWS_MISSING) if missing > 0 else None
