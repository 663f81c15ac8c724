"""Options that several verbs share; their help stands in ``cli/help.toml``."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from branchwise.core.errors import Where, failure
from branchwise.core.languages import Language

WorkspaceOption = Annotated[Path, typer.Option("--workspace", metavar="DIR")]
JsonOption = Annotated[bool, typer.Option("--json")]
LanguageOption = Annotated[Language, typer.Option("--lang", envvar="BRANCHWISE_LANG")]
DebugOption = Annotated[bool, typer.Option("--debug")]
SeedOption = Annotated[int, typer.Option("--seed", min=0)]
OnOption = Annotated[str | None, typer.Option("--on", metavar="DATE")]

HERE = Path()


def coming_date(given: str | None) -> date | None:
    """Return the date of ``--on``, or None where it was left out.

    Raises
    ------
    BranchwiseError
        [BW-FOR-050] for what is no date.

    Examples
    --------
    >>> coming_date("2026-06-01")
    datetime.date(2026, 6, 1)
    """
    if given is None:
        return None
    try:
        return date.fromisoformat(given)
    except ValueError as error:
        where = Where(place="--on")
        raise failure("BW-FOR-050", where, option="--on", given=given, rule="YYYY-MM-DD") from error
