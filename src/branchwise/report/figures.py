"""The drawings of the report: marks and numbers only, words stand in the HTML around them."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from datetime import date
from urllib.parse import quote

from markupsafe import Markup

from branchwise.core.languages import Text
from branchwise.core.units import decimal
from branchwise.plan.sentences import clock
from branchwise.report.deliveries import Coverage
from branchwise.report.drawing import (
    Scale,
    dot,
    drawing,
    element,
    line,
    number,
    path,
    percent,
    rectangle,
    stepped,
    ticks,
)
from branchwise.report.model import Comparison, Funnel, FunnelPoint, Goal, HalfHour, ServiceUse
from branchwise.report.numbers import MINUTE

Title = Callable[[Text], Markup]
HALF_HOUR = 30
LABEL_MINUTES, MANY_HALF_HOURS = 120, 24
LEFT, RIGHT, TOP, BOTTOM = 7.0, 99.0, 4.0, 90.0
MIDDLE = 50.0
ROOM = 1.08
LIMITS_SHOWN = 1.6


def peers_mark(comparison: Comparison, *, is_worse: bool) -> Markup:
    """Draw a value with its interval on the band of its peers, the standard as a tick.

    The band is the middle half of the peers, the short line their median.
    """
    today, peers = comparison.today, comparison.peers
    known = [today.value, today.lower, today.upper, comparison.standard, comparison.target]
    if peers is not None:
        known += [peers.lower, peers.upper]
    numbers = [value for value in known if value is not None and math.isfinite(value)]
    if today.value is None or not numbers:
        return Markup("")
    lowest, highest = min(*numbers, 0.0), max(*numbers, 0.0)
    scale = Scale(lowest=lowest, highest=highest * ROOM or 1.0, start=1, end=99)
    marks = [line(1, MIDDLE, 99, MIDDLE, "axis")]
    if peers is not None:
        start, end = scale.at(peers.lower), scale.at(peers.upper)
        marks.append(rectangle(start, 22, max(end - start, 0.8), 56, "band"))
        marks.append(line(scale.at(peers.median), 22, scale.at(peers.median), 78, "median"))
    if comparison.standard is not None:
        marks.append(
            line(scale.at(comparison.standard), 6, scale.at(comparison.standard), 94, "standard")
        )
    if today.lower is not None and today.upper is not None:
        marks.append(line(scale.at(today.lower), MIDDLE, scale.at(today.upper), MIDDLE, "whisker"))
    marks.append(dot(scale.at(today.value), MIDDLE, 4, "here worse" if is_worse else "here"))
    return drawing(*marks, css="mark", height=22, aria_hidden="true")


def goal_track(goal: Goal) -> Markup:
    """Draw baseline, target and the value now with its interval on one line."""
    now = goal.now
    known = [goal.baseline, goal.target, now.value, now.lower, now.upper]
    numbers = [value for value in known if value is not None and math.isfinite(value)]
    if now.value is None or not numbers:
        return Markup("")
    lowest, highest = min(numbers), max(numbers)
    room = (highest - lowest) * 0.12 or abs(highest) * 0.2 or 1.0
    scale = Scale(lowest=lowest - room, highest=highest + room, start=1, end=99)
    marks = [line(1, MIDDLE, 99, MIDDLE, "axis")]
    if goal.target is not None:
        marks.append(line(scale.at(goal.target), 12, scale.at(goal.target), 88, "standard"))
    if goal.baseline is not None:
        marks.append(dot(scale.at(goal.baseline), MIDDLE, 4, "then"))
    if now.lower is not None and now.upper is not None:
        marks.append(line(scale.at(now.lower), MIDDLE, scale.at(now.upper), MIDDLE, "whisker"))
    marks.append(dot(scale.at(now.value), MIDDLE, 5, "here"))
    return drawing(*marks, css="mark", height=26, aria_hidden="true")


def funnel_plot(
    funnel: Funnel,
    tooltip: Callable[[str], Markup],
    divide: float,
    *,
    sheets: Callable[[str], bool] | None = None,
    standard: float | None = None,
    worse: Collection[str] = (),
) -> Markup:
    """Draw every branch at its size and value on the band that chance would keep it in.

    Parameters
    ----------
    funnel : Funnel
        Points with the 95 % limits about each branch's own peers.
    tooltip : callable
        Title element of a branch.
    divide : float
        Values are divided by it for the axis (60 for minutes).
    sheets : callable, optional
        Whether a branch's sheet is on the page, so that its point leads there; all by default.
    standard : float, optional
        Drawn as a line.
    worse : collection of str
        Branches to mark besides those beyond their limit.
    """
    points = sorted(funnel.points, key=lambda point: point.size)
    highest = max(_funnel_top(points), (standard or 0.0) * ROOM)
    upwards = Scale(lowest=0, highest=highest or 1.0, start=BOTTOM, end=TOP)
    sizes = [point.size for point in points]
    across = Scale(lowest=min(sizes) * 0.9, highest=max(sizes) * ROOM, start=LEFT + 1, end=RIGHT)
    marks = list(_value_axis(upwards, highest, divide))
    marks += [
        number(across.at(tick), 98, decimal(tick, 0), "n middle")
        for tick in ticks(across.lowest, across.highest, 5)
        if tick > 0
    ]
    for point in points:
        x = across.at(point.size)
        marks.append(line(x, upwards.at(point.lower), x, upwards.at(point.upper), "chance"))
        marks.append(_tick(x, upwards.at(point.reference)))
    if standard is not None:
        level = upwards.at(standard)
        marks.append(line(LEFT, level, RIGHT, level, "standard"))
    for point in points:
        is_worse = point.value > point.upper or point.branch_id in worse
        css = "here worse" if is_worse else "here"
        mark = dot(across.at(point.size), upwards.at(point.value), 5, css, tooltip(point.branch_id))
        marks.append(linked(mark, point.branch_id, sheets))
    return drawing(*marks, css="plot", height=340, aria_hidden="true")


def _funnel_top(points: Sequence[FunnelPoint]) -> float:
    """Return the top of the axis: every value is inside, limits wider than that are cut off."""
    values = max(max(point.value, point.reference) for point in points)
    limits = max(point.upper for point in points)
    return min(max(values, limits), values * LIMITS_SHOWN) * ROOM


def _tick(x: float, y: float) -> Markup:
    return element(
        "rect",
        x=percent(x),
        y=percent(y),
        width=11,
        height=2,
        class_="reference",
        transform="translate(-5.5 -1)",
    )


def arrivals_strip(half_hours: Sequence[HalfHour]) -> Markup:
    """Draw the arrivals of an average day by half-hour."""
    across = _day(half_hours)
    highest = max(half.arrivals for half in half_hours) or 1.0
    upwards = Scale(lowest=0, highest=highest * ROOM, start=96, end=6)
    width = across.at(half_hours[0].minute + HALF_HOUR) - across.at(half_hours[0].minute)
    marks = list(_value_axis(upwards, highest * ROOM, 1, about=2))
    for half in half_hours:
        top = upwards.at(half.arrivals)
        marks.append(rectangle(across.at(half.minute), top, width * 0.88, 96 - top, "bar"))
    return drawing(*marks, css="plot", height=76, aria_hidden="true")


def windows_strip(half_hours: Sequence[HalfHour]) -> Markup:
    """Draw the windows open on an average day as a staircase."""
    across = _day(half_hours)
    known = [half for half in half_hours if half.open_windows is not None]
    highest = max((half.open_windows or 0.0 for half in known), default=0.0) * ROOM or 1.0
    upwards = Scale(lowest=0, highest=highest, start=96, end=8)
    width = across.at(half_hours[0].minute + HALF_HOUR) - across.at(half_hours[0].minute)
    points = [(across.at(half.minute), upwards.at(half.open_windows or 0.0)) for half in known]
    marks = [*_value_axis(upwards, highest, 1, about=2), path(stepped(points, width), "step")]
    return drawing(*marks, css="plot", height=58, aria_hidden="true")


def waits_strip(half_hours: Sequence[HalfHour], standard: float | None) -> Markup:
    """Draw median and P90 wait by half-hour, in minutes, with the standard as a line."""
    across = _day(half_hours)
    known = [half for half in half_hours if half.wait_p90_seconds is not None]
    top = max([half.wait_p90_seconds or 0.0 for half in known] + [standard or 0.0])
    upwards = Scale(lowest=0, highest=top * ROOM or 1.0, start=82, end=6)
    marks = list(_value_axis(upwards, top * ROOM or 1.0, MINUTE, about=3))
    if standard is not None:
        marks.append(line(LEFT, upwards.at(standard), RIGHT, upwards.at(standard), "standard"))
    width = across.at(half_hours[0].minute + HALF_HOUR) - across.at(half_hours[0].minute)
    for css, run in [(css, run) for run in _runs(half_hours) for css in ("p90", "p50")]:
        points = [
            (
                across.at(half.minute) + width / 2,
                upwards.at(
                    (half.wait_p90_seconds if css == "p90" else half.wait_median_seconds) or 0.0
                ),
            )
            for half in run
        ]
        marks.append(path(points, css) if len(points) > 1 else dot(*points[0], 2, f"{css} alone"))
    every = LABEL_MINUTES if len(half_hours) <= MANY_HALF_HOURS else 2 * LABEL_MINUTES
    marks += [
        number(across.at(half.minute), 98, clock(half.minute), "n middle")
        for half in half_hours
        if half.minute % every == 0
    ]
    return drawing(*marks, css="plot", height=118, aria_hidden="true")


def _runs(half_hours: Sequence[HalfHour]) -> list[list[HalfHour]]:
    """Return the half-hours with known waits, those without a gap together."""
    runs: list[list[HalfHour]] = []
    for before, half in zip([None, *half_hours], half_hours, strict=False):
        if half.wait_p90_seconds is None:
            continue
        if before is None or before.wait_p90_seconds is None:
            runs.append([])
        runs[-1].append(half)
    return runs


def mix_bar(service: ServiceUse, most: int) -> Markup:
    """Draw where one service is done: machine, counter, counter though it could migrate."""
    scale = Scale(lowest=0, highest=max(most, 1))
    marks, start = [], 0
    for css, size in (
        ("machine", service.machine),
        ("counter", service.counter_only),
        ("migrate", service.could_migrate),
    ):
        left, right = scale.at(start), scale.at(start + size)
        if size:
            marks.append(rectangle(left, 0, right - left, 100, css))
        start += size
    return drawing(*marks, css="mix", height=14, aria_hidden="true")


def days_bar(coverage: Coverage, first: date, last: date) -> Markup:
    """Draw the days on which a source delivered as one bar from first to last day."""
    days = (last - first).days + 1
    scale = Scale(lowest=0, highest=days)
    marks = [rectangle(0, 0, 100, 100, "gone")]
    for begins, ends in coverage.spells:
        left, right = scale.at((begins - first).days), scale.at((ends - first).days + 1)
        marks.append(rectangle(left, 0, right - left, 100, "there"))
    return drawing(*marks, css="days", height=12, aria_hidden="true")


def dumbbell(everyone: float, old: float, highest: float) -> Markup:
    """Draw the wait of everybody and of the elderly as two points on one line."""
    scale = Scale(lowest=0, highest=highest * ROOM or 1.0, start=1, end=99)
    a, b = scale.at(everyone), scale.at(old)
    marks = [
        line(1, MIDDLE, 99, MIDDLE, "axis"),
        line(a, MIDDLE, b, MIDDLE, "whisker"),
        dot(a, MIDDLE, 4, "then"),
        dot(b, MIDDLE, 4.5, "here worse" if old > everyone else "here"),
    ]
    return drawing(*marks, css="mark", height=22, aria_hidden="true")


def bar(value: float, highest: float, *, is_worse: bool) -> Markup:
    """Draw one bar in a table cell."""
    width = Scale(lowest=0, highest=highest or 1.0).at(value)
    return drawing(
        rectangle(0, 0, width, 100, "bar worse" if is_worse else "bar"),
        css="cellbar",
        height=5,
        aria_hidden="true",
    )


def _day(half_hours: Sequence[HalfHour]) -> Scale:
    first, last = half_hours[0].minute, half_hours[-1].minute + HALF_HOUR
    return Scale(lowest=first, highest=last, start=LEFT, end=RIGHT)


def _value_axis(upwards: Scale, highest: float, divide: float, about: int = 4) -> Sequence[Markup]:
    marks = []
    for tick in ticks(0, highest / divide, about):
        y = upwards.at(tick * divide)
        marks.append(line(LEFT, y, RIGHT, y, "zero" if tick == 0 else "grid"))
        marks.append(number(LEFT, y, decimal(tick, 2), "n end", dx="-6", dy="4"))
    return marks


def linked(mark: Markup, branch_id: str, sheets: Callable[[str], bool] | None) -> Markup:
    """Return a mark that leads to a branch's sheet, where that is on the page."""
    if sheets is not None and not sheets(branch_id):
        return mark
    return element("a", mark, href=anchor(branch_id), tabindex="-1")


def anchor(branch_id: str) -> str:
    """Return the link to a branch's sheet on the page.

    Examples
    --------
    >>> anchor("00317"), anchor("a;b")
    ('#branch-00317', '#branch-a%3Bb')
    """
    return f"#branch-{quote(branch_id, safe='')}"
