"""Stitching on a synthetic bank against its truth, with clocks set wrong by known seconds."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from branchwise.cleaning.stitching import PAIRS, stitch
from branchwise.engines.duckdb import open_duckdb
from branchwise.pipeline.demo import demo
from branchwise.sources.demo.settings import FIRST_DAY
from branchwise.warehouse.store import Warehouse

DRIFTS = {0: 0, 1: 143, 2: -412}
POSTED_BEFORE_END = 10
TRUE_PAIRS = """
WITH served AS (
    SELECT branch_id, service_id, day, arrived_seconds, greatest(started_seconds,
        ended_seconds - $before) AS posted_seconds
    FROM truth WHERE outcome = 0 AND skill <> 'machine'
), ticket AS (
    SELECT visit_step_id, branch_id, service_id, date_diff('day', $first::DATE, local_on) AS day,
        epoch(queued_at)::BIGINT % 86400 AS queued
    FROM visit_step WHERE kind = 'counter'
), posting AS (
    SELECT transaction_id, branch_id, service_id,
        date_diff('day', $first::DATE, local_on) AS day, epoch(posted_at)::BIGINT % 86400 AS posted
    FROM sound WHERE channel = 'counter' AND NOT is_reversal
)
SELECT min(transaction_id) AS transaction_id, min(visit_step_id) AS visit_step_id FROM served
    JOIN ticket ON ticket.branch_id = served.branch_id AND ticket.day = served.day
        AND ticket.service_id = served.service_id AND queued = arrived_seconds - 28800
    JOIN posting ON posting.branch_id = served.branch_id AND posting.day = served.day
        AND posting.service_id = served.service_id AND posted = posted_seconds - 28800
GROUP BY served.branch_id, served.day, served.service_id, posted_seconds HAVING count(*) = 1
"""


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bank of three branches and four weeks."""
    folder = tmp_path_factory.mktemp("bank")
    demo(folder, branches=3, days=28, seed=5)
    return folder


def test_drift_and_pairs_of_the_demo_bank(bank: Path) -> None:
    """Planted drift lies within the bounds and 20 s of the figure; pairs are those of the truth.

    The truth knows when each visitor arrived, began and ended, and that tellers post ten seconds
    before the end; tellers are not used. Machines post at the end of the session, so that their
    clock looks a little slow: no method can tell this from drift.
    """
    warehouse = Warehouse(bank / "warehouse")
    with open_duckdb() as engine:
        warehouse.register(engine, warehouse.snapshot())
        engine.register_table("truth", pq.read_table(bank / "truth" / "visits.parquet"))
        engine.define("sound", 'SELECT * FROM "transaction"')
        names = engine.table("SELECT branch_id FROM branch ORDER BY 1").column(0).to_pylist()
        planted = {names[place]: drift for place, drift in DRIFTS.items()}
        true = _pairs(engine.table(TRUE_PAIRS, {"before": POSTED_BEFORE_END, "first": FIRST_DAY}))
        moved = " ".join(f"WHEN '{name}' THEN {drift}" for name, drift in planted.items())
        engine.materialise(
            "wrong",
            f"SELECT * REPLACE (posted_at - to_seconds(CASE branch_id {moved} END) AS posted_at) "
            'FROM "transaction"',
        )
        engine.define("transaction", "SELECT * FROM wrong")
        found = stitch(engine)
        made = _pairs(engine.table(f"SELECT * FROM {PAIRS} WHERE data_source_id = 'queue_machine'"))
    known = {number for number, _ in true}
    judged = {pair for pair in made if pair[0] in known}
    precision, recall = len(judged & true) / len(judged), len(judged & true) / len(true)
    said = f"{len(true)} pairs: precision {precision:.4f}, recall {recall:.4f}"
    assert len(true) > 5000, said
    assert min(precision, recall) > 0.98, said
    for one in found:
        drift = planted[one.branch_id]
        if one.side == "transactions":
            assert one.share_stitched > 0.98
            continue
        assert one.is_steady
        assert one.drift_lower_seconds <= drift <= one.drift_upper_seconds
        assert abs(one.drift_seconds - drift) <= 20, (one, drift)


def _pairs(table) -> set[tuple[str, str]]:
    return {(row["transaction_id"], row["visit_step_id"]) for row in table.to_pylist()}
