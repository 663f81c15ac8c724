"""Who stands where in which line, when, on one day."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from branchwise.twin.laws import Floats
from branchwise.twin.reading import queues_of_steps
from branchwise.twin.trace import STEP_OUTCOMES, Trace

TENTHS = 10
INTERRUPTED = STEP_OUTCOMES.index("interrupted")

Key = tuple[float, float, float, int]


@dataclass(slots=True)
class Line:
    """What happened in one line, in tenths of seconds.

    Attributes
    ----------
    counts : list of (time, number)
        How many stood in it from each change on.
    places : dict of int to list of (time, place)
        Of each who stood: places, 0 is next, from each change on.
    """

    counts: list[tuple[int, int]] = field(default_factory=list)
    places: dict[int, list[tuple[int, int]]] = field(default_factory=dict)

    @property
    def longest(self) -> int:
        """The most who stood in it at a time."""
        return max((count for _, count in self.counts), default=0)


def tenths(seconds: Floats, start: float) -> list[int]:
    """Return times in whole tenths of a second after a beginning; 0 where there is none.

    Examples
    --------
    >>> tenths(np.array([10.26, np.nan]), 10.0)
    [3, 0]
    """
    return [int(number) for number in np.round(np.nan_to_num((seconds - start) * TENTHS))]


def lines_of(trace: Trace, start: float) -> list[Line]:
    """Return the lines of a day, one a queue; who stood in them are numbers of steps.

    Examples
    --------
    >>> from branchwise.twin.example import corner_branch
    >>> from branchwise.twin.trace import trace
    >>> [line.longest > 0 for line in lines_of(trace(corner_branch(), seed=1), 32400.0)]
    [True, True]
    """
    queue = queues_of_steps(trace)
    begins, ends = tenths(trace.step_queued, start), tenths(trace.step_called, start)
    priority = [found.priority for found in trace.scenario.classes]
    since = _since(trace)
    keys: list[Key] = [
        (-priority[trace.customer_class[customer]], since[step], begins[step], step)
        for step, customer in enumerate(trace.step_customer)
    ]
    return [
        stood([keys[step] for step in np.flatnonzero(queue == number)], begins, ends)
        for number in range(len(trace.scenario.queues))
    ]


def entrance_line(trace: Trace, start: float) -> Line:
    """Return who stands at the ticket machines; numbers of customers."""
    begins, ends = tenths(trace.entered, start), tenths(trace.ticket, start)
    return stood([(0, begin, begin, n) for n, begin in enumerate(begins)], begins, ends)


def stood(keys: Sequence[Key], begins: Sequence[int], ends: Sequence[int]) -> Line:
    """Return a line from the order in which those who wait are called.

    Parameters
    ----------
    keys : sequence of tuple
        Of each who waits: what they are ordered by, and last their number.
    begins, ends : sequence of int
        By number: joining and leaving; who does not wait at all is not in the line.

    Examples
    --------
    >>> stood([(0, 1, 1, 0), (-1, 2, 2, 1)], [1, 2], [9, 5]).places
    {0: [(1, 0), (2, 1), (5, 0)], 1: [(2, 0)]}
    """
    events = [(begins[key[-1]], 1, key) for key in keys if begins[key[-1]] < ends[key[-1]]]
    events += [(ends[key[-1]], 0, key) for key in keys if begins[key[-1]] < ends[key[-1]]]
    line, present = Line(), list[Key]()
    for at, joins, key in sorted(events):
        place = bisect_left(present, key)
        if joins:
            present.insert(place, key)
        else:
            del present[place]
        for behind in range(place, len(present)):
            _note(line.places.setdefault(present[behind][-1], []), at, behind)
        _note(line.counts, at, len(present))
    return line


def _note(changes: list[tuple[int, int]], at: int, value: int) -> None:
    if changes and changes[-1][0] == at:
        changes.pop()
    if not changes or changes[-1][1] != value:
        changes.append((at, value))


def _since(trace: Trace) -> Floats:
    """Return the time by which each step is ordered in its line: of the ticket, or of joining."""
    activities = trace.scenario.activities
    keeps = {
        (number, route.to)
        for number, activity in enumerate(activities)
        for route in activity.routes
        if route.keeps_ticket
    }
    since, before = trace.step_queued.copy(), dict[int, int]()
    for step in np.lexsort((trace.step_called, trace.step_queued)):
        customer = int(trace.step_customer[step])
        last = before.get(customer)
        before[customer] = int(step)
        if (
            last is None
            or trace.step_outcome[last] == INTERRUPTED
            or (int(trace.step_activity[last]), activities[trace.step_activity[step]].name) in keeps
        ):
            since[step] = trace.ticket[customer]
    return since
