"""The twin as the optimiser of devices sees it: a branch with a mix, and how mixes do.

A *run* is one draw of what is not known of the branch (parameters within what the data leave open,
the schedule of one of its days) lived through for some days, each with a day's factor of its own.
All mixes of a run have the same parameters, schedule and customers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from branchwise.core.randomness import derived_seed, stream
from branchwise.optimise.devices import Counts, Floats, Resource
from branchwise.twin.calibrate.assemble import scenario_of
from branchwise.twin.calibrate.model import Estimates
from branchwise.twin.calibrate.uncertainty import drawn_duty, perturbed_estimates
from branchwise.twin.run import Result, simulate
from branchwise.twin.scenario import Scenario, Station, Step

DAYS = 10
Draw = Callable[[int, int], Scenario]
"""From the number of a run and a seed to the branch as it is in that run, today's mix in it."""


def with_mix(scenario: Scenario, resources: Sequence[Resource], counts: Counts) -> Scenario:
    """Return a branch with other counts of its resources.

    Wherever somebody is on duty, or a machine is on, so many more or fewer are; at least one
    stays. Windows on call move along with the planned ones. What is closed stays closed.

    Examples
    --------
    >>> from branchwise.optimise.devices_example import corner_problem
    >>> from branchwise.twin.example import corner_branch
    >>> changed = with_mix(corner_branch(), corner_problem().resources, (3, 1, 2))
    >>> [(step.at_second / 3600, step.count) for step in changed.stations[0].open]
    [(9.0, 1), (12.0, 1), (14.0, 1)]
    >>> changed.stations[1].open[0].count, changed.pools[1].open[0].count
    (3, 2)
    """
    more = {
        (one.kind == "guide", one.name): count - one.today
        for one, count in zip(resources, counts, strict=True)
        if count != one.today
    }
    stations = tuple(_station(one, more.get((False, one.name), 0)) for one in scenario.stations)
    pools = tuple(
        replace(one, open=_steps(one.open, more[True, one.name]))
        if (True, one.name) in more
        else one
        for one in scenario.pools
    )
    return replace(scenario, stations=stations, pools=pools)


def _station(station: Station, more: int) -> Station:
    if more == 0:
        return station
    on_call = station.flexible
    if on_call is not None:
        on_call = replace(on_call, limit=_steps(on_call.limit, more))
    return replace(station, open=_steps(station.open, more), flexible=on_call)


def _steps(steps: Sequence[Step], more: int) -> tuple[Step, ...]:
    return tuple(
        replace(step, count=max(step.count + more, 1) if step.count > 0 else 0) for step in steps
    )


@dataclass(slots=True, kw_only=True)
class TwinMixes:
    """An `AppraiseMixes` that simulates a branch.

    Attributes
    ----------
    resources : tuple of Resource
        What mixes are of.
    draw : callable
        Of the branch in each run.
    days : int
        Simulated in a run.
    """

    resources: tuple[Resource, ...]
    draw: Draw
    days: int = DAYS
    _drawn: dict[tuple[int, int], Scenario] = field(default_factory=dict)

    def __call__(
        self, mixes: Sequence[Counts], *, first_replication: int, replications: int, seed: int
    ) -> Floats:
        """Return late or lost customers a day, shape (mixes, replications)."""
        found = np.empty((len(mixes), replications))
        for column in range(replications):
            run = first_replication + column
            for row, counts in enumerate(mixes):
                found[row, column] = late_or_lost(self.lived(counts, run, seed)).sum() / self.days
        return found

    def lived(self, counts: Counts, run: int, seed: int) -> Result:
        """Return the days of a run under a mix."""
        key = (run, seed)
        if key not in self._drawn:
            self._drawn[key] = self.draw(run, seed)
        return simulate(
            with_mix(self._drawn[key], self.resources, counts),
            replications=self.days,
            seed=derived_seed(seed, "devices"),
            first_replication=run * self.days,
        )


def late_or_lost(result: Result, *, elderly: bool = False) -> Floats:
    """Return who waited beyond the standard, or was not served at all, by day.

    Parameters
    ----------
    result : Result
        A run.
    elderly : bool
        Only customers of 60 and over.
    """
    chosen = [
        place for place, one in enumerate(result.scenario.classes) if one.is_elderly or not elderly
    ]
    late = result.by_class["customers"] - result.by_class["within_standard"]
    return np.asarray(late[:, chosen].sum(axis=1), dtype=np.float64)


def drawn_from(estimates: Estimates, *, whole_weeks: bool = False) -> Draw:
    """Return draws of a calibrated branch: parameters, and the schedule of one of its days.

    Open weekdays take turns in an order of chance.

    Parameters
    ----------
    estimates : Estimates
        Of its calibration.
    whole_weeks : bool
        Whether parameters stay until all weekdays have had their turn.
    """
    weekdays = sorted(day for day in estimates.hours if day)

    def draw(run: int, seed: int) -> Scenario:
        weekday = weekdays[_turn(run, len(weekdays), seed)]
        number = run // len(weekdays) if whole_weeks else run
        known = perturbed_estimates(estimates, number, seed)
        return scenario_of(
            known, weekday, duty=drawn_duty(known, weekday, stream(seed, "duty", run, weekday))
        )

    return draw


def drawn_as_stored(scenarios: Sequence[Scenario]) -> Draw:
    """Return draws of stored weekdays, parameters taken for certain: only days differ."""

    def draw(run: int, seed: int) -> Scenario:
        return scenarios[_turn(run, len(scenarios), seed)]

    return draw


def _turn(run: int, count: int, seed: int) -> int:
    """Return whose turn it is: all of them in each round, in an order of chance."""
    whole, place = divmod(run, count)
    return int(stream(seed, "weekday", whole).permutation(count)[place])
