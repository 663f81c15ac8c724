"""``branchwise evaluate``: which promises of accepted actions were kept."""

from __future__ import annotations

from branchwise.cli.options import HERE, DebugOption, JsonOption, LanguageOption, WorkspaceOption
from branchwise.cli.output import Wishes, answer


def evaluate(
    *,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
    lang: LanguageOption = "en",
    debug: DebugOption = False,
) -> None:
    """Compare what actions promised with what was measured."""
    from branchwise.pipeline import evaluate as stage

    answer(
        "evaluate",
        lambda progress: stage.evaluate(workspace, progress=progress),
        wishes=Wishes(json=json, language=lang, debug=debug, command="evaluate"),
    )
