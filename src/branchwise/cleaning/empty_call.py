"""Empty calls (空叫): tickets called and closed in a burst, with nobody served.

To meet a wait target some windows call ticket after ticket and close each at once (空叫, 集中棄號,
提前叫號). A ticket is suspect if it was closed within 10 seconds of its call and belongs to a run
of at least 4 such tickets of one branch, each called within 30 seconds of the one before, or within
120 seconds if it was also drawn within 10 seconds of its call: nobody walks to a window so fast. A
single very short service is not: people do turn round at the window. Nothing is removed;
``is_suspect`` is set, and measures leave the record out and count it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from branchwise.cleaning.effects import Ledger

LONGEST_SECONDS = 10
LONGEST_GAP_SECONDS = 30
LONGEST_GAP_AT_ONCE_SECONDS = 120
AT_ONCE_SECONDS = 10
SHORTEST_RUN = 4


def mark_empty_calls(ledger: Ledger) -> None:
    """Mark bursts of empty calls among tickets as suspect."""
    if ledger.spec.name != "visit":
        return
    ticket = "origin = 'ticket' AND called_at IS NOT NULL"
    lasted = "coalesce(service_seconds, seconds_between(called_at, left_at))"
    gap = f"CASE WHEN at_once THEN {LONGEST_GAP_AT_ONCE_SECONDS} ELSE {LONGEST_GAP_SECONDS} END"
    runs = f"""
    WITH short AS (
        SELECT bw_id AS id, branch_id, called_at,
            seconds_between(arrived_at, called_at) <= {AT_ONCE_SECONDS} AS at_once
        FROM {ledger.staged}
        WHERE {ticket} AND {lasted} BETWEEN 0 AND {LONGEST_SECONDS}
    ), stepped AS (
        SELECT *, coalesce(seconds_between(lag(called_at) OVER branch, called_at)
            > {gap}, true)::INTEGER AS begins
        FROM short WINDOW branch AS (PARTITION BY branch_id ORDER BY called_at, id)
    ), numbered AS (
        SELECT *, sum(begins) OVER (PARTITION BY branch_id ORDER BY called_at, id
            ROWS UNBOUNDED PRECEDING) AS run FROM stepped
    )
    SELECT id, true AS new FROM numbered
    QUALIFY count(*) OVER (PARTITION BY branch_id, run) >= {SHORTEST_RUN}
    """
    if ledger.hit(runs):
        ledger.replace("empty_call", "is_suspect", "flagged")
