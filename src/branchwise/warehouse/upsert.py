"""Comparing incoming rows with stored ones, as queries.

Two rows are equal when every column but ``load_id`` is equal, null being equal to null.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from branchwise.tables.spec import table_spec
from branchwise.warehouse.columns import quoted, stored_columns

SUPERSEDED = "superseded"
_KEPT_BY_LOAD = ("load_id",)


def reading(files: Sequence[Path]) -> str:
    """Return the FROM item of Parquet files, with the file of each row as ``filename``."""
    listed = ", ".join(_literal(str(path)) for path in files)
    return f"read_parquet([{listed}], union_by_name = true, filename = true)"


def changes(table: str, incoming: str, stored: str) -> str:
    """Return the query of the incoming rows that are new or differ from the stored row.

    Its extra column ``stored_file`` is the file of the row that it replaces, null for a new row.
    """
    key = table_spec(table).key
    compared = [
        name for name in stored_columns(table) if name not in _KEPT_BY_LOAD and name not in key
    ]
    differs = " OR ".join(
        f"n.{quoted(name)} IS DISTINCT FROM s.{quoted(name)}" for name in compared
    )
    return (
        f"SELECT n.*, s.filename AS stored_file FROM {incoming} n "  # noqa: S608
        f"LEFT JOIN {stored} s ON {_same(key, 'n', 's')} "
        f"WHERE s.filename IS NULL" + (f" OR {differs}" if differs else "")
    )


def superseded(table: str, changed: str, stored: str, load_id: str) -> str:
    """Return the repair rows of stored rows that changed rows replace."""
    key = table_spec(table).key
    row_key = row_key_of(table, "s")
    return (
        f"SELECT {_literal(f'{load_id}-{table}-')} || {row_key} AS repair_id, "  # noqa: S608
        f"{_literal(load_id)} AS load_id, "
        f"coalesce(n.data_source_id, s.data_source_id, '') AS data_source, "
        f"{_literal(table)} AS table_name, {row_key} AS row_key, "
        f"CAST(NULL AS VARCHAR) AS column_name, {_literal(SUPERSEDED)} AS rule, "
        f"'replaced' AS action, CAST({_as_json(table, 's')} AS VARCHAR) AS original, "
        f"CAST(NULL AS VARCHAR) AS repaired, n.data_source_id "
        f"FROM {stored} s JOIN {changed} n ON {_same(key, 's', 'n')} "
        f"WHERE n.stored_file IS NOT NULL"
    )


def survivors(table: str, stored_file: Path, changed: str, stored: str) -> str:
    """Return the rows of one stored file that no changed row replaces."""
    key = table_spec(table).key
    listed = ", ".join(f"s.{quoted(name)}" for name in stored_columns(table))
    return (
        f"SELECT {listed} FROM (SELECT * FROM {stored} "  # noqa: S608
        f"WHERE filename = {_literal(str(stored_file))}) s "
        f"ANTI JOIN {changed} n ON {_same(key, 's', 'n')}"
    )


def not_yet_there(table: str, incoming: str, stored: str) -> str:
    """Return the incoming rows that are not stored yet, counting equal rows.

    The key and the load do not count: a second load of the same file finds the same repairs.
    Where three equal rows come in and two are stored, one is new.
    """
    spec = table_spec(table)
    same = [name for name in spec.columns if name not in {*spec.key, *_KEPT_BY_LOAD}]
    grouped = ", ".join(quoted(name) for name in same)
    joined = " AND ".join(
        f"n.{quoted(name)} IS NOT DISTINCT FROM s.{quoted(name)}" for name in same
    )
    listed = ", ".join(f"n.{quoted(name)}" for name in stored_columns(table))
    order = ", ".join(quoted(name) for name in spec.key)
    return (
        f"SELECT {listed} FROM (SELECT *, row_number() OVER (PARTITION BY {grouped} "  # noqa: S608
        f"ORDER BY {order}) AS occurrence FROM {incoming}) n LEFT JOIN "
        f"(SELECT {grouped}, count(*) AS times FROM {stored} GROUP BY {grouped}) s ON {joined} "
        f"WHERE n.occurrence > coalesce(s.times, 0)"
    )


def are_equal(table: str, incoming: str, stored: str) -> str:
    """Return the query ``differences`` of two relations' rows, ``load_id`` aside."""
    listed = ", ".join(quoted(name) for name in stored_columns(table) if name not in _KEPT_BY_LOAD)
    one, other = (f"SELECT {listed} FROM {name}" for name in (incoming, stored))  # noqa: S608
    return (
        f"SELECT (SELECT count(*) FROM ({one} EXCEPT ALL {other})) "  # noqa: S608
        f"+ (SELECT count(*) FROM ({other} EXCEPT ALL {one})) AS differences"
    )


def row_key_of(table: str, alias: str) -> str:
    """Return the SQL text of a row's key; parts of a compound key are joined by ``|``."""
    parts = (f"CAST({alias}.{quoted(name)} AS VARCHAR)" for name in table_spec(table).key)
    return "concat_ws('|', " + ", ".join(parts) + ")"


def _as_json(table: str, alias: str) -> str:
    pairs = (f"{_literal(name)}, {alias}.{quoted(name)}" for name in stored_columns(table))
    return "json_object(" + ", ".join(pairs) + ")"


def _same(key: Sequence[str], one: str, other: str) -> str:
    return " AND ".join(f"{one}.{quoted(name)} = {other}.{quoted(name)}" for name in key)


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
