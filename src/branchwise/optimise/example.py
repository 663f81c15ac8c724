"""A small staffing problem, and an appraisal of it without a simulator, for examples and tests."""

from __future__ import annotations

import numpy as np

from branchwise.optimise.model import (
    Appraisal,
    Appraise,
    Counts,
    Demand,
    Post,
    Slots,
    StaffingProblem,
    Target,
)
from branchwise.optimise.solvers.erlang import Queue, within

RATES = (20.0, 40.0, 60.0, 60.0, 30.0, 10.0, 30.0, 50.0, 40.0, 20.0)


def formula_branch(*, most: int = 12, people: int = 12) -> StaffingProblem:
    """Return ten quarter-hours of one counter: services of 5 min, 80 % to be called within 5.

    Examples
    --------
    >>> formula_branch().slots.count
    10
    """
    count = len(RATES)
    shares = (np.arange(200) + 0.5) / 200
    return StaffingProblem(
        slots=Slots(first_second=32400.0, count=count),
        demands=(
            Demand(
                name="counter",
                rates_per_hour=RATES,
                service_seconds=tuple((-300.0 * np.log1p(-shares)).tolist()),
            ),
        ),
        posts=(Post(name="teller", demand="counter", least=(1,) * count, most=(most,) * count),),
        present=(people,) * count,
        target=Target(seconds=300.0, share=0.8),
    )


def stationary(problem: StaffingProblem) -> Appraise:
    """Return an appraisal in which every slot goes as Erlang's formulas say, apart from the rest.

    Customers are Poisson by seed and the share called within the standard is exact, so that the
    best plan is known: the least by formula in every slot.

    Examples
    --------
    >>> problem = formula_branch()
    >>> found = stationary(problem)(problem.least[None], replications=5, seed=1)
    >>> found.customers.shape
    (1, 5, 1, 10)
    """
    rates = np.array([one.rates_per_hour for one in problem.demands])

    def appraise(plans: Counts, *, replications: int, seed: int) -> Appraisal:
        chance = np.random.default_rng(seed)
        came = chance.poisson(
            rates * problem.slots.hours, size=(replications, *rates.shape)
        ).astype(np.float64)
        served = np.array([_shares(problem, plan) for plan in plans])
        customers = np.repeat(came[None], len(plans), axis=0)
        return Appraisal(customers=customers, within=customers * served[:, None])

    return appraise


def _shares(problem: StaffingProblem, plan: Counts) -> list[list[float]]:
    found = []
    for one in problem.demands:
        posts = [place for place, post in enumerate(problem.posts) if post.demand == one.name]
        queues = [
            Queue(
                arrivals_per_second=rate / 3600,
                service_seconds=one.mean_service_seconds,
                patience_seconds=one.patience_seconds,
            )
            for rate in one.rates_per_hour
        ]
        servers = plan[posts].sum(axis=0)
        pairs = zip(queues, servers, strict=True)
        found.append([within(queue, int(count), problem.target.seconds) for queue, count in pairs])
    return found
