"""Values inside one row: readable, allowed, present, in range, consistent with each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from branchwise.cleaning.fills import folded, within_range
from branchwise.engines.duckdb import literal

if TYPE_CHECKING:
    from branchwise.cleaning.effects import Ledger
    from branchwise.cleaning.model import Rule
    from branchwise.tables.spec import Column

ROUNDS = 4
EARLIEST_YEAR = 1990  # no bank has queue or device records that are older


def set_faults_aside(ledger: Ledger) -> None:
    """Move rows that the source declares unfit to quarantine, with its own words as reason."""
    ledger.set_aside("source", "bw_fault IS NOT NULL", "bw_fault")


def judge_readings(ledger: Ledger) -> None:
    """Write down every text that was not taken as it is; set rows aside that need the value."""
    for column in ledger.spec.given_columns:
        text = f"json_extract_string(bw_failed, '$.{column.name}')"
        rule: Rule = "value" if column.type == "text" else "type"
        failed = f"bw_failed IS NOT NULL AND {text} IS NOT NULL"
        if not ledger.count(failed):
            continue
        value = f'"{column.name}"'
        if column.required:
            expected = ", ".join(column.values) if column.values else column.type
            reason = f"{literal(f'{column.name}: ')} || {text} || {literal(f' is not: {expected}')}"
            ledger.set_aside(rule, f"{failed} AND {value} IS NULL", reason)
        same = f"WHEN {folded(text)} = lower({value}) THEN 'replaced'" if column.values else ""
        if column.type == "text" and not column.values:  # put right by the source
            same = "WHEN true THEN 'replaced'"
        action = f"CASE WHEN {value} IS NULL THEN 'set_null' {same} ELSE 'filled' END"
        ledger.note(rule, column.name, failed, action=action, original=text)


def require(ledger: Ledger) -> None:
    """Move rows to quarantine that lack what the table cannot do without."""
    required = [column for column in ledger.spec.columns.values() if column.required]
    missing = " OR ".join(f'"{column.name}" IS NULL' for column in required)
    if required and ledger.count(missing):
        for column in required:
            reason = literal(f"{column.name} is missing")
            ledger.set_aside("required", f'"{column.name}" IS NULL', reason)


def keep_in_range(ledger: Ledger) -> None:
    """Empty values outside the range of their column."""
    for column in ledger.spec.given_columns:
        inside = range_condition(column, ledger.context.load_year)
        if inside:
            reason = f"{column.name} is outside its range"
            ledger.empty("range", [column.name], f"NOT ({inside})", reason)


def range_condition(column: Column, load_year: int) -> str:
    """Return the condition that a value is in range; empty where any is.

    Not-a-number and infinity never are, nor is an instant before `EARLIEST_YEAR` or after the
    calendar year that follows the load: a clock that was never set, a filler such as 9999-12-31.
    """
    name = f'"{column.name}"'
    limits = [within_range(column, name)]
    if column.type == "real":
        limits.append(f"isfinite({name})")
    if column.type == "instant":
        first, end = (
            f"TIMESTAMPTZ '{year}-01-01 00:00:00+00'" for year in (EARLIEST_YEAR, load_year + 2)
        )
        limits.append(f"{name} >= {first} AND {name} < {end}")
    return " AND ".join(limit for limit in limits if limit)


def keep_rows_consistent(ledger: Ledger) -> None:
    """Apply the rules of the table inside each row until all hold.

    Emptying a column for one rule may bring another into play, hence the rounds.
    """
    for _ in range(ROUNDS):
        broken = 0
        for rule in ledger.spec.rules:
            condition = f"NOT ({rule.holds})"
            if rule.otherwise == "quarantine":
                broken += ledger.set_aside("row_rule", condition, literal(rule.why.en))
            else:
                broken += ledger.empty("row_rule", rule.columns, condition, rule.why.en)
        if not broken:
            return
    for rule in ledger.spec.rules:
        ledger.set_aside("row_rule", f"NOT ({rule.holds})", literal(rule.why.en))
