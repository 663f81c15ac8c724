"""Measure values beside standards, targets and peers, as the report shows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from branchwise.measures.catalogue import Measure
from branchwise.plan.model import WHOLE_BANK, PeerComparison, TargetStatus
from branchwise.report.model import (
    GOALS,
    Comparison,
    Estimate,
    Funnel,
    FunnelPoint,
    Goal,
    GoalName,
    GuardRail,
    MeasureNote,
    Peers,
)
from branchwise.tables.assumptions import Assumptions

Values = Mapping[tuple[str, str], Estimate]
SHEET = (
    "queues.wait_p90_seconds",
    "queues.elderly_wait_p90_seconds",
    "queues.within_standard_share",
    "queues.abandoned_share",
    "queues.service_mean_seconds",
    "queues.authorisation_mean_seconds",
    "queues.failback_share",
    "channels.diversion_ratio",
    "channels.migration_share",
    "devices.availability_share",
    "devices.per_1000_visits",
    "staff.demand_cover_share",
    "customers.csat_share",
    "economics.cost_per_visit",
    "economics.aum_per_head",
)
DEFAULTS: Mapping[GoalName, tuple[str, ...]] = {
    "efficiency": ("channels.migration_share", "queues.service_mean_seconds"),
    "experience": ("queues.wait_p90_seconds", "customers.csat_share"),
    "cost": ("economics.cost_per_visit", "economics.cost_per_transaction"),
    "growth": ("economics.aum_per_head", "economics.deposits_per_head"),
}
QUARTILES = (25, 50, 75)


def note(measure: Measure, assumptions: Assumptions) -> MeasureNote:
    """Return the definition of a measure with its standard in force."""
    held = measure.standard
    return MeasureNote(
        name=measure.name,
        label=measure.label,
        meaning=measure.meaning,
        unit=measure.unit,
        direction=measure.direction,
        bias=measure.bias,
        interval=measure.interval,
        standard=None if held is None else held.value(assumptions),
        standard_source=None if held is None else held.source(assumptions),
        minimum_rows=measure.minimum_rows,
    )


def values_of(rows: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], Estimate]:
    """Return estimates by branch and measure, from rows of ``measure_value``."""
    return {
        (row["branch_id"], row["measure"]): Estimate(
            value=row["value"],
            lower=row["lower"],
            upper=row["upper"],
            count_rows=row["count_rows"] or 0,
        )
        for row in rows
    }


def comparisons(
    branch_id: str,
    values: Values,
    notes: Mapping[str, MeasureNote],
    points: Mapping[tuple[str, str], PeerComparison],
    targets: Mapping[tuple[str, str], float],
) -> dict[str, Comparison]:
    """Return the measures of a branch's sheet that have a value, beside its own peers."""
    found = {}
    for name in SHEET:
        today = values.get((branch_id, name))
        if name not in notes or today is None or today.value is None:
            continue
        found[name] = Comparison(
            measure=name,
            today=today,
            peers=_peers(points.get((branch_id, name)), values),
            standard=notes[name].standard,
            target=targets.get((branch_id, name), targets.get((WHOLE_BANK, name))),
        )
    return found


def funnel(
    measure: str, points: Iterable[PeerComparison], sizes: Mapping[str, float]
) -> Funnel | None:
    """Return the funnel plot of a measure; None where no branch has peers."""
    drawn = tuple(
        FunnelPoint(
            branch_id=point.branch_id,
            size=sizes.get(point.branch_id, 0.0),
            value=point.value,
            reference=point.reference,
            lower=point.lower_limit,
            upper=point.upper_limit,
        )
        for point in points
        if point.measure == measure and sizes.get(point.branch_id)
    )
    return Funnel(measure=measure, points=drawn) if drawn else None


def goals(
    targets: Sequence[Mapping[str, Any]], statuses: Iterable[TargetStatus], values: Values
) -> tuple[Goal, ...]:
    """Return the four goals: the bank's own target where one is set, else a measure without.

    Parameters
    ----------
    targets : sequence of mapping
        Rows of the table ``target``.
    statuses : iterable of TargetStatus
        What the diagnosis says of them.
    values : mapping
        Estimates by branch (``*`` for the bank) and measure.
    """
    lights = {
        status.target_id: status.light for status in statuses if status.branch_id == WHOLE_BANK
    }
    whole = [row for row in targets if row["region_id"] is None and row["branch_id"] is None]
    found = []
    for goal in GOALS:
        own = sorted((row for row in whole if row["goal"] == goal), key=lambda r: r["target_id"])
        if own:
            light = lights.get(own[0]["target_id"], "unknown")
            found.append(
                Goal(
                    goal=goal,
                    measure=own[0]["measure"],
                    now=_bank(values, own[0]["measure"]),
                    baseline=own[0]["baseline_value"],
                    target=own[0]["target_value"],
                    due_on=own[0]["due_on"],
                    guard_rail=_guard_rail(own[0], values),
                    light=light,
                )
            )
            continue
        known = [name for name in DEFAULTS[goal] if _bank(values, name).value is not None]
        name = (known or [DEFAULTS[goal][0]])[0]
        found.append(Goal(goal=goal, measure=name, now=_bank(values, name)))
    return tuple(found)


def _guard_rail(row: Mapping[str, Any], values: Values) -> GuardRail | None:
    name = row["guard_rail_measure"]
    if not name:
        return None
    return GuardRail(measure=name, now=_bank(values, name), limit=row["guard_rail_limit"])


def _bank(values: Values, measure: str) -> Estimate:
    return values.get((WHOLE_BANK, measure), Estimate())


def _peers(point: PeerComparison | None, values: Values) -> Peers | None:
    if point is None:
        return None
    held = [values.get((peer, point.measure), Estimate()).value for peer in point.peers]
    known = [value for value in held if value is not None]
    if not known:
        return None
    lower, median, upper = np.percentile(known, QUARTILES)
    return Peers(lower=float(lower), median=float(median), upper=float(upper), count=len(known))
