"""Units of measures and columns: their names in three languages and how their numbers read."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from branchwise.core.errors import failure
from branchwise.core.languages import Language, Text
from branchwise.core.money import Money, minor_digits

MISSING = "–"
WAN, YI = 10**4, 10**8
MINUTE, HOUR, DAY = 60, 3600, 86400
HOURS_AS_PARTS = 100 * HOUR
PERCENT = 100
DURATION_WORDS: dict[Language, tuple[str, str, str]] = {
    "en": ("h", "min", "s"),
    "zh-Hant": ("小時", "分", "秒"),
    "zh-Hans": ("小时", "分", "秒"),
}
LARGE: dict[Language, tuple[str, str]] = {
    "en": ("", ""),
    "zh-Hant": ("萬", "億"),
    "zh-Hans": ("万", "亿"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit as declared in ``core/units.toml``.

    Attributes
    ----------
    symbol : str
        What specs and measures call it: ``s``, ``share``, ``minor``.
    shown : {"duration", "share", "money", "number"}
        How its numbers are written.
    sign, name : Text
        Short, after a number; and in words, for headings. The sign may be empty.
    scale : float
        Seconds in one unit, of durations.
    digits : int
        Decimals of plain numbers.
    major : bool
        Money in whole units of its currency, not in minor ones.
    """

    symbol: str
    shown: Literal["duration", "share", "money", "number"]
    sign: Text
    name: Text
    scale: float = 1.0
    digits: int = 1
    major: bool = False


def unit(symbol: str) -> Unit:
    """Return a unit by its symbol.

    Raises
    ------
    BranchwiseError
        [BW-COR-007] if it is not declared.

    Examples
    --------
    >>> unit("m2").sign.zh_hans
    '平方米'
    """
    if symbol not in units():
        raise failure("BW-COR-007", name=symbol, known=", ".join(units()))
    return units()[symbol]


@cache
def units() -> dict[str, Unit]:
    """Return all units by their symbols.

    Examples
    --------
    >>> "share" in units()
    True
    """
    declared = tomllib.loads(
        files("branchwise.core").joinpath("units.toml").read_text(encoding="utf-8")
    )
    texts = ("sign", "name")
    return {
        symbol: Unit(symbol=symbol, **{**entry, **{key: Text.parse(entry[key]) for key in texts}})
        for symbol, entry in declared.items()
    }


def quantity(
    value: float | None, symbol: str, language: Language = "en", *, currency: str | None = None
) -> str:
    """Return a number with its unit, as people read it; a dash where there is none.

    Parameters
    ----------
    value : float or None
        In the unit; None or not finite gives a dash.
    symbol : str
        The unit's symbol.
    language : {"en", "zh-Hant", "zh-Hans"}
        Who reads.
    currency : str, optional
        ISO 4217 code, of money.

    Raises
    ------
    BranchwiseError
        [BW-COR-007] if the unit is not declared, [BW-COR-006] if the currency is none.

    Examples
    --------
    >>> quantity(450, "s"), quantity(450, "s", "zh-Hant")
    ('7 min 30 s', '7 分 30 秒')
    >>> quantity(0.179, "share"), quantity(123456, "visit", "zh-Hans")
    ('17.9 %', '12.35 万笔')
    >>> quantity(1234500, "minor", "zh-Hant", currency="CNY")
    '1.23 萬元'
    """
    known = unit(symbol)
    if value is None or not math.isfinite(value):
        return MISSING
    if known.shown == "money" and currency is not None:
        scale = 10 ** minor_digits(currency) if known.major else 1
        amount = Money(minor=round(value * scale), currency=currency).read_in(language)
        return amount + known.sign.read_in(language) if known.major else amount
    if known.shown == "duration":
        return duration(value * known.scale, language)
    if known.shown == "share":
        return _share(value, known.sign.read_in(language), language)
    return number(value, language, digits=known.digits, sign=known.sign.read_in(language))


def duration(seconds: float, language: Language = "en") -> str:
    """Return a length of time in its two largest units.

    Examples
    --------
    >>> duration(7290), duration(42.4), duration(-90, "zh-Hans")
    ('2 h 2 min', '42 s', '−1 分 30 秒')
    """
    hour_word, minute_word, second_word = DURATION_WORDS[language]
    total = round(abs(seconds))
    minus = "−" if seconds < 0 and total else ""
    if total >= HOURS_AS_PARTS:
        return f"{minus}{round(total / HOUR):,} {hour_word}"
    if total >= HOUR:
        total = round(total / MINUTE) * MINUTE
        parts = ((total // HOUR, hour_word), (total % HOUR // MINUTE, minute_word))
    else:
        parts = ((total // MINUTE, minute_word), (total % MINUTE, second_word))
    shown = [f"{count} {word}" for count, word in parts if count]
    return minus + (" ".join(shown) if shown else f"0 {second_word}")


def number(value: float, language: Language = "en", *, digits: int = 1, sign: str = "") -> str:
    """Return a plain number: thousands apart in English, 萬 and 億 in Chinese.

    Examples
    --------
    >>> number(12345.0), number(-250_000_000, "zh-Hant"), number(3.0, sign="m²")
    ('12,345', '−2.5 億', '3 m²')
    """
    wan, yi = LARGE[language]
    scale, word = 1, ""
    if language != "en" and round(abs(value), digits) >= WAN:
        scale, word = (YI, yi) if round(abs(value) / WAN, 2) >= WAN else (WAN, wan)
    shown = _trimmed(value / scale, digits if scale == 1 else max(digits, 2))
    if sign == "°":
        return f"{shown}{word}{sign}"
    ending = f"{word}{sign.strip()}" if language != "en" else sign.strip()
    return f"{shown} {ending}" if ending else shown


def _share(value: float, sign: str, language: Language) -> str:
    percent = value * PERCENT
    near_an_end = 0 < abs(percent) < 1 or PERCENT - 1 < percent < PERCENT
    gap = " " if language == "en" else ""
    return f"{_trimmed(percent, 2 if near_an_end else 1)}{gap}{sign}"


def _trimmed(value: float, digits: int) -> str:
    written = f"{value:,.{digits}f}"
    if "." in written:
        written = written.rstrip("0").rstrip(".")
    return "0" if written in ("-0", "0") else written.replace("-", "−")
