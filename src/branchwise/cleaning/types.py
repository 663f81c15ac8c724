"""Texts become typed values, once: the staged table that all other rules work on.

The staged table has the columns of the spec, then ``data_source_id`` and

``bw_id``
    Its number, in order of delivery: what cleaning names a row by.

``bw_piece``, ``bw_file``, ``bw_row``
    Where the row came from, in order of delivery.
``bw_fault``
    Why the source could not read it; null for nearly all.
``bw_zone``
    Time zone of its branch.
``bw_failed``
    JSON, by column: the given texts that were not taken as they are; null for nearly all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from branchwise.cleaning.fills import Inherited, derive_layers, fill_layers, folded, inherit
from branchwise.cleaning.zones import zone_of
from branchwise.engines.duckdb import literal
from branchwise.privacy.pseudonyms import BLANKS
from branchwise.tables.spec import Column, TableSpec

if TYPE_CHECKING:
    from branchwise.cleaning.model import Context, Piece
    from branchwise.core.ports import Engine

LARGEST_EXACT = 2**53
STAGED = ("bw_id", "bw_piece", "bw_file", "bw_row", "bw_fault", "bw_zone", "bw_failed")
WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")
INSTANT = "TIMESTAMP WITH TIME ZONE"
MACROS_OF = {
    "integer": "to_number",
    "real": "to_number",
    "boolean": "to_boolean",
    "date": "to_date",
    "instant": "to_instant",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """The staged table.

    Attributes
    ----------
    name : str
        Its relation.
    rows : int
        Its number of rows.
    row_number : str
        SQL expression of the row's number in its file.
    """

    name: str
    rows: int
    row_number: str


def stage(
    engine: Engine, pieces: Sequence[Piece], spec: TableSpec, context: Context, name: str
) -> Staged:
    """Read some pieces of one table into a staged table, every text once.

    Parameters
    ----------
    engine : Engine
        With the macros of `install_macros` and `install_pseudonyms`.
    pieces : sequence of Piece
        In order of delivery; none gives an empty table.
    spec : TableSpec
        The canonical table.
    context : Context
        Where branches (for time zones) and the tables of ``fill_from`` are found.
    name : str
        Name of the staged table.

    Raises
    ------
    BranchwiseError
        [BW-CLN-001] if the time zone of a piece is unknown.
    """
    engine.materialise(name, _nothing(spec))
    numbers = ""
    rows = 0
    for number, piece in enumerate(pieces):
        query = _reading(engine, piece, spec, context, number)
        if piece.first_row is None:
            engine.execute(f"INSERT INTO {name} {query}")
        else:
            _insert_in_order(engine, name, query)
            numbers += f" WHEN {number} THEN bw_id - {rows} + {piece.first_row}"
        rows = int(engine.table(f"SELECT count(*) AS n FROM {name}").to_pylist()[0]["n"])
    # Nothing has been deleted yet, so rowid has no gap; later a checkpoint may move it.
    engine.execute(f"UPDATE {name} SET bw_id = rowid")
    row_number = f"coalesce(bw_row, CASE bw_piece {numbers} END)" if numbers else "bw_row"
    return Staged(name=name, rows=rows, row_number=row_number)


def _insert_in_order(engine: Engine, name: str, query: str) -> None:
    engine.execute("SET preserve_insertion_order = true")
    try:
        engine.execute(f"INSERT INTO {name} {query}")
    finally:
        engine.execute("SET preserve_insertion_order = false")


def _nothing(spec: TableSpec) -> str:
    columns = [
        f'CAST(NULL AS {column.sql_type}) AS "{name}"' for name, column in spec.columns.items()
    ]
    return (
        f"SELECT {', '.join(columns)}, '' AS data_source_id, 0::BIGINT AS bw_id, 0 AS bw_piece,"
        " '' AS bw_file, 0::BIGINT AS bw_row, '' AS bw_fault, '' AS bw_zone,"
        " '' AS bw_failed WHERE false"
    )


def _reading(engine: Engine, piece: Piece, spec: TableSpec, context: Context, number: int) -> str:
    """Return the query that reads a piece: given texts, then values, fills, derived columns."""
    types = engine.columns(f"SELECT * FROM {piece.relation}")
    given = {column.name: column for column in spec.given_columns if column.name in types}
    inherited = inherit(engine, spec, context, given)
    branch = "g_branch_id" if "branch_id" in given else None
    if "branch_id" in inherited:
        other = f"{inherited['branch_id'].alias}.other"
        branch = f"coalesce({branch}, {other})" if branch else other
    zone = zone_of(engine, piece, spec, context, branch)
    query = f"SELECT {', '.join(_sources(piece, given, types, number))} FROM {piece.relation}"
    joins = " ".join([*(through.joined for through in inherited.values()), zone.joined])
    others = [f'{through.alias}.other AS "f_{name}"' for name, through in inherited.items()]
    beside = ", ".join(["given.*", f"{zone.value} AS bw_zone", *others])
    query = f"SELECT {beside} FROM ({query}) AS given {joins}"
    where = zone.value if zone.is_constant else "bw_zone"
    values = [_value(column, types[name], where) for name, column in given.items()]
    query = f"SELECT {', '.join(['*', *values])} FROM ({query})"
    query = f"SELECT {', '.join(_columns(spec, given, types, inherited))} FROM ({query})"
    words = {
        "branch_timezone": where,
        "source_timezone": literal(piece.timezone),
        "load_year": str(context.load_year),
    }
    for layer in fill_layers(spec, words):
        query = f"SELECT * REPLACE ({', '.join(layer)}) FROM ({query})"
    for layer in derive_layers(spec, words):
        query = f"SELECT *, {', '.join(layer)} FROM ({query})"
    order = ", ".join(f'"{name}"' for name in (*spec.columns, "data_source_id", *STAGED))
    return f"SELECT {order} FROM ({query})"


def _sources(
    piece: Piece, given: Mapping[str, Column], types: Mapping[str, str], number: int
) -> list[str]:
    numbered = "source_row" in types and piece.first_row is None
    return [
        *(_given(column, types[name]) for name, column in given.items()),
        f"{literal(piece.data_source_id)} AS data_source_id",
        "NULL::BIGINT AS bw_id",
        f"{number} AS bw_piece",
        f"{'source_file' if 'source_file' in types else 'NULL'}::VARCHAR AS bw_file",
        f"{'source_row' if numbered else 'NULL'}::BIGINT AS bw_row",
        f"{'source_fault' if 'source_fault' in types else 'NULL'}::VARCHAR AS bw_fault",
        *(["source_original::VARCHAR AS bw_original"] if "source_original" in types else []),
    ]


def _given(column: Column, given_type: str) -> str:
    """Return what the source gives: blanks around it do not count, nothing is null."""
    text = f'"{column.name}"'
    if column.type == "text" and given_type != "VARCHAR":
        text = f"CAST({text} AS VARCHAR)"
    elif given_type != "VARCHAR":
        return f'{text} AS "g_{column.name}"'
    if column.identifier:
        text = f"pseudonym(nullif(trim({text}, '{BLANKS}'), ''))"
    elif column.type == "text" and not column.values:
        text = (
            f"CASE WHEN ascii({text}) BETWEEN 33 AND 126 AND {text}[-1] BETWEEN '!' AND '~'"
            f" THEN {text} ELSE nullif(trim({text}, '{BLANKS}'), '') END"
        )
    else:  # the macros leave blanks aside
        text = f"nullif({text}, '')"
    return f'{text} AS "g_{column.name}"'


def _value(column: Column, given_type: str, zone: str) -> str:
    """Return the typed value of a given text; null where it cannot be read."""
    given = f'"g_{column.name}"'
    if column.type == "text":
        text = _allowed(column, given)
    elif (column.type == "date" and given_type == "DATE") or (
        column.type == "instant" and given_type == INSTANT
    ):
        text = given
    elif column.type == "instant" and given_type in ("TIMESTAMP", "DATE"):
        text = f"timezone({zone}, {given}::TIMESTAMP)"
    elif (column.type == "boolean" and given_type == "BOOLEAN") or (
        column.type in ("integer", "real") and given_type in WHOLE
    ):
        text = given
    else:
        text = f"{MACROS_OF[column.type]}({given}{f', {zone}' if column.type == 'instant' else ''})"
    return f'{text} AS "v_{column.name}"'


def _allowed(column: Column, given: str) -> str:
    """Return the allowed value that a text stands for, whatever its width, case or blanks."""
    if not column.values:
        return given
    plain = " ".join(f"WHEN {literal(value)} THEN {literal(value)}" for value in column.values)
    folds = " ".join(
        f"WHEN {literal(value.lower())} THEN {literal(value)}" for value in column.values
    )
    return (  # no IN: a list of several values would become a join
        f"CASE WHEN {given} IS NOT NULL THEN CASE {given} {plain}"
        f" ELSE CASE {folded(given)} {folds} END END END"
    )


def _columns(
    spec: TableSpec,
    given: Mapping[str, Column],
    types: Mapping[str, str],
    inherited: Mapping[str, Inherited],
) -> list[str]:
    texts = []
    for column in spec.given_columns:
        name = column.name
        value = f'"v_{name}"' if name in given else "NULL"
        if column.type == "integer" and name in given and types[name] not in WHOLE:
            value = f"CASE WHEN {_is_whole(value)} THEN {value} END"
        if name in inherited:
            value = f'coalesce({value}, "f_{name}")'
        texts.append(f'CAST({value} AS {column.sql_type}) AS "{name}"')
    texts += ["data_source_id", *(name for name in STAGED if name != "bw_failed")]
    failed = _failed(given, types)
    if "source_original" in types:
        parts = f"coalesce(bw_original, '{{}}')::JSON, coalesce({failed}, '{{}}')::JSON"
        failed = f"nullif(json_merge_patch({parts})::VARCHAR, '{{}}')"
    return [*texts, f"{failed} AS bw_failed"]


def _failed(given: Mapping[str, Column], types: Mapping[str, str]) -> str:
    """Return the JSON of the texts that were not taken as they are.

    An identifier that stands under a wrong heading too is shown as its pseudonym.
    """
    hidden = [name for name, column in given.items() if column.identifier]
    tests, parts = [], []
    for name, column in given.items():
        differs = _differs(column, types[name])
        if not differs:
            continue
        text = f"trim(CAST(\"g_{name}\" AS VARCHAR), '{BLANKS}')"
        test = f"CASE WHEN {differs} THEN {text} <> '' ELSE false END"
        shown = text
        for other in hidden:
            shown = f'CASE WHEN pseudonym({text}) = "g_{other}" THEN "g_{other}" ELSE {shown} END'
        tests.append(test)
        parts.append(f'"{name}" := CASE WHEN {test} THEN {shown} END')
    if not tests:
        return "NULL::VARCHAR"
    return (
        f"CASE WHEN {' OR '.join(tests)}"
        f" THEN json_merge_patch('{{}}', to_json(struct_pack({', '.join(parts)})))::VARCHAR END"
    )


def _differs(column: Column, given_type: str) -> str:
    """Return the condition that the given text was not taken as it is; empty if it always is."""
    given, value = f'"g_{column.name}"', f'"v_{column.name}"'
    if column.type == "text":
        return f"{given} IS NOT NULL AND {value} IS DISTINCT FROM {given}" if column.values else ""
    unread = f"{given} IS NOT NULL AND {value} IS NULL"
    if column.type == "integer" and given_type not in WHOLE:
        return f"{unread} OR {value} IS NOT NULL AND NOT ({_is_whole(value)})"
    return unread


def _is_whole(value: str) -> str:
    return f"{value} = trunc({value}) AND abs({value}) <= {LARGEST_EXACT}"
