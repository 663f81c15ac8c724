"""What the load report shows, picked from a report."""

from __future__ import annotations

from collections import defaultdict

from branchwise.core.languages import LANGUAGES, Text
from branchwise.report.deliveries import Coverage, Effect, Source
from branchwise.report.labels import SYSTEMS, label
from branchwise.report.model import Report
from branchwise.report.numbers import amount, exact, quantity
from branchwise.report.phrases import count, say

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


def own_name(source: Source) -> str:
    """Return a source's own name where it says more than the kind of system."""
    kind = label(SYSTEMS, source.system)
    said = {kind.read_in(language).casefold() for language in LANGUAGES}
    return "" if source.name.casefold() in said else source.name


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
    sources, missing = len(report.loading.sources), count_missing(report)
    return say(
        "{sources}: {missing}, {repairs} values repaired, {quarantined} rows in quarantine.",
        sources=count("One source", "{number} sources", sources, number=sources),
        missing=count(
            "one branch day is missing",
            "{number} branch days are missing",
            missing,
            number=exact(missing),
        )
        if missing
        else say("no branch day is missing"),
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


def value_said(value: float | None, unit: str, currency: str | None = None) -> Text:
    """Return a headline measure finely enough to see a small difference."""
    return quantity(value, unit, currency, style="fine")


def _said(report: Report, measure: str, value: float | None) -> Text:
    unit = report.measures[measure].unit if measure in report.measures else "count"
    return value_said(value, unit, report.currency)
