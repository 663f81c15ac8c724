"""The report of `optimise devices`: rows for programs, tables for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from branchwise.core.languages import Language, Text
from branchwise.core.tabulation import Tabulation
from branchwise.core.units import quantity
from branchwise.optimise.devices import Counts, MixDecision, NetworkDecision
from branchwise.pipeline.optimise import devices_words as words
from branchwise.pipeline.optimise.devices_effects import DRAWS, UNIT, MixEffect
from branchwise.pipeline.optimise.devices_problem import Wanted
from branchwise.pipeline.twin.trust import Trust
from branchwise.pipeline.twin.words import VERDICT_WORDS


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchDevices:
    """What is proposed for a branch.

    Attributes
    ----------
    decision : MixDecision
        All mixes that were tried.
    proposed : int
        Place of the one proposed.
    moved_in : mapping of str to int
        Machines that come from other branches, by kind.
    probability : float
        That no mix that takes no more capital is better by more than the indifference zone.
    indifference_minor : float
        That zone, a year.
    move_minor : int
        Cost of moving a machine.
    effects : tuple of MixEffect
        What the change brings; empty without a change.
    confidence : float
        Probability that was asked for.
    is_certain : bool
        Whether parameters were taken for certain.
    left_as_is : tuple of str
        Posts and machines whose numbers were not varied.
    """

    decision: MixDecision
    proposed: int
    moved_in: Mapping[str, int]
    probability: float
    indifference_minor: float
    move_minor: int
    effects: tuple[MixEffect, ...]
    confidence: float
    is_certain: bool
    left_as_is: tuple[str, ...] = ()

    @property
    def branch_id(self) -> str:
        """The branch."""
        return self.decision.problem.branch_id

    @property
    def counts(self) -> Counts:
        """The mix proposed."""
        return self.decision.mixes[self.proposed].counts

    @property
    def is_change(self) -> bool:
        """Whether it differs from what is there."""
        return self.proposed != self.decision.today

    @property
    def once_minor(self) -> int:
        """Capital, moved machines at the cost of their moving."""
        prices = {one.device_kind: one.price_minor for one in self.decision.problem.resources}
        saved = sum(
            count * (prices[kind] - self.move_minor) for kind, count in self.moved_in.items()
        )
        return self.decision.mixes[self.proposed].once_minor - saved

    @property
    def running_change_minor(self) -> int:
        """Cost of a year against today's, moved machines at the cost of their moving."""
        mixes, problem = self.decision.mixes, self.decision.problem
        saved = sum(
            self.moved_in.get(one.device_kind, 0)
            * (one.price_minor - self.move_minor) / one.life_years
            for one in problem.resources if one.kind == "machine"
        )  # fmt: skip
        whole = mixes[self.proposed].running_minor - mixes[self.decision.today].running_minor
        return round(whole - saved)

    @property
    def warnings(self) -> tuple[Text, ...]:
        """What is weak about it."""
        found = []
        name, decision = self.branch_id, self.decision
        if not decision.is_whole:
            found.append(words.STOPPED.filled(branch=name))
        if self.probability < self.confidence:
            found.append(
                words.NOT_REACHED.filled(
                    branch=name, runs=f"{decision.runs:,}", probability=f"{self.probability:.0%}"
                )
            )
        if not decision.is_today_allowed:
            found.append(words.OVER_LIMITS.filled(branch=name))
        elderly = [one for one in self.effects if one.customer_class == "elderly" and one.lower > 0]
        if elderly:
            found.append(words.ELDERLY.filled(branch=name, more=f"{elderly[0].difference:.1f}"))
        if self.left_as_is:
            found.append(words.LEFT.filled(branch=name, names=", ".join(self.left_as_is)))
        if self.is_certain:
            found.append(words.CERTAIN.filled(branch=name))
        return tuple(found)

    def as_json(self) -> dict[str, Any]:
        """Return the proposal for programs."""
        decision = self.decision
        return {
            "branch_id": self.branch_id,
            "resources": [
                {
                    "name": one.name,
                    "kind": one.kind,
                    "device_kind": one.device_kind or None,
                    "today": one.today,
                    "proposed": count,
                    "difference": count - one.today,
                    "moved_in": self.moved_in.get(one.device_kind, 0) if one.device_kind else 0,
                }
                for one, count in zip(decision.problem.resources, self.counts, strict=True)
            ],
            "left_as_is": list(self.left_as_is),
            "probability": self.probability,
            "confidence": self.confidence,
            "indifference_minor": self.indifference_minor,
            "is_best_without_budget": self.proposed == decision.chosen,
            "mixes_feasible": decision.feasible,
            "mixes_too_dear": decision.too_dear,
            "mixes_tried": len(decision.mixes),
            "runs": decision.runs,
            "once_minor": self.once_minor,
            "running_change_minor": self.running_change_minor,
            "objective_today_minor": float(decision.objective_minor[decision.today]),
            "objective_minor": float(decision.objective_minor[self.proposed]),
            "effects": [one.as_row() for one in self.effects],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class DevicesReport:
    """What is proposed for all branches asked for.

    Attributes
    ----------
    branches : tuple of BranchDevices
        Those that were decided.
    verdicts : tuple of (str, Trust)
        Of every branch asked for.
    network : NetworkDecision or None
        The allocation; None where no branch was decided.
    wanted : Wanted
        What was asked.
    currency : str
        ISO 4217.
    worth_minor : float or None
        Worth of one late or lost customer fewer.
    budget_minor : int or None
        Capital of all; None: no limit.
    seed : int
        Seed of all chance.
    told : tuple of Text
        What is weak about it as a whole.
    """

    branches: tuple[BranchDevices, ...]
    verdicts: tuple[tuple[str, Trust], ...]
    network: NetworkDecision | None
    wanted: Wanted
    currency: str
    worth_minor: float | None
    budget_minor: int | None
    seed: int
    told: tuple[Text, ...] = ()

    @property
    def warnings(self) -> tuple[Text, ...]:
        """Branches without a proposal, and what is weak about the others."""
        left = [
            _not_decided(name, each) for name, each in self.verdicts if each.verdict != "trusted"
        ]
        own = [text for branch in self.branches for text in branch.warnings]
        return (*left, *self.told, *own)

    def as_json(self) -> dict[str, Any]:
        """Return the ``result`` of the JSON document."""
        network = self.network
        return {
            "branches": [one.as_json() for one in self.branches],
            "verdicts": [{"branch_id": name, **each.as_json()} for name, each in self.verdicts],
            "currency": self.currency,
            "worth_minor": self.worth_minor,
            "budget_minor": self.budget_minor,
            "capital_minor": None if network is None else network.capital_minor,
            "objective": None if network is None else network.objective_minor,
            "bound": None if network is None else network.bound_minor,
            "gap": None if network is None else network.gap,
            "status": "not_simulated" if network is None else network.status,
            "draws": DRAWS,
            "seed": self.seed,
        }

    def as_tables(self, language: Language) -> tuple[Tabulation, ...]:
        """Return today, proposed and difference by branch; then what changes bring and cost."""
        phrases = words.WORDS[language]
        changed = [one for one in self.branches if one.is_change]
        title = phrases["title"].format(branches=len(self.branches), changed=len(changed))
        columns = tuple(phrases["columns"].split("|"))
        rows = tuple(row for one in self.branches for row in _rows(one, language))
        mixes = Tabulation(title=title, columns=columns, rows=rows, notes=self._notes(language))
        if not changed:
            return (mixes,)
        effects = Tabulation(
            title=phrases["effects"],
            columns=tuple(phrases["effect_columns"].split("|")),
            rows=tuple(self._effects(one, language) for one in changed),
            notes=(phrases["interval"].format(draws=DRAWS),),
        )
        return mixes, effects

    def _effects(self, one: BranchDevices, language: Language) -> tuple[object, ...]:
        every, elderly = one.effects
        return (
            one.branch_id,
            _visits(every.baseline, language),
            _visits(every.value, language),
            _visits(every.difference, language),
            _limits(every, language),
            _visits(elderly.difference, language),
            _limits(elderly, language),
            self._money(one.once_minor, language),
            self._money(one.running_change_minor, language),
        )

    def _money(self, minor: float, language: Language) -> str:
        return quantity(minor, "minor", language, currency=self.currency)

    def _notes(self, language: Language) -> tuple[str, ...]:
        phrases, network = words.WORDS[language], self.network
        if network is None or self.worth_minor is None:
            return ()
        zones = sorted({one.indifference_minor for one in self.branches})
        between = " – ".join(self._money(zone, language) for zone in dict.fromkeys(
            (zones[0], zones[-1])
        ))  # fmt: skip
        limit = self.budget_minor
        return (
            phrases["network"].format(
                capital=self._money(network.capital_minor, language),
                budget=phrases["none"] if limit is None else self._money(limit, language),
                objective=self._money(network.objective_minor, language),
                bound=self._money(network.bound_minor, language),
                gap=f"{network.gap:.4%}",
            ),
            phrases["objective"].format(
                worth=self._money(self.worth_minor, language),
                indifference=between,
                worse=quantity(self.wanted.worse, "share", language),
            ),
            phrases["probability"],
            phrases["sunk"],
        )


def _rows(one: BranchDevices, language: Language) -> list[tuple[object, ...]]:
    found: list[tuple[object, ...]] = []
    resources = one.decision.problem.resources
    for place, (resource, count) in enumerate(zip(resources, one.counts, strict=True)):
        more = count - resource.today
        moved = one.moved_in.get(resource.device_kind, 0) if resource.device_kind else 0
        found.append(
            (
                one.branch_id,
                resource.name,
                words.KINDS[resource.kind].read_in(language),
                resource.today,
                count,
                f"{more:+d}" if more else "0",
                moved or None,
                quantity(one.probability, "share", language) if place == 0 else None,
            )
        )
    return found


def _visits(value: float, language: Language) -> str:
    return quantity(value, UNIT, language, style="compact")


def _limits(effect: MixEffect, language: Language) -> str:
    return f"{_visits(effect.lower, language)} – {_visits(effect.upper, language)}"


def _not_decided(branch_id: str, each: Trust) -> Text:
    return Text.written(
        lambda language: words.NOT_DECIDED.filled(
            branch=branch_id,
            verdict=VERDICT_WORDS[each.verdict].read_in(language),
            reason=each.reason.read_in(language),
            remedy=each.remedy.read_in(language),
        ).read_in(language)
    )
