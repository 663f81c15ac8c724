"""The adapter ``files``: a folder, an archive or a file, read with a mapping.

The mapping says which files there are, how they are written, and which canonical columns they
fill; see ``docs/how-to/map-your-files.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Mapping as MappingABC
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from branchwise.cleaning.parse import MACROS, install_macros
from branchwise.core.errors import BranchwiseError, Problem, Where, failure, problem
from branchwise.core.ports import Engine
from branchwise.engines.duckdb import EngineError, literal
from branchwise.sources.mapping import FileRule, Mapping, TableRule, read_mapping
from branchwise.sources.model import SYSTEM_COLUMNS, Delivery, SourceTable
from branchwise.sources.reading.archives import Found, find_files, glob_pattern
from branchwise.sources.reading.excel import read_excel
from branchwise.sources.reading.fixed import read_fixed
from branchwise.sources.reading.jsonl import read_json_lines
from branchwise.sources.reading.parquet import read_parquet
from branchwise.sources.reading.text import read_texts
from branchwise.sources.reading.workshop import FoundFile, Readings, Workshop, quoted
from branchwise.sources.unlisted import unlisted_query

Reader = Callable[[Sequence[FoundFile], FileRule, Sequence[str], Workshop], Readings]
READERS: dict[str, Reader] = {
    "csv": read_texts,
    "tsv": read_texts,
    "jsonl": read_json_lines,
    "parquet": read_parquet,
    "excel": read_excel,
    "fixed": read_fixed,
}
SUFFIXES = {
    "jsonl": "jsonl", "ndjson": "jsonl", "json": "jsonl", "parquet": "parquet", "pq": "parquet",
    "xlsx": "excel", "xlsm": "excel", "xlsb": "excel", "xls": "excel", "ods": "excel",
}  # fmt: skip


class FilesAdapter:
    """Reads files as a mapping describes them.

    Examples
    --------
    >>> FilesAdapter().name
    'files'
    """

    name = "files"

    def read(self, path: Path, engine: Engine, *, mapping: Path | None, scratch: Path) -> Delivery:
        """Find the files of the mapping at a path and make them relations.

        Parameters
        ----------
        path : Path
            A folder, a zip or gzip archive, or one file.
        engine : Engine
            Where the relations are made; the macros of cleaning are installed in it.
        mapping : Path or None
            The mapping file; needed.
        scratch : Path
            A folder that must stay until the relations have been read.

        Raises
        ------
        BranchwiseError
            [BW-SRC-002] if there is nothing at the path, [BW-SRC-003] without a mapping, the
            codes of `read_mapping` if it is wrong, [BW-SRC-023] if no file matches, [BW-SRC-025]
            together with the reason of each refused file if none could be read.
        """
        if mapping is None:
            raise failure("BW-SRC-003", Where(place=str(path)), path="–")
        return read_mapped(path, engine, read_mapping(mapping, self.name), scratch)


def read_mapped(path: Path, engine: Engine, mapping: Mapping, scratch: Path) -> Delivery:
    """Read what is at a path as a checked mapping describes it; see `FilesAdapter.read`."""
    wanted = {rule.name: mapping.wanted(rule.name) for rule in mapping.files}
    raw = read_raw(path, engine, mapping, wanted, scratch)
    return raw.delivery(
        lambda readings, workshop: mapped_tables(mapping, readings, workshop),
        _in_no_table(mapping, raw.readings),
    )


def _in_no_table(mapping: Mapping, readings: MappingABC[str, Readings]) -> list[Problem]:
    """Tell the files that were read and from which no table is made."""
    used = {rule.source for rule in mapping.tables}
    return [
        problem(
            "BW-SRC-036", Where(place=mapping.place), name=name,
            files=", ".join(read.path for read in each.files),
            rows=f"{sum(read.count_rows for read in each.files):,}",
        )
        for name, each in readings.items()
        if name not in used and each.files
    ]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class RawFiles:
    """The files of a delivery, read as they are.

    Attributes
    ----------
    readings : dict of str to Readings
        What the files of each rule of the mapping gave.
    workshop : Workshop
        The engine and the scratch folder.
    found : Found
        The files that were found.
    """

    readings: dict[str, Readings]
    workshop: Workshop
    found: Found

    @property
    def refused(self) -> tuple[Problem, ...]:
        """What could not be read."""
        of_rules = (bad for each in self.readings.values() for bad in each.refused)
        return (*self.found.refused, *of_rules)

    def delivery(self, tables: MakeTables, notes: Sequence[Problem] = ()) -> Delivery:
        """Return the delivery with the tables made of what was read.

        Parameters
        ----------
        tables : callable
            Of the readings and the workshop.
        notes : sequence of Problem
            Remarks besides those of reading.
        """
        return Delivery(
            tables=tables(self.readings, self.workshop),
            refused=self.refused,
            unmapped_files=tuple(self.found.others),
            notes=(*(note for each in self.readings.values() for note in each.notes), *notes),
            files=tuple(read for each in self.readings.values() for read in each.files),
        )


MakeTables = Callable[[dict[str, Readings], Workshop], tuple[SourceTable, ...]]


def read_raw(
    path: Path,
    engine: Engine,
    mapping: Mapping,
    wanted: MappingABC[str, Sequence[str]],
    scratch: Path,
) -> RawFiles:
    """Read the files of a mapping without making tables of them.

    Parameters
    ----------
    path, engine, scratch
        As `FilesAdapter.read`.
    mapping : Mapping
        Which files there are and how they are written.
    wanted : mapping of str to sequence of str
        By name of a file rule the columns to hand over.

    Raises
    ------
    BranchwiseError
        [BW-SRC-002] if there is nothing at the path, [BW-SRC-023] if no file matches, [BW-SRC-025]
        together with the reason of each refused file if none could be read.
    """
    if not path.exists():
        raise failure("BW-SRC-002", Where(place=str(path)), path=path)
    install_missing_macros(engine)
    workshop = Workshop(engine=engine, scratch=scratch)
    tests = [glob_pattern(rule.pattern) for rule in mapping.files]
    found = find_files(path, lambda name: any(test(name) for test in tests), workshop)
    readings = {
        rule.name: _read_files(rule, test, found, wanted[rule.name], workshop)
        for rule, test in zip(mapping.files, tests, strict=True)
    }
    raw = RawFiles(readings=readings, workshop=workshop, found=found)
    if not any(each.files for each in readings.values()) and mapping.files:
        raise BranchwiseError(_nothing_read(path, mapping, found, raw.refused), *raw.refused)
    return raw


def _nothing_read(
    path: Path, mapping: Mapping, found: Found, refused: Sequence[Problem]
) -> Problem:
    where = Where(place=str(path))
    if refused:  # files were found: it is not the patterns that are wrong
        files = {bad.where.place for bad in refused}
        return problem("BW-SRC-025", where, path=path, count=len(files))
    patterns = ", ".join(rule.pattern for rule in mapping.files)
    return problem("BW-SRC-023", where, patterns=patterns, count=len(found.others))


def install_missing_macros(engine: Engine) -> None:
    """Install the macros of cleaning unless they are there; it takes 0.2 s."""
    try:
        engine.columns(f"SELECT {MACROS[-1]}(NULL)")
    except EngineError:
        install_macros(engine)


def _read_files(
    rule: FileRule,
    test: Callable[[str], bool],
    found: Found,
    wanted: Sequence[str],
    workshop: Workshop,
) -> Readings:
    by_reader: dict[Reader, list[FoundFile]] = {}
    for file in found.files:
        name = file.name[:-3] if file.name.lower().endswith(".gz") else file.name
        if test(name):
            by_reader.setdefault(READERS[rule.format or form_of(name)], []).append(file)
    whole = Readings()
    for reader, files in by_reader.items():
        part = reader(files, rule, wanted, workshop)
        whole.queries += part.queries
        whole.files += part.files
        whole.refused += part.refused
        whole.notes += part.notes
        whole.first_row = part.first_row
    if not by_reader:
        whole.notes.append(
            problem("BW-SRC-035", Where(place=rule.name), name=rule.name, pattern=rule.pattern)
        )
    if len(whole.queries) > 1:
        whole.first_row = None
    return whole


def form_of(name: str) -> str:
    """Return the form that a file name tells: CSV for every suffix that tells none.

    Examples
    --------
    >>> form_of("attendance.XLSX"), form_of("log.txt")
    ('excel', 'csv')
    """
    return SUFFIXES.get(name.rpartition(".")[2].lower(), "csv")


def mapped_tables(
    mapping: Mapping, readings: dict[str, Readings], workshop: Workshop
) -> tuple[SourceTable, ...]:
    """Make the tables of a mapping out of what was read, by the name of each rule.

    Raises
    ------
    BranchwiseError
        [BW-SRC-012] if the engine refuses an expression.
    """
    rules = {rule.name: rule for rule in mapping.files}
    relations = _relations(rules, readings, workshop)
    plain = {rule.source for rule in mapping.tables if not rule.distinct}
    tables: list[SourceTable] = []
    refused: list[Problem] = []
    for rule in mapping.tables:
        relation = workshop.name(f"source_{rule.into}")
        if rule.rows:
            workshop.engine.register_table(relation, _written_rows(rule, mapping.place))
            source, first_row = mapping.default, None
        elif rule.source in relations:
            query = _query(
                rule,
                rules[rule.source],
                relations[rule.source],
                keep_faulty=rule.source not in plain,
            )
            bad = _define(workshop, relation, query, rule, mapping.place)
            bad = bad or _no_conditions(workshop, relations[rule.source], rule, mapping.place)
            refused += bad
            source = rules[rule.source].data_source
            is_whole = rule.where is None and not rule.distinct and not bad
            first_row = readings[rule.source].first_row if is_whole else None
        else:
            continue
        tables.append(
            SourceTable(
                table=rule.into,
                relation=relation,
                data_source=source,
                first_row=first_row,
                unlisted="" if rule.rows else unlisted_query(rule, relations[rule.source]),
            )
        )
    if refused:
        raise BranchwiseError(*refused)
    return tuple(tables)


def _relations(
    rules: dict[str, FileRule], readings: dict[str, Readings], workshop: Workshop
) -> dict[str, str]:
    """Make one relation of what the files of each rule gave; none where they gave nothing."""
    relations: dict[str, str] = {}
    for name, each in readings.items():
        if each.queries:
            relations[name] = workshop.name("source_file")
            workshop.engine.define(relations[name], _computing(rules[name], each.queries))
    return relations


def _computing(rule: FileRule, queries: Sequence[str]) -> str:
    union = " UNION ALL ".join(queries)
    for name, given in rule.computed.items():
        union = f"SELECT *, {given.sql} AS {quoted(name)} FROM ({union})"  # noqa: S608
    return union


def _define(
    workshop: Workshop, relation: str, query: str, rule: TableRule, place: str
) -> list[Problem]:
    """Make the relation of a table; find the expressions that the engine refuses."""
    engine = workshop.engine
    try:
        engine.define(relation, query)
        engine.columns(f"SELECT * FROM {relation}")  # noqa: S608
    except EngineError as error:
        where = Where(place=f"{place} [table {rule.into}]")
        reason = str(error).splitlines()[0]
        return [problem("BW-SRC-012", where, text=_suspect(rule, str(error)), reason=reason)]
    return []


def _no_conditions(workshop: Workshop, relation: str, rule: TableRule, place: str) -> list[Problem]:
    """Find conditions whose value is neither true nor false."""
    problems = []
    for condition in (*filter(None, [rule.where]), *(when for when, _ in rule.refuse)):
        kind = workshop.engine.columns(f"SELECT ({condition.sql}) AS met FROM {relation}")["met"]  # noqa: S608
        if kind not in ("BOOLEAN", '"NULL"'):
            where = Where(place=f"{place} [table {rule.into}]", column="where / refuse")
            reason = f"a condition is true or false, this is {kind}"
            problems.append(problem("BW-SRC-012", where, text=condition.sql, reason=reason))
    return problems


def _suspect(rule: TableRule, message: str) -> str:
    for expression in rule.expressions:
        if expression.sql in message:
            return expression.sql
    return ", ".join(expression.sql for expression in rule.expressions)


def _query(rule: TableRule, file: FileRule, relation: str, *, keep_faulty: bool) -> str:
    columns = [f"{given.sql} AS {quoted(name)}" for name, given in rule.columns.items()]
    conditions = ["source_fault IS NULL", f"({rule.where.sql})"] if rule.where else []
    if rule.distinct:
        names = ", ".join(quoted(name) for name in rule.columns)
        inner = (
            f"SELECT {', '.join(columns)}, source_file, source_row, source_fault FROM {relation}"  # noqa: S608
        )
        sound = " AND ".join(conditions or ["source_fault IS NULL"])
        chosen = f"{inner} WHERE {sound}" + (
            f" UNION ALL {inner} WHERE source_fault IS NOT NULL" if keep_faulty else ""
        )
        return (
            f"SELECT {names}, min_by(source_file, (source_file, source_row)) AS source_file, "  # noqa: S608
            "min(source_row ORDER BY source_file, source_row) AS source_row, source_fault "
            f"FROM ({chosen}) GROUP BY {names}, source_fault"
        )
    listed = ", ".join(
        [*columns, "source_file", "source_row", f"{_fault(rule, file)} AS source_fault"]
    )
    where = f" WHERE source_fault IS NOT NULL OR ({rule.where.sql})" if rule.where else ""
    return f"SELECT {listed} FROM {relation}{where}"  # noqa: S608


def _fault(rule: TableRule, file: FileRule) -> str:
    cases = [(condition.sql, reason) for condition, reason in rule.refuse]
    for name, expression in (*file.computed.items(), *rule.columns.items()):
        cases += [(condition, f"{name}: {reason}") for condition, reason in expression.faults]
    if not cases:
        return "source_fault"
    whens = " ".join(f"WHEN {condition} THEN {literal(reason)}" for condition, reason in cases)
    return f"CASE WHEN source_fault IS NOT NULL THEN source_fault {whens} END"


def _written_rows(rule: TableRule, place: str) -> pa.Table:
    names = list(dict.fromkeys(name for row in rule.rows for name in row))
    columns = {name: pa.array([row.get(name) for row in rule.rows], pa.string()) for name in names}
    size = len(rule.rows)
    system = (
        pa.repeat(pa.scalar(place), size),
        pa.array(range(1, size + 1), pa.int64()),
        pa.nulls(size, pa.string()),
    )
    return pa.table({**columns, **dict(zip(SYSTEM_COLUMNS, system, strict=True))})
