"""What becomes of a promise, by cases that a person can check."""

from __future__ import annotations

import pytest
from tests.unit.evaluate.panels import FIRST

from branchwise.evaluate.effects import Estimate
from branchwise.evaluate.verdicts import Promised, verdict


def measured(lower, upper, days=30):
    return Estimate(
        month="all",
        starts_on=FIRST,
        ends_on=FIRST,
        difference=None if lower is None else (lower + upper) / 2,
        lower=lower,
        upper=upper,
        count_days=days,
        count_days_before=60,
        comparisons=("B1", "B2"),
    )


def promised(measure="queues.within_standard_share", ends=(0.05, 0.15), **others):
    given = {
        "guard_rail": "queues.abandoned_share",
        "guard_rail_limit": 0.01,
        "post_days": 24,
        **others,
    }
    return Promised(
        measure=measure, difference=sum(ends) / 2, lower=ends[0], upper=ends[1], **given
    )


@pytest.mark.parametrize(
    ("ends", "found"),
    [
        ((0.02, 0.12), "kept"),
        ((0.2, 0.3), "kept"),
        ((0.01, 0.04), "not_kept"),
        ((-0.1, -0.02), "not_kept"),
        ((-0.02, 0.08), "not_shown"),
    ],
)
def test_more_is_better(ends, found):
    """Kept needs an improvement that is shown and reaches the least promised."""
    assert verdict(promised(), measured(*ends), None) == found


@pytest.mark.parametrize(
    ("ends", "found"),
    [((-80, -20), "kept"), ((-25, -5), "not_kept"), ((-70, 10), "not_shown")],
)
def test_less_is_better(ends, found):
    """Of a wait the signs are the other way round."""
    waits = promised("queues.wait_mean_seconds", (-90.0, -30.0))
    assert verdict(waits, measured(*ends), None) == found


@pytest.mark.parametrize(
    ("ends", "found"),
    [((-0.02, 0.01), "kept"), ((-0.05, 0.01), "not_shown"), ((-0.09, -0.05), "not_kept")],
)
def test_a_promise_to_get_no_worse(ends, found):
    """Where cash is saved and waits may get a little worse, kept means: not by more than said."""
    assert verdict(promised(ends=(-0.03, 0.01)), measured(*ends), None) == found


def test_too_early_and_not_measurable():
    """Before the design's days have passed nothing is said; after them, why not."""
    assert verdict(promised(), measured(0.1, 0.2, days=23), None) == "too_early"
    assert verdict(promised(), measured(None, None, days=23), None) == "too_early"
    assert verdict(promised(), measured(None, None, days=24), None) == "not_measurable"


@pytest.mark.parametrize(
    ("ends", "found"), [((0.011, 0.05), "guard_rail_broken"), ((0.009, 0.05), "kept")]
)
def test_guard_rail(ends, found):
    """Broken if even the better end is worse than the limit, however early and whatever gained."""
    assert verdict(promised(), measured(0.06, 0.1), measured(*ends)) == found
    early = verdict(promised(), measured(0.06, 0.1, days=5), measured(*ends, days=5))
    assert early == ("guard_rail_broken" if found == "guard_rail_broken" else "too_early")


def test_a_measure_without_a_better_side():
    """Utilisation is promised in a direction; as a guard-rail every change counts."""
    less = promised("queues.utilisation_share", (-0.2, -0.1))
    assert verdict(less, measured(-0.15, -0.08), None) == "kept"
    guard = {"guard_rail": "queues.utilisation_share", "guard_rail_limit": 0.05}
    assert verdict(promised(**guard), measured(0.1, 0.2), measured(-0.2, -0.1)) == (
        "guard_rail_broken"
    )
    assert verdict(promised(**guard), measured(0.1, 0.2), measured(-0.2, 0.1)) == "kept"
