"""Values as a draft shows them: what may be personal only by its form."""

from __future__ import annotations

import re

from branchwise.sources.guess.profiles import Profile

LETTERS = 24
LONG_NUMBER = 11


def masked(value: str) -> str:
    """Return the form of a value: digits as 9, letters as x, Chinese characters as 某.

    Examples
    --------
    >>> masked("C7781 王小明")
    'x9999 某某某'
    """
    text = re.sub(r"[0-9]", "9", value)
    text = re.sub(r"[^\W\d_\u3400-\u9fff]", "x", text)
    return re.sub(r"[\u3400-\u9fff]", "某", text)


def shown_code(code: str) -> str:
    """Return a code as a report shows it: long numbers by their form only.

    Examples
    --------
    >>> shown_code("3B21"), shown_code("310101198001011234")
    ('3B21', '999999999999999999')
    """
    cut = code[:LETTERS]
    return masked(cut) if re.search(rf"\d{{{LONG_NUMBER - 3},}}", cut) else cut


def shown_value(found: Profile, *, is_personal: bool) -> str:
    """Return a value of a column as a sample, masked where the column or the value is personal."""
    value = next(iter(found.values), "")[:LETTERS]
    is_long = re.search(rf"\d{{{LONG_NUMBER},}}", value) and not found.is_mostly("instant")
    return masked(value) if is_personal or is_long else value
