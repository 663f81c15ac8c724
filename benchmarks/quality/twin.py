"""Whether calibrated parameters cover the truth, and whether twins foretell days they never saw.

Run `python benchmarks/quality/twin.py [WORKSPACE] [--anonymous FOLDER] [--branches N]`. For a
synthetic bank (`branchwise demo`) it prints, family by family, the share of 95 % intervals that
hold the true parameter, and the verdicts of `validate` over the branches. For months of the
anonymous bank's call log it prints observed and foretold waits and abandonment by weekday and hour
of the last quarter of the days, with the share of 90 % intervals that hold what was observed.

What is true: mean visitors of each half-hour over the days used, from the generator; mean service
times by service and class; patience by class; times between failures and to repair; how long an
approver takes, and how many there are; the queue that calls a window and the time until it opens.
Patience is contaminated: who wanted a machine before the machines were up turns to the counter with
a patience of seven minutes.
"""

from __future__ import annotations

import argparse
import json
import math
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from branchwise.engines.duckdb import open_duckdb
from branchwise.sources.demo.catalogues import services
from branchwise.sources.demo.demand import PENSION_DAYS, PENSION_FACTOR, expected_visitors, profile
from branchwise.sources.demo.network import Branch, branches
from branchwise.sources.demo.settings import DemoSettings
from branchwise.twin.calibrate import Calibration, calibrate
from branchwise.twin.calibrate.parameters import lognormal_interval
from branchwise.twin.calibrate.patience import fit_patience
from branchwise.twin.validate import ABANDONED, WAIT, Validation, validate
from branchwise.warehouse.store import Warehouse
from branchwise.warehouse.workspace import Workspace

ELDERLY_SERVICE, PATIENCE, ELDERLY_PATIENCE = 1.25, 3000.0, 1.5
LEAST_RESPONSE = 15.0
DELAY = math.exp(5.1 + 0.4**2 / 2)
SHAPE = 1.29
DAY = 86400.0
LATER = """
SELECT wait_seconds, unserved_cause FROM visit
WHERE branch_id = $branch_id AND origin = 'ticket' AND queue_code = $queue AND NOT is_suspect
  AND wait_seconds IS NOT NULL AND quarter_hour > $opens AND quarter_hour < $closes
"""
EXPECTED_ROWS = 10
"""Visitors over all days that a half-hour should have for its rate to be judged."""
CALL_BRANCH = "anonymousbank"


@dataclass(frozen=True, slots=True)
class Covered:
    """Intervals that hold the truth, by family; how far estimates are off; verdicts."""

    branch_id: str
    hits: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    off: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    verdict: str = ""
    reason: str = ""
    coverage: dict[str, float] = field(default_factory=dict)

    def note(self, family: str, found: Any, truth: float) -> None:
        """Note whether a parameter's interval holds the truth."""
        self.hits[family].append(found.lower <= truth <= found.upper)
        self.off[family].append(found.value / truth - 1)


def judged(task: tuple[Path, Branch, DemoSettings, int]) -> Covered:
    """Calibrate and validate one branch of a synthetic bank."""
    workspace, branch, settings, replications = task
    warehouse = Warehouse(Workspace.open(workspace).warehouse)
    covered = Covered(branch.branch_id)
    with open_duckdb(threads=1) as engine:
        warehouse.register(engine, warehouse.snapshot())
        found = calibrate(engine, branch.branch_id)
        _rates(covered, found, branch, settings)
        _services(covered, found, workspace, branch)
        _patience(covered, found, engine, branch)
        _machines(covered, found, workspace)
        _requests(covered, found, branch)
        _windows(covered, found, branch)
        checked = validate(engine, branch.branch_id, replications=replications)
    return Covered(
        covered.branch_id,
        dict(covered.hits),
        dict(covered.off),
        checked.verdict,
        checked.reason.en,
        dict(checked.coverage),
    )


def _rates(covered: Covered, found: Calibration, branch: Branch, settings: DemoSettings) -> None:
    truth = true_rates(found, branch, settings)
    days = len(found.days_used)
    for parameter in found.parameters_of("arrivals.rate"):
        name, clock = parameter.of.rsplit(" ", 1)
        hour, minute = (int(part) for part in clock.split(":"))
        true = float(truth[2 * hour + minute // 30])
        if name == "all" and true * days >= EXPECTED_ROWS:
            covered.note("rate by half-hour", parameter, 2 * true)


def true_rates(found: Calibration, branch: Branch, settings: DemoSettings) -> np.ndarray:
    """Return mean visitors of each half-hour of a day over the days used."""
    expected = expected_visitors(settings, branch)
    number = {on: day for day, on in enumerate(settings.calendar)}
    half_hours = 30.0 * np.arange(49)
    total = np.zeros(48)
    for on in found.days_used:
        personal, corporate = expected[:, number[on]]
        odds = branch.elderly_share * (PENSION_FACTOR if on.day in PENSION_DAYS else 1.0)
        elderly = odds / (odds + 1 - branch.elderly_share)
        for group, mean in (
            ("elderly", personal * elderly),
            ("younger", personal * (1 - elderly)),
            ("corporate", corporate),
        ):
            minutes, share = profile(branch, group)
            total += mean * np.diff(np.interp(half_hours, minutes, share))
    return total / len(found.days_used)


def _services(covered: Covered, found: Calibration, workspace: Path, branch: Branch) -> None:
    slow = _elderly_shares(workspace, branch)
    reference = max(
        (group for group in found.estimates.groups if group.name in ("ordinary", "elderly")),
        key=lambda group: sum(group.mix.values()),
    )
    offered = {service.service_id: service for service in services()}
    for parameter in found.parameters_of("service.mean"):
        queue, _, code = parameter.of.partition(":")
        if code not in offered or parameter.source != "own":
            continue
        service = offered[code]
        factor = 1 + (ELDERLY_SERVICE - 1) * slow.get(queue, 0.0)
        if queue in ("teller", "foreign_exchange"):
            factor = ELDERLY_SERVICE if reference.name == "elderly" else 1.0
        mean = factor * service.counter_median_seconds * math.exp(service.counter_log_sd**2 / 2)
        covered.note("service mean", parameter, mean)
    for parameter in found.parameters_of("service.pace"):
        if parameter.of in ("ordinary", "elderly") and parameter.of != reference.name:
            truth = ELDERLY_SERVICE if parameter.of == "elderly" else 1 / ELDERLY_SERVICE
            covered.note("pace of a class", parameter, truth)


def _elderly_shares(workspace: Path, branch: Branch) -> dict[str, float]:
    columns = ["branch_id", "skill", "age_band"]
    table = pq.read_table(workspace / "truth" / "visits.parquet", columns=columns,
                          filters=[("branch_id", "=", branch.branch_id)])  # fmt: skip
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for skill, band in zip(
        table.column("skill").to_pylist(), table.column("age_band").to_pylist(), strict=True
    ):
        counts[skill][0] += band == 3
        counts[skill][1] += 1
    return {skill: old / count for skill, (old, count) in counts.items()}


def _patience(covered: Covered, found: Calibration, engine: Any, branch: Branch) -> None:
    for parameter in found.parameters_of("patience.scale"):
        if parameter.law == "weibull" and parameter.of in ("ordinary", "elderly"):
            truth = PATIENCE * (ELDERLY_PATIENCE if parameter.of == "elderly" else 1.0)
            covered.note("patience scale, as calibrated", parameter, truth)
    opens, closes = branch.form.opens_minute // 15, branch.form.closes_minute // 15
    given = {"branch_id": branch.branch_id, "opens": opens, "closes": closes - 8}
    for queue, factor in (("01", 1.0), ("03", ELDERLY_PATIENCE)):
        rows = engine.table(LATER, {**given, "queue": queue}).to_pylist()
        waits = np.array([row["wait_seconds"] for row in rows])
        lost = np.array([row["unserved_cause"] == "walked_out" for row in rows])
        unseen = np.array([row["unserved_cause"] == "no_show" for row in rows])
        fitted = fit_patience(waits, lost, unseen)
        if fitted.law is not None and fitted.law.law == "weibull":
            lower, upper = lognormal_interval(fitted.scale, fitted.scale_error)
            limits = SimpleNamespace(value=fitted.scale, lower=lower, upper=upper)
            covered.note("patience scale, machines up", limits, PATIENCE * factor)
            lower, upper = lognormal_interval(fitted.shape, fitted.shape_error)
            limits = SimpleNamespace(value=fitted.shape, lower=lower, upper=upper)
            covered.note("patience shape, machines up", limits, SHAPE)


def _machines(covered: Covered, found: Calibration, workspace: Path) -> None:
    devices = {
        row["device_id"]: row
        for row in pq.read_table(workspace / "truth" / "devices.parquet").to_pylist()
    }
    members = next(
        (station.members for station in found.scenario.stations if station.name == "smart_counter"),
        (),
    )
    if not members:
        return
    own = devices[members[0]]
    for parameter in found.parameters_of("machines.between_failures"):
        covered.note("time between failures", parameter, own["mean_days_between_failures"] * DAY)
    for parameter in found.parameters_of("machines.repair"):
        covered.note("time to repair", parameter, own["mean_hours_to_repair"] * 3600)


def _requests(covered: Covered, found: Calibration, branch: Branch) -> None:
    for parameter in found.parameters_of("requests.hold"):
        truth = LEAST_RESPONSE + branch.response_seconds / branch.approvers
        covered.note("hold of an approver", parameter, truth)
    for parameter in found.parameters_of("requests.people"):
        covered.hits["number of approvers (exact)"].append(parameter.value == branch.approvers)
    authorised = {service.service_id: service.authorised_share for service in services()}
    for parameter in found.parameters_of("requests.share"):
        code = parameter.of.split(" ")[0].partition(":")[2]
        if code in authorised and authorised[code] > 0:
            covered.note("share authorised", parameter, authorised[code])


def _windows(covered: Covered, found: Calibration, branch: Branch) -> None:
    for parameter in found.parameters_of("schedule.opens_at"):
        if "teller" in parameter.of:
            right = parameter.value == branch.form.called_at
            covered.hits["queue that calls a window (exact)"].append(right)
    for parameter in found.parameters_of("schedule.opening_delay"):
        if "teller" in parameter.of:
            covered.note("time until a window opens", parameter, DELAY)


def demo_printed(workspace: Path, count: int, replications: int) -> None:
    """Print coverage by family and the verdicts of a synthetic bank."""
    stored = json.loads((workspace / "truth" / "settings.json").read_text(encoding="utf-8"))
    settings = DemoSettings(branches=stored["branches"], days=stored["days"], seed=stored["seed"])
    chosen = branches(settings)[:count]
    with ProcessPoolExecutor(2) as pool:
        tasks = [(workspace, branch, settings, replications) for branch in chosen]
        found = list(pool.map(judged, tasks))
    print(f"{workspace}: {len(found)} branches")
    print(f"{'family':<36}{'intervals':>10}{'hold truth':>12}{'median off':>12}")
    for family in sorted({name for one in found for name in one.hits}):
        hits = [hit for one in found for hit in one.hits.get(family, ())]
        off = [value for one in found for value in one.off.get(family, ())]
        middle = f"{100 * float(np.median(off)):+.1f} %" if off else "–"
        print(f"{family:<36}{len(hits):>10}{np.mean(hits):>12.2f}{middle:>12}")
    ills = {branch.branch_id: branch.ill or "" for branch in chosen}
    for one in found:
        day = one.coverage.get(f"day.{WAIT}", math.nan)
        print(
            f"{one.branch_id}  {one.verdict:<12} {day:5.2f}  {ills[one.branch_id]:<28}{one.reason}"
        )
    print(dict(Counter(one.verdict for one in found)))
    for name in (f"day.{WAIT}", f"day.{ABANDONED}", f"weekday_hour.{WAIT}",
                 f"weekday_hour.{ABANDONED}", f"hour.{WAIT}", f"class.{WAIT}", f"whole.{WAIT}",
                 f"whole.{ABANDONED}", "whole.wait_p90_seconds"):  # fmt: skip
        values = [one.coverage[name] for one in found if name in one.coverage]
        print(f"90 % intervals that hold the observed value, {name}: {np.mean(values):.2f}")


def anonymous_printed(folder: Path, replications: int) -> None:
    """Print observed and foretold values of the last quarter of a call log by weekday and hour."""
    from branchwise.pipeline.load import load

    with tempfile.TemporaryDirectory() as made, open_duckdb() as engine:
        load(Path(made), folder, adapter="anonymousbank")
        warehouse = Warehouse(Workspace.open(Path(made)).warehouse)
        warehouse.register(engine, warehouse.snapshot())
        found = validate(engine, CALL_BRANCH, replications=replications)
    print(f"{folder}: learned from {len(found.days_learned)} days, "
          f"foretold {found.days_held_out[0]} to {found.days_held_out[-1]}")  # fmt: skip
    print(f"{found.verdict}: {found.reason.en}")
    for line in table_lines(found):
        print(line)
    for name, value in found.coverage.items():
        if "." in name or name == "all":
            print(f"90 % intervals that hold the observed value, {name}: {value:.2f}")


def table_lines(found: Validation) -> Iterator[str]:
    """Yield one line a weekday and hour."""
    yield f"{'':8}{'wait: seen':>11}{'foretold':>10}{'90 %':>14}{'lost: seen':>12}{'foretold':>10}"
    cells: dict[tuple[int, int], dict[str, Any]] = defaultdict(dict)
    for row in found.rows_by("iso_weekday", "hour"):
        cells[int(str(row.by["iso_weekday"])), int(str(row.by["hour"]))][row.measure] = row
    for (weekday, hour), rows in sorted(cells.items()):
        if WAIT not in rows or ABANDONED not in rows:
            continue
        wait, lost = rows[WAIT], rows[ABANDONED]
        marks = ("" if wait.is_within else " wait") + ("" if lost.is_within else " lost")
        yield (
            f"{weekday} {hour:02d}:00{wait.observed:11.0f}{wait.mean:10.0f}"
            f"{wait.lower:8.0f} –{wait.upper:4.0f}{100 * lost.observed:10.1f} %"
            f"{100 * lost.mean:8.1f} %{100 * lost.lower:7.1f} –{100 * lost.upper:5.1f}"
            + (f"   outside:{marks}" if marks else "")
        )


def main(given: Sequence[str] | None = None) -> None:
    """Print what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("workspace", nargs="?", type=Path)
    parser.add_argument("--anonymous", type=Path)
    parser.add_argument("--branches", type=int, default=10_000)
    parser.add_argument("--replications", type=int, default=60)
    asked = parser.parse_args(given)
    if asked.workspace is not None:
        demo_printed(asked.workspace, asked.branches, asked.replications)
    if asked.anonymous is not None:
        anonymous_printed(asked.anonymous, asked.replications)


if __name__ == "__main__":
    main()
