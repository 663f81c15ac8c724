"""Like with like: the branches with which a branch may fairly be compared."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from branchwise.plan.model import Scope

OWN_INSTITUTION = "own"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a branch is like.

    Attributes
    ----------
    branch_id, branch_type : str
        The branch and its type.
    visits : float
        Visits a month.
    mix : mapping of str to float
        Share of the visits by kind of business (service family or business line), 0-1.
    """

    branch_id: str
    branch_type: str
    visits: float
    mix: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """The possible peers of one branch, nearest first.

    Attributes
    ----------
    like : tuple of str
        Branches of the same type.
    bank : tuple of str
        All other branches of the bank.
    """

    like: tuple[str, ...]
    bank: tuple[str, ...]

    def among(
        self, available: Collection[str], at_least: int, at_most: int
    ) -> tuple[tuple[str, ...], Scope]:
        """Return the nearest peers among those that have a value.

        Parameters
        ----------
        available : collection of str
            Branches with a value of the measure.
        at_least, at_most : int
            Fewest peers that make a comparison; most that are used.

        Returns
        -------
        tuple of (tuple of str, str)
            The peers and their scope: ``like``, ``bank`` where the type has too few, ``none``
            (and no peers) where the bank has too few.

        Examples
        --------
        >>> group = Candidates(like=("B2",), bank=("B2", "B9", "B7"))
        >>> group.among({"B2", "B7", "B9"}, at_least=2, at_most=2)
        (('B2', 'B9'), 'bank')
        """
        scopes: tuple[tuple[Scope, tuple[str, ...]], ...] = (
            ("like", self.like),
            ("bank", self.bank),
        )
        for scope, members in scopes:
            present = tuple(member for member in members if member in available)
            if len(present) >= at_least:
                return present[:at_most], scope
        return (), "none"


def profiles(
    branches: pa.Table, visits: Mapping[str, float], mix: Mapping[str, Mapping[str, float]]
) -> tuple[Profile, ...]:
    """Return the profiles of the bank's own open branches; competitors are left out.

    Parameters
    ----------
    branches : pyarrow.Table
        Columns of the canonical table ``branch``.
    visits : mapping of str to float
        Visits a month by branch; a branch without any counts as 0.
    mix : mapping of str to mapping
        Shares of the visits by kind of business, by branch.
    """
    return tuple(
        Profile(
            branch_id=row["branch_id"],
            branch_type=row["branch_type"] or "other",
            visits=visits.get(row["branch_id"], 0.0),
            mix=mix.get(row["branch_id"], {}),
        )
        for row in sorted(branches.to_pylist(), key=lambda row: str(row["branch_id"]))
        if row["institution_id"] == OWN_INSTITUTION and row.get("closed_on") is None
    )


def candidates(found: Sequence[Profile]) -> dict[str, Candidates]:
    """Order the other branches by likeness, for every branch.

    The distance of two branches is the absolute difference of the natural logarithms of their
    monthly visits (plus one) plus the share of business that would have to change kind to make
    their mixes equal (total variation). Ties are broken by branch code.

    Parameters
    ----------
    found : sequence of Profile
        The branches, in any order.

    Returns
    -------
    dict of str to Candidates
        One entry a branch.
    """
    ordered = sorted(found, key=lambda profile: profile.branch_id)
    apart = _distances(ordered)
    result: dict[str, Candidates] = {}
    for index, profile in enumerate(ordered):
        nearest = [
            ordered[other] for other in np.argsort(apart[index], kind="stable") if other != index
        ]
        result[profile.branch_id] = Candidates(
            like=tuple(
                other.branch_id for other in nearest if other.branch_type == profile.branch_type
            ),
            bank=tuple(other.branch_id for other in nearest),
        )
    return result


def _distances(ordered: Sequence[Profile]) -> NDArray[np.float64]:
    size = np.log1p(np.array([profile.visits for profile in ordered], dtype=np.float64))
    kinds = sorted({kind for profile in ordered for kind in profile.mix})
    apart: NDArray[np.float64] = np.abs(size[:, None] - size[None, :])
    for kind in kinds:
        share = np.array([profile.mix.get(kind, 0.0) for profile in ordered], dtype=np.float64)
        apart += 0.5 * np.abs(share[:, None] - share[None, :])
    return apart
