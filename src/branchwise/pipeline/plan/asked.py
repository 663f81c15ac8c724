"""What a person asks of a plan: budgets, quarters, branches, effort."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from branchwise.core.errors import Problems, Where
from branchwise.core.money import Money
from branchwise.optimise.portfolio import Limits
from branchwise.plan.costs import needed
from branchwise.plan.interventions import library
from branchwise.tables.assumptions import Assumptions

HORIZON = "plan_horizon_years"
RATE = "discount_rate"
TRADES = ("training", "it", "works", "procurement")
QUARTERS_A_YEAR = 4
HUNDRED = 100
ONE_PROJECT = 4.0
"""Units that every bank can deliver a quarter, however few its branches: the largest option."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a plan is to keep to.

    Attributes
    ----------
    capital, operating : float or None
        Most capital, and most net running cost a year, in units of the currency; None: no limit.
    quarters : int
        Quarters in which work may begin.
    branches : tuple of str
        Codes; empty: all.
    only : tuple of str
        Interventions of the library that are tried; empty: all.
    draws, seed : int
        Draws of each branch's parameters, and the seed of all chance.
    time_limit : float
        Seconds for the choice across the network.
    """

    capital: float | None = None
    operating: float | None = None
    quarters: int = 4
    branches: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    draws: int = 16
    seed: int = 1
    time_limit: float = 60.0

    def check(self) -> None:
        """Raise [BW-PLN-060] for budgets that cannot be, [BW-PLN-068] for unknown kinds."""
        problems = Problems()
        for name in self.only:
            if name not in library():
                known = ", ".join(sorted(library()))
                problems.add("BW-PLN-068", Where(place="--only"), name=name, known=known)
        for option, given, least in (
            ("--budget", self.capital, 0.0),
            ("--operating", self.operating, -math.inf),
        ):
            if given is not None and not (math.isfinite(given) and given >= least):
                rule = f"{option} ≥ 0" if least == 0 else option
                problems.add(
                    "BW-PLN-060", Where(place=option), option=option, given=given, rule=rule
                )
        problems.raise_if_any()

    def limits(self, assumptions: Assumptions, count_branches: int) -> Limits:
        """Return the limits of the choice; raises [BW-PLN-020] for a missing assumption."""
        currency = assumptions.currency
        rate = needed(assumptions, RATE, "plan")
        return Limits(
            capital_minor=_minor(self.capital, currency),
            operating_minor=_minor(self.operating, currency),
            capacity={
                trade: max(
                    needed(assumptions, f"{trade}_capacity", trade) * count_branches / HUNDRED,
                    ONE_PROJECT,
                )
                for trade in TRADES
            },
            quarters=self.quarters,
            horizon_quarters=round(QUARTERS_A_YEAR * needed(assumptions, HORIZON, "plan")),
            discount_per_quarter=(1 + rate) ** (1 / QUARTERS_A_YEAR) - 1,
        )

    def as_json(self) -> dict[str, Any]:
        """Return what was asked."""
        return {**asdict(self), "branches": list(self.branches), "only": list(self.only)}


def _minor(amount: float | None, currency: str) -> int | None:
    return None if amount is None else Money.of(str(amount), currency).minor
