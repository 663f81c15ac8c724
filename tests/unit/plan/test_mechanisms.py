"""Each mechanism against what a hand works out, and against the simulated branch."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from branchwise.core.languages import LANGUAGES
from branchwise.plan.applied import apply, apply_all, describes, what_if
from branchwise.plan.interventions import library
from branchwise.plan.mechanisms.diversion import machine_share_factor, sent_to_machines
from branchwise.plan.mechanisms.duty import hours_open, with_counts
from branchwise.plan.proposal import Option
from branchwise.twin.change import changed
from branchwise.twin.checks import require_sound
from branchwise.twin.example import CLOSES, HOUR, OPENS, corner_branch
from branchwise.twin.laws import Constant, Exponential
from branchwise.twin.measures import estimates
from branchwise.twin.run import simulate
from branchwise.twin.scenario import CustomerClass, Scenario, Station, Step

SETTINGS = {
    "staffing_plan": {"540": 1.0, "600": 3.0, "660": 2.0},
    "flexible_windows": {"waiting": 2.0, "further": 1.0, "delay_seconds": 90.0},
    "guide_at_peaks": {"service:cash": 0.2},
    "convert_teller": {"service:cash": 0.2},
    "appointments": {"no_show_share": 0.2, "early_seconds": 300.0},
    "central_authorisation": {"delay_seconds": 45.0},
    "opening_hours": {"opens_minutes": -30.0, "closes_minutes": 0.0, "moved_share": 0.5},
    "cross_training": {"queue:machine": 1.0},
}
TARGETS = {
    "add_device": "smart_counter", "move_device": "smart_counter",
    "remove_device": "smart_counter", "repair_contract": "smart_counter",
    "more_approvers": "approver", "central_authorisation": "approver",
    "elderly_priority": "", "opening_hours": "opens_earlier",
}  # fmt: skip


def branch():
    """Return the corner branch with its counter service known by a code."""
    found = corner_branch()
    cash, machine = found.activities
    return replace(found, activities=(replace(cash, service_id="cash"), machine))


def option(intervention, amount=1.0, **values):
    values.setdefault("target", TARGETS.get(intervention, "counter"))
    values.setdefault("settings", SETTINGS.get(intervention, {}))
    where = f"{values['target']}{values.get('window', '')}"
    return Option(
        option_id=f"corner:{intervention}:{amount:g}:{where}", branch_id="corner",
        intervention=intervention, amount=amount, lever=intervention, **values,
    )  # fmt: skip


def counts(steps):
    return [(step.at_second / HOUR, step.count) for step in steps]


def customers(scenario):
    """Return the mean customers of a day by class, appointments at their chance included."""
    hours = scenario.slot_seconds / 3600
    found = {one.name: sum(one.rates_per_hour) * hours for one in scenario.classes}
    for one in scenario.appointments:
        found[one.customer_class] += 1 - one.no_show
    return found


def first_activities(scenario):
    """Return the mean walk-ins of a day by class and first activity."""
    hours = scenario.slot_seconds / 3600
    return {
        (kind.name, name): sum(kind.rates_per_hour) * hours * share / sum(kind.mix.values())
        for kind in scenario.classes
        for name, share in kind.mix.items()
    }


def mean_wait(scenario, replications=300):
    result = simulate(scenario, replications=replications, seed=7)
    return next(
        one.value
        for one in estimates(result)
        if one.key == ("queues.wait_mean_seconds", None, None)
    )


@pytest.mark.parametrize("name", sorted(name for name, one in library().items() if one.mechanism))
def test_every_mechanism_leaves_a_sound_branch_that_differs(name):
    """What comes out can be simulated, is not the branch as it was, and gets a sentence."""
    done = option(name, library()[name].amounts[-1])
    after = apply(done, branch())
    require_sound(after)
    assert after != branch() or name == "elderly_priority"
    assert simulate(after, replications=2, seed=1).by_class["customers"].sum() > 0
    for sentence in describes(done):
        assert all("{" not in sentence.read_in(language) for language in LANGUAGES)
        assert sentence.en != sentence.zh_hant


@pytest.mark.parametrize("name", sorted(name for name, one in library().items() if one.mechanism))
def test_a_branch_without_what_is_changed_stays_as_it_is(name):
    """An option of other stations, pools and services changes nothing and raises nothing."""
    bare = Scenario(
        opens_second=OPENS, closes_second=CLOSES, ends_second=CLOSES,
        classes=(CustomerClass(name="a", rates_per_hour=(4.0,) * 4, mix={"talk": 1.0}),),
        activities=(replace(branch().activities[0], name="talk", queue="talk", requests=()),),
        stations=(
            Station(name="desk", tiers=(("talk",),), open=(Step(at_second=OPENS, count=1),)),
        ),
        rates_start_second=OPENS,
    )  # fmt: skip
    if name not in {"opening_hours", "elderly_priority"}:
        assert apply(option(name), bare) == bare


def test_more_windows_are_what_a_change_by_hand_gives():
    """One window more from 10:00 to 11:00 is ``--set station.counter.open=+1`` and of the limit."""
    one = option("more_windows", 1.0, window=(600, 660))
    by_hand = changed(branch(), [*what_if(one), "station.counter.limit=+1@10:00-11:00"])
    assert apply(one, branch()).stations == by_hand.stations
    assert counts(apply(one, branch()).stations[0].open) == [
        (9, 2),
        (10, 3),
        (11, 2),
        (12, 1),
        (14, 2),
    ]


def test_windows_are_cut_to_the_open_hours():
    """A window from 7:00 on opens at 9:00, when the doors do."""
    after = apply(option("more_windows", 2.0, window=(420, 600)), branch())
    assert counts(after.stations[0].open) == [(9, 4), (10, 2), (12, 1), (14, 2)]


def test_the_last_window_stays():
    """Three windows fewer leave one where nobody else serves the queue, else none."""
    fewer = option("fewer_windows", 3.0)
    after = apply(fewer, branch())
    assert counts(after.stations[0].open) == [(9, 1), (18, 2)]
    assert counts(after.stations[0].flexible.limit) == [(9, 1), (18, 3)]
    other = replace(branch().stations[0], name="other")
    helped = replace(branch(), stations=(*branch().stations, other))
    assert counts(apply(fewer, helped).stations[0].open) == [(18, 2)]
    off_duty = replace(other, open=(Step(at_second=OPENS, count=0),), flexible=None)
    alone = replace(branch(), stations=(*branch().stations, off_duty))
    assert apply(fewer, alone).stations[0].open[0].count == 1


def test_a_plan_by_the_clock_replaces_the_old_one():
    """The schedule is the settings; windows on call are never fewer than those on duty."""
    after = apply(option("staffing_plan"), branch()).stations[0]
    assert counts(after.open) == [(9, 1), (10, 3), (11, 2)]
    more = option("staffing_plan", settings={"540": 4.0, "600": 1.0})
    station = apply(more, branch()).stations[0]
    assert counts(station.flexible.limit) == [(9, 4), (10, 3)]
    plain = replace(branch().stations[0], flexible=None, open=(Step(at_second=OPENS, count=1),))
    alone = replace(branch(), stations=(plain, branch().stations[1]), ends_second=24 * HOUR)
    nobody = option("staffing_plan", settings={"540": 0.0})
    assert apply(nobody, alone).stations[0] == plain


def test_a_plan_may_differ_by_weekday():
    """Settings of a Monday hold on Mondays, the general ones on every other day."""
    plan = option("staffing_plan", settings={"540": 1.0, "1@540": 2.0, "1@600": 3.0})
    monday, tuesday = (apply(plan, branch(), iso_weekday=day).stations[0] for day in (1, 2))
    assert counts(monday.open) == [(9, 2), (10, 3), (18, 2)]
    assert counts(tuesday.open) == [(9, 1), (18, 2)]


def test_a_plan_keeps_windows_that_are_on_call_without_delay():
    """Three for the first second, then as planned: two of them wait for a queue."""
    steps = (Step(at_second=OPENS, count=3), Step(at_second=OPENS + 1, count=0))
    first = replace(branch().stations[0], open=steps)
    scenario = replace(branch(), stations=(first, branch().stations[1]))
    after = apply(option("staffing_plan", settings={"540": 1.0}), scenario).stations[0]
    assert [(step.at_second - OPENS, step.count) for step in after.open[:2]] == [(0, 3), (1, 1)]


def test_windows_on_call_take_the_sooner_rule():
    """Limit 3 becomes 4, called at 2 instead of 4, in 90 s instead of 180; a new rule likewise."""
    rule = apply(option("flexible_windows"), branch()).stations[0].flexible
    assert (counts(rule.limit), rule.waiting, rule.further) == ([(9, 4), (18, 3)], 2, 0)
    assert rule.delay == Constant(value=90.0)
    slower = {"waiting": 9.0, "further": 9.0, "delay_seconds": 900.0}
    kept = apply(option("flexible_windows", 0.0, settings=slower), branch())
    assert kept.stations[0].flexible == branch().stations[0].flexible
    plain = replace(
        branch(), stations=(replace(branch().stations[0], flexible=None), branch().stations[1])
    )
    new = apply(option("flexible_windows"), plain).stations[0].flexible
    assert counts(new.limit) == [(9, 3), (12, 2), (14, 3), (18, 2)]
    assert (new.waiting, new.delay.mean) == (2, 90.0)


def test_cross_training_adds_a_last_tier():
    """The counter serves machine customers after its own; training twice is training once."""
    after = apply(option("cross_training"), branch())
    assert after.stations[0].tiers == (("counter",), ("machine",))
    assert apply(option("cross_training"), after) == after


def test_machines_and_their_repair():
    """Two machines become four or one; half the repair time is half the mean, same shape."""
    add = apply(option("add_device", 2.0), branch()).stations[1]
    assert counts(add.open) == [(9, 4), (18, 2)]
    fewer = apply(option("remove_device", 5.0), branch()).stations[1]
    assert counts(fewer.open) == [(9, 1), (18, 2)]
    named = replace(branch().stations[1], members=("a", "b"))
    with_names = replace(branch(), stations=(branch().stations[0], named))
    assert (
        apply(option("repair_contract", 2.0), branch()).stations[1].failures.repair.mean == 2 * HOUR
    )
    assert apply(option("add_device", 1.0), with_names).stations[1].members == ("a", "b")


def test_repair_twice_as_fast_halves_the_time_down():
    """Down share = repair / (repair + working): 4 h in 244 h becomes 2 h in 242 h."""
    shares = []
    for scenario in (branch(), apply(option("repair_contract", 2.0), branch())):
        result = simulate(scenario, replications=4000, seed=3)
        down, opened = (
            result.by_station[key][:, 1].sum() for key in ("down_seconds", "open_seconds")
        )
        shares.append(down / opened)
    assert shares == pytest.approx([4 / 244, 2 / 242], rel=0.15)


def test_more_approvers_are_there_in_the_window():
    """One person becomes two from 10:00 to 11:00; a pool of many branches is left alone."""
    one = option("more_approvers", 1.0, window=(600, 660))
    assert counts(apply(one, branch()).pools[0].open) == [(9, 1), (10, 2), (11, 1)]
    shared = apply(option("central_authorisation"), branch())
    assert apply(one, shared) == shared


def test_central_authorisation_takes_its_delay_and_the_hold():
    """A teller then waits 45 s for the centre and 60 s for the check on average, busy or not."""
    result = simulate(apply(option("central_authorisation"), branch()), replications=2000, seed=5)
    asked = result.by_pool["requests"][:, 0].sum()
    assert result.by_pool["asking_seconds"][:, 0].sum() / asked == pytest.approx(105.0, rel=0.03)


def test_a_guide_sends_some_of_every_class_to_the_machines():
    """A fifth of the cash services of the day moves; nobody is lost; nine tenths are older cash."""
    before, after = (
        first_activities(branch()),
        first_activities(apply(option("guide_at_peaks"), branch())),
    )
    for kind in ("ordinary", "elderly"):
        moved = 0.2 * before[kind, "cash"]
        assert after[kind, "cash"] == pytest.approx(before[kind, "cash"] - moved)
        assert after[kind, "machine"] == pytest.approx(before[kind, "machine"] + moved)
    pools = apply(option("guide_at_peaks"), branch()).pools
    assert counts(pools[1].open) == [(9, 2), (18, 1)]


def test_diverted_customers_join_the_class_that_uses_machines():
    """In the first hour half of 14 ordinary customers an hour go to the class at machines."""
    people = tuple(replace(one, mix={"cash": 1.0}) for one in branch().classes)
    users = tuple(
        CustomerClass(name=name, rates_per_hour=(1.0,) * 32, mix={"machine": 1.0}, is_elderly=old)
        for name, old in (("self_service_elderly", True), ("self_service", False))
    )
    scenario = replace(branch(), classes=(*people, *users))
    after = sent_to_machines(scenario, {"cash": 0.5}, (OPENS, OPENS + HOUR))
    rates = {one.name: one.rates_per_hour for one in after.classes}
    assert rates["ordinary"][:5] == pytest.approx([7, 7, 7, 7, 22])
    assert rates["self_service"][:5] == pytest.approx([8, 8, 8, 8, 1])
    assert rates["self_service_elderly"][:5] == pytest.approx([4, 4, 4, 4, 1])
    assert sum(customers(after).values()) == pytest.approx(sum(customers(scenario).values()))
    assert machine_share_factor(scenario, after) == pytest.approx((16 + 7 + 3) / 16)


def test_a_converted_teller_leaves_the_window_for_the_lobby():
    """The window goes as by `fewer_windows`, the guide and the diversion as by `guide_at_peaks`."""
    after = apply(option("convert_teller"), branch())
    assert after.stations == apply(option("fewer_windows"), branch()).stations
    guided = apply(option("guide_at_peaks"), branch())
    assert (after.classes, after.pools) == (guided.classes, guided.pools)


def test_appointments_take_the_place_of_walk_ins():
    """Half of the counter's customers book; with a fifth not coming, 5/8 as many slots are held."""
    before = first_activities(branch())
    after = apply(option("appointments", 0.5), branch())
    at_counter = sum(count for (_, name), count in before.items() if name == "cash")
    assert len(after.appointments) == round(0.5 * at_counter / 0.8)
    assert sum(customers(after).values()) == pytest.approx(sum(customers(branch()).values()))
    walk_ins = first_activities(after)
    assert walk_ins["ordinary", "machine"] == pytest.approx(before["ordinary", "machine"])
    times = [one.at_second for one in after.appointments]
    assert times == sorted(times)
    assert min(times) >= OPENS
    assert max(times) < CLOSES
    first, second = (sum(time < middle for time in times) for middle in (13 * HOUR, CLOSES))
    assert abs(first - second / 2) <= 1


def test_simulated_appointments_bring_as_many_customers():
    """Over many days as many come as before, within four standard errors."""
    come = [
        simulate(one, replications=3000, seed=2).by_class["customers"].sum(axis=1)
        for one in (branch(), apply(option("appointments", 0.5), branch()))
    ]
    error = np.hypot(*(each.std() / np.sqrt(3000) for each in come))
    assert abs(come[0].mean() - come[1].mean()) < 4 * error


def test_opening_sooner_spreads_the_first_customers():
    """Half of the customers from 9:00 to 9:30 come from 8:30 to 9:00; windows open then too."""
    after = apply(option("opening_hours"), branch())
    rates = np.array(after.classes[0].rates_per_hour)
    assert rates[34:40].tolist() == [7, 7, 7, 7, 14, 14]
    assert after.opens_second == 8.5 * HOUR
    assert counts(after.stations[0].open) == [(8.5, 2), (12, 1), (14, 2)]
    assert customers(after) == pytest.approx(customers(branch()))


def test_closing_sooner_loses_who_does_not_come_at_another_time():
    """Of 6 an hour in the last half-hour 80 % come next morning: 2.4 of 3; the rest is lost."""
    settings = {"opens_minutes": 0.0, "closes_minutes": -30.0, "moved_share": 0.8}
    after = apply(option("opening_hours", settings=settings), branch())
    rates = np.array(after.classes[0].rates_per_hour)
    assert rates[66:68].tolist() == [0, 0]
    assert rates[36:39] == pytest.approx([14 + 4.8, 14 + 4.8, 14])
    assert customers(branch())["ordinary"] - customers(after)["ordinary"] == pytest.approx(0.6)
    assert (after.closes_second, after.ends_second) == (16.5 * HOUR, 17.5 * HOUR)
    # What stands after the old closing stays: nobody is there to be served.
    assert counts(after.stations[0].open)[-2:] == [(17.5, 0), (18, 2)]


def test_closing_later_and_opening_later():
    """New evening hours take a share of the last; a later door sends the early ones behind it."""
    later = {"opens_minutes": 30.0, "closes_minutes": 30.0, "moved_share": 0.5}
    after = apply(option("opening_hours", settings=later), branch())
    rates = np.array(after.classes[0].rates_per_hour)
    assert rates[36:41].tolist() == [0, 0, 21, 21, 22]
    assert rates[64:70].tolist() == [6, 6, 3, 3, 3, 3]
    assert counts(after.stations[0].open)[0] == (9.5, 2)


def test_hours_that_cannot_be_are_left():
    """A branch does not close before it opens, nor after midnight."""
    for closes in (-600.0, 600.0):
        settings = {"opens_minutes": 0.0, "closes_minutes": closes, "moved_share": 1.0}
        assert apply(option("opening_hours", settings=settings), branch()) == branch()


def test_older_customers_are_called_first():
    """Elderly priority rises above the highest of the others and never falls."""
    vip = replace(branch().classes[0], name="vip", priority=2)
    after = apply(option("elderly_priority"), replace(branch(), classes=(*branch().classes, vip)))
    assert [one.priority for one in after.classes] == [0, 3, 2]
    assert apply(option("elderly_priority"), after) == after


def test_an_option_of_a_weekday_holds_on_that_day_only():
    """By the weekday given or by the scenario's name; the mean day is changed."""
    monday = option("more_windows", iso_weekdays=(1,))
    assert apply(monday, branch(), iso_weekday=2) == branch()
    tuesday = replace(branch(), name="weekday_2")
    assert apply(monday, tuesday) == tuesday
    assert apply(monday, replace(branch(), name="weekday_1")).stations[0].open[0].count == 3
    assert apply(monday, branch()).stations[0].open[0].count == 3


def test_what_the_twin_cannot_try_changes_nothing():
    """An intervention without mechanism leaves the branch and says by what it works."""
    audit = option("empty_call_audit")
    assert apply(audit, branch()) == branch()
    assert describes(audit)[0] == library()["empty_call_audit"].works
    assert what_if(audit) == ()


def test_a_package_does_not_depend_on_the_order_of_its_options():
    """A plan by the clock and two additions give one branch in every order."""
    options = [
        option("staffing_plan"), option("more_windows", window=(600, 660)),
        option("flexible_windows"), option("opening_hours"), option("appointments", 0.3),
        option("guide_at_peaks"),
    ]  # fmt: skip
    wanted = apply_all(options, branch())
    assert all(apply_all(order, branch()) == wanted for order in list(permutations(options))[::37])
    assert counts(wanted.stations[0].open)[:4] == [(8.5, 2), (9, 1), (10, 4), (11, 2)]


@pytest.mark.parametrize(
    "done",
    [
        option("more_windows"), option("flexible_windows"), option("more_approvers"),
    ],
    ids=lambda one: one.intervention,
)  # fmt: skip
def test_what_should_help_helps(done):
    """On the same days the mean wait is shorter with it."""
    assert mean_wait(apply(done, branch())) < mean_wait(branch())


def test_a_guide_shortens_the_queue_at_the_counter():
    """On the same days fewer wait at the counter, whatever happens in front of the machines."""
    waiting = [
        simulate(one, replications=300, seed=7).waiting[0].sum()
        for one in (branch(), apply(option("guide_at_peaks"), branch()))
    ]
    assert waiting[1] < waiting[0]


def test_fewer_windows_cost_waiting():
    """On the same days the mean wait is longer with a window fewer."""
    assert mean_wait(apply(option("fewer_windows"), branch())) > mean_wait(branch())


def test_counts_within_a_stretch():
    """Another number holds from the first second to before the last; nothing is empty of steps."""
    plan = (Step(at_second=10.0, count=1), Step(at_second=20.0, count=3))
    found = with_counts(plan, (15.0, 25.0), lambda old, _: old + 1)
    assert [(step.at_second, step.count) for step in found] == [(10, 1), (15, 2), (20, 4), (25, 3)]
    assert with_counts(plan, (15.0, 15.0), lambda *_: 9) == plan
    assert with_counts((), (0.0, 9.0), lambda *_: 0) == (Step(at_second=0.0, count=0),)
    assert hours_open(found, (0.0, 3600.0)) == pytest.approx((5 + 10 + 20 + 3 * 3575) / 3600)


def test_a_law_of_exponential_delay_has_its_mean():
    """The central pool's law is the exponential one of the mean that the option names."""
    pool = apply(option("central_authorisation"), branch()).pools[0]
    assert (pool.open, pool.delays) == ((), (Exponential(mean=45.0),))
