"""The embedded engine: DuckDB inside the process, spilling to disk, with no network."""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from branchwise.core.errors import Where, failure
from branchwise.engines.scratch import folder_of_process

BATCH_ROWS = 100_000
MEMORY_BYTES = 2 * 2**30
"""What an engine may hold, or half of the machine's memory where that is less. DuckDB would take
four fifths of the machine, as often as there are engines: of a thousand branches a report took
11 GB, and takes a quarter of it so."""
EngineError = duckdb.Error  # what a statement raises that the engine cannot carry out
MISFITS = (  # of these, what it raises where an expression does not fit the values it is given
    duckdb.BinderException,
    duckdb.ConversionException,
    duckdb.InvalidInputException,
    duckdb.OutOfRangeException,
)
_NAME = re.compile(r"[a-z_][a-z0-9_]*")
INTERRUPTED = "interrupt"
_REFUSALS = {  # what DuckDB says where the operating system refuses, with the system's number
    "no space left": errno.ENOSPC,
    "disk quota": errno.EDQUOT,
    "file too large": errno.EFBIG,
    "read-only file system": errno.EROFS,
    "permission denied": errno.EACCES,
    "no such file or directory": errno.ENOENT,
    "is a directory": errno.EISDIR,
}


class DuckDBEngine:
    """An Engine over one private DuckDB connection.

    Parameters
    ----------
    scratch : Path, optional
        Private folder for rows that do not fit into memory; that of the process by default.
    threads : int, optional
        Number of threads; all cores by default.
    memory_bytes : int, optional
        Memory above which work spills to disk; 2 GiB by default, on a small machine half of its
        memory.

    Examples
    --------
    >>> with open_duckdb() as engine:
    ...     engine.table("select 40 + 2 as answer").to_pylist()
    [{'answer': 42}]
    """

    def __init__(
        self,
        scratch: Path | None = None,
        *,
        threads: int | None = None,
        memory_bytes: int | None = None,
    ) -> None:
        # DuckDB makes the folder when it first spills, readable for everybody: what stands around
        # it is private. Made before, it would stay where a process ends without `close`.
        self._scratch = (scratch or folder_of_process()) / f"engine-{secrets.token_hex(8)}"
        settings: dict[str, Any] = {
            "temp_directory": str(self._scratch),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "preserve_insertion_order": False,
        }
        if threads is not None:
            settings["threads"] = threads
        most = memory_bytes or min(MEMORY_BYTES, _memory_of_the_machine() // 2)
        settings["memory_limit"] = f"{most // 2**20}MiB"
        self._connection = duckdb.connect(
            ":memory:", config=settings
        )  # spills to the scratch folder
        self._connection.execute("SET TimeZone = 'UTC'")
        # DuckDB's own bar is drawn on stdout, which belongs to results.
        self._connection.execute("SET enable_progress_bar = false")
        self._arrow: dict[str, pa.Table] = {}
        self._reserved = frozenset(
            word
            for (word,) in self._connection.execute(
                "SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category = 'reserved'"
            ).fetchall()
        )

    def register_files(self, name: str, paths: Sequence[Path], *, schema: pa.Schema) -> None:
        """Make Parquet files one relation; with no file, an empty one of the schema."""
        if not paths:
            self.register_table(name, schema.empty_table())
            return
        listed = ", ".join(literal(str(path)) for path in paths)
        self.define(name, f"SELECT * FROM read_parquet([{listed}], union_by_name = true)")  # noqa: S608

    def register_table(self, name: str, table: pa.Table) -> None:
        """Make an Arrow table a relation."""
        self.drop(name)
        self._connection.register(name, table)
        self._arrow[name] = table

    def define(self, name: str, query: str) -> None:
        """Make a query a relation (a view: it is computed when read).

        The query may not read the relation that it replaces; a query that cannot be understood
        leaves it as it was.
        """
        made = f"new_{self._checked(name)}__"
        self.execute(f"CREATE VIEW {made} AS {query}")
        self.drop(name)
        self.execute(f"ALTER VIEW {made} RENAME TO {name}")

    def materialise(self, name: str, query: str) -> int:
        """Compute a query now, keep its rows (on disk if need be) and return their number.

        The query may read the relation that it replaces; one that fails leaves it as it was.
        """
        made = f"new_{self._checked(name)}__"
        self.execute(f"CREATE TABLE {made} AS {query}")
        self.drop(name)
        self.execute(f"ALTER TABLE {made} RENAME TO {name}")
        return self._count(name)

    def drop(self, name: str) -> None:
        """Forget a relation, if there is one of that name."""
        self._connection.unregister(self._checked(name))
        self._arrow.pop(name, None)
        found = self._connection.execute(
            "SELECT table_type FROM information_schema.tables WHERE table_name = $name",
            {"name": name},
        ).fetchall()
        for (kind,) in found:
            self.execute(f"DROP {'VIEW' if kind == 'VIEW' else 'TABLE'} {name}")

    def execute(self, statement: str) -> None:
        """Run a statement that returns nothing (macros, settings)."""
        with _explained(self._scratch):
            self._connection.execute(statement)

    def table(self, query: str, parameters: Mapping[str, object] | None = None) -> pa.Table:
        """Answer a query as an Arrow table; for results known to be small."""
        with _explained(self._scratch):
            return self._connection.sql(query, params=_given(parameters)).to_arrow_table()

    def batches(
        self, query: str, parameters: Mapping[str, object] | None = None
    ) -> pa.RecordBatchReader:
        """Answer a query as a stream of Arrow batches; other work may go on meanwhile."""
        # A connection with an unread result takes no other work, so the stream has its own, which
        # shares the catalogue but neither Arrow tables nor settings of the session.
        session = self._connection.cursor()
        session.execute("SET TimeZone = 'UTC'")
        for name, table in self._arrow.items():
            session.register(name, table)
        with _explained(self._scratch):
            return session.sql(query, params=_given(parameters)).to_arrow_reader(BATCH_ROWS)

    def columns(self, query: str) -> dict[str, str]:
        """Return the names and types of a query's columns without computing it."""
        described = self._connection.execute(f"DESCRIBE {query}").fetchall()
        return {name: kind for name, kind, *_ in described}

    def write_parquet(self, query: str, path: Path) -> int:
        """Write a query's rows to one Parquet file, whole or not at all; return their number."""
        part = path.with_name(f".{path.name}.part")
        try:
            with _explained(path):
                written = self._connection.execute(
                    f"COPY ({query}) TO {literal(str(part))} (FORMAT parquet, COMPRESSION zstd)"
                ).fetchall()
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        return int(written[0][0])

    def close(self) -> None:
        """Give back memory, threads and temporary files."""
        self._connection.close()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def _count(self, name: str) -> int:
        # fetchall: DuckDB refuses further work on a connection with an unfinished result
        counted = self._connection.execute(f"SELECT count(*) FROM {name}").fetchall()  # noqa: S608
        return int(counted[0][0])

    def _checked(self, name: str) -> str:
        if not _NAME.fullmatch(name) or name in self._reserved:
            raise failure("BW-ENG-001", name=name)
        return name


@contextmanager
def open_duckdb(
    scratch: Path | None = None, *, threads: int | None = None, memory_bytes: int | None = None
) -> Iterator[DuckDBEngine]:
    """Open an embedded engine and close it at the end of the block."""
    engine = DuckDBEngine(scratch, threads=threads, memory_bytes=memory_bytes)
    try:
        yield engine
    finally:
        engine.close()


def literal(text: str) -> str:
    """Return a text as an SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def _memory_of_the_machine() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _given(parameters: Mapping[str, object] | None) -> dict[str, object] | None:
    return dict(parameters) if parameters else None


@contextmanager
def _explained(place: Path) -> Iterator[None]:
    """Say in Python's terms what the operating system refused: OSError with number and path."""
    try:
        yield
    except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
        words = str(error).lower()
        for said, number in _REFUSALS.items():
            if said in words:
                raise OSError(number, os.strerror(number), str(place)) from error
        if isinstance(error, duckdb.OutOfMemoryException):
            raise failure("BW-ENG-002", Where(place=str(place))) from error
        raise
    except (RuntimeError, duckdb.InterruptException) as error:
        if INTERRUPTED in str(error).lower():
            raise KeyboardInterrupt from error
        raise
