"""The SQL expressions of a mapping: one scalar expression each, checked before it is run.

An expression is parsed, refused unless it is made of columns, literals, operators and the
functions of `FUNCTIONS`, and written out again from what was parsed, so that what was checked is
what runs. Casts and date formats cannot stop a load: they become their trying form, and a value
that they could not read is a fault of its row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from branchwise.cleaning.parse import MACROS
from branchwise.core.errors import Problem, Where, problem
from branchwise.sources.codes import UNLISTED, split_by_branch
from branchwise.sources.headings import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT_FUNCTIONS = (
    "ascii chr concat concat_ws contains ends_with format hash left length len lower lpad ltrim "
    "md5 nfc_normalize regexp_extract regexp_full_match regexp_matches regexp_replace repeat "
    "replace reverse right rpad rtrim sha256 split_part starts_with strip_accents strpos substr "
    "substring translate trim upper unicode"
)
NUMBER_FUNCTIONS = "abs ceil floor greatest least mod pow round sign sqrt trunc"
DATE_FUNCTIONS = (
    "date_add date_diff date_part date_trunc day dayname epoch extract hour isodow last_day "
    "make_date minute month monthname quarter second strftime strptime try_strptime week year"
)
CHOICE_FUNCTIONS = "cast case coalesce if ifnull nullif try_cast code"
FUNCTIONS = frozenset(
    f"{TEXT_FUNCTIONS} {NUMBER_FUNCTIONS} {DATE_FUNCTIONS} {CHOICE_FUNCTIONS}".split()
) | frozenset(MACROS)

_PARTS = (
    exp.Column, exp.Identifier, exp.Literal, exp.Boolean, exp.Null, exp.Binary, exp.Unary,
    exp.Connector, exp.Paren, exp.Between, exp.In, exp.Case, exp.If, exp.Cast, exp.DataType,
    exp.DataTypeParam, exp.Interval, exp.Var, exp.AtTimeZone, exp.Escape,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """One checked expression.

    Attributes
    ----------
    sql : str
        The expression in DuckDB's SQL.
    columns : tuple of str
        The columns it reads, as the mapping writes them.
    faults : tuple of (str, str)
        Condition under which a value could not be read, and the reason in words.
    probe : str
        The same expression with a mark (`UNLISTED`) in place of codes that have no meaning in
        their list; empty where it uses none.
    """

    sql: str
    columns: tuple[str, ...]
    faults: tuple[tuple[str, str], ...] = ()
    probe: str = ""


def parse_expression(
    text: str, where: Where, codes: Mapping[str, Mapping[str, str]]
) -> Expression | Problem:
    """Check one expression of a mapping.

    Parameters
    ----------
    text : str
        The expression.
    where : Where
        Its place in the mapping.
    codes : mapping of str to mapping of str to str
        The code lists of the mapping by name, for ``code('name', column)``.

    Returns
    -------
    Expression or Problem
        The problem is [BW-SRC-012].

    Examples
    --------
    >>> parse_expression("upper(姓名) || '-' || x", Where(), {}).columns
    ('姓名', 'x')
    >>> parse_expression("(select 1)", Where(), {}).code
    'BW-SRC-012'
    """
    tree, reason = _parsed(text)
    if tree is None:
        return problem("BW-SRC-012", where, text=text, reason=reason)
    tree = tree.transform(_own)
    probe = _probe(tree, codes)
    tree = tree.transform(lambda node: _with_codes(node, codes))
    reason = next(_objections(tree, codes), "")
    if reason:
        return problem("BW-SRC-012", where, text=text, reason=reason)
    columns = tuple(dict.fromkeys(column.name for column in tree.find_all(exp.Column, bfs=False)))
    tree = tree.transform(_trying)
    return Expression(sql=_sql(tree), columns=columns, faults=tuple(_faults(tree)), probe=probe)


def _probe(tree: exp.Expr, codes: Mapping[str, Mapping[str, str]]) -> str:
    """Return the expression with marks for codes without meaning; none if it has no code list."""
    if not any(_function(node) == "code" for node in tree.walk()):
        return ""
    marked = tree.transform(lambda node: _with_codes(node, codes, is_probe=True))
    if next(_objections(marked, codes), ""):
        return ""
    return _sql(marked.transform(_trying))


def _parsed(text: str) -> tuple[exp.Expr | None, str]:
    try:
        trees = sqlglot.parse(text, dialect="duckdb")
    except (SqlglotError, RecursionError) as error:
        return None, str(error).splitlines()[0][:200]
    if len(trees) != 1 or trees[0] is None:
        return None, "it is not one expression"
    return trees[0], ""


def _objections(tree: exp.Expr, codes: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    for node in tree.walk():
        name = _function(node)
        if name == "code":
            yield _code_objection(node, codes)
        elif name and name not in FUNCTIONS:
            near = nearest(name, sorted(FUNCTIONS))
            yield f"the function {name} is not allowed" + (
                f"; did you mean {near}?" if near else ""
            )
        elif isinstance(node, exp.Column) and node.table:
            yield f"{node.sql()} names a table; write the column alone"
        elif not name and not isinstance(node, _PARTS):
            yield f"{node.sql(dialect='duckdb')[:60]!r} is no part of a scalar expression"
        elif isinstance(node, exp.In) and node.args.get("query"):
            yield "a query cannot stand in an expression"


def _function(node: exp.Expr) -> str:
    if isinstance(node, exp.Anonymous):
        return node.name.lower()
    if isinstance(node, exp.Func) and not isinstance(node, _PARTS):
        written = node.sql(dialect="duckdb")
        name, opened, _ = written.partition("(")
        return name.strip().lower() if opened and name.isidentifier() else node.sql_name().lower()
    return ""


def _code_objection(node: exp.Expr, codes: Mapping[str, Mapping[str, str]]) -> str:
    given = node.expressions
    if len(given) not in (2, 3) or not given[0].is_string:
        return "code takes the name of a code list in quotes and a value: code('status', 狀態)"
    near = nearest(given[0].name, list(codes))
    return f"there is no [codes.{given[0].name}]" + (f"; did you mean {near}?" if near else "")


def _with_codes(
    node: exp.Expr, codes: Mapping[str, Mapping[str, str]], *, is_probe: bool = False
) -> exp.Expr:
    if _function(node) != "code" or len(node.expressions) not in (2, 3):
        return node
    name, *branch, value = node.expressions
    if not name.is_string or name.name not in codes:
        return node
    everywhere, by_branch = split_by_branch(codes[name.name])
    general = _choice(value, everywhere, _other(name.name, value, everywhere, is_probe=is_probe))
    if not branch or not by_branch:
        return general
    chosen = exp.Case(this=_trimmed(branch[0]))
    for one, choices in by_branch.items():
        chosen = chosen.when(exp.Literal.string(one), _choice(value, choices, general))
    return chosen.else_(general)


def _choice(value: exp.Expr, choices: Mapping[str, str], other: exp.Expr) -> exp.Expr:
    chosen = exp.Case(this=_trimmed(value))
    for code, meaning in choices.items():
        if code != "*" and meaning:
            chosen = chosen.when(exp.Literal.string(code), exp.Literal.string(meaning))
    if not chosen.args.get("ifs"):
        return exp.Paren(this=other.copy())
    return chosen.else_(other.copy())


def _other(name: str, value: exp.Expr, choices: Mapping[str, str], *, is_probe: bool) -> exp.Expr:
    """Return what becomes of a code without a listed meaning; for a probe, a mark of its list."""
    if is_probe:
        mark = exp.Literal.string(f"{UNLISTED}{name}{UNLISTED}")
        return exp.Paren(this=exp.DPipe(this=mark, expression=_trimmed(value)))
    if "*" in choices:
        given: exp.Expr = exp.Literal.string(choices["*"]) if choices["*"] else exp.Null()
    else:
        given = value.copy()
    undecided = [code for code, meaning in choices.items() if not meaning and code != "*"]
    if not undecided or not given.find(exp.Column):
        return given
    emptied = exp.Case(this=_trimmed(value))
    for code in undecided:
        emptied = emptied.when(exp.Literal.string(code), exp.Null())
    return emptied.else_(given)


def _trimmed(value: exp.Expr) -> exp.Expr:
    return exp.Trim(this=exp.cast(value.copy(), "text"))


def _trying(node: exp.Expr) -> exp.Expr:
    if type(node) is exp.Cast and not node.to.is_type("text", "varchar"):
        return exp.TryCast(**node.args)
    if isinstance(node, exp.StrToTime) or _function(node) == "strptime":
        given = list(node.expressions) or [node.this, node.args["format"]]
        return exp.Anonymous(this="try_strptime", expressions=given)
    return node


def _own(node: exp.Expr) -> exp.Expr:
    """Return our own macro where the parser took its name for another engine's function."""
    if isinstance(node, exp.ToNumber | exp.ToBoolean):
        return exp.Anonymous(this=f"to_{_kind(node)}", expressions=[node.this])
    return node


def _kind(node: exp.Expr) -> str:
    return "number" if isinstance(node, exp.ToNumber) else "boolean"


def _faults(tree: exp.Expr) -> Iterator[tuple[str, str]]:
    for node in tree.walk():
        tried: exp.Expr | None = None
        if isinstance(node, exp.TryCast):
            tried = node.this
        elif isinstance(node, exp.Anonymous) and node.name.lower() == "try_strptime":
            tried = node.expressions[0]
        if tried is not None:
            blank = f"coalesce(trim(CAST({_sql(tried)} AS VARCHAR)), '') = ''"
            reason = f"{_sql(node)} cannot read the value"
            yield f"NOT ({blank}) AND ({_sql(node)}) IS NULL", reason


def _sql(tree: exp.Expr) -> str:
    return tree.sql(dialect="duckdb", identify=True)
