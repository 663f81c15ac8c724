"""``branchwise measure [NAME…]``: compute measures, or list them."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from branchwise.cli.options import HERE, DebugOption, JsonOption, LanguageOption, WorkspaceOption
from branchwise.cli.output import Wishes, answer


def measure(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...")] = None,
    *,
    by: Annotated[str, typer.Option("--by", metavar="COLUMN,...")] = "",
    where: Annotated[str | None, typer.Option("--where", metavar="EXPR")] = None,
    compare: Annotated[Literal["previous", "last-year"] | None, typer.Option("--compare")] = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
    lang: LanguageOption = "en",
    debug: DebugOption = False,
) -> None:
    """Compute measures."""
    from branchwise.pipeline import measure as stage

    columns = tuple(column.strip() for column in by.split(",") if column.strip())
    answer(
        "measure",
        lambda progress: stage.measure(
            workspace,
            tuple(names or ()),
            by=columns,
            where=where,
            compare=compare,
            progress=progress,
        ),
        wishes=Wishes(json=json, language=lang, debug=debug, command="measure"),
    )
