"""Texts of a page, numbered, so that one page can change its language without a reload."""

from __future__ import annotations

import json
import re

from markupsafe import Markup, escape

from branchwise.core.languages import LANGUAGES, Language, Text

UNITS = r"%|(?:s|min|h|days|million|billion)\b|萬|億|万|亿|分鐘|分钟|秒|小時|小时|天|人"
APART = re.compile(rf" (?=%)|(?<=\d) (?={UNITS})|(?<=\b[A-Z]{{3}}) (?=\d)")


class Wording:
    """Writes texts in one language and remembers them in all.

    The page is complete in its first language without any script. Elements whose text differs
    between languages carry its number in ``data-t`` (attributes: ``data-a``); the script on the
    page exchanges them from the table that `as_json` gives.

    Parameters
    ----------
    language : {"en", "zh-Hant", "zh-Hans"}
        The language in which the page opens.

    Examples
    --------
    >>> wording = Wording("en")
    >>> wording.span(Text(en="Branch", zh_hant="網點", zh_hans="网点"))
    Markup('<span data-t="0">Branch</span>')
    >>> wording.as_json()
    '{"en":["Branch"],"zh-Hant":["網點"],"zh-Hans":["网点"]}'
    """

    def __init__(self, language: Language) -> None:
        self.language: Language = language
        self._numbers: dict[Text, int] = {}

    def span(self, text: Text, tag: str = "span") -> Markup:
        """Return a text inside an element; bare where it is the same in every language."""
        words = kept_together(text.read_in(self.language))
        if _is_same(text):
            return escape(words) if tag == "span" else Markup("<{0}>{1}</{0}>").format(tag, words)
        return Markup('<{0} data-t="{1}">{2}</{0}>').format(tag, self._number(text), words)

    def inner(self, text: Text) -> Markup:
        """Return the end of an opening tag and the text, for elements that hold only text.

        Examples
        --------
        >>> Markup("<option") + Wording("en").inner(Text(en="a", zh_hant="b", zh_hans="c"))
        Markup('<option data-t="0">a')
        """
        words = kept_together(text.read_in(self.language))
        if _is_same(text):
            return Markup(">{}").format(words)
        return Markup(' data-t="{}">{}').format(self._number(text), words)

    def attributes(self, **texts: Text) -> Markup:
        """Return attributes with their texts; a name with an underscore gets a hyphen."""
        named = {name.replace("_", "-"): text for name, text in texts.items()}
        written = Markup("").join(
            Markup(' {}="{}"').format(name, text.read_in(self.language))
            for name, text in named.items()
        )
        kept = " ".join(
            f"{name}:{self._number(text)}" for name, text in named.items() if not _is_same(text)
        )
        return written + (Markup(' data-a="{}"').format(kept) if kept else Markup(""))

    def as_json(self) -> str:
        """Return all texts by language as JSON that is safe inside a ``script`` element."""
        table = {
            language: [kept_together(text.read_in(language)) for text in self._numbers]
            for language in LANGUAGES
        }
        return script_safe(table)

    def _number(self, text: Text) -> int:
        return self._numbers.setdefault(text, len(self._numbers))


def kept_together(words: str) -> str:
    r"""Return words in which a number, its unit and its currency stay on one line.

    Examples
    --------
    >>> kept_together("a standard of 5 %"), kept_together("約 1.4 萬筆")
    ('a standard of 5\xa0%', '約 1.4\xa0萬筆')
    """
    return APART.sub("\N{NO-BREAK SPACE}", words)


def script_safe(value: object) -> str:
    r"""Return JSON in which nothing can end the ``script`` element around it.

    Examples
    --------
    >>> script_safe("</script>")
    '"\\u003c/script\\u003e"'
    """
    written = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character, escaped in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
        written = written.replace(character, escaped)
    return written


def _is_same(text: Text) -> bool:
    return text.en == text.zh_hant == text.zh_hans
