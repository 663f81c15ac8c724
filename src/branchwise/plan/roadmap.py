"""The roadmap: waves by quarter, milestones with their owners, capacity used, risks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, get_args

from branchwise.core.languages import Text
from branchwise.plan.case import Undertaking
from branchwise.plan.costs import costs_of
from branchwise.plan.promises import Promise, quarter_starts_on, works_from
from branchwise.plan.proposal import Intervention, Option, package_id
from branchwise.tables.assumptions import Assumptions

Step = Literal["decision", "procurement", "training", "go_live", "measured"]
STEPS: tuple[Step, ...] = get_args(Step)
PROCURED_AT, TRAINED_AT = 0.6, 0.9
PROCUREMENT, TRAINING = "procurement", "training"


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """Something that is done by a day.

    Attributes
    ----------
    due_on : date
        By when.
    step : {"decision", "procurement", "training", "go_live", "measured"}
        What is done: the package decided, machines ordered and there, people trained, the package
        at work, its verdict there.
    branch_id, package_id : str
        Where, of what.
    owners : tuple of Text
        Who is responsible, by role.
    """

    due_on: date
    step: Step
    branch_id: str
    package_id: str
    owners: tuple[Text, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """Capacity of delivery used in a quarter.

    Attributes
    ----------
    trade : str
        ``training``, ``it``, ``works``, ``procurement``.
    used : float
        Units.
    limit : float or None
        Units that the quarter has; None: no limit was given.
    """

    trade: str
    used: float
    limit: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """What begins in one quarter.

    Attributes
    ----------
    quarter : int
        From 0.
    starts_on, ends_on : date
        Its first and last day.
    branches : tuple of str
        Which begin.
    option_ids : tuple of str
        What they begin.
    once_minor : int
        Capital paid, in minor units.
    uses : tuple of Use
        Capacity by trade.
    """

    quarter: int
    starts_on: date
    ends_on: date
    branches: tuple[str, ...]
    option_ids: tuple[str, ...]
    once_minor: int
    uses: tuple[Use, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """What an intervention needs or risks, and at how many branches.

    Attributes
    ----------
    kind : {"prerequisite", "risk", "worse_off"}
        What it is.
    intervention : str
        Of which.
    text : Text
        In words.
    branches : tuple of str
        Where.
    """

    kind: Literal["prerequisite", "risk", "worse_off"]
    intervention: str
    text: Text
    branches: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Roadmap:
    """Waves, milestones by day, and what to mind."""

    waves: tuple[Wave, ...]
    milestones: tuple[Milestone, ...]
    concerns: tuple[Concern, ...]


def roadmap(
    undertakings: Sequence[Undertaking],
    library: Mapping[str, Intervention],
    assumptions: Assumptions,
    *,
    promised: Sequence[Promise],
    plan_starts_on: date,
    capacity: Mapping[str, float] | None = None,
) -> Roadmap:
    """Return when what is done where, by whom, and what that takes.

    Parameters
    ----------
    undertakings : sequence of Undertaking
        What is begun where and when.
    library : mapping of str to Intervention
        The interventions by name.
    assumptions : Assumptions
        Prices.
    promised : sequence of Promise
        Give the days of the verdicts.
    plan_starts_on : date
        First day of quarter 0.
    capacity : mapping of str to float, optional
        Units of delivery a quarter by trade.

    Raises
    ------
    BranchwiseError
        As `branchwise.plan.costs.costs_of`.
    """
    verdicts: dict[str, date] = {}
    for promise in promised:
        known = verdicts.get(promise.package_id, promise.measured_on)
        verdicts[promise.package_id] = max(known, promise.measured_on)
    milestones = [
        milestone
        for undertaking in undertakings
        for milestone in _milestones(undertaking, library, plan_starts_on, verdicts)
    ]
    order = {step: place for place, step in enumerate(STEPS)}
    quarters = sorted({undertaking.quarter for undertaking in undertakings})
    return Roadmap(
        waves=tuple(
            _wave(
                [one for one in undertakings if one.quarter == quarter],
                library,
                assumptions,
                plan_starts_on,
                capacity or {},
            )
            for quarter in quarters
        ),
        milestones=tuple(
            sorted(milestones, key=lambda one: (one.due_on, order[one.step], one.branch_id))
        ),
        concerns=_concerns(undertakings, library),
    )


def _wave(
    begun: Sequence[Undertaking],
    library: Mapping[str, Intervention],
    assumptions: Assumptions,
    plan_starts_on: date,
    capacity: Mapping[str, float],
) -> Wave:
    quarter = begun[0].quarter
    options = [option for undertaking in begun for option in undertaking.options]
    used: dict[str, float] = {}
    for option in options:
        for trade, units in library[option.intervention].effort.items():
            used[trade] = used.get(trade, 0.0) + units
    return Wave(
        quarter=quarter,
        starts_on=quarter_starts_on(plan_starts_on, quarter),
        ends_on=quarter_starts_on(plan_starts_on, quarter + 1) - timedelta(days=1),
        branches=tuple(sorted(undertaking.branch_id for undertaking in begun)),
        option_ids=tuple(sorted(option.option_id for option in options)),
        once_minor=costs_of(options, library, assumptions).once_minor,
        uses=tuple(
            Use(trade=trade, used=units, limit=capacity.get(trade))
            for trade, units in sorted(used.items())
        ),
    )


def _milestones(
    undertaking: Undertaking,
    library: Mapping[str, Intervention],
    plan_starts_on: date,
    verdicts: Mapping[str, date],
) -> list[Milestone]:
    begun = quarter_starts_on(plan_starts_on, undertaking.quarter)
    live = works_from(undertaking, library, plan_starts_on)
    lead = (live - begun).days
    code = package_id(tuple(option.option_id for option in undertaking.options))
    dates: dict[Step, date] = {"decision": begun, "go_live": live}
    used = {
        trade
        for option in undertaking.options
        for trade, units in library[option.intervention].effort.items()
        if units > 0
    }
    if PROCUREMENT in used:
        dates["procurement"] = begun + timedelta(days=int(lead * PROCURED_AT))
    if TRAINING in used or any(one.quantities.people_trained for one in undertaking.options):
        dates["training"] = begun + timedelta(days=int(lead * TRAINED_AT))
    if code in verdicts:
        dates["measured"] = verdicts[code]
    owners = _owners(undertaking.options, library)
    return [
        Milestone(
            due_on=dates[step],
            step=step,
            branch_id=undertaking.branch_id,
            package_id=code,
            owners=owners,
        )
        for step in STEPS
        if step in dates
    ]


def _owners(options: Sequence[Option], library: Mapping[str, Intervention]) -> tuple[Text, ...]:
    return tuple(dict.fromkeys(library[option.intervention].owner for option in options))


def _concerns(
    undertakings: Sequence[Undertaking], library: Mapping[str, Intervention]
) -> tuple[Concern, ...]:
    where: dict[str, set[str]] = {}
    for undertaking in undertakings:
        for option in undertaking.options:
            where.setdefault(option.intervention, set()).add(undertaking.branch_id)
    found = []
    for name in sorted(where):
        entry, branches = library[name], tuple(sorted(where[name]))
        for kind, texts in (
            ("prerequisite", entry.prerequisites),
            ("risk", entry.risks),
            ("worse_off", (entry.worse_off,)),
        ):
            found += [
                Concern(kind=kind, intervention=name, text=text, branches=branches)  # type: ignore[arg-type]
                for text in texts
                if text.en
            ]
    return tuple(found)
