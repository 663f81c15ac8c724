"""Who waits for the same people: a branch as groups of queues and posts.

A scenario falls apart into *groups*: queues and the posts of people that serve them, joined where
a post serves several queues. Each group is simulated by itself, so that its slots are its own:
who comes on from another group (a machine that fails, say) joins by a Poisson process of the same
mean rate. Machines stay as they are; windows on call (彈性窗口) are left out, as the plan says who
is on duty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from branchwise.optimise.model import Slots
from branchwise.twin.scenario import Scenario, Station
from branchwise.twin.workload import visits_by_class

PEOPLE = frozenset({"counter", "advice", "lobby", "call"})
SLOT_SECONDS = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Queues that share people.

    Attributes
    ----------
    name : str
        The queues, joined by ``+``.
    posts : tuple of str
        The stations of people, in order of the scenario.
    scenario : Scenario
        The branch with nobody else in it, on the mean day.
    """

    name: str
    posts: tuple[str, ...]
    scenario: Scenario


def day_slots(scenario: Scenario) -> Slots:
    """Return the quarter-hours from opening to closing.

    Examples
    --------
    >>> from branchwise.twin.example import corner_branch
    >>> day_slots(corner_branch()).count
    32
    """
    first = int(scenario.opens_second // SLOT_SECONDS)
    last = int(-(-scenario.closes_second // SLOT_SECONDS))
    return Slots(first_second=first * SLOT_SECONDS, count=last - first, seconds=SLOT_SECONDS)


def groups_of(scenario: Scenario) -> tuple[Group, ...]:
    """Return the groups that people serve, in order of their first queue.

    Examples
    --------
    >>> from branchwise.twin.example import corner_branch
    >>> [(group.name, group.posts) for group in groups_of(corner_branch())]
    [('counter', ('counter',))]
    """
    posts = [one for one in scenario.stations if one.kind in PEOPLE]
    left = [queue for queue in scenario.queues if any(post.serves(queue) for post in posts)]
    found = []
    while left:
        queues, grown = {left[0]}, set[str]()
        while grown != queues:
            grown = set(queues)
            for post in posts:
                served = {queue for tier in post.tiers for queue in tier}
                queues |= served if served & queues else set()
        names = tuple(queue for queue in scenario.queues if queue in queues)
        serving = tuple(post.name for post in posts if any(post.serves(one) for one in queues))
        part = part_of(scenario, names)
        if part is not None:
            found.append(Group(name="+".join(names), posts=serving, scenario=part))
        left = [queue for queue in left if queue not in queues]
    return tuple(found)


def part_of(scenario: Scenario, queues: Sequence[str]) -> Scenario | None:
    """Return the branch with only some queues in it; None if nobody ever joins one."""
    activities = tuple(one for one in scenario.activities if one.queue in queues)
    names = {one.name for one in activities}
    appointed = tuple(one for one in scenario.appointments if one.activity in names)
    flows = _entering(scenario, names)
    classes = []
    for kind, flow in zip(scenario.classes, flows, strict=True):
        total = sum(flow.values())
        expected = any(one.customer_class == kind.name for one in appointed)
        if total <= 0 and not expected:
            continue
        classes.append(
            replace(
                kind,
                rates_per_hour=tuple(rate * total for rate in kind.rates_per_hour),
                mix=flow if total > 0 else {activities[0].name: 1.0},
                patience_at={name: law for name, law in kind.patience_at.items() if name in queues},
            )
        )
    if not classes:
        return None
    inside = tuple(
        replace(one, routes=tuple(route for route in one.routes if route.to in names))
        for one in activities
    )
    return replace(
        scenario, classes=tuple(classes), activities=inside, appointments=appointed, given=(),
        stations=_serving(scenario, queues), start=None,
    )  # fmt: skip


def _entering(scenario: Scenario, names: set[str]) -> list[dict[str, float]]:
    """Return, by class, how often one customer joins each activity of a part from outside it."""
    visits = visits_by_class(scenario)
    flows = []
    for place, kind in enumerate(scenario.classes):
        total = sum(kind.mix.values())
        flow = {name: share / total for name, share in kind.mix.items() if name in names}
        for number, activity in enumerate(scenario.activities):
            for route in activity.routes:
                if activity.name not in names and route.to in names:
                    joins = float(visits[place, number]) * route.share
                    flow[route.to] = flow.get(route.to, 0.0) + joins
        flows.append({name: count for name, count in flow.items() if count > 0})
    return flows


def _serving(scenario: Scenario, queues: Sequence[str]) -> tuple[Station, ...]:
    found = []
    for one in scenario.stations:
        tiers = [tuple(queue for queue in tier if queue in queues) for tier in one.tiers]
        kept = tuple(tier for tier in tiers if tier)
        if kept:
            on_call = None if one.kind in PEOPLE else one.flexible
            found.append(replace(one, tiers=kept, flexible=on_call))
    return tuple(found)
