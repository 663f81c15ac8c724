"""How alike a heading and the names of a column are: Chinese, pinyin, English, short forms.

A score of 1 means that the heading is one of the names. What it is made of: the same characters
(in simplified form), the same name but for the part that says its kind (號, 編號, 代碼), the same
pinyin in full or by initials, or the same English words, each also as its short form.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from branchwise.sources.headings import simplified

CJK = re.compile(r"[\u3400-\u9fff]")
BRACKETS = re.compile(r"[(\[{（【「].*?[)\]}）】」]")
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|#")
GENERIC = {"number", "time", "date", "name", "flag", "type"}
GENERIC_WEIGHT = 0.35
INITIALS = {1: 0.3, 2: 0.72, 3: 0.85}
LONG_INITIALS = 0.93
FULL_PINYIN = 0.97
STEM_PINYIN = 0.86
NEAR_PINYIN = 0.7
PINYIN_PARTS = (
    "bianhao", "daima", "haoma", "shijian", "riqi", "biaozhi", "mingcheng", "leixing", "hao",
    "id", "no", "code", "bh", "dm", "sj", "rq",
)  # fmt: skip
Words = tuple[frozenset[str], ...]


@dataclass(frozen=True, slots=True)
class Names:
    """The names of a column, ready to be compared.

    Attributes
    ----------
    chinese : tuple of str
        Names in simplified characters, possibly with Latin letters in them.
    english : tuple of tuple of frozenset of str
        Names as words, each with the words it may stand for.
    """

    chinese: tuple[str, ...]
    english: tuple[Words, ...]

    @classmethod
    def of(cls, *, chinese: tuple[str, ...] = (), english: tuple[str, ...] = ()) -> Names:
        """Return names in the form in which headings are compared with them."""
        return cls(
            tuple(dict.fromkeys(simplified(name) for name in chinese)),
            tuple(dict.fromkeys(words(name) for name in english)),
        )


@cache
def likeness(heading: str, names: Names) -> float:
    """Return how alike a heading and the names of a column are, from 0 to 1.

    Examples
    --------
    >>> branch = Names.of(chinese=("網點號", "機構"), english=("branch number",))
    >>> [round(likeness(heading, branch), 2) for heading in ("网点号", "WDH", "BR_NO", "備註")]
    [1.0, 0.85, 1.0, 0.0]
    """
    bare = BRACKETS.sub("", heading) or heading
    if CJK.search(bare):
        plain = simplified(bare)
        return max((_chinese(plain, name) for name in names.chinese), default=0.0)
    found = words(bare)
    english = max((_english(found, name) for name in names.english), default=0.0)
    if english >= FULL_PINYIN:
        return english
    letters = re.sub("[^a-z]", "", simplified(bare))
    pinyin = max((_pinyin(letters, *spelt(name)) for name in names.chinese), default=0.0)
    return max(english, pinyin)


def words(text: str) -> Words:
    """Return the words of an English heading, each with all that it may stand for.

    Examples
    --------
    >>> [sorted(word) for word in words("BRNO")]
    [['branch'], ['number']]
    """
    found: list[frozenset[str]] = []
    for part in WORD.findall(text):
        pieces = _pieces(part.lower())
        found += [_meanings().get(piece, frozenset({piece})) for piece in pieces]
    return tuple(found)


def _pieces(word: str) -> list[str]:
    """Cut a run of short forms into its parts; a word that is no such run stays whole."""
    known = _meanings()
    if word in known or len(word) < 4:  # noqa: PLR2004 - two short forms of two letters
        return [word]
    best: list[list[str] | None] = [[]] + [None] * len(word)
    for end in range(2, len(word) + 1):
        for start in range(end - 1):
            before = best[start]
            if before is not None and word[start:end] in known:
                cut = [*before, word[start:end]]
                if best[end] is None or len(cut) < len(best[end] or []):
                    best[end] = cut
    return best[-1] or [word]


@cache
def _meanings() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for word, forms in catalogue()["words"].items():
        for form in (word, *forms):
            found.setdefault(form, set()).add(word)
    return {form: frozenset(meant) for form, meant in found.items()}


@cache
def catalogue() -> dict[str, Any]:
    """Return the catalogue of names, ``words.toml``."""
    text = files("branchwise.sources.guess").joinpath("words.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def spelt(name: str) -> tuple[str, str]:
    """Return the pinyin of a Chinese name: in full, and by initials.

    Examples
    --------
    >>> spelt("网点号")
    ('wangdianhao', 'wdh')
    """
    from pypinyin import lazy_pinyin

    syllables = [syllable.lower() for syllable in lazy_pinyin(name)]
    initials = [part if part.isascii() and part in name else part[0] for part in syllables]
    return "".join(syllables), "".join(initials)


@cache
def _parts() -> dict[str, str]:
    kinds = catalogue()["parts"]
    found = {simplified(part): kind for kind, parts in kinds.items() for part in parts}
    return dict(sorted(found.items(), key=lambda part: -len(part[0])))


@cache
def _stem(name: str) -> tuple[str, str]:
    for part, kind in _parts().items():
        if name.endswith(part) and len(name) > len(part):
            return name.removesuffix(part), kind
    return name, ""


@cache
def _chinese(heading: str, name: str) -> float:
    if heading == name:
        return 1.0
    (one, its_kind), (other, other_kind) = _stem(heading), _stem(name)
    if one == other:
        if its_kind == other_kind:
            return 0.95
        return 0.85 if "" in (its_kind, other_kind) else 0.55
    return max(_contained(heading, name), _near(heading, name))


def _contained(heading: str, name: str) -> float:
    shorter, longer = sorted((heading, name), key=len)
    if len(shorter) < 2:  # noqa: PLR2004 - one character stands in too many names
        return 0.0
    share = 0.25 * len(shorter) / len(longer)
    if longer.endswith(shorter):
        return 0.6 + share
    return 0.5 + share if shorter in longer else 0.0


def _near(heading: str, name: str) -> float:
    from rapidfuzz.fuzz import ratio

    alike = ratio(heading, name) / 100
    return 0.75 * alike if alike >= 0.5 else 0.0  # noqa: PLR2004 - half of the characters


def _english(heading: Words, name: Words) -> float:
    left = list(heading)
    shared = missing = 0.0
    for word in name:
        partner = next((other for other in left if other & word), None)
        if partner is None:
            missing += _weight(word)
        else:
            left.remove(partner)
            shared += _weight(word)
    return shared / (shared + missing + sum(map(_weight, left))) if shared else 0.0


def _weight(word: frozenset[str]) -> float:
    return GENERIC_WEIGHT if word & GENERIC else 1.0


def _pinyin(letters: str, full: str, initials: str) -> float:
    if not letters:
        return 0.0
    if letters == full:
        return FULL_PINYIN
    if letters == initials:
        return INITIALS.get(len(letters), LONG_INITIALS)
    if _bare(letters) == _bare(full):
        return STEM_PINYIN
    if len(letters) > 5:  # noqa: PLR2004 - shorter ones are alike by chance
        from rapidfuzz.fuzz import ratio

        alike = ratio(letters, full)
        if alike >= 85:  # noqa: PLR2004 - one or two letters of twelve
            return NEAR_PINYIN
    return 0.0


@cache
def _bare(letters: str) -> str:
    for part in PINYIN_PARTS:
        if letters.endswith(part) and len(letters) > len(part) + 2:
            return letters.removesuffix(part)
    return letters
