"""Why an option is not in the plan, computed: what stands in its way, and what forcing it costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from branchwise.core.errors import Where, failure
from branchwise.core.languages import Text
from branchwise.core.units import quantity
from branchwise.optimise.portfolio import Begun, Candidate, PortfolioDecision, PortfolioProblem
from branchwise.plan.nearest import nearest
from branchwise.plan.proposal import Appraisal, Intervention, Option
from branchwise.plan.select import chosen_of, gain, late_or_lost, select
from branchwise.plan.sentences import JOINTS, money, place_name
from branchwise.plan.why_not_words import (
    AT,
    DROPPED,
    FOR_REGION,
    LATER,
    NO_REASON,
    NOT_CASH,
    SENTENCES,
    WANTED,
    conflict_text,
    limit_name,
    listed,
    sentence_of,
)

Reason = Literal[
    "chosen", "chosen_at_a_loss", "rejected", "not_supported", "not_trusted", "not_tried",
    "no_help", "outdone", "elderly", "not_worth", "another_package", "limit", "impossible", "even",
]  # fmt: skip
VALUED = frozenset({"chosen_at_a_loss", "not_worth", "another_package", "limit", "even"})
GAP = 1e-4
BELIEVED = frozenset({"trusted", "waits_only"})
NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """A choice with all that it rests on.

    Attributes
    ----------
    problem, decision : PortfolioProblem, PortfolioDecision
        What there was to choose from, and what was chosen.
    options : mapping of str to Option
        All options by code.
    appraisals : tuple of Appraisal
        All packages that were tried, those screened out as well.
    library : mapping of str to Intervention
        By name.
    currency : str
        ISO 4217.
    names : mapping of str to str
        Names of branches.
    remedies : mapping of str to Text
        By branch whose twin is not trusted: what data would mend it.
    reasons : mapping of str to str
        By rejected option: the reason that was given.
    """

    problem: PortfolioProblem
    decision: PortfolioDecision
    options: Mapping[str, Option]
    appraisals: tuple[Appraisal, ...]
    library: Mapping[str, Intervention]
    currency: str
    names: Mapping[str, str] = field(default_factory=dict)
    remedies: Mapping[str, Text] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyNot:
    """Why an option is not in the plan.

    Attributes
    ----------
    branch_id, intervention, option_id : str
        Of what; no option where there is none of the kind.
    reason : str
        ``chosen``, ``chosen_at_a_loss`` (for a region, or because people accepted it),
        ``rejected``, ``not_supported``, ``not_trusted``, ``not_tried``, ``no_help``, ``outdone``
        (others did better in a first look), ``elderly``, ``not_worth`` (costs more than it
        brings), ``another_package`` (of the branch is worth more), ``limit`` (a budget, capacity,
        devices, a region), ``impossible`` (cannot be forced in) or ``even`` (as good as what was
        chosen, within the gap).
    text : Text
        In words, with the figures.
    limits : tuple of str
        Limits in its way, by name.
    loss_lower, loss_upper : float or None
        Between these lies what the plan's worth loses if it is forced in, in minor units.
    dropped : tuple of str
        Options that would drop out then.
    """

    branch_id: str
    intervention: str
    option_id: str = ""
    reason: Reason
    text: Text
    limits: tuple[str, ...] = ()
    loss_lower: float | None = None
    loss_upper: float | None = None
    dropped: tuple[str, ...] = ()


def why_not(selection: Selection, option_id: str, *, time_limit: float = 20.0) -> WhyNot:
    """Return why an option is not in the plan.

    Parameters
    ----------
    selection : Selection
        The choice.
    option_id : str
        Code of an option.
    time_limit : float
        Seconds for the one search that forcing it in may take.

    Raises
    ------
    BranchwiseError
        [BW-PLN-006] if there is no option of the code.
    """
    option = selection.options.get(option_id)
    if option is None:
        known = nearest(option_id, selection.options)
        raise failure("BW-PLN-006", Where(place="option"), name=option_id, known=known)
    answer = _by_people_or_plan(selection, option)
    holding = [c for c in selection.problem.candidates if option_id in c.option_ids]
    if answer is None and not holding:
        answer = _never_a_candidate(selection, option)
    return answer or _weighed(selection, option, holding, time_limit)


def why_not_at(
    selection: Selection, branch_id: str, intervention: str, *, time_limit: float = 20.0
) -> WhyNot:
    """Return why a branch does not get an intervention: of its options of the kind, the best.

    Parameters
    ----------
    selection : Selection
        The choice.
    branch_id, intervention : str
        Where and what.
    time_limit : float
        As for `why_not`.

    Raises
    ------
    BranchwiseError
        [BW-PLN-006] if the library has no such intervention.
    """
    if intervention not in selection.library:
        known = ", ".join(sorted(selection.library)) or "–"
        raise failure("BW-PLN-006", Where(place="intervention"), name=intervention, known=known)
    here = [
        option
        for option in selection.options.values()
        if (option.branch_id, option.intervention) == (branch_id, intervention)
    ]
    if not here:
        named = _at(selection, branch_id, selection.library[intervention].label)
        text = sentence_of(SENTENCES["not_supported"], option=named)
        return WhyNot(
            branch_id=branch_id, intervention=intervention, reason="not_supported", text=text
        )
    chosen = _chosen_options(selection.problem, selection.decision)
    best = max(
        sorted(here, key=lambda option: option.option_id),
        key=lambda option: (option.option_id in chosen, _most(selection, option)),
    )
    return why_not(selection, best.option_id, time_limit=time_limit)


def _most(selection: Selection, option: Option) -> float:
    holding = [c for c in selection.problem.candidates if option.option_id in c.option_ids]
    return max((_worth(selection.problem, c) for c in holding), default=float("-inf"))


def _worth(problem: PortfolioProblem, candidate: Candidate) -> float:
    """Return what a candidate is worth if it begins when that is best."""
    from branchwise.optimise.problems.portfolio import worth

    return max(worth(candidate, at, problem.limits) for at in range(problem.limits.quarters))


def _chosen_options(problem: PortfolioProblem, decision: PortfolioDecision) -> dict[str, int]:
    """Return the options of a decision with the quarter in which they begin."""
    return {
        code: begun.quarter
        for begun, candidate in zip(decision.chosen, chosen_of(problem, decision), strict=True)
        for code in candidate.option_ids
    }


def _by_people_or_plan(selection: Selection, option: Option) -> WhyNot | None:
    code = option.option_id
    quarter = _chosen_options(selection.problem, selection.decision).get(code)
    if quarter is not None:
        return _chosen(selection, option, quarter)
    if code in selection.problem.locks.rejected:
        given = selection.reasons.get(code, "")
        return _answer(selection, option, "rejected", why=_plain(given) if given else NO_REASON)
    return None


def _chosen(selection: Selection, option: Option, quarter: int) -> WhyNot:
    """Answer for an option of the plan; one not worth its cost says what it is there for."""
    from branchwise.optimise.problems.portfolio import worth

    problem, code = selection.problem, option.option_id
    chosen = next(one for one in chosen_of(problem, selection.decision) if code in one.option_ids)
    begun = _plain(str(quarter + 1))
    value = worth(chosen, quarter, problem.limits)
    if value >= 0:
        return _answer(selection, option, "chosen", quarter=begun)
    accepted = not set(chosen.option_ids).isdisjoint(problem.locks.accepted)
    return _answer(
        selection,
        option,
        "chosen_at_a_loss",
        quarter=begun,
        loss=Text.written(lambda language: money(round(-value), selection.currency, language)),
        because=WANTED if accepted else FOR_REGION.filled(region=chosen.region_id),
    )


def _never_a_candidate(selection: Selection, option: Option) -> WhyNot:
    """Answer for an option of which no package is worth choosing between."""
    tried = [found for found in selection.appraisals if option.option_id in found.option_ids]
    if any(found.standing not in BELIEVED for found in tried):
        remedy = selection.remedies.get(option.branch_id, _plain(""))
        return _answer(selection, option, "not_trusted", remedy=remedy)
    known = [effect for found in tried if (effect := late_or_lost(found)) is not None]
    known = [effect for effect in known if effect.difference is not None]
    if not known:
        return _answer(selection, option, "not_tried")
    best = min(known, key=lambda effect: effect.difference or 0.0)

    def visits(value: float | None) -> Text:
        return Text.written(lambda language: quantity(value, best.unit, language))

    return _answer(
        selection,
        option,
        "outdone" if gain(best) > 0 else "no_help",
        effect=visits(best.difference),
        lower=visits(best.lower),
        upper=visits(best.upper),
    )


def _weighed(
    selection: Selection, option: Option, holding: list[Candidate], time_limit: float
) -> WhyNot:
    """Answer for an option that was a candidate: alone, against its branch, against the limits."""
    problem = selection.problem
    tolerance = problem.limits.elderly_tolerance_seconds
    allowed = [candidate for candidate in holding if candidate.elderly_change <= tolerance]
    if not allowed:
        least = min(candidate.elderly_change for candidate in holding)
        seconds, most = (_seconds(value) for value in (least, tolerance))
        return _answer(selection, option, "elderly", seconds=seconds, tolerance=most)
    best = max(allowed, key=lambda candidate: _worth(problem, candidate))
    worth = _worth(problem, best)
    if worth <= 0:
        return _answer(selection, option, "not_worth", amount=_money(selection, -worth))
    chosen = chosen_of(problem, selection.decision)
    rival = next((other for other in chosen if other.branch_id == option.branch_id), None)
    if rival is not None and (more := _worth(problem, rival) - worth) >= 0:
        other, amount = _called(selection, rival), _money(selection, more)
        return _answer(selection, option, "another_package", other=other, amount=amount)
    return _forced(selection, option, best, time_limit)


def _forced(selection: Selection, option: Option, best: Candidate, time_limit: float) -> WhyNot:
    """Answer by the plan that is best with the option in it."""
    problem, before = selection.problem, selection.decision
    locks = replace(problem.locks, accepted=(*problem.locks.accepted, option.option_id))
    forced = select(replace(problem, locks=locks), time_limit=time_limit, gap=GAP)
    if forced.status == "infeasible":
        answer = _answer(
            selection,
            option,
            "impossible",
            conflict=conflict_text(forced.conflict, is_smallest=forced.is_smallest_conflict),
        )
        return replace(answer, limits=forced.conflict)
    lower = max(before.objective - forced.bound, 0.0)
    upper = max(before.bound - forced.objective, lower)
    names = _in_the_way(problem, before, best)
    lost = set(_chosen_options(problem, before)) - set(_chosen_options(problem, forced))
    dropped = tuple(sorted(code for code in lost if code in selection.options))
    if not names or before.objective <= forced.objective:
        answer = _answer(selection, option, "even", loss=_money(selection, upper))
    else:
        answer = _answer(
            selection,
            option,
            "limit",
            amount=_money(selection, _worth(problem, best)),
            limits=listed([limit_name(name) for name in names]),
            dropped=_said_dropped(selection, dropped),
            loss=_money(selection, before.objective - forced.objective),
        )
    return replace(answer, limits=names, loss_lower=lower, loss_upper=upper, dropped=dropped)


def _in_the_way(
    problem: PortfolioProblem, before: PortfolioDecision, best: Candidate
) -> tuple[str, ...]:
    """Return the limits that the plan breaks with a candidate added, at its easiest quarter."""
    from branchwise.optimise.verify_portfolio import verify_portfolio

    others = tuple(
        begun
        for begun, candidate in zip(before.chosen, chosen_of(problem, before), strict=True)
        if candidate.branch_id != best.branch_id
    )
    broken = []
    for quarter in range(problem.limits.quarters):
        chosen = (*others, Begun(candidate_id=best.candidate_id, quarter=quarter))
        found = verify_portfolio(problem, replace(before, chosen=chosen))
        kinds = {breach.kind for breach in found} - {"objective", "bound"}
        broken.append(tuple(sorted(kinds)))
    return min(broken, key=len)


def _said_dropped(selection: Selection, dropped: tuple[str, ...]) -> Text:
    if not dropped:
        return LATER
    names = [_option(selection, selection.options[code]) for code in dropped[:NAMED]]
    rest = len(dropped) - NAMED
    names += [_plain(f"… (+{rest})")] if rest > 0 else []
    return sentence_of(DROPPED, names=listed(names))


def _answer(selection: Selection, option: Option, reason: Reason, **pieces: Text) -> WhyNot:
    named = _option(selection, option)
    return WhyNot(
        branch_id=option.branch_id,
        intervention=option.intervention,
        option_id=option.option_id,
        reason=reason,
        text=_with_note(reason, sentence_of(SENTENCES[reason], option=named, **pieces)),
    )


def _with_note(reason: Reason, text: Text) -> Text:
    """Say of an answer that names a worth that it is no cash."""
    if reason not in VALUED:
        return text
    return Text.written(
        lambda language: JOINTS[language].join((text.read_in(language), NOT_CASH.read_in(language)))
    )


def _option(selection: Selection, option: Option) -> Text:
    return _at(selection, option.branch_id, _label(selection, option))


def _label(selection: Selection, option: Option) -> Text:
    label = selection.library[option.intervention].label
    if len(selection.library[option.intervention].amounts) == 1:
        return label
    return Text.written(lambda language: f"{label.read_in(language)} ({option.amount:g})")


def _called(selection: Selection, candidate: Candidate) -> Text:
    labels = [_label(selection, selection.options[code]) for code in candidate.option_ids]
    return listed(labels, " + ")


def _at(selection: Selection, branch_id: str, label: Text) -> Text:
    return Text.written(
        lambda language: AT.read_in(language).format(
            label=label.read_in(language),
            branch=place_name(branch_id, selection.names, language),
        )
    )


def _plain(words: str) -> Text:
    return Text(en=words, zh_hant=words, zh_hans=words)


def _seconds(value: float) -> Text:
    return Text.written(lambda language: quantity(value, "s", language))


def _money(selection: Selection, minor: float) -> Text:
    return Text.written(lambda language: money(round(minor), selection.currency, language))
