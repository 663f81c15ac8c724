"""Parquet files: read lazily, every column as text."""

from __future__ import annotations

from collections.abc import Sequence

from branchwise.engines.duckdb import EngineError, literal
from branchwise.sources.headings import match_headings
from branchwise.sources.mapping import FileRule
from branchwise.sources.model import FileRead
from branchwise.sources.reading.workshop import FoundFile, Readings, Workshop, quoted


def read_parquet(
    files: Sequence[FoundFile],
    rule: FileRule,  # noqa: ARG001
    wanted: Sequence[str],
    workshop: Workshop,
) -> Readings:
    """Read the Parquet files of one rule; parameters as in `text.read_texts`.

    Every page is decoded once before the file is accepted, so that a damaged one is refused here.
    """
    readings = Readings()
    for file in files:
        if not file.path.stat().st_size:
            readings.refuse("BW-SRC-017", file.name)
            continue
        source = f"read_parquet({literal(str(file.path))}, file_row_number = true)"
        try:
            known = list(workshop.engine.columns(f"SELECT * FROM {source}"))  # noqa: S608
            known.remove("file_row_number")
            headings = match_headings(known, wanted)
            if not readings.accept_headings(file.name, headings, known):
                continue
            columns = [quoted(known[headings.found[name]]) for name in wanted]
            count = _decode(source, columns, workshop)
        except EngineError as error:
            reason = str(error).splitlines()[0]
            readings.refuse("BW-SRC-022", file.name, form="Parquet", reason=reason)
            continue
        pairs = zip(columns, wanted, strict=True)
        listed = [f"CAST({column} AS VARCHAR) AS {quoted(name)}" for column, name in pairs]
        listed += [f"{literal(file.name)} AS source_file", "file_row_number + 1 AS source_row"]
        listed += ["CAST(NULL AS VARCHAR) AS source_fault"]
        readings.queries.append(f"SELECT {', '.join(listed)} FROM {source}")  # noqa: S608
        readings.accept(FileRead(path=file.name, form="parquet", encoding=None, count_rows=count))
    return readings


def _decode(source: str, columns: Sequence[str], workshop: Workshop) -> int:
    hashed = f"bit_xor(hash({', '.join(columns)}))" if columns else "0"
    query = f"SELECT count(*) AS rows, {hashed} AS content FROM {source}"  # noqa: S608
    return int(workshop.engine.table(query)["rows"][0].as_py())
