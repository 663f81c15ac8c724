"""The library of interventions: everything it names exists, and bad entries are told at once."""

import re
from dataclasses import fields

import pytest

from branchwise.core.errors import BranchwiseError
from branchwise.core.languages import LANGUAGES, Text
from branchwise.measures.catalogue import catalogue
from branchwise.plan.interventions import library, read_library
from branchwise.plan.mechanisms.registry import MECHANISMS
from branchwise.plan.options import MAKERS
from branchwise.tables.assumptions import default_assumptions

WANTED = {
    "more_windows", "fewer_windows", "staffing_plan", "flexible_windows", "guide_at_peaks",
    "convert_teller", "add_device", "move_device", "remove_device", "repair_contract",
    "appointments", "central_authorisation", "more_approvers", "opening_hours",
    "elderly_priority", "cross_training",
}  # fmt: skip
ENTRY = """
[one]
label = { en = "One", zh-Hant = "一", zh-Hans = "一" }
works = { en = "It works.", zh-Hant = "有效。", zh-Hans = "有效。" }
mechanism = "more_windows"
themes = ["waiting"]
situation = "short"
amounts = [1]
costs = [{ assumption = "teller_cost_per_hour", per = "hour_added", timing = "yearly" }]
lead_weeks = 4
effort = { training = 1 }
prerequisites = []
risks = []
owner = { en = "Manager", zh-Hant = "負責人", zh-Hans = "负责人" }
worse_off = { en = "Nobody.", zh-Hant = "無。", zh-Hans = "无。" }
measure = "queues.wait_p90_seconds"
guard_rail = "queues.abandoned_share"
"""


def texts(intervention):
    for field in fields(intervention):
        value = getattr(intervention, field.name)
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, Text):
                yield one


def test_everything_asked_for_is_in_it():
    """Every intervention that the plan is to know is there, with a way to make options of it."""
    assert set(library()) >= WANTED
    with_mechanism = {name for name, one in library().items() if one.mechanism}
    assert with_mechanism == set(MAKERS)
    assert {one.mechanism for one in library().values() if one.mechanism} == set(MECHANISMS)


@pytest.mark.parametrize("name", sorted(library()))
def test_an_intervention_is_complete(name):
    """Texts differ by language, the promised measure has a better side, no price is negative."""
    one = library()[name]
    for text in texts(one):
        shown = [text.read_in(language) for language in LANGUAGES]
        assert all(shown)
        assert not re.search(r"[A-Za-z]{6,}", text.zh_hant)
        assert re.search(r"[\u4e00-\u9fff]", text.zh_hans)
    assert one.lead_weeks >= 0
    assert all(units > 0 for units in one.effort.values())
    assert catalogue()[one.measure].direction != "none" or one.situation == "spare"
    for line in one.costs:
        assert default_assumptions()[line.assumption].unit.startswith("currency")
        if line.share:
            assert default_assumptions()[line.share].unit in {"share", "1/a"}


def test_a_saving_of_own_staff_counts_only_the_released_share():
    """Hours freed are cash only as far as the bank says that they become cash."""
    lines = [line for one in library().values() for line in one.costs if line.per == "hour_freed"]
    assert lines
    assert all(line.is_saving and line.share == "released_share" for line in lines)


def test_an_entry_is_read():
    """The entry on which the bad ones below are built is good, and read to the letter."""
    one = read_library(ENTRY)["one"]
    assert (one.name, one.amounts, one.effort, one.lead_weeks) == (
        "one",
        (1.0,),
        {"training": 1.0},
        4,
    )
    assert one.costs[0].assumption == "teller_cost_per_hour"


@pytest.mark.parametrize(
    ("old", "new", "code", "words"),
    [
        ('mechanism = "more_windows"', 'mechanism = "magic"', "BW-PLN-041", "magic"),
        ('themes = ["waiting"]', 'themes = ["weather"]', "BW-PLN-041", "weather"),
        ('"queues.abandoned_share"', '"queues.happiness"', "BW-PLN-041", "queues.happiness"),
        ("teller_cost_per_hour", "gold_price", "BW-PLN-041", "gold_price"),
        ("training = 1", "prayer = 1", "BW-PLN-041", "prayer"),
        ('"hour_added"', '"moon"', "BW-PLN-041", "moon"),
        ('"yearly"', '"daily"', "BW-PLN-041", "daily"),
        ('situation = "short"', 'situation = "odd"', "BW-PLN-040", "odd"),
        ("amounts = [1]", "amounts = []", "BW-PLN-040", "amounts"),
        ("amounts = [1]", "amounts = [nan]", "BW-PLN-040", "amounts"),
        ("lead_weeks = 4\n", "", "BW-PLN-040", "lead_weeks"),
        ("[one]", "[one", "BW-PLN-040", "line"),
    ],
)
def test_a_bad_entry_is_refused(old, new, code, words):
    """What is missing, ill-formed or names nothing is said, with the name of the entry."""
    with pytest.raises(BranchwiseError) as caught:
        read_library(ENTRY.replace(old, new))
    assert [problem.code for problem in caught.value.problems] == [code]
    assert words in str(caught.value)


def test_all_bad_entries_are_told_at_once():
    """Two bad entries are two problems, not one after the other."""
    other = ENTRY.replace("[one]", "[two]").replace("lead_weeks = 4\n", "")
    with pytest.raises(BranchwiseError) as caught:
        read_library(ENTRY.replace('"waiting"', '"weather"') + other)
    assert [problem.code for problem in caught.value.problems] == ["BW-PLN-041", "BW-PLN-040"]
