"""People: posts, skills, days of duty, leave, and help lent to neighbouring branches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from branchwise.core.randomness import stream
from branchwise.sources.demo.network import SATURDAY, Branch, closed_days
from branchwise.sources.demo.settings import DemoSettings

RELIEF = 1.12
FOREIGN_EXCHANGE_SHARE = 0.45
LEAVE = {
    "none": 0, "rest": 1, "annual": 2, "sick": 3, "training": 4, "mandatory": 5,
    "outreach": 6, "lent": 7, "closed": 8,
}  # fmt: skip
SPELLS_OF_LEAVE = (  # kind, mean number in 90 days, days
    ("annual", 1.2, 3),
    ("sick", 0.8, 2),
    ("training", 0.5, 1),
    ("mandatory", 0.1, 5),
)
FULL_WEEK = 7
VISITING_DAY = 3
"""Day of the week on which a skill that a branch lacks comes from elsewhere."""
ALL_ROUND_TELLERS = (0, 1)
"""Tellers who also advise where there is but one advisor, who has days off."""
EXTRA_FROM = 81
"""Numbers of staff hired by an intervention begin here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One member of staff."""

    staff_id: str
    branch_id: str
    post: str
    employment: str
    skills: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class Roster:
    """Who is where at one branch.

    Attributes
    ----------
    people : list of Person
        Everyone who belongs to the branch.
    leave : array of int8, shape (people, days)
        Codes of `LEAVE`; 0 is duty at the branch.
    guests : list of list of Person
        By day, tellers of other branches who help here.
    lent_to : dict of (int, int) to str
        Branch helped, by person and day.
    """

    people: list[Person]
    leave: npt.NDArray[np.int8]
    guests: list[list[Person]]
    lent_to: dict[tuple[int, int], str] = field(default_factory=dict)

    def on_duty(self, day: int, post: str) -> list[Person]:
        """Return the branch's own people of a post who are there on a day, and guests."""
        own = [
            person
            for place, person in enumerate(self.people)
            if person.post == post and not self.leave[place, day]
        ]
        return [*self.guests[day], *own] if post == "teller" else own


def rosters(settings: DemoSettings, branches: Sequence[Branch]) -> dict[str, Roster]:
    """Draw the rosters of all branches; interventions do not enter, so nobody else's changes."""
    drawn = {branch.branch_id: _roster(settings, branch) for branch in branches}
    for day in range(settings.days):
        for region in sorted({branch.region_id for branch in branches}):
            _lend(drawn, [branch for branch in branches if branch.region_id == region], day)
    for branch in branches:
        if branch.ill == "skill_gap_foreign_exchange":
            _send_visitors(settings, drawn, branch)
    return drawn


def _roster(settings: DemoSettings, branch: Branch) -> Roster:
    people = people_of(settings, branch)
    chance = stream(settings.seed, "leave", branch.branch_id)
    closed = closed_days(settings)
    calendar = settings.calendar
    leave = np.zeros((len(people), len(calendar)), dtype=np.int8)
    for place, person in enumerate(people):
        for kind, mean, days in SPELLS_OF_LEAVE:
            for start in chance.integers(
                0, len(calendar), chance.poisson(mean * len(calendar) / 90)
            ):
                leave[place, start : start + days] = LEAVE[kind]
        if person.post == "advisor":
            leave[place, chance.random(len(calendar)) < 0.05] = LEAVE["outreach"]  # noqa: PLR2004
    for number, day in enumerate(calendar):
        leave[_resting(people, branch, day.isoweekday(), number // 7), number] = LEAVE["rest"]
        if not branch.is_open(day, closed):
            leave[:, number] = LEAVE["closed"]
        elif day.isoweekday() >= SATURDAY:
            corporate = [
                place for place, who in enumerate(people) if who.post == "corporate_teller"
            ]
            leave[corporate, number] = LEAVE["rest"]
    _keep_cover(people, leave)
    return Roster(people=people, leave=leave, guests=[[] for _ in calendar])


def people_of(settings: DemoSettings, branch: Branch) -> list[Person]:
    """Return everyone who works at a branch, in order of their numbers."""
    form = branch.form
    stretch = form.open_days / 5 * RELIEF
    corporate = form.corporate_windows
    if branch.ill == "skill_gap_corporate":
        corporate = 1
    posts = [
        *["teller"] * round(branch.windows * stretch),
        *["corporate_teller"] * corporate,
        *["advisor"] * form.advisors,
        *["lobby_manager"] * (2 if form.open_days == FULL_WEEK else 1),
        *["supervisor"] * branch.approvers,
        "manager",
        "guard",
        "assistant",
    ]
    chance = stream(settings.seed, "people", branch.branch_id)
    abroad = chance.random(len(posts)) < FOREIGN_EXCHANGE_SHARE
    abroad[:2] = True
    if branch.ill == "skill_gap_foreign_exchange":
        abroad[:] = False
    all_round = ("wealth", "loan") if form.advisors == 1 else ()
    return [
        Person(
            staff_id=f"{branch.branch_id[1:]}{number + 1:02d}",
            branch_id=branch.branch_id,
            post=post,
            employment="outsourced" if post in {"guard", "assistant"} else "own",
            skills=(
                *_skills(post, is_abroad=bool(abroad[number])),
                *(all_round if number in ALL_ROUND_TELLERS else ()),
            ),
        )
        for number, post in enumerate(posts)
    ]


def hired(settings: DemoSettings, branch: Branch) -> list[Person]:
    """Return the tellers and approvers that interventions add to a branch."""
    added = int(max(settings.amounts("windows", branch.branch_id, neutral=0)))
    approving = int(max(settings.amounts("approver", branch.branch_id, neutral=0)))
    posts = [*["teller"] * added, *["supervisor"] * approving]
    return [
        Person(
            staff_id=f"{branch.branch_id[1:]}{EXTRA_FROM + number:02d}",
            branch_id=branch.branch_id,
            post=post,
            employment="own",
            skills=_skills(post, is_abroad=True),
        )
        for number, post in enumerate(posts)
    ]


def _skills(post: str, *, is_abroad: bool) -> tuple[str, ...]:
    if post == "teller":
        return ("teller", "foreign_exchange") if is_abroad else ("teller",)
    return {
        "corporate_teller": ("corporate",),
        "advisor": ("wealth", "loan"),
        "supervisor": ("authorisation", "teller"),
        "lobby_manager": ("guide", "machine_review"),
        "assistant": ("guide",),
    }.get(post, ())


def _resting(people: list[Person], branch: Branch, weekday: int, week: int) -> list[int]:
    """Return who has a day of rest; branches open five days rest when they are closed."""
    if branch.form.open_days == SATURDAY - 1:
        return []
    rests = []
    for place, person in enumerate(people):
        if person.post == "corporate_teller":
            continue
        free = {1 + (place + week) % branch.form.open_days}
        if branch.form.open_days == FULL_WEEK:
            free.add(1 + (place + week + 3) % FULL_WEEK)
        if weekday in free:
            rests.append(place)
    return rests


def _keep_cover(people: list[Person], leave: npt.NDArray[np.int8]) -> None:
    """Call one back where nobody of a post that must be there is left."""
    for post in ("teller", "supervisor", "lobby_manager", "guard", "manager", "assistant"):
        places = [place for place, person in enumerate(people) if person.post == post]
        away = leave[places]
        bare = (away > 0).all(axis=0) & (away[0] != LEAVE["closed"])
        leave[places[0], bare] = 0


def _lend(drawn: dict[str, Roster], branches: Sequence[Branch], day: int) -> None:
    short = [branch for branch in branches if _spare(drawn[branch.branch_id], branch, day) < 0]
    for branch in short:
        for other in branches:
            lender = drawn[other.branch_id]
            if other is not branch and _spare(lender, other, day) > 1:
                place = max(
                    place
                    for place, person in enumerate(lender.people)
                    if person.post == "teller" and not lender.leave[place, day]
                )
                _lend_one(lender, place, day, branch, drawn[branch.branch_id])
                break


def _send_visitors(settings: DemoSettings, drawn: dict[str, Roster], branch: Branch) -> None:
    """Send a teller with foreign exchange from another branch on one day of the week."""
    for day, date in enumerate(settings.calendar):
        if date.isoweekday() != VISITING_DAY or drawn[branch.branch_id].leave[0, day]:
            continue
        for code, lender in drawn.items():
            able = [
                place
                for place, person in enumerate(lender.people)
                if "foreign_exchange" in person.skills and not lender.leave[place, day]
            ]
            if code != branch.branch_id and len(able) > 2:  # noqa: PLR2004  two stay
                _lend_one(lender, able[-1], day, branch, drawn[branch.branch_id])
                break


def _lend_one(lender: Roster, place: int, day: int, branch: Branch, borrower: Roster) -> None:
    lender.leave[place, day] = LEAVE["lent"]
    lender.lent_to[place, day] = branch.branch_id
    borrower.guests[day].append(lender.people[place])


def _spare(roster: Roster, branch: Branch, day: int) -> int:
    if roster.leave[0, day] == LEAVE["closed"]:
        return 0
    return len(roster.on_duty(day, "teller")) - branch.windows + 1
