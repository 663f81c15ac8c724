"""The schedule of a workspace: which source is loaded when, as ``branchwise.toml`` says it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from branchwise.core.calendar import is_working_day
from branchwise.core.clock import instant, local_date
from branchwise.core.errors import BranchwiseError, Problems, Where, failure
from branchwise.sources.feeds.address import is_address
from branchwise.warehouse.workspace import SETTINGS, Bank, Workspace

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAILY, WORKING = "daily", "working"
LATE_AFTER_MINUTES = 60
LONGEST_PAUSE_DAYS = 31
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_KEYS: Mapping[str, tuple[type | tuple[type, ...], str]] = {
    "name": (str, "a name of its own, in quotes"),
    "source": (str, "a path, a URL or env:NAME, in quotes"),
    "mapping": (str, "the path of a mapping file, in quotes"),
    "adapter": (str, "the name of an adapter, in quotes"),
    "at": (str, 'a time of day such as "02:30"'),
    "days": ((str, list), f'"{DAILY}", "{WORKING}" or a list of {", ".join(WEEKDAYS)}'),
    "late_after_minutes": (int, "a number of minutes"),
    "expected_rows": (int, "a number of rows"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One scheduled source.

    Attributes
    ----------
    name : str
        What people call it.
    source : Path, str or None
        A path, a URL or ``env:NAME``; None where the mapping says it.
    mapping : Path or None
        The mapping file.
    adapter : str or None
        Who reads it; None to find out.
    minute : int
        When it is due, in the bank's time zone [min after midnight].
    days : str or tuple of str
        ``daily``, ``working`` (no weekend, no public holiday, 調休 included) or weekdays.
    late_after_minutes : int
        From when on it counts as late [min].
    expected_rows : int or None
        New and changed rows of a usual load; None to go by the loads before.
    """

    name: str
    source: Path | str | None
    mapping: Path | None
    adapter: str | None
    minute: int
    days: str | tuple[str, ...] = DAILY
    late_after_minutes: int = LATE_AFTER_MINUTES
    expected_rows: int | None = None

    def is_due_on(self, on: date, country: str) -> bool:
        """Say whether the source is loaded on a day."""
        if self.days == DAILY:
            return True
        if self.days == WORKING:
            return is_working_day(on, country)
        return WEEKDAYS[on.weekday()] in self.days

    def last_due(self, now: datetime, bank: Bank) -> datetime | None:
        """Return the latest instant, not after now, at which the source was due.

        Examples
        --------
        >>> from datetime import UTC
        >>> entry = Entry(name="q", source=None, mapping=None, adapter=None, minute=150)
        >>> entry.last_due(datetime(2026, 3, 9, 18, 31, tzinfo=UTC), Bank()).isoformat()
        '2026-03-09T18:30:00+00:00'
        """
        zone = ZoneInfo(bank.timezone)
        today = local_date(now, zone)
        for back in range(LONGEST_PAUSE_DAYS):
            on = today - timedelta(days=back)
            due = instant(on, self.minute, zone)
            if due <= now and self.is_due_on(on, bank.country):
                return due
        return None


def read_schedule(workspace: Workspace) -> tuple[Entry, ...]:
    """Return the scheduled sources of a workspace, in order; none where none is listed.

    Raises
    ------
    BranchwiseError
        [BW-SRC-098] for each entry that cannot be used, all at once.
    """
    settings = workspace.root / SETTINGS
    given = tomllib.loads(settings.read_text(encoding="utf-8")).get("schedule", [])
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise _wrong(settings, "", "schedule", given, "entries [[schedule]]")
    problems = Problems()
    entries = []
    for number, one in enumerate(given, 1):
        try:
            entries.append(_entry(one, settings, number))
        except BranchwiseError as error:
            problems.extend(error.problems)
    problems.raise_if_any()
    names = [entry.name for entry in entries]
    for name in {name for name in names if names.count(name) > 1}:
        raise _wrong(settings, name, "name", name, _KEYS["name"][1])
    return tuple(entries)


def _entry(given: Mapping[str, Any], settings: Path, number: int) -> Entry:
    name = str(given.get("name") or number)
    for key, value in given.items():
        kind, allowed = _KEYS.get(key, (object, ""))
        if not allowed:
            raise _wrong(settings, name, key, value, "the keys " + ", ".join(_KEYS))
        if not isinstance(value, kind) or isinstance(value, bool) or value == "":
            raise _wrong(settings, name, key, value, allowed)
        if isinstance(value, int) and value < 1:
            raise _wrong(settings, name, key, value, allowed)
    if "name" not in given:
        raise _wrong(settings, name, "name", None, _KEYS["name"][1])
    if "source" not in given and "mapping" not in given:
        raise _wrong(settings, name, "source", None, _KEYS["source"][1])
    at = _TIME.fullmatch(str(given.get("at")))
    if at is None:
        raise _wrong(settings, name, "at", given.get("at"), _KEYS["at"][1])
    source = given.get("source")
    return Entry(
        name=name,
        source=source if source is None or is_address(source) else settings.parent / source,
        mapping=settings.parent / given["mapping"] if "mapping" in given else None,
        adapter=given.get("adapter"),
        minute=int(at[1]) * 60 + int(at[2]),
        days=_days(given.get("days", DAILY), settings, name),
        late_after_minutes=given.get("late_after_minutes", LATE_AFTER_MINUTES),
        expected_rows=given.get("expected_rows"),
    )


def _days(given: Any, settings: Path, name: str) -> str | tuple[str, ...]:  # noqa: ANN401 - as typed
    if given in (DAILY, WORKING):
        return str(given)
    if isinstance(given, list) and given and all(day in WEEKDAYS for day in given):
        return tuple(given)
    raise _wrong(settings, name, "days", given, _KEYS["days"][1])


def _wrong(settings: Path, name: str, key: str, value: object, allowed: str) -> BranchwiseError:
    return failure(
        "BW-SRC-098",
        Where(place=str(settings), column=name),
        settings=SETTINGS,
        name=name,
        key=key,
        value=value,
        allowed=allowed,
    )
