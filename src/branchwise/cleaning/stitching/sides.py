"""The two sides: services, each between two instants, and postings, each at one.

A service belongs to whoever records it: to a machine at a smart counter, else to a teller. It
lasts from its start (the call, where no start is recorded) to its end, at most until the next
service there begins; without a recorded end, until then or one hour. Two services of one teller
therefore never overlap, and a posting falls in one of them at most.
"""

from __future__ import annotations

from branchwise.core.ports import Engine

SERVICES, POSTINGS = "bw_stitch_service", "bw_stitch_posting"
LONGEST_SECONDS = 3600


def gather(engine: Engine) -> None:
    """Make the relations of both sides.

    ``bw_stitch_service``: every finished step of a visit that is not suspected, telephone calls
    without a worker. ``bw_stitch_posting``: the transactions at counters and smart counters
    without reversals, each with the worker's posting before. Instants are whole seconds since
    1970.
    """
    engine.materialise(SERVICES, _SERVICES)
    engine.materialise(POSTINGS, _POSTINGS)


_SERVICES = f"""
WITH step AS (
    SELECT visit_step_id, visit_id, branch_id, data_source_id, local_on,
        CASE kind WHEN 'call' THEN NULL WHEN 'smart_counter' THEN device_id ELSE staff_id
            END AS worker,
        epoch(coalesce(started_at, called_at))::BIGINT AS begins,
        epoch(ended_at)::BIGINT AS ended
    FROM visit_step ANTI JOIN (SELECT visit_id FROM visit WHERE is_suspect) USING (visit_id)
    WHERE outcome = 'done'
)
SELECT * EXCLUDE (local_on, ended), date_trunc('week', local_on)::DATE AS week,
    least(coalesce(ended, begins + {LONGEST_SECONDS}), lead(begins) OVER own) AS ends,
    lead(begins) OVER own IS NOT DISTINCT FROM begins AS is_overtaken
FROM step WINDOW own AS (PARTITION BY data_source_id, branch_id, worker
    ORDER BY begins, visit_step_id)
"""
_POSTINGS = """
WITH posting AS (
    SELECT transaction_id, branch_id, data_source_id, local_on,
        CASE channel WHEN 'smart_counter' THEN device_id ELSE staff_id END AS worker,
        epoch(posted_at)::BIGINT AS posted
    FROM "transaction" WHERE channel IN ('counter', 'smart_counter') AND NOT is_reversal
        AND posted_at IS NOT NULL
)
SELECT * EXCLUDE (local_on), date_trunc('week', local_on)::DATE AS week,
    lag(posted) OVER (PARTITION BY branch_id, worker ORDER BY posted, transaction_id) AS before
FROM posting
"""
