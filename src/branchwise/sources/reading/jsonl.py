"""JSON lines: one object a line, in UTF-8."""

from __future__ import annotations

import json
from collections.abc import Sequence

from branchwise.sources.headings import match_headings
from branchwise.sources.mapping import FileRule
from branchwise.sources.model import FileRead
from branchwise.sources.reading.encodings import find_encoding
from branchwise.sources.reading.records import text_fault
from branchwise.sources.reading.workshop import FoundFile, Readings, RowFile, Workshop

HEADING_LINES = 1000


def read_json_lines(
    files: Sequence[FoundFile], rule: FileRule, wanted: Sequence[str], workshop: Workshop
) -> Readings:
    """Read the JSON-lines files of one rule; parameters as in `text.read_texts`.

    Numbers keep the digits they are written with; objects and lists become JSON text. A key that
    no object of the first `HEADING_LINES` lines has counts as missing.
    """
    readings = Readings()
    rows = RowFile(workshop, rule, wanted)
    for file in files:
        _read_file(file, rule, wanted, rows, readings)
    if readings.files:
        readings.queries.append(rows.query())
    return readings


def _read_file(
    file: FoundFile, rule: FileRule, wanted: Sequence[str], rows: RowFile, readings: Readings
) -> None:
    encoded = find_encoding(file.path, rule.encoding)
    if not file.path.stat().st_size:
        readings.refuse("BW-SRC-017", file.name)
        return
    if encoded is None:
        readings.refuse("BW-SRC-016", file.name)
        return
    if encoded.better:
        readings.refuse("BW-SRC-015", file.name, declared=rule.encoding, better=encoded.better)
        return
    known = _keys(file, encoded.codec)
    headings = match_headings(known, wanted)
    if not readings.accept_headings(file.name, headings, known):
        return
    keys = [known[headings.found[name]] for name in wanted]
    faulty: list[int] = []
    count = 0
    with file.path.open(encoding=encoded.codec, errors="branchwise.keep") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            count += 1
            found, fault = _object(line)
            if fault:
                faulty.append(number)
            cells = [_text(value) for value in map(found.get, keys)]
            rows.add(file.name, number, cells, f"{fault} (line {number})" if fault else None)
    read = FileRead(
        path=file.name,
        form="jsonl",
        encoding=encoded.name,
        count_rows=count,
        count_faults=len(faulty),
    )
    readings.accept(read, faulty)


def _keys(file: FoundFile, codec: str) -> list[str]:
    known: dict[str, None] = {}
    with file.path.open(encoding=codec, errors="branchwise.keep") as lines:
        for _, line in zip(range(HEADING_LINES), lines, strict=False):
            known.update(dict.fromkeys(_object(line)[0]))
    return list(known)


def _object(line: str) -> tuple[dict[str, object], str]:
    fault = text_fault(line)
    if fault:
        return {}, fault
    repeated: list[str] = []

    def pairs(given: list[tuple[str, object]]) -> dict[str, object]:
        made = dict(given)
        if len(made) < len(given):
            repeated.append("a key stands twice in one object")
        return made

    try:
        found = json.loads(line, parse_int=str, parse_float=str, object_pairs_hook=pairs)
    except (json.JSONDecodeError, RecursionError) as error:
        return {}, f"no JSON: {error}"
    if not isinstance(found, dict):
        return {}, "no JSON object"
    return found, "".join(repeated[:1])


def _text(value: object) -> str | None:
    if isinstance(value, str):
        return value or None
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)
