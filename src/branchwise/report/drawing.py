"""SVG drawn by hand: marks at percent positions, so that one figure serves every width.

Positions are shares of the drawing, sizes of marks and letters are pixels: on a phone the points
move together but nothing shrinks. No text but numbers stands in a drawing; words are HTML around
it (see docs/decisions/0002-own-svg.md).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

PERCENT = 100
FULL = f"{PERCENT}%"
NICE = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """A linear or square-root scale from values to percent of the drawing.

    Attributes
    ----------
    lowest, highest : float
        The domain.
    start, end : float
        Percent at its two ends; start > end turns it round (upwards).
    is_root : bool
        Square-root scale (for sizes from 0).

    Examples
    --------
    >>> Scale(lowest=0, highest=50).at(25)
    50.0
    """

    lowest: float
    highest: float
    start: float = 0.0
    end: float = 100.0
    is_root: bool = False

    def at(self, value: float) -> float:
        """Return the percent position of a value, kept inside the drawing."""
        low, high, here = self.lowest, self.highest, min(max(value, self.lowest), self.highest)
        if self.is_root:
            low, high, here = (
                math.sqrt(max(low, 0)),
                math.sqrt(max(high, 0)),
                math.sqrt(max(here, 0)),
            )
        if high <= low:
            return round((self.start + self.end) / 2, 2)
        return round(self.start + (here - low) / (high - low) * (self.end - self.start), 2)


def ticks(lowest: float, highest: float, about: int = 4) -> list[float]:
    """Return round numbers inside a range, about so many.

    Examples
    --------
    >>> ticks(0, 47)
    [0.0, 20.0, 40.0]
    """
    width = highest - lowest
    if not math.isfinite(width) or width <= 0:
        return [lowest]
    rough = width / about
    magnitude = 10.0 ** math.floor(math.log10(rough))
    step = next(nice * magnitude for nice in NICE if nice * magnitude >= rough * 0.999)
    first, last = math.floor(lowest / step), math.ceil(highest / step)
    found = [round(index * step, 10) for index in range(first, last + 1)]
    return [tick for tick in found if lowest <= tick <= highest]


def element(tag: str, *children: Markup | str, **attributes: object) -> Markup:
    """Return one SVG element; names with an underscore get a hyphen, None is left out.

    Examples
    --------
    >>> element("rect", width="10%", stroke_width=2, class_="bar")
    Markup('<rect width="10%" stroke-width="2" class="bar"/>')
    """
    given = Markup("").join(
        Markup(' {}="{}"').format(name.rstrip("_").replace("_", "-"), value)
        for name, value in attributes.items()
        if value is not None
    )
    if not children:
        return Markup("<{}{}/>").format(tag, given)
    inside = Markup("").join(escape(child) for child in children)
    return Markup("<{}{}>{}</{}>").format(tag, given, inside, tag)


def percent(position: float) -> str:
    """Return a position as SVG writes it.

    Examples
    --------
    >>> percent(12.50), percent(3)
    ('12.5%', '3%')
    """
    return f"{position:.2f}".rstrip("0").rstrip(".") + "%"


def rectangle(
    x: float, y: float, width: float, height: float, css: str, *children: Markup, **more: object
) -> Markup:
    """Return a rectangle at percent positions."""
    return element(
        "rect",
        *children,
        x=percent(x),
        y=percent(y),
        width=percent(max(width, 0)),
        height=percent(max(height, 0)),
        class_=css,
        **more,
    )


def line(x1: float, y1: float, x2: float, y2: float, css: str) -> Markup:
    """Return a straight line between percent positions."""
    return element(
        "line", x1=percent(x1), y1=percent(y1), x2=percent(x2), y2=percent(y2), class_=css
    )


def dot(x: float, y: float, radius: float, css: str, *children: Markup) -> Markup:
    """Return a circle; its radius is in pixels."""
    return element("circle", *children, cx=percent(x), cy=percent(y), r=f"{radius:g}", class_=css)


def number(x: float, y: float, text: str, css: str = "n", **more: object) -> Markup:
    """Return a number written at a percent position."""
    return element("text", text, x=percent(x), y=percent(y), class_=css, **more)


def path(points: Sequence[tuple[float, float]], css: str, *, closed: bool = False) -> Markup:
    """Return a line through percent positions, stretched with the drawing, its stroke not."""
    if not points:
        return Markup("")
    written = "L".join(f"{x:g} {y:g}" for x, y in points)
    inner = element("path", d=f"M{written}{'Z' if closed else ''}", class_=css)
    return element(
        "svg",
        inner,
        viewBox=f"0 0 {PERCENT} {PERCENT}",
        preserveAspectRatio="none",
        width=FULL,
        height=FULL,
    )


def stepped(points: Sequence[tuple[float, float]], width: float) -> list[tuple[float, float]]:
    """Return the corners of a staircase whose steps begin at the points and are `width` long."""
    return [corner for x, y in points for corner in ((x, y), (x + width, y))]


def drawing(*marks: Markup, css: str, height: int | None = None, **more: object) -> Markup:
    """Return an SVG drawing as wide as its place; `height` is in pixels."""
    return element(
        "svg",
        *(marks or (Markup(""),)),
        class_=css,
        width=FULL,
        height=height,
        **more,
    )
