"""Promises: each benefit with its measure, its guard-rail and how it will be checked, beforehand.

A promise is made for a package, for its options are carried out together and only their joint
effect can be measured. It stands on one measure at one branch, and says before the roll-out with
which branches it will be compared, over how many days, and how likely the promised difference, if
it comes, is then found. What the twin did not try is not promised.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from branchwise.evaluate.designs import POST_DAYS, PRE_DAYS, Design, design_of
from branchwise.evaluate.panel import Panel
from branchwise.evaluate.verdicts import worse_by
from branchwise.measures.catalogue import catalogue
from branchwise.plan.case import Undertaking
from branchwise.plan.proposal import Effect, Intervention, Option, package_id

MONTHS_PER_QUARTER = 3
MONTHS_PER_YEAR = 12
DAYS_PER_WEEK = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A benefit that will be checked.

    Attributes
    ----------
    package_id, branch_id : str
        Whose.
    option_ids : tuple of str
        Options of the package that are there for this measure.
    measure : str
        On which it is promised.
    baseline, difference, lower, upper : float
        The measure as the branch is, and what the package changes of it with the 95 % interval.
    guard_rail : str
        The measure that must not get worse.
    guard_rail_limit : float
        By so much it may get worse, in its unit: as far as the twin foresaw.
    quarter : int
        Wave of the branch, from 0.
    starts_on : date
        Day from which the package is to work.
    measured_on : date
        Day of the verdict.
    design : Design or None
        How it will be checked; None where the measure has no past.
    """

    package_id: str
    branch_id: str
    option_ids: tuple[str, ...]
    measure: str
    baseline: float
    difference: float
    lower: float
    upper: float
    guard_rail: str
    guard_rail_limit: float
    quarter: int
    starts_on: date
    measured_on: date
    design: Design | None

    def columns(self) -> dict[str, Any]:
        """Return what the tables ``option`` and ``action`` keep of it."""
        design = self.design
        return {
            "measure": self.measure,
            "baseline": self.baseline,
            "promised": self.difference,
            "promised_lower": self.lower,
            "promised_upper": self.upper,
            "guard_rail_measure": self.guard_rail,
            "guard_rail_limit": self.guard_rail_limit,
            "comparison_branches": None if design is None else " ".join(design.comparisons),
            "pre_days": None if design is None else design.pre_days,
            "post_days": None if design is None else design.post_days,
            "power": None if design is None else design.power,
            "detectable": None if design is None else design.detectable,
        }


def promises(
    undertakings: Sequence[Undertaking],
    library: Mapping[str, Intervention],
    panels: Mapping[str, Panel],
    *,
    types: Mapping[str, str | None],
    plan_starts_on: date,
    pre_days: int = PRE_DAYS,
    post_days: int = POST_DAYS,
) -> tuple[Promise, ...]:
    """Return every promise of a plan, with the design fixed now.

    Parameters
    ----------
    undertakings : sequence of Undertaking
        What is begun where and when; those that were not appraised promise nothing.
    library : mapping of str to Intervention
        The interventions by name.
    panels : mapping of str to Panel
        The measures of the promises by branch and day, before the roll-out (`promised_measures`).
    types : mapping of str to str or None
        Type of every branch of the bank.
    plan_starts_on : date
        First day of quarter 0.
    pre_days, post_days : int
        Open days before and after that are compared.

    Returns
    -------
    tuple of Promise
        In order of quarter, branch and measure.
    """
    starts = {
        undertaking.branch_id: works_from(undertaking, library, plan_starts_on)
        for undertaking in undertakings
    }
    found = []
    for undertaking, measure, effect in _benefits(undertakings, library):
        panel, starts_on = panels.get(measure), starts[undertaking.branch_id]
        measured_on = starts_on + _calendar_days(post_days, panel)
        design = (
            None
            if panel is None
            else design_of(
                panel,
                undertaking.branch_id,
                _number(effect.difference),
                types=types,
                starts=starts,
                measured_on=measured_on,
                before=plan_starts_on - timedelta(days=1),
                pre_days=pre_days,
                post_days=post_days,
            )
        )
        promise = _promise(undertaking, library, effect)
        found.append(replace(promise, starts_on=starts_on, measured_on=measured_on, design=design))
    return tuple(sorted(found, key=lambda one: (one.quarter, one.branch_id, one.measure)))


def promised_measures(
    undertakings: Sequence[Undertaking], library: Mapping[str, Intervention]
) -> tuple[str, ...]:
    """Return the measures on which something is promised, whose panels `promises` needs."""
    return tuple(sorted({measure for _, measure, _ in _benefits(undertakings, library)}))


def quarter_starts_on(plan_starts_on: date, quarter: int) -> date:
    """Return the first day of a quarter of the plan.

    Examples
    --------
    >>> quarter_starts_on(date(2026, 11, 30), 1)
    datetime.date(2027, 2, 28)
    """
    months = plan_starts_on.month - 1 + MONTHS_PER_QUARTER * quarter
    year, month = plan_starts_on.year + months // MONTHS_PER_YEAR, months % MONTHS_PER_YEAR + 1
    following = date(year + month // MONTHS_PER_YEAR, month % MONTHS_PER_YEAR + 1, 1)
    last = (following - timedelta(days=1)).day
    return date(year, month, min(plan_starts_on.day, last))


def works_from(
    undertaking: Undertaking, library: Mapping[str, Intervention], plan_starts_on: date
) -> date:
    """Return the day from which a package works: its quarter's first and the longest lead."""
    weeks = max((library[one.intervention].lead_weeks for one in undertaking.options), default=0)
    begun = quarter_starts_on(plan_starts_on, undertaking.quarter)
    return begun + timedelta(days=DAYS_PER_WEEK * weeks)


def _benefits(
    undertakings: Sequence[Undertaking], library: Mapping[str, Intervention]
) -> list[tuple[Undertaking, str, Effect]]:
    """Return every package with each measure of its interventions on which it was appraised."""
    return [
        (undertaking, measure, effect)
        for undertaking in undertakings
        for measure in _by_measure(undertaking, library)
        if (effect := _promised(undertaking, measure)) is not None
    ]


def _promise(
    undertaking: Undertaking, library: Mapping[str, Intervention], effect: Effect
) -> Promise:
    """Return a promise whose dates and design are still to come."""
    options = _by_measure(undertaking, library)[effect.measure]
    guard = library[options[0].intervention].guard_rail
    return Promise(
        package_id=package_id(tuple(option.option_id for option in undertaking.options)),
        branch_id=undertaking.branch_id,
        option_ids=tuple(option.option_id for option in options),
        measure=effect.measure,
        baseline=_number(effect.baseline),
        difference=_number(effect.difference),
        lower=_number(effect.lower),
        upper=_number(effect.upper),
        guard_rail=guard,
        guard_rail_limit=_allowed(undertaking, guard),
        quarter=undertaking.quarter,
        starts_on=date.max,
        measured_on=date.max,
        design=None,
    )


def _by_measure(
    undertaking: Undertaking, library: Mapping[str, Intervention]
) -> dict[str, list[Option]]:
    found: dict[str, list[Option]] = {}
    for option in sorted(undertaking.options, key=lambda option: option.option_id):
        intervention = library[option.intervention]
        if intervention.mechanism and intervention.measure in catalogue():
            found.setdefault(intervention.measure, []).append(option)
    return found


def _promised(undertaking: Undertaking, measure: str) -> Effect | None:
    """Return the appraised effect on a measure, where all its numbers are there."""
    if undertaking.appraisal is None:
        return None
    effect = undertaking.appraisal.effect(measure)
    if effect is None:
        return None
    given = (effect.baseline, effect.difference, effect.lower, effect.upper)
    return None if None in given else effect


def _allowed(undertaking: Undertaking, guard: str) -> float:
    """Return by how much the guard-rail may get worse: the worse end of what was foreseen."""
    effect = _promised(undertaking, guard)
    if effect is None or guard not in catalogue():
        return 0.0
    return max(0.0, *(worse_by(guard, _number(end)) for end in (effect.lower, effect.upper)))


def _calendar_days(open_days: int, panel: Panel | None) -> timedelta:
    """Return in how many calendar days so many open ones pass, from the panel's own calendar."""
    share = 1.0
    if panel is not None and panel.days:
        share = len(panel.days) / ((panel.days[-1] - panel.days[0]).days + 1)
    return timedelta(days=round(open_days / share))


def _number(value: float | None) -> float:
    return float("nan") if value is None else value
