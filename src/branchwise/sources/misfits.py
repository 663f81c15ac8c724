"""Which expression of a mapping the engine could not compute, found after it stopped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from branchwise.core.errors import Where, failure
from branchwise.core.ports import Engine
from branchwise.engines.duckdb import MISFITS
from branchwise.sources.model import SourceTable

_CONDITIONS = {"source_row": "where", "source_fault": "refuse"}  # the column that shows a condition


@contextmanager
def computing(engine: Engine, tables: Sequence[SourceTable]) -> Iterator[None]:
    """Name the column whose expression stopped the work, without a word of the data.

    Expressions run when rows are read, long after the mapping was checked; one that fits every
    row but one is found only then.

    Parameters
    ----------
    engine : Engine
        Where the relations are.
    tables : sequence of SourceTable
        What is read inside the block.

    Raises
    ------
    BranchwiseError
        [BW-SRC-026] if a column cannot be computed; the engine's own error if all can.
    """
    try:
        yield
    except MISFITS:
        for given in tables:
            _refuse(engine, given)
        raise


def _refuse(engine: Engine, given: SourceTable) -> None:
    columns = engine.columns(f"SELECT * FROM {given.relation}")  # noqa: S608
    for name in dict.fromkeys(("source_row", *columns)):  # the first runs nothing but conditions
        kind = _misfit(engine, given.relation, name)
        if kind:
            where = Where(place=given.data_source.data_source_id, column=name)
            shown = _CONDITIONS.get(name, name)
            raise failure("BW-SRC-026", where, table=given.table, name=shown, kind=kind)


def _misfit(engine: Engine, relation: str, name: str) -> str:
    try:
        engine.table(f'SELECT max(hash("{name}")) FROM {relation}')  # noqa: S608
    except MISFITS as error:
        return type(error).__name__
    return ""
