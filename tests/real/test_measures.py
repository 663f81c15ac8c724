"""Measures on the call log of a real bank, against numbers counted in plain Python."""

from __future__ import annotations

import gzip
from collections import Counter

import pytest

from branchwise.engines.duckdb import open_duckdb
from branchwise.pipeline.check import check
from branchwise.pipeline.load import load
from branchwise.pipeline.measure import measure
from branchwise.warehouse.store import Warehouse

FOLDER = "anonymousbank_feb1999"


@pytest.fixture(scope="module")
def calls(shared_data):
    """All calls but the phantom ones: (queue seconds, outcome, service seconds)."""
    [path] = (shared_data / FOLDER).glob("*.txt.gz")
    with gzip.open(path, "rt", encoding="utf-8-sig") as lines:
        head = next(lines).split()
        rows = [dict(zip(head, line.split(), strict=False)) for line in lines if line.strip()]
    return [
        (int(float(row["q_time"])), row["outcome"], int(float(row["ser_time"])))
        for row in rows
        if row["outcome"] in ("AGENT", "HANG")
    ]


@pytest.fixture(scope="module")
def bank(shared_data, tmp_path_factory):
    """A workspace with the same log, and what loading it said."""
    root = tmp_path_factory.mktemp("real") / "bank"
    return root, load(root, shared_data / FOLDER, adapter="anonymousbank")


@pytest.fixture(scope="module")
def values(bank):
    """The measures of the same log, loaded into a workspace."""
    root, _ = bank
    names = [
        "queues.abandoned_share",
        "queues.service_mean_seconds",
        "queues.wait_p90_seconds",
        "queues.wait_served_mean_seconds",
    ]
    return {row["measure"]: row["value"] for row in measure(root, names).rows}


@pytest.mark.real
def test_shares_and_means(calls, values):
    """Abandoned 17.9 %, service 176.9 s over recorded times, served waits with their zeros."""
    served = [call for call in calls if call[1] == "AGENT"]
    recorded = [call[2] for call in served if call[2] > 0]
    assert values["queues.abandoned_share"] == pytest.approx(1 - len(served) / len(calls), abs=2e-4)
    assert round(values["queues.abandoned_share"], 3) == 0.179
    assert values["queues.service_mean_seconds"] == pytest.approx(
        sum(recorded) / len(recorded), abs=0.1
    )
    assert values["queues.wait_served_mean_seconds"] == pytest.approx(
        sum(call[0] for call in served) / len(served), abs=0.1
    )


@pytest.mark.real
def test_kaplan_meier(calls, values):
    """The P90 is the first second by which the product-limit curve is down to a tenth."""
    everyone, answered = Counter(), Counter()
    for wait, outcome, _ in calls:
        everyone[wait] += 1
        answered[wait] += outcome == "AGENT"
    at_risk, curve = len(calls), 1.0
    for wait in sorted(everyone):
        curve *= 1 - answered[wait] / at_risk
        at_risk -= everyone[wait]
        if curve <= 0.1:
            break
    assert values["queues.wait_p90_seconds"] == pytest.approx(wait, abs=1)


@pytest.mark.real
def test_no_call_is_repaired_and_only_phantoms_are_set_aside(bank, calls):
    """Every recorded service time stays, far or not; the phantom calls go with the publisher's
    word, under the rule of what the source sets aside; the store keeps every promise.
    """
    root, report = bank
    done = {(one.rule, one.action): one.count for one in report.rules if one.action != "skipped"}
    assert done == {("source", "quarantined"): 278}
    [row] = measure(root, ["queues.service_mean_seconds"]).rows
    assert row["count_rows"] == sum(call[2] > 0 for call in calls if call[1] == "AGENT") == 27_077
    checked = check(root)
    assert {table.table: table.breaches for table in checked.tables if table.breaches} == {}
    with open_duckdb() as engine:
        store = Warehouse(root / "warehouse")
        store.register(engine, store.snapshot(), ["data_source"])
        assert engine.table("SELECT system FROM data_source")["system"].to_pylist() == ["call_log"]
