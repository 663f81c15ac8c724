"""How far the data of a branch can be trusted, and what would mend them."""

from __future__ import annotations

from collections.abc import Iterable

from branchwise.core.languages import Text
from branchwise.report.deliveries import Coverage
from branchwise.report.model import Doubt, Level, Trust
from branchwise.report.numbers import exact, share
from branchwise.report.phrases import say

MISSING_LIMITS = (0.02, 0.10)
ENDLESS_LIMITS = (0.20, 0.60)
SUSPECT_LIMITS = (0.01, 0.05)
FEWEST_VISITS = 200


def trust_of(rows: Iterable[Coverage], count_visits: int) -> Trust:
    """Return the doubts about a branch's data, the gravest first.

    Fair beyond the first limit, poor beyond the second: missing branch days 2 % and 10 %, served
    tickets without end 20 % and 60 %, suspected gaming 1 % and 5 %; fewer than 200 visits are
    poor. The limits are the house's own judgement, not a standard.

    Parameters
    ----------
    rows : iterable of Coverage
        What each source delivered for the branch.
    count_visits : int
        Visits of the period.
    """
    doubts = [] if count_visits >= FEWEST_VISITS else [_few(count_visits)]
    for row in rows:
        doubts += [doubt for doubt in (_missing(row), _endless(row), _suspect(row)) if doubt]
    return Trust(doubts=tuple(sorted(doubts, key=lambda doubt: doubt.level != "poor")))


def limits_said() -> Text:
    """Return the limits behind the lights."""
    missing, endless, suspect = (
        [share(limit) for limit in limits]
        for limits in (MISSING_LIMITS, ENDLESS_LIMITS, SUSPECT_LIMITS)
    )
    return say(
        "With care beyond {missing} of days missing, {endless} of served tickets without end or "
        "{suspect} suspected empty calls; not at all beyond {missing_poor}, {endless_poor} or "
        "{suspect_poor}, or below {fewest} visits. The limits are judgement, no standard.",
        missing=missing[0],
        endless=endless[0],
        suspect=suspect[0],
        missing_poor=missing[1],
        endless_poor=endless[1],
        suspect_poor=suspect[1],
        fewest=FEWEST_VISITS,
    )


def _few(count_visits: int) -> Doubt:
    return Doubt(
        level="poor",
        what=say("Only {number} visits are recorded.", number=exact(count_visits)),
        mend=say("Load more days, or the queue machine's own file."),
    )


def _missing(row: Coverage) -> Doubt | None:
    due = row.count_days + row.count_missing
    gone = row.count_missing / due if due else 1.0
    what = say(
        "{number} days missing from {source} ({share}).",
        number=row.count_missing,
        source=row.data_source_id,
        share=share(gone),
    )
    return _beyond(gone, MISSING_LIMITS, what, say("Ask for the files of the missing days."))


def _endless(row: Coverage) -> Doubt | None:
    what = say("{share} of served tickets have no end.", share=share(row.share_endless))
    mend = say("Switch on the end event of the queue machine, or stitch tickets to transactions.")
    return _beyond(row.share_endless, ENDLESS_LIMITS, what, mend)


def _suspect(row: Coverage) -> Doubt | None:
    what = say("{share} of tickets look gamed (empty calls).", share=share(row.share_suspect))
    mend = say("Compare these calls with transactions of the same window; talk with the branch.")
    return _beyond(row.share_suspect, SUSPECT_LIMITS, what, mend)


def _beyond(
    value: float | None, limits: tuple[float, float], what: Text, mend: Text
) -> Doubt | None:
    if value is None or value <= limits[0]:
        return None
    level: Level = "poor" if value > limits[1] else "fair"
    return Doubt(level=level, what=what, mend=mend)
