"""An option carried out in the simulated branch, and said in words."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

from branchwise.core.languages import Language, Text
from branchwise.plan.interventions import library
from branchwise.plan.mechanisms.registry import MECHANISMS
from branchwise.plan.proposal import Option
from branchwise.twin.scenario import Scenario

WEEKDAY = "weekday_"
ON = "@"
"""Between a weekday and a setting that holds on it, as in ``1@540``."""
HOUR_MINUTES, DAY_MINUTES = 60, 1440
ABSOLUTE = ("opening_hours", "schedule")
WHAT_IF = {
    "more_windows": "station.{target}.open=+{amount:g}{window}",
    "fewer_windows": "station.{target}.open=-{amount:g}{window}",
    "machines_added": "station.{target}.open=+{amount:g}",
    "machines_removed": "station.{target}.open=-{amount:g}",
    "more_approvers": "pool.{target}.open=+{amount:g}{window}",
}


def apply(option: Option, scenario: Scenario, *, iso_weekday: int | None = None) -> Scenario:
    """Return the branch with an option carried out.

    Parameters
    ----------
    option : Option
        One of an intervention in the library.
    scenario : Scenario
        The branch on a mean day, on a weekday, or with other parameters of the same names.
    iso_weekday : int, optional
        Which weekday it is, 1 to 7; by default read off a name such as ``weekday_1``. An option of
        certain weekdays changes nothing on others; a mean day it changes.

    Examples
    --------
    >>> from branchwise.twin.example import corner_branch
    >>> one = Option(option_id="", branch_id="corner", intervention="more_windows", amount=1.0,
    ...     target="counter", lever="", iso_weekdays=(1,))
    >>> [apply(one, corner_branch(), iso_weekday=day).stations[0].open[0].count for day in (1, 2)]
    [3, 2]
    """
    mechanism = library()[option.intervention].mechanism
    day = iso_weekday if iso_weekday is not None else _weekday(scenario.name)
    if not mechanism or (option.iso_weekdays and day and day not in option.iso_weekdays):
        return scenario
    return MECHANISMS[mechanism](_on_day(option, day), scenario)


def _on_day(option: Option, iso_weekday: int | None) -> Option:
    """Return an option with the settings of a weekday where it has any, else the general ones."""
    general = {name: value for name, value in option.settings.items() if ON not in name}
    if len(general) == len(option.settings):
        return option
    prefix = f"{iso_weekday}{ON}"
    own = {
        name.removeprefix(prefix): value
        for name, value in option.settings.items()
        if name.startswith(prefix)
    }
    return replace(option, settings=own or general)


def apply_all(
    options: Iterable[Option], scenario: Scenario, *, iso_weekday: int | None = None
) -> Scenario:
    """Return the branch with several options carried out, whatever order they are named in.

    What sets a plan anew (hours, duty by the clock) comes first, then what adds to it or takes
    from it, by code.

    Examples
    --------
    >>> from branchwise.twin.example import corner_branch
    >>> apply_all((), corner_branch()) == corner_branch()
    True
    """
    interventions = library()

    def order(option: Option) -> tuple[int, str]:
        mechanism = interventions[option.intervention].mechanism
        place = ABSOLUTE.index(mechanism) if mechanism in ABSOLUTE else len(ABSOLUTE)
        return place, option.option_id

    for option in sorted(options, key=order):
        scenario = apply(option, scenario, iso_weekday=iso_weekday)
    return scenario


def what_if(option: Option) -> tuple[str, ...]:
    """Return the changes that ``branchwise twin run --set`` takes, where they say the same.

    Examples
    --------
    >>> what_if(Option(option_id="", branch_id="", intervention="more_windows", amount=1.0,
    ...     target="teller", window=(600, 720), lever=""))
    ('station.teller.open=+1@10:00-12:00',)
    """
    form = WHAT_IF.get(library()[option.intervention].mechanism)
    if form is None:
        return ()
    window = f"@{clock(option.window[0])}-{clock(option.window[1])}" if option.window else ""
    return (form.format(target=option.target, amount=option.amount, window=window),)


def describes(option: Option) -> tuple[Text, ...]:
    """Return what changes at the branch, one sentence each.

    Examples
    --------
    >>> describes(Option(option_id="", branch_id="", intervention="more_windows", amount=1.0,
    ...     target="teller", window=(600, 720), iso_weekdays=(1,), lever=""))[0].en
    'Windows open at teller: 1 more, 10:00–12:00, Mon.'
    """
    mechanism = library()[option.intervention].mechanism
    if not mechanism:
        return (library()[option.intervention].works,)
    form = Text.parse(_sentences()["mechanism"][mechanism])
    return (
        Text.written(
            lambda language: form.read_in(language).format(
                amount=f"{option.amount:g}",
                percent=f"{100 * option.amount:g}",
                target=option.target,
                when=_when(option, language),
                settings=_settings(option, language),
                **{key: f"{value:g}" for key, value in option.settings.items() if ":" not in key},
            )
        ),
    )


def clock(minute: int) -> str:
    """Return a minute of the day as people read a clock.

    Examples
    --------
    >>> clock(545)
    '09:05'
    """
    return f"{minute // HOUR_MINUTES:02d}:{minute % HOUR_MINUTES:02d}"


def _when(option: Option, language: Language) -> str:
    words = _sentences()["words"]
    parts = [words["all_day"][language]]
    if option.window is not None:
        parts = [f"{clock(option.window[0])}–{clock(option.window[1])}"]
    if option.iso_weekdays:
        days = words["weekdays"][language]
        parts.append(words["list"][language].join(days[day - 1] for day in option.iso_weekdays))
    comma: str = words["comma"][language]
    return comma.join(parts)


def _settings(option: Option, language: Language) -> str:
    """Return the plan of a schedule, the queues of a training or the shares of services."""
    words = _sentences()["words"]
    shown = []
    for name, value in option.settings.items():
        kind, _, code = name.partition(":")
        if kind == "queue":
            shown.append(code)
        elif kind == "service":
            shown.append(f"{code} {100 * value:.0f} %")
        elif name.isdigit():
            shown.append(f"{clock(int(name))} {value:g}")
    comma: str = words["list"][language]
    return comma.join(shown)


def _weekday(name: str) -> int | None:
    number = name.removeprefix(WEEKDAY)
    return int(number) if number != name and number.isdigit() else None


@cache
def _sentences() -> dict[str, Any]:
    text = files("branchwise.plan.mechanisms").joinpath("sentences.toml").read_text("utf-8")
    return tomllib.loads(text)
