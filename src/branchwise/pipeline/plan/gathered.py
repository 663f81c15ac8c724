"""What the bank's tables say of its branches, as far as a plan needs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from branchwise.core.errors import Where, failure
from branchwise.core.ports import Engine
from branchwise.pipeline.twin.places import Twins
from branchwise.plan.branch_facts import BranchFacts, facts_of

BRANCHES = """
SELECT branch_id, coalesce(region_id, '') AS region_id, coalesce(name, branch_id) AS name
FROM branch WHERE institution_id = 'own' ORDER BY branch_id
"""
DEVICES = """
SELECT branch_id, coalesce(device_kind, kind) AS kind, count(*)::INTEGER AS number
FROM device LEFT JOIN device_model USING (device_model_id)
WHERE retired_on IS NULL AND coalesce(device_kind, kind) IS NOT NULL
GROUP BY ALL ORDER BY ALL
"""
PEOPLE = """
SELECT branch_id, post, count(*)::INTEGER AS number
FROM staff_member WHERE left_on IS NULL AND post IS NOT NULL GROUP BY ALL ORDER BY ALL
"""
MIGRATABLE = "SELECT service_id FROM service WHERE is_migratable ORDER BY service_id"
PERIOD = "SELECT min(local_on) AS first, max(local_on) AS last, count(*) AS visits FROM visit"
Counts = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """The branches of a bank.

    Attributes
    ----------
    regions, names : mapping of str to str
        By branch, in order of their codes.
    devices, people : mapping
        By branch, then by kind and by post.
    migratable : frozenset of str
        Services that could be done at a machine.
    first_on, last_on : date
        Period of the visits.
    """

    regions: Mapping[str, str]
    names: Mapping[str, str]
    devices: Counts
    people: Counts
    migratable: frozenset[str]
    first_on: date
    last_on: date

    def facts(self, twins: Twins, branch_id: str, *, seed: int) -> BranchFacts:
        """Return what options at a branch depend on, its twin's queues included."""
        names = twins.names(branch_id)
        weekdays = {
            int(name[-1]): twins.scenario(branch_id, name)
            for name in names
            if name.startswith("weekday_")
        }
        return facts_of(
            branch_id,
            twins.scenario(branch_id) if names else None,
            weekdays,
            region_id=self.regions.get(branch_id, ""),
            devices=self.devices.get(branch_id, {}),
            people=self.people.get(branch_id, {}),
            migratable=self.migratable,
            seed=seed,
        )


def gathered(engine: Engine) -> Gathered:
    """Read the branches of a bank.

    Raises
    ------
    BranchwiseError
        [BW-TWN-037] where no branch has visits.
    """
    period = engine.table(PERIOD).to_pylist()[0]
    if not period["visits"]:
        raise failure("BW-TWN-037", Where(place="visit"))
    branches = engine.table(BRANCHES).to_pylist()
    return Gathered(
        regions={row["branch_id"]: row["region_id"] for row in branches},
        names={row["branch_id"]: row["name"] for row in branches},
        devices=_counted(engine, DEVICES, "kind"),
        people=_counted(engine, PEOPLE, "post"),
        migratable=frozenset(row["service_id"] for row in engine.table(MIGRATABLE).to_pylist()),
        first_on=period["first"],
        last_on=period["last"],
    )


def _counted(engine: Engine, query: str, column: str) -> Counts:
    found: dict[str, dict[str, int]] = {}
    for row in engine.table(query).to_pylist():
        found.setdefault(row["branch_id"], {})[row[column]] = row["number"]
    return found
