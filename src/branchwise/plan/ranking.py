"""The order of findings, and which are listed under which.

The rule, in one minute:

1. Of each branch and theme one finding leads: the gravest; of equally grave ones one that names
   branches or skills, then the one that touches most customers, then the one with the smallest p.
   The others are listed under it. A branch that only breaks a standard which a large part of the
   branches breaks does not lead: it is listed under the bank's finding, unless it also stands out
   in another way.
2. Leading findings are ranked by severity: high, medium, low.
3. Within one severity the themes take turns: the first finding of every theme, then the second
   of every theme, and so on, so that no theme hides the others.
4. Within a turn, and within a theme, each finding has a place by customers affected a month and a
   place by money a month (without money: the last place). The smaller the sum of both places, the
   higher the rank.
5. The findings listed under a leading one come after all leading ones, in the same order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from branchwise.plan.model import Finding
from branchwise.plan.widespread import under_the_bank

GRAVITY = {"high": 0, "medium": 1, "low": 2}


def ranked(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings in order, with `rank` and `lead_finding_id` set.

    Parameters
    ----------
    findings : iterable of Finding
        In any order; the result does not depend on it.

    Returns
    -------
    tuple of Finding
        Ranks run from 1 without gaps.
    """
    every = list(findings)
    lead_of = _leads(every)
    leaders = [finding for finding in every if lead_of[finding.finding_id] is None]
    followers: dict[str, list[Finding]] = {}
    for finding in sorted(every, key=_strength):
        lead = lead_of[finding.finding_id]
        if lead is not None:
            followers.setdefault(lead, []).append(finding)
    ordered = _in_turns(_by_places(leaders))
    ordered += [other for leader in ordered for other in followers.get(leader.finding_id, [])]
    return tuple(
        replace(finding, rank=place, lead_finding_id=lead_of[finding.finding_id])
        for place, finding in enumerate(ordered, start=1)
    )


def _leads(findings: Sequence[Finding]) -> dict[str, str | None]:
    """Return, by finding, the one that it is listed under; None for those that lead."""
    of_the_bank = under_the_bank(findings)
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in sorted(findings, key=_strength):
        groups.setdefault((finding.branch_id, finding.theme), []).append(finding)
    leads: dict[str, str | None] = {}
    for group in groups.values():
        own = [finding for finding in group if finding.finding_id not in of_the_bank]
        if own:
            leads |= {finding.finding_id: own[0].finding_id for finding in group}
            leads[own[0].finding_id] = None
    for finding in findings:
        if finding.finding_id not in leads:
            wide = of_the_bank[finding.finding_id]
            leads[finding.finding_id] = leads[wide] or wide
    return leads


def _in_turns(ordered: Sequence[Finding]) -> list[Finding]:
    """Let the themes take turns within each severity; within a turn the order stays."""
    had: Counter[tuple[str, str]] = Counter()
    keyed = []
    for finding in ordered:
        theme = (finding.severity, finding.theme)
        keyed.append((GRAVITY[finding.severity], had[theme], finding))
        had[theme] += 1
    return [finding for *_, finding in sorted(keyed, key=lambda entry: entry[:2])]


def _strength(finding: Finding) -> tuple[float, ...] | tuple[object, ...]:
    return (
        GRAVITY[finding.severity],
        not finding.parts,
        -finding.customers_affected,
        0.0 if finding.p_value is None else finding.p_value,
        finding.finding_id,
    )


def _by_places(leaders: Sequence[Finding]) -> list[Finding]:
    ordered: list[Finding] = []
    for severity in GRAVITY:
        level = [finding for finding in leaders if finding.severity == severity]
        customers = _places(level, lambda finding: finding.customers_affected)
        money = _places(level, lambda finding: finding.money_minor or 0)

        def summed(
            finding: Finding,
            customers: dict[str, int] = customers,
            money: dict[str, int] = money,
        ) -> tuple[int, float, str]:
            identity = finding.finding_id
            return (
                customers[identity] + money[identity],
                -finding.customers_affected,
                identity,
            )

        ordered += sorted(level, key=summed)
    return ordered


def _places(level: Sequence[Finding], amount: Callable[[Finding], float]) -> dict[str, int]:
    """Return competition places (equal amounts share a place), the largest amount first."""
    amounts = sorted((amount(finding) for finding in level), reverse=True)
    return {finding.finding_id: amounts.index(amount(finding)) + 1 for finding in level}
