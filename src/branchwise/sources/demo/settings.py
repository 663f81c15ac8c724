"""What a synthetic bank is made from: its size, its seed, and changes made to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]

InterventionKind = Literal["devices", "windows", "approver", "repair", "campaign"]
FIRST_DAY = date(2026, 3, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intervention:
    """A change made to one branch of the bank from a day on.

    Attributes
    ----------
    kind : {"devices", "windows", "approver", "repair", "campaign"}
        ``devices`` adds `amount` smart counters; ``windows`` opens `amount` more personal
        windows between `from_minute` and `to_minute`; ``approver`` adds `amount` people who may
        authorise; ``repair`` divides the time to repair by `amount`; ``campaign`` multiplies
        the share of visitors who choose a machine by `amount`.
    branch_id : str
        Where.
    starts_on : date
        First day on which it works.
    amount : float
        Its size.
    from_minute, to_minute : int
        Minutes after midnight, for ``windows``.
    """

    kind: InterventionKind
    branch_id: str
    starts_on: date
    amount: float = 1.0
    from_minute: int = 0
    to_minute: int = 1440


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSettings:
    """Size and seed of a synthetic bank.

    Attributes
    ----------
    branches, days : int
        Number of branches and of calendar days.
    seed : int
        Same seed, same bytes.
    starts_on : date
        First day.
    interventions : tuple of Intervention
        Changes; branches without one come out the same to the byte.
    is_dirty : bool
        Whether dirt is planted in the raw files.
    """

    branches: int = 40
    days: int = 90
    seed: int = 1
    starts_on: date = FIRST_DAY
    interventions: tuple[Intervention, ...] = ()
    is_dirty: bool = True

    @property
    def calendar(self) -> tuple[date, ...]:
        """The days, in order."""
        return _calendar(self.starts_on, self.days)

    def amounts(
        self, kind: InterventionKind, branch_id: str, *, neutral: float
    ) -> tuple[float, ...]:
        """Return the amount of one kind of change at a branch, day by day.

        Parameters
        ----------
        kind : str
            Kind of change.
        branch_id : str
            The branch.
        neutral : float
            Amount of a day without the change: 0 for what is added, 1 for factors.

        Examples
        --------
        >>> more = Intervention(
        ...     kind="approver", branch_id="00101", starts_on=date(2026, 3, 3), amount=1
        ... )
        >>> settings = DemoSettings(days=3, interventions=(more,))
        >>> settings.amounts("approver", "00101", neutral=0)
        (0, 1, 1)
        """
        if not self.interventions:
            return (neutral,) * self.days
        found = [
            change
            for change in self.interventions
            if change.kind == kind and change.branch_id == branch_id
        ]
        return tuple(
            next((change.amount for change in found if change.starts_on <= day), neutral)
            for day in self.calendar
        )


@cache
def _calendar(starts_on: date, days: int) -> tuple[date, ...]:
    return tuple(starts_on + timedelta(days=day) for day in range(days))
