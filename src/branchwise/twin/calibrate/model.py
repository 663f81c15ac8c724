"""What a calibration is made of: estimates of each part of a branch, with their uncertainty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from branchwise.core.languages import Text
from branchwise.twin.calibrate.classes import Scheme
from branchwise.twin.calibrate.log import Floats
from branchwise.twin.laws import Law
from branchwise.twin.scenario import Scenario, StationKind, Step

Source = Literal["own", "region", "peers", "default"]
Strength = Literal["tickets", "transactions", "none"]
WEEKDAYS = (1, 2, 3, 4, 5, 6, 7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One number of a calibration.

    Attributes
    ----------
    name : str
        What it is, such as ``service.mean``.
    of : str
        Of what: class, service, station, half-hour.
    value, lower, upper : float or None
        Estimate with the limits of its 95 % interval; None where there is none.
    unit : str
        Name in ``core.units``.
    count_rows : int
        Rows that it rests on.
    law : str or None
        Family, where it belongs to a law.
    distance : float or None
        Greatest distance between the law and the rows, 0 to 1 (Kolmogorov and Smirnov).
    source : {"own", "region", "peers", "default"}
        Whose rows; ``default`` where nothing could be read off.
    """

    name: str
    of: str = ""
    value: float
    lower: float | None = None
    upper: float | None = None
    unit: str
    count_rows: int
    law: str | None = None
    distance: float | None = None
    source: Source = "own"


@dataclass(frozen=True, slots=True, kw_only=True)
class DayLeftOut:
    """A day that the calibration does not use, and why."""

    on: date
    code: str
    reason: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """When a weekday's business goes on [s after midnight]."""

    opens: float
    closes: float
    ends: float
    lunch: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFactor:
    """By how much a kind of day differs from what its weekday is used to.

    Attributes
    ----------
    kind : str
        ``day_of_month:15``, ``before_closure`` or ``after_closure``.
    factor, lower, upper : float
        With its 95 % interval.
    count_days : int
        Branch-days that it rests on.
    """

    kind: str
    factor: float
    lower: float
    upper: float
    count_days: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rates:
    """Who comes when.

    Attributes
    ----------
    per_hour : array, shape (classes, 8, 96)
        Mean customers per hour by class, weekday (place 0: mean open day) and quarter-hour.
    shape_error : array, shape (classes, 8, 96)
        Relative standard error of a cell, given the day's total.
    level_error : array, shape (classes, 8)
        Relative standard error of the day's total.
    overdispersion, overdispersion_error : float
        Squared coefficient of variation of the day's factor, with its standard error.
    degrees : int
        Days less what was estimated from them.
    week_variance : array, shape (classes,)
        Squared coefficient of variation between weeks, by class.
    factors : tuple of DayFactor
        Days that differ.
    """

    per_hour: Floats
    shape_error: Floats
    level_error: Floats
    overdispersion: float
    overdispersion_error: float
    degrees: int
    week_variance: Floats
    factors: tuple[DayFactor, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a class waits: the law, the standard error of the logarithm of its scale."""

    law: Law | None
    scale_error: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A customer class as calibrated.

    Attributes
    ----------
    name : str
        As in the scenario.
    is_machine : bool
        Comes for a machine; no queue was recorded.
    priority : int
        As it was seen to be kept.
    is_elderly : bool
        Of 60 and more.
    tier, business_line : str
        As in ``visit``.
    mix : mapping of str to int
        Rows by first activity.
    patience : Patience
        See there.
    turned_round : tuple of int
        Customers who left at once, and all.
    pace, pace_error : float
        Service time as a multiple of the largest class's, relative standard error.
    walking_speed : float
        Metres per second.
    back_share : float
        Share of its tickets that are customers sent back from a machine.
    """

    name: str
    is_machine: bool = False
    priority: int = 0
    is_elderly: bool = False
    tier: str = "unknown"
    business_line: str = "personal"
    mix: Mapping[str, int]
    patience: Patience
    turned_round: tuple[int, int] = (0, 0)
    pace: float = 1.0
    pace_error: float = 0.0
    walking_speed: float = 1.2
    back_share: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceTime:
    """How long an activity takes; of one class where it stands apart.

    `error` is the relative standard error of the mean.
    """

    law: Law
    error: float
    customer_class: str | None = None
    pause: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A route: rows that took it, of all rows of the activity."""

    to: str
    count: int
    is_failure: bool = False
    keeps_ticket: bool = False
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A request: rows that needed it; where in the service; how long the answer takes."""

    pool: str
    count: int
    at: float
    hold: Law
    hold_error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """An activity as calibrated; `count` rows of it were served."""

    name: str
    queue: str
    service_id: str | None
    count: int
    times: tuple[ServiceTime, ...]
    ways: tuple[Way, ...] = ()
    asking: tuple[Asking, ...] = ()
    walk_seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCall:
    """Windows that open because queues are long.

    `waiting` customers call the first window of a crew, `further` more each further one; posts of
    the same crew are called in turn.
    """

    waiting: int
    further: int
    delay: Law
    delay_error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdowns:
    """How machines fail; errors are of the logarithm of the means."""

    between: Law
    between_error: float
    repair: Law
    repair_error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """How fast services go, chosen such that as many wait as were seen to.

    `error` is relative; `of_week` is the deviation of its logarithm between weeks;
    `untuned_ratio` is by how many times more waited before the choice.
    """

    value: float = 1.0
    error: float = 0.0
    of_week: float = 0.0
    untuned_ratio: float = 1.0
    count_days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A station as calibrated; `crew` is the main queue of its people, empty of machines."""

    name: str
    kind: StationKind
    queues: tuple[str, ...]
    crew: str = ""
    speed: Speed = Speed()
    on_call: OnCall | None = None
    breakdowns: Breakdowns | None = None
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """Who was on duty on a day: servers by station, and most who could have been."""

    on: date
    open: Mapping[str, tuple[Step, ...]]
    limit: Mapping[str, tuple[Step, ...]]
    pools: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Estimates:
    """Everything that scenarios are put together from.

    Attributes
    ----------
    branch_id : str
        The branch.
    hours : mapping of int to Hours
        By weekday; 0 is the mean open day.
    groups, tasks, posts : tuple
        Classes, activities and stations.
    rates : Rates
        Arrivals, classes in the order of `groups`.
    duties : tuple of Duty
        The days of the calibration.
    scheme : Scheme
        How tickets are sorted into classes.
    delays : mapping of str to Law
        Time until a pool elsewhere answers.
    day_pace : float
        Coefficient of variation between days of the time that services take.
    standard_seconds : float
        Wait within the standard.
    """

    branch_id: str
    hours: Mapping[int, Hours]
    groups: tuple[Group, ...]
    tasks: tuple[Task, ...]
    posts: tuple[Post, ...]
    rates: Rates
    duties: tuple[Duty, ...]
    scheme: Scheme
    delays: Mapping[str, Law] = field(default_factory=dict)
    day_pace: float = 0.0
    standard_seconds: float = 600.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Calibration:
    """A branch read off its tables.

    Attributes
    ----------
    scenario : Scenario
        The mean open day, or one weekday's.
    parameters : tuple of Parameter
        Every number with its interval, its rows and its source.
    days_used : tuple of date
        Days it rests on.
    days_left_out : tuple of DayLeftOut
        Days left out, each with its reason.
    notes : tuple of Text
        What is weak, in plain words.
    strength : {"tickets", "transactions", "none"}
        What it rests on.
    estimates : Estimates
        What other scenarios of the branch are put together from.
    """

    scenario: Scenario
    parameters: tuple[Parameter, ...]
    days_used: tuple[date, ...]
    days_left_out: tuple[DayLeftOut, ...]
    notes: tuple[Text, ...]
    strength: Strength
    estimates: Estimates

    def parameters_of(self, name: str) -> tuple[Parameter, ...]:
        """Return the parameters of a name."""
        return tuple(found for found in self.parameters if found.name == name)
