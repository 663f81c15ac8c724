"""The branches of a report, each with all that its sheet shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from branchwise.core.ports import Engine
from branchwise.plan.model import Diagnosis
from branchwise.report import facts
from branchwise.report.comparisons import Values, comparisons
from branchwise.report.deliveries import Coverage
from branchwise.report.model import Branch, HalfHour, MeasureNote
from branchwise.report.trust import trust_of

BRANCHES = """
SELECT b.branch_id, b.name, coalesce(r.name, b.region_id, '') AS region, b.branch_type,
       b.latitude, b.longitude, coalesce(v.visits, 0) AS visits, coalesce(v.days, 0) AS days
FROM branch AS b LEFT JOIN region AS r ON r.region_id = b.region_id
LEFT JOIN (SELECT branch_id, count(*) AS visits, count(DISTINCT local_on) AS days
           FROM visit GROUP BY branch_id) AS v ON v.branch_id = b.branch_id
WHERE b.institution_id = 'own' AND b.closed_on IS NULL ORDER BY b.branch_id
"""


def branches(
    engine: Engine,
    rows: Sequence[Mapping[str, Any]],
    *,
    values: Values,
    diagnosis: Diagnosis,
    coverage: Sequence[Coverage],
    notes: Mapping[str, MeasureNote],
    days: Mapping[str, tuple[HalfHour, ...]],
) -> tuple[Branch, ...]:
    """Return the bank's own open branches.

    Parameters
    ----------
    engine : Engine
        With the canonical tables.
    rows : sequence of mapping
        Answer of `BRANCHES`.
    values : mapping
        Estimates by branch and measure.
    diagnosis : Diagnosis
        Findings, targets and funnel points.
    coverage : sequence of Coverage
        What each source delivered.
    notes : mapping of str to MeasureNote
        Definitions.
    days : mapping of str to tuple of HalfHour
        The course of the day.
    """
    known = _facts(engine)
    points = {(point.branch_id, point.measure): point for point in diagnosis.comparisons}
    wanted = {
        (status.branch_id, status.measure): status.target_value for status in diagnosis.targets
    }
    return tuple(
        Branch(
            branch_id=row["branch_id"],
            name=row["name"],
            region=row["region"],
            branch_type=row["branch_type"] or "other",
            latitude=row["latitude"],
            longitude=row["longitude"],
            count_visits=row["visits"],
            count_days=row["days"],
            comparisons=comparisons(row["branch_id"], values, notes, points, wanted),
            half_hours=days.get(row["branch_id"], ()),
            **{
                field: held[code]
                for field, held in known.items()
                if (code := row["branch_id"]) in held
            },
            findings=tuple(f for f in diagnosis.findings if f.branch_id == row["branch_id"]),
            trust=trust_of(
                (held for held in coverage if held.branch_id == row["branch_id"]), row["visits"]
            ),
        )
        for row in rows
    )


def _facts(engine: Engine) -> dict[str, Mapping[str, Any]]:
    """Return what is known of branches, by the field of `Branch` that it fills."""
    return {
        "headcount": facts.headcounts(engine),
        "counters": facts.counters(engine),
        "devices": facts.devices(engine),
        "hours": facts.opening_hours(engine),
        "services": facts.services(engine),
    }
