"""``branchwise plan accept|reject``: actions, promises, contradictions, nothing lost."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit.pipeline.plan.planned_banks import (
    ASKED,
    CLOCK,
    HEAD,
    NOW,
    SECOND,
    STARTS,
    alternatives,
    branch_of,
    codes,
    rows,
    untouched,
    verdict_of,
)

from branchwise.cli.main import main
from branchwise.core.clock import fixed_clock
from branchwise.core.errors import BranchwiseError
from branchwise.core.languages import LANGUAGES
from branchwise.pipeline.demo_actions import carried_out, carry_over
from branchwise.pipeline.plan import answers as answering
from branchwise.pipeline.plan import findings as finding
from branchwise.pipeline.plan import ready as readying
from branchwise.pipeline.plan import stored
from branchwise.pipeline.plan.answers import accept, reject, why
from branchwise.pipeline.plan.plan import plan
from branchwise.plan.proposal import package_id
from branchwise.sources.demo.settings import Intervention
from branchwise.warehouse.workspace import Bank, Workspace


def test_accept(bank, made):
    """What is accepted becomes actions with what is promised of them; the rest stays planned."""
    first = made.plan.changed[0]
    picked = [option.option_id for option in first.chosen]
    report = accept(bank, picked, starts=str(STARTS), clock=CLOCK)
    assert branch_of(report.plan, first.branch_id).begun.candidate_id == first.begun.candidate_id
    assert {one.candidate_id for one in report.plan.decision.chosen} == {
        one.candidate_id for one in made.plan.decision.chosen
    }
    assert report.plan.plan_id != made.plan.plan_id
    actions = {row["action_id"]: row for row in rows(bank, "action")}
    assert set(actions) == set(picked)
    for row in actions.values():
        effect = first.appraisal.effect(row["measure"])
        assert row["promised"] == effect.difference
        assert (row["promised_lower"], row["promised_upper"]) == (effect.lower, effect.upper)
        assert (row["accepted_at"], row["starts_on"]) == (NOW, STARTS)
        assert row["package_id"] == first.begun.candidate_id
    answers = {(row["option_id"], row["answer"]) for row in rows(bank, "option")}
    assert {code for code, answer in answers if answer == "accepted"} == set(picked)
    assert not {(code, "open") for code in picked} & answers


def test_accepting_a_part_promises_that_part(bank, made):
    """Nobody has decided on the other options of the package, so the part stands for itself."""
    branch = next(one for one in made.plan.changed if len(one.chosen) > 1)
    part, *others = [option.option_id for option in branch.chosen]
    report = accept(bank, [part], clock=CLOCK)
    (row,) = rows(bank, "action")
    alone = branch_of(report.plan, branch.branch_id).trial.appraisal(part).effect(row["measure"])
    assert alone.difference != branch.trial.appraisal(part).effect(row["measure"]).difference, (
        "what is promised is tried on draws of its own"
    )
    together = branch.appraisal.effect(row["measure"])
    assert row["package_id"] == part
    assert row["promised"] == alone.difference != together.difference
    later = fixed_clock(NOW + timedelta(days=1))
    accept(bank, others, clock=later)
    found = {row["action_id"]: row for row in rows(bank, "action")}
    assert {one["promised"] for one in found.values()} == {together.difference}
    assert found[part]["accepted_at"] == NOW
    reject(bank, others, why="no money", clock=later)
    (row,) = rows(bank, "action")
    assert (row["action_id"], row["promised"]) == (part, alone.difference)


def test_accept_what_the_plan_did_not_choose(bank, made):
    """Outdone options, and two that were never tried together, are tried and promised together."""
    branch = branch_of(made.plan, SECOND)
    tried = {one.package_id for one in branch.trial.appraisals}
    chosen = {option.lever for option in branch.chosen}
    windows = [one for one in branch.trial.options if one.intervention == "more_windows"]
    pair = next(
        (one, other)
        for one in windows
        for other in windows
        if one.lever < other.lever
        and not {one.lever, other.lever} & chosen
        and package_id((one.option_id, other.option_id)) not in tried
    )
    picked = [option.option_id for option in pair]
    report = accept(bank, picked, clock=CLOCK)
    again = branch_of(report.plan, SECOND)
    assert set(picked) <= {option.option_id for option in again.chosen}
    joint = again.trial.appraisal(package_id(tuple(picked)))
    assert joint.draws == ASKED.draws
    found = rows(bank, "action")
    assert {row["promised"] for row in found} == {joint.effect(found[0]["measure"]).difference}
    assert branch_of(report.plan, HEAD).begun == branch_of(made.plan, HEAD).begun


def test_accept_at_a_branch_without_trust(bank, monkeypatch):
    """People may decide for it; nothing is promised of it."""
    monkeypatch.setattr(readying, "trust", verdict_of({HEAD: "not_trusted"}))
    report = plan(bank, ASKED, workers=1)
    option = branch_of(report.plan, HEAD).trial.options[0]
    after = accept(bank, [option.option_id], clock=CLOCK)
    assert option in branch_of(after.plan, HEAD).chosen
    (warning,) = [one for one in after.warnings if option.option_id in one.en]
    assert all(option.option_id in warning.read_in(language) for language in LANGUAGES)
    (row,) = rows(bank, "action")
    assert (row["promised"], row["measure"]) == (None, None)
    assert row["starts_on"] > after.plan.last_on


def test_what_the_twin_cannot_try_may_be_accepted(bank, made):
    """An option without a mechanism is part of the plan with its costs, and promises nothing."""
    option = next(
        one
        for one in branch_of(made.plan, SECOND).trial.options
        if one.intervention not in ASKED.only
    )
    report = accept(bank, [option.option_id], clock=CLOCK)
    assert option in branch_of(report.plan, SECOND).chosen


def test_answers_that_contradict_each_other(bank, made):
    """Two options of the same lever: both are named, and nothing is stored."""
    pair = alternatives(made.plan, SECOND)
    before = untouched(bank)
    with pytest.raises(BranchwiseError, match="BW-PLN-063") as refused:
        accept(bank, pair)
    (problem,) = refused.value.problems
    said = problem.values["conflict"]
    for language in LANGUAGES:
        assert all(code in said.read_in(language) for code in pair)
    assert untouched(bank) == before
    assert {row["answer"] for row in rows(bank, "option")} == {"open"}


def test_an_answer_can_be_taken_back(bank, made):
    """The last answer counts, whichever plan it was given to; what is rejected is no action."""
    one, other = alternatives(made.plan, SECOND)
    accept(bank, [one], clock=CLOCK)
    assert codes(lambda: accept(bank, [other])) == ["BW-PLN-063"]
    report = reject(bank, [one], why="no room", clock=CLOCK)
    assert rows(bank, "action") == []
    assert one not in {o.option_id for b in report.plan.changed for o in b.chosen}
    answers = [
        (row["answer"], row["reason"]) for row in rows(bank, "option") if row["option_id"] == one
    ]
    assert answers == [("rejected", "no room")] * 3
    accept(bank, [other], clock=CLOCK)
    assert [row["action_id"] for row in rows(bank, "action")] == [other]


def test_reject_keeps_the_reason(bank, made):
    """What is rejected leaves the plan, and whoever asks is told why."""
    option = made.plan.changed[0].chosen[0].option_id
    report = reject(bank, [option], why="  the lease ends in March ", clock=CLOCK)
    assert option not in {o.option_id for b in report.plan.changed for o in b.chosen}
    answer = why(bank, option).answer
    assert answer.reason == "rejected"
    for language in LANGUAGES:
        assert "the lease ends in March" in answer.text.read_in(language)
    assert report.plan.reasons == {option: "the lease ends in March"}
    again = plan(bank, ASKED, workers=1)
    assert option not in {o.option_id for b in again.plan.changed for o in b.chosen}


def test_refused_answers(bank, made, monkeypatch):
    """Unknown options, days that are none, no reason: refused, and nothing is written."""
    option = next(iter(made.plan.options))
    before = untouched(bank)
    monkeypatch.setattr(answering, "made", None)
    assert codes(lambda: accept(bank, ["nothing", option, "none"])) == ["BW-PLN-006"] * 2
    assert codes(lambda: reject(bank, ["nothing"], why="no")) == ["BW-PLN-006"]
    assert codes(lambda: why(bank, "nothing")) == ["BW-PLN-006"]
    for day in ("2026-02-30", "tomorrow", "01.05.2026", "1999-01-01"):
        assert codes(lambda day=day: accept(bank, [option], starts=day)) == ["BW-PLN-064"]
    for reason in ("", "  "):
        assert codes(lambda reason=reason: reject(bank, [option], why=reason)) == ["BW-PLN-065"]
    assert untouched(bank) == before


def test_from_the_command_line(bank, made, capsys):
    """One JSON document a verb; refusals with exit code 2 and their code."""
    option = made.plan.changed[0].chosen[0].option_id
    place = ["--workspace", str(bank), "--json"]
    assert main(["plan", "accept", option, "--starts", str(STARTS), *place]) == 0
    accepted = json.loads(capsys.readouterr().out)
    assert accepted["command"] == "plan accept"
    assert accepted["result"]["plan_id"] != made.plan.plan_id
    assert main(["plan", "why", option, *place]) == 0
    assert json.loads(capsys.readouterr().out)["result"]["reason"] == "chosen"
    for arguments, code in (
        (["--budget", "-1"], "BW-PLN-060"),
        (["accept", option, "--starts", "soon"], "BW-PLN-064"),
        (["reject", option, "--why", " "], "BW-PLN-065"),
    ):
        assert main(["plan", *arguments, *place]) == 2
        assert code in capsys.readouterr().out


def test_the_demo_bank_carries_actions_out(bank, made, tmp_path):
    """More windows at the tellers' queue are opened; what it cannot do it says, and leaves out."""
    branch = branch_of(made.plan, SECOND)
    windows = {
        option.target: option
        for option in branch.trial.options
        if option.intervention == "more_windows" and option.window
    }
    done = next(option for target, option in windows.items() if "teller" in target)
    left = [option for target, option in windows.items() if "teller" not in target]
    left += [one for one in branch.trial.options if one.intervention == "cross_training"]
    picked = [option.option_id for option in (done, *left)]
    accept(bank, picked, starts=str(STARTS), clock=CLOCK)
    carried = carried_out(bank)
    assert carried.interventions == (
        Intervention(
            kind="windows", branch_id=SECOND, starts_on=STARTS, amount=done.amount,
            from_minute=done.window[0], to_minute=done.window[1],
        ),
    )  # fmt: skip
    assert len(carried.warnings) == len(left) >= 2
    for language in LANGUAGES:
        said = " ".join(warning.read_in(language) for warning in carried.warnings)
        assert all(option.option_id in said for option in left)
    later = tmp_path / "later"
    Workspace.create(later, Bank(name="later"))
    assert carried_out(later).interventions == ()
    carry_over(later, carried)
    for table, key in (("option", ("plan_id", "option_id")), ("action", ("action_id",))):
        there, here = (_without_load(rows(root, table), key) for root in (later, bank))
        assert there == here


def _without_load(found, key):
    """Return rows by key, without the columns that tell of the load itself."""
    return sorted(
        (
            {
                name: value
                for name, value in row.items()
                if name not in {"load_id", "data_source_id"}
            }
            for row in found
        ),
        key=lambda row: [row[name] for name in key],
    )


def test_answers_diagnose_nothing_again(bank, made, monkeypatch):
    """Neither data nor assumptions have changed: the findings are those of the plan."""
    monkeypatch.setattr(finding, "diagnose", None)
    option = made.plan.changed[0].chosen[0].option_id
    assert reject(bank, [option], why="no", clock=CLOCK).plan.plan_id != made.plan.plan_id


def test_an_option_that_is_gone_after_planning_again(bank, made, monkeypatch):
    """Accepted of an old plan, but no finding asks for it any more: refused, nothing is stored."""
    option = made.plan.changed[0].chosen[0].option_id
    before = untouched(bank)
    without = replace(
        made.plan,
        branches=tuple(
            replace(one, begun=None, trial=replace(one.trial, options=()))
            for one in made.plan.branches
        ),
    )
    monkeypatch.setattr(answering, "made", lambda *_, **__: (without, ()))
    assert codes(lambda: accept(bank, [option], clock=CLOCK)) == ["BW-PLN-006"]
    assert untouched(bank) == before
    assert rows(bank, "action") == []


@pytest.mark.parametrize("place", ["made", "publish"])
def test_an_answer_that_is_interrupted(bank, made, monkeypatch, place):
    """While it plans again, or just before it is stored: plan, answers, actions are as before."""
    before = untouched(bank)[:2]

    def stopped(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(answering if place == "made" else stored, place, stopped)
    option = made.plan.changed[0].chosen[0].option_id
    with pytest.raises(KeyboardInterrupt):
        accept(bank, [option], clock=CLOCK)
    monkeypatch.undo()
    assert untouched(bank)[:2] == before
    assert rows(bank, "action") == []
    assert why(bank, option).answer.reason == "chosen"
