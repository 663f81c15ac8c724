"""What a branch's sheet shows, picked from its record."""

from __future__ import annotations

from collections.abc import Sequence

from branchwise.core.languages import Text
from branchwise.plan.model import Finding
from branchwise.plan.sentences import clock
from branchwise.report.labels import BUSINESS_LINES, label, weekday
from branchwise.report.model import (
    Branch,
    Comparison,
    Headcount,
    Hours,
    MeasureNote,
    ServiceUse,
)
from branchwise.report.numbers import amount, exact, span
from branchwise.report.phrases import later, plain, say
from branchwise.report.statements import WAIT, leading

SHOWN_FINDINGS = 3
SHOWN_SERVICES = 6


def findings(branch: Branch) -> list[Finding]:
    """Return the branch's three leading findings."""
    return leading(branch.findings)[:SHOWN_FINDINGS]


def services(branch: Branch) -> list[ServiceUse]:
    """Return the largest services, the rest as one line."""
    ordered = sorted(branch.services, key=lambda use: (-use.count, use.service_id))
    first, rest = ordered[:SHOWN_SERVICES], ordered[SHOWN_SERVICES:]
    if not rest:
        return first
    together = ServiceUse(
        service_id="",
        name="",
        counter_only=sum(use.counter_only for use in rest),
        could_migrate=sum(use.could_migrate for use in rest),
        machine=sum(use.machine for use in rest),
    )
    return [*first, together]


def neighbours(branches: Sequence[Branch], position: int) -> tuple[Branch, Branch]:
    """Return the branches before and after one, round the end."""
    return branches[position - 1], branches[(position + 1) % len(branches)]


def staff_sentence(people: Headcount) -> Text:
    """Return what is known of the people of a branch."""
    known = (
        (later("plan {number}"), people.planned),
        (later("present {number} a day"), people.present_per_day),
        (later("own {number}"), people.own),
        (later("outsourced {number}"), people.outsourced or None),
    )
    parts = [say(message, number=amount(number)) for message, number in known if number is not None]
    if not parts:
        return say("not known yet: load attendance")
    said = parts[0]
    for part in parts[1:]:
        said = say("{first} · {second}", first=said, second=part)
    return said


def hours_sentence(hours: Hours) -> Text:
    """Return one run of opening hours: days, times, lunch, business line."""
    days = weekday(hours.first_weekday)
    if hours.last_weekday != hours.first_weekday:
        days = say("{first} to {last}", first=days, last=weekday(hours.last_weekday))
    times = f"{clock(hours.opens_minute)}–{clock(hours.closes_minute)}"
    if hours.lunch_starts_minute is not None and hours.lunch_ends_minute is not None:
        times = (
            f"{clock(hours.opens_minute)}–{clock(hours.lunch_starts_minute)}, "
            f"{clock(hours.lunch_ends_minute)}–{clock(hours.closes_minute)}"
        )
    line = plain("")
    if hours.business_line != "all":
        line = say(" ({line})", line=label(BUSINESS_LINES, hours.business_line))
    return say("{days} {times}{line}", days=days, times=times, line=line)


def has_windows(branch: Branch) -> bool:
    """Return whether it is known which windows were open."""
    return any(half.open_windows is not None for half in branch.half_hours)


def wait_standard(branch: Branch) -> float | None:
    """Return the standard of the P90 wait in seconds, where there is one."""
    row = branch.comparisons.get(WAIT)
    return row.standard if row else None


def behind(comparison: Comparison, note: MeasureNote) -> Text:
    """Return interval and rows behind a value, for a tooltip."""
    rows = exact(comparison.today.count_rows)
    if comparison.today.lower is None:
        return say("{number} rows, no interval", number=rows)
    return say(
        "95 % interval {interval}, {number} rows",
        interval=span(comparison.today.lower, comparison.today.upper, note.unit),
        number=rows,
    )


def peers_said(branch: Branch) -> Text:
    """Return how many branches the branch is compared with."""
    counts = [row.peers.count for row in branch.comparisons.values() if row.peers]
    if not counts:
        return say("No peers: the bank has too few branches of this kind to compare with.")
    return say(
        "Peers: the {number} nearest branches of the same type by size and mix of business; "
        "the column gives their median.",
        number=max(counts),
    )
