"""What a calibration says in words: its weak points, and why days are left out."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from branchwise.core.languages import Text


def note(name: str, /, **values: object) -> Text:
    """Return a note by its name, filled.

    Examples
    --------
    >>> note("no_shift").read_in("en")[:27]
    'There are no shifts: who wa'
    """
    return _texts()["notes"][name].filled(**values)


def reason(name: str, /, **values: object) -> Text:
    """Return the reason for which a day is left out, filled.

    Examples
    --------
    >>> reason("no_tickets").read_in("zh-Hant")
    '沒有取號紀錄'
    """
    return _texts()["reasons"][name].filled(**values)


def said(part: str, name: str, /, **values: object) -> Text:
    """Return a text of another part of the list: ``verdicts``, ``parts`` or ``remedies``.

    Examples
    --------
    >>> said("parts", "served").read_in("en")
    'the number served'
    """
    return _texts()[part][name].filled(**values)


@cache
def _texts() -> dict[str, dict[str, Text]]:
    file = files("branchwise.twin.calibrate") / "notes.toml"
    parsed = tomllib.loads(file.read_text(encoding="utf-8"))
    return {
        part: {name: Text.parse(entry) for name, entry in entries.items()}
        for part, entries in parsed.items()
    }
