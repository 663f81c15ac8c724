"""``branchwise diagnose``: which branches fall short, of what, and what it costs."""

from __future__ import annotations

from branchwise.cli.options import HERE, DebugOption, JsonOption, LanguageOption, WorkspaceOption
from branchwise.cli.output import Wishes, answer


def diagnose(
    *,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
    lang: LanguageOption = "en",
    debug: DebugOption = False,
) -> None:
    """Find what is wrong in which branch."""
    from branchwise.pipeline import diagnose as stage

    answer(
        "diagnose",
        lambda progress: stage.diagnose(workspace, progress=progress),
        wishes=Wishes(json=json, language=lang, debug=debug, command="diagnose"),
    )
