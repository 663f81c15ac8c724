"""The three languages in which people read branchwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

Language = Literal["en", "zh-Hant", "zh-Hans"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One text in every language.

    Attributes
    ----------
    en, zh_hant, zh_hans : str
        The text in English, traditional and simplified Chinese.

    Examples
    --------
    >>> branch = Text(en="Branch", zh_hant="網點", zh_hans="网点")
    >>> branch.read_in("zh-Hant")
    '網點'
    """

    en: str
    zh_hant: str
    zh_hans: str

    def read_in(self, language: Language) -> str:
        """Return the text in one language."""
        return {"en": self.en, "zh-Hant": self.zh_hant, "zh-Hans": self.zh_hans}[language]

    def filled(self, **values: object) -> Text:
        """Return the text with its ``{placeholders}`` filled in every language."""
        return Text(
            en=self.en.format(**values),
            zh_hant=self.zh_hant.format(**values),
            zh_hans=self.zh_hans.format(**values),
        )

    @classmethod
    def written(cls, write: Callable[[Language], str]) -> Text:
        """Return what a function writes in each language.

        Examples
        --------
        >>> Text.written(lambda language: f"<{language}>").zh_hans
        '<zh-Hans>'
        """
        return cls(en=write("en"), zh_hant=write("zh-Hant"), zh_hans=write("zh-Hans"))

    @classmethod
    def parse(cls, table: Mapping[str, str]) -> Text:
        """Read a text from a TOML table with the keys ``en``, ``zh-Hant`` and ``zh-Hans``."""
        return cls(en=table["en"], zh_hant=table["zh-Hant"], zh_hans=table["zh-Hans"])
