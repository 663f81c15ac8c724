"""Where visitors are served on a day: windows by half-hour, desks, and machines that work."""

from __future__ import annotations

from dataclasses import dataclass

from branchwise.sources.demo.catalogues import MACHINE, SKILLS
from branchwise.sources.demo.devices import Fleet
from branchwise.sources.demo.network import Branch
from branchwise.sources.demo.queue import Station
from branchwise.sources.demo.settings import DemoSettings
from branchwise.sources.demo.staff import Person, Roster, hired

LUNCH_STARTS = (690, 735, 780)
LUNCH_MINUTES = 45
LATE_SECONDS = 3600.0
"""How long windows go on after closing while visitors wait."""
PERIODS = (690, 810, 930)
"""Minutes after midnight at which the plan of open windows changes: 11:30, 13:30, 15:30."""
CORPORATE_CALLED_AT = 2
"""Waiting visitors that call a second corporate window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A station with its name and who works there (empty for a machine)."""

    station: Station
    name: str
    staff_id: str
    device_id: str


def places_of_day(
    settings: DemoSettings, branch: Branch, roster: Roster, fleet: Fleet, day: int
) -> tuple[Place, ...]:
    """Return the stations of a branch on a day of duty."""
    first = branch.windows + 1
    tellers = roster.on_duty(day, "teller")[: branch.windows]
    corporate = roster.on_duty(day, "corporate_teller")
    advisors = roster.on_duty(day, "advisor")
    windows = [
        _window(f"{number + 1}", person, _personal(branch, number))
        for number, person in enumerate(tellers)
    ]
    windows += [
        _window(f"{first + number}", person, _corporate(branch, number))
        for number, person in enumerate(corporate)
    ]
    first += len(corporate)
    windows += [
        _window(f"{first + number}", person, _Hours(spells=_spells(branch, number)))
        for number, person in enumerate(advisors)
    ]
    windows += _extra_windows(settings, branch, day, first + len(advisors))
    return tuple(windows + _machines(branch, fleet, day))


def lunch(branch: Branch, number: int) -> tuple[int, int]:
    """Return the lunch break, in minutes after midnight, of the person at a window."""
    if branch.form.lunch:
        return branch.form.lunch
    starts = LUNCH_STARTS[number % len(LUNCH_STARTS)]
    return starts, starts + LUNCH_MINUTES


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hours:
    spells: tuple[tuple[float, float], ...]
    planned: tuple[tuple[float, float], ...] | None = None
    opens_at: int = 1


def _personal(branch: Branch, number: int) -> _Hours:
    """Return when the window of a number is open: as the roster plans it, else on call."""
    plan = tuple(windows + max(0, branch.spare_windows) for windows in branch.form.plan)
    on_call = max(0, number - min(plan))
    called_at = branch.form.called_at
    return _Hours(
        spells=_spells(branch, number),
        planned=_planned(branch, plan, number),
        opens_at=called_at + on_call if number else 1,
    )


def _corporate(branch: Branch, number: int) -> _Hours:
    """Return when a corporate window is open: the first of several all day, others on call."""
    planned = (1,) * len(branch.form.plan) if branch.form.corporate_windows > 1 else ()
    return _Hours(
        spells=_spells(branch, number),
        planned=_planned(branch, planned, number),
        opens_at=CORPORATE_CALLED_AT if number else 1,
    )


def _planned(branch: Branch, plan: tuple[int, ...], number: int) -> tuple[tuple[float, float], ...]:
    """Return the spells, in seconds, in which the plan has more windows open than `number`."""
    form = branch.form
    bounds = (form.opens_minute, *PERIODS, form.closes_minute)
    spells: list[tuple[float, float]] = []
    for windows, starts, ends in zip(plan, bounds[:-1], bounds[1:], strict=False):
        if windows > number:
            joins = spells and spells[-1][1] == 60.0 * starts
            first = spells.pop()[0] if joins else 60.0 * starts
            spells.append((first, 60.0 * ends))
    return tuple(spells)


def _spells(branch: Branch, number: int) -> tuple[tuple[float, float], ...]:
    form = branch.form
    starts, ends = lunch(branch, number)
    return (
        (60.0 * form.opens_minute, 60.0 * starts),
        (60.0 * ends, 60.0 * form.closes_minute + LATE_SECONDS),
    )


def _window(name: str, person: Person, hours: _Hours) -> Place:
    skills = tuple(SKILLS.index(skill) for skill in person.skills if skill in SKILLS)
    return Place(
        station=Station(
            skills=skills, spells=hours.spells, planned=hours.planned, opens_at=hours.opens_at
        ),
        name=name,
        staff_id=person.staff_id,
        device_id="",
    )


def _extra_windows(settings: DemoSettings, branch: Branch, day: int, first: int) -> list[Place]:
    added = int(settings.amounts("windows", branch.branch_id, neutral=0)[day])
    if not added:
        return []
    change = next(
        found
        for found in settings.interventions
        if found.kind == "windows" and found.branch_id == branch.branch_id
    )
    spell = (60.0 * change.from_minute, 60.0 * change.to_minute)
    people = [person for person in hired(settings, branch) if person.post == "teller"]
    return [
        _window(f"{first + number}", person, _Hours(spells=(spell,)))
        for number, person in enumerate(people[:added])
    ]


def _machines(branch: Branch, fleet: Fleet, day: int) -> list[Place]:
    opens = 60.0 * branch.form.opens_minute
    closes = 60.0 * branch.form.closes_minute
    return [
        Place(
            station=Station(skills=(MACHINE,), spells=fleet.working(number, day, opens, closes)),
            name=f"S{device.device_id[-2:]}",
            staff_id="",
            device_id=device.device_id,
        )
        for number, device in enumerate(fleet.devices)
        if device.kind == "smart_counter" and device.first_day <= day
    ]
