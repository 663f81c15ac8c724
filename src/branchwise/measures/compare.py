"""Measures of one period beside those of an earlier one, with the difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from branchwise.core.errors import failure
from branchwise.core.ports import Engine
from branchwise.measures.filters import Filter, comparing
from branchwise.measures.references import Binding
from branchwise.tables.assumptions import Assumptions

Comparison = Literal["previous", "last-year"]
WEEK = 7
YEAR_OF_WEEKS = timedelta(days=52 * WEEK)
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Days from the first to the last, both included.

    Examples
    --------
    >>> Period(first=date(2026, 3, 2), last=date(2026, 3, 8)).condition
    "local_on BETWEEN DATE '2026-03-02' AND DATE '2026-03-08'"
    """

    first: date
    last: date

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.last - self.first).days + 1

    @property
    def condition(self) -> str:
        """The period as a condition on rows."""
        return f"local_on BETWEEN DATE '{self.first}' AND DATE '{self.last}'"

    def earlier(self, by: timedelta) -> Period:
        """Return a period of equal length that lies so much earlier."""
        return Period(first=self.first - by, last=self.last - by)


def periods(
    engine: Engine, compare: str, where: str | None, assumptions: Assumptions
) -> tuple[Period, Period]:
    """Return the period asked for and the one to compare it with.

    The period is the one that the condition names. Where it names none, it is the last half of
    the days with visits in whole weeks (``previous``), or the days that have a day 52 weeks
    earlier (``last-year``), so that weekdays stand against the same weekdays.

    Parameters
    ----------
    engine : Engine
        With the table ``visit``.
    compare : {"previous", "last-year"}
        The period of equal length just before, or 52 weeks before.
    where : str or None
        Condition on the rows.
    assumptions : Assumptions
        Assumptions in force.

    Raises
    ------
    BranchwiseError
        [BW-MEA-007] for another comparison; [BW-MEA-008] if no visit tells the period.
    """
    if compare not in ("previous", "last-year"):
        raise failure("BW-MEA-007", compare=compare)
    chosen = None if where is None else Filter(where)
    binding = Binding("visit", assumptions)
    condition = "TRUE" if chosen is None else chosen.sql(binding)
    query = f"SELECT min(base.local_on) AS first, max(base.local_on) AS last FROM {binding.source()} WHERE {condition}"  # noqa: E501, S608
    with comparing(where):
        found = engine.table(query).to_pylist()[0]
    if found["first"] is None:
        raise failure("BW-MEA-008")
    whole = Period(first=found["first"], last=found["last"])
    named = chosen is not None and chosen.names_a_period
    if compare == "previous":
        now = whole if named else _last_half(whole)
        return now, now.earlier(timedelta(days=now.days))
    now = whole
    if not named and whole.days > YEAR_OF_WEEKS.days:
        now = Period(first=whole.first + YEAR_OF_WEEKS, last=whole.last)
    return now, now.earlier(YEAR_OF_WEEKS)


def _last_half(whole: Period) -> Period:
    days = max(whole.days // (2 * WEEK) * WEEK, min(whole.days // 2, WEEK), 1)
    return Period(first=whole.last - timedelta(days=days - 1), last=whole.last)


def within(period: Period, where: str | None) -> str:
    """Return a condition for a period in the place of the period that it named.

    Examples
    --------
    >>> period = Period(first=date(2026, 3, 2), last=date(2026, 3, 8))
    >>> within(period, "local_on > DATE '2026-04-01' AND tier = 'mass'")
    "local_on BETWEEN DATE '2026-03-02' AND DATE '2026-03-08' AND (tier = 'mass')"
    """
    rest = "" if where is None else Filter(where).without_period()
    return " AND ".join(part for part in (period.condition, rest) if part)


def beside(
    now: Sequence[Mapping[str, Any]], before: Sequence[Mapping[str, Any]], by: Sequence[str]
) -> list[Row]:
    """Return the rows of now with those of before and the difference.

    Parameters
    ----------
    now, before : sequence of mapping
        Rows of the long table.
    by : sequence of str
        The dimensions.

    Returns
    -------
    list of dict
        Each row of now with ``before`` (value, lower, upper, count_rows or None) and
        ``difference``, ``difference_lower``, ``difference_upper``. The interval of the difference
        of two estimates that do not depend on each other comes from their own intervals.

    References
    ----------
    Zou and Donner (2008), doi:10.1002/sim.3095.

    Examples
    --------
    >>> row = {"measure": "m", "value": 5.0, "lower": 2.0, "upper": 8.0, "count_rows": 9}
    >>> [both] = beside([row], [{**row, "value": 1.0, "lower": -3.0, "upper": 5.0}], ())
    >>> both["difference"], both["difference_lower"], both["difference_upper"]
    (4.0, -1.0, 9.0)
    """
    keys = (*by, "measure")
    known = {tuple(row[key] for key in keys): row for row in before}
    numbers = ("value", "lower", "upper", "count_rows")
    rows = []
    for row in now:
        old = known.get(tuple(row[key] for key in keys))
        earlier = {name: None if old is None else old[name] for name in numbers}
        low, middle, high = _difference(row, earlier)
        rows.append(
            {
                **row,
                "before": earlier,
                "difference": middle,
                "difference_lower": low,
                "difference_upper": high,
            }
        )
    return rows


def _difference(
    row: Mapping[str, Any], old: Mapping[str, Any]
) -> tuple[float | None, float | None, float | None]:
    a, b = _numbers(row), _numbers(old)
    middle = a[0] - b[0]
    low = middle - np.hypot(a[0] - a[1], b[2] - b[0])
    high = middle + np.hypot(a[2] - a[0], b[0] - b[1])
    return _or_none(low), _or_none(middle), _or_none(high)


def _numbers(row: Mapping[str, Any]) -> NDArray[np.float64]:
    given = (row["value"], row["lower"], row["upper"])
    return np.array([np.nan if number is None else number for number in given])


def _or_none(number: float) -> float | None:
    return float(number) if np.isfinite(number) else None
