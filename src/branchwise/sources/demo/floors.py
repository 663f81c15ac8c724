"""Floors: zones and fixtures of each branch, in metres from its own origin."""

from __future__ import annotations

import math
from dataclasses import dataclass

from branchwise.sources.demo.network import Branch

WINDOW_METRES = 1.8
BAND_SHARES = {"front": 0.25, "hall": 0.45, "back": 0.30}


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """Zones and fixtures as rows of text, in the columns of the raw files."""

    zones: tuple[dict[str, str], ...]
    fixtures: tuple[dict[str, str], ...]


def floor_of(branch: Branch) -> Floor:
    """Lay out a branch: entrance and self-service in front, hall, counters at the back.

    Examples
    --------
    >>> from branchwise.sources.demo.network import branches
    >>> from branchwise.sources.demo.settings import DemoSettings
    >>> floor = floor_of(branches(DemoSettings(branches=3))[0])
    >>> floor.zones[0]["功能區類型"]
    'entrance'
    """
    width, depth = size_of(branch)
    front = depth * BAND_SHARES["front"]
    hall = front + depth * BAND_SHARES["hall"]
    form = branch.form
    high = WINDOW_METRES * branch.windows
    boxes = [
        ("entrance", "入口", 0, 0, width * 0.3, front),
        ("self_service", "自助服務區", width * 0.3, 0, width * 0.65, front),
        ("guide", "引導區", width * 0.65, 0, width, front),
        ("waiting", "等候區", 0, front, width * 0.6, hall),
        ("smart_counter", "智慧櫃員機區", width * 0.6, front, width, hall),
        ("cash_counter", "高櫃現金區", 0, hall, min(high, width * 0.7), depth),
        ("advice", "理財洽談區", min(high, width * 0.7), hall, width * 0.85, depth),
        ("back_office", "後台區", width * 0.85, hall, width, depth),
    ]
    if form.corporate_windows:
        boxes.append(("corporate", "對公服務區", width * 0.6, hall - 3, width * 0.85, hall))
    zones = tuple(
        _zone(branch, number, kind, name, (float(x1), float(y1), float(x2), float(y2)))
        for number, (kind, name, x1, y1, x2, y2) in enumerate(boxes, start=1)
    )
    return Floor(zones=zones, fixtures=_fixtures(branch, zones, width, hall, depth))


def size_of(branch: Branch) -> tuple[float, float]:
    """Return width and depth of a branch's floor in metres, 4 to 3."""
    depth = math.sqrt(branch.form.floor_area_m2 * 0.75)
    return round(branch.form.floor_area_m2 / depth, 2), round(depth, 2)


def rectangle(box: tuple[float, float, float, float]) -> str:
    """Return a rectangle as WKT.

    Examples
    --------
    >>> rectangle((0, 0, 2, 1))
    'POLYGON ((0.00 0.00, 2.00 0.00, 2.00 1.00, 0.00 1.00, 0.00 0.00))'
    """
    x1, y1, x2, y2 = box
    corners = ((x1, y1), (x2, y1), (x2, y2), (x1, y2), (x1, y1))
    return "POLYGON ((" + ", ".join(f"{x:.2f} {y:.2f}" for x, y in corners) + "))"


def _zone(
    branch: Branch, number: int, kind: str, name: str, box: tuple[float, float, float, float]
) -> dict[str, str]:
    return {
        "功能區代碼": f"Z{branch.branch_id}-{number:02d}",
        "網點號": branch.branch_id,
        "功能區類型": kind,
        "功能區名稱": name,
        "輪廓": rectangle(box),
        "面積": f"{(box[2] - box[0]) * (box[3] - box[1]):.1f}",
    }


def _fixtures(
    branch: Branch, zones: tuple[dict[str, str], ...], width: float, hall: float, depth: float
) -> tuple[dict[str, str], ...]:
    zone = {row["功能區類型"]: row["功能區代碼"] for row in zones}
    form = branch.form
    things: list[tuple[str, str, str, str, bool]] = [
        ("door", "", zone["entrance"], f"LINESTRING (1.00 0.00, {width * 0.2:.2f} 0.00)", False),
        (
            "wall",
            "",
            zone["cash_counter"],
            f"LINESTRING (0.00 {hall:.2f}, 0.00 {depth:.2f})",
            False,
        ),
        (
            "guide_desk",
            "",
            zone["guide"],
            rectangle((width * 0.7, 1, width * 0.7 + 1.5, 1.8)),
            True,
        ),
        ("seating", "", zone["waiting"], rectangle((1, hall - 4, width * 0.5, hall - 2)), True),
    ]
    for number in range(branch.windows + form.corporate_windows + form.advisors):
        left = WINDOW_METRES * number
        place = "cash_counter" if number < branch.windows else "advice"
        if branch.windows <= number < branch.windows + form.corporate_windows:
            place = "corporate"
        things.append(
            ("counter_window", f"{number + 1}", zone[place],
             rectangle((left, hall, left + WINDOW_METRES, hall + 0.8)), place != "cash_counter")
        )  # fmt: skip
    return tuple(_fixture(branch, number, thing) for number, thing in enumerate(things, start=1))


def _fixture(branch: Branch, number: int, thing: tuple[str, str, str, str, bool]) -> dict[str, str]:
    kind, station, place, outline, is_movable = thing
    return {
        "設施代碼": f"F{branch.branch_id}-{number:02d}",
        "網點號": branch.branch_id,
        "功能區代碼": place,
        "類型": kind,
        "窗口號": station,
        "輪廓": outline,
        "可移動": "1" if is_movable else "0",
    }
