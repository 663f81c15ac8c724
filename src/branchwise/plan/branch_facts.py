"""What is known of one branch when options are made for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from branchwise.plan.loads import (
    PEOPLE,
    QUARTERS,
    Counts,
    Floats,
    Group,
    groups_of,
    present,
    sum_of,
)
from branchwise.twin.scenario import Scenario, Station

USUAL_DAYS = (1, 2, 3, 4, 5)
ALSO_LONG = 0.3
ADVISORY = frozenset({"loan", "wealth"})
CORPORATE = "corporate"


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchFacts:
    """One branch, as far as options depend on it.

    Attributes
    ----------
    branch_id : str
        The branch.
    region_id : str
        Its region; findings of a region raise options at its branches.
    scenario : Scenario or None
        The branch on a mean day; None where there is no twin.
    weekdays : mapping of int to Scenario
        The branch on each open weekday, 1 to 7; the mean day from Monday to Friday where empty.
    waiting : mapping of str to array, shape (96,)
        Mean number waiting in each queue at the beginning of each quarter-hour, over the open
        weekdays, of a short simulation (`facts_of`).
    groups : tuple of Group
        Queues that share people, and those people, on the mean day.
    devices, people : mapping of str to int
        Devices by kind and staff by post, where known.
    migratable : frozenset of str
        Codes of the services that could be done at a machine (``service.is_migratable``).
    """

    branch_id: str
    region_id: str = ""
    scenario: Scenario | None = None
    weekdays: Mapping[int, Scenario] = field(default_factory=dict)
    waiting: Mapping[str, Floats] = field(default_factory=dict)
    groups: tuple[Group, ...] = ()
    devices: Mapping[str, int] = field(default_factory=dict)
    people: Mapping[str, int] = field(default_factory=dict)
    migratable: frozenset[str] = frozenset()

    @property
    def days(self) -> Mapping[int, Scenario]:
        """The scenario of each open weekday."""
        if self.weekdays or self.scenario is None:
            return self.weekdays
        return dict.fromkeys(USUAL_DAYS, self.scenario)

    @property
    def open_days(self) -> int:
        """How many weekdays the branch is open."""
        return len(self.days) or len(USUAL_DAYS)

    def waiting_in(self, queues: tuple[str, ...]) -> Floats:
        """Return the mean number waiting in some queues by quarter-hour, shape (96,)."""
        found: Floats = np.zeros(QUARTERS)
        for queue in queues:
            found = np.add(found, self.waiting.get(queue, 0.0))
        return found


def facts_of(
    branch_id: str,
    scenario: Scenario | None,
    weekdays: Mapping[int, Scenario] | None = None,
    *,
    region_id: str = "",
    devices: Mapping[str, int] | None = None,
    people: Mapping[str, int] | None = None,
    migratable: frozenset[str] = frozenset(),
    replications: int = 10,
    seed: int = 1,
) -> BranchFacts:
    """Return the facts of a branch, with its queues simulated for a few days.

    Parameters
    ----------
    branch_id, region_id : str
        The branch, and its region.
    scenario : Scenario or None
        The mean day; None where there is no twin.
    weekdays : mapping of int to Scenario, optional
        Each open weekday.
    devices, people : mapping of str to int, optional
        By kind, and by post.
    migratable : frozenset of str
        Codes of services that a machine can do.
    replications, seed : int
        Days simulated of every weekday, and the seed of their chance.

    Examples
    --------
    >>> from branchwise.twin.example import corner_branch
    >>> facts = facts_of("corner", corner_branch())
    >>> facts.open_days, facts.waiting["counter"].shape
    (5, (96,))
    """
    from branchwise.twin.run import simulate

    found = BranchFacts(
        branch_id=branch_id, region_id=region_id, scenario=scenario, weekdays=weekdays or {},
        devices=devices or {}, people=people or {}, migratable=migratable,
    )  # fmt: skip
    waiting: dict[str, Floats] = {}
    days = found.weekdays.values() or ([scenario] if scenario else [])
    for day in days:
        result = simulate(day, replications=replications, seed=seed)
        for queue, counts in zip(day.queues, result.waiting, strict=True):
            waiting[queue] = waiting.get(queue, np.zeros(QUARTERS)) + counts / len(days)
    groups = groups_of(scenario) if scenario else ()
    return replace(found, waiting=waiting, groups=groups)


def post_of(station: Station) -> str:
    """Return the post of the people of a station, as in ``staff_member``.

    Examples
    --------
    >>> from branchwise.twin.example import corner_branch
    >>> post_of(corner_branch().stations[0])
    'teller'
    """
    queues = {queue for tier in station.tiers for queue in tier}
    if station.kind == "call":
        return "agent"
    if station.kind == "advice" or queues <= ADVISORY:
        return "advisor"
    return "corporate_teller" if queues == {CORPORATE} else "teller"


def staffed(scenario: Scenario) -> Counts:
    """Return how many people serve, on duty or on call, in each quarter-hour, shape (96,)."""
    return sum_of([present(one) for one in scenario.stations if one.kind in PEOPLE])


def groups_by_waiting(facts: BranchFacts) -> tuple[Group, ...]:
    """Return the groups of queues and people of the mean day, most waiting first."""
    if facts.scenario is None:
        return ()
    groups = facts.groups or groups_of(facts.scenario)
    return tuple(sorted(groups, key=lambda one: -float(facts.waiting_in(one.queues).sum())))


def long_groups(facts: BranchFacts) -> tuple[Group, ...]:
    """Return the groups where most wait, and others that have a good part of that."""
    groups = [one for one in groups_by_waiting(facts) if one.stations]
    sums = [float(facts.waiting_in(one.queues).sum()) for one in groups]
    if not sums or sums[0] <= 0:
        return ()
    return tuple(
        one for one, total in zip(groups, sums, strict=True) if total >= ALSO_LONG * sums[0]
    )
