"""Delimited text: CSV and TSV.

The fast road is the engine's own reader, lazily: sound UTF-8 files with the same headings are one
view over all of them. One counting pass of the engine finds the files in which a record does not
fit; only those take the slow road of `branchwise.sources.reading.records`. Files in other
encodings are first written again in UTF-8, by stream.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from branchwise.engines.duckdb import EngineError, literal
from branchwise.sources.headings import Headings, match_headings
from branchwise.sources.mapping import FileRule
from branchwise.sources.model import FileRead
from branchwise.sources.reading.encodings import Encoded, find_encoding, transcode
from branchwise.sources.reading.records import Dialect, Record, find_dialect, read_records
from branchwise.sources.reading.workshop import (
    HEADER_SEARCH_ROWS,
    FoundFile,
    Readings,
    RowFile,
    Workshop,
    quoted,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A text file whose encoding, dialect and headings are known.

    Attributes
    ----------
    file : FoundFile
        The file.
    form : str
        ``csv`` or ``tsv``.
    encoded : Encoded
        Its encoding.
    dialect : Dialect
        How cells are parted.
    header, skip : int
        Record of the headings (0 for none), and lines to skip before the first row.
    width : int
        Cells in a row.
    headings : Headings
        Where the wanted columns are.
    """

    file: FoundFile
    form: str
    encoded: Encoded
    dialect: Dialect
    header: int
    skip: int
    width: int
    headings: Headings

    @property
    def shape(self) -> tuple[object, ...]:
        """What files must have in common to be read together."""
        places = tuple(self.headings.found.items())
        return (self.form, self.dialect, self.header, self.skip, self.width, places)


def read_texts(
    files: Sequence[FoundFile], rule: FileRule, wanted: Sequence[str], workshop: Workshop
) -> Readings:
    """Read the CSV and TSV files of one rule.

    Parameters
    ----------
    files : sequence of FoundFile
        The files.
    rule : FileRule
        How they are written.
    wanted : sequence of str
        The columns to hand over.
    workshop : Workshop
        The engine and the scratch folder.
    """
    readings = Readings()
    groups: dict[tuple[object, ...], list[tuple[Opened, Path]]] = {}
    slow: list[Opened] = []
    for file in files:
        opened = _open(file, rule, wanted, readings)
        if opened is None:
            continue
        path = _fast_path(opened, workshop)
        if path is None:
            slow.append(opened)
        else:
            groups.setdefault(opened.shape, []).append((opened, path))
    for group in groups.values():
        slow += _read_fast(group, wanted, workshop, readings)
    if slow:
        _read_slowly(slow, rule, wanted, workshop, readings)
    if len(readings.files) > 1 or slow:
        readings.first_row = None
    return readings


def _open(
    file: FoundFile, rule: FileRule, wanted: Sequence[str], readings: Readings
) -> Opened | None:
    if not file.path.stat().st_size:
        readings.refuse("BW-SRC-017", file.name)
        return None
    encoded = find_encoding(file.path, rule.encoding)
    if encoded is None:
        readings.refuse("BW-SRC-016", file.name)
        return None
    if encoded.better:
        readings.refuse("BW-SRC-015", file.name, declared=rule.encoding, better=encoded.better)
        return None
    form = rule.format or ("tsv" if ".tsv" in file.name.lower() else "csv")
    delimiter = rule.delimiter or ("\t" if form == "tsv" else None)
    dialect = find_dialect(file.path, encoded.codec, delimiter, rule.quote)
    head = list(islice(read_records(file.path, encoded.codec, dialect), HEADER_SEARCH_ROWS))
    header = _find_header(head, rule, wanted)
    if header > len(head) or not head:
        readings.refuse("BW-SRC-017", file.name)
        return None
    names = [name for name, _ in rule.columns] if not header else head[header - 1].cells
    headings = match_headings(names, wanted)
    if not readings.accept_headings(
        file.name, headings, names, row=header if rule.header is None else None
    ):
        return None
    if encoded.is_guessed:
        readings.note("BW-SRC-031", file.name, encoding=encoded.name)
    before = head[header].line - 1 if header < len(head) else head[-1].line
    return Opened(
        file=file,
        form=form,
        encoded=encoded,
        dialect=dialect,
        header=header,
        skip=before if header else 0,
        width=len(names),
        headings=headings,
    )


def _find_header(head: Sequence[Record], rule: FileRule, wanted: Sequence[str]) -> int:
    if rule.header is not None:
        return rule.header
    if rule.columns:
        return 0
    for number, record in enumerate(head, 1):
        if not match_headings(record.cells, wanted).missing:
            return number
    return 1


def _fast_path(opened: Opened, workshop: Workshop) -> Path | None:
    """Return a sound UTF-8 file with the same text, or None if there can be none."""
    if not opened.encoded.is_sound or opened.encoded.has_nul:
        return None
    if opened.encoded.name == "utf-8" and not any(sign in str(opened.file.path) for sign in "*?["):
        return opened.file.path
    target = workshop.path(".csv")
    transcode(opened.file.path, opened.encoded.codec, target)
    return target


def _read_fast(
    group: Sequence[tuple[Opened, Path]],
    wanted: Sequence[str],
    workshop: Workshop,
    readings: Readings,
) -> list[Opened]:
    """Add a view over sound files; return those that are not sound."""
    counts = _count(group, workshop)
    if counts is None and len(group) > 1:
        return [bad for one in group for bad in _read_fast([one], wanted, workshop, readings)]
    if counts is None:
        return [opened for opened, _ in group]
    bad = [opened for opened, path in group if str(path) not in counts]
    good = [(opened, path) for opened, path in group if str(path) in counts]
    if not good:
        return bad
    rows = [counts[str(path)] for _, path in good]
    for (opened, _), count in zip(good, rows, strict=True):
        readings.accept(
            FileRead(
                path=opened.file.name,
                form=opened.form,
                encoding=opened.encoded.name,
                count_rows=count,
            )
        )
    readings.queries.append(_view(good, rows, wanted))
    readings.first_row = good[0][0].header + 1
    return bad


def _count(group: Sequence[tuple[Opened, Path]], workshop: Workshop) -> dict[str, int] | None:
    """Count the rows of each file; leave out those with a record that does not fit."""
    engine = workshop.engine
    scans, rejects = workshop.name("reject_scans"), workshop.name("reject_errors")
    reader = _reader(
        group,
        f", store_rejects = true, rejects_limit = 1000, "
        f"rejects_scan = {literal(scans)}, rejects_table = {literal(rejects)}",
    )
    query = f"SELECT source_path, count(*) AS rows FROM {reader} GROUP BY source_path"  # noqa: S608
    try:
        counted = engine.table(query).to_pylist()
        refused = engine.table(
            f"SELECT DISTINCT file_path FROM {scans} WHERE (scan_id, file_id) IN "  # noqa: S608
            f"(SELECT (scan_id, file_id) FROM {rejects})"
        ).to_pylist()
    except EngineError:
        return None
    finally:
        engine.execute(f"DROP TABLE IF EXISTS {scans}; DROP TABLE IF EXISTS {rejects}")
    counts = {str(path): 0 for _, path in group}
    counts |= {row["source_path"]: row["rows"] for row in counted}
    for row in refused:
        counts.pop(row["file_path"], None)
    return counts


def _reader(group: Sequence[tuple[Opened, Path]], options: str = "") -> str:
    opened = group[0][0]
    paths = ", ".join(literal(str(path)) for _, path in group)
    columns = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(opened.width))
    return (
        f"read_csv([{paths}], auto_detect = false, header = false, skip = {opened.skip}, "
        f"delim = {literal(opened.dialect.delimiter)}, quote = {literal(opened.dialect.quote)}, "
        f"escape = {literal(opened.dialect.quote)}, columns = {{{columns}}}, "
        f"filename = 'source_path'{options})"
    )


def _view(
    group: Sequence[tuple[Opened, Path]], counts: Sequence[int], wanted: Sequence[str]
) -> str:
    opened = group[0][0]
    places = opened.headings.found
    columns = [f"c{places[name]} AS {quoted(name)}" for name in wanted]
    fault = "CAST(NULL AS VARCHAR) AS source_fault"
    if len(group) == 1:
        row = f"row_number() OVER () + {opened.header} AS source_row"
        file = f"{literal(opened.file.name)} AS source_file"
        listed = ", ".join([*columns, file, row, fault])
        return f"SELECT {listed} FROM {_reader(group)}"  # noqa: S608
    starts = []
    start = 0
    for (one, path), count in zip(group, counts, strict=True):
        starts.append(f"({literal(str(path))}, {literal(one.file.name)}, {start - one.header})")
        start += count
    file, row = "source_file", "running - start AS source_row"
    listed = ", ".join([*columns, file, row, fault])
    return (
        f"SELECT {listed} FROM (SELECT *, row_number() OVER () AS running FROM {_reader(group)}) "  # noqa: S608
        f"JOIN (VALUES {', '.join(starts)}) AS files (path, source_file, start) "
        "ON source_path = path"
    )


def _read_slowly(
    slow: Sequence[Opened],
    rule: FileRule,
    wanted: Sequence[str],
    workshop: Workshop,
    readings: Readings,
) -> None:
    rows = RowFile(workshop, rule, wanted)
    for opened in slow:
        places = [opened.headings.found[name] for name in wanted]
        faulty: list[int] = []
        count = 0
        for record in read_records(opened.file.path, opened.encoded.codec, opened.dialect):
            if record.row <= opened.header:
                continue
            count += 1
            fault = record.fault or _ragged(record, opened.width)
            if fault:
                faulty.append(record.line)
            cells = [None] * len(places) if fault else [record.cells[at] or None for at in places]
            rows.add(opened.file.name, record.row, cells, fault or None)
        readings.accept(
            FileRead(
                path=opened.file.name,
                form=opened.form,
                encoding=opened.encoded.name,
                count_rows=count,
                count_faults=len(faulty),
            ),
            faulty,
        )
    readings.queries.append(rows.query())


def _ragged(record: Record, width: int) -> str:
    if len(record.cells) == width:
        return ""
    many = "too many" if len(record.cells) > width else "too few"
    return f"{many} cells: {len(record.cells)} instead of {width} (line {record.line})"
