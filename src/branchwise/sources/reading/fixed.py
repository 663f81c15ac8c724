"""Fixed-width text: widths count bytes of the file's own encoding.

Blocks of lines of one length are cut column by column; only lines of another length are looked at
one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from branchwise.sources.headings import match_headings
from branchwise.sources.mapping import FileRule
from branchwise.sources.model import FileRead
from branchwise.sources.reading.encodings import find_encoding
from branchwise.sources.reading.workshop import FoundFile, Readings, RowFile, Workshop

BLOCK_LINES = 50_000
BLANKS = " \t\u3000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where the columns of a line are.

    Attributes
    ----------
    wanted : tuple of str
        The columns to hand over.
    cuts : tuple of (int, int)
        First byte and byte after the last of each of them.
    last, length : int
        First byte of the last column, and length of a whole line.
    codec : str
        What decodes the bytes of a column.
    """

    wanted: tuple[str, ...]
    cuts: tuple[tuple[int, int], ...]
    last: int
    length: int
    codec: str


def read_fixed(
    files: Sequence[FoundFile], rule: FileRule, wanted: Sequence[str], workshop: Workshop
) -> Readings:
    """Read the fixed-width files of one rule; parameters as in `text.read_texts`."""
    readings = Readings()
    rows = RowFile(workshop, rule, wanted)
    for file in files:
        _read_file(file, rule, wanted, rows, readings)
    if readings.files:
        readings.queries.append(rows.query())
    return readings


def _read_file(
    file: FoundFile, rule: FileRule, wanted: Sequence[str], rows: RowFile, readings: Readings
) -> None:
    if not file.path.stat().st_size:
        readings.refuse("BW-SRC-017", file.name)
        return
    encoded = find_encoding(file.path, rule.encoding)
    if encoded is None or encoded.name == "utf-16":
        readings.refuse("BW-SRC-016", file.name)
        return
    if encoded.better:
        readings.refuse("BW-SRC-015", file.name, declared=rule.encoding, better=encoded.better)
        return
    names = [name for name, _ in rule.columns]
    headings = match_headings(names, wanted)
    if not readings.accept_headings(file.name, headings, names):
        return
    if encoded.is_guessed:
        readings.note("BW-SRC-031", file.name, encoding=encoded.name)
    codec = "utf-8" if encoded.name == "utf-8" else encoded.codec
    layout = _layout(rule, [headings.found[name] for name in wanted], wanted, codec)
    faulty: list[int] = []
    last = rule.header or 0
    for first, lines in _blocks(file, rule.header or 0):
        _add_block(file.name, first, lines, layout, rows=rows, faulty=faulty)
        last = first + len(lines) - 1
    readings.accept(
        FileRead(
            path=file.name,
            form="fixed",
            encoding=encoded.name,
            count_rows=last - (rule.header or 0),
            count_faults=len(faulty),
        ),
        faulty,
    )


def _layout(rule: FileRule, places: Sequence[int], wanted: Sequence[str], codec: str) -> Layout:
    widths = [width or 0 for _, width in rule.columns]
    ends = list(accumulate(widths))
    starts = [end - width for end, width in zip(ends, widths, strict=True)]
    return Layout(
        wanted=tuple(wanted),
        cuts=tuple((starts[place], ends[place]) for place in places),
        last=starts[-1],
        length=ends[-1],
        codec=codec,
    )


def _blocks(file: FoundFile, header: int) -> Iterator[tuple[int, list[bytes]]]:
    """Yield number of the first line and lines of each block, without ends of line."""
    lines: list[bytes] = []
    number = 0
    with file.path.open("rb") as source:
        for line in source:
            number += 1
            if number <= header:
                continue
            if number == 1:
                line = line.removeprefix(b"\xef\xbb\xbf")  # noqa: PLW2901
            lines.append(line.rstrip(b"\r\n\x1a"))
            if len(lines) == BLOCK_LINES:
                yield number - len(lines) + 1, lines
                lines = []
    while lines and not lines[-1]:
        lines.pop()
        number -= 1
    if lines:
        yield number - len(lines) + 1, lines


def _add_block(
    name: str,
    first: int,
    lines: Sequence[bytes],
    layout: Layout,
    *,
    rows: RowFile,
    faulty: list[int],
) -> None:
    if all(len(line) == layout.length for line in lines):
        columns = _cut(lines, layout)
        if columns is not None:
            rows.add_columns(name, first, columns)
            return
    for number, line in enumerate(lines, first):
        cells, fault = _cut_line(line, layout)
        if fault:
            faulty.append(number)
            fault = f"{fault} (line {number})"
        rows.add(name, number, cells, fault or None)


def _cut(lines: Sequence[bytes], layout: Layout) -> dict[str, pa.Array] | None:
    """Cut a block of whole lines; None if a byte is no text."""
    block = b"".join(lines)
    if b"\0" in block:
        return None
    grid = np.frombuffer(block, np.uint8).reshape(len(lines), layout.length)
    columns: dict[str, pa.Array] = {}
    for name, (start, end) in zip(layout.wanted, layout.cuts, strict=True):
        part = np.ascontiguousarray(grid[:, start:end])
        try:
            columns[name] = _decoded(part, layout.codec)
        except UnicodeDecodeError:
            return None
    return columns


def _decoded(part: npt.NDArray[np.uint8], codec: str) -> pa.Array:
    """Return a column of cells, blanks cut off and null where nothing is left."""
    count, width = part.shape
    whole = part.tobytes()
    if whole.isascii():
        ends = np.arange(0, (count + 1) * width, width, dtype=np.int32)
        cells = pa.Array.from_buffers(
            pa.string(), count, [None, pa.py_buffer(ends), pa.py_buffer(whole)]
        )
        cells = pc.utf8_trim(cells, BLANKS)
    else:
        bytes_of = [whole[at : at + width] for at in range(0, len(whole), width)]
        known = {cell: cell.decode(codec).strip(BLANKS) for cell in set(bytes_of)}
        cells = pa.array([known[cell] for cell in bytes_of], pa.string())
    return pc.if_else(pc.equal(cells, ""), pa.scalar(None, pa.string()), cells)


def _cut_line(line: bytes, layout: Layout) -> tuple[list[str | None], str]:
    empty: list[str | None] = [None] * len(layout.cuts)
    if len(line) <= layout.last or line[layout.length :].strip():
        return empty, f"the line has {len(line)} bytes instead of {layout.length}"
    if b"\0" in line:
        return empty, f"a NUL byte at byte {line.index(0) + 1}"
    cells: list[str | None] = []
    for start, end in layout.cuts:
        try:
            cells.append(line[start:end].decode(layout.codec).strip(BLANKS) or None)
        except UnicodeDecodeError as error:
            return empty, f"bytes that are no text at byte {start + error.start + 1}"
    return cells, ""
