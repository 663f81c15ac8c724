"""Check: how good the stored data are, by table and rule."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from branchwise.cleaning.parse import install_macros
from branchwise.cleaning.stitching import Stitching, stitch
from branchwise.core.languages import Language, Text
from branchwise.core.ports import Engine
from branchwise.core.progress import Progress, silent
from branchwise.core.tabulation import Tabulation
from branchwise.engines.duckdb import open_duckdb
from branchwise.pipeline.check_stitching import stitching_table
from branchwise.pipeline.load_scheduled import scheduled_sources
from branchwise.pipeline.schedule_runs import Punctuality
from branchwise.pipeline.schedule_words import punctuality_table
from branchwise.tables.contract import ContractBreach, contract_breaches
from branchwise.tables.spec import table_names, table_spec
from branchwise.warehouse.store import Warehouse
from branchwise.warehouse.workspace import Workspace

RECORDS = ("repair", "quarantine")
THIN_SHARE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCount:
    """How many values or rows of a table one rule has touched, over all loads."""

    rule: str
    action: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TableQuality:
    """The quality of one table.

    Attributes
    ----------
    table : str
        Its name.
    count_rows : int
        Rows stored.
    filled : mapping of str to float
        Share of rows with a value, by optional column that a source may give.
    last_on : date or None
        Last local day with rows; None for tables without days.
    days_behind : int or None
        Days from `last_on` to the last day of any table.
    breaches : tuple of ContractBreach
        Promises of the table that its rows do not keep; empty after a clean load.
    rules : tuple of RuleCount
        What cleaning did, by rule; ``quarantined`` rows are not in `count_rows`.
    """

    table: str
    count_rows: int
    filled: Mapping[str, float]
    last_on: date | None
    days_behind: int | None
    breaches: tuple[ContractBreach, ...]
    rules: tuple[RuleCount, ...]

    @property
    def completeness(self) -> float | None:
        """Mean share of rows with a value, over the optional columns in use."""
        used = [share for share in self.filled.values() if share > 0]
        return sum(used) / len(used) if used else None

    def count(self, *actions: str) -> int:
        """Return how often rules did something of a kind."""
        return sum(rule.count for rule in self.rules if rule.action in actions)

    def as_json(self) -> dict[str, Any]:
        """Return the record as a JSON object."""
        return {
            "table": self.table,
            "count_rows": self.count_rows,
            "completeness": self.completeness,
            "filled": dict(self.filled),
            "last_on": None if self.last_on is None else self.last_on.isoformat(),
            "days_behind": self.days_behind,
            "breaches": [asdict(breach) for breach in self.breaches],
            "rules": [asdict(rule) for rule in self.rules],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """The quality of all that is stored.

    Attributes
    ----------
    snapshot_id : str
        What was checked.
    tables : tuple of TableQuality
        Tables with rows, or with rows in quarantine, in alphabetical order.
    stitching : tuple of Stitching
        By branch and source: clock drift, and transactions stitched to visits.
    scheduled : tuple of Punctuality
        How every source of the schedule stands: when it was loaded, how late, how completely.
    """

    snapshot_id: str
    tables: tuple[TableQuality, ...]
    stitching: tuple[Stitching, ...] = ()
    scheduled: tuple[Punctuality, ...] = ()

    @property
    def warnings(self) -> tuple[Text, ...]:
        """Say so where there is nothing to check."""
        return () if self.tables else (NOTHING,)

    def as_json(self) -> dict[str, Any]:
        """Return the ``result`` of the JSON document."""
        return {
            "snapshot_id": self.snapshot_id,
            "tables": [table.as_json() for table in self.tables],
            "stitching": [found.as_json() for found in self.stitching],
            "scheduled": [one.as_json() for one in self.scheduled],
        }

    def as_tables(self, language: Language) -> Sequence[Tabulation]:
        """Return the tables for people: quality by table, breaches, thin columns, stitching."""
        shown = [self._quality_table(language)]
        if any(table.breaches for table in self.tables):
            shown.append(self._breach_table(language))
        thin = self._thin_table(language)
        if thin.rows:
            shown.append(thin)
        if self.stitching:
            shown.append(stitching_table(self.stitching, language))
        if self.scheduled:
            shown.append(punctuality_table(self.scheduled, language))
        return shown

    def _quality_table(self, language: Language) -> Tabulation:
        return Tabulation(
            title=TITLE.filled(snapshot_id=self.snapshot_id).read_in(language),
            columns=_read(QUALITY_HEADINGS, language),
            rows=tuple(
                (
                    table_spec(table.table).label.read_in(language),
                    table.count_rows,
                    _percent(table.completeness),
                    None if table.last_on is None else table.last_on.isoformat(),
                    table.days_behind,
                    sum(breach.count for breach in table.breaches),
                    table.count("set_null", "filled", "shifted", "replaced", "flagged"),
                    table.count("removed"),
                    table.count("quarantined"),
                )
                for table in self.tables
            ),
            notes=_read((COMPLETENESS_NOTE,), language),
        )

    def _breach_table(self, language: Language) -> Tabulation:
        return Tabulation(
            title=BREACHES.read_in(language),
            columns=_read(BREACH_HEADINGS, language),
            rows=tuple(
                (
                    table_spec(table.table).label.read_in(language),
                    breach.column,
                    breach.rule,
                    breach.count,
                    ", ".join(breach.keys),
                    _expected(breach, language),
                )
                for table in self.tables
                for breach in table.breaches
            ),
        )

    def _thin_table(self, language: Language) -> Tabulation:
        return Tabulation(
            title=THIN.read_in(language),
            columns=_read(THIN_HEADINGS, language),
            rows=tuple(
                (
                    table_spec(table.table).label.read_in(language),
                    table_spec(table.table).columns[column].label.read_in(language),
                    _percent(share),
                )
                for table in self.tables
                for column, share in table.filled.items()
                if 0 < share < THIN_SHARE
            ),
        )


def check(workspace: Path, *, progress: Progress | None = None) -> CheckReport:
    """Check the current snapshot of a workspace; nothing is written.

    Parameters
    ----------
    workspace : Path
        The workspace.
    progress : Progress, optional
        Where the work tells how far it is.

    Returns
    -------
    CheckReport
        By table: rows, completeness, freshness, breaches of its contract, repairs, quarantine.
        By branch and source: clock drift and stitched share.

    Raises
    ------
    BranchwiseError
        As `Workspace.open` and `Warehouse.snapshot`.
    """
    opened = Workspace.open(workspace)
    warehouse = Warehouse(opened.warehouse)
    snapshot = warehouse.snapshot()
    stored = [name for name in table_names() if name in snapshot.versions]
    with open_duckdb() as engine:
        install_macros(engine)
        warehouse.register(engine, snapshot)
        rules = _rules(engine)
        names = sorted({*stored, *rules} - set(RECORDS))
        with (progress or silent()).task(CHECKING, total=len(names) + 1) as task:
            found = []
            for name in names:
                found.append(_quality(engine, name, stored, rules.get(name, ())))
                task.advance()
            stitched = stitch(engine)
            task.advance()
    return CheckReport(
        snapshot_id=snapshot.snapshot_id,
        tables=_behind(found),
        stitching=stitched,
        scheduled=scheduled_sources(opened),
    )


def _quality(
    engine: Engine, name: str, stored: Sequence[str], rules: Sequence[RuleCount]
) -> TableQuality:
    spec = table_spec(name)
    optional = [column.name for column in spec.given_columns if not column.required]
    counts = ", ".join(f'count("{column}") AS "c_{column}"' for column in optional)
    last = "max(local_on)" if "local_on" in spec.columns else "CAST(NULL AS DATE)"
    listed = ", ".join(part for part in ("count(*) AS n", f"{last} AS last_on", counts) if part)
    [row] = engine.table(f"SELECT {listed} FROM {name}").to_pylist()  # noqa: S608
    references = {table: table for table in stored}
    return TableQuality(
        table=name,
        count_rows=row["n"],
        filled={column: row[f"c_{column}"] / row["n"] for column in optional if row["n"]},
        last_on=row["last_on"],
        days_behind=None,
        breaches=contract_breaches(engine, name, spec, references),
        rules=tuple(rules),
    )


def _rules(engine: Engine) -> dict[str, list[RuleCount]]:
    counted = engine.table(
        "SELECT table_name, rule, action, count(*) AS n FROM repair GROUP BY ALL UNION ALL "
        "SELECT table_name, rule, 'quarantined', count(*) FROM quarantine GROUP BY ALL "
        "ORDER BY table_name, rule, action"
    )
    found = defaultdict(list)
    for row in counted.to_pylist():
        one = RuleCount(rule=row["rule"], action=row["action"], count=row["n"])
        found[row["table_name"]].append(one)
    return found


AHEAD = ("forecast",)  # of days to come: no sign of a late source


def _behind(tables: Sequence[TableQuality]) -> tuple[TableQuality, ...]:
    told = [table.last_on for table in tables if table.last_on and table.table not in AHEAD]
    latest = max(told, default=None)
    return tuple(
        table
        if table.last_on is None or latest is None or table.table in AHEAD
        else replace(table, days_behind=(latest - table.last_on).days)
        for table in tables
    )


def _read(texts: Sequence[Text], language: Language) -> tuple[str, ...]:
    return tuple(text.read_in(language) for text in texts)


def _expected(breach: ContractBreach, language: Language) -> str:
    why = table_spec(breach.table).why(breach.detail)
    return breach.detail if why is None else why.read_in(language)


def _percent(share: float | None) -> str | None:
    return None if share is None else f"{share:.1%}"


CHECKING = Text(en="Checking tables", zh_hant="檢查各表", zh_hans="检查各表")
NOTHING = Text(
    en="Nothing is stored yet: `branchwise load` comes first.",
    zh_hant="尚未儲存任何資料，請先執行 `branchwise load`。",
    zh_hans="尚未保存任何数据，请先运行 `branchwise load`。",
)
TITLE = Text(
    en="Data quality of snapshot {snapshot_id}",
    zh_hant="快照 {snapshot_id} 的數據品質",
    zh_hans="快照 {snapshot_id} 的数据质量",
)
QUALITY_HEADINGS = (
    Text(en="Table", zh_hant="表", zh_hans="表"),
    Text(en="Rows", zh_hant="行數", zh_hans="行数"),
    Text(en="Filled", zh_hant="完整率", zh_hans="完整率"),
    Text(en="Last day", zh_hant="最近日期", zh_hans="最近日期"),
    Text(en="Days behind", zh_hant="落後天數", zh_hans="落后天数"),
    Text(en="Breaches", zh_hant="不合規則", zh_hans="不合规则"),
    Text(en="Repaired", zh_hant="已修復", zh_hans="已修复"),
    Text(en="Duplicates", zh_hant="重複", zh_hans="重复"),
    Text(en="Quarantined", zh_hant="隔離", zh_hans="隔离"),
)
COMPLETENESS_NOTE = Text(
    en="Filled: mean share of rows with a value, over the optional columns in use.",
    zh_hant="完整率：使用中的選填欄位有值比例的平均。",
    zh_hans="完整率：使用中的选填字段有值比例的平均。",
)
BREACHES = Text(
    en="Promises of the tables that stored rows do not keep",
    zh_hant="已儲存資料中不合表規則者",
    zh_hans="已保存数据中不合表规则者",
)
BREACH_HEADINGS = (
    Text(en="Table", zh_hant="表", zh_hans="表"),
    Text(en="Column", zh_hant="欄", zh_hans="栏"),
    Text(en="Rule", zh_hant="規則", zh_hans="规则"),
    Text(en="Rows", zh_hant="行數", zh_hans="行数"),
    Text(en="First keys", zh_hant="首批行鍵", zh_hans="首批行键"),
    Text(en="Expected", zh_hant="應為", zh_hans="应为"),
)
THIN = Text(
    en="Columns in use that most rows lack",
    zh_hant="多數記錄缺值的使用中欄位",
    zh_hans="多数记录缺值的使用中字段",
)
THIN_HEADINGS = (
    Text(en="Table", zh_hant="表", zh_hans="表"),
    Text(en="Column", zh_hant="欄", zh_hans="栏"),
    Text(en="Filled", zh_hant="有值比例", zh_hans="有值比例"),
)
