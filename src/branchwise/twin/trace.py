"""One day of a scenario, customer by customer and step by step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from branchwise.twin.laws import Floats
from branchwise.twin.run import ROOM
from branchwise.twin.scenario import Scenario

if TYPE_CHECKING:
    from branchwise.twin.kernel.model import Model
    from branchwise.twin.kernel.records import Records
    from branchwise.twin.kernel.state import State

Ints = npt.NDArray[np.int64]

CUSTOMER_OUTCOMES = ("served", "abandoned", "balked", "sent_away", "inside")
STEP_OUTCOMES = ("done", "failed", "abandoned", "sent_away", "interrupted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What happened on one day. Times are seconds after midnight, NaN for what did not happen.

    Attributes
    ----------
    scenario : Scenario
        What was simulated.
    seed, replication : int
        Which day.
    customer_class, outcome : array of int, shape (customers,)
        Numbers of `Scenario.classes` and of `CUSTOMER_OUTCOMES`.
    entered, ticket, left : array of float, shape (customers,)
        Coming in, ticket in hand, leaving.
    wait : array of float, shape (customers,)
        Sum of the times in queues [s].
    step_customer, step_activity, step_station, step_member, step_outcome : array, shape (steps,)
        Numbers of the customer, of activity and station (-1: never called), of the server within
        the station, and of `STEP_OUTCOMES`.
    step_queued, step_called, step_started, step_ended : array of float, shape (steps,)
        Joining the queue, call (of one never called: giving up), start and end of the service.
    step_asked, step_granted : array of float, shape (steps,)
        Of the last person asked for: request, and end of the hold.
    open_station, open_member, open_from, open_to : array, shape (spells,)
        Spells in which a server was on duty.
    down_station, down_member, down_from, down_to : array, shape (outages,)
        Spells in which a machine on duty was out of order.
    """

    scenario: Scenario
    seed: int
    replication: int
    customer_class: Ints
    outcome: Ints
    entered: Floats
    ticket: Floats
    left: Floats
    wait: Floats
    step_customer: Ints
    step_activity: Ints
    step_station: Ints
    step_member: Ints
    step_outcome: Ints
    step_queued: Floats
    step_called: Floats
    step_started: Floats
    step_ended: Floats
    step_asked: Floats
    step_granted: Floats
    open_station: Ints
    open_member: Ints
    open_from: Floats
    open_to: Floats
    down_station: Ints
    down_member: Ints
    down_from: Floats
    down_to: Floats


def trace(scenario: Scenario, *, seed: int, replication: int = 0) -> Trace:
    """Live through one day of a scenario and keep all of it.

    It is the day that `run.simulate` counts under the same seed and number.

    Examples
    --------
    >>> from branchwise.twin.example import corner_branch
    >>> day = trace(corner_branch(), seed=1)
    >>> bool((day.left >= day.ticket).all())
    True
    """
    from branchwise.twin.checks import require_sound
    from branchwise.twin.kernel.model import model_of
    from branchwise.twin.kernel.state import CUSTOMERS, ON_DUTY, OUT_OF_ORDER, SPELLS, STEPS

    require_sound(scenario)
    model = model_of(scenario)
    state = _lived(model, seed, replication)
    customers = state.customers[: state.counts[CUSTOMERS]]
    steps = state.steps[: state.counts[STEPS]]
    spells = state.spells[: state.counts[SPELLS]]
    station, member = _places(model, steps["server"])
    return Trace(
        scenario=scenario,
        seed=seed,
        replication=replication,
        customer_class=customers["kind"].copy(),
        outcome=customers["outcome"].copy(),
        entered=customers["entered"].copy(),
        ticket=customers["ticket"].copy(),
        left=customers["left"].copy(),
        wait=customers["waited"].copy(),
        step_customer=steps["customer"].copy(),
        step_activity=steps["activity"].copy(),
        step_station=station,
        step_member=member,
        step_outcome=steps["outcome"].copy(),
        step_queued=steps["queued"].copy(),
        step_called=steps["called"].copy(),
        step_started=np.where(steps["started"] <= steps["ended"], steps["started"], np.nan),
        step_ended=steps["ended"].copy(),
        step_asked=_known(steps["asked"]),
        step_granted=_known(steps["granted"]),
        **_spells(model, "open", spells[spells["kind"] == ON_DUTY]),
        **_spells(model, "down", spells[spells["kind"] == OUT_OF_ORDER]),
    )


def _lived(model: Model, seed: int, replication: int) -> State:
    """Return the state after one day, with room enough for it."""
    from branchwise.twin.kernel.compiled import live_days
    from branchwise.twin.kernel.draws import seed_key
    from branchwise.twin.kernel.state import state_of
    from branchwise.twin.kernel.tally import tally_of

    room = ROOM
    while True:
        state = state_of(model, customers=room, steps=2 * room)
        if live_days(model, state, tally_of(model, 1, 1), seed_key(seed), replication, 0):
            return state
        room *= 2


def _places(model: Model, server: Ints) -> tuple[Ints, Ints]:
    """Return station and number within it of servers, -1 of none."""
    if len(model.server_station) == 0:
        return np.full_like(server, -1), np.full_like(server, -1)
    station = model.server_station[np.maximum(server, 0)]
    member = server - model.stations["server_first"][station]
    return np.where(server >= 0, station, -1), np.where(server >= 0, member, -1)


def _spells(model: Model, name: str, spells: Records) -> dict[str, Any]:
    station, member = _places(model, spells["server"])
    order = np.lexsort((member, station, spells["starts"]))
    return {
        f"{name}_station": station[order],
        f"{name}_member": member[order],
        f"{name}_from": spells["starts"][order],
        f"{name}_to": spells["ends"][order],
    }


def _known(times: Floats) -> Floats:
    return np.where(times >= 0, times, np.nan)
