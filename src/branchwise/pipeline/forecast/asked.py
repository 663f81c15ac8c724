"""What is asked of the bank's forecasts, checked before any data are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from branchwise.core.errors import Problems, Where

Name = Literal["visits", "transactions", "cash", "workload"]
Grain = Literal["quarter_hour", "hour", "day", "week", "month"]
Dimension = Literal["region", "branch", "service", "channel"]
NAMES: tuple[Name, ...] = get_args(Name)
GRAINS: tuple[Grain, ...] = get_args(Grain)
DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)
"""In the order in which they nest."""
OF_MEASURE: dict[Name, tuple[Dimension, ...]] = {
    "visits": ("region", "branch", "service"),
    "transactions": DIMENSIONS,
    "cash": DIMENSIONS,
    "workload": ("region", "branch", "service"),
}
HORIZONS: dict[Grain, int] = {"quarter_hour": 7, "hour": 7, "day": 28, "week": 8, "month": 3}
MOST: dict[Grain, int] = {"quarter_hour": 92, "hour": 92, "day": 366, "week": 52, "month": 12}
LEVELS = (0.8, 0.95)
WITHIN_DAY: tuple[Grain, ...] = ("quarter_hour", "hour")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be forecast.

    Attributes
    ----------
    measure : {"visits", "transactions", "cash", "workload"}
        What comes.
    by : tuple of {"region", "branch", "service", "channel"}
        Into what it is divided, in the order of nesting; branches stand within their regions.
    grain : {"quarter_hour", "hour", "day", "week", "month"}
        Length of a slot.
    horizon : int
        How many weeks or months; of the shorter grains, how many days.
    levels : tuple of float
        Probabilities of the intervals, rising.
    today : date or None
        First day to forecast; the day after the last one known by default.
    branches : tuple of str
        Only these branches, without the sums above them; all by default.
    seed : int
        Of all chance.
    """

    measure: Name = "visits"
    by: tuple[Dimension, ...] = ("region", "branch")
    grain: Grain = "day"
    horizon: int = HORIZONS["day"]
    levels: tuple[float, ...] = LEVELS
    today: date | None = None
    branches: tuple[str, ...] = ()
    seed: int = 1


def asked(
    measure: str = "visits",
    *,
    by: Sequence[str] = ("branch",),
    grain: str = "day",
    horizon: int | None = None,
    levels: Sequence[float] = (),
    today: str | date | None = None,
    branches: Sequence[str] = (),
    seed: int = 1,
) -> Asked:
    """Return what is asked for, with what is usual where nothing is said.

    Parameters
    ----------
    measure, grain : str
        See `Asked`.
    by : sequence of str
        Dimensions in any order, with or without ``_id``; ``branch`` brings its region along.
    horizon : int, optional
        By default 28 days, 7 within the day, 8 weeks or 3 months.
    levels : sequence of float
        As shares or in per cent; 0.8 and 0.95 by default.
    today : str or date, optional
        A date, such as 2026-06-01.
    branches : sequence of str
        Codes.
    seed : int
        Of all chance.

    Raises
    ------
    BranchwiseError
        [BW-FOR-050] for every option that cannot be used, all at once.

    Examples
    --------
    >>> asked(by=["service", "branch_id"], levels=[95, 0.5]).by
    ('region', 'branch', 'service')
    """
    problems = Problems()

    def check(option: str, given: object, rule: str, *, good: bool) -> None:
        if not good:
            problems.add("BW-FOR-050", Where(place=option), option=option, given=given, rule=rule)

    check("MEASURE", measure, " | ".join(NAMES), good=measure in NAMES)
    check("--grain", grain, " | ".join(GRAINS), good=grain in GRAINS)
    named = {name.removesuffix("_id") for name in by}
    allowed = {str(name): one for name, one in OF_MEASURE.items()}.get(measure, DIMENSIONS)
    wrong = sorted(named - set(allowed))
    check("--by", ", ".join(wrong), " | ".join(allowed), good=not wrong)
    count, most = _horizon(grain, horizon)
    check("--horizon", count, f"1 – {most}", good=1 <= count <= most)
    shares = sorted({each / 100 if each > 1 else each for each in levels or LEVELS})
    check("--level", shares, "0 – 1 | 1 – 99", good=all(0 < each < 1 for each in shares))
    on = _date(today)
    check("--today", today, "YYYY-MM-DD", good=today is None or on is not None)
    problems.raise_if_any()
    return Asked(
        measure=next(name for name in NAMES if name == measure),
        by=tuple(name for name in DIMENSIONS if name in _nested(named, branches)),
        grain=next(name for name in GRAINS if name == grain),
        horizon=count,
        levels=tuple(shares),
        today=on,
        branches=tuple(dict.fromkeys(branches)),
        seed=seed,
    )


def _horizon(grain: str, given: int | None) -> tuple[int, int]:
    """Return the horizon in force, and the longest possible."""
    known: dict[str, tuple[int, int]] = {name: (HORIZONS[name], MOST[name]) for name in GRAINS}
    usual, most = known.get(grain, known["day"])
    return usual if given is None else given, most


def _nested(named: set[str], branches: Sequence[str]) -> set[str]:
    return named | {"branch", "region"} if "branch" in named or branches else named


def _date(given: str | date | None) -> date | None:
    if given is None or isinstance(given, date):
        return given
    try:
        return date.fromisoformat(given)
    except ValueError:
        return None
