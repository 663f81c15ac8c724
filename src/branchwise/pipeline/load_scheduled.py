"""Load what is due: every scheduled source once a time, each on its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from branchwise.core.clock import Clock, system_clock
from branchwise.core.errors import BranchwiseError, Problem, Where, failure
from branchwise.core.languages import Language, Text
from branchwise.core.progress import Progress, silent
from branchwise.core.tabulation import Tabulation
from branchwise.pipeline.load import load
from branchwise.pipeline.load_report import LoadReport
from branchwise.pipeline.schedule import Entry, read_schedule
from branchwise.pipeline.schedule_runs import (
    Punctuality,
    Run,
    add_run,
    is_due,
    punctuality,
    read_runs,
)
from branchwise.pipeline.schedule_words import punctuality_table
from branchwise.warehouse.lock import writer_lock
from branchwise.warehouse.workspace import SETTINGS, Workspace

LOCK = "schedule.lock"
LOADING = Text(en="Loading {name}", zh_hant="載入 {name}", zh_hans="加载 {name}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledReport:
    """What a call of the schedule did.

    Attributes
    ----------
    loads : tuple of (str, LoadReport)
        The sources that were loaded, by the name of their entry.
    failed : tuple of (str, tuple of Problem)
        Those that could not be, with the reasons.
    not_due : tuple of str
        Those that were not due.
    scheduled : tuple of Punctuality
        How every source of the schedule stands now.
    """

    loads: tuple[tuple[str, LoadReport], ...]
    failed: tuple[tuple[str, tuple[Problem, ...]], ...]
    not_due: tuple[str, ...]
    scheduled: tuple[Punctuality, ...]

    @property
    def warnings(self) -> tuple[Text, ...]:
        """Why sources failed, and what the loads say first."""
        told = [(name, problem) for name, problems in self.failed for problem in problems]
        words = [
            Text(
                en=f"{name}: {bad.read_in('en')}",
                zh_hant=f"{name}：{bad.read_in('zh-Hant')}",
                zh_hans=f"{name}：{bad.read_in('zh-Hans')}",
            )
            for name, bad in told
        ]
        return (*words, *(warning for _, report in self.loads for warning in report.warnings))

    def as_json(self) -> dict[str, Any]:
        """Return the ``result`` of the JSON document."""
        return {
            "loads": [{"name": name, **report.as_json()} for name, report in self.loads],
            "failed": [
                {"name": name, "problems": [bad.as_json() for bad in problems]}
                for name, problems in self.failed
            ],
            "not_due": list(self.not_due),
            "scheduled": [one.as_json() for one in self.scheduled],
        }

    def as_tables(self, language: Language) -> Sequence[Tabulation]:
        """Return the tables for people: how every source stands."""
        return [punctuality_table(self.scheduled, language)]


def load_scheduled(
    workspace: Path,
    *,
    at_once: bool = False,
    progress: Progress | None = None,
    clock: Clock = system_clock,
) -> ScheduledReport:
    """Load the sources of the schedule that are due, or all of them.

    A source is due where its time has come since it was last loaded; one that failed is tried
    again by the next call. What fails costs no other source.

    Parameters
    ----------
    workspace : Path
        The workspace, which must exist.
    at_once : bool
        Load all of them, due or not.
    progress : Progress, optional
        Where the work tells how far it is.
    clock : callable
        The present instant.

    Raises
    ------
    BranchwiseError
        [BW-SRC-098] if the schedule cannot be used, [BW-SRC-099] if there is none,
        [BW-WHS-006] if another call is at work; as `Workspace.open`.
    """
    opened = Workspace.open(workspace)
    entries = read_schedule(opened)
    if not entries:
        raise failure("BW-SRC-099", Where(place=str(opened.root / SETTINGS)), settings=SETTINGS)
    opened.feeds.mkdir(parents=True, exist_ok=True)
    loads: list[tuple[str, LoadReport]] = []
    failed: list[tuple[str, tuple[Problem, ...]]] = []
    not_due: list[str] = []
    with (
        (opened.feeds / LOCK).open("a+", encoding="utf-8") as file,
        writer_lock(file, wait_seconds=0),
    ):
        for entry in entries:
            if not at_once and not is_due(entry, read_runs(opened.feeds), clock(), opened.bank):
                not_due.append(entry.name)
                continue
            done = _load(opened, entry, progress or silent(), clock)
            if isinstance(done, LoadReport):
                loads.append((entry.name, done))
            else:
                failed.append((entry.name, done))
    return ScheduledReport(
        loads=tuple(loads),
        failed=tuple(failed),
        not_due=tuple(not_due),
        scheduled=scheduled_sources(opened, clock),
    )


def scheduled_sources(workspace: Workspace, clock: Clock = system_clock) -> tuple[Punctuality, ...]:
    """Return how every source of the schedule stands; empty where there is no schedule."""
    entries = read_schedule(workspace)
    runs = read_runs(workspace.feeds) if entries else ()
    now = clock()
    return tuple(punctuality(entry, runs, now, workspace.bank) for entry in entries)


def _load(
    opened: Workspace, entry: Entry, progress: Progress, clock: Clock
) -> LoadReport | tuple[Problem, ...]:
    due = entry.last_due(clock(), opened.bank)
    try:
        with progress.task(LOADING.filled(name=entry.name)):
            report = load(
                opened.root,
                entry.source,
                adapter=entry.adapter,
                mapping=entry.mapping,
                progress=progress,
            )
    except BranchwiseError as error:
        codes = tuple(dict.fromkeys(bad.code for bad in error.problems))
        run = Run(name=entry.name, due_at=due, ended_at=clock(), codes=codes)
        add_run(opened.feeds, run)
        return error.problems
    refused = tuple(dict.fromkeys(bad.code for bad in report.refused))
    run = Run(
        name=entry.name,
        due_at=due,
        ended_at=clock(),
        refused=refused,
        count_read=sum(table.count_in for table in report.tables),
        count_new=sum(table.added + table.replaced for table in report.tables),
    )
    add_run(opened.feeds, run)
    return report
