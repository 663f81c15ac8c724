"""Guess: draft a mapping for files that nobody has described yet; nothing is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from branchwise.core.errors import BranchwiseError, Where, failure, problem
from branchwise.core.languages import Language, Text
from branchwise.core.progress import Progress, silent
from branchwise.core.tabulation import Tabulation
from branchwise.engines.duckdb import open_duckdb
from branchwise.engines.scratch import scratch_folder
from branchwise.pipeline.guess_words import (
    CODE_HEADINGS,
    CODES_TITLE,
    COLUMN_HEADINGS,
    CONFIDENCES,
    LOOKING,
    NEXT,
    NOT_WRITTEN,
    TITLE,
)
from branchwise.sources.guess.draft import Draft, DraftColumn, DraftFile, DraftTable
from branchwise.sources.guess.drafting import draft_mapping
from branchwise.sources.guess.writing import LIKELY, SURE, code_files, mapping_text
from branchwise.sources.mapping import parse_mapping
from branchwise.tables.spec import table_spec
from branchwise.warehouse.files import write_whole

MEMORY_BYTES = 512 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class GuessReport:
    """A drafted mapping.

    Attributes
    ----------
    path : str
        What was looked at.
    draft : Draft
        The draft.
    written : tuple of str
        The files that were written: the mapping, and code lists beside it.
    """

    path: str
    draft: Draft
    written: tuple[str, ...]

    @property
    def warnings(self) -> tuple[Text, ...]:
        """What is not in the draft, and why."""
        return tuple(Text.written(found.read_in) for found in self.draft.notes)

    def as_json(self) -> dict[str, Any]:
        """Return the ``result`` of the JSON document."""
        files = [
            {
                "name": file.name,
                "pattern": file.pattern,
                "format": file.format,
                "kind": file.title.en,
                "confidence": file.confidence,
                "paths": list(file.paths),
                "not_used": [heading for heading, _ in file.left],
            }
            for file in self.draft.files
        ]
        columns = [
            {
                "table": table.into,
                "file": table.source,
                "column": column.name,
                "expression": column.expression,
                "headings": list(column.headings),
                "confidence": column.confidence,
                "remarks": [remark.en for remark in column.remarks],
                "sample": column.sample,
            }
            for table in self.draft.tables
            for column in table.columns
        ]
        return {
            "path": self.path,
            "files": files,
            "columns": columns,
            "codes": self.draft.codes,
            "notes": [found.as_json() for found in self.draft.notes],
            "mapping": mapping_text(self.draft),
            "written": list(self.written),
        }

    def as_tables(self, language: Language) -> Sequence[Tabulation]:
        """Return one table a kind of file, with what its columns fill, and the unknown codes."""
        tables = [self._file_table(file, language) for file in self.draft.files]
        unknown = self._codes_table(language)
        shown = [*tables, unknown] if unknown.rows else tables
        last = NEXT.filled(mapping=self.written[0], path=self.path) if self.written else NOT_WRITTEN
        return [*shown, Tabulation(title="", notes=(last.read_in(language),))]

    def _file_table(self, file: DraftFile, language: Language) -> Tabulation:
        title = TITLE.filled(
            name=file.name, pattern=file.pattern, count=len(file.paths),
            kind=file.title.read_in(language), share=f"{file.confidence:.0%}",
        )  # fmt: skip
        rows = [
            _row(table, column, language)
            for table in self.draft.tables
            if table.source == file.name
            for column in table.columns
            if column.headings
        ]
        rows += [(heading, "–", "–", "", "") for heading, _ in file.left]
        return Tabulation(
            title=title.read_in(language),
            columns=tuple(heading.read_in(language) for heading in COLUMN_HEADINGS),
            rows=tuple(rows),
        )

    def _codes_table(self, language: Language) -> Tabulation:
        return Tabulation(
            title=CODES_TITLE.read_in(language),
            columns=tuple(heading.read_in(language) for heading in CODE_HEADINGS),
            rows=tuple(
                (name, ", ".join(unknown))
                for name, codes in self.draft.codes.items()
                if (unknown := [code for code, meaning in codes.items() if not meaning])
            ),
        )


def guess(
    path: Path, *, output: Path | None = None, progress: Progress | None = None
) -> GuessReport:
    """Draft the mapping of the files at a path, for a person to correct.

    Parameters
    ----------
    path : Path
        A folder, an archive or a file; never written to.
    output : Path, optional
        Where the mapping is written; code lists stand in a folder ``codes`` beside it. Without it
        nothing is written.
    progress : Progress, optional
        Where the work tells how far it is.

    Raises
    ------
    BranchwiseError
        [BW-SRC-002] if there is nothing at the path, [BW-SRC-100] if the output exists,
        [BW-SRC-101] with the reason of each file if none could be recognised, [BW-SRC-109] if
        there is no file.
    """
    shown = progress or silent()
    if not path.exists():
        raise failure("BW-SRC-002", Where(place=str(path)), path=path)
    if output is not None and output.exists():
        raise failure("BW-SRC-100", Where(place=str(output)), path=output)
    with (
        scratch_folder() as scratch,
        open_duckdb(scratch, memory_bytes=MEMORY_BYTES) as engine,
        shown.task(LOOKING),
    ):
        draft = draft_mapping(path, engine, scratch)
    if not draft.tables:
        where = Where(place=str(path))
        code = "BW-SRC-101" if draft.notes else "BW-SRC-109"
        none = problem(code, where, path=path, count=len(draft.notes))
        raise BranchwiseError(none, *draft.notes)
    written = [] if output is None else _write(draft, output)
    return GuessReport(path=str(path), draft=draft, written=tuple(map(str, written)))


def _write(draft: Draft, output: Path) -> list[Path]:
    """Write the mapping and its code lists; a list that is there already is left as it is."""
    written = []
    for name, content in code_files(draft).items():
        target = output.parent / name
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            write_whole(target, content)
            written.append(target)
    output.parent.mkdir(parents=True, exist_ok=True)
    write_whole(output, mapping_text(draft))
    return [output, *written]


def checked(draft: Draft, folder: Path) -> None:
    """Raise what is wrong in the text of a draft whose code lists stand in a folder."""
    import tomllib

    given = tomllib.loads(mapping_text(draft))
    parse_mapping(given, place="mapping.toml", adapter="files", folder=folder)


def _row(table: DraftTable, column: DraftColumn, language: Language) -> tuple[object, ...]:
    spec = table_spec(table.into)
    label = spec.columns[column.name].label.read_in(language)
    level = 0 if column.confidence >= SURE else 1 if column.confidence >= LIKELY else 2
    return (
        " + ".join(column.headings),
        f"{table.into}.{column.name} ({label})",
        f"{column.confidence:.0%} {CONFIDENCES[level].read_in(language)}",
        column.sample,
        "; ".join(remark.read_in(language) for remark in column.remarks),
    )
