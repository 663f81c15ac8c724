"""The sentences of the report: headline, goals, findings, figure titles."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from branchwise.core.languages import Text
from branchwise.plan.cells import is_aggregate
from branchwise.plan.model import REGION_PREFIX, WHOLE_BANK, Finding, Spot
from branchwise.plan.sentences import named_in
from branchwise.report.labels import BUSINESS_LINES, KINDS, label, weekday
from branchwise.report.model import Branch, Comparison, Estimate, Goal, MeasureNote, Report
from branchwise.report.numbers import (
    amount,
    clock,
    decimal,
    duration,
    exact,
    money,
    period,
    quantity,
    share,
    span,
)
from branchwise.report.phrases import count, later, plain, say

WAIT = "queues.wait_p90_seconds"
WAIT_OF_ELDERLY = "queues.elderly_wait_p90_seconds"
SPOT_SHARES = {
    "late": later("{first} ({share} of all late visits)"),
    "lost": later("{first} ({share} of all lost visits)"),
}
RATIO_SAID = 1.05
RATIO_BEYOND_WORDS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Lever:
    """The measure of the finding that ranks first.

    Attributes
    ----------
    place : str
        Branch, region (``region:CODE``) or bank (``*``) of that finding.
    branches : int
        Branches that stand out on it.
    customers : float
        Customers a month that its findings touch.
    """

    measure: str
    place: str
    branches: int
    customers: float


def greatest_lever(findings: Iterable[Finding]) -> Lever | None:
    """Return the measure of the finding that ranks first, with all its findings together.

    The ranking weighs severity, customers and money. Findings of branches are added up; one of
    the whole bank or a region speaks of the same customers, so the larger of the two counts.
    None without findings.
    """
    ordered = leading(findings)
    if not ordered:
        return None
    measure = ordered[0].measure
    branches: dict[str, float] = {}
    wider = 0.0
    for finding in ordered:
        if finding.measure != measure:
            continue
        if is_aggregate(finding.branch_id):
            wider = max(wider, finding.customers_affected)
        else:
            before = branches.get(finding.branch_id, 0.0)
            branches[finding.branch_id] = max(before, finding.customers_affected)
    customers = max(sum(branches.values()), wider)
    return Lever(
        measure=measure, place=ordered[0].branch_id, branches=len(branches), customers=customers
    )


def leading(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings that stand under no other, by rank."""
    own = [finding for finding in findings if finding.lead_finding_id is None]
    return sorted(own, key=lambda finding: finding.rank)


def headline(report: Report) -> tuple[Text, Text]:
    """Return the sentence that stands first: what the network looks like; the greatest lever."""
    if not report.count_visits:
        return say("No visits are loaded yet, so nothing can be said about the network."), say(
            "Load the queue machine's files first."
        )
    branches = count(
        "one branch", "{number} branches", len(report.branches), number=len(report.branches)
    )
    visits, wait = amount(report.count_visits), report.bank.get(WAIT, Estimate())
    if wait.value is None:
        first = say("{visits} visits at {branches}.", visits=visits, branches=branches)
    else:
        first = say(
            "{visits} visits at {branches}: nine in ten visitors wait at most {wait}.",
            visits=visits,
            branches=branches,
            wait=duration(wait.value),
        )
    return first, _lever_sentence(report)


def _lever_sentence(report: Report) -> Text:
    lever = greatest_lever(report.findings)
    if lever is None:
        return say("Nothing stands out against standards, targets and peers.")
    note = report.measures.get(lever.measure)
    name = note.label if note else plain(lever.measure)
    if lever.customers <= 0:
        return say("The greatest lever: {measure}.", measure=name)
    if lever.branches == 0:
        return say(
            "The greatest lever: {measure} ({place}), which touches {customers} customers a month.",
            measure=name,
            place=branch_name(report, lever.place),
            customers=amount(lever.customers, 0),
        )
    if len(report.branches) == 1:
        return say(
            "The greatest lever: {measure}, which touches {customers} customers a month.",
            measure=name,
            customers=amount(lever.customers, 0),
        )
    return say(
        "The greatest lever: {measure}, out of line at {number} branches, touching "
        "{customers} customers a month.",
        measure=name,
        number=lever.branches,
        customers=amount(lever.customers, 0),
    )


def branch_name(report: Report, branch_id: str) -> Text:
    """Return what people call a branch, a region (``region:CODE``) or the whole bank (``*``)."""
    if branch_id == WHOLE_BANK:
        return say("The whole bank")
    if branch_id.startswith(REGION_PREFIX):
        code = branch_id.removeprefix(REGION_PREFIX)
        return plain(report.regions.get(code, code))
    names = [branch.name for branch in report.branches if branch.branch_id == branch_id]
    return plain(names[0] if names else branch_id)


def finding_sentence(finding: Finding, note: MeasureNote) -> Text:
    """Return a finding in one sentence: the value against its reference."""
    return say(
        "{measure}: {value}, against {reference} for {kind}{ratio}",
        measure=note.label,
        value=quantity(finding.value, note.unit, finding.currency),
        reference=quantity(finding.reference, note.unit, finding.currency),
        kind=label(KINDS, finding.kind),
        ratio=_ratio(finding),
    )


def named_sentence(report: Report, finding: Finding, note: MeasureNote) -> Text | None:
    """Return which branches or skills a finding names; None where it names none."""
    return named_in(finding, note.unit, {b.branch_id: b.name for b in report.branches})


def _ratio(finding: Finding) -> Text:
    if not RATIO_SAID < finding.worse_ratio < RATIO_BEYOND_WORDS:
        return plain("")
    return say(" (worse by a factor of {ratio})", ratio=decimal(finding.worse_ratio))


def spot_sentence(spot: Spot | None) -> Text | None:
    """Return when in the week a finding happens, and why as far as it is known."""
    if spot is None:
        return None
    when = {
        "weekday": weekday(spot.iso_weekday),
        "begins": clock(spot.starts_minute),
        "ends": clock(spot.ends_minute),
        "line": _line(spot),
    }
    if spot.windows_short is not None and spot.windows_short > 0:
        first = count(
            "Lacks one {line}window on {weekday} {begins}–{ends}",
            "Lacks {number} {line}windows on {weekday} {begins}–{ends}",
            spot.windows_short,
            number=spot.windows_short,
            **when,
        )
    else:
        first = say("Worst on {weekday} {begins}–{ends}", **when)
    first = say(SPOT_SHARES[spot.hits], first=first, share=share(spot.share))
    if spot.authorisation_share is not None and spot.authorisation_share >= 1 / 10:
        waiting = share(spot.authorisation_share)
        return say(
            "{first}; {waiting} of counter time waits for authorisation.",
            first=first,
            waiting=waiting,
        )
    return say("{first}.", first=first)


def _line(spot: Spot) -> Text:
    if spot.business_line in (None, "all"):
        return plain("")
    return say("{line} ", line=label(BUSINESS_LINES, str(spot.business_line)))


def cost_sentence(finding: Finding) -> Text:
    """Return whom a finding touches and what it costs a month."""
    parts = say("touches {number} customers a month", number=amount(finding.customers_affected, 0))
    if finding.customers_affected <= 0:
        parts = say("number of customers touched not known")
    if finding.money_minor is None:
        return parts
    return say(
        "{touched}; about {money} a month",
        touched=parts,
        money=money(finding.money_minor, finding.currency),
    )


def evidence(finding: Finding, note: MeasureNote) -> Text:
    """Return interval, rows and certainty of a finding."""
    rows = say("{number} rows", number=exact(finding.count_rows))
    certain = _certainty(finding)
    if finding.lower is None or finding.upper is None:
        return say("{rows}, no interval; {certain}", rows=rows, certain=certain)
    return say(
        "95 % interval {interval}, {rows}; {certain}",
        interval=span(finding.lower, finding.upper, note.unit, finding.currency),
        rows=rows,
        certain=certain,
    )


def _certainty(finding: Finding) -> Text:
    if finding.kind == "peers":
        return say(
            "compared with {number} peers, q = {q}",
            number=len(finding.peers),
            q=_small(finding.q_value),
        )
    return say("q = {q}", q=_small(finding.q_value))


def _small(probability: float | None) -> str:
    if probability is None:
        return "–"
    return "< 0.001" if probability < 1 / 1000 else f"{probability:.3f}"


def goal_sentence(goal: Goal, note: MeasureNote | None) -> Text:
    """Return where a goal stands in a few words."""
    if note is None or goal.now.value is None:
        return say("Not yet known: the data for it are not loaded.")
    if goal.target is None:
        return say("No target is set yet.")
    return {
        "green": say("Target reached."),
        "amber": say("Not yet: the guard-rail or chance stands in the way."),
        "red": say("Target not reached."),
        "unknown": say("Target not judged yet."),
    }[goal.light]


def waiting_title(report: Report) -> Text:
    """Return the statement above the funnel: how many branches wait longer than chance allows."""
    if report.funnel is None:
        return say("Waiting cannot be compared: too few branches are alike.")
    high = sum(point.value > point.upper for point in report.funnel.points)
    if high == 0:
        return say("No branch waits longer than chance among its peers would explain.")
    return count(
        "One branch waits longer than chance among its peers explains.",
        "{number} branches wait longer than chance among their peers explains.",
        high,
        number=high,
    )


def elderly_title(report: Report) -> Text:
    """Return the statement on the waits of visitors of 60 and over."""
    old = report.bank.get(WAIT_OF_ELDERLY, Estimate()).value
    everyone = report.bank.get(WAIT, Estimate()).value
    if old is None or everyone is None:
        return say("Not yet known: how long visitors of 60 and over wait.")
    if abs(old - everyone) < 0.05 * everyone:
        return say(
            "Visitors of 60 and over wait as long as everybody: {wait} (P90).", wait=duration(old)
        )
    longer = old > everyone
    values = {"wait": duration(old), "everyone": duration(everyone)}
    if longer:
        return say(
            "Visitors of 60 and over wait longer: {wait} against {everyone} (P90).", **values
        )
    return say("Visitors of 60 and over wait less: {wait} against {everyone} (P90).", **values)


def age_sentence(share_known: float | None) -> Text:
    """Return how far the age of visitors is known."""
    if not share_known:
        return say("The age of visitors is not recorded, so nothing can be said about the elderly.")
    return say(
        "Age is known for {share} of visits only; the others are left out.",
        share=share(share_known),
    )


def strip_title(branch: Branch) -> Text:
    """Return the statement above a branch's day: when most people come and how long they wait."""
    if not branch.half_hours:
        return say("The course of the day is not known: no arrivals are recorded.")
    busiest = max(branch.half_hours, key=lambda half: half.arrivals)
    slow = [half for half in branch.half_hours if half.wait_p90_seconds is not None]
    if not slow:
        return say("Most people come at {peak}.", peak=clock(busiest.minute))
    longest = max(slow, key=lambda half: half.wait_p90_seconds or 0)
    return say(
        "Most people come at {peak}; the wait is longest at {longest} ({wait}, P90).",
        peak=clock(busiest.minute),
        longest=clock(longest.minute),
        wait=duration(longest.wait_p90_seconds),
    )


def mix_title(branch: Branch) -> Text:
    """Return the statement above a branch's service mix."""
    total = sum(service.count for service in branch.services)
    if not total:
        return say("The service mix is not known: no services are recorded.")
    could = sum(service.could_migrate for service in branch.services)
    return say(
        "{share} of all transactions are done at the counter and could be done elsewhere.",
        share=share(could / total),
    )


def comparison_sentence(comparison: Comparison, note: MeasureNote) -> Text:
    """Return a comparison in words, for screen readers."""
    value = quantity(comparison.today.value, note.unit)
    if comparison.peers is None:
        return say("{value}; no peers to compare with", value=value)
    return say(
        "{value}; half of the {number} peers lie between {low} and {high}",
        value=value,
        number=comparison.peers.count,
        low=quantity(comparison.peers.lower, note.unit),
        high=quantity(comparison.peers.upper, note.unit),
    )


def period_of(report: Report) -> Text:
    """Return the period of the report as people write it."""
    return period(report.starts_on, report.ends_on, roc_years=report.roc_years)
