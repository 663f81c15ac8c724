"""The card before opening: what the next open day of a branch brings, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from markupsafe import Markup

from branchwise.core.calendar import Calendar
from branchwise.core.languages import Text
from branchwise.core.ports import Engine
from branchwise.models.forecast.calendar_features import CalendarEvent, day_features
from branchwise.models.forecast.coming import ComingDay, coming_day
from branchwise.models.forecast.words import MODELS
from branchwise.plan.sentences import clock
from branchwise.report import drawing
from branchwise.report import opening_words as words
from branchwise.report.model import Branch
from branchwise.report.opening import OpeningCard, SickDevice

HALF = 30
HALVES = 48
FEATURES = ("make_up_day", "before_holiday", "after_holiday", "month_start", "month_end")
AROUND = 40
"""Days about the day from which the calendar is read."""
SUGGESTIONS = 3
SICK_DAYS = 14
"""A spell without end that began earlier is taken for a recovery that was not recorded."""
MUCH = 0.1
PEAK_HALVES = 2
_NEXT = """
SELECT branch_id, min(local_on) AS on_date FROM forecast
WHERE measure = 'visits' AND grain IN ('day', 'quarter_hour') AND branch_id IS NOT NULL
    AND service_id IS NULL AND channel IS NULL AND mean > 0 AND local_on > $last
    AND last_on = $last
GROUP BY branch_id ORDER BY branch_id
"""
_PLACES = (
    "SELECT branch_id, region_id, holiday_calendar FROM branch "
    "WHERE institution_id = 'own' ORDER BY branch_id"
)
_EVENTS = "SELECT * FROM calendar_event ORDER BY calendar_event_id"
_ABSENT = """
SELECT branch_id, local_on, count(DISTINCT staff_id) AS planned,
    count(DISTINCT CASE WHEN leave_kind <> 'none' THEN staff_id END) AS absent
FROM shift WHERE local_on > $last GROUP BY ALL
"""
_SICK = """
SELECT e.branch_id, e.device_id, e.started_at AT TIME ZONE b.timezone AS since, e.cause
FROM device_event e JOIN branch b USING (branch_id)
WHERE e.ended_at IS NULL AND NOT e.is_planned AND e.local_on > $since
    AND e.state NOT IN ('online', 'deviceBusy')
QUALIFY e.started_at = max(e.started_at) OVER (PARTITION BY e.device_id)
    AND NOT exists(SELECT 1 FROM device_event later WHERE later.device_id = e.device_id
        AND later.started_at > e.started_at)
ORDER BY since DESC, device_id
"""


def opening_cards(
    engine: Engine, branches: Sequence[Branch], last: date | None, *, country: str
) -> dict[str, OpeningCard]:
    """Return the card of every branch for which a forecast on the newest data is stored.

    Parameters
    ----------
    engine : Engine
        With the tables ``forecast``, ``calendar_event``, ``shift``, ``device_event``, ``branch``.
    branches : sequence of Branch
        As on the sheets.
    last : date or None
        Last day with visits.
    country : str
        Whose holidays are observed by a branch that names none.
    """
    if last is None:
        return {}
    coming = {row["branch_id"]: row["on_date"] for row in _rows(engine, _NEXT, last=last)}
    places = {row["branch_id"]: row for row in _rows(engine, _PLACES)}
    events = [CalendarEvent.of_row(row) for row in _rows(engine, _EVENTS)]
    absent = {(row["branch_id"], row["local_on"]): row for row in _rows(engine, _ABSENT, last=last)}
    sick: dict[str, list[SickDevice]] = {}
    for row in _rows(engine, _SICK, since=last - timedelta(days=SICK_DAYS)):
        one = SickDevice(
            device_id=row["device_id"], cause=row["cause"] or "", since=row["since"]
        )  # fmt: skip
        sick.setdefault(row["branch_id"], []).append(one)
    cards = {}
    for branch in branches:
        code = branch.branch_id
        day = coming_day(engine, code, coming[code]) if code in coming else None
        if day is not None:
            place = places[code]
            own = [each for each in events if each.concerns(code, place["region_id"])]
            kinds = _kinds(day.on, place["holiday_calendar"] or country, own)
            roster = absent.get((code, day.on), {})
            cards[code] = _card(branch, day, kinds, roster, tuple(sick.get(code, ())))
    return cards


def expected_said(card: OpeningCard) -> Text:
    """Return how many visits are expected."""
    if card.lower is None or card.upper is None:
        return words.EXPECTED_ALONE.filled(visits=f"{card.mean:,.0f}")
    return words.EXPECTED.filled(
        visits=f"{card.mean:,.0f}",
        lower=f"{card.lower:,.0f}",
        upper=f"{card.upper:,.0f}",
        level=f"{card.level:.0%}",
    )


def absent_said(card: OpeningCard) -> Text:
    """Return how many of the roster are away."""
    return words.ABSENT_OF.filled(count=card.absent, planned=card.planned)


def sick_said(device: SickDevice) -> Text:
    """Return which device is out of order, and since when."""
    cause = f" · {device.cause}" if device.cause else ""
    return words.SICK_ONE.filled(device=device.device_id, since=_moment(device.since), cause=cause)


def kind_said(kind: str) -> Text:
    """Return what is particular about a day."""
    return words.KINDS[kind]


def strip_said(card: OpeningCard) -> Text:
    """Return what the drawing shows, in one sentence."""
    minute, most = max(card.half_hours, key=lambda each: each[1])
    return words.STRIP.filled(most=f"{most:.0f}", at=clock(minute))


def strip(card: OpeningCard) -> Markup:
    """Return the half-hours as a drawing of bars."""
    top = max(value for _, value in card.half_hours) or 1.0
    width = 100 / len(card.half_hours)
    marks = []
    for place, (minute, value) in enumerate(card.half_hours):
        height = 78 * value / top
        marks.append(
            drawing.rectangle(place * width + width * 0.1, 82 - height, width * 0.8, height, "bar")
        )
        if minute % 120 == 0:
            marks.append(drawing.number(place * width + width / 2, 97, clock(minute), "n mid"))
    return drawing.drawing(*marks, css="opening-strip", height=120, aria_hidden="true")


def _card(
    branch: Branch,
    day: ComingDay,
    kinds: tuple[str, ...],
    roster: Mapping[str, Any],
    sick: tuple[SickDevice, ...],
) -> OpeningCard:
    halves, is_usual = _half_hours(branch, day)
    has_limits = bool(np.isfinite(day.lower) and np.isfinite(day.upper))
    model = MODELS.get(day.model)
    return OpeningCard(
        branch_id=branch.branch_id,
        on=day.on,
        mean=day.mean,
        lower=day.lower if has_limits else None,
        upper=day.upper if has_limits else None,
        level=day.level,
        half_hours=halves,
        is_usual_shape=is_usual,
        kinds=kinds,
        planned=roster.get("planned"),
        absent=roster.get("absent"),
        sick=sick,
        suggestions=_suggestions(branch, day, kinds, sick, halves),
        source=Text.written(
            lambda language: words.SOURCE.filled(
                model=model.read_in(language) if model else day.model, last=day.last_on.isoformat()
            ).read_in(language)
        ),
    )


def _half_hours(branch: Branch, day: ComingDay) -> tuple[tuple[tuple[int, float], ...], bool]:
    """Return the half-hours with visits, and whether they are those of an average day."""
    if day.quarters is not None:
        halves = day.quarters[:, 0].reshape(HALVES, -1).sum(axis=1)
        halves = halves * (day.mean / halves.sum()) if halves.sum() > 0 else halves
        found = [(place * HALF, float(value)) for place, value in enumerate(halves.tolist())]
        is_usual = False
    else:
        total = sum(one.arrivals for one in branch.half_hours)
        found = [(one.minute, day.mean * one.arrivals / total) for one in branch.half_hours]
        is_usual = True
    busy = [place for place, (_, value) in enumerate(found) if value > 0]
    return tuple(found[busy[0] : busy[-1] + 1]) if busy else (), is_usual


def _kinds(on: date, country: str, events: Sequence[CalendarEvent]) -> tuple[str, ...]:
    days = [on + timedelta(days=place) for place in range(-AROUND, AROUND + 1)]
    calendar = Calendar(country=country)
    opened = [calendar.is_open(day) or day == on for day in days]
    features = day_features(days, opened, country=country, events=events)
    own = sorted(set(features) & set(words.KINDS) - set(FEATURES))
    return tuple(name for name in (*own, *FEATURES) if features[name][AROUND] > 0)


def _suggestions(
    branch: Branch,
    day: ComingDay,
    kinds: tuple[str, ...],
    sick: tuple[SickDevice, ...],
    halves: tuple[tuple[int, float], ...],
) -> tuple[Text, ...]:
    """Return what to do: what is broken, what the day is, where it is tight, how busy it is."""
    found = [
        words.MEND.filled(device=device.device_id, since=_moment(device.since))
        for device in sick[:1]
    ]
    found += [words.PENSION] if "pension_day" in kinds else []
    found += [words.PAY] if "pay_day" in kinds else []
    found += _late(branch, day.on.isoweekday())
    if halves:
        place = max(range(len(halves)), key=lambda each: sum(_from(halves, each)))
        share = sum(_from(halves, place)) / sum(value for _, value in halves)
        at = halves[place][0]
        until = at + HALF * PEAK_HALVES
        found.append(words.PEAK.filled(at=clock(at), until=clock(until), share=f"{share:.0%}"))
    usual = branch.count_visits / branch.count_days if branch.count_days else 0.0
    change = day.mean / usual - 1 if usual else 0.0
    if abs(change) >= MUCH:
        found.append((words.BUSY if change > 0 else words.CALM).filled(share=f"{abs(change):.0%}"))
    return tuple(found[:SUGGESTIONS])


def _late(branch: Branch, weekday: int) -> list[Text]:
    for finding in branch.findings:
        spot = finding.spot
        if spot is not None and spot.iso_weekday == weekday:
            return [
                words.LATE.filled(
                    at=clock(spot.starts_minute), until=clock(spot.ends_minute),
                    customers=f"{spot.customers_affected:,.0f}",
                )
            ]  # fmt: skip
    return []


def _from(halves: tuple[tuple[int, float], ...], place: int) -> list[float]:
    return [value for _, value in halves[place : place + PEAK_HALVES]]


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


def _rows(engine: Engine, query: str, **named: object) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = engine.table(query, named or None).to_pylist()
    return found
