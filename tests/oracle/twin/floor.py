"""Who and what the event list moves about: customers, their visits, servers, desks, pools."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from branchwise.twin.scenario import Activity, CustomerClass, Pool, Station

NAN = math.nan


@dataclass(eq=False, slots=True)
class Person:
    """A customer and what became of them."""

    customer_class: CustomerClass
    key: int
    entered: float
    first: str | None = None
    ticket: float = NAN
    left: float = NAN
    wait: float = 0.0
    outcome: str = ""
    begun: int = 0
    number: float = math.inf


@dataclass(eq=False, slots=True)
class Visit:
    """A customer's stay in one queue and at one server: a step of the trace."""

    person: Person
    activity: str
    station: str | None = None
    member: int = -1
    queued: float = NAN
    called: float = NAN
    started: float = NAN
    ended: float = NAN
    asked: list[float] = field(default_factory=list)
    granted: list[float] = field(default_factory=list)
    outcome: str = ""


@dataclass(eq=False, slots=True)
class Job:
    """An activity of a customer: waited for, begun, perhaps interrupted, done."""

    person: Person
    activity: Activity
    turn: int
    ticket: float
    joined: tuple[float, int] = (NAN, 0)
    deadline: float = math.inf
    visit: Visit | None = None
    seconds: float | None = None
    done: float = 0.0
    requests: list[tuple[float, int]] = field(default_factory=list)

    def rank(self) -> tuple[float, float, float, float]:
        """Return what decides who is first in a queue."""
        return (-self.person.customer_class.priority, self.ticket, *self.joined)

    def rank_among_queues(self) -> tuple[float, float, float, float]:
        """Return what decides who is called of the first of several queues."""
        return (*self.rank()[:3], self.person.number)


@dataclass(eq=False, slots=True)
class Server:
    """A window or machine."""

    number: int
    place: int
    desk: Desk
    is_open: bool = False
    is_closing: bool = False
    is_down: bool = False
    is_coming: bool = False
    job: Job | None = None
    phase: str = ""
    since: float = NAN
    token: int = 0
    key: int = 0
    failures: int = 0

    @property
    def is_free(self) -> bool:
        """Whether it would take a customer now."""
        return self.is_open and not self.is_down and self.job is None


@dataclass(eq=False, slots=True)
class Desk:
    """A station at work."""

    place: int
    station: Station
    planned: int
    limit: int = 0
    called: int = 0
    servers: list[Server] = field(default_factory=list)

    @property
    def coming(self) -> int:
        """Windows on their way."""
        return sum(server.is_coming for server in self.servers)

    @property
    def queues(self) -> list[str]:
        """Names of the queues served, each once."""
        return list(dict.fromkeys(name for tier in self.station.tiers for name in tier))

    @property
    def open_count(self) -> int:
        """Servers open and not about to close."""
        return sum(server.is_open and not server.is_closing for server in self.servers)

    @property
    def has_extra(self) -> bool:
        """Whether a flexible station has more open than planned."""
        return self.station.flexible is not None and self.open_count > self.planned

    def tier_of(self, queue: str) -> int:
        """Return the first tier that has a queue."""
        return next(n for n, tier in enumerate(self.station.tiers) if queue in tier)

    def free(self) -> list[Server]:
        """Return the servers that would take a customer, in order of number."""
        return [server for server in self.servers if server.is_free]

    def idle(self) -> list[Server]:
        """Return the open servers without a customer, down or not."""
        return [server for server in self.servers if server.is_open and server.job is None]

    def close_one(self) -> None:
        """Close the highest server without a customer, else mark the highest with one."""
        if idle := self.idle():
            idle[-1].is_open = False
            return
        busy = [s for s in self.servers if s.is_open and not s.is_closing]
        busy[-1].is_closing = True

    def obey_limit(self) -> None:
        """Close servers until no more are open than a flexible station may have."""
        while self.open_count > max(self.limit, self.planned):
            self.close_one()

    def one_more(self) -> Server:
        """Unmark the lowest server about to close, else open the lowest closed one.

        One that is on its way is there at once, and does not come later.
        """
        closing = [server for server in self.servers if server.is_closing]
        server = closing[0] if closing else next(s for s in self.servers if not s.is_open)
        if server.is_coming:
            server.is_coming = False
            server.token += 1
        server.is_open, server.is_closing = True, False
        return server


@dataclass(eq=False, slots=True)
class Resource:
    """A pool at work."""

    pool: Pool
    on_duty: int = 0
    held: int = 0
    asking: list[Server] = field(default_factory=list)
