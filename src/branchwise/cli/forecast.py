"""``branchwise forecast``: what will come."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from branchwise.cli.options import (
    HERE,
    DebugOption,
    JsonOption,
    LanguageOption,
    SeedOption,
    WorkspaceOption,
)
from branchwise.cli.output import Wishes, answer
from branchwise.core.errors import Where, failure
from branchwise.core.progress import Progress

Work = Callable[[Progress], Any]


def forecast(
    target: Annotated[str, typer.Argument(metavar="[MEASURE|FILE.csv]")] = "visits",
    *,
    by: Annotated[str, typer.Option("--by", metavar="DIMENSION,...")] = "branch",
    grain: Annotated[str, typer.Option("--grain", metavar="GRAIN")] = "day",
    today: Annotated[str | None, typer.Option("--today", metavar="DATE")] = None,
    branch: Annotated[str, typer.Option("--branch", metavar="CODE,...")] = "",
    id_: Annotated[str, typer.Option("--id", metavar="COLUMN")] = "id",
    time: Annotated[str, typer.Option("--time", metavar="COLUMN")] = "time",
    value: Annotated[str, typer.Option("--value", metavar="COLUMN")] = "value",
    horizon: Annotated[int | None, typer.Option("--horizon", metavar="N")] = None,
    level: Annotated[list[float], typer.Option("--level", metavar="PERCENT")] = [80.0, 95.0],  # noqa: B006
    workers: Annotated[int | None, typer.Option("--workers", metavar="N", min=1)] = None,
    seed: SeedOption = 1,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
    lang: LanguageOption = "en",
    debug: DebugOption = False,
) -> None:
    """Forecast a measure of the workspace, or the series of a file."""
    if is_file(target):
        work = of_file(
            Path(target), (id_, time, value), horizon=horizon, levels=level, seed=seed,
            workers=workers,
        )  # fmt: skip
    else:
        work = of_bank(
            workspace, target, by=codes(by), grain=grain, horizon=horizon, levels=level,
            today=today, branches=codes(branch), seed=seed, workers=workers,
        )  # fmt: skip
    answer(
        "forecast",
        work,
        wishes=Wishes(json=json, language=lang, debug=debug, command="forecast"),
        seed=seed,
    )


def of_file(
    file: Path,
    columns: tuple[str, str, str],
    *,
    horizon: int | None,
    levels: Sequence[float],
    seed: int,
    workers: int | None,
) -> Work:
    """Return the work of a file.

    Raises
    ------
    BranchwiseError
        [BW-FOR-001] for a file that is not there; [BW-FOR-011] without a horizon, of which a file
        has no usual one.
    """
    from branchwise.pipeline.forecast import series_file as stage

    if not file.is_file():
        where = Where(place=str(file))
        raise failure("BW-FOR-001", where, path=file.name, reason=os.strerror(errno.ENOENT))
    if horizon is None:
        raise failure("BW-FOR-011", Where(place="--horizon"), path=file.name)
    named = stage.Columns(series=columns[0], time=columns[1], value=columns[2])
    return lambda progress: stage.series_file(
        file, named, horizon=horizon, levels=levels, seed=seed, workers=workers, progress=progress
    )


def of_bank(workspace: Path, measure: str, *, workers: int | None, **wish: Any) -> Work:  # noqa: ANN401
    """Return the work of a bank; the wish is checked first, see `asked.asked`."""
    from branchwise.pipeline.forecast.asked import asked
    from branchwise.pipeline.forecast.bank import forecast_bank

    found = asked(measure, **wish)
    return lambda progress: forecast_bank(workspace, found, workers=workers, progress=progress)


def is_file(target: str) -> bool:
    """Say whether what is to be forecast is a file: it has a suffix or a folder, or is there.

    Examples
    --------
    >>> is_file("calls.csv"), is_file("visits")
    (True, False)
    """
    path = Path(target)
    return bool(path.suffix) or len(path.parts) > 1 or path.is_file()


def codes(given: str) -> tuple[str, ...]:
    """Return the parts of a list with commas.

    Examples
    --------
    >>> codes("branch, service")
    ('branch', 'service')
    """
    return tuple(part.strip() for part in given.split(",") if part.strip())
