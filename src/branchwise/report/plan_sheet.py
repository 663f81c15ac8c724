"""A branch's sheet of the plan: today, proposed, difference; what was tried and not chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from branchwise.core.languages import Text
from branchwise.evaluate.verdicts import worse_by
from branchwise.measures.catalogue import catalogue
from branchwise.optimise.portfolio import Candidate
from branchwise.plan.document import BranchPlan, Plan
from branchwise.plan.promises import Promise
from branchwise.plan.proposal import Appraisal, Effect, Option
from branchwise.plan.select import late_or_lost
from branchwise.report import numbers
from branchwise.report.model import Branch
from branchwise.report.phrases import say
from branchwise.report.plan_words import (
    BELIEVED,
    DRAWN,
    change,
    measure_label,
    place_label,
    size_of,
    span_of,
)

ELDERLY = "elderly"
BUSY = "twin.busy_share"
SHOWN: tuple[tuple[str, str | None], ...] = (
    ("plan.late_or_lost_per_month", None),
    ("plan.late_per_month", None),
    ("queues.wait_mean_seconds", None),
    ("queues.wait_p90_seconds", None),
    ("queues.within_standard_share", None),
    ("queues.abandoned_share", None),
    ("queues.elderly_wait_mean_seconds", None),
    ("queues.elderly_wait_p90_seconds", None),
    ("queues.abandoned_share", ELDERLY),
    ("twin.machine_share", None),
    ("queues.failback_share", None),
    ("queues.authorisation_mean_seconds", None),
    ("devices.availability_share", None),
    ("twin.overtime_hours_per_month", None),
)
ONLY_IF_CHANGED = frozenset(
    {
        "queues.authorisation_mean_seconds",
        "devices.availability_share",
        "twin.overtime_hours_per_month",
    }
)
HIGHER_IS_BETTER = frozenset(
    {"queues.within_standard_share", "twin.machine_share", "devices.availability_share"}
)
LEAST_BUSY = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One measure: today, proposed, and the difference with its interval.

    Attributes
    ----------
    label : Text
        What people call it.
    effect : Effect
        The numbers.
    state : {"better", "worse", "unsure"}
        Whether the interval lies on one side of no change.
    measured : float or None
        Today in the bank's own data, beside the twin's today that `effect` holds.
    is_told : bool
        Whether measured and simulated today lie near enough for a change to be told.
    is_association : bool
        Whether it is expected from an association, and the twin has no today of it.
    """

    label: Text
    effect: Effect
    state: str
    measured: float | None = None
    is_told: bool = True
    is_association: bool = False


def lines(branch: BranchPlan) -> list[Line]:
    """Return what the chosen package changes for customers, the elderly apart."""
    if branch.appraisal is None:
        return []
    today = {one.measure: one for one in branch.today}
    found = []
    for measure, customer_class in SHOWN:
        effect = branch.appraisal.effect(measure, customer_class)
        if effect is None or (effect.baseline is None and effect.value is None):
            continue
        if measure == "plan.late_per_month" and late_or_lost(branch.appraisal) is not effect:
            continue
        state = state_of(effect)
        if measure in ONLY_IF_CHANGED and state == "unsure":
            continue
        label = measure_label(measure)
        known = today.get(measure) if customer_class is None else None
        if customer_class == ELDERLY:
            label = say("{measure}, 60 and over", measure=label)
        found.append(
            Line(
                label=label,
                effect=effect,
                state=state,
                measured=None if known is None else known.measured,
                is_told=known is None or known.is_told,
            )
        )
    return [*found, *_satisfaction(branch)]


def _satisfaction(branch: BranchPlan) -> list[Line]:
    effect = branch.satisfaction
    if effect is None or effect.difference is None:
        return []
    return [
        Line(
            label=measure_label(effect.measure),
            effect=effect,
            state=state_of(effect),
            measured=effect.baseline,
            is_association=True,
        )
    ]


def stations(branch: BranchPlan) -> list[Line]:
    """Return the utilisation of each station whose own changes by a half point or more."""
    if branch.appraisal is None:
        return []
    return [
        Line(label=place_label(effect.station), effect=effect, state="unsure")
        for effect in branch.appraisal.effects
        if effect.measure == BUSY
        and effect.station is not None
        and abs(effect.difference or 0.0) >= LEAST_BUSY
    ]


def state_of(effect: Effect) -> str:
    """Return whether a change is for the better, for the worse, or may be chance.

    Examples
    --------
    >>> state_of(Effect(measure="queues.wait_mean_seconds", unit="s", baseline=60.0, value=30.0,
    ...     difference=-30.0, lower=-40.0, upper=-20.0))
    'better'
    """
    if effect.lower is None or effect.upper is None or effect.lower <= 0 <= effect.upper:
        return "unsure"
    if effect.measure in catalogue():
        is_worse = worse_by(effect.measure, effect.difference or 0.0) > 0
    else:
        is_worse = ((effect.difference or 0.0) > 0) is not (effect.measure in HIGHER_IS_BETTER)
    return "worse" if is_worse else "better"


def services_of(branch: Branch | None) -> Mapping[str, str]:
    """Return the names of a branch's services by code."""
    return {} if branch is None else {use.service_id: use.name for use in branch.services}


def promises_of(plan: Plan, branch_id: str) -> list[Promise]:
    """Return what is promised at a branch."""
    return [promise for promise in plan.promises if promise.branch_id == branch_id]


def promise_effect(promise: Promise) -> Effect:
    """Return a promise as the difference that it is."""
    unit = catalogue()[promise.measure].unit
    return Effect(
        measure=promise.measure,
        unit=unit,
        baseline=promise.baseline,
        value=promise.baseline + promise.difference,
        difference=promise.difference,
        lower=promise.lower,
        upper=promise.upper,
    )


def promise_sentence(promise: Promise) -> Text:
    """Say what is promised on which measure: by how much better, or how far from worse."""
    effect = promise_effect(promise)
    if promise.kind == "no_worse":
        return say(
            "{measure}: {today} today; promised to get no worse than by {margin}. The change saves "
            "cost and is not there to make this better.",
            measure=measure_label(promise.measure),
            today=numbers.quantity(promise.baseline, effect.unit),
            margin=size_of(max(abs(promise.lower), abs(promise.upper)), effect.unit),
        )
    return say(
        "{measure}: {today} today, {change} promised (95 % interval {interval}).",
        measure=measure_label(promise.measure),
        today=numbers.quantity(promise.baseline, effect.unit),
        change=change(effect),
        interval=span_of(effect),
    )


def guard_sentence(promise: Promise) -> Text:
    """Say what must not get worse meanwhile, and by how much it may at most."""
    known = catalogue().get(promise.guard_rail)
    if not promise.guard_rail_limit:
        return say(
            "Guard-rail: {measure} must not get worse.", measure=measure_label(promise.guard_rail)
        )
    limit = numbers.quantity(promise.guard_rail_limit, known.unit if known else "count")
    return say(
        "Guard-rail: {measure} must not get worse by more than {limit}.",
        measure=measure_label(promise.guard_rail),
        limit=limit,
    )


def design_sentence(promise: Promise) -> Text:
    """Say with whom, over how many days and how surely the promise will be checked."""
    design = promise.design
    if design is None or design.power is None or not design.comparisons:
        return say("It cannot be checked by comparison: there is no past or no branch like it.")
    unit = catalogue()[promise.measure].unit
    return say(
        "Compared with {count} branches {drawn}, {before} open days before and {after} after; "
        "found with a probability of {power} if it comes; a difference from {detectable} is found "
        "in four cases of five.",
        count=len(design.comparisons),
        drawn=say(DRAWN[design.drawn_from]),
        before=design.pre_days,
        after=design.post_days,
        power=numbers.share(min(design.power, 0.999)),
        detectable=numbers.quantity(design.detectable, unit),
    )


def not_chosen(branch: BranchPlan) -> list[Option]:
    """Return the options that were not chosen, the likeliest first."""
    chosen = {option.option_id for option in branch.chosen}
    return [option for option in branch.trial.options if option.option_id not in chosen]


def why_not_said(plan: Plan, branch: BranchPlan, option: Option) -> Text:
    """Return in a few words why an option is not in the plan; `plan why` tells it in full."""
    code = option.option_id
    if code in plan.problem.locks.rejected:
        reason = plan.reasons.get(code)
        return say("rejected: {reason}", reason=reason) if reason else say("rejected")
    if branch.standing not in BELIEVED:
        return say("not promised: the twin is not believed")
    tried = [found for found in branch.trial.appraisals if code in found.option_ids]
    if not any(found.effects for found in tried):
        return say("the twin cannot try it")
    held = [one for one in plan.problem.candidates if code in one.option_ids]
    return _weighed(plan, branch, held) if held else _no_help(tried)


def _weighed(plan: Plan, branch: BranchPlan, held: Sequence[Candidate]) -> Text:
    if all(one.elderly_change > plan.problem.limits.elderly_tolerance_seconds for one in held):
        return say("customers of 60 and over would wait longer")
    if branch.begun is not None:
        return say("what was chosen here is worth more")
    return say("not worth its cost, or a limit stands in the way")


def _no_help(tried: list[Appraisal]) -> Text:
    known = [effect for found in tried if (effect := late_or_lost(found)) is not None]
    known = [effect for effect in known if effect.difference is not None]
    if not known:
        return say("no help that could be told apart from chance")
    best = min(known, key=lambda effect: effect.difference or 0.0)
    if best.upper is not None and best.upper < 0:
        return say(
            "helps, but others here were worth more in the first trials: "
            "{change} customers a month ({interval})",
            change=change(best),
            interval=span_of(best),
        )
    return say(
        "no help beyond chance: {change} customers a month ({interval})",
        change=change(best),
        interval=span_of(best),
    )
