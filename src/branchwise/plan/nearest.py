"""Names that are spelt nearly as one that is not there."""

from __future__ import annotations

from collections.abc import Iterable

SHOWN, SEPARATOR = 5, ":"


def nearest(name: str, known: Iterable[str], *, count: int = SHOWN) -> str:
    """Return the known names nearest to one in spelling, to stand in an error.

    Codes are compared as far as the name goes: ``branch:intervention`` with those two parts.

    Parameters
    ----------
    name : str
        What was given.
    known : iterable of str
        What there is.
    count : int
        How many are shown.

    Examples
    --------
    >>> nearest("B2:mor_windows", ["B1:guide:1:x", "B2:more_windows:1:teller", "B2:guide:1:"],
    ...     count=1)
    'B2:more_windows:1:teller …'
    >>> nearest("x", [])
    '–'
    """
    from rapidfuzz import fuzz, process

    listed, parts = sorted(known), name.count(SEPARATOR) + 1
    starts = [SEPARATOR.join(code.split(SEPARATOR)[:parts]) for code in listed]
    found = process.extract(name, starts, scorer=fuzz.ratio, limit=count)
    words = ", ".join(listed[place] for _, _, place in found)
    return (f"{words} …" if len(listed) > count else words) or "–"
