"""A second look at an allocation of devices, sharing no code with the model or the search.

It is given plain numbers: what every branch has and gets, prices and limits. Floor, power, budget
and the balance of moved machines are added up anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["count", "floor", "power", "capital", "windows", "bought", "moved", "bound"]
SLACK = 0.5
"""Minor units: costs are whole numbers, the bound is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """One resource of a branch: what is there, what it gets, what may be.

    Attributes
    ----------
    is_window : bool
        Whether it takes windows.
    kind : str
        Machines of the same kind move between branches; empty: nothing of it moves.
    today, proposed, moved_in : int
        How many; `moved_in` of the proposed come from other branches.
    least, most : int
        Bounds.
    price_minor : int
        Of one more.
    floor_m2, power_watts : float
        Of each.
    """

    is_window: bool = False
    kind: str = ""
    today: int
    proposed: int
    moved_in: int = 0
    least: int
    most: int
    price_minor: int = 0
    floor_m2: float = 0.0
    power_watts: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A branch with its lots and limits; None: no limit."""

    branch_id: str
    lots: Sequence[Lot]
    floor_m2: float | None = None
    power_watts: float | None = None
    windows: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What was promised of an allocation as a whole.

    Attributes
    ----------
    capital_minor : int
        Capital said to be used.
    budget_minor : int or None
        Most.
    move_minor : int
        Of moving a machine.
    objective_minor, bound_minor : float
        Its yearly cost, and what no allocation can be below.
    """

    capital_minor: int
    budget_minor: int | None = None
    move_minor: int = 0
    objective_minor: float
    bound_minor: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """Something promised that an allocation does not keep."""

    kind: Kind
    branch_id: str = ""
    found: float = 0.0
    wanted: float = 0.0


def verify_devices(places: Sequence[Place], claim: Claim) -> tuple[Breach, ...]:
    """Return everything that an allocation does not keep.

    Examples
    --------
    >>> def stm(today, proposed, moved=0):
    ...     return Lot(kind="stm", today=today, proposed=proposed, moved_in=moved, least=1, most=5,
    ...                price_minor=100)
    >>> two = [Place(branch_id="B1", lots=[stm(2, 3, 1)]), Place(branch_id="B2", lots=[stm(2, 1)])]
    >>> told = Claim(capital_minor=20, move_minor=20, objective_minor=5.0, bound_minor=5.0)
    >>> verify_devices(two, told)
    ()
    >>> [found.kind for found in verify_devices(two[:1], told)]
    ['moved']
    """
    breaches = [found for place in places for found in _of_branch(place)]
    spent = 0
    balance: dict[str, int] = {}
    for place in places:
        for lot in place.lots:
            more = lot.proposed - lot.today
            if lot.moved_in < 0 or lot.moved_in > max(more, 0):
                breaches.append(
                    Breach(
                        kind="bought",
                        branch_id=place.branch_id,
                        found=lot.moved_in,
                        wanted=max(more, 0),
                    )
                )
            spent += (max(more, 0) - lot.moved_in) * lot.price_minor
            spent += lot.moved_in * claim.move_minor
            if lot.kind:
                balance[lot.kind] = balance.get(lot.kind, 0) + max(-more, 0) - lot.moved_in
    return (*breaches, *_of_network(spent, balance, claim))


def _of_branch(place: Place) -> list[Breach]:
    found = [
        Breach(kind="count", branch_id=place.branch_id, found=lot.proposed, wanted=lot.most)
        for lot in place.lots
        if lot.proposed != lot.today and not lot.least <= lot.proposed <= lot.most
    ]
    sums: tuple[tuple[Kind, float, float | None], ...] = (
        ("floor", sum(lot.floor_m2 * lot.proposed for lot in place.lots), place.floor_m2),
        ("power", sum(lot.power_watts * lot.proposed for lot in place.lots), place.power_watts),
        ("windows", sum(lot.proposed for lot in place.lots if lot.is_window), place.windows),
    )
    found += [
        Breach(kind=kind, branch_id=place.branch_id, found=used, wanted=limit)
        for kind, used, limit in sums
        if limit is not None and used > limit * (1 + 1e-9) + 1e-9
    ]
    return found


def _of_network(spent: int, balance: Mapping[str, int], claim: Claim) -> list[Breach]:
    found = [Breach(kind="moved", found=left) for left in balance.values() if left < 0]
    if spent != claim.capital_minor:
        found.append(Breach(kind="capital", found=spent, wanted=claim.capital_minor))
    if claim.budget_minor is not None and spent > claim.budget_minor:
        found.append(Breach(kind="capital", found=spent, wanted=claim.budget_minor))
    if claim.bound_minor > claim.objective_minor + SLACK:
        found.append(Breach(kind="bound", found=claim.objective_minor, wanted=claim.bound_minor))
    return found
