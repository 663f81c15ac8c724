"""What was seen beside what was foretold, with the intervals in which it should lie."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from branchwise.twin.calibrate.log import Floats
from branchwise.twin.calibrate.observed import HOURS, Seen
from branchwise.twin.run import quantile_of_waits

LEVEL = 0.90
"""Level of the intervals."""
CELL_ROWS = 5
"""Customers that a cell needs to be compared."""
MEASURES = ("wait_mean_seconds", "abandoned_share", "count_served", "count_customers")
WAIT, ABANDONED, SERVED, CUSTOMERS = MEASURES
P90 = "wait_p90_seconds"
KINDS = {
    ("local_on",): "day",
    ("hour",): "hour",
    ("iso_weekday", "hour"): "weekday_hour",
    ("customer_class",): "class",
    (): "whole",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One comparison.

    Attributes
    ----------
    by : mapping of str to object
        Dimension columns: none, ``customer_class``, ``hour``, ``iso_weekday`` and ``hour``, or
        ``local_on``.
    measure : str
        ``wait_mean_seconds`` (of all who wait), ``abandoned_share``, ``count_served`` and
        ``count_customers`` (a day), ``wait_p90_seconds``.
    observed, mean, lower, upper : float
        What was seen; what was foretold, with its 90 % interval.
    count_rows : int
        Customers seen.
    """

    by: Mapping[str, object]
    measure: str
    observed: float
    mean: float
    lower: float
    upper: float
    count_rows: int

    @property
    def is_within(self) -> bool:
        """Whether what was seen lies within the interval."""
        return self.lower <= self.observed <= self.upper

    def as_json(self) -> dict[str, object]:
        """Return the row as a JSON object."""
        return {
            **self.by,
            "measure": self.measure,
            "observed": self.observed,
            "mean": self.mean,
            "lower": self.lower,
            "upper": self.upper,
            "count_rows": self.count_rows,
        }


def compared(seen: Seen, foretold: Sequence[Seen], days: Sequence[date]) -> Iterator[Row]:
    """Compare over all days, by class, hour, weekday and hour, and day.

    Parameters
    ----------
    seen : Seen
        What was seen on the days.
    foretold : sequence of Seen
        What was simulated, one a replication.
    days : sequence of date
        The days.
    """
    weekdays = np.array([on.isoweekday() for on in days])
    drawn = _Counts.of(foretold)
    yield from _cells({}, seen, drawn, _Place())
    yield from _quantiles({}, seen, foretold, None)
    for place, name in enumerate(seen.classes):
        yield from _cells({"customer_class": name}, seen, drawn, _Place(of_class=place))
        yield from _quantiles({"customer_class": name}, seen, foretold, place)
    for hour in range(HOURS):
        yield from _cells({"hour": hour}, seen, drawn, _Place(hour=hour))
    for weekday in sorted(set(weekdays.tolist())):
        which = tuple(np.flatnonzero(weekdays == weekday).tolist())
        for hour in range(HOURS):
            by = {"iso_weekday": weekday, "hour": hour}
            yield from _cells(by, seen, drawn, _Place(days=which, hour=hour))
    for place, on in enumerate(days):
        yield from _cells({"local_on": on.isoformat()}, seen, drawn, _Place(days=(place,)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Counts:
    """The counts of all replications in one.

    Attributes
    ----------
    by_hour : array, shape (replications, days, 24, 4)
        Customers who waited, who gave up, seconds waited, and served.
    by_class : array, shape (replications, classes, 4)
        The same of all days.
    """

    by_hour: Floats
    by_class: Floats

    @classmethod
    def of(cls, seen: Sequence[Seen]) -> _Counts:
        return cls(
            by_hour=np.stack([one.by_hour for one in seen]),
            by_class=np.stack([one.by_class.sum(axis=0) for one in seen]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where counts are taken from: some days (None: all), an hour, a class."""

    days: tuple[int, ...] | None = None
    hour: int | None = None
    of_class: int | None = None

    def counts(self, drawn: _Counts) -> Floats:
        """Return the four counts of each replication."""
        if self.of_class is not None:
            return drawn.by_class[:, self.of_class]
        days = slice(None) if self.days is None else list(self.days)
        hours = slice(None) if self.hour is None else slice(self.hour, self.hour + 1)
        return np.asarray(drawn.by_hour[:, days][:, :, hours].sum(axis=(1, 2)))


def _cells(by: Mapping[str, object], seen: Seen, drawn: _Counts, place: _Place) -> Iterator[Row]:
    days = len(seen.by_hour) if place.days is None else len(place.days)
    counts, simulated = place.counts(_Counts.of([seen])), place.counts(drawn)
    rows = float(counts[0, 0])
    if max(float(simulated[:, 0].mean()), rows) < CELL_ROWS:
        return
    observed, values = _values(counts, days), _values(simulated, days)
    for measure in MEASURES:
        row = _row(by, measure, float(observed[measure][0]), values[measure], rows)
        if row is not None:
            yield row


def _values(counts: Floats, days: int) -> dict[str, Floats]:
    """Return the measures of each replication."""
    customers, lost, waited, served = counts.T
    each = np.where(customers > 0, customers, math.nan)
    return {
        WAIT: waited / each,
        ABANDONED: lost / each,
        SERVED: served / days,
        CUSTOMERS: customers / days,
    }


def _quantiles(
    by: Mapping[str, object], seen: Seen, foretold: Sequence[Seen], place: int | None
) -> Iterator[Row]:
    chosen = slice(None) if place is None else [place]
    drawn = [quantile_of_waits(one.waits[chosen], 0.9) for one in foretold]
    row = _row(by, P90, quantile_of_waits(seen.waits[chosen], 0.9), drawn,
               float(seen.waits[chosen].sum()))  # fmt: skip
    if row is not None:
        yield row


def _row(
    by: Mapping[str, object],
    measure: str,
    observed: float,
    drawn: Sequence[float] | Floats,
    rows: float,
) -> Row | None:
    """Return a comparison; None where there is no observed value or hardly a foretold one."""
    values = np.asarray(drawn, dtype=np.float64)
    values = values[np.isfinite(values)]
    if not math.isfinite(observed) or len(values) < max(2, len(drawn) / 2):
        return None
    tail = (1 - LEVEL) / 2
    lower, upper = np.quantile(values, [tail, 1 - tail], method="weibull")
    return Row(
        by=by,
        measure=measure,
        observed=observed,
        mean=float(values.mean()),
        lower=float(lower),
        upper=float(upper),
        count_rows=round(rows),
    )


def coverage_of(rows: Sequence[Row]) -> dict[str, float]:
    """Return the share of intervals that hold what was seen, by kind of row and measure."""
    found: dict[str, list[bool]] = {}
    for row in rows:
        kind = KINDS[tuple(row.by)]
        for name in ("all", kind, f"{kind}.{row.measure}"):
            found.setdefault(name, []).append(row.is_within)
    return {name: float(np.mean(values)) for name, values in sorted(found.items())}
