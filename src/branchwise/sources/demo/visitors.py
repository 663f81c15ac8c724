"""What visitors bring along: service, patience, identity, and the choice of a machine."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from branchwise.core.randomness import stream
from branchwise.sources.demo.catalogues import MACHINE, SKILLS, DemoService, services
from branchwise.sources.demo.customers import AGE_BANDS, ELDERLY, Customers
from branchwise.sources.demo.demand import Arrivals
from branchwise.sources.demo.network import Branch
from branchwise.sources.demo.settings import DemoSettings, Flags, Floats, Ints

MACHINE_BY_BAND = (1.15, 1.05, 0.85, 0.40)
FAIL_BACK_BY_BAND = (0.05, 0.05, 0.08, 0.16)
REJECTED_SHARE = 0.03
ELDERLY_SERVICE = 1.25
PATIENCE_SHAPE, PATIENCE_SCALE = 1.29, 3000.0
ELDERLY_PATIENCE = 1.5
COMING_LOG = (5.1, 0.4)
"""Logarithmic mean and deviation of the seconds until a called window opens: median 164 s."""
MACHINE_PATIENCE = 420.0
MACHINE_LOG_SD = 0.35
SILENT_SHARE = 0.35
SWIPED_SHARE = 0.35
OWN_CUSTOMER_SHARE = 0.85
VIP_PRIORITY = 2
FIRST_VIP_STAR = 5
DONE, REJECTED, TO_COUNTER = 0, 1, 2
MOST_TO_MACHINES = 0.95
LEAST_SECONDS = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitors:
    """The visitors of a branch over all days, one entry of each array a visitor.

    In the order of `Arrivals`. Visitors that only come after a failed session at a machine stand
    at the end, with NaN as their time.

    Attributes
    ----------
    day : array of int
        Number of the day.
    arrived : array of float
        Seconds after midnight.
    service, band, customer : array of int
        Places in the catalogue, in `AGE_BANDS`, and among the branch's customers (-1: nobody
        knows).
    is_known_band : array of bool
        Whether the ticket machine learnt the age.
    star : array of int
        Stars of a known customer, else 0.
    skill, counter_skill, priority, follower : array of int
        As in ``queue.Visits``.
    service_seconds, counter_seconds, patience, walk : array of float
        As in ``queue.Visits``.
    response : array of float
        Time until an approver comes, as a multiple of the branch's mean.
    asks, stays_silent : array of bool
        As in ``queue.Visits``.
    coming : array of float
        As in ``queue.Visits``.
    session : array of int
        Fate of a session at a machine: `DONE`, `REJECTED` or `TO_COUNTER`.
    """

    day: Ints
    arrived: Floats
    service: Ints
    band: Ints
    customer: Ints
    is_known_band: Flags
    star: Ints
    skill: Ints
    counter_skill: Ints
    priority: Ints
    follower: Ints
    service_seconds: Floats
    counter_seconds: Floats
    patience: Floats
    walk: Floats
    response: Floats
    asks: Flags
    stays_silent: Flags
    coming: Floats
    session: Ints


def visitors_of(
    settings: DemoSettings, branch: Branch, customers: Customers, arrivals: Arrivals
) -> Visitors:
    """Draw what the visitors of a branch bring along.

    Times of service are lognormal. Patience is Weibull, its shape 1.29 as fitted to Verint's
    survey; the scale, 11 minutes there, is taken as 50: the survey asked for intentions, while 3
    to 8 % are seen to leave, and people with a ticket may sit down.
    """
    chance = stream(settings.seed, "visitors", branch.branch_id)
    count = len(arrivals.day)
    elderly = arrivals.band == ELDERLY
    service = _services(chance, elderly, arrivals.is_corporate)
    at_counter, at_machine = _seconds(chance, service, elderly)
    known = _customers(chance, customers, arrivals)
    skill = _by_service("skill_number", service)
    chooses = _chooses_machine(settings, branch, chance, arrivals, service)
    session = _sessions(chance, arrivals.band)
    patience = PATIENCE_SCALE * (-np.log1p(-chance.random(count))) ** (1 / PATIENCE_SHAPE)
    patience = patience * np.where(elderly, ELDERLY_PATIENCE, 1.0)
    back = np.flatnonzero(chooses & (session == TO_COUNTER))
    follower = np.full(count, -1, dtype=np.int64)
    follower[back] = count + np.arange(len(back))
    drawn = Visitors(
        day=arrivals.day,
        arrived=arrivals.arrived,
        service=service,
        band=arrivals.band,
        customer=known.customer,
        is_known_band=known.is_known_band,
        star=known.star,
        skill=np.where(chooses, MACHINE, skill),
        counter_skill=skill,
        priority=_priorities(branch, arrivals, known.star),
        follower=follower,
        service_seconds=np.where(chooses, at_machine, at_counter),
        counter_seconds=at_counter,
        patience=np.where(chooses, MACHINE_PATIENCE, patience),
        walk=np.floor(chance.uniform(8, 25, count) * np.where(elderly, 1.6, 1.0)),
        response=chance.exponential(1.0, count),
        asks=chance.random(count) < _by_service("authorised_share", service),
        stays_silent=chance.random(count) < SILENT_SHARE,
        coming=np.exp(chance.normal(*COMING_LOG, count)),
        session=session,
    )
    return _with_followers(drawn, back, patience)


def _priorities(branch: Branch, arrivals: Arrivals, star: Ints) -> Ints:
    is_elder = (arrivals.band == ELDERLY) & ~arrivals.is_corporate
    return np.where(
        star >= FIRST_VIP_STAR, VIP_PRIORITY, np.where(is_elder, branch.elderly_priority, 0)
    )


def _by_service(name: str, service: Ints) -> npt.NDArray[Any]:
    values = [
        SKILLS.index(found.skill) if name == "skill_number" else getattr(found, name)
        for found in services()
    ]
    chosen: npt.NDArray[Any] = np.array(values)[service]
    return chosen


def service_weights(group: str) -> Floats:
    """Return the share of each service among a group: younger, elderly or corporate."""
    is_corporate = group == "corporate"
    weights = np.array([_weight(found, group) for found in services()])
    weights *= [(found.business_line == "corporate") == is_corporate for found in services()]
    shares: Floats = weights / weights.sum()
    return shares


def _weight(service: DemoService, group: str) -> float:
    return service.weight_60_plus if group == "elderly" else service.weight_under_60


def _services(chance: np.random.Generator, elderly: Flags, is_corporate: Flags) -> Ints:
    chosen = chance.random(len(elderly))
    service = np.empty(len(elderly), dtype=np.int64)
    groups = {
        "younger": ~elderly & ~is_corporate,
        "elderly": elderly & ~is_corporate,
        "corporate": is_corporate,
    }
    for group, members in groups.items():
        share = np.cumsum(service_weights(group))
        found = np.searchsorted(share, chosen[members], side="right")
        service[members] = np.minimum(found, np.flatnonzero(service_weights(group))[-1])
    return service


def _seconds(chance: np.random.Generator, service: Ints, elderly: Flags) -> tuple[Floats, Floats]:
    """Return seconds of service at the counter and at a machine."""
    slow = np.where(elderly, ELDERLY_SERVICE, 1.0)
    spread = _by_service("counter_log_sd", service)
    counter = np.exp(spread * chance.normal(0, 1, len(service)))
    machine = np.exp(MACHINE_LOG_SD * chance.normal(0, 1, len(service)))
    counter *= slow * _by_service("counter_median_seconds", service)
    machine *= slow * _by_service("machine_median_seconds", service)
    return np.maximum(LEAST_SECONDS, counter.round()), np.maximum(LEAST_SECONDS, machine.round())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    customer: Ints
    is_known_band: Flags
    star: Ints


def _customers(chance: np.random.Generator, customers: Customers, arrivals: Arrivals) -> _Known:
    """Say who swiped an identity, and which customer of the branch it was."""
    count = len(arrivals.band)
    swiped = (chance.random(count) < SWIPED_SHARE) & ~arrivals.is_corporate
    own = swiped & (chance.random(count) < OWN_CUSTOMER_SHARE)
    chosen = chance.random(count)
    customer = np.full(count, -1, dtype=np.int64)
    for band in range(len(AGE_BANDS)):
        members = np.flatnonzero(customers.band == band)
        here = own & (arrivals.band == band)
        customer[here] = members[(chosen[here] * len(members)).astype(np.int64)]
    star = np.where(customer >= 0, customers.star[customer], 0)
    return _Known(customer=customer, is_known_band=swiped, star=star)


def _chooses_machine(
    settings: DemoSettings,
    branch: Branch,
    chance: np.random.Generator,
    arrivals: Arrivals,
    service: Ints,
) -> Flags:
    able = _by_service("machine_median_seconds", service) > 0
    campaign = np.array(settings.amounts("campaign", branch.branch_id, neutral=1))[arrivals.day]
    share = branch.machine_share * campaign * np.array(MACHINE_BY_BAND)[arrivals.band]
    drawn = chance.random(len(service))
    chosen: Flags = able & ~arrivals.is_corporate & (drawn < np.minimum(share, MOST_TO_MACHINES))
    return chosen


def _sessions(chance: np.random.Generator, band: Ints) -> Ints:
    drawn = chance.random(len(band))
    back = np.array(FAIL_BACK_BY_BAND)[band]
    is_rejected = drawn < back + REJECTED_SHARE
    return np.where(drawn < back, TO_COUNTER, np.where(is_rejected, REJECTED, DONE))


def _with_followers(drawn: Visitors, back: Ints, patience: Floats) -> Visitors:
    """Append the visits to the counter that failed sessions at a machine lead to."""
    names = (
        "day", "service", "band", "customer", "is_known_band", "star", "counter_skill",
        "priority", "counter_seconds", "walk", "response", "asks", "stays_silent", "coming",
        "session",
    )  # fmt: skip
    longer: dict[str, Any] = {
        name: np.concatenate([getattr(drawn, name), getattr(drawn, name)[back]]) for name in names
    }
    nobody = np.full(len(back), -1, dtype=np.int64)
    return Visitors(
        arrived=np.concatenate([drawn.arrived, np.full(len(back), math.nan)]),
        skill=np.concatenate([drawn.skill, drawn.counter_skill[back]]),
        follower=np.concatenate([drawn.follower, nobody]),
        service_seconds=np.concatenate([drawn.service_seconds, drawn.counter_seconds[back]]),
        patience=np.concatenate([drawn.patience, patience[back]]),
        **longer,
    )
