"""What a report says: frozen records, with no word about how they are drawn."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from branchwise.core.languages import Text
from branchwise.plan.document import Plan
from branchwise.plan.model import Finding, Light
from branchwise.report.benefit import Benefit
from branchwise.report.deliveries import Loading
from branchwise.report.opening import OpeningCard
from branchwise.report.plan_day import PlayedDay

Direction = Literal["lower", "higher", "none"]
GoalName = Literal["efficiency", "experience", "cost", "growth"]
Level = Literal["good", "fair", "poor"]

GOALS: tuple[GoalName, ...] = ("efficiency", "experience", "cost", "growth")


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureNote:
    """The definition of a measure, as shown one click away from its figures.

    Attributes
    ----------
    name : str
        Its name in the catalogue, ``queues.wait_p90_seconds``.
    label, meaning : Text
        What people call it; one or two sentences.
    unit : str
        Unit of the catalogue: ``s``, ``h``, ``1`` for a share, ``currency``, or what is counted.
    direction : {"lower", "higher", "none"}
        What is better.
    bias, interval : Text or None
        In which way the figure is known to be wrong; how its interval is made.
    standard : float or None
        The standard in the unit; ``standard_source`` says where it comes from.
    minimum_rows : int
        Below so many rows no value is given.
    """

    name: str
    label: Text
    meaning: Text
    unit: str
    direction: Direction = "none"
    bias: Text | None = None
    interval: Text | None = None
    standard: float | None = None
    standard_source: Text | None = None
    minimum_rows: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A value with its 95 % interval and the number of rows behind it.

    None where unknown; a number that is not finite counts as unknown.
    """

    value: float | None = None
    lower: float | None = None
    upper: float | None = None
    count_rows: int = 0

    def __post_init__(self) -> None:
        for name in ("value", "lower", "upper"):
            held = getattr(self, name)
            if held is not None and not math.isfinite(held):
                object.__setattr__(self, name, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Peers:
    """What branches of the same group show: quartiles and how many branches they are."""

    lower: float
    median: float
    upper: float
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One measure of one branch against its peers, the standard and the target."""

    measure: str
    today: Estimate
    peers: Peers | None = None
    standard: float | None = None
    target: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardRail:
    """A measure that must not get worse while a target is pursued."""

    measure: str
    now: Estimate
    limit: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """One of the four goals: a measure from its baseline to its target, and where it is now."""

    goal: GoalName
    measure: str | None = None
    now: Estimate = Estimate()
    baseline: float | None = None
    target: float | None = None
    due_on: date | None = None
    guard_rail: GuardRail | None = None
    light: Light = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Headcount:
    """People of a branch: plan and present in persons; None where nothing is known."""

    planned: float | None = None
    present_per_day: float | None = None
    own: int | None = None
    outsourced: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """Opening hours of a run of weekdays, minutes after local midnight."""

    first_weekday: int
    last_weekday: int
    business_line: str
    opens_minute: int
    closes_minute: int
    lunch_starts_minute: int | None = None
    lunch_ends_minute: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfHour:
    """An average open day at one half-hour.

    Attributes
    ----------
    minute : int
        Beginning, minutes after local midnight.
    arrivals : float
        Arrivals a day.
    open_windows : float or None
        Windows serving somebody, on average; None where stations are not recorded.
    wait_median_seconds, wait_p90_seconds : float or None
    count_rows : int
        Visits behind the waits.
    """

    minute: int
    arrivals: float
    open_windows: float | None = None
    wait_median_seconds: float | None = None
    wait_p90_seconds: float | None = None
    count_rows: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceUse:
    """Where a service was done: at the counter though it could migrate or not, at a machine."""

    service_id: str
    name: str
    counter_only: int
    could_migrate: int
    machine: int

    @property
    def count(self) -> int:
        """All steps."""
        return self.counter_only + self.could_migrate + self.machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """One reason not to trust a branch's data, and what would mend it."""

    level: Level
    what: Text
    mend: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """How far the data of a branch can be trusted: the worst of its doubts."""

    doubts: tuple[Doubt, ...] = ()

    @property
    def level(self) -> Level:
        """``good`` with no doubt; else the worst."""
        levels = {doubt.level for doubt in self.doubts}
        return "poor" if "poor" in levels else "fair" if "fair" in levels else "good"


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """One branch with all that its sheet shows."""

    branch_id: str
    name: str
    region: str = ""
    branch_type: str = "other"
    latitude: float | None = None
    longitude: float | None = None
    count_visits: int = 0
    count_days: int = 0
    headcount: Headcount = Headcount()
    counters: dict[str, int] = field(default_factory=dict)
    devices: dict[str, int] = field(default_factory=dict)
    hours: tuple[Hours, ...] = ()
    comparisons: dict[str, Comparison] = field(default_factory=dict)
    half_hours: tuple[HalfHour, ...] = ()
    services: tuple[ServiceUse, ...] = ()
    findings: tuple[Finding, ...] = ()
    trust: Trust = Trust()


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelPoint:
    """A branch in a funnel plot: its size, its value, and the 95 % limits about its own peers."""

    branch_id: str
    size: float
    value: float
    reference: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel:
    """Branch size against a measure, with the limits that chance alone would keep."""

    measure: str
    points: tuple[FunnelPoint, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything the page shows.

    Attributes
    ----------
    starts_on, ends_on : date or None
        First and last local day with visits.
    roc_years : bool
        Write years of the Republic of China in Chinese dates (Taiwan).
    bank : mapping of measure to Estimate
        Values of the whole bank.
    share_age_known, regions
        Share of visits whose age band is known; names of regions by code.
    plan, plan_is_current, plan_day, benefits, benefit_warnings
        The plan, whether its data are still those of the report, its day played; what became of
        the bank's actions, and what the reader must know first.
    opening : mapping of str to OpeningCard
        What the next open day of each branch brings, where it has been forecast.
    """

    bank_name: str
    made_at: datetime
    snapshot_id: str
    version: str
    starts_on: date | None = None
    ends_on: date | None = None
    roc_years: bool = False
    currency: str | None = None
    count_visits: int = 0
    share_age_known: float | None = None
    measures: dict[str, MeasureNote] = field(default_factory=dict)
    bank: dict[str, Estimate] = field(default_factory=dict)
    goals: tuple[Goal, ...] = ()
    findings: tuple[Finding, ...] = ()
    branches: tuple[Branch, ...] = ()
    regions: dict[str, str] = field(default_factory=dict)
    funnel: Funnel | None = None
    loading: Loading = field(default_factory=Loading)
    plan: Plan | None = None
    plan_is_current: bool = True
    plan_day: PlayedDay | None = None
    benefits: tuple[Benefit, ...] = ()
    benefit_warnings: tuple[Text, ...] = ()
    opening: Mapping[str, OpeningCard] = field(default_factory=dict)
