"""Skills, staff and devices: full counts that are compared without a funnel."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.plan import banks
from tests.unit.plan.test_diagnose import run

from branchwise.measures.catalogue import catalogue
from branchwise.measures.inequality import gini
from branchwise.plan.diagnose import Context
from branchwise.plan.holdings import Holding, fair_shares
from branchwise.plan.sentences import sentence
from branchwise.plan.skills import SkillHeld
from branchwise.plan.volumes import Volumes

COVER, DEPTH = "staff.skill_cover_share", "staff.skill_depth_share"
OLDER, EVERYBODY = "queues.elderly_wait_mean_seconds", "queues.wait_mean_seconds"
NO_VISITS = Volumes(months=1.0, by_branch={}, mix={})


def skilled(holders, usual=2):
    """Ten branches with two skills; at B00 as many hold the second one as given."""
    held = []
    for index in range(10):
        second = holders if index == 0 else usual
        held.append(SkillHeld(branch_id=f"B{index:02d}", skill="teller", visits=900.0, holders=5))
        held.append(
            SkillHeld(branch_id=f"B{index:02d}", skill="corporate", visits=80.0, holders=second)
        )
    rows = []
    for index in range(10):
        second = holders if index == 0 else usual
        rows.append((f"B{index:02d}", COVER, 0.5 + 0.5 * (second > 0), None, None, 2))
        rows.append((f"B{index:02d}", DEPTH, 0.5 + 0.5 * (second > 1), None, None, 2))
    return run(
        banks.values(rows),
        banks.branches(10),
        context=Context(volumes=NO_VISITS, skills=tuple(held)),
    ).findings


def test_a_skill_that_nobody_holds_is_grave():
    """Corporate visits where nobody holds the skill are a finding of high severity by itself."""
    (finding,) = skilled(0)
    assert (finding.branch_id, finding.measure, finding.kind) == ("B00", COVER, "need")
    assert (finding.severity, finding.customers_affected) == ("high", 80.0)
    words = sentence(finding, catalogue(), {})
    assert "Nobody there holds: corporate business (80 visits a month ask for it)" in words.en
    assert "無人具備：對公業務" in words.zh_hant


def test_a_single_holder_counts_only_where_peers_have_two():
    """One holder is a finding where most peers have two, and none where one is usual."""
    (finding,) = skilled(1)
    assert (finding.branch_id, finding.measure, finding.severity) == ("B00", DEPTH, "medium")
    assert (finding.value, finding.reference, len(finding.peers)) == (0.5, 1.0, 9)
    assert skilled(1, usual=1) == ()
    assert skilled(2) == ()


def test_unrecorded_skills_are_no_gap():
    """A bank that records no skills at all has no skill gap."""
    assert skilled(0, usual=0)[0].branch_id == "B00"
    held = tuple(
        SkillHeld(branch_id=f"B{i:02d}", skill="teller", visits=500.0, holders=0) for i in range(8)
    )
    rows = [(f"B{i:02d}", COVER, 0.0, None, None, 1) for i in range(8)]
    context = Context(volumes=NO_VISITS, skills=held)
    assert run(banks.values(rows), banks.branches(8), context=context).findings == ()


@given(
    units=st.integers(0, 200),
    demand=st.lists(st.integers(1, 10_000), min_size=1, max_size=12),
)
def test_fair_shares_add_up_and_cannot_be_bettered(units, demand):
    """Shares add up; none is empty where there are enough; no move of one unit is fairer."""
    shares = fair_shares(units, demand)
    assert sum(shares) == units
    if units < len(demand):
        return
    assert min(shares) >= 1
    for giver, taker in np.ndindex(len(demand), len(demand)):
        if giver != taker and shares[giver] > 1:
            kept = demand[giver] / (shares[giver] - 0.5)
            gained = demand[taker] / (shares[taker] + 0.5)
            assert gained <= kept + 1e-9


def test_uneven_staff_names_who_gives_and_who_takes():
    """A branch with half the visits of its equals gives, one with twice as many takes."""
    visits = [5000] * 8
    visits[2], visits[5] = 2500, 10000
    held = tuple(
        Holding(branch_id=f"B{i:02d}", visits=count, held={"staff": 10, "devices": 0})
        for i, count in enumerate(visits)
    )
    value = gini([10] * 8, visits)
    rows = [("*", "equity.staff_gini", value, 0.02, 0.3, 8)]
    context = Context(volumes=NO_VISITS, holdings=held)
    (finding,) = run(banks.values(rows), banks.branches(8), context=context).findings
    assert (finding.branch_id, finding.kind) == ("*", "proportional")
    assert [(part.role, part.code) for part in finding.parts] == [
        ("short", "B05"),
        ("spare", "B02"),
    ]
    fair = fair_shares(80, visits)
    assert [part.amount for part in finding.parts] == [fair[5] - 10, 10 - fair[2]]
    assert finding.reference == pytest.approx(gini(fair, visits))
    assert finding.reference < value / 3
    words = sentence(finding, catalogue(), {})
    assert "B02 (+" in words.en
    assert "B05（−" in words.zh_hans


def test_even_staff_is_no_finding():
    """Branches that hold what their visits ask for, up to rounding, are no finding."""
    held = tuple(
        Holding(branch_id=f"B{i:02d}", visits=5000 + 40 * i, held={"staff": 10, "devices": 3})
        for i in range(8)
    )
    rows = [("*", "equity.staff_gini", 0.02, 0.01, 0.03, 8)]
    context = Context(volumes=NO_VISITS, holdings=held)
    assert run(banks.values(rows), banks.branches(8), context=context).findings == ()


def waits(ratio):
    """Twelve branches of very different waits; the older wait 0.6 of everybody's, at B03 less."""
    rows = []
    for index in range(12):
        mean = 100.0 + 60 * index
        older = mean * (ratio if index == 3 else 0.6 + 0.02 * (index % 3))
        rows.append((f"B{index:02d}", EVERYBODY, mean, mean * 0.97, mean * 1.03, 3000))
        rows.append((f"B{index:02d}", OLDER, older, older * 0.95, older * 1.05, 600))
    return [
        finding
        for finding in run(banks.values(rows), banks.branches(12)).findings
        if finding.kind == "preference"
    ]


def test_missing_preference_for_the_older_is_found_whatever_the_wait():
    """Where the older wait as long as everybody the reference is the peers' ratio."""
    (finding,) = waits(1.0)
    assert (finding.branch_id, finding.value) == ("B03", 280.0)
    assert finding.reference == pytest.approx(0.62 * 280, abs=6)
    assert (
        "with the preference usual at 11 similar branches" in sentence(finding, catalogue(), {}).en
    )
    assert waits(0.62) == []
