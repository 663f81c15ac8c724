"""A toy bank lived through by a few lines of numpy, with known parameters: canonical tables.

Customers come by a Poisson process of known half-hourly rates times a gamma factor of the day, ask
for a quick or a long service, and are served first come first served, the elderly first, at windows
with lunch breaks. It shares no code with the twin.
"""

from __future__ import annotations

import datetime as dt
import heapq
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from branchwise.engines.duckdb import DuckDBEngine, open_duckdb
from branchwise.tables.spec import table_names
from branchwise.warehouse.columns import stored_schema

BRANCH = "T01"
OPENS, CLOSES = 9 * 3600, 17 * 3600
FIRST_DAY = dt.date(2026, 3, 2)
MIDNIGHT = dt.time(0)
ZONE = dt.timezone(dt.timedelta(hours=8))
SHAPE = (6, 9, 12, 14, 13, 10, 7, 6, 8, 10, 12, 12, 10, 7, 4, 2)
"""Customers of each half-hour on the mean day."""


@dataclass(frozen=True, kw_only=True)
class Truth:
    """What the toy bank is made of."""

    days: int = 40
    windows: int = 3
    quick_seconds: float = 180.0
    long_seconds: float = 600.0
    long_share: float = 0.2
    cv: float = 0.5
    patience: float = 1500.0
    elderly_share: float = 0.3
    elderly_pace: float = 1.3
    day_shape: float = 40.0
    volume: float = 1.0
    called_at: int | None = None
    opening_delay: float = 150.0
    has_shifts: bool = True
    has_staff: bool = True
    later_slowness: float = 1.0
    """Multiple of the service times in the last quarter of the days."""


def days_of(truth: Truth) -> list[dt.date]:
    found, on = [], FIRST_DAY
    while len(found) < truth.days:
        if on.isoweekday() < 6:
            found.append(on)
        on += dt.timedelta(days=1)
    return found


def lunch(window: int) -> tuple[float, float]:
    return (41400.0 + 2700.0 * (window % 3), 44100.0 + 2700.0 * (window % 3))


def live(truth: Truth, chance: np.random.Generator, slow: float) -> list[dict]:
    """Live through one day; one entry a customer."""
    factor = truth.volume * chance.gamma(truth.day_shape) / truth.day_shape
    arrivals = np.sort(
        np.concatenate(
            [
                OPENS + 1800 * (half + chance.random(chance.poisson(factor * mean)))
                for half, mean in enumerate(SHAPE)
            ]
        )
    )
    customers = []
    for at in arrivals.tolist():
        is_long = chance.random() < truth.long_share
        old = chance.random() < truth.elderly_share
        mean = truth.long_seconds if is_long else truth.quick_seconds
        spread = np.sqrt(np.log1p(truth.cv**2))
        seconds = slow * mean * np.exp(spread * chance.normal() - spread**2 / 2)
        customers.append(
            {
                "at": at, "service": "long" if is_long else "quick", "old": old,
                "seconds": seconds * (truth.elderly_pace if old else 1.0),
                "patience": chance.exponential(truth.patience), "called": None, "window": None,
            }
        )  # fmt: skip
    _serve(truth, customers, chance)
    return customers


def _serve(truth: Truth, customers: list[dict], chance: np.random.Generator) -> None:
    """Let windows call customers: the elderly first, then by time; gone customers are skipped."""
    Lobby(truth, customers, chance).live()


class Lobby:
    """Windows and who waits for them on one day."""

    def __init__(self, truth: Truth, customers: list[dict], chance: np.random.Generator) -> None:
        self.truth, self.customers, self.chance = truth, customers, chance
        self.order = 0
        self.events: list[tuple[float, int, str, int]] = []
        self.waiting: list[tuple[int, float, int]] = []
        self.away = [True] * truth.windows
        self.busy = [False] * truth.windows
        self.called_up = [False] * truth.windows
        self.on_call = [truth.called_at is not None and number > 0 for number in self.windows]

    @property
    def windows(self) -> range:
        return range(self.truth.windows)

    def push(self, at: float, kind: str, number: int) -> None:
        self.order += 1
        heapq.heappush(self.events, (at, self.order, kind, number))

    def live(self) -> None:
        for number, customer in enumerate(self.customers):
            self.push(customer["at"], "come", number)
        for window in self.windows:
            self.push(OPENS, "back", window)
            self.push(lunch(window)[0], "leave", window)
            self.push(lunch(window)[1], "back", window)
        while self.events:
            at, _, kind, number = heapq.heappop(self.events)
            getattr(self, kind)(at, number)

    def come(self, at: float, number: int) -> None:
        heapq.heappush(self.waiting, (-int(self.customers[number]["old"]), at, number))
        free = [w for w in self.windows if not (self.busy[w] or self.away[w])]
        idle = [w for w in free if not self.on_call[w]]
        if idle:
            self.take(at, idle[0])
            return
        shut = [w for w in free if self.on_call[w] and not self.called_up[w]]
        extra = sum(self.on_call[w] and (self.busy[w] or self.called_up[w]) for w in self.windows)
        if shut and self.present(at) >= (self.truth.called_at or 0) + extra:
            self.called_up[shut[0]] = True
            delay = self.truth.opening_delay * np.exp(0.3 * self.chance.normal())
            self.push(at + delay, "open", shut[0])

    def present(self, at: float) -> int:
        deadlines = (self.customers[n]["at"] + self.customers[n]["patience"]
                     for _, _, n in self.waiting)  # fmt: skip
        return sum(deadline >= at for deadline in deadlines)

    def free(self, at: float, window: int) -> None:
        self.take(at, window)

    def open(self, at: float, window: int) -> None:
        if not self.busy[window]:
            self.take(at, window)

    def back(self, at: float, window: int) -> None:
        self.away[window] = False
        if not self.busy[window] and not self.on_call[window]:
            self.take(at, window)

    def leave(self, _: float, window: int) -> None:
        self.away[window] = True

    def take(self, at: float, window: int) -> None:
        self.busy[window] = False
        while self.waiting and not self.away[window]:
            _, _, number = heapq.heappop(self.waiting)
            customer = self.customers[number]
            if customer["at"] + customer["patience"] >= at:
                customer["called"], customer["window"], self.busy[window] = at, window, True
                self.push(at + customer["seconds"], "free", window)
                return
        self.called_up[window] = False


def instant(on: dt.date, second: float) -> dt.datetime:
    return dt.datetime.combine(on, MIDNIGHT, tzinfo=ZONE) + dt.timedelta(seconds=round(second))


def tables(truth: Truth, seed: int = 1) -> dict[str, list[dict]]:
    """Return rows of the canonical tables of the toy bank."""
    chance = np.random.default_rng(seed)
    days = days_of(truth)
    rows: dict[str, list[dict]] = {name: [] for name in table_names()}
    rows["branch"].append(
        {"branch_id": BRANCH, "institution_id": "own", "region_id": "R1", "name": "Toy",
         "branch_type": "light", "timezone": "Asia/Taipei", "holiday_calendar": "NONE"}
    )  # fmt: skip
    rows["opening_hours"] += [
        {"branch_id": BRANCH, "business_line": "all", "iso_weekday": weekday,
         "valid_from": dt.date(1900, 1, 1), "opens_minute": 540, "closes_minute": 1020}
        for weekday in range(1, 6)
    ]  # fmt: skip
    rows["service"] += [
        {"service_id": code, "name": code, "business_line": "personal", "family": "cash",
         "skill": "teller", "is_migratable": False, "needs_authorisation": False}
        for code in ("quick", "long")
    ]  # fmt: skip
    for window in range(truth.windows):
        rows["skill_grant"].append({"staff_id": f"S{window}", "skill": "teller", "level": 1})
    for number, on in enumerate(days):
        slow = truth.later_slowness if number >= 0.75 * truth.days else 1.0
        for place, customer in enumerate(live(truth, chance, slow)):
            _add(rows, on, f"{on:%m%d}-{place:03d}", customer, truth)
        if truth.has_shifts:
            rows["shift"] += [_shift(on, window) for window in range(truth.windows)]
    return rows


def _add(rows: dict, on: dt.date, key: str, customer: dict, truth: Truth) -> None:
    called, left = customer["called"], customer["at"] + customer["patience"]
    served = called is not None
    common = {
        "visit_id": key, "branch_id": BRANCH, "service_id": customer["service"],
        "local_on": on, "local_month": f"{on:%Y-%m}", "iso_weekday": on.isoweekday(),
        "quarter_hour": int(round(customer["at"]) // 900),
        "called_at": instant(on, called) if served else None,
        "wait_seconds": float(round(called if served else left) - round(customer["at"])),
        "service_seconds": float(max(round(customer["seconds"]), 1)) if served else None,
    }  # fmt: skip
    rows["visit"].append(
        {**common, "origin": "ticket", "business_line": "personal",
         "priority": int(customer["old"]), "tier": "unknown",
         "age_band": "60_plus" if customer["old"] else "unknown",
         "arrived_at": instant(on, customer["at"]), "is_suspect": False,
         "outcome": "served" if served else "unserved",
         "unserved_cause": None if served else "walked_out",
         "left_at": instant(on, called + customer["seconds"] if served else left)}
    )  # fmt: skip
    window = customer["window"]
    rows["visit_step"].append(
        {**common, "visit_step_id": f"{key}-1", "sequence": 1, "kind": "counter",
         "station": f"{window + 1}" if served and truth.has_staff else None,
         "staff_id": f"S{window}" if served and truth.has_staff else None,
         "queued_at": instant(on, customer["at"]), "started_at": common["called_at"],
         "ended_at": instant(on, called + customer["seconds"]) if served else None,
         "outcome": "done" if served else "abandoned"}
    )  # fmt: skip


def _shift(on: dt.date, window: int) -> dict:
    start, end = lunch(window)
    return {
        "shift_id": f"{on}-{window}", "staff_id": f"S{window}", "branch_id": BRANCH,
        "post": "teller", "starts_at": instant(on, OPENS - 1800),
        "ends_at": instant(on, CLOSES + 1800), "break_starts_at": instant(on, start),
        "break_ends_at": instant(on, end), "leave_kind": "none", "local_on": on,
        "local_month": f"{on:%Y-%m}", "iso_weekday": on.isoweekday(),
    }  # fmt: skip


@contextmanager
def bank(rows: dict[str, list[dict]]) -> Iterator[DuckDBEngine]:
    """Open an engine with the tables of a bank."""
    with open_duckdb(threads=1) as engine:
        for name in table_names():
            table = pa.Table.from_pylist(rows.get(name, []), schema=stored_schema(name))
            engine.register_table(name, table)
        yield engine
