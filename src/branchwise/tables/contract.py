"""Whether a relation keeps the contract of its table: the same checks for every stage and test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from branchwise.tables.spec import Column, TableSpec

if TYPE_CHECKING:
    from branchwise.core.ports import Engine

ContractRule = Literal[
    "missing_column",
    "extra_column",
    "type",
    "required",
    "key",
    "value",
    "range",
    "reference",
    "row_rule",
]
KEYS_SHOWN = 5
SYSTEM_COLUMNS = ("data_source_id", "load_id")
SAME_TYPES = {"TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractBreach:
    """One promise of a table that its rows do not keep.

    Attributes
    ----------
    rule : str
        One of `ContractRule`.
    table : str
        The table.
    column : str or None
        The column; None where the whole row is meant.
    count : int
        Number of rows (of columns, where columns are missing, too many or of a wrong type: 1).
    keys : tuple of str
        Keys of the first rows, in order of key.
    detail : str
        What was expected.
    """

    rule: ContractRule
    table: str
    column: str | None
    count: int
    keys: tuple[str, ...] = ()
    detail: str = ""


def contract_breaches(
    engine: Engine, relation: str, spec: TableSpec, references: Mapping[str, str] | None = None
) -> tuple[ContractBreach, ...]:
    """Check any relation against the declaration of its table.

    Parameters
    ----------
    engine : Engine
        Where the relation is. Row rules may use the macros of the engine.
    relation : str
        Its name; the columns ``data_source_id`` and ``load_id`` may follow those of the spec.
    spec : TableSpec
        The declaration.
    references : mapping of str to str, optional
        Table name to relation, for the references that must resolve; others are not checked, nor
        are references declared ``unresolved = "keep"``.

    Returns
    -------
    tuple of ContractBreach
        In order of the declaration; empty if the contract is kept. If a column is missing or of a
        wrong type, only such breaches are returned.

    Examples
    --------
    >>> from branchwise.engines.duckdb import open_duckdb
    >>> from branchwise.tables.spec import table_spec
    >>> with open_duckdb() as engine:
    ...     engine.define("rows", "SELECT 'R1' AS region_id, 'North' AS name,"
    ...         " 'R0' AS parent_region_id, 'Mars' AS country")
    ...     found = contract_breaches(engine, "rows", table_spec("region"), {"region": "rows"})
    >>> [(breach.rule, breach.column, breach.count, breach.keys) for breach in found]
    [('reference', 'parent_region_id', 1, ('R1',)), ('value', 'country', 1, ('R1',))]
    """
    shape = tuple(_shape(engine, relation, spec))
    if any(breach.rule != "extra_column" for breach in shape):
        return shape
    conditions = list(_conditions(spec, references or {}))
    broken = ", ".join(
        f"count(*) FILTER (WHERE {broken}) AS n{number}"
        for number, (_, _, broken, _) in enumerate(conditions)
    )
    counts = list(engine.table(f"SELECT {broken} FROM {relation}").to_pylist()[0].values())
    found = [
        ContractBreach(
            rule=rule,
            table=spec.name,
            column=column,
            count=count,
            keys=_first_keys(engine, relation, spec, condition),
            detail=detail,
        )
        for (rule, column, condition, detail), count in zip(conditions, counts, strict=True)
        if count
    ]
    return (*shape, *_repeated_keys(engine, relation, spec), *found)


def _shape(engine: Engine, relation: str, spec: TableSpec) -> Iterator[ContractBreach]:
    types = engine.columns(f"SELECT * FROM {relation}")
    for name, column in spec.columns.items():
        if name not in types:
            yield ContractBreach(
                rule="missing_column", table=spec.name, column=name, count=1, detail=column.sql_type
            )
        elif SAME_TYPES.get(types[name], types[name]) != column.sql_type:
            yield ContractBreach(
                rule="type",
                table=spec.name,
                column=name,
                count=1,
                detail=f"{types[name]} instead of {column.sql_type}",
            )
    for name in types:
        if name not in spec.columns and name not in SYSTEM_COLUMNS:
            yield ContractBreach(rule="extra_column", table=spec.name, column=name, count=1)


def _conditions(
    spec: TableSpec, references: Mapping[str, str]
) -> Iterator[tuple[ContractRule, str | None, str, str]]:
    """Yield (rule, column, SQL condition of a broken row, what was expected)."""
    for column in spec.columns.values():
        yield from _column_conditions(column, references)
    for rule in spec.rules:
        yield "row_rule", None, f"NOT ({rule.holds})", rule.why.en


def _column_conditions(
    column: Column, references: Mapping[str, str]
) -> Iterator[tuple[ContractRule, str | None, str, str]]:
    name = f'"{column.name}"'
    if column.required:
        yield "required", column.name, f"{name} IS NULL", "a value"
    if column.values:
        allowed = ", ".join("'" + value.replace("'", "''") + "'" for value in column.values)
        yield "value", column.name, f"{name} NOT IN ({allowed})", allowed
    if column.minimum is not None:
        yield "range", column.name, f"{name} < {column.minimum}", f">= {column.minimum}"
    if column.maximum is not None:
        yield "range", column.name, f"{name} > {column.maximum}", f"<= {column.maximum}"
    if column.type == "real":
        yield "range", column.name, f"NOT isfinite({name})", "a finite number"
    reference = column.reference
    if reference and reference.unresolved == "repair" and reference.table in references:
        known = f'SELECT "{reference.column}" FROM {references[reference.table]}'
        lost = f'{name} NOT IN ({known} WHERE "{reference.column}" IS NOT NULL)'
        yield "reference", column.name, lost, f"{reference.table}.{reference.column}"


def _repeated_keys(engine: Engine, relation: str, spec: TableSpec) -> Iterator[ContractBreach]:
    key = ", ".join(f'"{name}"' for name in spec.key)
    repeated = f"SELECT {key}, count(*) - 1 AS n FROM {relation} GROUP BY {key} HAVING count(*) > 1"
    count = engine.table(f"SELECT coalesce(sum(n), 0)::BIGINT AS n FROM ({repeated})")
    if count.to_pylist()[0]["n"]:
        yield ContractBreach(
            rule="key",
            table=spec.name,
            column=None,
            count=count.to_pylist()[0]["n"],
            keys=_first_keys(engine, f"({repeated})", spec, "true"),
            detail=f"{', '.join(spec.key)} once each",
        )


def _first_keys(engine: Engine, relation: str, spec: TableSpec, broken: str) -> tuple[str, ...]:
    key = ", ".join(f'CAST("{name}" AS VARCHAR)' for name in spec.key)
    order = ", ".join(f'"{name}"' for name in spec.key)
    first = engine.table(
        f"SELECT concat_ws('|', {key}) AS key FROM {relation} WHERE {broken}"
        f" ORDER BY {order} LIMIT {KEYS_SHOWN}"
    )
    return tuple(row["key"] for row in first.to_pylist())
