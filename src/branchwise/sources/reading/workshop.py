"""What every reader works with: the engine, the scratch folder, and what it hands back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from branchwise.core.errors import Problem, Where, problem
from branchwise.core.ports import Engine
from branchwise.engines.duckdb import literal
from branchwise.sources.headings import Headings
from branchwise.sources.mapping import FileRule
from branchwise.sources.model import FileRead

FLUSH_ROWS = 50_000
HEADER_SEARCH_ROWS = 20
FAULT_LINES_SHOWN = 10
_NUMBERS = count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFile:
    """A file of the delivery.

    Attributes
    ----------
    name : str
        Its path inside the delivery, as people see it.
    path : Path
        Where its bytes are: in the delivery, or unpacked in the scratch folder.
    """

    name: str
    path: Path


@dataclass(slots=True)
class Readings:
    """What the files of one `FileRule` gave.

    Attributes
    ----------
    queries : list of str
        Queries whose union is the rows: the wanted columns under the names of the mapping and
        the system columns.
    files : list of FileRead
        The files that were read.
    refused, notes : list of Problem
        Files that could not be read, and remarks.
    first_row : int or None
        See `branchwise.sources.model.SourceTable`.
    """

    queries: list[str] = field(default_factory=list)
    files: list[FileRead] = field(default_factory=list)
    refused: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    first_row: int | None = None

    def refuse(self, code: str, place: str, **values: object) -> None:
        """Note a file that cannot be read."""
        self.refused.append(problem(code, Where(place=place), file=place, **values))

    def note(self, code: str, place: str, **values: object) -> None:
        """Note a remark on a file that is read."""
        self.notes.append(problem(code, Where(place=place), file=place, **values))

    def accept(self, read: FileRead, fault_lines: Sequence[int] = ()) -> None:
        """Record a file that was read, with a note where rows are faulty or there is none."""
        self.files.append(read)
        if fault_lines:
            shown = ", ".join(str(line) for line in fault_lines[:FAULT_LINES_SHOWN])
            lines = shown + (" …" if read.count_faults > FAULT_LINES_SHOWN else "")
            self.note("BW-SRC-033", read.path, count=read.count_faults, lines=lines)
        if not read.count_rows:
            self.note("BW-SRC-034", read.path)

    def relation(self, workshop: Workshop, wanted: Sequence[str]) -> str:
        """Make one relation of the rows and return its name; an empty one where nothing was read.

        Parameters
        ----------
        workshop : Workshop
            The engine.
        wanted : sequence of str
            The columns that were asked for.
        """
        name = workshop.name("read")
        nothing = ", ".join(
            f"CAST(NULL AS {'BIGINT' if column == 'source_row' else 'VARCHAR'}) AS {quoted(column)}"
            for column in (*wanted, "source_file", "source_row", "source_fault")
        )
        queries = self.queries or [f"SELECT {nothing} WHERE false"]
        workshop.engine.define(name, " UNION ALL BY NAME ".join(queries))
        return name

    def accept_headings(
        self, place: str, headings: Headings, known: Sequence[str], *, row: int | None = None
    ) -> bool:
        """Refuse the file if a wanted column is not there; note what was accepted."""
        for name, near in headings.missing:
            listed = ", ".join(known)
            self.refuse("BW-SRC-013", place, name=name, nearest=near or "–", known=listed)
        for name in headings.repeated:
            self.refuse("BW-SRC-014", place, name=name)
        if not headings.is_complete:
            return False
        for name, heading in headings.across_scripts:
            self.note("BW-SRC-030", place, name=name, heading=heading)
        if row is not None and row > 1:
            self.note("BW-SRC-032", place, row=row)
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """The engine and the scratch folder."""

    engine: Engine
    scratch: Path

    def path(self, suffix: str) -> Path:
        """Return a path in the scratch folder that nobody else uses."""
        self.scratch.mkdir(parents=True, exist_ok=True)
        return self.scratch / f"part_{next(_NUMBERS)}{suffix}"

    def name(self, prefix: str) -> str:
        """Return a name for a relation that nobody else uses."""
        return f"{prefix}_{next(_NUMBERS)}"


class RowFile:
    """Rows that had to be read one by one, kept as one Parquet file in the scratch folder.

    Parameters
    ----------
    workshop : Workshop
        Where to write.
    rule : FileRule
        The kind of file.
    wanted : sequence of str
        The columns to keep, in the order of the cells given to `add`.
    """

    def __init__(self, workshop: Workshop, rule: FileRule, wanted: Sequence[str]) -> None:
        self.rule = rule
        self.wanted = tuple(wanted)
        self._path = workshop.path(".parquet")
        names = [f"c{place}" for place in range(len(self.wanted))]
        self._schema = pa.schema(
            [(name, pa.string()) for name in names]
            + [("source_file", pa.string()), ("source_row", pa.int64())]
            + [("source_fault", pa.string())]
        )
        self._writer: pq.ParquetWriter | None = None
        self._rows: list[tuple[object, ...]] = []
        self.count_files = 0

    def add(self, file: str, row: int, cells: Sequence[str | None], fault: str | None) -> None:
        """Add a row; of a faulty one the cells are not kept."""
        kept = tuple(cells) if fault is None else (None,) * len(self.wanted)
        self._rows.append((*kept, file, row, fault))
        if len(self._rows) >= FLUSH_ROWS:
            self._flush()

    def add_columns(self, file: str, first_row: int, columns: Mapping[str, pa.Array]) -> None:
        """Add sound rows column by column, numbered from `first_row`."""
        self._flush()
        arrays = [columns[name] for name in self.wanted]
        size = len(next(iter(columns.values())))
        arrays.append(pa.repeat(pa.scalar(file, pa.string()), size))
        arrays.append(pa.array(range(first_row, first_row + size), pa.int64()))
        arrays.append(pa.nulls(size, pa.string()))
        self._write(pa.Table.from_arrays(arrays, schema=self._schema))

    def query(self) -> str:
        """Close the file and return the query of its rows."""
        self._flush()
        if self._writer is None:
            self._write(self._schema.empty_table())
        if self._writer is not None:
            self._writer.close()
        columns = [f"c{place} AS {quoted(name)}" for place, name in enumerate(self.wanted)]
        listed = ", ".join([*columns, "source_file", "source_row", "source_fault"])
        return f"SELECT {listed} FROM read_parquet({literal(str(self._path))})"  # noqa: S608

    def _flush(self) -> None:
        if self._rows:
            columns = zip(*self._rows, strict=True)
            arrays = [
                pa.array(values, field.type)
                for values, field in zip(columns, self._schema, strict=True)
            ]
            self._rows = []
            self._write(pa.Table.from_arrays(arrays, schema=self._schema))

    def _write(self, table: pa.Table) -> None:
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, self._schema, compression="zstd")
        self._writer.write_table(table)


def quoted(name: str) -> str:
    """Return a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
