"""Headings as people write them: spaces, full-width letters, either Chinese script.

A name in a mapping finds its heading in three steps, and the first that finds one wins: the same
text; the same text apart from spaces, letter case and full-width forms; the same text once both
are written in simplified characters (``网点号`` for ``網點號``). The third is recorded as a note.
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True, kw_only=True)
class Headings:
    """How the names of a mapping meet the headings of a file.

    Attributes
    ----------
    found : dict of str to int
        Wanted name to the place of its heading, from 0.
    across_scripts : tuple of (str, str)
        Wanted name and heading where they differ in script.
    missing : tuple of (str, str)
        Wanted name without a heading, and the nearest heading (empty if none is near).
    repeated : tuple of str
        Wanted names that more than one heading answers to.
    """

    found: dict[str, int]
    across_scripts: tuple[tuple[str, str], ...]
    missing: tuple[tuple[str, str], ...]
    repeated: tuple[str, ...]

    @property
    def is_complete(self) -> bool:
        """Whether every wanted name has exactly one heading."""
        return not self.missing and not self.repeated


def plain(name: str) -> str:
    """Return a name without spaces, in half-width lower-case letters.

    Examples
    --------
    >>> plain("　Ｂｒａｎｃｈ ID ")
    'branchid'
    """
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold().lstrip("\ufeff")


def simplified(name: str) -> str:
    """Return a plain name in simplified characters.

    Examples
    --------
    >>> simplified("網點號")
    '网点号'
    """
    return plain(name).translate(_simplified_characters())


def nearest(name: str, known: Sequence[str]) -> str:
    """Return the known name that is nearest to a name, or an empty text.

    Examples
    --------
    >>> nearest("網點", ["網點號", "柜員"])
    '網點號'
    """
    by_form = {simplified(other): other for other in reversed(known)}
    near = get_close_matches(simplified(name), by_form, n=1, cutoff=0.5)
    return by_form[near[0]] if near else ""


def match_headings(headings: Sequence[str], wanted: Sequence[str]) -> Headings:
    """Find the heading of each wanted name.

    Parameters
    ----------
    headings : sequence of str
        The headings of a file, in order.
    wanted : sequence of str
        The names that a mapping uses.

    Examples
    --------
    >>> match_headings(["网点号", " 日期"], ["網點號", "日期", "柜員"]).missing
    (('柜員', ''),)
    """
    found: dict[str, int] = {}
    across: list[tuple[str, str]] = []
    missing: list[tuple[str, str]] = []
    repeated: list[str] = []
    for name in wanted:
        places, crossed = _places(headings, name)
        if len(places) == 1:
            found[name] = places[0]
            if crossed:
                across.append((name, headings[places[0]]))
        elif places:
            repeated.append(name)
        else:
            missing.append((name, nearest(name, headings)))
    return Headings(
        found=found,
        across_scripts=tuple(across),
        missing=tuple(missing),
        repeated=tuple(repeated),
    )


def _places(headings: Sequence[str], name: str) -> tuple[list[int], bool]:
    forms: tuple[Callable[[str], str], ...] = (str, plain, simplified)
    for form in forms:
        places = [place for place, heading in enumerate(headings) if form(heading) == form(name)]
        if places:
            return places, form is simplified
    return [], False


@cache
def _simplified_characters() -> dict[int, int]:
    text = files("branchwise.sources").joinpath("scripts.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    return str.maketrans(table["traditional"], table["simplified"])
