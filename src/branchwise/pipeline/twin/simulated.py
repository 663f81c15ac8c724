"""Simulating a scenario as often as was asked, or as often as a wanted precision needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from branchwise.core.errors import Where, failure
from branchwise.pipeline.twin.validate import require_positive

if TYPE_CHECKING:
    from branchwise.experiments.model import Array, Interval
    from branchwise.twin.run import Result
    from branchwise.twin.scenario import Scenario

REPLICATIONS = 200
FIRST, CAP = 40, 20_000
HEADLINE = "queues.wait_mean_seconds"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How many days to simulate.

    Attributes
    ----------
    replications : int or None
        So many; None for 200, or for as many as `precision` needs.
    precision : float or None
        Wanted half-width of the 95 % interval of the mean wait, as a share of it.
    """

    replications: int | None = None
    precision: float | None = None

    def check(self) -> None:
        """Raise [BW-TWN-039] for what cannot be, or for both."""
        require_positive("--replications", self.replications)
        require_positive("--precision", self.precision)
        if self.replications is not None and self.precision is not None:
            values = {"option": "--precision", "given": self.precision}
            rule = "--replications | --precision"
            raise failure("BW-TWN-039", Where(place="--precision"), **values, rule=rule)

    @property
    def days(self) -> int:
        """Days where no precision is wanted."""
        return self.replications or REPLICATIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """What was reached of a wanted precision: half-widths as shares of the mean wait."""

    wanted: float
    reached: float
    is_reached: bool


def simulated(scenario: Scenario, effort: Effort, seed: int) -> tuple[Result, Reached | None]:
    """Simulate a scenario.

    Parameters
    ----------
    scenario : Scenario
        A sound one.
    effort : Effort
        How many days.
    seed : int
        Seed of all chance.

    Returns
    -------
    tuple of Result and Reached or None
        The days 0, 1, 2 … and, where a precision was wanted, what was reached.
    """
    from branchwise.twin.run import simulate

    if effort.precision is None:
        return simulate(scenario, replications=effort.days, seed=seed), None
    from branchwise.experiments.model import Goal
    from branchwise.experiments.precision import sequential
    from branchwise.twin.measures import merged

    parts: list[Result] = []

    def more(candidates: Sequence[int], first_replication: int, replications: int) -> Array:
        found = simulate(
            scenario, replications=replications, seed=seed, first_replication=first_replication
        )
        parts.append(found)
        waited: Array = found.by_class["wait_seconds"].sum(axis=1)
        return waited[None].repeat(len(candidates), axis=0)

    goal = Goal(half_width=effort.precision, relative=True, first=FIRST, cap=CAP)
    found = sequential(more, goal, estimate=_mean_wait(parts))
    interval = found.interval
    share = interval.half_width / interval.estimate if interval.estimate else 0.0
    reached = Reached(wanted=effort.precision, reached=share, is_reached=found.reached)
    return merged(parts), reached


def _mean_wait(parts: list[Result]) -> Callable[..., Interval]:
    """Return what estimates the mean wait of all days drawn so far."""
    from branchwise.experiments.model import Interval
    from branchwise.twin.measures import estimates, merged

    def estimate(values: Any, *, confidence: float) -> Interval:  # noqa: ANN401
        found = estimates(merged(parts))[0]
        value = found.value or 0.0
        half = 0.0 if found.lower is None or found.upper is None else found.upper - value
        return Interval(
            estimate=value, lower=value - half, upper=value + half, confidence=confidence,
            replications=len(values),
        )  # fmt: skip

    return estimate
