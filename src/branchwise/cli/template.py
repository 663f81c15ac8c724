"""``branchwise template TABLE.xlsx``: blank workbooks to fill in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from branchwise.cli.options import DebugOption, JsonOption, LanguageOption
from branchwise.cli.output import Wishes, answer


def template(
    files: Annotated[list[Path], typer.Argument(metavar="TABLE.xlsx...")],
    *,
    json: JsonOption = False,
    lang: LanguageOption = "en",
    debug: DebugOption = False,
) -> None:
    """Write blank bilingual workbooks."""
    from branchwise.pipeline import template as stage

    answer(
        "template",
        lambda progress: stage.template(tuple(files), language=lang, progress=progress),
        wishes=Wishes(json=json, language=lang, debug=debug, command="template"),
    )
