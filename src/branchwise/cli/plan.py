"""``branchwise plan`` and ``plan accept|reject|why``: from findings to a costed plan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from branchwise.cli.options import (
    HERE,
    DebugOption,
    JsonOption,
    LanguageOption,
    SeedOption,
    WorkspaceOption,
)
from branchwise.cli.output import Wishes, answer

SEED = 1
OptionsArgument = Annotated[list[str], typer.Argument(metavar="OPTION")]


def plan(
    context: typer.Context,
    *,
    budget: Annotated[float | None, typer.Option("--budget", metavar="AMOUNT")] = None,
    operating: Annotated[float | None, typer.Option("--operating", metavar="AMOUNT")] = None,
    quarters: Annotated[int, typer.Option("--quarters", min=1, max=40)] = 4,
    branch: Annotated[str, typer.Option("--branch", metavar="CODE,...")] = "",
    only: Annotated[str, typer.Option("--only", metavar="INTERVENTION,...")] = "",
    draws: Annotated[int, typer.Option("--draws", min=4, max=400)] = 16,
    time_limit: Annotated[float, typer.Option("--time-limit", metavar="SECONDS", min=0)] = 60.0,
    workers: Annotated[int | None, typer.Option("--workers")] = None,
    seed: SeedOption = SEED,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
    lang: LanguageOption = "en",
    debug: DebugOption = False,
) -> None:
    """Try every remedy in the branches' twins and choose what to carry out."""
    if context.invoked_subcommand is not None:
        return
    from branchwise.pipeline.plan import plan as stage
    from branchwise.pipeline.plan.asked import Asked

    asked = Asked(
        capital=budget, operating=operating, quarters=quarters, draws=draws, seed=seed,
        branches=_named(branch), only=_named(only), time_limit=time_limit,
    )  # fmt: skip
    answer(
        "plan",
        lambda progress: stage.plan(workspace, asked, workers=workers, progress=progress),
        wishes=Wishes(json=json, language=lang, debug=debug, command="plan"),
        seed=seed,
    )


def accept(
    options: OptionsArgument,
    *,
    starts: Annotated[str, typer.Option("--starts", metavar="YYYY-MM-DD")] = "",
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
    lang: LanguageOption = "en",
    debug: DebugOption = False,
) -> None:
    """Decide for options of the plan: they become actions."""
    from branchwise.pipeline.plan import answers as stage

    answer(
        "plan accept",
        lambda progress: stage.accept(workspace, options, starts=starts, progress=progress),
        wishes=Wishes(json=json, language=lang, debug=debug, command="plan accept"),
    )


def reject(
    options: OptionsArgument,
    *,
    why: Annotated[str, typer.Option("--why", metavar="REASON")],
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
    lang: LanguageOption = "en",
    debug: DebugOption = False,
) -> None:
    """Decide against options of the plan, with the reason."""
    from branchwise.pipeline.plan import answers as stage

    answer(
        "plan reject",
        lambda progress: stage.reject(workspace, options, why=why, progress=progress),
        wishes=Wishes(json=json, language=lang, debug=debug, command="plan reject"),
    )


def why(
    option: Annotated[str, typer.Argument(metavar="OPTION")],
    *,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
    lang: LanguageOption = "en",
    debug: DebugOption = False,
) -> None:
    """Say why an option is, or is not, part of the plan."""
    from branchwise.pipeline.plan import answers as stage

    answer(
        "plan why",
        lambda progress: stage.why(workspace, option, progress=progress),
        wishes=Wishes(json=json, language=lang, debug=debug, command="plan why"),
    )


def _named(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


PLAN: tuple[Callable[..., None], ...] = (accept, reject, why)
