"""One look at all rows that says which rules have anything to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from branchwise.cleaning.keys import duplicates_probe
from branchwise.cleaning.values import range_condition

if TYPE_CHECKING:
    from branchwise.cleaning.effects import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """How many rows or values each family of rules concerns.

    Attributes
    ----------
    faults, failed, missing, out_of_range, inconsistent, duplicates : int
        Lines the source could not read; rows with a text not taken as it is; required values
        missing; values out of range; breaches of row rules; rows that share their key.
    """

    faults: int
    failed: int
    missing: int
    out_of_range: int
    inconsistent: int
    duplicates: int


def probe(ledger: Ledger) -> Found:
    """Count in one pass over the staged rows what each family of rules would find."""
    spec = ledger.spec
    required = [f'(count(*) - count("{c.name}"))' for c in spec.columns.values() if c.required]
    year = ledger.context.load_year
    ranges = [range_condition(column, year) for column in spec.given_columns]
    rules = [rule.holds for rule in spec.rules]
    answers = {
        "faults": "count(bw_fault)",
        "failed": "count(bw_failed)",
        "missing": " + ".join(required) or "0",
        "out_of_range": _broken([text for text in ranges if text]),
        "inconsistent": _broken(rules),
        "duplicates": duplicates_probe(ledger),
    }
    listed = ", ".join(f"{text} AS {name}" for name, text in answers.items())
    return Found(**ledger.engine.table(f"SELECT {listed} FROM {ledger.staged}").to_pylist()[0])


def _broken(conditions: list[str]) -> str:
    counts = [f"count(*) FILTER (WHERE NOT ({condition}))" for condition in conditions]
    return " + ".join(counts) or "0"
