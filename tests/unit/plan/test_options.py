"""From findings to options: where, which sizes, in which order, and what they add."""

from dataclasses import replace

import numpy as np
import pytest

from branchwise.plan.applied import apply
from branchwise.plan.branch_facts import BranchFacts, facts_of, post_of
from branchwise.plan.interventions import library
from branchwise.plan.loads import Group, groups_of, offered_load_of
from branchwise.plan.model import Finding, Part, Spot
from branchwise.plan.option_parts import inside_share, peak_window
from branchwise.plan.options import concerns, options_of, raised_by, situation_of
from branchwise.plan.options_schedule import planned_by_load, rounded
from branchwise.tables.assumptions import default_assumptions
from branchwise.twin.checks import require_sound
from branchwise.twin.example import HOUR, OPENS, corner_branch
from branchwise.twin.laws import Constant
from branchwise.twin.scenario import (
    Activity,
    CustomerClass,
    Flexible,
    Scenario,
    ServiceLaw,
    Station,
    Step,
)

ASSUMPTIONS = default_assumptions()


def finding(measure="queues.wait_p90_seconds", theme="waiting", branch="corner", **values):
    given = {
        "finding_id": f"{branch}|{measure}", "branch_id": branch, "measure": measure,
        "theme": theme, "kind": "standard", "value": 900.0, "lower": None, "upper": None,
        "reference": 600.0, "count_rows": 100, "worse_ratio": 1.5, "severity": "high",
        "p_value": None, "q_value": None,
    }  # fmt: skip
    return Finding(**(given | values))


def corner(**values):
    scenario = corner_branch()
    cash, machine = scenario.activities
    scenario = replace(scenario, activities=(replace(cash, service_id="cash"), machine))
    return facts_of("corner", scenario, region_id="R1", migratable=frozenset({"cash"}), **values)


def options(findings, facts=None, most=40):
    return options_of(facts or corner(), findings, library(), ASSUMPTIONS, most=most)


def names(found):
    return {one.intervention for one in found}


def one_queue(open_steps, rates, *, service=600.0, flexible=None):
    """Return a branch of one queue and one kind of window, rates by the hour from 9:00 on."""
    return Scenario(
        branch_id="corner", opens_second=OPENS, closes_second=OPENS + len(rates) * HOUR,
        ends_second=OPENS + len(rates) * HOUR, rates_start_second=OPENS,
        classes=(
            CustomerClass(
                name="all", mix={"talk": 1.0},
                rates_per_hour=tuple(rate for rate in rates for _ in range(4)),
            ),
        ),
        activities=(
            Activity(
                name="talk", queue="teller", services=(ServiceLaw(law=Constant(value=service)),)
            ),
        ),
        stations=(
            Station(name="teller", tiers=(("teller",),), open=open_steps, flexible=flexible),
        ),
    )  # fmt: skip


def test_the_window_goes_where_most_wait():
    """Customers come from 11 to 12 only, and wait then: that is in the block of two hours."""
    facts = facts_of(
        "corner", one_queue((Step(at_second=OPENS, count=1),), (0.0, 0.0, 12.0, 0.0, 0.0))
    )
    found = options([finding()], facts)
    first = next(one for one in found if one.intervention == "more_windows")
    assert first.target == "teller"
    assert first.window[0] <= 11 * 60 + 15
    assert first.window[1] >= 12 * 60 + 15
    assert first.quantities.hours_added == {"teller": 2.0 * 5}
    start, end = (f"{minute // 60:02d}:{minute % 60:02d}" for minute in first.window)
    assert first.option_id == f"corner:more_windows:1:teller@{start}-{end}"


def test_the_worst_weekday_gets_an_option_of_its_own():
    """A spot on Monday 9:30 to 10:00 with a fifth of all late visits: Monday 8:45 to 10:45."""
    spot = Spot(
        branch_id="corner", hits="late", iso_weekday=1, starts_minute=570, ends_minute=600,
        business_line=None, share=0.2, customers_affected=9.0, authorisation_share=None,
        windows_short=1,
    )  # fmt: skip
    found = [one for one in options([finding(spot=spot)]) if one.iso_weekdays]
    assert {one.window for one in found} == {(525, 645)}
    assert {one.iso_weekdays for one in found} == {(1,)}
    # From the opening at 9:00 to 10:45, on one day.
    assert found[0].quantities.hours_added == {"teller": 1.75}
    weak = [finding(spot=replace(spot, share=0.05))]
    assert not any(one.iso_weekdays for one in options(weak))


def test_a_finding_of_the_whole_bank_raises_options_at_the_branches_it_names():
    """Named as a part: yes; another branch: no; a region without parts: its branches."""
    bank = finding(branch="*", parts=(Part(role="breaks", code="corner", amount=900.0),))
    other = finding(branch="*", parts=(Part(role="breaks", code="X", amount=900.0),))
    facts = BranchFacts(branch_id="corner", region_id="R1")
    assert concerns(facts, bank)
    assert not concerns(facts, other)
    assert not concerns(facts, finding(branch="*"))
    assert concerns(facts, finding(branch="region:R1"))
    assert not concerns(facts, finding(branch="region:R2"))
    assert options([other]) == ()
    assert options([bank])[0].finding_ids == (bank.finding_id,)


def test_who_has_too_much_gives_back_and_who_has_too_little_gets():
    """By parts, by idle measures and by cost; never a window more and a window fewer at once."""
    idle = finding("queues.utilisation_share", "staffing")
    short = finding("staff.demand_cover_share", "staffing")
    assert (situation_of("corner", idle), situation_of("corner", short)) == ("spare", "short")
    shared = finding(
        "equity.staff_gini", "staffing", branch="*",
        parts=(Part(role="spare", code="corner", amount=2), Part(role="short", code="B", amount=2)),
    )  # fmt: skip
    assert (situation_of("corner", shared), situation_of("B", shared)) == ("spare", "short")
    quiet = replace(
        corner(), scenario=one_queue((Step(at_second=OPENS, count=4),), (2.0,) * 8), groups=()
    )
    assert "fewer_windows" in names(options([idle], quiet))
    assert "more_windows" not in names(options([idle], quiet))
    assert "fewer_windows" not in names(options([short]))


def test_fewer_windows_close_in_the_run_that_the_others_carry():
    """Load 1/3 Erlang until 12:00 and then 2: of three windows one closes from 9:00 to 12:15.

    Two must carry the load and its root: 2 >= m + sqrt(m), so m <= 1. The modified offered load
    of a constant service of 600 s from 12:00 on is 1/3 + t / 600 x 5/3; its mean over the first
    quarter-hour is above 1.
    """
    rates = (2.0, 2.0, 2.0, 12.0, 12.0)
    scenario = one_queue(
        (Step(at_second=OPENS, count=3), Step(at_second=14 * HOUR, count=0)), rates
    )
    facts = facts_of("corner", scenario)
    idle = [finding("queues.utilisation_share", "staffing")]
    found = [one for one in options(idle, facts) if one.intervention == "fewer_windows"]
    assert [(one.amount, one.window) for one in found] == [(1, (540, 720)), (2, (540, 720))]
    assert [one.quantities.hours_freed for one in found] == [{"teller": 15.0}, {"teller": 30.0}]


def test_devices_move_from_who_has_too_many_to_who_has_too_few():
    """The donor may remove, the receiver may move in; nobody does both."""
    shared = finding(
        "equity.devices_gini", "devices", branch="*",
        parts=(Part(role="spare", code="A", amount=1), Part(role="short", code="corner", amount=1)),
    )  # fmt: skip
    receiver = options([shared])
    assert names(receiver) == {"add_device", "move_device"}
    moved = next(one for one in receiver if one.intervention == "move_device")
    assert moved.quantities.devices_moved_in == {"smart_counter": 1}
    donor = replace(corner(), branch_id="A")
    assert names(options([shared], donor)) == {"remove_device"}
    lonely = replace(donor, devices={"smart_counter": 1})
    assert options([shared], lonely) == ()


def test_repair_covers_the_machines_that_are_there():
    """Availability below the standard: a contract for both machines, no hours."""
    found = options([finding("devices.availability_share", "devices")])
    repairs = [one for one in found if one.intervention == "repair_contract"]
    assert [one.amount for one in repairs] == [2.0, 3.0]
    assert repairs[0].quantities.devices_covered == {"smart_counter": 2}
    sound = corner_branch()
    never = replace(sound, stations=(sound.stations[0], replace(sound.stations[1], failures=None)))
    without = facts_of("corner", never)
    found = options([finding("devices.availability_share", "devices")], without)
    assert "repair_contract" not in names(found)


def test_authorising_hours_move_to_the_centre():
    """15 % of the cash services of a mean day, 60 s each, on five days."""
    found = options([finding("queues.authorisation_mean_seconds", "authorisation")])
    central = next(one for one in found if one.intervention == "central_authorisation")
    customers = {"ordinary": 122.0, "elderly": 18.5}
    cash = customers["ordinary"] * (0.45 + 0.055) + customers["elderly"] * (0.9 + 0.01)
    hours = 5 * cash * 0.15 * 60 / 3600
    assert central.quantities.hours_freed["supervisor"] == pytest.approx(hours, abs=1e-3)
    assert central.quantities.hours_added == central.quantities.hours_freed
    assert central.settings["delay_seconds"] == ASSUMPTIONS.value("central_authorisation_seconds")
    approvers = [one for one in found if one.intervention == "more_approvers"]
    assert approvers[0].window is None
    assert approvers[0].quantities.hours_added == {"supervisor": 40.0}


def test_a_guide_needs_machines_and_services_that_can_go_there():
    """With machines and a migratable service there is one; without either there is none."""
    raised = [finding("channels.diversion_ratio", "migration")]
    assert {"guide_at_peaks"} <= names(options(raised))
    assert "guide_at_peaks" not in names(options(raised, replace(corner(), migratable=frozenset())))
    settings = next(one for one in options(raised) if one.intervention == "guide_at_peaks").settings
    assert settings == {"service:cash": ASSUMPTIONS.value("guide_diverted_share")}


def test_a_lacking_skill_trains_who_does_not_serve_it():
    """Nobody holds the skill of the machine queue: the counter learns it, its three people."""
    lacking = finding(
        "staff.skill_cover_share",
        "skills",
        parts=(Part(role="unheld", code="machine", amount=9.0),),
    )
    found = options([lacking])
    assert names(found) == {"cross_training"}
    assert found[0].settings == {"queue:machine": 1.0}
    assert found[0].quantities.people_trained == 3


def test_the_order_is_by_size_then_gravity_then_library():
    """First sizes before second ones; in them the graver finding first; at most so many."""
    light = finding(severity="low", rank=9)
    grave = finding("queues.authorisation_mean_seconds", "authorisation", severity="high", rank=1)
    found = options([light, grave])
    assert found[0].intervention in {"central_authorisation", "more_approvers"}
    again = [one.intervention for one in found]
    assert len(set(again[: len(set(again))])) == len(set(again))
    assert options([light, grave], most=3) == found[:3]
    assert options([grave, light]) == found
    gaming = finding("queues.empty_call_share", "gaming")
    assert options([gaming, grave], most=1)[-1].intervention == "empty_call_audit"


def test_without_a_twin_options_are_named():
    """Nothing is sized, but nothing is kept quiet: the interventions of the theme are there."""
    found = options([finding()], BranchFacts(branch_id="corner"))
    assert {"more_windows", "flexible_windows", "appointments"} <= names(found)
    assert all(one.target == "" and not one.quantities.hours_added for one in found)
    assert len({one.option_id for one in found}) == len(found)


def test_nothing_found_nothing_to_do():
    """No findings, no options; an unknown theme raises nothing."""
    assert options([]) == ()
    assert raised_by(corner(), [finding(theme="risk")], library()["more_windows"]) == ()


def test_every_option_is_sound_and_levers_tell_what_excludes_what():
    """The branch can be simulated; two options on the duty of a station share a lever."""
    raised = [
        finding(), finding("devices.availability_share", "devices"),
        finding("queues.authorisation_mean_seconds", "authorisation"),
        finding("queues.elderly_wait_mean_seconds", "elderly"),
        finding("channels.diversion_ratio", "migration"),
    ]  # fmt: skip
    facts = corner()
    found = options(raised, facts)
    assert len(found) > 12
    for one in found:
        require_sound(apply(one, facts.scenario))
    duty = {one.lever for one in found if one.intervention in {"more_windows", "staffing_plan"}}
    assert duty == {"duty|counter"}


def test_duty_follows_the_load_within_the_hours_of_today():
    """Six hours on duty for a load of 1 and then 4 Erlang: hand-worked square-root staffing.

    Blocks of half an hour, loads 1 1 4 4, 3 on duty each: 12 in all. Load 10, roots 6: a third of
    the root is added: 4/3 4/3 14/3 14/3. Rounded to 12 with at least 1 and at most 5 each:
    1 1 5 5.
    """
    load, planned = np.zeros(96), np.zeros(96, dtype=np.int64)
    load[36:40], load[40:44], planned[36:44] = 1.0, 4.0, 3
    call = Flexible(limit=(Step(at_second=OPENS, count=5),), waiting=2, delay=Constant(value=60.0))
    steps = (Step(at_second=OPENS, count=3), Step(at_second=11 * HOUR, count=0))
    station = Station(name="teller", tiers=(("teller",),), open=steps, flexible=call)
    group = Group(
        queues=("teller",), stations=("teller",), load=load, planned=planned, present=planned
    )
    plan = planned_by_load((36, 44), group, station)
    assert plan[36:44].tolist() == [1, 1, 1, 1, 5, 5, 5, 5]
    assert plan.sum() == planned.sum()


def test_an_odd_number_of_quarter_hours_until_midnight():
    """A day from 6:45 to 24:00 has 69 quarter-hours: the first keeps its two on duty."""
    load = np.zeros(96)
    load[28:96] = 1.0
    planned = np.zeros(96, dtype=np.int64)
    planned[27:96] = 2
    station = Station(
        name="teller", tiers=(("teller",),), open=(Step(at_second=6.75 * HOUR, count=2),)
    )
    group = Group(queues=("t",), stations=("teller",), load=load, planned=planned, present=planned)
    plan = planned_by_load((27, 96), group, station)
    assert plan[27] == 2
    assert plan.sum() == planned.sum()
    assert (plan[28:96] >= 1).all()


def test_the_only_window_of_a_queue_stays_open():
    """Nobody comes after 10: others are there still, but for the queue one window stays.

    Six half-hours on duty, at most two at a time: four go to the two blocks until 10:00, two are
    left for the four blocks after it, unless each of these needs one.
    """
    load, planned = np.zeros(96), np.full(96, 3, dtype=np.int64)
    load[36:40] = 3.0
    steps = (Step(at_second=10.5 * HOUR, count=2), Step(at_second=12 * HOUR, count=0))
    station = Station(name="teller", tiers=(("teller",),), open=steps)
    group = Group(
        queues=("t",), stations=("teller", "x"), load=load, planned=planned, present=planned
    )
    alone = planned_by_load((36, 48), group, station, is_alone=True)[36:48:2]
    assert alone.tolist() == [1, 1, 1, 1, 1, 1]
    free = planned_by_load((36, 48), group, station)[36:48:2]
    assert (free[:2].tolist(), free[2:].sum()) == ([2, 2], 2)


def test_rounding_keeps_sum_and_limits():
    """Against all whole vectors: none within the limits and of the sum is nearer."""
    chance = np.random.default_rng(3)
    for _ in range(50):
        wanted = chance.uniform(-1, 5, 3)
        least, most = np.array([0, 1, 0]), np.array([3, 4, 2])
        total = int(chance.integers(1, 10))
        found = rounded(wanted, total, least, most)
        assert ((found >= least) & (found <= most)).all()
        grid = np.stack(
            np.meshgrid(*[np.arange(a, b + 1) for a, b in zip(least, most, strict=True)])
        )
        every = grid.reshape(3, -1).T
        every = every[every.sum(axis=1) == found.sum()]
        assert found.sum() == min(max(total, least.sum()), most.sum())
        best = ((every - wanted) ** 2).sum(axis=1).min()
        assert ((found - wanted) ** 2).sum() == pytest.approx(best)


def test_the_offered_load_is_that_of_the_integral():
    """12 an hour of 600 s: 2 Erlang after ten minutes, 1.33 on average in the first quarter."""
    scenario = one_queue((Step(at_second=OPENS, count=3),), (12.0, 12.0))
    load = offered_load_of(scenario, ("teller",), list(scenario.stations))
    assert load[36] == pytest.approx(2 * (1 - 1 / 3), rel=0.02)
    assert load[37:44] == pytest.approx(2.0, rel=1e-6)
    assert load[44] == pytest.approx(2 / 3, rel=0.03)
    assert groups_of(scenario)[0].planned[36:44].tolist() == [3] * 8


def test_peaks_and_shares_by_hand():
    """Two hours around the fullest; its share; nobody waits: no peak."""
    waiting = np.zeros(96)
    waiting[40], waiting[60] = 3.0, 1.0
    window = peak_window(waiting, 8)
    assert window[0] <= 600 < window[1]
    assert window[1] - window[0] == 120
    assert inside_share(waiting, window) == 0.75
    assert peak_window(np.zeros(96), 8) is None
    assert inside_share(np.zeros(96), (0, 60)) == 0.0


def test_posts_by_queue():
    """Whose hours they are: tellers, corporate tellers, advisers."""
    desk = corner_branch().stations[0]
    wanted = {
        ("teller", "loan"): "teller",
        ("corporate",): "corporate_teller",
        ("loan", "wealth"): "advisor",
    }
    for queues, post in wanted.items():
        assert post_of(replace(desk, tiers=(queues,))) == post
