"""Estimates of a branch as a file, so that parameters can be drawn again without the tables.

The file is JSON, one class, activity, station, duty or row of rates a line: people can read and
compare it, and a branch is back in a few milliseconds. Every float is written with the digits that
give it back exactly. A file says the version of its form; a newer one is refused, never guessed at.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from branchwise.twin.calibrate.classes import Kind, Scheme
from branchwise.twin.calibrate.log import Floats
from branchwise.twin.calibrate.model import (
    DayFactor,
    Duty,
    Estimates,
    Group,
    Hours,
    Post,
    Rates,
    Task,
)
from branchwise.twin.files import checked_json, text_of
from branchwise.twin.laws import Law

FORMAT = 1
ABOUT = (
    "Everything that scenarios of a branch are put together and drawn from, with standard errors."
    " Written by `branchwise twin calibrate`; edit the scenario beside it, not this file."
)
Row = tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRates:
    """`Rates` whose arrays are rows of numbers."""

    per_hour: tuple[tuple[Row, ...], ...]
    shape_error: tuple[tuple[Row, ...], ...]
    level_error: tuple[Row, ...]
    overdispersion: float
    overdispersion_error: float
    degrees: int
    week_variance: Row
    factors: tuple[DayFactor, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredScheme:
    """`Scheme` whose keys, which are tuples, are columns of rows."""

    kinds: tuple[Kind, ...]
    by_key: tuple[tuple[str, int, bool, int], ...]
    by_service: tuple[tuple[int, str, int], ...] = ()
    is_ranked: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEstimates:
    """What the file holds; fields as of `Estimates`."""

    format: int
    about: str
    branch_id: str
    standard_seconds: float
    day_pace: float
    hours: Mapping[int, Hours]
    scheme: StoredScheme
    groups: tuple[Group, ...]
    tasks: tuple[Task, ...]
    posts: tuple[Post, ...]
    rates: StoredRates
    duties: tuple[Duty, ...]
    delays: Mapping[str, Law] = field(default_factory=dict)


def estimates_text(estimates: Estimates) -> str:
    """Return estimates as the text of a file.

    Parameters
    ----------
    estimates : Estimates
        Of `calibrate`.

    Returns
    -------
    str
        JSON; the same estimates give the same text.

    Examples
    --------
    >>> import numpy as np
    >>> from branchwise.twin.calibrate.classes import Scheme
    >>> from branchwise.twin.calibrate.model import Estimates, Rates
    >>> rates = Rates(per_hour=np.full((1, 8, 96), 0.1), shape_error=np.zeros((1, 8, 96)),
    ...     level_error=np.zeros((1, 8)), overdispersion=0.1, overdispersion_error=0.01,
    ...     degrees=3, week_variance=np.zeros(1))
    >>> found = read_estimates(estimates_text(Estimates(branch_id="B1", hours={}, groups=(),
    ...     tasks=(), posts=(), rates=rates, duties=(), scheme=Scheme(kinds=(), by_key={},
    ...     by_service={}))))
    >>> found.branch_id, bool((found.rates.per_hour == rates.per_hour).all())
    ('B1', True)
    """
    scheme, rates = estimates.scheme, estimates.rates
    entries = {
        "format": FORMAT,
        "about": ABOUT,
        **{name: getattr(estimates, name) for name in ("branch_id", "standard_seconds")},
        "day_pace": estimates.day_pace,
        "hours": estimates.hours,
        "scheme": {
            "kinds": scheme.kinds,
            "by_key": [[*key, place] for key, place in scheme.by_key.items()],
            "by_service": [[*key, place] for key, place in scheme.by_service.items()],
            "is_ranked": scheme.is_ranked,
        },
        "groups": estimates.groups,
        "tasks": estimates.tasks,
        "posts": estimates.posts,
        "rates": rates,
        "duties": estimates.duties,
        "delays": estimates.delays,
    }
    return _in_lines(_plain(entries), depth=0) + "\n"


def read_estimates(text: str, place: str = "estimates") -> Estimates:
    """Read estimates from the text of a file.

    Parameters
    ----------
    text : str
        JSON of `estimates_text`.
    place : str
        Name of the file, for errors.

    Raises
    ------
    BranchwiseError
        [BW-TWN-030] if it is no JSON, [BW-TWN-031] if a newer program wrote it, [BW-TWN-032] to
        [BW-TWN-035] for keys that are missing or unknown, and values of another kind.
    """
    found = checked_json(text, StoredEstimates, place, known=FORMAT)
    return Estimates(
        branch_id=found.branch_id,
        hours=dict(found.hours),
        groups=found.groups,
        tasks=found.tasks,
        posts=found.posts,
        rates=_rates(found.rates),
        duties=found.duties,
        scheme=_scheme(found.scheme),
        delays=dict(found.delays),
        day_pace=found.day_pace,
        standard_seconds=found.standard_seconds,
    )


def load_estimates(path: Path) -> Estimates:
    """Read a file of estimates; raises as `read_estimates`."""
    return read_estimates(text_of(path), str(path))


def _rates(found: StoredRates) -> Rates:
    arrays: dict[str, Floats] = {
        name: np.array(getattr(found, name), dtype=np.float64)
        for name in ("per_hour", "shape_error", "level_error", "week_variance")
    }
    return Rates(
        **arrays,
        overdispersion=found.overdispersion,
        overdispersion_error=found.overdispersion_error,
        degrees=found.degrees,
        factors=found.factors,
    )


def _scheme(found: StoredScheme) -> Scheme:
    return Scheme(
        kinds=found.kinds,
        by_key={(line, rank, old): place for line, rank, old, place in found.by_key},
        by_service={(kind, service): place for kind, service, place in found.by_service},
        is_ranked=found.is_ranked,
    )


def _plain(value: Any) -> Any:  # noqa: ANN401 - any part of the estimates
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(inner) for inner in value]
    if isinstance(value, date):
        return value.isoformat()
    return value.tolist() if hasattr(value, "tolist") else value


LINES = 3
"""Levels that are broken into lines: the file, its parts, and the arrays of the rates."""


def _in_lines(value: Any, depth: int) -> str:  # noqa: ANN401 - any JSON
    """Return JSON with one item of a part a line."""
    holds_more = isinstance(value, (dict, list)) and any(
        isinstance(inner, (dict, list))
        for inner in (value.values() if isinstance(value, dict) else value)
    )
    if depth >= LINES or not holds_more:
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        items = [
            f"{json.dumps(key, ensure_ascii=False)}: {_in_lines(inner, depth + 1)}"
            for key, inner in value.items()
        ]
        first, last = "{", "}"
    else:
        items = [_in_lines(inner, LINES if depth == 1 else depth + 1) for inner in value]
        first, last = "[", "]"
    return first + "\n" + ",\n".join(items) + "\n" + last
