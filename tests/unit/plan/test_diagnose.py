"""The diagnosis of banks small enough to check by hand."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.plan import banks

from branchwise.measures.catalogue import catalogue
from branchwise.plan.diagnose import Context, diagnose
from branchwise.plan.model import Settings, Spot
from branchwise.plan.sentences import sentence
from branchwise.plan.stored import finding_of, finding_table
from branchwise.plan.volumes import Volumes
from branchwise.tables.assumptions import default_assumptions

P90, LEFT, SHOW = "queues.wait_p90_seconds", "queues.abandoned_share", "queues.no_show_share"


def run(values, branches, targets=None, **known):
    return diagnose(
        values,
        branches,
        banks.targets() if targets is None else targets,
        catalogue(),
        default_assumptions(),
        **known,
    )


def ten(outlier):
    """Ten like branches with an abandoned share near 3 % and one that differs."""
    rows = [(f"B{i:02d}", LEFT, 0.03 + 0.001 * (i % 3), 0.025, 0.036, 5000) for i in range(10)]
    rows[4] = ("B04", LEFT, outlier, outlier - 0.006, outlier + 0.006, 5000)
    return banks.values(rows)


def test_an_outlier_is_found_with_its_reference():
    """One branch of ten that loses thrice as many is the one peers finding, against their 3 %."""
    found = run(ten(0.12), banks.branches(10))
    peers = [finding for finding in found.findings if finding.kind == "peers"]
    assert [finding.branch_id for finding in peers] == ["B04"]
    assert peers[0].reference == pytest.approx(0.031, abs=0.001)
    assert peers[0].severity == "high"
    assert peers[0].peers_scope == "like"
    assert peers[0].limit < 0.12


def test_better_is_no_finding():
    """A branch that is better than its peers and the standard is not found."""
    assert run(ten(0.002), banks.branches(10)).findings == ()


def test_standard_needs_certainty():
    """A value beyond the standard is a finding only where its interval leaves little doubt."""
    sure = banks.values([("B00", P90, 900.0, 850.0, 950.0, 900)])
    unsure = banks.values([("B00", P90, 900.0, 400.0, 2000.0, 30)])
    assert [f.kind for f in run(sure, banks.branches(1)).findings] == ["standard"]
    assert run(unsure, banks.branches(1)).findings == ()


def test_one_branch_has_no_peers():
    """A bank of one branch is compared with standards only, and that is said."""
    found = run(banks.values([("B00", P90, 900.0, 850.0, 950.0, 900)]), banks.branches(1))
    assert found.without_peers == ("B00",)
    assert found.comparisons == ()


def test_too_few_rows_are_left_out():
    """A value below the measure's minimum of rows is compared with nothing."""
    values = banks.values([("B00", P90, 900.0, 850.0, 950.0, 5)])
    assert run(values, banks.branches(1)).findings == ()


def test_few_of_a_type_are_compared_with_the_bank():
    """Where a type has fewer than five others, the peers come from the bank and it is said."""
    table = banks.branches(10).to_pylist()
    for row in table[:3]:
        row["branch_type"] = "flagship"
    branches = banks.branches(0).from_pylist(table, schema=banks.branches(0).schema)
    scopes = {point.branch_id: point.scope for point in run(ten(0.1), branches).comparisons}
    assert scopes["B00"] == "bank"
    assert scopes["B09"] == "like"


def test_competitors_are_never_compared():
    """A competitor's branch is neither found nor a peer."""
    table = banks.branches(10).to_pylist()
    table[4]["institution_id"] = "rival"
    branches = banks.branches(0).from_pylist(table, schema=banks.branches(0).schema)
    found = run(ten(0.12), branches)
    assert found.findings == ()
    assert all("B04" not in point.peers for point in found.comparisons)


def test_themes_do_not_flood():
    """Several waiting measures of one branch lead once; the others stand under the lead."""
    rows = [
        ("B00", P90, 1500.0, 1450.0, 1550.0, 900),
        ("B00", "queues.elderly_wait_p90_seconds", 1300.0, 1200.0, 1400.0, 200),
        ("B00", "queues.within_standard_share", 0.5, 0.48, 0.52, 900),
    ]
    findings = run(banks.values(rows), banks.branches(1)).findings
    leads = [finding for finding in findings if finding.lead_finding_id is None]
    assert len(findings) == 3
    assert len(leads) == 1
    assert leads[0].rank == 1
    assert {f.lead_finding_id for f in findings[1:]} == {leads[0].finding_id}
    assert [finding.rank for finding in findings] == [1, 2, 3]


def test_rank_is_by_severity_then_places():
    """Of equally grave leads the one that touches more customers stands first."""
    rows = [(f"B{i:02d}", LEFT, 0.10, 0.09, 0.11, 5000) for i in range(2)]
    volumes = Volumes(
        months=1.0, by_branch={"B00": {"visits": 1000.0}, "B01": {"visits": 9000.0}}, mix={}
    )
    found = run(banks.values(rows), banks.branches(2), context=Context(volumes=volumes))
    assert [finding.branch_id for finding in found.findings] == ["B01", "B00"]
    assert found.findings[0].customers_affected == pytest.approx(0.05 * 9000)


def target(**given):
    return {"target_id": "T1", "measure": P90, "target_value": 600.0, **given}


def test_targets_hold_where_they_are_set():
    """A bank's target is held against the bank, a region's against the region, not each branch."""
    rows = [
        target(target_id="T1", target_value=300.0),
        target(target_id="T2", target_value=400.0, region_id="R1"),
        target(target_id="T3", target_value=500.0, branch_id="B00"),
    ]
    whom = ("B00", "B01", "region:R1", "*")
    values = banks.values([(code, P90, 550.0, 540.0, 560.0, 900) for code in whom])
    found = run(values, banks.branches(2), banks.targets(*rows))
    references = {f.branch_id: f.reference for f in found.findings if f.kind == "target"}
    assert references == {"B00": 500.0, "region:R1": 400.0, "*": 300.0}
    assert [status.light for status in found.targets] == ["red"] * 3


@pytest.mark.parametrize(
    ("value", "guard", "light"),
    [
        (500.0, 0.03, "green"),
        (500.0, 0.09, "amber"),
        (620.0, 0.03, "amber"),
        (900.0, 0.03, "red"),
    ],
)
def test_lights_and_guard_rails(value, guard, light):
    """A target is green only when reached with its guard-rail kept; amber within the interval."""
    row = target(branch_id="B00", guard_rail_measure=SHOW, guard_rail_limit=0.05)
    values = banks.values(
        [
            ("B00", P90, value, value - 30, value + 30, 900),
            ("B00", SHOW, guard, guard - 0.005, guard + 0.005, 900),
        ]
    )
    found = run(values, banks.branches(1), banks.targets(row))
    assert found.targets[0].light == light
    broken = [f for f in found.findings if f.guarded_measure == P90]
    assert [f.measure for f in broken] == ([SHOW] if guard > 0.05 else [])


def test_a_poor_region_is_found():
    """A region whose branches all migrate less is found as a region, adjusted for the type."""
    generator = np.random.default_rng(4)
    measure = "channels.migration_share"
    rows = []
    for index in range(30):
        share = (0.35 if index % 3 == 0 else 0.6) + generator.normal(0, 0.03)
        rows.append((f"B{index:02d}", measure, share, share - 0.02, share + 0.02, 4000))
    found = run(banks.values(rows), banks.branches(30, regions=("R0", "R1", "R2")))
    regional = [f for f in found.findings if f.branch_id.startswith("region:")]
    assert [f.branch_id for f in regional] == ["region:R0"]
    assert regional[0].value == pytest.approx(0.35, abs=0.03)
    assert regional[0].reference == pytest.approx(0.6, abs=0.03)


def test_spare_hours_are_found_against_peers_only():
    """A branch whose tellers are idle is unlike its peers; a busy one breaks no standard here."""
    name = "queues.utilisation_share"
    rows = [(f"B{i:02d}", name, 0.6 + 0.01 * (i % 3), 0.57, 0.66, 60) for i in range(12)]
    rows[3] = ("B03", name, 0.3, 0.27, 0.33, 60)
    rows[7] = ("B07", name, 0.95, 0.92, 0.97, 60)
    hours = Volumes(months=1.0, by_branch={"B03": {"teller_hours": 1000.0}}, mix={})
    (finding,) = run(
        banks.values(rows), banks.branches(12), context=Context(volumes=hours)
    ).findings
    assert (finding.branch_id, finding.kind, finding.mechanism) == ("B03", "peers", "spare_hours")
    assert finding.money_minor == pytest.approx(0.31 * 1000 * 100 * 100, rel=0.1)


def test_spot_is_said():
    """A waiting finding says weekday, half-hour, business line, authorisation and windows."""
    spot = Spot(
        branch_id="B00",
        hits="late",
        iso_weekday=3,
        starts_minute=600,
        ends_minute=630,
        business_line="corporate",
        share=0.23,
        customers_affected=120.0,
        authorisation_share=0.41,
        windows_short=1,
    )
    found = run(
        banks.values([("B00", P90, 1500.0, 1450.0, 1550.0, 900)]),
        banks.branches(1),
        context=Context(spots=(spot,)),
    )
    words = sentence(found.findings[0], catalogue(), {"B00": "和平路支行"})
    assert "Wednesdays 10:00–10:30" in words.en
    assert "25 min" in words.en
    assert "corporate" in words.en
    assert "41 %" in words.en
    assert "和平路支行" in words.zh_hant
    assert "週三" in words.zh_hant
    assert "授權" in words.zh_hant
    assert "周三" in words.zh_hans


def test_findings_survive_the_store():
    """A finding written as a row and read again is the same finding."""
    found = run(ten(0.12), banks.branches(10))
    table = finding_table(found.findings, "S1")
    assert tuple(finding_of(row) for row in table.to_pylist()) == found.findings


@pytest.mark.parametrize("rows", [[], [("*", P90, 900.0, 850.0, 950.0, 900)]])
def test_empty_bank(rows):
    """No branch or no value gives an empty diagnosis or the bank's own standard, no error."""
    found = run(banks.values(rows), banks.branches(0))
    assert {finding.branch_id for finding in found.findings} <= {"*"}
    assert found.comparisons == ()


def test_constant_values_are_no_findings():
    """Branches that are all alike, without any sampling error, are no findings of each other."""
    rows = [(f"B{i:02d}", "staff.skill_cover_share", 0.8, None, None, 50) for i in range(12)]
    assert run(banks.values(rows), banks.branches(12), settings=Settings()).findings == ()
