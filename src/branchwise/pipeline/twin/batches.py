"""Work on the tables of many branches: a few branches at a time share an engine and one reading.

Opening an engine on a snapshot and looking through its visits cost as much for one branch as for
some; what is then done branch by branch does not depend on who shares.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from branchwise.core.errors import BranchwiseError
from branchwise.core.languages import Text
from branchwise.core.ports import Engine
from branchwise.core.progress import Progress
from branchwise.engines.executors import ProcessExecutor, SerialExecutor
from branchwise.pipeline.twin.spread import Refused, opened, require_workers

if TYPE_CHECKING:
    from branchwise.twin.calibrate.log import Log

Wish = TypeVar("Wish")
Done = TypeVar("Done")
MOST_TOGETHER = 8
"""Branches whose visits are in memory at once, in each process."""
ROUNDS = 2
"""Batches that each process gets at least, so that none waits long for the last one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch(Generic[Wish]):
    """Branches to be worked on together.

    Attributes
    ----------
    workspace : Path
        The workspace.
    snapshot_id : str
        Data to read.
    branches : tuple of str
        Their codes.
    wish : object
        What is wanted of each; it can be pickled.
    """

    workspace: Path
    snapshot_id: str
    branches: tuple[str, ...]
    wish: Wish

    def each(self, function: Callable[[str, Engine, Log], Done]) -> list[Done | Refused]:
        """Return ``function(branch, engine, log of its visits)`` of each, or why it is refused."""
        from branchwise.twin.calibrate.log import read_logs

        try:
            with opened(self.workspace, self.snapshot_id) as (engine, _):
                logs = read_logs(engine, self.branches)
                return [_tried(function, name, engine, logs.pop(name)) for name in self.branches]
        except BranchwiseError as error:
            return [Refused(problems=error.problems)] * len(self.branches)


def _tried(
    function: Callable[[str, Engine, Log], Done], name: str, engine: Engine, log: Log
) -> Done | Refused:
    try:
        return function(name, engine, log)
    except BranchwiseError as error:
        return Refused(problems=error.problems)


def batches_of(
    workspace: Path, branches: Sequence[tuple[str, str]], wish: Wish, workers: int | None
) -> list[Batch[Wish]]:
    """Return branches in batches, those of one snapshot together, in order.

    Parameters
    ----------
    workspace : Path
        The workspace.
    branches : sequence of (str, str)
        Branch and the snapshot to read it from.
    wish : object
        What is wanted of each.
    workers : int or None
        Processes; those of the cores by default.

    Examples
    --------
    >>> pairs = [(f"B{number}", "S1") for number in range(5)]
    >>> [batch.branches for batch in batches_of(Path("w"), pairs, None, 1)]
    [('B0', 'B1', 'B2'), ('B3', 'B4')]
    """
    processes = max(min(workers or os.cpu_count() or 1, len(branches)), 1)
    together = max(min(-(-len(branches) // (ROUNDS * processes)), MOST_TOGETHER), 1)
    found: list[list[tuple[str, str]]] = []
    for name, snapshot in branches:
        if not found or len(found[-1]) == together or found[-1][0][1] != snapshot:
            found.append([])
        found[-1].append((name, snapshot))
    return [
        Batch(
            workspace=workspace,
            snapshot_id=pairs[0][1],
            branches=tuple(name for name, _ in pairs),
            wish=wish,
        )
        for pairs in found
    ]


def spread_batches(
    function: Callable[[Batch[Wish]], Sequence[Done]],
    batches: Sequence[Batch[Wish]],
    *,
    title: Text,
    workers: int | None,
    progress: Progress,
) -> list[Done]:
    """Return what `function` gives for each branch, in order, whatever the number of workers.

    Parameters
    ----------
    function : callable
        At the top of a module; one result a branch of the batch, in order.
    batches : sequence of Batch
        What it is called with.
    title : Text
        What the bar says.
    workers : int or None
        Processes; None for those of the cores.
    progress : Progress
        Where the bar is drawn.

    Raises
    ------
    BranchwiseError
        [BW-TWN-039] for fewer than one worker.
    """
    require_workers(workers)
    count = min(workers or os.cpu_count() or 1, len(batches))
    executor = SerialExecutor() if count <= 1 else ProcessExecutor(count)
    total = sum(len(batch.branches) for batch in batches)
    done: list[Done] = []
    with executor, progress.task(title, total=total) as task:
        for results in executor.map(function, batches):
            done += results
            task.advance(len(results))
    return done
