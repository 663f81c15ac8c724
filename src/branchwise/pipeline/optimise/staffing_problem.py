"""What is asked of a staffing, as a problem of the optimiser: a scenario, a target, limits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from branchwise.optimise.model import (
    UNLIMITED,
    Demand,
    Lunch,
    Post,
    Slots,
    StaffingProblem,
    Target,
)
from branchwise.optimise.problems.staffing import exponential_patience, staffing_problem
from branchwise.pipeline.optimise.staffing_groups import Group, day_slots
from branchwise.pipeline.optimise.staffing_twin import bound_seconds, rates_in_slots, surviving
from branchwise.tables.assumptions import default_assumptions
from branchwise.twin.scenario import Scenario, Station
from branchwise.warehouse.workspace import Workspace

MINUTE = 60
SHARE = "wait_standard_share"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked of a staffing.

    Attributes
    ----------
    seconds, share : float or None
        Share of customers to be called within a time, in every quarter-hour; those of the
        scenario and of the assumptions by default.
    quantile : float
        Share of days, by how busy they are, on which that is to hold.
    least, most : int or None
        Fewest and most people at each post; 1, and no limit, by default.
    people : int or None
        Most people present at a time.
    lunch : tuple of float or None
        First and last second of the breaks; none by default.
    lunch_minutes : float
        Length of a break.
    block_minutes : float
        People are planned for stretches of this length, a multiple of a quarter-hour.
    """

    seconds: float | None = None
    share: float | None = None
    quantile: float = 0.8
    least: int = 1
    most: int | None = None
    people: int | None = None
    lunch: tuple[float, float] | None = None
    lunch_minutes: float = 60.0
    block_minutes: float = 15.0


def problem_of(
    scenario: Scenario, groups: tuple[Group, ...], target: Target, wanted: Wanted
) -> StaffingProblem:
    """Return the problem of staffing a scenario; raises as `staffing_problem`."""
    slots = day_slots(scenario)
    present = None if wanted.people is None else [wanted.people] * slots.count
    return staffing_problem(
        slots=slots,
        demands=[_demand(group, slots, target) for group in groups],
        posts=[post for group in groups for post in _posts(group, slots, wanted)],
        target=target,
        present=present,
        lunch=_lunch(slots, wanted),
        day_shape=scenario.day_shape,
        block=round(wanted.block_minutes * MINUTE / slots.seconds),
    )


def target_of(workspace: Path | None, scenario: Scenario, wanted: Wanted) -> Target:
    """Return the target asked for, else that of the scenario and of the bank's assumptions."""
    share, seconds = wanted.share, wanted.seconds
    if share is None:
        known = default_assumptions()
        if workspace is not None:
            known = Workspace.open(workspace).read_assumptions()
        share = known.value(SHARE)
    return Target(
        seconds=scenario.standard_seconds if seconds is None else seconds,
        share=share,
        demand_quantile=wanted.quantile,
    )


def _demand(group: Group, slots: Slots, target: Target) -> Demand:
    stays = surviving(group.scenario, target.seconds)
    return Demand(
        name=group.name,
        rates_per_hour=tuple(rates_in_slots(group.scenario, slots).tolist()),
        service_seconds=bound_seconds(group.scenario, group.posts),
        patience_seconds=exponential_patience(stays, target.seconds),
    )


def _posts(group: Group, slots: Slots, wanted: Wanted) -> list[Post]:
    """Return the posts of a group; a first guess shares work out by queue to its own post."""
    stations = [one for one in group.scenario.stations if one.name in group.posts]
    work = dict.fromkeys(group.posts, 0.0)
    for queue in group.scenario.queues:
        work[_own(queue, stations)] += 1.0
    most = UNLIMITED if wanted.most is None else wanted.most
    return [
        Post(
            name=name,
            demand=group.name,
            least=(wanted.least,) * slots.count,
            most=(most,) * slots.count,
            share=work[name],
        )
        for name in group.posts
    ]


def _own(queue: str, stations: list[Station]) -> str:
    """Return the post that serves a queue in its first tier and little else."""

    def order(station: Station) -> tuple[int, int]:
        tier = next((at for at, tier in enumerate(station.tiers) if queue in tier), len(stations))
        return tier, sum(len(tier) for tier in station.tiers)

    return min((one for one in stations if one.serves(queue)), key=order).name


def _lunch(slots: Slots, wanted: Wanted) -> Lunch | None:
    if wanted.lunch is None:
        return None
    first, last = wanted.lunch
    return Lunch(
        first_slot=round((first - slots.first_second) / slots.seconds),
        last_slot=round((last - slots.first_second) / slots.seconds),
        length=round(wanted.lunch_minutes * MINUTE / slots.seconds),
    )
