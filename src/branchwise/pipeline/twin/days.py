"""Simulated days kept as canonical tables, on which measures run, or as a page that plays one."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from branchwise.core.languages import Language
from branchwise.core.ports import Engine
from branchwise.core.progress import Progress
from branchwise.pipeline.twin import words
from branchwise.pipeline.twin.places import Twins
from branchwise.pipeline.twin.spread import opened
from branchwise.twin.files import scenario_digest, scenario_text
from branchwise.twin.scenario import Scenario
from branchwise.warehouse.columns import register_files
from branchwise.warehouse.files import write_whole
from branchwise.warehouse.workspace import Workspace

FIRST_MONDAY = date(2030, 1, 7)
WEEK = 7
LAST_DAY = "SELECT max(local_on) AS last FROM visit"
TIMEZONE = "SELECT timezone FROM branch WHERE branch_id = $branch_id"
FLOOR = "SELECT * FROM {table} WHERE branch_id = $branch_id ORDER BY {table}_id"


def days_folder(twins: Twins, scenario: Scenario) -> Path:
    """Return where the simulated days of a scenario are kept."""
    name = "".join(letter if letter.isalnum() else "-" for letter in scenario.name)
    return twins.folder(scenario.branch_id) / f"{name}-{scenario_digest(scenario)[:8]}"


def traced(
    workspace: Path, scenario: Scenario, replications: int, seed: int, progress: Progress
) -> Path:
    """Store simulated days as Parquet files of the canonical tables, all or nothing.

    They are dated from the Monday after the last visit on, one day a replication: of a weekday's
    scenario that weekday week by week.

    Returns
    -------
    Path
        The folder: ``visit.parquet`` and so on, and the scenario.
    """
    from branchwise.twin.rows import rows
    from branchwise.twin.trace import trace

    twins = Twins.of(workspace)
    with opened(workspace) as (engine, _):
        last = engine.table(LAST_DAY).to_pylist()[0]["last"]
        found = engine.table(TIMEZONE, {"branch_id": scenario.branch_id}).to_pylist()
    timezone = (found[0]["timezone"] if found else None) or Workspace.open(workspace).bank.timezone
    traces = []
    with progress.task(words.SIMULATING, total=replications) as task:
        for day in range(replications):
            traces.append(trace(scenario, seed=seed, replication=day))
            task.advance()
    tables = rows(traces, local_on=dates_of(scenario, replications, last), timezone=timezone)
    folder = days_folder(twins, scenario)
    with twins.writing(progress):
        _stored(folder, tables, scenario)
    return folder


def dates_of(scenario: Scenario, count: int, last: date | None) -> list[date]:
    """Return a date for each simulated day.

    Examples
    --------
    >>> from branchwise.twin.example import corner_branch
    >>> [str(on) for on in dates_of(corner_branch(), 2, date(2026, 3, 4))]
    ['2026-03-09', '2026-03-10']
    """
    monday = FIRST_MONDAY if last is None else last + timedelta(days=WEEK - last.weekday())
    name, _, weekday = scenario.name.partition("_")
    if name == "weekday" and weekday.isdigit():
        first = monday + timedelta(days=int(weekday) - 1)
        return [first + timedelta(days=WEEK * place) for place in range(count)]
    return [monday + timedelta(days=place) for place in range(count)]


def measured(
    workspace: Path, folder: Path, names: Sequence[str], *, by: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """Return measures of stored simulated days, by the definitions of the catalogue.

    What the twin does not simulate (branches, devices, services) is read from the workspace.

    Parameters
    ----------
    workspace : Path
        The workspace.
    folder : Path
        As returned by `traced`.
    names, by : sequence of str
        As for `branchwise.pipeline.measure.measure`.

    Returns
    -------
    list of dict
        The dimensions, ``measure``, ``value``, ``lower``, ``upper``, ``count_rows``.
    """
    from branchwise.measures.compute import compute

    with opened(workspace) as (engine, _):
        for path in sorted(folder.glob("*.parquet")):
            _instead(engine, path.stem, path)
        assumptions = Workspace.open(workspace).read_assumptions()
        found: list[dict[str, Any]] = compute(
            engine, list(names), by=tuple(by), assumptions=assumptions
        ).to_pylist()
    return found


def played(
    workspace: Path | None, scenario: Scenario, seed: int, path: Path, language: Language
) -> Path:
    """Write a page that plays the first day, on the branch's own floor where it is drawn."""
    from branchwise.report.play import play_page
    from branchwise.twin.floor import Floor
    from branchwise.twin.frames import frames
    from branchwise.twin.trace import trace

    floor = None
    if workspace is not None:
        with opened(workspace) as (engine, _):
            zones, fixtures, devices = (
                tuple(
                    engine.table(
                        FLOOR.format(table=table), {"branch_id": scenario.branch_id}
                    ).to_pylist()
                )
                for table in ("zone", "fixture", "device")
            )
        floor = Floor(zones=zones, fixtures=fixtures, devices=devices)
    day = frames(trace(scenario, seed=seed), floor)
    title = f"{scenario.branch_id} · {scenario.name}"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, play_page(day, title=title, language=language))
    return path


def _instead(engine: Engine, table: str, path: Path) -> None:
    """Put simulated rows in the place of a table of the workspace."""
    register_files(engine, table, (path,), table)


def _stored(folder: Path, tables: dict[str, pa.Table], scenario: Scenario) -> None:
    import pyarrow.parquet as pq

    beside = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    for name, table in tables.items():
        pq.write_table(table, beside / f"{name}.parquet")
    write_whole(beside / "scenario.toml", scenario_text(scenario))
    shutil.rmtree(folder, ignore_errors=True)
    beside.replace(folder)
