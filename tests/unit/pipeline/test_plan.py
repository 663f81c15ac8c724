"""``branchwise plan``: made, made again, interrupted, limited, answered, asked why."""

from __future__ import annotations

import json
import math
import shutil
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from branchwise.cli.main import main
from branchwise.core.clock import fixed_clock
from branchwise.core.errors import BranchwiseError
from branchwise.core.languages import LANGUAGES, Text
from branchwise.measures.catalogue import catalogue
from branchwise.pipeline.demo import demo
from branchwise.pipeline.demo_actions import carried_out, carry_over
from branchwise.pipeline.plan import answers as answering
from branchwise.pipeline.plan import plan as planning
from branchwise.pipeline.plan import ready as readying
from branchwise.pipeline.plan import stored
from branchwise.pipeline.plan import tried as trying
from branchwise.pipeline.plan.answers import accept, reject, why
from branchwise.pipeline.plan.asked import Asked
from branchwise.pipeline.plan.plan import plan
from branchwise.pipeline.twin.spread import opened
from branchwise.pipeline.twin.trust import Trust
from branchwise.plan.proposal import package_id
from branchwise.sources.demo.settings import FIRST_DAY, Intervention
from branchwise.tables.assumptions import Assumptions, default_assumptions
from branchwise.warehouse.store import Warehouse
from branchwise.warehouse.workspace import Bank, Workspace

HEAD, SECOND, DAYS = "00101", "00102", 35
ASKED = Asked(draws=4, only=("more_windows", "flexible_windows", "cross_training"))
NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)
CLOCK = fixed_clock(NOW)
STARTS = FIRST_DAY + timedelta(days=DAYS)


def text(words):
    return Text(en=words, zh_hant=words, zh_hans=words)


def verdict_of(standings):
    """Return a verdict on twins: what the trials are worth is not the point here."""

    def trust(_twins, branch_id):
        return Trust(
            verdict=standings.get(branch_id, "trusted"),
            reason=text("eight of nine days"),
            remedy=text("load more days"),
        )

    return trust


@pytest.fixture(scope="module", autouse=True)
def diagnosed_once():
    """Findings of the one bank are made once; they are held against hand in their own tests."""
    known = {}
    real = planning.diagnose

    def once(workspace, **others):
        if "report" not in known:
            known["report"] = real(workspace, **others)
        return known["report"]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planning, "diagnose", once)
        patch.setattr(readying, "trust", verdict_of({}))
        yield


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Two branches of the demo bank over five weeks, planned in one process."""
    root = tmp_path_factory.mktemp("plan") / "bank"
    demo(root, branches=2, days=DAYS, seed=1)
    return plan(root, ASKED, workers=1)


@pytest.fixture
def bank(made, tmp_path):
    """A copy of the bank with its plan."""
    return shutil.copytree(root_of(made), tmp_path / "bank")


def root_of(report):
    return report.document.parents[2]


def codes(work):
    """Return the codes with which work is refused."""
    with pytest.raises(BranchwiseError) as refused:
        work()
    return [problem.code for problem in refused.value.problems]


def rows(root, table):
    with opened(root) as (engine, _):
        return engine.table(f"SELECT * FROM {table}").to_pylist()


def untouched(root):
    """Return everything that an answer may change."""
    plans = Workspace.open(root).plans
    snapshot = Warehouse(Workspace.open(root).warehouse).snapshot().snapshot_id
    documents = {path: path.read_bytes() for path in sorted(plans.glob("*/plan.json"))}
    return snapshot, (plans / stored.CURRENT).read_text(), documents


def branch_of(found, branch_id):
    return next(branch for branch in found.branches if branch.branch_id == branch_id)


def alternatives(found, branch_id):
    """Return two options of a branch of which only one can be carried out."""
    by_lever = {}
    for option in branch_of(found, branch_id).trial.options:
        by_lever.setdefault(option.lever, []).append(option)
    pair = next(
        options
        for options in by_lever.values()
        if sum(option.intervention == "more_windows" for option in options) >= 2
    )
    return [option.option_id for option in pair if option.intervention == "more_windows"][:2]


def test_document_for_programs(made):
    """The shape agreed; the figures of the document are those of the plan's parts."""
    document = json.loads(json.dumps(made.as_json(), default=str))
    assert set(document) >= {
        "plan_id", "headline", "options", "selected", "files", "twins", "frontier", "promises",
    }  # fmt: skip
    assert set(document["headline"]) == set(LANGUAGES)
    assert document["status"] == "optimal"
    assert document["objective_minor"] <= document["bound_minor"]
    assert [twin["branch_id"] for twin in document["twins"]] == [HEAD, SECOND]
    assert made.document.is_file()
    assert document["files"]["document"] == str(made.document)
    options = {option["option_id"]: option for option in document["options"]}
    assert len(options) == len(document["options"])
    assert document["selected"]
    for chosen in document["selected"]:
        assert chosen["package_id"] == package_id(tuple(chosen["options"]))
        parts = [options[code] for code in chosen["options"]]
        assert all(part["is_selected"] for part in parts)
        effect = next(
            one for one in chosen["effects"]
            if one["measure"] == "plan.late_or_lost_per_month" and not one["class"]
        )  # fmt: skip
        assert effect["difference"] == pytest.approx(effect["value"] - effect["baseline"], rel=0.01)
        assert effect["lower"] < effect["difference"] < effect["upper"] < 0
    once = sum(chosen["once_minor"] for chosen in document["selected"])
    assert once == made.plan.case.costs.once_minor
    spent = [point["spent_minor"] for point in document["frontier"]]
    worth = [point["worth_minor"] for point in document["frontier"]]
    assert all(
        s <= point["capital_minor"] for s, point in zip(spent, document["frontier"], strict=True)
    )
    assert worth == sorted(worth)
    assert worth[-1] == pytest.approx(document["objective_minor"], rel=2e-3)


def test_promises_are_what_the_twin_found(made):
    """Each promise is the effect of its package on a measure of the catalogue, with a design."""
    assert made.plan.promises
    for promise in made.plan.promises:
        effect = branch_of(made.plan, promise.branch_id).appraisal.effect(promise.measure)
        assert promise.measure in catalogue()
        given = (promise.difference, promise.lower, promise.upper)
        assert given == (effect.difference, effect.lower, effect.upper)
        assert promise.starts_on > made.plan.last_on


def test_stored_options_are_those_of_the_document(made):
    """Every option has a row of its plan, open, on the data that the plan was made from."""
    found = {row["option_id"]: row for row in rows(root_of(made), "option")}
    assert set(found) == set(made.plan.options)
    chosen = {option.option_id for branch in made.plan.changed for option in branch.chosen}
    assert {code for code, row in found.items() if row["is_chosen"]} == chosen
    assert {row["answer"] for row in found.values()} == {"open"}
    data = Warehouse(Workspace.open(root_of(made)).warehouse).snapshot().data_id
    assert {row["snapshot_id"] for row in found.values()} == {data, made.plan.snapshot_id}
    assert rows(root_of(made), "action") == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_table_for_people(made, language):
    """A headline, one line a branch that changes, what the figures mean and what to do next."""
    (table,) = made.as_tables(language)
    assert table.rows
    assert {row[0] for row in table.rows} <= {HEAD, SECOND}
    assert {len(row) for row in table.rows} == {len(table.columns)}
    notes = " ".join(table.notes)
    assert made.plan.plan_id in notes
    assert "branchwise plan accept" in notes
    count = str(len(made.plan.branches))
    assert count in table.title
    others = {made.as_tables(other)[0].title for other in LANGUAGES}
    assert len(others) == len(LANGUAGES)


def test_same_plan_whatever_the_workers(bank, made):
    """Everything tried anew in two processes gives the same code and the same bytes."""
    shutil.rmtree(Workspace.open(bank).plans)
    again = plan(bank, ASKED, workers=2)
    assert again.plan.plan_id == made.plan.plan_id
    assert again.document.read_bytes() == made.document.read_bytes()
    twice = plan(bank, ASKED, workers=1)
    assert twice.document.read_bytes() == made.document.read_bytes()
    assert Counter(row["plan_id"] for row in rows(bank, "option")) == {
        made.plan.plan_id: len(made.plan.options)
    }


def test_interrupted_and_resumed(bank, made, monkeypatch):
    """Stopped before the second branch, it goes on there: what was tried is not tried again."""
    plans = Workspace.open(bank).plans
    shutil.rmtree(plans)
    real, asked_of = trying._found, []

    def stopped(item):
        asked_of.append(item.branch_id)
        if item.branch_id == SECOND:
            raise KeyboardInterrupt
        return real(item)

    monkeypatch.setattr(trying, "_found", stopped)
    with pytest.raises(KeyboardInterrupt):
        plan(bank, ASKED, workers=1)
    (left,) = (plans / "tried").iterdir()
    assert not stored.has_plan(plans)
    monkeypatch.setattr(
        trying, "_found", lambda item: asked_of.append(item.branch_id) or real(item)
    )
    resumed = plan(bank, ASKED, workers=1)
    assert asked_of == [HEAD, SECOND, SECOND]
    assert resumed.document.read_bytes() == made.document.read_bytes()
    left.write_text(left.read_text()[:1000])
    assert plan(bank, ASKED, workers=1).document.read_bytes() == made.document.read_bytes()
    assert asked_of == [HEAD, SECOND, SECOND, HEAD]


def test_another_budget_tries_nothing_again(bank, made, monkeypatch):
    """Without capital only what costs none is chosen, and that is worth no more."""
    monkeypatch.setattr(trying, "_found", None)
    report = plan(bank, replace(ASKED, capital=0.0), workers=1)
    spent = [branch.costs.once_minor for branch in report.plan.changed]
    assert sum(spent) == 0 < made.plan.case.costs.once_minor
    assert 0 < report.plan.decision.objective < made.plan.decision.objective
    assert report.plan.plan_id != made.plan.plan_id
    assert stored.current(Workspace.open(bank).plans).plan_id == report.plan.plan_id
    assert report.plan.decision.objective == pytest.approx(made.plan.frontier[0].worth, rel=2e-3), (
        "the frontier's first point is the budget of nothing"
    )


def test_one_branch(bank, made):
    """A plan of one branch tells of no other, and takes what was tried of it."""
    report = plan(bank, replace(ASKED, branches=(SECOND,)), workers=1)
    (branch,) = report.plan.branches
    assert branch.trial.options == branch_of(made.plan, SECOND).trial.options
    assert {one.branch_id for one in report.plan.promises} <= {SECOND}
    assert codes(lambda: plan(bank, replace(ASKED, branches=("99",)))) == ["BW-TWN-036"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_twin_is_trusted(bank, monkeypatch, language):
    """Nothing is proposed; it says why, and of each branch what data would mend it."""
    standings = {HEAD: "not_trusted", SECOND: "not_validated"}
    monkeypatch.setattr(readying, "validate", lambda *_, **__: _Nothing())
    monkeypatch.setattr(readying, "trust", verdict_of(standings))
    report = plan(bank, ASKED, workers=1)
    assert (report.plan.changed, report.plan.promises) == ((), ())
    document = report.as_json()
    assert document["selected"] == []
    assert {twin["branch_id"]: twin["verdict"] for twin in document["twins"]} == standings
    assert all(option["effects"] == [] for option in document["options"])
    assert "2" in document["headline"][language]
    empty, doubts = report.as_tables(language)
    assert empty.rows == ()
    assert [(row[0], row[3]) for row in doubts.rows] == [
        (HEAD, "load more days"), (SECOND, "load more days"),
    ]  # fmt: skip
    option = next(iter(report.plan.options))
    answer = why(bank, option).answer
    assert answer.reason in {"not_trusted", "not_tried"}


class _Nothing:
    warnings = ()


def assuming(monkeypatch, **values):
    """Let the workspace hold other assumptions; None takes one away."""
    found = default_assumptions()
    entries = {
        name: replace(entry, value=values.get(name, entry.value))
        for name, entry in found.entries.items()
        if values.get(name, entry.value) is not None
    }
    held = Assumptions(currency=found.currency, entries=entries)
    monkeypatch.setattr(Workspace, "read_assumptions", lambda _self: held)


@pytest.mark.parametrize("value", [None, math.nan])
@pytest.mark.parametrize(
    "name", ["discount_rate", "service_value_per_visit", "training_cost_per_person", "it_capacity"]
)
def test_a_price_that_is_missing_is_named(bank, monkeypatch, name, value):
    """No cost is made up: the plan is refused, and what is missing stands in the refusal."""
    before = untouched(bank)
    assuming(monkeypatch, **{name: value})
    with pytest.raises(BranchwiseError) as refused:
        plan(bank, replace(ASKED, branches=(SECOND,)), workers=1)
    assert {problem.code for problem in refused.value.problems} == {"BW-PLN-020"}
    assert name in {problem.values["name"] for problem in refused.value.problems}
    assert untouched(bank) == before


@pytest.mark.parametrize(
    ("values", "is_empty"),
    [
        ({"service_value_per_visit": 0.0, "waiting_value_per_hour": 0.0}, True),
        ({"service_value_per_visit": 1e9}, False),
        ({"training_cost_per_person": 1e12, "teller_hourly_cost": 1e9}, None),
        ({"discount_rate": 50.0}, None),
    ],
)
def test_absurd_assumptions(bank, monkeypatch, values, is_empty):
    """A plan is still a plan, within its limits: worthless customers move nothing that costs."""
    assuming(
        monkeypatch, **{name: v for name, v in values.items() if name in default_assumptions()}
    )
    report = plan(bank, replace(ASKED, branches=(SECOND,)), workers=1)
    assert math.isfinite(report.plan.decision.objective)
    assert report.plan.decision.objective >= 0
    paid = [branch for branch in report.plan.changed if branch.costs.once_minor > 0]
    if is_empty is not None:
        assert (not paid) is is_empty
    assert all(table.title for table in report.as_tables("zh-Hant"))


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"capital": -1.0}, "BW-PLN-060"),
        ({"capital": math.nan}, "BW-PLN-060"),
        ({"operating": math.inf}, "BW-PLN-060"),
        ({"only": ("magic",)}, "BW-PLN-021"),
        ({"draws": 1}, "BW-PLN-030"),
    ],
)
def test_wishes_that_cannot_be(bank, given, code):
    """Refused before anything is tried or written."""
    before = untouched(bank)
    assert set(codes(lambda: plan(bank, replace(ASKED, **given), workers=1))) == {code}
    assert untouched(bank) == before


def test_a_net_saving_may_be_asked_for(bank):
    """A negative limit of running cost asks for a saving; where none is to be had, it says so."""
    report = plan(bank, replace(ASKED, operating=-1e9), workers=1)
    assert report.plan.decision.status == "infeasible"
    assert report.plan.changed == ()
    assert report.as_json()["conflict"]


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
    accept(bank, [part], clock=CLOCK)
    (row,) = rows(bank, "action")
    alone = branch.trial.appraisal(part).effect(row["measure"])
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


def test_why_of_every_option(made):
    """Each has a reason; the chosen say so, and others never do."""
    root = root_of(made)
    chosen = {option.option_id for branch in made.plan.changed for option in branch.chosen}
    found = {code: why(root, code).answer for code in made.plan.options}
    assert {code for code, one in found.items() if one.reason == "chosen"} == chosen
    for code, one in found.items():
        (option,) = (o for o in made.plan.options.values() if o.option_id == code)
        if option.intervention not in ASKED.only:
            assert one.reason == "not_tried"
        assert all(one.text.read_in(language) for language in LANGUAGES)
    assert len({one.reason for one in found.values()}) >= 3
    assert why(root, f"{SECOND}:more_windows").answer.intervention == "more_windows"


def test_why_a_budget_stands_in_the_way(bank, made):
    """Without capital, what costs some is kept out by the budget, which is named."""
    plan(bank, replace(ASKED, capital=0.0), workers=1)
    dear = next(
        option.option_id
        for branch in made.plan.changed
        for option in branch.chosen
        if option.intervention == "cross_training"
    )
    report = why(bank, dear)
    assert report.answer.reason in {"limit", "impossible"}
    assert "capital" in report.as_json()["limits"]
    assert report.as_tables("zh-Hant")[0].title == report.answer.text.zh_hant


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


def test_a_plan_that_is_missing_or_damaged(bank, made):
    """Told apart; a damaged one is made again from what was tried."""
    option = next(iter(made.plan.options))
    document = Workspace.open(bank).plans / made.plan.plan_id / stored.DOCUMENT
    whole = document.read_text()
    for damaged in (whole[: len(whole) // 2], "{}", ""):
        document.write_text(damaged)
        assert codes(lambda: why(bank, option)) == ["BW-PLN-062"]
        assert codes(lambda: accept(bank, [option])) == ["BW-PLN-062"]
    assert plan(bank, ASKED, workers=1).document.read_text() == whole
    document.unlink()
    assert codes(lambda: why(bank, option)) == ["BW-PLN-062"]
    shutil.rmtree(Workspace.open(bank).plans)
    assert codes(lambda: why(bank, option)) == ["BW-PLN-061"]
    assert codes(lambda: reject(bank, [option], why="no")) == ["BW-PLN-061"]


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
