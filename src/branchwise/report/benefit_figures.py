"""The drawings of promised against measured: a strip of months, and both intervals on one line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from branchwise.core.languages import Text
from branchwise.core.units import MINUTE, SECONDS_BELOW, decimal, unit
from branchwise.report.benefit import Benefit
from branchwise.report.benefits import MonthLine, lines, promise_of, unit_of
from branchwise.report.drawing import Scale, dot, drawing, line, number, rectangle, ticks
from branchwise.report.phrases import say

LEFT, RIGHT, TOP, BOTTOM = 12.0, 99.0, 5.0, 84.0
NUMBERS = 97.0
MIDDLE = 50.0
PERCENT = 100
FARTHEST = 2.5
"""An interval of few days is drawn no farther than so many times what is promised or measured."""
MOST_LABELS = 7
ROOM = 0.08
DOTS = {"better": "here", "worse": "here worse", "unsure": "then"}


def month_chart(benefit: Benefit) -> Markup:
    """Draw each month's measured difference with its interval over the band that was promised.

    Across: the months since the start, last all days together, drawn larger; upwards: the
    difference in percentage points, minutes or the unit of the measure; the line at 0 is no
    change.
    """
    found = [one for one in lines(benefit) if one.measured is not None]
    promise = promise_of(benefit)
    if not found and promise is None:
        return Markup("")
    factor = _factor(benefit)
    lowest, highest = _domain(benefit, found)
    upwards = Scale(lowest=lowest, highest=highest, start=BOTTOM, end=TOP)
    across = Scale(lowest=0.5, highest=max(len(found), 1) + 0.5, start=LEFT, end=RIGHT)
    marks: list[Markup] = []
    if promise is not None and promise.lower is not None and promise.upper is not None:
        top, bottom = upwards.at(promise.upper), upwards.at(promise.lower)
        marks.append(rectangle(LEFT, top, RIGHT - LEFT, bottom - top, "band"))
    if promise is not None and promise.difference is not None:
        here = upwards.at(promise.difference)
        marks.append(line(LEFT, here, RIGHT, here, "median"))
    marks += _axis(upwards, factor)
    step = -(-len(found) // MOST_LABELS)
    for place, one in enumerate(found, 1):
        marks += _point(one, across.at(place), upwards)
        if not one.is_whole and (place - 1) % step == 0:
            marks.append(number(across.at(place), NUMBERS, one.month.en, "n middle"))
    return drawing(*marks, css="plot", height=190, aria_hidden="true")


def _point(one: MonthLine, x: float, upwards: Scale) -> Iterator[Markup]:
    effect = one.measured
    if effect is None or effect.difference is None:
        return
    if effect.lower is not None and effect.upper is not None:
        yield line(x, upwards.at(effect.lower), x, upwards.at(effect.upper), "whisker")
    yield dot(x, upwards.at(effect.difference), 6 if one.is_whole else 4, DOTS[one.state])


def _domain(benefit: Benefit, found: Sequence[MonthLine]) -> tuple[float, float]:
    """Return the ends of the upward axis: what is promised and measured, intervals cut off."""
    promise = promise_of(benefit)
    core = [0.0]
    ends: list[float] = []
    for effect in (promise, *(one.measured for one in found)):
        if effect is not None and effect.difference is not None:
            core.append(effect.difference)
            ends += [end for end in (effect.lower, effect.upper) if end is not None]
    reach = FARTHEST * max(abs(value) for value in core)
    if reach == 0:
        reach = max((abs(end) for end in ends), default=1.0) or 1.0
    lowest = min([*core, *(max(end, -reach) for end in ends)])
    highest = max([*core, *(min(end, reach) for end in ends)])
    room = ROOM * (highest - lowest or 1.0)
    return lowest - room, highest + room


def _axis(upwards: Scale, factor: float) -> Iterator[Markup]:
    shown = ticks(upwards.lowest * factor, upwards.highest * factor, 4)
    for tick in shown:
        y = upwards.at(tick / factor)
        yield line(LEFT, y, RIGHT, y, "zero" if tick == 0 else "grid")
        yield number(LEFT, y, decimal(tick, 1), "n end", dx="-6", dy="4")


def axis_unit(benefit: Benefit) -> Text:
    """Return in what the upward axis of `month_chart` counts."""
    symbol = unit_of(benefit.measure)
    if symbol == "share":
        return say("percentage points")
    if symbol == "s":
        return unit("s" if _factor(benefit) == 1 else "min").name
    return unit(symbol).name


def _factor(benefit: Benefit) -> float:
    """Return what a value is multiplied with to be read: shares in percent, seconds in minutes."""
    symbol = unit_of(benefit.measure)
    if symbol == "share":
        return float(PERCENT)
    known = (promise_of(benefit), *(one.measured for one in lines(benefit)))
    largest = max((abs(one.difference or 0.0) for one in known if one is not None), default=0.0)
    return 1 / MINUTE if symbol == "s" and largest >= SECONDS_BELOW else 1.0


def both_mark(benefit: Benefit) -> Markup:
    """Draw the promised interval as a band and the measured one as a dot with its whisker."""
    found = [one for one in lines(benefit) if one.is_whole and one.measured is not None]
    promise = promise_of(benefit)
    if promise is None:
        return Markup("")
    lowest, highest = _domain(benefit, found)
    scale = Scale(lowest=lowest, highest=highest, start=1, end=99)
    marks = [line(1, MIDDLE, 99, MIDDLE, "axis")]
    if promise.lower is not None and promise.upper is not None:
        low, high = scale.at(promise.lower), scale.at(promise.upper)
        marks.append(rectangle(low, 15, high - low, 70, "band"))
    marks.append(line(scale.at(0.0), 4, scale.at(0.0), 96, "median"))
    for one in found:
        effect = one.measured
        if effect is None or effect.difference is None:
            continue
        if effect.lower is not None and effect.upper is not None:
            marks.append(
                line(scale.at(effect.lower), MIDDLE, scale.at(effect.upper), MIDDLE, "whisker")
            )
        marks.append(dot(scale.at(effect.difference), MIDDLE, 4, DOTS[one.state]))
    return drawing(*marks, css="mark", height=20, aria_hidden="true")
