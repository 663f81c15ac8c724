"""From an open store and a wish to the series: which days, which branches, what is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from branchwise.core.errors import Where, failure
from branchwise.core.ports import Engine
from branchwise.pipeline.forecast.asked import WITHIN_DAY, Asked
from branchwise.pipeline.forecast.demand import KINDS, Demand, define_demand, read_demand
from branchwise.pipeline.forecast.divided import Divided, divided
from branchwise.pipeline.forecast.made import blocks_of
from branchwise.pipeline.forecast.open_days import (
    OpenDays,
    Place,
    read_events,
    read_open_days,
    read_places,
)
from branchwise.pipeline.forecast.short_history import Borrowed, with_borrowed

WEEK = 7
HISTORY = {"within_day": 26 * WEEK, "day": 156 * WEEK}
"""Days of history that are read at most."""
LEAST_DAYS = 2
KNOWN_SHOWN = 12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Gathered:
    """The series of a wish.

    Attributes
    ----------
    series : Divided
        What came, and when it is open.
    borrowed : tuple of Borrowed
        Branches with little history, and whose they borrow.
    today : date
        First day to forecast.
    last_on : date
        Last day with data before it.
    blocks : tuple of (date, date)
        The days, weeks or months to forecast.
    count_missing : int
        Branch-days that are missing.
    closed : tuple of str
        Branches left out because they have closed for good.
    """

    series: Divided
    borrowed: tuple[Borrowed, ...]
    today: date
    last_on: date
    blocks: tuple[tuple[date, date], ...]
    count_missing: int
    closed: tuple[str, ...] = ()


def gathered(engine: Engine, asked: Asked, *, country: str, currency: str) -> Gathered:
    """Return the series of a wish.

    Parameters
    ----------
    engine : Engine
        With the tables of a snapshot.
    asked : Asked
        The wish.
    country, currency : str
        Of the bank.

    Raises
    ------
    BranchwiseError
        [BW-FOR-051] without rows, [BW-FOR-052] for a first day before there are data or long
        after, [BW-FOR-053] for too many series, [BW-FOR-054] for a branch that is not there,
        [BW-FOR-055] within the day where no times are known.
    """
    places = read_places(engine, country)
    _require_branches(asked, places)
    first, last, is_timed = define_demand(engine, asked.measure, currency)
    if asked.grain in WITHIN_DAY and not is_timed:
        raise failure("BW-FOR-055", Where(place=KINDS[asked.measure].table, column="quarter_hour"))
    today = asked.today or last + timedelta(days=1)
    blocks = blocks_of(asked.grain, today, asked.horizon)
    _require_known(today, first, last)
    known_on: date = min(last, today - timedelta(days=1))
    history = HISTORY["within_day" if asked.grain in WITHIN_DAY else "day"]
    start: date = max(first, known_on - timedelta(days=history))
    start -= timedelta(days=start.weekday())
    steps = (today - start).days
    days = [start + timedelta(days=day) for day in range((blocks[-1][1] - start).days + 1)]
    demand = read_demand(engine, asked, start, days[steps - 1], asked.branches)
    events = read_events(engine)
    own = [
        place
        for name, place in places.items()
        if name in demand.branches and (place.closed_on is None or place.closed_on >= today)
    ]
    gone = tuple(sorted(set(demand.branches) & set(places) - {place.branch_id for place in own}))
    opened = read_open_days(engine, KINDS[asked.measure].table, own, events, days, steps=steps)
    top = asked.by.index("branch") + 1 if asked.branches else 0
    series = divided(_without(demand, gone), opened, asked.by, top=top)
    series, borrowed = with_borrowed(series)
    return Gathered(
        series=series,
        borrowed=borrowed,
        today=today,
        last_on=known_on,
        blocks=blocks,
        count_missing=_count_missing(opened),
        closed=gone,
    )


def _require_branches(asked: Asked, places: Mapping[str, Place]) -> None:
    for name in asked.branches:
        if name not in places:
            known = ", ".join(list(places)[:KNOWN_SHOWN]) or "–"
            raise failure("BW-FOR-054", Where(place="--branch"), name=name, known=known)


def _require_known(today: date, first: date, last: date) -> None:
    least = first + timedelta(days=LEAST_DAYS)
    most = last + timedelta(days=HISTORY["within_day"])
    if not least <= today <= most:
        raise failure(
            "BW-FOR-052", Where(place="--today"), today=today, first=first, last=last, least=least,
            most=most,
        )  # fmt: skip


def _without(demand: Demand, gone: tuple[str, ...]) -> Demand:
    kept = [row for row, key in enumerate(demand.keys) if key[0] not in gone]
    return Demand(
        keys=tuple(demand.keys[row] for row in kept), first=demand.first, sums=demand.sums[kept]
    )


def _count_missing(days: OpenDays) -> int:
    return int(days.is_missing.sum())
