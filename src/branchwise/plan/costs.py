"""What a package costs and saves: the lines of the library times what its options add and free.

Hours are given by the week; a year has `open_weeks_per_year` of them, a month a twelfth of that.
A line whose price is that of an hour of a post counts the hours of that post only, so that an
intervention may name the price of every post it might use. Freed hours of the bank's own staff are
no cash, but for the whole posts that they make up at one branch (`plan.posts`), on lines that the
library marks as savings.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from branchwise.core.errors import Problems, Where, failure
from branchwise.plan.cost_lines import (
    HOURLY,
    POST_HOURS,
    PRICE_OF_POST,
    WEEKS,
    CostItem,
    Prices,
    exact,
)
from branchwise.plan.posts import is_of_posts, saved_posts
from branchwise.plan.proposal import CostLine, Costs, Intervention, Option
from branchwise.tables.assumptions import Assumptions

MONTHS = 12
WEEKS_PER_QUARTER = 13


def costs_of(
    options: Iterable[Option], library: Mapping[str, Intervention], assumptions: Assumptions
) -> Costs:
    """Return what some options cost and save together.

    Parameters
    ----------
    options : iterable of Option
        Of one package, or of many.
    library : mapping of str to Intervention
        The interventions by name.
    assumptions : Assumptions
        Prices in force.

    Returns
    -------
    Costs
        A saving that comes once (a device sold) is taken off what is paid once.

    Raises
    ------
    BranchwiseError
        [BW-PLN-020] for an assumption that is missing or no number; [BW-PLN-021] for an option
        whose intervention the library does not have.

    Examples
    --------
    >>> from branchwise.tables.assumptions import default_assumptions
    >>> costs_of((), {}, default_assumptions()).once_minor
    0
    """
    listed = tuple(options)
    items = cost_items(listed, library, assumptions)
    monthly = _weeks(listed, assumptions) / MONTHS
    freed = monthly * math.fsum(_all(option.quantities.hours_freed) for option in listed)
    in_posts = math.fsum(item.quantity for item in items if item.posts) / MONTHS
    return Costs(
        once_minor=_sum(items, "once", is_saving=False) - _sum(items, "once", is_saving=True),
        yearly_minor=_sum(items, "yearly", is_saving=False),
        saved_minor=_sum(items, "yearly", is_saving=True),
        hours_added=monthly * math.fsum(_all(option.quantities.hours_added) for option in listed),
        hours_freed=freed - in_posts,
        people_trained=math.fsum(option.quantities.people_trained for option in listed),
        people_moved=math.fsum(option.quantities.people_moved for option in listed),
        posts_released=sum(item.posts for item in items),
        currency=assumptions.currency,
    )


def cost_items(
    options: Sequence[Option], library: Mapping[str, Intervention], assumptions: Assumptions
) -> tuple[CostItem, ...]:
    """Return every line of some options with its numbers; lines of quantity 0 are left out.

    Raises
    ------
    BranchwiseError
        As `costs_of`.
    """
    known = Prices(assumptions)
    problems = Problems()
    items = []
    for option in options:
        intervention = library.get(option.intervention)
        if intervention is None:
            place = Where(place=option.option_id)
            listed = ", ".join(sorted(library)) or "–"
            problems.add("BW-PLN-021", place, name=option.intervention, known=listed)
            continue
        items += [
            item
            for line in intervention.costs
            if not is_of_posts(line) and (item := _item(option, line, known, problems)) is not None
        ]
    items += saved_posts(options, library, known, problems)
    problems.raise_if_any()
    return tuple(items)


def unpriced_hours(option: Option, intervention: Intervention) -> tuple[str, ...]:
    """Return the posts whose added hours no line of the intervention prices.

    Hours that existing staff work at other times cost nothing more; the reader must see which
    those are.

    Examples
    --------
    >>> from branchwise.plan.proposal import Quantities
    >>> option = Option(
    ...     option_id="B:x:1:", branch_id="B", intervention="x", amount=1, lever="x",
    ...     quantities=Quantities(hours_added={"teller": 2.0}),
    ... )
    >>> unpriced_hours(option, example_intervention())
    ('teller',)
    """
    lines = [line.assumption for line in intervention.costs if line.per == "hour_added"]
    if any(name not in HOURLY for name in lines):
        return ()
    added = option.quantities.hours_added
    return tuple(
        post for post in sorted(added) if added[post] > 0 and PRICE_OF_POST.get(post) not in lines
    )


def lead_quarters(options: Iterable[Option], library: Mapping[str, Intervention]) -> int:
    """Return the whole quarters from the decision until all of some options work.

    Examples
    --------
    >>> lead_quarters((), {})
    0
    """
    weeks = max((library[option.intervention].lead_weeks for option in options), default=0)
    return math.ceil(weeks / WEEKS_PER_QUARTER)


def assumptions_used(
    options: Iterable[Option], library: Mapping[str, Intervention]
) -> tuple[str, ...]:
    """Return the names of the assumptions on which the costs of some options rest, sorted."""
    used: set[str] = set()
    for option in options:
        for line in library[option.intervention].costs:
            quantity = _quantity(option, line, 1.0)
            if not quantity:
                continue
            used |= {line.assumption, *([line.share] if line.share else [])}
            used |= {WEEKS} if line.per in ("hour_added", "hour_freed") else set()
            used |= {POST_HOURS} if is_of_posts(line) else set()
    return tuple(sorted(used))


def needed(assumptions: Assumptions, name: str, purpose: str) -> float:
    """Return the value of an assumption without which something cannot be reckoned.

    Parameters
    ----------
    assumptions : Assumptions
        Those in force.
    name : str
        Which one.
    purpose : str
        For what, as a code that people know (an option, ``plan``).

    Raises
    ------
    BranchwiseError
        [BW-PLN-020] if it is missing or no number.

    Examples
    --------
    >>> from branchwise.tables.assumptions import default_assumptions
    >>> needed(default_assumptions(), "open_weeks_per_year", "plan")
    50.0
    """
    entry = assumptions.get(name)
    if entry is None or not math.isfinite(entry.value):
        raise failure("BW-PLN-020", Where(place=purpose, column=name), name=name, purpose=purpose)
    return entry.value


def example_intervention() -> Intervention:
    """Return an intervention without costs, for examples and tests."""
    from branchwise.core.languages import Text

    nothing = Text(en="", zh_hant="", zh_hans="")
    return Intervention(
        name="x",
        label=nothing,
        works=nothing,
        mechanism="",
        themes=(),
        lead_weeks=0,
        owner=nothing,
        worse_off=nothing,
        measure="queues.within_standard_share",
        guard_rail="queues.abandoned_share",
    )


def _item(option: Option, line: CostLine, known: Prices, problems: Problems) -> CostItem | None:
    is_hourly = line.per in ("hour_added", "hour_freed")
    if not _quantity(option, line, 1.0):
        return None
    weeks = known.value(WEEKS, option, problems) if is_hourly else 1.0
    price = known.value(line.assumption, option, problems)
    share = 1.0 if line.share is None else known.value(line.share, option, problems)
    if weeks is None or price is None or share is None:
        return None
    quantity = _quantity(option, line, weeks)
    amount = known.one * (exact(quantity) * exact(price) * exact(share))
    return CostItem(
        option_id=option.option_id,
        branch_id=option.branch_id,
        line=line,
        quantity=quantity,
        price=price,
        share=share,
        minor=amount.minor,
    )


def _quantity(option: Option, line: CostLine, weeks: float) -> float:
    """Return what a price is multiplied with; of hours a year, given the weeks of one."""
    held = option.quantities
    match line.per:
        case "branch":
            return 1.0
        case "unit":
            return _units(option)
        case "unit_removed":
            return _all(held.devices_removed)
        case "person_trained":
            return held.people_trained
        case "hour_added":
            return _hours(held.hours_added, line.assumption) * weeks
        case "hour_freed":
            return _hours(held.hours_freed, line.assumption) * weeks


def _units(option: Option) -> float:
    """Return the devices that come or are covered; of a change without devices its size."""
    held = option.quantities
    kinds = (held.devices_added, held.devices_moved_in, held.devices_covered)
    return math.fsum(map(_all, kinds)) if any(kinds) else option.amount


def _hours(hours: Mapping[str, float], price: str) -> float:
    if price not in HOURLY:
        return _all(hours)
    return math.fsum(count for post, count in hours.items() if PRICE_OF_POST.get(post) == price)


def _all(counts: Mapping[str, float] | Mapping[str, int]) -> float:
    return math.fsum(counts.values())


def _weeks(options: Sequence[Option], assumptions: Assumptions) -> float:
    hours = any(
        option.quantities.hours_added or option.quantities.hours_freed for option in options
    )
    return needed(assumptions, WEEKS, "plan") if hours else 0.0


def _sum(items: Iterable[CostItem], timing: str, *, is_saving: bool) -> int:
    return sum(
        item.minor
        for item in items
        if item.line.timing == timing and item.line.is_saving == is_saving
    )
