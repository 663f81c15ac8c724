"""What cleaning takes and what it gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Rule = Literal[
    "source",
    "type",
    "duplicate_exact",
    "duplicate_key",
    "required",
    "value",
    "range",
    "row_rule",
    "outlier",
    "reference",
    "clock_shift",
    "empty_call",
    "superseded",
]
Action = Literal[
    "set_null", "filled", "shifted", "removed", "replaced", "flagged", "quarantined", "skipped"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Some rows of one canonical table, as a source gave them.

    Attributes
    ----------
    relation : str
        A relation of the engine with given columns of the table, of any type, and
        ``source_file`` (text), ``source_row`` (integer) and, if the source wishes to say that a
        line could not be read, ``source_fault`` (text, null for a sound line).
    data_source_id : str
        The source it came from.
    timezone : str
        IANA zone in which local times are read where the branch has none of its own.
    first_row : int or None
        Where the rows are those of one file in order, ``source_row`` of the first: the column is
        then left unread, which lets a text file be read on all threads.
    """

    relation: str
    data_source_id: str
    timezone: str
    first_row: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What cleaning must know besides the rows.

    Attributes
    ----------
    load_id : str
        The load that the rows belong to.
    references : mapping of str to str
        Table name to the relation that holds its stored and incoming rows.
    load_year : int
        Calendar year of the load, for ages and for instants that cannot be.
    pseudonym_key : bytes
        Key of the workspace's pseudonyms, 32 bytes.
    """

    load_id: str
    references: Mapping[str, str]
    load_year: int
    pseudonym_key: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleEffect:
    """How often one rule did one thing to one column.

    Attributes
    ----------
    rule : str
        Name of the rule; its texts are in ``cleaning/rules.toml``.
    table : str
        The table.
    column : str or None
        The column; None where whole rows are meant.
    action : str
        What was done. ``skipped`` says that the rule could not be judged on so many rows because
        the table it needs was not delivered.
    count : int
        Number of values or rows.
    """

    rule: str
    table: str
    column: str | None
    action: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """The rows of one table after cleaning; nothing is lost on the way.

    ``count_in`` equals ``count_out`` plus the rows removed as duplicates (in `repairs`) plus the
    rows in `quarantine`.

    Attributes
    ----------
    table : str
        The canonical table.
    rows : str
        Relation with the canonical columns in order of the spec, ``data_source_id``, ``load_id``.
    repairs, quarantine : str
        Relations with the columns of the tables ``repair`` and ``quarantine``.
    count_in, count_out : int
        Rows that came and rows in `rows`.
    effects : tuple of RuleEffect
        What each rule did, in a fixed order.
    """

    table: str
    rows: str
    repairs: str
    quarantine: str
    count_in: int
    count_out: int
    effects: tuple[RuleEffect, ...]
