"""``branchwise twin calibrate|validate|run|compare``: the branch simulated."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from branchwise.cli.options import (
    HERE,
    DebugOption,
    JsonOption,
    LanguageOption,
    OnOption,
    SeedOption,
    WorkspaceOption,
    coming_date,
)
from branchwise.cli.output import Wishes, answer

FOUND = 1
SEED = 1
DAYS = 60
BranchesOption = Annotated[str, typer.Option("--branch", metavar="CODE,...")]
ScenarioOption = Annotated[str, typer.Option("--scenario", metavar="NAME|FILE")]
ScenariosOption = Annotated[list[str] | None, typer.Option("--scenario", metavar="NAME|FILE")]
ChangesOption = Annotated[list[str] | None, typer.Option("--set", metavar="CHANGE")]
ReplicationsOption = Annotated[int | None, typer.Option("--replications")]
PrecisionOption = Annotated[float | None, typer.Option("--precision", metavar="SHARE")]
WorkersOption = Annotated[int | None, typer.Option("--workers")]


def calibrate(
    *,
    branch: BranchesOption = "",
    workers: WorkersOption = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
    lang: LanguageOption = "en",
    debug: DebugOption = False,
) -> None:
    """Read scenarios off the branches' own tables."""
    from branchwise.pipeline.twin import calibrate as stage

    answer(
        "twin calibrate",
        lambda progress: stage.calibrate(
            workspace, _codes(branch), workers=workers, progress=progress
        ),
        wishes=Wishes(json=json, language=lang, debug=debug, command="twin calibrate"),
    )


def validate(
    *,
    branch: BranchesOption = "",
    replications: Annotated[int, typer.Option("--replications")] = DAYS,
    fail_on_distrust: Annotated[bool, typer.Option("--fail-on-distrust")] = False,
    seed: SeedOption = SEED,
    workers: WorkersOption = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
    lang: LanguageOption = "en",
    debug: DebugOption = False,
) -> None:
    """Hold calibrated branches against their own last days."""
    from branchwise.pipeline.twin import validate as stage

    report = answer(
        "twin validate",
        lambda progress: stage.validate(
            workspace,
            _codes(branch),
            replications=replications,
            seed=seed,
            workers=workers,
            progress=progress,
        ),
        wishes=Wishes(json=json, language=lang, debug=debug, command="twin validate"),
        seed=seed,
    )
    if fail_on_distrust and not report.is_trusted:
        raise typer.Exit(FOUND)


def run(
    *,
    branch: BranchesOption = "",
    scenario: ScenarioOption = "scenario",
    changes: ChangesOption = None,
    replications: ReplicationsOption = None,
    precision: PrecisionOption = None,
    sweep: Annotated[bool, typer.Option("--sweep")] = False,
    trace: Annotated[bool, typer.Option("--trace")] = False,
    play: Annotated[Path | None, typer.Option("--play", metavar="FILE.html")] = None,
    on: OnOption = None,
    seed: SeedOption = SEED,
    workers: WorkersOption = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
    lang: LanguageOption = "en",
    debug: DebugOption = False,
) -> None:
    """Simulate days and measure them."""
    from branchwise.pipeline.twin.simulated import Effort
    from branchwise.pipeline.twin.verb import run_or_sweep

    effort = Effort(replications=replications, precision=precision)
    answer(
        "twin run",
        lambda progress: run_or_sweep(
            workspace, _codes(branch), is_sweep=sweep, scenario=scenario,
            changes=tuple(changes or ()), effort=effort, seed=seed, workers=workers, trace=trace,
            play=play, on=coming_date(on), language=lang, progress=progress,
        ),
        wishes=Wishes(json=json, language=lang, debug=debug, command="twin run"),
        seed=seed,
    )  # fmt: skip


def compare(
    *,
    branch: Annotated[str | None, typer.Option("--branch", metavar="CODE")] = None,
    scenarios: ScenariosOption = None,
    changes: ChangesOption = None,
    replications: ReplicationsOption = None,
    precision: PrecisionOption = None,
    seed: SeedOption = SEED,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
    lang: LanguageOption = "en",
    debug: DebugOption = False,
) -> None:
    """Compare two scenarios on the same days."""
    from branchwise.pipeline.twin import compare as stage
    from branchwise.pipeline.twin.simulated import Effort

    answer(
        "twin compare",
        lambda progress: stage.compare(
            workspace,
            branch,
            scenarios=tuple(scenarios or ("scenario",)),
            changes=tuple(changes or ()),
            effort=Effort(replications=replications, precision=precision),
            seed=seed,
            progress=progress,
        ),
        wishes=Wishes(json=json, language=lang, debug=debug, command="twin compare"),
        seed=seed,
    )


TWIN: tuple[Callable[..., None], ...] = (calibrate, validate, run, compare)


def _codes(text: str) -> tuple[str, ...]:
    return tuple(code.strip() for code in text.split(",") if code.strip())
