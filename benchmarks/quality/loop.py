"""The loop closed on banks whose truth is known: what was promised against what is measured.

Run `python benchmarks/quality/loop.py --folder F [--runs 100] [--branches 6] [--days 42]`. A run is
a demo bank of its own seed: it is planned (`more_windows`, `more_approvers`), everything chosen is
accepted, the bank lives on as long again with it, and `evaluate` measures by differences in
differences what changed. Each run is a line of `F/runs.jsonl`; what stands there is not run again,
so that the benchmark may be stopped at any time. `--summary` prints what stands there.

Of each promise there are the promised difference p and the measured m, each with a 95 % interval,
taken as of a normal deviate. A run is covered where the mean of m − p over its promises on one
measure lies within 1.96 of its standard errors of 0, for each measure promised in it; the promises
of a run are taken as independent, though they share comparison branches. Runs without a promise
that could be measured do not count. Further: the share of single promises whose measured value
lies within the promised interval alone (m has noise of its own, so less than 95 % is right), whose
two intervals agree, and the mean of m − p, which should be 0.

Target: 85 of 100 runs covered.
"""

from __future__ import annotations

import argparse
import json
import math
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from branchwise.core.errors import BranchwiseError
from branchwise.pipeline.demo import demo
from branchwise.pipeline.evaluate import evaluate
from branchwise.pipeline.plan.answers import accept
from branchwise.pipeline.plan.asked import Asked
from branchwise.pipeline.plan.plan import plan
from branchwise.sources.demo.settings import FIRST_DAY

TRIED = ("more_windows", "more_approvers")
NORMAL = 1.959964
Row = Mapping[str, Any]


def one_run(seed: int, branches: int, days: int, workers: int | None) -> dict[str, Any]:
    """Return what was promised and measured on the bank of a seed."""
    begun = time.perf_counter()
    found: dict[str, Any] = {"seed": seed, "branches": branches, "days": days, "promises": []}
    with tempfile.TemporaryDirectory(prefix="branchwise-loop-") as scratch:
        before, after = Path(scratch) / "before", Path(scratch) / "after"
        demo(before, branches=branches, days=days, seed=seed)
        planned = plan(before, Asked(only=TRIED, quarters=1), workers=workers).plan
        chosen = [option.option_id for branch in planned.changed for option in branch.chosen]
        found |= {"trusted": planned.count_trusted, "accepted": chosen}
        if chosen:
            accept(before, chosen, starts=str(FIRST_DAY + timedelta(days=days)))
            demo(after, branches=branches, days=2 * days, seed=seed, actions=before)
            found["promises"] = measured(after)
    return {**found, "seconds": round(time.perf_counter() - begun, 1)}


def measured(workspace: Path) -> list[dict[str, Any]]:
    """Return each promise of a package once, with what was measured of it."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for outcome in evaluate(workspace).outcomes:
        action = outcome.action
        if action["promised"] is None or not outcome.measured:
            continue
        whole = outcome.measured[-1]
        rows[action["package_id"], action["measure"]] = {
            "package_id": action["package_id"],
            "measure": action["measure"],
            "baseline": action["baseline"],
            "promised": [action[f"promised{end}"] for end in ("", "_lower", "_upper")],
            "measured": [whole.difference, whole.lower, whole.upper],
            "comparisons": len(whole.comparisons),
            "verdict": outcome.verdict,
        }
    return list(rows.values())


def usable(run: Row) -> list[Row]:
    """Return the promises of a run of which all numbers are there."""
    return [row for row in run["promises"] if None not in (*row["promised"], *row["measured"])]


def surprise(rows: Sequence[Row]) -> float:
    """Return the mean of measured − promised in its standard errors."""
    gap = sum(row["measured"][0] - row["promised"][0] for row in rows)
    variance = sum(deviation(row[kind]) ** 2 for row in rows for kind in ("measured", "promised"))
    return float(gap) / math.sqrt(variance) if variance > 0 else math.inf * float(gap)


def deviation(interval: Sequence[float]) -> float:
    """Return the standard error of (value, lower, upper)."""
    return float(interval[2] - interval[1]) / 2 / NORMAL


def by_measure(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Return promises by measure."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["measure"], []).append(row)
    return dict(sorted(found.items()))


def is_covered(run: Row) -> bool:
    """Return whether the mean surprise of a run is no larger than chance, on every measure."""
    return all(abs(surprise(rows)) <= NORMAL for rows in by_measure(usable(run)).values())


def share(hits: Sequence[bool]) -> str:
    """Return a share with how many it rests on."""
    return f"{sum(hits)} of {len(hits)} ({sum(hits) / max(len(hits), 1):.0%})"


def summary(runs: Sequence[Row]) -> None:
    """Print what the runs say together."""
    counted = [run for run in runs if usable(run)]
    refused = sum("error" in run for run in runs)
    print(f"runs {len(runs)}: {len(counted)} with a promise measured, {refused} refused")
    print(f"runs covered (target 85 %): {share([is_covered(run) for run in counted])}")
    rows = [row for run in counted for row in usable(run)]
    for measure, found in by_measure(rows).items():
        gaps = [row["measured"][0] - row["promised"][0] for row in found]
        bias = sum(gaps) / len(gaps)
        spread = math.sqrt(sum((gap - bias) ** 2 for gap in gaps) / max(len(gaps) - 1, 1))
        promised = sum(row["promised"][0] for row in found) / len(found)
        within = [row["promised"][1] <= row["measured"][0] <= row["promised"][2] for row in found]
        holds = [row["measured"][1] <= row["promised"][0] <= row["measured"][2] for row in found]
        print(f"{measure}: {len(found)} promises, {promised:+.4f} promised on average")
        print(f"  measured − promised {bias:+.4f} ± {spread / math.sqrt(len(gaps)):.4f}")
        print(f"  measured value within the promised interval alone: {share(within)}")
        print(f"  promised value within the measured interval: {share(holds)}")
        agrees = [abs(surprise([row])) <= NORMAL for row in found]
        print(f"  both intervals agree: {share(agrees)}")
    seconds = [run["seconds"] for run in runs if "seconds" in run]
    if seconds:
        print(f"{sum(seconds) / len(seconds):.0f} s a run")


def stored(file: Path) -> list[dict[str, Any]]:
    """Return the runs that stand in a file; a line cut short by a stop is left out."""
    found = []
    for line in file.read_text(encoding="utf-8").splitlines() if file.is_file() else ():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


def main() -> None:
    """Run what is missing and print the summary."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--branches", type=int, default=6)
    parser.add_argument("--days", type=int, default=42)
    parser.add_argument("--workers", type=int)
    parser.add_argument("--summary", action="store_true")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    file, size = given.folder / "runs.jsonl", (given.branches, given.days)
    known = {run["seed"] for run in stored(file) if (run["branches"], run["days"]) == size}
    seeds = range(given.first_seed, given.first_seed + given.runs)
    for seed in () if given.summary else seeds:
        if seed in known:
            continue
        try:
            run = one_run(seed, *size, given.workers)
        except BranchwiseError as error:
            codes = [problem.code for problem in error.problems]
            run = {"seed": seed, "branches": size[0], "days": size[1], "promises": []}
            run["error"] = codes
        with file.open("a", encoding="utf-8") as lines:
            lines.write("\n" + json.dumps(run))
        covered = is_covered(run) if usable(run) else None
        print(f"seed {seed}: {len(run['promises'])} promises, covered {covered}", flush=True)
    summary([run for run in stored(file) if (run["branches"], run["days"]) == size])


if __name__ == "__main__":
    main()
