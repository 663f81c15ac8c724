"""The roadmap as people read it: waves on a line of time, capacity, who does what, what to mind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from branchwise.core.languages import Text
from branchwise.plan.document import Plan
from branchwise.plan.interventions import library
from branchwise.plan.proposal import Intervention
from branchwise.plan.roadmap import STEPS, Concern, Milestone, Use, Wave
from branchwise.plan.why_not_words import listed
from branchwise.report import numbers
from branchwise.report.drawing import Scale, drawing, line, rectangle
from branchwise.report.phrases import say
from branchwise.report.plan_words import trade_label

FULL = 0.999
DECISION, LIVE, MEASURED = "decision", "go_live", "measured"


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """The milestones that some branches share: the day of each step, None where there is none."""

    branches: tuple[str, ...]
    days: tuple[date | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """An intervention in a wave: at how many branches, and what it takes.

    Attributes
    ----------
    entry : Intervention
        From the library: owner, lead time, prerequisites.
    branches, options : int
        Where, in how many pieces.
    """

    entry: Intervention
    branches: int
    options: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The days of a wave: decided, the last at work, the last verdict (None: none)."""

    begins_on: date
    live_on: date
    measured_on: date | None


def courses(plan: Plan, wave: Wave) -> list[Course]:
    """Return the milestones of a wave in order of the steps, branches of the same days together.

    Parameters
    ----------
    plan : Plan
        The plan.
    wave : Wave
        One of its waves.
    """
    alike: dict[tuple[date | None, ...], list[str]] = {}
    for name in wave.branches:
        own = [one for one in plan.roadmap.milestones if one.branch_id == name]
        alike.setdefault(tuple(_due(own, step) for step in STEPS), []).append(name)
    found = [Course(branches=tuple(names), days=days) for days, names in alike.items()]
    return sorted(found, key=lambda one: (-len(one.branches), one.branches))


def _due(milestones: Sequence[Milestone], step: str) -> date | None:
    return next((one.due_on for one in milestones if one.step == step), None)


def steps_used(plan: Plan) -> list[tuple[int, str]]:
    """Return the steps that any branch takes with their places; nobody procures: no column."""
    used = {one.step for one in plan.roadmap.milestones}
    return [(place, step) for place, step in enumerate(STEPS) if step in used]


def tasks(plan: Plan, wave: Wave) -> list[Task]:
    """Return what is begun in a wave by intervention, at most branches first."""
    known, options = library(), plan.options
    begun = [options[code] for code in wave.option_ids if code in options]
    found = []
    for name in dict.fromkeys(option.intervention for option in begun):
        of_kind = [option for option in begun if option.intervention == name]
        found.append(
            Task(
                entry=known[name],
                branches=len({option.branch_id for option in of_kind}),
                options=len(of_kind),
            )
        )
    return sorted(found, key=lambda one: (-one.branches, one.entry.name))


def effort_label(task: Task) -> Text:
    """Say what capacity the task takes in all, by trade; empty where it takes none."""
    effort: Mapping[str, float] = task.entry.effort
    return listed(
        [
            say(
                "{trade} {number}",
                trade=trade_label(trade),
                number=numbers.amount(units * task.options),
            )
            for trade, units in sorted(effort.items())
            if units > 0
        ]
    )


def trades(plan: Plan) -> list[str]:
    """Return the trades whose capacity any wave uses."""
    return sorted({use.trade for wave in plan.roadmap.waves for use in wave.uses})


def use_of(wave: Wave, trade: str) -> Use | None:
    """Return what a wave takes of a trade, None where nothing."""
    return next((use for use in wave.uses if use.trade == trade), None)


def use_sentence(use: Use) -> Text:
    """Say how much of a trade's capacity a wave takes."""
    used = numbers.amount(use.used)
    if use.limit is None:
        return say("{used}, no limit given", used=used)
    return say("{used} of {limit}", used=used, limit=numbers.amount(use.limit))


def is_full(use: Use) -> bool:
    """Return whether nothing more fits into the quarter."""
    return use.limit is not None and use.used >= FULL * use.limit


def risks(plan: Plan) -> list[Concern]:
    """Return what may go wrong, at most branches first."""
    found = [one for one in plan.roadmap.concerns if one.kind == "risk"]
    return sorted(found, key=lambda one: (-len(one.branches), one.intervention))


def span_of_wave(plan: Plan, wave: Wave) -> Span:
    """Return from when to when a wave is prepared and measured."""
    own = [one for one in plan.roadmap.milestones if one.branch_id in wave.branches]
    live = [one.due_on for one in own if one.step == LIVE]
    verdicts = [one.due_on for one in own if one.step == MEASURED]
    return Span(
        begins_on=wave.starts_on,
        live_on=max(live, default=wave.ends_on),
        measured_on=max(verdicts, default=None),
    )


def wave_mark(plan: Plan, wave: Wave) -> Markup:
    """Draw a wave on the line of time of all waves: preparing, then measuring; quarters as lines.

    The darker bar reaches from the decision to the last day on which a branch of the wave begins
    to work otherwise, the lighter one to the last verdict.
    """
    waves = plan.roadmap.waves
    spans = [span_of_wave(plan, one) for one in waves]
    ends = [span.measured_on or span.live_on for span in spans] + [one.ends_on for one in waves]
    scale = Scale(
        lowest=waves[0].starts_on.toordinal(),
        highest=max(ends).toordinal(),
        start=0.5,
        end=99.5,
    )
    span = span_of_wave(plan, wave)
    begin, live = scale.at(span.begins_on.toordinal()), scale.at(span.live_on.toordinal())
    marks = [
        line(scale.at(day), 0, scale.at(day), 100, "axis")
        for day in sorted({one.starts_on.toordinal() for one in waves})
    ]
    if span.measured_on is not None:
        until = scale.at(span.measured_on.toordinal())
        marks.append(rectangle(live, 32, until - live, 36, "measuring"))
    marks.append(rectangle(begin, 20, live - begin, 60, "preparing"))
    return drawing(*marks, css="mark", height=22, aria_hidden="true")
