"""Themes: the measures that speak of the same ill, so that one ill is told once."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import Any

from branchwise.core.languages import Text
from branchwise.measures.catalogue import Direction, Measure


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """A group of measures of which only the strongest is ranked.

    Attributes
    ----------
    name : str
        Stable name.
    label : Text
        What people call it.
    measures : tuple of str
        Patterns of measure names (``*`` for any text).
    """

    name: str
    label: Text
    measures: tuple[str, ...]


@cache
def themes() -> tuple[Theme, ...]:
    """Return the declared themes in order; the first match takes a measure."""
    return tuple(
        Theme(
            name=entry["name"], label=Text.parse(entry["label"]), measures=tuple(entry["measures"])
        )
        for entry in _declared()["theme"]
    )


def theme_of(measure: str) -> Theme:
    """Return the theme of a measure.

    Examples
    --------
    >>> theme_of("queues.wait_p90_seconds").name
    'waiting'
    """
    return next(
        theme
        for theme in themes()
        if any(fnmatchcase(measure, pattern) for pattern in theme.measures)
    )


def peers_direction(measure: Measure) -> Direction:
    """Return which way is better against peers.

    Examples
    --------
    >>> from branchwise.measures.catalogue import catalogue
    >>> peers_direction(catalogue()["queues.utilisation_share"])
    'higher'
    """
    if measure.direction != "none":
        return measure.direction
    given: Direction = _declared()["peers_direction"].get(measure.name, "none")
    return given


def restated_by(measure: str) -> str | None:
    """Return the measure that says the same and is tested instead, where there is one.

    Examples
    --------
    >>> restated_by("queues.wait_served_p90_seconds"), restated_by("queues.wait_p90_seconds")
    ('queues.wait_p90_seconds', None)
    """
    for entry in _declared()["restated"]:
        if any(fnmatchcase(measure, pattern) for pattern in entry["measures"]):
            return str(entry["by"])
    return None


@cache
def _declared() -> dict[str, Any]:
    text = files("branchwise.plan").joinpath("themes.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
