"""Who has more and who less than its share: staff and devices against visits, type by type.

The bank's Gini coefficient is held against the one that the same staff or devices would give if
those of each branch type were shared out among its branches by visits, in whole units and at
least one each. What a type has stays with the type: a flagship is not measured by a kiosk.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from branchwise.core.ports import Engine
from branchwise.measures.inequality import gini
from branchwise.measures.references import base_query
from branchwise.plan.cells import Cells
from branchwise.plan.comparisons import Test, against_value
from branchwise.plan.model import WHOLE_BANK, Part, Settings
from branchwise.plan.peers import Profile
from branchwise.plan.volumes import Volumes

RESOURCES = {"equity.staff_gini": "staff", "equity.devices_gini": "devices"}
VISITS_AT_LEAST = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What a branch has and what comes to it.

    Attributes
    ----------
    branch_id : str
        The branch.
    visits : int
        Visits in the period.
    held : mapping of str to int
        ``staff`` and ``devices`` on the last day.
    """

    branch_id: str
    visits: int
    held: Mapping[str, int]


def holdings(engine: Engine) -> tuple[Holding, ...]:
    """Return visits, staff and devices of every branch with visits.

    Parameters
    ----------
    engine : Engine
        With the relations of the basis ``branch_resource``.
    """
    rows = engine.table(f"{base_query('branch_resource')} ORDER BY ALL").to_pylist()
    return tuple(
        Holding(
            branch_id=row["branch_id"],
            visits=row["visits"],
            held={name: row[name] for name in RESOURCES.values()},
        )
        for row in rows
    )


def fair_shares(units: int, demand: Sequence[float]) -> tuple[int, ...]:
    """Share whole units out by demand, at least one to each where there are enough.

    Each unit in turn goes where demand ÷ (units held + 1/2) is largest (Webster's method, see
    Balinski and Young (1982), *Fair Representation*, Yale University Press).

    Parameters
    ----------
    units : int
        How many there are.
    demand : sequence of float
        Of each branch, not negative.

    Returns
    -------
    tuple of int
        Units of each branch; they add up to `units`.

    Examples
    --------
    >>> fair_shares(10, [300, 100, 100])
    (6, 2, 2)
    >>> fair_shares(3, [900, 1, 1])
    (1, 1, 1)
    """
    given = [1 if units >= len(demand) else 0] * len(demand)
    queue = [(-wanted / (held + 0.5), place) for place, (wanted, held) in _pairs(demand, given)]
    heapq.heapify(queue)
    for _ in range(units - sum(given) if queue else 0):
        _, place = heapq.heappop(queue)
        given[place] += 1
        heapq.heappush(queue, (-demand[place] / (given[place] + 0.5), place))
    return tuple(given)


def _pairs(demand: Sequence[float], given: Sequence[int]) -> list[tuple[int, tuple[float, int]]]:
    return list(enumerate(zip(demand, given, strict=True)))


def inequality_tests(
    known: Sequence[Holding],
    cells: Mapping[str, Cells],
    profiles: Mapping[str, Profile],
    volumes: Volumes,
    settings: Settings,
) -> list[Test]:
    """Hold the inequality of staff and of devices against what sharing out by visits would give.

    Named are the branches that hold at least one whole unit and 1.2 times (`medium_ratio`) more,
    or less, than their share; without any there is no test. Branches with fewer than 400 visits
    are not named: chance alone moves their share by more than 5 %. Staff and devices are counted
    in full, so the test has no p value; the interval of the Gini coefficient says how much hangs
    on single branches.

    Parameters
    ----------
    known : sequence of Holding
        Of `holdings`.
    cells : mapping of str to Cells
        Values by measure.
    profiles : mapping of str to Profile
        The bank's own open branches.
    volumes : Volumes
        Late visits of the branches that are short: the customers affected.
    settings : Settings
        What counts as a relevant difference.
    """
    own = [holding for holding in known if holding.branch_id in profiles]
    tests = []
    for measure, resource in RESOURCES.items():
        if measure not in cells or WHOLE_BANK not in cells[measure].cells:
            continue
        fair = _fair_by_type(own, resource, profiles)
        parts = _parts(own, resource, fair, settings.medium_ratio)
        if not parts:
            continue
        visits = [holding.visits for holding in own]
        reference = gini([fair[holding.branch_id] for holding in own], visits)
        late = [volumes.of(part.code).get("late_visits", 0.0) for part in parts if _short(part)]
        test = against_value(cells[measure], WHOLE_BANK, reference, "proportional")
        tests.append(replace(test, p_value=None, parts=parts, customers=sum(late)))
    return tests


def _short(part: Part) -> bool:
    return part.role == "short"


def _fair_by_type(
    own: Sequence[Holding], resource: str, profiles: Mapping[str, Profile]
) -> dict[str, int]:
    types: dict[str, list[Holding]] = {}
    for holding in own:
        types.setdefault(profiles[holding.branch_id].branch_type, []).append(holding)
    fair: dict[str, int] = {}
    for alike in types.values():
        units = sum(holding.held[resource] for holding in alike)
        shares = fair_shares(units, [holding.visits for holding in alike])
        fair |= {holding.branch_id: share for holding, share in zip(alike, shares, strict=True)}
    return fair


def _parts(
    own: Sequence[Holding], resource: str, fair: Mapping[str, int], ratio: float
) -> tuple[Part, ...]:
    parts = []
    for holding in own:
        held, share = holding.held[resource], fair[holding.branch_id]
        if (
            holding.visits < VISITS_AT_LEAST
            or max(held, share) < ratio * min(held, share)
            or held == share
        ):
            continue
        parts.append(
            Part(
                role="spare" if held > share else "short",
                code=holding.branch_id,
                amount=float(abs(held - share)),
            )
        )
    return tuple(sorted(parts, key=lambda part: (-part.amount, part.code)))
