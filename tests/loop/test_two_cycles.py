"""Two cycles of the loop on a bank whose truth is known: promised, carried out, measured."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest

from branchwise.pipeline.demo import demo
from branchwise.pipeline.demo_actions import carried_out, carry_over
from branchwise.pipeline.evaluate import evaluate
from branchwise.pipeline.plan.answers import accept
from branchwise.pipeline.plan.asked import Asked
from branchwise.pipeline.plan.plan import plan
from branchwise.sources.demo.settings import FIRST_DAY

NORMAL, SURE_SEED = 1.959964, 56
ONLY = ("more_windows", "more_approvers")
WITHIN = "queues.within_standard_share"


def first_cycle(root, *, branches, days, seed, draws):
    """Plan a bank and accept all that the plan chose, to begin on the first day after the data."""
    demo(root, branches=branches, days=days, seed=seed)
    found = plan(root, Asked(only=ONLY, quarters=1, draws=draws)).plan
    chosen = [option.option_id for branch in found.changed for option in branch.chosen]
    assert chosen, "this seed proposes nothing, so there is no loop to close"
    return accept(root, chosen, starts=str(FIRST_DAY + timedelta(days=days))).plan


def measured(root):
    """Return what was promised and measured of each package: difference, lower, upper."""
    found = {}
    for outcome in evaluate(root).outcomes:
        action, whole = outcome.action, outcome.measured[-1]
        promised = tuple(action[name] for name in ("promised", "promised_lower", "promised_upper"))
        key = action["package_id"], action["measure"]
        found[key] = promised, (whole.difference, whole.lower, whole.upper)
    return found


def surprise(promised, measured):
    """Return measured less promised in standard errors of the two together."""
    errors = [(upper - lower) / 2 / NORMAL for _, lower, upper in (promised, measured)]
    return (measured[0] - promised[0]) / math.hypot(*errors)


def test_the_loop_closes(tmp_path):
    """Four branches: what the plan promised is measured where it was carried out."""
    found = first_cycle(tmp_path / "before", branches=4, days=42, seed=3, draws=8)
    report = demo(tmp_path / "after", branches=4, days=84, seed=3, actions=tmp_path / "before")
    assert report.left_out == ()
    effects = measured(tmp_path / "after")
    assert set(effects) == {(one.package_id, one.measure) for one in found.promises}
    for promised, seen in effects.values():
        assert abs(surprise(promised, seen)) <= NORMAL
        assert promised[1] > 0


@pytest.mark.long
@pytest.mark.parametrize("seed", [10, SURE_SEED])
def test_a_promise_kept_is_told_from_one_that_is_not(tmp_path, seed):
    """Six branches: carried out, the two intervals agree; left undone, they contradict.

    Of a promise that is harder to find (seed 10: a power of 87 % was printed beforehand), what was
    left undone only falls further short of it.
    """
    days, size = 42, {"branches": 6, "seed": seed}
    first_cycle(tmp_path / "before", days=days, draws=16, **size)
    demo(tmp_path / "done", days=2 * days, actions=tmp_path / "before", **size)
    demo(tmp_path / "undone", days=2 * days, **size)
    carry_over(tmp_path / "undone", carried_out(tmp_path / "before"))
    done, undone = measured(tmp_path / "done"), measured(tmp_path / "undone")
    assert done.keys() == undone.keys()
    for key, (promised, seen) in done.items():
        assert key[1] == WITHIN
        assert abs(surprise(promised, seen)) <= NORMAL
        short = surprise(promised, undone[key][1])
        assert short < min(surprise(promised, seen), 0.0)
        assert short < -NORMAL or seed != SURE_SEED
