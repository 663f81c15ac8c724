"""A simulated branch: who comes, what they want, who serves them, and by which rules.

A `Scenario` is plain data: times are seconds after local midnight, durations are seconds,
quantities are what the names say. It can be written to a file and read back (`files`), changed
with :func:`dataclasses.replace`, checked (`checks`) and run (`run`).

How a day goes (the kernel and the independent check in the tests follow this to the letter):

1.  Customers of each class come by a Poisson process of their rates, multiplied by the day's
    factor (gamma of mean 1 and shape `day_shape`); or those of `given` come; and who has an
    appointment comes at its time plus lateness minus `early_seconds`, unless a no-show.
2.  At the entrance each takes a ticket at one of the machines, first come first served (with no
    machine the ticket is drawn on arrival). The *ticket time* is when that is done.
3.  The first activity is drawn from the class's `mix`. The customer joins its queue, unless the
    line is too long for them (balking, at the first activity only).
4.  In a queue the higher priority is first, then the earlier ticket time, then who joined
    earlier, then who has the earlier ticket. Who is not called within the patience, counted from
    joining the queue, leaves.
5.  Whoever joins takes an idle server at once if there is one: stations in order of the tier at
    which they serve that queue, then of how many queues they serve, then of their place in the
    scenario; within a station the server of the lowest number.
6.  A server that falls free serves its first tier: of all customers there the first by priority,
    ticket time and joining; if nobody is there, the next tier, and so on.
7.  The server walks with, or waits for, the customer (`walk_metres` at the class's speed), then
    serves: a draw of the service law (made at the call) times the class's `pace` divided by the
    station's `speed`.
    At the share `at` of that time a request may need a person of a pool (or an answer from
    elsewhere): the server waits until one is free (first come first served), both are held for
    the request's `hold`, then the service goes on.
    A request counts as granted when its hold ends.
8.  After the service a route is drawn: to another activity (perhaps after a walk; perhaps with
    the ticket time kept, else it becomes the time of joining; a new patience), or out. Who goes
    on without a walk joins the next queue before the server turns to whoever is next.
9.  Stations have as many servers as their steps say; who is serving when the number falls
    finishes. Flexible windows above that number open when enough customers wait, after a delay,
    and close when nobody waits, or when the limit falls. A window on its way has the lowest closed
    number; a plan that rises meanwhile opens the lowest closed one, and one on its way at once. A
    machine that comes back from repair above the plan closes if nobody waits for it.
10. Machines fail after a time of working and are repaired; a customer in service goes on to the
    activity's failing route if there is one (ticket time kept), else back to the queue with the
    ticket time kept, for the rest of the service without further requests, and will not give up.
    (If it fails while the customer still walks to it, the rest is the whole service.)
11. Rates, appointments and given lists alone say who comes, also after `closes_second`. Who
    still waits at `ends_second` is sent away, before anything planned for that second; who is
    being served is finished, and so is a service that waits for a person when nobody of that
    pool is left.
12. A warm start: at its second, after the steps of that second, those in service are put on the
    station's lowest free servers and those waiting join in order of ticket time; patience and
    service are drawn on condition that they have lasted until then. Nobody else came before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from branchwise.twin.laws import Law

FORMAT = 1
StationKind = Literal["counter", "smart_counter", "atm", "advice", "lobby", "call"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """From a second of the day on, so many."""

    at_second: float
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Balking:
    """Who turns round at the sight of the line.

    Attributes
    ----------
    shares : tuple of float
        Share of customers who do not join behind 0, 1, 2 … waiting in the queue; the last holds
        for every longer line.
    """

    shares: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerClass:
    """Customers who come, ask and wait alike.

    Attributes
    ----------
    name : str
        Such as ``ordinary`` or ``elderly``.
    rates_per_hour : tuple of float
        Mean customers per hour, one a slot of the scenario from its `rates_start_second` on.
    mix : mapping of str to float
        Shares of first activities; they are scaled to sum to 1.
    priority : int
        Higher is called earlier.
    patience : Law or None
        Seconds after which an uncalled customer leaves; None: never.
    patience_at : mapping of str to Law
        By queue, where it differs.
    balking : Balking or None
        Who does not join; None: everybody joins.
    pace : float
        Their services take this times as long.
    walking_speed_metres_per_second : float
        How fast they walk.
    is_elderly : bool
        Whether to count them among customers of 60 and over.
    tier, age_band, business_line : str
        As in the table ``visit``.
    """

    name: str
    rates_per_hour: tuple[float, ...] = ()
    mix: Mapping[str, float]
    priority: int = 0
    patience: Law | None = None
    patience_at: Mapping[str, Law] = field(default_factory=dict)
    balking: Balking | None = None
    pace: float = 1.0
    walking_speed_metres_per_second: float = 1.2
    is_elderly: bool = False
    tier: str = "unknown"
    age_band: str = "unknown"
    business_line: str = "personal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Where customers go after a service; whoever takes no route leaves served.

    Attributes
    ----------
    to : str
        The next activity.
    share : float
        Share of customers who take it.
    is_failure : bool
        The service failed and is done again elsewhere (轉柜).
    keeps_ticket : bool
        Whether they queue there with their first ticket time.
    walk_metres : float
        Way to the next queue.
    """

    to: str
    share: float
    is_failure: bool = False
    keeps_ticket: bool = False
    walk_metres: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A second person needed during a service: authorisation, review, a guide's help.

    Attributes
    ----------
    pool : str
        Who is asked.
    share : float
        Share of services that need it.
    at : float
        Share of the service time done when it is asked for, 0 to 1.
    hold : Law
        How long both are held once the person is there.
    """

    pool: str
    share: float = 1.0
    at: float = 0.5
    hold: Law


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLaw:
    """How long an activity takes, where class or station make a difference; the most special wins.

    Attributes
    ----------
    law : Law
        Seconds of service.
    station, customer_class : str or None
        Where and for whom it holds; None: everywhere, for everybody. One of a station and a class
        wins over one of a class, that over one of a station.
    """

    law: Law
    station: str | None = None
    customer_class: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """Something done for a customer at a station.

    Attributes
    ----------
    name, queue : str
        The queue it is waited for in.
    services : tuple of ServiceLaw
        How long it takes.
    routes : tuple of Route
        Where customers go next.
    requests : tuple of Request
        Whom it needs besides, in order of `at`.
    service_id : str or None
        Service of the table ``service`` that it stands for.
    walk_metres : float
        Way from waiting to the station.
    """

    name: str
    queue: str
    services: tuple[ServiceLaw, ...]
    routes: tuple[Route, ...] = ()
    requests: tuple[Request, ...] = ()
    service_id: str | None = None
    walk_metres: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Flexible:
    """Windows that open because queues are long (彈性窗口).

    Attributes
    ----------
    limit : tuple of Step
        Most servers open at a time, the planned ones included.
    waiting : int
        Customers waiting in the station's queues that call the first window above the plan.
    further : int
        Customers more for each window that is already open, or on its way, above the plan.
    delay : Law
        Seconds until it opens (cash box, interlocked door).
    keeps : int
        It closes after a service when no more than this many wait.
    """

    limit: tuple[Step, ...]
    waiting: int
    further: int = 0
    delay: Law
    keeps: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """How a machine fails, each on its own, whether in use or not.

    Attributes
    ----------
    between : Law
        Seconds of working until it fails.
    repair : Law
        Seconds until it works again. At the day's beginning a machine is down with the long-run
        share of these two means.
    """

    between: Law
    repair: Law


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """Servers that are alike: windows, a desk, smart counters.

    Attributes
    ----------
    name : str
        Such as ``teller``.
    kind : {"counter", "smart_counter", "atm", "advice", "lobby", "call"}
        As in the table ``visit_step``.
    tiers : tuple of tuple of str
        Queues served, the first tier before the second, and so on.
    open : tuple of Step
        Servers on duty; before the first step none.
    speed : float
        Services go this times as fast (experience).
    flexible : Flexible or None
        Windows on call above the plan.
    failures : Failures or None
        None: never fails.
    members : tuple of str
        Names of the servers in order (window numbers, device codes); numbered where there are
        fewer names than servers.
    """

    name: str
    kind: StationKind = "counter"
    tiers: tuple[tuple[str, ...], ...]
    open: tuple[Step, ...]
    speed: float = 1.0
    flexible: Flexible | None = None
    failures: Failures | None = None
    members: tuple[str, ...] = ()

    def serves(self, queue: str) -> bool:
        """Return whether the station serves a queue in any tier."""
        return any(queue in tier for tier in self.tiers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """People whom stations ask: approvers, guides, reviewers.

    Attributes
    ----------
    name : str
        Such as ``approver``.
    open : tuple of Step
        People on duty at the branch.
    delays : tuple of Law
        For a pool shared by many branches instead: seconds until somebody there takes a request,
        one law a slot of `delay_slot_seconds` from midnight, the last for the rest of the day.
    delay_slot_seconds : float
        Length of those slots.
    """

    name: str
    open: tuple[Step, ...] = ()
    delays: tuple[Law, ...] = ()
    delay_slot_seconds: float = 86400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """Ticket machines at the door; `machines` = 0: the ticket is drawn on arrival."""

    machines: int = 0
    service: Law | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """A customer who is expected.

    Attributes
    ----------
    at_second : float
        Time agreed.
    customer_class, activity : str
        Who, and for what.
    no_show : float
        Chance of not coming.
    lateness : Law
        Seconds after the time agreed, `early_seconds` included.
    early_seconds : float
        Taken off the lateness, so that people may come early.
    """

    at_second: float
    customer_class: str
    activity: str
    no_show: float = 0.0
    lateness: Law
    early_seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A customer who comes for certain (the day of a log replayed)."""

    at_second: float
    customer_class: str
    activity: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A customer who waits when a warm start begins."""

    customer_class: str
    activity: str
    ticket_second: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """A customer who is being served when a warm start begins."""

    customer_class: str
    activity: str
    station: str
    ticket_second: float
    started_second: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """The state of the lobby from which a day goes on: "it is 10:40, these people wait"."""

    at_second: float
    waiting: tuple[Waiting, ...] = ()
    serving: tuple[Serving, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A simulated branch.

    Attributes
    ----------
    name : str
        What people call it, such as ``today``.
    branch_id : str
        The branch.
    opens_second, closes_second, ends_second : float
        Opening, closing, and when whoever still waits is sent away [s after midnight].
    classes, activities, stations, pools : tuple
        The nouns above. Queues are named by the activities.
    slot_seconds, rates_start_second : float
        Length and beginning of the slots of `CustomerClass.rates_per_hour`.
    day_shape : float or None
        Shape of the gamma factor of mean 1 that multiplies a day's rates; None: always 1.
    entrance : Entrance
        Ticket machines.
    appointments, given : tuple
        Customers expected, and customers who come for certain.
    start : Start or None
        A warm start; None: an empty branch.
    standard_seconds : float
        Wait that is within the standard.
    provenance : mapping of str to str
        Where it was read off: snapshot, period, program version.
    """

    name: str = "today"
    branch_id: str = "branch"
    opens_second: float
    closes_second: float
    ends_second: float
    classes: tuple[CustomerClass, ...]
    activities: tuple[Activity, ...]
    stations: tuple[Station, ...]
    pools: tuple[Pool, ...] = ()
    slot_seconds: float = 900.0
    rates_start_second: float = 0.0
    day_shape: float | None = None
    entrance: Entrance = field(default_factory=Entrance)
    appointments: tuple[Appointment, ...] = ()
    given: tuple[Given, ...] = ()
    start: Start | None = None
    standard_seconds: float = 600.0
    provenance: Mapping[str, str] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def people(self) -> tuple[Appointment | Given | Waiting | Serving, ...]:
        """Everybody who is named one by one."""
        start = self.start or Start(at_second=0.0)
        return (*self.appointments, *self.given, *start.waiting, *start.serving)

    @property
    def queues(self) -> tuple[str, ...]:
        """Names of the queues, in order of their first activity."""
        return tuple(dict.fromkeys(activity.queue for activity in self.activities))
