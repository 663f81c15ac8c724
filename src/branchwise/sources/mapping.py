"""The mapping file: which files, how they are written, and which columns they fill.

``docs/how-to/map-your-files.md`` is its description for people. All problems of a mapping are
collected and raised once.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping as MappingABC
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from branchwise.core.errors import Problem, Problems, Where, failure
from branchwise.sources.codes import read_codes
from branchwise.sources.expressions import Expression, parse_expression
from branchwise.sources.headings import nearest
from branchwise.sources.model import DataSource
from branchwise.tables.spec import TableSpec, table_names, table_spec

FORMATS = ("csv", "tsv", "jsonl", "parquet", "excel", "fixed")
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "gb18030", "gbk", "big5")
PRIVACY_CLASSES = ("C1", "C2", "none")
SOURCE_KEYS: dict[str, type] = {
    "data_source_id": str, "system": str, "title": str, "owner": str, "purpose": str,
    "privacy_class": str, "timezone": str,
}  # fmt: skip
FILE_KEYS: dict[str, type] = SOURCE_KEYS | {
    "name": str, "pattern": str, "format": str, "encoding": str, "header": int,
    "delimiter": str, "quote": str, "sheet": str, "columns": list, "let": dict,
}  # fmt: skip
TABLE_KEYS: dict[str, type] = {
    "into": str, "from": str, "where": str, "distinct": bool, "columns": dict, "refuse": list,
    "rows": list,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRule:
    """How the files of one kind are found and read.

    Attributes
    ----------
    name, pattern : str
        What the mapping calls them, and the glob that finds them.
    format, encoding, delimiter, quote, sheet : str or None
        As declared; None where it is to be found out.
    header : int or None
        Row of the headings from 1; 0 for none; None where it is to be found out.
    columns : tuple of (str, int or None)
        Names and widths in bytes, where the file has no headings.
    computed : dict of str to Expression
        Columns computed from those of the file, each also from those before it.
    data_source : DataSource
        Where the rows come from.
    """

    name: str
    pattern: str
    format: str | None
    encoding: str | None
    delimiter: str | None
    quote: str | None
    sheet: str | None
    header: int | None
    columns: tuple[tuple[str, int | None], ...]
    computed: dict[str, Expression]
    data_source: DataSource


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRule:
    """How rows of one canonical table are made from one kind of file.

    Attributes
    ----------
    into, source : str
        The table, and the name of the `FileRule`; an empty one where `rows` are given.
    columns : dict of str to Expression
        Canonical column to its expression.
    where : Expression or None
        Rows that do not fulfil it belong to no row of this table.
    refuse : tuple of (Expression, str)
        Rows that are handed over for quarantine, with the reason.
    distinct : bool
        Equal rows are one row.
    rows : tuple of dict
        Rows written in the mapping itself.
    """

    into: str
    source: str
    columns: dict[str, Expression]
    where: Expression | None
    refuse: tuple[tuple[Expression, str], ...]
    distinct: bool
    rows: tuple[dict[str, str], ...]

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """All expressions of the rule."""
        conditions = [condition for condition, _ in self.refuse]
        return (*self.columns.values(), *filter(None, [self.where]), *conditions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """A checked mapping.

    Attributes
    ----------
    files, tables : tuple
        Its rules in order.
    default : DataSource
        The source of rows that the mapping itself holds.
    place : str
        Its file name, for messages.
    """

    files: tuple[FileRule, ...]
    tables: tuple[TableRule, ...]
    default: DataSource
    place: str

    def wanted(self, file_name: str) -> tuple[str, ...]:
        """Return the columns that the tables read of one kind of file."""
        computed = next(rule.computed for rule in self.files if rule.name == file_name)
        used = [
            expression
            for table in self.tables
            if table.source == file_name
            for expression in table.expressions
        ]
        columns = (
            column for expression in (*computed.values(), *used) for column in expression.columns
        )
        known = {*computed, "source_file"}  # the name of the file is no column of it
        return tuple(column for column in dict.fromkeys(columns) if column not in known)


def read_mapping(path: Path, adapter: str = "files") -> Mapping:
    """Read a mapping file and check it.

    Parameters
    ----------
    path : Path
        The TOML file, in UTF-8.
    adapter : str
        Name of the adapter that reads it, for the record of the sources.

    Raises
    ------
    BranchwiseError
        [BW-SRC-003] if there is no such file, [BW-SRC-004] if it is no TOML, [BW-SRC-005] to
        [BW-SRC-012] for what is wrong in it, all at once.
    """
    if not path.is_file():
        raise failure("BW-SRC-003", Where(place=str(path)), path=path)
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise failure("BW-SRC-004", Where(place=path.name), reason=error) from error
    return parse_mapping(given, place=path.name, adapter=adapter, folder=path.parent)


def parse_mapping(
    given: dict[str, Any], *, place: str, adapter: str, folder: Path | None = None
) -> Mapping:
    """Check the content of a mapping; see `read_mapping`. Code lists are looked for in `folder`.

    Examples
    --------
    >>> parse_mapping({"file": [], "table": []}, place="m.toml", adapter="files").tables
    ()
    """
    reader = _Reader(place, adapter, folder or Path())
    mapping = reader.mapping(given)
    reader.problems.raise_if_any()
    return mapping


class _Reader:
    def __init__(self, place: str, adapter: str, folder: Path) -> None:
        self.folder = folder
        self.place = place
        self.adapter = adapter
        self.problems = Problems()
        self.codes: dict[str, dict[str, str]] = {}

    def mapping(self, given: dict[str, Any]) -> Mapping:
        self.check("", given, {"source": dict, "file": list, "table": list, "codes": dict})
        source = self.part(given, "source", dict)
        self.check("source", source, FILE_KEYS)
        found, wrong = read_codes(self.part(given, "codes", dict), self.folder, self.place)
        self.codes = found
        self.problems.extend(wrong)
        file_rules = tuple(
            self.file(entry, source, f"file {number}")
            for number, entry in enumerate(self.part(given, "file", list), 1)
            if isinstance(entry, dict)
        )
        names = [rule.name for rule in file_rules]
        for name in {name for name in names if names.count(name) > 1}:
            self.wrong("file", "name", name, "each [[file]] has a name of its own")
        tables = tuple(
            self.table(entry, names, f"table {number}")
            for number, entry in enumerate(self.part(given, "table", list), 1)
            if isinstance(entry, dict)
        )
        default = self.data_source({**source, "name": Path(self.place).stem}, "source")
        return Mapping(files=file_rules, tables=tables, default=default, place=self.place)

    def file(self, entry: dict[str, Any], source: dict[str, Any], place: str) -> FileRule:
        self.check(place, entry, FILE_KEYS)
        given = {**source, **entry}
        for key in ("name", "pattern"):
            if key not in given:
                self.problems.add("BW-SRC-006", self.where(place), key=key)
        place = f"file {given.get('name', '')}".strip()
        self.choice(place, given, "format", FORMATS)
        self.choice(place, given, "encoding", ENCODINGS)
        columns = self.columns_of(place, given)
        needs_columns = given.get("format") == "fixed" or given.get("header") == 0
        if needs_columns and not columns and given.get("format") not in ("jsonl", "parquet"):
            self.problems.add("BW-SRC-006", self.where(place), key="columns")
        for key in ("delimiter", "quote"):
            if len(given.get(key, "x")) != 1:
                self.wrong(place, key, given[key], "one character")
        if isinstance(given.get("header"), int) and given["header"] < 0:
            self.wrong(place, "header", given["header"], "0 or the row of the headings")
        optional = {
            key: given.get(key)
            for key in ("format", "encoding", "delimiter", "quote", "sheet", "header")
        }
        return FileRule(
            name=str(given.get("name", "")),
            pattern=str(given.get("pattern", "")),
            columns=columns,
            computed={
                name: self.expression(place, f"let.{name}", text)
                for name, text in self.part(given, "let", dict).items()
            },
            data_source=self.data_source(given, place),
            **optional,
        )

    def columns_of(self, place: str, given: dict[str, Any]) -> tuple[tuple[str, int | None], ...]:
        columns: list[tuple[str, int | None]] = []
        for column in given.get("columns", ()):
            entry = {"name": column} if isinstance(column, str) else column
            if not isinstance(entry, dict):
                self.wrong(place, "columns", column, "a name or { name, width }")
                continue
            self.check(f"{place} columns", entry, {"name": str, "width": int, "start": int})
            width = entry.get("width")
            gap = self.gap_before(place, columns, entry)
            columns += [("", gap)] if gap else []
            if given.get("format") == "fixed" and (not isinstance(width, int) or width < 1):
                self.wrong(place, "width", width, "a number of bytes for each column")
            columns.append((str(entry.get("name", "")), width))
        return tuple(columns)

    def gap_before(
        self, place: str, columns: list[tuple[str, int | None]], entry: dict[str, Any]
    ) -> int:
        """Return how many bytes of a line nobody asked for stand before a column."""
        end = sum(width or 0 for _, width in columns)
        start = entry.get("start", end + 1)
        if not isinstance(start, int) or start <= end:
            self.wrong(place, "start", start, f"a byte counted from 1, here from {end + 1}")
            return 0
        return start - end - 1

    def data_source(self, given: dict[str, Any], place: str) -> DataSource:
        self.choice(place, given, "privacy_class", PRIVACY_CLASSES)
        data_source_id = str(given.get("data_source_id", given.get("name", "")))
        return DataSource(
            data_source_id=data_source_id,
            system=str(given.get("system", data_source_id)),
            name=str(given.get("title", given.get("name", data_source_id))),
            adapter=self.adapter,
            owner=given.get("owner"),
            purpose=given.get("purpose"),
            privacy_class=given.get("privacy_class"),
            timezone=self.timezone(given, place),
        )

    def timezone(self, given: dict[str, Any], place: str) -> str:
        from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

        zone = str(given.get("timezone", "Asia/Shanghai"))
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.wrong(place, "timezone", zone, "an IANA name such as Asia/Taipei")
        return zone

    def table(self, entry: dict[str, Any], file_names: list[str], place: str) -> TableRule:
        self.check(place, entry, TABLE_KEYS)
        into = str(entry.get("into", ""))
        if into not in table_names():
            self.wrong(place, "into", into, "one of " + ", ".join(table_names()))
        place = f"table {into}"
        source = str(entry.get("from", ""))
        rows = tuple(
            {name: str(value) for name, value in row.items()}
            for row in entry.get("rows", ())
            if isinstance(row, dict)
        )
        if not rows and source not in file_names:
            near = nearest(source, file_names) or ", ".join(file_names)
            self.problems.add("BW-SRC-008", self.where(place), name=source, nearest=near)
        given = self.part(entry, "columns", dict)
        filled = [*given, *(name for row in rows for name in row)]
        if into in table_names():
            self.check_columns(place, table_spec(into), list(dict.fromkeys(filled)))
        columns = {name: self.expression(place, name, text) for name, text in given.items()}
        refuse = tuple(
            (self.expression(place, "refuse", refusal.get("when", "")), str(refusal.get("reason")))
            for refusal in entry.get("refuse", ())
            if isinstance(refusal, dict)
        )
        return TableRule(
            into=into,
            source="" if rows else source,
            columns=columns,
            where=self.expression(place, "where", entry["where"]) if "where" in entry else None,
            refuse=refuse,
            distinct=bool(entry.get("distinct", False)),
            rows=rows,
        )

    def check_columns(self, place: str, spec: TableSpec, filled: list[str]) -> None:
        givable = [column.name for column in spec.given_columns]
        for name in filled:
            where = self.where(place, name)
            if name not in spec.columns:
                near = nearest(name, givable) or ", ".join(givable)
                self.problems.add("BW-SRC-009", where, table=spec.name, name=name, nearest=near)
            elif name not in givable:
                self.problems.add("BW-SRC-010", where, table=spec.name, name=name)
        for column in spec.given_columns:
            must = column.required and column.fill is None and column.fill_from is None
            if must and column.name not in filled:
                where = self.where(place, column.name)
                self.problems.add("BW-SRC-011", where, table=spec.name, name=column.name)

    def expression(self, place: str, name: str, text: object) -> Expression:
        where = self.where(place, name)
        parsed = parse_expression(str(text), where, self.codes)
        if isinstance(parsed, Problem):
            self.problems.extend([parsed])
            return Expression(sql="NULL", columns=())
        return parsed

    def check(self, place: str, entry: MappingABC[str, Any], known: dict[str, type]) -> None:
        for key, value in entry.items():
            if key not in known:
                near = nearest(key, list(known)) or ", ".join(known)
                self.problems.add("BW-SRC-005", self.where(place), key=key, nearest=near)
            elif not isinstance(value, known[key]) or (known[key] is int and value is True):
                self.wrong(place, key, value, _TYPE_WORDS[known[key]])

    def part(self, entry: dict[str, Any], key: str, kind: type) -> Any:  # noqa: ANN401
        value = entry.get(key)
        return value if isinstance(value, kind) else kind()

    def choice(self, place: str, entry: dict[str, Any], key: str, allowed: tuple[str, ...]) -> None:
        if key in entry and str(entry[key]) not in allowed:
            self.wrong(place, key, entry[key], "one of " + ", ".join(allowed))

    def wrong(self, place: str, key: str, value: object, allowed: str) -> None:
        self.problems.add("BW-SRC-007", self.where(place), key=key, value=value, allowed=allowed)

    def where(self, place: str, column: str = "") -> Where:
        return Where(place=f"{self.place} [{place}]" if place else self.place, column=column)


_TYPE_WORDS: dict[type, str] = {
    str: "a text in quotes",
    int: "a whole number",
    bool: "true or false",
    list: "a list",
    dict: "a table",
}
