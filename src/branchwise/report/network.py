"""What the network page shows, picked from a report."""

from __future__ import annotations

from collections.abc import Sequence

from branchwise.core.languages import Text
from branchwise.plan.model import Finding
from branchwise.report.labels import BRANCH_TYPES, SYSTEMS, label
from branchwise.report.model import Branch, FunnelPoint, Report
from branchwise.report.numbers import amount, quantity
from branchwise.report.phrases import plain, say
from branchwise.report.statements import WAIT, WAIT_OF_ELDERLY, leading

PRODUCTIVITY = "economics.aum_per_head"
DEVICES = "devices.per_1000_visits"
COLUMNS = (PRODUCTIVITY, WAIT, WAIT_OF_ELDERLY, DEVICES)


def columns(report: Report) -> list[str]:
    """Return the measures of the list, those that the catalogue knows."""
    return [name for name in COLUMNS if name in report.measures]


def types(report: Report) -> list[str]:
    """Return the branch types that occur."""
    return sorted({branch.branch_type for branch in report.branches})


def regions(report: Report) -> list[str]:
    """Return the regions that occur."""
    return sorted({branch.region for branch in report.branches if branch.region})


def top_finding(branch: Branch) -> Finding | None:
    """Return the branch's first leading finding."""
    found = leading(branch.findings)
    return found[0] if found else None


def flagged(report: Report) -> set[str]:
    """Return the branches with a finding of high severity."""
    return {finding.branch_id for finding in report.findings if finding.severity == "high"}


def out_of_line(report: Report, measure: str) -> set[str]:
    """Return the branches with a finding on a measure."""
    return {finding.branch_id for finding in report.findings if finding.measure == measure}


def has_map(report: Report) -> bool:
    """Return whether there is anything to compare on a map: two branches with coordinates."""
    placed = [b for b in report.branches if b.latitude is not None and b.longitude is not None]
    return len(placed) > 1


def is_worse(branch: Branch, measure: str) -> bool:
    """Return whether a finding stands behind a branch's value: one criterion on every page."""
    return any(finding.measure == measure for finding in branch.findings)


def describe(report: Report, branch_id: str) -> Text:
    """Return name, type, size and wait of a branch, for a tooltip."""
    branch = next(branch for branch in report.branches if branch.branch_id == branch_id)
    wait = branch.comparisons.get(WAIT)
    return say(
        "{name} ({type}): {visits} visits, P90 wait {wait}",
        name=plain(branch.name),
        type=label(BRANCH_TYPES, branch.branch_type),
        visits=amount(branch.count_visits, 0),
        wait=quantity(wait.today.value if wait else None, "s"),
    )


def highest(report: Report, measure: str) -> float:
    """Return the largest value of a measure over the branches, for the length of bars."""
    rows = [branch.comparisons.get(measure) for branch in report.branches]
    return max((row.today.value or 0.0 for row in rows if row), default=0.0)


def ends(report: Report) -> dict[str, float]:
    """Return the largest value of each measure of the list."""
    return {name: highest(report, name) for name in columns(report)}


def shown_points(report: Report, most: int) -> Sequence[FunnelPoint]:
    """Return the rows of the table beside the funnel: if not all, the longest waits first."""
    points = () if report.funnel is None else report.funnel.points
    if len(points) <= most:
        return points
    return sorted(points, key=lambda point: (-point.value, point.branch_id))[:most]


def short_label(measure: str) -> Text:
    """Return the heading of a measure's column."""
    return {
        PRODUCTIVITY: say("AUM per head"),
        WAIT: say("P90 wait"),
        WAIT_OF_ELDERLY: say("P90 wait, 60 and over"),
        DEVICES: say("Devices per 1,000 visits"),
    }[measure]


def sources_said(report: Report, systems: list[str]) -> Text:
    """Return the names of the sources of some systems that were loaded."""
    loaded = [source.system for source in report.loading.sources]
    names = [label(SYSTEMS, system) for system in systems if system in loaded]
    if not names:
        names = [label(SYSTEMS, system) for system in dict.fromkeys(loaded)]
    if not names:
        return say("the warehouse")
    said = names[0]
    for name in names[1:]:
        said = say("{first}, {second}", first=said, second=name)
    return said
