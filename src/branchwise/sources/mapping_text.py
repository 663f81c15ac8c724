"""Small parts of the text of a mapping: names and texts as they must be quoted."""

from __future__ import annotations

import json


def quoted_text(text: str) -> str:
    """Return a text as a literal of an expression.

    Examples
    --------
    >>> quoted_text("a'b")
    "'a''b'"
    """
    return "'" + text.replace("'", "''") + "'"


def toml_text(text: str) -> str:
    r"""Return a text as a TOML string.

    Examples
    --------
    >>> print(toml_text('code(\'a\', "B")'))
    "code('a', \"B\")"
    """
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
