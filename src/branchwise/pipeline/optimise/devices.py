"""``optimise devices``: how many machines, windows and guides at which branch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from branchwise.core.errors import Where, failure
from branchwise.core.languages import Text
from branchwise.core.progress import Progress, silent
from branchwise.core.units import quantity
from branchwise.optimise.devices import (
    Counts,
    MixDecision,
    NetworkDecision,
    NetworkProblem,
)
from branchwise.optimise.problems.devices import checked_wishes, network_problem
from branchwise.optimise.solvers.devices import probability_right
from branchwise.optimise.solvers.devices_network import allocate
from branchwise.optimise.verify_devices import Claim, Lot, Place, verify_devices
from branchwise.pipeline.optimise import devices_words as words
from branchwise.pipeline.optimise.devices_effects import MixEffect
from branchwise.pipeline.optimise.devices_problem import Prices, Wanted, prices_of
from branchwise.pipeline.optimise.devices_report import BranchDevices, DevicesReport
from branchwise.pipeline.optimise.devices_search import (
    EffectJob,
    Searched,
    SearchJob,
    search_branch,
    try_proposal,
)
from branchwise.pipeline.twin.places import Twins, calibrated
from branchwise.pipeline.twin.spread import compile_first, opened, sifted, spread
from branchwise.pipeline.twin.trust import trust
from branchwise.warehouse.workspace import Workspace

SEED = 1
TIME_LIMIT = 60.0
BELIEVED = "trusted"


def devices(
    workspace: Path,
    branches: Sequence[str] = (),
    *,
    wanted: Wanted | None = None,
    seed: int = SEED,
    time_limit: float = TIME_LIMIT,
    workers: int | None = None,
    progress: Progress | None = None,
) -> DevicesReport:
    """Return how many machines, windows and guides branches should have.

    Parameters
    ----------
    workspace : Path
        The workspace.
    branches : sequence of str
        Their codes; all that have been calibrated by default.
    wanted : Wanted, optional
        Budget, limits, how closely to look.
    seed : int
        Seed of all chance.
    time_limit : float
        Seconds after which the search at a branch, and the allocation, end with the best so far.
    workers : int, optional
        Processes; those of the cores by default.
    progress : Progress, optional
        Where the work tells how far it is.

    Returns
    -------
    DevicesReport
        Branches whose twins are not trusted are in it with the reason, and with no proposal.

    Raises
    ------
    BranchwiseError
        [BW-TWN-038] for branches that have not been calibrated, [BW-OPT-020] for numbers that
        cannot be, [BW-OPT-021] to [BW-OPT-026] where nothing can be decided at any branch.
    """
    wanted, progress = wanted or Wanted(), progress or silent()
    checked_wishes(_wishes(wanted))
    twins = Twins.of(workspace)
    names = calibrated(twins, branches)
    verdicts = [(name, trust(twins, name)) for name in names]
    believed = [name for name, each in verdicts if each.verdict == BELIEVED]
    with opened(workspace) as (engine, _):
        prices = prices_of(engine, Workspace.open(workspace).read_assumptions())
    minor = prices.assumptions.minor_units
    capital = None if wanted.budget is None else round(wanted.budget * minor)
    task = Task(wanted=wanted, prices=prices, capital_minor=capital, seed=seed, root=twins.root)
    searched, refused = _all_searched(task, believed, time_limit, workers, progress)
    found, network = _allocated(task, searched, time_limit, workers, progress)
    return DevicesReport(
        branches=found,
        verdicts=tuple(verdicts),
        network=network,
        wanted=wanted,
        currency=prices.assumptions.currency,
        worth_minor=searched[0].decision.problem.worth_minor if searched else None,
        budget_minor=capital,
        seed=seed,
        told=(*_assumed(prices, searched), *refused),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What all branches have in common."""

    wanted: Wanted
    prices: Prices
    capital_minor: int | None
    seed: int
    root: Path


def _wishes(wanted: Wanted) -> dict[str, tuple[float | None, float]]:
    """Return what was asked for by name, each with its least."""
    return {
        "--budget": (wanted.budget, 0.0),
        "--worth": (wanted.worth, 0.0),
        "--indifference": (wanted.indifference, 1e-9),
        "--space": (wanted.space_m2, 0.0),
        "--power": (wanted.power_kw, 0.0),
        "--worse": (wanted.worse, 0.0),
        "--runs": (wanted.runs, 1.0),
        "--days": (wanted.days, 1.0),
    }


def _all_searched(
    task: Task,
    branches: Sequence[str],
    time_limit: float,
    workers: int | None,
    progress: Progress,
) -> tuple[list[Searched], tuple[Text, ...]]:
    """Search every branch; a branch alone has the whole budget as a limit of its own."""
    if not branches:
        return [], ()
    jobs = [
        SearchJob(
            root=task.root, branch_id=name, prices=task.prices, wanted=task.wanted, seed=task.seed,
            time_limit=time_limit, capital_minor=task.capital_minor if len(branches) == 1 else None,
        )
        for name in branches
    ]  # fmt: skip
    compile_first(progress)
    done = spread(search_branch, jobs, title=words.SEARCHING, workers=workers, progress=progress)
    return sifted(branches, done)


def _allocated(
    task: Task,
    searched: Sequence[Searched],
    time_limit: float,
    workers: int | None,
    progress: Progress,
) -> tuple[tuple[BranchDevices, ...], NetworkDecision | None]:
    """Share the budget out, check it again, and try what is proposed on other days."""
    if not searched:
        return (), None
    decisions = [one.decision for one in searched]
    problem = network_problem(
        decisions,
        capital_minor=task.capital_minor,
        move_minor=round(
            task.prices.assumptions.value("device_move_cost") * task.prices.assumptions.minor_units
        ),
        change_minor=[_reluctance(one, task.wanted.confidence) for one in searched],
    )
    network = allocate(problem, time_limit=time_limit)
    places = [one.proposable[place] for one, place in zip(decisions, network.chosen, strict=True)]
    _check(decisions, places, problem, network)
    effects = _effects(task, searched, places, workers, progress)
    found = [
        BranchDevices(
            decision=one.decision,
            proposed=place,
            moved_in=moved,
            probability=_probability(one, place, task.capital_minor),
            indifference_minor=one.indifference_minor,
            move_minor=problem.move_minor,
            effects=effects.get(one.decision.problem.branch_id, ()),
            confidence=task.wanted.confidence,
            is_certain=one.is_certain,
            left_as_is=one.left_as_is,
        )
        for one, place, moved in zip(searched, places, network.moved_in, strict=True)
    ]
    return tuple(found), network


def _effects(
    task: Task,
    searched: Sequence[Searched],
    places: Sequence[int],
    workers: int | None,
    progress: Progress,
) -> dict[str, tuple[MixEffect, ...]]:
    """Return what changes bring, by branch, on days that no search has used."""
    jobs = [
        EffectJob(
            root=task.root, problem=one.decision.problem, proposed=one.decision.mixes[place].counts,
            weekdays=one.weekdays, days=task.wanted.days, seed=task.seed,
        )
        for one, place in zip(searched, places, strict=True)
        if place != one.decision.today
    ]  # fmt: skip
    if not jobs:
        return {}
    tried = spread(try_proposal, jobs, title=words.CONFIRMING, workers=workers, progress=progress)
    return {job.problem.branch_id: one.effects for job, one in zip(jobs, tried, strict=True)}


def _reluctance(one: Searched, confidence: float) -> float:
    """Return what a change must bring a year: the zone, where today's mix is surely within it."""
    decision = one.decision
    if not decision.is_today_allowed:
        return 0.0
    zone = one.indifference_minor
    sure = probability_right(decision, decision.today, decision.proposable, zone)
    return zone if sure >= confidence else 0.0


def _probability(one: Searched, place: int, capital_minor: int | None) -> float:
    """Return how surely a mix is the best of those that take no more capital, or of all."""
    mixes = one.decision.mixes
    among = [
        other for other in one.decision.proposable
        if capital_minor is None or mixes[other].once_minor <= mixes[place].once_minor
    ]  # fmt: skip
    return probability_right(one.decision, place, among, one.indifference_minor)


def _check(
    decisions: Sequence[MixDecision],
    chosen: Sequence[int],
    problem: NetworkProblem,
    network: NetworkDecision,
) -> None:
    """Raise [BW-OPT-025] where an allocation does not keep what it says: a fault of the program."""
    places = [
        _place(decision, decision.mixes[place].counts, moved)
        for decision, place, moved in zip(decisions, chosen, network.moved_in, strict=True)
    ]
    claim = Claim(
        capital_minor=network.capital_minor, budget_minor=problem.capital_minor,
        move_minor=problem.move_minor, objective_minor=network.objective_minor,
        bound_minor=network.bound_minor,
    )  # fmt: skip
    for breach in verify_devices(places, claim):
        raise failure(
            "BW-OPT-025", Where(place=breach.branch_id or "devices"), kind=breach.kind,
            found=f"{breach.found:g}", wanted=f"{breach.wanted:g}",
        )  # fmt: skip


def _place(decision: MixDecision, counts: Counts, moved: Mapping[str, int]) -> Place:
    """Return a branch in plain numbers; what comes is laid to the first machines of its kind."""
    left, lots = dict(moved), []
    for one, count in zip(decision.problem.resources, counts, strict=True):
        here = min(left.get(one.device_kind, 0), max(count - one.today, 0))
        here = here if one.kind == "machine" else 0
        left[one.device_kind] = left.get(one.device_kind, 0) - here
        lots.append(
            Lot(
                is_window=one.kind == "window", kind=one.device_kind,
                today=one.today, proposed=count, moved_in=here,
                least=one.counts[0], most=one.counts[-1], price_minor=one.price_minor,
                floor_m2=one.floor_m2, power_watts=one.power_watts,
            )
        )  # fmt: skip
    room = decision.problem.room
    return Place(
        branch_id=decision.problem.branch_id, lots=lots, floor_m2=room.floor_m2,
        power_watts=room.power_watts, windows=room.windows,
    )  # fmt: skip


def _assumed(prices: Prices, searched: Sequence[Searched]) -> tuple[Text, ...]:
    """Return what is said of machines whose price no table gives."""
    kinds = {
        one.device_kind for branch in searched for one in branch.decision.problem.resources
        if one.kind == "machine" and prices.is_assumed(one.device_kind)
    }  # fmt: skip
    return tuple(_price_told(kind, prices) for kind in sorted(kinds))


def _price_told(kind: str, prices: Prices) -> Text:
    entry = prices.assumptions[f"{kind}_price"]
    return Text.written(
        lambda language: words.ASSUMED_PRICE.filled(
            kind=kind,
            price=quantity(entry.value, "currency", language, currency=prices.assumptions.currency),
            origin=words.ORIGIN[entry.origin].read_in(language),
        ).read_in(language)
    )
