"""How satisfaction goes with waiting: an association measured on the bank's own survey.

Each answer is set beside the wait of its visit or, where the survey does not say of which visit it
speaks, beside the mean wait of those served at the branch on its day; a mean in place of one's own
wait makes the slope less sure, but does not flatten it [2]_. Within branches (every branch has a
level of its own, of which waits explain nothing) the share of satisfied answers is a straight line
in the wait: a linear probability model, whose slope reads as points of satisfaction a minute.
Answers of the same day share whatever happened on it, so the standard error is robust to days [1]_.

Nobody was made to wait by lot: whoever waits longer comes at other hours, for other things. The
prediction therefore says that it is an association.

References
----------
.. [1] Liang and Zeger (1986), doi:10.1093/biomet/73.1.13; Cameron and Miller (2015), A
   practitioner's guide to cluster-robust inference, J. Human Resources 50,
   doi:10.3368/jhr.50.2.317.
.. [2] Berkson (1950), Are there two regressions?, J. American Statistical Association 45,
   doi:10.1080/01621459.1950.10483349.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from branchwise.core.ports import Engine
from branchwise.plan.proposal import Effect

LEAST_ANSWERS = 100
LEAST_DAYS = 10
MINUTE = 60.0
MEASURE = "customers.csat_share"
WAIT = "queues.wait_mean_seconds"
ANSWERS = """
SELECT v.branch_id, s.local_on, CAST(s.csat >= 4 AS DOUBLE) AS satisfied,
  v.wait_seconds / 60.0 AS minutes
FROM survey_response s JOIN visit v ON v.visit_id = s.visit_id
WHERE s.csat IS NOT NULL AND v.wait_seconds IS NOT NULL AND NOT v.is_suspect
ORDER BY s.survey_response_id
"""
"""Satisfied as in `customers.csat_share`: 4 or 5 of 5."""
OF_THE_DAY = """
WITH day AS (
  SELECT branch_id, local_on, avg(wait_seconds) / 60.0 AS minutes FROM visit
  WHERE outcome = 'served' AND wait_seconds IS NOT NULL AND NOT is_suspect
  GROUP BY branch_id, local_on
)
SELECT s.branch_id, s.local_on, CAST(s.csat >= 4 AS DOUBLE) AS satisfied, day.minutes
FROM survey_response s JOIN day ON day.branch_id = s.branch_id AND day.local_on = s.local_on
WHERE s.csat IS NOT NULL
ORDER BY s.survey_response_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Association:
    """How the share of satisfied answers goes with the wait.

    Attributes
    ----------
    slope, lower, upper : float
        Change of the share for each further minute of waiting, with its 95 % interval.
    share : float
        Satisfied of the answers, 0-1.
    mean_minutes : float
        Mean wait of those who answered.
    count_answers, count_branches, count_days : int
        What it rests on.
    matched_by : {"visit", "day"}
        Whether answers stand beside the wait of their visit, or beside the mean of their day.
    """

    slope: float
    lower: float
    upper: float
    share: float
    mean_minutes: float
    count_answers: int
    count_branches: int
    count_days: int
    matched_by: Literal["visit", "day"] = "visit"


def satisfaction_and_wait(engine: Engine) -> Association | None:
    """Measure how satisfaction goes with waiting.

    Parameters
    ----------
    engine : Engine
        With the relations ``survey_response`` and ``visit``.

    Returns
    -------
    Association or None
        By visit where 100 answers or more name theirs, else by day; None where there are fewer
        than 100 answers with a known wait, or fewer than 10 days.

    Examples
    --------
    >>> from branchwise.engines.duckdb import open_duckdb
    >>> from branchwise.tables.spec import table_spec
    >>> with open_duckdb() as engine:
    ...     for name in ("survey_response", "visit"):
    ...         engine.register_table(name, table_spec(name).arrow_schema.empty_table())
    ...     print(satisfaction_and_wait(engine))
    None
    """
    found = _read(engine, ANSWERS)
    if found is not None:
        return found
    of_days = _read(engine, OF_THE_DAY)
    return None if of_days is None else replace(of_days, matched_by="day")


def _read(engine: Engine, query: str) -> Association | None:
    table = engine.table(query)
    return associated(
        satisfied=table["satisfied"].to_numpy(),
        minutes=table["minutes"].to_numpy(),
        branches=np.asarray(table["branch_id"].to_pylist(), dtype=object),
        days=np.asarray(table["local_on"].to_pylist(), dtype=object),
    )


def associated(
    *,
    satisfied: npt.ArrayLike,
    minutes: npt.ArrayLike,
    branches: npt.ArrayLike,
    days: npt.ArrayLike,
) -> Association | None:
    """Fit a line within branches, with a standard error robust to what days have in common.

    Parameters
    ----------
    satisfied : array_like, shape (answers,)
        1 satisfied, 0 not.
    minutes : array_like, shape (answers,)
        Wait.
    branches, days : array_like, shape (answers,)
        Of the visit.

    Returns
    -------
    Association or None
        None where there are too few answers or days, or all of a branch waited alike.
    """
    from branchwise.experiments.intervals import student

    y, x = np.asarray(satisfied, dtype=float), np.asarray(minutes, dtype=float)
    if len(y) < LEAST_ANSWERS:
        return None
    names, of_branch = np.unique(np.asarray(branches), return_inverse=True)
    dates, of_day = np.unique(np.asarray(days), return_inverse=True)
    inner, outcome = _within(x, of_branch), _within(y, of_branch)
    spread = float(inner @ inner)
    known = len(names) + 1
    if len(dates) < LEAST_DAYS or spread <= 1e-9 * float(x @ x) or len(y) <= known:
        return None
    slope = float(inner @ outcome) / spread
    scores = np.bincount(of_day, weights=inner * (outcome - slope * inner))
    small = len(dates) / (len(dates) - 1) * (len(y) - 1) / (len(y) - known)
    error = math.sqrt(small * float(scores @ scores)) / spread
    half = float(student(len(dates) - 1)) * error
    return Association(
        slope=slope,
        lower=slope - half,
        upper=slope + half,
        share=float(y.mean()),
        mean_minutes=float(x.mean()),
        count_answers=len(y),
        count_branches=len(names),
        count_days=len(dates),
    )


def satisfaction_effect(
    association: Association | None, wait: Effect | None, *, share: float | None = None
) -> Effect | None:
    """Return what a change of the mean wait lets expect of the share of satisfied answers.

    Parameters
    ----------
    association : Association or None
        Of :func:`satisfaction_and_wait`.
    wait : Effect or None
        On ``queues.wait_mean_seconds``.
    share : float, optional
        Satisfied today at the branch, 0-1; by default in all answers.

    Returns
    -------
    Effect or None
        Marked as an association; its interval holds that of the slope and that of the wait, to
        the first order. The predicted share stays within 0 and 1. None where either is unknown.

    Examples
    --------
    >>> known = Association(slope=-0.01, lower=-0.015, upper=-0.005, share=0.8, mean_minutes=9.0,
    ...     count_answers=900, count_branches=4, count_days=60)
    >>> wait = Effect(measure="queues.wait_mean_seconds", unit="s", baseline=600.0, value=300.0,
    ...     difference=-300.0, lower=-300.0, upper=-300.0)
    >>> found = satisfaction_effect(known, wait)
    >>> round(found.value, 3), round(found.lower, 3), round(found.upper, 3), found.is_association
    (0.85, 0.025, 0.075, True)
    """
    if association is None or wait is None or wait.difference is None:
        return None
    lower, upper = wait.lower, wait.upper
    minutes = wait.difference / MINUTE
    reach = max(upper - wait.difference, wait.difference - lower) / MINUTE \
        if lower is not None and upper is not None else 0.0  # fmt: skip
    of_slope = (association.upper - association.lower) / 2
    half = math.hypot(association.slope * reach, of_slope * minutes)
    today = association.share if share is None else share
    value = min(max(today + association.slope * minutes, 0.0), 1.0)
    difference = value - today
    return Effect(
        measure=MEASURE,
        unit="share",
        customer_class=wait.customer_class,
        baseline=today,
        value=value,
        difference=difference,
        lower=max(difference - half, -today),
        upper=min(difference + half, 1.0 - today),
        is_association=True,
    )


def _within(
    values: npt.NDArray[np.float64], groups: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """Return values less the mean of their group."""
    means = np.bincount(groups, weights=values) / np.bincount(groups)
    return np.asarray(values - means[groups])
