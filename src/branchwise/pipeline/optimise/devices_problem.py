"""What a branch has, could have and would pay, read off its twin, tables and assumptions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from branchwise.core.ports import Engine
from branchwise.optimise.devices import DeviceProblem, Method, Resource, Room
from branchwise.pipeline.optimise.devices_twin import with_mix
from branchwise.tables.assumptions import Assumptions
from branchwise.twin.scenario import Scenario, Station, Step

MACHINES = ("smart_counter", "atm")
GUIDE = "guide"
MOST_MIXES = 120
"""More could not be told apart by a thousand runs."""
UNKNOWN_SPARE = 2
"""Windows more than today's where nobody says how many are built."""
LASTING = 900.0
"""Seconds for which a number of windows is open that counts as today's."""
HOUR = 3600.0
MODELS = """
SELECT device_kind AS kind, avg(price_minor) AS price_minor,
  avg(annual_maintenance_minor) AS upkeep_minor, avg(life_years) AS life_years,
  avg(power_watts) AS power_watts
FROM device JOIN device_model USING (device_model_id)
WHERE retired_on IS NULL GROUP BY device_kind ORDER BY device_kind
"""
WINDOWS = """
SELECT branch_id, count(*) AS windows FROM fixture
WHERE kind = 'counter_window' GROUP BY branch_id ORDER BY branch_id
"""
FLOOR = """
SELECT branch_id, sum(floor_area_m2) AS floor_m2 FROM zone
WHERE kind = 'smart_counter' GROUP BY branch_id ORDER BY branch_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked of devices.

    Attributes
    ----------
    budget, worth, indifference : float or None
        In units of the currency: capital of all branches together (None: no limit); worth of one
        late or lost customer fewer (None: the assumption ``service_value_per_visit``); difference
        a year that does not matter (None: one hundredth of what a branch's resources cost).
    space_m2, power_kw : float or None
        Floor and power of a branch's machines; None: the area of its zone for them where that is
        known, and no limit of power.
    worse : float
        Share of the customers of whom more may be late or lost than today; 1: all.
    runs : int
        Runs at a branch, all mixes together.
    days : int
        Days simulated in a run.
    confidence : float
        Probability of a right choice that ends a search, 0-1.
    method : {"ocba", "kn"}
        How runs are spent.
    """

    budget: float | None = None
    worth: float | None = None
    indifference: float | None = None
    space_m2: float | None = None
    power_kw: float | None = None
    worse: float = 0.01
    runs: int = 1000
    days: int = 10
    confidence: float = 0.95
    method: Method = "ocba"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """What tables and assumptions say of machines, windows, floors and costs.

    Attributes
    ----------
    models : mapping of str to mapping
        Mean model of the machines in use, by device kind.
    windows, floor_m2 : mapping
        Counter windows that are built, and floor for machines, by branch, where known.
    assumptions : Assumptions
        Everything else.
    """

    models: Mapping[str, Mapping[str, Any]]
    windows: Mapping[str, int]
    floor_m2: Mapping[str, float]
    assumptions: Assumptions

    def is_assumed(self, kind: str) -> bool:
        """Return whether no model in use says what a machine costs."""
        return self.models.get(kind, {}).get("price_minor") is None


def prices_of(engine: Engine, assumptions: Assumptions) -> Prices:
    """Read what machines cost and what the branches have room for."""
    floors = engine.table(FLOOR).to_pylist()
    return Prices(
        models={row["kind"]: row for row in engine.table(MODELS).to_pylist()},
        windows={row["branch_id"]: row["windows"] for row in engine.table(WINDOWS).to_pylist()},
        floor_m2={row["branch_id"]: row["floor_m2"] for row in floors if row["floor_m2"]},
        assumptions=assumptions,
    )


def problem_of(
    branch_id: str,
    weekdays: Sequence[Scenario],
    prices: Prices,
    wanted: Wanted,
    capital_minor: int | None = None,
) -> DeviceProblem:
    """Return the problem of a branch.

    Parameters
    ----------
    branch_id : str
        The branch.
    weekdays : sequence of Scenario
        Its usual open weekdays.
    prices : Prices
        What things cost.
    wanted : Wanted
        What is asked.
    capital_minor : int, optional
        Budget of the branch alone.
    """
    known = prices.assumptions
    weeks, minor = known.value("open_weeks_per_year"), known.minor_units
    worth = known.value("service_value_per_visit") if wanted.worth is None else wanted.worth
    power = None if wanted.power_kw is None else wanted.power_kw * 1000
    floor = prices.floor_m2.get(branch_id) if wanted.space_m2 is None else wanted.space_m2
    machines = [_machine(one, weekdays, prices) for one in _stations(weekdays, MACHINES)]
    guides = _guides(weekdays, prices, weeks)
    spare = _spare(branch_id, weekdays, prices)
    windows = _windows(weekdays, prices, spare, weeks)
    resources = tuple(_few_enough([*machines, *guides], windows))
    windows_today = sum(one.today for one in resources if one.kind == "window")
    return DeviceProblem(
        branch_id=branch_id,
        resources=resources,
        room=Room(
            floor_m2=_roomy(floor, machines, wanted),
            power_watts=power,
            capital_minor=capital_minor,
            windows=windows_today + spare,
        ),
        worth_minor=worth * minor,
        days_per_year=weeks * len(weekdays),
        tolerance=wanted.worse * _customers(weekdays),
    )


def _customers(weekdays: Sequence[Scenario]) -> float:
    """Return the mean customers of a day."""
    from branchwise.twin.workload import expected_customers

    return float(sum(expected_customers(one).sum() for one in weekdays)) / len(weekdays)


def _roomy(floor: float | None, machines: Sequence[Resource], wanted: Wanted) -> float | None:
    """Return the floor asked for, or the zone's; a zone that is full today is not too small."""
    if floor is None or wanted.space_m2 is not None:
        return floor
    return max(floor, sum(one.floor_m2 * one.today for one in machines))


def _stations(weekdays: Sequence[Scenario], kinds: Sequence[str]) -> list[Station]:
    """Return the stations of some kinds, as on the first weekday that has each."""
    found: dict[str, Station] = {}
    for scenario in weekdays:
        for one in scenario.stations:
            if one.kind in kinds:
                found.setdefault(one.name, one)
    return list(found.values())


def _machine(station: Station, weekdays: Sequence[Scenario], prices: Prices) -> Resource:
    known, minor, kind = prices.assumptions, prices.assumptions.minor_units, station.kind
    model = prices.models.get(kind, {})

    def told(name: str, otherwise: float) -> float:
        return otherwise if model.get(name) is None else float(model[name])

    bare = told("price_minor", known.value(f"{kind}_price") * minor)
    upkeep = told("upkeep_minor", known.value("device_maintenance_share") * bare)
    price = bare + known.value("device_installation_cost") * minor
    life = told("life_years", known.value("device_life_years"))
    today = _today([_steps(scenario, station.name) for scenario in weekdays])
    counts = tuple(range(max(today - 2, 1), today + 3))
    return Resource(
        name=station.name,
        kind="machine",
        device_kind=kind,
        today=today,
        counts=counts,
        running_minor=tuple(
            round(upkeep * count + price / life * max(count, today)) for count in counts
        ),
        price_minor=round(price),
        life_years=life,
        floor_m2=known.value("device_floor_area"),
        power_watts=told("power_watts", known.value("device_power")),
    )


def _guides(weekdays: Sequence[Scenario], prices: Prices, weeks: float) -> list[Resource]:
    """Return the branch's own guides, if services ask for any."""
    plans = [
        _until(pool.open, scenario)
        for scenario in weekdays
        for pool in scenario.pools
        if pool.name == GUIDE
    ]
    today = _today(plans)
    if today == 0:
        return []
    wage = prices.assumptions.value("assistant_cost_per_hour")
    hours = sum(
        open_hours(_until(pool.open, scenario), scenario.closes_second)
        for scenario in weekdays for pool in scenario.pools if pool.name == GUIDE
    )  # fmt: skip
    a_person = hours * weeks * wage * prices.assumptions.minor_units / today
    counts = tuple(range(max(today - 1, 1), today + 3))
    running = tuple(round(a_person * count) for count in counts)
    return [Resource(name=GUIDE, kind="guide", today=today, counts=counts, running_minor=running)]


def _windows(
    weekdays: Sequence[Scenario], prices: Prices, spare: int, weeks: float
) -> list[Resource]:
    """Return the posts of windows that are planned, first those with most customers.

    Posts that are only ever on call have no plan to be varied.
    """
    stations = _stations(weekdays, ("counter",))
    customers = customers_by_queue(weekdays[0])
    served = {
        one.name: sum(customers[queue] for queue in customers if one.serves(queue))
        for one in stations
    }
    found: list[Resource] = []
    for one in sorted(stations, key=lambda one: (-served[one.name], one.name)):
        today = _today([_steps(scenario, one.name) for scenario in weekdays])
        more = max(min(1 if found else 2, spare), 0)
        counts = tuple(range(max(today - 1, 1), today + more + 1))
        if today == 0 or len(counts) == 1:
            continue
        resource = Resource(
            name=one.name, kind="window", today=today, counts=counts,
            running_minor=(0,) * len(counts),
        )  # fmt: skip
        found.append(_paid(resource, weekdays, prices, weeks))
    return found


def customers_by_queue(scenario: Scenario) -> dict[str, float]:
    """Return how many customers a day join each queue on average.

    Examples
    --------
    >>> from branchwise.twin.example import corner_branch
    >>> found = customers_by_queue(corner_branch())
    >>> {queue: round(count) for queue, count in found.items()}
    {'counter': 78, 'machine': 69}
    """
    from branchwise.twin.workload import expected_customers, visits_by_class

    joins = (visits_by_class(scenario) * expected_customers(scenario)[:, None]).sum(axis=0)
    found = dict.fromkeys(scenario.queues, 0.0)
    for one, count in zip(scenario.activities, joins, strict=True):
        found[one.queue] += float(count)
    return found


def _spare(branch_id: str, weekdays: Sequence[Scenario], prices: Prices) -> int:
    """Return how many more windows there is room for when most are planned."""
    planned = max(_planned_at_once(scenario) for scenario in weekdays)
    return max(prices.windows.get(branch_id, planned + UNKNOWN_SPARE) - planned, 0)


def _planned_at_once(scenario: Scenario) -> int:
    """Return the most windows that are planned at a time, all posts together."""
    plans = [_steps(scenario, one.name) for one in scenario.stations if one.kind == "counter"]
    times = sorted({step.at_second for steps in plans for step in steps})
    together = tuple(
        Step(at_second=time, count=sum(_at(steps, time) for steps in plans)) for time in times
    )
    return _today([together])


def _at(steps: Sequence[Step], second: float) -> int:
    return next((step.count for step in reversed(steps) if step.at_second <= second), 0)


def _paid(
    resource: Resource, weekdays: Sequence[Scenario], prices: Prices, weeks: float
) -> Resource:
    """Return windows with the wages of a year, by the schedule that each count would have."""
    wage = prices.assumptions.value("teller_cost_per_hour") * prices.assumptions.minor_units
    costs = []
    for count in resource.counts:
        days = [with_mix(one, [resource], (count,)) for one in weekdays]
        costs.append(round(_hours(days, resource.name) * weeks * wage))
    return replace(resource, running_minor=tuple(costs))


def _few_enough(resources: list[Resource], windows: list[Resource]) -> list[Resource]:
    """Return as many resources as leave mixes that can be told apart, windows by their hours."""
    found: list[Resource] = []
    mixes = 1
    for one in [*resources, *windows]:
        if found and mixes * len(one.counts) > MOST_MIXES:
            continue
        mixes *= len(one.counts)
        found.append(one)
    return found


def _steps(scenario: Scenario, name: str) -> Sequence[Step]:
    """Return the plan of a post until closing."""
    plan = next((one.open for one in scenario.stations if one.name == name), ())
    return _until(plan, scenario)


def _until(plan: Sequence[Step], scenario: Scenario) -> Sequence[Step]:
    return tuple(step for step in plan if step.at_second < scenario.closes_second)


def _today(plans: Sequence[Sequence[Step]]) -> int:
    """Return the highest number that some weekday's plan keeps for a quarter-hour."""
    found = 0
    for steps in plans:
        ends = [*(step.at_second for step in steps), float("inf")][1:]
        lasting = [
            step.count
            for step, end in zip(steps, ends, strict=False)
            if end - step.at_second >= LASTING
        ]
        found = max([found, *lasting])
    return found


def _hours(weekdays: Sequence[Scenario], name: str) -> float:
    return sum(open_hours(_steps(one, name), one.closes_second) for one in weekdays)


def left_as_is(problem: DeviceProblem, weekdays: Sequence[Scenario]) -> tuple[str, ...]:
    """Return the posts of windows and machines whose numbers are not varied."""
    varied = {one.name for one in problem.resources}
    return tuple(
        one.name for one in _stations(weekdays, (*MACHINES, "counter")) if one.name not in varied
    )


def open_hours(steps: Sequence[Step], until: float) -> float:
    """Return the hours on duty of all together.

    Examples
    --------
    >>> open_hours((Step(at_second=0.0, count=2), Step(at_second=3600.0, count=1)), 7200.0)
    3.0
    """
    ends = [*(step.at_second for step in steps[1:]), until]
    spells = zip(steps, ends, strict=True) if steps else ()
    return (
        sum(step.count * max(min(end, until) - step.at_second, 0.0) for step, end in spells) / HOUR
    )
