"""The order of findings, and which are listed under which.

The rule, in one minute:

1. Of each branch and theme one finding leads: the gravest; of equally grave ones the one that
   touches most customers, then the one with the smallest p. The others are listed under it.
2. Leading findings are ranked by severity: high, medium, low.
3. Of one severity each has a place by customers affected a month and a place by money a month
   (without money: the last place). The smaller the sum of both places, the higher the rank.
4. The findings listed under a leading one come after all leading ones, in the same order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from branchwise.plan.model import Finding

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
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.branch_id, finding.theme), []).append(finding)
    leaders: list[Finding] = []
    followers: dict[str, list[Finding]] = {}
    for group in groups.values():
        first, *others = sorted(group, key=_strength)
        leaders.append(replace(first, lead_finding_id=None))
        followers[first.finding_id] = [
            replace(other, lead_finding_id=first.finding_id) for other in others
        ]
    ordered = _by_places(leaders)
    ordered += [other for leader in ordered for other in followers[leader.finding_id]]
    return tuple(replace(finding, rank=place) for place, finding in enumerate(ordered, start=1))


def _strength(finding: Finding) -> tuple[float, ...] | tuple[object, ...]:
    return (
        GRAVITY[finding.severity],
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
