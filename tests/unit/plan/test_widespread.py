"""One finding of the bank where many break a standard, and the order in which findings stand."""

from __future__ import annotations

import pytest
from tests.unit.plan import banks
from tests.unit.plan.test_diagnose import LEFT, P90, run

from branchwise.measures.catalogue import catalogue
from branchwise.plan.diagnose import Context
from branchwise.plan.sentences import place_name, sentence
from branchwise.plan.stored import finding_of, finding_table
from branchwise.plan.volumes import Volumes

VOLUMES = Volumes(
    months=1.0, by_branch={f"B{i:02d}": {"visits": 1000.0 + i} for i in range(12)}, mix={}
)


def twelve(breaking, *, worst=0.08):
    """Twelve branches of which some lose 8 %, the others 3 %, and the bank's own value."""
    rows = [
        (f"B{i:02d}", LEFT, share, share - 0.006, share + 0.006, 5000)
        for i in range(12)
        for share in [0.08 if i < breaking else 0.03]
    ]
    rows[0] = ("B00", LEFT, worst, worst - 0.006, worst + 0.006, 5000)
    return banks.values([*rows, ("*", LEFT, 0.06, 0.058, 0.062, 60000)])


def leads(found):
    return [finding for finding in found.findings if finding.lead_finding_id is None]


def test_a_standard_that_many_break_is_the_banks():
    """Five of twelve breaking a standard lead once, on the bank; four of twelve lead each."""
    many = run(twelve(5), banks.branches(12), context=Context(volumes=VOLUMES))
    (bank,) = [f for f in leads(many) if f.kind == "standard"]
    assert (bank.branch_id, bank.value, bank.reference) == ("*", 0.06, 0.05)
    assert {part.code for part in bank.parts} == {f"B{i:02d}" for i in range(5)}
    assert bank.customers_affected == pytest.approx(0.03 * sum(1000 + i for i in range(5)))
    under = [f for f in many.findings if f.lead_finding_id == bank.finding_id]
    assert {f.branch_id for f in under if f.kind == "standard"} == {f"B{i:02d}" for i in range(5)}
    few = run(twelve(4), banks.branches(12))
    assert {f.branch_id for f in leads(few)} == {f"B{i:02d}" for i in range(4)}


def test_a_branch_that_also_stands_out_leads_itself():
    """Of the branches under the bank's finding the one far worse than its peers leads too."""
    found = run(twelve(5, worst=0.4), banks.branches(12))
    assert {f.branch_id for f in leads(found)} == {"*", "B00"}
    (own,) = [f for f in leads(found) if f.branch_id == "B00"]
    assert own.kind == "peers"
    standard = [f for f in found.findings if (f.branch_id, f.kind) == ("B00", "standard")]
    assert [f.lead_finding_id for f in standard] == [own.finding_id]


def test_the_worst_are_named_in_every_language():
    """The sentence of the bank's finding says how many break the standard and names the worst."""
    found = run(twelve(7), banks.branches(12))
    words = sentence(leads(found)[0], catalogue(), {"B00": "和平路支行"})
    assert "7 branches break the standard" in words.en
    assert "和平路支行 B00 (8 %)" in words.en
    assert "2 more" in words.en
    assert "未達標網點 7 家" in words.zh_hant
    assert "未达标网点 7 家" in words.zh_hans


def test_named_branches_survive_the_store():
    """The parts of a finding written as a row and read again are the same."""
    found = run(twelve(5), banks.branches(12)).findings
    assert tuple(finding_of(row) for row in finding_table(found, "S").to_pylist()) == found
    assert any(finding.parts for finding in found)


def test_themes_take_turns():
    """Equally grave findings of one theme do not stand before the first of another theme."""
    rows = [(f"B{i:02d}", LEFT, 0.10, 0.09, 0.11, 5000) for i in range(3)]
    rows += [("B03", P90, 1500.0, 1450.0, 1550.0, 900)]
    volumes = Volumes(
        months=1.0,
        by_branch={
            **{f"B{i:02d}": {"visits": 9000.0 - i} for i in range(3)},
            "B03": {"late_visits": 5.0},
        },
        mix={},
    )
    found = run(banks.values(rows), banks.branches(4), context=Context(volumes=volumes))
    assert [f.branch_id for f in found.findings] == ["B00", "B03", "B01", "B02"]


@pytest.mark.parametrize(
    ("code", "en", "zh"),
    [
        ("*", "The whole bank", "全行"),
        ("region:R1", "Region North", "North區域"),
        ("B1", "B1", "B1"),
    ],
)
def test_places_have_names(code, en, zh):
    """The bank, regions and branches are called by name, never by the code of an aggregate."""
    assert place_name(code, {"region:R1": "North"}, "en") == en
    assert place_name(code, {"region:R1": "North"}, "zh-Hant") == zh
