"""Values that should point to a row of another table and point nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from branchwise.cleaning.effects import Ledger
    from branchwise.tables.spec import Column


def resolve(ledger: Ledger) -> None:
    """Mend or empty the references that lead nowhere.

    A code that lost or gained leading zeros, or was made a number by a spreadsheet ('317' or
    '317.0' for '00317'), is mended if exactly one row can be meant. Otherwise the column is
    emptied, or the row set aside where the column is required. A reference declared
    ``unresolved = "keep"`` is left alone. Where the other table has no row at all nothing can be
    said: the rule is skipped and counted as such.
    """
    for column in ledger.spec.columns.values():
        if column.reference is not None and column.reference.unresolved == "repair":
            _resolve(ledger, column)


def _resolve(ledger: Ledger, column: Column) -> None:
    parents = _parents(ledger, column)
    name = column.name
    if parents is None:
        given = ledger.count(f'"{name}" IS NOT NULL')
        if given:
            ledger.skip("reference", name, given)
        return
    unknown = (
        f'SELECT DISTINCT "{name}" AS code FROM {ledger.staged}'
        f' WHERE "{name}" IS NOT NULL AND "{name}" NOT IN (SELECT code FROM {parents})'
    )
    if not ledger.engine.materialise("bw_unknown", unknown):
        return
    if column.type == "text" and not column.identifier:
        _mend(ledger, name, parents)
    ledger.empty(
        "reference",
        [name],
        f'"{name}" IN (SELECT code FROM bw_unknown)',
        f"{name} is in no row of {column.reference.table if column.reference else ''}",
    )


def _parents(ledger: Ledger, column: Column) -> str | None:
    """Return a relation of the known codes, or None where there is none to compare with."""
    reference = column.reference
    if reference is None:
        return None
    relation = ledger.context.references.get(reference.table)
    queries = [] if relation is None else [f'SELECT "{reference.column}" AS code FROM {relation}']
    if reference.table == ledger.spec.name:
        queries.append(f'SELECT "{reference.column}" AS code FROM {ledger.staged}')
    if not queries:
        return None
    known = f"SELECT DISTINCT code FROM ({' UNION ALL '.join(queries)}) WHERE code IS NOT NULL"
    if relation is not None and len(queries) == 1:
        ledger.engine.define("bw_known", known)
        return (
            "bw_known" if ledger.ask("SELECT count(*) AS n FROM (FROM bw_known LIMIT 1)") else None
        )
    return "bw_known" if ledger.engine.materialise("bw_known", known) else None


def _mend(ledger: Ledger, name: str, parents: str) -> None:
    ledger.engine.materialise(
        "bw_mended",
        "SELECT bw_unknown.code, any_value(parent.code) AS new FROM bw_unknown"
        f" JOIN (SELECT DISTINCT code FROM {parents}) AS parent"
        " ON ltrim(parent.code, '0') = regexp_replace(ltrim(bw_unknown.code, '0'), '[.]0+$', '')"
        " GROUP BY ALL HAVING count(*) = 1",
    )
    found = (
        f'SELECT bw_id AS id, new FROM {ledger.staged} JOIN bw_mended ON bw_mended.code = "{name}"'
    )
    if ledger.hit(found):
        ledger.replace("reference", name)
