"""``branchwise load PATH``: read, clean, check and store raw data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from branchwise.cli.options import HERE, DebugOption, JsonOption, LanguageOption, WorkspaceOption
from branchwise.cli.output import Wishes, answer

BAD_INPUT = 3


def load(
    path: Annotated[str | None, typer.Argument(metavar="PATH|URL")] = None,
    *,
    adapter: Annotated[str | None, typer.Option("--adapter", metavar="NAME")] = None,
    mapping: Annotated[Path | None, typer.Option("--mapping", metavar="FILE")] = None,
    guess: Annotated[bool, typer.Option("--guess")] = False,
    output: Annotated[Path | None, typer.Option("--output", metavar="FILE")] = None,
    full: Annotated[bool, typer.Option("--full")] = False,
    option: Annotated[list[str] | None, typer.Option("--option", metavar="KEY=VALUE")] = None,
    scheduled: Annotated[bool, typer.Option("--scheduled")] = False,
    now: Annotated[bool, typer.Option("--now")] = False,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
    lang: LanguageOption = "en",
    debug: DebugOption = False,
) -> None:
    """Load raw data into the workspace."""
    wishes = Wishes(json=json, language=lang, debug=debug, command="load")
    if guess:
        _draft_mapping(path, output, wishes)
        return
    if scheduled or now:
        _load_scheduled(workspace, now, wishes)
        return
    from branchwise.pipeline import load as stage

    answer(
        "load",
        lambda progress: stage.load(
            workspace,
            path,
            adapter=adapter,
            mapping=mapping,
            is_full=full,
            options={given.partition("=")[0]: given.partition("=")[2] for given in option or ()},
            progress=progress,
        ),
        wishes=wishes,
    )


def _draft_mapping(path: str | None, output: Path | None, wishes: Wishes) -> None:
    from branchwise.pipeline.guess import guess as stage

    answer(
        "load",
        lambda progress: stage(Path(path or "-"), output=output, progress=progress),
        wishes=wishes,
    )


def _load_scheduled(workspace: Path, at_once: bool, wishes: Wishes) -> None:  # noqa: FBT001
    from branchwise.pipeline.load_scheduled import load_scheduled

    done = answer(
        "load",
        lambda progress: load_scheduled(workspace, at_once=at_once, progress=progress),
        wishes=wishes,
    )
    if done.failed:
        raise typer.Exit(BAD_INPUT)
