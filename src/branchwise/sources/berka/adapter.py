"""The adapter ``berka``: files → relations of the canonical tables.

The data are those of P. Berka and M. Sochorova (Guide to the Financial Data Set, PKDD'99 Discovery
Challenge): accounts, clients, loans, cards, standing orders and the ledger of a Czech bank, with
the statistics of the 77 districts in which its branches stand. The bank records days, no times of
day and no visits.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from branchwise.core.errors import Problem, Where, problem
from branchwise.core.ports import Engine
from branchwise.sources.berka import tables
from branchwise.sources.berka.labels import files_wanted, written_rows
from branchwise.sources.berka.ledger import Ledger, ledger
from branchwise.sources.files import RawFiles, read_raw
from branchwise.sources.mapping import Mapping as FileMapping
from branchwise.sources.model import DataSource, Delivery, SourceTable
from branchwise.sources.reading.workshop import Readings, Workshop

OWN, TRANSLATED, SELECTED = "berka_ledger", "berka_ledger_translated", "berka_selected"


class BerkaAdapter:
    """Reads the Czech bank: a folder or an archive with its files, packed or not.

    Examples
    --------
    >>> BerkaAdapter().name
    'berka'
    """

    name = "berka"

    def read(
        self,
        path: Path,
        engine: Engine,
        *,
        mapping: Path | None,  # noqa: ARG002
        scratch: Path,
    ) -> Delivery:
        """Find the files of the bank at a path and make them relations; no mapping is needed.

        Raises
        ------
        BranchwiseError
            [BW-SRC-002] if there is nothing at the path, [BW-SRC-023] if no file is one of the
            bank's, [BW-SRC-025] with the reasons if none could be read.
        """
        rules, wanted = files_wanted()
        raw = read_raw(path, engine, rules, wanted, scratch)
        relations = {
            name: reading.relation(raw.workshop, wanted[name])
            for name, reading in raw.readings.items()
        }
        found = ledger(raw.workshop, relations)
        made = _tables(raw, rules, relations, found)
        return raw.delivery(lambda _, __: made, _notes(raw.readings, found))


def _tables(
    raw: RawFiles, rules: FileMapping, files: Mapping[str, str], found: Ledger
) -> tuple[SourceTable, ...]:
    workshop = raw.workshop
    sources = {rule.name: rule.data_source for rule in rules.files}
    balances = workshop.name("berka_balance")
    workshop.engine.materialise(balances, tables.balances(files, (found.own, found.later)))
    made = (
        ("region", "berka_district", tables.regions(files)),
        ("branch", "berka_district", tables.branches(files)),
        ("demand_point", "berka_district", tables.demand_points(files)),
        ("customer", "berka_client", tables.customers(files, balances)),
        ("holding", "berka_account", tables.accounts(files, balances)),
        ("holding", "berka_loan", tables.loans(files)),
        ("holding", "berka_card", tables.cards(files)),
        ("holding", "berka_order", tables.orders(files)),
        ("transaction", OWN, tables.transactions(files, found.own)),
        ("transaction", TRANSLATED, tables.transactions(files, found.later)),
    )
    written = tuple(_written(workshop, table, sources[OWN]) for table in ("service", "product"))
    return written + tuple(
        _defined(workshop, table, query, sources[name])
        for table, name, query in made
        if raw.readings[name].files
    )


def _defined(workshop: Workshop, table: str, query: str, source: DataSource) -> SourceTable:
    relation = workshop.name(f"berka_{table}")
    last = "source_file, source_row, source_fault"
    workshop.engine.define(relation, f"SELECT * EXCLUDE ({last}), {last} FROM ({query})")  # noqa: S608
    return SourceTable(table=table, relation=relation, data_source=source)


def _written(workshop: Workshop, table: str, source: DataSource) -> SourceTable:
    relation = workshop.name(f"berka_{table}")
    workshop.engine.register_table(relation, written_rows(table))
    return SourceTable(table=table, relation=relation, data_source=source)


def _notes(readings: Mapping[str, Readings], found: Ledger) -> tuple[Problem, ...]:
    """Say what is left out, and that the bank records no time of day."""
    notes = [
        problem(
            "BW-SRC-070",
            Where(place=read.path),
            file=read.path,
            same=found.count_same,
            unlike=found.count_unlike,
            later=found.count_later,
            cut_on=found.cut_on.isoformat(),
            last_on="–" if found.last_on is None else found.last_on.isoformat(),
        )
        for read in readings[TRANSLATED].files
        if found.cut_on is not None
    ]
    notes += [
        problem("BW-SRC-071", Where(place=read.path), file=read.path, count=read.count_rows)
        for read in readings[SELECTED].files
    ]
    notes += [
        problem("BW-SRC-072", Where(place=read.path), file=read.path)
        for name in (OWN, TRANSLATED)
        for read in readings[name].files
    ]
    return tuple(notes)
