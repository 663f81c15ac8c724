"""What the codes in a column mean, as far as their words tell it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from branchwise.sources.guess.profiles import Profile
from branchwise.sources.headings import simplified

WORDS_AT_LEAST = 2


def meaning(list_name: str, code: str) -> str:
    """Return what a code means in a list of ``code_words.toml``, or an empty text.

    A code is looked up whole, then without digits around it (``2過號``), then by the longest word
    that stands in it.

    Examples
    --------
    >>> meaning("outcome", "2過號"), meaning("channel", "TLR"), meaning("outcome", "2")
    ('unserved', 'counter', '')
    """
    words = _words().get(list_name, {})
    text = simplified(code)
    cores = (text, simplified(re.sub(r"^\d+[-_.:：、]?|\d+$", "", code)))
    for core in cores:
        if core in words:
            return words[core]
    held = [word for word in words if len(word) >= WORDS_AT_LEAST and _stands_in(word, text)]
    return words[max(held, key=len)] if held else ""


def share_known(list_name: str, found: Profile) -> float:
    """Return the share of values whose meaning is known, counting words and not plain digits."""
    known = sum(
        count
        for code, count in found.counts.items()
        if not (code.isdigit() and len(code) < 3) and meaning(list_name, code)  # noqa: PLR2004
    )
    return known / max(len(found.values), 1)


def meanings(list_name: str, codes: Iterable[str]) -> dict[str, str]:
    """Return the meaning of each code; an empty text where nothing tells it."""
    return {code: meaning(list_name, code) for code in codes}


def _stands_in(word: str, text: str) -> bool:
    if word.isascii():
        return re.search(rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])", text) is not None
    return word in text


@cache
def _words() -> dict[str, dict[str, str]]:
    text = files("branchwise.sources.guess").joinpath("code_words.toml").read_text(encoding="utf-8")
    return {
        name: {simplified(word): value for value, listed in values.items() for word in listed}
        for name, values in tomllib.loads(text).items()
    }
