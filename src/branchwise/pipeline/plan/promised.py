"""Promises made on the measures of a bank's store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from branchwise.core.errors import BranchwiseError
from branchwise.core.ports import Engine
from branchwise.pipeline.twin.spread import opened
from branchwise.plan.case import Undertaking
from branchwise.plan.interventions import library
from branchwise.plan.promises import Promise, promised_measures, promises
from branchwise.tables.assumptions import Assumptions

if TYPE_CHECKING:
    from branchwise.evaluate.panel import Panel

TYPES = "SELECT branch_id, branch_type FROM branch WHERE institution_id = 'own' ORDER BY branch_id"


def promised(
    workspace: Path, undertakings: Sequence[Undertaking], assumptions: Assumptions, starts_on: date
) -> tuple[Promise, ...]:
    """Return what is promised of undertakings, each with the design by which it will be checked.

    Parameters
    ----------
    workspace : Path
        Whose data.
    undertakings : sequence of Undertaking
        What is begun where and when; all of them, for none is compared with one that begins.
    assumptions : Assumptions
        By which measures are reckoned.
    starts_on : date
        First day of the first quarter.
    """
    with opened(workspace) as (engine, _):
        return promises(
            undertakings,
            library(),
            _panels(engine, promised_measures(undertakings, library()), assumptions),
            types={row["branch_id"]: row["branch_type"] for row in engine.table(TYPES).to_pylist()},
            plan_starts_on=starts_on,
        )


def plan_starts_on(last_on: date) -> date:
    """Return the first day of the first quarter: of the month after the last data.

    Examples
    --------
    >>> str(plan_starts_on(date(2026, 5, 30)))
    '2026-06-01'
    """
    return (last_on.replace(day=1) + timedelta(days=32)).replace(day=1)


def _panels(engine: Engine, measures: Sequence[str], assumptions: Assumptions) -> dict[str, Panel]:
    """Return measures by branch and day; one that is not known by day has no design."""
    from branchwise.evaluate.panel import panels

    found: dict[str, Panel] = {}
    for name in measures:
        try:
            found |= panels(engine, [name], assumptions)
        except BranchwiseError:
            continue
    return found
