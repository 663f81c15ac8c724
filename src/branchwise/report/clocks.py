"""How the load report says clock drift and stitching: a figure, or a dash with its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from branchwise.cleaning.stitching import Stitching
from branchwise.core.languages import Text
from branchwise.report.deliveries import Coverage
from branchwise.report.model import Report
from branchwise.report.numbers import UNKNOWN, duration, exact, share, span
from branchwise.report.phrases import count, later, say

DRIFT_SAID_SECONDS = 60
REASONS = {
    "no_transactions": later("no transactions to match with"),
    "no_visits": later("no visits to match with"),
    "nothing_in_common": later("no teller or machine that both sides name"),
    "no_agreement": later("too few, or no agreement clearer than chance within 20 minutes"),
}


def are_timed(rows: Iterable[Coverage]) -> bool:
    """Return whether a source records services, so that its clock can be held against another."""
    return any(
        row.share_endless is not None or (row.stitching and row.stitching.side == "services")
        for row in rows
    )


def are_stitched(rows: Iterable[Coverage]) -> bool:
    """Return whether a source has a side of its own in stitching."""
    rows = tuple(rows)
    return are_timed(rows) or any(row.stitching for row in rows)


def drift_said(found: Stitching | None) -> Text:
    """Return how far a clock is from the transactions' clock.

    Examples
    --------
    >>> from branchwise.cleaning.stitching import Stitching
    >>> slow = Stitching(branch_id="1", data_source_id="q", side="services", count=9,
    ...     drift_seconds=-130, drift_lower_seconds=-150, drift_upper_seconds=-120, is_steady=True)
    >>> drift_said(slow).en, drift_said(slow).zh_hant, drift_said(None).en
    ('2.2 min slow', '慢 2.2 分鐘', '–')
    """
    if found is None or found.drift_seconds is None:
        return UNKNOWN
    if not found.is_steady:
        return say("wanders")
    if not found.is_off:
        return say("none seen")
    size = duration(abs(found.drift_seconds))
    return (
        say("{size} fast", size=size) if found.drift_seconds > 0 else say("{size} slow", size=size)
    )


def bounds_said(found: Stitching | None) -> Text | None:
    """Return between which offsets the data cannot tell; None without a drift."""
    if found is None or found.drift_seconds is None:
        return None
    return span(found.drift_lower_seconds, found.drift_upper_seconds, "s")


def stitched_said(found: Stitching | None) -> Text:
    """Return the stitched share, or a dash."""
    return share(None if found is None else found.share_stitched)


def reasons_said(rows: Iterable[Coverage]) -> tuple[Text, ...]:
    """Return why some branches of a source have a dash, the most frequent reason first."""
    rows = tuple(rows)
    absent = "no_visits" if are_timed(rows) else "no_transactions"
    counted = Counter(row.stitching.reason if row.stitching else absent for row in rows)
    return tuple(
        count(
            "– at one branch: {reason}.",
            "– at {number} branches: {reason}.",
            many,
            number=exact(many),
            reason=say(REASONS[reason]),
        )
        for reason, many in counted.most_common()
        if reason
    )


def off(report: Report) -> list[Coverage]:
    """Return the sources of branches whose clock is a minute off or more, or wanders as far."""
    found = [row for row in report.loading.coverage if row.stitching and _is_far(row.stitching)]
    return sorted(found, key=lambda row: -_distance(row.stitching))


def worst(rows: Iterable[Coverage]) -> list[Coverage]:
    """Return the first row of each branch."""
    found: dict[str, Coverage] = {}
    for row in rows:
        found.setdefault(row.branch_id, row)
    return list(found.values())


def _is_far(found: Stitching) -> bool:
    return (found.is_off or found.is_steady is False) and _distance(found) >= DRIFT_SAID_SECONDS


def _distance(found: Stitching | None) -> float:
    if found is None or found.drift_seconds is None:
        return 0.0
    if found.is_steady:
        return abs(found.drift_seconds)
    return max(abs(found.drift_lower_seconds or 0), abs(found.drift_upper_seconds or 0))
