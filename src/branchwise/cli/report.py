"""``branchwise report``: one page for people, one document for programs."""

from __future__ import annotations

from branchwise.cli.options import HERE, DebugOption, JsonOption, LanguageOption, WorkspaceOption
from branchwise.cli.output import Wishes, answer


def report(
    *,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
    lang: LanguageOption = "en",
    debug: DebugOption = False,
) -> None:
    """Write the report."""
    from branchwise.pipeline import report as stage

    answer(
        "report",
        lambda progress: stage.report(workspace, language=lang, progress=progress),
        wishes=Wishes(json=json, language=lang, debug=debug, command="report"),
    )
