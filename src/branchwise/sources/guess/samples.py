"""Samples of files that nobody has described: their form, headings and first rows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from branchwise.core.errors import Problem, Where, problem
from branchwise.engines.duckdb import EngineError, literal
from branchwise.sources.files import form_of
from branchwise.sources.guess.names import CJK
from branchwise.sources.guess.profiles import PATTERNS, narrow
from branchwise.sources.reading.encodings import find_encoding, text_lines
from branchwise.sources.reading.excel import sheet_texts
from branchwise.sources.reading.fixed_widths import line_length
from branchwise.sources.reading.records import Dialect, find_dialect, read_records
from branchwise.sources.reading.workshop import HEADER_SEARCH_ROWS, FoundFile, Workshop

ROWS = 600
COLUMNS_LIMIT = 1000
CELL_LETTERS = 200
DELIMITED = 0.8
Cells = tuple[str | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The first rows of one file, or of one sheet of it.

    Attributes
    ----------
    path, form : str
        Its path inside the delivery, and one of the forms that a mapping may name.
    encoding, delimiter, sheet : str or None
        How it is written, where that was found out.
    header : int
        Row of its headings from 1; 0 where there is none.
    title : str
        What stands above the headings.
    headings : tuple of str
        Its headings, or the names that stand in for them.
    rows : tuple of tuple of (str or None)
        Its first rows.
    lines : tuple of bytes
        Of a fixed-width file its first lines; the headings are not known then.
    """

    path: str
    form: str
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header: int = 1
    title: str = ""
    headings: tuple[str, ...] = ()
    rows: tuple[Cells, ...] = ()
    lines: tuple[bytes, ...] = ()

    def column(self, place: int) -> list[str | None]:
        """Return the cells of one column."""
        return [row[place] if place < len(row) else None for row in self.rows]


class UnreadableError(Exception):
    """A file of which no sample can be taken, with the problem that says why."""

    def __init__(self, found: Problem) -> None:
        self.problem = found
        super().__init__(found.code)


def read_samples(file: FoundFile, workshop: Workshop) -> list[Sample]:
    """Read the first rows of a file: one sample, or one a sheet that has rows.

    Raises
    ------
    UnreadableError
        With [BW-SRC-016], [BW-SRC-017], [BW-SRC-022], [BW-SRC-103] or [BW-SRC-104].
    """
    if not file.path.stat().st_size:
        raise _unreadable("BW-SRC-017", file)
    name = file.name[:-3] if file.name.lower().endswith(".gz") else file.name
    form = form_of(name)
    if form == "excel":
        samples = list(_excel(file))
    elif form == "parquet":
        samples = [_parquet(file, workshop)]
    elif form == "jsonl":
        samples = [_json_lines(file)]
    else:
        samples = [_text(file)]
    usable = [sample for sample in samples if sample.rows or sample.lines]
    if not usable:
        raise _unreadable("BW-SRC-104", file)
    for sample in usable:
        if len(sample.headings) > COLUMNS_LIMIT:
            count = len(sample.headings)
            raise _unreadable("BW-SRC-103", file, count=count, limit=COLUMNS_LIMIT)
    return usable


def _unreadable(code: str, file: FoundFile, **values: object) -> UnreadableError:
    return UnreadableError(problem(code, Where(place=file.name), file=file.name, **values))


def _text(file: FoundFile) -> Sample:
    encoded = find_encoding(file.path, None)
    if encoded is None or (encoded.name != "utf-16" and encoded.has_nul):
        raise _unreadable("BW-SRC-016", file)
    is_tabs = file.name.lower().endswith(".tsv")
    dialect = find_dialect(file.path, encoded.codec, "\t" if is_tabs else None, None)
    records = list(islice(read_records(file.path, encoded.codec, dialect), ROWS))
    rows = [tuple(cell or None for cell in record.cells) for record in records if not record.fault]
    if not is_tabs and encoded.name != "utf-16" and _share_alike(rows) < DELIMITED:
        lines = text_lines(file.path, ROWS)
        length = line_length(lines)
        if length:
            whole = tuple(line for line in lines if len(line) == length)
            return Sample(
                path=file.name, form="fixed", encoding=encoded.name, header=0, lines=whole
            )
    return _delimited(file, encoded.name, dialect, rows)


def _share_alike(rows: Sequence[Cells]) -> float:
    """Return the share of rows that have the usual number of cells, where that is above one."""
    counts = [len(row) for row in rows]
    several = [count for count in counts if count > 1]
    usual = max(set(several), key=several.count, default=0)
    return counts.count(usual) / len(counts) if usual else 0.0


def _delimited(file: FoundFile, encoding: str, dialect: Dialect, rows: Sequence[Cells]) -> Sample:
    header, headings = find_headings(rows)
    width = len(headings)
    form = "tsv" if dialect.delimiter == "\t" and file.name.lower().endswith(".tsv") else "csv"
    return Sample(
        path=file.name,
        form=form,
        encoding=encoding,
        delimiter=dialect.delimiter,
        header=header,
        title=_title(rows, header),
        headings=headings,
        rows=tuple(_clipped(row) for row in rows[header:] if len(row) == width),
    )


def _excel(file: FoundFile) -> Iterator[Sample]:
    try:
        for sheet, texts in sheet_texts(file.path):
            rows = [tuple(cell or None for cell in row) for row in texts[:ROWS]]
            filled = [row for row in rows if any(row)]
            if not filled:
                continue
            header, headings = find_headings(rows)
            yield Sample(
                path=file.name,
                form="excel",
                sheet=sheet,
                header=header,
                title=f"{sheet} {_title(rows, header)}",
                headings=headings,
                rows=tuple(_clipped(row) for row in rows[header:] if any(row)),
            )
    except (OSError, ValueError, IndexError, RuntimeError) as error:
        raise _unreadable("BW-SRC-022", file, form="Excel", reason=error) from error


def _parquet(file: FoundFile, workshop: Workshop) -> Sample:
    source = f"read_parquet({literal(str(file.path))})"
    try:
        found = workshop.engine.table(f"SELECT * FROM {source} LIMIT {ROWS}")  # noqa: S608
    except EngineError as error:
        reason = str(error).splitlines()[0]
        raise _unreadable("BW-SRC-022", file, form="Parquet", reason=reason) from error
    columns = [[_shown(value) for value in column.to_pylist()] for column in found.columns]
    rows = tuple(_clipped(row) for row in zip(*columns, strict=True))
    return Sample(path=file.name, form="parquet", headings=tuple(found.column_names), rows=rows)


def _json_lines(file: FoundFile) -> Sample:
    encoded = find_encoding(file.path, None)
    if encoded is None:
        raise _unreadable("BW-SRC-016", file)
    objects = []
    with file.path.open(encoding=encoded.codec, errors="branchwise.keep") as lines:
        for line in islice(lines, ROWS):
            try:
                found = json.loads(line, parse_int=str, parse_float=str)
            except (json.JSONDecodeError, RecursionError):
                continue
            if isinstance(found, dict):
                objects.append(found)
    names = tuple(dict.fromkeys(name for found in objects for name in found))
    rows = tuple(_clipped(tuple(_shown(found.get(name)) for name in names)) for found in objects)
    return Sample(path=file.name, form="jsonl", encoding=encoded.name, headings=names, rows=rows)


def _shown(value: object) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _clipped(row: Cells) -> Cells:
    return tuple(cell and cell[:CELL_LETTERS] for cell in row)


def _title(rows: Sequence[Cells], header: int) -> str:
    above = (cell for row in rows[: max(header - 1, 0)] for cell in dict.fromkeys(row) if cell)
    return " ".join(above)[:CELL_LETTERS]


def find_headings(rows: Sequence[Cells]) -> tuple[int, tuple[str, ...]]:
    """Find the row of the headings: the first that is all words, and as wide as the rows below it.

    Returns
    -------
    int, tuple of str
        Its number from 1 and its cells; 0 and names made up (col_1, col_2 …) where there is none.

    Examples
    --------
    >>> find_headings([("考勤表", None), ("工號", "日期"), ("031704", "3/10")])
    (2, ('工號', '日期'))
    >>> find_headings([("00317", "20260310"), ("00322", "20260311")])
    (0, ('col_1', 'col_2'))
    """
    width = max((len(row) for row in rows), default=0)
    for number, row in enumerate(rows[:HEADER_SEARCH_ROWS], 1):
        cells = [cell for cell in row if cell]
        wide = len(cells) >= max(1, 0.6 * width) and len(set(cells)) > len(cells) / 2
        if wide and all(_is_word(cell) for cell in cells):
            return number, tuple((cell or "").lstrip("\ufeff") for cell in row)
    return 0, tuple(f"col_{place}" for place in range(1, width + 1))


def _is_word(cell: str) -> bool:
    text = narrow(cell).lstrip("\ufeff")
    if len(text) > 40 or (not re.search(r"[A-Za-z]", text) and not CJK.search(text)):  # noqa: PLR2004
        return False
    forms = ("instant", "date", "clock", "range", "number", "masked", "wkt")
    return not any(PATTERNS[form].fullmatch(text) for form in forms) and not re.search(
        r"\d{4,}", text
    )
