"""Records of delimited text, read so that one bad record costs no other.

The slow and forgiving road, for files in which the engine's reader found something wrong. A quote
that is never closed makes one faulty line, not one cell with the rest of the file in it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from branchwise.sources.reading.encodings import KEEP, UNDECODABLE

DELIMITERS = (",", "\t", ";", "|")
SNIFF_LINES = 20
RECORD_LINES_LIMIT = 200
CELL_CHARACTERS_LIMIT = 1 << 24
csv.field_size_limit(CELL_CHARACTERS_LIMIT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How cells are parted: delimiter and quote, one character each."""

    delimiter: str
    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record of a text file.

    Attributes
    ----------
    row, line : int
        Number of the record (blank lines are none) and of its first line, from 1.
    cells : list of str
        Its cells.
    fault : str
        Why it cannot be trusted, or an empty text.
    """

    row: int
    line: int
    cells: list[str]
    fault: str


def find_dialect(path: Path, codec: str, delimiter: str | None, quote: str | None) -> Dialect:
    """Find the delimiter of a file: the one that most lines have equally often."""
    quote = quote or '"'
    if delimiter:
        return Dialect(delimiter=delimiter, quote=quote)
    with path.open(encoding=codec, errors=KEEP, newline="") as file:
        lines = [line for _, line in zip(range(SNIFF_LINES), file, strict=False)]
    best = max(DELIMITERS, key=lambda sign: _regularity(lines, sign, quote))
    return Dialect(delimiter=best, quote=quote)


def read_records(path: Path, codec: str, dialect: Dialect) -> Iterator[Record]:
    """Read a text file record by record.

    Yields
    ------
    Record
        Cells that could not be decoded hold lone surrogates; such a record has a fault.
    """
    row = 0
    pending: list[tuple[int, str]] = []
    with path.open(encoding=codec, errors=KEEP, newline="") as file:
        lines = enumerate(file, 1)
        while True:
            taken = pending.pop(0) if pending else next(lines, None)
            if taken is None:
                return
            number, line = taken
            if not line.strip("\r\n"):
                continue
            row += 1
            cells, fault, pending = _parsed(number, line, pending, lines, dialect)
            yield Record(row=row, line=number, cells=cells, fault=fault or text_fault(line))


def _parsed(
    number: int,
    line: str,
    pending: list[tuple[int, str]],
    lines: Iterator[tuple[int, str]],
    dialect: Dialect,
) -> tuple[list[str], str, list[tuple[int, str]]]:
    """Parse a record from its first line, taking more lines while a quote is open."""
    taken: list[tuple[int, str]] = []
    text = line
    cells, fault = _cells(text, dialect)
    while fault == OPEN_QUOTE and len(taken) < RECORD_LINES_LIMIT:
        following = pending.pop(0) if pending else next(lines, None)
        if following is None:
            break
        taken.append(following)
        text += following[1]
        if dialect.quote in following[1]:
            cells, fault = _cells(text, dialect)
    if fault:
        return [line.rstrip("\r\n")], f"{fault} (line {number})", taken + pending
    undecodable = text_fault(text)
    return cells, undecodable and f"{undecodable} (line {number})", pending


OPEN_QUOTE = "a quote is opened and not closed"
STRAY_QUOTE = "text stands after a closing quote"


def _cells(text: str, dialect: Dialect) -> tuple[list[str], str]:
    text = text.rstrip("\r\n")
    if dialect.quote not in text:
        return text.split(dialect.delimiter), ""
    reader = csv.reader(
        [text + "\n"], delimiter=dialect.delimiter, quotechar=dialect.quote, strict=True
    )
    try:
        return next(reader), ""
    except csv.Error as error:
        return [], OPEN_QUOTE if "end of data" in str(error) else STRAY_QUOTE


def text_fault(text: str) -> str:
    """Return why a text cannot be trusted: undecodable bytes, a NUL; or an empty text."""
    bad = UNDECODABLE.search(text)
    if bad:
        shown = " ".join(f"{ord(sign) - 0xDC00:02X}" for sign in bad.group()[:8])
        return f"bytes that are no text at character {bad.start() + 1}: {shown}"
    if "\0" in text:
        return f"a NUL byte at character {text.index(chr(0)) + 1}"
    return ""


def _regularity(lines: Sequence[str], sign: str, quote: str) -> tuple[int, int]:
    counts = [len(_cells(line, Dialect(delimiter=sign, quote=quote))[0]) for line in lines]
    several = [count for count in counts if count > 1]
    usual = max(set(several), key=several.count, default=0)
    return (counts.count(usual) if usual else 0, usual)
