"""What the bank's own data say of branches today, beside what their twins live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from branchwise.core.ports import Engine
from branchwise.measures.catalogue import catalogue
from branchwise.pipeline.twin.places import Twins
from branchwise.plan.proposal import Appraisal, Effect
from branchwise.plan.satisfaction import (
    MEASURE,
    WAIT,
    Association,
    satisfaction_and_wait,
    satisfaction_effect,
)
from branchwise.plan.today import Interval, Today, todays
from branchwise.twin.records import load_validation

FEWEST_ANSWERS = 30
"""Below, the bank's share of satisfied answers stands for the branch's."""
OF_QUEUES = "queues."
WHOLE = frozenset({"measure", "observed", "mean", "lower", "upper", "count_rows"})
VALUES = """
SELECT branch_id, measure, value, count_rows FROM measure_value
WHERE snapshot_id = $data_id AND value IS NOT NULL ORDER BY branch_id, measure
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Measures of branches, and how satisfaction goes with waiting.

    Attributes
    ----------
    values : mapping of str to mapping of str to float
        By branch and measure, over the period of the data.
    answers : mapping of str to float
        Answers on satisfaction by branch.
    association : Association or None
        Over all branches.
    """

    values: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    answers: Mapping[str, float] = field(default_factory=dict)
    association: Association | None = None

    def today(self, branch_id: str, appraisal: Appraisal | None, twins: Twins) -> tuple[Today, ...]:
        """Return a branch as measured beside as simulated, with what its validation allows."""
        if appraisal is None or not appraisal.effects:
            return ()
        known = self.values.get(branch_id, {})
        return todays(appraisal.effects, known, validated(twins, branch_id))

    def satisfaction(self, branch_id: str, appraisal: Appraisal | None) -> Effect | None:
        """Return what the change of a branch's mean wait lets expect of satisfaction."""
        if appraisal is None:
            return None
        share = self.values.get(branch_id, {}).get(MEASURE)
        if self.answers.get(branch_id, 0) < FEWEST_ANSWERS:
            share = None
        return satisfaction_effect(self.association, appraisal.effect(WAIT), share=share)


def measured(engine: Engine, data_id: str) -> Measured:
    """Read the measures that a diagnosis of the data has stored, and the survey.

    Parameters
    ----------
    engine : Engine
        With the tables of the store.
    data_id : str
        The data.
    """
    values: dict[str, dict[str, float]] = {}
    answers: dict[str, float] = {}
    for row in engine.table(VALUES, {"data_id": data_id}).to_pylist():
        values.setdefault(row["branch_id"], {})[row["measure"]] = row["value"]
        if row["measure"] == MEASURE:
            answers[row["branch_id"]] = row["count_rows"]
    return Measured(values=values, answers=answers, association=satisfaction_and_wait(engine))


def validated(twins: Twins, branch_id: str) -> dict[str, Interval]:
    """Return by measure how far measured days may lie from a twin, by its validation."""
    path = twins.path(branch_id, "validation")
    if not path.is_file():
        return {}
    found: dict[str, Interval] = {}
    for row in load_validation(path).rows:
        name, given = f"{OF_QUEUES}{row['measure']}", (row["mean"], row["lower"], row["upper"])
        if set(row) - WHOLE or name not in catalogue() or None in given:
            continue
        mean, lower, upper = (float(each or 0.0) for each in given)
        found[name] = lower - mean, upper - mean
    return found
