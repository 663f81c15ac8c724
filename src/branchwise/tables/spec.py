"""The canonical tables as declared in ``tables/spec/*.toml``.

The declaration is the one source: contract checks, cleaning, templates, the reference page and
the synthetic bank derive from it.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import pyarrow as pa

from branchwise.core.errors import failure
from branchwise.core.languages import Text

ColumnType = Literal["text", "integer", "real", "boolean", "date", "instant"]
PrivacyClass = Literal["C1", "C2", "none"]

SQL_TYPES: dict[ColumnType, str] = {
    "text": "VARCHAR",
    "integer": "BIGINT",
    "real": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "instant": "TIMESTAMPTZ",
}
ARROW_TYPES: dict[ColumnType, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "real": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "instant": pa.timestamp("us", tz="UTC"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A many-to-one reference to the key of another table.

    Attributes
    ----------
    table, column : str
        What is referred to.
    unresolved : {"repair", "keep"}
        What becomes of a value that points nowhere: ``repair`` empties the column, or
        quarantines the row where the column is required; ``keep`` leaves it (many tickets carry
        the number of a customer whose record was never delivered).
    """

    table: str
    column: str
    unresolved: Literal["repair", "keep"] = "repair"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlier:
    """How far a value may lie from the others of its group.

    Attributes
    ----------
    scale : {"log", "linear"}
        Scale on which median and median absolute deviation are taken.
    within : tuple of str
        Columns that form the group, the widest first; where a group is too small to judge by, its
        last column is left out.
    limit : float
        Robust z score beyond which the value is emptied.
    """

    scale: Literal["log", "linear"]
    within: tuple[str, ...]
    limit: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a canonical table.

    Attributes
    ----------
    name : str
        Its name.
    type : str
        One of `SQL_TYPES`.
    label : Text
        What people call it.
    meaning : str
        One sentence, or empty where the name says it.
    required : bool
        Null is refused (after `fill`).
    unit : str or None
        Unit of a quantity.
    values : tuple of str
        Allowed values; empty for any.
    minimum, maximum : float or None
        Allowed range, both ends included.
    reference : Reference or None
        The key it refers to.
    fill : str or None
        SQL expression over the row's own columns (and ``branch_timezone``, ``source_timezone``,
        ``load_year``), used where the source gives nothing. Not a repair: the rule of the table.
    fill_from : tuple of str or None
        ``(column, other)``: take `other` from the row that `column` refers to.
    derive : str or None
        SQL expression always computed at load; a source cannot give the column.
    outlier : Outlier or None
        How far it may lie from its group.
    privacy : {"C1", "C2", "none"}
        Class of JR/T 0171-2020; C3 never enters the warehouse.
    identifier : bool
        Identifies a person: kept as a keyed pseudonym only.
    """

    name: str
    type: ColumnType
    label: Text
    meaning: str = ""
    required: bool = False
    unit: str | None = None
    values: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    reference: Reference | None = None
    fill: str | None = None
    fill_from: tuple[str, str] | None = None
    derive: str | None = None
    outlier: Outlier | None = None
    privacy: PrivacyClass = "none"
    identifier: bool = False

    @property
    def sql_type(self) -> str:
        """DuckDB type of the column."""
        return SQL_TYPES[self.type]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowRule:
    """What must hold inside one row; null counts as holding.

    Attributes
    ----------
    holds : str
        SQL condition.
    why : Text
        The rule in words; records keep the English.
    otherwise : {"set_null", "quarantine"}
        What becomes of a row that breaks it.
    columns : tuple of str
        Columns emptied by ``set_null``.
    """

    holds: str
    why: Text
    otherwise: Literal["set_null", "quarantine"]
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSpec:
    """One canonical table.

    Attributes
    ----------
    name, area, grain : str
        Its name, its area of the business, and what one row is.
    key : tuple of str
        Columns that identify a row.
    master : {"warehouse", "register"}
        Who may change it.
    label : Text
        What people call it.
    columns : dict of str to Column
        In order of declaration.
    rules : tuple of RowRule
        What must hold inside a row.
    """

    name: str
    area: str
    grain: str
    key: tuple[str, ...]
    master: Literal["warehouse", "register"]
    label: Text
    columns: dict[str, Column]
    rules: tuple[RowRule, ...]

    @property
    def arrow_schema(self) -> pa.Schema:
        """Arrow schema of the declared columns, in order."""
        return pa.schema(
            [(column.name, ARROW_TYPES[column.type]) for column in self.columns.values()]
        )

    @property
    def given_columns(self) -> tuple[Column, ...]:
        """The columns that a source may give: all but the derived ones."""
        return tuple(column for column in self.columns.values() if column.derive is None)

    def why(self, words: str) -> Text | None:
        """Return the words of a row rule in every language, found by the English that is kept.

        Examples
        --------
        >>> table_spec("shift").why("A shift ends after it starts.").zh_hant
        '班次結束不得早於開始。'
        """
        return next((rule.why for rule in self.rules if rule.why.en == words), None)


def table_names() -> tuple[str, ...]:
    """Return the names of all canonical tables, in alphabetical order."""
    return tuple(_specs())


def table_spec(name: str) -> TableSpec:
    """Return the declaration of one canonical table.

    Raises
    ------
    BranchwiseError
        [BW-TAB-001] if there is no such table.

    Examples
    --------
    >>> table_spec("visit").key
    ('visit_id',)
    """
    if name not in _specs():
        raise failure("BW-TAB-001", name=name, known=", ".join(_specs()))
    return _specs()[name]


@cache
def _specs() -> dict[str, TableSpec]:
    declared = files("branchwise.tables").joinpath("spec").iterdir()
    specs = [
        _parse(tomllib.loads(file.read_text(encoding="utf-8")))
        for file in declared
        if file.name.endswith(".toml")
    ]
    return {spec.name: spec for spec in sorted(specs, key=lambda spec: spec.name)}


def _parse(table: dict[str, Any]) -> TableSpec:
    return TableSpec(
        name=table["name"],
        area=table["area"],
        grain=table["grain"],
        key=tuple(table["key"]),
        master=table["master"],
        label=Text.parse(table["label"]),
        columns={name: _parse_column(name, entry) for name, entry in table["columns"].items()},
        rules=tuple(
            RowRule(
                holds=entry["holds"],
                why=Text.parse(entry["why"]),
                otherwise=entry["otherwise"],
                columns=tuple(entry.get("columns", ())),
            )
            for entry in table.get("rule", ())
        ),
    )


def _parse_column(name: str, entry: dict[str, Any]) -> Column:
    given = dict(entry)
    given["label"] = Text.parse(given["label"])
    given["values"] = tuple(given.get("values", ()))
    if "references" in given:
        table, column = given.pop("references").split(".")
        given["reference"] = Reference(
            table=table, column=column, unresolved=given.pop("unresolved", "repair")
        )
    if "fill_from" in given:
        through, other = given["fill_from"].split(".")
        given["fill_from"] = (through, other)
    if "outlier" in given:
        outlier = given["outlier"]
        given["outlier"] = Outlier(
            scale=outlier["scale"], within=tuple(outlier["within"]), limit=outlier["limit"]
        )
    return Column(name=name, **given)
