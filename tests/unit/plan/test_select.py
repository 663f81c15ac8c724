"""What packages are worth, which are chosen, and why the others are not."""

import itertools
import math
from dataclasses import replace

import pytest
from tests.unit.plan.proposals import LATE, LIBRARY, assuming, effect, option, text

from branchwise.core.errors import BranchwiseError
from branchwise.core.languages import LANGUAGES
from branchwise.optimise.portfolio import Begun, Limits, Locks, PortfolioProblem
from branchwise.plan import select as selecting
from branchwise.plan.proposal import Appraisal, Costs, Quantities, package_id
from branchwise.plan.select import (
    considered,
    decided_again,
    elderly_change,
    frontier,
    select,
    usual_bonus,
)
from branchwise.plan.why_not import Selection, why_not, why_not_at
from branchwise.plan.why_not_words import conflict_text

ELDERLY = "queues.elderly_wait_mean_seconds"
HOURS = "plan.waiting_hours_per_month"


def appraised(*options, late=None, half=1.0, standing="trusted", others=()):
    """Return what a package does to the customers who are late or lost."""
    codes = tuple(sorted(each.option_id for each in options))
    effects = () if late is None else (effect(LATE, 100.0, late, half), *others)
    return Appraisal(
        package_id=package_id(codes),
        branch_id=options[0].branch_id,
        option_ids=codes,
        standing=standing,
        effects=effects,
    )


def cost(once=0, yearly=0, saved=0):
    return Costs(once_minor=once, yearly_minor=yearly, saved_minor=saved, currency="CNY")


def consider(appraisals, options, costs=None, **values):
    given = {"service_value_per_visit": 20.0} | values
    return considered(
        appraisals,
        {each.option_id: each for each in options},
        {a.package_id: (costs or {}).get(a.package_id, cost()) for a in appraisals},
        library=LIBRARY,
        assumptions=assuming(**given),
        regions={"B1": "R1", "B2": "R2"},
    )


def test_worth_of_a_package_by_hand():
    """3 months × (30 visits × 20 yuan + 4 h × 10 yuan) in minor units; costs net of savings."""
    machine = option("machine", quantities=Quantities(devices_moved_in={"stm": 2}))
    tried = appraised(machine, late=-30.0, others=(effect(HOURS, 50.0, -4.0, 1.0),))
    prices = {tried.package_id: cost(once=500, yearly=80, saved=30)}
    found = consider([tried], [machine], prices, waiting_value_per_hour=10.0).candidates[0]
    assert found.benefit == pytest.approx(3 * (30 * 2_000 + 4 * 1_000))
    assert (found.once_minor, found.yearly_minor, found.region_id) == (500, 50, "R1")
    assert (found.lead_quarters, found.effort) == (2, {"it": 1.0, "procurement": 2.0})
    assert (found.late_or_lost_change, found.devices_moved_in) == (-30.0, {"stm": 2})


def test_package_adds_effort_and_waits_for_its_slowest_option():
    """Of two options the efforts are added and the longer lead counts."""
    both = option("machine"), option("convert")
    found = consider([appraised(*both, late=-5.0)], both).candidates[0]
    assert found.effort == {"it": 1.0, "procurement": 2.0, "training": 3.0}
    assert found.lead_quarters == 2


def test_what_chance_could_explain_counts_for_nothing_and_harm_counts():
    """A lucky package is refused, one that saves cash stays, its harm counted by the mean."""
    retime, convert = option("retime"), option("convert")
    lucky = appraised(retime, late=-0.5)
    saving = appraised(convert, late=0.5)
    prices = {saving.package_id: cost(saved=900)}
    found = consider([lucky, saving], [retime, convert], prices)
    assert found.refused == {lucky.package_id: "no_help"}
    assert found.candidates[0].benefit == -3 * 0.5 * 2_000
    assert found.candidates[0].late_or_lost_change == 0.5


def test_donor_of_a_device_is_a_candidate_though_it_helps_nobody_there():
    """Another branch may need what it gives away."""
    donor = option("retime", quantities=Quantities(devices_removed={"stm": 1}))
    found = consider([appraised(donor, late=0.0)], [donor])
    assert found.candidates[0].devices_removed == {"stm": 1}


def test_twins_that_are_not_believed_promise_nothing():
    """Untrusted and untried packages are refused by name."""
    one, two = option("retime"), option("retime", "B2")
    refused = consider([appraised(one, standing="not_trusted"), appraised(two)], [one, two]).refused
    assert sorted(refused.values()) == ["not_appraised", "not_trusted"]


def test_what_a_person_accepted_stays_a_candidate():
    """Also of a twin that is not believed; it counts with its costs alone."""
    one, two = option("retime"), option("retime", "B2")
    tried = [appraised(one, standing="not_trusted"), appraised(two, late=-0.5)]
    found = considered(
        tried,
        {each.option_id: each for each in (one, two)},
        {each.package_id: cost(once=7) for each in tried},
        library=LIBRARY,
        assumptions=assuming(),
        regions={},
        accepted=(one.option_id,),
    )
    assert found.refused == {two.option_id: "no_help"}
    kept = found.candidates[0]
    assert (kept.benefit, kept.once_minor, kept.late_or_lost_change) == (0.0, 7, 0.0)
    assert kept.region_id == "B1"


def test_where_only_waits_are_believed_the_late_count():
    """Without a figure of those who left, those served late stand for both, all for the elderly."""
    retime = option("retime")
    tried = replace(
        appraised(retime, late=-1.0, standing="waits_only"),
        effects=(
            effect("plan.late_per_month", 50.0, -9.0, 1.0),
            effect("queues.wait_mean_seconds", 300.0, 40.0, 5.0),
        ),
    )
    found = consider([tried], [retime]).candidates[0]
    assert (found.late_or_lost_change, found.elderly_change) == (-9.0, 40.0)


@pytest.mark.parametrize(
    ("difference", "half", "counts"),
    [(6.0, 5.0, 6.0), (6.0, 7.0, 0.0), (12.0, 50.0, 12.0), (-20.0, 1.0, -20.0), (-5.0, 1.0, 0.0)],
)
def test_longer_wait_of_the_elderly(difference, half, counts):
    """It counts where it is sure, or too long to be shrugged off."""
    tried = appraised(
        option("retime"), late=-9.0, others=(effect(ELDERLY, 99.0, difference, half),)
    )
    assert elderly_change(tried) == counts


def test_missing_assumption_is_named():
    """Without its weight no package has a worth."""
    retime = option("retime")
    with pytest.raises(BranchwiseError, match="BW-PLN-020"):
        consider([appraised(retime, late=-9.0)], [retime], service_value_per_visit=math.nan)


MACHINE, RETIME, CONVERT = option("machine"), option("retime"), option("convert")
OTHER, SLOW = option("machine", "B2"), option("retime", "B2")
ALL = (MACHINE, RETIME, CONVERT, OTHER, SLOW)


def selection(*, limits=None, locks=None, appraisals=None, **given):
    """Return two branches: at B1 a machine or new times, at B2 a dearer machine of more use."""
    tried = appraisals or (
        appraised(MACHINE, late=-40.0),
        appraised(RETIME, late=-10.0),
        appraised(CONVERT, late=-0.2),
        appraised(OTHER, late=-60.0),
        appraised(SLOW, late=-20.0, others=(effect(ELDERLY, 99.0, 30.0, 5.0),)),
    )
    prices = {MACHINE.option_id: cost(once=10_000), OTHER.option_id: cost(once=15_000)}
    problem = PortfolioProblem(
        candidates=consider(tried, ALL, prices).candidates,
        limits=limits or Limits(horizon_quarters=8, no_region_left_out=False),
        locks=locks or Locks(),
    )
    return Selection(
        problem=problem,
        decision=select(problem),
        options={each.option_id: each for each in ALL},
        appraisals=tried,
        library=LIBRARY,
        currency="CNY",
        **given,
    )


def reason(chosen, code, **given):
    answer = why_not(chosen, code, **given)
    assert all(answer.text.read_in(language) for language in LANGUAGES)
    assert "{" not in "".join(answer.text.read_in(language) for language in LANGUAGES)
    return answer


def test_chosen_and_the_weaker_package_of_the_branch():
    """Without limits the machine wins over new times by its worth less theirs."""
    free = selection()
    assert reason(free, MACHINE.option_id).reason == "chosen"
    answer = reason(free, RETIME.option_id)
    assert answer.reason == "another_package"
    machine, retime = 6 * 3 * 40 * 2_000 - 10_000, 8 * 3 * 10 * 2_000
    assert f"{(machine - retime) / 100:,.0f}" in answer.text.en
    assert "Machine" in answer.text.en


def test_budget_in_the_way_says_what_would_drop_out():
    """With money for one machine that of B2 wins; forcing in B1's costs B2 its own."""
    limits = Limits(capital_minor=15_000, horizon_quarters=8, no_region_left_out=False)
    poor = selection(limits=limits)
    assert [begun.candidate_id for begun in poor.decision.chosen] == [
        RETIME.option_id,
        OTHER.option_id,
    ]
    answer = reason(poor, MACHINE.option_id)
    assert (answer.reason, answer.limits) == ("limit", ("capital",))
    assert answer.dropped == tuple(sorted((RETIME.option_id, OTHER.option_id)))
    before = 8 * 3 * 10 * 2_000 + 6 * 3 * 60 * 2_000 - 15_000
    forced = 6 * 3 * 40 * 2_000 - 10_000
    assert answer.loss_lower <= before - forced <= answer.loss_upper
    assert answer.loss_upper - answer.loss_lower <= 2e-3 * before


def test_capacity_in_the_way():
    """Both machines want the two units of procurement of the one quarter."""
    limits = Limits(
        capacity={"procurement": 2.0}, quarters=1, horizon_quarters=8, no_region_left_out=False
    )
    answer = reason(selection(limits=limits), MACHINE.option_id)
    assert (answer.reason, answer.limits) == ("limit", ("capacity:procurement",))
    assert "procurement" in answer.text.en
    assert "採購" in answer.text.zh_hant


def test_elderly_no_help_and_rejected():
    """Each is answered with its figures."""
    free = selection(locks=Locks(rejected=(RETIME.option_id,)), reasons={RETIME.option_id: "Rent."})
    elderly = reason(free, SLOW.option_id)
    assert elderly.reason == "elderly"
    assert "30" in elderly.text.en
    helpless = reason(free, CONVERT.option_id)
    assert helpless.reason == "no_help"
    assert "-0.2" in helpless.text.en.replace("−", "-")
    rejected = reason(free, RETIME.option_id)
    assert rejected.reason == "rejected"
    assert rejected.text.zh_hant.endswith("Rent.")


def test_untrusted_says_what_mends_it():
    """What the validation advises is repeated."""
    tried = (appraised(MACHINE, standing="not_trusted"), appraised(RETIME, late=-10.0))
    chosen = selection(appraisals=tried, remedies={"B1": text("Load 60 days.")})
    answer = reason(chosen, MACHINE.option_id)
    assert answer.reason == "not_trusted"
    assert answer.text.en.endswith("Load 60 days.")
    assert reason(chosen, CONVERT.option_id).reason == "not_tried"


def test_dearer_than_its_worth():
    """A weight of nearly nothing makes a machine not worth its price."""
    chosen = selection()
    candidates = tuple(replace(found, benefit=1.0) for found in chosen.problem.candidates)
    cheap = replace(chosen.problem, candidates=candidates)
    answer = reason(replace(chosen, problem=cheap, decision=select(cheap)), MACHINE.option_id)
    assert answer.reason == "not_worth"


def test_locks_in_the_way():
    """What a person accepted at the branch keeps the rest out, by name."""
    locked = selection(locks=Locks(accepted=(RETIME.option_id,)))
    answer = reason(locked, MACHINE.option_id)
    assert answer.reason == "impossible"
    assert set(answer.limits) == {
        f"accepted:{RETIME.option_id}",
        f"accepted:{MACHINE.option_id}",
    }


def test_by_branch_and_intervention():
    """The chosen option of the kind is answered for; none of the kind is said; unknown refused."""
    free = selection()
    assert why_not_at(free, "B1", "machine").reason == "chosen"
    assert why_not_at(free, "B2", "convert").reason == "not_supported"
    for call in (lambda: why_not_at(free, "B1", "bank"), lambda: why_not(free, "B9:none:1:")):
        with pytest.raises(BranchwiseError, match="BW-PLN-006"):
            call()


def test_frontier_by_hand():
    """Free times first, then B1's machine at 10,000, B2's at 15,000, both at 25,000."""
    problem = selection().problem
    points = frontier(problem, budgets=(0, 10_000, 15_000, 25_000))
    assert [point.late_or_lost_avoided for point in points] == [10.0, 40.0, 70.0, 100.0]
    assert [point.spent_minor for point in points] == [0, 10_000, 15_000, 25_000]
    assert all(point.bound >= point.worth for point in points)
    usual = frontier(problem)
    assert [point.capital_minor for point in usual] == [2_500 * step for step in range(11)]
    assert usual[-1].worth == points[-1].worth
    assert all(a.worth <= b.worth for a, b in itertools.pairwise(usual))


def test_frontier_says_which_budget_is_too_small():
    """Where an accepted machine cannot be paid, the point names both."""
    problem = selection(locks=Locks(accepted=(OTHER.option_id,))).problem
    points = frontier(problem, budgets=(0, 15_000))
    assert points[0].conflict == (f"accepted:{OTHER.option_id}", "capital")
    assert points[1].status == "optimal"


def test_frontier_of_nothing():
    """Without candidates there is one point, of nothing."""
    points = frontier(PortfolioProblem(candidates=(), limits=Limits()))
    assert [(point.capital_minor, point.worth) for point in points] == [(0, 0.0)]


def test_deciding_again_keeps_the_rest():
    """After a rejection only the branch concerned changes, though the rest is nearly even."""
    chosen = selection()
    locks = Locks(rejected=(MACHINE.option_id,))
    bonus = usual_bonus(chosen.decision)
    again = select(decided_again(chosen.problem, chosen.decision, locks, stay_bonus=bonus))
    assert [begun.candidate_id for begun in again.chosen] == [RETIME.option_id, OTHER.option_id]
    assert Begun(candidate_id=OTHER.option_id, quarter=0) in again.chosen


def test_choice_that_breaks_its_limits_is_not_handed_out(monkeypatch):
    """What the second program finds stops the plan."""
    problem = selection().problem
    wrong = replace(select(problem), objective=1.0)
    monkeypatch.setattr("branchwise.optimise.solvers.portfolio.choose", lambda *_, **__: wrong)
    with pytest.raises(BranchwiseError, match="BW-PLN-005"):
        selecting.select(problem)


def test_conflict_in_words():
    """Several limits are listed, one alone is said to be out of reach; in every language."""
    several = conflict_text(("accepted:x", "capital", "capacity:it", "devices:stm", "region:R1"))
    assert "IT" in several.en
    assert "科技" in several.zh_hant
    assert "any one" in several.en
    assert "any one" not in conflict_text(("accepted:x",)).en
    assert "more time" in conflict_text(("accepted:x", "capital"), is_smallest=False).en
