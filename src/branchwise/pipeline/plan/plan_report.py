"""What a plan says, for programs and for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from branchwise.core.languages import Language, Text
from branchwise.core.tabulation import Tabulation
from branchwise.core.units import quantity
from branchwise.pipeline.plan.words import WORDS
from branchwise.pipeline.twin.words import VERDICT_WORDS
from branchwise.plan.applied import describes
from branchwise.plan.document import BranchPlan, Plan
from branchwise.plan.headline import headline
from branchwise.plan.interventions import library
from branchwise.plan.promises import Promise
from branchwise.plan.proposal import Effect, Option
from branchwise.plan.select import FrontierPoint, late_or_lost
from branchwise.plan.sentences import money
from branchwise.plan.today import Today

SHOWN = 20
BELIEVED = frozenset({"trusted", "waits_only"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanReport:
    """A plan that was made.

    Attributes
    ----------
    plan : Plan
        The plan.
    document : Path
        Where it is stored.
    warnings : tuple of Text
        What the reader must know first.
    """

    plan: Plan
    document: Path
    warnings: tuple[Text, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the ``result`` of the JSON document."""
        plan = self.plan
        return {
            **_decision_json(plan),
            "options": [
                _option_json(branch, option)
                for branch in plan.branches
                for option in branch.trial.options
            ],
            "selected": [_selected_json(branch) for branch in plan.changed],
            "twins": [_twin_json(branch) for branch in plan.branches],
            "frontier": [_point_json(point) for point in plan.frontier],
            "promises": [_promise_json(promise) for promise in plan.promises],
            "files": {"document": str(self.document)},
        }

    def as_tables(self, language: Language) -> tuple[Tabulation, ...]:
        """Return the headline with what changes where, and why elsewhere nothing does."""
        phrases, plan = WORDS[language], self.plan
        shown = sorted(plan.changed, key=_by_effect)[:SHOWN]
        notes = [
            phrases["trusted"].format(
                trusted=plan.count_trusted,
                waits=sum(branch.standing == "waits_only" for branch in plan.branches),
                branches=len(plan.branches),
            )
        ]
        if len(plan.changed) > len(shown):
            notes.append(phrases["more"].format(count=len(plan.changed) - len(shown)))
        notes += self._notes(language)
        table = Tabulation(
            title=headline(plan).read_in(language),
            columns=tuple(phrases["columns"].split("|")) if shown else (),
            rows=tuple(self._row(branch, language) for branch in shown),
            notes=tuple(notes),
        )
        doubted = [branch for branch in plan.branches if branch.standing not in BELIEVED]
        return (table, _doubts(doubted, language)) if doubted else (table,)

    def _row(self, branch: BranchPlan, language: Language) -> tuple[object, ...]:
        costs, effect = branch.costs, _effect(branch)
        what = (", " if language == "en" else "、").join(
            library()[option.intervention].label.read_in(language) for option in branch.chosen
        )
        currency = self.plan.currency
        quarter = branch.begun.quarter + 1 if branch.begun else None
        return (
            branch.branch_id,
            branch.name,
            what,
            quarter,
            *_difference(effect, language),
            money(costs.once_minor, currency, language) if costs else None,
            money(costs.yearly_minor - costs.saved_minor, currency, language) if costs else None,
        )

    def _notes(self, language: Language) -> list[str]:
        phrases, plan = WORDS[language], self.plan
        return [
            phrases["bound"].format(gap=quantity(plan.decision.gap, "share", language)),
            phrases["rule"],
            phrases["next"],
            phrases["stored"].format(plan=plan.plan_id, file=self.document),
        ]


def _doubts(branches: list[BranchPlan], language: Language) -> Tabulation:
    phrases = WORDS[language]
    return Tabulation(
        title=phrases["doubted"],
        columns=tuple(phrases["doubted_columns"].split("|")),
        rows=tuple(
            (
                branch.branch_id,
                VERDICT_WORDS[branch.standing].read_in(language),
                branch.reason.read_in(language),
                branch.remedy.read_in(language),
            )
            for branch in branches[:SHOWN]
        ),
    )


def _effect(branch: BranchPlan) -> Effect | None:
    return None if branch.appraisal is None else late_or_lost(branch.appraisal)


def _by_effect(branch: BranchPlan) -> tuple[float, str]:
    effect = _effect(branch)
    known = effect is not None and effect.difference is not None
    return (effect.difference if known else 0.0), branch.branch_id  # type: ignore[union-attr,return-value]


def _difference(effect: Effect | None, language: Language) -> tuple[str | None, str | None]:
    if effect is None or effect.difference is None:
        return None, None
    found, lower, upper = (
        quantity(number, "count", language)
        for number in (effect.difference, effect.lower, effect.upper)
    )
    return found, f"{lower} – {upper}"


def _decision_json(plan: Plan) -> dict[str, Any]:
    said = headline(plan)
    return {
        "plan_id": plan.plan_id,
        "snapshot_id": plan.snapshot_id,
        "data_id": plan.data_id,
        "headline": {"en": said.en, "zh-Hant": said.zh_hant, "zh-Hans": said.zh_hans},
        "status": plan.decision.status,
        "objective_minor": plan.decision.objective,
        "bound_minor": plan.decision.bound,
        "gap": plan.decision.gap,
        "conflict": list(plan.decision.conflict),
        "currency": plan.currency,
        "npv_minor": plan.case.npv_minor,
        "payback_years": plan.case.payback_years,
    }


def _twin_json(branch: BranchPlan) -> dict[str, Any]:
    return {
        "branch_id": branch.branch_id,
        "verdict": branch.standing,
        "reason": branch.reason.en,
        "remedy": branch.remedy.en,
    }


def _point_json(point: FrontierPoint) -> dict[str, Any]:
    return {
        "capital_minor": point.capital_minor,
        "spent_minor": point.spent_minor,
        "late_or_lost_avoided": point.late_or_lost_avoided,
        "worth_minor": point.worth,
        "bound_minor": point.bound,
        "branches": point.count_branches,
        "status": point.status,
    }


def _promise_json(promise: Promise) -> dict[str, Any]:
    return {
        "branch_id": promise.branch_id,
        "package_id": promise.package_id,
        "starts_on": promise.starts_on,
        "measured_on": promise.measured_on,
        "kind": promise.kind,
        "is_provable": promise.is_provable,
        **promise.columns(),
    }


def _option_json(branch: BranchPlan, option: Option) -> dict[str, Any]:
    alone = branch.trial.appraisal(option.option_id)
    costs = branch.trial.costs.get(option.option_id)
    changes = describes(option)
    return {
        "option_id": option.option_id,
        "branch_id": option.branch_id,
        "intervention": option.intervention,
        "amount": option.amount,
        "target": option.target,
        "window": None if option.window is None else list(option.window),
        "changes": [text.en for text in changes],
        "is_selected": option in branch.chosen,
        "findings": list(option.finding_ids),
        "effects": [] if alone is None else [_effect_json(one) for one in alone.effects],
        "once_minor": None if costs is None else costs.once_minor,
        "yearly_minor": None if costs is None else costs.yearly_minor,
        "saved_minor": None if costs is None else costs.saved_minor,
        "worse_off": library()[option.intervention].worse_off.en,
        "lead_weeks": library()[option.intervention].lead_weeks,
    }


def _selected_json(branch: BranchPlan) -> dict[str, Any]:
    begun, appraisal, costs = branch.begun, branch.appraisal, branch.costs
    found: Mapping[str, Any] = {
        "branch_id": branch.branch_id,
        "package_id": begun.candidate_id if begun else None,
        "options": [option.option_id for option in branch.chosen],
        "quarter": begun.quarter if begun else None,
        "effects": [] if appraisal is None else [_effect_json(one) for one in appraisal.effects],
        "once_minor": costs.once_minor if costs else None,
        "yearly_minor": costs.yearly_minor if costs else None,
        "saved_minor": costs.saved_minor if costs else None,
        "posts_released": costs.posts_released if costs else None,
        "satisfaction": None if branch.satisfaction is None else _effect_json(branch.satisfaction),
        "today": [_today_json(one) for one in branch.today],
    }
    return dict(found)


def _today_json(today: Today) -> dict[str, Any]:
    return {
        "measure": today.measure,
        "unit": today.unit,
        "measured": today.measured,
        "simulated": today.simulated,
        "is_told": today.is_told,
    }


def _effect_json(effect: Effect) -> dict[str, Any]:
    return {
        "measure": effect.measure,
        "class": effect.customer_class,
        "station": effect.station,
        "unit": effect.unit,
        "baseline": effect.baseline,
        "value": effect.value,
        "difference": effect.difference,
        "lower": effect.lower,
        "upper": effect.upper,
        "is_association": effect.is_association,
    }
