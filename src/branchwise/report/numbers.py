"""Numbers, spans of time, money and dates of `core` as texts in three languages."""

from __future__ import annotations

from datetime import date

from branchwise.core import units
from branchwise.core.calendar import shown_date
from branchwise.core.languages import Text
from branchwise.core.money import Money
from branchwise.report.phrases import plain, say

UNKNOWN = plain(units.MISSING)
MINUTE = units.MINUTE
LARGEST = 1e16


def exact(value: float | None) -> Text:
    """Return a count to the last one, for tables.

    Examples
    --------
    >>> exact(123456).zh_hant
    '123,456'
    """
    return UNKNOWN if value is None else plain(units.decimal(value, 0))


def amount(value: float | None, digits: int = 1) -> Text:
    """Return a number for sentences: 萬 and 億 in Chinese.

    Examples
    --------
    >>> amount(123456).en, amount(123456).zh_hant, amount(2.5e8).zh_hans
    ('123,456', '12.35 萬', '2.5 亿')
    """
    if value is None:
        return UNKNOWN
    return Text.written(lambda language: units.number(value, language, digits=digits))


def money(minor: int | None, currency: str | None) -> Text:
    """Return an amount given in minor units.

    Examples
    --------
    >>> money(123_456_700, "CNY").en, money(123_456_700, "CNY").zh_hant
    ('CNY 1.23 million', '123.46 萬元')
    """
    if minor is None or currency is None:
        return UNKNOWN
    return Text.written(Money(minor=minor, currency=currency).read_in)


def duration(seconds: float | None) -> Text:
    """Return a span of time in the unit that reads best.

    Examples
    --------
    >>> duration(42).en, duration(750).zh_hant, duration(7300).en
    ('42 s', '12.5 分鐘', '2 h')
    """
    return quantity(seconds, "s")


def share(value: float | None) -> Text:
    """Return a share of one in percent.

    Examples
    --------
    >>> share(0.1788).en, share(0.1788).zh_hant, share(0.9996).en
    ('17.9 %', '17.9%', '99.96 %')
    """
    return quantity(value, "share")


def quantity(
    value: float | None, unit: str, currency: str | None = None, *, style: units.Style = "compact"
) -> Text:
    """Return a value of a measure with its unit, as `core.units.quantity` writes it.

    Parameters
    ----------
    value : float or None
        None, and what no bank can have, gives a dash.
    unit : str
        Unit of the measure.
    currency : str, optional
        ISO 4217, for money.
    style : {"full", "compact", "fine"}
        How much is written: beside a label the unit's words are not needed.

    Examples
    --------
    >>> quantity(90, "s").en, quantity(0.5, "share").en, quantity(1234.5, "visit").en
    ('1.5 min', '50 %', '1,234.5')
    """
    if value is None or not abs(value) < LARGEST:
        return UNKNOWN
    return Text.written(
        lambda language: units.quantity(value, unit, language, currency=currency, style=style)
    )


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
    return Text.written(lambda language: shown_date(on, language, roc_years=roc_years))


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
    begins, ends = day(first, roc_years=roc_years), day(last, roc_years=roc_years)
    english, chinese = f"{begins.en} – {ends.en}", (ends.zh_hant, ends.zh_hans)
    if first.year == last.year:
        chinese = (f"{last.month}月{last.day}日",) * 2
        english = f"{first.day} {first:%B} – {ends.en}"
        if first.month == last.month:
            chinese = (f"{last.day}日",) * 2
            english = f"{first.day}–{ends.en}"
    return Text(
        en=english,
        zh_hant=f"{begins.zh_hant}至{chinese[0]}",
        zh_hans=f"{begins.zh_hans}至{chinese[1]}",
    )
