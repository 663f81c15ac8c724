"""``branchwise load PATH``: read, clean, check and store raw data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from branchwise.cli.options import HERE, DebugOption, JsonOption, LanguageOption, WorkspaceOption
from branchwise.cli.output import Wishes, answer


def load(
    path: Annotated[Path, typer.Argument(metavar="PATH")],
    *,
    adapter: Annotated[str, typer.Option("--adapter", metavar="NAME")] = "files",
    mapping: Annotated[Path | None, typer.Option("--mapping", metavar="FILE")] = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
    lang: LanguageOption = "en",
    debug: DebugOption = False,
) -> None:
    """Load raw data into the workspace."""
    from branchwise.pipeline import load as stage

    answer(
        "load",
        lambda progress: stage.load(
            workspace, path, adapter=adapter, mapping=mapping, progress=progress
        ),
        wishes=Wishes(json=json, language=lang, debug=debug, command="load"),
    )
