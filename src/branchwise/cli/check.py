"""``branchwise check``: the quality of the stored data by table and rule."""

from __future__ import annotations

from typing import Annotated

import typer

from branchwise.cli.options import HERE, DebugOption, JsonOption, LanguageOption, WorkspaceOption
from branchwise.cli.output import Wishes, answer

BROKEN = 1


def check(
    *,
    workspace: WorkspaceOption = HERE,
    fail_on_breach: Annotated[bool, typer.Option("--fail-on-breach")] = False,
    json: JsonOption = False,
    lang: LanguageOption = "en",
    debug: DebugOption = False,
) -> None:
    """Show the quality of the stored data."""
    from branchwise.pipeline import check as stage

    quality = answer(
        "check",
        lambda progress: stage.check(workspace, progress=progress),
        wishes=Wishes(json=json, language=lang, debug=debug, command="check"),
    )
    if fail_on_breach and any(table.breaches for table in quality.tables):
        raise typer.Exit(BROKEN)
