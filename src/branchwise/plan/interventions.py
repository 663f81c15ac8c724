"""The library of interventions: what a bank can change at a branch, declared as data."""

from __future__ import annotations

import tomllib
from collections.abc import Container, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from branchwise.core.errors import Problems, Where
from branchwise.core.languages import Text
from branchwise.measures.catalogue import catalogue
from branchwise.plan.mechanisms.registry import MECHANISMS
from branchwise.plan.proposal import CostLine, Intervention
from branchwise.plan.themes import themes
from branchwise.tables.assumptions import default_assumptions

PLACE = "interventions.toml"
TRADES = frozenset({"training", "it", "works", "procurement"})
QUANTITIES = frozenset(
    {"branch", "unit", "hour_added", "hour_freed", "person_trained", "unit_removed"}
)
WANTED = (
    "label", "works", "mechanism", "themes", "situation", "amounts", "costs", "lead_weeks",
    "effort", "prerequisites", "risks", "owner", "worse_off", "measure", "guard_rail",
)  # fmt: skip


@cache
def library() -> Mapping[str, Intervention]:
    """Return the packaged interventions by name, in order of the file.

    Examples
    --------
    >>> library()["more_windows"].label.en, library()["more_windows"].amounts
    ('More windows at the peak', (1.0, 2.0))
    """
    packaged = files("branchwise.tables").joinpath("catalogues", PLACE)
    return read_library(packaged.read_text(encoding="utf-8"))


def read_library(text: str, place: str = PLACE) -> dict[str, Intervention]:
    """Read a library of interventions.

    Parameters
    ----------
    text : str
        TOML, one table an intervention; the packaged file says what the keys mean.
    place : str
        Name of the file in messages.

    Raises
    ------
    BranchwiseError
        All at once: [BW-PLN-040] an entry lacks something or is not of the form, [BW-PLN-041] it
        names a mechanism, theme, measure, assumption or trade that is not there.

    Examples
    --------
    >>> read_library("")
    {}
    """
    problems = Problems()
    try:
        declared = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        problems.add("BW-PLN-040", Where(place=place), name="–", reason=str(error))
        problems.raise_if_any()
        raise
    found: dict[str, Intervention] = {}
    for name, entry in declared.items():
        where = Where(place=place, column=name)
        try:
            found[name] = _intervention(name, entry)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            missing = [key for key in WANTED if isinstance(entry, dict) and key not in entry]
            reason = ", ".join(missing) or f"{type(error).__name__}: {error}"
            problems.add("BW-PLN-040", where, name=name, reason=reason)
            continue
        for noun, unknown in _unknown(found[name]):
            problems.add("BW-PLN-041", where, name=name, noun=noun, unknown=unknown)
    problems.raise_if_any()
    return found


def _intervention(name: str, entry: Any) -> Intervention:  # noqa: ANN401 - whatever the file holds
    amounts = tuple(float(amount) for amount in entry["amounts"])
    if not amounts or any(not amount >= 0 for amount in amounts):
        raise ValueError(f"amounts {amounts}")
    if entry["situation"] not in {"short", "spare", "any"}:
        raise ValueError(f"situation {entry['situation']}")
    return Intervention(
        name=name,
        label=Text.parse(entry["label"]),
        works=Text.parse(entry["works"]),
        mechanism=entry["mechanism"],
        themes=tuple(entry["themes"]),
        situation=entry["situation"],
        amounts=amounts,
        costs=tuple(CostLine(**line) for line in entry["costs"]),
        lead_weeks=int(entry["lead_weeks"]),
        effort={trade: float(units) for trade, units in entry["effort"].items()},
        prerequisites=tuple(Text.parse(one) for one in entry["prerequisites"]),
        risks=tuple(Text.parse(one) for one in entry["risks"]),
        owner=Text.parse(entry["owner"]),
        worse_off=Text.parse(entry["worse_off"]),
        measure=entry["measure"],
        guard_rail=entry["guard_rail"],
    )


def _unknown(one: Intervention) -> Iterator[tuple[str, str]]:
    """Yield every name that stands for nothing: of which noun, and the name."""
    assumptions, prices = default_assumptions(), [line.assumption for line in one.costs]
    shares = [line.share for line in one.costs if line.share is not None]
    nouns: tuple[tuple[str, list[str], Container[str]], ...] = (
        ("mechanism", [one.mechanism] if one.mechanism else [], MECHANISMS),
        ("theme", list(one.themes), {theme.name for theme in themes()}),
        ("measure", [one.measure, one.guard_rail], catalogue()),
        ("assumption", prices + shares, assumptions),
        ("trade", list(one.effort), TRADES),
        ("per", [line.per for line in one.costs], QUANTITIES),
        ("timing", [line.timing for line in one.costs], {"once", "yearly"}),
    )
    for noun, names, known in nouns:
        yield from ((noun, name) for name in names if name not in known)
