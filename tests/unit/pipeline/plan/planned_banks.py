"""What the tests of a plan share: the wishes, and what they look up in a bank and its plan."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from branchwise.core.clock import fixed_clock
from branchwise.core.errors import BranchwiseError
from branchwise.core.languages import Text
from branchwise.pipeline.plan import stored
from branchwise.pipeline.plan.asked import Asked
from branchwise.pipeline.twin.spread import opened
from branchwise.pipeline.twin.trust import Trust
from branchwise.sources.demo.settings import FIRST_DAY
from branchwise.tables.assumptions import Assumptions, default_assumptions
from branchwise.warehouse.store import Warehouse
from branchwise.warehouse.workspace import Workspace

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
