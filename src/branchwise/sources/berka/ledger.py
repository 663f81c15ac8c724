"""The ledger of the bank, put together from its two forms.

The bank's own ledger wins. It was cut in the middle of a row, so its last day is not whole. The
translated form has the same rows in whole crowns and without numbers, and runs longer: of it only
the rows are taken that the own ledger has not, from the day of the cut on. On the day of the cut
itself a row counts as the same where account, day, labels, whole crowns and balance agree, as often
as it stands in both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from branchwise.core.ports import Engine
from branchwise.sources.berka.labels import labelled
from branchwise.sources.reading.workshop import Workshop

SAME = "account_id, day, direction, operation, symbol, trunc(amount), trunc(balance)"
_DAYS = {
    "berka_ledger": "to_date(date)",
    "berka_ledger_translated": (
        "to_date(year || '-' || lpad(trim(month), 2, '0') || '-' || lpad(trim(day), 2, '0'))"
    ),
}
_NUMBERS = {"berka_ledger": "trans_id", "berka_ledger_translated": "'t' || source_row"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The rows of the ledger and how its two forms overlap.

    Attributes
    ----------
    own, later : str
        Relations of the bank's own rows and of those that the translated form adds. Both have
        the rows that could not be read, with their fault.
    count_same : int
        Rows of the translated form that stand in the own one too and are left out.
    count_unlike : int
        Rows of the translated form on whole days of the own one that do not stand in it; they are
        left out as well, since the own form wins.
    count_later : int
        Rows that the translated form adds.
    first_on, last_on : date or None
        First and last day of the added rows.
    cut_on : date or None
        First day that the own ledger does not hold whole; None where it is not there.
    """

    own: str
    later: str
    count_same: int
    count_unlike: int
    count_later: int
    first_on: date | None
    last_on: date | None
    cut_on: date | None


def ledger(workshop: Workshop, relations: Mapping[str, str]) -> Ledger:
    """Put the ledger together.

    Parameters
    ----------
    workshop : Workshop
        The engine.
    relations : mapping of str to str
        Relations of the files ``berka_ledger`` and ``berka_ledger_translated``.
    """
    engine = workshop.engine
    read = {name: workshop.name(name) for name in _DAYS}
    for name, relation in read.items():
        engine.materialise(relation, _rows(name, relations[name]))
    cut_on = _cut_on(engine, read["berka_ledger"])
    compared = workshop.name("berka_compared")
    engine.materialise(compared, _compared(read["berka_ledger_translated"], read["berka_ledger"]))
    is_whole = "false" if cut_on is None else f"day < DATE '{cut_on}'"
    is_later = f"NOT coalesce(({is_whole}) OR is_same, false)"
    later = workshop.name("berka_later")
    engine.materialise(later, f"SELECT * FROM {compared} WHERE {is_later}")  # noqa: S608
    counts = engine.table(
        f"SELECT count(*) FILTER (is_same) AS count_same, "  # noqa: S608
        f"count(*) FILTER (NOT is_same AND ({is_whole})) AS count_unlike, "
        f"count(*) FILTER ({is_later} AND source_fault IS NULL) AS count_later, "
        f"min(day) FILTER ({is_later}) AS first_on, max(day) FILTER ({is_later}) AS last_on "
        f"FROM {compared}"
    ).to_pylist()[0]
    return Ledger(own=read["berka_ledger"], later=later, cut_on=cut_on, **counts)


def _rows(name: str, relation: str) -> str:
    """Return the rows of one form with labels, day and amounts read, and why one cannot be."""
    account = "regexp_replace(trim(account_id), '^A?0*', '')"
    read = (
        f"SELECT {_NUMBERS[name]} AS transaction_id, {account} AS account_id, "  # noqa: S608
        f"{_DAYS[name]} AS day, {labelled('direction', 'type')} AS direction, "
        f"{labelled('operation', 'operation')} AS operation, "
        f"{labelled('symbol', 'k_symbol')} AS symbol, "
        "to_number(amount) AS amount, to_number(balance) AS balance, "
        "type AS type_given, operation AS operation_given, k_symbol AS symbol_given, "
        f"source_file, source_row, source_fault FROM {relation}"
    )
    faults = {
        "day": "'date is missing'",
        "amount": "'amount is missing'",
        "direction": "'type: ' || coalesce(type_given, '') || ' is not: known'",
        "operation": "'operation: ' || coalesce(operation_given, '') || ' is not: known'",
        "symbol": "'k_symbol: ' || coalesce(symbol_given, '') || ' is not: known'",
    }
    whens = " ".join(f"WHEN {column} IS NULL THEN {reason}" for column, reason in faults.items())
    kept = "transaction_id, account_id, day, direction, operation, symbol, amount, balance"
    return (
        f"SELECT {kept}, source_file, source_row, "  # noqa: S608
        f"CASE WHEN source_fault IS NOT NULL THEN source_fault {whens} END AS source_fault "
        f"FROM ({read})"
    )


def _cut_on(engine: Engine, own: str) -> date | None:
    """Return the day of the last sound row if the file ends in a faulty one, else the day after."""
    found = engine.table(
        f"SELECT max(day) FILTER (source_fault IS NULL) AS last_on, "  # noqa: S608
        f"bool_or(source_fault IS NOT NULL AND source_row = last_row) AS is_cut "
        f"FROM (SELECT *, max(source_row) OVER (PARTITION BY source_file) AS last_row FROM {own})"
    ).to_pylist()[0]
    last_on: date | None = found["last_on"]
    if last_on is None:
        return None
    return last_on if found["is_cut"] else date.fromordinal(last_on.toordinal() + 1)


def _compared(translated: str, own: str) -> str:
    """Return the rows of the translated form with whether the own one has them."""
    numbered = (
        f"SELECT *, row_number() OVER (PARTITION BY source_fault IS NULL, {SAME} "  # noqa: S608
        "ORDER BY source_file, source_row) AS nth FROM {relation}"
    )
    keys = [part.strip() for part in SAME.split(",")]
    same = " AND ".join(
        f"{_of('theirs', key)} IS NOT DISTINCT FROM {_of('ours', key)}" for key in keys
    )
    return (
        f"SELECT theirs.* EXCLUDE (nth), ours.nth IS NOT NULL AS is_same "  # noqa: S608
        f"FROM ({numbered.format(relation=translated)}) AS theirs "
        f"LEFT JOIN ({numbered.format(relation=own)}) AS ours "
        f"ON {same} AND theirs.nth = ours.nth "
        "AND theirs.source_fault IS NULL AND ours.source_fault IS NULL"
    )


def _of(side: str, key: str) -> str:
    return key.replace("trunc(", f"trunc({side}.") if "(" in key else f"{side}.{key}"
