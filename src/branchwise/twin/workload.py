"""How much work a scenario brings to its queues, and how much its servers could do."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from branchwise.core.languages import Text
from branchwise.twin.kernel.indexing import law_of_service
from branchwise.twin.scenario import Scenario

Floats = npt.NDArray[np.float64]
FULL = 1.0


def remarks(scenario: Scenario) -> tuple[Text, ...]:
    """Return what can be simulated but should be looked at: stations overloaded all day.

    Examples
    --------
    >>> from branchwise.twin.example import corner_branch
    >>> remarks(corner_branch())
    ()
    """
    work, capacity = _offered_seconds(scenario), _open_seconds(scenario)
    return tuple(
        OVERLOADED.filled(queue=queue, load=f"{work[queue] / capacity[queue]:.2f}")
        for queue in scenario.queues
        if capacity[queue] > 0 and work[queue] / capacity[queue] >= FULL
    )


OVERLOADED = Text(
    en="Queue {queue}: the work that comes in a day is {load} times what its open servers can do; "
    "waits grow until customers give up or the day ends.",
    zh_hant="隊列 {queue}：全日到達的業務量為開放窗口能力的 {load} 倍，"
    "等候將持續增加，直至客戶棄號或當日結束。",
    zh_hans="队列 {queue}：全日到达的业务量为开放窗口能力的 {load} 倍，"
    "等候将持续增加，直至客户弃号或当日结束。",
)


def visits_each(scenario: Scenario) -> Floats:
    """Return how often each activity is done for one who begins with each; inf if endlessly."""
    places = {one.name: place for place, one in enumerate(scenario.activities)}
    onward = np.zeros((len(places), len(places)))
    for activity in scenario.activities:
        for route in activity.routes:
            onward[places[activity.name], places[route.to]] += route.share
    if max(abs(np.linalg.eigvals(onward)), default=0.0) >= 1 - 1e-9:
        return np.full_like(onward, np.inf)
    return np.asarray(np.linalg.inv(np.eye(len(places)) - onward), dtype=np.float64)


def visits_by_class(scenario: Scenario) -> Floats:
    """Return, by class and activity, how often it is done for one customer (more than 0: ever)."""
    each = visits_each(scenario)
    first = np.zeros((len(scenario.classes), len(scenario.activities)))
    places = {one.name: place for place, one in enumerate(scenario.activities)}
    for place, kind in enumerate(scenario.classes):
        total = sum(kind.mix.values())
        for name, share in kind.mix.items():
            first[place, places[name]] = share / total
    with np.errstate(invalid="ignore"):
        return np.nan_to_num(first @ each, nan=0.0, posinf=1.0)


def expected_customers(scenario: Scenario) -> Floats:
    """Return the mean customers of a day, by class."""
    slot_hours = scenario.slot_seconds / 3600
    by_rate = np.array([sum(one.rates_per_hour) * slot_hours for one in scenario.classes])
    named = [one.customer_class for one in scenario.people]
    by_name = np.array([named.count(one.name) for one in scenario.classes])
    return np.asarray(by_rate + by_name, dtype=np.float64)


def _offered_seconds(scenario: Scenario) -> dict[str, float]:
    """Return the mean seconds of service that a day brings, by queue."""
    flows = visits_by_class(scenario) * expected_customers(scenario)[:, None]
    work = dict.fromkeys(scenario.queues, 0.0)
    for kind, row in zip(scenario.classes, flows, strict=True):
        for activity, count in zip(scenario.activities, row, strict=True):
            serving = [one for one in scenario.stations if one.serves(activity.queue)]
            laws = [(law_of_service(activity, kind, one), one.speed) for one in serving]
            means = [law.mean * kind.pace / speed for law, speed in laws if law]
            work[activity.queue] += float(count) * min(means, default=0.0)
    return work


def _open_seconds(scenario: Scenario) -> dict[str, float]:
    """Return the seconds that servers are open for each queue until closing time."""
    seconds = dict.fromkeys(scenario.queues, 0.0)
    for station in scenario.stations:
        steps = station.flexible.limit if station.flexible else station.open
        bounds = [*(min(step.at_second, scenario.closes_second) for step in steps)]
        ends = [*bounds[1:], scenario.closes_second]
        spells = zip(steps, bounds, ends, strict=True)
        opened = sum(step.count * (until - since) for step, since, until in spells)
        for queue in {queue for tier in station.tiers for queue in tier}:
            seconds[queue] += opened
    return seconds
