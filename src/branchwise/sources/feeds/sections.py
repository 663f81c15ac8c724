"""The part of a mapping that feeds have of their own, checked key by key.

A mapping for a feed has ``[[query]]``, ``[[request]]`` or ``[[page]]`` where one for files has
``[[file]]``; sources, tables, expressions and code lists are the same, and are read by
`branchwise.sources.mapping`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping as MappingABC
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from branchwise.core.errors import BranchwiseError, Problem, Problems, Where, failure, problem
from branchwise.sources.headings import nearest
from branchwise.sources.mapping import SOURCE_KEYS, FileRule, Mapping, parse_mapping

OF_FILES: MappingABC[str, type] = SOURCE_KEYS | {"name": str, "let": dict}
"""What an entry of a feed has in common with a ``[[file]]``."""
_SHARED = ("source", "table", "codes")
_NO_SUCH_FILE = "BW-SRC-008"
_WORDS: dict[type | tuple[type, ...], str] = {
    str: "a text in quotes",
    int: "a whole number",
    bool: "true or false",
    list: "a list",
    dict: "a table",
    (int, float): "a number",
    (str, int, float): "a number or a text in quotes",
}
Kinds = MappingABC[str, "type | tuple[type, ...]"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One table of the mapping: its keys are known and of the right kind.

    Attributes
    ----------
    place : str
        Where it stands, for messages.
    given : mapping of str to object
        What it says.
    """

    place: str
    given: MappingABC[str, Any]

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 - as typed in the file
        """Return what a key says, or the default."""
        return self.given.get(key, default)


class Sections:
    """A mapping file, read section by section; problems are collected.

    Parameters
    ----------
    path : Path
        The mapping file.
    entry : str
        Name of the repeated section of the feed, such as ``query``.
    whole : str
        Name of the one section that holds for all of them, such as ``database``.
    adapter : str
        The feed that reads it.

    Raises
    ------
    BranchwiseError
        [BW-SRC-003] if there is no such file, [BW-SRC-004] if it is no TOML.
    """

    def __init__(self, path: Path, *, entry: str, whole: str, adapter: str) -> None:
        self.place = path.name
        self.problems = Problems()
        self._entry = entry
        self._adapter = adapter
        self._given = read_toml(path)
        self._whole = whole
        self._known([*_SHARED, entry, whole])

    def whole(self, kinds: Kinds, required: tuple[str, ...] = ()) -> Section:
        """Return the section that holds for all entries, empty where it is not there."""
        found = self._given.get(self._whole, {})
        if not isinstance(found, dict):
            self.wrong(self._whole, self._whole, found, _WORDS[dict])
            found = {}
        return self._section(self._whole, found, kinds, required)

    def entries(self, kinds: Kinds, required: tuple[str, ...]) -> list[Section]:
        """Return the entries of the feed, in order."""
        found = self._given.get(self._entry)
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            self.problems.add("BW-SRC-062", Where(place=self.place), key=f"[[{self._entry}]]")
            return []
        sections = []
        for number, one in enumerate(found, 1):
            name = str(one.get("name", number))
            place = f"{self._entry} {name}"
            sections.append(self._section(place, one, {**OF_FILES, **kinds}, ("name", *required)))
        return sections

    def mapping(self) -> Mapping:
        """Return the tables of the mapping over the entries, as if each were a kind of file.

        Raises
        ------
        BranchwiseError
            Whatever was found wrong with the mapping so far, all at once.
        """
        shared = {key: self._given[key] for key in _SHARED if key in self._given}
        given = self._given.get(self._entry)
        found = [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
        shared["file"] = [
            {"pattern": "–", **{key: one[key] for key in one if key in OF_FILES}} for one in found
        ]
        try:
            mapping = parse_mapping(shared, place=self.place, adapter=self._adapter)
        except BranchwiseError as error:
            self.problems.extend([self._said(bad) for bad in error.problems])
        self.problems.raise_if_any()
        return mapping

    def wrong(self, place: str, key: str, value: object, allowed: str) -> None:
        """Note a value that is not possible [BW-SRC-007]."""
        self.problems.add("BW-SRC-007", self.where(place), key=key, value=value, allowed=allowed)

    def where(self, place: str, column: str = "") -> Where:
        """Return the place of a section, for messages."""
        return Where(place=f"{self.place} [{place}]", column=column)

    def _section(
        self, place: str, given: dict[str, Any], kinds: Kinds, required: tuple[str, ...]
    ) -> Section:
        for key in required:
            if not given.get(key):
                self.problems.add("BW-SRC-062", self.where(place), key=key)
        sound = {}
        for key, value in given.items():
            kind = kinds.get(key)
            if kind is None:
                near = nearest(key, list(kinds)) or ", ".join(kinds)
                self.problems.add("BW-SRC-063", self.where(place), key=key, nearest=near)
            elif not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
                self.wrong(place, key, value, _WORDS[kind])
            else:
                sound[key] = value
        return Section(place=place, given=sound)

    def _known(self, keys: list[str]) -> None:
        for key in self._given:
            if key not in keys:
                near = nearest(key, keys) or ", ".join(keys)
                where = Where(place=self.place)
                self.problems.add("BW-SRC-063", where, key=key, nearest=near)

    def _said(self, bad: Problem) -> Problem:
        """Return a problem of the shared part in the words of this mapping."""
        where = replace(bad.where, place=bad.where.place.replace("[file", f"[{self._entry}"))
        if bad.code == _NO_SUCH_FILE:
            return problem("BW-SRC-064", where, **{"entry": self._entry, **bad.values})
        return replace(bad, where=where)


def read_toml(path: Path) -> dict[str, Any]:
    """Read a mapping file as it stands; errors as `branchwise.sources.mapping.read_mapping`."""
    if not path.is_file():
        raise failure("BW-SRC-003", Where(place=str(path)), path=path)
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise failure("BW-SRC-004", Where(place=path.name), reason=error) from error


def rule_of(mapping: Mapping, name: str) -> FileRule:
    """Return the rule of one entry: its computed columns and its source."""
    return next(rule for rule in mapping.files if rule.name == name)
