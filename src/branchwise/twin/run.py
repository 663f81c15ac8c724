"""Replications of a scenario and what is measured on them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from branchwise.core.errors import Where, failure
from branchwise.twin.laws import Floats
from branchwise.twin.scenario import Scenario

if TYPE_CHECKING:
    from branchwise.twin.kernel.model import Model

ROOM = 1024
BATCHES = 20
MODELS = 8
"""Models kept: whoever simulates a scenario often need not wait for its checks again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What happened in the replications of a scenario.

    Attributes
    ----------
    scenario : Scenario
        What was simulated.
    seed, first_replication, replications : int
        Which days.
    by_class : mapping of str to array, shape (replications, classes)
        ``customers`` (who came), ``served``, ``abandoned``, ``balked``, ``sent_away``,
        ``no_show`` (appointments), ``wait_seconds`` (sum over all who waited),
        ``wait_served_seconds``, ``within_standard``, ``failed_back`` (services done again
        elsewhere), ``walked_metres``.
    by_station : mapping of str to array, shape (replications, stations)
        ``busy_seconds``, ``open_seconds``, ``down_seconds``, ``overtime_seconds``, ``services``.
    by_pool : mapping of str to array, shape (replications, pools)
        ``requests`` (services with one), ``asking_seconds`` (from the last request of a service
        to the end of its hold), ``held_seconds`` (of the branch's own people).
    by_slot : mapping of str to array, shape (replications, 96)
        ``customers``, ``abandoned``, ``wait_seconds``, ``wait_served_seconds``,
        ``within_standard`` by the quarter-hour of the ticket.
    waiting : array, shape (queues, 96)
        Mean number waiting at the beginning of each quarter-hour.
    waits : array, shape (batches, classes, 2, bins)
        Waits by bins of 5 s: ended with a call, and lost before; a batch is every 20th day.
    """

    scenario: Scenario
    seed: int
    first_replication: int
    replications: int
    by_class: Mapping[str, Floats]
    by_station: Mapping[str, Floats]
    by_pool: Mapping[str, Floats]
    by_slot: Mapping[str, Floats]
    waiting: Floats
    waits: npt.NDArray[np.int64]

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes."""
        return tuple(found.name for found in self.scenario.classes)

    @property
    def stations(self) -> tuple[str, ...]:
        """Names of the stations."""
        return tuple(found.name for found in self.scenario.stations)

    @property
    def pools(self) -> tuple[str, ...]:
        """Names of the pools."""
        return tuple(found.name for found in self.scenario.pools)

    def wait_quantile(self, share: float, customer_class: str | None = None) -> float:
        """Return the wait that a share of all who wait do not exceed, by Kaplan and Meier.

        Who gives up or is sent away counts as still waiting (censored) from then on [1]_.

        Parameters
        ----------
        share : float
            Between 0 and 1.
        customer_class : str, optional
            One class; all by default.

        Returns
        -------
        float
            Seconds; inf where too few are ever called.

        References
        ----------
        .. [1] Kaplan and Meier (1958), J. Am. Stat. Assoc. 53, doi:10.2307/2281868.
        """
        return quantile_of_waits(self.waits.sum(axis=0)[self._chosen(customer_class)], share)

    def wait_quantile_spread(
        self, share: float, customer_class: str | None = None
    ) -> tuple[float, float, float]:
        """Return a wait quantile and its 95 % interval, by the jackknife over batches [s]."""
        chosen = self.waits[:, self._chosen(customer_class)]
        used = [batch for batch in range(len(chosen)) if chosen[batch].sum() > 0]
        whole = quantile_of_waits(chosen.sum(axis=0), share)
        left_out = [quantile_of_waits(chosen.sum(axis=0) - chosen[batch], share) for batch in used]
        if len(used) < 2 or not np.isfinite([whole, *left_out]).all():  # noqa: PLR2004
            return whole, math.nan, math.nan
        from scipy.stats import t

        count = len(used)
        pseudo = count * whole - (count - 1) * np.array(left_out)
        half = float(t.ppf(0.975, count - 1)) * float(pseudo.std(ddof=1)) / math.sqrt(count)
        return whole, max(whole - half, 0.0), whole + half

    def _chosen(self, customer_class: str | None) -> slice | list[int]:
        if customer_class is None:
            return slice(None)
        return [self.classes.index(customer_class)]


def simulate(
    scenario: Scenario, *, replications: int, seed: int, first_replication: int = 0
) -> Result:
    """Live through days of a scenario.

    The same seed and replication give the same day, bit for bit, whoever else is simulated
    with it.

    Parameters
    ----------
    scenario : Scenario
        A sound one, see `checks.require_sound`.
    replications : int
        Number of days, 1 or more.
    seed : int
        Seed of all chance.
    first_replication : int
        Number of the first day.

    Returns
    -------
    Result
        Counts by class, station, pool and quarter-hour.

    Raises
    ------
    BranchwiseError
        [BW-TWN-011] if there are no replications; else as `checks.require_sound`.

    Examples
    --------
    >>> from branchwise.twin.example import corner_branch
    >>> result = simulate(corner_branch(), replications=20, seed=1)
    >>> round(result.by_class["customers"].sum(axis=1).mean())
    142
    """
    from branchwise.twin.kernel.compiled import live_days
    from branchwise.twin.kernel.draws import seed_key
    from branchwise.twin.kernel.state import state_of
    from branchwise.twin.kernel.tally import tally_of

    if replications < 1 or min(seed, first_replication) < 0:
        raise failure("BW-TWN-011", Where(place=scenario.name), value=replications)
    model = _model_of(_Itself(scenario))
    tally = tally_of(model, replications, BATCHES)
    room, done = ROOM, 0
    while done < replications:
        state = state_of(model, customers=room, steps=2 * room)
        done = live_days(model, state, tally, seed_key(seed), first_replication, done)
        room *= 2
    return _result(scenario, seed, first_replication, tally)


class _Itself:
    """A scenario that equals none but itself: what it says need not be compared."""

    __slots__ = ("scenario",)

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario

    def __hash__(self) -> int:
        return id(self.scenario)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Itself) and self.scenario is other.scenario


@lru_cache(maxsize=MODELS)
def _model_of(itself: _Itself) -> Model:
    """Return a scenario's model once it is found to be sound; the last ones are kept."""
    from branchwise.twin.checks import require_sound
    from branchwise.twin.kernel.model import model_of

    require_sound(itself.scenario)
    return model_of(itself.scenario)


def quantile_of_waits(waits: npt.NDArray[np.int64], share: float) -> float:
    """Return a quantile of waits counted in bins, those lost before a call as censored.

    Parameters
    ----------
    waits : array, shape (classes, 2, bins)
        Called, and lost.
    share : float
        Between 0 and 1.

    Examples
    --------
    >>> import numpy as np
    >>> waits = np.zeros((1, 2, 1441), dtype=int)
    >>> waits[0, 0, :100] = 1
    >>> round(quantile_of_waits(waits, 0.5))
    250
    """
    from branchwise.twin.kernel.tally import BIN_SECONDS

    called, lost = waits.sum(axis=0).astype(float)
    at_risk = (called + lost)[::-1].cumsum()[::-1] - lost / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        hazard = np.where(at_risk > 0, np.minimum(called / at_risk, 1.0), 0.0)
    over = 1 - np.cumprod(1 - hazard)
    reached = np.flatnonzero(over >= share - 1e-12)
    if len(reached) == 0 or reached[0] == len(over) - 1:
        return math.inf
    place = int(reached[0])
    before = over[place - 1] if place else 0.0
    part = (share - before) / (over[place] - before)
    return float((place + min(max(part, 0.0), 1.0)) * BIN_SECONDS)


def _result(scenario: Scenario, seed: int, first: int, tally: object) -> Result:
    from branchwise.twin.kernel import tally as counts

    assert isinstance(tally, counts.Tally)  # noqa: S101 - tells the type checker

    def named(names: tuple[str, ...], values: Floats) -> dict[str, Floats]:
        return {name: values[..., place] for place, name in enumerate(names)}

    replications = len(tally.by_class)
    return Result(
        scenario=scenario,
        seed=seed,
        first_replication=first,
        replications=replications,
        by_class=named(counts.CLASS_COUNTS, tally.by_class),
        by_station=named(counts.STATION_COUNTS, tally.by_station),
        by_pool=named(counts.POOL_COUNTS, tally.by_pool),
        by_slot=named(counts.SLOT_COUNTS, tally.by_slot),
        waiting=tally.waiting / max(replications, 1),
        waits=tally.waits,
    )
