"""Cleaning of dirty rows of every table: nothing lost, everything on record, twice is once."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from branchwise.cleaning import Context, Piece, clean
from branchwise.cleaning.rules import rule_texts
from branchwise.engines.duckdb import open_duckdb
from branchwise.tables.contract import contract_breaches
from branchwise.tables.spec import table_names, table_spec

KEY = bytes(range(32))
WRITTEN = ("data_source", "repair", "quarantine", "finding", "measure_value", "forecast")  # by us
TABLES = [name for name in table_names() if name not in WRITTEN]
SECRET = "ID-7781-鄭"  # noqa: S105 - a customer number
CODES = ("00317", "317", "00322", "A1", "A2", "A3")
DIRT = (
    "",
    "  ",
    "x12",
    "##:##",
    "\x00",
    "=1+1",
    "民國115年",
    "99999",
    "-5",
    "1e9",
    "∅",
    None,
    None,
)


@pytest.fixture(scope="module")
def engine():
    with open_duckdb(threads=1) as opened:
        yield opened


def texts_of(column):
    """Draw texts for a column: mostly sound ones in several forms, some dirt."""
    if column.identifier:
        return st.sampled_from([SECRET, f" {SECRET} ", f"{SECRET}2", None])
    if column.values:
        sound = [
            form for v in column.values for form in (v, v.upper(), f" {v} ", v.replace("_", " "))
        ]
    else:
        sound = {
            "text": ["甲", " 乙 ", *CODES] if column.name != "timezone" else ["Asia/Taipei"],
            "integer": ["1", "2", "７", "540", "1,020", "1.5", "1990"],
            "real": ["0", "12.5", "１２０", "1,800", "50000", "(3)", "0.2"],
            "boolean": ["true", "否", "Y", "0", "perhaps"],
            "date": ["2026-03-10", "1150311", "115/3/12", "46091", "10/03/2026"],
            "instant": [
                "20260310 09:02:11",
                "2026/3/10 9:40",
                "1150310 上午10:05:00",
                "260310090211",
            ],
        }[column.type]
    return st.one_of(
        st.sampled_from(sound), st.sampled_from(sound), st.sampled_from([*DIRT, *sound])
    )


@st.composite
def dirty_rows(draw):
    """Draw a table and some dirty rows of it, repeats included."""
    spec = table_spec(draw(st.sampled_from(TABLES)))
    row = st.fixed_dictionaries({c.name: texts_of(c) for c in spec.given_columns})
    rows = draw(st.lists(row, min_size=1, max_size=12))
    again = draw(st.lists(st.integers(0, len(rows) - 1), max_size=4))
    rows += [rows[number] for number in again]
    faults = draw(
        st.lists(
            st.sampled_from([None] * 9 + ["too many cells"]), min_size=len(rows), max_size=len(rows)
        )
    )
    return spec, rows, faults


def references_of(engine, spec):
    """Make relations of the known codes of the tables that a table refers to."""
    found = {}
    for column in spec.columns.values():
        if column.reference and column.reference.table != spec.name:
            other = table_spec(column.reference.table)
            key = column.reference.column
            codes = [code for code in CODES if code not in ("317", "A3")]
            rows = [{key: code, "timezone": "Asia/Taipei", "branch_id": "00317"} for code in codes]
            schema = pa.schema([field for field in other.arrow_schema if field.name in rows[0]])
            table = pa.Table.from_pylist(rows, schema=schema)
            engine.register_table(f"known_{other.name}", table)
            found[other.name] = f"known_{other.name}"
    return found


def cleaned(engine, spec, rows, faults):
    """Clean rows given as texts."""
    columns = {
        c.name: pa.array([row[c.name] for row in rows], pa.string()) for c in spec.given_columns
    }
    columns["source_file"] = pa.array(["a.csv"] * len(rows))
    columns["source_row"] = pa.array(range(2, len(rows) + 2))
    columns["source_fault"] = pa.array(faults, pa.string())
    engine.register_table("given", pa.table(columns))
    return again(engine, spec, "given")


def again(engine, spec, relation):
    """Clean a relation."""
    context = Context(
        load_id="L1", references=references_of(engine, spec), load_year=2026, pseudonym_key=KEY
    )
    piece = Piece(relation=relation, data_source_id="s", timezone="Asia/Taipei")
    return clean(engine, [piece], spec, context)


def rows_of(engine, relation):
    """Return the rows of a relation as a sorted list of JSON texts."""
    return sorted(
        json.dumps(row, default=str) for row in engine.table(f"FROM {relation}").to_pylist()
    )


SLOW = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@SLOW
@given(drawn=dirty_rows())
def test_nothing_is_lost_and_the_result_keeps_its_contract(engine, drawn):
    """Rows in are rows out, removed or quarantined; what is out passes the contract of its table,
    and so do repairs and quarantine; no identifier is in clear anywhere.
    """
    spec, rows, faults = drawn
    done = cleaned(engine, spec, rows, faults)
    repairs = engine.table(f"FROM {done.repairs}").to_pylist()
    removed = sum(repair["action"] == "removed" for repair in repairs)
    quarantined = engine.table(f"FROM {done.quarantine}").num_rows
    assert done.count_in == len(rows) == done.count_out + removed + quarantined
    assert engine.table(f"FROM {done.rows}").num_rows == done.count_out
    known = references_of(engine, spec) | {spec.name: done.rows}
    assert contract_breaches(engine, done.rows, spec, known) == ()
    assert contract_breaches(engine, done.repairs, table_spec("repair")) == ()
    assert contract_breaches(engine, done.quarantine, table_spec("quarantine")) == ()
    for relation in (done.rows, done.repairs, done.quarantine):
        assert SECRET not in str(engine.table(f"FROM {relation}").to_pylist())
    assert {effect.rule for effect in done.effects} <= set(rule_texts())
    counted = sum(effect.count for effect in done.effects if effect.action != "skipped")
    assert counted == len(repairs) + quarantined


@SLOW
@given(drawn=dirty_rows())
def test_cleaning_twice_is_cleaning_once(engine, drawn):
    """The result, cleaned again, is the same rows; nothing more is removed or set aside."""
    spec, rows, faults = drawn
    done = cleaned(engine, spec, rows, faults)
    once = rows_of(engine, done.rows)
    engine.materialise(
        "first", f"SELECT *, 'a.csv' AS source_file, 1::BIGINT AS source_row FROM {done.rows}"
    )
    twice = again(engine, spec, "first")
    assert rows_of(engine, twice.rows) == once
    assert twice.count_in == twice.count_out


@SLOW
@given(drawn=dirty_rows())
def test_every_value_that_was_not_taken_as_given_is_on_record(engine, drawn):
    """A given text that reading does not yield is in the repairs, with that text or its value."""
    spec, rows, _ = drawn
    rows = [dict(row) for row in {json.dumps(row): row for row in rows}.values()]
    done = cleaned(engine, spec, rows, [None] * len(rows))
    noted = engine.table(f"FROM {done.repairs}").to_pylist()
    recorded = {(repair["row_key"], repair["column_name"]) for repair in noted}
    keys = [row[spec.key[0]] for row in rows]
    if len(spec.key) > 1 or spec.columns[spec.key[0]].identifier or len(set(keys)) < len(keys):
        return
    for row in engine.table(f"FROM {done.rows}").to_pylist():
        given = next((g for g in rows if (g[spec.key[0]] or "").strip() == row[spec.key[0]]), None)
        for column in spec.given_columns if given else ():
            text = (given[column.name] or "").strip(" \u3000")
            if not text or column.identifier or column.type not in ("text", "integer", "real"):
                continue
            (want,) = engine.table("SELECT to_number($t) AS n", {"t": text})["n"].to_pylist()
            wanted = text if column.type == "text" else want
            if row[column.name] != wanted:
                assert (row[spec.key[0]], column.name) in recorded


def test_sound_rows_are_left_alone(engine):
    """Rows of agreed types and values come out as they went in, with no repair."""
    spec = table_spec("visit")
    at = datetime(2026, 3, 10, 1, 2, 11, tzinfo=UTC)
    row = {name: None for name in spec.columns if spec.columns[name].derive is None}
    row |= {"visit_id": "V1", "branch_id": "00317", "origin": "ticket", "business_line": "all"}
    row |= {"priority": 0, "tier": "mass", "age_band": "unknown", "outcome": "served"}
    row |= {"arrived_at": at, "called_at": at, "wait_seconds": 0.0, "is_suspect": False}
    schema = pa.schema([field for field in spec.arrow_schema if field.name in row])
    engine.register_table("sound", pa.Table.from_pylist([row], schema=schema))
    done = again(engine, spec, "sound")
    assert engine.table(f"FROM {done.repairs}").num_rows == 0
    (out,) = engine.table(f"FROM {done.rows}").to_pylist()
    assert {name: out[name] for name in row} == row
    assert (out["iso_weekday"], out["quarter_hour"], out["local_month"]) == (2, 36, "2026-03")
    assert list(out) == [*spec.columns, "data_source_id", "load_id"]
