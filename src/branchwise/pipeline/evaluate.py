"""Evaluate: what accepted actions promised against what was measured, stored by month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from branchwise.core.errors import BranchwiseError, Where, failure
from branchwise.core.languages import Text
from branchwise.core.ports import Engine
from branchwise.core.progress import Progress, silent
from branchwise.engines.duckdb import open_duckdb
from branchwise.evaluate.designs import POST_DAYS, design_of
from branchwise.evaluate.effects import Estimate, Roll, effects_by_month
from branchwise.evaluate.panel import Panel, panels
from branchwise.evaluate.verdicts import Promised, Verdict, verdict
from branchwise.measures.catalogue import catalogue
from branchwise.pipeline.evaluate_report import EvaluateReport, Outcome
from branchwise.pipeline.evaluate_words import AFTERWARDS, TITLE, UNMEASURED
from branchwise.tables.assumptions import Assumptions
from branchwise.tables.spec import table_spec
from branchwise.warehouse.store import Warehouse
from branchwise.warehouse.workspace import Workspace

NOT_BY_DAY = "BW-MEA-002"


def evaluate(workspace: Path, *, progress: Progress | None = None) -> EvaluateReport:
    """Measure what every accepted action changed and store it beside what was promised.

    Parameters
    ----------
    workspace : Path
        The workspace.
    progress : Progress, optional
        Where the work tells how far it is.

    Returns
    -------
    EvaluateReport
        A second call on the same data changes nothing in the store.

    Raises
    ------
    BranchwiseError
        [BW-PLN-023] if no option has been accepted; as `Workspace.open` and `Warehouse.snapshot`.
    """
    opened = Workspace.open(workspace)
    warehouse = Warehouse(opened.warehouse)
    snapshot = warehouse.snapshot()
    with open_duckdb() as engine, (progress or silent()).task(TITLE, total=2) as task:
        warehouse.register(engine, snapshot)
        evaluated = outcomes_of(engine, opened.read_assumptions())
        outcomes = evaluated.outcomes
        if not outcomes:
            raise failure("BW-PLN-023", Where(place="action"), workspace=workspace)
        task.advance()
        rows = [row for found in outcomes for row in effect_rows(found, snapshot.data_id)]
        schema = table_spec("effect").arrow_schema
        engine.register_table("found_effects", pa.Table.from_pylist(rows, schema=schema))
        with warehouse.writing(engine) as writing:
            writing.replace("effect", "found_effects")
            published = writing.publish().snapshot_id
        task.advance()
        return EvaluateReport(
            snapshot_id=published,
            data_id=snapshot.data_id,
            outcomes=outcomes,
            names=evaluated.names,
            warnings=evaluated.warnings,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """What became of the actions of a bank, before anything of it is stored.

    Attributes
    ----------
    outcomes : tuple of Outcome
        In order of branch and action; empty where no option has been accepted.
    names : mapping of str to str
        Names of branches.
    warnings : tuple of Text
        What the reader must know first.
    """

    outcomes: tuple[Outcome, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[Text, ...] = ()


def outcomes_of(engine: Engine, assumptions: Assumptions) -> Evaluated:
    """Measure what every accepted action changed; nothing is stored.

    Parameters
    ----------
    engine : Engine
        In which the canonical tables are registered.
    assumptions : Assumptions
        Standards in force.
    """
    actions = engine.table("SELECT * FROM action ORDER BY branch_id, action_id").to_pylist()
    if not actions:
        return Evaluated()
    bank = _read(engine, assumptions, actions)
    outcomes = tuple(_outcome(action, bank) for action in actions)
    return Evaluated(outcomes=outcomes, names=bank.names, warnings=_warnings(outcomes, bank))


def effect_rows(found: Outcome, data_id: str) -> list[dict[str, Any]]:
    """Return the rows of the table ``effect`` of one action."""
    action, rows = found.action, []
    for role, measure, estimates in (
        ("promised", action["measure"], found.measured),
        ("guard_rail", action["guard_rail_measure"], found.guard),
    ):
        is_promise = role == "promised"
        rows += [
            {
                "action_id": action["action_id"],
                "measure": measure,
                "month": one.month,
                "snapshot_id": data_id,
                "branch_id": action["branch_id"],
                "role": role,
                "starts_on": one.starts_on,
                "ends_on": one.ends_on,
                "difference": one.difference,
                "lower": one.lower,
                "upper": one.upper,
                "promised": action["promised"] if is_promise else None,
                "promised_lower": action["promised_lower"] if is_promise else None,
                "promised_upper": action["promised_upper"] if is_promise else None,
                "count_days": one.count_days,
                "count_days_before": one.count_days_before,
                "count_comparisons": len(one.comparisons),
                "verdict": found.verdict,
            }
            for one in estimates
        ]
    return rows


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bank:
    panels: Mapping[str, Panel]
    roll: Roll
    types: Mapping[str, str | None]
    names: Mapping[str, str]
    missing: tuple[str, ...]
    known: dict[tuple[str, str, date, str], tuple[Estimate, ...]] = field(default_factory=dict)


def _read(engine: Engine, assumptions: Assumptions, actions: Sequence[Mapping[str, Any]]) -> _Bank:
    wanted = {row[name] for row in actions for name in ("measure", "guard_rail_measure")}
    found: dict[str, Panel] = {}
    missing = []
    for name in sorted(wanted - {None}):
        try:
            found |= panels(engine, [name] if name in catalogue() else [], assumptions)
        except BranchwiseError as error:
            if {problem.code for problem in error.problems} != {NOT_BY_DAY}:
                raise
        if name not in found:
            missing.append(name)
    starts: dict[str, set[date]] = {}
    for row in actions:
        starts.setdefault(row["branch_id"], set()).add(row["starts_on"])
    branches = engine.table(
        "SELECT branch_id, branch_type, coalesce(name, branch_id) AS name FROM branch "
        "WHERE institution_id = 'own' ORDER BY 1"
    ).to_pylist()
    return _Bank(
        panels=found,
        roll=Roll(starts={code: tuple(sorted(days)) for code, days in starts.items()}),
        types={row["branch_id"]: row["branch_type"] for row in branches},
        names={row["branch_id"]: row["name"] for row in branches},
        missing=tuple(missing),
    )


def _outcome(action: Mapping[str, Any], bank: _Bank) -> Outcome:
    measured = _estimates(action, action["measure"], bank)
    guard = _estimates(action, action["guard_rail_measure"], bank)
    numbers = [action[name] for name in ("promised", "promised_lower", "promised_upper")]
    found: Verdict = "not_measurable"
    if measured and None not in numbers:
        promised = Promised(
            measure=action["measure"],
            difference=numbers[0],
            lower=numbers[1],
            upper=numbers[2],
            guard_rail=action["guard_rail_measure"] if guard else None,
            guard_rail_limit=action["guard_rail_limit"] or 0.0,
            post_days=POST_DAYS if action["post_days"] is None else action["post_days"],
        )
        found = verdict(promised, measured[-1], guard[-1] if guard else None)
    return Outcome(action=action, measured=measured, guard=guard, verdict=found)


def _estimates(action: Mapping[str, Any], measure: str | None, bank: _Bank) -> tuple[Estimate, ...]:
    """Return the effect on a measure by month and in all; options begun together share it."""
    if measure is None or measure not in bank.panels:
        return ()
    panel, code, starts_on = bank.panels[measure], action["branch_id"], action["starts_on"]
    fixed = action["comparison_branches"] or ""
    key = measure, code, starts_on, fixed
    if key not in bank.known:
        others = tuple(fixed.split()) or _chosen_now(panel, code, starts_on, bank)
        bank.known[key] = effects_by_month(
            panel, code, starts_on, others, bank.roll, days_before=action["pre_days"] or None
        )
    return bank.known[key]


def _chosen_now(panel: Panel, code: str, starts_on: date, bank: _Bank) -> tuple[str, ...]:
    if not panel.days:
        return ()
    return design_of(
        panel,
        code,
        0.0,
        types=bank.types,
        starts={other: bank.roll.first(other) for other in bank.roll.starts},
        measured_on=panel.days[-1],
        before=date.fromordinal(starts_on.toordinal() - 1),
    ).comparisons


def _warnings(outcomes: Sequence[Outcome], bank: _Bank) -> tuple[Text, ...]:
    late = [
        found.action["action_id"]
        for found in outcomes
        if found.measured and not found.action["comparison_branches"]
    ]
    said = [AFTERWARDS.filled(actions=", ".join(late))] if late else []
    if bank.missing:
        said.append(UNMEASURED.filled(measures=", ".join(bank.missing)))
    return tuple(said)
