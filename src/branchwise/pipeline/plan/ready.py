"""Twins made ready for a plan: calibrated on the current data, and with a verdict."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from branchwise.core.errors import BranchwiseError
from branchwise.core.languages import Text
from branchwise.core.progress import Progress
from branchwise.pipeline.plan import words
from branchwise.pipeline.twin.calibrate import calibrate
from branchwise.pipeline.twin.places import BASE, Twins
from branchwise.pipeline.twin.spread import Refused, spread, told
from branchwise.pipeline.twin.trust import Trust, trust
from branchwise.pipeline.twin.validate import validate
from branchwise.twin.records import load_calibration
from branchwise.warehouse.store import Warehouse
from branchwise.warehouse.workspace import Workspace

FEW = 100
"""Twins that are read sooner than processes have started."""


class _Warned(Protocol):
    @property
    def warnings(self) -> Sequence[Text]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """The twins of the branches asked for.

    Attributes
    ----------
    trusts : mapping of str to Trust
        The verdict on each branch, in order of their codes.
    warnings : tuple of Text
        Why a branch has no twin.
    """

    trusts: Mapping[str, Trust]
    warnings: tuple[Text, ...] = ()


def ready(
    workspace: Path,
    branches: Sequence[str],
    *,
    seed: int,
    workers: int | None,
    progress: Progress,
) -> Ready:
    """Calibrate and validate what is not yet, or not on the current data.

    A branch that cannot be calibrated or validated stays without trust and stops no other; what
    was done before is not done again, so that an interrupted plan goes on where it was.

    Parameters
    ----------
    workspace : Path
        The workspace.
    branches : sequence of str
        Codes.
    seed : int
        Of the simulated days of a validation.
    workers : int or None
        Processes.
    progress : Progress
        Where the work tells how far it is.
    """
    twins = Twins.of(workspace)
    warnings: list[Text] = []
    states: dict[str, _State] = {}

    def look(names: Sequence[str]) -> None:
        items = [_Item(workspace=workspace, branch_id=name) for name in names]
        count = 1 if len(items) < FEW else workers
        found = spread(_state, items, title=words.READING, workers=count, progress=progress)
        for name, state in zip(names, found, strict=True):
            if isinstance(state, Refused):
                raise BranchwiseError(*state.problems)
            states[name] = state

    look(branches)
    old = [name for name in branches if not states[name].is_current]
    if old:
        warnings += _done(lambda: calibrate(workspace, old, workers=workers, progress=progress))
        look(old)
    known = set(twins.branches())
    open_ = [
        name for name in branches if name in known and states[name].trust.verdict == "not_validated"
    ]
    if open_:
        warnings += _done(
            lambda: validate(workspace, open_, seed=seed, workers=workers, progress=progress)
        )
        look(open_)
    trusts = {name: states[name].trust for name in branches}
    return Ready(trusts=trusts, warnings=tuple(warnings))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Item:
    workspace: Path
    branch_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """Whether a twin was calibrated on the data that are current now, and the verdict on it."""

    is_current: bool
    trust: Trust


def _state(item: _Item) -> _State | Refused:
    twins = Twins.of(item.workspace)
    is_current = _is_current(item.workspace, twins, item.branch_id)
    try:
        # what an outdated twin says is not even read: it may be of another version
        found = trust(twins if is_current else None, item.branch_id)
    except BranchwiseError as error:
        return Refused(problems=error.problems)
    return _State(is_current=is_current, trust=found)


def _is_current(workspace: Path, twins: Twins, branch_id: str) -> bool:
    """Return whether a branch was calibrated on the data that are current now."""
    path = twins.path(branch_id, "calibration")
    if BASE not in twins.names(branch_id) or not path.is_file():
        return False
    warehouse = Warehouse(Workspace.open(workspace).warehouse)
    try:
        read = warehouse.snapshot(load_calibration(path).snapshot_id)
        twins.estimates(branch_id)
    except BranchwiseError:
        return False
    return read.data_id == warehouse.snapshot().data_id


def _done(work: Callable[[], _Warned]) -> tuple[Text, ...]:
    """Return the warnings of a step; of one that could do nothing for any branch, why."""
    try:
        return tuple(work().warnings)
    except BranchwiseError as error:
        return tuple(told(problem.where.place, problem) for problem in error.problems)
