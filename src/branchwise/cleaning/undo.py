"""What the rows would be without one rule: its originals and the rows it took out put back."""

from __future__ import annotations

from branchwise.cleaning.model import Cleaned
from branchwise.tables.spec import TableSpec


def without_rule(cleaned: Cleaned, spec: TableSpec, rule: str) -> str:
    """Return the query of a table's rows as they would be without one rule.

    Parameters
    ----------
    cleaned : Cleaned
        The result of cleaning.
    spec : TableSpec
        The table.
    rule : str
        Name of the rule.

    Returns
    -------
    str
        A query with the declared columns. Values that the rule changed are as given, null where
        the given text cannot stand in the column; rows that it took out are back, with null in
        the columns that are computed at load.
    """
    mine = [effect for effect in cleaned.effects if effect.rule == rule]
    touched = sorted(
        {
            effect.column
            for effect in mine
            if effect.column is not None and effect.action != "skipped"
        }
    )
    whole = any(effect.column is None for effect in mine)
    rows = _values_back(cleaned, spec, rule, touched)
    return f"{rows} UNION ALL BY NAME {_rows_back(cleaned, spec, rule)}" if whole else rows


def _values_back(cleaned: Cleaned, spec: TableSpec, rule: str, touched: list[str]) -> str:
    listed = ", ".join(f'"{name}"' for name in spec.columns)
    if not touched:
        return f"SELECT {listed} FROM {cleaned.rows}"
    key = " || '|' || ".join(f'CAST("{name}" AS VARCHAR)' for name in spec.key)
    originals = ", ".join(
        f"any_value(original) FILTER (WHERE column_name = '{name}') AS \"o_{name}\", "
        f"bool_or(column_name = '{name}') AS \"t_{name}\""
        for name in touched
    )
    columns = ", ".join(
        f'CASE WHEN "t_{name}" THEN TRY_CAST("o_{name}" AS {column.sql_type}) '
        f'ELSE "{name}" END AS "{name}"'
        if name in touched
        else f'"{name}"'
        for name, column in spec.columns.items()
    )
    return (
        f"SELECT {columns} FROM {cleaned.rows} LEFT JOIN "
        f"(SELECT row_key, {originals} FROM {cleaned.repairs} "
        f"WHERE rule = '{rule}' AND column_name IS NOT NULL GROUP BY row_key) ON row_key = {key}"
    )


def _rows_back(cleaned: Cleaned, spec: TableSpec, rule: str) -> str:
    columns = ", ".join(
        f"TRY_CAST(json_extract_string(whole, '$.{column.name}') AS {column.sql_type}) "
        f'AS "{column.name}"'
        for column in spec.given_columns
    )
    return (
        f"SELECT {columns} FROM (SELECT original AS whole FROM {cleaned.repairs} "
        f"WHERE rule = '{rule}' AND column_name IS NULL AND action = 'removed' UNION ALL "
        f"SELECT content FROM {cleaned.quarantine} WHERE rule = '{rule}')"
    )
