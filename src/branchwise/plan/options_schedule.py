"""Windows by the clock: the hours of today, put where the load of the day is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from branchwise.plan.applied import ON
from branchwise.plan.branch_facts import long_groups, post_of
from branchwise.plan.loads import QUARTERS, Counts, Floats, Group, group_of, on_duty, present
from branchwise.plan.mechanisms.windows import least_open
from branchwise.plan.option_parts import (
    QUARTER_MINUTES,
    Case,
    main_station,
    open_quarters,
    planned_hours,
)
from branchwise.plan.proposal import Option
from branchwise.twin.scenario import Scenario, Station

WORTH_PLANNING = 3.0
BLOCK = 2
"""Quarter-hours for which a plan of duty is made together."""


def staffing_plan(case: Case) -> Sequence[Option]:
    """Put the same hours on duty where the offered load of the day is."""
    found = []
    for group in long_groups(case.facts):
        station = main_station(case.facts, group)
        if (
            station is None
            or planned_hours(station) < WORTH_PLANNING
            or post_of(station) == "advisor"
        ):
            continue
        settings = _settings_by_load(case.scenario, station.name, "")
        for day, scenario in case.facts.weekdays.items():
            settings |= _settings_by_load(scenario, station.name, f"{day}{ON}")
        found.append(
            case.option(
                case.intervention.amounts[0], lever=f"duty|{station.name}", target=station.name,
                settings=settings,
            )
        )  # fmt: skip
    return found


def _settings_by_load(scenario: Scenario, name: str, prefix: str) -> dict[str, float]:
    """Return the plan of a day as settings: from which minute so many are on duty."""
    station = next((one for one in scenario.stations if one.name == name), None)
    group = group_of(scenario, name)
    if station is None or group is None:
        return {}
    first, last = open_quarters(scenario)
    is_alone = least_open(scenario, station) > 0
    plan = planned_by_load((first, last), group, station, is_alone=is_alone)
    return {
        f"{prefix}{place * QUARTER_MINUTES}": float(plan[place])
        for place in range(first, last)
        if place == first or plan[place] != plan[place - 1]
    }


def planned_by_load(
    hours: tuple[int, int], group: Group, station: Station, *, is_alone: bool = False
) -> Counts:
    """Return servers on duty of a station by half-hour: load plus a multiple of its root.

    The multiple is such that the group is on duty for as many hours as today [1]_; where the
    hours are fewer than the load, they are shared out in proportion to it. Where windows are on
    call, no more are on duty at a time than are there today; elsewhere people may come at other
    hours, but not while the windows of the group are closed. One is on duty where nobody else is.

    Parameters
    ----------
    hours : tuple of int
        First and last quarter-hour of the open day.
    group : Group
        The queues, their load and everybody on duty.
    station : Station
        Whose plan is made; the others keep theirs.
    is_alone : bool
        Whether one of its queues is served by nobody else.

    References
    ----------
    .. [1] Square-root staffing: Halfin and Whitt (1981), Operations Research 29, 567-588,
       doi:10.1287/opre.29.3.567.
    """
    first, last = hours
    odd = (last - first) % BLOCK
    inside = slice(first, last + odd) if last + odd <= QUARTERS else slice(first + odd, last)
    own = on_duty(station)
    load = _in_blocks(group.load[inside]).mean(axis=1)
    others = _in_blocks((group.planned - own)[inside]).mean(axis=1)
    most = _in_blocks(_most_on_duty(group, station)[inside]).min(axis=1)
    total = float(group.planned[inside].sum()) / BLOCK
    root = np.sqrt(load)
    if total >= load.sum() and root.sum() > 0:
        wanted = load + root * (total - load.sum()) / root.sum()
    else:
        wanted = load * total / max(float(load.sum()), 1e-9)
    least = np.minimum((others <= 0) | is_alone, most).astype(np.int64)
    plan = own.copy()
    found = rounded(wanted - others, int(own[inside].sum()) // BLOCK, least, most)
    plan[inside] = np.repeat(found, BLOCK)
    return plan


def _most_on_duty(group: Group, station: Station) -> Counts:
    own = on_duty(station)
    if station.flexible is not None:
        return np.asarray(np.maximum(present(station), own))
    return np.where(group.present > 0, own.max(initial=0), 0).astype(np.int64)


def _in_blocks(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return values.reshape(-1, BLOCK)


def rounded(wanted: Floats, total: int, least: Counts, most: Counts) -> Counts:
    """Return whole numbers of a sum, within limits, as near to wanted ones as can be.

    Parameters
    ----------
    wanted : array
        Any numbers.
    total : int
        Sum, as far as the limits allow.
    least, most : array
        Limits.

    Examples
    --------
    >>> rounded(np.array([0.4, 2.6, 1.0]), 4, np.array([1, 0, 0]), np.array([2, 2, 2])).tolist()
    [1, 2, 1]
    """
    found = np.clip(np.floor(wanted + 1e-9), least, most).astype(np.int64)
    while found.sum() != total:
        step = 1 if found.sum() < total else -1
        free = found < most if step > 0 else found > least
        if not free.any():
            break
        gap = np.where(free, (wanted - found) * step, -np.inf)
        found[int(np.argmax(np.round(gap, 9)))] += step
    return found
