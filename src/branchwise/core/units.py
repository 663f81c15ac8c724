"""Units of measures and columns: their names in three languages and how their numbers read."""

from __future__ import annotations

import math
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from branchwise.core.errors import failure
from branchwise.core.languages import Language, Text
from branchwise.core.money import Money, minor_digits

Style = Literal["full", "compact", "fine"]
MISSING = "–"
WAN, YI = 10**4, 10**8
MINUTE, HOUR = 60, 3600
SECONDS_BELOW, MINUTES_BELOW = 90, 5400
WHOLE_FROM = 100
PERCENT = 100
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
    value: float | None,
    symbol: str,
    language: Language = "en",
    *,
    currency: str | None = None,
    style: Style = "full",
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
    style : {"full", "compact", "fine"}
        ``compact`` for columns whose heading says what is counted: plain numbers and money
        without their units' words; ``fine`` to see small differences: no larger unit, no 萬, a
        decimal more.

    Raises
    ------
    BranchwiseError
        [BW-COR-007] if the unit is not declared, [BW-COR-006] if the currency is none.

    Examples
    --------
    >>> quantity(450, "s"), quantity(450, "s", "zh-Hant")
    ('7.5 min', '7.5 分鐘')
    >>> quantity(0.179, "share"), quantity(123456, "visit", "zh-Hans")
    ('17.9 %', '12.35 万笔')
    >>> quantity(1234500, "minor", "zh-Hant", currency="CNY")
    '1.23 萬元'
    >>> quantity(353.5, "s", style="fine"), quantity(0.07991, "share", style="fine")
    ('353.5 s', '7.99 %')
    >>> quantity(3_600_000, "currency/head", currency="CNY", style="compact")
    'CNY 3.60 million'
    """
    known = unit(symbol)
    if value is None or not math.isfinite(value):
        return MISSING
    sign = known.sign.read_in(language)
    if known.shown == "money" and currency is not None:
        scale = 10 ** minor_digits(currency) if known.major else 1
        amount = Money(minor=round(value * scale), currency=currency).read_in(language)
        return amount if style == "compact" or not known.major else amount + sign
    if known.shown == "duration":
        return (
            f"{decimal(value)} {sign}"
            if style == "fine"
            else duration(value * known.scale, language)
        )
    if known.shown == "share":
        return _share(value, sign, language, is_fine=style == "fine")
    if style == "fine":
        gap = " " if sign.strip() else ""
        return f"{decimal(value, known.digits)}{gap}{sign.strip()}"
    shown = "" if style == "compact" else sign
    return number(value, language, digits=known.digits, sign=shown)


POINTS: dict[Language, str] = {"en": "pp", "zh-Hant": "個百分點", "zh-Hans": "个百分点"}


def difference(value: float | None, symbol: str, language: Language = "en") -> str:
    """Return a difference of two numbers with its sign; of shares in percentage points.

    Parameters
    ----------
    value : float or None
        In the unit; None gives a dash.
    symbol : str
        The unit's symbol.
    language : {"en", "zh-Hant", "zh-Hans"}
        Who reads.

    Examples
    --------
    >>> difference(0.124, "share"), difference(-90, "s", "zh-Hant"), difference(0, "count")
    ('+12.4 pp', '−1.5 分鐘', '0')
    """
    if value is None or not math.isfinite(value):
        return MISSING
    sign = "+" if value > 0 else "−" if value < 0 else ""
    if unit(symbol).shown == "share":
        return f"{sign}{decimal(abs(PERCENT * value))} {POINTS[language]}"
    return sign + quantity(abs(value), symbol, language)


def duration(seconds: float, language: Language = "en") -> str:
    """Return a length of time in the one unit that reads best: seconds, minutes or hours.

    Examples
    --------
    >>> duration(7290), duration(42.4), duration(-90, "zh-Hans")
    ('2 h', '42 s', '−1.5 分钟')
    """
    size = abs(seconds)
    scale, symbol = (HOUR, "h") if size >= MINUTES_BELOW else (MINUTE, "min")
    if round(size) < SECONDS_BELOW:
        scale, symbol = 1, "s"
    digits = 1 if scale > 1 and size < WHOLE_FROM * scale else 0
    return f"{decimal(seconds / scale, digits)} {unit(symbol).sign.read_in(language)}"


def decimal(value: float, digits: int = 1) -> str:
    """Return a bare number: thousands apart, a true minus, no zeros at the end.

    Examples
    --------
    >>> decimal(12345.60), decimal(-2.0), decimal(0.04), decimal(123456, 0)
    ('12,345.6', '−2', '0', '123,456')
    """
    if not math.isfinite(value):
        return MISSING
    written = f"{value:,.{digits}f}"
    if "." in written:
        written = written.rstrip("0").rstrip(".")
    return "0" if written in ("-0", "0") else written.replace("-", "−")


def closed_up(words: str) -> str:
    """Return Chinese words in which no blank stands between 萬 or 億 and what is counted.

    Examples
    --------
    >>> closed_up("每月約 1.63 萬 筆")
    '每月約 1.63 萬筆'
    """
    return re.sub(r"(?<=\d [萬億万亿]) (?=[一-鿿])", "", words)


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
    shown = decimal(value / scale, digits if scale == 1 else max(digits, 2))
    if sign == "°":
        return f"{shown}{word}{sign}"
    ending = f"{word}{sign.strip()}" if language != "en" else sign.strip()
    return f"{shown} {ending}" if ending else shown


def _share(value: float, sign: str, language: Language, *, is_fine: bool) -> str:
    percent = value * PERCENT
    near_an_end = 0 < abs(percent) < 1 or PERCENT - 1 < percent < PERCENT
    gap = " " if language == "en" else ""
    return f"{decimal(percent, 2 if near_an_end or is_fine else 1)}{gap}{sign}"
