"""Opening hours moved: who came in the hours that go, and who comes in the hours that are new."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from branchwise.plan.mechanisms.duty import DAY, MINUTE, with_counts
from branchwise.plan.proposal import Option
from branchwise.twin.scenario import Scenario, Station, Step

Floats = npt.NDArray[np.float64]
OPENS, CLOSES, MOVED = "opens_minutes", "closes_minutes", "moved_share"


def opening_moved(option: Option, scenario: Scenario) -> Scenario:
    """Open or close at another time.

    Settings: ``opens_minutes`` and ``closes_minutes`` are added to the times of opening and
    closing, in whole slots of the rates. Where hours are new, the share ``moved_share`` of the
    customers nearest to them comes then instead; nobody else is promised. Where hours go, that
    share of their customers comes after the next opening (of a day that closes sooner: in the
    next morning), and the rest does not come.

    Examples
    --------
    >>> from branchwise.twin.example import corner_branch
    >>> sooner = Option(option_id="", branch_id="corner", intervention="opening_hours", amount=1.0,
    ...     settings={"opens_minutes": -30.0, "moved_share": 0.3}, lever="")
    >>> after = opening_moved(sooner, corner_branch())
    >>> [round(rate, 1) for rate in after.classes[0].rates_per_hour[34:37]]
    [4.2, 4.2, 9.8]
    """
    shifts = [option.settings.get(name, 0.0) * MINUTE for name in (OPENS, CLOSES)]
    opens, closes = scenario.opens_second + shifts[0], scenario.closes_second + shifts[1]
    ends = scenario.ends_second + shifts[1]
    if not 0 <= opens < closes <= ends <= DAY:
        return scenario
    share = option.settings.get(MOVED, 1.0)
    moved = _padded(scenario)
    moved = _rates_moved(moved, shifts[0], share, at_opening=True)
    moved = _rates_moved(moved, shifts[1], share, at_opening=False)
    stations = tuple(_station(one, scenario, shifts) for one in scenario.stations)
    pools = tuple(
        replace(one, open=_steps(one.open, scenario, shifts)) if one.open else one
        for one in scenario.pools
    )
    return replace(
        moved, stations=stations, pools=pools,
        opens_second=opens, closes_second=closes, ends_second=ends,
    )  # fmt: skip


def _padded(scenario: Scenario) -> Scenario:
    """Return the same customers with rates for every slot of the day."""
    before = int(scenario.rates_start_second // scenario.slot_seconds)
    start = scenario.rates_start_second - before * scenario.slot_seconds
    slots = int((DAY - start) // scenario.slot_seconds)
    classes = tuple(
        replace(
            kind,
            rates_per_hour=((0.0,) * before + kind.rates_per_hour + (0.0,) * slots)[
                : max(slots, before + len(kind.rates_per_hour))
            ],
        )
        if kind.rates_per_hour
        else kind
        for kind in scenario.classes
    )
    return replace(scenario, classes=classes, rates_start_second=start)


def _rates_moved(scenario: Scenario, shift: float, share: float, *, at_opening: bool) -> Scenario:
    slots = round(abs(shift) / scenario.slot_seconds)
    if slots == 0:
        return scenario
    is_longer = (shift < 0) == at_opening
    classes = []
    for kind in scenario.classes:
        rates = np.array(kind.rates_per_hour)
        used = np.flatnonzero(rates)
        if len(used):
            first, last = int(used[0]), int(used[-1]) + 1
            change = _spread if is_longer else _closed
            rates = change(rates, (first, last), slots, share, at_opening=at_opening)
        classes.append(replace(kind, rates_per_hour=tuple(float(rate) for rate in rates)))
    return replace(scenario, classes=tuple(classes))


def _spread(
    rates: Floats, used: tuple[int, int], slots: int, share: float, *, at_opening: bool
) -> Floats:
    """Move a share of the customers of the first, or last, slots into the new ones beside them."""
    first, last = used
    since = first if at_opening else max(last - slots, first)
    until = min(first + slots, last) if at_opening else last
    shift = -slots if at_opening else slots
    part = rates[since:until] * share
    found = rates.copy()
    found[since:until] -= part
    found[since + shift : until + shift] += part
    return found


def _closed(
    rates: Floats, used: tuple[int, int], slots: int, share: float, *, at_opening: bool
) -> Floats:
    """Send a share of the customers of the slots that go to those after the next opening."""
    first, last = used
    gone = slice(first, first + slots) if at_opening else slice(max(last - slots, first), last)
    opening = first + slots if at_opening else first
    found = rates.copy()
    back = rates[gone] * share
    found[gone] = 0.0
    found[opening : opening + len(back)] += back
    return found


def _station(station: Station, scenario: Scenario, shifts: list[float]) -> Station:
    flexible = station.flexible
    if flexible is not None:
        flexible = replace(flexible, limit=_steps(flexible.limit, scenario, shifts))
    return replace(station, open=_steps(station.open, scenario, shifts), flexible=flexible)


def _steps(plan: tuple[Step, ...], scenario: Scenario, shifts: list[float]) -> tuple[Step, ...]:
    """Return a plan of duty of the new hours: its first and last spells longer or shorter."""
    at_opening, at_closing = shifts
    opens, closes = scenario.opens_second, scenario.closes_second
    if at_opening > 0:
        plan = with_counts(plan, (opens, opens + at_opening), lambda *_: 0)
    elif at_opening < 0:
        moved = [_moved(step, at_opening, since=opens, until=opens + MINUTE) for step in plan]
        plan = tuple(moved)
    if at_closing < 0:
        ends = scenario.ends_second + at_closing
        plan = with_counts(plan, (max(ends, opens), scenario.ends_second), lambda *_: 0)
    elif at_closing > 0:
        plan = tuple(_moved(step, at_closing, since=closes, until=DAY) for step in plan)
    return plan


def _moved(step: Step, shift: float, *, since: float, until: float) -> Step:
    if since <= step.at_second < until:
        return replace(step, at_second=min(step.at_second + shift, DAY))
    return step
