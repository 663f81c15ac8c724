"""Columns of stored tables: the declared ones, then where each row came from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from branchwise.core.ports import Engine
from branchwise.tables.spec import SQL_TYPES, table_spec

SYSTEM_COLUMNS = ("data_source_id", "load_id")


def stored_columns(table: str) -> dict[str, str]:
    """Return names and SQL types of a stored table's columns, in order.

    Examples
    --------
    >>> list(stored_columns("target"))[-2:]
    ['data_source_id', 'load_id']
    """
    declared = {name: column.sql_type for name, column in table_spec(table).columns.items()}
    return declared | {name: SQL_TYPES["text"] for name in SYSTEM_COLUMNS if name not in declared}


def stored_schema(table: str) -> pa.Schema:
    """Return the Arrow schema of a stored table."""
    schema = table_spec(table).arrow_schema
    for name in SYSTEM_COLUMNS:
        if name not in schema.names:
            schema = schema.append(pa.field(name, pa.string()))
    return schema


def selection(table: str, given: dict[str, str], prefix: str = "") -> str:
    """Return the select list that brings rows to a table's columns and types.

    Parameters
    ----------
    table : str
        The canonical table.
    given : dict of str to str
        Names and types of the columns that there are; a column not given becomes null.
    prefix : str
        Put before each given column, such as ``"n."``.
    """
    return ", ".join(
        _one(name, sql_type, given.get(name), prefix)
        for name, sql_type in stored_columns(table).items()
    )


def register_files(engine: Engine, name: str, files: Sequence[Path], table: str) -> None:
    """Make stored Parquet files of a table one relation with the table's columns.

    Columns that are younger than the files are null.
    """
    engine.register_files(name, files, schema=stored_schema(table))
    given = engine.columns(f"SELECT * FROM {name}")  # noqa: S608
    if list(given) == list(stored_columns(table)):
        return
    engine.register_files(f"{name}_files", files, schema=stored_schema(table))
    engine.define(name, f"SELECT {selection(table, given)} FROM {name}_files")  # noqa: S608


def _one(name: str, sql_type: str, found: str | None, prefix: str) -> str:
    if found is None:
        return f"CAST(NULL AS {sql_type}) AS {quoted(name)}"
    same = {sql_type, "TIMESTAMP WITH TIME ZONE" if sql_type == "TIMESTAMPTZ" else sql_type}
    if found in same:
        return prefix + quoted(name)
    return f"CAST({prefix}{quoted(name)} AS {sql_type}) AS {quoted(name)}"


def quoted(name: str) -> str:
    """Return a column name as an SQL identifier."""
    return f'"{name}"'
