"""The measures as declared in ``measures/definitions/*.toml``: one definition per number."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from branchwise.core.errors import BranchwiseError, problem
from branchwise.core.languages import Language, Text

if TYPE_CHECKING:
    from branchwise.tables.assumptions import Assumptions

Kind = Literal["total", "ratio", "proportion", "quantile", "km_mean", "km_quantile", "inequality"]
Direction = Literal["lower", "higher", "none"]
Goal = Literal["efficiency", "experience", "cost", "growth"]
SUBJECTS = ("queues", "devices", "channels", "staff", "customers", "economics", "equity")


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One aggregate over one relation.

    Attributes
    ----------
    relation : str
        A canonical table or a basis.
    where : str
        SQL condition of the rows that count; empty for all.
    value : str
        SQL aggregate, additive over rows (a sum or a count).
    """

    relation: str
    where: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """What a measure is held against, where something is.

    Attributes
    ----------
    assumption : str
        Name of the assumption that holds its value.
    """

    assumption: str

    def value(self, assumptions: Assumptions) -> float:
        """Return the standard in the measure's unit."""
        return assumptions.value(self.assumption)

    def source(self, assumptions: Assumptions) -> Text:
        """Return where the standard comes from."""
        return assumptions[self.assumption].source


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One number of the bank, defined once.

    Attributes
    ----------
    name : str
        ``subject.name``, stable.
    label, meaning, bias, interval : Text
        What people call it, what it counts, in which way it is known to be wrong, and how its
        interval is made.
    unit : str
        ``s``, ``h``, ``1`` (a share), ``ratio``, ``points``, ``currency`` …
    direction : {"lower", "higher", "none"}
        Which way is better.
    minimum_rows : int
        Rows below which no value is given.
    goal : {"efficiency", "experience", "cost", "growth"}
        The goal of the four that it serves.
    kind : str
        How it is computed.
    standard : Standard or None
        What it is held against.
    numerator : Side
        The aggregate; of a quantile, the value whose distribution is asked.
    denominator : Side or None
        Of a ratio.
    counts : {"per", "value"}
        Whose rows a ratio counts: those of its denominator, or of its numerator where no row there
        means that nothing is known, not that the sum is zero.
    scale : float
        Factor of the ratio.
    probability : float or None
        Of a quantile.
    event : str
        Of a Kaplan-Meier measure, the SQL condition that the wait ended with a call.
    function : str
        Of an inequality, its statistic.
    """

    name: str
    label: Text
    meaning: Text
    bias: Text
    interval: Text
    unit: str
    direction: Direction
    minimum_rows: int
    goal: Goal
    kind: Kind
    numerator: Side
    standard: Standard | None = None
    denominator: Side | None = None
    counts: Literal["per", "value"] = "per"
    scale: float = 1.0
    probability: float | None = None
    event: str = ""
    function: str = ""

    @property
    def subject(self) -> str:
        """The part of the name before the point."""
        return self.name.partition(".")[0]

    @property
    def relations(self) -> tuple[str, ...]:
        """The canonical tables and bases that it reads, each once."""
        sides = (self.numerator, self.denominator)
        return tuple(dict.fromkeys(side.relation for side in sides if side is not None))

    def as_json(self, assumptions: Assumptions, language: Language = "en") -> dict[str, object]:
        """Return the definition for people and programs."""
        held = self.standard
        return {
            "name": self.name,
            "label": self.label.read_in(language),
            "meaning": self.meaning.read_in(language),
            "unit": self.unit,
            "direction": self.direction,
            "minimum_rows": self.minimum_rows,
            "goal": self.goal,
            "bias": self.bias.read_in(language),
            "interval": self.interval.read_in(language),
            "standard": None if held is None else held.value(assumptions),
            "standard_source": (
                None if held is None else held.source(assumptions).read_in(language)
            ),
            "reads": list(self.relations),
        }


@cache
def catalogue() -> Mapping[str, Measure]:
    """Return every measure by its name, in order of declaration.

    Examples
    --------
    >>> catalogue()["queues.wait_p90_seconds"].unit
    's'
    """
    folder = files("branchwise.measures").joinpath("definitions")
    intervals = _read(folder.joinpath("intervals.toml"))
    measures: dict[str, Measure] = {}
    for subject in SUBJECTS:
        for name, entry in _read(folder.joinpath(f"{subject}.toml")).items():
            measures[f"{subject}.{name}"] = _parse(f"{subject}.{name}", entry, intervals)
    return MappingProxyType(measures)


def measure_named(name: str) -> Measure:
    """Return one measure.

    Raises
    ------
    BranchwiseError
        [BW-MEA-001] if there is none of that name.
    """
    return measures_named((name,))[0]


def measures_named(names: tuple[str, ...] | list[str]) -> tuple[Measure, ...]:
    """Return measures in the order of their names, each once.

    A subject alone (``queues``) stands for all its measures.

    Raises
    ------
    BranchwiseError
        [BW-MEA-001] for each name that is none.

    Examples
    --------
    >>> [measure.name for measure in measures_named(["customers.nps"])]
    ['customers.nps']
    """
    known = catalogue()
    found: dict[str, Measure] = {}
    unknown = []
    for name in names:
        of_subject = {key: known[key] for key in known if key.startswith(f"{name}.")}
        if name in known:
            found[name] = known[name]
        elif of_subject:
            found |= of_subject
        else:
            unknown.append(problem("BW-MEA-001", name=name, nearest=_nearest(name)))
    if unknown:
        raise BranchwiseError(*unknown)
    return tuple(found.values())


def _nearest(name: str) -> str:
    from difflib import get_close_matches

    return ", ".join(get_close_matches(name, list(catalogue()), n=3, cutoff=0.4)) or "–"


def _read(file: Any) -> dict[str, Any]:  # noqa: ANN401 - a traversable of importlib
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _parse(name: str, entry: dict[str, Any], intervals: dict[str, Any]) -> Measure:
    given = dict(entry)
    relation, where = given.pop("relation"), given.pop("where", "")
    numerator = Side(relation=relation, where=where, value=given.pop("value"))
    below = given.pop("per", None)
    denominator = None
    if isinstance(below, str):
        denominator = Side(relation=relation, where=where, value=below)
    elif below is not None:
        denominator = Side(
            relation=below["relation"], where=below.get("where", ""), value=below["value"]
        )
    standard = given.pop("standard", None)
    method = given.pop("interval", given["kind"])
    return Measure(
        name=name,
        label=Text.parse(given.pop("label")),
        meaning=Text.parse(given.pop("meaning")),
        bias=Text.parse(given.pop("bias")),
        interval=Text.parse(intervals[method]),
        numerator=numerator,
        denominator=denominator,
        standard=None if standard is None else Standard(assumption=standard),
        **given,
    )
