"""The mechanisms by name, as interventions call them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from branchwise.plan.mechanisms.appointments import by_appointment
from branchwise.plan.mechanisms.devices import machines_added, machines_removed, repaired_sooner
from branchwise.plan.mechanisms.hours import opening_moved
from branchwise.plan.mechanisms.people import (
    central_authorisation,
    converted_teller,
    guides,
    more_approvers,
)
from branchwise.plan.mechanisms.rules import elderly_first
from branchwise.plan.mechanisms.windows import (
    cross_trained,
    fewer_windows,
    more_windows,
    on_call,
    scheduled,
)
from branchwise.plan.proposal import Option
from branchwise.twin.scenario import Scenario

Mechanism = Callable[[Option, Scenario], Scenario]
MECHANISMS: Mapping[str, Mechanism] = {
    "more_windows": more_windows,
    "fewer_windows": fewer_windows,
    "schedule": scheduled,
    "on_call": on_call,
    "cross_training": cross_trained,
    "machines_added": machines_added,
    "machines_removed": machines_removed,
    "repair": repaired_sooner,
    "guides": guides,
    "converted_teller": converted_teller,
    "more_approvers": more_approvers,
    "central_authorisation": central_authorisation,
    "appointments": by_appointment,
    "opening_hours": opening_moved,
    "elderly_first": elderly_first,
}
