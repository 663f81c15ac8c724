"""A small bank with a plan, made once for all tests of plans."""

from __future__ import annotations

import shutil

import pytest
from tests.unit.pipeline.plan.planned_banks import (
    ASKED,
    DAYS,
    root_of,
    verdict_of,
)

from branchwise.pipeline.demo import demo
from branchwise.pipeline.plan import findings as finding
from branchwise.pipeline.plan import ready as readying
from branchwise.pipeline.plan.plan import plan


@pytest.fixture(scope="package", autouse=True)
def diagnosed_once():
    """Findings of the one bank are made once; they are held against hand in their own tests."""
    known = {}
    real = finding.diagnose

    def once(workspace, **others):
        if "report" not in known:
            known["report"] = real(workspace, **others)
        return known["report"]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(finding, "diagnose", once)
        patch.setattr(readying, "trust", verdict_of({}))
        yield


@pytest.fixture(scope="package")
def made(tmp_path_factory):
    """Two branches of the demo bank over five weeks, planned in one process."""
    root = tmp_path_factory.mktemp("plan") / "bank"
    demo(root, branches=2, days=DAYS, seed=1)
    return plan(root, ASKED, workers=1)


@pytest.fixture
def bank(made, tmp_path):
    """A copy of the bank with its plan."""
    return shutil.copytree(root_of(made), tmp_path / "bank")
