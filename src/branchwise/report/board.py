"""What the first page shows, picked from a report."""

from __future__ import annotations

from dataclasses import dataclass

from branchwise.plan.model import Finding
from branchwise.report.model import Branch, Report
from branchwise.report.statements import WAIT, WAIT_OF_ELDERLY, leading

TOP = 5
WORSE_OFF = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class ElderlyWait:
    """P90 waits of a branch: everybody, and visitors of 60 and over (seconds)."""

    branch: Branch
    everyone: float
    old: float


def top_findings(report: Report) -> list[Finding]:
    """Return the leading findings that stand first."""
    return leading(report.findings)[:TOP]


def trusted(report: Report) -> list[Branch]:
    """Return the branches whose data can be trusted."""
    return [branch for branch in report.branches if branch.trust.level == "good"]


def doubted(report: Report) -> list[Branch]:
    """Return the other branches, the least trusted first."""
    others = [branch for branch in report.branches if branch.trust.level != "good"]
    return sorted(others, key=lambda branch: (branch.trust.level != "poor", branch.branch_id))


def elderly_waits(report: Report) -> list[ElderlyWait]:
    """Return the waits of the elderly by branch, the greatest disadvantage first."""
    rows = []
    for branch in report.branches:
        everyone, old = branch.comparisons.get(WAIT), branch.comparisons.get(WAIT_OF_ELDERLY)
        if everyone is None or old is None:
            continue
        if everyone.today.value is None or old.today.value is None:
            continue
        rows.append(ElderlyWait(branch=branch, everyone=everyone.today.value, old=old.today.value))
    return sorted(rows, key=lambda row: (row.everyone - row.old, row.branch.branch_id))


def count_leading(report: Report) -> int:
    """Return the number of findings that stand under no other."""
    return len(leading(report.findings))
