"""Load: read a delivery, clean it, store it as one snapshot, and say what was done to it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from branchwise.cleaning.clean import clean
from branchwise.cleaning.model import Cleaned, Context, Piece
from branchwise.cleaning.undo import without_rule
from branchwise.core.errors import BranchwiseError, Where, problem
from branchwise.core.languages import Text
from branchwise.core.ports import Engine
from branchwise.core.progress import Progress, silent
from branchwise.engines.duckdb import open_duckdb
from branchwise.engines.scratch import scratch_folder
from branchwise.measures.compute import compute
from branchwise.pipeline.load_report import (
    Example,
    LoadReport,
    MeasureEffect,
    RuleReport,
    TableReport,
)
from branchwise.pipeline.reading import Reader, reader_of
from branchwise.pipeline.unknown_codes import unknown_codes
from branchwise.privacy.pseudonyms import create_key, read_key
from branchwise.sources.misfits import computing
from branchwise.sources.model import DataSource, Delivery, SourceTable
from branchwise.tables.assumptions import Assumptions
from branchwise.tables.order import by_reference, referred_to
from branchwise.tables.spec import table_spec
from branchwise.warehouse.coverage import Coverage, coverage, dated_tables
from branchwise.warehouse.recovery import working
from branchwise.warehouse.snapshots import EMPTY_ID, Snapshot
from branchwise.warehouse.store import Warehouse
from branchwise.warehouse.workspace import Workspace
from branchwise.warehouse.writing import Upserted, Writing

HEADLINE = (
    "queues.visits",
    "queues.wait_served_mean_seconds",
    "queues.wait_served_p90_seconds",
    "queues.abandoned_share",
    "queues.service_mean_seconds",
)
MEMORY_BYTES = 1024 * 2**20
EXAMPLES = 3
EXAMPLE_LETTERS = 200
REFERENCE = "reference_"
READING = Text(en="Reading files", zh_hant="讀取檔案", zh_hans="读取文件")
CLEANING = Text(en="Cleaning and storing", zh_hant="清洗與儲存", zh_hans="清洗与保存")
WAITING = Text(
    en="Waiting: another command is writing to this workspace.",
    zh_hant="等候中：另一個命令正在寫入此工作區。",
    zh_hans="等候中：另一个命令正在写入此工作区。",
)


def load(
    workspace: Path,
    path: Path | str | None,
    *,
    adapter: str | None = None,
    mapping: Path | None = None,
    is_full: bool = False,
    options: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> LoadReport:
    """Read, clean, check and store raw data; the workspace is made if there is none.

    Parameters
    ----------
    workspace : Path
        The workspace.
    path : Path, str or None
        A folder, an archive or a file, a URL or ``env:NAME``; None where the mapping says where.
        Never written to.
    adapter : str, optional
        Who reads it, one of `branchwise.sources.registry.adapter_names` or
        `branchwise.sources.feeds.registry.FEEDS`; found out by default.
    mapping : Path, optional
        The mapping file, for adapters that want one.
    is_full : bool
        Ask a database or server for everything, not only for what is new.
    options : mapping of str to str, optional
        What the adapter is told besides the path.
    progress : Progress, optional
        Where the work tells how far it is.

    Returns
    -------
    LoadReport
        What was loaded, repaired, quarantined and refused. Files that cannot be read are refused
        and the rest is loaded. The same files again change nothing.

    Raises
    ------
    BranchwiseError
        [BW-WHS-012] with the reason of each file if none could be loaded; [BW-WHS-004] to
        [BW-WHS-006] if the workspace cannot be written; as the adapter. Nothing is stored then.
    """
    shown = progress or silent()
    reader = reader_of(
        path,
        adapter=adapter,
        mapping=mapping,
        kept=Workspace(root=workspace).feeds,
        progress=shown,
        is_full=is_full,
        options=options or {},
    )
    opened = Workspace.create(workspace)
    warehouse = Warehouse(opened.warehouse)
    assumptions = opened.read_assumptions()
    with (
        working(opened.root, CLEANING.en),
        scratch_folder() as scratch,
        open_duckdb(scratch, memory_bytes=MEMORY_BYTES) as engine,
    ):
        with shown.task(READING):
            delivery = reader.read(engine, scratch)
            _refuse_empty(delivery, reader.shown)
        with warehouse.writing(engine, tell=lambda _: shown.note(WAITING)) as writing:
            stage = _Stage(engine, writing, _key(opened, writing.base), shown)
            stage.store(delivery.tables)
            report = stage.report(delivery, assumptions, reader)
            snapshot = writing.publish(lambda published: _text(report, published))
            delivery.settle()
    return report.stored_as(snapshot)


class _Stage:
    """The tables of one delivery on their way through cleaning into the store."""

    def __init__(self, engine: Engine, writing: Writing, key: bytes, progress: Progress) -> None:
        self._engine = engine
        self._writing = writing
        self._key = key
        self._progress = progress
        self._done: list[tuple[Cleaned, Upserted]] = []

    def store(self, tables: Sequence[SourceTable]) -> None:
        """Clean and upsert every table, parents first, then repairs and sources."""
        pieces: dict[str, list[Piece]] = defaultdict(list)
        for given in tables:
            source = given.data_source
            pieces[given.table].append(
                Piece(
                    relation=given.relation,
                    data_source_id=source.data_source_id,
                    timezone=source.timezone,
                    first_row=given.first_row,
                )
            )
        parents = {parent for name in pieces for parent in referred_to(name)}
        parents |= {"branch", "opening_hours"}  # for time zones and for clocks that were wrong
        self._writing.register(sorted(parents), prefix=REFERENCE)
        with self._progress.task(CLEANING, total=len(pieces)) as task:
            for name in by_reference(pieces):
                with computing(self._engine, [given for given in tables if given.table == name]):
                    self._store_table(name, pieces[name], parents)
                task.advance()
        self._append("repair", [cleaned.repairs for cleaned, _ in self._done])
        self._append("quarantine", [cleaned.quarantine for cleaned, _ in self._done])
        self._store_sources({given.data_source for given in tables})

    def report(self, delivery: Delivery, assumptions: Assumptions, reader: Reader) -> LoadReport:
        """Say what was done."""
        sources = sorted({given.data_source.data_source_id for given in delivery.tables})
        return LoadReport(
            load_id=self._writing.load_id,
            snapshot_id=self._writing.base.snapshot_id,
            is_changed=bool(self._writing.changed),
            path=reader.shown,
            adapter=reader.adapter,
            tables=tuple(_table_report(cleaned, stored) for cleaned, stored in self._done),
            rules=tuple(rule for cleaned, _ in self._done for rule in self._rules(cleaned)),
            effects=tuple(self._effects(assumptions)),
            coverage=tuple(self._coverage(sources)),
            refused=delivery.refused,
            notes=delivery.notes,
            unmapped_files=delivery.unmapped_files,
            files=delivery.files,
            unknown_codes=unknown_codes(self._engine, delivery.tables),
        )

    def _store_table(self, name: str, pieces: Sequence[Piece], parents: set[str]) -> None:
        context = Context(
            load_id=self._writing.load_id,
            references={parent: REFERENCE + parent for parent in parents},
            load_year=datetime.now(tz=UTC).year,
            pseudonym_key=self._key,
        )
        cleaned = clean(self._engine, pieces, table_spec(name), context)
        self._done.append((cleaned, self._writing.upsert(name, cleaned.rows)))
        if name in parents:
            self._writing.register([name], prefix=REFERENCE)

    def _append(self, table: str, relations: Sequence[str]) -> None:
        rows = " UNION ALL ".join(
            f"SELECT *, data_source AS data_source_id FROM {relation}"  # noqa: S608
            for relation in relations
        )
        self._engine.define("load_records", rows)
        if _count(self._engine, "load_records"):
            self._writing.append(table, "load_records")

    def _store_sources(self, sources: set[DataSource]) -> None:
        self._writing.register(["data_source"], prefix="known_")
        known = self._engine.table("SELECT data_source_id FROM known_data_source")
        is_news = {source.data_source_id for source in sources} - set(known[0].to_pylist())
        if not self._writing.changed and not is_news:
            return
        systems = table_spec("data_source").columns["system"].values
        now = datetime.now(tz=UTC).replace(microsecond=0)
        rows = [
            {
                "data_source_id": source.data_source_id,
                "system": source.system if source.system in systems else "other",
                "name": source.name,
                "adapter": source.adapter,
                "owner": source.owner,
                "purpose": source.purpose,
                "privacy_class": source.privacy_class,
                "last_load_id": self._writing.load_id,
                "last_loaded_at": now,
            }
            for source in sorted(sources, key=lambda source: source.data_source_id)
        ]
        unique = {row["data_source_id"]: row for row in rows}
        schema = table_spec("data_source").arrow_schema
        table = pa.Table.from_pylist(list(unique.values()), schema=schema)
        self._engine.register_table("load_sources", table)
        self._writing.upsert("data_source", "load_sources", keeps_old=False)

    def _rules(self, cleaned: Cleaned) -> Iterator[RuleReport]:
        for effect in cleaned.effects:
            yield RuleReport(
                rule=effect.rule,
                table=effect.table,
                column=effect.column,
                action=effect.action,
                count=effect.count,
                examples=tuple(self._examples(cleaned, effect.rule, effect.column, effect.action)),
            )

    def _examples(
        self, cleaned: Cleaned, rule: str, column: str | None, action: str
    ) -> Iterator[Example]:
        source = (
            f"SELECT row_key, content AS original, reason AS repaired FROM {cleaned.quarantine} "  # noqa: S608
            "WHERE rule = $rule"
            if action == "quarantined"
            else f"SELECT row_key, original, repaired FROM {cleaned.repairs} WHERE rule = $rule "  # noqa: S608
            "AND column_name IS NOT DISTINCT FROM $column AND action = $action"
        )
        given: dict[str, str | None] = {"rule": rule}
        if action != "quarantined":
            given |= {"column": column, "action": action}
        found = self._engine.table(
            f"SELECT row_key, left(original, {EXAMPLE_LETTERS}) AS original, repaired "  # noqa: S608
            f"FROM ({source}) ORDER BY row_key, original, repaired LIMIT {EXAMPLES}",
            given,
        )
        for row in found.to_pylist():
            if column is None:  # a whole row may hold free text of persons; its key names it
                row["original"] = None
            elif table_spec(cleaned.table).columns[column].privacy != "none":
                row |= {"original": None, "repaired": None}
            yield Example(**row)

    def _effects(self, assumptions: Assumptions) -> Iterator[MeasureEffect]:
        visits = next((cleaned for cleaned, _ in self._done if cleaned.table == "visit"), None)
        if visits is None:
            return
        rules = dict.fromkeys(
            effect.rule for effect in visits.effects if effect.action != "skipped"
        )
        if not rules:
            return
        spec = table_spec("visit")
        self._engine.define("visit", f"SELECT * FROM {visits.rows}")  # noqa: S608
        with_all = self._headline(assumptions)
        for rule in rules:
            self._engine.define("visit", without_rule(visits, spec, rule))
            without = self._headline(assumptions)
            for measure in HEADLINE:
                yield MeasureEffect(
                    rule=rule, measure=measure, value=with_all[measure], without=without[measure]
                )
        self._engine.drop("visit")

    def _headline(self, assumptions: Assumptions) -> dict[str, float | None]:
        found = compute(self._engine, HEADLINE, assumptions=assumptions)
        return dict(zip(found["measure"].to_pylist(), found["value"].to_pylist(), strict=True))

    def _coverage(self, sources: Sequence[str]) -> Iterator[Coverage]:
        stored = {cleaned.table for cleaned, _ in self._done}
        for table in dated_tables():
            if table in stored:
                self._writing.register([table], prefix="covered_")
                yield from coverage(self._engine, table, f"covered_{table}", sources)


def _refuse_empty(delivery: Delivery, path: str) -> None:
    if delivery.tables:
        return
    none = problem(
        "BW-WHS-012",
        Where(place=path, keys=delivery.unmapped_files),
        path=path,
        count=len(delivery.refused) + len(delivery.unmapped_files),
    )
    raise BranchwiseError(none, *delivery.refused)


def _key(workspace: Workspace, base: Snapshot) -> bytes:
    # A key that was lost is not made anew: stored pseudonyms would no longer match.
    path = workspace.pseudonym_key
    if base.snapshot_id == EMPTY_ID and not path.exists():
        return create_key(path)
    return read_key(path)


def _table_report(cleaned: Cleaned, stored: Upserted) -> TableReport:
    taken_out = {
        action: sum(
            effect.count
            for effect in cleaned.effects
            if effect.action == action and effect.column is None
        )
        for action in ("removed", "quarantined")
    }
    return TableReport(
        table=cleaned.table,
        count_in=cleaned.count_in,
        added=stored.added,
        replaced=stored.replaced,
        unchanged=stored.unchanged,
        removed=taken_out["removed"],
        quarantined=taken_out["quarantined"],
    )


def _text(report: LoadReport, snapshot: Snapshot) -> str:
    stored = report.stored_as(snapshot).as_json()
    return json.dumps(stored, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _count(engine: Engine, relation: str) -> int:
    return int(engine.table(f"SELECT count(*) FROM {relation}").column(0)[0].as_py())  # noqa: S608
