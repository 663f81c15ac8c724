"""Options made and tried branch by branch, over processes; what is done stays done.

What came of a branch is a file of its own, written whole, whose name says what it rests on: data,
calibration, verdict, findings, assumptions, draws, seed, version. An interrupted plan, or another
one of other budgets, takes what is there. Of a branch only what a choice needs is held in memory:
effects by class and station are read again from the file of a branch at which something is done.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from branchwise import __version__
from branchwise.core.errors import BranchwiseError
from branchwise.core.languages import Text
from branchwise.core.progress import Progress
from branchwise.optimise.portfolio import Limits
from branchwise.pipeline.plan import words
from branchwise.pipeline.plan.gathered import Gathered
from branchwise.pipeline.plan.wanted import wanted
from branchwise.pipeline.twin.places import BASE, Twins
from branchwise.pipeline.twin.spread import Refused, compile_first, sifted, spread
from branchwise.plan.applied import apply_all
from branchwise.plan.costs import costs_of, lead_quarters, needed
from branchwise.plan.document import BranchTrial, slimmed
from branchwise.plan.interventions import library
from branchwise.plan.model import REGION_PREFIX, WHOLE_BANK, Finding
from branchwise.plan.options import options_of
from branchwise.plan.proposal import Appraisal, Costs, Option, Standing
from branchwise.plan.select import MONTHS_A_QUARTER, SERVICE_VALUE
from branchwise.tables.assumptions import Assumptions
from branchwise.twin.files import scenario_digest
from branchwise.warehouse.files import write_whole

if TYPE_CHECKING:
    from branchwise.plan.screening import Tried

BELIEVED = frozenset({"trusted", "waits_only"})
STANDARD = "wait_standard_seconds"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trying:
    """What is the same for all branches.

    Attributes
    ----------
    workspace, folder : Path
        The workspace, and where results are kept.
    gathered : Gathered
        What the tables say of the branches.
    findings : tuple of Finding
        The diagnosis.
    assumptions : Assumptions
        The bank's values.
    limits : Limits
        By which packages are weighed while they grow.
    data_id : str
        The data.
    draws, seed : int
        Of the trials.
    only : tuple of str
        Interventions that are tried; empty: all.
    accepted : tuple of str
        Options that people accepted: these are tried whatever they bring.
    """

    workspace: Path
    folder: Path
    gathered: Gathered
    findings: tuple[Finding, ...]
    assumptions: Assumptions
    limits: Limits
    data_id: str
    draws: int
    seed: int
    only: tuple[str, ...] = ()
    accepted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Item:
    trying: Trying
    branch_id: str
    standing: Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class _Done:
    """What a choice needs of a branch, and the file in which the rest of it is."""

    trial: BranchTrial
    path: Path


class Trials(Mapping[str, BranchTrial]):
    """What came of branches, by their codes: without effects by class and station (`slimmed`).

    Parameters
    ----------
    done : sequence of _Done
        Branches, in order.
    """

    def __init__(self, done: Sequence[_Done]) -> None:
        self._trials = {one.trial.branch_id: one.trial for one in done}
        self._paths = {one.trial.branch_id: one.path for one in done}

    def __getitem__(self, branch_id: str) -> BranchTrial:
        return self._trials[branch_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._trials)

    def __len__(self) -> int:
        return len(self._trials)

    def with_package(self, branch_id: str, package_id: str) -> BranchTrial:
        """Return what came of a branch, with all effects of one package.

        Parameters
        ----------
        branch_id : str
            The branch.
        package_id : str
            Of which everything is wanted: one that was tried in all draws.
        """
        return slimmed(read(self._paths[branch_id]), package_id)


def tried(
    trying: Trying,
    standings: Mapping[str, Standing],
    *,
    workers: int | None,
    progress: Progress,
) -> tuple[Trials, tuple[Text, ...]]:
    """Make and try the options of branches.

    Parameters
    ----------
    trying : Trying
        What is the same for all.
    standings : mapping of str to str
        The verdict on each branch's twin.
    workers : int or None
        Processes; the result is the same with any number.
    progress : Progress
        Where the work tells how far it is.

    Returns
    -------
    tuple of Trials and tuple of Text
        By branch; warnings of branches that could not be tried.
    """
    items = [
        _Item(
            trying=replace(trying, findings=_concerning(trying, name)),
            branch_id=name,
            standing=standing,
        )
        for name, standing in standings.items()
    ]
    compile_first(progress)
    trying.folder.mkdir(parents=True, exist_ok=True)
    done = spread(_tried, items, title=words.TRYING, workers=workers, progress=progress)
    found, warnings = sifted(list(standings), done)
    return Trials(found), warnings


def _concerning(trying: Trying, branch_id: str) -> tuple[Finding, ...]:
    """Return the findings of a branch, of its region and of the whole bank."""
    region = f"{REGION_PREFIX}{trying.gathered.regions.get(branch_id, '')}"
    places = {branch_id, region, WHOLE_BANK}
    return tuple(finding for finding in trying.findings if finding.branch_id in places)


def _tried(item: _Item) -> _Done | Refused:
    """Try one branch, unless that has been done."""
    try:
        name = _digest(item)
        path = item.trying.folder / f"{name}.json"
        found = _once(path, lambda: _found(item))
        packages = wanted(found, item.trying.accepted)
        if packages:
            codes = [[option.option_id for option in package] for package in packages]
            besides = hashlib.blake2b(repr(codes).encode(), digest_size=6).hexdigest()
            path = item.trying.folder / f"{name}-{besides}.json"
            before = found
            found = _once(path, lambda: _with_wanted(item, before, packages))
        return _Done(trial=slimmed(found, None), path=path)
    except BranchwiseError as error:
        return Refused(problems=error.problems)


def _once(path: Path, work: Callable[[], BranchTrial]) -> BranchTrial:
    """Return what is kept in a file; do it and keep it where there is none, or not a whole one."""
    if path.is_file():
        try:
            return read(path)
        except ValueError:
            path.unlink()
    found = work()
    # of what was dropped after a few draws nobody asks for effects by class and station again
    found = replace(
        found, tried=replace(found.tried, screened_out=slimmed(found, None).tried.screened_out)
    )
    write_whole(path, _adapter().dump_json(found).decode())
    return found


def read(path: Path) -> BranchTrial:
    """Read what came of a branch."""
    found: BranchTrial = _adapter().validate_json(path.read_bytes())
    return found


@cache
def _adapter() -> Any:  # noqa: ANN401 - of the validator library
    from pydantic import TypeAdapter

    return TypeAdapter(BranchTrial)


def _digest(item: _Item) -> str:
    """Return the name of everything that the result rests on."""
    from branchwise.plan.screening import Effort

    trying, twins = item.trying, Twins.of(item.trying.workspace)
    known = BASE in twins.names(item.branch_id)
    scenario = scenario_digest(twins.scenario(item.branch_id, BASE)) if known else ""
    rests_on = (
        item.branch_id, item.standing, scenario, trying.data_id, trying.draws, trying.seed,
        __version__, tuple(map(_gist, trying.findings)), trying.assumptions, library(),
        trying.limits.horizon_quarters, trying.only, Effort(),
    )  # fmt: skip
    return hashlib.blake2b(repr(rests_on).encode(), digest_size=12).hexdigest()


def _gist(finding: Finding) -> tuple[object, ...]:
    """Return what options rest on of a finding; its figures vary in their last digits."""
    spot, parts = finding.spot, finding.parts
    return (
        finding.finding_id, finding.theme, finding.severity, finding.rank,
        None if spot is None else (spot.iso_weekday, spot.starts_minute, spot.ends_minute),
        tuple((part.role, part.code) for part in parts),
    )  # fmt: skip


def _found(item: _Item) -> BranchTrial:
    from branchwise.plan.screening import Effort, appraise_branch

    trying, twins = item.trying, Twins.of(item.trying.workspace)
    facts = trying.gathered.facts(twins, item.branch_id, seed=trying.seed)
    options = options_of(facts, trying.findings, library(), trying.assumptions)
    possible = [
        option
        for option in options
        if library()[option.intervention].mechanism
        and (not trying.only or option.intervention in trying.only)
    ]
    scales = _Scales(trying, options)
    if item.standing not in BELIEVED:
        return scales.trial(item.branch_id, _untried(item, possible))
    tried = appraise_branch(
        twins.estimates(item.branch_id),
        possible,
        apply=apply_all,
        standing=item.standing,
        score=scales.worth,
        effort=Effort(draws=trying.draws),
        seed=trying.seed,
        standard_seconds=trying.assumptions.value(STANDARD),
    )
    return scales.trial(item.branch_id, tried)


def _with_wanted(
    item: _Item, found: BranchTrial, packages: Sequence[Sequence[Option]]
) -> BranchTrial:
    """Return a trial with the packages that people want; the twin says what they bring."""
    appraisals = tuple(_appraisal(item, package) for package in packages)
    codes = {one.package_id for one in appraisals}
    before = found.tried
    tried = replace(
        before,
        appraisals=(*before.appraisals, *appraisals),
        screened_out=tuple(one for one in before.screened_out if one.package_id not in codes),
    )
    return _Scales(item.trying, found.options).trial(found.branch_id, tried)


def _appraisal(item: _Item, package: Sequence[Option]) -> Appraisal:
    """Try a package in all draws; options that the twin cannot try change nothing in it."""
    from branchwise.plan.appraise import appraisal_of, appraise
    from branchwise.plan.trials import Trials

    trying = item.trying
    none = Trials(branch_id=item.branch_id, standing=item.standing, seed=trying.seed)
    without = appraisal_of(none, package, None)
    possible = [option for option in package if library()[option.intervention].mechanism]
    if item.standing not in BELIEVED or not possible:
        return without
    (found,) = appraise(
        Twins.of(trying.workspace).estimates(item.branch_id),
        [possible],
        apply=apply_all,
        standing=item.standing,
        draws=trying.draws,
        seed=trying.seed,
        standard_seconds=trying.assumptions.value(STANDARD),
    )
    return replace(found, package_id=without.package_id, option_ids=without.option_ids)


def _untried(item: _Item, options: Sequence[Option]) -> Tried:
    """Return the options of a branch whose twin is not believed, without effects."""
    from branchwise.plan.appraise import appraisal_of
    from branchwise.plan.packages import singles
    from branchwise.plan.screening import Tried
    from branchwise.plan.trials import Trials

    none = Trials(branch_id=item.branch_id, standing=item.standing, seed=item.trying.seed)
    alone = tuple(appraisal_of(none, package, None) for package in singles(options))
    return Tried(branch_id=item.branch_id, appraisals=alone)


class _Scales:
    """What packages of a branch cost and are worth, while they are grown."""

    def __init__(self, trying: Trying, options: Sequence[Option]) -> None:
        self._trying = trying
        self._options = {option.option_id: option for option in options}
        assumptions = trying.assumptions
        self._visit = needed(assumptions, SERVICE_VALUE, "plan") * assumptions.minor_units

    def trial(self, branch_id: str, tried: Tried) -> BranchTrial:
        """Return what was tried with what it costs."""
        appraisals = (*tried.appraisals, *tried.screened_out)
        return BranchTrial(
            branch_id=branch_id,
            options=tuple(self._options.values()),
            tried=tried,
            costs={one.package_id: self.costs(one) for one in appraisals},
        )

    def costs(self, appraisal: Appraisal) -> Costs:
        """Return what a package costs."""
        carried = [self._options[code] for code in appraisal.option_ids]
        return costs_of(carried, library(), self._trying.assumptions)

    def worth(self, appraisal: Appraisal) -> float:
        """Return what a package is worth by the mean of its draws, begun now."""
        from branchwise.optimise.portfolio import Candidate
        from branchwise.optimise.problems.portfolio import worth
        from branchwise.plan.screening import avoided

        costs = self.costs(appraisal)
        carried = [self._options[code] for code in appraisal.option_ids]
        candidate = Candidate(
            candidate_id=appraisal.package_id,
            branch_id=appraisal.branch_id,
            region_id="",
            option_ids=appraisal.option_ids,
            benefit=MONTHS_A_QUARTER * avoided(appraisal) * self._visit,
            once_minor=costs.once_minor,
            yearly_minor=costs.yearly_minor - costs.saved_minor,
            lead_quarters=lead_quarters(carried, library()),
        )
        return worth(candidate, 0, self._trying.limits)
