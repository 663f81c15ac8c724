"""Rows of a query, streamed into one Parquet file; memory holds one batch."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from branchwise.core.errors import Where, problem
from branchwise.sources.database.connection import apart, said
from branchwise.sources.database.queries import Query
from branchwise.sources.feeds.address import Address
from branchwise.sources.feeds.marks import Highest, Mark
from branchwise.sources.headings import match_headings
from branchwise.sources.mapping import FileRule
from branchwise.sources.model import FileRead
from branchwise.sources.reading.workshop import Readings, RowFile, Workshop

if TYPE_CHECKING:
    from sqlalchemy import Connection, FromClause, Select

BATCH_ROWS = 10_000
WHOLE_FLOAT_LIMIT = 1e15
NO_TEXT = "{name} holds bytes that are no text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One query on its way: what to ask, of whom, and since when.

    Attributes
    ----------
    query : Query
        The query.
    rule : FileRule
        Its source and computed columns.
    wanted : tuple of str
        The columns that the tables read; no others are asked for.
    mark : Mark or None
        How far it was loaded.
    address : Address
        The database, for messages.
    now : datetime
        The present instant.
    """

    query: Query
    rule: FileRule
    wanted: tuple[str, ...]
    mark: Mark | None
    address: Address
    now: datetime


def read_query(
    connection: Connection, asked: Asked, workshop: Workshop
) -> tuple[Readings, Mark | None]:
    """Read the rows of one query.

    Parameters
    ----------
    connection : Connection
        Of `branchwise.sources.database.connection.connected`.
    asked : Asked
        What is asked.
    workshop : Workshop
        The engine and the scratch folder.

    Returns
    -------
    (Readings, Mark or None)
        The rows, or why there are none; and how far the source is loaded once they are stored.
    """
    from sqlalchemy.exc import SQLAlchemyError

    readings = Readings()
    place = asked.query.shown
    try:
        with apart(connection):
            return _read(connection, asked, readings, workshop)
    except SQLAlchemyError as error:
        reason = said(error, asked.address)
        where = Where(place=f"{asked.address.shown} {place}")
        bad = problem("BW-SRC-067", where, name=place, reason=reason)
        return Readings(refused=[bad]), None  # rows that came before it broke off are left out


def _read(
    connection: Connection, asked: Asked, readings: Readings, workshop: Workshop
) -> tuple[Readings, Mark | None]:
    source = _source(asked.query)
    known = _columns(connection, source)
    watermark = asked.query.watermark
    wanted = [*asked.wanted, *([] if watermark is None else [watermark])]
    headings = match_headings(known, list(dict.fromkeys(wanted)))
    if not readings.accept_headings(asked.query.shown, headings, known):
        return readings, None
    columns = [known[headings.found[name]] for name in wanted]
    highest = _stream(connection, _statement(source, columns, asked), asked, readings, workshop)
    return readings, highest.mark(asked.query.fingerprint(asked.wanted))


def text_of(value: object) -> str | None:
    """Return a value of a database as text, in a form that cleaning reads.

    Examples
    --------
    >>> text_of(Decimal("1E+3")), text_of(5.0), text_of(True), text_of(date(2026, 3, 10))
    ('1000', '5', 'true', '2026-03-10')
    >>> text_of(datetime(2026, 3, 10, 9, 2)), text_of({"a": [1]})
    ('2026-03-10 09:02:00', '{"a": [1]}')
    """
    if value is None or isinstance(value, str):
        return value
    written = next((write for kinds, write in _WRITTEN if isinstance(value, kinds)), str)
    return written(value)


def _float_text(value: float) -> str:
    is_whole = math.isfinite(value) and value.is_integer() and abs(value) < WHOLE_FLOAT_LIMIT
    return str(int(value)) if is_whole else repr(value)


_WRITTEN: tuple[tuple[Any, Callable[[Any], str]], ...] = (
    (bool, lambda value: "true" if value else "false"),
    (Decimal, lambda value: format(value, "f")),
    (float, _float_text),
    (datetime, lambda value: str(value.isoformat(sep=" "))),
    (date | time, lambda value: str(value.isoformat())),
    (timedelta, lambda value: str(value.total_seconds())),
    (bytes | bytearray | memoryview, lambda value: bytes(value).decode()),
    (dict | list | tuple, lambda value: json.dumps(value, ensure_ascii=False, default=str)),
)


def _source(query: Query) -> FromClause:
    from sqlalchemy import table, text

    if query.table:
        schema, _, name = query.table.rpartition(".")
        return table(name, schema=schema or None)
    return text(query.sql.replace(":", "\\:")).columns().subquery("asked")


def _columns(connection: Connection, source: FromClause) -> list[str]:
    from sqlalchemy import false, literal_column, select

    nothing: Select[Any] = select(literal_column("*")).select_from(source).where(false())
    return list(connection.execute(nothing).keys())


def _statement(source: FromClause, columns: Sequence[str], asked: Asked) -> Select[Any]:
    """Ask for the wanted columns; by a watermark only what is new, the latest last."""
    from sqlalchemy import bindparam, case, column, or_, select
    from sqlalchemy.types import NullType

    listed: list[Any] = [column(name).label(f"c{place}") for place, name in enumerate(columns)]
    chosen = select(*listed).select_from(source)
    if asked.query.watermark is None:
        return chosen
    watermark: Any = column(columns[-1])
    if asked.mark is not None:
        since = asked.mark.since(asked.query.overlap, place=asked.query.shown)
        kind = NullType() if isinstance(since, str) else None  # the column says what a text is
        limit = bindparam("since", since, type_=kind)
        chosen = chosen.where(or_(watermark.is_(None), watermark >= limit))
    return chosen.order_by(case((watermark.is_(None), 0), else_=1), watermark)


def _stream(
    connection: Connection,
    statement: Select[Any],
    asked: Asked,
    readings: Readings,
    workshop: Workshop,
) -> Highest:
    place = asked.query.shown
    rows = RowFile(workshop, asked.rule, asked.wanted)
    highest = Highest(asked.now)
    faulty: list[int] = []
    count = 0
    streamed = {"stream_results": True, "max_row_buffer": BATCH_ROWS}
    with connection.execute(statement, execution_options=streamed) as result:
        for batch in result.partitions(BATCH_ROWS):
            columns: list[Sequence[object]] = list(zip(*batch, strict=True))
            if asked.query.watermark is not None:
                highest.add(columns.pop())
            faulty += _add(rows, place, count + 1, columns, len(batch))
            count += len(batch)
    readings.queries.append(rows.query())
    readings.first_row = 1
    _note_ignored(readings, asked, highest)
    read = FileRead(
        path=place, form="query", encoding=None, count_rows=count, count_faults=len(faulty)
    )
    if count or asked.mark is None:
        readings.accept(read, faulty)
    else:  # nothing new is what one expects of most nights
        readings.files.append(read)
    return highest


def _add(
    rows: RowFile, place: str, first: int, columns: Sequence[Sequence[object]], size: int
) -> list[int]:
    """Add a batch column by column, or row by row where a cell is no text; return faulty rows."""
    try:
        made = [_array(column) for column in columns] or [pa.nulls(size, pa.string())]
        rows.add_columns(place, first, dict(zip(rows.wanted or ("",), made, strict=True)))
    except UnicodeError:
        return _add_slowly(rows, place, first, columns)
    return []


def _add_slowly(
    rows: RowFile, place: str, first: int, columns: Sequence[Sequence[object]]
) -> list[int]:
    faulty = []
    for number, row in enumerate(zip(*columns, strict=True), first):
        cells: list[str | None] = []
        fault = None
        for name, value in zip(rows.wanted, row, strict=True):
            try:
                cells.append(text_of(value))
                str(cells[-1]).encode()
            except UnicodeError:
                fault = NO_TEXT.format(name=name)
                faulty.append(number)
                break
        rows.add(place, number, cells, fault)
    return faulty


def _array(column: Sequence[object]) -> pa.Array:
    try:
        return pa.array(column, pa.string())
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        return pa.array([text_of(value) for value in column], pa.string())


def _note_ignored(readings: Readings, asked: Asked, highest: Highest) -> None:
    if highest.count_ignored:
        reached = highest.mark()
        readings.note(
            "BW-SRC-056",
            asked.query.shown,
            count=highest.count_ignored,
            column=asked.query.watermark,
            mark="–" if reached is None else reached.value,
        )
