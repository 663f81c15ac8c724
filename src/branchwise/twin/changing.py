"""What one change is, and how it is made to a scenario; `change` reads and checks them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from branchwise.twin.laws import Empirical, Law, Survival, Uniform
from branchwise.twin.scenario import (
    Activity,
    CustomerClass,
    Pool,
    Route,
    Scenario,
    Station,
    Step,
)

PARTS = {"station": "stations", "class": "classes", "activity": "activities", "pool": "pools"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of a scenario.

    Attributes
    ----------
    text : str
        As typed.
    kind, name, part : str
        ``station``, ``teller``, ``open``; the name is empty for what there is one of.
    sign : {"", "+", "-", "*"}
        Set, add, take away or multiply.
    number : float
        The value.
    window : tuple of float or None
        From and to, seconds after midnight.
    """

    text: str
    kind: str
    name: str
    part: str
    sign: str
    number: float
    window: tuple[float, float] | None = None

    def of(self, value: float) -> float:
        """Return what becomes of a value."""
        if self.sign == "*":
            return value * self.number
        if self.sign:
            return value + self.number * (1 if self.sign == "+" else -1)
        return self.number


class ImpossibleError(ValueError):
    """A change would give what cannot be; says what."""


def names(scenario: Scenario, kind: str) -> tuple[str, ...]:
    """Return the names of the stations, classes, activities or pools of a scenario."""
    return tuple(each.name for each in getattr(scenario, PARTS[kind]))


def apply(scenario: Scenario, change: Change) -> Scenario:
    """Return a scenario with one change, or raise ImpossibleError."""
    if change.kind == "entrance":
        machines = _whole(change.of(scenario.entrance.machines))
        if machines and scenario.entrance.service is None:
            raise ImpossibleError("entrance.service: –")
        return replace(scenario, entrance=replace(scenario.entrance, machines=machines))
    if change.kind == "standard":
        return replace(scenario, standard_seconds=_above_zero(change.of(scenario.standard_seconds)))
    how = _HOW[change.kind, change.part]
    before = getattr(scenario, PARTS[change.kind])
    after = tuple(
        how(each, change, scenario) if change.name in {"*", each.name} else each for each in before
    )
    if after == before and change.sign and change.of(1.0) != 1.0:
        raise ImpossibleError("–")
    changed: dict[str, Any] = {PARTS[change.kind]: after}
    return replace(scenario, **changed)


def steps_changed(steps: tuple[Step, ...], change: Change) -> tuple[Step, ...]:
    """Return a plan of duty changed within a window, or wherever it is above zero.

    Examples
    --------
    >>> from branchwise.twin.change import parse
    >>> plan = (Step(at_second=32400.0, count=2), Step(at_second=61200.0, count=0))
    >>> [step.count for step in steps_changed(plan, parse("station.teller.open=-1"))]
    [1, 0]
    """
    if change.window is None:
        if not any(step.count for step in steps):
            raise ImpossibleError("0: @HH:MM-HH:MM?")
        return tuple(
            replace(step, count=_whole(change.of(step.count))) if step.count else step
            for step in steps
        )
    first, last = change.window
    ordered = sorted(steps, key=lambda step: step.at_second)
    times = sorted({step.at_second for step in ordered} | {first, last})
    plan: list[Step] = []
    for at in times:
        count = next((step.count for step in reversed(ordered) if step.at_second <= at), 0)
        if first <= at < last:
            count = _whole(change.of(count))
        if not plan and count == 0:
            continue
        if not plan or plan[-1].count != count:
            plan.append(Step(at_second=at, count=count))
    return tuple(plan) or (Step(at_second=first, count=0),)


def law_times(law: Law, factor: float) -> Law:
    """Return a law of times a factor longer.

    Examples
    --------
    >>> from branchwise.twin.laws import Weibull
    >>> law_times(Weibull(shape=2.0, scale=60.0), 1.5)
    Weibull(shape=2.0, scale=90.0, law='weibull')
    """
    if isinstance(law, Empirical):
        return replace(law, quantiles=tuple(value * factor for value in law.quantiles))
    if isinstance(law, Survival):
        return replace(law, times=tuple(value * factor for value in law.times))
    if isinstance(law, Uniform):
        return replace(law, low=law.low * factor, high=law.high * factor)
    scaled = {"mean", "scale", "value"} & {each.name for each in fields(law)}
    return replace(law, **{name: getattr(law, name) * factor for name in scaled})


def _station_open(station: Station, change: Change, _: Scenario) -> Station:
    return replace(station, open=steps_changed(station.open, change))


def _station_limit(station: Station, change: Change, _: Scenario) -> Station:
    if station.flexible is None:
        raise ImpossibleError(f"{station.name}.flexible: –")
    limit = steps_changed(station.flexible.limit, change)
    return replace(station, flexible=replace(station.flexible, limit=limit))


def _station_speed(station: Station, change: Change, _: Scenario) -> Station:
    return replace(station, speed=_above_zero(change.of(station.speed)))


def _class_rate(found: CustomerClass, change: Change, scenario: Scenario) -> CustomerClass:
    if not any(found.rates_per_hour) and change.window is None:
        raise ImpossibleError(f"{found.name}.rate: 0")
    rates = []
    for place, rate in enumerate(found.rates_per_hour):
        begins = scenario.rates_start_second + place * scenario.slot_seconds
        share = float(rate > 0)
        if change.window is not None:
            first, last = change.window
            both = min(last, begins + scenario.slot_seconds) - max(first, begins)
            share = max(both, 0.0) / scenario.slot_seconds
        after = rate + (_not_negative(change.of(rate)) - rate) * share if share else rate
        rates.append(after)
    return replace(found, rates_per_hour=tuple(rates))


def _class_priority(found: CustomerClass, change: Change, _: Scenario) -> CustomerClass:
    return replace(found, priority=_whole(change.of(found.priority)))


def _class_pace(found: CustomerClass, change: Change, _: Scenario) -> CustomerClass:
    return replace(found, pace=_above_zero(change.of(found.pace)))


def _class_patience(found: CustomerClass, change: Change, _: Scenario) -> CustomerClass:
    factor = _above_zero(change.number)
    at = {queue: law_times(law, factor) for queue, law in found.patience_at.items()}
    law = None if found.patience is None else law_times(found.patience, factor)
    return replace(found, patience=law, patience_at=at)


def _activity_time(activity: Activity, change: Change, _: Scenario) -> Activity:
    factor = _above_zero(change.number)
    services = tuple(replace(each, law=law_times(each.law, factor)) for each in activity.services)
    return replace(activity, services=services)


def _activity_failing(activity: Activity, change: Change, _: Scenario) -> Activity:
    failing = sum(route.share for route in activity.routes if route.is_failure)
    wanted = _not_negative(change.of(failing))
    others = sum(route.share for route in activity.routes if not route.is_failure)
    if wanted + others > 1 or (failing == 0 and wanted > 0):
        raise ImpossibleError(f"{activity.name}: {wanted:g}")
    if failing == 0:
        return activity

    def scaled(route: Route) -> Route:
        return replace(route, share=route.share * wanted / failing) if route.is_failure else route

    return replace(activity, routes=tuple(map(scaled, activity.routes)))


def _pool_open(pool: Pool, change: Change, _: Scenario) -> Pool:
    if pool.delays:
        raise ImpossibleError(f"{pool.name}.delays")
    return replace(pool, open=steps_changed(pool.open, change))


def _whole(value: float) -> int:
    if value < 0 or value != round(value):
        raise ImpossibleError(f"{value:g}")
    return round(value)


def _not_negative(value: float) -> float:
    if value < 0:
        raise ImpossibleError(f"{value:g}")
    return value


def _above_zero(value: float) -> float:
    if value <= 0:
        raise ImpossibleError(f"{value:g}")
    return value


_HOW: Mapping[tuple[str, str], Callable[[Any, Change, Scenario], Any]] = {
    ("station", "open"): _station_open,
    ("station", "limit"): _station_limit,
    ("station", "speed"): _station_speed,
    ("class", "rate"): _class_rate,
    ("class", "priority"): _class_priority,
    ("class", "pace"): _class_pace,
    ("class", "patience"): _class_patience,
    ("activity", "time"): _activity_time,
    ("activity", "failing"): _activity_failing,
    ("pool", "open"): _pool_open,
}
