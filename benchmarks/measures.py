"""Measures on many visits against the DuckDB query that one would write by hand.

Run `python benchmarks/measures.py [rows]` (10,000,000 by default). Each pair answers the same
question with the same numbers, value and interval, and is timed in turn, best of five; the ratio
is what counts. Served measures may take 1.3 times as long, Kaplan-Meier ones 6 times as long as
the served query.
"""

from __future__ import annotations

# ruff: noqa: S101, S608
import math
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from branchwise.engines.duckdb import open_duckdb
from branchwise.measures.compute import compute
from branchwise.measures.uncertainty import t_quantile
from branchwise.tables.assumptions import default_assumptions
from branchwise.tables.spec import table_spec

ROWS = 10_000_000
ROUNDS = 5
BRANCHES = 200
DAYS = 250
SERVED = "outcome = 'served' AND NOT is_suspect AND wait_seconds IS NOT NULL"
GENERATED = {
    "visit_id": "'V' || i",
    "branch_id": f"'B' || lpad((hash(i) % {BRANCHES})::VARCHAR, 4, '0')",
    "origin": "'ticket'",
    "business_line": "'personal'",
    "priority": "0",
    "tier": "'unknown'",
    "age_band": "CASE WHEN hash(i + 5) % 10 = 0 THEN '60_plus' ELSE 'unknown' END",
    "arrived_at": "TIMESTAMPTZ '2026-01-01' + to_seconds((hash(i + 6) % 20000000)::BIGINT)",
    "called_at": "CASE WHEN hash(i + 3) % 100 >= 12 THEN TIMESTAMPTZ '2026-01-01' END",
    "outcome": "CASE WHEN hash(i + 3) % 100 < 12 THEN 'unserved' ELSE 'served' END",
    "unserved_cause": "CASE WHEN hash(i + 3) % 100 < 12 THEN 'walked_out' END",
    "wait_seconds": "floor(-400 * ln(1 - (hash(i + 1) % 1000000) / 1000000.0))",
    "service_seconds": "floor(-200 * ln(1 - (hash(i + 2) % 1000000) / 1000000.0))",
    "is_suspect": "false",
    "local_on": f"DATE '2026-01-01' + (hash(i + 4) % {DAYS})::INTEGER",
    "local_month": "'2026-01'",
    "iso_weekday": "(hash(i + 4) % 7 + 1)",
    "quarter_hour": "(hash(i + 7) % 36 + 36)",
}
MEAN = f"""
WITH daily AS (
  SELECT branch_id, local_on, sum(wait_seconds) AS n, count(*) AS d
  FROM visit WHERE {SERVED} GROUP BY branch_id, local_on)
SELECT branch_id, sum(n) / sum(d) AS value, sum(n * n) AS nn, sum(n * d) AS nd,
  sum(d * d) AS dd, sum(d) AS d, count(*) AS m
FROM daily GROUP BY branch_id ORDER BY branch_id
"""
SHARE = """
WITH daily AS (
  SELECT branch_id, local_on, count(*) FILTER (outcome = 'unserved') AS n, count(*) AS d
  FROM visit WHERE NOT is_suspect AND outcome <> 'open' GROUP BY branch_id, local_on)
SELECT branch_id, sum(n) / sum(d) AS value, sum(n * n) AS nn, sum(n * d) AS nd,
  sum(d * d) AS dd, sum(d) AS d, count(*) AS m
FROM daily GROUP BY branch_id ORDER BY branch_id
"""
QUANTILES = f"""
WITH served AS (SELECT branch_id, local_on, wait_seconds FROM visit WHERE {SERVED}),
found AS (
  SELECT branch_id, quantile_cont(wait_seconds, [0.5, 0.9, 0.95]) AS q
  FROM served GROUP BY branch_id),
daily AS (
  SELECT branch_id, local_on, any_value(q) AS q, count(*) AS d,
    count(*) FILTER (wait_seconds <= q[1]) AS n1, count(*) FILTER (wait_seconds <= q[2]) AS n2,
    count(*) FILTER (wait_seconds <= q[3]) AS n3
  FROM served JOIN found USING (branch_id) GROUP BY branch_id, local_on),
spread AS (
  SELECT branch_id, any_value(q) AS q, count(*) AS m, sum(d) AS d, sum(d * d) AS dd,
    sum(n1) AS a1, sum(n1 * n1) AS b1, sum(n1 * d) AS c1, sum(n2) AS a2, sum(n2 * n2) AS b2,
    sum(n2 * d) AS c2, sum(n3) AS a3, sum(n3 * n3) AS b3, sum(n3 * d) AS c3
  FROM daily GROUP BY branch_id),
halves AS (
  SELECT branch_id, q, d,
    [$t * sqrt(m / (m - 1) * (b1 - 2 * a1 / d * c1 + (a1 / d) ** 2 * dd)) / d,
     $t * sqrt(m / (m - 1) * (b2 - 2 * a2 / d * c2 + (a2 / d) ** 2 * dd)) / d,
     $t * sqrt(m / (m - 1) * (b3 - 2 * a3 / d * c3 + (a3 / d) ** 2 * dd)) / d] AS h
  FROM spread),
counts AS (
  SELECT branch_id, wait_seconds, count(*) AS c FROM served GROUP BY branch_id, wait_seconds),
ranked AS (
  SELECT branch_id, wait_seconds,
    sum(c) OVER (PARTITION BY branch_id ORDER BY wait_seconds) AS reached FROM counts)
SELECT branch_id, any_value(q) AS value,
  [min(wait_seconds) FILTER (reached > (d - 1) * (0.5 - h[1])),
   min(wait_seconds) FILTER (reached > (d - 1) * (0.9 - h[2])),
   min(wait_seconds) FILTER (reached > (d - 1) * (0.95 - h[3]))] AS lower,
  [min(wait_seconds) FILTER (reached > (d - 1) * (0.5 + h[1])),
   min(wait_seconds) FILTER (reached > (d - 1) * (0.9 + h[2])),
   min(wait_seconds) FILTER (reached > (d - 1) * (0.95 + h[3]))] AS upper
FROM ranked JOIN halves USING (branch_id) GROUP BY branch_id ORDER BY branch_id
"""
VALUES = f"""
SELECT branch_id, quantile_cont(wait_seconds, [0.5, 0.9, 0.95]) AS value
FROM visit WHERE {SERVED} GROUP BY branch_id ORDER BY branch_id
"""
SERVED_QUANTILES = [f"queues.wait_served_{name}_seconds" for name in ("p50", "p90", "p95")]
KAPLAN_MEIER = [f"queues.wait_{name}_seconds" for name in ("mean", "p50", "p90", "p95")]


def generate(engine, path, rows):
    columns = table_spec("visit").columns
    listed = ", ".join(
        f'CAST({GENERATED.get(name, "NULL")} AS {column.sql_type}) AS "{name}"'
        for name, column in columns.items()
    )
    engine.write_parquet(f"SELECT {listed} FROM range({rows}) AS t(i)", path)
    engine.register_files("visit", [path], schema=table_spec("visit").arrow_schema)


def seconds(question):
    began = time.perf_counter()
    answer = question()
    return time.perf_counter() - began, answer


def in_turn(questions):
    best = [math.inf] * len(questions)
    answers = [None] * len(questions)
    for _ in range(ROUNDS):
        for place, question in enumerate(questions):
            taken, answers[place] = seconds(question)
            best[place] = min(best[place], taken)
    return best, answers


def columns_of(table, name, key="value"):
    return [row[key] for row in table.to_pylist() if row["measure"] == name]


def same(found, expected, tolerance=1e-9):
    assert np.allclose(found, expected, rtol=tolerance), (found[:3], expected[:3])


def report(title, ours, peer, limit):
    ratio = ours / peer
    kept = "kept" if ratio <= limit else "MISSED"
    print(f"{title:<58} {ours:7.3f} s  {peer:7.3f} s  {ratio:5.2f} ≤ {limit} {kept}")


def by_branch(engine, names):
    return lambda: compute(engine, names, by=["branch_id"], assumptions=default_assumptions())


def main():
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    t = float(t_quantile(DAYS - 1))
    quantiles = QUANTILES.replace("$t", repr(t))
    with tempfile.TemporaryDirectory() as folder, open_duckdb() as engine:
        generate(engine, Path(folder) / "visit.parquet", rows)
        print(f"{rows:,} visits, {BRANCHES} branches, {DAYS} days; ours, by hand, ratio")
        name = "queues.wait_served_mean_seconds"
        (ours, peer), (a, b) = in_turn([by_branch(engine, [name]), lambda: engine.table(MEAN)])
        same(columns_of(a, name), b["value"].to_pylist())
        report("served mean with interval", ours, peer, 1.3)
        name = "queues.abandoned_share"
        (ours, peer), (a, b) = in_turn([by_branch(engine, [name]), lambda: engine.table(SHARE)])
        same(columns_of(a, name), b["value"].to_pylist())
        report("abandoned share with interval", ours, peer, 1.3)
        (ours, peer, bare, km), (a, b, _, _) = in_turn(
            [
                by_branch(engine, SERVED_QUANTILES),
                lambda: engine.table(quantiles),
                lambda: engine.table(VALUES),
                by_branch(engine, KAPLAN_MEIER),
            ]
        )
        for place, name in enumerate(SERVED_QUANTILES):
            for key in ("value", "lower", "upper"):
                expected = [listed[place] for listed in b[key].to_pylist()]
                same(columns_of(a, name, key), expected, 1e-9 if key == "value" else 0.02)
        report("served P50, P90, P95 with intervals", ours, peer, 1.3)
        report("Kaplan-Meier mean, P50, P90, P95 / served with intervals", km, peer, 6)
        report("Kaplan-Meier mean, P50, P90, P95 / served values alone", km, bare, 6)
        print(f"for information: served quantiles / values alone {ours / bare:.2f}")


if __name__ == "__main__":
    main()
