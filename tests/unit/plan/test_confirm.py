"""A choice confirmed on fresh draws: the optimiser's curse goes away, and what fails drops out."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.plan.proposals import LATE, effect

from branchwise.core.randomness import stream
from branchwise.optimise.portfolio import Candidate, Limits, PortfolioProblem
from branchwise.plan.confirm import confirmed
from branchwise.plan.proposal import Appraisal
from branchwise.plan.select import select

BRANCHES, PACKAGES, NOISE = 8, 12, 20.0
HORIZON = Limits(quarters=1, horizon_quarters=4)


def appraised(code, change, half=1.0):
    return Appraisal(
        package_id=code, branch_id=code[:2], option_ids=(code,), standing="trusted",
        effects=(effect(LATE, 500.0, change, half),),
    )  # fmt: skip


def candidate(code, avoided):
    return Candidate(
        candidate_id=code, branch_id=code[:2], region_id="R", option_ids=(code,), benefit=avoided,
        once_minor=1, yearly_minor=0, late_or_lost_change=-avoided,
    )  # fmt: skip


def one_bank(seed):
    """Return what was promised by the draws of the choice, by fresh ones, and the truth."""
    chance = stream(seed, "confirm")
    codes = [f"B{b}:{n:02}" for b in range(BRANCHES) for n in range(PACKAGES)]
    truth = dict(zip(codes, chance.normal(100.0, 5.0, len(codes)), strict=True))
    seen = {code: truth[code] + chance.normal(0.0, NOISE) for code in codes}
    problem = PortfolioProblem(
        candidates=tuple(candidate(code, seen[code]) for code in codes), limits=HORIZON
    )

    def fresh(chosen):
        return {
            one.candidate_id: appraised(
                one.candidate_id, -(truth[one.candidate_id] + chance.normal(0.0, NOISE))
            )
            for one in chosen
        }

    found = confirmed(problem, select, fresh)
    names = [one.candidate_id for one in found.decision.chosen]
    promised = [-found.fresh[name].effect(LATE).difference for name in names]
    return (
        np.mean([seen[name] for name in names]),
        np.mean(promised),
        np.mean([truth[name] for name in names]),
    )


def test_fresh_draws_take_the_luck_out_of_promises():
    """Of 12 packages a branch the best-looking is 1.6 spreads too good; on fresh draws it is not.

    The bias on the draws of the choice is that of the largest of 12 normal deviates; that on fresh
    draws is within 4 standard errors of 0.
    """
    chosen, promised, truth = np.transpose([one_bank(seed) for seed in range(60)])
    bias = chosen - truth
    spread = NOISE**2 / np.hypot(NOISE, 5.0)
    assert bias.mean() == pytest.approx(1.629 * spread, rel=0.1)
    left = promised - truth
    assert abs(left.mean()) < 4 * NOISE / np.sqrt(60 * BRANCHES)
    assert abs(left.mean()) < bias.mean() / 8


@pytest.mark.parametrize("accepted", [(), ("B0:lucky",)])
def test_what_fails_on_fresh_draws_drops_out(accepted):
    """The next best is tried in its place and takes it; what people accepted stays."""
    candidates = (candidate("B0:lucky", 90.0), candidate("B0:solid", 60.0))
    asked = []

    def fresh(chosen):
        asked.extend(one.candidate_id for one in chosen)
        change = {"B0:lucky": 5.0, "B0:solid": -50.0}
        return {one.candidate_id: appraised(one.candidate_id, change[one.candidate_id])
                for one in chosen}  # fmt: skip

    problem = PortfolioProblem(candidates=candidates, limits=HORIZON)
    found = confirmed(problem, select, fresh, accepted=accepted)
    (begun,) = found.decision.chosen
    if accepted:
        assert (begun.candidate_id, found.failed, asked) == ("B0:lucky", frozenset(), ["B0:lucky"])
    else:
        assert begun.candidate_id == "B0:solid"
        assert found.failed == {"B0:lucky"}
        assert asked == ["B0:lucky", "B0:solid"]
        assert [one.candidate_id for one in found.problem.candidates] == ["B0:solid"]


def test_the_elderly_wait_no_longer_on_fresh_draws():
    """A package under which they surely do is not chosen, whatever the first draws said."""
    elderly = effect("queues.elderly_wait_mean_seconds", 300.0, 30.0, 5.0)

    def fresh(chosen):
        return {
            one.candidate_id: Appraisal(
                package_id=one.candidate_id, branch_id="B0", option_ids=one.option_ids,
                standing="trusted", effects=(effect(LATE, 500.0, -50.0, 5.0), elderly),
            )
            for one in chosen
        }  # fmt: skip

    problem = PortfolioProblem(candidates=(candidate("B0:a", 50.0),), limits=HORIZON)
    assert confirmed(problem, select, fresh).decision.chosen == ()


def test_what_cannot_be_tried_stays():
    """Where no twin is believed nothing is tried, and nothing drops out."""
    problem = PortfolioProblem(candidates=(candidate("B0:a", 50.0),), limits=HORIZON)
    found = confirmed(problem, select, lambda _: {})
    assert [one.candidate_id for one in found.decision.chosen] == ["B0:a"]
