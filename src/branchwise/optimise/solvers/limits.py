"""Whether a plan keeps its limits: fewest and most people, people present, breaks."""

from __future__ import annotations

import numpy as np

from branchwise.optimise.model import UNLIMITED, Counts, Lunch, StaffingProblem


def keeps_limits(problem: StaffingProblem, plan: Counts) -> bool:
    """Return whether a plan, shape (posts, slots), keeps every limit of the problem.

    Examples
    --------
    >>> from branchwise.optimise.example import formula_branch
    >>> problem = formula_branch()
    >>> keeps_limits(problem, problem.least), keeps_limits(problem, problem.least - 1)
    (True, False)
    """
    if (plan < problem.least).any() or (plan > problem.most).any():
        return False
    serving, present = plan.sum(axis=0), np.array(problem.present)
    if (serving > present).any():
        return False
    lunch = lunch_of(problem)
    return lunch is None or breaks_possible(lunch, serving, present)


def lunch_of(problem: StaffingProblem) -> Lunch | None:
    """Return the breaks that bind: none where any number of people may be present."""
    return None if max(problem.present) >= UNLIMITED else problem.lunch


def breaks_possible(lunch: Lunch, serving: Counts, present: Counts) -> bool:
    """Return whether everybody present can take a break while so many serve.

    Breaks are begun as early as possible; as all are of one length, no other order gives more.

    Parameters
    ----------
    lunch : Lunch
        The breaks.
    serving, present : array, shape (slots,)
        People at work, and people there.

    Examples
    --------
    >>> lunch = Lunch(first_slot=0, last_slot=4, length=2)
    >>> three = np.array([3, 3, 3, 3])
    >>> breaks_possible(lunch, np.array([1, 1, 2, 2]), three)
    True
    >>> breaks_possible(lunch, np.array([2, 1, 2, 2]), three)
    False
    """
    there = np.asarray(present)[lunch.first_slot : lunch.last_slot]
    spare = (there - np.asarray(serving)[lunch.first_slot : lunch.last_slot]).astype(np.int64)
    taken = 0
    for begin in range(len(spare) - lunch.length + 1):
        begun = max(int(spare[begin : begin + lunch.length].min()), 0)
        spare[begin : begin + lunch.length] -= begun
        taken += begun
    return taken >= int(there.max(initial=0))


def people_for(lunch: Lunch | None, plan: Counts) -> int:
    """Return the fewest people with whom a plan can be lived, breaks included.

    Examples
    --------
    >>> people_for(Lunch(first_slot=0, last_slot=4, length=2), np.array([[1, 2, 2, 1]]))
    4
    """
    serving = plan.sum(axis=0)
    people = int(serving.max(initial=0))
    if lunch is not None and lunch.last_slot - lunch.first_slot < lunch.length:
        return people
    while lunch is not None and not breaks_possible(lunch, serving, np.full(len(serving), people)):
        people += 1
    return people


def within_limits(problem: StaffingProblem, plan: Counts) -> Counts:
    """Return the plan nearest to another that keeps the limits, people taken away one by one.

    Where too many serve, the post with most above its least gives way; for breaks the slot of
    the break with most people does.

    Examples
    --------
    >>> from branchwise.optimise.example import formula_branch
    >>> problem = formula_branch()
    >>> keeps_limits(problem, within_limits(problem, problem.most + 5))
    True
    """
    found = np.clip(plan, problem.least, problem.most).astype(np.int64)
    for slot, present in enumerate(problem.present):
        while found[:, slot].sum() > present and _give_way(problem, found, slot):
            pass
    lunch = lunch_of(problem)
    if lunch is None:
        return found
    slots = np.arange(lunch.first_slot, lunch.last_slot)
    while not breaks_possible(lunch, found.sum(axis=0), np.array(problem.present)):
        above = (found - problem.least)[:, slots].sum(axis=0)
        order = sorted(range(len(slots)), key=lambda at: (-found[:, slots[at]].sum(), -at))
        fullest = next((int(slots[at]) for at in order if above[at] > 0), None)
        if fullest is None:
            return found
        _give_way(problem, found, fullest)
    return found


def _give_way(problem: StaffingProblem, plan: Counts, slot: int) -> bool:
    above = plan[:, slot] - problem.least[:, slot]
    post = int(np.argmax(above))
    if above[post] <= 0:
        return False
    plan[post, slot] -= 1
    return True
