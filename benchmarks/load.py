"""How long a first load and a re-load take, against DuckDB's bare COPY of the same CSV.

Run: ``python benchmarks/load.py [--visits 1000000] [--runs 3]``. Every timing is a process of its
own; the three kinds take turns, and the median of each counts.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MAPPING = """
[source]
timezone = "Asia/Shanghai"
[[file]]
name = "branches"
pattern = "branches.csv"
data_source_id = "reference"
system = "reference"
[[table]]
into = "branch"
from = "branches"
[table.columns]
branch_id = "branch_id"
[[file]]
name = "services"
pattern = "services.csv"
data_source_id = "reference"
system = "reference"
[[table]]
into = "service"
from = "services"
[table.columns]
service_id = "service_id"
name = "name"
[[file]]
name = "visits"
pattern = "visits.csv"
data_source_id = "queue"
system = "queue_machine"
[[table]]
into = "visit"
from = "visits"
[table.columns]
"""
GIVEN = (
    "visit_id",
    "branch_id",
    "customer_id",
    "origin",
    "ticket_number",
    "queue_code",
    "business_line",
    "service_id",
    "priority",
    "tier",
    "age_band",
    "arrived_at",
    "called_at",
    "left_at",
    "outcome",
    "unserved_cause",
    "wait_seconds",
    "service_seconds",
    "satisfaction",
    "is_suspect",
)
EXTRA = ("machine", "operator", "remark", "batch")
# 200 branches, 08:30 to 17:00; one ticket in eight is unserved, one in seven hundred is wrong in
# some way: no end, an end before the call, a text for a number, an unknown branch, a duplicate.
VISITS = """
WITH drawn AS (
    SELECT i, i % 200 AS branch, i // 60000 AS day, random() AS u, random() AS v, random() AS w,
        random() AS x, random() AS y, random() AS bad
    FROM range({visits}) t(i)
), timed AS (
    SELECT *, TIMESTAMP '2026-01-05 08:30:00' + to_days(day::INTEGER)
            + to_seconds((30600 * u)::BIGINT) AS arrived,
        -420 * ln(1 - 0.999 * v) AS wait, exp(5.2 + 0.7 * (w + x + y - 1.5) * 2) AS service,
        w < 0.125 AS lost
    FROM drawn
)
SELECT 'V' || lpad(i::VARCHAR, 9, '0') AS visit_id,
    CASE WHEN bad < 0.0002 THEN '99999' ELSE lpad(branch::VARCHAR, 5, '0') END AS branch_id,
    CASE WHEN x < 0.3 THEN 'C' || lpad((1e6 * y)::BIGINT::VARCHAR, 7, '0') END AS customer_id,
    'ticket' AS origin,
    chr(65 + (i % 4)::INTEGER) || lpad((i % 900)::VARCHAR, 3, '0') AS ticket_number,
    chr(65 + (i % 4)::INTEGER) AS queue_code,
    CASE WHEN i % 5 = 0 THEN 'corporate' ELSE 'personal' END AS business_line,
    'S' || lpad((i % 30)::VARCHAR, 2, '0') AS service_id, (y < 0.05)::INTEGER AS priority,
    CASE WHEN y < 0.05 THEN 'affluent' ELSE 'mass' END AS tier,
    CASE WHEN x < 0.3 THEN ['under_30', '30_44', '45_59', '60_plus'][1 + (i % 4)] ELSE 'unknown' END
        AS age_band,
    strftime(arrived, '%Y-%m-%d %H:%M:%S') AS arrived_at,
    CASE WHEN NOT lost THEN strftime(arrived + to_seconds(wait::BIGINT), '%Y-%m-%d %H:%M:%S') END
        AS called_at,
    CASE WHEN bad BETWEEN 0.0002 AND 0.0006 THEN NULL
        WHEN bad BETWEEN 0.0006 AND 0.0008
        THEN strftime(arrived - INTERVAL 1 HOUR, '%Y-%m-%d %H:%M:%S')
        WHEN lost THEN strftime(arrived + to_seconds(wait::BIGINT), '%Y-%m-%d %H:%M:%S')
        ELSE strftime(arrived + to_seconds((wait + service)::BIGINT), '%Y-%m-%d %H:%M:%S') END
        AS left_at,
    CASE WHEN lost THEN 'unserved' ELSE 'served' END AS outcome,
    CASE WHEN lost THEN 'walked_out' END AS unserved_cause,
    round(wait)::BIGINT AS wait_seconds,
    CASE WHEN bad BETWEEN 0.0008 AND 0.001 THEN '--'
        WHEN NOT lost THEN round(service)::BIGINT::VARCHAR END
        AS service_seconds,
    CASE WHEN NOT lost AND v < 0.4 THEN 1 + (i % 5) END AS satisfaction, 'false' AS is_suspect,
    'Q' || branch AS machine, CASE WHEN NOT lost THEN 'T' || (i % 1500) END AS operator,
    NULL AS remark, strftime(arrived, '%Y%m%d') AS batch
FROM timed
"""
COPY = "COPY (FROM read_csv('{folder}/visits.csv')) TO '{folder}/bare.parquet'"


def write_delivery(folder: Path, visits: int) -> None:
    """Write branches, services and visits as UTF-8 CSV; the visits have 24 columns."""
    import duckdb

    connection = duckdb.connect(config={"threads": 1})
    connection.execute("SELECT setseed(0.5)").fetchall()
    connection.execute(f"CREATE TABLE drawn AS {VISITS.format(visits=visits)}").fetchall()
    for name, rows in {
        "visits": f"FROM drawn UNION ALL (FROM drawn ORDER BY ALL LIMIT {visits // 2000})",
        "branches": "SELECT lpad(i::VARCHAR, 5, '0') AS branch_id FROM range(200) t(i)",
        "services": "SELECT 'S' || lpad(i::VARCHAR, 2, '0') AS service_id, 'Service ' || i AS name "
        "FROM range(30) t(i)",
    }.items():
        connection.execute(f"COPY ({rows}) TO '{folder / name}.csv' (HEADER)").fetchall()
    columns = "".join(f'{name} = "{name}"\n' for name in GIVEN)
    (folder / "mapping.toml").write_text(MAPPING + columns, encoding="utf-8")


def one(kind: str, folder: Path, workspace: Path) -> dict[str, float]:
    """Do one piece of work here; return wall and processor seconds and peak memory [MiB]."""
    if kind == "copy":
        import duckdb

        connection = duckdb.connect()
        worked, began = time.process_time(), time.perf_counter()
        connection.execute(COPY.format(folder=folder)).fetchall()
    else:
        from branchwise.pipeline.load import load

        worked, began = time.process_time(), time.perf_counter()
        load(workspace, folder, adapter="files", mapping=folder / "mapping.toml")
    seconds = time.perf_counter() - began
    return {
        "seconds": seconds,
        "processor": time.process_time() - worked,
        "mebibytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def apart(kind: str, folder: Path, workspace: Path) -> dict[str, float]:
    """Do one piece of work in a process of its own."""
    command = [sys.executable, __file__, "--one", kind, str(folder), str(workspace)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def measure(visits: int, runs: int) -> None:
    """Print medians, ratios and peaks."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "delivery"
        folder.mkdir()
        write_delivery(folder, visits)
        found: dict[str, list[dict[str, float]]] = {"copy": [], "first": [], "again": []}
        for run in range(runs):
            workspace = Path(scratch) / f"workspace{run}"
            for kind, timed in found.items():
                timed.append(apart(kind, folder, workspace))
            shutil.rmtree(workspace)
        bare = _medians(found["copy"])
        size = (folder / "visits.csv").stat().st_size / 2**20
        print(f"{visits:,} visits, {size:.0f} MiB of CSV, median of {runs}")
        for kind, label in (("copy", "bare COPY"), ("first", "first load"), ("again", "re-load")):
            wall, processor = _medians(found[kind])
            peak = max(timed["mebibytes"] for timed in found[kind])
            print(
                f"{label:<12}{wall:8.2f} s wall ({wall / bare[0]:5.2f} x COPY)"
                f"{processor:8.2f} s CPU ({processor / bare[1]:5.2f} x){peak:8.0f} MiB peak"
            )


def _medians(timed: list[dict[str, float]]) -> tuple[float, float]:
    return (
        statistics.median(one["seconds"] for one in timed),
        statistics.median(one["processor"] for one in timed),
    )


def main() -> None:
    """Read the arguments."""
    if sys.argv[1:2] == ["--one"]:
        kind, folder, workspace = sys.argv[2:]
        print(json.dumps(one(kind, Path(folder), Path(workspace))))
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visits", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    measure(given.visits, given.runs)


if __name__ == "__main__":
    main()
