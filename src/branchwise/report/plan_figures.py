"""The drawings of a plan: budgets, cash by year, swings, changes with their intervals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from branchwise.core.units import decimal
from branchwise.plan.case import Swing
from branchwise.plan.document import Plan
from branchwise.plan.proposal import Effect
from branchwise.plan.select import FrontierPoint
from branchwise.report.drawing import Scale, dot, drawing, line, number, path, rectangle, ticks
from branchwise.report.plan_case import Year, thousands

LEFT, RIGHT, TOP, BOTTOM = 9.0, 98.0, 5.0, 88.0
NUMBERS = 99.0
MIDDLE = 50.0
ROOM = 1.08
BAR = 0.3


def frontier_points(plan: Plan) -> list[FrontierPoint]:
    """Return the budgets within which everything that must be can be."""
    return [point for point in plan.frontier if point.status != "infeasible"]


def frontier_chart(plan: Plan) -> Markup:
    """Draw what each budget of capital brings at best, and where the plan stands.

    Across: the budget in thousands of the currency; upwards: customers a month who no longer wait
    too long or leave.
    """
    points = frontier_points(plan)
    currency = plan.currency
    spent = thousands(plan.case.costs.once_minor, currency)
    avoided = _avoided(plan)
    across_to = max([thousands(point.capital_minor, currency) for point in points] + [spent])
    up_to = max([point.late_or_lost_avoided for point in points] + [avoided])
    across = Scale(lowest=0, highest=across_to * ROOM or 1.0, start=LEFT, end=RIGHT)
    upwards = Scale(lowest=0, highest=up_to * ROOM or 1.0, start=BOTTOM, end=TOP)
    marks = [*_axis_up(upwards), *_axis_across(across)]
    places = [
        (across.at(thousands(one.capital_minor, currency)), upwards.at(one.late_or_lost_avoided))
        for one in points
    ]
    marks.append(path(_staircase(places), "step"))
    marks += [dot(x, y, 3, "here") for x, y in places]
    marks.append(dot(across.at(spent), upwards.at(avoided), 6.5, "here worse"))
    return drawing(*marks, css="plot", height=240, aria_hidden="true")


def _avoided(plan: Plan) -> float:
    """Return the customers that the plan's own packages keep, as the frontier counts them."""
    chosen = {begun.candidate_id for begun in plan.decision.chosen}
    return -sum(
        one.late_or_lost_change for one in plan.problem.candidates if one.candidate_id in chosen
    )


def _staircase(places: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the corners of steps: a budget between two points brings what the lower one does."""
    corners: list[tuple[float, float]] = []
    for x, y in places:
        if corners:
            corners.append((x, corners[-1][1]))
        corners.append((x, y))
    return corners


def _axis_up(upwards: Scale, about: int = 4) -> Iterator[Markup]:
    for tick in ticks(upwards.lowest, upwards.highest, about):
        y = upwards.at(tick)
        yield line(LEFT, y, RIGHT, y, "zero" if tick == 0 else "grid")
        yield number(LEFT, y, decimal(tick, 1), "n end", dx="-6", dy="4")


def _axis_across(across: Scale) -> Iterator[Markup]:
    for tick in ticks(across.lowest, across.highest, 5):
        yield number(across.at(tick), NUMBERS, decimal(tick, 1), "n middle")


def cash_chart(years: Sequence[Year], currency: str) -> Markup:
    """Draw the cash of each year, paid downwards and saved upwards, and what is left in sum.

    In thousands of the currency; the line is the sum to the end of each year.
    """

    def worth(minor: int) -> float:
        return thousands(minor, currency)

    ups = [worth(year.saved_minor) for year in years]
    downs = [-worth(year.once_minor + year.yearly_minor) for year in years]
    totals = [worth(year.total_minor) for year in years]
    lowest, highest = min([*downs, *totals, 0.0]), max([*ups, *totals, 0.0])
    if lowest == highest:
        lowest, highest = -1.0, 1.0
    upwards = Scale(lowest=lowest * ROOM, highest=highest * ROOM, start=BOTTOM, end=TOP)
    across = Scale(lowest=0.5, highest=len(years) + 0.5, start=LEFT, end=RIGHT)
    marks = list(_axis_up(upwards))
    half = (across.at(1 + BAR) - across.at(1)) if years else 0.0
    for year in years:
        x, zero = across.at(year.year) - half, upwards.at(0.0)
        once = upwards.at(-worth(year.once_minor))
        paid = upwards.at(-worth(year.once_minor + year.yearly_minor))
        saved = upwards.at(worth(year.saved_minor))
        marks.append(rectangle(x, zero, 2 * half, once - zero, "paid once"))
        marks.append(rectangle(x, once, 2 * half, paid - once, "paid"))
        marks.append(rectangle(x, saved, 2 * half, zero - saved, "saved"))
        marks.append(number(across.at(year.year), NUMBERS, str(year.year), "n middle"))
    places = [(across.at(year.year), upwards.at(worth(year.total_minor))) for year in years]
    marks.append(path(places, "total"))
    marks += [dot(x, y, 3, "then") for x, y in places]
    return drawing(*marks, css="plot", height=220, aria_hidden="true")


def swing_mark(swing: Swing, swings: Sequence[Swing], present_minor: int) -> Markup:
    """Draw between which present values one assumption moves the plan, on the scale of all.

    The line is the present value as it stands, the lighter part the lower end of the range.
    """
    ends = [end for one in swings for end in (one.at_lower_minor, one.at_upper_minor)]
    scale = Scale(
        lowest=min([*ends, present_minor]),
        highest=max([*ends, present_minor]),
        start=1,
        end=99,
    )
    here = scale.at(present_minor)
    marks = [line(1, MIDDLE, 99, MIDDLE, "axis")]
    for end, css in ((swing.at_lower_minor, "at-lower"), (swing.at_upper_minor, "at-upper")):
        there = scale.at(end)
        marks.append(rectangle(min(here, there), 20, abs(there - here), 60, css))
    marks.append(line(here, 0, here, 100, "standard"))
    return drawing(*marks, css="mark", height=18, aria_hidden="true")


def change_mark(effect: Effect, largest: float, *, state: str) -> Markup:
    """Draw a difference with its interval about the line of no change."""
    if effect.difference is None:
        return Markup("")
    top = largest * ROOM or 1.0
    scale = Scale(lowest=-top, highest=top, start=1, end=99)
    marks = [line(1, MIDDLE, 99, MIDDLE, "axis"), line(MIDDLE, 8, MIDDLE, 92, "median")]
    if effect.lower is not None and effect.upper is not None:
        marks.append(
            line(scale.at(effect.lower), MIDDLE, scale.at(effect.upper), MIDDLE, "whisker")
        )
    css = {"better": "here", "worse": "here worse"}.get(state, "then")
    marks.append(dot(scale.at(effect.difference), MIDDLE, 4, css))
    return drawing(*marks, css="mark", height=20, aria_hidden="true")


def own_mark(effect: Effect, *, state: str) -> Markup:
    """Draw a difference with its interval on a scale of its own."""
    ends = (effect.lower, effect.upper, effect.difference)
    return change_mark(
        effect, max((abs(e) for e in ends if e is not None), default=0.0), state=state
    )


def today_mark(effect: Effect) -> Markup:
    """Draw a share today and proposed as two points on one line from 0 to 1."""
    if effect.baseline is None or effect.value is None:
        return Markup("")
    scale = Scale(lowest=0, highest=1, start=1, end=99)
    a, b = scale.at(effect.baseline), scale.at(effect.value)
    marks = [
        line(1, MIDDLE, 99, MIDDLE, "axis"),
        line(a, MIDDLE, b, MIDDLE, "whisker"),
        dot(a, MIDDLE, 4, "then"),
        dot(b, MIDDLE, 4.5, "here"),
    ]
    return drawing(*marks, css="mark", height=20, aria_hidden="true")


def use_bar(used: float, limit: float | None) -> Markup:
    """Draw how much of a capacity is used; without a limit nothing is drawn."""
    if not limit:
        return Markup("")
    width = Scale(lowest=0, highest=max(limit, used)).at(used)
    marks = [rectangle(0, 0, 100, 100, "gone"), rectangle(0, 0, width, 100, "there")]
    return drawing(*marks, css="days", height=8, aria_hidden="true")
