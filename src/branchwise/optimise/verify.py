"""A second look at a staffing decision, sharing no code with the model or the search.

It is given plain numbers: the plan, the limits as they were asked for, and what happened to
customers on days that the search has not seen. Breaks are checked by a linear programme (the
search lays them greedily), shares by the jackknife over days (the search takes the delta method).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Kind = Literal["least", "most", "present", "lunch", "target"]
LEVEL_TIMES = 1.959963984540054
BATCHES = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """Something promised that a decision does not keep.

    Attributes
    ----------
    kind : {"least", "most", "present", "lunch", "target"}
        What.
    place : int
        Number of the post, or of the demand; -1 where it is all of them.
    slot : int
        Number of the slot; -1 where it is the day.
    found, wanted : float
        What is, and what should be.
    """

    kind: Kind
    place: int
    slot: int
    found: float
    wanted: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The limits as they were asked for.

    Attributes
    ----------
    least, most : sequence of sequence of int
        By post and slot.
    present : sequence of int
        By slot.
    share : float
        The target, 0-1.
    break_window : tuple of int, optional
        First slot of breaks, and the one after their last.
    break_slots : int
        Length of a break.
    """

    least: Sequence[Sequence[int]]
    most: Sequence[Sequence[int]]
    present: Sequence[int]
    share: float
    break_window: tuple[int, int] | None = None
    break_slots: int = 0


def verify(
    people: Sequence[Sequence[int]],
    asked: Asked,
    customers: npt.NDArray[np.float64] | None = None,
    within: npt.NDArray[np.float64] | None = None,
) -> tuple[Breach, ...]:
    """Return everything that a staffing decision does not keep.

    Parameters
    ----------
    people : sequence of sequence of int
        By post and slot.
    asked : Asked
        The limits.
    customers, within : array, shape (days, demands, slots), optional
        Who came, and who of them was called within the standard, on unseen days. A slot is in
        breach where the upper 95 % limit of its share is below the target.

    Examples
    --------
    >>> asked = Asked(least=[[1, 1]], most=[[3, 3]], present=[3, 3], share=0.8)
    >>> verify([[2, 2]], asked)
    ()
    >>> [breach.kind for breach in verify([[0, 4]], asked)]
    ['least', 'most', 'present']
    """
    breaches: list[Breach] = []
    for post, row in enumerate(people):
        for slot, count in enumerate(row):
            least, most = asked.least[post][slot], asked.most[post][slot]
            if count < least:
                breaches.append(_breach("least", post, slot, count, least))
            if count > most:
                breaches.append(_breach("most", post, slot, count, most))
    for slot, together in enumerate(map(sum, zip(*people, strict=True))):
        if together > asked.present[slot]:
            breaches.append(_breach("present", -1, slot, together, asked.present[slot]))
    breaches += _without_break(people, asked)
    if customers is not None and within is not None:
        breaches += _missed(customers, within, asked.share)
    return tuple(breaches)


def _breach(kind: Kind, place: int, slot: int, found: float, wanted: float) -> Breach:
    return Breach(kind=kind, place=place, slot=slot, found=float(found), wanted=float(wanted))


def _without_break(people: Sequence[Sequence[int]], asked: Asked) -> list[Breach]:
    """Return whether the most breaks that a linear programme finds are fewer than the people."""
    if asked.break_window is None:
        return []
    from scipy.optimize import linprog

    first, last = asked.break_window
    slots = range(first, last)
    eaters = max(asked.present[slot] for slot in slots)
    spare = [asked.present[slot] - sum(row[slot] for row in people) for slot in slots]
    starts = len(spare) - asked.break_slots + 1
    if min(spare) < 0 or starts < 1:
        return [_breach("lunch", -1, first, 0, eaters)]
    over = [
        [float(start <= slot < start + asked.break_slots) for start in range(starts)]
        for slot in range(len(spare))
    ]
    found = linprog([-1.0] * starts, A_ub=over, b_ub=spare, bounds=(0, None))
    breaks = -float(found.fun)
    return [_breach("lunch", -1, first, breaks, eaters)] if breaks < eaters - 1e-6 else []


def _missed(
    customers: npt.NDArray[np.float64], within: npt.NDArray[np.float64], share: float
) -> list[Breach]:
    breaches = []
    for demand in range(customers.shape[1]):
        for slot in range(customers.shape[2]):
            upper = _upper_limit(customers[:, demand, slot], within[:, demand, slot])
            if upper < share:
                breaches.append(_breach("target", demand, slot, upper, share))
    return breaches


def _upper_limit(came: npt.NDArray[np.float64], called: npt.NDArray[np.float64]) -> float:
    """Return the upper 95 % limit of a share by the jackknife over batches of days."""
    parts = [
        (float(came[at::BATCHES].sum()), float(called[at::BATCHES].sum())) for at in range(BATCHES)
    ]
    whole, part = float(came.sum()), float(called.sum())
    if whole == 0 or any(whole == one for one, _ in parts):
        return 1.0
    pseudo = [
        BATCHES * part / whole - (BATCHES - 1) * (part - less) / (whole - fewer)
        for fewer, less in parts
    ]
    half = LEVEL_TIMES * float(np.std(pseudo, ddof=1)) / math.sqrt(BATCHES)
    return float(np.mean(pseudo)) + half
