"""What is known of each branch besides its measures: people, counters, devices, hours, services."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from branchwise.core.ports import Engine
from branchwise.report.model import HalfHour, Headcount, Hours, ServiceUse

PEOPLE = """
WITH hired AS (
    SELECT branch_id, count(*) FILTER (WHERE employment = 'own') AS own,
           count(*) FILTER (WHERE employment = 'outsourced') AS outsourced
    FROM staff_member WHERE left_on IS NULL AND branch_id IS NOT NULL GROUP BY branch_id
), days AS (
    SELECT branch_id, local_on, count(DISTINCT staff_id) AS present
    FROM shift WHERE leave_kind = 'none' GROUP BY branch_id, local_on
), present AS (SELECT branch_id, avg(present) AS present FROM days GROUP BY branch_id)
SELECT branch_id, own, outsourced, present
FROM hired FULL JOIN present USING (branch_id) ORDER BY branch_id
"""
COUNTERS = """
SELECT f.branch_id, CASE z.kind WHEN 'cash_counter' THEN 'high' WHEN 'low_counter' THEN 'low'
       WHEN 'corporate' THEN 'corporate' ELSE 'counter' END AS kind, count(*) AS many
FROM fixture AS f LEFT JOIN zone AS z ON z.zone_id = f.zone_id
WHERE f.kind = 'counter_window' AND f.branch_id IS NOT NULL
GROUP BY ALL ORDER BY f.branch_id, many DESC, kind
"""
DEVICES = """
SELECT branch_id, device_kind AS kind, count(*) AS many FROM device
WHERE retired_on IS NULL GROUP BY ALL ORDER BY branch_id, many DESC, kind
"""
HOURS = """
SELECT branch_id, business_line, iso_weekday, opens_minute, closes_minute, lunch_starts_minute,
       lunch_ends_minute
FROM opening_hours
WHERE valid_from <= (SELECT max(local_on) FROM visit)
  AND coalesce(valid_to, DATE '9999-12-31') >= (SELECT max(local_on) FROM visit)
QUALIFY row_number() OVER (
    PARTITION BY branch_id, business_line, iso_weekday ORDER BY valid_from DESC) = 1
ORDER BY branch_id, business_line DESC, iso_weekday
"""
SERVICES = """
WITH done AS (
    SELECT branch_id, service_id, channel FROM transaction
    WHERE NOT coalesce(is_reversal, false) AND channel IN ('counter', 'smart_counter', 'atm')
), used AS (
    SELECT * FROM done
    UNION ALL
    SELECT branch_id, service_id, kind AS channel FROM visit_step
    WHERE kind IN ('counter', 'smart_counter', 'atm') AND outcome = 'done'
      AND NOT EXISTS (SELECT 1 FROM done)
)
SELECT u.branch_id, u.service_id, coalesce(s.name, u.service_id) AS name,
       count(*) FILTER (WHERE u.channel = 'counter' AND NOT coalesce(s.is_migratable, false))
           AS counter_only,
       count(*) FILTER (WHERE u.channel = 'counter' AND s.is_migratable) AS could_migrate,
       count(*) FILTER (WHERE u.channel <> 'counter') AS machine
FROM used AS u LEFT JOIN service AS s ON s.service_id = u.service_id
WHERE u.service_id IS NOT NULL GROUP BY ALL ORDER BY u.branch_id, u.service_id
"""
ARRIVALS = """
WITH days AS (
    SELECT branch_id, count(DISTINCT local_on) AS days FROM visit GROUP BY branch_id
), arrived AS (
    SELECT branch_id, quarter_hour // 2 * 30 AS minute, count(*) AS arrivals
    FROM visit GROUP BY ALL
), opened AS (
    SELECT branch_id, local_on, quarter_hour // 2 * 30 AS minute,
           count(DISTINCT station) AS windows
    FROM visit_step WHERE kind = 'counter' AND started_at IS NOT NULL AND station IS NOT NULL
    GROUP BY ALL
), windows AS (SELECT branch_id, minute, sum(windows) AS windows FROM opened GROUP BY ALL)
SELECT a.branch_id, a.minute, a.arrivals / d.days AS arrivals, w.windows / d.days AS windows
FROM arrived AS a JOIN days AS d ON d.branch_id = a.branch_id
LEFT JOIN windows AS w ON w.branch_id = a.branch_id AND w.minute = a.minute
ORDER BY a.branch_id, a.minute
"""
PAIRED_VISITS = "SELECT * REPLACE (quarter_hour // 2 * 2 AS quarter_hour) FROM given"
P50, P90 = "queues.wait_p50_seconds", "queues.wait_p90_seconds"
HALF_HOUR, QUARTER = 30, 15
FEWEST_A_DAY = 0.05


def headcounts(engine: Engine) -> dict[str, Headcount]:
    """Return the people of each branch; the plan is not among the tables and stays unknown."""
    return {
        row["branch_id"]: Headcount(
            own=row["own"], outsourced=row["outsourced"], present_per_day=row["present"]
        )
        for row in engine.table(PEOPLE).to_pylist()
    }


def counters(engine: Engine) -> dict[str, dict[str, int]]:
    """Return the windows of each branch by kind: high, low, corporate, or just counter."""
    return _by_kind(engine.table(COUNTERS).to_pylist())


def devices(engine: Engine) -> dict[str, dict[str, int]]:
    """Return the machines of each branch by kind, the retired left out."""
    return _by_kind(engine.table(DEVICES).to_pylist())


def opening_hours(engine: Engine) -> dict[str, tuple[Hours, ...]]:
    """Return the opening hours in force at the end of the period, equal weekdays together."""
    found: dict[str, list[Hours]] = defaultdict(list)
    for row in engine.table(HOURS).to_pylist():
        runs = found[row.pop("branch_id")]
        weekday = row.pop("iso_weekday")
        new = Hours(first_weekday=weekday, last_weekday=weekday, **row)
        if runs and _continues(runs[-1], new):
            last = runs.pop()
            new = Hours(first_weekday=last.first_weekday, last_weekday=weekday, **row)
        runs.append(new)
    return {branch_id: tuple(runs) for branch_id, runs in found.items()}


def services(engine: Engine) -> dict[str, tuple[ServiceUse, ...]]:
    """Return where each service is done, from transactions; without any, from visit steps."""
    found: dict[str, list[ServiceUse]] = defaultdict(list)
    for row in engine.table(SERVICES).to_pylist():
        found[row.pop("branch_id")].append(ServiceUse(**row))
    return {branch_id: tuple(uses) for branch_id, uses in found.items()}


def half_hours(
    engine: Engine, waits: Sequence[Mapping[str, Any]]
) -> dict[str, tuple[HalfHour, ...]]:
    """Return an average open day of each branch by half-hour.

    Parameters
    ----------
    engine : Engine
        With ``visit`` and ``visit_step``.
    waits : sequence of mapping
        Rows of `measures.compute` for `P50` and `P90` by ``branch_id`` and ``quarter_hour``, the
        quarter-hours drawn together in pairs (see `PAIRED_VISITS`).

    Returns
    -------
    dict of str to tuple of HalfHour
        Half-hours without a gap, from the first to the last that sees a visit every twenty days.
    """
    known = {
        (row["branch_id"], row["quarter_hour"] * QUARTER, row["measure"]): row for row in waits
    }
    found: dict[str, dict[int, Mapping[str, Any]]] = defaultdict(dict)
    for row in engine.table(ARRIVALS).to_pylist():
        if row["arrivals"] >= FEWEST_A_DAY:
            found[row["branch_id"]][row["minute"]] = row
    return {
        branch_id: tuple(
            _half_hour(branch_id, minute, rows.get(minute, {}), known)
            for minute in range(min(rows), max(rows) + HALF_HOUR, HALF_HOUR)
        )
        for branch_id, rows in found.items()
    }


def _half_hour(
    branch_id: str,
    minute: int,
    row: Mapping[str, Any],
    known: Mapping[tuple[str, int, str], Mapping[str, Any]],
) -> HalfHour:
    p50, p90 = known.get((branch_id, minute, P50), {}), known.get((branch_id, minute, P90), {})
    return HalfHour(
        minute=minute,
        arrivals=row.get("arrivals", 0.0),
        open_windows=row.get("windows"),
        wait_median_seconds=p50.get("value"),
        wait_p90_seconds=p90.get("value"),
        count_rows=p90.get("count_rows", 0),
    )


def _by_kind(rows: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for row in rows:
        found[row["branch_id"]][row["kind"]] = row["many"]
    return dict(found)


def _continues(before: Hours, new: Hours) -> bool:
    return before.last_weekday + 1 == new.first_weekday and (
        before.business_line,
        before.opens_minute,
        before.closes_minute,
        before.lunch_starts_minute,
        before.lunch_ends_minute,
    ) == (
        new.business_line,
        new.opens_minute,
        new.closes_minute,
        new.lunch_starts_minute,
        new.lunch_ends_minute,
    )
