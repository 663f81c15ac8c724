"""The records of a proposal: interventions, options at branches, what they bring and cost.

An *intervention* is an entry of the library: a kind of change, whatever the branch. An *option* is
that change at one branch, in one size. A *package* is the options that one branch would carry out
together; the twin tries packages, for two good options may take each other's effect. Money is in
minor units of the bank's currency, durations in seconds, the effects of a package those of a month.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from branchwise.core.languages import Text

Standing = Literal["trusted", "waits_only", "not_trusted", "not_validated"]
Quantity = Literal["branch", "unit", "hour_added", "hour_freed", "person_trained", "unit_removed"]
Timing = Literal["once", "yearly"]
Situation = Literal["short", "spare", "any"]
Answer = Literal["open", "accepted", "rejected"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CostLine:
    """One line of what an intervention costs, or saves.

    Attributes
    ----------
    assumption : str
        Name of the price among the assumptions (`tables.assumptions`).
    per : {"branch", "unit", "hour_added", "hour_freed", "person_trained", "unit_removed"}
        What the price is multiplied with; hours are those of a year. A unit is a device that is
        added, moved in or covered (`Quantities`).
    timing : {"once", "yearly"}
        Whether it is paid at the beginning or every year.
    share : str or None
        Name of an assumption by which the line is multiplied besides.
    is_saving : bool
        Whether it is cash that is no longer spent.
    """

    assumption: str
    per: Quantity
    timing: Timing
    share: str | None = None
    is_saving: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Intervention:
    """An entry of the library of interventions.

    Attributes
    ----------
    name : str
        Its key in ``interventions.toml``.
    label, works : Text
        What people call it; by what it works, in one sentence.
    mechanism : str
        How it changes the simulated branch: a name in `mechanisms`; empty where the twin cannot
        try it, and nothing is promised.
    themes : tuple of str
        Themes of the findings that raise it (``themes.toml``).
    amounts : tuple of float
        Sizes to try.
    costs : tuple of CostLine
        What it costs and saves.
    lead_weeks : int
        Weeks from the decision until it works.
    effort : mapping of str to float
        Capacity of delivery that it takes, by trade (``training``, ``it``, ``works``,
        ``procurement``), in units of which a quarter has so many.
    prerequisites : tuple of Text
        What must be there before.
    owner : Text
        Who is responsible, by role.
    worse_off : Text
        Who may be worse off.
    risks : tuple of Text
        What may go wrong.
    measure, guard_rail : str
        The measure on which its benefit is promised and the one that must not get worse.
    situation : {"short", "spare", "any"}
        Whether it helps branches that have too little of something, gives back what branches
        have too much of, or neither.
    """

    name: str
    label: Text
    works: Text
    mechanism: str
    themes: tuple[str, ...]
    amounts: tuple[float, ...] = (1.0,)
    costs: tuple[CostLine, ...] = ()
    lead_weeks: int
    effort: Mapping[str, float] = field(default_factory=dict)
    prerequisites: tuple[Text, ...] = ()
    owner: Text
    worse_off: Text
    risks: tuple[Text, ...] = ()
    measure: str
    guard_rail: str
    situation: Situation = "any"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantities:
    """What an option adds and takes away, as far as it has to be paid or moved.

    Attributes
    ----------
    hours_added, hours_freed : mapping of str to float
        Hours a week by post of staff (as in ``staff_member``).
    devices_added, devices_removed : mapping of str to int
        By device kind (as in ``device_model``).
    devices_moved_in : mapping of str to int
        Devices that come from another branch: the plan must free as many of the kind elsewhere.
    devices_covered : mapping of str to int
        Devices that are there already and that a contract or a change covers.
    people_trained : float
        People who learn something new for it.
    people_moved : float
        People whose post changes.
    """

    hours_added: Mapping[str, float] = field(default_factory=dict)
    hours_freed: Mapping[str, float] = field(default_factory=dict)
    devices_added: Mapping[str, int] = field(default_factory=dict)
    devices_removed: Mapping[str, int] = field(default_factory=dict)
    devices_moved_in: Mapping[str, int] = field(default_factory=dict)
    devices_covered: Mapping[str, int] = field(default_factory=dict)
    people_trained: float = 0.0
    people_moved: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """An intervention at one branch, in one size.

    Attributes
    ----------
    option_id : str
        ``branch:intervention:size:where``; the same proposal has the same code in every plan.
    branch_id, intervention : str
        Where and what.
    amount : float
        Its size; of windows how many, of rates a factor.
    target : str
        Station, class, pool or activity of the scenario that it changes; empty: the branch.
    window : tuple of int or None
        From and until, minutes after midnight; None: all day.
    iso_weekdays : tuple of int
        On which weekdays; empty: on all.
    settings : mapping of str to float
        Further numbers that the mechanism needs.
    quantities : Quantities
        What it adds and takes away.
    finding_ids : tuple of str
        Findings that raised it.
    lever : str
        Options of a branch with the same lever exclude each other.
    needs : tuple of str
        Codes of options without which it makes no sense.
    """

    option_id: str
    branch_id: str
    intervention: str
    amount: float
    target: str = ""
    window: tuple[int, int] | None = None
    iso_weekdays: tuple[int, ...] = ()
    settings: Mapping[str, float] = field(default_factory=dict)
    quantities: Quantities = field(default_factory=Quantities)
    finding_ids: tuple[str, ...] = ()
    lever: str
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a package changes of one measure.

    Attributes
    ----------
    measure, unit : str
        As in the catalogue of measures, ``twin.…`` for what only a simulation knows, or
        ``plan.late_or_lost_per_month``.
    customer_class, station : str or None
        Of whom and where; None: of all. ``elderly`` stands for all classes of 60 and over.
    baseline, value : float or None
        As the branch is, and with the package.
    difference, lower, upper : float or None
        Package minus baseline with its 95 % interval, in which chance and what is not known of
        the branch's parameters are both contained.
    is_association : bool
        Whether it rests on an association that was measured, not on a mechanism.
    """

    measure: str
    unit: str
    customer_class: str | None = None
    station: str | None = None
    baseline: float | None
    value: float | None
    difference: float | None
    lower: float | None
    upper: float | None
    is_association: bool = False

    @property
    def key(self) -> tuple[str, str | None, str | None]:
        """Measure, class and station."""
        return self.measure, self.customer_class, self.station


@dataclass(frozen=True, slots=True, kw_only=True)
class Appraisal:
    """A package tried in the twin, against the branch as it is, on the same customers.

    Attributes
    ----------
    package_id : str
        The codes of its options, sorted and joined by ``+``.
    branch_id : str
        The branch.
    option_ids : tuple of str
        Its options, sorted.
    standing : {"trusted", "waits_only", "not_trusted", "not_validated"}
        The verdict on the branch's twin; effects are empty unless it is one of the first two.
    effects : tuple of Effect
        What changes.
    draws, days : int
        Draws of the parameters, and days simulated of each.
    seed : int
        Of all chance.
    """

    package_id: str
    branch_id: str
    option_ids: tuple[str, ...]
    standing: Standing
    effects: tuple[Effect, ...] = ()
    draws: int = 0
    days: int = 0
    seed: int = 0

    def effect(
        self, measure: str, customer_class: str | None = None, station: str | None = None
    ) -> Effect | None:
        """Return the effect on a measure; None where it was not appraised."""
        wanted = (measure, customer_class, station)
        return next((found for found in self.effects if found.key == wanted), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What a package costs and saves; cash, hours and people are never added up.

    Attributes
    ----------
    once_minor : int
        Paid at the beginning.
    yearly_minor : int
        Paid every year, cash only.
    saved_minor : int
        Cash no longer spent, a year.
    hours_added, hours_freed : float
        Hours of staff a month; freed ones without those of the posts that become cash.
    people_trained, people_moved : float
        People who learn, and people whose post changes.
    posts_released : int
        Whole posts that are not filled again when somebody leaves: what `saved_minor` holds of
        staff.
    currency : str
        ISO 4217.
    """

    once_minor: int
    yearly_minor: int
    saved_minor: int
    hours_added: float = 0.0
    hours_freed: float = 0.0
    people_trained: float = 0.0
    people_moved: float = 0.0
    posts_released: int = 0
    currency: str


def package_id(option_ids: tuple[str, ...]) -> str:
    """Return the code of the package of some options.

    Examples
    --------
    >>> package_id(("B1:windows:2:teller", "B1:guide:1:"))
    'B1:guide:1:+B1:windows:2:teller'
    """
    return "+".join(sorted(option_ids))
