"""``branchwise check``: the quality of the stored data by table and rule."""

from __future__ import annotations

from branchwise.cli.options import HERE, DebugOption, JsonOption, LanguageOption, WorkspaceOption
from branchwise.cli.output import Wishes, answer


def check(
    *,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
    lang: LanguageOption = "en",
    debug: DebugOption = False,
) -> None:
    """Show the quality of the stored data."""
    from branchwise.pipeline import check as stage

    answer(
        "check",
        lambda progress: stage.check(workspace, progress=progress),
        wishes=Wishes(json=json, language=lang, debug=debug, command="check"),
    )
