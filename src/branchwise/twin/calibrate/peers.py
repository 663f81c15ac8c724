"""What other branches tell: the shape of their day, their pay days, their patience."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

import numpy as np

from branchwise.core.ports import Engine
from branchwise.measures.uncertainty import z_quantile
from branchwise.twin.calibrate.log import QUARTERS, Floats
from branchwise.twin.calibrate.model import DayFactor, Source

BRANCH = """
SELECT branch_id, branch_type, region_id, timezone, holiday_calendar FROM branch
WHERE branch_id = $branch_id
"""
LIKE = """
SELECT branch_id, region_id = $region_id AS is_near FROM branch
WHERE branch_id <> $branch_id AND institution_id = $institution_id
  AND branch_type IS NOT DISTINCT FROM $branch_type
ORDER BY branch_id
"""
SHAPES = """
SELECT business_line, age_band = '60_plus' AS is_elderly, origin, quarter_hour, count(*) AS count
FROM visit WHERE list_contains($branches, branch_id) AND NOT is_suspect
GROUP BY ALL ORDER BY ALL
"""
TOTALS = """
WITH bank AS (
  SELECT branch_id FROM branch
  WHERE institution_id = $institution_id AND region_id IS NOT DISTINCT FROM $region_id
    OR branch_id = $branch_id
), daily AS (
  SELECT branch_id, local_on, iso_weekday, ln(count(*)) AS visits
  FROM visit SEMI JOIN bank USING (branch_id)
  WHERE NOT is_suspect AND origin <> 'lobby' AND local_on BETWEEN $first_day AND $last_day
  GROUP BY branch_id, local_on, iso_weekday
)
SELECT local_on, avg(visits - usual) AS excess, count(*) AS count
FROM (SELECT *, median(visits) OVER (PARTITION BY branch_id, iso_weekday) AS usual FROM daily)
GROUP BY local_on ORDER BY local_on
"""
PATIENCE = """
SELECT coalesce(sum(wait_seconds), 0) AS waited,
  count(*) FILTER (WHERE outcome = 'unserved' AND wait_seconds > 1) AS count_lost, count(*) AS count
FROM visit WHERE list_contains($branches, branch_id) AND NOT is_suspect
  AND origin IN ('ticket', 'call') AND wait_seconds IS NOT NULL
"""
SERVICES = """
SELECT service_id, count(*) AS count, avg(ln(service_seconds)) AS log_mean,
  coalesce(var_samp(ln(service_seconds)), 0) AS log_variance
FROM visit_step
WHERE list_contains($branches, branch_id) AND service_seconds > 0 AND kind <> 'smart_counter'
  AND service_id IS NOT NULL
GROUP BY service_id ORDER BY service_id
"""
OWN = "own"
LEAST_FACTOR = 0.06
"""Smaller effects of a day are left in the day's chance."""
SURE = 3.3
"""Standard errors that an effect needs: some 33 kinds of day are looked at."""
LEAST_DATES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The branch, and the branches it is compared with.

    Attributes
    ----------
    branch_id, branch_type, region_id, timezone, country : str
        The branch.
    peers : tuple of str
        Branches of its type.
    source : {"region", "peers"}
        ``region`` where the peers are of its region.
    """

    branch_id: str
    branch_type: str
    region_id: str
    timezone: str
    country: str
    peers: tuple[str, ...]
    source: Source


def place_of(engine: Engine, branch_id: str, peers: Sequence[str] | None) -> Place | None:
    """Return the branch with its peers, or None if there is no such branch.

    Parameters
    ----------
    engine : Engine
        With the relation ``branch``.
    branch_id : str
        The branch.
    peers : sequence of str, optional
        Branches to borrow from; by default those of its type and region, or, with fewer than two,
        of its type.
    """
    found = engine.table(BRANCH, {"branch_id": branch_id}).to_pylist()
    if not found:
        return None
    row = found[0]
    given = {
        "branch_id": branch_id,
        "region_id": row["region_id"],
        "branch_type": row["branch_type"],
        "institution_id": OWN,
    }
    like = engine.table(LIKE, given).to_pylist() if peers is None else []
    near = [other["branch_id"] for other in like if other["is_near"]]
    chosen = near if len(near) > 1 else [other["branch_id"] for other in like]
    if peers is not None:
        chosen = [peer for peer in dict.fromkeys(peers) if peer != branch_id]
    return Place(
        branch_id=branch_id,
        branch_type=row["branch_type"] or "",
        region_id=row["region_id"] or "",
        timezone=row["timezone"] or "UTC",
        country=row["holiday_calendar"] or "NONE",
        peers=tuple(chosen),
        source="region" if len(near) > 1 and peers is None else "peers",
    )


def shapes_of_peers(engine: Engine, place: Place) -> dict[str, Floats]:
    """Return shapes of the peers' day: ``personal``, ``elderly``, ``corporate``, ``machine``."""
    found = {name: np.zeros(QUARTERS) for name in ("personal", "elderly", "corporate", "machine")}
    if not place.peers:
        return found
    for row in engine.table(SHAPES, {"branches": list(place.peers)}).to_pylist():
        if row["origin"] in ("smart_counter", "atm"):
            name = "machine"
        elif row["business_line"] == "corporate":
            name = "corporate"
        else:
            name = "elderly" if row["is_elderly"] else "personal"
        found[name][row["quarter_hour"]] += row["count"]
    return {name: shape / shape.sum() if shape.sum() else shape for name, shape in found.items()}


def day_factors(engine: Engine, place: Place, days: Sequence[date]) -> tuple[DayFactor, ...]:
    """Return the kinds of day on which more, or fewer, people come to the bank.

    Days of the month, and open days before and after a closure that is not of every week, are
    compared with what is usual for branch and weekday, over all branches of the region together:
    a pay day is the same for all. Only clear effects are kept.

    Parameters
    ----------
    engine : Engine
        With the relation ``visit``.
    place : Place
        The branch.
    days : sequence of date
        Days that may be learned from (no later ones).
    """
    if not days:
        return ()
    given = {
        "branch_id": place.branch_id,
        "region_id": place.region_id or None,
        "institution_id": OWN,
        "first_day": min(days),
        "last_day": max(days),
    }
    rows = engine.table(TOTALS, given).to_pylist()
    most = max((row["count"] for row in rows), default=0)
    by_date = {row["local_on"]: row["excess"] for row in rows if 2 * row["count"] >= most}
    dates = sorted(by_date)
    spread = _spread(np.array(list(by_date.values())))
    found = []
    for kind, members in _kinds_of_day(tuple(dates)).items():
        values = [by_date[on] for on in members]
        error = spread / math.sqrt(len(values))
        effect = float(np.mean(values))
        if len(values) < LEAST_DATES or error <= 0 or abs(effect) < LEAST_FACTOR:
            continue
        if abs(effect) > SURE * error:
            half = z_quantile() * error
            found.append(
                DayFactor(
                    kind=kind,
                    factor=math.exp(effect),
                    lower=math.exp(effect - half),
                    upper=math.exp(effect + half),
                    count_days=len(values),
                )
            )
    return tuple(found)


def factor_on(factors: Sequence[DayFactor], on: date, open_days: Sequence[date]) -> float:
    """Return by how much a day differs from its weekday, 1 for a usual one.

    Examples
    --------
    >>> pay = DayFactor(kind="day_of_month:10", factor=1.2, lower=1.1, upper=1.3, count_days=9)
    >>> factor_on([pay], date(2026, 3, 10), [])
    1.2
    """
    if not factors:
        return 1.0
    kinds = _kinds_of_day(tuple(sorted({*open_days, on})))
    return math.prod(found.factor for found in factors if on in kinds.get(found.kind, ()))


def patience_of_peers(engine: Engine, place: Place) -> tuple[float, int] | None:
    """Return the peers' mean patience [s] and how many gave up; None where none did."""
    if not place.peers:
        return None
    row = engine.table(PATIENCE, {"branches": list(place.peers)}).to_pylist()[0]
    if not row["count_lost"]:
        return None
    return float(row["waited"]) / row["count_lost"], int(row["count_lost"])


def services_of_peers(engine: Engine, place: Place) -> Mapping[str, tuple[int, float, float]]:
    """Return rows, mean and variance of the logarithm of the peers' service times, by service."""
    if not place.peers:
        return {}
    rows = engine.table(SERVICES, {"branches": list(place.peers)}).to_pylist()
    return {row["service_id"]: (row["count"], row["log_mean"], row["log_variance"]) for row in rows}


def _spread(values: Floats) -> float:
    return float(1.4826 * np.median(np.abs(values - np.median(values)))) if len(values) else 0.0


@lru_cache(maxsize=8)
def _kinds_of_day(dates: tuple[date, ...]) -> Mapping[str, Sequence[date]]:
    """Return the dates of each kind of day; a closure is a gap longer than is usual."""
    found: dict[str, list[date]] = {}
    for on in dates:
        found.setdefault(f"day_of_month:{on.day}", []).append(on)
    gaps: dict[int, list[int]] = {}
    for before, after in pairwise(dates):
        gaps.setdefault(before.isoweekday(), []).append((after - before).days)
    for before, after in pairwise(dates):
        usual = int(np.median(gaps[before.isoweekday()]))
        if timedelta(days=usual) < after - before <= timedelta(days=usual + 10):
            found.setdefault("before_closure", []).append(before)
            found.setdefault("after_closure", []).append(after)
    return found
