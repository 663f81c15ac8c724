"""Customers who do at a machine what they would have done at the counter (業務分流)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from branchwise.plan.mechanisms.duty import Stretch, stretch_of
from branchwise.plan.proposal import Option
from branchwise.twin.scenario import CustomerClass, Scenario

Floats = npt.NDArray[np.float64]
SERVICE = "service:"
MACHINE = "smart_counter"


def machine_activities(scenario: Scenario) -> frozenset[str]:
    """Return the activities that only smart counters do.

    Examples
    --------
    >>> from branchwise.twin.example import corner_branch
    >>> machine_activities(corner_branch())
    frozenset({'machine'})
    """
    by_people = {
        queue
        for one in scenario.stations
        if one.kind != MACHINE
        for tier in one.tiers
        for queue in tier
    }
    machines = [one for one in scenario.stations if one.kind == MACHINE]
    return frozenset(
        activity.name
        for activity in scenario.activities
        if activity.queue not in by_people and any(one.serves(activity.queue) for one in machines)
    )


def diverted_shares(option: Option) -> dict[str, float]:
    """Return which share of which service goes to a machine: the settings ``service:CODE``."""
    return {
        name.removeprefix(SERVICE): share
        for name, share in option.settings.items()
        if name.startswith(SERVICE)
    }


def diverted(option: Option, scenario: Scenario) -> Scenario:
    """Send shares of services from the counter to the machines within the option's window.

    Who is diverted asks for what customers at machines ask for: those of the same class if it has
    any there, else those of a class that only uses machines, of the elderly one for the elderly.
    Nobody is lost: every quarter-hour brings as many customers as before. Of a class whose mix
    does not change with the hour, the mix of the whole day is changed.
    """
    stretch = stretch_of(option.window, scenario)
    return sent_to_machines(scenario, diverted_shares(option), stretch)


def sent_to_machines(scenario: Scenario, shares: Mapping[str, float], stretch: Stretch) -> Scenario:
    """Return a scenario in which shares of services, by code, are done at machines.

    Parameters
    ----------
    scenario : Scenario
        The branch.
    shares : mapping of str to float
        Share of each service diverted, 0-1, by `Activity.service_id`.
    stretch : tuple of float
        When [s after midnight].

    Examples
    --------
    >>> from dataclasses import replace as with_
    >>> from branchwise.twin.example import corner_branch
    >>> branch = corner_branch()
    >>> cash = with_(branch.activities[0], service_id="cash")
    >>> branch = with_(branch, activities=(cash, branch.activities[1]))
    >>> after = sent_to_machines(branch, {"cash": 0.2}, (0.0, 86400.0))
    >>> {name: round(share, 2) for name, share in after.classes[0].mix.items()}
    {'cash': 0.36, 'machine': 0.64}
    """
    machines = machine_activities(scenario)
    moving = {
        activity.name: shares[activity.service_id]
        for activity in scenario.activities
        if activity.service_id is not None
        and activity.service_id in shares
        and activity.name not in machines
    }
    inside = _inside(scenario, stretch)
    classes = {one.name: one for one in scenario.classes}
    for kind in scenario.classes:
        to = _destination(scenario, kind, machines)
        leaving = {name: moving[name] for name in kind.mix if moving.get(name, 0) > 0}
        if to is None or not leaving or not any(kind.rates_per_hour):
            continue
        flow = _Flow.of(kind, leaving, inside)
        if to.name == kind.name:
            classes[kind.name] = replace(kind, mix=flow.mix_with(machines))
        else:
            classes[kind.name] = replace(kind, mix=flow.mix, rates_per_hour=_listed(flow.staying))
            receiver = classes[to.name]
            rates = np.array(receiver.rates_per_hour or np.zeros(len(flow.staying)))
            classes[to.name] = replace(receiver, rates_per_hour=_listed(rates + flow.moving))
    return replace(scenario, classes=tuple(classes[one.name] for one in scenario.classes))


def machine_share_factor(before: Scenario, after: Scenario) -> float:
    """Return how many times more customers begin at a machine; 1 where nobody did before.

    Examples
    --------
    >>> from branchwise.twin.example import corner_branch
    >>> machine_share_factor(corner_branch(), corner_branch())
    1.0
    """
    counts = [_machine_customers(one) for one in (before, after)]
    return counts[1] / counts[0] if counts[0] > 0 else 1.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Flow:
    """What leaves a class: rates that stay and that move, and the mix of those who stay."""

    mix: dict[str, float]
    staying: Floats
    moving: Floats
    moved_share: float

    @classmethod
    def of(cls, kind: CustomerClass, leaving: Mapping[str, float], inside: Floats) -> _Flow:
        total = sum(kind.mix.values())
        rates = np.array(kind.rates_per_hour)
        share = sum(kind.mix[name] / total * part for name, part in leaving.items())
        within = float(inside[: len(rates)] @ rates / rates.sum())
        moving = rates * inside[: len(rates)] * share
        mix = {
            name: part / total * (1 - leaving.get(name, 0.0) * within)
            for name, part in kind.mix.items()
        }
        return cls(mix=mix, staying=rates - moving, moving=moving, moved_share=share * within)

    def mix_with(self, machines: frozenset[str]) -> dict[str, float]:
        """Return the mix with those who move at the class's own activities of machines."""
        own = {name: part for name, part in self.mix.items() if name in machines}
        total = sum(own.values())
        return {
            name: part + self.moved_share * own.get(name, 0.0) / total
            for name, part in self.mix.items()
        }


def _destination(
    scenario: Scenario, kind: CustomerClass, machines: frozenset[str]
) -> CustomerClass | None:
    if all(name in machines for name in kind.mix):
        return None
    if any(name in machines and share > 0 for name, share in kind.mix.items()):
        return kind
    users = [one for one in scenario.classes if all(name in machines for name in one.mix)]
    alike = [one for one in users if one.is_elderly == kind.is_elderly]
    return next(iter([*alike, *users]), None)


def _inside(scenario: Scenario, stretch: Stretch) -> Floats:
    """Return the part of each slot of rates that lies within a stretch of the day, 0-1."""
    slots = max((len(one.rates_per_hour) for one in scenario.classes), default=0)
    begins = scenario.rates_start_second + scenario.slot_seconds * np.arange(slots)
    both = np.minimum(begins + scenario.slot_seconds, stretch[1]) - np.maximum(begins, stretch[0])
    return np.asarray(np.clip(both, 0, None) / scenario.slot_seconds)


def _machine_customers(scenario: Scenario) -> float:
    machines = machine_activities(scenario)
    return sum(
        sum(kind.rates_per_hour) * part / sum(kind.mix.values())
        for kind in scenario.classes
        for name, part in kind.mix.items()
        if name in machines
    )


def _listed(rates: Floats) -> tuple[float, ...]:
    return tuple(float(rate) for rate in rates)
