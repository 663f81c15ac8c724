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
FLEXIBLE = ((540, 720), (810, 990))
LATE_SECONDS = 3600.0
"""How long windows go on after closing while visitors wait."""
SATURDAY = 6


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
    form = branch.form
    tellers = roster.on_duty(day, "teller")[: form.windows]
    people = [
        (person, _spells(branch, number, is_flexible=number == form.windows - 1 > 1))
        for number, person in enumerate(tellers)
    ]
    first = form.windows + 1
    windows = [
        _window(f"{number + 1}", person, spells) for number, (person, spells) in enumerate(people)
    ]
    others = [*roster.on_duty(day, "corporate_teller"), *roster.on_duty(day, "advisor")]
    windows += [
        _window(f"{first + number}", person, _spells(branch, number, is_flexible=False))
        for number, person in enumerate(others)
    ]
    windows += _extra_windows(settings, branch, day, first + len(others))
    return tuple(windows + _machines(branch, fleet, day))


def lunch(branch: Branch, number: int) -> tuple[int, int]:
    """Return the lunch break, in minutes after midnight, of the person at a window."""
    if branch.form.lunch:
        return branch.form.lunch
    starts = LUNCH_STARTS[number % len(LUNCH_STARTS)]
    return starts, starts + LUNCH_MINUTES


def _spells(branch: Branch, number: int, *, is_flexible: bool) -> tuple[tuple[float, float], ...]:
    form = branch.form
    if is_flexible and form.lunch is None:
        return tuple((60.0 * starts, 60.0 * ends) for starts, ends in FLEXIBLE)
    starts, ends = lunch(branch, number)
    return (
        (60.0 * form.opens_minute, 60.0 * starts),
        (60.0 * ends, 60.0 * form.closes_minute + LATE_SECONDS),
    )


def _window(name: str, person: Person, spells: tuple[tuple[float, float], ...]) -> Place:
    skills = tuple(SKILLS.index(skill) for skill in person.skills if skill in SKILLS)
    return Place(
        station=Station(skills=skills, spells=spells),
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
        _window(f"{first + number}", person, (spell,))
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
