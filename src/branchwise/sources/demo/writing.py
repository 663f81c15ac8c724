"""The raw files on disk: CSV, JSON-lines, fixed width, Excel, and archives of them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

Columns = dict[str, pa.Array]
ZIP_TIME = (2026, 1, 1, 0, 0, 0)


def csv_bytes(columns: Columns, *, encoding: str = "gb18030", delimiter: str = ",") -> bytes:
    r"""Return columns as a CSV file.

    Examples
    --------
    >>> csv_bytes({"號票": pa.array(["A001", None])}, encoding="utf-8").decode()
    '號票\nA001\n\n'
    """
    options = pacsv.WriteOptions(
        include_header=False, delimiter=delimiter, quoting_style="none", quoting_header="none"
    )
    sink = io.BytesIO()
    pacsv.write_csv(pa.table(columns), sink, options)
    head = delimiter.join(columns) + "\n"
    body = sink.getvalue()
    if encoding == "utf-8" or (body.isascii() and encoding != "utf-16"):
        return head.encode(encoding) + body
    return (head + body.decode()).encode(encoding)


def json_lines(columns: Columns) -> bytes:
    r"""Return columns as JSON-lines; texts must need no escapes.

    Examples
    --------
    >>> json_lines({"a": pa.array(["1", None])}).decode()
    '{"a": "1"}\n{"a": null}\n'
    """
    count = len(next(iter(columns.values())))
    if not count:
        return b""
    parts: list[pa.Array | pa.Scalar] = []
    for number, (name, column) in enumerate(columns.items()):
        quoted = pc.binary_join_element_wise("", column, "", '"')
        start = "{" if number == 0 else ", "
        parts += [pa.scalar(f'{start}"{name}": '), pc.fill_null(quoted, "null")]
    lines = pc.binary_join_element_wise(*parts, "}", "")
    return ("\n".join(lines.to_pylist()) + "\n").encode()


def excel_file(
    path: Path,
    sheets: Mapping[str, tuple[Sequence[str], Sequence[Sequence[str]]]],
    *,
    title: str = "",
) -> None:
    """Write an Excel file of texts, each sheet with its headings.

    Parameters
    ----------
    path : Path
        The file.
    sheets : dict of str to (headings, rows)
        By name.
    title : str
        A line above the headings of every sheet, over all their columns; none if empty.
    """
    import xlsxwriter

    path.parent.mkdir(parents=True, exist_ok=True)
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False})
    book.set_properties({"created": datetime(*ZIP_TIME)})  # noqa: DTZ001  no zone in the format
    bold = book.add_format({"bold": True})
    for name, (headings, rows) in sheets.items():
        sheet = book.add_worksheet(name)
        first = 0
        if title:
            sheet.write_string(0, 0, title, bold)
            first = 1
        for column, heading in enumerate(headings):
            sheet.write_string(first, column, heading, bold)
        for number, row in enumerate(rows, start=first + 1):
            for column, text in enumerate(row):
                if text:
                    sheet.write_string(number, column, text)
    book.close()


def archive(files: dict[str, bytes]) -> bytes:
    """Return files as a zip archive whose bytes depend on nothing but the files."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, date_time=ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, content, compresslevel=1)
    return sink.getvalue()


def write(path: Path, content: bytes) -> None:
    """Write a file and the folders it lies in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def rows_as_csv(rows: Sequence[dict[str, str]], *, encoding: str = "utf-8-sig") -> bytes:
    r"""Return rows of texts as a CSV file, quoted where needed.

    Examples
    --------
    >>> rows_as_csv([{"a": "1,5", "b": ""}], encoding="utf-8")
    b'a,b\r\n"1,5",\r\n'
    """
    import csv

    sink = io.StringIO()
    if rows:
        writer = csv.DictWriter(
            sink, fieldnames=list(dict.fromkeys(k for row in rows for k in row))
        )
        writer.writeheader()
        writer.writerows(rows)
    return sink.getvalue().encode(encoding)
