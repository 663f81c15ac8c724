"""What choosing across a network speaks of: candidates, limits, locks, what was chosen.

Of each branch at most one *candidate* is carried out, at the beginning of one quarter. Money is in
minor units. Quarters count from 0; the plan looks `horizon_quarters` ahead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Status = Literal["optimal", "time_limit", "infeasible"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What one branch could carry out as a whole.

    Attributes
    ----------
    candidate_id, branch_id, region_id : str
        Which, where.
    option_ids : tuple of str
        The options in it.
    benefit : float
        Worth a quarter of working, in minor units of money or any other one unit for all.
    once_minor : int
        Capital, paid in the quarter in which it is begun; negative where it gives back more.
    yearly_minor : int
        Net cash cost of running it a year; negative where it saves.
    lead_quarters : int
        Quarters from the beginning until it works.
    effort : mapping of str to float
        Units of delivery by trade, all in the quarter in which it is begun.
    elderly_change : float
        Change of the wait of customers of 60 and over [s]; above 0 they wait longer.
    late_or_lost_change : float
        Change a month of customers who wait too long or leave; below 0 is better.
    devices_removed, devices_moved_in : mapping of str to int
        By kind.
    """

    candidate_id: str
    branch_id: str
    region_id: str
    option_ids: tuple[str, ...]
    benefit: float
    once_minor: int
    yearly_minor: int
    lead_quarters: int = 0
    effort: Mapping[str, float] = field(default_factory=dict)
    elderly_change: float = 0.0
    late_or_lost_change: float = 0.0
    devices_removed: Mapping[str, int] = field(default_factory=dict)
    devices_moved_in: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the bank can pay and deliver, and what must be fair.

    Attributes
    ----------
    capital_minor : int or None
        Most capital over all quarters; None: no limit.
    operating_minor : int or None
        Most net running cost a year when all is done; None: no limit.
    capacity : mapping of str to float
        Units of delivery a quarter by trade; a trade that is not named has no limit.
    quarters : int
        Quarters in which candidates may begin.
    horizon_quarters : int
        Quarters over which benefits count.
    no_region_left_out : bool
        In every region that has a candidate that helps, at least one is chosen.
    elderly_tolerance_seconds : float
        By so much the elderly's wait may get longer at a branch, at most.
    discount_per_quarter : float
        By so much money and benefit of a quarter later count less, 0.01 being 1 %; 0: all
        quarters alike.
    """

    capital_minor: int | None = None
    operating_minor: int | None = None
    capacity: Mapping[str, float] = field(default_factory=dict)
    quarters: int = 4
    horizon_quarters: int = 20
    no_region_left_out: bool = True
    elderly_tolerance_seconds: float = 0.0
    discount_per_quarter: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Locks:
    """What people have decided about single options: these in, those out."""

    accepted: tuple[str, ...] = ()
    rejected: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A candidate that was chosen, and the quarter in which it begins."""

    candidate_id: str
    quarter: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioProblem:
    """What to choose from, within which limits.

    Attributes
    ----------
    candidates : tuple of Candidate
        At most one of each branch is chosen.
    limits : Limits
        What can be paid and delivered, and what is fair.
    locks : Locks
        What people have decided.
    previous : tuple of Begun
        The plan before; what of it stays counts for a little more (`stay_bonus`), so that a plan
        that people have read is not turned over for a trifle.
    stay_bonus : float
        Worth that leaving one branch as it was planned counts for, in minor units over the whole
        horizon, 0 or more. It steers the choice and is in no figure of it.
    """

    candidates: tuple[Candidate, ...]
    limits: Limits
    locks: Locks = field(default_factory=Locks)
    previous: tuple[Begun, ...] = ()
    stay_bonus: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioDecision:
    """What to carry out when, and how good that is at best.

    Attributes
    ----------
    chosen : tuple of Begun
        In order of quarter and code.
    objective, bound : float
        Worth over the horizon of what was chosen; no choice can be worth more than `bound`. With a
        previous plan the bound contains its bonus.
    gap : float
        (bound - objective) / |objective|, 0 or more.
    status : {"optimal", "time_limit", "infeasible"}
        ``optimal``: within the gap asked for; ``time_limit``: the best found until then.
    conflict : tuple of str
        Where nothing is possible: the smallest set of limits and locks that contradict each
        other, by name (``capital``, ``operating``, ``capacity:it``, ``devices:stm``,
        ``region:R1``, ``elderly``, ``accepted:CODE``, ``rejected:CODE``). One alone: there is no
        candidate by which it could be kept.
    is_smallest_conflict : bool
        False where the time did not suffice to make the conflict as small as can be.
    prices : mapping of str to float
        What one unit more of a limit would be worth, about (by the linear relaxation): of a minor
        unit of ``capital`` or ``operating``, of a unit of ``capacity:TRADE:QUARTER``, of a device
        by ``devices:KIND:QUARTER``. Limits that do not bind are left out.
    """

    chosen: tuple[Begun, ...]
    objective: float
    bound: float
    gap: float
    status: Status
    conflict: tuple[str, ...] = ()
    is_smallest_conflict: bool = True
    prices: Mapping[str, float] = field(default_factory=dict)
