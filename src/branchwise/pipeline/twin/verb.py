"""``twin run`` of one branch or of many."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from branchwise.core.errors import Where, failure
from branchwise.core.languages import Language
from branchwise.core.progress import Progress
from branchwise.pipeline.twin.run import RunReport, run
from branchwise.pipeline.twin.simulated import Effort
from branchwise.pipeline.twin.sweep import SweepReport, sweep


def run_or_sweep(
    workspace: Path,
    branches: Sequence[str],
    *,
    is_sweep: bool,
    scenario: str,
    changes: Sequence[str],
    effort: Effort,
    seed: int,
    workers: int | None,
    trace: bool,
    play: Path | None,
    on: date | None = None,
    language: Language,
    progress: Progress,
) -> RunReport | SweepReport:
    """Run one branch, or sweep over several or all; see `run.run` and `sweep.sweep`.

    Raises
    ------
    BranchwiseError
        [BW-TWN-039] for a trace, a page or a date of a sweep, which only a single branch has.
    """
    if not is_sweep and len(branches) <= 1:
        return run(
            workspace, next(iter(branches), None), scenario=scenario, changes=changes,
            effort=effort, seed=seed, trace=trace, play=play, on=on, language=language,
            progress=progress,
        )  # fmt: skip
    for option, given in (("--trace", trace), ("--play", play), ("--on", on)):
        if given:
            values = {"option": option, "given": "--sweep", "rule": f"{option} | --sweep"}
            raise failure("BW-TWN-039", Where(place=option), **values)
    return sweep(
        workspace, branches, scenario=scenario, changes=changes, effort=effort, seed=seed,
        workers=workers, progress=progress,
    )  # fmt: skip
