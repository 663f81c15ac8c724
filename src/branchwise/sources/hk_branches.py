"""The adapter ``hk_branches``: the branches of 14 retail banks in Hong Kong, mapped in 2016.

The data team of HK01 published them (hk01data.github.io/bank): GeoJSON in JavaScript files, one
file a class of branch. One bank may be ours (the option ``own``); the others are competitors.

* A place that stands twice, at the same bank, address and coordinates, is one branch: the rows get
  the same code, and cleaning removes the second and keeps it on record. Other units of the same
  building are branches of their own.
* 滙 and 恒 are written 匯 and 恆, so that one bank has one name; what was written is on record.
* Coordinates outside Hong Kong set the row aside, as do districts and classes that are not known.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from branchwise.core.errors import BranchwiseError, Problem, Where, failure, problem
from branchwise.core.ports import Engine
from branchwise.engines.duckdb import literal
from branchwise.sources.mapping import FileRule, parse_mapping
from branchwise.sources.model import Delivery, FileRead, SourceTable
from branchwise.sources.reading.archives import Found, find_files, glob_pattern
from branchwise.sources.reading.encodings import find_encoding
from branchwise.sources.reading.workshop import FoundFile, Readings, RowFile, Workshop

NAME = "hk_branches"
PATTERN = "**/*.js"
PROPERTIES = ("ID", "銀行牌子", "18區", "sub區", "我們的分類", "地址")
COLUMNS = ("id", "bank", "district", "place", "class", "address", "longitude", "latitude")
OPTIONAL = ("sub區",)
SPELLINGS = str.maketrans("滙恒", "匯恆")
DISTRICTS = (
    "中西區", "灣仔區", "東區", "南區", "油尖旺區", "深水埗區", "九龍城區", "黃大仙區", "觀塘區",
    "葵青區", "荃灣區", "屯門區", "元朗區", "北區", "大埔區", "沙田區", "西貢區", "離島區",
)  # fmt: skip
WEST, EAST, SOUTH, NORTH = 113.81, 114.52, 22.13, 22.58
ORDINARY, BOTH, SELECTED = "一般分行", "一般分行／服務特選客戶", "只服務特選客戶"
TYPES = {
    "分行": "comprehensive",
    ORDINARY: "comprehensive",
    BOTH: "flagship",
    SELECTED: "other",
    "服務中心": "light",
}
OUTSIDE = "coordinates lie outside Hong Kong"


class HongKongBranchesAdapter:
    """Reads the branches of Hong Kong: a folder or an archive with the JavaScript files.

    Parameters
    ----------
    own : str
        Name of the bank whose branches are ours, in either spelling; by default none is, and all
        are competitors beside the branches that are loaded from the bank's own files.

    Examples
    --------
    >>> HongKongBranchesAdapter(own="滙豐銀行").own
    '匯豐銀行'
    """

    name = NAME
    options = ("own",)

    def __init__(self, own: str = "") -> None:
        self.own = spelt(own)

    def read(
        self,
        path: Path,
        engine: Engine,
        *,
        mapping: Path | None,  # noqa: ARG002
        scratch: Path,
    ) -> Delivery:
        """Find the files at a path and make them relations; no mapping is needed.

        Raises
        ------
        BranchwiseError
            [BW-SRC-002] if there is nothing at the path, [BW-SRC-023] if no file matches,
            [BW-SRC-025] with the reasons if none could be read, [BW-SRC-074] if no branch is of
            the bank that the option names.
        """
        if not path.exists():
            raise failure("BW-SRC-002", Where(place=str(path)), path=path)
        workshop = Workshop(engine=engine, scratch=scratch)
        found = find_files(path, glob_pattern(PATTERN), workshop)
        rule = _rule()
        readings = Readings()
        rows = RowFile(workshop, rule, COLUMNS)
        for file in found.files:
            _read_file(file, rows, readings)
        refused = (*found.refused, *readings.refused)
        if not readings.files:
            raise BranchwiseError(_nothing(path, found, refused), *refused)
        staged = workshop.name("hk_read")
        engine.materialise(staged, _staged(rows.query()))
        self._check_own(engine, staged)
        return Delivery(
            tables=_tables(workshop, rule, staged, self.own),
            refused=refused,
            unmapped_files=tuple(found.others),
            notes=(*readings.notes, *_overlap(engine, staged)),
            files=tuple(readings.files),
        )

    def _check_own(self, engine: Engine, staged: str) -> None:
        found = engine.table(f"SELECT DISTINCT bank FROM {staged} WHERE bank <> '' ORDER BY bank")  # noqa: S608
        banks = found.column(0).to_pylist()
        if self.own and self.own not in banks:
            raise failure(
                "BW-SRC-074", Where(place="--option"), own=self.own, known=", ".join(banks)
            )


def spelt(bank: str) -> str:
    """Return the name of a bank in one spelling.

    Examples
    --------
    >>> spelt(" 恒生銀行 "), spelt("匯豐銀行")
    ('恆生銀行', '匯豐銀行')
    """
    return bank.strip().translate(SPELLINGS)


def _rule() -> FileRule:
    given = {
        "source": {
            "data_source_id": NAME,
            "system": "reference",
            "title": "Branches of 14 banks in Hong Kong, 2016",
            "owner": "HK01 data team",
            "purpose": "research and teaching",
            "privacy_class": "none",
            "timezone": "Asia/Hong_Kong",
        },
        "file": [{"name": NAME, "pattern": PATTERN}],
    }
    return parse_mapping(given, place=NAME, adapter=NAME).files[0]


def _nothing(path: Path, found: Found, refused: Sequence[Problem]) -> Problem:
    where = Where(place=str(path))
    if refused:
        return problem(
            "BW-SRC-025", where, path=path, count=len({bad.where.place for bad in refused})
        )
    return problem("BW-SRC-023", where, patterns=PATTERN, count=len(found.others))


def _read_file(file: FoundFile, rows: RowFile, readings: Readings) -> None:
    if not file.path.stat().st_size:
        readings.refuse("BW-SRC-017", file.name)
        return
    encoded = find_encoding(file.path, None)
    if encoded is None:
        readings.refuse("BW-SRC-016", file.name)
        return
    try:
        features = _features(file.path.read_text(encoding=encoded.codec))
    except (ValueError, RecursionError) as error:
        readings.refuse("BW-SRC-022", file.name, form="GeoJSON", reason=error)
        return
    known = list(dict.fromkeys(key for feature in features for key in _properties(feature)))
    missing = [name for name in PROPERTIES if name not in known and name not in OPTIONAL]
    if features and missing:
        listed = ", ".join(known)
        for name in missing:
            readings.refuse("BW-SRC-013", file.name, name=name, nearest="–", known=listed)
        return
    faulty = []
    for number, feature in enumerate(features, 1):
        cells, fault = _cells(feature)
        if fault:
            faulty.append(number)
        rows.add(file.name, number, cells, fault or None)
    read = FileRead(
        path=file.name,
        form="geojson",
        encoding=encoded.name,
        count_rows=len(features),
        count_faults=len(faulty),
    )
    readings.accept(read, faulty)


def _features(text: str) -> list[Any]:
    """Return the features of a collection, with or without ``var name =`` before it.

    Raises
    ------
    ValueError
        If it is no collection of features.
    """
    start = text.find("{")
    if start < 0:
        message = "no object in it"
        raise ValueError(message)
    found, end = json.JSONDecoder(parse_float=str, parse_int=str).raw_decode(text, start)
    if text[end:].strip(" \t\r\n;\ufeff"):
        message = f"text stands after the collection, at character {end + 1}"
        raise ValueError(message)
    if found.get("type") != "FeatureCollection" or not isinstance(found.get("features"), list):
        message = "no FeatureCollection"
        raise ValueError(message)
    return list(found["features"])


def _properties(feature: object) -> dict[str, object]:
    found = feature.get("properties") if isinstance(feature, dict) else None
    return found if isinstance(found, dict) else {}


def _cells(feature: object) -> tuple[list[str | None], str]:
    held = _properties(feature)
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    place = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if not isinstance(place, list) or len(place) < 2:  # noqa: PLR2004
        return [], "no point with longitude and latitude"
    cells = [_text(held.get(name)) for name in PROPERTIES]
    return [*cells, _text(place[0]), _text(place[1])], ""


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _staged(query: str) -> str:
    """Return the rows with one spelling a bank and the branch that each is of."""
    spelling = "translate(bank_given, '滙恒', '匯恆')"
    plain = r"regexp_replace(address, '[\s,，、()（）]', '', 'g')"
    same = "PARTITION BY bank, plain_address, longitude, latitude"
    return (
        f"WITH given AS (SELECT * EXCLUDE (bank), bank AS bank_given FROM ({query})), "  # noqa: S608
        f"named AS (SELECT *, {spelling} AS bank, {plain} AS plain_address FROM given) "
        f"SELECT *, first_value(id) OVER ({same} ORDER BY source_file, source_row) AS head, "
        f"list(class) OVER ({same}) AS classes, source_fault IS NULL AS is_read FROM named"
    )


def _tables(workshop: Workshop, rule: FileRule, staged: str, own: str) -> tuple[SourceTable, ...]:
    made = {
        "region": (
            "SELECT district AS region_id, district AS name, 'HK' AS country, "  # noqa: S608
            "min(source_file) AS source_file, min(source_row) AS source_row, "
            f"NULL::VARCHAR AS source_fault FROM {staged} "
            f"WHERE is_read AND district IN ({_listed(DISTRICTS)}) GROUP BY district"
        ),
        "branch": _branches(staged, own),
    }
    tables = []
    for table, query in made.items():
        relation = workshop.name(f"hk_{table}")
        workshop.engine.define(relation, query)
        tables.append(SourceTable(table=table, relation=relation, data_source=rule.data_source))
    return tuple(tables)


def _branches(staged: str, own: str) -> str:
    merged = (
        f"CASE WHEN list_contains(classes, {literal(ORDINARY)}) "
        f"AND list_contains(classes, {literal(SELECTED)}) THEN {literal(BOTH)} ELSE class END"
    )
    types = " ".join(f"WHEN {literal(name)} THEN {literal(kind)}" for name, kind in TYPES.items())
    where = "coalesce(place, district, '')"
    is_own = f"bank = {literal(own)}"
    outside = (
        f"coalesce(TRY_CAST(longitude AS DOUBLE) NOT BETWEEN {WEST} AND {EAST} "
        f"OR TRY_CAST(latitude AS DOUBLE) NOT BETWEEN {SOUTH} AND {NORTH}, true)"
    )
    fault = (
        "CASE WHEN source_fault IS NOT NULL THEN source_fault "
        f"WHEN {outside} THEN {literal(OUTSIDE)} "
        "WHEN bank IS NULL OR id IS NULL THEN 'bank or ID is missing' "
        f"WHEN class IS NULL OR class NOT IN ({_listed(TYPES)}) "
        "THEN '我們的分類: ' || coalesce(class, '') || ' is not: known' "
        f"WHEN district IS NULL OR district NOT IN ({_listed(DISTRICTS)}) "
        "THEN '18區: ' || coalesce(district, '') || ' is not: known' END"
    )
    original = (
        f"CASE WHEN bank <> bank_given AND {is_own} "
        f"THEN CAST(json_object('name', bank_given || ' ' || {where}) AS VARCHAR) "
        "WHEN bank <> bank_given THEN CAST(json_object("
        f"'institution_id', bank_given, 'name', bank_given || ' ' || {where}) AS VARCHAR) END"
    )
    return (
        f"SELECT 'HK01-' || head AS branch_id, CASE WHEN {is_own} THEN 'own' ELSE bank END "  # noqa: S608
        f"AS institution_id, district AS region_id, bank || ' ' || {where} AS name, "
        f"CASE {merged} {types} END AS branch_type, 'Asia/Hong_Kong' AS timezone, "
        f"'HK' AS holiday_calendar, latitude, longitude, address, {original} AS source_original, "
        f"source_file, source_row, {fault} AS source_fault FROM {staged}"
    )


def _overlap(engine: Engine, staged: str) -> Iterator[Problem]:
    """Say how many entries are of one branch, and how many branches share a building."""
    found = engine.table(
        "WITH place AS (SELECT bank, longitude, latitude, count(*) AS entries, "  # noqa: S608
        f"count(DISTINCT head) AS branches FROM {staged} WHERE is_read GROUP BY ALL) "
        "SELECT sum(entries)::BIGINT AS entries, sum(entries - branches)::BIGINT AS same, "
        "count(*) FILTER (branches > 1) AS shared FROM place"
    ).to_pylist()[0]
    if found["same"] or found["shared"]:
        yield problem("BW-SRC-075", Where(place=NAME), **found)


def _listed(names: Sequence[str] | dict[str, str]) -> str:
    return ", ".join(literal(name) for name in names)
