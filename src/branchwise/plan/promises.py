"""Promises: each benefit with its measure, its guard-rail and how it will be checked, beforehand.

A promise is made for a package, for its options are carried out together and only their joint
effect can be measured. It stands on one measure at one branch, and says before the roll-out with
which branches it will be compared, over how many days, and how likely the promised difference, if
it comes, is then found: a promise that such a comparison could hardly prove is marked, and counted
apart. What saves cost promises not to make things worse than by a margin. What the twin did not try
is not promised.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Literal

from branchwise.evaluate.designs import POST_DAYS, PRE_DAYS, Design, design_of
from branchwise.evaluate.panel import Panel
from branchwise.evaluate.verdicts import worse_by
from branchwise.measures.catalogue import catalogue
from branchwise.plan.case import Undertaking
from branchwise.plan.proposal import Effect, Intervention, Option, package_id
from branchwise.plan.screening import MOST_LOSS, saves

MONTHS_PER_QUARTER = 3
MONTHS_PER_YEAR = 12
DAYS_PER_WEEK = 7
LEAST_POWER = 0.5
"""With less, a promise that comes true is more often missed than found."""
LONGER = 2
"""By so many times longer it is looked, where the usual days would not prove a promise."""

Kind = Literal["better", "no_worse"]


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
    kind : {"better", "no_worse"}
        Whether the measure is to get better, or to get no worse than by the margin at the worse
        end of the interval (what saves cost promises that).
    baseline, difference, lower, upper : float
        The measure as the branch is, and what the package changes of it with the 95 % interval; of
        ``no_worse`` the difference is 0 and the ends are the margin.
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
    to_find : float
        Difference that the check has to find: what is promised, or what the margin leaves after
        the loss that the twin foresaw.
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
    kind: Kind = "better"

    to_find: float = 0.0

    @property
    def is_provable(self) -> bool:
        """Whether the evaluation would find what is promised; else it cannot be proven so.

        Its power is 0.5 or more, and the smallest difference that it finds with 80 % is no larger
        than what it has to find.
        """
        design = self.design
        if design is None or design.power is None or design.detectable is None:
            return False
        return design.power >= LEAST_POWER and design.detectable <= abs(self.to_find)

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
    known = _Known(
        panels=panels, types=types, starts=starts, before=plan_starts_on - timedelta(days=1),
        pre_days=pre_days,
    )  # fmt: skip
    found = [
        _designed(_promise(undertaking, library, effect), known, post_days)
        for undertaking, _, effect in _benefits(undertakings, library)
    ]
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What was before the roll-out, and who begins when."""

    panels: Mapping[str, Panel]
    types: Mapping[str, str | None]
    starts: Mapping[str, date]
    before: date
    pre_days: int


def _designed(promise: Promise, known: _Known, post_days: int) -> Promise:
    """Return a promise with its dates and its design; over more days where that proves it."""
    usual = _over(promise, known, post_days)
    if usual.is_provable or usual.design is None:
        return usual
    longer = _over(promise, known, LONGER * post_days)
    return longer if longer.is_provable else usual


def _over(promise: Promise, known: _Known, post_days: int) -> Promise:
    panel, starts_on = known.panels.get(promise.measure), known.starts[promise.branch_id]
    measured_on = starts_on + _calendar_days(post_days, panel)
    design = (
        None
        if panel is None
        else design_of(
            panel,
            promise.branch_id,
            promise.to_find,
            types=known.types,
            starts=known.starts,
            measured_on=measured_on,
            before=known.before,
            pre_days=known.pre_days,
            post_days=post_days,
        )
    )
    return replace(promise, starts_on=starts_on, measured_on=measured_on, design=design)


def _kept_from_worse(undertaking: Undertaking, effect: Effect) -> tuple[float, float] | None:
    """Return the margin by which a measure may get worse, and what the check has to find of it.

    So a package promises that saves cost and does not make the measure better. The margin is what
    the twin foresaw at the worse end, a twentieth of today's value at least. None where the package
    promises an improvement.
    """
    ends = [worse_by(effect.measure, _number(end)) for end in (effect.lower, effect.upper)]
    if max(ends) < 0 or not saves(undertaking.options):
        return None
    margin = max(*ends, MOST_LOSS * abs(_number(effect.baseline)))
    return margin, margin - max(worse_by(effect.measure, _number(effect.difference)), 0.0)


def _promise(
    undertaking: Undertaking, library: Mapping[str, Intervention], effect: Effect
) -> Promise:
    """Return a promise whose dates and design are still to come."""
    options = _by_measure(undertaking, library)[effect.measure]
    guard = library[options[0].intervention].guard_rail
    spared = _kept_from_worse(undertaking, effect)
    found = (_number(effect.difference), _number(effect.lower), _number(effect.upper))
    difference, lower, upper = found if spared is None else (0.0, -spared[0], spared[0])
    return Promise(
        package_id=package_id(tuple(option.option_id for option in undertaking.options)),
        branch_id=undertaking.branch_id,
        option_ids=tuple(option.option_id for option in options),
        measure=effect.measure,
        baseline=_number(effect.baseline),
        difference=difference,
        lower=lower,
        upper=upper,
        kind="better" if spared is None else "no_worse",
        to_find=difference if spared is None else spared[1],
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
