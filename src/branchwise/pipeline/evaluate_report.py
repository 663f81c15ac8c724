"""What an evaluation found, for programs and for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from branchwise.core.languages import Language, Text
from branchwise.core.tabulation import Tabulation
from branchwise.core.units import difference
from branchwise.evaluate.effects import Estimate
from branchwise.evaluate.verdicts import Verdict
from branchwise.measures.catalogue import catalogue
from branchwise.pipeline.evaluate_words import WORDS

PROMISE = ("measure", "baseline", "promised", "promised_lower", "promised_upper")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one action.

    Attributes
    ----------
    action : mapping
        Its row of the table ``action``.
    measured, guard : tuple of Estimate
        The promised and the guard-rail measure by month, the last over all days; empty where it
        is not measured by day.
    verdict : str
        What became of the promise.
    """

    action: Mapping[str, Any]
    measured: tuple[Estimate, ...]
    guard: tuple[Estimate, ...]
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluateReport:
    """Promised against measured, action by action.

    Attributes
    ----------
    snapshot_id, data_id : str
        The snapshot in which the effects stand, and the one whose data were read.
    outcomes : tuple of Outcome
        In order of branch and action.
    names : mapping of str to str
        Names of branches.
    warnings : tuple of Text
        What the reader must know first.
    """

    snapshot_id: str
    data_id: str
    outcomes: tuple[Outcome, ...]
    names: Mapping[str, str]
    warnings: tuple[Text, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the ``result`` of the JSON document."""
        return {
            "snapshot_id": self.snapshot_id,
            "data_id": self.data_id,
            "actions": [self._outcome_json(found) for found in self.outcomes],
        }

    def as_tables(self, language: Language) -> tuple[Tabulation, ...]:
        """Return what was promised and measured in all, and month by month."""
        words = WORDS[language]
        kept = sum(found.verdict == "kept" for found in self.outcomes)
        return (
            Tabulation(
                title=words["title"].format(
                    count=len(self.outcomes),
                    kept=kept,
                    plural="" if len(self.outcomes) == 1 else "s",
                ),
                columns=tuple(words["columns"].split("|")),
                rows=tuple(self._row(found, language) for found in self.outcomes),
                notes=(words["rule"], words["verdicts"]),
            ),
            Tabulation(
                title=words["months"],
                columns=tuple(words["month_columns"].split("|")),
                rows=tuple(
                    self._month_row(found, month, language)
                    for found in self.outcomes
                    for month in found.measured[:-1]
                ),
            ),
        )

    def _row(self, found: Outcome, language: Language) -> tuple[object, ...]:
        action, words = found.action, WORDS[language]
        whole = found.measured[-1] if found.measured else None
        guard = _measured(action["guard_rail_measure"], found.guard, language)
        name = _label(action["guard_rail_measure"], language)
        return (
            *self._who(action),
            action["starts_on"].isoformat(),
            _label(action["measure"], language),
            _promised(action, language),
            _measured(action["measure"], found.measured, language),
            None if guard is None else f"{name} {guard}",
            None if whole is None else whole.count_days,
            _compared(whole, language),
            words[found.verdict],
        )

    def _month_row(self, found: Outcome, month: Estimate, language: Language) -> tuple[object, ...]:
        return (
            *self._who(found.action),
            month.month,
            _label(found.action["measure"], language),
            _promised(found.action, language),
            _measured(found.action["measure"], (month,), language),
            month.count_days,
            _compared(month, language),
        )

    def _who(self, action: Mapping[str, Any]) -> tuple[str, str]:
        return self.names.get(action["branch_id"], action["branch_id"]), action["action_id"]

    def _outcome_json(self, found: Outcome) -> dict[str, Any]:
        action = found.action
        return {
            "action_id": action["action_id"],
            "branch_id": action["branch_id"],
            "branch_name": self.names.get(action["branch_id"], action["branch_id"]),
            "intervention": action["intervention"],
            "package_id": action["package_id"],
            "starts_on": action["starts_on"].isoformat(),
            **{name: action[name] for name in PROMISE},
            "unit": _unit(action["measure"]),
            "verdict": found.verdict,
            "measured": _estimate_json(found.measured[-1:]),
            "guard_rail": {
                "measure": action["guard_rail_measure"],
                "limit": action["guard_rail_limit"],
                "measured": _estimate_json(found.guard[-1:]),
            },
            "months": [_estimate_json((month,)) for month in found.measured[:-1]],
        }


def _estimate_json(found: Sequence[Estimate]) -> dict[str, Any] | None:
    if not found:
        return None
    one = found[0]
    return {
        "month": one.month,
        "starts_on": one.starts_on and one.starts_on.isoformat(),
        "ends_on": one.ends_on and one.ends_on.isoformat(),
        "difference": one.difference,
        "lower": one.lower,
        "upper": one.upper,
        "count_days": one.count_days,
        "count_days_before": one.count_days_before,
        "comparisons": list(one.comparisons),
        "correlation": one.correlation,
        "drift": one.drift,
    }


def _unit(measure: str | None) -> str | None:
    return catalogue()[measure].unit if measure and measure in catalogue() else None


def _label(measure: str | None, language: Language) -> str | None:
    if measure is None:
        return None
    return catalogue()[measure].label.read_in(language) if measure in catalogue() else measure


def _promised(action: Mapping[str, Any], language: Language) -> str | None:
    numbers = [action[name] for name in ("promised", "promised_lower", "promised_upper")]
    return None if None in numbers else _written(action["measure"], numbers, language)


def _measured(measure: str | None, estimates: Sequence[Estimate], language: Language) -> str | None:
    if measure is None or not estimates or estimates[-1].difference is None:
        return None
    one = estimates[-1]
    return _written(measure, (one.difference, one.lower, one.upper), language)


def _written(measure: str, numbers: Sequence[float | None], language: Language) -> str:
    texts = [difference(number, _unit(measure) or "count", language) for number in numbers]
    return WORDS[language]["interval"].format(value=texts[0], lower=texts[1], upper=texts[2])


def _compared(found: Estimate | None, language: Language) -> str | None:
    if found is None:
        return None
    return WORDS[language]["branches"].format(count=len(found.comparisons))
