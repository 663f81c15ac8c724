"""The contract checks: each kind of breach planted alone is found alone, with its key."""

from __future__ import annotations

import pytest

from branchwise.engines.duckdb import open_duckdb
from branchwise.tables.contract import contract_breaches
from branchwise.tables.spec import table_names, table_spec

HOURS = {
    "branch_id": "'B1'",
    "business_line": "'all'",
    "iso_weekday": "1::BIGINT",
    "valid_from": "DATE '2026-01-01'",
    "valid_to": "NULL::DATE",
    "opens_minute": "510::BIGINT",
    "closes_minute": "1020::BIGINT",
    "lunch_starts_minute": "NULL::BIGINT",
    "lunch_ends_minute": "NULL::BIGINT",
}


@pytest.fixture
def engine():
    with open_duckdb() as opened:
        opened.define("branch", "SELECT 'B1' AS branch_id")
        yield opened


def _breaches(engine, **changes):
    columns = {**HOURS, **changes}
    listed = ", ".join(f"{value} AS {name}" for name, value in columns.items() if value)
    engine.define("hours", f"SELECT {listed}")
    found = contract_breaches(engine, "hours", table_spec("opening_hours"), {"branch": "branch"})
    return [(breach.rule, breach.column, breach.count, breach.keys) for breach in found]


def test_rows_that_keep_the_contract_have_no_breach(engine):
    """A sound row passes, with or without the two system columns."""
    assert _breaches(engine) == []
    assert _breaches(engine, data_source_id="'q'", load_id="'L1'") == []


@pytest.mark.parametrize(
    ("changes", "rule", "column"),
    [
        ({"opens_minute": "NULL::BIGINT"}, "required", "opens_minute"),
        ({"business_line": "'retail'"}, "value", "business_line"),
        ({"iso_weekday": "8::BIGINT"}, "range", "iso_weekday"),
        ({"iso_weekday": "0::BIGINT"}, "range", "iso_weekday"),
        ({"branch_id": "'B9'"}, "reference", "branch_id"),
        ({"closes_minute": "500::BIGINT"}, "row_rule", None),
    ],
)
def test_one_broken_promise_is_found_alone(engine, changes, rule, column):
    """Each rule finds its own breach, counts one row and names its key."""
    ((found, where, count, keys),) = _breaches(engine, **changes)
    assert (found, where, count) == (rule, column, 1)
    assert len(keys) == 1
    assert "2026-01-01" in keys[0]


@pytest.mark.parametrize(
    ("changes", "rule", "column"),
    [
        ({"opens_minute": ""}, "missing_column", "opens_minute"),
        ({"opens_minute": "510.5::DOUBLE"}, "type", "opens_minute"),
        ({"remark": "'x'"}, "extra_column", "remark"),
    ],
)
def test_a_wrong_shape_is_named(engine, changes, rule, column):
    """Columns that are missing, of another type or too many are named."""
    assert _breaches(engine, **changes) == [(rule, column, 1, ())]


def test_a_repeated_key_counts_the_rows_too_many(engine):
    """Three rows of one key are two too many."""
    listed = ", ".join(f"{value} AS {name}" for name, value in HOURS.items())
    engine.define("hours", f"SELECT {listed} FROM range(3)")
    (breach,) = contract_breaches(engine, "hours", table_spec("opening_hours"))
    assert (breach.rule, breach.count, len(breach.keys)) == ("key", 2, 1)


def test_not_a_number_is_out_of_range(engine):
    """NaN in a quantity is a breach, whatever its limits."""
    spec = table_spec("branch")
    names = ", ".join(
        f"CAST({'1' if name == 'branch_id' else repr('NaN') if column.type == 'real' else 'NULL'}"
        f" AS {column.sql_type}) AS {name}"
        for name, column in spec.columns.items()
    )
    engine.define("rows", f"SELECT {names}")
    found = {b.column for b in contract_breaches(engine, "rows", spec) if b.rule == "range"}
    assert found == {"latitude", "longitude", "floor_area_m2"}


def test_a_kept_reference_may_lead_nowhere(engine):
    """Of references only those that must resolve are checked."""
    spec = table_spec("survey_response")
    names = ", ".join(
        f"CAST('x' AS VARCHAR) AS {name}"
        if column.type == "text"
        else f"CAST(NULL AS {column.sql_type}) AS {name}"
        for name, column in spec.columns.items()
    )
    engine.define("rows", f"SELECT {names}")
    engine.define("customer", "SELECT 'C1' AS customer_id")
    found = contract_breaches(engine, "rows", spec, {"customer": "customer", "branch": "branch"})
    assert {b.column for b in found if b.rule == "reference"} == {"branch_id"}


@pytest.mark.parametrize("name", table_names())
def test_an_empty_relation_of_every_table_keeps_its_contract(engine, name):
    """Every declared rule of every table is SQL that the engine understands."""
    from branchwise.cleaning import install_macros

    install_macros(engine)
    engine.register_table("rows", table_spec(name).arrow_schema.empty_table())
    assert contract_breaches(engine, "rows", table_spec(name)) == ()
