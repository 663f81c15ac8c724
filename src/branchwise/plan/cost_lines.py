"""A line of costs with its numbers, and the assumptions that it takes them from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from branchwise.core.errors import Problems, Where
from branchwise.core.money import Money
from branchwise.plan.proposal import CostLine, Option
from branchwise.tables.assumptions import Assumptions

WEEKS, POST_HOURS = "open_weeks_per_year", "post_hours_per_week"
PRICE_OF_POST: Mapping[str, str] = {
    "teller": "teller_cost_per_hour",
    "corporate_teller": "teller_cost_per_hour",
    "lobby_manager": "lobby_cost_per_hour",
    "supervisor": "supervisor_cost_per_hour",
    "advisor": "advisor_cost_per_hour",
    "guard": "assistant_cost_per_hour",
    "assistant": "assistant_cost_per_hour",
    "agent": "agent_cost_per_hour",
    "manager": "manager_cost_per_hour",
    "other": "other_cost_per_hour",
}
HOURLY = frozenset(PRICE_OF_POST.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class CostItem:
    """One line of one option with its numbers, so that every amount can be traced.

    Attributes
    ----------
    option_id, branch_id : str
        Of what; posts are saved by all options of a branch that free their hours, joined by ``+``.
    line : CostLine
        The line of the library.
    quantity : float
        What the price is multiplied with: branches, units, people, or hours a year.
    price, share : float
        The assumptions' values, in units of the currency; the share is 1 where there is none.
    minor : int
        Quantity × price × share in minor units, 0 or more; a saving where the line is one.
    posts : int
        Whole posts that are saved.
    """

    option_id: str
    branch_id: str
    line: CostLine
    quantity: float
    price: float
    share: float
    minor: int
    posts: int = 0


class Prices:
    """The assumptions, each missing one reported once."""

    def __init__(self, assumptions: Assumptions) -> None:
        self._assumptions = assumptions
        self._missing: set[str] = set()
        self.one = Money.of(1, assumptions.currency)

    def value(self, name: str, option: Option, problems: Problems) -> float | None:
        """Return a value that an option needs; None, and a problem, where it is missing."""
        entry = self._assumptions.get(name)
        if entry is not None and math.isfinite(entry.value):
            return entry.value
        if name not in self._missing:
            self._missing.add(name)
            place = Where(place=option.option_id, column=name)
            problems.add("BW-PLN-020", place, name=name, purpose=option.intervention)
        return None


def exact(number: float) -> Fraction:
    """Return a number as it was written: 0.1 is a tenth."""
    return Fraction(str(number))
