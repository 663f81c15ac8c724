"""The ports that the stages work through: an Engine for tables, an Executor for calls."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol, Self, TypeVar

import pyarrow as pa

Item = TypeVar("Item")
Result = TypeVar("Result")


class Engine(Protocol):
    """SQL (DuckDB dialect) over named relations, answered as Arrow.

    Relations are lazy: registering files reads nothing, and no method but `table` brings a whole
    result into memory. Rows have no order unless the query gives a total one.
    """

    def register_files(self, name: str, paths: Sequence[Path], *, schema: pa.Schema) -> None:
        """Make Parquet files one relation; with no file, an empty one of the schema."""
        ...

    def register_table(self, name: str, table: pa.Table) -> None:
        """Make an Arrow table a relation."""
        ...

    def define(self, name: str, query: str) -> None:
        """Make a query a relation (a view: it is computed when read)."""
        ...

    def materialise(self, name: str, query: str) -> int:
        """Compute a query now, keep its rows (on disk if need be) and return their number."""
        ...

    def drop(self, name: str) -> None:
        """Forget a relation, if there is one of that name."""
        ...

    def execute(self, statement: str) -> None:
        """Run a statement that returns nothing (macros, settings)."""
        ...

    def table(self, query: str, parameters: Mapping[str, object] | None = None) -> pa.Table:
        """Answer a query as an Arrow table; for results known to be small."""
        ...

    def batches(
        self, query: str, parameters: Mapping[str, object] | None = None
    ) -> pa.RecordBatchReader:
        """Answer a query as a stream of Arrow batches."""
        ...

    def columns(self, query: str) -> dict[str, str]:
        """Return the names and types of a query's columns without computing it."""
        ...

    def write_parquet(self, query: str, path: Path) -> int:
        """Write a query's rows to one Parquet file and return their number."""
        ...

    def close(self) -> None:
        """Give back memory, threads and temporary files."""
        ...


class Executor(Protocol):
    """Calls of one function on many items.

    Results come in the order of the items, and are the same bytes whichever executor computes
    them and however many workers it has: randomness enters through the items, never through a
    worker's state.
    """

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """Yield ``function(item)`` for each item, in order.

        The first exception of a call is raised at its place in the order.
        """
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc_info: object) -> None: ...


OpenEngine = Callable[[], AbstractContextManager[Engine]]
