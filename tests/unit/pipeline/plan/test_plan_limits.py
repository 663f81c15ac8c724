"""A plan asked for what cannot be: prices missing, absurd values, limits that contradict."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from tests.unit.pipeline.plan.planned_banks import (
    ASKED,
    SECOND,
    assuming,
    codes,
    untouched,
)

from branchwise.cli.main import main
from branchwise.core.errors import BranchwiseError
from branchwise.pipeline.plan import stored
from branchwise.pipeline.plan.plan import plan
from branchwise.tables.assumptions import default_assumptions
from branchwise.warehouse.workspace import Workspace


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
        assert not paid if is_empty else report.plan.changed
    assert all(table.title for table in report.as_tables("zh-Hant"))


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"capital": -1.0}, "BW-PLN-060"),
        ({"capital": math.nan}, "BW-PLN-060"),
        ({"operating": math.inf}, "BW-PLN-060"),
        ({"only": ("magic",)}, "BW-PLN-068"),
        ({"draws": 1}, "BW-PLN-030"),
    ],
)
def test_wishes_that_cannot_be(bank, given, code):
    """Refused before anything is tried or written."""
    before = untouched(bank)
    assert set(codes(lambda: plan(bank, replace(ASKED, **given), workers=1))) == {code}
    assert untouched(bank) == before


def test_limits_that_contradict_each_other(bank, made, capsys):
    """They are named, the former plan stays, nothing is written; the exit code is that of input."""
    before = untouched(bank)
    with pytest.raises(BranchwiseError) as refused:
        plan(bank, replace(ASKED, operating=-1e9), workers=1)
    (problem,) = refused.value.problems
    assert problem.code == "BW-PLN-067"
    assert "running costs" in problem.values["conflict"].en
    assert refused.value.exit_code == 3
    assert untouched(bank) == before
    assert stored.current(Workspace.open(bank).plans).plan_id == made.plan.plan_id
    place = ["--workspace", str(bank), "--json", "--workers", "1"]
    wishes = ["--only", ",".join(ASKED.only), "--draws", str(ASKED.draws)]
    assert main(["plan", "--operating", "-1e9", *wishes, *place]) == 3
    assert "BW-PLN-067" in capsys.readouterr().out
    assert untouched(bank) == before
