"""The twin as the optimiser sees it: work that groups bring, and how plans do in simulation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from branchwise.optimise.model import Appraisal, Counts, Floats, Slots
from branchwise.pipeline.optimise.staffing_groups import SLOT_SECONDS, Group
from branchwise.twin.kernel.indexing import law_of_service
from branchwise.twin.laws import Law
from branchwise.twin.run import simulate
from branchwise.twin.scenario import (
    Activity,
    CustomerClass,
    Scenario,
    Station,
    Step,
)
from branchwise.twin.workload import visits_by_class

SAMPLES = 4000
VALUES = 400
KEPT = 24


def rates_in_slots(scenario: Scenario, slots: Slots) -> Floats:
    """Return the mean customers per hour of all classes by slot, those before it in the first.

    Examples
    --------
    >>> from branchwise.pipeline.optimise.staffing_groups import day_slots
    >>> from branchwise.twin.example import corner_branch
    >>> branch = corner_branch()
    >>> float(rates_in_slots(branch, day_slots(branch))[0])
    20.0
    """
    bounds = slots.bounds
    counts = np.zeros(slots.count)
    for kind in scenario.classes:
        edges = scenario.rates_start_second + scenario.slot_seconds * np.arange(
            len(kind.rates_per_hour) + 1
        )
        came = np.array(kind.rates_per_hour) * scenario.slot_seconds / 3600
        so_far = np.concatenate([[0.0], np.cumsum(came)])
        by = np.interp(bounds, edges, so_far)
        by[0] = 0.0
        counts += np.diff(by)
    for one in scenario.appointments:
        slot = int((one.at_second - slots.first_second) // slots.seconds)
        if slot < slots.count:
            counts[max(slot, 0)] += 1 - one.no_show
    return counts / slots.hours


def bound_seconds(scenario: Scenario, posts: Sequence[str], seed: int = 0) -> tuple[float, ...]:
    """Return how long a service binds a person, as equally likely values [s].

    Service by class, activity and post, walk and the time with a second person, without waiting
    for one.
    """
    chance = np.random.default_rng(seed)
    visits = visits_by_class(scenario)
    expected = np.array([max(sum(one.rates_per_hour), 1e-9) for one in scenario.classes])
    weights = (visits * expected[:, None]).ravel()
    drawn = chance.choice(len(weights), size=SAMPLES, p=weights / weights.sum())
    stations = [one for one in scenario.stations if one.name in posts]
    values = np.zeros(SAMPLES)
    for number in np.unique(drawn):
        place, activity = divmod(int(number), len(scenario.activities))
        chosen = np.flatnonzero(drawn == number)
        kind, done = scenario.classes[place], scenario.activities[activity]
        values[chosen] = _bound(done, kind, stations, chance, len(chosen))
    shares = (np.arange(VALUES) + 0.5) / VALUES
    return tuple(float(value) for value in np.quantile(values, shares))


def _bound(
    activity: Activity,
    kind: CustomerClass,
    stations: Sequence[Station],
    chance: np.random.Generator,
    count: int,
) -> Floats:
    serving = [one for one in stations if law_of_service(activity, kind, one)]
    if not serving:
        return np.zeros(count)
    values = np.zeros(count)
    picked = chance.integers(len(serving), size=count)
    for number, station in enumerate(serving):
        law = law_of_service(activity, kind, station)
        chosen = np.flatnonzero(picked == number)
        if law is not None:
            drawn = law.quantile(chance.random(len(chosen)))
            values[chosen] = drawn * kind.pace / station.speed
    values += activity.walk_metres / kind.walking_speed_metres_per_second
    for request in activity.requests:
        asks = chance.random(count) < request.share
        values += np.where(asks, request.hold.quantile(chance.random(count)), 0.0)
    return values


def surviving(scenario: Scenario, seconds: float) -> float:
    """Return the share of customers who would still wait after a time."""
    total, stays = 0.0, 0.0
    for kind in scenario.classes:
        weight = sum(kind.rates_per_hour) or 1e-9
        laws = [kind.patience_at.get(queue, kind.patience) for queue in scenario.queues]
        total += weight
        stays += weight * float(np.mean([_survival(law, seconds) for law in laws]))
    return stays / total


def _survival(law: Law | None, seconds: float) -> float:
    if law is None:
        return 1.0
    shares = (np.arange(VALUES) + 0.5) / VALUES
    return float((law.quantile(shares) > seconds).mean())


@dataclass(slots=True, kw_only=True)
class TwinAppraisal:
    """An `Appraise` of the optimiser that simulates each group of a branch.

    Attributes
    ----------
    groups : tuple of Group
        Who waits for whom.
    slots : Slots
        The day.
    factor : float
        Times as many customers come as on the mean day.
    seconds : float
        Wait that is within the standard.
    """

    groups: tuple[Group, ...]
    slots: Slots
    factor: float
    seconds: float
    _known: dict[tuple[object, ...], tuple[Floats, Floats]] = field(default_factory=dict)

    def __call__(self, plans: Counts, *, replications: int, seed: int) -> Appraisal:
        """Simulate plans on the same days."""
        found = [self._of_plan(plan, replications, seed) for plan in plans]
        return Appraisal(
            customers=np.array([came for came, _ in found]),
            within=np.array([called for _, called in found]),
        )

    def _of_plan(self, plan: Counts, replications: int, seed: int) -> tuple[Floats, Floats]:
        parts, first = [], 0
        for group in self.groups:
            rows = plan[first : first + len(group.posts)]
            first += len(group.posts)
            key = (group.name, rows.tobytes(), replications, seed)
            if key not in self._known:
                while len(self._known) >= KEPT:
                    self._known.pop(next(iter(self._known)))
                self._known[key] = self._lived(group, rows, replications, seed)
            parts.append(self._known[key])
        came = np.stack([part[0] for part in parts], axis=1)
        return came, np.stack([part[1] for part in parts], axis=1)

    def _lived(
        self, group: Group, rows: Counts, replications: int, seed: int
    ) -> tuple[Floats, Floats]:
        staffed = staffed_by(group, rows, self.slots, factor=self.factor, seconds=self.seconds)
        by_slot = simulate(staffed, replications=replications, seed=seed).by_slot
        first = int(self.slots.first_second // SLOT_SECONDS)
        day = slice(first, first + self.slots.count)
        return by_slot["customers"][:, day], by_slot["within_standard"][:, day]


def staffed_by(
    group: Group, rows: Counts, slots: Slots, *, factor: float, seconds: float
) -> Scenario:
    """Return a group's branch on a day so many times as busy, with so many people by slot."""
    scenario = group.scenario
    plans = dict(zip(group.posts, rows, strict=True))
    starts = np.maximum(slots.bounds[:-1], scenario.opens_second)
    stations = tuple(
        replace(one, open=_steps(starts, plans[one.name])) if one.name in plans else one
        for one in scenario.stations
    )
    classes = tuple(
        replace(one, rates_per_hour=tuple(rate * factor for rate in one.rates_per_hour))
        for one in scenario.classes
    )
    return replace(
        scenario, stations=stations, classes=classes, day_shape=None, standard_seconds=seconds
    )


def _steps(starts: Floats, people: Counts) -> tuple[Step, ...]:
    changes = np.flatnonzero(np.diff(people, prepend=-1))
    return tuple(Step(at_second=float(starts[at]), count=int(people[at])) for at in changes)
