"""What problems and solvers of staffing speak of: demand, posts, limits, plans, appraisals.

Times are seconds after local midnight, durations seconds, people are counts of servers on duty.
An array over posts and slots is a *plan*: how many serve at each post in each quarter-hour.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
GoOn = Callable[[], bool]
"""Asked between two appraisals: False ends a search with the best so far."""
Status = Literal["met", "below_target", "time_limit", "interrupted"]
UNLIMITED = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Slots:
    """The intervals of a day, one behind the other.

    Attributes
    ----------
    first_second : float
        Beginning of the first [s after midnight].
    count : int
        How many.
    seconds : float
        Length of each.
    """

    first_second: float
    count: int
    seconds: float = 900.0

    @property
    def bounds(self) -> Floats:
        """Beginnings of the slots, and the end of the last, shape (count + 1,)."""
        return np.asarray(self.first_second + self.seconds * np.arange(self.count + 1.0))

    @property
    def hours(self) -> float:
        """Length of one slot in hours."""
        return self.seconds / 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """Customers who wait for the same people.

    Attributes
    ----------
    name : str
        Such as ``counter``.
    rates_per_hour : tuple of float
        Mean customers per hour, one a slot, on the day that is staffed for.
    service_seconds : tuple of float
        How long they bind a server, as equally likely values in rising order.
    patience_seconds : float
        Mean of the exponential patience that loses as many within the standard; inf: nobody
        gives up.
    """

    name: str
    rates_per_hour: tuple[float, ...]
    service_seconds: tuple[float, ...]
    patience_seconds: float = np.inf

    @property
    def mean_service_seconds(self) -> float:
        """Mean time that a customer binds a server [s]."""
        return float(np.mean(self.service_seconds))


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """People of one role who can stand in for each other.

    Attributes
    ----------
    name : str
        Such as ``teller``.
    demand : str
        Whom they serve.
    least, most : tuple of int
        Fewest and most at a time, one a slot.
    share : float
        Part of the demand's work that a first guess gives them, 0-1.
    weight : float
        What an hour costs against an hour at other posts.
    """

    name: str
    demand: str
    least: tuple[int, ...]
    most: tuple[int, ...]
    share: float = 1.0
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lunch:
    """A break of everybody present, one behind the other (午休輪班).

    Attributes
    ----------
    first_slot, last_slot : int
        Breaks lie within the slots from the first up to the last, the last not included.
    length : int
        Slots of a break.
    """

    first_slot: int
    last_slot: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What is promised.

    Attributes
    ----------
    seconds : float
        Wait that is within the standard.
    share : float
        Of the customers of every slot, at least so many are called within it, 0-1. Who gives up
        counts against it.
    demand_quantile : float
        Share of days, by how busy they are, on which that is to hold, 0-1.
    """

    seconds: float
    share: float
    demand_quantile: float = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffingProblem:
    """How many people at which post in which slot.

    Attributes
    ----------
    slots : Slots
        The day.
    demands : tuple of Demand
        Who comes.
    posts : tuple of Post
        Who serves.
    present : tuple of int
        Most people serving at a time over all posts, one a slot; `UNLIMITED` where none is said.
    target : Target
        What is promised.
    lunch : Lunch or None
        Breaks.
    demand_factor : float
        The day that is staffed for has so many times the mean day's customers.
    block : int
        Slots for which people are planned together; limits are alike within a block.
    """

    slots: Slots
    demands: tuple[Demand, ...]
    posts: tuple[Post, ...]
    present: tuple[int, ...]
    target: Target
    lunch: Lunch | None = None
    demand_factor: float = 1.0
    block: int = 1

    @property
    def blocks(self) -> int:
        """How many blocks, the last perhaps shorter."""
        return -(-self.slots.count // self.block)

    @property
    def least(self) -> Counts:
        """Fewest people, shape (posts, slots)."""
        return np.array([post.least for post in self.posts], dtype=np.int64)

    @property
    def most(self) -> Counts:
        """Most people, shape (posts, slots)."""
        return np.array([post.most for post in self.posts], dtype=np.int64)

    @property
    def weights(self) -> Floats:
        """What an hour at each post costs, shape (posts,)."""
        return np.array([post.weight for post in self.posts])

    def hours(self, people: Counts) -> float:
        """Return the hours of service of a plan, all posts together."""
        return float(people.sum()) * self.slots.hours


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Appraisal:
    """What happened to the customers of plans on the same days.

    Attributes
    ----------
    customers : array, shape (plans, days, demands, slots)
        Who came, by the slot of the ticket.
    within : array of the same shape
        Who of them was called within the standard.
    """

    customers: Floats
    within: Floats


class Appraise(Protocol):
    """Whatever can tell how plans do.

    The same seed gives every plan the same days (common random numbers), whoever else is
    appraised with it.
    """

    def __call__(self, plans: Counts, *, replications: int, seed: int) -> Appraisal:
        """Return what happens under plans.

        Parameters
        ----------
        plans : array, shape (plans, posts, slots)
            People on duty.
        replications : int
            Days, 1 or more.
        seed : int
            Seed of all chance.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shares:
    """Attained shares with their limits, each of shape (demands, slots); NaN where nobody comes.

    Attributes
    ----------
    share : array
        Called within the standard, of all who came, 0-1.
    error : array
        Standard error of it over the days.
    days : int
        How many days.
    """

    share: Floats
    error: Floats
    days: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StaffingDecision:
    """A plan, what it attains, and what the closed forms would have said.

    Attributes
    ----------
    people : array, shape (posts, slots)
        The plan.
    erlang_c, offered_load : array, shape (posts, slots)
        Plans by per-interval Erlang C, and by the modified offered load.
    attained : Shares
        On days that the search has not seen.
    attained_by_load : Shares
        What the offered load attains on the same days.
    status : {"met", "below_target", "time_limit", "interrupted"}
        Whether every slot meets the target; else why not.
    appraisals, days : int
        How many plans were simulated, and days of them in all.
    replications, seed : int
        Of the days of `attained`, and the seed of the search.
    """

    people: Counts
    erlang_c: Counts
    offered_load: Counts
    attained: Shares
    attained_by_load: Shares
    status: Status
    appraisals: int
    days: int
    replications: int
    seed: int
