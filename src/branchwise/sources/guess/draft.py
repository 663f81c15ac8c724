"""The draft of a mapping: which files there are, what they are, and what their columns fill."""

from __future__ import annotations

from dataclasses import dataclass

from branchwise.core.errors import Problem
from branchwise.core.languages import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftColumn:
    """One canonical column of a draft.

    Attributes
    ----------
    name, expression : str
        The column and what fills it.
    headings : tuple of str
        The columns of the file that the expression reads.
    confidence : float
        How sure the draft is, from 0 to 1.
    remarks : tuple of Text
        What a person should look at.
    is_required : bool
        Whether rows without it are refused.
    sample : str
        A value, masked where it may be personal.
    """

    name: str
    expression: str
    headings: tuple[str, ...]
    confidence: float
    remarks: tuple[Text, ...] = ()
    is_required: bool = False
    sample: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftTable:
    """One ``[[table]]`` of a draft."""

    into: str
    source: str
    columns: tuple[DraftColumn, ...]
    is_distinct: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftFile:
    """One ``[[file]]`` of a draft.

    Attributes
    ----------
    name, pattern, format : str
        As in the mapping.
    title : Text
        The kind of file.
    options : dict
        Further keys of the mapping: encoding, header, sheet, delimiter, columns, system …
    paths : tuple of str
        The files that were found.
    confidence : float
        How sure the draft is of the kind.
    left : tuple of (str, str)
        Columns that fill nothing, and what they seem to be (an empty text if nothing).
    """

    name: str
    pattern: str
    format: str
    title: Text
    options: dict[str, object]
    paths: tuple[str, ...]
    confidence: float
    left: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A mapping as far as it could be guessed.

    Attributes
    ----------
    timezone : str
        In which local times are read.
    files, tables : tuple
        Its parts.
    codes : dict of str to dict of str to str
        Code lists: code to meaning, an empty text where a person has to say it.
    notes : tuple of Problem
        Files that are not in the draft, and what else is to be looked at.
    """

    timezone: str
    files: tuple[DraftFile, ...]
    tables: tuple[DraftTable, ...]
    codes: dict[str, dict[str, str]]
    notes: tuple[Problem, ...]
