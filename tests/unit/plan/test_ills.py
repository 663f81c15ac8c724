"""The director's sentence: every measure has one, in every language, with its place."""

import re
from fnmatch import fnmatchcase

import pytest

from branchwise.core.languages import LANGUAGES
from branchwise.measures.catalogue import catalogue
from branchwise.plan.ills import ills, lever, what_is_wrong, where_of
from branchwise.plan.model import Finding


def finding(branch_id, measure, rank, customers, lead=None):
    return Finding(
        finding_id=f"{branch_id}|{measure}", branch_id=branch_id, measure=measure, theme="t",
        kind="standard", value=1.0, lower=None, upper=None, reference=1.0, count_rows=9,
        worse_ratio=2.0, severity="high", p_value=None, q_value=None, rank=rank,
        customers_affected=customers, lead_finding_id=lead,
    )  # fmt: skip


def test_the_lever_counts_each_customer_once():
    """Branches are added up, the whole bank is not added on top, followers are left out."""
    found = lever([
        finding("1", "m", 1, 100.0), finding("2", "m", 4, 50.0), finding("*", "m", 2, 120.0),
        finding("1", "n", 3, 900.0), finding("3", "m", 5, 70.0, lead="1|m"),
    ])  # fmt: skip
    assert (found.measure, found.places, found.customers) == ("m", ("1", "2"), 150.0)
    assert lever([]) is None


def test_a_region_that_ranks_first_stands_alone():
    """Where a region ranks first, its branches' customers are not added to its own."""
    found = lever([finding("region:R4", "m", 1, 100.0), finding("2", "m", 2, 50.0)])
    assert (found.places, found.customers) == (("region:R4",), 100.0)


@pytest.mark.parametrize("measure", [m for m in catalogue() if not m.startswith("equity.")])
def test_every_measure_has_its_sentence(measure):
    """A whole sentence in each language, its placeholders filled, ended by its full stop."""
    text = what_is_wrong(measure, 12345.0, catalogue(), where_of(("region:N",), {"region:N": "北"}))
    for language in LANGUAGES:
        words = text.read_in(language)
        assert not re.search(r"[{}]", words)
        assert words.endswith("." if language == "en" else "。")
        assert "北" in words
    assert "萬 " not in text.zh_hant


def test_no_ill_is_idle():
    """Every declared ill is the first to match some measure, or is kept for a pattern to come."""
    first = {
        next(i for i, ill in enumerate(ills()) if any(fnmatchcase(name, p) for p in ill.measures))
        for name in catalogue()
    }
    assert len(first) > len(ills()) / 2


def test_several_branches_are_counted_and_the_first_is_named():
    """The branch that ranks first is named; the number counts all of them."""
    where = where_of(("2", "1", "3"), {"2": "東門支行"})
    assert (where.en, where.zh_hans) == ("At 3 branches, 東門支行 first", "東門支行等 3 个网点")
    assert where_of(("*",), {}).zh_hant == "全行"
