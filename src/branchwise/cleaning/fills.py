"""What stands where a source gives nothing: rules of the table, not repairs."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from branchwise.tables.spec import Column, TableSpec

if TYPE_CHECKING:
    from branchwise.cleaning.model import Context
    from branchwise.core.ports import Engine


@dataclass(frozen=True, slots=True, kw_only=True)
class Inherited:
    """How a column is taken from the row that another column refers to.

    Attributes
    ----------
    alias : str
        Name of the joined relation; its column ``other`` is the value.
    joined : str
        The join, to rows that have the given texts as ``g_<column>``.
    """

    alias: str
    joined: str


def inherit(
    engine: Engine, spec: TableSpec, context: Context, given: Collection[str]
) -> dict[str, Inherited]:
    """Return, by column, the joins of the columns declared with ``fill_from``.

    Where the table referred to is not there, or the column that refers to it was not given, the
    column is left out.
    """
    found: dict[str, Inherited] = {}
    for column in spec.columns.values():
        if column.fill_from is None:
            continue
        through, other = column.fill_from
        reference = spec.columns[through].reference
        relation = context.references.get(reference.table) if reference else None
        if reference is None or relation is None or through not in given:
            continue
        alias = f"bw_from_{through}_{other}"
        engine.materialise(
            alias,
            f'SELECT "{reference.column}" AS code, any_value("{other}") AS other'
            f" FROM {relation} GROUP BY ALL",
        )
        join = f'LEFT JOIN {alias} ON {alias}.code = given."g_{through}"'
        found[column.name] = Inherited(alias=alias, joined=join)
    return found


def fill_layers(spec: TableSpec, words: Mapping[str, str]) -> list[list[str]]:
    """Return layers of ``value AS column``: a fill may use columns filled in an earlier layer."""
    fills = {name: column.fill for name, column in spec.columns.items() if column.fill is not None}
    return [
        [
            f'coalesce("{name}", {candidate(spec.columns[name], words)}) AS "{name}"'
            for name in layer
        ]
        for layer in _layers(fills)
    ]


def derive_layers(spec: TableSpec, words: Mapping[str, str]) -> list[list[str]]:
    """Return layers of ``value AS column`` for the columns always computed at load."""
    derived = {
        name: column.derive for name, column in spec.columns.items() if column.derive is not None
    }
    return [
        [
            f'CAST({with_words(derived[name], words)} AS {spec.columns[name].sql_type}) AS "{name}"'
            for name in layer
        ]
        for layer in _layers(derived)
    ]


def candidate(column: Column, words: Mapping[str, str]) -> str:
    """Return the value that a column is filled with: null where it would break its own range."""
    value = f"CAST({with_words(column.fill or 'NULL', words)} AS {column.sql_type})"
    inside = within_range(column, value)
    return f"CASE WHEN {inside} THEN {value} END" if inside else value


def within_range(column: Column, value: str) -> str:
    """Return the condition that a value is in the range of its column; empty without range."""
    limits = []
    if column.minimum is not None:
        limits.append(f"{value} >= {column.minimum}")
    if column.maximum is not None:
        limits.append(f"{value} <= {column.maximum}")
    return " AND ".join(limits)


def folded(text: str) -> str:
    """Return the form in which allowed values are compared: narrow, lower case, underscores."""
    return f"replace(replace(lower(bw_normal({text})), ' ', '_'), '-', '_')"


def words_of(context: Context) -> dict[str, str]:
    """Return what the words of fills and derivations stand for in the staged table."""
    return {
        "branch_timezone": "bw_zone",
        "source_timezone": "bw_zone",
        "load_year": str(context.load_year),
    }


def with_words(expression: str, words: Mapping[str, str]) -> str:
    """Return an expression of a spec with its words replaced."""
    for word, text in words.items():
        expression = re.sub(rf"\b{word}\b", lambda _, text=text: text, expression)  # type: ignore[misc]
    return expression


def _layers(expressions: Mapping[str, str]) -> list[list[str]]:
    left = dict(expressions)
    layers: list[list[str]] = []
    while left:
        ready = [
            name
            for name, expression in left.items()
            if not any(re.search(rf"\b{other}\b", expression) for other in left if other != name)
        ]
        ready = ready or list(left)
        layers.append(ready)
        for name in ready:
            del left[name]
    return layers
