"""The ills planted in the synthetic bank, each with its place and size."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
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
    types : tuple of str or None
        Types of branch that can have it; None: all.
    """

    name: str
    share: float
    size: float
    meaning: str
    shows_in: tuple[str, ...]
    types: tuple[str, ...] | None = None


LARGE = ("flagship", "comprehensive")
BUSY = ("comprehensive", "county", "community")
KINDS = (
    IllKind(
        name="under_equipped",
        share=0.10,
        size=1.45,
        meaning="demand is this multiple of the usual; two windows are missing, one of three",
        shows_in=("queues.wait_p90_seconds", "queues.abandoned_share"),
    ),
    IllKind(
        name="failing_machines",
        share=0.08,
        size=30.0,
        meaning="mean hours to repair; all smart counters are of the bad model SC-90B",
        shows_in=("devices.availability_share", "devices.mtbf_hours", "devices.mttr_hours"),
    ),
    IllKind(
        name="slow_authorisation",
        share=0.08,
        size=600.0,
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
        meaning="corporate tellers, where peers have two, and 1.4 times the corporate demand",
        shows_in=("staff.skill_depth_share", "queues.wait_p90_seconds"),
        types=LARGE,
    ),
    IllKind(
        name="skill_gap_foreign_exchange",
        share=0.05,
        size=0.0,
        meaning="tellers with the foreign exchange skill; on Wednesdays one comes from elsewhere",
        shows_in=("staff.skill_cover_share", "staff.skill_depth_share", "queues.abandoned_share"),
        types=LARGE,
    ),
    IllKind(
        name="elderly_wait",
        share=0.05,
        size=-1.0,
        meaning="priority of visitors of 60 and more (elsewhere 1); one window is missing",
        shows_in=("queues.elderly_wait_p90_seconds",),
        types=BUSY,
    ),
    IllKind(
        name="over_equipped",
        share=0.10,
        size=0.60,
        meaning="demand is this multiple of what is usual, and one window more is open all day",
        shows_in=("queues.utilisation_share", "economics.cost_per_visit"),
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
MOST_OF_TYPE = 0.55
"""Share of the branches of a type, at the most and rounded up, that have an ill."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A branch as a place for an ill.

    Attributes
    ----------
    branch_id, region_id, branch_type : str
        Who it is.
    is_ailing : bool
        Its region has an ill already.
    """

    branch_id: str
    region_id: str
    branch_type: str
    is_ailing: bool = False


def plant(sites: Sequence[Site], seed: int) -> dict[str, str]:
    """Choose the ill of each branch; a branch has one at the most.

    Each kind goes where it can be told apart: to the region that has least of its kind, then
    least ills, one with an ill of its own last, and to a type of branch without its kind.

    Parameters
    ----------
    sites : sequence of Site
        All branches.
    seed : int
        Seed of the bank.

    Returns
    -------
    dict of str to str
        Name of the ill by branch.

    Examples
    --------
    >>> codes = ("00101", "00102", "00103")
    >>> len(plant([Site(branch_id=c, region_id="R1", branch_type="light") for c in codes], 1))
    1
    """
    order = [sites[place] for place in stream(seed, "ills").permutation(len(sites))]
    room = int(len(order) * (1 - FREE_SHARE))
    planted: dict[str, str] = {}
    met: Counter[tuple[str, str]] = Counter()
    alike = Counter(site.branch_type for site in order)
    for found in KINDS:
        wanted = max(1, math.floor(found.share * len(order) + 0.5))
        for _ in range(min(wanted, room - len(planted))):
            able = [
                site
                for site in order
                if site.branch_id not in planted
                and met[site.branch_type, ""] < math.ceil(MOST_OF_TYPE * alike[site.branch_type])
                and (found.types is None or site.branch_type in found.types)
            ]
            if not able:
                break
            chosen = min(able, key=lambda site: _crowding(site, found.name, met))
            planted[chosen.branch_id] = found.name
            for place in (chosen.region_id, chosen.branch_type):
                met[place, found.name] += 1
                met[place, ""] += 1
    return planted


def _crowding(site: Site, name: str, met: Counter[tuple[str, str]]) -> tuple[int, ...]:
    """Return how badly an ill of a kind would be told apart at a site."""
    return (
        met[site.region_id, name] + site.is_ailing,
        met[site.branch_type, name],
        met[site.region_id, ""],
        met[site.branch_type, ""],
    )


def kind(name: str) -> IllKind:
    """Return a kind of ill by its name."""
    return next(found for found in (*KINDS, LOW_MIGRATION) if found.name == name)
