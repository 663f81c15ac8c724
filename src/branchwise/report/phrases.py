"""The prose of report and workbench: one gettext catalogue, read at run time.

English is the message itself; ``locale/zh_Hant.po`` is written by hand, ``locale/zh_Hans.po`` is
derived from it by ``tools/languages.py``.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from io import BytesIO

from babel.messages.pofile import read_po

from branchwise.core.languages import LANGUAGES, Language, Text
from branchwise.core.units import closed_up

LOCALES: dict[Language, str] = {"zh-Hant": "zh_Hant", "zh-Hans": "zh_Hans"}


def say(message: str, /, **values: object) -> Text:
    """Return a message of the catalogue in every language, its ``{placeholders}`` filled.

    Parameters
    ----------
    message : str
        The English text; a message without a translation stays English.
    **values
        What the placeholders stand for; a `Text` is read in the language of the sentence.

    Examples
    --------
    >>> say("Branch").zh_hant
    '網點'
    """
    return fill(_translated(message), **values)


def count(one: str, many: str, number: int, /, **values: object) -> Text:
    """Return `one` for the number 1 and `many` otherwise; both are messages of the catalogue."""
    return say(one if number == 1 else many, **values)


def later(message: str) -> str:
    """Mark a message for the catalogue that is said elsewhere.

    Examples
    --------
    >>> later("Branch")
    'Branch'
    """
    return message


def fill(text: Text, /, **values: object) -> Text:
    """Fill the placeholders of a text, each value in the language of the text around it.

    Examples
    --------
    >>> fill(plain("{a}!"), a=Text(en="one", zh_hant="一", zh_hans="一")).zh_hans
    '一!'
    """
    if not values:
        return text
    return Text.parse({name: _filled(text, values, name) for name in LANGUAGES})


def plain(words: object) -> Text:
    """Return a text that is the same in every language: a name, a number.

    Examples
    --------
    >>> plain(7).en
    '7'
    """
    return Text(en=str(words), zh_hant=str(words), zh_hans=str(words))


def _filled(text: Text, values: dict[str, object], language: Language) -> str:
    read = {
        name: value.read_in(language) if isinstance(value, Text) else value
        for name, value in values.items()
    }
    return closed_up(text.read_in(language).format(**read))


@cache
def _translated(message: str) -> Text:
    return Text(
        en=message,
        zh_hant=messages("zh-Hant").get(message, message),
        zh_hans=messages("zh-Hans").get(message, message),
    )


@cache
def messages(language: Language) -> dict[str, str]:
    """Return the catalogue of a Chinese language: English message to translation."""
    if language not in LOCALES:
        return {}
    file = files("branchwise").joinpath("locale", f"{LOCALES[language]}.po")
    if not file.is_file():
        return {}
    catalogue = read_po(BytesIO(file.read_bytes()), locale=LOCALES[language])
    return {str(entry.id): str(entry.string) for entry in catalogue if entry.id and entry.string}
