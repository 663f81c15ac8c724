"""What the load report shows, picked from a report."""

from __future__ import annotations

from collections import defaultdict

from branchwise.core.languages import Text
from branchwise.report.model import Coverage, Effect, Report, Source
from branchwise.report.numbers import ONE_PLACE_FROM, UNKNOWN, amount, decimal, exact
from branchwise.report.phrases import plain, say

GAMING_SAID = 0.01
FIRST_SYSTEM = "queue_machine"


def by_source(report: Report) -> list[tuple[Source, list[Coverage]]]:
    """Return the coverage of every source, its gappiest branches first."""
    rows: dict[str, list[Coverage]] = defaultdict(list)
    for coverage in report.loading.coverage:
        rows[coverage.data_source_id].append(coverage)
    return [
        (source, sorted(rows[source.data_source_id], key=_gaps))
        for source in sorted(report.loading.sources, key=lambda s: s.system != FIRST_SYSTEM)
        if rows[source.data_source_id]
    ]


def count_missing(report: Report) -> int:
    """Return the number of branch days that some source should have and has not."""
    return sum(coverage.count_missing for coverage in report.loading.coverage)


def suspects(report: Report) -> list[Coverage]:
    """Return the branches with more than one suspicious ticket in a hundred."""
    found = [
        coverage
        for coverage in report.loading.coverage
        if (coverage.share_suspect or 0) > GAMING_SAID
    ]
    return sorted(found, key=lambda coverage: -(coverage.share_suspect or 0))


def _gaps(coverage: Coverage) -> tuple[int, float, str]:
    return -coverage.count_missing, -(coverage.share_suspect or 0), coverage.branch_id


def has_tickets(rows: list[Coverage]) -> bool:
    """Return whether a source has tickets, so that ends and gaming can be told."""
    return any(row.share_endless is not None for row in rows)


def headline(report: Report) -> Text:
    """Return the statement above the load report."""
    if not report.loading.sources:
        return say("Nothing is loaded yet.")
    return say(
        "{sources} sources for {branches} branches: {missing} branch days are missing, "
        "{repairs} values repaired, {quarantined} rows in quarantine.",
        sources=len(report.loading.sources),
        branches=len(report.branches),
        missing=exact(count_missing(report)),
        repairs=amount(sum(rule.count for rule in report.loading.repairs), 0),
        quarantined=amount(sum(row.count for row in report.loading.quarantine), 0),
    )


def effects(report: Report) -> list[Effect]:
    """Return the effects of rules on headline measures that can be seen at all."""
    return [
        effect
        for effect in report.loading.effects
        if _said(report, effect.measure, effect.before)
        != _said(report, effect.measure, effect.after)
    ]


def value_said(value: float | None, unit: str) -> Text:
    """Return a headline measure finely enough to see a small difference."""
    if value is None:
        return UNKNOWN
    return say("{number} s", number=decimal(value)) if unit == "s" else _fine(value, unit)


def _fine(value: float, unit: str) -> Text:
    if unit == "share":
        return plain(f"{decimal(value * 100, 2)}%")
    return plain(decimal(value, 0 if abs(value) >= ONE_PLACE_FROM else 2))


def _said(report: Report, measure: str, value: float | None) -> Text:
    unit = report.measures[measure].unit if measure in report.measures else ""
    return value_said(value, unit)
