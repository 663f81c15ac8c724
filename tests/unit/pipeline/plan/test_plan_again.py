"""A plan made again: other workers, other budgets, interrupted, killed, damaged, changed."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from types import SimpleNamespace

import pytest
from tests.unit.pipeline.plan.planned_banks import (
    ASKED,
    CLOCK,
    HEAD,
    SECOND,
    codes,
    rows,
    untouched,
)

from branchwise.core.progress import silent
from branchwise.pipeline.plan import ready as readying
from branchwise.pipeline.plan import stored
from branchwise.pipeline.plan import tried as trying
from branchwise.pipeline.plan.answers import accept, reject, why
from branchwise.pipeline.plan.plan import plan
from branchwise.pipeline.twin.places import Twins
from branchwise.pipeline.twin.trust import trust as real_trust
from branchwise.warehouse.workspace import Workspace


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


KILLED = """
import sys
from pathlib import Path
from branchwise.core.languages import Text
from branchwise.pipeline.plan import ready
from branchwise.pipeline.plan.asked import Asked
from branchwise.pipeline.plan.plan import plan
from branchwise.pipeline.twin.trust import Trust
from branchwise.pipeline.twin.trust import trust as real_trust
words = Text(en="eight of nine days", zh_hant="", zh_hans="")
ready.trust = lambda twins, branch_id: Trust(verdict="trusted", reason=words, remedy=words)
plan(Path(sys.argv[1]), Asked(draws={draws}, only={only}), workers=1)
"""


def test_killed_and_resumed(bank, made):
    """Killed without warning after the first branch, it goes on there."""
    plans = Workspace.open(bank).plans
    shutil.rmtree(plans)
    script = KILLED.format(draws=ASKED.draws, only=ASKED.only)
    with subprocess.Popen([sys.executable, "-c", script, str(bank)]) as process:
        while process.poll() is None and not list(plans.glob("tried/*.json")):
            time.sleep(0.005)
        process.kill()
    assert process.returncode == -signal.SIGKILL
    assert not stored.has_plan(plans)
    before = {path: path.stat().st_mtime_ns for path in plans.glob("tried/*.json")}
    assert len(before) == 1
    again = plan(bank, ASKED, workers=1)
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert len(list(plans.glob("tried/*.json"))) == len(again.plan.branches)
    assert again.document.read_bytes() == made.document.read_bytes()


def test_twins_are_read_by_many_processes_as_by_one(bank, monkeypatch):
    """The same verdicts; only what is missing is calibrated; a damaged verdict is told."""
    asked = []

    def noted(verb):
        def work(_workspace, names, **_others):
            asked.append((verb, tuple(names)))
            return SimpleNamespace(warnings=())

        return work

    monkeypatch.setattr(readying, "trust", real_trust)
    for verb in ("calibrate", "validate"):
        monkeypatch.setattr(readying, verb, noted(verb))

    def found(workers):
        return readying.ready(bank, [HEAD, SECOND], seed=1, workers=workers, progress=silent())

    alone = found(1)
    assert [trust.verdict for trust in alone.trusts.values()] == ["not_validated"] * 2
    monkeypatch.setattr(readying, "FEW", 1)
    assert found(2) == alone
    assert asked == [("validate", (HEAD, SECOND))] * 2
    Twins.of(bank).estimates_path(SECOND).unlink()
    assert found(1) == alone
    assert asked[2:] == [("calibrate", (SECOND,)), ("validate", (HEAD, SECOND))]
    Twins.of(bank).path(HEAD, "validation").write_text("verdict = ", encoding="utf-8")
    assert codes(lambda: found(1)) == ["BW-TWN-030"]
    assert codes(lambda: found(2)) == ["BW-TWN-030"]


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


@pytest.mark.parametrize("has_digest", [True, False])
def test_a_plan_that_was_changed_by_hand(bank, made, has_digest):
    """Nothing of it is believed on acceptance, also where whoever changed it hid the trace."""
    option = made.plan.changed[0].chosen[0].option_id
    folder = Workspace.open(bank).plans / made.plan.plan_id
    document = folder / stored.DOCUMENT
    whole = json.loads(document.read_text())
    whole["decision"]["objective"] *= 2
    document.write_text(json.dumps(whole))
    if not has_digest:
        (folder / stored.DIGEST).unlink()
    before = untouched(bank)
    assert codes(lambda: accept(bank, [option], clock=CLOCK)) == ["BW-PLN-066"]
    assert untouched(bank) == before
    if has_digest:
        assert codes(lambda: why(bank, option)) == ["BW-PLN-066"]
    assert plan(bank, ASKED, workers=1).plan.plan_id == made.plan.plan_id
    assert why(bank, option).answer.reason == "chosen"
