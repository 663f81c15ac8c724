"""The feed ``database``: tables and queries of any database that SQLAlchemy has a driver for."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from branchwise.core.errors import BranchwiseError, Where, failure, problem
from branchwise.core.languages import Text
from branchwise.core.ports import Engine
from branchwise.sources.database.connection import connected
from branchwise.sources.database.queries import Query, read_database_mapping
from branchwise.sources.database.reading import Asked, read_query
from branchwise.sources.feeds.address import Address
from branchwise.sources.feeds.marks import Mark, keep_mark, later, mark_name, read_mark
from branchwise.sources.feeds.model import Asking, Settle, settle_all
from branchwise.sources.feeds.sections import rule_of
from branchwise.sources.files import install_missing_macros, mapped_tables
from branchwise.sources.mapping import FileRule
from branchwise.sources.model import Delivery
from branchwise.sources.reading.workshop import Readings, Workshop

READING = Text(en="Reading {name}", zh_hant="讀取 {name}", zh_hans="读取 {name}")


class DatabaseFeed:
    """Reads databases as a mapping describes them.

    Examples
    --------
    >>> DatabaseFeed().name
    'database'
    """

    name = "database"

    def read(self, asking: Asking, engine: Engine, *, scratch: Path) -> Delivery:
        """Ask a database; see `branchwise.sources.feeds.model.Feed.read`.

        Raises
        ------
        BranchwiseError
            Those of `read_database_mapping` and `connected`; [BW-SRC-025] together with the reason
            of each query if none could be read; [BW-SRC-057] if a mark cannot be read.
        """
        if asking.address is None:
            raise failure("BW-SRC-061", Where(place=asking.mapping.name), shown="–")
        given = read_database_mapping(asking.mapping, self.name)
        mapping = given.mapping
        install_missing_macros(engine)
        workshop = Workshop(engine=engine, scratch=scratch)
        readings: dict[str, Readings] = {}
        settles: list[Settle] = []
        with connected(asking.address, timeout_seconds=given.timeout_seconds) as connection:
            for query in given.queries:
                wanted = mapping.wanted(query.name)
                with asking.progress.task(READING.filled(name=query.name)):
                    asked = _asked(asking, query, wanted, rule_of(mapping, query.name))
                    found, mark = read_query(connection, asked, workshop)
                _note_changed(found, asked)
                readings[query.name] = found
                settles += _settling(asking, asked, mark)
        refused = [bad for each in readings.values() for bad in each.refused]
        files = tuple(read for each in readings.values() for read in each.files)
        if not files:
            shown = asking.address.shown
            none = problem("BW-SRC-025", Where(place=shown), path=shown, count=len(given.queries))
            raise BranchwiseError(none, *refused)
        return Delivery(
            tables=mapped_tables(mapping, readings, workshop),
            refused=tuple(refused),
            notes=tuple(note for each in readings.values() for note in each.notes),
            files=files,
            settle=partial(settle_all, tuple(settles)),
        )


def _asked(asking: Asking, query: Query, wanted: tuple[str, ...], rule: FileRule) -> Asked:
    if asking.address is None:  # the feed has refused it
        raise AssertionError
    mark = None
    if query.watermark is not None and not asking.is_full:
        mark = read_mark(asking.kept, _mark_name(asking.address, rule))
    return Asked(
        query=query,
        rule=rule,
        wanted=wanted,
        mark=mark,
        address=asking.address,
        now=asking.clock(),
    )


def _mark_name(address: Address, rule: FileRule) -> str:
    return mark_name(rule.data_source.data_source_id, f"{address.fingerprint} {rule.name}")


def _note_changed(found: Readings, asked: Asked) -> None:
    """Say that rows before the mark are not read again though the query is another one."""
    query, mark = asked.query, asked.mark
    if found.files and mark is not None and mark.asked != query.fingerprint(asked.wanted):
        found.note("BW-SRC-055", query.shown, mark=mark.value)


def _settling(asking: Asking, asked: Asked, mark: Mark | None) -> list[Settle]:
    if asked.query.watermark is None or mark is None:
        return []
    reached = later(asked.mark, mark)
    if reached is None:
        return []
    if reached is asked.mark:
        reached = replace(reached, asked=mark.asked)
    return [partial(keep_mark, asking.kept, _mark_name(asked.address, asked.rule), reached)]
