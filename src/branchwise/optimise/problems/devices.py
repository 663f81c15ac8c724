"""Devices as mathematics: the mixes within the limits of a branch, what they cost and are worth."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np

from branchwise.core.errors import Problems, Where, failure
from branchwise.optimise.devices import (
    BranchChoices,
    Choice,
    Counts,
    DeviceProblem,
    Floats,
    Mix,
    MixDecision,
    NetworkProblem,
    Resource,
)

PLACE = "devices"


def checked_problem(problem: DeviceProblem) -> DeviceProblem:
    """Return a problem whose numbers can be used.

    Raises
    ------
    BranchwiseError
        [BW-OPT-020] for numbers out of their range, all at once; [BW-OPT-021] where nothing can
        be varied.

    Examples
    --------
    >>> from branchwise.optimise.devices_example import corner_problem
    >>> checked_problem(corner_problem()).today
    (2, 2, 1)
    """
    problems = Problems()
    _note(problems, "worth", problem.worth_minor, least=0)
    _note(problems, "days_per_year", problem.days_per_year, least=0)
    if problem.tolerance != np.inf:
        _note(problems, "tolerance", problem.tolerance, least=0)
    for name in ("floor_m2", "power_watts", "capital_minor", "windows"):
        limit = getattr(problem.room, name)
        if limit is not None:
            _note(problems, name, limit, least=0)
    for one in problem.resources:
        _note_resource(problems, one)
    problems.raise_if_any()
    if all(len(one.counts) == 1 for one in problem.resources):
        raise failure("BW-OPT-021", Where(place=problem.branch_id))
    return problem


def checked_wishes(wishes: Mapping[str, tuple[float | None, float]]) -> None:
    """Raise if something asked for is below its least, or no number.

    Parameters
    ----------
    wishes : mapping of str to tuple
        Value and least by name; None: not asked for.

    Raises
    ------
    BranchwiseError
        [BW-OPT-020], all at once.

    Examples
    --------
    >>> checked_wishes({"--budget": (0.0, 0.0), "--space": (None, 0.0)})
    """
    problems = Problems()
    for name, (value, least) in wishes.items():
        if value is not None:
            _note(problems, name, value, least=least)
    problems.raise_if_any()


def _note_resource(problems: Problems, one: Resource) -> None:
    numbers = {
        "price_minor": one.price_minor,
        "floor_m2": one.floor_m2,
        "power_watts": one.power_watts,
        "counts": min(one.counts, default=0),
    }
    for name, value in numbers.items():
        _note(problems, f"{one.name}.{name}", value, least=0)
    _note(problems, f"{one.name}.life_years", one.life_years, least=1e-9)
    rising = list(one.counts) == sorted(set(one.counts)) and one.today in one.counts
    if not rising or len(one.running_minor) != len(one.counts):
        rule = "rising counts with today's among them, and one running cost each"
        where = Where(place=PLACE, column=one.name)
        problems.add("BW-OPT-020", where, value=str(one.counts), rule=rule)


def _note(problems: Problems, name: str, value: float, *, least: float) -> None:
    if not (math.isfinite(value) and value >= least):
        where = Where(place=PLACE, column=name)
        problems.add("BW-OPT-020", where, value=f"{value:g}", rule=f"{name} ≥ {least:g}")


def mix_of(problem: DeviceProblem, counts: Counts) -> Mix:
    """Return a mix with its costs.

    Machines that are there are paid for: only what is added takes capital.

    Examples
    --------
    >>> from branchwise.optimise.devices_example import corner_problem
    >>> found = mix_of(corner_problem(), (3, 2, 1))
    >>> found.once_minor, found.running_minor
    (8000000, 56200000)
    """
    running, once = 0, 0
    for one, count in zip(problem.resources, counts, strict=True):
        running += one.running_minor[one.counts.index(count)]
        once += one.price_minor * max(count - one.today, 0)
    return Mix(counts=counts, running_minor=running, once_minor=once)


def feasible_mixes(problem: DeviceProblem) -> tuple[Mix, ...]:
    """Return all mixes within the limits that no other makes pointless, in order of counts.

    A mix is pointless where another has no less of anything and costs no more. Today's mix stays
    if it is within the limits.

    Raises
    ------
    BranchwiseError
        [BW-OPT-022] where the limits leave no mix.

    Examples
    --------
    >>> from branchwise.optimise.devices_example import corner_problem
    >>> len(feasible_mixes(corner_problem()))
    80
    """
    every = [
        mix_of(problem, counts) for counts in product(*(one.counts for one in problem.resources))
    ]
    within = [mix for mix in every if not _broken(problem, mix)]
    if not within:
        least = every[0]
        name, wanted, limit = _broken(problem, least)[0]
        raise failure(
            "BW-OPT-022", Where(place=problem.branch_id), limit=name, wanted=f"{wanted:g}",
            given=f"{limit:g}",
        )  # fmt: skip
    kept = _undominated(within)
    today = mix_of(problem, problem.today)
    if today in within and today not in kept:
        kept = sorted([*kept, today], key=lambda mix: mix.counts)
    return tuple(kept)


def _broken(problem: DeviceProblem, mix: Mix) -> list[tuple[str, float, float]]:
    """Return the limits that a mix breaks: name, what it takes, the limit."""
    pairs = list(zip(problem.resources, mix.counts, strict=True))
    taken = {
        "floor_m2": sum(one.floor_m2 * count for one, count in pairs),
        "power_watts": sum(one.power_watts * count for one, count in pairs),
        "capital_minor": float(mix.once_minor),
        "windows": float(sum(count for one, count in pairs if one.kind == "window")),
    }
    limits = [(name, taken[name], getattr(problem.room, name)) for name in taken]
    return [(name, used, limit) for name, used, limit in limits if limit is not None
            and used > limit + 1e-9]  # fmt: skip


def _undominated(mixes: Sequence[Mix]) -> list[Mix]:
    counts = np.array([mix.counts for mix in mixes])
    costs = np.array([(mix.running_minor, mix.once_minor) for mix in mixes])
    kept = []
    for place, mix in enumerate(mixes):
        as_much = (counts >= counts[place]).all(axis=1)
        no_dearer = (costs <= costs[place]).all(axis=1)
        better = (counts > counts[place]).any(axis=1) | (costs < costs[place]).any(axis=1)
        if not (as_much & no_dearer & better).any():
            kept.append(mix)
    return kept


def objective(problem: DeviceProblem, mixes: Sequence[Mix], late: Floats) -> Floats:
    """Return the cost of a year of mixes with the worth of their late or lost customers.

    Parameters
    ----------
    problem : DeviceProblem
        What a customer is worth.
    mixes : sequence of Mix
        Which.
    late : array, shape (mixes, replications)
        Late or lost customers a day.

    Returns
    -------
    array of the same shape
        In minor units; less is better.

    Examples
    --------
    >>> from branchwise.optimise.devices_example import corner_problem
    >>> problem = corner_problem()
    >>> today = mix_of(problem, problem.today)
    >>> objective(problem, [today], np.array([[0.0, 10.0]])).round().tolist()
    [[53800000.0, 58800000.0]]
    """
    running = np.array([mix.running_minor for mix in mixes], dtype=np.float64)
    return np.asarray(running[:, None] + problem.worth_minor * problem.days_per_year * late)


def network_problem(
    decisions: Sequence[MixDecision],
    *,
    capital_minor: int | None,
    move_minor: int,
    change_minor: Sequence[float] = (),
) -> NetworkProblem:
    """Return the allocation among branches whose mixes have been tried.

    The choices of a branch are the mixes that may be proposed, in their order.

    Parameters
    ----------
    decisions : sequence of MixDecision
        One a branch.
    capital_minor : int or None
        Budget of all.
    move_minor : int
        Cost of moving a machine.
    change_minor : sequence of float
        What a change must bring a year to be worth it, one a branch; added to every mix but
        today's.

    Raises
    ------
    BranchwiseError
        [BW-OPT-020] for a budget or a cost below 0.
    """
    problems = Problems()
    least = list(change_minor) or [0.0] * len(decisions)
    limits = {"budget": capital_minor or 0, "move": move_minor, "change": min(least, default=0.0)}
    for name, value in limits.items():
        _note(problems, name, value, least=0)
    problems.raise_if_any()
    return NetworkProblem(
        branches=tuple(_choices(one, more) for one, more in zip(decisions, least, strict=True)),
        capital_minor=capital_minor,
        move_minor=move_minor,
    )


def _choices(decision: MixDecision, change_minor: float) -> BranchChoices:
    resources = decision.problem.resources
    machines = [one for one in resources if one.kind == "machine"]
    choices = []
    for place in decision.proposable:
        mix = decision.mixes[place]
        apart = machine_changes(decision.problem, mix.counts)
        changed = change_minor if place != decision.today else 0.0
        choices.append(
            Choice(
                counts=mix.counts,
                objective_minor=float(decision.objective_minor[place]) + changed,
                once_minor=mix.once_minor,
                added={kind: more for kind, more in apart.items() if more > 0},
                removed={kind: -more for kind, more in apart.items() if more < 0},
            )
        )
    return BranchChoices(
        branch_id=decision.problem.branch_id,
        choices=tuple(choices),
        price_minor={one.device_kind: one.price_minor for one in machines},
        life_years={one.device_kind: one.life_years for one in machines},
    )


def machine_changes(problem: DeviceProblem, counts: Counts) -> dict[str, int]:
    """Return how many machines of each kind a mix has more than today.

    Examples
    --------
    >>> from branchwise.optimise.devices_example import corner_problem
    >>> machine_changes(corner_problem(), (4, 2, 2))
    {'smart_counter': 2}
    """
    found: dict[str, int] = {}
    for one, count in zip(problem.resources, counts, strict=True):
        if one.kind == "machine":
            found[one.device_kind] = found.get(one.device_kind, 0) + count - one.today
    return found
