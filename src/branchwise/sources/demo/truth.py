"""The truth beside the raw files: what the synthetic bank is made of, and what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from branchwise.sources.demo import demand, visitors
from branchwise.sources.demo.bank import BranchLife
from branchwise.sources.demo.catalogues import SKILLS, services
from branchwise.sources.demo.dirt import Planted
from branchwise.sources.demo.ills import KINDS, LOW_MIGRATION, kind
from branchwise.sources.demo.network import TYPES, Branch, regions
from branchwise.sources.demo.settings import DemoSettings

README = """# Truth of this synthetic bank

Nothing here is read by `load`; it is for judging what branchwise finds.

| file | what it holds |
| --- | --- |
| `settings.json` | size, seed, first day, interventions |
| `parameters.json` | distributions and effects that hold for the whole bank |
| `branches.parquet` | parameters of each branch: demand, priorities, approvers, share of machines |
| `demand.parquet` | by branch and day: mean visitors, visitors who came, seconds of open windows |
| `visits.parquet` | every visitor: times, service drawn, patience, outcome, true age band |
| `devices.parquet` | mean time between failures and to repair of each machine |
| `ills.json` | planted ills: branch, size, measures in which a diagnosis ought to find them |
| `dirt.parquet` | planted dirt: file, table, key, column, kind, rules any of which finds it |

Times in `visits.parquet` are seconds after local midnight; `rules` holding `parse` means that
reading alone puts the value right, and `expected` is what must be stored.
All people, numbers and places are invented.
"""
DIRT_SCHEMA = pa.schema(
    [
        ("file", pa.string()),
        ("table", pa.string()),
        ("row_key", pa.string()),
        ("column", pa.string()),
        ("kind", pa.string()),
        ("rules", pa.list_(pa.string())),
        ("expected", pa.string()),
        ("echo", pa.list_(pa.list_(pa.string()))),
    ]
)


class Truth:
    """Collects the truth of all branches and writes it.

    Parameters
    ----------
    settings : DemoSettings
        The bank.
    directory : Path
        The folder ``truth``.
    """

    def __init__(self, settings: DemoSettings, directory: Path) -> None:
        self.settings = settings
        self.directory = directory
        self._visits: list[pa.Table] = []
        self._demand: list[pa.Table] = []
        self._devices: list[dict[str, object]] = []

    def add(self, life: BranchLife) -> None:
        """Take in one branch."""
        self._visits.append(_visits(life))
        came = pa.array(_came(life, self.settings.days))
        self._demand.append(
            pa.table(
                {
                    "branch_id": pa.array([life.branch.branch_id] * self.settings.days),
                    "local_on": pa.array(self.settings.calendar, pa.date32()),
                    "expected_visitors": life.arrivals.expected,
                    "count_visitors": came,
                    "window_seconds": life.lived.window_seconds,
                }
            )
        )
        self._devices += [
            {
                "device_id": device.device_id,
                "device_model_id": device.model.device_model_id,
                "mean_days_between_failures": float(device.model.mean_days_between_failures),
                "mean_hours_to_repair": _repair_hours(life, device.kind)
                or float(device.model.mean_hours_to_repair),
            }
            for device in life.fleet.devices
        ]

    def finish(self, branches: Sequence[Branch], noted: Sequence[Planted]) -> None:
        """Write everything."""
        folder = self.directory
        (folder / "README.md").write_text(README, encoding="utf-8")
        _write_json(folder / "settings.json", _settings(self.settings))
        _write_json(folder / "parameters.json", parameters())
        _write_json(folder / "ills.json", planted_ills(self.settings, branches))
        pq.write_table(_branches(branches), folder / "branches.parquet")
        pq.write_table(pa.concat_tables(self._demand), folder / "demand.parquet")
        pq.write_table(pa.concat_tables(self._visits), folder / "visits.parquet")
        pq.write_table(pa.Table.from_pylist(self._devices), folder / "devices.parquet")
        write_dirt(folder / "dirt.parquet", noted)


def write_dirt(path: Path, noted: Sequence[Planted]) -> None:
    """Write the list of planted dirt."""
    rows = [{**asdict(piece), "echo": [list(pair) for pair in piece.echo]} for piece in noted]
    pq.write_table(pa.Table.from_pylist(rows, schema=DIRT_SCHEMA), path)


def read_dirt(path: Path) -> list[Planted]:
    """Read the list of planted dirt."""
    return [
        Planted(
            **{
                **row,
                "rules": tuple(row["rules"]),
                "echo": tuple((table, key) for table, key in row["echo"]),
            }
        )
        for row in pq.read_table(path).to_pylist()
    ]


def planted_ills(settings: DemoSettings, branches: Sequence[Branch]) -> list[dict[str, object]]:
    """Return the planted ills, each with its place, its size and where it ought to show."""
    found: list[dict[str, object]] = [
        {
            "ill": branch.ill,
            "branch_id": branch.branch_id,
            "size": kind(branch.ill).size,
            "meaning": kind(branch.ill).meaning,
            "shows_in": list(kind(branch.ill).shows_in),
        }
        for branch in branches
        if branch.ill
    ]
    if len(regions(settings)) > 1:
        found.append(
            {
                "ill": LOW_MIGRATION.name,
                "region_id": regions(settings)[-1][0],
                "size": LOW_MIGRATION.size,
                "meaning": LOW_MIGRATION.meaning,
                "shows_in": list(LOW_MIGRATION.shows_in),
            }
        )
    return found


def parameters() -> dict[str, object]:
    """Return the distributions and effects that hold for the whole bank."""
    return {
        "arrivals": {
            "law": "Poisson given a gamma factor of mean 1",
            "gamma_shape": demand.DAY_SHAPE,
            "weekday": demand.WEEKDAY,
            "salary_days": demand.SALARY_DAYS,
            "salary_factor": demand.SALARY_FACTOR,
            "pension_days": demand.PENSION_DAYS,
            "pension_factor": demand.PENSION_FACTOR,
            "half_hour_weights": demand.PROFILES,
        },
        "patience": {
            "law": "Weibull",
            "shape": visitors.PATIENCE_SHAPE,
            "scale_seconds": visitors.PATIENCE_SCALE,
            "elderly_factor": visitors.ELDERLY_PATIENCE,
            "silent_share": visitors.SILENT_SHARE,
        },
        "windows": {
            "open_by_plan_until_1130_1330_1530_and_closing": {
                name: form.plan for name, form in TYPES.items()
            },
            "waiting_visitors_that_call_the_next": {
                name: form.called_at for name, form in TYPES.items()
            },
            "seconds_until_it_opens_log_mean_and_sd": visitors.COMING_LOG,
        },
        "machines": {
            "factor_by_age_band": visitors.MACHINE_BY_BAND,
            "fail_back_by_age_band": visitors.FAIL_BACK_BY_BAND,
            "rejected_share": visitors.REJECTED_SHARE,
            "log_sd": visitors.MACHINE_LOG_SD,
        },
        "services": _services(),
        "ills": [asdict(found) for found in (*KINDS, LOW_MIGRATION)],
    }


def _services() -> list[dict[str, object]]:
    return [
        {
            "service_id": found.service_id,
            "law": "lognormal",
            "counter_median_seconds": found.counter_median_seconds,
            "counter_log_sd": found.counter_log_sd,
            "elderly_factor": visitors.ELDERLY_SERVICE,
            "machine_median_seconds": found.machine_median_seconds,
            "authorised_share": found.authorised_share,
            "skill": found.skill,
        }
        for found in services()
    ]


def _settings(settings: DemoSettings) -> dict[str, object]:
    return json.loads(json.dumps(asdict(settings), default=str))  # type: ignore[no-any-return]


def _branches(branches: Sequence[Branch]) -> pa.Table:
    names = (
        "branch_id", "region_id", "branch_type", "ill", "demand_factor", "elderly_share",
        "machine_share", "approvers", "response_seconds", "elderly_priority",
        "empty_call_share", "uses_roc_years", "spare_windows", "corporate_factor",
    )  # fmt: skip
    columns = {name: [getattr(branch, name) for branch in branches] for name in names}
    return pa.table({**columns, "ill": pa.array(columns["ill"], pa.string())})


def _came(life: BranchLife, days: int) -> list[int]:
    counts = [0] * days
    for day in life.arrivals.day.tolist():
        counts[day] += 1
    return counts


def _repair_hours(life: BranchLife, device_kind: str) -> float | None:
    if life.branch.ill == "failing_machines" and device_kind == "smart_counter":
        return kind("failing_machines").size
    return None


def _visits(life: BranchLife) -> pa.Table:
    lived, came = life.lived, life.visitors
    who = lived.visitor
    return pa.table(
        {
            "branch_id": pa.array([life.branch.branch_id] * len(who)),
            "day": lived.day,
            "service_id": pa.array([found.service_id for found in services()]).take(
                pa.array(came.service[who])
            ),
            "skill": pa.array(SKILLS).take(pa.array(lived.skill)),
            "age_band": came.band[who],
            "arrived_seconds": lived.arrived,
            "called_seconds": lived.called,
            "started_seconds": lived.started,
            "ended_seconds": lived.ended,
            "left_seconds": lived.left,
            "counter_seconds": came.counter_seconds[who],
            "patience_seconds": came.patience[who],
            "outcome": lived.outcome,
        }
    )


def _write_json(path: Path, content: object) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8")
