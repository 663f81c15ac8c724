"""The ills planted in the synthetic bank, each with its place and size."""

from __future__ import annotations

import math
from dataclasses import dataclass

from branchwise.core.randomness import stream


@dataclass(frozen=True, slots=True, kw_only=True)
class IllKind:
    """A kind of ill.

    Attributes
    ----------
    name : str
        Its name in the truth.
    share : float
        Share of the branches that have it.
    size : float
        Its size, in the sense of `meaning`.
    meaning : str
        What the size is.
    shows_in : tuple of str
        Measures in which a diagnosis ought to find it.
    """

    name: str
    share: float
    size: float
    meaning: str
    shows_in: tuple[str, ...]


KINDS = (
    IllKind(
        name="under_equipped",
        share=0.10,
        size=1.42,
        meaning="demand is this multiple of what the branch was staffed for",
        shows_in=("queues.wait_p90_seconds", "queues.abandoned_share"),
    ),
    IllKind(
        name="failing_machines",
        share=0.08,
        size=18.0,
        meaning="mean hours to repair; all smart counters are of the bad model STM-90B",
        shows_in=("devices.availability_share", "devices.mtbf_hours", "devices.mttr_hours"),
    ),
    IllKind(
        name="slow_authorisation",
        share=0.08,
        size=420.0,
        meaning="mean seconds until the only approver responds",
        shows_in=("queues.authorisation_mean_seconds", "queues.service_mean_seconds"),
    ),
    IllKind(
        name="gamed_tickets",
        share=0.08,
        size=0.12,
        meaning="empty calls (空叫) as a share of genuine tickets, in bursts",
        shows_in=("queues.empty_call_share",),
    ),
    IllKind(
        name="skill_gap_corporate",
        share=0.05,
        size=1.0,
        meaning="corporate tellers, where peers have two",
        shows_in=("staff.skill_depth_share", "queues.wait_p90_seconds"),
    ),
    IllKind(
        name="skill_gap_foreign_exchange",
        share=0.05,
        size=1.0,
        meaning="tellers with the foreign exchange skill",
        shows_in=("staff.skill_depth_share", "staff.skill_cover_share"),
    ),
    IllKind(
        name="elderly_wait",
        share=0.05,
        size=-1.0,
        meaning="priority of visitors of 60 and more, who are called last; others give them 1",
        shows_in=("queues.elderly_wait_p90_seconds",),
    ),
    IllKind(
        name="over_equipped",
        share=0.10,
        size=0.60,
        meaning="demand is this multiple of what the branch was staffed for",
        shows_in=("queues.utilisation_share",),
    ),
)
LOW_MIGRATION = IllKind(
    name="low_migration",
    share=0.0,
    size=0.45,
    meaning="share of visitors who choose a machine, as a multiple of other regions; a region",
    shows_in=("channels.migration_share", "channels.diversion_ratio"),
)
FREE_SHARE = 0.34
"""Share of the branches, at the least, that stay without a planted ill."""


def plant(branch_ids: tuple[str, ...], seed: int, *, corporate: frozenset[str]) -> dict[str, str]:
    """Choose the ill of each branch; a branch has one at the most.

    Parameters
    ----------
    branch_ids : tuple of str
        All branches.
    seed : int
        Seed of the bank.
    corporate : frozenset of str
        Branches with a corporate counter: only these can lack corporate tellers.

    Returns
    -------
    dict of str to str
        Name of the ill by branch.

    Examples
    --------
    >>> len(plant(("00101", "00102", "00103"), 1, corporate=frozenset()))
    1
    """
    order = [branch_ids[place] for place in stream(seed, "ills").permutation(len(branch_ids))]
    room = int(len(order) * (1 - FREE_SHARE))
    planted: dict[str, str] = {}
    for kind in KINDS:
        wanted = max(1, math.floor(kind.share * len(order) + 0.5))
        able = [
            branch for branch in order if branch not in planted and _able(kind, branch, corporate)
        ]
        for branch in able[: min(wanted, room - len(planted))]:
            planted[branch] = kind.name
    return planted


def kind(name: str) -> IllKind:
    """Return a kind of ill by its name."""
    return next(found for found in (*KINDS, LOW_MIGRATION) if found.name == name)


def _able(found: IllKind, branch: str, corporate: frozenset[str]) -> bool:
    return branch in corporate or not found.name.startswith("skill_gap")
