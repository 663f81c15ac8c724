"""The kinds of files that banks deliver, and the roles that columns play in them.

Five kinds (``kinds/*.toml``) fill their tables by templates; every other table has a kind of its
own in which each column that a source may give is a role, named by the labels of its spec and by
``words.toml``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from branchwise.core.languages import Text
from branchwise.sources.guess.names import Names, catalogue
from branchwise.tables.spec import Column, table_spec

TEMPLATED = ("queue_machine", "core_banking", "device_monitor", "smart_counter", "attendance")
DOMAINS = {
    "branch": "branch", "staff_member": "staff", "device": "device", "customer": "customer",
    "service": "service", "product": "product", "region": "region", "zone": "zone",
    "device_model": "model",
}  # fmt: skip
PERSONAL_DOMAINS = ("staff", "customer")
TYPES = {"instant": "moment", "date": "day", "boolean": "flag", "real": "number"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """What a column may be in a kind of file.

    Attributes
    ----------
    name, type : str
        Its name, and the type of values that fit it (see `branchwise.sources.guess.profiles.fit`).
    names : Names
        What it is called.
    column : Column or None
        The canonical column it fills, if it is one.
    codes : str
        The list of ``code_words.toml`` that its codes are looked up in; empty for none.
    key : str
        The domain of keys it belongs to (branch codes, staff numbers …); empty for none.
    is_needed : bool
        Whether a file of this kind has it.
    is_left : bool
        It is recognised, so that nothing else is taken for it, and fills nothing by itself.
    is_personal : bool
        Its values are never shown.
    """

    name: str
    type: str
    names: Names
    column: Column | None
    codes: str
    key: str
    is_needed: bool
    is_left: bool
    is_personal: bool

    @property
    def holds_personal(self) -> bool:
        """Whether its values are personal, also inside a key made of several columns."""
        is_of_person = self.column is not None and self.column.privacy != "none"
        return self.is_personal or is_of_person or self.key in PERSONAL_DOMAINS


@dataclass(frozen=True, slots=True, kw_only=True)
class TableTemplate:
    """How a kind of file fills a table: for each column the expressions to be tried in turn."""

    into: str
    needs: tuple[tuple[str, ...], ...]
    columns: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of file.

    Attributes
    ----------
    name, file : str
        Its name, and what a mapping calls such a file.
    title : Text
        What people call it.
    system, purpose, privacy_class : str
        For the catalogue of sources.
    paths : tuple of str
        Parts of names of such files, in simplified characters.
    roles : tuple of Role
        What its columns may be.
    tables : tuple of TableTemplate
        What it fills.
    """

    name: str
    file: str
    title: Text
    system: str
    purpose: str
    privacy_class: str
    paths: tuple[str, ...]
    roles: tuple[Role, ...]
    tables: tuple[TableTemplate, ...]

    @property
    def domain(self) -> str:
        """The domain of keys that such a file lists whole; empty for none."""
        return DOMAINS.get(self.name, "")


@cache
def kinds() -> tuple[Kind, ...]:
    """Return every kind of file.

    Examples
    --------
    >>> [role.name for role in kinds()[0].roles if role.is_needed]
    ['branch', 'ticket', 'drawn', 'called']
    """
    return (*(_templated(name) for name in TEMPLATED), *_plain())


def _read(name: str) -> dict[str, Any]:
    folder = files("branchwise.sources.guess").joinpath("kinds")
    return tomllib.loads(folder.joinpath(f"{name}.toml").read_text(encoding="utf-8"))


def _templated(name: str) -> Kind:
    given = _read(name)
    return Kind(
        name=name,
        file=given["file"],
        title=Text.parse(given["title"]),
        system=given["system"],
        purpose=given["purpose"],
        privacy_class=given["privacy_class"],
        paths=tuple(given["paths"]),
        roles=tuple(_role(role, entry) for role, entry in given["roles"].items()),
        tables=tuple(
            TableTemplate(
                into=table["into"],
                needs=tuple(tuple(group) for group in table.get("needs", ())),
                columns={column: tuple(ways) for column, ways in table["columns"].items()},
            )
            for table in given["tables"]
        ),
    )


def _role(name: str, entry: dict[str, Any]) -> Role:
    table, _, column_name = entry.get("like", "").partition(".")
    column = table_spec(table).columns[column_name] if table else None
    own = Names.of(chinese=tuple(entry.get("zh", ())), english=tuple(entry.get("en", ())))
    is_own = bool(own.chinese or own.english)
    if column is None or (is_own and entry.get("key")):
        names = own
    else:
        names = _named(table, column, *((own,) if is_own else ()))
    return Role(
        name=name,
        type=entry.get("type") or ("code" if entry.get("codes") else _type(column)),
        names=names,
        column=column,
        codes=entry.get("codes", ""),
        key=entry.get("key", ""),
        is_needed=entry.get("needed", False),
        is_left=entry.get("is_left", False),
        is_personal=entry.get("is_personal", False),
    )


def _plain() -> Iterator[Kind]:
    for name, given in _read("reference").items():
        spec = table_spec(name)
        columns = spec.given_columns
        needed = {*spec.key, *given.get("needed", ())} & {column.name for column in columns}
        yield Kind(
            name=name,
            file=given["file"],
            title=spec.label,
            system=given.get("system", "reference"),
            purpose=given.get("purpose", ""),
            privacy_class=given.get("privacy_class", ""),
            paths=tuple(given["paths"]),
            roles=tuple(_column_role(name, column, needed) for column in columns),
            tables=(
                TableTemplate(
                    into=name,
                    needs=(),
                    columns={column.name: (f"{{{column.name}}}",) for column in columns},
                ),
            ),
        )


def _column_role(table: str, column: Column, needed: set[str]) -> Role:
    referred = column.reference.table if column.reference else ""
    is_key = table in DOMAINS and column.name == table_spec(table).key[0]
    codes = {"kind": "device_kind"}.get(column.name, column.name) if column.values else ""
    return Role(
        name=column.name,
        type="unique" if (column.name,) == table_spec(table).key else _type(column),
        names=_named(table, column),
        column=column,
        codes="iso_weekday" if column.name == "iso_weekday" else codes,
        key=DOMAINS.get(table if is_key else referred, ""),
        is_needed=column.name in needed,
        is_left=False,
        is_personal=False,
    )


def _named(table: str, column: Column, *more: Names) -> Names:
    """Return the names of a column: its labels, and those of the catalogue or those given."""
    labels = Names.of(
        chinese=(column.label.zh_hans, column.label.zh_hant),
        english=(column.name.replace("_", " "), column.label.en),
    )
    listed = catalogue()["names"]
    entry = listed.get(f"{table}.{column.name}") or listed.get(column.name, {})
    found = more or (
        Names.of(chinese=tuple(entry.get("zh", ())), english=tuple(entry.get("en", ()))),
    )
    return Names(
        tuple(dict.fromkeys(name for each in (labels, *found) for name in each.chinese)),
        tuple(dict.fromkeys(name for each in (labels, *found) for name in each.english)),
    )


def _type(column: Column | None) -> str:  # noqa: PLR0911 - one return a type
    if column is None:
        return "text"
    if column.name == "birth_year":
        return "birth"
    if column.name.endswith("_wkt"):
        return "wkt"
    if column.unit == "minor":
        return "amount"
    if column.name.endswith("_minute"):
        return "minute"
    if column.unit == "s":
        return "duration"
    if column.values or column.name == "iso_weekday":
        return "code"
    if column.type == "text":
        is_id = column.reference is not None or column.name.endswith("_id")
        return "id" if is_id else "text"
    return TYPES.get(column.type, "number")
