"""Quantiles and Kaplan-Meier waits through the engine: brute force, and coverage with bad days."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from branchwise.engines.duckdb import open_duckdb
from branchwise.measures.compute import compute

ROW = st.tuples(
    st.sampled_from(["A", "B", None]),
    st.integers(1, 4),
    st.integers(0, 12),
    st.booleans(),
    st.booleans(),
)


def register(engine, rows):
    """Visits of (branch, day, wait, called, suspect)."""
    branch, day, wait, called, suspect = (list(part) for part in zip(*rows, strict=True))
    epoch = 20_000
    engine.register_table(
        "visit",
        pa.table(
            {
                "branch_id": pa.array(branch, pa.string()),
                "local_on": pa.array([epoch + number for number in day], pa.int32()).cast(
                    pa.date32()
                ),
                "wait_seconds": pa.array(wait, pa.float64()),
                "outcome": ["served" if served else "unserved" for served in called],
                "called_at": pa.nulls(len(rows), pa.timestamp("us", tz="UTC")),
                "age_band": ["unknown"] * len(rows),
                "is_suspect": pa.array(suspect),
            }
        ),
    )


def by_brute_force(waits, probability):
    """The first wait by which the product-limit curve is down to 1 - probability."""
    curve = 1.0
    for time in sorted({wait for wait, _ in waits}):
        at_risk = sum(wait >= time for wait, _ in waits)
        curve *= 1 - sum(wait == time and called for wait, called in waits) / at_risk
        if curve <= 1 - probability + 1e-12:
            return time
    return None


@settings(deadline=None, max_examples=40)
@given(st.lists(ROW, min_size=1, max_size=120))
def test_cells_against_brute_force(rows):
    """Each cell's P50 is numpy's of the served and the product limit's of all, nulls kept."""
    with open_duckdb(threads=1) as engine:
        register(engine, rows)
        names = ["queues.wait_served_p50_seconds", "queues.wait_p50_seconds"]
        found = {
            (row["measure"], row["branch_id"]): row
            for row in compute(engine, names, by=["branch_id"]).to_pylist()
        }
    for branch in {row[0] for row in rows}:
        waits = [(row[2], row[3]) for row in rows if row[0] == branch and not row[4]]
        served = [wait for wait, called in waits if called]
        for name, sample, expected in (
            (names[0], served, np.median(served) if served else None),
            (names[1], waits, by_brute_force(waits, 0.5)),
        ):
            row = found.get((name, branch))
            assert (0 if row is None else row["count_rows"]) == len(sample)
            if len(sample) >= 20:
                assert row["value"] == expected


@pytest.mark.parametrize("name", ["wait_served_p90", "wait_p90", "wait_mean"])
def test_coverage_with_bad_days(name):
    """Where whole days are slow, 95 % intervals hold the truth in most trials."""
    random = np.random.default_rng(33)
    trials, days, visits = 150, 30, 60
    scale = random.gamma(12, 300 / 12, (trials, days, 1))
    call = random.exponential(1, (trials, days, visits)) * scale
    # Those who leave do so by chance before the call, whatever the day is like.
    leave = random.exponential(1500, (trials, days, visits))
    truth_scale = random.gamma(12, 300 / 12, 2_000_000)
    calls = random.exponential(1, 2_000_000) * truth_scale
    served = calls[calls <= random.exponential(1500, 2_000_000)]
    sample = served if "served" in name else calls
    truth = sample.mean() if "mean" in name else np.quantile(sample, 0.9)
    rows = [
        (f"{trial}", day, np.floor(min(c, out)), c <= out, False)
        for trial in range(trials)
        for day in range(days)
        for c, out in zip(call[trial, day], leave[trial, day], strict=True)
    ]
    with open_duckdb(threads=1) as engine:
        register(engine, rows)
        cells = compute(engine, [f"queues.{name}_seconds"], by=["branch_id"]).to_pylist()
    held = np.mean([cell["lower"] <= truth <= cell["upper"] for cell in cells])
    assert 0.87 <= held <= 0.995
