"""Properties that every diagnosis keeps, whatever the bank."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.plan import banks

from branchwise.measures.catalogue import catalogue
from branchwise.plan.diagnose import diagnose
from branchwise.plan.ranking import GRAVITY, ranked
from branchwise.plan.sentences import sentence
from branchwise.plan.severity import worse_ratio
from branchwise.tables.assumptions import default_assumptions

NAMES = sorted(name for name in catalogue() if not name.startswith("equity."))
cell = st.tuples(
    st.integers(0, 14),
    st.sampled_from(NAMES),
    st.one_of(st.none(), st.floats(0, 5000), st.just(0.0), st.just(float("nan"))),
    st.one_of(st.none(), st.floats(0, 1)),
    st.one_of(st.none(), st.floats(0, 1)),
    st.integers(0, 5000),
)


def rows_of(cells):
    unique = {}
    for branch, name, value, below, above, count in cells:
        held = value
        if held is not None and catalogue()[name].unit == "share":
            held = held / 5000
        lower = None if held is None or below is None else held * (1 - below)
        upper = None if held is None or above is None else held * (1 + above)
        unique[branch, name] = (f"B{branch:02d}", name, held, lower, upper, count)
    return list(unique.values())


@settings(max_examples=60, deadline=None)
@given(st.lists(cell, max_size=60), st.randoms())
def test_any_bank_is_diagnosed(cells, random):
    """No input raises; ranks run from 1, leads come first, graver first; order is irrelevant."""
    rows = rows_of(cells)
    arguments = (banks.branches(15), banks.targets(), catalogue(), default_assumptions())
    found = diagnose(banks.values(rows), *arguments)
    assert [finding.rank for finding in found.findings] == list(range(1, len(found.findings) + 1))
    leads = [finding for finding in found.findings if finding.lead_finding_id is None]
    assert found.findings[: len(leads)] == tuple(leads)
    gravity = [GRAVITY[finding.severity] for finding in leads]
    assert gravity == sorted(gravity)
    assert len({(f.branch_id, f.theme) for f in leads}) == len(leads)
    for finding in found.findings:
        assert finding.worse_ratio >= 1
        assert finding.customers_affected >= 0
        assert all(sentence(finding, catalogue(), {}).read_in(it) for it in ("en", "zh-Hant"))
    random.shuffle(rows)
    again = diagnose(banks.values(rows), *arguments)
    assert again.findings == found.findings
    assert ranked(reversed(found.findings)) == found.findings


@given(st.floats(0, 1), st.floats(0, 1))
def test_worse_ratio_is_one_where_equal_and_grows(value, reference):
    """A share above its reference is worse where less is better, and better where more is."""
    assert worse_ratio(value, value, direction="lower", unit="share") == 1.0
    low = worse_ratio(value, reference, direction="lower", unit="share")
    high = worse_ratio(value, reference, direction="higher", unit="share")
    if value > reference:
        assert low >= 1
        assert high <= 1
    if value < reference:
        assert low <= 1
        assert high >= 1
