"""Weeks of a branch, drawn once, in which every package is tried on the same customers.

A *draw* is one branch as it might be, given what the data leave open: parameters from their
sampling distribution, and a week of the calibration, with its schedules and its pay days. Each
draw lives through several weeks. Whatever is tried, draw, week, day and customer have the same
chance, so that busy days drop out of a difference (common random numbers).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from branchwise.core.errors import Where, failure
from branchwise.core.randomness import derived_seed, stream
from branchwise.plan.proposal import Option, Standing
from branchwise.twin.calibrate.assemble import scenario_of
from branchwise.twin.calibrate.model import Estimates
from branchwise.twin.calibrate.peers import factor_on
from branchwise.twin.calibrate.uncertainty import (
    drawn_duties,
    of_a_day,
    of_a_week,
    perturbed_estimates,
)
from branchwise.twin.run import BATCHES, simulate
from branchwise.twin.scenario import Scenario
from branchwise.twin.values import Values, values_of
from branchwise.twin.weeks import Week, day_of, week_of

BELIEVED = ("trusted", "waits_only")
YEAR_WITH_A_MONDAY = 2030
MEAN_DAY = 0

NOTHING = Values(units={}, rows={})

Apply = Callable[[Sequence[Option], Scenario], Scenario]
"""Carries options out in a scenario; gives the scenario itself back where nothing changes."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trials:
    """A branch ready to try packages on.

    Attributes
    ----------
    branch_id : str
        The branch.
    standing : {"trusted", "waits_only", "not_trusted", "not_validated"}
        Verdict on its twin; without trust nothing is simulated.
    machines : frozenset of str
        Classes that come for a machine.
    scenarios : tuple of tuple of Scenario
        Of each draw the days of a week.
    days : tuple of tuple of Week
        What happened on them as the branch is.
    baseline : Values
        As the branch is.
    weeks : int
        Lived through in each draw.
    seed : int
        Of all chance.
    """

    branch_id: str
    standing: Standing
    machines: frozenset[str] = frozenset()
    scenarios: tuple[tuple[Scenario, ...], ...] = ()
    days: tuple[tuple[Week, ...], ...] = ()
    baseline: Values = NOTHING
    weeks: int = 0
    seed: int = 0

    @property
    def draws(self) -> int:
        """Number of draws."""
        return len(self.scenarios)

    @property
    def days_a_draw(self) -> int:
        """Days simulated in each draw."""
        return self.weeks * max((len(week) for week in self.scenarios), default=0)


def trials_of(
    estimates: Estimates,
    *,
    standing: Standing,
    draws: int = 16,
    weeks: int = 4,
    seed: int = 1,
    standard_seconds: float | None = None,
) -> Trials:
    """Draw weeks of a branch and live through them as it is.

    Parameters
    ----------
    estimates : Estimates
        Of the branch's calibration.
    standing : {"trusted", "waits_only", "not_trusted", "not_validated"}
        Verdict on its twin.
    draws : int
        Draws of the parameters, 2 or more.
    weeks : int
        Weeks lived through in each, 1 to 20.
    seed : int
        Of all chance; branches have chances of their own, so that sums over them are right.
    standard_seconds : float, optional
        Wait within the standard [s]; by default that of the calibration.

    Raises
    ------
    BranchwiseError
        [BW-PLN-030] if draws or weeks are too few or too many.
    """
    if draws < 2 or not 1 <= weeks <= BATCHES:  # noqa: PLR2004
        raise failure("BW-PLN-030", Where(place=estimates.branch_id), draws=draws, weeks=weeks,
                      most=BATCHES)  # fmt: skip
    if standing not in BELIEVED:
        return Trials(branch_id=estimates.branch_id, standing=standing, seed=seed)
    given = estimates
    if standard_seconds is not None:
        given = replace(estimates, standard_seconds=standard_seconds)
    own_seed = derived_seed(seed, "appraise", given.branch_id)
    drawn = tuple(_week(given, draw, own_seed) for draw in range(draws))
    lived = tuple(
        tuple(_day(scenario, own_seed, draw, weeks) for scenario in week)
        for draw, week in enumerate(drawn)
    )
    machines = frozenset(group.name for group in given.groups if group.is_machine)
    return Trials(
        branch_id=given.branch_id,
        standing=standing,
        machines=machines,
        scenarios=drawn,
        days=lived,
        baseline=values_of([week_of(days) for days in lived], machines=machines),
        weeks=weeks,
        seed=seed,
    )


def tried(
    trials: Trials, package: Sequence[Option], apply: Apply, *, first: int = 0, last: int
) -> Values:
    """Try a package in some draws.

    Days on which it changes nothing are not simulated again.

    Parameters
    ----------
    trials : Trials
        Of the branch, which is believed.
    package : sequence of Option
        Carried out together.
    apply : callable
        See `Apply`.
    first, last : int
        From and until which draw, `last` not included.
    """
    own_seed = derived_seed(trials.seed, "appraise", trials.branch_id)
    weeks = []
    for draw in range(first, last):
        days = []
        for before, scenario in zip(trials.days[draw], trials.scenarios[draw], strict=True):
            changed = apply(package, scenario) if package else scenario
            same = changed is scenario or changed == scenario
            days.append(before if same else _day(changed, own_seed, draw, trials.weeks))
        weeks.append(week_of(days))
    return values_of(weeks, machines=trials.machines)


def _day(scenario: Scenario, seed: int, draw: int, weeks: int) -> Week:
    chance = derived_seed(seed, "day", scenario.name)
    return day_of(
        simulate(scenario, replications=weeks, seed=chance, first_replication=draw * weeks)
    )


def _week(estimates: Estimates, draw: int, seed: int) -> tuple[Scenario, ...]:
    """Return the days of a week with the parameters of a draw.

    Its schedules are those of a week of the calibration, and so are its pay days: a bank puts
    more people on duty when it expects more customers.
    """
    drawn = perturbed_estimates(estimates, draw, seed)
    chance = stream(seed, "week", draw)
    weekdays = [weekday for weekday in sorted(estimates.hours) if weekday != MEAN_DAY]
    dates = [date.fromisocalendar(YEAR_WITH_A_MONDAY, 1, weekday) for weekday in weekdays]
    duties = drawn_duties(drawn, dates, chance)
    opened = [duty.on for duty in estimates.duties]
    week = of_a_week(drawn, chance)
    return tuple(
        scenario_of(
            of_a_day(week, chance),
            weekday,
            duty=duty,
            factor=factor_on(drawn.rates.factors, duty.on, opened),
        )
        for weekday, duty in zip(weekdays, duties, strict=True)
    )
