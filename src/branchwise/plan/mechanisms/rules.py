"""Who is called first."""

from __future__ import annotations

from dataclasses import replace

from branchwise.plan.proposal import Option
from branchwise.twin.scenario import Scenario


def elderly_first(option: Option, scenario: Scenario) -> Scenario:
    """Call customers of 60 and over before all others (長者優先).

    Parameters
    ----------
    option : Option
        Its `amount` is not used.
    scenario : Scenario
        The branch.

    Examples
    --------
    >>> from branchwise.twin.example import corner_branch
    >>> level = elderly_first(
    ...     Option(option_id="", branch_id="", intervention="", amount=1.0, lever=""),
    ...     corner_branch(),
    ... )
    >>> [kind.priority for kind in level.classes]
    [0, 1]
    """
    del option
    others = max((one.priority for one in scenario.classes if not one.is_elderly), default=0)
    classes = tuple(
        replace(one, priority=max(one.priority, others + 1)) if one.is_elderly else one
        for one in scenario.classes
    )
    return replace(scenario, classes=classes)
