"""``branchwise report``: one page for people, one document for programs."""

from __future__ import annotations

from typing import Annotated

import typer

from branchwise.cli.options import HERE, DebugOption, JsonOption, LanguageOption, WorkspaceOption
from branchwise.cli.output import Wishes, answer


def report(
    *,
    branch: Annotated[str, typer.Option("--branch", metavar="CODE,...")] = "",
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
    lang: LanguageOption = "en",
    debug: DebugOption = False,
) -> None:
    """Write the report."""
    from branchwise.pipeline import report as stage

    named = tuple(code.strip() for code in branch.split(",") if code.strip())
    answer(
        "report",
        lambda progress: stage.report(workspace, named, language=lang, progress=progress),
        wishes=Wishes(json=json, language=lang, debug=debug, command="report"),
    )
