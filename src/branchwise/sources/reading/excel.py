"""Excel workbooks: one sheet, values as they were last computed.

Formulas are never run. A cell whose text begins with ``=``, ``+``, ``-`` or ``@`` is data. Merged
cells each have the value of their first one. Title rows above the headings are skipped and said.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from branchwise.sources.headings import Headings, match_headings
from branchwise.sources.mapping import FileRule
from branchwise.sources.model import FileRead
from branchwise.sources.reading.workshop import (
    HEADER_SEARCH_ROWS,
    FoundFile,
    Readings,
    RowFile,
    Workshop,
)

Cell = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta
WHOLE_BELOW = 1e15


def read_excel(
    files: Sequence[FoundFile], rule: FileRule, wanted: Sequence[str], workshop: Workshop
) -> Readings:
    """Read the workbooks of one rule; parameters as in `text.read_texts`.

    Whole numbers are written without a decimal point, dates as ``2026-03-10``, instants as
    ``2026-03-10 09:02:11``. Rows without any value are no rows.
    """
    readings = Readings()
    rows = RowFile(workshop, rule, wanted)
    for file in files:
        if not file.path.stat().st_size:
            readings.refuse("BW-SRC-017", file.name)
            continue
        sheet = _sheet(file, rule, readings)
        if sheet is not None:
            _read_sheet(file, sheet, rule, wanted, rows=rows, readings=readings)
    if readings.files:
        readings.queries.append(rows.query())
    return readings


def _sheet(file: FoundFile, rule: FileRule, readings: Readings) -> list[list[str]] | None:
    try:
        with CalamineWorkbook.from_path(str(file.path)) as book:
            names = book.sheet_names
            name = rule.sheet or names[0]
            if name not in names:
                readings.refuse("BW-SRC-024", file.name, name=name, known=", ".join(names))
                return None
            return _texts(book.get_sheet_by_name(name))
    except (CalamineError, OSError, ValueError, IndexError) as error:
        readings.refuse("BW-SRC-022", file.name, form="Excel", reason=error)
        return None


def sheet_texts(path: Path) -> Iterator[tuple[str, list[list[str]]]]:
    """Return the name and the cells of each sheet of a workbook, as `read_excel` reads them.

    Raises
    ------
    ValueError
        If it is damaged or has a password.
    """
    try:
        with CalamineWorkbook.from_path(str(path)) as book:
            for name in book.sheet_names:
                yield name, _texts(book.get_sheet_by_name(name))
    except CalamineError as error:
        raise ValueError(str(error)) from error


def _texts(sheet: CalamineSheet) -> list[list[str]]:
    texts = [[_text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        for row in texts[top : bottom + 1]:
            for column in range(left, min(right + 1, len(row))):
                row[column] = texts[top][left]
    return texts


def _text(cell: Cell) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < WHOLE_BELOW:
        return str(int(cell))
    if isinstance(cell, dt.datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    return str(cell)


def _read_sheet(
    file: FoundFile,
    texts: list[list[str]],
    rule: FileRule,
    wanted: Sequence[str],
    *,
    rows: RowFile,
    readings: Readings,
) -> None:
    header, headings = _header(texts, rule, wanted)
    if header > len(texts):
        readings.refuse("BW-SRC-017", file.name)
        return
    known = texts[header - 1] if header else [name for name, _ in rule.columns]
    shown = [name for name in known if name]
    if not readings.accept_headings(
        file.name, headings, shown, row=header if rule.header is None else None
    ):
        return
    places = [headings.found[name] for name in wanted]
    count = 0
    for number, row in enumerate(texts[header:], header + 1):
        if any(row):
            count += 1
            cells = [row[place] or None if place < len(row) else None for place in places]
            rows.add(file.name, number, cells, None)
    readings.accept(FileRead(path=file.name, form="excel", encoding=None, count_rows=count))


def _header(
    texts: Sequence[Sequence[str]], rule: FileRule, wanted: Sequence[str]
) -> tuple[int, Headings]:
    if rule.columns or rule.header == 0:
        return 0, match_headings([name for name, _ in rule.columns], wanted)
    if rule.header is not None:
        row = texts[rule.header - 1] if rule.header <= len(texts) else []
        return rule.header, match_headings(row, wanted)
    tried = [
        (number, match_headings(row, wanted))
        for number, row in enumerate(texts[:HEADER_SEARCH_ROWS], 1)
    ]
    fitting = [found for found in tried if not found[1].missing]
    best = min(
        tried, key=lambda found: len(found[1].missing), default=(1, match_headings([], wanted))
    )
    return fitting[0] if fitting else best
