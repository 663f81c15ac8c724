"""``branchwise optimise staffing|devices``: decisions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

import typer

from branchwise.cli.options import (
    HERE,
    DebugOption,
    JsonOption,
    LanguageOption,
    OnOption,
    SeedOption,
    WorkspaceOption,
    coming_date,
)
from branchwise.cli.output import Wishes, answer
from branchwise.core.errors import Where, failure

SEED = 1
EVERY = "all"
Method = Literal["ocba", "kn"]
TimeLimitOption = Annotated[float, typer.Option("--time-limit", metavar="SECONDS", min=0)]


def staffing(
    *,
    branch: Annotated[str, typer.Option("--branch", metavar="CODE")] = "",
    scenario: Annotated[str, typer.Option("--scenario", metavar="NAME|FILE")] = "scenario",
    on: OnOption = None,
    within: Annotated[float | None, typer.Option("--within", metavar="SECONDS")] = None,
    share: Annotated[float | None, typer.Option("--share")] = None,
    quantile: Annotated[float, typer.Option("--quantile")] = 0.8,
    least: Annotated[int, typer.Option("--least", min=0)] = 1,
    most: Annotated[int | None, typer.Option("--most", min=0)] = None,
    people: Annotated[int | None, typer.Option("--people", min=0)] = None,
    lunch: Annotated[str, typer.Option("--lunch", metavar="HH:MM-HH:MM")] = "",
    lunch_minutes: Annotated[float, typer.Option("--lunch-minutes", min=0)] = 60.0,
    block_minutes: Annotated[float, typer.Option("--block-minutes", min=0)] = 15.0,
    time_limit: TimeLimitOption = 60.0,
    seed: SeedOption = SEED,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
    lang: LanguageOption = "en",
    debug: DebugOption = False,
) -> None:
    """Say how many people are needed at which post in which quarter-hour."""
    from branchwise.pipeline.optimise import staffing as stage
    from branchwise.pipeline.optimise.staffing_problem import Wanted

    wanted = Wanted(
        seconds=within, share=share, quantile=quantile, least=least, most=most, people=people,
        lunch=window(lunch) if lunch else None, lunch_minutes=lunch_minutes,
        block_minutes=block_minutes,
    )  # fmt: skip
    answer(
        "optimise staffing",
        lambda progress: stage.staffing(
            workspace, branch or None, scenario=scenario, wanted=wanted, on=coming_date(on),
            seed=seed, time_limit=time_limit, progress=progress,
        ),
        wishes=Wishes(json=json, language=lang, debug=debug, command="optimise staffing"),
        seed=seed,
    )  # fmt: skip


def devices(
    *,
    branch: Annotated[str, typer.Option("--branch", metavar="CODE,...|all")] = EVERY,
    budget: Annotated[float | None, typer.Option("--budget", metavar="AMOUNT")] = None,
    space: Annotated[float | None, typer.Option("--space", metavar="M2")] = None,
    power: Annotated[float | None, typer.Option("--power", metavar="KW")] = None,
    worth: Annotated[float | None, typer.Option("--worth", metavar="AMOUNT")] = None,
    worse: Annotated[float, typer.Option("--worse", metavar="SHARE")] = 0.01,
    indifference: Annotated[float | None, typer.Option("--indifference", metavar="AMOUNT")] = None,
    runs: Annotated[int, typer.Option("--runs")] = 1000,
    days: Annotated[int, typer.Option("--days")] = 10,
    method: Annotated[Method, typer.Option("--method", metavar="ocba|kn")] = "ocba",
    time_limit: TimeLimitOption = 60.0,
    workers: Annotated[int | None, typer.Option("--workers", metavar="N")] = None,
    seed: SeedOption = SEED,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
    lang: LanguageOption = "en",
    debug: DebugOption = False,
) -> None:
    """Say how many machines, windows and guides each branch needs."""
    from branchwise.pipeline.optimise import devices as stage
    from branchwise.pipeline.optimise.devices_problem import Wanted

    wanted = Wanted(
        budget=budget, worth=worth, indifference=indifference, space_m2=space, power_kw=power,
        worse=worse, runs=runs, days=days, method=method,
    )  # fmt: skip
    codes = tuple(code.strip() for code in branch.split(",") if code.strip())
    answer(
        "optimise devices",
        lambda progress: stage.devices(
            workspace, () if branch == EVERY else codes, wanted=wanted, seed=seed,
            time_limit=time_limit, workers=workers, progress=progress,
        ),
        wishes=Wishes(json=json, language=lang, debug=debug, command="optimise devices"),
        seed=seed,
    )  # fmt: skip


def window(given: str) -> tuple[float, float]:
    """Return the first and last second of a window of the day.

    Raises
    ------
    BranchwiseError
        [BW-OPT-004] for what is none.

    Examples
    --------
    >>> window("11:30-13:30")
    (41400.0, 48600.0)
    """
    try:
        first, last = (_second(part) for part in given.split("-"))
    except ValueError:
        first, last = 0.0, 0.0
    if not first < last:
        where = Where(place="--lunch")
        raise failure("BW-OPT-004", where, value=given, rule="HH:MM-HH:MM")
    return first, last


def _second(given: str) -> float:
    hours, minutes = given.split(":")
    return int(hours) * 3600.0 + int(minutes) * 60.0


OPTIMISE: tuple[Callable[..., None], ...] = (staffing, devices)
