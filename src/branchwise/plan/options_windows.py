"""Options at the windows: more, fewer, on call, over lunch, of more kinds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from branchwise.plan.branch_facts import groups_by_waiting, long_groups, post_of
from branchwise.plan.loads import Group, present
from branchwise.plan.mechanisms.windows import QUEUE
from branchwise.plan.model import Spot
from branchwise.plan.option_parts import (
    HOUR_QUARTERS,
    QUARTER_MINUTES,
    Case,
    Window,
    hours_changed,
    inside_share,
    longest_queue,
    main_station,
    peak_window,
    planned_hours,
    week_hours,
)
from branchwise.plan.proposal import Option, Quantities

PEAK_QUARTERS = 8
CONCENTRATED = 0.6
SPOT_SHARE, SPOT_MARGIN = 0.1, 45
SAFETY = 1.0
SLACK_QUARTERS = 4
WAITING_CALLS, FURTHER_CALLS = 2, 2
WORTH_OPENING = 0.1


def more_windows(case: Case) -> Sequence[Option]:
    """One or two windows more where most wait: in that block, all day, on the worst weekday."""
    found: list[tuple[float, int, Option]] = []
    for group in long_groups(case.facts):
        station = main_station(case.facts, group, longest_queue(case.facts, group))
        if station is None or (post_of(station) == "advisor") != _is_for_advisors(case):
            continue
        waiting = case.facts.waiting_in(group.queues)
        places: list[tuple[Window | None, tuple[int, ...]]] = []
        window = peak_window(waiting, PEAK_QUARTERS)
        if window:
            places.append((window, ()))
            if inside_share(waiting, window) < CONCENTRATED:
                places.append((None, ()))
        spot = _spot(case)
        if spot is not None and group is long_groups(case.facts)[0]:
            places.append((_around(spot), (spot.iso_weekday,)))
        for amount in case.intervention.amounts:
            for number, (place, days) in enumerate(places):
                hours = amount * week_hours(case, place, days)
                option = case.option(
                    amount, lever=f"duty|{station.name}", target=station.name,
                    window=place, iso_weekdays=days,
                    quantities=Quantities(hours_added={post_of(station): round(hours, 4)}),
                )  # fmt: skip
                found.append((amount, number, option))
    return [option for _, _, option in sorted(found, key=lambda entry: entry[:2])]


def fewer_windows(case: Case) -> Sequence[Option]:
    """Fewer windows in the longest run of quarter-hours that the others carry with a margin."""
    found = []
    for group in sorted(groups_by_waiting(case.facts), key=lambda one: -int(one.present.sum())):
        station = main_station(case.facts, group)
        for amount in case.intervention.amounts:
            window = _slack_window(group, round(amount))
            if station is None or window is None:
                continue
            draft = case.option(amount, lever="", target=station.name, window=window)
            _, freed = hours_changed(case, draft)
            found.append(
                case.option(
                    amount, lever=f"duty|{station.name}", target=station.name, window=window,
                    quantities=Quantities(hours_freed=freed),
                )
            )  # fmt: skip
    return found


def on_call(case: Case) -> Sequence[Option]:
    """Put a window more on call, or let windows on call open sooner."""
    found = []
    seconds = case.assumptions.value("flexible_window_seconds")
    settings = {"waiting": float(WAITING_CALLS), "further": float(FURTHER_CALLS)}
    for group in long_groups(case.facts)[:1]:
        station = main_station(case.facts, group, longest_queue(case.facts, group))
        if station is None:
            continue
        waiting = case.facts.waiting_in(group.queues)
        often = float(np.minimum(waiting / WAITING_CALLS, 1.0).sum()) / HOUR_QUARTERS
        for amount in case.intervention.amounts:
            if amount == 0 and station.flexible is None:
                continue
            hours = amount * often * case.facts.open_days
            found.append(
                case.option(
                    amount, lever=f"on_call|{station.name}", target=station.name,
                    settings={**settings, "delay_seconds": seconds},
                    quantities=Quantities(hours_added={post_of(station): round(hours, 4)}),
                )
            )  # fmt: skip
    return found


def lunch_cover(case: Case) -> Sequence[Option]:
    """One window over lunch where the queue's windows all close while the branch is open."""
    found = []
    for group in groups_by_waiting(case.facts):
        station = main_station(case.facts, group, longest_queue(case.facts, group))
        window = None if station is None else _gap(group)
        if station is None or window is None:
            continue
        hours = (window[1] - window[0]) / 60 * case.facts.open_days
        found.append(
            case.option(
                1.0, lever=f"duty|{station.name}", target=station.name, window=window,
                quantities=Quantities(hours_added={post_of(station): round(hours, 4)}),
            )
        )  # fmt: skip
    return found


def cross_training(case: Case) -> Sequence[Option]:
    """Windows that also serve the longest queue, or a queue whose skill the branch lacks."""
    scenario, found = case.scenario, []
    skills = [part.code for one in case.findings for part in one.parts if part.role in _LACKING]
    groups = long_groups(case.facts)
    queues = [*skills, *(longest_queue(case.facts, group) for group in groups[:1])]
    for queue in dict.fromkeys(queue for queue in queues if queue in scenario.queues):
        idle = [
            (planned_hours(one), one.name, one)
            for one in scenario.stations
            if one.kind == "counter" and not one.serves(queue)
        ]
        for _, _, station in sorted(idle, reverse=True)[:1]:
            people = int(present(station).max(initial=0))
            found.append(
                case.option(
                    1.0, lever=f"training|{station.name}", target=station.name,
                    settings={f"{QUEUE}{queue}": 1.0},
                    quantities=Quantities(people_trained=float(people)),
                    tag=f"{station.name}/{queue}",
                )
            )  # fmt: skip
    return found


_LACKING = frozenset({"unheld", "single"})


def _is_for_advisors(case: Case) -> bool:
    return case.intervention.name == "more_advisors"


def _spot(case: Case) -> Spot | None:
    spots = [one.spot for one in case.findings if one.spot is not None]
    return next((one for one in spots if one.share >= SPOT_SHARE), None)


def _around(spot: Spot) -> Window:
    """Return the spot's half-hour with the three quarter-hours before and after it."""
    return max(spot.starts_minute - SPOT_MARGIN, 0), min(spot.ends_minute + SPOT_MARGIN, 1440)


def _slack_window(group: Group, taken: int) -> Window | None:
    """Return the longest run of quarter-hours that fewer servers carry: load plus its root."""
    left = group.present - taken
    is_slack = (left >= 1) & (left >= group.load + SAFETY * np.sqrt(group.load))
    best, run = (0, 0), 0
    for place, slack in enumerate([*is_slack.tolist(), False]):
        run = run + 1 if slack else 0
        if run > best[1] - best[0]:
            best = (place - run + 1, place + 1)
    if best[1] - best[0] < SLACK_QUARTERS:
        return None
    return best[0] * QUARTER_MINUTES, best[1] * QUARTER_MINUTES


def _gap(group: Group) -> Window | None:
    """Return the quarter-hours in the middle of the day in which nobody serves though some come."""
    used = np.flatnonzero(group.present > 0)
    if not len(used):
        return None
    inner = np.arange(int(used[0]), int(used[-1]) + 1)
    empty = [int(place) for place in inner if group.present[place] == 0]
    if not empty or group.load[empty].mean() < WORTH_OPENING:
        return None
    return empty[0] * QUARTER_MINUTES, (empty[-1] + 1) * QUARTER_MINUTES
