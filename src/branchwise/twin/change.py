"""What-if in one line: ``station.teller.open=+1@10:00-12:00``.

A change is ``PATH=VALUE`` or ``PATH=VALUE@FROM-TO``; the value is a number to set, or ``+1``,
``-1``, ``*1.1`` on what is there. With a window of the day it holds from its first to its last
minute; without one wherever somebody is on duty, or somebody comes. ``*`` as a name means all.

==============================  ===================================================  ======
Path                            Meaning                                              Window
==============================  ===================================================  ======
``station.NAME.open``           servers on duty (``count`` says the same)            yes
``station.NAME.limit``          most windows open at a time, those on call included  yes
``station.NAME.speed``          services go this times as fast                       no
``class.NAME.rate``             customers per hour                                   yes
``class.NAME.priority``         higher is called earlier                             no
``class.NAME.pace``             their services take this times as long               no
``class.NAME.patience``         seconds until they give up (``*`` only)              no
``activity.NAME.time``          seconds of service (``*`` only)                      no
``activity.NAME.failing``       share of services that fail                          no
``pool.NAME.open``              people on duty                                       yes
``entrance.machines``           ticket machines                                      no
``standard.seconds``            wait within the standard                             no
==============================  ===================================================  ======
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations

from branchwise.core.errors import BranchwiseError, Problems, Where
from branchwise.twin.changing import Change, ImpossibleError, apply, names
from branchwise.twin.scenario import Scenario

PLACE = "--set"
DAY = 86400.0
PROPERTIES: dict[str, tuple[str, ...]] = {
    "station": ("open", "limit", "speed"),
    "class": ("rate", "priority", "pace", "patience"),
    "activity": ("time", "failing"),
    "pool": ("open",),
    "entrance": ("machines",),
    "standard": ("seconds",),
}
WINDOWED = {"open", "limit", "rate"}
SCALED = {"time", "patience"}
WHOLE = {"open", "limit", "priority", "machines"}
NAMELESS = {"entrance", "standard"}
OPEN, ALSO_OPEN = "open", "count"
_FORM = re.compile(
    r"(?P<path>[^=]+)=(?P<sign>[+*-]?)(?P<number>\d+(?:\.\d+)?)(?:@(?P<window>[\d:]+-[\d:]+))?"
)
_CLOCK = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)")


def changed(scenario: Scenario, texts: Sequence[str]) -> Scenario:
    """Return a scenario with changes made to it, in the order given.

    Parameters
    ----------
    scenario : Scenario
        What is there.
    texts : sequence of str
        Changes, see the module.

    Raises
    ------
    BranchwiseError
        All at once: [BW-TWN-040] not of the form of a change, [BW-TWN-041] no such station,
        class, activity or pool, [BW-TWN-042] no such property, or one that cannot be changed in
        that way, [BW-TWN-043] what would come out is no possible value, [BW-TWN-044] two changes
        whose order would matter.

    Examples
    --------
    >>> from branchwise.twin.example import corner_branch
    >>> more = changed(corner_branch(), ["station.counter.open=+1@10:00-12:00"])
    >>> [(step.at_second / 3600, step.count) for step in more.stations[0].open]
    [(9.0, 2), (10.0, 3), (12.0, 1), (14.0, 2)]
    """
    problems = Problems()
    changes = [found for text in texts if (found := _parsed(text, problems)) is not None]
    for change in changes:
        _check_names(scenario, change, problems)
    for one, other in combinations(changes, 2):
        if _contradict(one, other):
            problems.add("BW-TWN-044", Where(place=PLACE), one=one.text, other=other.text)
    problems.raise_if_any()
    for change in changes:
        try:
            scenario = apply(scenario, change)
        except ImpossibleError as error:
            where = Where(place=PLACE)
            problems.add("BW-TWN-043", where, text=change.text, value=str(error))
    problems.raise_if_any()
    return scenario


def parse(text: str) -> Change:
    """Read one change; raises [BW-TWN-040] and [BW-TWN-042].

    Examples
    --------
    >>> parse("class.*.rate=*1.1@9:30-11:00").window
    (34200.0, 39600.0)
    """
    problems = Problems()
    change = _parsed(text, problems)
    if change is None:
        raise BranchwiseError(*problems)
    return change


def _parsed(text: str, problems: Problems) -> Change | None:
    found = _FORM.fullmatch(text.strip())
    window = _window(found["window"]) if found and found["window"] else None
    path = found["path"].strip().split(".") if found else []
    bad_window = found is not None and found["window"] is not None and window is None
    if found is None or len(path) < 2 or bad_window:  # noqa: PLR2004
        problems.add("BW-TWN-040", Where(place=PLACE), text=text)
        return None
    kind, name = path[0], ".".join(path[1:-1])
    part = OPEN if path[-1] == ALSO_OPEN else path[-1]
    change = Change(
        text=text, kind=kind, name=name, part=part, sign=found["sign"],
        number=float(found["number"]), window=window,
    )  # fmt: skip
    if _is_possible(change):
        return change
    known = ", ".join(f"{kind}.{part}" for kind, parts in PROPERTIES.items() for part in parts)
    problems.add("BW-TWN-042", Where(place=PLACE), text=text, known=known)
    return None


def _is_possible(change: Change) -> bool:
    return (
        change.part in PROPERTIES.get(change.kind, ())
        and bool(change.name) != (change.kind in NAMELESS)
        and (change.window is None or change.part in WINDOWED)
        and (change.sign == "*" or change.part not in SCALED)
    )


def _window(text: str) -> tuple[float, float] | None:
    times = [_CLOCK.fullmatch(part) for part in text.split("-")]
    seconds = [int(found[1]) * 3600.0 + int(found[2]) * 60 for found in times if found]
    if len(seconds) != 2 or not 0 <= seconds[0] < seconds[1] <= DAY:  # noqa: PLR2004
        return None
    return seconds[0], seconds[1]


def _check_names(scenario: Scenario, change: Change, problems: Problems) -> None:
    if change.kind in NAMELESS or change.name == "*":
        return
    there = names(scenario, change.kind)
    if change.name not in there:
        where = Where(place=PLACE)
        known = ", ".join(there) or "–"
        problems.add("BW-TWN-041", where, text=change.text, name=change.name, known=known)


def _contradict(one: Change, other: Change) -> bool:
    """Return whether two changes touch the same number in ways whose order matters."""
    if (one.kind, one.part) != (other.kind, other.part):
        return False
    if one.name != other.name and "*" not in {one.name, other.name}:
        return False
    (first, last), (begins, ends) = (each.window or (0.0, DAY) for each in (one, other))
    if ends <= first or last <= begins:
        return False
    return not ({one.sign, other.sign} <= {"+", "-"} or one.sign == other.sign == "*")
