"""Rows delivered twice: the later one stays, the earlier goes whole to the repairs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from branchwise.cleaning.effects import Ledger
    from branchwise.cleaning.model import Rule

LATER_FIRST = "bw_piece DESC, bw_file DESC NULLS LAST, bw_row DESC NULLS LAST, bw_id DESC"


def duplicates_probe(ledger: Ledger) -> str:
    """Return an aggregate: how many rows share a key with another one, 0 for nearly every load.

    Only hashes are compared; a collision costs a look, never a row.
    """
    key = ", ".join(f'"{name}"' for name in ledger.spec.key)
    return f"count(*) - count(DISTINCT hash({key}))"


def remove_exact(ledger: Ledger) -> None:
    """Remove rows that repeat another in every column."""
    _remove(ledger, "duplicate_exact", [*ledger.spec.columns, "bw_failed", "bw_fault"])


def remove_same_key(ledger: Ledger) -> None:
    """Remove rows that a later one with the same key replaces."""
    _remove(ledger, "duplicate_key", ledger.spec.key)


def _remove(ledger: Ledger, rule: Rule, names: Sequence[str]) -> None:
    key = ", ".join(f'"{name}"' for name in ledger.spec.key)
    same = ", ".join(f'"{name}"' for name in names)
    shared = f"SELECT hash({key}) FROM {ledger.staged} GROUP BY ALL HAVING count(*) > 1"
    earlier = (
        f"SELECT bw_id AS id FROM {ledger.staged} WHERE hash({key}) IN ({shared})"
        f" QUALIFY row_number() OVER (PARTITION BY {same} ORDER BY {LATER_FIRST}) > 1"
    )
    if ledger.hit(earlier):
        ledger.remove(rule)
