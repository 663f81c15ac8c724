"""What options are made from: their code, the hours they add, the block in which most wait."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from branchwise.plan.applied import apply, clock
from branchwise.plan.branch_facts import BranchFacts, post_of, staffed
from branchwise.plan.loads import PEOPLE, QUARTERS, Floats, Group, on_duty
from branchwise.plan.mechanisms.duty import Stretch, hours_open, stretch_of
from branchwise.plan.model import Finding
from branchwise.plan.proposal import Intervention, Option, Quantities
from branchwise.tables.assumptions import Assumptions
from branchwise.twin.scenario import Scenario, Station

QUARTER_MINUTES, HOUR_QUARTERS = 15, 4
Window = tuple[int, int]
IDLE = frozenset({"queues.utilisation_share", "devices.uses_per_device_hour"})
COST = "cost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An intervention considered at a branch.

    Attributes
    ----------
    facts : BranchFacts
        The branch.
    intervention : Intervention
        What could be done.
    findings : tuple of Finding
        What raised it there, the gravest first.
    assumptions : Assumptions
        The bank's values.
    """

    facts: BranchFacts
    intervention: Intervention
    findings: tuple[Finding, ...]
    assumptions: Assumptions

    @property
    def scenario(self) -> Scenario:
        """The mean day; only asked for where there is one."""
        assert self.facts.scenario is not None  # noqa: S101 - tells the type checker
        return self.facts.scenario

    def option(
        self,
        amount: float,
        *,
        lever: str,
        target: str = "",
        window: Window | None = None,
        iso_weekdays: tuple[int, ...] = (),
        settings: Mapping[str, float] | None = None,
        quantities: Quantities | None = None,
        tag: str = "",
    ) -> Option:
        """Return an option of the intervention here, with its code."""
        where = "@".join(
            part for part in (tag or target, _shown(window), _days(iso_weekdays)) if part
        )
        parts = (self.facts.branch_id, self.intervention.name, f"{amount:g}", where)
        return Option(
            option_id=":".join(parts),
            branch_id=self.facts.branch_id,
            intervention=self.intervention.name,
            amount=amount,
            target=target,
            window=window,
            iso_weekdays=iso_weekdays,
            settings=settings or {},
            quantities=without_zeros(quantities or Quantities()),
            finding_ids=tuple(one.finding_id for one in self.findings),
            lever=lever,
        )


Maker = Callable[[Case], Sequence[Option]]


def situation_of(branch_id: str, finding: Finding) -> str:
    """Return whether a branch has too little or too much by a finding: ``short`` or ``spare``.

    Examples
    --------
    >>> idle = Finding(finding_id="f", branch_id="A", measure="queues.utilisation_share",
    ...     theme="staffing", kind="peers", value=0.2, lower=None, upper=None, reference=0.5,
    ...     count_rows=100, worse_ratio=2.5, severity="high", p_value=None, q_value=None)
    >>> situation_of("A", idle)
    'spare'
    """
    roles = {part.role for part in finding.parts if part.code == branch_id}
    if roles & {"spare", "short"}:
        return "spare" if "spare" in roles else "short"
    return "spare" if finding.measure in IDLE or finding.theme == COST else "short"


def open_quarters(scenario: Scenario) -> tuple[int, int]:
    """Return the first quarter-hour of the open day, and the one behind its last.

    Examples
    --------
    >>> from branchwise.twin.example import corner_branch
    >>> open_quarters(corner_branch())
    (36, 68)
    """
    quarter = 60.0 * QUARTER_MINUTES
    return int(scenario.opens_second // quarter), int(-(-scenario.closes_second // quarter))


def peak_window(waiting: Floats, quarters: int) -> Window | None:
    """Return the block of the day in which most wait, minutes after midnight; None if nobody does.

    Parameters
    ----------
    waiting : array, shape (96,)
        Mean number waiting by quarter-hour.
    quarters : int
        Length of the block.

    Examples
    --------
    >>> waiting = np.zeros(96)
    >>> waiting[40:44] = 3.0
    >>> peak_window(waiting, 4)
    (600, 660)
    """
    if not waiting.sum() > 0:
        return None
    sums = np.convolve(waiting, np.ones(quarters), mode="valid")
    start = int(np.argmax(np.round(sums, 9)))
    return start * QUARTER_MINUTES, (start + quarters) * QUARTER_MINUTES


def without_zeros(quantities: Quantities) -> Quantities:
    """Return quantities without hours that are none.

    Examples
    --------
    >>> without_zeros(Quantities(hours_added={"teller": 0.0, "advisor": 2.0})).hours_added
    {'advisor': 2.0}
    """
    return replace(
        quantities,
        hours_added={post: hours for post, hours in quantities.hours_added.items() if hours},
        hours_freed={post: hours for post, hours in quantities.hours_freed.items() if hours},
    )


def inside_share(waiting: Floats, window: Window) -> float:
    """Return the share of all waiting that falls into a window, 0-1."""
    first, last = (minute // QUARTER_MINUTES for minute in window)
    total = float(waiting.sum())
    return float(waiting[first:last].sum()) / total if total > 0 else 0.0


def week_hours(case: Case, window: Window | None, iso_weekdays: tuple[int, ...] = ()) -> float:
    """Return the hours a week for which one more person has to be there in a window.

    Hours in which nobody serves at the branch (closed over lunch) do not count.
    """
    hours = 0.0
    for day, scenario in case.facts.days.items():
        if not iso_weekdays or day in iso_weekdays:
            since, until = stretch_of(window, scenario)
            begins = np.arange(QUARTERS) * QUARTER_MINUTES * 60.0
            both = np.minimum(begins + 900.0, until) - np.maximum(begins, since)
            is_open = (staffed(scenario) > 0) & (begins < scenario.closes_second)
            hours += float(np.clip(both, 0, None) @ is_open) / 3600
    return hours


def hours_changed(case: Case, option: Option) -> tuple[dict[str, float], dict[str, float]]:
    """Return the hours a week, by post, that an option adds to and takes from the windows."""
    added: dict[str, float] = {}
    freed: dict[str, float] = {}
    change: dict[str, float] = {}
    for day, scenario in case.facts.days.items():
        after = apply(option, scenario, iso_weekday=day)
        for one, other in zip(scenario.stations, after.stations, strict=True):
            if one.kind in PEOPLE:
                spans = [_present_hours(each, of) for each, of in ((one, scenario), (other, after))]
                change[post_of(one)] = change.get(post_of(one), 0.0) + spans[1] - spans[0]
    for post, hours in change.items():
        if hours:
            (added if hours > 0 else freed)[post] = round(abs(hours), 4)
    return added, freed


def main_station(facts: BranchFacts, group: Group, queue: str | None = None) -> Station | None:
    """Return the commonest kind of window of a group, or of one of its queues."""
    if facts.scenario is None:
        return None
    found = [
        one
        for one in facts.scenario.stations
        if one.name in group.stations and (queue is None or one.serves(queue))
    ]
    return max(found, key=lambda one: (_present_hours(one, facts.scenario), one.name), default=None)


def longest_queue(facts: BranchFacts, group: Group) -> str:
    """Return the queue of a group in which most wait."""
    return max(group.queues, key=lambda queue: (float(facts.waiting_in((queue,)).sum()), queue))


def planned_hours(station: Station) -> float:
    """Return the hours of a mean day for which a station's servers are on duty."""
    return float(on_duty(station).sum()) / HOUR_QUARTERS


def _present_hours(station: Station, scenario: Scenario | None) -> float:
    assert scenario is not None  # noqa: S101 - tells the type checker
    stretch: Stretch = (scenario.opens_second, scenario.ends_second)
    plan = station.flexible.limit if station.flexible else station.open
    return hours_open(plan, stretch)


def _shown(window: Window | None) -> str:
    return f"{clock(window[0])}-{clock(window[1])}" if window else ""


def _days(iso_weekdays: tuple[int, ...]) -> str:
    return "".join(str(day) for day in iso_weekdays)
