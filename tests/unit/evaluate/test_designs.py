"""Designs fixed beforehand: with whom to compare, and how surely an effect will be found."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from tests.unit.evaluate.panels import drawn, open_days, panel

from branchwise.evaluate.designs import design_of, effective_days, power_of
from branchwise.experiments.power import power_means

DAYS = 72
LATER = open_days(DAYS)[-1] + timedelta(days=90)


def designed(shown, difference=1.0, types=None, starts=None, **others):
    return design_of(
        shown,
        "B00",
        difference,
        types=types or dict.fromkeys(shown.branches, "light"),
        starts=starts or {},
        measured_on=LATER,
        **others,
    )


def noisy(branches=8, **given):
    return panel(drawn(np.random.default_rng(4), branches, DAYS, **given))


def test_who_starts_before_the_verdict_is_not_compared_with():
    """Branches of a later wave may be compared with, those of the same or an earlier not."""
    starts = {"B01": LATER, "B02": LATER + timedelta(days=1), "B03": open_days(DAYS)[-1]}
    chosen = designed(noisy(), starts=starts).comparisons
    assert chosen == ("B02", "B04", "B05", "B06", "B07")


def test_own_type_first():
    """Four of the own type are enough; with fewer the whole bank is drawn from."""
    codes = [f"B{place:02}" for place in range(8)]
    types = {code: "light" if place < 5 else "county" for place, code in enumerate(codes)}
    own = designed(noisy(), types=types)
    assert (own.drawn_from, own.comparisons) == ("type", ("B01", "B02", "B03", "B04"))
    fewer = designed(noisy(), types={**types, "B04": "county"})
    assert (fewer.drawn_from, len(fewer.comparisons)) == ("bank", 7)


def test_the_nearest_are_kept():
    """Of many branches the twelve nearest in level are taken."""
    values = drawn(np.random.default_rng(5), 20, DAYS)
    values += np.where(np.arange(20)[:, None] >= 13, 500.0, 0.0)
    assert designed(panel(values)).comparisons == tuple(f"B{place:02}" for place in range(1, 13))


def test_no_design_without_branches_or_past():
    """With one other branch, or ten days, there is no power; the reader sees that."""
    alone = designed(noisy(branches=2))
    assert (alone.comparisons, alone.drawn_from, alone.power) == ((), "none", None)
    short = designed(noisy(), before=open_days(DAYS)[8])
    assert (short.pre_days, short.power, short.detectable) == (9, None, None)


def test_only_the_past_is_looked_at():
    """What comes after the roll-out began cannot change the design."""
    values = drawn(np.random.default_rng(6), 8, DAYS)
    after = values.copy()
    after[:, 60:] *= 7
    before = open_days(DAYS)[59]
    assert designed(panel(values), before=before) == designed(panel(after), before=before)


def test_spread_is_that_of_the_gap():
    """The branch's noise and a twelfth of the comparison branches' add up."""
    spreads = [
        designed(panel(drawn(np.random.default_rng(seed), 9, DAYS, spread=2.0))).spread
        for seed in range(40)
    ]
    assert np.sqrt(np.mean(np.square(spreads))) == pytest.approx(2 * np.sqrt(1 + 1 / 8), rel=0.05)


def test_detectable_is_found_with_power_080():
    """The smallest difference said is the one whose power is 80 %; half of it has far less."""
    design = designed(noisy())
    again = designed(noisy(), difference=design.detectable)
    assert again.power == pytest.approx(0.8, abs=1e-6)
    assert designed(noisy(), difference=design.detectable / 2).power < 0.4


def test_power_without_correlation_is_that_of_two_groups():
    """Independent days are the two separate groups of the textbook."""
    assert power_of(0.4, 1.0, 0.0, 50, 30) == power_means(0.4, 1.0, 50, 30)


@pytest.mark.parametrize("correlation", [0.2, 0.5, 0.8])
def test_effective_days_for_long_stretches(correlation):
    """In the limit n (1 - r)/(1 + r)."""
    limit = 4000 * (1 - correlation) / (1 + correlation)
    assert effective_days(4000, correlation) == pytest.approx(limit, rel=0.01)
    assert effective_days(0, correlation) == 0.0
