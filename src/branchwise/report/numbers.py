"""Numbers, spans of time, money and dates as people write them in three languages."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date

from branchwise.core.calendar import shown_date
from branchwise.core.languages import LANGUAGES, Language, Text
from branchwise.core.money import Money, minor_digits
from branchwise.core.units import number
from branchwise.core.units import quantity as quantity_in
from branchwise.report.phrases import plain, say

UNKNOWN = plain("–")
MINUTE, HOUR = 60, 3600
SECONDS_BELOW, MINUTES_BELOW = 90, 5400
ONE_PLACE_FROM, NO_PLACE_FROM = 10, 10_000
LARGEST_MINOR = 1e18


def decimal(value: float, digits: int = 1) -> str:
    """Return a number with thousands separated, a true minus and no trailing zeros.

    Examples
    --------
    >>> decimal(12345.60), decimal(-2.0), decimal(0.04)
    ('12,345.6', '−2', '0')
    """
    if not math.isfinite(value):
        return "–"
    written = f"{value:,.{digits}f}"
    if "." in written:
        written = written.rstrip("0").rstrip(".")
    return written.replace("-", "−") if written != "-0" else "0"


def exact(value: float | None) -> Text:
    """Return a count to the last one, for tables.

    Examples
    --------
    >>> exact(123456).zh_hant
    '123,456'
    """
    return UNKNOWN if value is None else plain(decimal(value, 0))


def amount(value: float | None, digits: int = 1) -> Text:
    """Return a number for sentences: 萬 and 億 in Chinese.

    Examples
    --------
    >>> amount(123456).en, amount(123456).zh_hant, amount(2.5e8).zh_hans
    ('123,456', '12.35 萬', '2.5 亿')
    """
    if value is None or not math.isfinite(value):
        return UNKNOWN
    places = digits if abs(value) < NO_PLACE_FROM else 0
    return _in_all(lambda language: number(value, language, digits=places))


def money(minor: float | None, currency: str | None) -> Text:
    """Return an amount given in minor units.

    Examples
    --------
    >>> money(123_456_700, "CNY").en, money(123_456_700, "CNY").zh_hant
    ('CNY 1.23 million', '123.46 萬元')
    """
    if minor is None or not abs(minor) < LARGEST_MINOR:
        return UNKNOWN
    if currency is None:
        return amount(minor / 100)
    held = Money(minor=round(minor), currency=currency)
    return _in_all(held.read_in)


def duration(seconds: float | None) -> Text:
    """Return a span of time in the unit that reads best.

    Examples
    --------
    >>> duration(42).en, duration(750).zh_hant, duration(7300).en
    ('42 s', '12.5 分鐘', '2 h')
    """
    if seconds is None or not math.isfinite(seconds):
        return UNKNOWN
    size = abs(seconds)
    if size < SECONDS_BELOW:
        return say("{number} s", number=decimal(seconds, 0))
    if size < MINUTES_BELOW:
        return say("{number} min", number=decimal(seconds / MINUTE))
    return say("{number} h", number=decimal(seconds / HOUR))


def share(value: float | None) -> Text:
    """Return a share of one in percent.

    Examples
    --------
    >>> share(0.1788).en, share(0.1788).zh_hant, share(0.9996).en
    ('17.9 %', '17.9%', '99.96 %')
    """
    return _in_all(lambda language: quantity_in(value, "share", language))


def quantity(value: float | None, unit: str, currency: str | None = None) -> Text:
    """Return a value of a measure with its unit.

    Parameters
    ----------
    value : float or None
        None gives a dash.
    unit : str
        Unit of the measure catalogue; an unknown one is left out (the label says it).
    currency : str, optional
        ISO 4217, for money.

    Examples
    --------
    >>> quantity(90, "s").en, quantity(0.5, "share").en, quantity(1234.5, "visit").en
    ('1.5 min', '50 %', '1,234.5')
    """
    if value is None:
        return UNKNOWN
    if unit.startswith("currency"):
        return money(value * 10 ** (minor_digits(currency) if currency else 2), currency)
    plainly: dict[str, Callable[[float], Text]] = {"s": duration, "h": _hours, "share": share}
    if unit in plainly:
        return plainly[unit](value)
    return amount(value, 1 if abs(value) >= ONE_PLACE_FROM else 2)


def span(lower: float | None, upper: float | None, unit: str, currency: str | None = None) -> Text:
    """Return an interval with its unit; a dash where there is none.

    Examples
    --------
    >>> span(60, 600, "s").en
    '60 s to 10 min'
    """
    if lower is None or upper is None:
        return UNKNOWN
    low, high = quantity(lower, unit, currency), quantity(upper, unit, currency)
    return say("{low} to {high}", low=low, high=high)


def day(on: date | None, *, roc_years: bool = False) -> Text:
    """Return a date as people write it.

    Examples
    --------
    >>> day(date(2026, 3, 1)).en, day(date(2026, 3, 1), roc_years=True).zh_hant
    ('1 March 2026', '民國115年3月1日')
    """
    if on is None:
        return UNKNOWN
    return _in_all(lambda language: shown_date(on, language, roc_years=roc_years))


def period(first: date | None, last: date | None, *, roc_years: bool = False) -> Text:
    """Return a run of days, saying month and year once where they are the same.

    Examples
    --------
    >>> period(date(2026, 3, 1), date(2026, 3, 14)).en
    '1–14 March 2026'
    >>> period(date(2026, 3, 1), date(2026, 4, 14)).zh_hant
    '2026年3月1日至4月14日'
    """
    if first is None or last is None:
        return UNKNOWN
    if first == last:
        return day(first, roc_years=roc_years)
    ending = day(last, roc_years=roc_years)
    english, chinese = f"{first.day} {first:%B} {first.year} – {ending.en}", ending.zh_hant
    if first.year == last.year:
        chinese = f"{last.month}月{last.day}日"
        english = f"{first.day} {first:%B} – {ending.en}"
        if first.month == last.month:
            chinese = f"{last.day}日"
            english = f"{first.day}–{ending.en}"
    chinese = f"{day(first, roc_years=roc_years).zh_hant}至{chinese}"
    return Text(en=english, zh_hant=chinese, zh_hans=chinese)


def clock(minute: int) -> str:
    """Return a time of day.

    Examples
    --------
    >>> clock(570)
    '09:30'
    """
    return f"{minute // MINUTE:02d}:{minute % MINUTE:02d}"


def _hours(hours: float) -> Text:
    return duration(hours * HOUR) if math.isfinite(hours) else UNKNOWN


def _in_all(written: Callable[[Language], str]) -> Text:
    return Text.parse({language: written(language) for language in LANGUAGES})
