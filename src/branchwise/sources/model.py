"""What an adapter hands over: sources, relations, files that were refused, and remarks.

The relation of a `SourceTable` has the given columns of its canonical table that the mapping
fills (any type; text is enough, cleaning parses it) and three columns more:

``source_file`` VARCHAR
    Path of the file inside the delivery, with ``!`` before the member of an archive.
``source_row`` BIGINT
    Number of the record in its file, from 1, header and titles included: the row number that a
    spreadsheet shows, and the line number where no cell holds a line break.
``source_fault`` VARCHAR
    Null for a sound row. Otherwise why the row cannot be trusted (too many cells, undecodable
    bytes, or a condition that the mapping names): the row **must go to quarantine with this text
    as its reason**, whatever its other columns say. Where the fault is in the file itself the
    other columns are null, so that a value shifted under a wrong heading never enters the store.

A source that puts a text right, such as the spelling of a name, hands over a fourth column before
these, ``source_original`` VARCHAR: a JSON object of column and text as it came, null where nothing
was changed. It becomes a row of ``repair``, so a value that identifies a person must not be in it.

Relations are lazy wherever the file allows. ``source_row`` of a text file is a
running number: left unread it costs nothing, read it makes the scan of the file run on one thread.
A reader that stages the rows of such a relation in file order may leave it unread and number the
staged rows itself: where `SourceTable.first_row` is not None, row ``k`` (from 0) has
``source_row = first_row + k``. (With DuckDB: ``SET preserve_insertion_order = true`` around
``CREATE TABLE … AS`` stages in order on all threads, and ``rowid`` is ``k``.)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from branchwise.core.errors import Problem
from branchwise.core.ports import Engine

SYSTEM_COLUMNS = ("source_file", "source_row", "source_fault")


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSource:
    """Where rows come from: one row of the table ``data_source``.

    Attributes
    ----------
    data_source_id, system, name, adapter : str
        Its key, the kind of system, what people call it, and the adapter that reads it.
    owner, purpose, privacy_class : str or None
        Who answers for it, what it is used for, and its class of JR/T 0171-2020.
    timezone : str
        IANA name of the zone in which its local times are read where a branch has none.
    """

    data_source_id: str
    system: str
    name: str
    adapter: str
    owner: str | None = None
    purpose: str | None = None
    privacy_class: str | None = None
    timezone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTable:
    """Some rows of one canonical table from one source.

    Attributes
    ----------
    table : str
        The canonical table.
    relation : str
        Name of a relation in the engine: mapped given columns and `SYSTEM_COLUMNS`.
    data_source : DataSource
        Where the rows come from.
    first_row : int or None
        Where the rows are those of one file, all of them and in order: ``source_row`` of the
        first one. None otherwise.
    unlisted : str
        A query of the codes that no code list gives a meaning: column, list, code, number of rows
        and first branch. Empty where the table uses no code lists.
    """

    table: str
    relation: str
    data_source: DataSource
    first_row: int | None = None
    unlisted: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRead:
    """A file that was read.

    Attributes
    ----------
    path : str
        Path inside the delivery.
    form : str
        ``csv``, ``tsv``, ``jsonl``, ``parquet``, ``excel`` or ``fixed``; ``query`` of a database.
    encoding : str or None
        Encoding of a text file.
    count_rows : int
        Records after the header, faulty ones included.
    count_faults : int
        Records with a ``source_fault`` of the file itself.
    """

    path: str
    form: str
    encoding: str | None
    count_rows: int
    count_faults: int = 0


def nothing_to_settle() -> None:
    """Do nothing: most deliveries leave nothing behind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Everything that an adapter found at a path.

    Attributes
    ----------
    tables : tuple of SourceTable
        What can be loaded.
    refused : tuple of Problem
        Files that could not be read, each with its reason; the rest is loaded.
    unmapped_files : tuple of str
        Files that no pattern of the mapping matched.
    notes : tuple of Problem
        What was accepted with a remark: a guessed encoding, a heading in the other script,
        a title row that was skipped, faulty rows.
    files : tuple of FileRead
        The files that were read.
    settle : callable
        To be called once the rows are in a published snapshot: the source then remembers how far
        it was loaded, and lets go of what it kept for another try.
    """

    tables: tuple[SourceTable, ...]
    refused: tuple[Problem, ...] = ()
    unmapped_files: tuple[str, ...] = ()
    notes: tuple[Problem, ...] = ()
    files: tuple[FileRead, ...] = ()
    settle: Callable[[], None] = nothing_to_settle


class Adapter(Protocol):
    """Reads one kind of delivery."""

    @property
    def name(self) -> str:
        """Name under which people ask for it."""
        ...

    def read(self, path: Path, engine: Engine, *, mapping: Path | None, scratch: Path) -> Delivery:
        """Find what is at a path and make it relations of the engine.

        Parameters
        ----------
        path : Path
            A folder, an archive or a file; never written to.
        engine : Engine
            Where the relations are made.
        mapping : Path or None
            The mapping file, for adapters that want one.
        scratch : Path
            A folder for unpacked and transcoded files; it must stay until the relations have
            been read.

        Raises
        ------
        BranchwiseError
            If nothing at all can be read, or the mapping is wrong: all problems at once.
        """
        ...
