"""Windows: more or fewer of them, another plan of duty, windows on call, more they can serve."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from branchwise.plan.mechanisms.duty import (
    MINUTE,
    Stretch,
    count_at,
    servers_moved,
    stretch_of,
    with_counts,
    with_station,
)
from branchwise.plan.proposal import Option
from branchwise.twin.changing import law_times
from branchwise.twin.laws import Lognormal
from branchwise.twin.scenario import Flexible, Scenario, Station, Step

DELAY_CV, AT_ONCE_SECONDS = 0.5, 1.0
QUEUE = "queue:"


def more_windows(option: Option, scenario: Scenario) -> Scenario:
    """Open `amount` more windows of a station within the option's window of the day.

    Examples
    --------
    >>> from branchwise.twin.example import corner_branch
    >>> one = Option(option_id="", branch_id="corner", intervention="more_windows", amount=1.0,
    ...     target="counter", window=(840, 900), lever="")
    >>> [step.count for step in more_windows(one, corner_branch()).stations[0].open]
    [2, 1, 3, 2]
    """
    stretch, added = stretch_of(option.window, scenario), round(option.amount)
    return with_station(
        scenario, option.target, lambda station: servers_moved(station, stretch, added)
    )


def fewer_windows(option: Option, scenario: Scenario) -> Scenario:
    """Close `amount` windows of a station; the last one stays where no other serves its queues."""
    stretch, taken = stretch_of(option.window, scenario), round(option.amount)

    def fewer(station: Station) -> Station:
        least = least_open(scenario, station)
        return servers_taken(station, stretch, taken, least)

    return with_station(scenario, option.target, fewer)


def least_open(scenario: Scenario, station: Station) -> int:
    """Return how many servers must stay: 1 if a queue has nobody else all day, else 0.

    Examples
    --------
    >>> from branchwise.twin.example import corner_branch
    >>> least_open(corner_branch(), corner_branch().stations[0])
    1
    """
    others = [one for one in scenario.stations if one.name != station.name and is_ever_open(one)]
    queues = {queue for tier in station.tiers for queue in tier}
    return int(any(not any(one.serves(queue) for one in others) for queue in queues))


def is_ever_open(station: Station) -> bool:
    """Return whether somebody is ever on duty, or on call."""
    return station.flexible is not None or any(step.count > 0 for step in station.open)


def servers_taken(station: Station, stretch: Stretch, taken: int, least: int) -> Station:
    """Return a station with fewer servers, but no fewer than `least` of those there are."""

    def left(old: int, _: float) -> int:
        return max(old - taken, min(old, least))

    flexible = station.flexible
    if flexible is not None:
        flexible = replace(flexible, limit=with_counts(flexible.limit, stretch, left))
    return replace(station, open=with_counts(station.open, stretch, left), flexible=flexible)


def scheduled(option: Option, scenario: Scenario) -> Scenario:
    """Put a station on another plan of duty; windows on call above it stay on call.

    The plan is in the option's settings: the minute of the day from which so many serve. On a day
    on which nobody else serves the queue a plan without anybody is not followed. Windows that the
    old plan opens for a second, so that they are on call without delay, still are.

    Examples
    --------
    >>> from branchwise.twin.example import corner_branch
    >>> plan = Option(option_id="", branch_id="corner", intervention="staffing_plan", amount=1.0,
    ...     target="counter", settings={"540": 1.0, "600": 3.0, "720": 2.0}, lever="")
    >>> [(step.at_second / 3600, step.count)
    ...  for step in scheduled(plan, corner_branch()).stations[0].open]
    [(9.0, 1), (10.0, 3), (12.0, 2)]
    """
    planned = tuple(
        Step(at_second=float(minute) * MINUTE, count=round(count))
        for minute, count in sorted(option.settings.items(), key=lambda item: float(item[0]))
    )
    stretch = stretch_of(option.window, scenario)
    times = tuple(step.at_second for step in planned)

    def by_the_clock(old: int, at: float) -> int:
        new = count_at(planned, at) if at >= times[0] else old
        return max(new, old) if at in at_once else new

    at_once = {
        one.at_second
        for station in scenario.stations
        if station.name == option.target
        for one, after in pairwise(station.open)
        if after.at_second - one.at_second <= AT_ONCE_SECONDS
    }

    def replanned(station: Station) -> Station:
        opened = with_counts(station.open, stretch, by_the_clock, also=times)
        flexible = station.flexible
        if flexible is not None:
            limit = with_counts(
                flexible.limit, stretch, lambda old, at: max(old, count_at(planned, at)), also=times
            )
            flexible = replace(flexible, limit=limit)
        new = replace(station, open=opened, flexible=flexible)
        return new if is_ever_open(new) or not least_open(scenario, station) else station

    return with_station(scenario, option.target, replanned)


def on_call(option: Option, scenario: Scenario) -> Scenario:
    """Let `amount` more windows of a station open when many wait (彈性窗口), or open sooner.

    Settings: ``waiting`` (customers who call the first), ``further`` (more for each further one),
    ``delay_seconds`` (mean time until it opens). A station that has a rule keeps the sooner of
    both; `amount` 0 changes only the rule.
    """
    waiting, further = round(option.settings["waiting"]), round(option.settings["further"])
    seconds, added = option.settings["delay_seconds"], round(option.amount)
    stretch = stretch_of(option.window, scenario)

    def more(old: int, _: float) -> int:
        return old + added if old else 0

    def called(station: Station) -> Station:
        rule = station.flexible or Flexible(
            limit=station.open,
            waiting=waiting,
            further=further,
            delay=Lognormal(mean=seconds, cv=DELAY_CV),
        )
        sooner = min(1.0, seconds / rule.delay.mean) if rule.delay.mean > 0 else 1.0
        rule = replace(
            rule,
            limit=with_counts(rule.limit, stretch, more),
            waiting=min(rule.waiting, waiting),
            further=min(rule.further, further),
            delay=law_times(rule.delay, sooner),
        )
        return replace(station, flexible=rule)

    return with_station(scenario, option.target, called)


def cross_trained(option: Option, scenario: Scenario) -> Scenario:
    """Let a station serve further queues after its own; they are the settings ``queue:NAME``."""
    asked = [name.removeprefix(QUEUE) for name in option.settings if name.startswith(QUEUE)]
    known = [queue for queue in asked if queue in scenario.queues]

    def trained(station: Station) -> Station:
        new = tuple(queue for queue in known if not station.serves(queue))
        return replace(station, tiers=(*station.tiers, new)) if new else station

    return with_station(scenario, option.target, trained)
