"""The sentences of the report: headline, goals, findings, figure titles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from branchwise.core.languages import Text
from branchwise.plan.ills import lever, what_is_wrong, where_of
from branchwise.plan.model import REGION_PREFIX, WHOLE_BANK, Finding
from branchwise.plan.sentences import Said, clock, said
from branchwise.report.model import Branch, Comparison, Estimate, Goal, MeasureNote, Report
from branchwise.report.numbers import amount, duration, exact, period, quantity, share, span
from branchwise.report.phrases import count, plain, say

WAIT = "queues.wait_p90_seconds"
TRANSACTIONS = "channels.transactions"
WAIT_OF_ELDERLY = "queues.elderly_wait_p90_seconds"
FEWEST_FOR_A_REGION = 3


def leading(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings that stand under no other, by rank."""
    own = [finding for finding in findings if finding.lead_finding_id is None]
    return sorted(own, key=lambda finding: finding.rank)


def headline(report: Report) -> tuple[Text, Text]:
    """Return the sentence that stands first: what the network looks like; the greatest lever."""
    if not report.count_visits and report.bank.get(TRANSACTIONS, Estimate()).value:
        return _without_visits(report)
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


def _without_visits(report: Report) -> tuple[Text, Text]:
    branches = count(
        "one branch", "{number} branches", len(report.branches), number=len(report.branches)
    )
    posted = amount(report.bank[TRANSACTIONS].value or 0, 0)
    first = say(
        "{number} transactions at {branches}. No visits are loaded: nothing is known of waiting.",
        number=posted,
        branches=branches,
    )
    if report.findings:
        return first, _lever_sentence(report)
    return first, say("Load the queue machine's files to see waits.")


def _lever_sentence(report: Report) -> Text:
    found = lever(report.findings)
    if found is None:
        return say("Nothing stands out against standards, targets and peers.")
    where = where_of(found.places, names(report))
    return what_is_wrong(found.measure, found.customers, report.measures, where)


def names(report: Report) -> dict[str, str]:
    """Return the names of branches by code and of regions by ``region:CODE``."""
    return {branch.branch_id: branch.name for branch in report.branches} | {
        f"{REGION_PREFIX}{code}": name for code, name in report.regions.items()
    }


def branch_name(report: Report, branch_id: str) -> Text:
    """Return what people call a branch, a region (``region:CODE``) or the whole bank (``*``)."""
    if branch_id == WHOLE_BANK:
        return say("The whole bank")
    if branch_id.startswith(REGION_PREFIX):
        code = branch_id.removeprefix(REGION_PREFIX)
        return plain(report.regions.get(code, code))
    names = [branch.name for branch in report.branches if branch.branch_id == branch_id]
    return plain(names[0] if names else branch_id)


def finding_title(finding: Finding, report: Report) -> Text:
    """Return what is wrong, as a director would say it; the place stands beside it."""
    return what_is_wrong(finding.measure, finding.customers_affected, report.measures)


def ill_said(finding: Finding, report: Report) -> Text:
    """Return what is wrong in a few words, for a list."""
    title = what_is_wrong(finding.measure, 0, report.measures)
    return Text.written(lambda language: title.read_in(language).rstrip(".。"))


def finding_said(finding: Finding, report: Report) -> Said:
    """Return a finding in the words of `plan.sentences`, in pieces."""
    return said(finding, report.measures, names(report))


def evidence(finding: Finding, note: MeasureNote) -> Text:
    """Return interval, rows and certainty of a finding."""
    rows = exact(finding.count_rows)
    if finding.lower is None or finding.upper is None:
        first = say("{number} rows, no interval.", number=rows)
    else:
        first = say(
            "95 % interval {interval}, {number} rows.",
            interval=span(finding.lower, finding.upper, note.unit, finding.currency),
            number=rows,
        )
    if finding.q_value is None:
        return first
    certain = say("False-discovery rate q {q}.", q=_small(finding.q_value))
    return say("{first} {second}", first=first, second=certain)


def _small(probability: float) -> str:
    return "< 0.001" if probability < 1 / 1000 else f"= {probability:.3f}"


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
    """Return the statement above the network: where customers wait too long."""
    if not report.branches or all(WAIT not in branch.comparisons for branch in report.branches):
        return say("How long customers wait is not known yet.")
    slow = [b for b in report.branches if any(f.measure == WAIT for f in b.findings)]
    if not slow:
        return say("At no branch customers wait too long.")
    values = {"number": len(slow), "all": len(report.branches)}
    region, most = Counter(branch.region for branch in slow).most_common(1)[0]
    several = len({branch.region for branch in report.branches}) > 1
    if several and region and most >= FEWEST_FOR_A_REGION and 2 * most > len(slow):
        return say(
            "Customers wait too long at {number} of {all} branches, {most} of them in {region}.",
            most=most,
            region=region,
            **values,
        )
    return say("Customers wait too long at {number} of {all} branches.", **values)


def funnel_sentence(report: Report) -> Text:
    """Return how many branches wait longer than chance among their peers explains."""
    points = report.funnel.points if report.funnel else ()
    high = sum(point.value > point.upper for point in points)
    if high == 0:
        return say("Against its own peers, whose waits differ widely, none stands out.")
    return count(
        "Against its own peers, one waits longer than chance would explain.",
        "Against their own peers, {number} wait longer than chance would explain.",
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
