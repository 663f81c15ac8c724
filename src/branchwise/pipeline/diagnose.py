"""Diagnose a workspace: measures → comparisons → findings, stored with their snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast, get_args

import pyarrow as pa
import pyarrow.compute as pc

from branchwise.core.errors import Where, failure
from branchwise.core.languages import Language, Text
from branchwise.core.ports import Engine
from branchwise.core.progress import Progress, silent
from branchwise.core.tabulation import Tabulation
from branchwise.core.units import quantity
from branchwise.engines.duckdb import open_duckdb
from branchwise.measures.catalogue import catalogue
from branchwise.measures.compute import compute
from branchwise.pipeline.diagnose_words import NO_PEERS, TITLE, WORDS
from branchwise.plan.diagnose import Context
from branchwise.plan.diagnose import diagnose as find
from branchwise.plan.holdings import holdings
from branchwise.plan.model import (
    REGION_PREFIX,
    WHOLE_BANK,
    Diagnosis,
    Finding,
    Settings,
    Severity,
    Spot,
)
from branchwise.plan.ranking import GRAVITY
from branchwise.plan.sentences import clock, money, place_name, sentence
from branchwise.plan.skills import skills_held
from branchwise.plan.spots import worst_spots
from branchwise.plan.stored import finding_table
from branchwise.plan.volumes import PERIOD, volumes
from branchwise.tables.assumptions import Assumptions
from branchwise.tables.spec import table_spec
from branchwise.warehouse.store import Warehouse
from branchwise.warehouse.workspace import Workspace

SHOWN = 20
WAIT_LIMIT = "wait_standard_seconds"


@dataclass(frozen=True, slots=True, kw_only=True)
class DiagnoseReport:
    """What a diagnosis found, for programs and for people.

    Attributes
    ----------
    snapshot_id, data_id : str
        The snapshot in which the findings stand, and the one whose data were read.
    diagnosis : Diagnosis
        Findings, targets, funnel points.
    names : mapping of str to str
        Names of branches and regions.
    warnings : tuple of Text
        What the reader must know first.
    shown : int
        Leading findings in the table for people; 0 for all.
    """

    snapshot_id: str
    data_id: str
    diagnosis: Diagnosis
    names: Mapping[str, str]
    warnings: tuple[Text, ...] = ()
    shown: int = SHOWN

    def fails(self, severity: Severity) -> bool:
        """Say whether a finding is at least as grave."""
        found = self.diagnosis.findings
        return any(GRAVITY[finding.severity] <= GRAVITY[severity] for finding in found)

    def as_json(self) -> dict[str, Any]:
        """Return the ``result`` of the JSON document."""
        return {
            "snapshot_id": self.snapshot_id,
            "data_id": self.data_id,
            "count_tests": self.diagnosis.count_tests,
            "findings": [self._finding_json(finding) for finding in self.diagnosis.findings],
            "targets": [
                {
                    "target_id": status.target_id,
                    "measure": status.measure,
                    "branch_id": status.branch_id,
                    "value": status.value,
                    "target_value": status.target_value,
                    "light": status.light,
                    "guard_rail_kept": status.guard_rail_kept,
                }
                for status in self.diagnosis.targets
            ],
            "without_peers": list(self.diagnosis.without_peers),
        }

    def as_tables(self, language: Language) -> tuple[Tabulation, ...]:
        """Return the leading findings as a table for people, and the first three in words."""
        leading = [
            finding for finding in self.diagnosis.findings if finding.lead_finding_id is None
        ]
        phrases = WORDS[language]
        shown = leading[: self.shown or None]
        hidden = len(leading) - len(shown)
        table = Tabulation(
            title=phrases["title"].format(
                leading=len(leading),
                all=len(self.diagnosis.findings),
                tests=f"{self.diagnosis.count_tests:,}",
            ),
            columns=tuple(phrases["columns"].split("|")),
            rows=tuple(self._row(finding, language) for finding in shown),
            notes=(
                *self._headlines(leading, language),
                *((phrases["more"].format(count=hidden),) if hidden else ()),
                phrases["rule"],
                phrases["dash"],
            ),
        )
        return (table,)

    def _headlines(self, leading: list[Finding], language: Language) -> tuple[str, ...]:
        return tuple(
            f"{finding.rank}. {sentence(finding, catalogue(), self.names).read_in(language)}"
            for finding in leading[:3]
        )

    def _row(self, finding: Finding, language: Language) -> tuple[object, ...]:
        measure = catalogue()[finding.measure]
        spot = finding.spot
        return (
            finding.rank,
            WORDS[language][finding.severity],
            place_name(finding.branch_id, self.names, language),
            measure.label.read_in(language),
            quantity(finding.value, measure.unit, language, currency=finding.currency),
            quantity(finding.reference, measure.unit, language, currency=finding.currency),
            f"{finding.customers_affected:,.0f}" if finding.customers_affected else None,
            money(finding.money_minor, finding.currency, language)
            if finding.money_minor and finding.currency
            else None,
            None
            if spot is None
            else f"{WORDS[language]['days'].split('|')[spot.iso_weekday - 1]} "
            f"{clock(spot.starts_minute)}",
        )

    def _finding_json(self, finding: Finding) -> dict[str, Any]:
        words = sentence(finding, catalogue(), self.names)
        return {
            **{name: getattr(finding, name) for name in _KEYS},
            "branch_name": self.names.get(finding.branch_id, finding.branch_id),
            "unit": catalogue()[finding.measure].unit,
            "funnel_limit": finding.limit,
            "peers": list(finding.peers),
            "parts": [
                {"role": part.role, "code": part.code, "amount": part.amount}
                for part in finding.parts
            ],
            "worst": None if finding.spot is None else _spot_json(finding.spot),
            "sentence": {"en": words.en, "zh-Hant": words.zh_hant, "zh-Hans": words.zh_hans},
        }


_KEYS = (
    "rank",
    "finding_id",
    "branch_id",
    "theme",
    "measure",
    "kind",
    "value",
    "lower",
    "upper",
    "reference",
    "worse_ratio",
    "count_rows",
    "severity",
    "p_value",
    "q_value",
    "customers_affected",
    "money_minor",
    "currency",
    "mechanism",
    "peers_scope",
    "guarded_measure",
    "lead_finding_id",
)


def _spot_json(spot: Spot) -> dict[str, Any]:
    return {
        "of": spot.hits,
        "iso_weekday": spot.iso_weekday,
        "from": clock(spot.starts_minute),
        "to": clock(spot.ends_minute),
        "business_line": spot.business_line,
        "share": spot.share,
        "customers_affected": spot.customers_affected,
        "authorisation_share": spot.authorisation_share,
        "windows_short": spot.windows_short,
    }


def diagnose(
    workspace: Path,
    *,
    settings: Settings | None = None,
    shown: int = SHOWN,
    progress: Progress | None = None,
) -> DiagnoseReport:
    """Find where branches stand out and store the findings.

    Parameters
    ----------
    workspace : Path
        The workspace.
    settings : Settings, optional
        What counts as standing out.
    shown : int
        Leading findings in the table for people; 0 for all.
    progress : Progress, optional
        Where the work tells how far it is.

    Returns
    -------
    DiagnoseReport
        The findings; a second call on the same data changes nothing in the store.

    Raises
    ------
    BranchwiseError
        [BW-DGN-001] if nothing has been loaded; as `Workspace.open` and `Warehouse.snapshot`.
    """
    opened = Workspace.open(workspace)
    warehouse = Warehouse(opened.warehouse)
    assumptions = opened.read_assumptions()
    snapshot = warehouse.snapshot()
    with open_duckdb() as engine, (progress or silent()).task(TITLE, total=3) as task:
        warehouse.register(engine, snapshot)
        period = engine.table(PERIOD).to_pylist()[0]
        if not period["days"]:
            raise failure("BW-DGN-001", Where(place=str(workspace)), workspace=workspace)
        values = measured(engine, assumptions)
        task.advance()
        found = find(
            values,
            engine.table("SELECT * FROM branch ORDER BY branch_id"),
            engine.table("SELECT * FROM target ORDER BY target_id"),
            catalogue(),
            assumptions,
            settings=settings,
            context=context(engine, assumptions),
        )
        task.advance()
        engine.register_table("found_values", _stored_values(values, snapshot.data_id, period))
        engine.register_table("found_findings", finding_table(found.findings, snapshot.data_id))
        published_id = _published(warehouse, engine)
        task.advance()
        return DiagnoseReport(
            snapshot_id=published_id,
            data_id=snapshot.data_id,
            diagnosis=found,
            names=names_of(engine),
            warnings=_warnings(found),
            shown=shown,
        )


def _published(warehouse: Warehouse, engine: Engine) -> str:
    with warehouse.writing(engine) as writing:
        writing.replace("measure_value", "found_values")
        writing.replace("finding", "found_findings")
        return writing.publish().snapshot_id


def severity_named(given: str) -> Severity:
    """Return the severity of a name.

    Raises
    ------
    BranchwiseError
        [BW-DGN-002] for what is no severity.

    Examples
    --------
    >>> severity_named("high")
    'high'
    """
    for severity in get_args(Severity):
        if severity == given:
            return cast("Severity", severity)
    raise failure("BW-DGN-002", Where(place="--fail-on"), given=given)


def measured(engine: Engine, assumptions: Assumptions) -> pa.Table:
    """Return every measure by branch, by region (``region:CODE``) and for the bank (``*``)."""
    every = list(catalogue())
    single = [name for name in every if catalogue()[name].kind != "inequality"]
    by_branch = compute(engine, single, by=("branch_id",), assumptions=assumptions)
    by_region = compute(engine, single, by=("branch.region_id",), assumptions=assumptions)
    whole = compute(engine, every, assumptions=assumptions)
    regions = [
        None if code is None else f"{REGION_PREFIX}{code}"
        for code in by_region.column(0).to_pylist()
    ]
    columns = ("measure", "value", "lower", "upper", "count_rows")
    parts = [
        _under(by_branch.column(0).to_pylist(), by_branch.select(columns)),
        _under(regions, by_region.select(columns)),
        _under([WHOLE_BANK] * whole.num_rows, whole.select(columns)),
    ]
    return pa.concat_tables(parts, promote_options="permissive")


def context(engine: Engine, assumptions: Assumptions) -> Context:
    """Return the volumes, mixes and worst blocks of the branches."""
    limit = assumptions.value(WAIT_LIMIT)
    counted = volumes(engine, wait_limit_seconds=limit)
    spots = worst_spots(engine, wait_limit_seconds=limit, months=counted.months)
    skills = skills_held(engine, months=counted.months) if counted.months else ()
    return Context(volumes=counted, spots=spots, skills=skills, holdings=holdings(engine))


def names_of(engine: Engine) -> dict[str, str]:
    """Return the names of branches by code and of regions by ``region:CODE``."""
    rows = engine.table("SELECT branch_id AS code, name FROM branch").to_pylist()
    regions = engine.table("SELECT region_id AS code, name FROM region").to_pylist()
    return {row["code"]: row["name"] or row["code"] for row in rows} | {
        f"{REGION_PREFIX}{row['code']}": row["name"] or row["code"] for row in regions
    }


def _under(codes: list[str | None], rows: pa.Table) -> pa.Table:
    table = rows.add_column(0, "branch_id", pa.array(codes, pa.string()))
    return table.filter(pc.is_valid(table["branch_id"]))


def _stored_values(values: pa.Table, data_id: str, period: Mapping[str, Any]) -> pa.Table:
    extra = {"snapshot_id": data_id, "starts_on": period["starts_on"], "ends_on": period["ends_on"]}
    rows = [{**row, **extra} for row in values.to_pylist()]
    return pa.Table.from_pylist(rows, schema=table_spec("measure_value").arrow_schema)


def _warnings(found: Diagnosis) -> tuple[Text, ...]:
    if not found.without_peers:
        return ()
    return (NO_PEERS.filled(branches=", ".join(found.without_peers)),)
