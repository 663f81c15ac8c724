"""Calendar features against days that anyone can look up."""

from datetime import date, timedelta

import numpy as np
import pytest

from branchwise.core.calendar import Calendar, OpeningHours, is_working_day
from branchwise.models.forecast.calendar_features import (
    CalendarEvent,
    closures_of,
    day_features,
    learnable,
    lunar_new_year,
    open_minutes,
)

DAYS = [date(2026, 1, 1) + timedelta(days=count) for count in range(181)]


def features(country="CN", days=DAYS, events=()):
    opened = [is_working_day(day, country) for day in days]
    return day_features(days, opened, country=country, events=events)


def marked(column, days=DAYS):
    return [day for day, flag in zip(days, column, strict=True) if flag]


def test_make_up_days_are_those_of_the_state_council():
    """調休 of the first half of 2026, as announced: 4 January, 14 and 28 February, 9 May."""
    assert marked(features()["make_up_day"]) == [
        date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28), date(2026, 5, 9),
    ]  # fmt: skip


def test_days_around_holidays():
    """The last open day before and the first after each holiday, over weekends too."""
    found = features()
    assert date(2026, 2, 14) in marked(found["before_holiday"])
    assert date(2026, 2, 24) in marked(found["after_holiday"])
    assert date(2026, 4, 30) in marked(found["before_holiday"])
    assert date(2026, 5, 6) in marked(found["after_holiday"])
    assert date(2026, 3, 13) not in marked(found["before_holiday"])


def test_the_last_day_knows_the_holiday_that_follows():
    """A range that ends before a holiday still calls its last open day the one before it."""
    days = [day for day in DAYS if day <= date(2026, 4, 30)]
    assert features(days=days)["before_holiday"][-1] == 1
    days = [day for day in DAYS if day <= date(2026, 4, 29)]
    assert features(days=days)["before_holiday"][-1] == 0


@pytest.mark.parametrize(
    ("year", "first"),
    [(1999, (2, 16)), (2003, (2, 1)), (2024, (2, 10)), (2026, (2, 17)), (2027, (2, 6))],
)
def test_lunar_new_year(year, first):
    """First days of lunar years from the almanac."""
    assert lunar_new_year(year) == date(year, *first)


def test_new_year_rises_and_falls():
    """Nothing four weeks before, most on the last open day before, less and less afterwards."""
    found = features()
    before = dict(zip(DAYS, found["before_new_year"], strict=True))
    after = dict(zip(DAYS, found["after_new_year"], strict=True))
    assert before[date(2026, 1, 20)] == 0
    assert before[date(2026, 2, 14)] == pytest.approx(1 - 3 / 21)
    assert 0 < after[date(2026, 2, 27)] < after[date(2026, 2, 24)] < 1
    assert after[date(2026, 3, 5)] == 0
    assert not features(country="NONE")["before_new_year"].any()


def test_month_ends_need_the_whole_month():
    """The last two and the first open day; a month that goes on has no end yet."""
    days = [day for day in DAYS if day < date(2026, 3, 20)]
    found = features(days=days)
    end = [day for day in marked(found["month_end"], days) if day.month > 1]
    assert end == [date(2026, 2, 27), date(2026, 2, 28)]
    assert date(2026, 3, 2) in marked(found["month_start"], days)


def test_events_recur_move_and_concern_whom_they_name():
    """Pension days move to the working day before; a market is the branch's own."""
    pension = CalendarEvent(
        kind="pension_day", starts_on=date(2020, 1, 1), day_of_month=15, moves="before"
    )
    market = CalendarEvent(
        kind="market", starts_on=date(2026, 3, 3), ends_on=date(2026, 3, 4), branch_id="B1"
    )
    found = features(events=(pension, market))
    assert date(2026, 3, 13) in marked(found["pension_day"])
    assert date(2026, 5, 15) in marked(found["pension_day"])
    assert len(marked(found["pension_day"])) == 6
    assert marked(found["market"]) == [date(2026, 3, 3), date(2026, 3, 4)]
    assert market.concerns("B1", "R1")
    assert not market.concerns("B2", "R1")
    region = CalendarEvent(kind="market", starts_on=date(2026, 3, 3), region_id="R1")
    assert region.concerns("B9", "R1")
    assert not region.concerns("B9", "R2")


def test_a_monthly_event_ends_with_its_validity():
    """Editable with an effective date: before and after it nothing."""
    old = CalendarEvent(
        kind="pay_day", starts_on=date(2026, 2, 1), ends_on=date(2026, 4, 30), day_of_month=10
    )
    assert sorted(old.days(DAYS[0], DAYS[-1], "CN")) == [
        date(2026, month, 10) for month in (2, 3, 4)
    ]


def test_closures_close():
    """A typhoon day has no minutes and no features."""
    hours = tuple(
        OpeningHours(iso_weekday=day, opens_minute=540, closes_minute=1020) for day in range(1, 6)
    )
    typhoon = CalendarEvent(kind="closure", starts_on=date(2026, 3, 3))
    closed = closures_of((typhoon,), DAYS[0], DAYS[-1], "TW")
    minutes = open_minutes(DAYS, Calendar(country="TW", hours=hours), closed)
    assert closed == {date(2026, 3, 3)}
    assert minutes[DAYS.index(date(2026, 3, 3))] == 0
    assert minutes[DAYS.index(date(2026, 3, 4))] == 480
    assert "closure" not in features(events=(typhoon,))


def test_a_shorter_day_counts_by_what_is_cut():
    """Half the usual minutes of the weekday: one half."""
    minutes = np.where([is_working_day(day, "CN") for day in DAYS], 480, 0)
    place = DAYS.index(date(2026, 3, 3))
    minutes[place] = 240
    found = day_features(DAYS, minutes > 0, country="CN", minutes=minutes)
    assert found["short_day"][place] == 0.5
    assert found["short_day"].sum() == 0.5


def test_only_what_was_seen_both_ways_is_learnable():
    """A holiday that only the future has teaches nothing."""
    found = learnable({"a": np.array([0.0, 1, 0, 1]), "b": np.array([0.0, 0, 0, 1])}, 3)
    assert list(found) == ["a"]
