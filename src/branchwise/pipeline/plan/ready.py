"""Twins made ready for a plan: calibrated on the current data, and with a verdict."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from branchwise.core.errors import BranchwiseError
from branchwise.core.languages import Text
from branchwise.core.progress import Progress
from branchwise.pipeline.twin.calibrate import calibrate
from branchwise.pipeline.twin.places import Twins
from branchwise.pipeline.twin.spread import told
from branchwise.pipeline.twin.trust import Trust, trust
from branchwise.pipeline.twin.validate import validate
from branchwise.twin.records import load_calibration
from branchwise.warehouse.store import Warehouse
from branchwise.warehouse.workspace import Workspace


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
    old = [name for name in branches if not _is_current(workspace, twins, name)]
    if old:
        warnings += _done(lambda: calibrate(workspace, old, workers=workers, progress=progress))
    known = set(twins.branches())
    open_ = [
        name for name in branches if name in known and trust(twins, name).verdict == "not_validated"
    ]
    if open_:
        warnings += _done(
            lambda: validate(workspace, open_, seed=seed, workers=workers, progress=progress)
        )
    return Ready(trusts={name: trust(twins, name) for name in branches}, warnings=tuple(warnings))


def _is_current(workspace: Path, twins: Twins, branch_id: str) -> bool:
    """Return whether a branch was calibrated on the data that are current now."""
    path = twins.path(branch_id, "calibration")
    if branch_id not in twins.branches() or not path.is_file():
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
