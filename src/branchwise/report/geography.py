"""The map of the network: points where the branches lie, their regions as soft shapes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from markupsafe import Markup

from branchwise.report.drawing import PERCENT, Scale, dot, drawing, number, path
from branchwise.report.figures import linked
from branchwise.report.model import Branch

NAMED_MOST, NAME_WIDE, NAME_HIGH = 10, 30.0, 5.0
FULL_SIZE_UP_TO = 60
NAME_LETTER, NAME_GAP, REGION_ABOVE = 2.3, 4.0, 26


def network_map(
    branches: Sequence[Branch],
    tooltip: Callable[[str], Markup],
    *,
    sheets: Callable[[str], bool] | None = None,
    worse: set[str],
) -> Markup:
    """Draw the branches where they lie, regions as soft shapes; no tiles, no request.

    The area of a point is the branch's number of visits. Longitudes are shortened by the cosine
    of the mean latitude, so that shapes are true near the bank. A point leads to its
    branch's sheet, where `sheets` says that it is on the page.
    """
    placed = [b for b in branches if b.latitude is not None and b.longitude is not None]
    x, y, ratio = _projection(placed)
    position = {b.branch_id: (x.at(b.longitude or 0), y.at(b.latitude or 0)) for b in placed}
    marks = []
    for region in sorted({branch.region for branch in placed}):
        corners = hull([position[b.branch_id] for b in placed if b.region == region])
        if len(corners) > 1:
            marks.append(path(corners, "region", closed=True))
    largest = max((branch.count_visits for branch in placed), default=1) or 1
    room = min(1.0, math.sqrt(FULL_SIZE_UP_TO / max(len(placed), 1)))
    for branch in sorted(placed, key=lambda branch: -branch.count_visits):
        radius = 3 + room * (1 + 9 * math.sqrt(branch.count_visits / largest))
        css = "here worse" if branch.branch_id in worse else "here"
        here = position[branch.branch_id]
        mark = dot(*here, round(radius, 1), css, tooltip(branch.branch_id))
        marks.append(linked(mark, branch.branch_id, sheets))
    titles = _titles(placed, position)
    marks += [number(x, y, region, "area middle", dy=-REGION_ABOVE) for region, x, y in titles]
    taken = [*position.values(), *((x, y - NAME_HIGH) for _, x, y in titles)]
    marks += _names([b for b in placed if b.branch_id in worse], position, taken)
    return drawing(*marks, css="plot map", style=f"aspect-ratio:{ratio:.3f}", aria_hidden="true")


def _titles(
    placed: Sequence[Branch], position: dict[str, tuple[float, float]]
) -> list[tuple[str, float, float]]:
    """Return each region's name with the place of its northern edge."""
    found = []
    for region in sorted({branch.region for branch in placed}):
        spots = [position[branch.branch_id] for branch in placed if branch.region == region]
        found.append((region, sum(x for x, _ in spots) / len(spots), min(y for _, y in spots)))
    return found


def _names(
    branches: Sequence[Branch],
    position: dict[str, tuple[float, float]],
    taken: Sequence[tuple[float, float]],
) -> list[Markup]:
    """Write the names that cover neither a point nor another name, of the largest branches."""
    marks: list[Markup] = []
    boxes: list[tuple[float, float]] = []
    for branch in sorted(branches, key=lambda branch: -branch.count_visits):
        x, y = position[branch.branch_id]
        wide = min(NAME_WIDE, NAME_LETTER * len(branch.name)) + NAME_GAP
        for side in (1, -1):
            is_free = 0 < x + side * wide < PERCENT and not any(
                0 < (a - x) * side < wide and abs(b - y) < NAME_HIGH for a, b in taken
            )
            middle = x + side * wide / 2
            clear = all(abs(middle - a) > wide or abs(y - b) > NAME_HIGH for a, b in boxes)
            if is_free and clear and len(boxes) < NAMED_MOST:
                boxes.append((middle, y))
                css = "name" if side > 0 else "name end"
                marks.append(number(x, y, branch.name, css, dx=15 * side, dy=4))
                break
    return marks


def _projection(placed: Sequence[Branch]) -> tuple[Scale, Scale, float]:
    longitudes = [branch.longitude or 0.0 for branch in placed]
    latitudes = [branch.latitude or 0.0 for branch in placed]
    squeeze = math.cos(math.radians(sum(latitudes) / len(latitudes)))
    wide = max((max(longitudes) - min(longitudes)) * squeeze, 0.01)
    high = max(max(latitudes) - min(latitudes), 0.01)
    ratio = min(max(wide / high, 1.05), 2.2)
    margin_x = max(wide, high * ratio) * 1.16 / squeeze
    margin_y = margin_x * squeeze / ratio
    middle_x = (max(longitudes) + min(longitudes)) / 2
    middle_y = (max(latitudes) + min(latitudes)) / 2
    across = Scale(lowest=middle_x - margin_x / 2, highest=middle_x + margin_x / 2)
    upwards = Scale(
        lowest=middle_y - margin_y / 2, highest=middle_y + margin_y / 2, start=100, end=0
    )
    return across, upwards, ratio


def hull(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the corners of the convex hull, by Andrew's monotone chain.

    References
    ----------
    Andrew (1979), Information Processing Letters 9(5), 216-219, doi:10.1016/0020-0190(79)90072-3.

    Examples
    --------
    >>> hull([(0, 0), (2, 0), (1, 1), (2, 2), (0, 2)])
    [(0, 0), (2, 0), (2, 2), (0, 2)]
    """
    ordered = sorted(set(points))
    if len(ordered) < 3:  # noqa: PLR2004
        return ordered
    lower, upper = _chain(ordered), _chain(ordered[::-1])
    return lower[:-1] + upper[:-1]


def _chain(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    kept: list[tuple[float, float]] = []
    for x, y in points:
        while len(kept) > 1:
            (ax, ay), (bx, by) = kept[-2], kept[-1]
            if (bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0:
                break
            kept.pop()
        kept.append((x, y))
    return kept
