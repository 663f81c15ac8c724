"""Days small enough to be worked out with a pencil: every rule of `scenario` at least once.

Each is lived through by the kernel and by the event list of this folder. Customers are told by
when they leave, how long they waited and how they end; stays at servers by station, number of the
server, beginning and end of the service.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.oracle.twin.paths import by_event_list, by_kernel
from tests.oracle.twin.scenarios import activity, comes, day, people, station, steps

from branchwise.twin.laws import Constant
from branchwise.twin.scenario import (
    Appointment,
    Balking,
    Entrance,
    Failures,
    Flexible,
    Pool,
    Request,
    Route,
    ServiceLaw,
    Serving,
    Start,
    Waiting,
)

TEN, TWENTY, THIRTY = Constant(value=10.0), Constant(value=20.0), Constant(value=30.0)


@pytest.fixture(params=[by_kernel, by_event_list], ids=["kernel", "event list"])
def told(request):
    """Return what tells a day: the customers in order of entering, and the served stays."""

    def tell(scenario):
        path = request.param(scenario)
        ends = [(person.left, person.wait, person.outcome) for person in path.persons]
        stays = [
            (visit.station, visit.member, visit.started, visit.ended)
            for visit in path.visits
            if visit.station
        ]
        return ends, sorted(stays, key=lambda stay: (stay[2], stay[3], stay[:2]))

    return tell


def test_who_is_not_called_within_the_patience_leaves(told):
    """Rule 4: first come, first served; at the very second of the deadline it is too late.

    One teller, 60 s each, patience 50 s. 0: served 0-60. 10: gives up at 60, just when the teller
    is free. 20: called at 60 after 40 s, till 120. 30: gives up at 80. 130: served at once.
    """
    ends, stays = told(
        day(
            classes=(people(patience=Constant(value=50.0)),),
            given=tuple(comes(second) for second in (0, 10, 20, 30, 130)),
        )
    )
    assert ends == [
        (60, 0, "served"),
        (60, 50, "abandoned"),
        (120, 40, "served"),
        (80, 50, "abandoned"),
        (190, 0, "served"),
    ]
    assert stays == [("teller", 0, 0, 60), ("teller", 0, 60, 120), ("teller", 0, 130, 190)]


def test_tickets_priorities_and_balking(told):
    """Rules 2, 3 and 4: one machine of 10 s; who comes at 0, 2, 4, 5 has tickets of 10, 20, 30, 40.

    The first is served 10-70. The second waits from 20; the VIP, waiting from 30, is called before
    at 70, till 130; the second is called at 130 after 110 s, till 190. The fourth, who turns round
    behind two, sees two and leaves at 40.
    """
    ends, _ = told(
        day(
            classes=(
                people(),
                people("vip", priority=1),
                people("hasty", balking=Balking(shares=(0.0, 0.0, 1.0))),
            ),
            entrance=Entrance(machines=1, service=TEN),
            given=(comes(0), comes(2), comes(4, "vip"), comes(5, "hasty")),
        )
    )
    assert ends == [
        (70, 0, "served"),
        (190, 110, "served"),
        (130, 40, "served"),
        (40, 0, "balked"),
    ]


def test_two_ticket_machines_serve_in_order_of_arrival(told):
    """Rule 2: with two machines of 10 s, arrivals at 0, 1, 2 have tickets at 10, 11 and 20.

    Three tellers: served at once, till 70, 71, 80.
    """
    ends, stays = told(
        day(
            stations=(station(servers=3),),
            entrance=Entrance(machines=2, service=TEN),
            given=(comes(0), comes(1), comes(2)),
        )
    )
    assert [left for left, _, _ in ends] == [70, 71, 80]
    assert [stay[1:3] for stay in stays] == [(0, 10), (1, 11), (2, 20)]


def test_who_joins_takes_the_server_meant_for_them_first(told):
    """Rules 5 and 6: the tier, then fewer queues, then the place; free desks serve their first.

    Stations: VIP desk (VIP, else cash), all-rounder (cash and VIP alike), two tellers (cash).
    Cash at 0: first tier of teller and all-rounder; the tellers serve fewer queues: teller 0. At 1:
    teller 1. At 2: all-rounder. At 3: VIP desk, which helps. At 4 waits, and so does a VIP at 5.
    At 60 teller 0 takes the cash customer, at 62 the all-rounder the VIP. Cash at 6 and VIP at 7:
    teller 1 takes cash at 61, though the VIP desk would too; the VIP desk at 63 takes the VIP.
    """
    ends, stays = told(
        day(
            classes=(people(), people("vip", mix={"wealth": 1.0})),
            activities=(activity(), activity("wealth")),
            stations=(
                station("vip desk", tiers=(("wealth",), ("cash",))),
                station("all-rounder", tiers=(("cash", "wealth"),)),
                station(servers=2),
            ),
            given=(
                *(comes(second) for second in (0, 1, 2, 3, 4)),
                comes(5, "vip", "wealth"),
                comes(6),
                comes(7, "vip", "wealth"),
            ),
        )
    )
    assert stays == [
        ("teller", 0, 0, 60),
        ("teller", 1, 1, 61),
        ("all-rounder", 0, 2, 62),
        ("vip desk", 0, 3, 63),
        ("teller", 0, 60, 120),
        ("teller", 1, 61, 121),
        ("all-rounder", 0, 62, 122),
        ("vip desk", 0, 63, 123),
    ]
    assert [wait for _, wait, _ in ends] == [0, 0, 0, 0, 56, 57, 55, 56]


def test_servers_finish_before_they_close(told):
    """Rule 9: three tellers, one from 30, two from 50; all busy at 30.

    At 30 the highest two are marked; at 50 the lower of them stays after all. Waiting from 3, 4, 5:
    called at 60 by teller 0, at 61 by teller 1; teller 2 closes at 62; the last at 120 by teller 0.
    At 130, two open: teller 0 busy till 180, teller 1 idle since 121. At 140 one is on duty: the
    idle teller 1 closes; who comes at 150 waits for teller 0.
    """
    ends, stays = told(
        day(
            stations=(station(servers=steps((0, 3), (30, 1), (50, 2), (140, 1))),),
            given=tuple(comes(second) for second in (0, 1, 2, 3, 4, 5, 150)),
        )
    )
    assert stays == [
        ("teller", 0, 0, 60),
        ("teller", 1, 1, 61),
        ("teller", 2, 2, 62),
        ("teller", 0, 60, 120),
        ("teller", 1, 61, 121),
        ("teller", 0, 120, 180),
        ("teller", 0, 180, 240),
    ]
    assert ends[-1] == (240, 30, "served")


def test_the_day_ends(told):
    """Rule 11: the end at 100. Served 0-60; served 60-120, but the next queue is closed by then;
    waiting since 20: sent away at 100; who comes at 110 is sent away at once.
    """
    ends, _ = told(
        day(
            ends_second=100.0,
            activities=(
                activity(routes=(Route(to="advice", share=1.0),)),
                activity("advice", 5.0),
            ),
            stations=(station(), station("adviser", tiers=(("advice",),))),
            given=tuple(comes(second) for second in (0, 10, 20, 110)),
        )
    )
    assert ends == [
        (65, 0, "served"),
        (120, 50, "sent_away"),
        (100, 80, "sent_away"),
        (110, 0, "sent_away"),
    ]


def test_a_second_person_is_held(told):
    """Rule 7: two tellers, one approver, asked for in the middle of 60 s and held for 20 s.

    0: asks at 30, goes on at 50, ends at 80. 10: asks at 40, waits till 50, goes on at 70, ends at
    100.
    """
    _, stays = told(
        day(
            activities=(activity(requests=(Request(pool="approver", hold=TWENTY),)),),
            stations=(station(servers=2),),
            pools=(Pool(name="approver", open=steps((0, 1))),),
            given=(comes(0), comes(10)),
        )
    )
    assert [stay[2:] for stay in stays] == [(0, 80), (10, 100)]


def test_answers_from_elsewhere_take_their_delay(told):
    """Rule 7: a central pool that takes 10 s before second 100 and 30 s after; a request at the end
    of the service (60 s), held for 20 s: 0: asks at 60, ends at 90. 45: asks at 105, ends at 155.
    """
    asking = (Request(pool="centre", at=1.0, hold=TWENTY),)
    _, stays = told(
        day(
            activities=(activity(requests=asking),),
            stations=(station(servers=2),),
            pools=(Pool(name="centre", delays=(TEN, THIRTY), delay_slot_seconds=100.0),),
            given=(comes(0), comes(45)),
        )
    )
    assert [stay[2:] for stay in stays] == [(0, 90), (45, 155)]


def test_a_request_that_nobody_can_meet_ends_with_the_day(told):
    """Rules 7 and 11: the approver leaves at 45 while held till 50; who asks at 40 waits in vain
    till the end at 100, and who asks after that is sent away on the spot.

    0: asks at 30, ends at 80. 10: asks at 40. 75: asks at 105.
    """
    ends, stays = told(
        day(
            ends_second=100.0,
            activities=(activity(requests=(Request(pool="approver", hold=TWENTY),)),),
            stations=(station(servers=3),),
            pools=(Pool(name="approver", open=steps((0, 1), (45, 0))),),
            given=(comes(0), comes(10), comes(75)),
        )
    )
    assert ends == [(80, 0, "served"), (100, 0, "sent_away"), (105, 0, "sent_away")]
    assert [stay[2:] for stay in stays] == [(0, 80), (10, 100), (75, 105)]


def test_windows_open_when_many_wait(told):
    """Rule 9: one teller planned, at most two; the second is called when two wait, and needs 30 s.

    0: served 0-60. 5: waits. 10: the second who waits: a window is called for 40. 15: two are open
    or coming, no more. At 40 window 1 takes who came at 5, till 100. At 60 window 0 ends: one more
    than planned is open, but two wait: takes who came at 10, till 120. At 100 window 1 takes the
    last, till 160. At 120 window 0 ends and nobody waits: it closes. So who comes at 130 waits for
    window 1, till 160; then as many are open as planned.
    """
    rule = Flexible(limit=steps((0, 2)), waiting=2, delay=THIRTY)
    ends, stays = told(
        day(
            stations=(station(flexible=rule),),
            given=tuple(comes(second) for second in (0, 5, 10, 15, 130)),
        )
    )
    assert [stay[1:] for stay in stays] == [
        (0, 0, 60),
        (1, 40, 100),
        (0, 60, 120),
        (1, 100, 160),
        (1, 160, 220),
    ]
    assert [wait for _, wait, _ in ends] == [0, 35, 50, 85, 30]


def test_windows_above_the_plan_close(told):
    """Rule 9: a window that comes when nobody waits any more does not open, nor above the limit.

    Called at 10 by the second who waits, it needs 130 s; by then who came at 5 and 10 have been
    called at 60 and 120, and it closes at once at 140: who comes at 150 waits till 180.
    With a limit that falls to 1 at 70 a window open since 40 finishes (till 100) and closes, though
    one still waits: who came at 15 is called at 120 by window 0.
    """
    late = Flexible(limit=steps((0, 2)), waiting=2, delay=Constant(value=130.0))
    scenario = day(
        stations=(station(flexible=late),),
        given=tuple(comes(second) for second in (0, 5, 10, 150)),
    )
    ends, _ = told(scenario)
    assert ends[-1] == (240, 30, "served")
    falling = Flexible(limit=steps((0, 2), (70, 1)), waiting=2, delay=THIRTY)
    _, stays = told(
        replace(
            scenario,
            stations=(station(flexible=falling),),
            given=tuple(comes(second) for second in (0, 5, 10, 15)),
        )
    )
    assert [stay[1:] for stay in stays] == [(0, 0, 60), (1, 40, 100), (0, 60, 120), (0, 120, 180)]


def test_a_plan_that_rises_takes_the_window_on_its_way(told):
    """Rule 9: window 1 is called at 5, when one waits, for 105; from 50 on two are planned.

    At 50 it opens at once and takes who waits since 5, till 110. At 60 window 0 takes who waits
    since 10, till 120. Nothing more comes at 105: who comes at 106 waits for window 1, till 110.
    """
    rule = Flexible(limit=steps((0, 3)), waiting=1, further=9, delay=Constant(value=100.0))
    ends, stays = told(
        day(
            stations=(station(servers=steps((0, 1), (50, 2)), flexible=rule),),
            given=tuple(comes(second) for second in (0, 5, 10, 106)),
        )
    )
    assert [stay[1:] for stay in stays] == [(0, 0, 60), (1, 50, 110), (0, 60, 120), (1, 110, 170)]
    assert [wait for _, wait, _ in ends] == [0, 45, 50, 4]


def test_a_machine_fails_and_is_repaired(told):
    """Rule 10: the machine (up at second 0 with this seed) works 1,000 s, then is down for 10 s.

    Who comes at 960 is interrupted at 1,000 after 40 s and goes back to the queue for 20 s more,
    called at 1,010 (patience, 45 s, does not count any more). Who comes at 970 gives up at 1,015.
    """
    failures = Failures(between=Constant(value=1000.0), repair=TEN)
    ends, stays = told(
        day(
            classes=(people(patience=Constant(value=45.0)),),
            stations=(station("machine", failures=failures),),
            given=(comes(960), comes(970)),
        )
    )
    assert stays == [("machine", 0, 960, 1000), ("machine", 0, 1010, 1030)]
    assert ends == [(1030, 10, "served"), (1015, 45, "abandoned")]


def test_after_a_breakdown_nobody_is_asked_any_more(told):
    """Rule 10: of 60 s from 960 on a request was due at 1,005; the machine fails at 1,000.

    From 1,010 on the last 20 s are served without it, till 1,030. Who comes at 2,005 walks 10 m at
    1 m/s when the machine fails again, at 2,010 after 1,000 s; from 2,020 on they walk again and
    have their 60 s from 2,030 till 2,090.
    """
    failures = Failures(between=Constant(value=1000.0), repair=TEN)
    asking = (Request(pool="approver", at=0.75, hold=TWENTY),)
    _, stays = told(
        day(
            classes=(people(walking_speed_metres_per_second=1.0),),
            activities=(
                activity(requests=asking),
                activity("card", queue="cash", walk_metres=10.0),
            ),
            stations=(station("machine", failures=failures),),
            pools=(Pool(name="approver", open=steps((0, 1))),),
            given=(comes(960), comes(2005, what="card")),
        )
    )
    assert sorted(stay[2:] for stay in stays) == [
        (-1, 2010),
        (960, 1000),
        (1010, 1030),
        (2030, 2090),
    ]


def test_a_failed_attempt_goes_to_the_counter_with_its_ticket(told):
    """Rules 8 and 10: at 1,000 the machine fails with the customer of 970, who walks 20 m in 20 s
    to the teller's queue and is there before who has waited since 980: the ticket is of 970.

    The teller is busy with the customer of 978 till 1,038, then takes them, then (1,098) the other.
    """
    failures = Failures(between=Constant(value=1000.0), repair=TEN)
    failing = Route(to="cash", share=0.0, is_failure=True, walk_metres=20.0)
    ends, stays = told(
        day(
            classes=(people(walking_speed_metres_per_second=1.0),),
            activities=(activity(), activity("card", routes=(failing,))),
            stations=(station(), station("machine", tiers=(("card",),), failures=failures)),
            given=(comes(970, what="card"), comes(978), comes(980)),
        )
    )
    assert stays == [
        ("machine", 0, 970, 1000),
        ("teller", 0, 978, 1038),
        ("teller", 0, 1038, 1098),
        ("teller", 0, 1098, 1158),
    ]
    assert ends == [(1098, 18, "served"), (1038, 0, "served"), (1158, 118, "served")]


@pytest.mark.parametrize(("keeps", "order"), [(True, [90, 150]), (False, [150, 90])])
def test_a_route_keeps_the_ticket_or_not(told, keeps, order):
    """Rule 8: from cash (60 s) all walk 5 m at 1 m/s to advice, 60 s each, one adviser.

    Cash at 0 ends at 60 and joins advice at 65. The adviser serves the one of 30 till 90; the one
    of 40 waits. With the ticket of second 0 kept, the walker is called at 90, else after the other
    at 150.
    """
    after = Route(to="advice", share=1.0, keeps_ticket=keeps, walk_metres=5.0)
    ends, stays = told(
        day(
            classes=(people(walking_speed_metres_per_second=1.0),),
            activities=(activity(routes=(after,)), activity("advice")),
            stations=(station(), station("adviser", tiers=(("advice",),))),
            given=(comes(0), comes(30, what="advice"), comes(40, what="advice")),
        )
    )
    walker, other = order
    assert ends[0] == (walker + 60, walker - 65, "served")
    assert ends[2] == (other + 60, other - 40, "served")
    assert [stay[2:] for stay in stays] == [(0, 60), (30, 90), (90, 150), (150, 210)]


def test_the_first_ticket_is_the_one_that_is_kept(told):
    """Rule 8: from cash to card with a new ticket, from card to advice with the *first* one.

    Cash 0-60, card 60-120, so the ticket in the advice queue is of second 0, before that of the
    one who waits since 30 for the adviser busy from 20 till 140.
    """
    ends, _ = told(
        day(
            activities=(
                activity(routes=(Route(to="card", share=1.0),)),
                activity("card", routes=(Route(to="advice", share=1.0, keeps_ticket=True),)),
                activity("advice", 120.0),
            ),
            stations=(
                station(),
                station("machine", tiers=(("card",),)),
                station("adviser", tiers=(("advice",),)),
            ),
            given=(comes(0), comes(20, what="advice"), comes(30, what="advice")),
        )
    )
    assert ends == [(260, 20, "served"), (140, 0, "served"), (380, 230, "served")]


def test_the_most_special_law_holds(told):
    """Rule 7: a law of station and class wins over one of the class, that over one of the station.

    Times 10 s for everybody, 20 at the desk, 30 for VIP, 40 for VIP at the desk. The desk serves
    twice as fast, VIP take 1.5 times as long and walk 3 m at 0.5 m/s before: ordinary at the teller
    10, at the desk 20/2 = 10; VIP at the teller 30 x 1.5 = 45, at the desk 40 x 1.5 / 2 = 30, each
    after 6 s. Ordinary customers walk 3 m at 1.5 m/s: 2 s.
    """
    laws = (
        ServiceLaw(law=TEN),
        ServiceLaw(law=TWENTY, station="desk"),
        ServiceLaw(law=THIRTY, customer_class="vip"),
        ServiceLaw(law=Constant(value=40.0), station="desk", customer_class="vip"),
    )
    _, stays = told(
        day(
            classes=(
                people(walking_speed_metres_per_second=1.5),
                people("vip", pace=1.5, walking_speed_metres_per_second=0.5),
            ),
            activities=(replace(activity(), services=laws, walk_metres=3.0),),
            stations=(station(), station("desk", speed=2.0)),
            given=(comes(0), comes(1), comes(100, "vip"), comes(101, "vip")),
        )
    )
    assert stays == [
        ("teller", 0, 2, 12),
        ("desk", 0, 3, 13),
        ("teller", 0, 106, 151),
        ("desk", 0, 107, 137),
    ]


def test_appointments(told):
    """Rule 1: agreed for 100, 30 s late less 20 s early: comes at 110; another does not come."""
    expected = Appointment(
        at_second=100.0,
        customer_class="ordinary",
        activity="cash",
        lateness=THIRTY,
        early_seconds=20.0,
    )
    ends, stays = told(day(appointments=(expected, replace(expected, no_show=1.0))))
    assert ends == [(170, 0, "served")]
    assert stays == [("teller", 0, 110, 170)]


def test_a_warm_start_goes_on_from_the_lobby_as_it_is(told):
    """Rule 12: at 1,000 one is in service since 950, of 60 s; tickets of 850, 930 and 940 wait,
    patience 100 s, and who comes at 999 has not come.

    Served till 1,010; then the ticket of 930 (wait 80), till 1,070; that of 940 gives up at 1,040,
    that of 850, who has lasted 150 s though nobody lasts more than 100, at once.
    Who comes at 1,001 waits from then till 1,070.
    """
    start = Start(
        at_second=1000.0,
        waiting=(
            Waiting(customer_class="ordinary", activity="cash", ticket_second=940.0),
            Waiting(customer_class="ordinary", activity="cash", ticket_second=850.0),
            Waiting(customer_class="ordinary", activity="cash", ticket_second=930.0),
        ),
        serving=(
            Serving(
                customer_class="ordinary",
                activity="cash",
                station="teller",
                ticket_second=920.0,
                started_second=950.0,
            ),
        ),
    )
    ends, stays = told(
        day(
            classes=(people(patience=Constant(value=100.0)),),
            start=start,
            given=(comes(999), comes(1001)),
        )
    )
    assert ends == [
        (1000, 150, "abandoned"),
        (1010, 30, "served"),
        (1070, 80, "served"),
        (1040, 100, "abandoned"),
        (1130, 69, "served"),
    ]
    assert stays[1:] == [("teller", 0, 1010, 1070), ("teller", 0, 1070, 1130)]


def test_at_one_instant_servers_come_before_walkers_before_arrivals(told):
    """Rules 4 to 6: at 60 the teller ends and takes who waits since 10, though a VIP comes at 60.

    Also at 60 somebody reaches the queue on foot (from the machine, 50-55, 5 m) with a new ticket
    of 60, who is called before who comes through the door at 60 with a ticket of 60.
    So: 60-120 the one of 10, 120-180 the VIP, 180-240 the walker, 240-300 the last.
    """
    ends, stays = told(
        day(
            classes=(
                people(walking_speed_metres_per_second=1.0),
                people("vip", priority=1),
            ),
            activities=(
                activity(),
                activity("card", 5.0, routes=(Route(to="cash", share=1.0, walk_metres=5.0),)),
            ),
            stations=(station(), station("machine", tiers=(("card",),))),
            given=(comes(0), comes(10), comes(50, what="card"), comes(60), comes(60, "vip")),
        )
    )
    assert [left for left, _, _ in ends] == [60, 120, 240, 180, 300]
    assert len(stays) == 6


def test_steps_come_before_whatever_else_happens_at_their_second(told):
    """Rule 9: at 60 a second teller comes, before the first ends, and takes who waits since 10;
    then the first takes who waits since 20, whose service takes twice as long, till 180.
    """
    _, stays = told(
        day(
            classes=(people(), people("slow", pace=2.0)),
            stations=(station(servers=steps((0, 1), (60, 2))),),
            given=(comes(0), comes(10), comes(20, "slow")),
        )
    )
    assert stays == [("teller", 0, 0, 60), ("teller", 1, 60, 120), ("teller", 0, 60, 180)]
