"""What problems and solvers of devices speak of: resources, mixes, what was chosen, allocations.

A *resource* is something a branch can have more or fewer of: machines of a kind, windows, guides. A
*mix* is how many of each: a tuple of counts in the order of the resources. Money is in minor units,
running cost that of a year, customers those of a day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from branchwise.experiments.model import Selection

Floats = npt.NDArray[np.float64]
Counts = tuple[int, ...]
ResourceKind = Literal["machine", "window", "guide"]
Method = Literal["ocba", "kn"]
Status = Literal["optimal", "time_limit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """Something that a branch can have more or fewer of.

    Attributes
    ----------
    name : str
        Such as the station or pool of a scenario.
    kind : {"machine", "window", "guide"}
        What it is.
    device_kind : str
        Of machines, as in ``device_model``; only machines of the same kind move between branches.
    today : int
        How many there are.
    counts : tuple of int
        How many there may be, rising.
    running_minor : tuple of int
        What each of `counts` costs a year.
    price_minor : int
        Capital that one more takes.
    life_years : float
        Years after which it is bought anew.
    floor_m2, power_watts : float
        What each takes.
    """

    name: str
    kind: ResourceKind
    device_kind: str = ""
    today: int
    counts: tuple[int, ...]
    running_minor: tuple[int, ...]
    price_minor: int = 0
    life_years: float = 1.0
    floor_m2: float = 0.0
    power_watts: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What a mix may take at most; None: no limit.

    Attributes
    ----------
    floor_m2 : float or None
        Of all resources together.
    power_watts : float or None
        Of all resources together.
    capital_minor : int or None
        For what is added.
    windows : int or None
        Of windows, all posts together.
    """

    floor_m2: float | None = None
    power_watts: float | None = None
    capital_minor: int | None = None
    windows: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceProblem:
    """How many of what a branch should have.

    Attributes
    ----------
    branch_id : str
        The branch.
    resources : tuple of Resource
        What can be varied.
    room : Room
        Limits.
    worth_minor : float
        What it is worth that one customer fewer waits beyond the standard or leaves.
    days_per_year : float
        Days on which the branch is open.
    tolerance : float
        Customers a day of whom more may be late or lost than today, at most; inf: any number.
    """

    branch_id: str
    resources: tuple[Resource, ...]
    room: Room = field(default_factory=Room)
    worth_minor: float
    days_per_year: float
    tolerance: float = np.inf

    @property
    def today(self) -> Counts:
        """The mix that is there."""
        return tuple(one.today for one in self.resources)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """Counts of all resources, and what they cost.

    Attributes
    ----------
    counts : tuple of int
        One a resource.
    running_minor : int
        Cost of a year.
    once_minor : int
        Capital for what is added to today's.
    """

    counts: Counts
    running_minor: int
    once_minor: int


class AppraiseMixes(Protocol):
    """Whatever can tell how mixes do: customers who wait beyond the standard or leave.

    The number of a replication fixes all chance, and gives every mix the same customers (common
    random numbers), whoever else is appraised with it.
    """

    def __call__(
        self, mixes: Sequence[Counts], *, first_replication: int, replications: int, seed: int
    ) -> Floats:
        """Return late or lost customers a day.

        Parameters
        ----------
        mixes : sequence of tuple of int
            Counts of the resources.
        first_replication, replications : int
            Which replications, from 0.
        seed : int
            Seed of all chance.

        Returns
        -------
        array, shape (mixes, replications)
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """How a best mix is looked for.

    Attributes
    ----------
    runs : int
        Replications of all mixes together, at most.
    confidence : float
        Probability of a right choice that ends the search, 0-1.
    indifference_minor : float
        Difference of yearly cost and worth that does not matter.
    method : {"ocba", "kn"}
        How runs are spent, see `experiments.selection`.
    first : int
        Replications of each mix to begin with.
    seed : int
        Seed of all chance.
    """

    runs: int = 1000
    confidence: float = 0.95
    indifference_minor: float = 0.0
    method: Method = "ocba"
    first: int = 5
    seed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MixDecision:
    """Which mix is best at one branch, and how the others compare.

    Attributes
    ----------
    problem : DeviceProblem
        What was asked.
    mixes : tuple of Mix
        Those that were tried; today's is among them, if only for comparison.
    objective_minor : array, shape (mixes,)
        Running cost of a year and worth of late or lost customers, estimated.
    values_minor : tuple of array
        The objective in each run of each mix; run for run the same days.
    selection : Selection or None
        How the best was told from the rest; candidates are places in `mixes`. None where only
        today's is possible.
    chosen : int
        Place of the best one.
    feasible : int
        Mixes within the limits.
    too_dear : int
        Of these, how many cost more than today's with all its late customers and were not tried.
    runs : int
        Replications spent, all mixes together.
    allowed : tuple of bool
        Which of `mixes` may be proposed: within the limits, and within the tolerance as far as
        its runs tell.
    is_whole : bool
        Whether the search came to its own end, and was not stopped.
    """

    problem: DeviceProblem
    mixes: tuple[Mix, ...]
    objective_minor: Floats
    values_minor: tuple[Floats, ...]
    selection: Selection | None
    chosen: int
    feasible: int
    too_dear: int
    runs: int
    allowed: tuple[bool, ...]
    is_whole: bool = True

    @property
    def proposable(self) -> tuple[int, ...]:
        """Places of the mixes that may be proposed."""
        return tuple(place for place, is_allowed in enumerate(self.allowed) if is_allowed)

    @property
    def is_today_allowed(self) -> bool:
        """Whether today's mix is within the limits of floor and power."""
        return self.allowed[self.today]

    @property
    def today(self) -> int:
        """Place of today's mix."""
        return next(
            place for place, mix in enumerate(self.mixes) if mix.counts == self.problem.today
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A mix that a branch may get, as the network sees it.

    Attributes
    ----------
    counts : tuple of int
        The mix.
    objective_minor : float
        Running cost of a year and worth of late or lost customers, everything added being bought.
    once_minor : int
        Capital, everything added being bought.
    added, removed : mapping of str to int
        Machines by kind, against today.
    """

    counts: Counts
    objective_minor: float
    once_minor: int
    added: Mapping[str, int] = field(default_factory=dict)
    removed: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchChoices:
    """The mixes of one branch.

    Attributes
    ----------
    branch_id : str
        The branch.
    choices : tuple of Choice
        One of them is taken.
    price_minor : mapping of str to int
        What a machine of each kind costs there.
    life_years : mapping of str to float
        Years that a machine of each kind lasts.
    """

    branch_id: str
    choices: tuple[Choice, ...]
    price_minor: Mapping[str, int] = field(default_factory=dict)
    life_years: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkProblem:
    """Which branch gets which mix, under one budget.

    Attributes
    ----------
    branches : tuple of BranchChoices
        Who.
    capital_minor : int or None
        For machines bought and moved, all branches together; None: no limit.
    move_minor : int
        What moving a machine costs once.
    """

    branches: tuple[BranchChoices, ...]
    capital_minor: int | None = None
    move_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkDecision:
    """Who gets what, and how good that is at best.

    Attributes
    ----------
    chosen : tuple of int
        Place of the choice of each branch.
    moved_in : tuple of mapping of str to int
        Machines that come from other branches, by kind, one mapping a branch.
    objective_minor, bound_minor : float
        Cost of a year of what was chosen; no allocation costs less than the bound.
    capital_minor : int
        What it takes of the budget.
    gap : float
        (objective - bound) / size of the objective, 0 or more.
    status : {"optimal", "time_limit"}
        Whether the bound was reached.
    """

    chosen: tuple[int, ...]
    moved_in: tuple[Mapping[str, int], ...]
    objective_minor: float
    bound_minor: float
    capital_minor: int
    gap: float
    status: Status
