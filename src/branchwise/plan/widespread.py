"""A standard that a large part of the branches breaks: one finding of the bank, not one of each.

The rule: where more than a third of the branches with a value break a standard, the standard, the
staffing or the way of working of the whole bank is the matter. One finding is raised on the bank;
it sums customers and money and names the branches, the worst first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from branchwise.plan.cells import Cells, is_aggregate
from branchwise.plan.model import WHOLE_BANK, Finding, Part, Settings, Severity


def widespread(
    findings: Sequence[Finding], cells: Mapping[str, Cells], settings: Settings
) -> list[Finding]:
    """Return the bank's findings on standards that a large part of its branches breaks.

    Parameters
    ----------
    findings : sequence of Finding
        Of all branches.
    cells : mapping of str to Cells
        Values by measure, of the bank's own branches and of the bank.
    settings : Settings
        `widespread_share`; there must be more branches than make a comparison with peers.

    Returns
    -------
    list of Finding
        At most one a measure; its severity is the commonest among the branches.
    """
    breaking: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.kind == "standard" and not is_aggregate(finding.branch_id):
            breaking.setdefault(finding.measure, []).append(finding)
    return [
        _bank_finding(sorted(found, key=_worst_first), cells[measure])
        for measure, found in sorted(breaking.items())
        if _is_widespread(len(found), cells[measure], settings)
    ]


def under_the_bank(findings: Sequence[Finding]) -> dict[str, str]:
    """Return, by finding of a branch, the bank's finding on the same standard.

    Parameters
    ----------
    findings : sequence of Finding
        Of the bank and of branches.
    """
    wide = {
        (part.code, finding.measure): finding.finding_id
        for finding in findings
        if finding.branch_id == WHOLE_BANK and finding.kind == "standard"
        for part in finding.parts
    }
    return {
        finding.finding_id: wide[finding.branch_id, finding.measure]
        for finding in findings
        if finding.kind == "standard" and (finding.branch_id, finding.measure) in wide
    }


def _is_widespread(count: int, cells: Cells, settings: Settings) -> bool:
    compared = len(cells.branches)
    enough = compared > settings.peers_at_least and WHOLE_BANK in cells.cells
    return enough and count > settings.widespread_share * compared


def _worst_first(finding: Finding) -> tuple[float, str]:
    return -finding.worse_ratio, finding.branch_id


def _bank_finding(found: Sequence[Finding], cells: Cells) -> Finding:
    first, cell = found[0], cells.cells[WHOLE_BANK]
    money = [finding.money_minor for finding in found if finding.money_minor is not None]
    commonest: Severity = Counter(finding.severity for finding in found).most_common(1)[0][0]
    return Finding(
        finding_id=f"{WHOLE_BANK}|{first.measure}|standard",
        branch_id=WHOLE_BANK,
        measure=first.measure,
        theme=first.theme,
        kind="standard",
        value=cell.value,
        lower=cell.lower if np.isfinite(cell.lower) else None,
        upper=cell.upper if np.isfinite(cell.upper) else None,
        reference=first.reference,
        count_rows=cell.count_rows,
        worse_ratio=sum(finding.worse_ratio for finding in found) / len(found),
        severity=commonest,
        p_value=None,
        q_value=None,
        customers_affected=round(sum(finding.customers_affected for finding in found), 3),
        money_minor=sum(money) if money else None,
        currency=first.currency if money else None,
        mechanism=first.mechanism if money else None,
        parts=tuple(
            Part(role="breaks", code=finding.branch_id, amount=finding.value) for finding in found
        ),
    )
