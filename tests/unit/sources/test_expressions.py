"""Expressions of a mapping: what is allowed, what is refused, what they give."""

from __future__ import annotations

import pytest

from branchwise.cleaning.parse import install_macros
from branchwise.core.errors import Problem, Where
from branchwise.engines.duckdb import open_duckdb
from branchwise.sources.expressions import Expression, parse_expression

CODES = {"status": {"1": "served", "2": "unserved"}, "all": {"*": "x"}}


@pytest.fixture(scope="module")
def engine():
    with open_duckdb() as opened:
        install_macros(opened)
        yield opened


def parsed(text: str) -> Expression:
    found = parse_expression(text, Where(), CODES)
    assert isinstance(found, Expression), found
    return found


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a || '-' || 網點號", "12-00317"),
        ("code('status', '2')", "unserved"),
        ("code('status', a)", "12"),
        ("code('all', a)", "x"),
        ("CASE WHEN a = '12' THEN 'x' ELSE 'y' END", "x"),
        ("to_number(a) / 24", 0.5),
        ("a::INTEGER + 1", 13),
        ("strftime(strptime('20260310', '%Y%m%d'), '%Y-%m')", "2026-03"),
        ("split_part('08:11/17:46', '/', 2)", "17:46"),
        ("a IN ('12', '13') AND 網點號 IS NOT NULL", True),
        ("lpad(a, 6, '0')", "000012"),
        ("regexp_extract('A023', '([0-9]+)', 1)", "023"),
        ("nullif(a, '12')", None),
        ("to_boolean('Y')", True),
        ("if(a = '1', 'x', 'y')", "y"),
        ("coalesce(nullif(a, '12'), 網點號)", "00317"),
        ("month_of(to_date('1150310'))", "2026-03"),
    ],
)
def test_what_is_allowed_gives_its_value(engine, text, value):
    """An allowed expression, written out again from what was parsed, gives the right value."""
    query = f"SELECT {parsed(text).sql} AS value FROM (SELECT '12' AS a, '00317' AS 網點號)"
    assert engine.table(query)["value"].to_pylist() == [value]


@pytest.mark.parametrize(
    "text",
    [
        "(SELECT 1)", "a IN (SELECT 1)", "EXISTS (SELECT 1)", "a; DROP TABLE visit", "a, b", "",
        "read_text('/etc/passwd')", "(FROM read_csv('x'))", "getenv('HOME')", "sum(a)", "*",
        "count(*)", "row_number() OVER ()", "current_setting('x')", "t.a", "unnest([1])",
        "DROP TABLE visit", "COPY visit TO 'x'", "ATTACH 'x'", "now()", "random()", "nextval('s')",
        "code(a, b)", "code('staus', a)", "uper(a)", "a ||", "query('x')", "columns(*)",
        "lower(t.a)", "[x FOR x IN a]", "a -> 'x'", "$1", "?", "PRAGMA x", "SET x = 1",
    ],
)  # fmt: skip
def test_what_is_no_scalar_expression_is_refused(text):
    """Queries, tables, files, settings, statements and unknown functions never pass."""
    found = parse_expression(text, Where(), CODES)
    assert isinstance(found, Problem)
    assert found.code == "BW-SRC-012"


def test_the_nearest_function_and_list_are_named():
    """A misspelt name is answered with the right one."""
    for text, near in (("uper(a)", "upper"), ("code('staus', a)", "status")):
        found = parse_expression(text, Where(), CODES)
        assert isinstance(found, Problem)
        assert near in str(found.values["reason"])


@pytest.mark.parametrize("text", ["a::DATE", "strptime(a, '%Y%m%d')", "CAST(a AS INTEGER) * 2"])
def test_values_that_cannot_be_read_are_faults(engine, text):
    """A cast that fails stops nothing; its condition holds for just the unreadable values."""
    expression = parsed(text)
    ((condition, _),) = expression.faults
    query = (
        f"SELECT {expression.sql} AS value, {condition} AS bad FROM (VALUES ('x'), (''), (NULL)) "
        "AS given (a)"
    )
    answered = engine.table(query).to_pylist()
    assert [row["value"] for row in answered] == [None] * 3
    assert [row["bad"] for row in answered] == [True, False, False]
