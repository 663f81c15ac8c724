"""Freed hours as whole posts: cash is saved only where a person who leaves is not replaced.

Nobody leaves by a quarter. Hours that a package frees at a branch become cash only as far as they
make up whole posts of one kind there; the rest stays hours freed, whatever they might be used for.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from branchwise.core.errors import Problems, Where
from branchwise.plan.cost_lines import (
    HOURLY,
    POST_HOURS,
    PRICE_OF_POST,
    WEEKS,
    CostItem,
    Prices,
    exact,
)
from branchwise.plan.proposal import CostLine, Intervention, Option, package_id

NEARLY = 1e-9


def net_freed(options: Iterable[Option]) -> dict[str, float]:
    """Return the hours a week that some options of one branch free, by post.

    Hours that another of them adds to the same post are taken off: who works them is not free.

    Examples
    --------
    >>> from branchwise.plan.proposal import Quantities
    >>> def option(**hours):
    ...     return Option(option_id="B:x:1:", branch_id="B", intervention="x", amount=1, lever="x",
    ...                   quantities=Quantities(**hours))
    >>> net_freed([option(hours_freed={"teller": 50.0, "advisor": 8.0}),
    ...            option(hours_added={"teller": 8.0})])
    {'advisor': 8.0, 'teller': 42.0}
    """
    found: dict[str, float] = {}
    for option in options:
        for post, hours in option.quantities.hours_freed.items():
            found[post] = found.get(post, 0.0) + hours
        for post, hours in option.quantities.hours_added.items():
            found[post] = found.get(post, 0.0) - hours
    return {post: found[post] for post in sorted(found) if found[post] > 0}


def whole_posts(freed: Mapping[str, float], *, share: float, post_hours: float) -> dict[str, int]:
    """Return how many posts of each kind freed hours make up.

    Parameters
    ----------
    freed : mapping of str to float
        Hours a week by post, of one branch.
    share : float
        Of these hours, those that can be gathered into posts, 0-1.
    post_hours : float
        Hours a week of one post, above 0.

    Examples
    --------
    >>> whole_posts({"teller": 79.0, "advisor": 40.0}, share=1.0, post_hours=40.0)
    {'teller': 1, 'advisor': 1}
    >>> whole_posts({"teller": 79.0}, share=0.5, post_hours=40.0)
    {}
    """
    found = {post: math.floor(share * hours / post_hours + NEARLY) for post, hours in freed.items()}
    return {post: count for post, count in found.items() if count > 0}


def is_of_posts(line: CostLine) -> bool:
    """Say whether a line is cash of staff who are no longer paid: that is so of whole posts."""
    return line.per == "hour_freed" and line.is_saving


def saved_posts(
    options: Sequence[Option],
    library: Mapping[str, Intervention],
    known: Prices,
    problems: Problems,
) -> list[CostItem]:
    """Return the whole posts that the options of each branch free together, by price.

    Parameters
    ----------
    options : sequence of Option
        Of one package, or of many.
    library : mapping of str to Intervention
        By name.
    known : Prices
        The assumptions.
    problems : Problems
        Where what is missing is noted.
    """
    freeing: dict[tuple[str, CostLine], list[Option]] = {}
    for option in options:
        entry = library.get(option.intervention)
        for line in () if entry is None else entry.costs:
            if is_of_posts(line) and any(option.quantities.hours_freed.values()):
                freeing.setdefault((option.branch_id, line), []).append(option)
    found = []
    for (branch_id, line), those in freeing.items():
        here = [option for option in options if option.branch_id == branch_id]
        item = _posts(here, those, line, known, problems)
        found += [] if item is None else [item]
    return found


def _posts(
    here: Sequence[Option],
    those: Sequence[Option],
    line: CostLine,
    known: Prices,
    problems: Problems,
) -> CostItem | None:
    names = (line.assumption, WEEKS, POST_HOURS, *([line.share] if line.share else []))
    values = [known.value(name, those[0], problems) for name in names]
    price, weeks, hours, *shares = (0.0 if value is None else value for value in values)
    if None in values:
        return None
    if hours <= 0:
        place = Where(column=POST_HOURS)
        problems.add("BW-PLN-022", place, name=POST_HOURS, value=hours, rule="> 0")
        return None
    freed = {
        post: count
        for post, count in net_freed(here).items()
        if line.assumption not in HOURLY or PRICE_OF_POST.get(post) == line.assumption
    }
    posts = sum(whole_posts(freed, share=math.prod(shares), post_hours=hours).values())
    if not posts:
        return None
    quantity = posts * hours * weeks
    return CostItem(
        option_id=package_id(tuple(option.option_id for option in those)),
        branch_id=those[0].branch_id,
        line=line,
        quantity=quantity,
        price=price,
        share=1.0,
        minor=(known.one * (exact(quantity) * exact(price))).minor,
        posts=posts,
    )
