"""``branchwise diagnose``: which branches fall short, of what, and what it costs."""

from __future__ import annotations

from typing import Annotated

import typer

from branchwise.cli.options import HERE, DebugOption, JsonOption, LanguageOption, WorkspaceOption
from branchwise.cli.output import Wishes, answer
from branchwise.core.progress import Progress

FOUND = 1
FailOnOption = Annotated[str | None, typer.Option("--fail-on", metavar="SEVERITY")]
TopOption = Annotated[int, typer.Option("--top", min=0)]


def diagnose(
    *,
    workspace: WorkspaceOption = HERE,
    fail_on: FailOnOption = None,
    top: TopOption = 20,
    json: JsonOption = False,
    lang: LanguageOption = "en",
    debug: DebugOption = False,
) -> None:
    """Find what is wrong in which branch."""
    from branchwise.pipeline import diagnose as stage

    limit = None if fail_on is None else stage.severity_named(fail_on)
    failed = False

    def work(progress: Progress) -> stage.DiagnoseReport:
        nonlocal failed
        report = stage.diagnose(workspace, shown=top, progress=progress)
        failed = limit is not None and report.fails(limit)
        return report

    answer(
        "diagnose",
        work,
        wishes=Wishes(json=json, language=lang, debug=debug, command="diagnose"),
    )
    if failed:
        raise typer.Exit(FOUND)
