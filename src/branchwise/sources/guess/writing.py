"""The draft as text: a mapping in TOML with remarks where a person should look, and code lists."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from branchwise.sources.guess.draft import Draft, DraftColumn, DraftFile, DraftTable
from branchwise.sources.mapping_text import toml_text

SURE = 0.8
LIKELY = 0.55
IN_FILES = ("queue_business_line", "device_code", "transaction_service")
FOLDER = "codes"


def mapping_text(draft: Draft) -> str:
    """Return the mapping in TOML, as `branchwise.sources.mapping.read_mapping` reads it."""
    lines = [
        "# A draft: read every line with the mark ??, and correct what is wrong.",
        "# How a mapping is written: docs/how-to/map-your-files.md",
        "",
        "[source]",
        f"timezone = {toml_text(draft.timezone)}",
    ]
    for file in draft.files:
        lines += ["", *_file(file)]
    lines += ["", *_codes(draft)]
    for table in draft.tables:
        lines += ["", *_table(table)]
    return "\n".join(lines) + "\n"


def code_files(draft: Draft) -> dict[str, str]:
    """Return the code lists that are kept as CSV files: path beside the mapping, and content."""
    found = {}
    for name in IN_FILES:
        if name in draft.codes:
            text = io.StringIO()
            writer = csv.writer(text, lineterminator="\n")
            writer.writerow(("branch", "code", "meaning"))
            writer.writerows(("", code, meant) for code, meant in sorted(draft.codes[name].items()))
            writer.writerow(("", "*", ""))
            found[f"{FOLDER}/{name}.csv"] = text.getvalue()
    return found


def _file(file: DraftFile) -> Iterator[str]:
    kind = f"# {file.title.en} ({file.confidence:.0%})"
    yield kind + ("" if file.confidence >= SURE else "  ?? is it this kind of file?")
    yield "[[file]]"
    yield f"name = {toml_text(file.name)}"
    yield f"pattern = {toml_text(file.pattern)}"
    yield f"format = {toml_text(file.format)}"
    for key, value in file.options.items():
        if isinstance(value, list):
            yield f"{key} = ["
            yield from (f"  {_item(item)}," for item in value)
            yield "]"
        else:
            yield f"{key} = {_item(value)}"
    for heading, role in file.left:
        what = f" (looks like: {role})" if role else ""
        yield f"# not used: {_line(heading)}{what}"


def _item(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_item(inner)}" for key, inner in value.items()) + " }"
    return str(value) if isinstance(value, int) else toml_text(str(value))


def _line(text: str) -> str:
    return " ".join(text.split())


def _codes(draft: Draft) -> Iterator[str]:
    lists = {name: codes for name, codes in draft.codes.items() if _is_used(draft, name)}
    if any(name in IN_FILES for name in lists):
        yield "# Code lists beside this file: open them in a spreadsheet, fill in the meanings."
        yield "[codes]"
        yield from (f'{name} = "{FOLDER}/{name}.csv"' for name in lists if name in IN_FILES)
        yield ""
    for name, codes in lists.items():
        if name in IN_FILES:
            continue
        yield f"[codes.{name}]"
        for code, meant in codes.items():
            unsure = "" if meant else "  # ?? meaning not known: rows with it stay without"
            yield f"{toml_text(code)} = {toml_text(meant)}{unsure}"
        yield ""


def _is_used(draft: Draft, name: str) -> bool:
    sign = f"code('{name}'"
    return any(sign in column.expression for table in draft.tables for column in table.columns)


def _table(table: DraftTable) -> Iterator[str]:
    yield "[[table]]"
    yield f"into = {toml_text(table.into)}"
    yield f"from = {toml_text(table.source)}"
    if table.is_distinct:
        yield "distinct = true"
    yield "[table.columns]"
    for column in table.columns:
        is_maybe = column.confidence < LIKELY and not column.is_required
        yield ("# " if is_maybe else "") + _column(column)


def _column(column: DraftColumn) -> str:
    line = f"{column.name} = {toml_text(column.expression)}"
    if column.confidence >= SURE and not column.remarks:
        return line
    said = "; ".join(_line(remark.en) for remark in column.remarks)
    return f"{line}  # ?? {column.confidence:.0%}" + (f": {said}" if said else "")
