"""Calendars against the notices that governments published."""

from datetime import date, timedelta

import pytest

from branchwise.core.calendar import (
    Calendar,
    OpeningHours,
    holiday_name,
    is_calendar_official,
    is_make_up_day,
    is_public_holiday,
    is_working_day,
    read_roc_date,
    require_country,
    shown_date,
    working_days_between,
)
from branchwise.core.errors import BranchwiseError
from branchwise.core.languages import LANGUAGES

# Days off and worked weekends as the State Council announced them for 2026 (國辦發明電〔2025〕7號).
OFF_CN_2026 = [
    ("2026-01-01", 3),
    ("2026-02-15", 9),
    ("2026-04-04", 3),
    ("2026-05-01", 5),
    ("2026-06-19", 3),
    ("2026-09-25", 3),
    ("2026-10-01", 7),
]
WORKED_CN_2026 = [
    "2026-01-04",
    "2026-02-14",
    "2026-02-28",
    "2026-05-09",
    "2026-09-20",
    "2026-10-10",
]
# General holidays of Hong Kong in 2026 (Gazette) that are no Sundays.
HOLIDAYS_HK_2026 = [
    (1, 1), (2, 17), (2, 18), (2, 19), (4, 3), (4, 4), (4, 6), (4, 7), (5, 1), (5, 25), (6, 19),
    (7, 1), (9, 26), (10, 1), (10, 19), (12, 25), (12, 26),
]  # fmt: skip


def days(first, last):
    return (first + timedelta(days=count) for count in range((last - first).days + 1))


def row(weekday, opens=540, closes=1020, **more):
    return OpeningHours(iso_weekday=weekday, opens_minute=opens, closes_minute=closes, **more)


def test_every_day_of_2026_in_mainland_china_is_as_announced():
    """Each of the 365 days is worked or free exactly as the official notice says."""
    off = {
        date.fromisoformat(first) + timedelta(days=count)
        for first, length in OFF_CN_2026
        for count in range(length)
    }
    worked = set(map(date.fromisoformat, WORKED_CN_2026))
    for day in days(date(2026, 1, 1), date(2026, 12, 31)):
        expected = day in worked or (day.isoweekday() <= 5 and day not in off)
        assert is_working_day(day, "CN") == expected, day


def test_taiwans_banks_close_on_labour_day():
    """Labour Day is free for bank employees before and after it became a holiday of all."""
    assert not is_working_day(date(2025, 5, 1), "TW")
    assert not is_working_day(date(2026, 5, 1), "TW")


def test_taiwan_2024_has_one_make_up_saturday():
    """In 2024 Taiwan worked on 17 February only, for 8 February."""
    worked = [
        day for day in days(date(2024, 1, 1), date(2024, 12, 31)) if is_make_up_day(day, "TW")
    ]
    assert worked == [date(2024, 2, 17)]
    assert not is_working_day(date(2024, 2, 8), "TW")


def test_hong_kong_2026_closes_on_the_gazetted_days():
    """The holidays of Hong Kong in 2026 outside Sundays are those of the Gazette."""
    found = [
        (day.month, day.day)
        for day in days(date(2026, 1, 1), date(2026, 12, 31))
        if is_public_holiday(day, "HK") and day.isoweekday() != 7
    ]
    assert found == HOLIDAYS_HK_2026


def test_unannounced_years_are_said_to_be_unofficial():
    """A year without published exchanges of days is not passed off as official."""
    assert is_calendar_official("CN", 2025)
    assert not is_calendar_official("CN", 2090)
    assert is_calendar_official("HK", 2026)


def test_other_countries_have_weekends_only():
    """Where no public holiday is known, only the weekend is free; asking for them is an error."""
    assert is_working_day(date(2026, 1, 1), "IL")
    assert holiday_name(date(2026, 1, 1), "IL") is None
    with pytest.raises(BranchwiseError, match="BW-COR-002"):
        require_country("IL")


def test_holidays_are_named_in_three_languages():
    """The National Day of mainland China has its name in each language."""
    for country, day, expected in (
        ("CN", date(2026, 10, 1), ["National Day", "國慶節", "国庆节"]),
        ("TW", date(2025, 5, 1), ["Labor Day", "勞動節", "劳动节"]),
        ("HK", date(2026, 4, 3), ["Good Friday", "耶穌受難節", "耶稣受难节"]),
    ):
        assert [holiday_name(day, country, language) for language in LANGUAGES] == expected


def test_hours_follow_validity_line_and_lunch():
    """The row in force for the business line decides, and lunch is cut out of it."""
    branch = Calendar(
        country="CN",
        hours=(
            row(2, business_line="personal", valid_to=date(2026, 5, 31)),
            row(2, 600, 960, business_line="personal", valid_from=date(2026, 6, 1)),
            row(2, 570, 1050, business_line="corporate", lunch_starts_minute=720,
                lunch_ends_minute=840),
        ),
    )  # fmt: skip
    assert branch.intervals(date(2026, 3, 10), "personal") == ((540, 1020),)
    assert branch.intervals(date(2026, 6, 2), "personal") == ((600, 960),)
    assert branch.intervals(date(2026, 3, 10), "corporate") == ((570, 720), (840, 1050))
    assert branch.intervals(date(2026, 3, 10)) == ((540, 1050),)
    assert branch.intervals(date(2026, 3, 11)) == ()


@pytest.mark.parametrize(
    ("lunch", "expected"),
    [
        ((None, None), ((540, 1020),)),
        ((720, 720), ((540, 1020),)),
        ((500, 600), ((600, 1020),)),
        ((1000, 1100), ((540, 1000),)),
        ((500, 1100), ()),
    ],
)
def test_lunch_never_leaves_the_opening_hours(lunch, expected):
    """A lunch closing at or over the edge shortens the day and never turns an interval round."""
    starts, ends = lunch
    assert row(1, lunch_starts_minute=starts, lunch_ends_minute=ends).intervals == expected


def test_make_up_saturday_keeps_weekday_hours_unless_it_has_its_own():
    """On 14 February 2026 a branch without Saturday hours opens as on Monday."""
    week = tuple(row(weekday) for weekday in range(1, 6))
    assert Calendar(country="CN", hours=week).intervals(date(2026, 2, 14)) == ((540, 1020),)
    own = Calendar(country="CN", hours=(*week, row(6, 600, 900)))
    assert own.intervals(date(2026, 2, 14)) == ((600, 900),)
    assert own.intervals(date(2026, 2, 17)) == ()


def test_open_days_agree_with_working_days_for_a_week_of_five():
    """A branch open from Monday to Friday is open on exactly the working days."""
    week = tuple(row(weekday) for weekday in range(1, 6))
    first, last = date(2026, 1, 1), date(2026, 12, 31)
    for country in ("CN", "TW", "HK"):
        counted = working_days_between(first, last, country)
        assert Calendar(country=country, hours=week).open_days(first, last) == counted
        assert Calendar(country=country).open_days(first, last) == counted
    assert working_days_between(last, first, "CN") == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("民國115年3月10日", date(2026, 3, 10)),
        ("民国 99 年 12 月 1 日", date(2010, 12, 1)),
        ("99/12/1", date(2010, 12, 1)),
        ("115.03.10", date(2026, 3, 10)),
        ("1150310", date(2026, 3, 10)),
        ("1150229", None),
        ("2026-03-10", None),
        ("", None),
    ],
)
def test_years_of_the_republic_are_read(text, expected):
    """Forms of the ROC calendar are read, and what is none is refused."""
    assert read_roc_date(text) == expected


def test_dates_written_in_roc_years_are_read_back():
    """Reading what was written gives the same date, for every day of a leap year."""
    for day in days(date(2024, 1, 1), date(2024, 12, 31)):
        for language in ("zh-Hant", "zh-Hans"):
            assert read_roc_date(shown_date(day, language, roc_years=True)) == day
