"""Promised intervals hold the truth: a known branch, calibrated again and again from its days."""

import math

import numpy as np
import pytest
from tests.unit.plan.toy_estimates import apply, estimates, option

from branchwise.core.randomness import stream
from branchwise.plan.appraise import appraise
from branchwise.twin.calibrate.assemble import scenario_of
from branchwise.twin.run import simulate
from branchwise.twin.values import WEEKS_PER_MONTH

BRANCH = {"rate": 24.0, "mean": 270.0}
DAYS = 12
CALIBRATIONS = 160
TRUE_DAYS = 6000
PACKAGE = (option(),)
MEASURES = (
    "plan.late_or_lost_per_month",
    "queues.wait_served_mean_seconds",
    "queues.abandoned_share",
)


@pytest.fixture(scope="module")
def true_effects():
    """Return what one window more brings on the true branch, by very many days."""
    truth = scenario_of(estimates(**BRANCH), 1)
    runs = [
        simulate(each, replications=TRUE_DAYS, seed=99) for each in (truth, apply(PACKAGE, truth))
    ]
    missed, waited, abandoned = (
        [function(run.by_class) for run in runs]
        for function in (
            lambda of: float((of["customers"] - of["within_standard"]).sum()) / TRUE_DAYS,
            lambda of: float(of["wait_served_seconds"].sum() / of["served"].sum()),
            lambda of: float((of["abandoned"] + of["sent_away"]).sum() / of["customers"].sum()),
        )
    )
    changes = (
        (missed[1] - missed[0]) * WEEKS_PER_MONTH,
        waited[1] - waited[0],
        abandoned[1] - abandoned[0],
    )
    return dict(zip(MEASURES, changes, strict=True))


@pytest.fixture(scope="module")
def appraisals():
    """Appraisals, each on a calibration from twelve days of the true branch."""
    found = []
    for number in range(CALIBRATIONS):
        calibrated = estimates(**BRANCH, days=DAYS, draw=stream(5, "days", number))
        found += appraise(calibrated, [PACKAGE], apply=apply, standing="trusted", seed=number)
    return found


@pytest.mark.parametrize("measure", MEASURES)
def test_intervals_hold_the_true_effect(appraisals, true_effects, measure):
    """At least 95 % of 160 intervals hold it, less 3 standard errors; and they say something."""
    truth = true_effects[measure]
    effects = [each.effect(measure) for each in appraisals]
    held = np.mean([each.lower <= truth <= each.upper for each in effects])
    assert held >= 0.95 - 3 * math.sqrt(0.95 * 0.05 / CALIBRATIONS)
    width = np.median([each.upper - each.lower for each in effects])
    spread = np.std([each.difference for each in effects])
    assert width < 2 * 1.96 * 2.5 * spread
    middle = np.mean([each.difference for each in effects])
    assert abs(middle - truth) < 0.25 * abs(truth)
