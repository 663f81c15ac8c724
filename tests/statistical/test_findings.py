"""How often a diagnosis is wrong and how often it misses, on banks drawn with known truth."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from tests.unit.plan import banks

from branchwise.measures.catalogue import catalogue
from branchwise.plan.diagnose import diagnose
from branchwise.plan.model import Settings
from branchwise.tables.assumptions import default_assumptions

MEASURES = ("queues.no_show_share", "customers.csat_share", "channels.migration_share")
BRANCHES = 30
EVERY_DIFFERENCE = Settings(relevant_ratio=1.0)


def found_in(rows, settings=EVERY_DIFFERENCE):
    return diagnose(
        banks.values(rows),
        banks.branches(BRANCHES),
        banks.targets(),
        catalogue(),
        default_assumptions(),
        settings=settings,
    )


def logistic(base, spread, generator):
    draws = generator.normal(np.log(base / (1 - base)), spread, size=BRANCHES)
    return 1 / (1 + np.exp(-draws))


@pytest.mark.parametrize("spread", [0.0, 0.3])
def test_no_difference_no_findings(spread):
    """Where branches differ by chance only, at most the nominal share of banks has a finding."""
    generator = np.random.default_rng(20)
    banks_drawn, wrong = 60, 0
    for _ in range(banks_drawn):
        counts = generator.integers(60, 6000, size=BRANCHES)
        rows = []
        for measure in MEASURES:
            rows += banks.shares(measure, counts, logistic(0.2, spread, generator), generator)
        wrong += bool(found_in(rows).findings)
    assert wrong <= stats.binom.ppf(0.99, banks_drawn, EVERY_DIFFERENCE.false_discovery_share)


def test_planted_differences_are_found():
    """Three branches of thirty made thrice as bad are found; at most one in twenty is wrong."""
    generator = np.random.default_rng(21)
    hits = wrong = 0
    for _ in range(20):
        counts = generator.integers(800, 6000, size=BRANCHES)
        shares = logistic(0.06, 0.15, generator)
        shares[:3] *= 3
        found = found_in(banks.shares("queues.no_show_share", counts, shares, generator)).findings
        worst = {finding.branch_id for finding in found}
        hits += len(worst & {"B00", "B01", "B02"})
        wrong += len(worst - {"B00", "B01", "B02"})
    assert hits >= 0.9 * 60
    assert wrong <= 0.1 * (hits + wrong)


def test_small_branches_are_not_condemned():
    """Branches of 40 visits with no true difference are found no more often than large ones."""
    generator = np.random.default_rng(22)
    counts = np.where(np.arange(BRANCHES) < 15, 40, 8000)
    small = large = 0
    for _ in range(60):
        rows = banks.shares("queues.no_show_share", counts, np.full(BRANCHES, 0.1), generator)
        points = found_in(rows).comparisons
        small += sum(point.p_value < 0.05 for point in points if point.branch_id < "B15")
        large += sum(point.p_value < 0.05 for point in points if point.branch_id >= "B15")
    allowed = stats.binom.ppf(0.999, 60 * 15, 0.05)
    assert small <= allowed
    assert large <= allowed
    naive = stats.binom.sf(7, 40, 0.1)  # a league table would name twice the mean this often
    assert naive > 0.04
