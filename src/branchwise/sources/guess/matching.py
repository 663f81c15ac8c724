"""Which kind of file a sample is, and which column plays which role in it.

Each pair of column and role has a score: how alike their names are, how well the values fit, and
what else speaks for it (keys that another file lists, codes with a known meaning). The pairs are
chosen together, as the assignment with the largest sum of scores (Kuhn (1955), The Hungarian
method for the assignment problem, doi:10.1002/nav.3800020109), so that two columns never claim
one role.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from branchwise.sources.guess.code_words import share_known
from branchwise.sources.guess.kinds import Kind, Role, kinds
from branchwise.sources.guess.names import likeness
from branchwise.sources.guess.profiles import Profile, fit, profile
from branchwise.sources.guess.samples import Sample
from branchwise.sources.headings import simplified
from branchwise.sources.reading.fixed_widths import Span

MADE_UP = re.compile(r"col_\d+")
Scores = npt.NDArray[np.float64]
ACCEPTED = 0.34
RECOGNISED = 0.4
KEYS_SHARED = 0.8
KEYS_STRANGE = 0.1
KEYS_AT_LEAST = 3
WEIGHT_OF_VALUES = 0.75
MARGIN = 0.25
SAMPLES_LOOKED_AT = 8
Keys = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A column that plays a role.

    Attributes
    ----------
    place : int
        The column, from 0.
    role : Role
        What it is.
    score, confidence : float
        How much speaks for it; the same, less the nearer another choice comes.
    """

    place: int
    role: Role
    score: float
    confidence: float


@dataclass(frozen=True, kw_only=True)
class Columns:
    """The columns of all files that are written alike: headings, profiles, and keys they hold."""

    samples: tuple[Sample, ...]
    headings: tuple[str, ...] = ()
    layout: tuple[Span, ...] = ()

    @property
    def looked_at(self) -> tuple[Sample, ...]:
        """Some of the samples, spread over all of them."""
        return self.samples[:: max(1, len(self.samples) // SAMPLES_LOOKED_AT)]

    @cached_property
    def profiles(self) -> tuple[Profile, ...]:
        """The values of each column, over all samples."""
        return tuple(
            profile([cell for sample in self.looked_at for cell in sample.column(place)])
            for place in range(len(self.headings))
        )

    @cached_property
    def bare(self) -> tuple[frozenset[str], ...]:
        """The values of each column without leading zeros, as keys are compared."""
        return tuple(frozenset(map(bare, found.counts)) for found in self.profiles)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """What a group of files is.

    Attributes
    ----------
    kind : Kind
        The kind of file.
    columns : Columns
        Its columns.
    matches : tuple of Match
        Columns with a role.
    score, confidence : float
        How much speaks for the kind; the same, less the nearer another kind comes.
    """

    kind: Kind
    columns: Columns
    matches: tuple[Match, ...]
    score: float
    confidence: float

    def of(self, role: str) -> Match | None:
        """Return the match of a role."""
        return next((match for match in self.matches if match.role.name == role), None)


def bare(key: str) -> str:
    """Return a key without leading zeros: spreadsheets drop them."""
    return key.lstrip("0") or "0"


def recognise(columns: Columns, keys: Keys) -> Recognised | None:
    """Find the kind of a group of files and the roles of its columns; None if it is like none.

    Parameters
    ----------
    columns : Columns
        What is known of the files.
    keys : mapping of str to frozenset of str
        Keys that other files list, by domain, without leading zeros.
    """
    found = sorted((_as_kind(columns, kind, keys) for kind in kinds()), key=lambda one: -one.score)
    best, second = found[0], found[1]
    if best.score < RECOGNISED or not _has_needed(best):
        return None
    lead = min(1.0, (best.score - second.score) / MARGIN)
    return Recognised(
        kind=best.kind,
        columns=columns,
        matches=best.matches,
        score=best.score,
        confidence=min(1.0, best.score) * (0.6 + 0.4 * lead),
    )


def nearest_kind(columns: Columns) -> tuple[Kind, float]:
    """Return the kind that files resemble most, and how much, from 0 to 1."""
    best = max((_as_kind(columns, kind, {}) for kind in kinds()), key=lambda one: one.score)
    return best.kind, best.score


def _has_needed(found: Recognised) -> bool:
    needed = [role for role in found.kind.roles if role.is_needed]
    return sum(found.of(role.name) is not None for role in needed) >= (len(needed) + 1) // 2


def _as_kind(columns: Columns, kind: Kind, keys: Keys) -> Recognised:
    both = np.array(
        [
            [_score(columns, place, role, keys) for role in kind.roles]
            for place in range(len(columns.headings))
        ]
    ).reshape(len(columns.headings), len(kind.roles), 2)
    matches = assigned(both[:, :, 0], kind.roles, rivals=both[:, :, 1])
    counted = [place for place, found in enumerate(columns.profiles) if not found.is_empty]
    strong = sum(match.score for match in matches if match.place in counted)
    needed = [role for role in kind.roles if role.is_needed]
    by_role = {match.role.name: match.score for match in matches}
    covered = strong / max(len(counted), 1)
    met = sum(by_role.get(role.name, 0.0) for role in needed) / max(len(needed), 1)
    score = 0.45 * covered + 0.4 * met + 0.15 * _is_named(columns, kind)
    return Recognised(kind=kind, columns=columns, matches=matches, score=score, confidence=score)


def assigned(
    scores: Scores, roles: Sequence[Role], rivals: Scores | None = None
) -> tuple[Match, ...]:
    """Choose columns for roles so that the sum of the scores is largest.

    Parameters
    ----------
    scores : array, shape (columns, roles)
        How much speaks for each pair.
    roles : sequence of Role
        The roles.
    rivals : array, optional
        Scores by which other choices come near: those of names and forms alone, since several
        columns may hold the same keys. By default `scores`.

    Examples
    --------
    >>> from branchwise.sources.guess.kinds import kinds
    >>> two = kinds()[0].roles[:2]
    >>> [match.role.name for match in assigned(np.array([[0.9, 0.8], [0.8, 0.1]]), two)]
    ['machine', 'branch']
    """
    from scipy.optimize import linear_sum_assignment

    if not scores.size:
        return ()
    matches = []
    for place, number in zip(*linear_sum_assignment(scores, maximize=True), strict=True):
        score = float(scores[place, number])
        if score < ACCEPTED:
            continue
        near = scores if rivals is None else rivals
        roles_near = np.concatenate((np.delete(near[place], number), [0.0]))
        columns_near = np.concatenate((np.delete(near[:, number], place), [0.0]))
        lead = min(1.0, max(0.0, score - 0.5 * (roles_near.max() + columns_near.max())) / MARGIN)
        matches.append(
            Match(
                place=int(place),
                role=roles[number],
                score=score,
                confidence=min(1.0, score * (0.6 + 0.4 * lead)),
            )
        )
    return tuple(matches)


def _is_named(columns: Columns, kind: Kind) -> float:
    names = [simplified(f"{sample.path} {sample.sheet or ''}") for sample in columns.samples[:3]]
    return float(any(part in name for name in names for part in kind.paths))


def _score(columns: Columns, place: int, role: Role, keys: Keys) -> tuple[float, float]:
    """Return how much speaks for a pair, and how much of it by name and form alone."""
    found = columns.profiles[place]
    fitting = fit(role.type, found)
    if fitting <= 0 or not columns.headings[place]:
        return 0.0, 0.0
    named = likeness(columns.headings[place], role.names)
    said, strange = _evidence(columns.bare[place], found, role, keys)
    if MADE_UP.fullmatch(columns.headings[place]):
        named, said = 0.0, max(said, _look(role, found))
    score = 1 - (1 - named) * (1 - WEIGHT_OF_VALUES * said)
    if not named and not said:
        score = 0.0
    plain = fitting**0.5 * (0.6 if strange else 1.0)
    return plain * score, plain * named


def _look(role: Role, found: Profile) -> float:
    """Return how much the form of the values says of a column that has no name."""
    if found.is_empty:
        return 0.0
    if role.type == "amount":
        return 0.7 * (found.shares["padded"] > 0.5 and found.width >= 8)  # noqa: PLR2004
    return 0.7 * fit(role.type, found) if role.type in ("day", "moment") else 0.0


def _evidence(values: frozenset[str], found: Profile, role: Role, keys: Keys) -> tuple[float, bool]:
    """Return how much the values alone speak for a role, and whether they speak against it."""
    known = keys.get(role.key, frozenset())
    if role.key and known and len(values) >= KEYS_AT_LEAST:
        shared = len(values & known) / len(values)
        return (shared if shared >= KEYS_SHARED else 0.0), shared < KEYS_STRANGE
    if role.codes and found.is_coded:
        return share_known(role.codes, found), False
    if role.type in ("range", "wkt"):
        return fit(role.type, found), False
    return 0.0, False
