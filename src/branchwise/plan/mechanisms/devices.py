"""Machines: more or fewer of them, and repaired sooner."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from branchwise.plan.mechanisms.duty import stretch_of, with_counts, with_station
from branchwise.plan.proposal import Option
from branchwise.twin.changing import law_times
from branchwise.twin.scenario import Scenario, Station


def machines_added(option: Option, scenario: Scenario) -> Scenario:
    """Put `amount` more machines into a station, working whenever the others do.

    Examples
    --------
    >>> from branchwise.twin.example import corner_branch
    >>> one = Option(option_id="", branch_id="corner", intervention="add_device", amount=1.0,
    ...     target="smart_counter", lever="")
    >>> machines_added(one, corner_branch()).stations[1].open[0].count
    3
    """
    added = round(option.amount)
    return _with_machines(option, scenario, lambda old: old + added if old else 0)


def machines_removed(option: Option, scenario: Scenario) -> Scenario:
    """Take `amount` machines out of a station; one stays."""
    taken = round(option.amount)
    return _with_machines(option, scenario, lambda old: max(old - taken, min(old, 1)))


def repaired_sooner(option: Option, scenario: Scenario) -> Scenario:
    """Divide the time that a station's machines are in repair by `amount`.

    Examples
    --------
    >>> from branchwise.twin.example import corner_branch
    >>> one = Option(option_id="", branch_id="corner", intervention="repair_contract", amount=2.0,
    ...     target="smart_counter", lever="")
    >>> repaired_sooner(one, corner_branch()).stations[1].failures.repair.mean / 3600
    2.0
    """

    def sooner(station: Station) -> Station:
        if station.failures is None:
            return station
        repair = law_times(station.failures.repair, 1 / option.amount)
        return replace(station, failures=replace(station.failures, repair=repair))

    return with_station(scenario, option.target, sooner)


def _with_machines(option: Option, scenario: Scenario, count: Callable[[int], int]) -> Scenario:
    stretch = stretch_of(None, scenario)

    def changed(station: Station) -> Station:
        opened = with_counts(station.open, stretch, lambda old, _: count(old))
        most = max((step.count for step in opened), default=0)
        return replace(station, open=opened, members=station.members[:most])

    return with_station(scenario, option.target, changed)
