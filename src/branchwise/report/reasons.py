"""Why rows stand in quarantine, in the reader's words."""

from __future__ import annotations

import re

from branchwise.core.languages import Text
from branchwise.report.phrases import later, plain, say
from branchwise.tables.spec import table_names, table_spec

TYPES = {
    "text": later("a text"),
    "integer": later("a whole number"),
    "real": later("a number"),
    "boolean": later("yes or no"),
    "date": later("a date"),
    "instant": later("a date with time"),
    "minute": later("a time of day"),
}
FORMS = (
    (re.compile(r"(?P<column>\w+) is missing"), later("{column} is missing")),
    (
        re.compile(r"(?P<column>\w+) is outside its range"),
        later("{column} is outside its range"),
    ),
    (
        re.compile(r"(?P<column>\w+) is in no row of (?P<table>\w+)"),
        later("{column} is not found in the table “{table}”"),
    ),
    (
        re.compile(r"(?P<column>\w+): (?P<given>.*) is not: (?P<type>\w+)", re.DOTALL),
        later("{column}: “{given}” is not {type}"),
    ),
    (
        re.compile(
            r"too (?:few|many) cells: (?P<found>\d+) instead of (?P<due>\d+) \(line (?P<line>\d+)\)"
        ),
        later("line {line} of the file has {found} cells instead of {due}"),
    ),
)


def reason_said(table: str, reason: str) -> Text:
    """Return a reason of quarantine in three languages; an unknown one as it was written.

    Examples
    --------
    >>> reason_said("visit", "arrived_at is missing").zh_hant
    '缺少到達時間'
    """
    for form, message in FORMS:
        found = form.fullmatch(reason)
        if found:
            return say(message, **{k: _named(table, k, v) for k, v in found.groupdict().items()})
    broken = table_spec(table).why(reason) if table in table_names() else None
    return broken or plain(reason)


def column_name(table: str, column: str) -> Text:
    """Return what people call a column; the table's name where none is given.

    Examples
    --------
    >>> column_name("visit", "branch_id").zh_hans, column_name("visit", "").zh_hant
    ('网点号', '整行')
    """
    if not column:
        return say("whole row")
    known = table_spec(table).columns if table in table_names() else {}
    return known[column].label if column in known else plain(column)


def table_label(table: str) -> Text:
    """Return what people call a table.

    Examples
    --------
    >>> table_label("visit").en
    'Visit'
    """
    return table_spec(table).label if table in table_names() else plain(table)


def _named(table: str, kind: str, word: str) -> Text:
    if kind == "column":
        return column_name(table, word)
    if kind == "table":
        return table_label(word)
    return say(TYPES[word]) if kind == "type" and word in TYPES else plain(word)
