"""A diagnosis finds the ills planted in a synthetic bank and puts them on top."""

from __future__ import annotations

import pytest
from benchmarks.quality.diagnose import TOP, quality

from branchwise.pipeline.demo import demo

MANY_VISIBLE = 0.6


def checked(workspace, *, branches, days, seed):
    demo(workspace, branches=branches, days=days, seed=seed)
    found = quality(workspace)
    visible = [entry for entry in found.told if entry.is_visible]
    assert len(visible) >= MANY_VISIBLE * len(found.told)
    assert found.recall >= 0.9
    assert found.precision >= 0.8
    assert found.count_facts <= TOP / 4
    return found


def test_planted_ills_stand_on_top_of_a_small_bank(tmp_path):
    """9 in 10 visible ills are told in the top 2 × their number; 8 in 10 of the top are true."""
    found = checked(tmp_path / "bank", branches=16, days=30, seed=5)
    assert found.told


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", [1, 2])
def test_planted_ills_stand_on_top_of_a_full_bank(tmp_path, seed):
    """The same at 40 branches × 90 days, where the first 20 are nearly all true."""
    found = checked(tmp_path / "bank", branches=40, days=90, seed=seed)
    assert found.precision >= 0.9
