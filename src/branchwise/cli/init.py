"""``branchwise init DIR``: make a workspace."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from branchwise.cli.options import DebugOption, JsonOption, LanguageOption
from branchwise.cli.output import Wishes, answer


def init(
    directory: Annotated[Path, typer.Argument(metavar="DIR")],
    *,
    json: JsonOption = False,
    lang: LanguageOption = "en",
    debug: DebugOption = False,
) -> None:
    """Make a workspace."""
    from branchwise.pipeline import init as stage

    answer(
        "init",
        lambda _: stage.init(directory),
        wishes=Wishes(json=json, language=lang, debug=debug, command="init"),
    )
