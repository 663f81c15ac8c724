"""``branchwise plan why``: every option has its reason."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.pipeline.plan.planned_banks import (
    ASKED,
    SECOND,
    root_of,
)

from branchwise.core.errors import BranchwiseError
from branchwise.core.languages import LANGUAGES
from branchwise.pipeline.plan.answers import accept, why
from branchwise.pipeline.plan.plan import plan


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


def test_a_name_that_is_nearly_right(bank, made):
    """The error names the options that are spelt most like it."""
    option = max(made.plan.options)
    for work in (why, lambda root, name: accept(root, [name])):
        with pytest.raises(BranchwiseError) as refused:
            work(bank, option[:-2] + "x")
        (problem,) = refused.value.problems
        assert option in problem.values["known"]


def test_worth_is_called_no_cash(made):
    """Every answer with a worth says that it counts customers' time."""
    found = [why(root_of(made), code).answer for code in made.plan.options]
    valued = [one for one in found if one.reason in {"another_package", "not_worth", "limit"}]
    assert valued
    for one in valued:
        assert "not cash" in one.text.en
        assert "並非現金" in one.text.zh_hant
