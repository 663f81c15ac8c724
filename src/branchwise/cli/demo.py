"""``branchwise demo DIR``: a synthetic bank with known truth, loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from branchwise.cli.options import DebugOption, JsonOption, LanguageOption, SeedOption
from branchwise.cli.output import Wishes, answer

BRANCHES = 40
DAYS = 90
SEED = 1


def demo(
    directory: Annotated[Path, typer.Argument(metavar="DIR")],
    *,
    branches: Annotated[int, typer.Option("--branches", min=2)] = BRANCHES,
    days: Annotated[int, typer.Option("--days", min=1)] = DAYS,
    actions: Annotated[Path | None, typer.Option("--actions", metavar="DIR")] = None,
    seed: SeedOption = SEED,
    json: JsonOption = False,
    lang: LanguageOption = "en",
    debug: DebugOption = False,
) -> None:
    """Generate a synthetic bank and load it."""
    from branchwise.pipeline import demo as stage

    answer(
        "demo",
        lambda progress: stage.demo(
            directory,
            branches=branches,
            days=days,
            seed=seed,
            actions=actions,
            progress=progress,
        ),
        wishes=Wishes(json=json, language=lang, debug=debug, command="demo"),
        seed=seed,
    )
