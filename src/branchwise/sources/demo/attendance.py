"""Attendance as personnel keeps it: shift, punches, leave, branch supported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from branchwise.core.randomness import stream
from branchwise.sources.demo.network import Branch
from branchwise.sources.demo.reference import POSTS
from branchwise.sources.demo.settings import DemoSettings
from branchwise.sources.demo.staff import LEAVE, Person, Roster, hired
from branchwise.sources.demo.stations import lunch

HEADER = (
    "工號", "網點號", "崗位", "日期", "班次", "上班", "下班", "午休起", "午休止", "請假",
    "支援網點",
)  # fmt: skip
LEAVE_WORDS = {
    LEAVE["annual"]: "年假", LEAVE["sick"]: "病假", LEAVE["training"]: "培訓",
    LEAVE["mandatory"]: "強制休假", LEAVE["outreach"]: "外拓",
}  # fmt: skip
BEFORE_OPENING, AFTER_CLOSING = 30, 30
NO_ROW = frozenset({LEAVE["rest"], LEAVE["closed"]})
SERVING = frozenset({"teller", "corporate_teller", "advisor"})
Row = tuple[str, ...]


def attendance_rows(settings: DemoSettings, branch: Branch, roster: Roster) -> list[Row]:
    """Return the attendance of a branch's own people, in order of day and person."""
    chance = stream(settings.seed, "punches", branch.branch_id)
    late = chance.integers(-8, 9, size=(2, *roster.leave.shape)).tolist()
    leave = roster.leave.tolist()
    extra = hired(settings, branch)
    rows: list[Row] = []
    for day, date in enumerate(settings.calendar):
        text = f"{date.month}/{date.day}"
        for place, person in enumerate(roster.people):
            code = leave[place][day]
            if code in NO_ROW:
                continue
            rows.append(
                _row(
                    branch,
                    person,
                    place,
                    text,
                    _Entry(
                        leave=LEAVE_WORDS.get(code, ""),
                        supports=roster.lent_to.get((place, day), ""),
                        early=late[0][place][day],
                        late=late[1][place][day],
                    ),
                )
            )
        if leave[0][day] != LEAVE["closed"]:
            rows += _extra(settings, branch, extra, day, text)
    return rows


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    leave: str = ""
    supports: str = ""
    early: int = 0
    late: int = 0


def _extra(
    settings: DemoSettings, branch: Branch, people: Sequence[Person], day: int, text: str
) -> list[Row]:
    tellers = int(settings.amounts("windows", branch.branch_id, neutral=0)[day])
    approvers = int(settings.amounts("approver", branch.branch_id, neutral=0)[day])
    present = [person for person in people if person.post == "teller"][:tellers]
    present += [person for person in people if person.post == "supervisor"][:approvers]
    return [_row(branch, person, number, text, _Entry()) for number, person in enumerate(present)]


def _row(branch: Branch, person: Person, number: int, text: str, entry: _Entry) -> Row:
    form = branch.form
    starts = form.opens_minute - BEFORE_OPENING + (0 if entry.leave else entry.early)
    ends = form.closes_minute + AFTER_CLOSING + (0 if entry.leave else entry.late)
    pause = lunch(branch, number if person.post in SERVING else number + 1)
    return (
        person.staff_id,
        branch.branch_id,
        POSTS[person.post],
        text,
        "全",
        _clock(starts),
        _clock(ends),
        _clock(pause[0]),
        _clock(pause[1]),
        entry.leave,
        entry.supports,
    )


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
