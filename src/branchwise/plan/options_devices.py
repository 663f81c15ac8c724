"""Options with machines: more, from elsewhere, fewer, repaired sooner."""

from __future__ import annotations

from collections.abc import Sequence

from branchwise.plan.mechanisms.diversion import MACHINE
from branchwise.plan.model import Role
from branchwise.plan.option_parts import Case
from branchwise.plan.proposal import Option, Quantities
from branchwise.twin.scenario import Station

SHARED_OUT = "equity.devices_gini"
LEVER = "machines"


def add_device(case: Case) -> Sequence[Option]:
    """More smart counters where there are some."""
    return [
        case.option(
            amount, lever=LEVER, target=station.name,
            quantities=Quantities(devices_added={MACHINE: round(amount)}),
        )
        for station in _machines(case)
        for amount in case.intervention.amounts
    ]  # fmt: skip


def move_device(case: Case) -> Sequence[Option]:
    """Move a smart counter here from where there are more than a branch's share."""
    if not _has_role(case, "short") or not _somebody_spares(case):
        return []
    return [
        case.option(
            amount, lever=LEVER, target=station.name,
            quantities=Quantities(devices_moved_in={MACHINE: round(amount)}),
        )
        for station in _machines(case)
        for amount in case.intervention.amounts
    ]  # fmt: skip


def remove_device(case: Case) -> Sequence[Option]:
    """Fewer smart counters where there are more than the branch's share, one at least staying."""
    return [
        case.option(
            amount, lever=LEVER, target=station.name,
            quantities=Quantities(devices_removed={MACHINE: round(amount)}),
        )
        for station in _machines(case)
        for amount in case.intervention.amounts
        if machine_count(case, station) > amount
    ]  # fmt: skip


def repair_contract(case: Case) -> Sequence[Option]:
    """Faster repair of machines of which failures are known, where they stand still too long."""
    if all(one.measure == SHARED_OUT for one in case.findings):
        return []
    return [
        case.option(
            amount, lever="repair", target=station.name,
            quantities=Quantities(devices_covered={MACHINE: machine_count(case, station)}),
        )
        for station in _machines(case)
        if station.failures is not None
        for amount in case.intervention.amounts
    ]  # fmt: skip


def machine_count(case: Case, station: Station) -> int:
    """Return how many machines there are: those of the register, else those at work."""
    return case.facts.devices.get(MACHINE) or max((step.count for step in station.open), default=0)


def _machines(case: Case) -> list[Station]:
    return [one for one in case.scenario.stations if one.kind == MACHINE]


def _has_role(case: Case, role: Role) -> bool:
    branch = case.facts.branch_id
    return any(
        part.code == branch and part.role == role
        for finding in case.findings
        if finding.measure == SHARED_OUT
        for part in finding.parts
    )


def _somebody_spares(case: Case) -> bool:
    return any(part.role == "spare" for one in case.findings for part in one.parts)
