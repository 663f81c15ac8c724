"""When in the week it happens: the half-hour of a weekday with most late or lost visits."""

from __future__ import annotations

import math
from typing import Any

from branchwise.core.ports import Engine
from branchwise.plan.model import Hits, Spot

QUARTER_MINUTES = 15
BLOCK_QUARTERS = 2
CARRIED_UTILISATION = 0.85
MOST = 0.5
MOST_WINDOWS_MISSING = 20

# Late or lost visits by branch, weekday and half-hour of arrival; the fullest block of each branch.
BLOCKS = """
WITH hit AS (
    SELECT branch_id, iso_weekday, quarter_hour // $quarters AS block, business_line
    FROM visit WHERE {condition} AND NOT coalesce(is_suspect, false)
), lines AS (
    SELECT branch_id, count(DISTINCT business_line) AS count_lines FROM visit GROUP BY branch_id
), totals AS (
    SELECT branch_id, count(*) AS total FROM hit GROUP BY branch_id
), blocks AS (
    SELECT branch_id, iso_weekday, block, count(*) AS visits,
           count(*) FILTER (business_line = 'corporate') AS corporate,
           count(*) FILTER (business_line = 'personal') AS personal
    FROM hit GROUP BY branch_id, iso_weekday, block
)
SELECT * FROM blocks JOIN totals USING (branch_id) JOIN lines USING (branch_id)
QUALIFY row_number() OVER (
    PARTITION BY branch_id ORDER BY visits DESC, iso_weekday, block) = 1
ORDER BY branch_id
"""
LATE = "wait_seconds > $limit"
LOST = """outcome = 'unserved' AND coalesce(unserved_cause, 'unknown')
    NOT IN ('redrawn', 'diverted', 'suspected_gaming') AND $limit IS NOT NULL"""
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
    """Find each branch's half-hour of a weekday with most late and with most lost visits.

    Windows missing are those that the block's counter work, at the arrivals of the period, needs
    at a utilisation of 85 % beyond the windows that served in it; never more than 20 are named.

    Parameters
    ----------
    engine : Engine
        With the relations ``visit``, ``visit_step`` and ``transaction``.
    wait_limit_seconds : float
        Wait beyond which a visit is late [s].
    months : float
        Length of the period.

    Returns
    -------
    tuple of Spot
        Of each branch one for late visits and one for lost ones, where it has any.
    """
    quarters = {"quarters": BLOCK_QUARTERS}
    limit = {"limit": wait_limit_seconds}
    work = _by_cell(engine.table(WORK, quarters).to_pylist())
    authorised = _by_cell(engine.table(AUTHORISED, quarters).to_pylist())
    conditions: tuple[tuple[Hits, str], ...] = (("late", LATE), ("lost", LOST))
    spots = []
    for hits, condition in conditions:
        query = BLOCKS.format(condition=condition)
        for row in engine.table(query, {**limit, **quarters}).to_pylist():
            cell = _cell(row)
            spots.append(_spot(row, hits, work.get(cell), authorised.get(cell), months))
    return tuple(spots)


def _cell(row: dict[str, Any]) -> Cell:
    return row["branch_id"], row["iso_weekday"], row["block"]


def _by_cell(rows: list[dict[str, Any]]) -> dict[Cell, dict[str, Any]]:
    return {_cell(row): row for row in rows}


def _spot(
    row: dict[str, Any],
    hits: Hits,
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
        hits=hits,
        iso_weekday=row["iso_weekday"],
        starts_minute=starts,
        ends_minute=starts + BLOCK_QUARTERS * QUARTER_MINUTES,
        business_line=_line(row),
        share=row["visits"] / row["total"],
        customers_affected=row["visits"] / months,
        authorisation_share=share,
        windows_short=_windows_short(work),
    )


def _line(row: dict[str, Any]) -> str | None:
    if row["count_lines"] > 1:
        for line in ("corporate", "personal"):
            if row[line] >= MOST * row["visits"]:
                return line
    return None


def _windows_short(work: dict[str, Any] | None) -> int | None:
    if work is None or not work["stations_known"]:
        return None
    seconds = BLOCK_QUARTERS * QUARTER_MINUTES * 60
    needed = work["busy"] / work["days"] / seconds / CARRIED_UTILISATION
    missing = math.ceil(needed - work["windows"] / work["days"])
    return min(missing, MOST_WINDOWS_MISSING) if missing > 0 else None
