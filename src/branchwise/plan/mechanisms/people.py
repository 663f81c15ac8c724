"""People beside the windows: approvers, a central pool of them, guides, converted tellers."""

from __future__ import annotations

from dataclasses import replace

from branchwise.plan.mechanisms.diversion import diverted
from branchwise.plan.mechanisms.duty import stretch_of, with_counts
from branchwise.plan.mechanisms.windows import fewer_windows
from branchwise.plan.proposal import Option
from branchwise.twin.laws import Exponential
from branchwise.twin.scenario import Pool, Scenario

GUIDES = "guide"


def more_approvers(option: Option, scenario: Scenario) -> Scenario:
    """Put `amount` more people into the branch's own pool within the option's window.

    Examples
    --------
    >>> from branchwise.twin.example import corner_branch
    >>> one = Option(option_id="", branch_id="corner", intervention="more_approvers", amount=1.0,
    ...     target="approver", window=(600, 660), lever="")
    >>> [step.count for step in more_approvers(one, corner_branch()).pools[0].open]
    [1, 2, 1]
    """
    return _with_people(scenario, option.target, option)


def central_authorisation(option: Option, scenario: Scenario) -> Scenario:
    """Let a central pool (集中授權) answer instead of the branch's own people.

    The setting ``delay_seconds`` is the mean time until somebody there takes a request; it is
    exponential, as the wait in a large pool where many ask is [1]_.

    References
    ----------
    .. [1] Gross, Shortle, Thompson and Harris (2008), Fundamentals of Queueing Theory, 4th ed.,
       section 2.3, doi:10.1002/9781118625651.
    """
    delays = (Exponential(mean=option.settings["delay_seconds"]),)
    pools = tuple(
        replace(pool, open=(), delays=delays) if pool.name == option.target else pool
        for pool in scenario.pools
    )
    return replace(scenario, pools=pools)


def guides(option: Option, scenario: Scenario) -> Scenario:
    """Put `amount` more guides (大堂引導) into the lobby, who send customers to the machines.

    Where machines ask for a guide, there are so many more; the shares ``service:CODE`` of
    counter services go to machines.
    """
    return diverted(option, _with_people(scenario, GUIDES, option))


def converted_teller(option: Option, scenario: Scenario) -> Scenario:
    """Let `amount` tellers leave the high counter for the lobby (櫃員轉型)."""
    return guides(option, fewer_windows(option, scenario))


def _with_people(scenario: Scenario, name: str, option: Option) -> Scenario:
    stretch, added = stretch_of(option.window, scenario), round(option.amount)

    def more(pool: Pool) -> Pool:
        if pool.name != name or pool.delays:
            return pool
        return replace(pool, open=with_counts(pool.open, stretch, lambda old, _: old + added))

    return replace(scenario, pools=tuple(map(more, scenario.pools)))
