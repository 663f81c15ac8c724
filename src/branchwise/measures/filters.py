"""What `--where` may say: parsed, checked against a list of what is allowed, rebuilt."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from branchwise.core.errors import failure
from branchwise.engines.duckdb import MISFITS
from branchwise.measures.references import DIALECT, Binding, relation_columns, resolve

_ALLOWED: tuple[type[exp.Expr], ...] = (
    exp.And,
    exp.Or,
    exp.Not,
    exp.Paren,
    exp.EQ,
    exp.NEQ,
    exp.LT,
    exp.LTE,
    exp.GT,
    exp.GTE,
    exp.Between,
    exp.In,
    exp.Is,
    exp.Like,
    exp.Null,
    exp.Boolean,
    exp.Literal,
    exp.Neg,
    exp.Add,
    exp.Sub,
    exp.Mul,
    exp.Coalesce,
    exp.Lower,
    exp.Upper,
    exp.Abs,
    exp.Length,
    exp.Column,
    exp.Identifier,
    exp.Cast,
    exp.DataType,
)
_NO_CONDITIONS: tuple[type[exp.Expr], ...] = (
    exp.Literal,
    exp.Null,
    exp.Neg,
    exp.Add,
    exp.Sub,
    exp.Mul,
    exp.Lower,
    exp.Upper,
    exp.Abs,
    exp.Length,
    exp.Cast,
)
_DEEPEST = 100
_TOO_DEEP = f"it is nested more than {_DEEPEST} deep"
_CASTS = ("DATE", "TIMESTAMP", "TIMESTAMPTZ")
_CALENDAR = frozenset({"local_on", "local_month", "iso_weekday", "quarter_hour"})
_DAY = "local_on"


class Filter:
    """A condition on rows that holds for any relation which reaches its columns.

    Parameters
    ----------
    text : str
        For example ``branch_type = 'light' and local_on >= date '2026-03-01'``. Conditions joined
        by AND that name only calendar columns pass by registers, which have no days (customers,
        staff).

    Raises
    ------
    BranchwiseError
        [BW-MEA-004] if the text is no condition or uses something that is not allowed: allowed
        are comparisons, AND, OR, NOT, IN, BETWEEN, LIKE, IS NULL, plus, minus and times,
        coalesce, lower, upper, abs, length, numbers, texts, dates and columns.

    Examples
    --------
    >>> Filter("iso_weekday in (1, 2)").columns
    ('iso_weekday',)
    """

    def __init__(self, text: str) -> None:
        self.text = text
        try:
            trees = sqlglot.parse(text, dialect=DIALECT)
        except SqlglotError as error:
            raise failure("BW-MEA-004", text=text, reason=str(error).splitlines()[0]) from error
        except RecursionError as error:
            raise failure("BW-MEA-004", text=text, reason=_TOO_DEEP) from error
        if len(trees) != 1 or trees[0] is None:
            raise failure("BW-MEA-004", text=text, reason="one condition is expected")
        self._tree: exp.Expr = trees[0]
        for node in self._tree.walk():
            reason = _refusal(node)
            if reason:
                raise failure("BW-MEA-004", text=text, reason=reason)
        self._parts = tuple(_conjuncts(self._tree))

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it names, each once."""
        names = (_name(column) for column in self._tree.find_all(exp.Column))
        return tuple(dict.fromkeys(names))

    def sql(self, binding: Binding) -> str:
        """Return the condition as SQL over a relation.

        Raises
        ------
        BranchwiseError
            [BW-MEA-002] or [BW-MEA-003] for a column that the relation does not reach;
            [BW-MEA-005] for one that identifies a person.
        """
        dated = _DAY in relation_columns(binding.relation)
        parts = [part for part in self._parts if dated or not _names(part) <= _CALENDAR]
        for part in parts:
            for name in _names(part):
                refuse_identifier(binding.relation, name)
        return " AND ".join(f"({binding.tree(part)})" for part in parts)

    @property
    def names_a_period(self) -> bool:
        """Whether a part of it speaks of days or months alone."""
        return any(_names(part) <= {_DAY, "local_month"} and _names(part) for part in self._parts)

    def without_period(self) -> str:
        """Return the text of the parts that do not speak of days or months alone."""
        kept = [part for part in self._parts if not _names(part) <= {_DAY, "local_month"}]
        return " AND ".join(f"({part.sql(dialect=DIALECT)})" for part in kept)


@contextmanager
def comparing(text: str | None) -> Iterator[None]:
    """Explain what the engine refuses in a query with a condition; it quotes no stored value.

    Raises
    ------
    BranchwiseError
        [BW-MEA-004] if there is a condition, for it is what the catalogue does not answer for.
    """
    try:
        yield
    except MISFITS as error:
        if text is None:
            raise
        reason = "a column is compared with what is no value of its type, such as a text with a day"
        raise failure("BW-MEA-004", text=text, reason=reason) from error


def refuse_identifier(relation: str, name: str) -> None:
    """Refuse a column that identifies a person.

    Raises
    ------
    BranchwiseError
        [BW-MEA-005] for such a column.
    """
    if resolve(relation, name).identifier:
        raise failure("BW-MEA-005", name=name)


def _conjuncts(tree: exp.Expr) -> list[exp.Expr]:
    if isinstance(tree, exp.Paren):
        return _conjuncts(tree.this)
    if isinstance(tree, exp.And):
        return [*_conjuncts(tree.left), *_conjuncts(tree.right)]
    return [tree]


def _names(part: exp.Expr) -> set[str]:
    return {_name(column) for column in part.find_all(exp.Column)}


def _name(column: exp.Column) -> str:
    return f"{column.table}.{column.name}" if column.table else column.name


def _refusal(node: exp.Expr) -> str:
    reasons = (
        (not isinstance(node, _ALLOWED), f"{node.key} is not allowed"),
        (node.depth > _DEEPEST, _TOO_DEEP),
        (_holds_a_query(node), "a subquery is not allowed"),
        (_casts_freely(node), "a cast to another type than a day or an instant is not allowed"),
        (_is_no_column(node), "a column stands alone or after its table"),
        (
            isinstance(node, _NO_CONDITIONS) and _must_hold(node),
            "a value stands where something must hold or not: it is no condition",
        ),
    )
    return next((reason for refused, reason in reasons if refused), "")


def _holds_a_query(node: exp.Expr) -> bool:
    return isinstance(node, exp.In) and bool(node.args.get("query") or node.args.get("unnest"))


def _casts_freely(node: exp.Expr) -> bool:
    return isinstance(node, exp.Cast) and node.to.this.name not in _CASTS


def _is_no_column(node: exp.Expr) -> bool:
    return isinstance(node, exp.Column) and bool(node.args.get("db") or node.name == "*")


def _must_hold(node: exp.Expr) -> bool:
    """Whether a node stands where a condition must stand: alone or under AND, OR, NOT."""
    above = node.parent
    while isinstance(above, exp.Paren):
        above = above.parent
    return above is None or isinstance(above, exp.And | exp.Or | exp.Not)
