"""Work spread over processes, branch by branch, with a bar; one that fails stops no other."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from branchwise.core.errors import BranchwiseError, Problem, Where, failure
from branchwise.core.languages import Text
from branchwise.core.ports import Engine
from branchwise.core.progress import Progress
from branchwise.engines.duckdb import open_duckdb
from branchwise.engines.executors import ProcessExecutor, SerialExecutor
from branchwise.pipeline.twin import words
from branchwise.warehouse.store import Warehouse
from branchwise.warehouse.workspace import Workspace

Item = TypeVar("Item")
Done = TypeVar("Done")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Why a branch could not be done; travels between processes, which errors do not."""

    problems: tuple[Problem, ...]


def spread(
    function: Callable[[Item], Done],
    items: Sequence[Item],
    *,
    title: Text,
    workers: int | None,
    progress: Progress,
) -> list[Done]:
    """Return ``function(item)`` for each item, in order, whatever the number of workers.

    Parameters
    ----------
    function : callable
        At the top of a module.
    items : sequence
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
    count = min(workers or os.cpu_count() or 1, len(items))
    executor = SerialExecutor() if count <= 1 else ProcessExecutor(count)
    done = []
    with executor, progress.task(title, total=len(items)) as task:
        for result in executor.map(function, items):
            done.append(result)
            task.advance()
    return done


def require_workers(workers: int | None) -> None:
    """Raise [BW-TWN-039] for fewer than one worker; None stands for those of the cores."""
    if workers is not None and workers < 1:
        raise failure(
            "BW-TWN-039", Where(place="--workers"), option="--workers", given=workers,
            rule="--workers ≥ 1",
        )  # fmt: skip


def compile_first(progress: Progress) -> None:
    """Compile the simulator before it is needed, once for all processes, and say so."""
    from branchwise.twin.kernel.compiled import is_compiled

    if is_compiled():
        return
    from branchwise.twin.example import corner_branch
    from branchwise.twin.run import simulate

    progress.note(words.COMPILING)
    simulate(corner_branch(), replications=1, seed=1)


@contextmanager
def opened(workspace: Path, snapshot_id: str | None = None) -> Iterator[tuple[Engine, str]]:
    """Give an engine with the tables of a snapshot, and the snapshot's code."""
    warehouse = Warehouse(Workspace.open(workspace).warehouse)
    snapshot = warehouse.snapshot(snapshot_id)
    with open_duckdb() as engine:
        warehouse.register(engine, snapshot)
        yield engine, snapshot.snapshot_id


def sifted(
    branches: Sequence[str], done: Sequence[Done | Refused]
) -> tuple[list[Done], tuple[Text, ...]]:
    """Return what was done, and warnings of the branches that were refused.

    Raises
    ------
    BranchwiseError
        If all were refused: the problems of all.
    """
    good = [each for each in done if not isinstance(each, Refused)]
    refused = [
        (name, each) for name, each in zip(branches, done, strict=True) if isinstance(each, Refused)
    ]
    if refused and not good:
        raise BranchwiseError(*(found for _, each in refused for found in each.problems))
    return good, tuple(told(name, each.problems[0]) for name, each in refused)


def told(branch_id: str, problem: Problem) -> Text:
    """Return why a branch was left out, as a warning."""
    return Text.written(
        lambda language: words.FAILED.filled(
            branch=branch_id,
            code=problem.code,
            what=problem.kind.what.read_in(language).format(**problem.values),
        ).read_in(language)
    )
