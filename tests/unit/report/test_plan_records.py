"""What the report picks from a plan: figures, actions, order, reasons, cash, by hand."""

import math
import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from branchwise.core.languages import LANGUAGES
from branchwise.optimise.portfolio import Locks
from branchwise.plan.proposal import Effect
from branchwise.plan.roadmap import Use
from branchwise.plan.satisfaction import Association
from branchwise.plan.today import Today
from branchwise.report import (
    plan_board,
    plan_case,
    plan_network,
    plan_roadmap,
    plan_sheet,
    plan_words,
)
from branchwise.report.document import as_document
from branchwise.report.plan_day import most_improved

ENDS = st.floats(min_value=-1e6, max_value=1e6, allow_nan=False)


def english(texts):
    return [text.en for text in texts]


def test_the_board_sums_branches_and_keeps_hours_apart_from_cash(plan):
    """Two branches: 400 customers at one, waits of the other count for no customer lost."""
    figures = {figure.label.en: figure for figure in plan_board.figures(plan)}
    late = figures["Customers a month who wait too long or leave"]
    assert late.value.en == "−400"
    assert late.beneath.en == "95 % interval −500 to −300; one branch, today 900"
    weeks = plan.case.costs.hours_added
    assert (
        figures["Hours freed a month"].beneath.en == f"{weeks:.0f} added; freed hours are no cash"
    )
    assert figures["Branches with a trusted twin"].value.en == "2/4"


def test_actions_come_by_what_they_help(plan):
    """The branch with the greatest gain stands first; its lead time is the slowest option's."""
    actions = plan_board.actions(plan)
    assert [action.branch.branch_id for action in actions] == ["00301", "00302"]
    slowest = max(
        plan_words.library()[one.intervention].lead_weeks for one in actions[0].branch.chosen
    )
    assert actions[0].lead_weeks == slowest


def test_only_losses_beyond_chance_are_told(plan):
    """Corporate customers wait 40 s longer, 30 to 50: the only loss."""
    [loser] = plan_board.losers(plan)
    assert (
        plan_board.loss_sentence(loser).en
        == "corporate customers: mean wait +40 s (+30 s to +50 s)"
    )
    assert loser.branch.branch_id == "00301"


def test_what_has_its_answer_is_not_asked_again(plan):
    """Of three chosen options one is accepted: two are open, both windows."""
    assert len(plan_board.open_options(plan)) == 2
    assert [(label.en, many, places) for label, many, places in plan_board.approvals(plan)] == [
        ("More windows at the peak", 2, 2)
    ]


def test_branches_stand_by_quarter_then_unchanged_then_unpromised(plan):
    """Changed first, by quarter; last those of whom nothing is promised."""
    ordered = plan_network.ordered(plan)
    assert [branch.branch_id for branch in ordered] == ["00301", "00302", "00303", "00304"]
    said = english(plan_network.unchanged_said(branch) for branch in ordered[2:])
    assert said == ["2 options tried, none chosen", "no promise: its twin is not believed"]
    assert [branch.branch_id for branch in plan_network.unpromised(plan)] == ["00304"]


def test_milestones_stand_under_their_steps(plan):
    """The first wave: decided on its first day, the verdict on the promise's day."""
    [course] = plan_roadmap.courses(plan, plan.roadmap.waves[0])
    assert course.branches == ("00301",)
    assert course.days[0] == plan.roadmap.waves[0].starts_on
    assert course.days[-1] == plan.promises[0].measured_on


def test_capacity_is_told_with_and_without_a_limit():
    """Used of a limit, full or not; without one it says so and is never full."""
    some, none = Use(trade="it", used=1.5, limit=4.0), Use(trade="it", used=1.0, limit=None)
    assert plan_roadmap.use_sentence(some).en == "1.5 of 4"
    assert plan_roadmap.use_sentence(none).en == "1, no limit given"
    assert [plan_roadmap.is_full(use) for use in (some, none)] == [False, False]
    assert plan_roadmap.is_full(replace(some, used=4.0))


def test_branches_of_the_same_days_stand_together(plan):
    """Two branches whose steps fall on the same days are one line, a third with others another."""
    wave = replace(plan.roadmap.waves[0], branches=("a", "b", "c"))
    [first, *_] = plan.roadmap.milestones
    made = [
        replace(first, branch_id=name, step="go_live", due_on=date(2026, 7, day))
        for name, day in (("a", 3), ("b", 1), ("c", 3))
    ]
    courses = plan_roadmap.courses(
        replace(plan, roadmap=replace(plan.roadmap, milestones=tuple(made))), wave
    )
    assert [course.branches for course in courses] == [("a", "c"), ("b",)]


def test_a_wave_says_who_does_what_and_what_it_takes(plan):
    """The first wave: guide and windows, each once, with the effort of the library."""
    tasks = plan_roadmap.tasks(plan, plan.roadmap.waves[0])
    assert {task.entry.name: (task.branches, task.options) for task in tasks} == {
        "more_windows": (1, 1), "guide_at_peaks": (1, 1),
    }  # fmt: skip
    windows = next(task for task in tasks if task.entry.name == "more_windows")
    assert plan_roadmap.effort_label(replace(windows, options=3)).en == "training 3"
    used = {use.trade: use.used for use in plan.roadmap.waves[0].uses}
    assert set(plan_roadmap.trades(plan)) >= set(used)
    span = plan_roadmap.span_of_wave(plan, plan.roadmap.waves[0])
    assert (span.begins_on, span.measured_on) == (
        plan.roadmap.waves[0].starts_on, plan.promises[0].measured_on,
    )  # fmt: skip


def test_waves_share_one_line_of_time(plan):
    """The bar of the first wave begins at the left edge, that of the second later and no wider
    than the drawing."""
    places = []
    for wave in plan.roadmap.waves:
        bar = re.search(
            r'x="([\d.]+)%" y="20%" width="([\d.]+)%"', plan_roadmap.wave_mark(plan, wave)
        )
        places.append((float(bar.group(1)), float(bar.group(2))))
    assert places[0][0] == 0.5
    assert places[1][0] > places[0][0]
    assert all(start + width <= 99.51 for start, width in places)


def test_measured_and_simulated_today_stand_side_by_side(plan):
    """22 % measured, 20 % simulated; where they lie too far apart the change is not told."""
    near = Today(measure="queues.abandoned_share", unit="share", measured=0.22, simulated=0.2,
                 lower=-0.05, upper=0.05)  # fmt: skip
    for today, is_told in ((near, True), (replace(near, measured=0.4), False)):
        branch = replace(plan.branches[0], today=(today,))
        [line] = [
            one for one in plan_sheet.lines(branch)
            if one.effect.measure == near.measure and one.effect.customer_class is None
        ]  # fmt: skip
        assert (line.measured, line.is_told) == (today.measured, is_told)
    assert {line.measured for line in plan_sheet.lines(plan.branches[0])} == {None}


def test_satisfaction_is_told_as_an_association(plan):
    """Last line of the sheet; on the board how many branches, the most, and on what it rests."""
    assert plan_board.satisfaction(plan) is None
    assert not any(line.is_association for line in plan_sheet.lines(plan.branches[0]))
    effect = Effect(
        measure="customers.csat_share", unit="share", baseline=0.8, value=0.85, difference=0.05,
        lower=0.02, upper=0.08, is_association=True,
    )  # fmt: skip
    happier = replace(plan.branches[0], satisfaction=effect)
    told = replace(plan, branches=(happier, *plan.branches[1:]))
    last = plan_sheet.lines(happier)[-1]
    assert (last.is_association, last.state, last.measured) == (True, "better", 0.8)
    said = plan_board.satisfaction(told).en
    assert "1 of 1 changed branches" in said
    assert "80 % today, 85 % expected (+5 pp, 95 % interval +2 pp to +8 pp)" in said
    basis = Association(slope=-0.01, lower=-0.015, upper=-0.005, share=0.8, mean_minutes=9.0,
                        count_answers=1900, count_branches=4, count_days=60)  # fmt: skip
    assert "1,900 answers on 60 days at 4 branches" in plan_board.association_said(basis).en
    assert "not from an effect" in plan_board.association_said(basis).en


def test_years_are_the_sums_of_their_quarters(plan):
    """Every amount of the quarters is in one year; the last sum is all that came in."""
    years = plan_case.years(plan.case)
    assert [year.year for year in years] == list(range(1, math.ceil(len(plan.case.flows) / 4) + 1))
    for name in ("once_minor", "yearly_minor", "saved_minor", "net_minor"):
        of_years = sum(getattr(year, name) for year in years)
        assert of_years == sum(getattr(flow, name) for flow in plan.case.flows)
    assert years[-1].total_minor == sum(flow.net_minor for flow in plan.case.flows)


def test_doing_nothing_loses_as_many_customers_as_today(plan):
    """900 a month are 10,800 a year; with the plan 6,000."""
    late = plan_case.against_nothing(plan)[-1]
    assert (late.nothing.en, late.plan.en) == ("10,800", "6,000")
    assert late.change.en == "−4,800 (−6,000 to −3,600)"


def test_the_sheet_shows_what_can_be_told(plan):
    """A P90 that today cannot be told stays with a dash; what may be chance is out."""
    lines = {line.effect.measure: line for line in plan_sheet.lines(plan.branches[0])}
    assert "devices.availability_share" not in lines
    assert "plan.late_per_month" not in lines
    assert lines["queues.wait_p90_seconds"].effect.difference is None
    assert lines["queues.failback_share"].state == "worse"
    assert lines["queues.within_standard_share"].state == "better"
    assert lines["queues.elderly_wait_mean_seconds"].state == "unsure"
    [station] = plan_sheet.stations(plan.branches[0])
    assert station.label.en == "Tellers"


def test_of_waits_only_the_late_stand_for_late_or_lost(plan):
    """Where abandonment is not believed the late are shown."""
    [line] = plan_sheet.lines(plan.branches[1])
    assert line.effect.measure == "plan.late_per_month"


@given(ends=st.tuples(ENDS, ENDS, ENDS).map(sorted))
def test_a_change_whose_interval_holds_zero_is_unsure(ends):
    """Better and worse only beyond chance, and opposite for a measure that should be high."""
    low, middle, high = ends
    states = [
        plan_sheet.state_of(
            Effect(
                measure=measure, unit="s", baseline=0.0, value=middle, difference=middle,
                lower=low, upper=high,
            )
        )
        for measure in ("queues.wait_mean_seconds", "queues.within_standard_share")
    ]  # fmt: skip
    if low <= 0 <= high:
        assert states == ["unsure", "unsure"]
    else:
        assert states == (["worse", "better"] if middle > 0 else ["better", "worse"])


def test_why_not_says_what_stands_in_the_way(plan, plans):
    """Each reason by its cause."""
    first, _, third, last = plan.branches
    assert plan_sheet.why_not_said(plan, last, last.trial.options[0]).en == (
        "not promised: the twin is not believed"
    )
    assert plan_sheet.why_not_said(plan, third, third.trial.options[1]).en == (
        "the twin cannot try it"
    )
    assert plan_sheet.why_not_said(plan, third, third.trial.options[0]).en == (
        "no help beyond chance: −1 customers a month (−5 to +3)"
    )
    assert plan_sheet.why_not_said(plan, first, first.trial.options[2]).en == (
        "helps, but others here were worth more in the first trials: "
        "−150 customers a month (−200 to −100)"
    )
    code = third.trial.options[0].option_id
    locked = replace(plan.problem, locks=Locks(rejected=(code,)))
    refused = plans.make_plan(problem=locked, reasons={code: "no staff"})
    assert (
        plan_sheet.why_not_said(refused, third, third.trial.options[0]).en == "rejected: no staff"
    )


@pytest.mark.parametrize(
    ("elderly", "begun", "said"),
    [
        (5.0, False, "customers of 60 and over would wait longer"),
        (0.0, True, "what was chosen here is worth more"),
        (0.0, False, "not worth its cost, or a limit stands in the way"),
    ],
)
def test_why_a_candidate_was_not_chosen(plan, plans, elderly, begun, said):
    """Fairness first, then the branch's own choice, then cost and limits."""
    branch = plan.branches[0 if begun else 2]
    [found] = [one for one in branch.trial.appraisals if one.package_id == one.option_ids[0]][:1]
    problem = replace(plan.problem, candidates=(plans.candidate(found, -1.0, elderly),))
    asked = plans.make_plan(problem=problem)
    option = next(one for one in branch.trial.options if one.option_id == found.package_id)
    assert plan_sheet.why_not_said(asked, branch, option).en == said


def test_a_promise_says_how_it_is_checked(plan):
    """Measure, interval, guard-rail, comparison, days, power."""
    [promise] = plan_sheet.promises_of(plan, "00301")
    assert "40 % today, +20 pp promised (95 % interval +15 pp to +25 pp)" in (
        plan_sheet.promise_sentence(promise).en
    )
    assert "worse by more than 30 s" in plan_sheet.guard_sentence(promise).en
    assert plan_sheet.design_sentence(promise).en.startswith(
        "Compared with 2 branches of its own type, 60 open days before and 40 after"
    )
    alone = replace(promise, design=None, guard_rail_limit=0.0)
    assert "cannot be checked" in plan_sheet.design_sentence(alone).en
    assert plan_sheet.guard_sentence(alone).en.endswith("must not get worse.")


def test_names_of_stations_and_services_are_those_of_people(plan):
    """No code of the scenario is left in the sentence of an option."""
    option = plan.branches[0].trial.options[1]
    for language in LANGUAGES:
        words = " ".join(
            text.read_in(language) for text in plan_words.described(option, {"cash_in": "存款"})
        )
        assert "存款" in words
        assert "cash_in" not in words
        assert not any(0xE000 <= ord(letter) < 0xF000 for letter in words)


@given(value=ENDS, unit=st.sampled_from(["s", "share", "visit", "count", "h"]))
def test_a_sign_stands_before_every_number_but_nothing(value, unit):
    """The sign is that of the number; what is shown as nothing has none."""
    words = plan_words.signed(value, unit).en
    shown = any(letter in "123456789" for letter in words)
    assert words.startswith("−" if value < 0 else "+") is (shown and value != 0)


def test_the_day_played_is_of_the_branch_helped_most(plan, plans):
    """400 are more than 30; where nothing changes there is none."""
    assert most_improved(plan).branch_id == "00301"
    assert most_improved(plans.nothing()) is None


def test_the_document_names_the_plan_and_leaves_its_body_out(report, plan):
    """The JSON of the report holds code and headline; all else of the plan is in its own file."""
    found = as_document(replace(report, plan=plan))
    assert found["plan"]["plan_id"] == "P-1"
    assert set(found["plan"]) == {"plan_id", "headline"}
    assert set(found["plan"]["headline"]) == set(LANGUAGES)
    assert "plan" not in as_document(report)


def test_a_promise_to_get_no_worse_is_said_as_one(plan):
    """Its margin stands in the sentence; a difference of 0 with two signs would say nothing."""
    [promise] = plan_sheet.promises_of(plan, "00301")
    spared = replace(promise, kind="no_worse", difference=0.0, lower=-0.04, upper=0.04)
    said = plan_sheet.promise_sentence(spared)
    assert "promised to get no worse than by 4 pp" in said.en
    assert "40 % today" in said.en.replace("\N{NO-BREAK SPACE}", " ")
    assert "承諾惡化不超過" in said.zh_hant
    assert "承诺恶化不超过" in said.zh_hans
    assert "no worse" not in plan_sheet.promise_sentence(promise).en
