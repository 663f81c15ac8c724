"""Write the report of a workspace: snapshot → measures → diagnosis → one page and its figures."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from branchwise import __version__
from branchwise.cleaning.stitching import stitch
from branchwise.core.clock import Clock, system_clock
from branchwise.core.errors import Problems, Where, failure
from branchwise.core.languages import Language, Text
from branchwise.core.ports import Engine
from branchwise.core.progress import Progress, silent
from branchwise.core.tabulation import Tabulation
from branchwise.engines.duckdb import open_duckdb
from branchwise.measures.catalogue import catalogue
from branchwise.measures.compute import compute
from branchwise.pipeline.benefits import benefits
from branchwise.pipeline.diagnose import context, measured
from branchwise.pipeline.evaluate import outcomes_of
from branchwise.pipeline.planned import RESULTS, Planned, planned
from branchwise.plan.diagnose import diagnose
from branchwise.plan.headline import headline as plan_headline
from branchwise.plan.model import WHOLE_BANK, Diagnosis
from branchwise.report import comparisons, coverage, facts, loads, repairs
from branchwise.report.branches import BRANCHES
from branchwise.report.branches import branches as made_branches
from branchwise.report.deliveries import Loading
from branchwise.report.document import as_document
from branchwise.report.model import Estimate, HalfHour, Report
from branchwise.report.opening_card import opening_cards
from branchwise.report.page import render
from branchwise.report.plan_workbook import write_workbook
from branchwise.report.statements import WAIT, headline
from branchwise.tables.assumptions import Assumptions
from branchwise.tables.spec import table_names
from branchwise.warehouse.columns import register_files
from branchwise.warehouse.files import write_whole
from branchwise.warehouse.snapshots import Snapshot
from branchwise.warehouse.store import Warehouse
from branchwise.warehouse.workspace import Bank, Workspace

NAME = "report"
TITLE = Text(en="Writing the report", zh_hant="撰寫報告", zh_hans="撰写报告")
COLUMNS = {
    "en": ("What", "Where"),
    "zh-Hant": ("內容", "位置"),
    "zh-Hans": ("内容", "位置"),
}
PAGE = Text(en="Page", zh_hant="報告頁面", zh_hans="报告页面")
WORKBOOK = Text(en="Plan (Excel)", zh_hant="計劃（Excel）", zh_hans="计划（Excel）")
RESULTS_BOOK = Text(
    en="Promised and measured (Excel)",
    zh_hant="承諾與實測（Excel）",
    zh_hans="承诺与实测（Excel）",
)
DAY = Text(en="Day played", zh_hant="播放一天", zh_hans="播放一天")
FIGURES = Text(en="Figures (JSON)", zh_hant="數據（JSON）", zh_hans="数据（JSON）")
PERIOD = """
SELECT coalesce(min(local_on), (SELECT min(local_on) FROM "transaction")) AS first,
       coalesce(max(local_on), (SELECT max(local_on) FROM "transaction")) AS last,
       count(*) AS visits
FROM visit
"""
KNOWN_SHOWN = 8
OF_DEVICES = "devices."
STORED = (
    "SELECT branch_id, measure, value, lower, upper, count_rows FROM measure_value "
    "WHERE snapshot_id = $data_id ORDER BY measure, branch_id"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenReport:
    """A report that was written.

    Attributes
    ----------
    page, figures : Path
        The HTML page and the JSON document beside it.
    report : Report
        What they say.
    plan : Planned or None
        What was written of the plan, where one has been made.
    results : Path or None
        The workbook of what became of actions, where there are some and no plan; with a plan they
        stand in its workbook.
    """

    page: Path
    figures: Path
    report: Report
    plan: Planned | None = None
    results: Path | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the ``result`` of the JSON document."""
        found = as_document(self.report)
        return {
            "headline": found["headline"],
            "page": str(self.page),
            "figures": str(self.figures),
            "plan_id": None if self.plan is None else self.plan.plan.plan_id,
            "workbook": None if self.workbook is None else str(self.workbook),
            "day_played": [] if self.plan is None else [str(one) for one in self.plan.pages],
            "snapshot_id": self.report.snapshot_id,
            "count_branches": len(self.report.branches),
            "count_visits": self.report.count_visits,
            "count_findings": len(self.report.findings),
            "count_promises": len([one for one in self.report.benefits if one.is_promised]),
        }

    def as_tables(self, language: Language) -> tuple[Tabulation, ...]:
        """Return the headline, of the plan where there is one, and where the page stands."""
        said = headline(self.report) if self.plan is None else (plan_headline(self.plan.plan),)
        table = Tabulation(
            title=(" " if language == "en" else "").join(text.read_in(language) for text in said),
            columns=COLUMNS[language],
            rows=(
                (PAGE.read_in(language), str(self.page)),
                (FIGURES.read_in(language), str(self.figures)),
                *self._plan_rows(language),
            ),
        )
        return (table,)

    @property
    def workbook(self) -> Path | None:
        """The workbook that was written, if any."""
        return self.results if self.plan is None else self.plan.workbook

    def _plan_rows(self, language: Language) -> list[tuple[str, str]]:
        if self.plan is None:
            name = RESULTS_BOOK.read_in(language)
            return [] if self.results is None else [(name, str(self.results))]
        pages = [(DAY.read_in(language), str(path)) for path in self.plan.pages]
        return [(WORKBOOK.read_in(language), str(self.plan.workbook)), *pages]


def report(
    workspace: Path,
    branches: Sequence[str] = (),
    *,
    language: Language = "en",
    progress: Progress | None = None,
    clock: Clock = system_clock,
) -> WrittenReport:
    """Write the report: one page for people, one document for programs.

    Nothing in the store changes. Measures that a diagnosis of the same data has stored are read;
    others are computed.

    Parameters
    ----------
    workspace : Path
        The workspace.
    branches : sequence of str, optional
        Codes of branches whose sheets are on the page in any case; of a large bank it holds those
        of `report.extent.MOST_BRANCHES` branches.
    language : {"en", "zh-Hant", "zh-Hans"}
        The language in which the page opens.
    progress : Progress, optional
        Where the work tells how far it is.
    clock : callable
        Gives the instant at which the report says it was made.

    Returns
    -------
    WrittenReport

    Raises
    ------
    BranchwiseError
        [BW-REP-001] if nothing is loaded, [BW-REP-002] if it cannot be written,
        [BW-REP-003] for a code that is no branch of the bank; as
        `Workspace.open` and `Warehouse.snapshot`.
    """
    opened = Workspace.open(workspace)
    progress = progress or silent()
    page, figures = opened.reports / f"{NAME}.html", opened.reports / f"{NAME}.json"
    with progress.task(TITLE, total=3) as task:
        found = gathered(opened, clock)
        _check_known(branches, found)
        task.advance()
        try:
            plan = planned(
                opened,
                language,
                services=_services(found),
                benefits=found.benefits,
                progress=progress,
            )
            results = None
            if plan is None and found.benefits:
                results = write_workbook(
                    None, opened.reports / RESULTS, language, benefits=found.benefits
                )
            task.advance()
            found = found if plan is None else _with_plan(found, plan, opened)
            document = json.dumps(as_document(found), ensure_ascii=False, indent=1, allow_nan=False)
            opened.reports.mkdir(parents=True, exist_ok=True)
            write_whole(page, render(found, language, named=branches))
            write_whole(figures, document)
        except OSError as error:
            raise failure(
                "BW-REP-002", Where(place=str(page)), path=page, reason=error.strerror
            ) from error
        task.advance()
    return WrittenReport(page=page, figures=figures, report=found, plan=plan, results=results)


def _check_known(asked: Sequence[str], found: Report) -> None:
    """Raise [BW-REP-003] for every code that is no branch of the report."""
    own = [branch.branch_id for branch in found.branches]
    known = ", ".join(own[:KNOWN_SHOWN]) + (" …" if len(own) > KNOWN_SHOWN else "")
    problems = Problems()
    for name in asked:
        if name not in own:
            problems.add("BW-REP-003", Where(place="--branch"), name=name, known=known or "–")
    problems.raise_if_any()


def _services(found: Report) -> dict[str, str]:
    return {use.service_id: use.name for branch in found.branches for use in branch.services}


def _with_plan(found: Report, planned: Planned, workspace: Workspace) -> Report:
    """Return a report that holds a plan, and whether the plan knows all the data."""
    data_id = Warehouse(workspace.warehouse).snapshot().data_id
    is_current = planned.plan.data_id == data_id
    return replace(found, plan=planned.plan, plan_is_current=is_current, plan_day=planned.day)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opened:
    engine: Engine
    warehouse: Warehouse
    snapshot: Snapshot
    assumptions: Assumptions


def gathered(workspace: Workspace, clock: Clock = system_clock) -> Report:
    """Return what the report of a workspace says."""
    warehouse = Warehouse(workspace.warehouse)
    snapshot = warehouse.snapshot()
    with open_duckdb() as engine:
        warehouse.register(engine, snapshot)
        period = engine.table(PERIOD).to_pylist()[0]
        if not period["visits"] and not engine.table(BRANCHES).num_rows:
            raise failure("BW-REP-001", Where(place=str(workspace.root)), workspace=workspace.root)
        opened = _Opened(
            engine=engine,
            warehouse=warehouse,
            snapshot=snapshot,
            assumptions=workspace.read_assumptions(),
        )
        said = _diagnosis_said(opened)
        return Report(
            bank_name="" if workspace.bank.name == Bank().name else workspace.bank.name,
            made_at=clock(),
            snapshot_id=snapshot.snapshot_id,
            version=__version__,
            starts_on=period["first"],
            ends_on=period["last"],
            roc_years=workspace.bank.country == "TW",
            currency=opened.assumptions.currency,
            count_visits=period["visits"],
            regions=_regions(engine),
            opening=opening_cards(
                engine, said["branches"], period["last"], country=workspace.bank.country
            ),
            **said,
            **_benefits_said(opened),
        )


def _diagnosis_said(opened: _Opened) -> dict[str, Any]:
    """Return the fields of a report that come from measures, diagnosis and loads."""
    engine = opened.engine
    values, found = _diagnosed(engine, opened.snapshot, opened.assumptions)
    notes = {
        name: comparisons.note(measure, opened.assumptions) for name, measure in catalogue().items()
    }
    loading = _loading(engine, opened.warehouse, opened.snapshot)
    rows = engine.table(BRANCHES).to_pylist()
    bank = {name: value for (branch, name), value in values.items() if branch == WHOLE_BANK}
    unknown_age = bank.get("queues.age_unknown_share", Estimate()).value
    targets = engine.table("SELECT * FROM target ORDER BY target_id").to_pylist()
    sizes = {row["branch_id"]: row["visits"] for row in rows}
    return {
        "share_age_known": None if unknown_age is None else 1 - unknown_age,
        "measures": notes,
        "bank": bank,
        "goals": comparisons.goals(targets, found.targets, values),
        "findings": found.findings,
        "funnel": comparisons.funnel(WAIT, found.comparisons, sizes),
        "loading": loading,
        "branches": made_branches(
            engine,
            rows,
            values=values,
            diagnosis=found,
            coverage=loading.coverage,
            notes=notes,
            days=_days(engine, opened.warehouse, opened.snapshot),
        ),
    }


def _benefits_said(opened: _Opened) -> dict[str, Any]:
    """Return the fields of a report that come from actions: measured anew, so never stale."""
    evaluated = outcomes_of(opened.engine, opened.assumptions)
    return {"benefits": benefits(evaluated), "benefit_warnings": evaluated.warnings}


def _regions(engine: Engine) -> dict[str, str]:
    rows = engine.table("SELECT region_id, coalesce(name, region_id) AS name FROM region")
    return {row["region_id"]: row["name"] for row in rows.to_pylist()}


def _diagnosed(
    engine: Engine, snapshot: Snapshot, assumptions: Assumptions
) -> tuple[comparisons.Values, Diagnosis]:
    values = engine.table(STORED, {"data_id": snapshot.data_id})
    if values.num_rows == 0:
        values = measured(engine, assumptions)
    found = diagnose(
        values,
        engine.table("SELECT * FROM branch ORDER BY branch_id"),
        engine.table("SELECT * FROM target ORDER BY target_id"),
        catalogue(),
        assumptions,
        context=context(engine, assumptions),
    )
    known = _known(engine)
    return comparisons.values_of(
        row for row in values.to_pylist() if row["measure"] in known
    ), found


def _known(engine: Engine) -> set[str]:
    """Return the measures whose tables hold any row: a sum over nothing is no finding of zero."""
    counts = " UNION ALL ".join(
        f"SELECT '{table}' AS name WHERE EXISTS (SELECT 1 FROM {table})"  # noqa: S608
        for table in table_names()
    )
    filled = {row["name"] for row in engine.table(counts).to_pylist()}
    return {
        name
        for name, measure in catalogue().items()
        if all(read in filled or read not in table_names() for read in measure.relations)
        and ("device" in filled or not name.startswith(OF_DEVICES))
    }


def _days(
    engine: Engine, warehouse: Warehouse, snapshot: Snapshot
) -> dict[str, tuple[HalfHour, ...]]:
    """Return the course of the day: the same measures, quarter-hours drawn together in pairs."""
    with open_duckdb() as paired:
        register_files(paired, "given", warehouse.files(snapshot, "visit"), "visit")
        paired.define("visit", facts.PAIRED_VISITS)
        waits = compute(paired, [facts.P50, facts.P90], by=("branch_id", "quarter_hour"))
    return facts.half_hours(engine, waits.to_pylist())


def _loading(engine: Engine, warehouse: Warehouse, snapshot: Snapshot) -> Loading:
    newest_first = (made.load_id for made in warehouse.line(snapshot))
    documents = loads.kept(warehouse.loads, newest_first)
    return Loading(
        sources=coverage.sources(engine),
        coverage=coverage.coverage(engine, stitch(engine)),
        repairs=repairs.repairs(engine),
        quarantine=repairs.quarantine(engine),
        effects=loads.effects(documents),
        refused=loads.refused(documents),
        unmapped_files=loads.unmapped(documents),
    )
