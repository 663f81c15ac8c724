"""A choice confirmed: what was chosen is tried on fresh draws, and what fails them drops out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from branchwise.optimise.portfolio import Candidate, PortfolioDecision, PortfolioProblem
from branchwise.plan.proposal import Appraisal
from branchwise.plan.select import chosen_of, elderly_change, late_or_lost

Select = Callable[[PortfolioProblem], PortfolioDecision]
Fresh = Callable[[Sequence[Candidate]], Mapping[str, Appraisal]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """A choice of which every package held on fresh draws.

    Attributes
    ----------
    problem : PortfolioProblem
        Without the packages that did not hold.
    decision : PortfolioDecision
        What was chosen. Its worth is that on the draws of the choice, so it is partly luck.
    fresh : mapping of str to Appraisal
        What came of packages on fresh draws: of all that were chosen, and of those that failed.
    failed : frozenset of str
        Packages that did not hold.
    """

    problem: PortfolioProblem
    decision: PortfolioDecision
    fresh: Mapping[str, Appraisal]
    failed: frozenset[str]


def confirmed(
    problem: PortfolioProblem, select: Select, fresh: Fresh, *, accepted: Collection[str] = ()
) -> Confirmed:
    """Choose, try what was chosen on fresh draws, and choose again without what fails there.

    Parameters
    ----------
    problem : PortfolioProblem
        What there is to choose from.
    select : callable
        Makes a choice.
    fresh : callable
        Tries packages on draws that had no say in the choice; packages of which the twin says
        nothing it leaves out, and they stay.
    accepted : collection of str
        Options that people accepted: their packages stay, whatever they bring.

    Returns
    -------
    Confirmed
        Each round takes at least one package away, so that it ends.
    """
    found: dict[str, Appraisal] = {}
    failed: set[str] = set()
    while True:
        decision = select(problem)
        chosen = chosen_of(problem, decision)
        found |= fresh([one for one in chosen if one.candidate_id not in found])
        lost = {
            one.candidate_id
            for one in chosen
            if one.candidate_id in found
            and set(one.option_ids).isdisjoint(accepted)
            and not holds(one, found[one.candidate_id], problem)
        }
        if not lost:
            break
        failed |= lost
        problem = _without(problem, lost)
    return Confirmed(problem=problem, decision=decision, fresh=found, failed=frozenset(failed))


def holds(candidate: Candidate, appraisal: Appraisal, problem: PortfolioProblem) -> bool:
    """Say whether a package still does on fresh draws what it was chosen for.

    What helped helps still, by its mean: that it does so beyond chance was asked of the draws of
    the choice, and asked again it would make luck a condition once more. The elderly wait no longer
    than they may.

    Parameters
    ----------
    candidate : Candidate
        As it was chosen.
    appraisal : Appraisal
        Of the package on fresh draws.
    problem : PortfolioProblem
        With the limits.
    """
    helped = candidate.late_or_lost_change < 0
    effect = late_or_lost(appraisal)
    if helped and (effect is None or effect.difference is None or effect.difference >= 0):
        return False
    return elderly_change(appraisal) <= problem.limits.elderly_tolerance_seconds


def _without(problem: PortfolioProblem, lost: Collection[str]) -> PortfolioProblem:
    return replace(
        problem,
        candidates=tuple(one for one in problem.candidates if one.candidate_id not in lost),
        previous=tuple(one for one in problem.previous if one.candidate_id not in lost),
    )
