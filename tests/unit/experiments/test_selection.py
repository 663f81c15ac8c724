"""Selection against plain re-implementations, hand-worked shares and hard cases."""

import math

import numpy as np
import pytest
from scipy.stats import t as student_t
from tests.unit.experiments.samplers import Fixed, Normal

from branchwise.core.errors import BranchwiseError
from branchwise.experiments.allocation import next_runs, ocba_weights
from branchwise.experiments.runs import Gaps, Runs, gaps
from branchwise.experiments.screening import difference_variances, screen
from branchwise.experiments.selection import select_kn, select_ocba
from branchwise.experiments.standing import right_choice


def plain_kn(values, zone, error, first):
    """Return choice and runs of Kim and Nelson's procedure (c = 1), as the paper lists it."""
    k = len(values)
    eta = ((2 * error / (k - 1)) ** (-2 / (first - 1)) - 1) / 2
    h2 = 2 * eta * (first - 1)
    start = values[:, :first]
    square = [[np.var(start[i] - start[j], ddof=1) for j in range(k)] for i in range(k)]
    last = max(
        math.floor(h2 * square[i][j] / zone**2) for i in range(k) for j in range(k) if i != j
    )
    left, r, runs = set(range(k)), first, [first] * k
    while True:
        mean = {i: values[i, :r].mean() for i in left}
        out = set()
        for i in left:
            for j in left - {i}:
                allowed = max(0.0, zone / (2 * r) * (h2 * square[i][j] / zone**2 - r))
                if mean[i] > mean[j] + allowed:
                    out.add(i)
        left -= out
        if len(left) == 1 or r > last:
            return min(left, key=lambda i: values[i, :r].mean()), runs
        r += 1
        for i in left:
            runs[i] = r


@pytest.mark.parametrize("seed", range(6))
def test_kn_is_the_published_procedure(seed):
    """Choice and runs of every candidate are those of a step-by-step plain re-implementation."""
    values = Normal([0, 0.5, 0.5, 1.0, 2.0], correlation=0.6, seed=seed)(range(5), 0, 1500)
    found = select_kn(Fixed(values), range(5), indifference=0.5, confidence=0.9, first=8)
    chosen, runs = plain_kn(values, 0.5, 0.1, 8)
    assert (found.chosen, found.runs.tolist()) == (chosen, runs)
    assert (found.probability, found.basis, found.exhausted) == (0.9, "guaranteed", False)


def test_ocba_weights_by_hand():
    """Gaps 1 and 2 of equal noise: the nearer gets four times the runs, the best sqrt(1 + 1/16)."""
    gap, one = np.array([0.0, 1.0, 2.0]), np.ones(3)
    found = Gaps(reference=0, gap=gap, spread=one, error=one, degrees=one)
    independent = ocba_weights(found, 0.0, "independent")
    assert independent[1] / independent[2] == pytest.approx(4)
    assert independent[0] / independent[1] == pytest.approx(math.sqrt(1 + 1 / 16))
    common = ocba_weights(found, 0.0, "common")
    assert common.tolist() == pytest.approx([4 / 9, 4 / 9, 1 / 9])


def test_indifference_bounds_the_attention_to_ties():
    """A tie gets all runs without a zone; with a zone of 1 it gets 9 times those of gap 2."""
    gap, one = np.array([0.0, 0.0, 2.0]), np.ones(3)
    found = Gaps(reference=0, gap=gap, spread=one, error=one, degrees=one)
    assert ocba_weights(found, 0.0, "common")[2] < 1e-9
    zoned = ocba_weights(found, 1.0, "common")
    assert zoned[1] / zoned[2] == pytest.approx(9)


def test_runs_flow_to_shares():
    """What is given out is what was asked for, and nobody above its share gets any."""
    counts = np.array([40, 10, 10, 10])
    extra = next_runs(counts, np.array([0.1, 0.4, 0.3, 0.2]), 30)
    assert extra.tolist() == [0, 17, 10, 3]
    assert next_runs(counts, np.zeros(4), 30).tolist() == [0, 0, 0, 0]
    assert next_runs(counts, np.ones(4) / 4, 0).tolist() == [0, 0, 0, 0]


def test_probability_by_hand():
    """Two candidates, five pairs, gap 1, s 1: Student's distribution at sqrt 5 with 4 degrees."""
    values = [[0, 0, 0, 0, 0], [0, 1, 1, 1, 2]]
    runs = Runs(Fixed(values), [0, 1])
    runs.extend(np.array([0, 1]), np.array([5, 5]))
    error = np.std(values[1], ddof=1) / math.sqrt(5)
    for zone in (0.0, 0.3):
        found = right_choice(gaps(runs, 0, "common"), zone, "bonferroni")
        assert found == pytest.approx(student_t.cdf((1 + zone) / error, 4))


def test_bounds_lie_below_the_truth():
    """Both bounds are at most the posterior probability, integrated by simulation."""
    runs = Runs(Normal([0.0, 0.3, 0.4, 0.9], seed=3), range(4))
    runs.extend(np.arange(4), np.full(4, 12))
    found = gaps(runs, int(np.argmin([runs.values(row).mean() for row in range(4)])), "independent")
    chance = np.random.default_rng(8)
    draws = np.array(
        [
            runs.values(row).mean()
            + chance.standard_t(11, 100_000) * runs.values(row).std(ddof=1) / math.sqrt(12)
            for row in range(4)
        ]
    )
    truth = np.mean(draws.argmin(axis=0) == found.reference)
    bonferroni = right_choice(found, 0.0, "bonferroni")
    slepian = right_choice(found, 0.0, "slepian")
    assert bonferroni <= slepian <= truth + 0.01


def test_quiet_days_do_not_mislead():
    """A candidate that ran on quiet days only is not preferred for its low mean."""
    busy = np.concatenate([np.zeros(10), np.full(190, 50.0)])
    noise = Normal([1.0, 1.4, 3.0, 3.0], correlation=0.0)(range(4), 0, 200) * 0.5
    found = select_ocba(Fixed(busy + noise), range(4), budget=200, first=10, confidence=0.9999)
    assert found.means[3] < found.means[0]
    assert found.chosen == 0
    assert found.gaps[3] > 0


@pytest.mark.parametrize("pairing", ["common", "independent"])
def test_ocba_keeps_its_budget_and_asks_once(pairing):
    """Runs sum to the budget at most; each replication is asked for once and without gaps."""
    sample = Fixed(Normal(np.linspace(0, 1, 12), correlation=0.5)(range(12), 0, 400))
    found = select_ocba(sample, range(12), budget=400, first=6, confidence=0.99999, pairing=pairing)
    assert found.runs.sum() == 400
    assert found.exhausted
    assert not found.reached
    wanted = {(c, r) for c, n in enumerate(found.runs.tolist()) for r in range(n)}
    assert len(sample.asked) == len(wanted)
    assert set(sample.asked) == wanted


def test_ocba_stops_early_when_sure():
    """A clear winner ends the work after the first stage."""
    found = select_ocba(Normal([0, 9, 9]), range(3), budget=10_000, first=10)
    assert found.runs.tolist() == [10, 10, 10]
    assert (found.chosen, found.reached, found.exhausted) == (0, True, False)
    assert found.survivors == (0,)


def test_candidates_keep_their_numbers():
    """Numbers given to candidates are those asked of the sampler and told as the choice."""
    sample = Normal([9, 9, 9, 0, 9, 1])
    for found in (
        select_ocba(sample, [5, 3, 1], budget=90),
        select_kn(sample, [5, 3, 1], indifference=0.5),
    ):
        assert found.chosen == 3
        assert found.candidates.tolist() == [5, 3, 1]
        assert found.gaps[1] == 0
        assert found.gaps[2] > found.gaps[0] > 0


def test_budget_of_kn_is_kept_and_said():
    """KN that runs out of budget returns the best so far, its guarantee gone."""
    means = np.full(6, 0.1)
    means[2] = 0.0
    found = select_kn(Normal(means), range(6), indifference=0.1, first=10, budget=500)
    assert found.runs.sum() <= 500
    assert found.runs.sum() > 494
    assert (found.exhausted, found.basis, found.reached) == (True, "bonferroni", False)
    assert len(found.survivors) > 1
    assert found.probability < 0.95


def test_larger_steps_mean_fewer_calls():
    """With steps of 10 the sampler is called a tenth as often for somewhat more runs."""
    sample = Normal([0, 0.3, 0.3], correlation=0.5)
    one = select_kn(sample, range(3), indifference=0.3)
    ten = select_kn(sample, range(3), indifference=0.3, step=10)
    assert one.chosen == ten.chosen == 0
    assert one.runs.sum() <= ten.runs.sum() <= one.runs.sum() + 60


@pytest.mark.parametrize("choose", [select_kn, select_ocba])
def test_identical_candidates(choose):
    """Two candidates that never differ are no endless race: either is right within the zone."""
    values = Normal([0.0, 0.0, 3.0])(range(3), 0, 200)
    values[1] = values[0]
    given = {"budget": 200} if choose is select_ocba else {}
    found = choose(Fixed(values), range(3), indifference=0.2, **given)
    assert found.chosen in {0, 1}
    assert found.reached
    assert found.gaps[:2].tolist() == [0.0, 0.0]


def test_tie_without_a_zone_is_a_toss_up():
    """Without a zone two that never differ give a probability of one half, said as not reached."""
    values = np.vstack([np.arange(30.0), np.arange(30.0)])
    found = select_ocba(Fixed(values), range(2), budget=60)
    assert found.probability == 0.5
    assert not found.reached
    assert found.survivors == (0, 1)


def test_intervals_of_a_selection_by_hand():
    """Means have their own Student limits; gaps those of pairs, shared out over k - 1."""
    values = Normal([0.0, 0.4, 0.8], correlation=0.5)(range(3), 0, 10)
    found = select_ocba(Fixed(values), range(3), budget=30, first=10)
    own = values[1].std(ddof=1) / math.sqrt(10) * student_t.ppf(0.975, 9)
    assert found.upper[1] - found.means[1] == pytest.approx(own)
    between = (values[1] - values[found.chosen]).std(ddof=1) / math.sqrt(10)
    reach = between * student_t.ppf(1 - 0.05 / 4, 9)
    assert found.gap_upper[1] - found.gaps[1] == pytest.approx(reach)


def test_screening_by_brute_force():
    """Block-wise screening keeps what a double loop over pairs keeps."""
    values = Normal(np.linspace(0, 3, 300), correlation=0.7)(range(300), 0, 6)
    kept = screen(values, confidence=0.9, indifference=0.1)
    quantile = student_t.ppf(1 - 0.1 / 299, 5)
    for row in range(0, 300, 7):
        difference = values[row] - values
        lead = difference.mean(axis=1)
        margin = quantile * difference.std(axis=1, ddof=1) / math.sqrt(6) - 0.1
        assert kept[row] == (not np.any(lead > np.maximum(margin, 0)))
    assert 0 < kept.sum() < 300


def test_variances_of_pairs_by_brute_force():
    """Variances of differences from one matrix product equal those of the differences."""
    values = Normal([0, 5, 5], correlation=0.9)(range(3), 0, 12) * 10 + 1e4
    found = difference_variances(values)
    for i in range(3):
        for j in range(3):
            expected = np.var(values[i] - values[j], ddof=1)
            assert found[i, j] == pytest.approx(expected, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    ("given", "codes"),
    [
        ({"candidates": [4]}, ["BW-EXP-003", "BW-EXP-007"]),
        ({"candidates": []}, ["BW-EXP-003"]),
        ({"candidates": [1, 2, 1]}, ["BW-EXP-010"]),
        ({"confidence": 1.0}, ["BW-EXP-004"]),
        ({"confidence": 0.0, "first": 1}, ["BW-EXP-002", "BW-EXP-004"]),
        ({"indifference": -1.0}, ["BW-EXP-005"]),
        ({"indifference": math.inf}, ["BW-EXP-005"]),
        ({"budget": 10}, ["BW-EXP-007"]),
        ({"step": 0}, ["BW-EXP-008"]),
    ],
)
@pytest.mark.parametrize("choose", [select_kn, select_ocba])
def test_bad_input_is_refused(choose, given, codes):
    """Everything wrong is told at once, before any run is made."""
    sample = Fixed(np.zeros((9, 9)))
    sound = {"candidates": [0, 1, 2], "budget": 60, "indifference": 1.0}
    if given.get("candidates") == [4]:
        sound["budget"] = 5
    arguments = {**sound, **given}
    with pytest.raises(BranchwiseError) as raised:
        choose(sample, arguments.pop("candidates"), **arguments)
    assert [problem.code for problem in raised.value.problems] == codes
    assert sample.asked == []


def test_kn_needs_a_zone_and_more_than_a_guess():
    """A zone of zero, a confidence of a blind guess and a full share of screening are refused."""
    for given in (
        {"indifference": 0.0},
        {"indifference": 1.0, "confidence": 1 / 3},
        {"indifference": 1.0, "screening": 1.0},
    ):
        with pytest.raises(BranchwiseError):
            select_kn(Normal([0, 1, 2]), range(3), **given)


def test_value_that_is_not_finite_names_candidate_and_replication():
    """A run without a value stops the selection and says which run it was."""
    values = np.zeros((3, 20))
    values[1, 4] = np.nan
    with pytest.raises(BranchwiseError, match=r"sampler \(1\): 1/4"):
        select_kn(Fixed(values), range(3), indifference=1.0)
