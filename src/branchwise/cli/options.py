"""Options that several verbs share; their help stands in ``cli/help.toml``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from branchwise.core.languages import Language

WorkspaceOption = Annotated[Path, typer.Option("--workspace", metavar="DIR")]
JsonOption = Annotated[bool, typer.Option("--json")]
LanguageOption = Annotated[Language, typer.Option("--lang", envvar="BRANCHWISE_LANG")]
DebugOption = Annotated[bool, typer.Option("--debug")]
SeedOption = Annotated[int, typer.Option("--seed", min=0)]

HERE = Path()
