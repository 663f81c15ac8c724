"""Instants, local dates and time zones; the present moment is an argument."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from branchwise.core.errors import failure

Clock = Callable[[], datetime]
MINUTES_PER_HOUR = 60


def system_clock() -> datetime:
    """Return the present instant in UTC; the one place that asks the machine for it.

    Examples
    --------
    >>> system_clock().utcoffset().total_seconds()
    0.0
    """
    return datetime.now(UTC)


def fixed_clock(at: datetime) -> Clock:
    """Return a clock that stands still, for tests and for computing a plan again.

    Examples
    --------
    >>> fixed_clock(datetime(2026, 3, 10, tzinfo=UTC))().isoformat()
    '2026-03-10T00:00:00+00:00'
    """
    instant = at.astimezone(UTC)
    return lambda: instant


def time_zone(name: str) -> ZoneInfo:
    """Return a time zone by its IANA name.

    Raises
    ------
    BranchwiseError
        [BW-COR-001] if there is no such zone.

    Examples
    --------
    >>> time_zone("Asia/Taipei").key
    'Asia/Taipei'
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise failure("BW-COR-001", name=name) from error


def local_date(at: datetime, zone: ZoneInfo) -> date:
    """Return the calendar date of an instant in a zone.

    Examples
    --------
    >>> local_date(datetime(2026, 3, 9, 17, tzinfo=UTC), time_zone("Asia/Shanghai")).isoformat()
    '2026-03-10'
    """
    return at.astimezone(zone).date()


def minute_of_day(at: datetime, zone: ZoneInfo) -> int:
    """Return the minutes after local midnight of an instant, 0 to 1439.

    Examples
    --------
    >>> minute_of_day(datetime(2026, 3, 10, 1, 30, tzinfo=UTC), time_zone("Asia/Shanghai"))
    570
    """
    local = at.astimezone(zone)
    return local.hour * MINUTES_PER_HOUR + local.minute


def instant(on: date, minute: int, zone: ZoneInfo) -> datetime:
    """Return the instant (UTC) of a local date and minute of the day, 0 to 1440.

    A local time that occurs twice, when summer time ends, is its first occurrence; one that does
    not occur, when it begins, is as many minutes after the gap's beginning.

    Examples
    --------
    >>> instant(date(2026, 3, 10), 570, time_zone("Asia/Shanghai")).isoformat()
    '2026-03-10T01:30:00+00:00'
    """
    midnight = datetime(on.year, on.month, on.day)  # noqa: DTZ001 - the zone follows
    return (midnight + timedelta(minutes=minute)).replace(tzinfo=zone).astimezone(UTC)
