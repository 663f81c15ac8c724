"""Which columns a row can reach by many-to-one references, and the joins that reach them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import sqlglot
from sqlglot import exp

from branchwise.core.errors import failure
from branchwise.tables.assumptions import Assumptions
from branchwise.tables.spec import PrivacyClass, table_names, table_spec

DIALECT = "duckdb"
ROOT = "base"
MINOR_UNITS = "currency_minor_units"
_PLACEHOLDER = re.compile(r"\$([a-z_][a-z0-9_]*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """One column that a relation's rows reach.

    Attributes
    ----------
    table, column : str
        Where it is declared.
    alias : str
        The alias of its table in the query; ``base`` for the relation itself.
    through : tuple of (str, str, str, str, str)
        Joins on the way: alias, table, its key, alias and column that refer to it.
    privacy : {"C1", "C2", "none"}
        Class of the column.
    identifier : bool
        Whether it identifies a person.
    """

    table: str
    column: str
    alias: str
    through: tuple[tuple[str, str, str, str, str], ...]
    privacy: PrivacyClass = "none"
    identifier: bool = False


@cache
def base_query(name: str) -> str:
    """Return the SQL of a basis, with ``$placeholders`` for assumptions."""
    return files("branchwise.measures.bases").joinpath(f"{name}.sql").read_text(encoding="utf-8")


@cache
def relation_columns(name: str) -> tuple[str, ...]:
    """Return the columns of a canonical table or of a basis."""
    if name in table_names():
        return tuple(table_spec(name).columns)
    query = sqlglot.parse_one(base_query(name), dialect=DIALECT, into=exp.Select)
    return tuple(query.named_selects)


def reachable(relation: str) -> Mapping[str, tuple[Reached, ...]]:
    """Return by column name what a relation reaches, nearest first.

    Parameters
    ----------
    relation : str
        A canonical table or a basis.

    Examples
    --------
    >>> [(reached.table, len(reached.through)) for reached in reachable("visit")["region_id"]]
    [('branch', 1), ('region', 2)]
    """
    return _reachable(relation)


@cache
def _reachable(relation: str) -> dict[str, tuple[Reached, ...]]:
    found: dict[str, list[Reached]] = {}
    seen = {relation}
    level: list[tuple[str, str, tuple[tuple[str, str, str, str, str], ...]]] = [
        (relation, ROOT, ())
    ]
    while level:
        following = []
        for table, alias, through in level:
            for column in relation_columns(table):
                found.setdefault(column, []).append(_reached(table, column, alias, through))
                target = _target(table, column)
                if target is None or target[0] in seen:
                    continue
                seen.add(target[0])
                joined = f"{alias}_{target[0]}" if alias != ROOT else target[0]
                step = (joined, target[0], target[1], alias, column)
                following.append((target[0], joined, (*through, step)))
        level = following
    return {name: tuple(places) for name, places in found.items()}


def _reached(
    table: str, column: str, alias: str, through: tuple[tuple[str, str, str, str, str], ...]
) -> Reached:
    declared = table_spec(table).columns[column] if table in table_names() else None
    return Reached(
        table=table,
        column=column,
        alias=alias,
        through=through,
        privacy="none" if declared is None else declared.privacy,
        identifier=declared is not None and declared.identifier,
    )


def _target(table: str, column: str) -> tuple[str, str] | None:
    if table in table_names():
        reference = table_spec(table).columns[column].reference
        return None if reference is None else (reference.table, reference.column)
    for name in table_names():
        if table_spec(name).key == (column,):
            return name, column
    return None


def resolve(relation: str, name: str) -> Reached:
    """Return the column that a name means, seen from a relation.

    A bare name means the column of the nearest table; ``branch.name`` names the table.

    Parameters
    ----------
    relation : str
        A canonical table or a basis.
    name : str
        A column, or table and column.

    Raises
    ------
    BranchwiseError
        [BW-MEA-002] if no reference leads to such a column; [BW-MEA-003] if two tables equally
        near have it.

    Examples
    --------
    >>> resolve("visit", "branch_type").table
    'branch'
    """
    table, _, column = name.rpartition(".")
    places = [
        place
        for place in reachable(relation).get(column, ())
        if table in ("", place.table) or (table == ROOT and place.alias == ROOT)
    ]
    if not places:
        known = ", ".join(sorted(_dimensions(relation)))
        raise failure("BW-MEA-002", name=name, relation=relation, known=known)
    nearest = [place for place in places if len(place.through) == len(places[0].through)]
    if len({place.table for place in nearest}) > 1:
        choices = ", ".join(f"{place.table}.{column}" for place in nearest)
        raise failure("BW-MEA-003", name=name, relation=relation, choices=choices)
    return places[0]


def _dimensions(relation: str) -> list[str]:
    return [
        name
        for name, places in reachable(relation).items()
        if not places[0].identifier and not name.endswith(("_at", "_wkt"))
    ]


class Binding:
    r"""One relation in a query, with the joins that its columns ask for.

    Parameters
    ----------
    relation : str
        A canonical table or a basis.
    assumptions : Assumptions
        What the ``$placeholders`` stand for.

    Examples
    --------
    >>> from branchwise.tables.assumptions import default_assumptions
    >>> binding = Binding("visit", default_assumptions())
    >>> binding.sql("branch_type = 'light'")
    '"branch"."branch_type" = \'light\''
    >>> binding.source()
    '"visit" AS base LEFT JOIN "branch" AS "branch" ON "branch"."branch_id" = base."branch_id"'
    """

    def __init__(self, relation: str, assumptions: Assumptions) -> None:
        self.relation = relation
        self._assumptions = assumptions
        self._joins: dict[str, tuple[str, str, str, str, str]] = {}

    def column(self, name: str) -> str:
        """Return a column, reached through joins if need be, as SQL."""
        reached = resolve(self.relation, name)
        for join in reached.through:
            self._joins[join[0]] = join
        return f"{_quoted(reached.alias)}.{_quoted(reached.column)}"

    def sql(self, expression: str) -> str:
        """Return an expression of the catalogue as SQL of this query."""
        return self.tree(sqlglot.parse_one(self.filled(expression), dialect=DIALECT))

    def tree(self, expression: exp.Expr) -> str:
        """Return a parsed expression as SQL of this query."""
        return expression.transform(self._bound).sql(dialect=DIALECT, comments=False)

    def source(self) -> str:
        """Return what stands after FROM."""
        if self.relation in table_names():
            parts = [f"{_quoted(self.relation)} AS {ROOT}"]
        else:
            parts = [f"({self.filled(base_query(self.relation))}) AS {ROOT}"]
        parts += [
            f"LEFT JOIN {_quoted(table)} AS {_quoted(alias)} "
            f"ON {_quoted(alias)}.{_quoted(key)} = {_quoted(left)}.{_quoted(column)}"
            for alias, table, key, left, column in self._joins.values()
        ]
        return " ".join(parts)

    def filled(self, text: str) -> str:
        """Return SQL text with assumptions, and the currency's minor units, for their names."""
        return _PLACEHOLDER.sub(lambda found: repr(self._number(found[1])), text)

    def _number(self, name: str) -> float:
        if name == MINOR_UNITS:
            return float(self._assumptions.minor_units)
        return self._assumptions.value(name)

    def _bound(self, node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Column):
            return node
        name = f"{node.table}.{node.name}" if node.table else node.name
        return sqlglot.parse_one(self.column(name), dialect=DIALECT)


def _quoted(name: str) -> str:
    return name if name == ROOT else f'"{name}"'
