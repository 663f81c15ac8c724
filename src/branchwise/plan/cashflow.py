"""Cash by quarter, its present value, pay-back and internal rate of return.

What is paid once is paid at the beginning of the quarter in which the package is begun; what runs
is paid at the end of every quarter in which it works, the lead time after that. Nothing is left
over at the end: a device has no residual value.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

QUARTERS = 4
HIGHEST_RATE = 1e6
STEPS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """The cash of one package.

    Attributes
    ----------
    once_minor : int
        Paid in quarter `begins`.
    yearly_minor, saved_minor : int
        Paid and no longer spent a year, from quarter `works` on.
    begins, works : int
        Quarters from 0.
    """

    once_minor: int
    yearly_minor: int
    saved_minor: int
    begins: int
    works: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """The cash of one quarter, in minor units; amounts paid are positive.

    Attributes
    ----------
    quarter : int
        From 0.
    once_minor : int
        Paid at its beginning.
    yearly_minor, saved_minor : int
        Paid, and no longer spent, at its end.
    """

    quarter: int
    once_minor: int
    yearly_minor: int
    saved_minor: int

    @property
    def net_minor(self) -> int:
        """What comes in, less what goes out."""
        return self.saved_minor - self.yearly_minor - self.once_minor


def flows_of(streams: Iterable[Stream], quarters: int) -> tuple[Flow, ...]:
    """Return the cash of every quarter of the horizon.

    A year's amount is shared out over its four quarters to the minor unit.

    Parameters
    ----------
    streams : iterable of Stream
        The packages.
    quarters : int
        Length of the horizon, 0 or more.

    Examples
    --------
    >>> one = Stream(once_minor=900, yearly_minor=0, saved_minor=402, begins=0, works=1)
    >>> [flow.net_minor for flow in flows_of([one], 5)]
    [-900, 100, 101, 100, 101]
    """
    once, paid, saved = ([0] * quarters for _ in range(3))
    for stream in streams:
        if stream.begins < quarters:
            once[stream.begins] += stream.once_minor
        for quarter in range(stream.works, quarters):
            turn = quarter - stream.works
            paid[quarter] += _part(stream.yearly_minor, turn)
            saved[quarter] += _part(stream.saved_minor, turn)
    return tuple(
        Flow(
            quarter=quarter,
            once_minor=once[quarter],
            yearly_minor=paid[quarter],
            saved_minor=saved[quarter],
        )
        for quarter in range(quarters)
    )


def net_present_value(flows: Sequence[Flow], rate: float) -> float:
    """Return the present value of a plan at the beginning of quarter 0, in minor units.

    Parameters
    ----------
    flows : sequence of Flow
        Cash by quarter.
    rate : float
        Discount rate a year, above -1; a quarter's factor is its fourth root.

    Returns
    -------
    float
        Savings less costs.

    References
    ----------
    Brealey, Myers and Allen (2020), *Principles of Corporate Finance*, 13th edition, chapters 2
    and 5.

    Examples
    --------
    >>> one = Stream(once_minor=1000, yearly_minor=0, saved_minor=400, begins=0, works=0)
    >>> round(net_present_value(flows_of([one], 12), 0.0), 2)
    200.0
    """
    return math.fsum(amount * (1 + rate) ** -time for time, amount in _dated(flows))


def payback_years(flows: Sequence[Flow], rate: float = 0.0) -> float | None:
    """Return after how many years the plan has paid for itself and stays so.

    Cash comes evenly within a quarter: the year is interpolated.

    Parameters
    ----------
    flows : sequence of Flow
        Cash by quarter.
    rate : float
        Discount rate a year; 0 for the plain pay-back.

    Returns
    -------
    float or None
        Years from the beginning of quarter 0; 0 if nothing is ever owed, None if it never pays
        back within the horizon.

    Examples
    --------
    >>> one = Stream(once_minor=1000, yearly_minor=0, saved_minor=400, begins=0, works=0)
    >>> payback_years(flows_of([one], 20)), payback_years(flows_of([one], 8))
    (2.5, None)
    """
    owed, reached = 0.0, 0.0
    for flow in flows:
        before = owed - flow.once_minor * (1 + rate) ** -(flow.quarter / QUARTERS)
        end = (flow.quarter + 1) / QUARTERS
        gained = (flow.saved_minor - flow.yearly_minor) * (1 + rate) ** -end
        owed = before + gained
        if owed < 0:
            reached = math.inf
        elif before < 0:
            reached = (flow.quarter - before / gained) / QUARTERS
    return reached if math.isfinite(reached) else None


def internal_rate(flows: Sequence[Flow]) -> float | None:
    """Return the rate a year at which the plan is worth nothing.

    Returns
    -------
    float or None
        None where there is not exactly one: cash must first go out, then come in, and more come
        in than went out.

    References
    ----------
    Norstrom (1972), doi:10.2307/2329806, on when the rate is unique: cumulative cash changes its
    sign once.

    Examples
    --------
    >>> one = Stream(once_minor=1000, yearly_minor=0, saved_minor=400, begins=0, works=0)
    >>> found = internal_rate(flows_of([one], 20))
    >>> abs(net_present_value(flows_of([one], 20), found)) < 1e-6
    True
    """
    total, cumulative = 0, []
    for _, amount in _dated(flows):
        total += amount
        cumulative.append(total)
    signs = [owned > 0 for owned in cumulative if owned]
    changes = sum(one != other for one, other in itertools.pairwise(signs))
    if total <= 0 or changes != 1 or signs[0]:
        return None
    low, high = 0.0, HIGHEST_RATE
    if net_present_value(flows, high) > 0:
        return None
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if net_present_value(flows, middle) > 0 else (low, middle)
    return (low + high) / 2


def _part(yearly_minor: int, turn: int) -> int:
    return yearly_minor * (turn + 1) // QUARTERS - yearly_minor * turn // QUARTERS


def _dated(flows: Sequence[Flow]) -> list[tuple[float, int]]:
    """Return times in years and the cash that moves then."""
    dated: dict[int, int] = {}
    for flow in flows:
        begin, end = flow.quarter, flow.quarter + 1
        dated[begin] = dated.get(begin, 0) - flow.once_minor
        dated[end] = dated.get(end, 0) + flow.saved_minor - flow.yearly_minor
    return [(quarter / QUARTERS, amount) for quarter, amount in sorted(dated.items())]
