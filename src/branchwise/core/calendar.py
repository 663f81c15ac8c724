"""Working days and opening hours: public holidays, 調休, branch calendars, years of the Republic.

Public holidays are those of the ``holidays`` library, which knows the State Council's yearly
adjustments (調休) of mainland China and the make-up Saturdays of Taiwan. Of Hong Kong they are the
general holidays, on which banks close (the library's "optional"; its "public" are the statutory
holidays, without Good Friday). Banks of Taiwan close on Labour Day, as employers do, also before it
became a holiday of all in 2026.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Literal

from branchwise.core.errors import failure
from branchwise.core.languages import Language

BusinessLine = Literal["personal", "corporate", "all"]
CATEGORIES = {"CN": "public", "TW": "public", "HK": "optional"}
COUNTRIES = tuple(CATEGORIES)
LABOUR_DAY = (5, 1)
ROC_OFFSET = 1911
FRIDAY = 5
ADJUSTED_SINCE = 2007
_ROC = re.compile(
    r"(?:民國|民国)?\s*(\d{2,3})\s*(?:年|/|-|\.)\s*(\d{1,2})\s*(?:月|/|-|\.)\s*(\d{1,2})\s*日?"
    r"|(\d{3})(\d{2})(\d{2})"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningHours:
    """One row of the table ``opening_hours``, of one branch.

    Attributes
    ----------
    iso_weekday : int
        1 Monday to 7 Sunday.
    opens_minute, closes_minute : int
        Minutes after local midnight [min].
    business_line : {"personal", "corporate", "all"}
        對私, 對公, or both.
    valid_from, valid_to : date or None
        First and last day in force; None for no end.
    lunch_starts_minute, lunch_ends_minute : int or None
        Lunch closing [min]; None where the branch stays open.
    """

    iso_weekday: int
    opens_minute: int
    closes_minute: int
    business_line: BusinessLine = "all"
    valid_from: date = date(1900, 1, 1)
    valid_to: date | None = None
    lunch_starts_minute: int | None = None
    lunch_ends_minute: int | None = None

    def in_force(self, on: date) -> bool:
        """Say whether the row holds on a date."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)

    @property
    def intervals(self) -> tuple[tuple[int, int], ...]:
        """Open intervals of the day as (from, to) [min after local midnight], without lunch."""
        lunch = (self.lunch_starts_minute, self.lunch_ends_minute)
        if lunch[0] is None or lunch[1] is None or lunch[1] <= lunch[0]:
            return ((self.opens_minute, self.closes_minute),)
        halves = ((self.opens_minute, lunch[0]), (lunch[1], self.closes_minute))
        clipped = (
            (max(start, self.opens_minute), min(end, self.closes_minute)) for start, end in halves
        )
        return tuple((start, end) for start, end in clipped if start < end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """When one branch is open.

    On a public holiday a branch is closed. On a make-up working day (調休, 補班) it keeps the
    hours of that weekday if it has any, else those of its first working weekday.

    Attributes
    ----------
    country : str
        ``CN``, ``TW`` or ``HK``; of another country no public holiday is known.
    hours : tuple of OpeningHours
        The branch's rows; with none, it is taken to work from Monday to Friday.

    Examples
    --------
    >>> week = tuple(
    ...     OpeningHours(iso_weekday=day, opens_minute=540, closes_minute=1020)
    ...     for day in range(1, 6)
    ... )
    >>> branch = Calendar(country="CN", hours=week)
    >>> branch.is_open(date(2026, 2, 17)), branch.is_open(date(2026, 2, 14))
    (False, True)
    >>> branch.intervals(date(2026, 2, 14))
    ((540, 1020),)
    """

    country: str
    hours: tuple[OpeningHours, ...] = ()

    def is_open(self, on: date, business_line: BusinessLine = "all") -> bool:
        """Say whether the branch is open on a date for a business line (all: for any)."""
        if not self.hours:
            return is_working_day(on, self.country)
        return bool(self.intervals(on, business_line))

    def intervals(
        self, on: date, business_line: BusinessLine = "all"
    ) -> tuple[tuple[int, int], ...]:
        """Return the open intervals of a date as (from, to) [min after local midnight], merged.

        Empty where the branch is closed, or its hours were never given.
        """
        if is_public_holiday(on, self.country):
            return ()
        rows = self._rows(on, on.isoweekday(), business_line)
        if not rows and is_make_up_day(on, self.country):
            rows = next(
                filter(None, (self._rows(on, day, business_line) for day in range(1, 8))), []
            )
        return _merged([interval for row in rows for interval in row.intervals])

    def open_days(self, first: date, last: date) -> int:
        """Return the number of days from first to last, both included, on which it is open."""
        return sum(self.is_open(day) for day in _days(first, last))

    def _rows(self, on: date, iso_weekday: int, business_line: BusinessLine) -> list[OpeningHours]:
        return [
            row
            for row in self.hours
            if row.iso_weekday == iso_weekday
            and row.in_force(on)
            and (business_line == "all" or row.business_line in (business_line, "all"))
        ]


def is_public_holiday(on: date, country: str) -> bool:
    """Say whether a date is a public holiday, or a day off given in exchange for a weekend.

    Examples
    --------
    >>> is_public_holiday(date(2026, 10, 1), "CN"), is_public_holiday(date(2026, 10, 1), "TW")
    (True, False)
    """
    return on in _year(country, on.year)[0]


def is_make_up_day(on: date, country: str) -> bool:
    """Say whether a date is a weekend day that is worked (調休, 補班).

    Examples
    --------
    >>> is_make_up_day(date(2026, 2, 14), "CN")
    True
    """
    return on in _year(country, on.year)[1]


def is_working_day(on: date, country: str) -> bool:
    """Say whether a date is a working day: no holiday, and Monday to Friday or a make-up day.

    Examples
    --------
    >>> is_working_day(date(2024, 2, 17), "TW"), is_working_day(date(2024, 2, 8), "TW")
    (True, False)
    """
    if is_make_up_day(on, country):
        return True
    return on.isoweekday() <= FRIDAY and not is_public_holiday(on, country)


def holiday_name(on: date, country: str, language: Language = "en") -> str | None:
    """Return the name of a public holiday in a language, or None on another day.

    Examples
    --------
    >>> holiday_name(date(2026, 10, 1), "CN", "zh-Hans")
    '国庆节'
    """
    return _names(country, on.year, language).get(on)


def working_days_between(first: date, last: date, country: str) -> int:
    """Return the number of working days from first to last, both included.

    Examples
    --------
    >>> working_days_between(date(2026, 2, 14), date(2026, 2, 28), "CN")
    6
    """
    return sum(is_working_day(day, country) for day in _days(first, last))


def is_calendar_official(country: str, year: int) -> bool:
    """Say whether the year's exchanges of days (調休) are known, or foreseen by rule only.

    Mainland China announces them in November of the year before.

    Examples
    --------
    >>> is_calendar_official("CN", 2026), is_calendar_official("CN", 2099)
    (True, False)
    """
    return country != "CN" or year < ADJUSTED_SINCE or bool(_year(country, year)[1])


def read_roc_date(text: str) -> date | None:
    """Read a date in years of the Republic (民國), or return None if it is none.

    Examples
    --------
    >>> read_roc_date("民國115年3月10日") == read_roc_date("1150310") == date(2026, 3, 10)
    True
    >>> read_roc_date("115/02/30") is None
    True
    """
    found = _ROC.fullmatch(text.strip())
    if found is None:
        return None
    year, month, day = (int(part) for part in found.groups() if part is not None)
    try:
        return date(year + ROC_OFFSET, month, day)
    except ValueError:
        return None


def shown_date(on: date, language: Language = "en", *, roc_years: bool = False) -> str:
    """Return a date as people write it; in years of the Republic where Taiwan reads it.

    Examples
    --------
    >>> shown_date(date(2026, 3, 10)), shown_date(date(2026, 3, 10), "zh-Hans")
    ('10 March 2026', '2026年3月10日')
    >>> shown_date(date(2026, 3, 10), "zh-Hant", roc_years=True)
    '民國115年3月10日'
    """
    if language == "en":
        return f"{on.day} {on:%B} {on.year}"
    era = "" if not roc_years else ("民國" if language == "zh-Hant" else "民国")
    year = on.year - ROC_OFFSET if roc_years else on.year
    return f"{era}{year}年{on.month}月{on.day}日"


def require_country(country: str) -> str:
    """Return the country if its public holidays are known.

    Raises
    ------
    BranchwiseError
        [BW-COR-002] if they are not.

    Examples
    --------
    >>> require_country("TW")
    'TW'
    """
    if country not in COUNTRIES:
        raise failure("BW-COR-002", country=country, known=", ".join(COUNTRIES))
    return country


@cache
def _year(country: str, year: int) -> tuple[frozenset[date], frozenset[date]]:
    if country not in COUNTRIES:
        return frozenset(), frozenset()
    import holidays

    found = holidays.country_holidays(country, years=year, categories=CATEGORIES[country])
    worked = getattr(found, "weekend_workdays", ())
    extra = {date(year, *LABOUR_DAY)} if country == "TW" else set()
    return (
        frozenset(day for day in found if day.year == year) | extra,
        frozenset(day for day in worked if day.year == year),
    )


@cache
def _names(country: str, year: int, language: Language) -> dict[date, str]:
    if country not in COUNTRIES:
        return {}
    import holidays

    chinese = "zh_HK" if country == "HK" else "zh_TW"
    spoken = {"en": "en_US", "zh-Hant": chinese, "zh-Hans": "zh_CN"}[language]
    labour = {"en": "Labor Day", "zh-Hant": "勞動節", "zh-Hans": "劳动节"}[language]
    extra = {date(year, *LABOUR_DAY): labour} if country == "TW" else {}
    named = holidays.country_holidays(
        country, years=year, language=spoken, categories=CATEGORIES[country]
    )
    return {**extra, **named}


def _merged(intervals: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=count) for count in range((last - first).days + 1))
