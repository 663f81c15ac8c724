"""Instants and local time."""

from datetime import UTC, date, datetime

import pytest

from branchwise.core.clock import (
    fixed_clock,
    instant,
    local_date,
    minute_of_day,
    system_clock,
    time_zone,
)
from branchwise.core.errors import BranchwiseError


def test_unknown_zones_are_refused():
    """A name that is no zone, or a path, gives the error of its own."""
    for name in ("Asia/Atlantis", "", "../etc"):
        with pytest.raises(BranchwiseError, match="BW-COR-001"):
            time_zone(name)


def test_local_time_goes_there_and_back():
    """A local date and minute turned into an instant reads as the same date and minute."""
    for name in ("Asia/Shanghai", "Asia/Taipei", "Asia/Hong_Kong", "Asia/Jerusalem"):
        zone = time_zone(name)
        for minute in (0, 1, 570, 1439):
            at = instant(date(2026, 3, 10), minute, zone)
            assert (local_date(at, zone), minute_of_day(at, zone)) == (date(2026, 3, 10), minute)


def test_midnight_of_the_next_day_is_minute_1440():
    """Closing at 24:00 is the next day's beginning."""
    zone = time_zone("Asia/Taipei")
    assert instant(date(2026, 3, 10), 1440, zone) == instant(date(2026, 3, 11), 0, zone)


def test_a_time_that_occurs_twice_is_its_first():
    """When summer time ended in Jerusalem on 25 October 2026, 01:30 first was at 22:30 UTC."""
    assert instant(date(2026, 10, 25), 90, time_zone("Asia/Jerusalem")) == datetime(
        2026, 10, 24, 22, 30, tzinfo=UTC
    )


def test_clocks_give_utc():
    """Both clocks give instants in UTC, the fixed one always the same."""
    at = datetime(2026, 3, 10, 9, tzinfo=time_zone("Asia/Taipei"))
    clock = fixed_clock(at)
    assert clock() == clock() == at
    assert clock().tzinfo is UTC
    assert system_clock().tzinfo is UTC
