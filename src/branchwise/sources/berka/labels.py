"""What the labels of the bank mean, and how the files of the delivery are written."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import pyarrow as pa

from branchwise.engines.duckdb import literal
from branchwise.sources.mapping import Mapping as FileMapping
from branchwise.sources.mapping import parse_mapping
from branchwise.sources.model import SYSTEM_COLUMNS

PLACE = "berka"


def files_wanted() -> tuple[FileMapping, Mapping[str, tuple[str, ...]]]:
    """Return the rules of the files and, by name of a rule, the columns that are read.

    Examples
    --------
    >>> mapping, columns = files_wanted()
    >>> columns["berka_client"]
    ('client_id', 'birth_number')
    """
    given = dict(_packaged("files.toml"))
    columns = {name: tuple(wanted) for name, wanted in given.pop("columns").items()}
    return parse_mapping(given, place=PLACE, adapter="berka"), MappingProxyType(columns)


def labelled(kind: str, text: str) -> str:
    """Return the SQL of what a label means; null where it is in no list.

    Parameters
    ----------
    kind : str
        A list of ``labels.toml``.
    text : str
        SQL of the label as it is written.

    Examples
    --------
    >>> labelled("loan_status", "status")[:46]
    "CASE coalesce(trim(status), '') WHEN 'A' THEN "
    """
    cases = " ".join(
        f"WHEN {literal(label)} THEN {literal(meaning)}"
        for label, meaning in _packaged("labels.toml")[kind].items()
    )
    return f"CASE coalesce(trim({text}), '') {cases} END"


def posting(what: str) -> str:
    """Return the SQL of the service or the channel of a posting, by its symbol or operation.

    Examples
    --------
    >>> "WHEN 'card_out' THEN 'atm'" in posting("channel")
    True
    """
    kinds = _packaged("labels.toml")["posting"]
    cases = " ".join(
        f"WHEN {literal(kind)} THEN {literal(entry[what])}" for kind, entry in kinds.items()
    )
    return f"coalesce(CASE symbol {cases} END, CASE operation {cases} END)"


def written_rows(table: str) -> pa.Table:
    """Return the rows of ``service`` or ``product`` as a source hands them over.

    Examples
    --------
    >>> written_rows("service").num_rows
    8
    """
    rows = [
        {**row, **dict(zip(SYSTEM_COLUMNS, (PLACE, number, None), strict=True))}
        for number, row in enumerate(_packaged("labels.toml")[table], 1)
    ]
    fields = [(name, pa.int64() if name == "source_row" else pa.string()) for name in rows[0]]
    return pa.Table.from_pylist(rows, schema=pa.schema(fields))


@cache
def _packaged(name: str) -> dict[str, Any]:
    text = files("branchwise.sources.berka").joinpath(name).read_text(encoding="utf-8")
    return tomllib.loads(text)
