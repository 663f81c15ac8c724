"""Who else is needed: authorisations stitched to services, reviews of machines, the pool's size.

A transaction belongs to the service of the same member of staff during which it was posted. Its
authorisation is taken out of the service time. Of the time between request and answer a part is
waiting for an approver who is busy with another request of the branch; the size of the pool is the
one under which the rest, first come first served, is most likely under one law.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass

import numpy as np

from branchwise.core.ports import Engine
from branchwise.twin.calibrate.fitting import Fitted, fit_law
from branchwise.twin.calibrate.log import Flags, Floats, Ints, Log
from branchwise.twin.laws import Law

AUTHORISATIONS = """
SELECT staff_id, epoch(posted_at) AS posted, epoch(authorisation_requested_at) AS requested,
  authorisation_seconds AS lasted, local_on,
  quarter_hour * 900 + fmod(epoch(posted_at), 900) AS at
FROM transaction
WHERE branch_id = $branch_id AND channel = 'counter' AND NOT is_reversal AND posted_at IS NOT NULL
  AND authorisation_requested_at IS NOT NULL AND authorisation_seconds IS NOT NULL
ORDER BY requested, transaction_id
"""
SLACK = 30.0
"""Clocks of queue machine and core system may differ by so much [s]."""
LEAST = 20
"""Requests below which the pool is taken from the supervisors on duty."""
MOST_APPROVERS, CLEARLY = 8, 2.0
"""Most approvers looked for; gain of the log-likelihood that one more needs."""
IMPOSSIBLE, DEAR, SOONEST = -2.0, 12.0, 0.005
"""Seconds of rounding; log-likelihood lost by a hold that cannot be, or is shorter than this share
of all."""
APPROVERS, REVIEWERS = "approver", "reviewer"
SUPERVISORS = """
SELECT median(count) AS count FROM (
  SELECT local_on, count(DISTINCT staff_id) AS count FROM shift
  WHERE branch_id = $branch_id AND post = 'supervisor' AND leave_kind = 'none' GROUP BY local_on
)
"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Requests:
    """Authorisations stitched to the steps of a log.

    Attributes
    ----------
    seconds : array, shape (steps,)
        Time from request to answer within the service, 0 where there was none.
    at : array, shape (steps,)
        Share of the service done when it was asked for; NaN where there was none.
    is_known : bool
        Whether the branch has authorisations at all.
    people : int
        Approvers at the branch.
    hold : Fitted or None
        How long an approver takes.
    stitched : tuple of int
        Authorisations that found their service, and all.
    """

    seconds: Floats
    at: Floats
    is_known: bool
    people: int
    hold: Fitted | None
    stitched: tuple[int, int]


def requests_of(engine: Engine, branch_id: str, log: Log) -> Requests:
    """Return the authorisations of a branch, stitched to the services of a log.

    Parameters
    ----------
    engine : Engine
        With the relations ``transaction`` and ``shift``.
    branch_id : str
        The branch.
    log : Log
        Steps of the days used.
    """
    rows = engine.table(AUTHORISATIONS, {"branch_id": branch_id}).to_pylist()
    number = {on: day for day, on in enumerate(log.dates)}
    rows = [row for row in rows if row["local_on"] in number]
    seconds, at = np.zeros(len(log)), np.full(len(log), np.nan)
    if not rows:
        return Requests(
            seconds=seconds, at=at, is_known=False, people=1, hold=None, stitched=(0, 0)
        )
    day = np.array([number[row["local_on"]] for row in rows])
    granted = np.array([row["lasted"] for row in rows])
    asked = np.array([row["at"] - row["posted"] + row["requested"] for row in rows])
    found = _stitched(log, [row["staff_id"] or "" for row in rows], day, asked)
    good = found >= 0
    steps = found[good]
    lasts = log.ended[steps] - log.started[steps]
    seconds[steps] = np.minimum(granted[good], lasts)
    pure = np.maximum(lasts - seconds[steps], 1.0)
    at[steps] = np.clip((asked[good] - log.started[steps]) / pure, 0.0, 1.0)
    if len(rows) >= LEAST:
        people = _people(day, asked, granted)
    else:
        on_duty = engine.table(SUPERVISORS, {"branch_id": branch_id}).to_pylist()
        people = max(1, round(on_duty[0]["count"] or 1))
    held = implied_holds(day, asked, granted, people)
    return Requests(
        seconds=seconds,
        at=at,
        is_known=True,
        people=people,
        hold=fit_law(np.maximum(held[held > 0], 1.0)) if (held > 0).any() else None,
        stitched=(int(good.sum()), len(rows)),
    )


def implied_holds(day: Ints, asked: Floats, granted: Floats, people: int) -> Floats:
    """Return how long each request held its approver, if so many serve first come first served.

    Parameters
    ----------
    day : array of int, shape (requests,)
        Day of each, in order of asking.
    asked, granted : array, shape (requests,)
        Seconds at which it was asked for, and how long the answer took.
    people : int
        Approvers.

    Returns
    -------
    array, shape (requests,)
        Seconds; below 0 where the answer came before an approver could have been free.

    Examples
    --------
    >>> import numpy as np
    >>> implied_holds(np.zeros(2, int), np.array([0.0, 10.0]), np.array([60.0, 80.0]), 1).tolist()
    [60.0, 30.0]
    """
    order = np.lexsort((asked, day))
    holds = np.zeros(len(asked))
    current, free, found = None, [0.0], []
    rows = zip(day[order].tolist(), asked[order].tolist(), granted[order].tolist(), strict=True)
    for on, at, lasted in rows:
        if on != current:
            current, free = on, [-math.inf] * people
        ends = at + lasted
        found.append(ends - max(at, free[0]))
        heapq.heapreplace(free, max(ends, free[0]))
    holds[order] = found
    return holds


def reviews_of(log: Log, members: Flags) -> tuple[int, float] | None:
    """Return how many sessions were reviewed, and at which share of the session.

    None where no review was recorded.
    """
    rows = members & ~np.isnan(log.review_seconds) & ~np.isnan(log.service_seconds)
    if not rows.any():
        return None
    lasts = np.maximum(log.service_seconds[rows] - log.review_seconds[rows], 1.0)
    at = float(np.nanmean(np.clip(log.review_after[rows] / lasts, 0, 1)))
    return int(rows.sum()), 0.5 if np.isnan(at) else at


def profile_of(seconds: Floats) -> tuple[Law, float]:
    """Return the law of the time until an answer comes from elsewhere, and its relative error."""
    fitted = fit_law(np.maximum(seconds, 1.0))
    return fitted.law, fitted.mean_error / max(fitted.mean, 1e-9)


def _stitched(log: Log, staff: list[str], day: Ints, asked: Floats) -> Ints:
    """Return the step in which each request was made, -1 where there is none."""
    number = {name: place for place, name in enumerate(log.server.names)}
    server = np.array([number.get(name, -2) for name in staff])
    found = np.full(len(asked), -1)
    usable = log.is_served & ~np.isnan(log.started) & ~np.isnan(log.ended)
    key = log.day * (len(number) + 3) + log.server.codes
    wanted = day * (len(number) + 3) + server
    for value in np.unique(wanted):
        steps = np.flatnonzero(usable & (key == value))
        if len(steps) == 0:
            continue
        steps = steps[np.argsort(log.started[steps], kind="stable")]
        mine = np.flatnonzero(wanted == value)
        place = np.searchsorted(log.started[steps], asked[mine] + SLACK, side="right") - 1
        inside = (place >= 0) & (log.ended[steps[np.maximum(place, 0)]] + SLACK >= asked[mine])
        found[mine[inside]] = steps[place[inside]]
    return found


def _people(day: Ints, asked: Floats, granted: Floats) -> int:
    """Return the number of approvers under which the holds are most likely."""
    best, chosen = -np.inf, 1
    for people in range(1, MOST_APPROVERS + 1):
        likelihood = _likelihood(implied_holds(day, asked, granted, people))
        if likelihood > best + CLEARLY:
            best, chosen = likelihood, people
    return chosen


def _likelihood(held: Floats) -> float:
    """Return the log-likelihood of holds under a shifted exponential, impossible ones dear."""
    impossible = held < IMPOSSIBLE
    good = np.maximum(held[~impossible], 1.0)
    if len(good) == 0:
        return -np.inf
    least = float(np.quantile(good, SOONEST))
    mean = max(float((good - least).mean()), 1.0)
    inside = good >= least
    return float(
        -inside.sum() * np.log(mean)
        - ((good[inside] - least) / mean).sum()
        - DEAR * (impossible.sum() + (~inside).sum())
    )
