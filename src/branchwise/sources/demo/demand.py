"""Who comes when: a time-varying, overdispersed Poisson process."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from branchwise.core.randomness import stream
from branchwise.sources.demo.customers import ELDERLY
from branchwise.sources.demo.network import SATURDAY, Branch, closed_days
from branchwise.sources.demo.settings import DemoSettings, Flags, Floats, Ints

WEEKDAY = (1.15, 1.0, 0.95, 0.95, 1.10, 0.80, 0.65)
SALARY_DAYS = (10, 15, 25)
SALARY_FACTOR = 1.22
PENSION_DAYS = (15, 16, 17)
PENSION_FACTOR = 1.6
BEFORE_HOLIDAY, AFTER_HOLIDAY = 1.12, 1.25
DAY_SHAPE = 40.0
EARLY_MINUTES = 10
LAST_MINUTES = 20
PROFILES = {  # weight of each half-hour of a day from 9:00 to 17:00, stretched to the hours
    "younger": (0.7, 1.1, 1.4, 1.5, 1.3, 1.0, 1.0, 0.9, 0.8, 0.9, 1.1, 1.3, 1.2, 1.0, 0.7, 0.4),
    "elderly": (2.2, 2.2, 1.8, 1.4, 1.0, 0.6, 0.4, 0.3, 0.4, 0.7, 0.9, 0.9, 0.7, 0.5, 0.3, 0.2),
    "corporate": (0.8, 1.3, 1.6, 1.5, 1.2, 0.7, 0.4, 0.4, 0.6, 1.2, 1.5, 1.5, 1.2, 0.9, 0.6, 0.3),
}
YOUNGER_BANDS = (0.22, 0.40, 0.38)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """Who comes to a branch over all days, sorted by day and time; one entry a visitor.

    Attributes
    ----------
    day : array of int
        Number of the day.
    arrived : array of float
        Seconds after midnight.
    band : array of int
        Place in ``customers.AGE_BANDS``.
    is_corporate : array of bool
        Comes for corporate business.
    expected : array of float, shape (days,)
        Mean number of visitors of the day before overdispersion.
    """

    day: Ints
    arrived: Floats
    band: Ints
    is_corporate: Flags
    expected: Floats


def day_factors(settings: DemoSettings) -> Floats:
    """Return the demand of each day as a multiple of an average day (calendar effects only)."""
    closed = closed_days(settings)
    factors = []
    for day in settings.calendar:
        factor = WEEKDAY[day.weekday()]
        factor *= SALARY_FACTOR if day.day in SALARY_DAYS else 1.0
        ordinal = day.toordinal()
        if day.fromordinal(ordinal + 1) in closed:
            factor *= BEFORE_HOLIDAY
        if day.fromordinal(ordinal - 1) in closed:
            factor *= AFTER_HOLIDAY
        factors.append(factor)
    return np.array(factors)


def arrivals_of(settings: DemoSettings, branch: Branch) -> Arrivals:
    """Draw who comes to a branch and when.

    The number of a day is Poisson given a gamma factor of mean 1 and shape `DAY_SHAPE`; times
    within the day follow the profile of the visitor's group.
    """
    chance = stream(settings.seed, "arrivals", branch.branch_id)
    expected = expected_visitors(settings, branch)
    shaken = expected * chance.gamma(DAY_SHAPE, 1 / DAY_SHAPE, expected.shape)
    counts = chance.poisson(shaken)
    days = np.arange(settings.days)
    day = np.concatenate([np.repeat(days, count) for count in counts])
    is_corporate = np.repeat([False, True], counts.sum(axis=1))
    band = _bands(settings, branch, chance, day)
    arrived = _times(branch, chance, band == ELDERLY, is_corporate)
    order = np.lexsort((arrived, day))
    return Arrivals(
        day=day[order],
        arrived=arrived[order],
        band=band[order],
        is_corporate=is_corporate[order],
        expected=expected.sum(axis=0),
    )


def expected_visitors(settings: DemoSettings, branch: Branch) -> Floats:
    """Return mean numbers of personal and of corporate visitors, shape (2, days)."""
    closed = closed_days(settings)
    is_open = np.array([branch.is_open(day, closed) for day in settings.calendar])
    is_weekday = np.array([day.isoweekday() < SATURDAY for day in settings.calendar])
    usual = branch.demand_factor * day_factors(settings) * is_open
    pension = np.array([day.day in PENSION_DAYS for day in settings.calendar])
    personal = 1 + branch.elderly_share * (PENSION_FACTOR - 1) * pension
    corporate = usual * branch.corporate_factor
    form = branch.form
    return np.stack(
        [usual * personal * form.visits_per_day, corporate * is_weekday * form.corporate_per_day]
    )


def profile(branch: Branch, group: str) -> tuple[Floats, Floats]:
    """Return minutes after midnight, and the share of a group's visitors who came by then."""
    form = branch.form
    minutes = np.arange(form.opens_minute - EARLY_MINUTES, form.closes_minute - LAST_MINUTES + 1.0)
    weights = np.array(PROFILES[group])
    place = (minutes - minutes[0]) / (minutes[-1] - minutes[0]) * (len(weights) - 1)
    density = np.interp(place, np.arange(len(weights)), weights)
    if form.lunch:
        density[(minutes >= form.lunch[0] - EARLY_MINUTES) & (minutes < form.lunch[1])] = 0.0
    share = np.concatenate([[0.0], np.cumsum(density[:-1])])
    return minutes, share / share[-1]


def _bands(settings: DemoSettings, branch: Branch, chance: np.random.Generator, day: Ints) -> Ints:
    pension = np.array([date.day in PENSION_DAYS for date in settings.calendar])[day]
    odds = branch.elderly_share * np.where(pension, PENSION_FACTOR, 1.0)
    elderly = chance.random(len(day)) < odds / (odds + 1 - branch.elderly_share)
    younger = chance.choice(ELDERLY, len(day), p=YOUNGER_BANDS)
    return np.where(elderly, ELDERLY, younger).astype(np.int64)


def _times(
    branch: Branch, chance: np.random.Generator, is_elderly: Flags, is_corporate: Flags
) -> Floats:
    chosen = chance.random(len(is_elderly))
    times = np.empty(len(is_elderly))
    groups = {
        "corporate": is_corporate,
        "elderly": is_elderly & ~is_corporate,
        "younger": ~is_elderly & ~is_corporate,
    }
    for group, members in groups.items():
        minutes, share = profile(branch, group)
        times[members] = 60.0 * np.interp(chosen[members], share, minutes)
    return np.floor(times)
