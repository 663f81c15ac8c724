"""The mapping of a database: ``[[query]]``, each a table or one SELECT."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from branchwise.sources.feeds.marks import Overlap, parse_overlap
from branchwise.sources.feeds.sections import Kinds, Section, Sections
from branchwise.sources.mapping import Mapping

QUERY_KEYS: Kinds = {
    "table": str, "sql": str, "watermark": str, "overlap": (str, int, float),
}  # fmt: skip
DATABASE_KEYS: Kinds = {"timeout_seconds": (int, float)}
TIMEOUT_SECONDS = 60.0
WORDS_OF_CHANGE = frozenset({
    "insert", "update", "delete", "merge", "drop", "create", "alter", "truncate", "grant",
    "revoke", "call", "execute", "into",
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What one kind of rows is asked with.

    Attributes
    ----------
    name : str
        What the mapping calls it.
    table : str
        A table or view, with its schema if need be; empty where there is an `sql`.
    sql : str
        One SELECT.
    watermark : str or None
        The column by which new rows are found.
    overlap : timedelta, Decimal or None
        How far before the mark the next load asks again; None for the default.
    """

    name: str
    table: str
    sql: str
    watermark: str | None
    overlap: Overlap | None

    @property
    def shown(self) -> str:
        """What rows and messages call it."""
        return self.table or self.name

    def fingerprint(self, columns: tuple[str, ...]) -> str:
        """Return what changes when the query or its columns do."""
        text = "\n".join((self.table, self.sql, self.watermark or "", *sorted(columns)))
        return sha256(text.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseMapping:
    """A checked mapping of a database.

    Attributes
    ----------
    mapping : Mapping
        Tables over the queries.
    queries : tuple of Query
        The queries, in the order of `mapping.files`.
    timeout_seconds : float
        How long to wait for the connection, and for each answer [s].
    """

    mapping: Mapping
    queries: tuple[Query, ...]
    timeout_seconds: float


def read_database_mapping(path: Path, adapter: str) -> DatabaseMapping:
    """Read the mapping of a database and check it.

    Parameters
    ----------
    path : Path
        The TOML file.
    adapter : str
        Name of the feed, for the record of the sources.

    Raises
    ------
    BranchwiseError
        [BW-SRC-003] to [BW-SRC-012], [BW-SRC-062] to [BW-SRC-064] and [BW-SRC-068], all at once.
    """
    sections = Sections(path, entry="query", whole="database", adapter=adapter)
    timeout = float(sections.whole(DATABASE_KEYS).get("timeout_seconds", TIMEOUT_SECONDS))
    if timeout <= 0:
        sections.wrong("database", "timeout_seconds", timeout, "a number above 0")
    queries = tuple(_query(sections, one) for one in sections.entries(QUERY_KEYS, ()))
    mapping = sections.mapping()
    return DatabaseMapping(mapping=mapping, queries=queries, timeout_seconds=timeout)


def _query(sections: Sections, given: Section) -> Query:
    table, sql = str(given.get("table", "")), str(given.get("sql", "")).strip().rstrip(";")
    if bool(table) == bool(sql):
        allowed = "either table or sql"
        sections.wrong(given.place, "table", table or None, allowed)
    reason = objection(sql) if sql else ""
    if reason:
        sections.problems.add("BW-SRC-068", sections.where(given.place), reason=reason)
    overlap = parse_overlap(given.get("overlap")) if "overlap" in given.given else None
    if "overlap" in given.given and overlap is None:
        allowed = 'a time such as "36h" or "2d", or a number for a numbered column'
        sections.wrong(given.place, "overlap", given.get("overlap"), allowed)
    return Query(
        name=str(given.get("name", "")),
        table=table,
        sql=sql,
        watermark=given.get("watermark"),
        overlap=overlap,
    )


def objection(sql: str) -> str:
    """Say why a text is not one statement that only reads, or nothing where it is.

    The words are looked at by a tokeniser, so that vendors' own functions pass while a statement
    that changes something, also inside WITH, does not.

    Examples
    --------
    >>> objection("SELECT 號票, 'drop' AS word FROM ticket -- delete")
    ''
    >>> objection("WITH gone AS (DELETE FROM ticket RETURNING *) SELECT * FROM gone")
    'DELETE changes the database'
    """
    from sqlglot import TokenType, tokenize
    from sqlglot.errors import SqlglotError

    try:
        tokens = tokenize(sql)
    except SqlglotError:
        return "it cannot be read as SQL"
    if not tokens or tokens[0].text.lower() not in ("select", "with"):
        return "it begins with neither SELECT nor WITH"
    literal = (TokenType.STRING, TokenType.IDENTIFIER, TokenType.NATIONAL_STRING)
    for token in tokens:
        if token.token_type == TokenType.SEMICOLON:
            return "it is more than one statement"
        if token.token_type not in literal and token.text.lower() in WORDS_OF_CHANGE:
            return f"{token.text.upper()} changes the database"
    return ""
