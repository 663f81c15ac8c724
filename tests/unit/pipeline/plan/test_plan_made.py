"""``branchwise plan``: what a plan holds, for programs and for people."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.unit.pipeline.plan.planned_banks import (
    ASKED,
    HEAD,
    SECOND,
    branch_of,
    codes,
    root_of,
    rows,
    verdict_of,
)

from branchwise.core.languages import LANGUAGES
from branchwise.core.randomness import derived_seed
from branchwise.evaluate.designs import Design
from branchwise.measures.catalogue import catalogue
from branchwise.pipeline.plan import ready as readying
from branchwise.pipeline.plan.answers import why
from branchwise.pipeline.plan.plan import plan
from branchwise.pipeline.report import WrittenReport
from branchwise.plan.headline import headline
from branchwise.plan.proposal import package_id
from branchwise.plan.select import late_or_lost
from branchwise.warehouse.store import Warehouse
from branchwise.warehouse.workspace import Workspace


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


def test_effects_by_class_and_station_stay_of_what_was_chosen(made):
    """Of a branch everything is kept of the chosen package, and of others what a choice needs."""
    assert made.plan.changed
    for branch in made.plan.branches:
        for found in branch.trial.appraisals:
            parts = {(effect.customer_class, effect.station) for effect in found.effects}
            is_whole = bool(parts - {(None, None), ("elderly", None)})
            assert is_whole == (branch.begun and found.package_id == branch.begun.candidate_id)
            assert late_or_lost(found) is not None


def test_one_branch(bank, made):
    """A plan of one branch tells of no other, and takes what was tried of it."""
    report = plan(bank, replace(ASKED, branches=(SECOND,)), workers=1)
    (branch,) = report.plan.branches
    assert branch.trial.options == branch_of(made.plan, SECOND).trial.options
    assert {one.branch_id for one in report.plan.promises} <= {SECOND}
    assert codes(lambda: plan(bank, replace(ASKED, branches=("99",)))) == ["BW-TWN-036"]


class _Nothing:
    warnings = ()


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


def test_today_is_shown_as_measured_and_as_simulated(made):
    """Both stand side by side; of what lies too far apart no change is told or promised."""
    for branch in made.plan.changed:
        found = {one.measure: one for one in branch.today}
        assert {"queues.wait_mean_seconds", "queues.within_standard_share"} <= set(found)
        for one in branch.today:
            effect = branch.appraisal.effect(one.measure)
            assert math.isfinite(one.measured)
            assert one.is_told or effect.difference is None


def test_satisfaction_is_an_association(made):
    """What the change of the wait lets expect, with an interval, marked for what it is."""
    association = made.plan.satisfaction
    assert association.slope < 0
    for branch in made.plan.changed:
        wait, found = branch.appraisal.effect("queues.wait_mean_seconds"), branch.satisfaction
        if wait.difference is None:
            assert found is None
            continue
        assert found.is_association
        assert found.lower < found.difference < found.upper
        change = association.slope * wait.difference / 60
        assert found.difference == pytest.approx(change, abs=1e-9)


def test_what_is_promised_had_no_say_in_the_choice(made):
    """The chosen packages' effects are those of draws of their own, the others' of the choice."""
    own = derived_seed(made.plan.seed, "promise")
    seeds = {branch.appraisal.seed for branch in made.plan.changed}
    assert seeds == {own} != {made.plan.seed}
    kept = {
        one.seed
        for branch in made.plan.branches
        for one in branch.trial.tried.appraisals
        if one is not branch.appraisal
    }
    assert made.plan.seed in kept


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_prints_the_plans_headline(made, language):
    """Where there is a plan, the command says what it is, and not only what was found."""
    planned = SimpleNamespace(plan=made.plan, workbook=Path("plan.xlsx"), pages=())
    written = WrittenReport(page=Path("a"), figures=Path("b"), report=None, plan=planned)
    (table,) = written.as_tables(language)
    assert table.title == headline(made.plan).read_in(language)


def proven(promise):
    """Return a promise with an evaluation that would find it."""
    design = Design(
        measure=promise.measure, branch_id=promise.branch_id, comparisons=(), drawn_from="bank",
        pre_days=60, post_days=40, spread=0.1, correlation=0.0, power=0.9, detectable=0.01,
    )  # fmt: skip
    return replace(promise, to_find=0.02, design=design)


def test_the_headline_counts_what_cannot_be_proven(made):
    """Promises that no evaluation could prove are counted apart, and never in silence."""
    one, *others = [proven(promise) for promise in made.plan.promises]
    weak = replace(one, design=None)
    said = headline(replace(made.plan, promises=(weak, *others)))
    assert f"Of {1 + len(others)} promises 1 cannot be proven" in said.en
    assert "1 項以此規模無法驗證" in said.zh_hant
    assert "proven" not in headline(replace(made.plan, promises=(one, *others))).en
