"""Cleaning one table: read once, probe every rule in one pass, repair only what fired."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from branchwise.cleaning import keys, values
from branchwise.cleaning.clock_shift import set_clocks_right
from branchwise.cleaning.effects import Ledger
from branchwise.cleaning.empty_call import mark_empty_calls
from branchwise.cleaning.model import Cleaned, Context, Piece
from branchwise.cleaning.outliers import empty_outliers
from branchwise.cleaning.parse import install_macros
from branchwise.cleaning.probe import probe
from branchwise.cleaning.references import resolve
from branchwise.cleaning.types import stage
from branchwise.engines.duckdb import literal
from branchwise.privacy.pseudonyms import install_pseudonyms

if TYPE_CHECKING:
    from branchwise.core.ports import Engine
    from branchwise.tables.spec import TableSpec


def clean(engine: Engine, pieces: Sequence[Piece], spec: TableSpec, context: Context) -> Cleaned:
    """Return the rows of one table as agreed, and everything that was changed or set aside.

    Parameters
    ----------
    engine : Engine
        Where the pieces are; the result is there too, until the next cleaning of this table.
    pieces : sequence of Piece
        In order of delivery: of rows with the same key the later one stays.
    spec : TableSpec
        The canonical table.
    context : Context
        The load, the other tables and the key of the pseudonyms.

    Returns
    -------
    Cleaned
        Relations of rows, repairs and quarantined rows, and the effect of each rule.

    Raises
    ------
    BranchwiseError
        [BW-CLN-001] if the time zone of a piece is unknown.
    """
    install_macros(engine)
    install_pseudonyms(engine, context.pseudonym_key)
    staged = stage(engine, pieces, spec, context, f"bw_{spec.name}_staged")
    ledger = Ledger(engine, spec, context, staged)
    found = probe(ledger)
    if found.faults:
        values.set_faults_aside(ledger)
    if found.duplicates:
        keys.remove_exact(ledger)
    if found.failed:
        values.judge_readings(ledger)
    if found.missing:
        values.require(ledger)
    if found.out_of_range:
        values.keep_in_range(ledger)
    if found.inconsistent:
        values.keep_rows_consistent(ledger)
    resolve(ledger)
    set_clocks_right(ledger)
    mark_empty_calls(ledger)
    empty_outliers(ledger)
    if ledger.is_changed:
        ledger.derive_again()
        values.keep_rows_consistent(ledger)
        values.require(ledger)
    if found.duplicates or ledger.is_changed:
        keys.remove_same_key(ledger)
    return _finish(ledger, staged.rows)


def _finish(ledger: Ledger, count_in: int) -> Cleaned:
    rows = f"bw_{ledger.spec.name}_rows"
    columns = ", ".join(f'"{name}"' for name in ledger.spec.columns)
    load = literal(ledger.context.load_id)
    ledger.engine.define(
        rows, f"SELECT {columns}, data_source_id, {load} AS load_id FROM {ledger.staged}"
    )
    return Cleaned(
        table=ledger.spec.name,
        rows=rows,
        repairs=ledger.repairs,
        quarantine=ledger.quarantine,
        count_in=count_in,
        count_out=ledger.count("true"),
        effects=ledger.effects(),
    )
